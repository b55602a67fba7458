"""An amount with its unit, read by ``domain.amounts``: what could be meant in two ways is asked."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from biobank_desktop.domain.amounts import VolumeUnit, format_cells, format_volume, parse_cells, parse_volume
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.language import _, chosen

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Quantity(Enum):
    """What is measured."""

    VOLUME = "volume"
    CELLS = "cells"


class AmountField(FieldBox):
    """A volume (µL) or a number of cells; ``unit`` is what a bare number means in a volume's field.

    What cannot be read is said below the field as soon as it is left.
    """

    def __init__(
        self,
        label: str,
        quantity: Quantity = Quantity.VOLUME,
        *,
        name: str = "",
        unit: VolumeUnit = "mL",
        may_be_unknown: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._quantity = quantity
        self._unit: VolumeUnit = unit
        hint = unit if quantity is Quantity.VOLUME else _("cells")
        super().__init__(
            label, name=name, hint=hint, may_be_unknown=may_be_unknown, letters=False, parent=parent
        )

    def amount(self) -> int | None:
        """The amount in µL or cells, None when there is none (see ``answer`` and ``problem``)."""
        read = self._read()
        return read if isinstance(read, int) else None

    def problem(self) -> Problem | None:
        """Why what is typed is no amount, None when it is one or the field is empty or unknown."""
        read = self._read() if self.text() else None
        return read if isinstance(read, Problem) else None

    def set_amount(self, amount: int) -> None:
        """Show an amount in µL or cells."""
        self.set_text(self._say(amount))

    def _read(self) -> int | Problem:
        if self._quantity is Quantity.VOLUME:
            return parse_volume(self.text(), self.name, self._unit)
        return parse_cells(self.text(), self.name)

    def _say(self, amount: int) -> str:
        decimal = "," if chosen() == "nl" else "."
        if self._quantity is Quantity.VOLUME:
            return format_volume(amount, decimal)
        return format_cells(amount, decimal, _("cells"))

    def _readable(self) -> bool:
        return self.amount() is not None

    def _edited(self) -> None:
        self._show_hint()
        super()._edited()

    def show_typed(self, text: str) -> None:
        """Write the same answer another way."""
        super().show_typed(text)
        self._show_hint()

    def _show_hint(self) -> None:
        """The unit stands at the right until it stands in the text."""
        has_unit = any(letter.isalpha() for letter in self.editor.text())
        self.set_hint("" if has_unit else self._unit if self._quantity is Quantity.VOLUME else _("cells"))

    def _left(self) -> None:
        amount, problem = self.amount(), self.problem()
        if amount is not None:
            self.show_typed(self._say(amount))
            self.set_problems(())
        elif problem is not None:
            self.set_problems([problem])
        super()._left()
