"""Two examples of a label: a usual one, and the one that needs the most room on the worst day of the lab."""

from __future__ import annotations

from datetime import date
from functools import cache

from biobank_desktop.domain import codes
from biobank_desktop.domain.amounts import format_cells
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.labels import CommandLabel, ContainerLabel, Label, VialLabel
from biobank_desktop.domain.materials import DERIVATIONS, material
from biobank_desktop.labels.text import fitted

KINDS = {"vial": CodeKind.SAMPLE, "container": CodeKind.CONTAINER, "command": CodeKind.COMMAND}
"""The kind of code on a label, by what its template is for."""

_WIDEST_SERIAL = codes.ALPHABET.index("W") * (32**5 - 1) // 31


def fullest(purpose: str, code: str) -> Label:
    """The label of a code with the longest texts that are usual, for a template of this purpose."""
    if purpose == "vial":
        amount = format_cells(123_450_000)
        return VialLabel(code, _longest_material(), "PRECART", 88, 88, amount, date(2028, 12, 28))
    if purpose == "container":
        return ContainerLabel(code, "Plasma 2028 box 88", "LN2-2 / tower 18 / rack 8")
    return CommandLabel(code, "Print again")


def usual(purpose: str, code: str) -> Label:
    """The label of a code as it is on most days, for a template of this purpose."""
    if purpose == "vial":
        return VialLabel(code, material("PL1").label, "DX", 2, 4, "500 µL", date(2026, 11, 22))
    if purpose == "container":
        return ContainerLabel(code, "Box 14", "LN2-2 / rack 3")
    return CommandLabel(code, "Save")


@cache
def widest_code(purpose: str) -> str:
    """The code of this kind that is widest in letters."""
    made = (codes.make(KINDS[purpose], year, _WIDEST_SERIAL) for year in range(2000, 2100))
    return max((code for code in made if code is not None), key=_width)


def _width(code: str) -> int:
    """The dots of a code in bold letters, large enough to compare."""
    line = fitted(codes.group(code), "bold", 64, 64, 10_000)
    return line.width if line is not None else 0


@cache
def _longest_material() -> str:
    """The longest that a label says of a derivative: its source and itself."""
    labels = ((material(source).label, material(own).label) for source, own in DERIVATIONS)
    return max((f"{source} {own}" for source, own in labels if source != own), key=len)
