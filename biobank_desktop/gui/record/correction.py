"""Correcting recorded values: every value as it stands, what is changed goes with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.intake import ACCEPTANCES, CONDITIONS, ORIGINS, TEMPERATURES
from biobank_desktop.domain.materials import MATERIALS, material
from biobank_desktop.gui.record.values_form import Field, ValuesForm, picks_of
from biobank_desktop.gui.widgets.amounts import AmountField, Quantity
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _, chosen
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.record.reading import Seen


class CorrectionForm(ValuesForm):
    """The values of one sample, editable; a tube's with those of its receipt."""

    def __init__(self, seen: Seen, parent: QWidget | None = None) -> None:
        super().__init__(_("Correct recorded values"), parent)
        self.seen = seen
        if seen.sample.kind == "tube":
            self._add_tube()
        else:
            self._add_vial()
        self.stand()

    def _add_tube(self) -> None:
        sample, receipt = self.seen.sample, self.seen.record.receipt
        self.add(
            [
                self.pick("material", [Pick(one.code, _(one.name)) for one in MATERIALS], sample.material),
                self.pick("time_point", _time_points(sample.protocol), sample.time_point),
                self.moment("drawn_at", sample.drawn_at),
                self.pick("container", _containers(), sample.container),
                self._amount("volume_ul", sample.volume_ul),
                self.moment("received_at", receipt.received_at, may_be_unknown=False),
                self.pick("temperature", picks_of(TEMPERATURES), receipt.temperature),
                self.pick("acceptance", picks_of(ACCEPTANCES), receipt.acceptance),
                self.pick("origin", picks_of(ORIGINS), receipt.origin),
                self.number("pull_number", receipt.pull_number),
                self.moment_or_not_yet("released_at", receipt.released_at),
                self.words("released_by", receipt.released_by or ""),
            ]
        )
        conditions = ToggleRow(_("field.conditions"), picks_of(CONDITIONS), name="conditions", parent=self)
        conditions.set_values(receipt.conditions)
        self.add([conditions], columns=1)
        self.add_with_reason(self.words("note", sample.note))

    def _add_vial(self) -> None:
        sample = self.seen.sample
        fields: list[Field] = [self._amount("volume_ul", sample.volume_ul)]
        if material(sample.material).kind == "cells":
            fields += [
                self._amount("cells", sample.cells, Quantity.CELLS),
                self.number("viability_percent", sample.viability_percent, "%"),
                self.number("blasts_percent", sample.blasts_percent, "%"),
            ]
        fields.append(self.words("medium", sample.medium or ""))
        self.add(fields)
        self.add_with_reason(self.words("note", sample.note))

    def _amount(self, name: str, value: int | None, quantity: Quantity = Quantity.VOLUME) -> AmountField:
        vial = self.seen.sample.kind != "tube"
        field = AmountField(
            _(f"field.{name}"),
            quantity,
            name=name,
            unit="µL" if vial else "mL",
            may_be_unknown=True,
            parent=self,
        )
        if value is None:
            field.set_unknown()
        else:
            field.set_amount(value)
        return field


def _time_points(protocol: str) -> list[Pick]:
    points = reference().protocol(protocol).time_points
    return [Pick(point.code, f"{point.code} · {point.label}") for point in points]


def _containers() -> list[Pick]:
    dutch = chosen() == "nl"
    found = reference().sprec.containers
    return [Pick(word.code, f"{word.nl if dutch else word.en} · {word.code}") for word in found]
