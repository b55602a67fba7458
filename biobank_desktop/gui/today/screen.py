"""Today: what waits, in calm lists; the first thing after signing in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.people import may
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui import words
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.notices import Action, Level
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.today import reading
from biobank_desktop.gui.today.lines import ListCard
from biobank_desktop.gui.today.worklist import Gather, Line, WorkList
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.session import Answer

_SHOWN_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.DONORS, topics.LABELS})
_COLUMNS = 3
_COLUMN_PX = 520
"""a column is at least so wide"""


class TodayScreen(Screen):
    """The lists, as many side by side as there is room for; each line opens where the work is done."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Today")
        self.help_text = _(
            "What waits to be done. Enter opens a line where the work is done; up and down go along the "
            "lines. Scan a tube anywhere to receive it."
        )
        self._desk = desk
        self._cards: dict[str, ListCard] = {}
        self._answers: tuple[Answer, ...] = ()
        self._database_lists: list[WorkList] = []
        self._arranged: list[WorkList] = []
        self._wide = 0
        self._read = self._reading = self._again = False
        self._subtitle = Text("", "detail", parent=self)
        self.seen = ActionButton(_("I have read about the stop"), hint="S", icon="check", parent=self)
        self.seen.clicked.connect(self._answers_seen)
        self.seen.hide()
        self.bind("S", self._answers_seen)
        for letter in ("L", "O"):
            self.bind(letter, partial(self._letter, letter))
        self.empty = EmptyState(
            "permitted",
            _("Nothing is waiting"),
            _("Scan a tube to receive it."),
            _("Receive a tube"),
            self,
        )
        self.empty.acted.connect(lambda: desk.frame.show_screen("intake"))
        self._lists = QWidget(self)
        self._columns = [QVBoxLayout() for _number in range(_COLUMNS)]
        self._pages = Pages(self)
        self._lay_out()
        desk.changed.connect(self._changed)
        desk.person_changed.connect(self._load_if_shown)

    def _lay_out(self) -> None:
        self._grid = grid = QGridLayout(self._lists)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        for number, column in enumerate(self._columns):
            column.setSpacing(12)
            column.addStretch(1)
            grid.addLayout(column, 0, number)
        self._pages.add(self._lists)
        self._pages.add(self.empty)
        head = QVBoxLayout()
        head.setSpacing(4)
        head.addWidget(Text(_("Today"), "title", parent=self))
        head.addWidget(self._subtitle)
        top = QHBoxLayout()
        top.addLayout(head, 1)
        top.addWidget(self.seen)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 16)
        whole.setSpacing(12)
        whole.addLayout(top)
        whole.addWidget(self._pages, 1)

    def arrive(self, **_others: Any) -> None:
        """Read the lists again."""
        self._desk.frame.context.clear()
        self._load()

    def cards(self) -> dict[str, ListCard]:
        """The lists that are shown, by name."""
        return self._cards

    def _load_if_shown(self) -> None:
        if self._desk.actor is not None and self._desk.frame.shown_screen() is self:
            self._load()

    def _load(self) -> None:
        """Read everything, to the end before it is read again: news may come faster than the lists."""
        session, now = self._desk.session, utc_now()
        if session is None:
            return
        self._again = self._reading
        if self._reading:
            return
        self._reading, store = True, session.store
        self._desk.jobs.run(self, session.answers, self._answered, newest="answers", failed=self._desk.tell)
        self._desk.jobs.run_long(self, lambda: reading.read(store, now), self._show, failed=self._not_read)

    def _not_read(self, error: Exception) -> None:
        self._reading = False
        self._desk.tell(error)

    def _answered(self, answers: list[Answer]) -> None:
        self._answers = tuple(answers)
        if self._read:
            self._show_own()

    def _show(self, lists: list[WorkList]) -> None:
        self._database_lists, self._read, self._reading = lists, True, False
        self._show_gap(any(one.name == "restore-gap" for one in lists))
        self._show_own()
        if self._again:
            self._load_if_shown()

    def _show_gap(self, unsigned: bool) -> None:
        """A restore that nobody has signed for stands above all screens until two have."""
        notices = self._desk.frame.notices
        if unsigned:
            notices.banner(
                "restore-gap",
                _("This database was restored from a backup. Nothing leaves until two persons have signed."),
                Level.WARNING,
                Action(_("Read and sign"), self._read_gap),
            )
        else:
            notices.clear_banner("restore-gap")

    def _read_gap(self) -> None:
        self._desk.frame.show_screen("gap")

    def _show_own(self) -> None:
        """First the lists of the bench (what a crash left open, drafts), then those of the database."""
        own = [self._crash_list(), self._draft_list()]
        lists = [one for one in (*own, *self._database_lists) if one.lines]
        self._arrange(lists)
        self.seen.setVisible(bool(self._answers))
        count = sum(len(one.lines) for one in lists)
        today = words.day(utc_now().date())
        waiting = ngettext("{count} thing waits", "{count} things wait", count) if count else ""
        self._subtitle.setText(" · ".join(part for part in (today, waiting) if part))
        self._pages.show_page(self._lists if lists else self.empty)
        if lists and self.hasFocus():
            self._cards[lists[0].name].lines()[0].setFocus()

    def _crash_list(self) -> WorkList:
        lines = tuple(_answer_line(answer) for answer in self._answers)
        return WorkList(
            "crash",
            _("After the last stop of the program"),
            _("What was under way when it stopped. Stored is stored; the rest is scanned again."),
            "warning",
            lines,
        )

    def _draft_list(self) -> WorkList:
        actor, drafts = self._desk.actor, self._desk.drafts
        names = drafts.waiting(actor.login) if actor is not None and drafts is not None else []
        lines = tuple(self._draft_line(name) for name in names)
        return WorkList("drafts", _("Drafts"), _("Half-filled forms of yours."), "edit", lines)

    def _draft_line(self, name: str) -> Line:
        if name != "intake":
            return Line("", name, _("continue"), name)
        actor, drafts = self._desk.actor, self._desk.drafts
        draft = drafts.load(actor.login, name) if actor is not None and drafts is not None else None
        code = str((draft or {}).get("tube") or "")
        return Line(code, _("Receipt of a tube"), _("continue"), "intake", {"resume": True})

    def _arrange(self, lists: list[WorkList]) -> None:
        """Each list goes into the shorter column; cards that stay keep their lines and focus."""
        names = [one.name for one in lists]
        for name in [name for name in self._cards if name not in names]:
            card = self._cards.pop(name)
            card.hide()
            card.deleteLater()
        wide = self._wide_enough_for()
        heights = [0] * wide
        for number in range(_COLUMNS):
            self._grid.setColumnStretch(number, 1 if number < wide else 0)
        self._arranged, self._wide = lists, wide
        for column in self._columns:
            for card in self._cards.values():
                column.removeWidget(card)
        for one in lists:
            card = self._card(one)
            shorter = heights.index(min(heights))
            column = self._columns[shorter]
            column.insertWidget(column.count() - 1, card)
            heights[shorter] += 2 + len(card.lines())

    def _wide_enough_for(self) -> int:
        return max(1, min(_COLUMNS, self.width() // _COLUMN_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More columns where there is room."""
        super().resizeEvent(event)
        if self._arranged and self._wide_enough_for() != self._wide:
            self._arrange(self._arranged)

    def _card(self, work: WorkList) -> ListCard:
        card = self._cards.get(work.name)
        if card is None:
            card = self._cards[work.name] = ListCard(self._lists)
            card.opened.connect(self._open)
            card.gathered.connect(self._gather)
        card.show_list(work)
        if card.gather is not None:
            card.gather.setVisible(self._manages())
        card.show()
        return card

    def _open(self, line: object) -> None:
        if isinstance(line, Line) and line.screen:
            self._desk.frame.show_screen(line.screen, **line.arguments)

    def _manages(self) -> bool:
        actor = self._desk.actor
        return actor is not None and may(actor, "manage")

    def _gather(self, gather: object) -> None:
        if isinstance(gather, Gather) and self._manages():
            self._desk.frame.show_screen("disposals", reason=gather.reason, samples=gather.samples)

    def _letter(self, letter: str) -> None:
        """Put on a list to leave what the list with this letter names."""
        for one in self._arranged:
            if one.gather is not None and one.gather.letter == letter:
                self._gather(one.gather)

    def _answers_seen(self) -> None:
        session = self._desk.session
        if session is None or not self._answers:
            return
        self._desk.jobs.run(self, session.answers_seen, lambda _nothing: self._answered([]))

    def _changed(self, what: frozenset[str]) -> None:
        if what & _SHOWN_TOPICS and self._desk.frame.shown_screen() is self:
            self._load()


def _answer_line(answer: Answer) -> Line:
    what = _(f"event.{answer.entry.kind}")
    when = words.moment(answer.entry.at)
    text = f"{what} · {when} · {answer.entry.login}"
    if answer.stored:
        return Line(answer.entry.title, text, _("stored"), "", meaning=Meaning.STORED)
    return Line(answer.entry.title, text, _("not stored, scan again"), "intake", {}, Meaning.REFUSED)
