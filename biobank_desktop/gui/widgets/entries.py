"""A list of entries in their order, and the answers of the one under the cursor."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.problems import Problem, stops
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import field_grid, reveal
from biobank_desktop.gui.widgets.picks import PickField
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtGui import QKeyEvent

    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.gui.widgets.fields import FieldBox

_MOST_BESIDE = 3
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)


@dataclass(frozen=True)
class Entry:
    """An entry of the list: its number (from 0) and what is answered, by the keys of the fields."""

    number: int
    answers: Mapping[str, str]


@dataclass(frozen=True)
class NewEntry:
    """A button that adds entries, mostly one: its words, its letter, what they say to begin with."""

    text: str
    letter: str
    begun: Callable[[], Sequence[Mapping[str, str]]]


@dataclass(frozen=True)
class EntryWords:
    """What a list is called, where its problems are (``path.2.key``), and what an empty one means.

    ``whole`` are the keys whose fields take what is wrong with an entry as a whole, the first that it has.
    Entries that are not ``ordered`` have no place that means anything.
    """

    name: str
    path: str
    whole: tuple[str, ...]
    empty: str = ""
    ordered: bool = True


class EntriesEditor(QWidget):
    """Entries are added, moved and removed by button or letter, and answered in the fields below the list.

    Each answer is kept as it was typed, right or wrong. A field is shown where the entry has its key.
    """

    changed = Signal()
    """the entries are others"""

    def __init__(
        self,
        words: EntryWords,
        columns: Sequence[Column],
        fields: Mapping[str, FieldBox],
        jobs: Jobs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._words = words
        self._entries: tuple[Mapping[str, str], ...] = ()
        self._problems: tuple[Problem, ...] = ()
        self._filling = False
        self._letters: dict[str, Callable[[], None]] = {}
        self.fields = dict(fields)
        self.table = PagedTable(self._with_problems(columns), jobs, self, enter_opens=False)
        self.table.setAccessibleName(words.name)
        self.add: dict[str, ActionButton] = {}
        if words.ordered:
            self.up = self._button(_("Up"), "U", lambda: self._move(-1))
            self.down = self._button(_("Down"), "D", lambda: self._move(1))
        self.remove = self._button(_("Remove"), "V", self._remove, icon="discard")
        self._empty = Text(words.empty, "muted", wrap=True, parent=self)
        self._buttons = QHBoxLayout()
        self._across = QHBoxLayout()
        self._column = QVBoxLayout(self)
        self._lay_out()
        for key, field in self.fields.items():
            field.changed.connect(partial(self._edited, key))
        self.table.pointed.connect(lambda _id: self._fill())

    def _button(self, text: str, letter: str, act: Callable[[], None], *, icon: str = "") -> ActionButton:
        button = ActionButton(text, icon=icon, hint=letter, parent=self)
        button.clicked.connect(lambda _checked: act())
        self._letters[letter] = button.click
        return button

    def _with_problems(self, columns: Sequence[Column]) -> list[Column]:
        return [
            Column("", lambda entry: str(entry.number + 1), 48, right=True),
            *columns,
            Column(_("To put right"), self._wrong, 150, meaning=self._meaning),
        ]

    def _lay_out(self) -> None:
        self._buttons.setSpacing(8)
        for button in self._of_entries():
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._across.setSpacing(16)
        self._across.addWidget(self.table, 1)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._column.addLayout(self._across)
        self._column.addWidget(self._empty)
        self._column.addLayout(self._buttons)

    def _of_entries(self) -> tuple[ActionButton, ...]:
        """The buttons that an empty list has no use for."""
        return (self.up, self.down, self.remove) if self._words.ordered else (self.remove,)

    def offer_new(self, kinds: Mapping[str, NewEntry]) -> None:
        """Offer a button for each kind of new entry, before those that change the list; many above them."""
        row = self._buttons
        if len(kinds) > _MOST_BESIDE:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addStretch(1)
            self._column.insertLayout(self._column.indexOf(self._buttons), row)
        before: QWidget = self.table
        for place, (kind, new) in enumerate(kinds.items()):
            button = self._button(new.text, new.letter, partial(self._add, new), icon="plus")
            self.add[kind] = button
            row.insertWidget(place, button)
            self.setTabOrder(before, button)
            before = button

    def lay_fields(
        self, rows: Sequence[Sequence[str]], lines: Sequence[int], columns: int, *, wide: str = ""
    ) -> None:
        """Lay the fields in one grid, each row of keys in its line; in one place no entry asks two.

        The field of the key ``wide`` takes two places.
        """
        grid: QGridLayout = field_grid([], columns)
        for line, row in zip(lines, rows, strict=True):
            for place, key in enumerate(row):
                across = 2 if key == wide else 1
                grid.addWidget(self.fields[key], line, place, 1, across, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(grid)

    def add_beside(self, widget: QWidget) -> None:
        """Put something beside the list."""
        self._across.addWidget(widget)

    def entries(self) -> tuple[Mapping[str, str], ...]:
        """What is answered, right or wrong."""
        return self._entries

    def show_entries(self, entries: Sequence[Mapping[str, str]]) -> None:
        """Show these entries; the cursor stays where it was."""
        self._entries = tuple(entries)
        self._show_rows()
        self._point(self.number())

    def unreadable(self, free: frozenset[str] = frozenset()) -> list[Problem]:
        """Answers that fit no choice, and choices not made; ``free`` are keys that take other words, too."""
        found = []
        for number, entry in enumerate(self._entries, start=1):
            for key in entry.keys() & self.fields.keys() - free:
                field = self.fields[key]
                if isinstance(field, PickField) and not field.offers(entry[key]):
                    code = "answer-unreadable" if entry[key] else "answer-missing"
                    found.append(Problem(f"{self._words.path}.{number}.{key}", code))
        return sorted(found, key=lambda problem: problem.field)

    def owns(self, problem: Problem) -> bool:
        """Whether a problem is of an entry."""
        return self._number_of(problem) is not None

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Those of the entry under the cursor stand beside its fields, all are counted in the list."""
        self._problems = tuple(problems)
        self._show_rows()
        self._lay_problems()

    def attend_to_first(self) -> bool:
        """Go to the first field of the first entry with a problem that stops; False where there is none."""
        stopping = stops(self._problems)
        numbers = [number for number in map(self._number_of, stopping) if number is not None]
        if not numbers:
            return False
        self._point(min(numbers))
        for key, field in self.fields.items():
            if stops(self._beside(key)):
                field.attend()
                break
        return True

    def number(self) -> int:
        """The number (from 0) of the entry under the cursor."""
        number = self.table.current_id()
        return 0 if number is None else number

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The letters on the buttons, while the keyboard is here and not in a field."""
        act = self._letters.get(event.text().upper())
        if act is None or event.modifiers() not in _PLAIN or event.isAutoRepeat():
            super().keyPressEvent(event)
        else:
            act()

    def _number_of(self, problem: Problem) -> int | None:
        """Which entry (from 0) a problem is of."""
        head = f"{self._words.path}."
        number = problem.field.removeprefix(head).partition(".")[0]
        return int(number) - 1 if problem.field.startswith(head) and number.isdigit() else None

    def _point(self, number: int) -> None:
        self.table.selectRow(max(0, min(number, len(self._entries) - 1)))
        self._fill()

    def _fill(self) -> None:
        """The answers of the entry under the cursor."""
        answers = self._answers()
        self._filling = True
        for key, field in self.fields.items():
            reveal(field, key in answers)
            if key not in answers:
                continue
            if isinstance(field, PickField):
                field.set_value(answers[key])
            elif field.text() != answers[key]:
                field.set_text(answers[key])
        self._filling = False
        self._lay_problems()

    def _answers(self) -> Mapping[str, str]:
        number = self.number()
        return self._entries[number] if number < len(self._entries) else {}

    def _edited(self, key: str) -> None:
        if self._filling or not self._entries:
            return
        field, number = self.fields[key], self.number()
        value = field.value() if isinstance(field, PickField) else None
        answers = {**self._answers(), key: field.text() if value is None else value}
        self._take((*self._entries[:number], answers, *self._entries[number + 1 :]))

    def _add(self, new: NewEntry) -> None:
        self._take((*self._entries, *new.begun()))
        self._point(len(self._entries) - 1)

    def _move(self, by: int) -> None:
        number = self.number()
        place = number + by
        if 0 <= place < len(self._entries):
            entries = list(self._entries)
            entries.insert(place, entries.pop(number))
            self._take(entries)
            self._point(place)

    def _remove(self) -> None:
        number = self.number()
        self._take((*self._entries[:number], *self._entries[number + 1 :]))
        self._point(number)

    def _take(self, entries: Sequence[Mapping[str, str]]) -> None:
        self._entries = tuple(entries)
        self._show_rows()
        self.changed.emit()

    def _show_rows(self) -> None:
        rows = [Entry(number, answers) for number, answers in enumerate(self._entries)]
        self.table.rows.show_rows(array("q", range(len(rows))), rows)
        reveal(self.table, bool(rows) or not self._words.empty)
        reveal(self._empty, not rows and bool(self._words.empty))
        for button in self._of_entries():
            reveal(button, bool(rows))

    def _lay_problems(self) -> None:
        for key, field in self.fields.items():
            field.set_problems(self._beside(key))

    def _beside(self, key: str) -> list[Problem]:
        """What is wrong with one answer of the entry under the cursor."""
        path = f"{self._words.path}.{self.number() + 1}"
        answers = self._answers()
        whole = next((one for one in self._words.whole if one in answers), "")
        paths = {f"{path}.{key}", path} if key == whole else {f"{path}.{key}"}
        return [problem for problem in self._problems if problem.field in paths]

    def _of(self, number: int) -> list[Problem]:
        return [problem for problem in self._problems if self._number_of(problem) == number]

    def _wrong(self, entry: Entry) -> str:
        count = len(self._of(entry.number))
        return ngettext("{count} thing", "{count} things", count) if count else ""

    def _meaning(self, entry: Entry) -> Meaning | None:
        mine = self._of(entry.number)
        if not mine:
            return None
        return Meaning.PROVISIONAL if all(problem.warning for problem in mine) else Meaning.REFUSED
