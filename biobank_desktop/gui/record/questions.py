"""The short forms of a record: a reason, the right donor, a release, one more vial, a new label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.materials import children_of, material
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.gui import words
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.record.numbers import NumberField
from biobank_desktop.gui.widgets.amounts import AmountField, Quantity
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.moments import MomentField
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.record.reading import Seen


class DonorForm(FormCard):
    """The donor a family really belongs to: scanned or typed, with the reason."""

    def __init__(self, seen: Seen, parent: QWidget | None = None) -> None:
        count = len(seen.record.vials)
        text = _("The tube and its {count} vials move to the donor you scan. Both histories say so.")
        super().__init__(
            _("Belongs to another donor"), text.format(count=count), _("Give to this donor"), parent
        )
        self.donor = FieldBox(_("Right donor: scan or type the code"), name="donor", parent=self)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.add_row([self.donor, self.why], columns=2)

    def take_code(self, code: str) -> bool:
        """A scanned code: a donor's is the answer, any other is none."""
        if codes.kind_of(code) is not CodeKind.DONOR:
            return False
        self.donor.set_text(codes.group(code))
        self.why.setFocus()
        return True

    def problems(self) -> list[Problem]:
        """A code that is no donor's, a missing reason."""
        found = []
        code = codes.parse(self.donor.text())
        if code is None or codes.kind_of(code) is not CodeKind.DONOR:
            found.append(Problem("donor", "not-a-donor-code", {"code": self.donor.text() or words.UNKNOWN}))
        if not self.why.text():
            found.append(Problem("why", "reason-missing"))
        return found


class ReleaseForm(FormCard):
    """Diagnostics lets go of the tube: when, and who said so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Released by diagnostics"),
            _("From then on the material is residual; until then it is stored but not released."),
            _("Record the release"),
            parent,
        )
        self.at = MomentField(
            _("Released at"), utc_now, name="released_at", may_be_unknown=False, parent=self
        )
        self.by = FieldBox(_("Released by"), name="released_by", parent=self)
        self.add_row([self.at, self.by], columns=2)

    def problems(self) -> list[Problem]:
        """What is missing or cannot be read."""
        found = []
        if self.at.moment() is None:
            code = "answer-unreadable" if self.at.answer() is Answer.UNREADABLE else "answer-missing"
            found.append(Problem("released_at", code))
        if not self.by.text():
            found.append(Problem("released_by", "answer-missing"))
        return found


class MoreVialsForm(FormCard):
    """More vials of a tube: what, how many, how much each."""

    def __init__(self, seen: Seen, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Add vials"),
            _("They get codes and labels now and are filled later."),
            _("Add and print the labels"),
            parent,
        )
        offered = [Pick(code, _(material(code).name)) for code in children_of(seen.sample.material)]
        self.material = PickField(_("Material"), offered, name="material", parent=self)
        made = [vial.material for vial in seen.record.vials]
        self.material.set_value(made[-1] if made else seen.sample.material)
        self.count = NumberField(_("Vials"), name="count", parent=self)
        self.count.set_number(1)
        self.volume = AmountField(
            _("Volume each"), name="volume_ul", unit="µL", may_be_unknown=True, parent=self
        )
        self.cells = AmountField(
            _("Cells each"), Quantity.CELLS, name="cells", may_be_unknown=True, parent=self
        )
        self.add_row([self.material, self.count, self.volume, self.cells])
        self.material.changed.connect(self._follow)
        self._follow()

    def vials(self) -> PlannedVials:
        """What the fields say; only when ``problems`` has none."""
        value, count = self.material.value(), self.count.number()
        assert value is not None
        assert isinstance(count, int)
        cells = self.cells.amount() if self.cells.isEnabled() else None
        return PlannedVials(value, count, self.volume.amount(), cells)

    def problems(self) -> list[Problem]:
        """What is missing or cannot be read."""
        found = []
        if self.material.value() is None:
            found.append(Problem("material", "answer-missing"))
        if not isinstance(self.count.number(), int):
            found.append(Problem("count", "answer-unreadable"))
        read = [(field.name, field.problem()) for field in (self.volume, self.cells)]
        return found + [Problem(name, one.code, one.values) for name, one in read if one is not None]

    def _follow(self) -> None:
        code = self.material.value()
        self.cells.setEnabled(code is not None and material(code).kind == "cells")


_REASONS = (
    ("misprint", "M"),
    ("lost", "L"),
    ("damaged", "D"),
    ("printer-fault", "P"),
    ("relabel", "N"),
)


class ReprintForm(FormCard):
    """Why another label is wanted: one letter is the answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Print another label"),
            _("The old label is void as soon as the new one is on."),
            _("Print"),
            parent,
        )
        choices = [Choice(reason, _(f"label-reason.{reason}"), letter) for reason, letter in _REASONS]
        self.reason = ChoiceQuestion(_("Why"), choices, name="reason", parent=self)
        self.add_row([self.reason], columns=1)

    def problems(self) -> list[Problem]:
        """No reason chosen."""
        return [] if self.reason.value() is not None else [Problem("reason", "answer-missing")]
