"""What if: whose verdict would change on another day, by other rules, another form or a withdrawal.

The question stands at the left, its answer beside it. Nothing is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent_rules import CHANGED
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui import theme, words
from biobank_desktop.gui.donors.question import Known, QuestionForm
from biobank_desktop.gui.donors.would_change import Changes, counted, give_way
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.running import Running
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent_rules import ConsentRules
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.jobs import Job
    from biobank_desktop.services.what_if import Question, WhatIf

QUESTION_PX = 424
"""At least; where words are longer the column is wider."""


class Answer(QWidget):
    """What came of the question: how many, which, whose; or that nothing would change."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headline = Text("", "title", wrap=True, parent=self)
        self.looked_at = Text("", "detail", wrap=True, parent=self)
        self.not_compared = Text("", "detail", wrap=True, parent=self)
        self.stale = QFrame(self)
        self.changes = Changes(desk, self)
        self.before = EmptyState(
            "help",
            _("Nothing asked yet"),
            _("Say at the left what would be otherwise. Every donor is asked about; nothing is written."),
        )
        self.unchanged = EmptyState(
            "permitted",
            _("No verdict would change."),
            _("Whatever is permitted, provisional or refused now would be so then as well."),
        )
        self.pages = Pages(self)
        for page in (self.before, self.unchanged, self.changes):
            self.pages.add(page)
        self._lay_out()
        for widget in (self.headline, self.looked_at, self.not_compared, self.stale):
            widget.hide()
        self.pages.show_page(self.before)

    def _lay_out(self) -> None:
        theme.set_role(self.stale, "tone-provisional")
        line = QHBoxLayout(self.stale)
        line.setContentsMargins(12, 8, 12, 8)
        line.setSpacing(8)
        line.addWidget(Icon("refresh", "provisional", 20, self.stale), 0, Qt.AlignmentFlag.AlignTop)
        said = _("For another question: this is the answer to the one before. Ask again.")
        line.addWidget(Text(said, wrap=True, parent=self.stale), 1)
        self.stale.setAccessibleName(said)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.headline, self.looked_at, self.not_compared, self.stale):
            column.addWidget(widget)
        column.addWidget(self.pages, 1)

    def show_answer(self, found: WhatIf, asked: str) -> None:
        """Show what came; ``asked`` says to what."""
        moved = counted(found.moved_donors, found.moved_vials)
        self.headline.setText(_("Another verdict about {counted}").format(counted=moved))
        self.headline.setVisible(bool(found.changes))
        looked_at = _("{counted} looked at").format(counted=counted(found.donors, found.vials))
        self.looked_at.setText(f"{looked_at} · {asked}")
        self.looked_at.show()
        names = ", ".join(map(words.choice_name, found.not_compared))
        self.not_compared.setText(
            _("Only in one of the two sets of rules: {purposes}").format(purposes=names)
        )
        self.not_compared.setVisible(bool(names))
        self.stale.hide()
        if found.changes:
            self.changes.show_changes(found.changes)
        self.pages.show_page(self.changes if found.changes else self.unchanged)


class WhatIfPage(QWidget):
    """Asks, as often as one likes."""

    opened = Signal(object)
    """the number of the donor to open"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._job: Job | None = None
        self._asking = False
        self._answered: object = None
        self.form = QuestionForm(self)
        self.ask = PrimaryButton(_("Ask"), parent=self)
        self.running = Running(_("Asking"), _("{done} of {total} donors"), self)
        self.answer = Answer(desk, self)
        self.back = ActionButton(_("Back"), Look.QUIET, hint="ESC", parent=self)
        self._lay_out()
        self.ask.clicked.connect(self.begin)
        self.running.stop.clicked.connect(self.stop)
        self.back.clicked.connect(desk.frame.step_back)
        self.form.changed.connect(self._mark)
        self.answer.changes.opened.connect(self.opened)

    def _lay_out(self) -> None:
        area = QScrollArea(self)
        area.setWidget(self.form)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.set_role(area, "ground")
        theme.set_role(self.form, "clear")
        give_way(area)
        asked = QWidget(self)
        bar = area.verticalScrollBar().sizeHint().width()
        asked.setFixedWidth(max(QUESTION_PX, self.form.minimumSizeHint().width() + bar))
        left = QVBoxLayout(asked)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(12)
        left.addWidget(area, 1)
        left.addWidget(self.form.others)
        left.addWidget(self.ask)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.running)
        right.addWidget(self.answer, 1)
        both = QHBoxLayout()
        both.setSpacing(20)
        both.addWidget(asked)
        both.addLayout(right, 1)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Text(_("What if"), "title", parent=self))
        head.addWidget(Text(_("Nothing is written."), "detail", parent=self), 1)
        head.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(both, 1)

    def arrive(self) -> None:
        """Read which forms there are; a question and its answer are still there."""
        self._desk.read(self, _known, self.form.offer, newest="forms")
        if self.answer.pages.shown() is self.answer.changes:
            self.answer.changes.attend()
        else:
            self.form.on.attend()

    def take_donor(self, code: str) -> None:
        """A donor was scanned: what if this one withdraws."""
        self.form.add_donor(code)
        said = _("{code} added to the withdrawal").format(code=codes.group(code))
        self._desk.frame.top.show_fact(said)
        self._desk.frame.notices.sound(Sound.ACCEPTED)

    def asking(self) -> bool:
        """Whether the answer is awaited."""
        return self._asking

    def begin(self) -> None:
        """Ask; what is wrong with the question stands beside its fields, all at once."""
        if self._asking:
            return
        meant, problems = self.form.meant(), self.form.problems()
        question = None if problems else self.form.question()

        def read(rules: ConsentRules | None) -> None:
            if question is None:
                self._refused(problems)
            else:
                self._ask(meant, replace(question, rules=rules))

        self._show_asking(True)
        job = self._desk.jobs.run_aside(
            self,
            self.form.rules.reader(),
            read,
            failed=lambda error: self._failed(error, problems),
            newest="rules",
        )
        if self.asking() and self._job is None:
            self._job = job

    def stop(self) -> None:
        """Stop asking; the answer before stays."""
        if self._job is not None:
            self._job.cancel()
            self._ended()
            said = _("Stopped: not every donor was looked at, so there is no answer.")
            self._desk.frame.notices.say(said)

    def _ask(self, meant: object, question: Question) -> None:
        session = self._desk.session
        assert session is not None
        if asks_nothing(question):
            self._refused([Problem("", "nothing-asked")])
            return
        store, now = session.store, utc_now()
        self.form.show_problems(())

        def steps() -> Generator[Any, None, WhatIf]:
            from biobank_desktop.services.what_if import what_if  # noqa: PLC0415

            return (yield from what_if(store, question, now))

        job = self._desk.jobs.run_long(
            self,
            steps,
            lambda found: self._answer(meant, found, asked_words(question, now)),
            failed=lambda error: self._failed(error, []),
            progress=self.running.show_progress,
            newest="answer",
        )
        self._job = job if self._asking else None

    def _answer(self, meant: object, found: WhatIf, asked: str) -> None:
        self._ended()
        self._answered = meant
        self.answer.show_answer(found, asked)
        self._mark()
        self._desk.frame.notices.sound(Sound.DONE)
        if found.changes and self.form.meant() == meant and self._has_focus():
            self.answer.changes.table.setFocus()

    def _failed(self, error: Exception, problems: list[Problem]) -> None:
        if isinstance(error, Rejected):
            said = {problem.field for problem in problems}
            self._refused([*problems, *(each for each in error.problems if each.field not in said)])
        else:
            self._ended()
            self._desk.tell(error)

    def _refused(self, problems: list[Problem]) -> None:
        self._ended()
        self.form.show_problems(problems)
        if self._has_focus():
            self.form.attend_problem(problems)
        self._desk.frame.notices.sound(Sound.WARNING)

    def _has_focus(self) -> bool:
        """Whether the person is still here: elsewhere nothing takes the keyboard away."""
        focused: QWidget | None = self.window().focusWidget()
        return self.isVisible() and focused is not None and self.isAncestorOf(focused)

    def _ended(self) -> None:
        self._job = None
        self._show_asking(False)

    def _show_asking(self, on: bool) -> None:
        self._asking = on
        self.ask.setEnabled(not on)
        self.back.setVisible(not on)  # Esc stops first
        if on:
            self.running.begin()
        else:
            self.running.hide()

    def _mark(self) -> None:
        """An answer that stands beside another question says so."""
        self.answer.stale.setVisible(self._answered not in (None, self.form.meant()))


def asks_nothing(question: Question) -> bool:
    """Whether everything stays as it is."""
    return question.rules is None and question.on is None and not (question.forms or question.withdrawals)


def asked_words(question: Question, at: datetime) -> str:
    """A question in a line, and when it was asked."""
    parts = []
    if question.on is not None:
        parts.append(_("on {day}").format(day=words.day(question.on)))
    if question.rules is not None:
        version = question.rules.version.removesuffix(CHANGED)
        other = version != question.rules.version
        parts.append(
            (_("rules {version}, changed") if other else _("rules {version}")).format(version=version)
        )
    parts += [
        _("{version} answered as {other}").format(version=version, other=other.id)
        for version, other in question.forms.items()
    ]
    if question.withdrawals:
        parts.append(
            ngettext("{count} donor withdraws", "{count} donors withdraw", len(question.withdrawals))
        )
    if question.purposes:
        parts.append(ngettext("{count} purpose", "{count} purposes", len(question.purposes)))
    return " · ".join([*parts, _("asked {moment}").format(moment=words.moment(at))])


def _known(connection: Connection) -> Known:
    from biobank_desktop.persistence.queries import forms  # noqa: PLC0415
    from biobank_desktop.services.rules import rule_book  # noqa: PLC0415

    return Known(forms.versions(connection), forms.typed_versions(connection), rule_book(connection))
