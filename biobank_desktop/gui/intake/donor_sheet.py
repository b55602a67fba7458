"""A donor who is not in the registry yet, registered in the middle of a receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout

from biobank_desktop.domain.intake import ABSENT, DonorForm
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.intake import words
from biobank_desktop.gui.intake.sheet import Sheet
from biobank_desktop.gui.widgets.choice_fields import ChoiceField
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.protocols import Protocol
    from biobank_desktop.gui.widgets.moments import Clock

REGISTRY = "lab"
"""The issuer of a laboratory number whose maker was not said."""


class DonorSheet(Sheet):
    """Laboratory number, date of birth, sex, first day of induction, role and protocol."""

    def __init__(
        self, protocols: Mapping[str, Protocol], clock: Clock, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.lab_number = FieldBox(_("Laboratory number"), name="lab_numbers", parent=self)
        self.born = DateField(_("Date of birth"), clock, name="born_on", with_year=True, parent=self)
        self.sex = ChoiceField(_("Sex"), words.sexes(), name="sex", parent=self)
        self.role = ChoiceField(_("Role"), words.roles(), name="role", parent=self)
        self.day1 = DateField(
            _("Day 1 of induction"), clock, name="day1_on", may_be_unknown=True, parent=self
        )
        self.protocol = ChoiceField(
            _("Protocol"),
            [Choice(one.id, one.name, "") for one in protocols.values()],
            name="protocol",
            parent=self,
        )
        self.lay([self.lab_number, self.born, self.sex, self.role, self.day1, self.protocol])
        self.optional = {self.lab_number}
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Text(_("New donor"), "section", parent=self))
        kept = _("Only the days of turning 12, 16 and 18 are kept of the date of birth. Esc goes back.")
        head.addWidget(Text(kept, "detail", parent=self), 1)
        self.body.insertLayout(0, head)

    def begin(self, lab_number: str) -> None:
        """An empty sheet; with one protocol shipped there is nothing to choose."""
        for field in self.fields:
            field.clear()
            field.set_problems(())
            if isinstance(field, ChoiceField):
                field.set_value(None)
        self.lab_number.set_text(lab_number)
        if len(self.protocol.choices) == 1:
            self.protocol.set_value(self.protocol.choices[0].value)

    def form(self) -> DonorForm:
        """The answers so far."""
        number = self.lab_number.text()
        return DonorForm(
            sex=_given(self.sex),
            born_on=_day(self.born),
            day1_on=_day(self.day1),
            role=_given(self.role),
            lab_numbers=((REGISTRY, number),) if number else (),
            protocol=_given(self.protocol),
        )

    def unreadable(self) -> list[Problem]:
        """What has been typed and is no date."""
        return [
            Problem(field.name, "day-unreadable", {"text": field.text()})
            for field in (self.born, self.day1)
            if field.answer() is Answer.UNREADABLE
        ]


def _given(field: ChoiceField) -> Any:
    return ABSENT if field.value() is None else field.value()


def _day(field: DateField) -> Any:
    if field.answer() is Answer.UNKNOWN:
        return None
    day = field.day()
    return ABSENT if day is None else day
