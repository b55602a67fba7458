"""A plain number in a field: a percentage, a pull; empty is "not recorded"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.fields import FieldBox

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,3})?", re.ASCII)


class NumberField(FieldBox):
    """Reads whole numbers and, unless ``whole``, decimals, comma or point."""

    def __init__(
        self,
        label: str,
        *,
        name: str = "",
        hint: str = "",
        whole: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(label, name=name, hint=hint, letters=False, parent=parent)
        self._whole = whole

    def number(self) -> int | float | None:
        """The number, whole ones as int; None when there is none."""
        text = self.text().removesuffix("%").strip()
        if not _NUMBER.fullmatch(text):
            return None
        value = float(text.replace(",", "."))
        if value.is_integer():
            return int(value)
        return None if self._whole else value

    def set_number(self, number: float | None) -> None:
        """Show a number, None for none."""
        self.set_text("" if number is None else f"{number:g}".replace(".", words.decimal()))

    def _readable(self) -> bool:
        return self.number() is not None
