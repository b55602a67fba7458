"""What is set right on a donor's page: day 1, a line struck out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.language import _

if TYPE_CHECKING:
    from datetime import date

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.donors import DonorRow


class DonorForm(FormCard):
    """A form on a donor's page."""

    closed = Signal()
    """stored or given up"""

    def __init__(self, desk: Desk, title: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(title, "", action, parent)
        self._desk = desk
        self.given_up.connect(self.closed)

    def _done(self, said: str) -> None:
        self._desk.frame.notices.say(said, sound=Sound.ACCEPTED)
        self.closed.emit()

    def _refused(self, problems: tuple[Problem, ...]) -> None:
        self.show_problems(problems)
        self._desk.frame.notices.sound(Sound.WARNING)


class DayOneCorrection(DonorForm):
    """Day 1 of induction becomes known, or another one."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, _("Day 1 of induction"), _("Store day 1"), parent)
        self._donor = ""
        self.day = DateField(_("Day 1"), utc_now, name="day1_on", may_be_unknown=True, parent=self)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.add_row([self.day, self.why], 2)
        self.submitted.connect(self._store)

    def begin_for(self, donor: DonorRow) -> None:
        """Correct this donor's day 1."""
        self._donor = donor.code
        self.why.clear()
        self.day.clear()
        if donor.day1_on is not None:
            self.day.set_day(donor.day1_on)
        self.why.set_hint("" if donor.day1_on else _("not needed the first time"))
        self.begin()
        self.day.editor.selectAll()

    def _store(self) -> None:
        from biobank_desktop.services.donors import set_day1  # noqa: PLC0415

        day: date | None = self.day.day()
        if day is None and self.day.answer() is not Answer.UNKNOWN:
            self._refused((Problem("day1_on", "answer-missing"),))
            return
        donor, why = self._donor, self.why.text()
        command_id = self.ids.of((donor, day, why))
        self._desk.act(
            self,
            lambda store, actor: set_day1(store, actor, donor, day, why, command_id),
            self._stored,
            topics={"donors"},
            refused=self._refused,
            once=self.ids.once(command_id),
            ended=self.rest,
        )

    def _stored(self, _nothing: None) -> None:
        self._done(_("Day 1 is stored."))


class LineCorrection(DonorForm):
    """A consent line was entered wrongly: it is struck out, and stays readable."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "", _("Strike out the line"), parent)
        self._donor, self._line = "", 0
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.add_row([self.why], 1)
        self.submitted.connect(self._store)

    def begin_for(self, donor: str, line: int) -> None:
        """Strike out this line."""
        self._donor, self._line = donor, line
        self.set_heading(
            _("Strike out line {no}").format(no=line),
            _("The line stays readable and counts no longer. Then enter the right one."),
        )
        self.why.clear()
        self.begin()

    def _store(self) -> None:
        from biobank_desktop.services.consent import correct_consent  # noqa: PLC0415

        donor, line, why = self._donor, self._line, self.why.text()
        command_id = self.ids.of((donor, line, why))
        self._desk.act(
            self,
            lambda store, actor: correct_consent(store, actor, donor, line, why, command_id),
            self._stored,
            topics={"donors", "samples"},
            refused=self._refused,
            once=self.ids.once(command_id),
            ended=self.rest,
        )

    def _stored(self, _no: int) -> None:
        self._done(_("Line {no} is struck out.").format(no=self._line))
