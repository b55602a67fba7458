"""A sheet of questions in the order of the work: one is asked at a time, the answers stay in view."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout

from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.choice_fields import ChoiceField, SeveralField
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.moments import MomentField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.problems import Problem

COLUMNS = 5
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Sheet(Card):
    """Fields side by side in the order they are answered.

    ``optional`` ones are never asked for; ``stuck`` ones have an answer that cannot stand.
    """

    attended = Signal(object)
    """the field that is being answered"""
    changed = Signal(object)
    """a field whose answer is another one"""
    complete = Signal()
    """the last open question has been answered"""
    held = Signal()
    """Enter did not leave an answer that cannot stand"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.body.setContentsMargins(16, 12, 16, 14)
        self.fields: tuple[FieldBox, ...] = ()
        self.optional: set[FieldBox] = set()
        self.stuck: set[FieldBox] = set()
        self._left_out: set[FieldBox] = set()
        self._wide: frozenset[FieldBox] = frozenset()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(10)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self.body.addLayout(self._grid)

    def lay(self, fields: Sequence[FieldBox], wide: Iterable[FieldBox] = ()) -> None:
        """Put the fields in place, in their order; a ``wide`` one takes two columns."""
        self.fields = tuple(fields)
        self._wide = frozenset(wide)
        for field in fields:
            field.setMinimumWidth(1)  # columns of one width, whatever stands in them
            self._connect(field)
        self.arrange()

    def arrange(self) -> None:
        """Lay the fields that are asked now; a hidden one leaves no gap."""
        row = column = 0
        for field in self.fields:
            self._grid.removeWidget(field)
            if field in self._left_out:
                continue
            width = 2 if field in self._wide else 1
            if column + width > COLUMNS:
                row, column = row + 1, 0
            self._grid.addWidget(field, row, column, 1, width, Qt.AlignmentFlag.AlignTop)
            column += width

    def ask(self, field: FieldBox, on: bool) -> None:
        """Whether a question makes sense now; one that does not is left out and empty."""
        if on == (field not in self._left_out):
            return
        if on:
            self._left_out.discard(field)
        else:
            self._left_out.add(field)
            field.clear()
        field.setVisible(on)
        self.arrange()

    def asked(self) -> list[FieldBox]:
        """The questions that are asked now."""
        return [field for field in self.fields if field not in self._left_out]

    def open_questions(self) -> list[FieldBox]:
        """The questions without an answer that must have one."""
        return [
            field
            for field in self.asked()
            if field in self.stuck
            or (field not in self.optional and field.answer() in {Answer.NONE, Answer.UNREADABLE})
        ]

    def advance(self, after: FieldBox | None = None) -> bool:
        """Go to the next open question behind ``after``, then round again; False when there is none."""
        waiting = [field for field in self.open_questions() if field is not after]
        if not waiting:
            return False
        here = self.fields.index(after) if after is not None else -1
        later = [field for field in waiting if self.fields.index(field) > here]
        (later or waiting)[0].attend()
        return True

    def focused(self) -> FieldBox | None:
        """The field that is being answered."""
        return next((field for field in self.fields if field.editor.hasFocus()), None)

    def enter(self, event: QKeyEvent) -> bool:
        """Enter in a field goes to the next open question; False when it should do the screen's action.

        An answer that cannot stand keeps the focus, selected: what is typed next replaces it.
        """
        field = self.focused()
        if event.key() not in _ENTER or field is None:
            return False
        if field in self.stuck or field.answer() is Answer.UNREADABLE:
            field.editor.selectAll()
            self.held.emit()
            return True
        return self.advance(field)

    def show_problems(self, problems: Sequence[Problem], *, missing: bool) -> list[Problem]:
        """Each problem beside its field; those of no field are returned.

        With ``missing`` off, a question that has not been reached yet is not blamed.
        """
        by_field: dict[str, list[Problem]] = {}
        for problem in problems:
            by_field.setdefault(problem.field, []).append(problem)
        for field in self.asked():
            mine = by_field.pop(field.name, [])
            if not missing and field.answer() is Answer.NONE:
                mine = []
            if field.answer() is Answer.UNREADABLE:
                mine = [problem for problem in mine if problem.code != "answer-missing"]
            field.set_problems(mine)
        return [problem for group in by_field.values() for problem in group]

    def kept(self) -> dict[str, Any]:
        """The answers as a draft keeps them, by the names of the fields; JSON values."""
        return {field.name: _keep(field) for field in self.asked() if field.answer() is not Answer.NONE}

    def restore(self, kept: dict[str, Any]) -> None:
        """Put kept answers back in the order of the work, so that each finds its question."""
        for field in self.fields:
            if field.name in kept:
                _restore(field, kept[field.name])

    def _connect(self, field: FieldBox) -> None:
        field.attended.connect(lambda: self.attended.emit(field))
        field.changed.connect(lambda: self._changed(field))
        if isinstance(field, ChoiceField):
            field.picked.connect(lambda: self._picked(field))

    def _changed(self, field: FieldBox) -> None:
        self.changed.emit(field)
        answered = field.answer() in {Answer.GIVEN, Answer.UNKNOWN}
        by_key = field.editor.hasFocus() and not field.editor.isModified()
        if answered and by_key and not isinstance(field, ChoiceField):
            self._picked(field)

    def _picked(self, field: FieldBox) -> None:
        if not self.advance(field):
            self.complete.emit()


def _keep(field: FieldBox) -> Any:
    if isinstance(field, SeveralField):
        return list(field.values() or ())
    if isinstance(field, ChoiceField):
        return {"value": field.value(), "proposed": field.proposed}
    if field.answer() is Answer.UNKNOWN:
        return None
    moment = field.moment() if isinstance(field, MomentField) else None
    return {"moment": moment.isoformat()} if moment else field.text()


def _restore(field: FieldBox, kept: Any) -> None:
    if isinstance(field, SeveralField):
        field.set_values(kept)
    elif isinstance(field, ChoiceField):
        field.set_value(kept["value"], proposed=kept["proposed"])
    elif kept is None:
        field.set_unknown()
    elif isinstance(field, MomentField) and isinstance(kept, dict):
        field.set_moment(datetime.fromisoformat(kept["moment"]))
    else:
        field.set_text(kept)
