"""What was found, and where to look for what it touched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.nonconformities import Cause, NonconformityForm
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.quarantine import wording
from biobank_desktop.gui.widgets.cards import Card, ProblemList, reveal
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_problems import ProblemTaker, lay_problems
from biobank_desktop.gui.widgets.moments import MomentField
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence


class AskingForm(QWidget):
    """Two cards: what was found (only when it is reported), and its cause."""

    changed = Signal()
    """the cause may be another one"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = PickField(_("Kind"), wording.kinds(), name="kind", parent=self)
        self.what = FieldBox(_("What was found"), name="what", parent=self)
        self.found_at = MomentField(
            _("Found at"), utc_now, name="found_at", may_be_unknown=False, parent=self
        )
        self.donor = FieldBox(_("Donor"), name="donor", parent=self)
        self.container = FieldBox(_("Container"), name="container", parent=self)
        for field in (self.donor, self.container):
            field.editor.setPlaceholderText(_("Scan or type"))
        self.lot = FieldBox(_("Lot"), name="lot", parent=self)
        self.device = FieldBox(_("Device"), name="device", parent=self)
        self.person = PickField(_("Person: all they worked on"), name="person", parent=self)
        self.since = MomentField(_("From"), utc_now, name="since", may_be_unknown=False, parent=self)
        self.until = MomentField(_("Until"), utc_now, name="until", may_be_unknown=False, parent=self)
        self.others = ProblemList(self)  # stands where the page puts it, always in view
        self.found = Card(_("What was found"), self)
        self._lay_out()
        for field in self._of_cause:
            field.changed.connect(self.changed)

    def _lay_out(self) -> None:
        cause = Card(_("Its cause: where to look"), self)
        for card in (self.found, cause):
            card.body.setSpacing(12)
            card.body.setContentsMargins(16, 12, 16, 12)
        self.found.add_fields([self.kind, self.found_at], 2)
        self.found.body.addWidget(self.what)
        cause.add_fields([self.device, self.lot], 2)
        cause.add_fields([self.container, self.donor], 2)
        cause.body.addWidget(self.person)
        cause.add_fields([self.since, self.until], 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(12)
        column.addWidget(self.found)
        column.addWidget(cause)
        column.addStretch(1)

    @property
    def _of_cause(self) -> tuple[FieldBox, ...]:
        return (self.device, self.lot, self.container, self.donor, self.person, self.since, self.until)

    @property
    def fields(self) -> tuple[FieldBox, ...]:
        """Every field, in the order they are answered."""
        return (self.kind, self.found_at, self.what, *self._of_cause)

    def ask_what(self, *, on: bool) -> None:
        """Ask what was found, or only where to look."""
        reveal(self.found, on)

    def offer(self, persons: Sequence[Pick]) -> None:
        """Offer these persons; what was chosen stays."""
        self.person.set_picks(persons)

    def take_code(self, code: str) -> bool:
        """A scanned donor or container is the one to look at; False for anything else."""
        field = {CodeKind.DONOR: self.donor, CodeKind.CONTAINER: self.container}.get(codes.kind_of(code))
        if field is not None:
            field.set_text(codes.group(code))
        return field is not None

    def names_a_cause(self) -> bool:
        """Whether there is anything to look for."""
        return any(field.text() for field in self._of_cause)

    def meant(self) -> tuple[str, ...]:
        """What is typed of the cause: two that are equal ask the same."""
        return tuple(field.text() for field in self._of_cause)

    def cause(self) -> Cause:
        """The cause as it is typed; codes without the spaces for the eye."""
        return Cause(
            donor=codes.parse(self.donor.text()) or self.donor.text(),
            lot=self.lot.text(),
            device=self.device.text(),
            container=codes.parse(self.container.text()) or self.container.text(),
            person=self.person.value() or self.person.text(),
            since=self.since.moment(),
            until=self.until.moment(),
        )

    def form(self, samples: Sequence[str]) -> NonconformityForm:
        """What is reported; only when there are no problems."""
        found_at = self.found_at.moment() or utc_now()
        kind = self.kind.value() or self.kind.text()
        return NonconformityForm(kind, self.what.text(), found_at, self.cause(), tuple(samples))

    def problems(self) -> list[Problem]:
        """What is wrong with the cause as it is typed."""
        return [
            Problem(field.name, "answer-unreadable")
            for field in (self.since, self.until)
            if field.answer() is Answer.UNREADABLE
        ]

    def problems_of_report(self) -> list[Problem]:
        """What else is wrong with a report, beside what the rules say of its form."""
        problems = self.problems()
        if not self.kind.text():
            problems.append(Problem("kind", "answer-missing"))
        if self.found_at.answer() is not Answer.GIVEN:
            missing = self.found_at.answer() is Answer.NONE
            problems.append(Problem("found_at", "answer-missing" if missing else "answer-unreadable"))
        return problems

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Lay every problem beside its field."""
        takers: dict[str, ProblemTaker] = {field.name: field for field in self.fields}
        lay_problems([_beside(problem) for problem in problems], takers, self.others)

    def attend_problem(self, problems: Sequence[Problem]) -> None:
        """Bring the first of these into view, the cursor in its field."""
        bad = {_beside(problem).field for problem in problems}
        wrong = next((field for field in self.fields if field.name in bad), None)
        if wrong is not None:
            wrong.attend()
            bring_into_view(wrong)

    def empty(self) -> None:
        """It was reported: the next one begins with nothing."""
        for field in self.fields:
            field.clear()
        self.show_problems(())


def _beside(problem: Problem) -> Problem:
    """The problem beside its field: the fields of the cause stand among the others."""
    return replace(problem, field=problem.field.removeprefix("cause."))
