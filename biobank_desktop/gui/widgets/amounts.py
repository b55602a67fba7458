"""An amount with its unit: decimal comma and point both, kept as a whole number of the smallest unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.language import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Unit:
    """A unit: how it is shown, how many of the smallest unit it is, how it may be typed."""

    text: str
    size: int
    typed: tuple[str, ...] = ()


VOLUMES = (Unit("mL", 1000, ("ml",)), Unit("µL", 1, ("ul", "µl", "μl")))
CELLS = (Unit("× 10⁶ cells", 1_000_000, ("e6", "m")), Unit("cells", 1, ("c",)))

_AMOUNT = re.compile(r"(?P<number>\d{1,12}(?:[.,]\d{1,9})?)\s*(?P<unit>\D.*)?")


def parse_amount(text: str, units: Sequence[Unit], unit: Unit) -> tuple[int, Unit] | None:
    """The amount in the smallest unit and the unit it was typed in, or None when it cannot be read.

    Without a unit in the text ``unit`` is meant; a fraction of the smallest unit cannot be read.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        return None
    if match["unit"]:
        wanted = match["unit"].strip().lower()
        found = [each for each in units if wanted == each.text.lower() or wanted in each.typed]
        if not found:
            return None
        unit = found[0]
    amount = Decimal(match["number"].replace(",", ".")) * unit.size
    return (int(amount), unit) if amount == amount.to_integral_value() else None


def say_amount(amount: int, unit: Unit) -> str:
    """The amount in a unit as the chosen language writes numbers, without the unit."""
    number = f"{(Decimal(amount) / unit.size).normalize():f}"
    return number.replace(".", ",") if chosen() == "nl" else number


class AmountField(FieldBox):
    """A number and its unit; typing another unit behind the number (``500 ul``) changes the unit."""

    def __init__(
        self,
        label: str,
        units: Sequence[Unit] = VOLUMES,
        *,
        name: str = "",
        may_be_unknown: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            label, name=name, hint=units[0].text, may_be_unknown=may_be_unknown, letters=False, parent=parent
        )
        self._units = tuple(units)
        self._unit = self._units[0]
        self.finished.connect(self._tidy)

    @property
    def unit(self) -> Unit:
        """The unit the number stands in."""
        return self._unit

    def amount(self) -> int | None:
        """The amount in the smallest unit (µL, cells), None when there is none (see ``answer``)."""
        parsed = parse_amount(self.text(), self._units, self._unit)
        return parsed[0] if parsed else None

    def set_amount(self, amount: int, unit: Unit | None = None) -> None:
        """Show an amount given in the smallest unit."""
        self._unit = unit or self._unit
        self.set_hint(self._unit.text)
        self.set_text(say_amount(amount, self._unit))

    def _readable(self) -> bool:
        return self.amount() is not None

    def _tidy(self) -> None:
        parsed = parse_amount(self.text(), self._units, self._unit)
        if parsed is not None:
            self._unit = parsed[1]
            self.set_hint(self._unit.text)
            self.show_typed(say_amount(parsed[0], self._unit))
