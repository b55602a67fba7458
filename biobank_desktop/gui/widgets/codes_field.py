"""A field that takes several codes, typed or pasted in any way that people write them."""

from __future__ import annotations

import re

from biobank_desktop.domain import codes as own
from biobank_desktop.gui.widgets.fields import FieldBox

_BETWEEN = re.compile(r"[,;\t\r\n\u2028\u2029]+")


class CodesField(FieldBox):
    """``codes`` gives them in their order; what is no code is given as it was typed."""

    def codes(self) -> tuple[str, ...]:
        """What is typed, code by code, without the spaces for the eye."""
        return tuple(code for piece in _BETWEEN.split(self.text()) for code in _read(piece.strip()))


def _read(piece: str) -> tuple[str, ...]:
    """The codes of a piece in which only blanks stand, within codes and between them."""
    squeezed = "".join(piece.split())
    cut = [own.parse(squeezed[at : at + own.LENGTH]) for at in range(0, len(squeezed), own.LENGTH)]
    known = tuple(code for code in cut if code)
    if piece and len(known) == len(cut):
        return known
    return (piece,) if piece else ()
