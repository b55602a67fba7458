"""What stands on a label: codes and sample facts, never anything that names a donor.

A template can only refer to the fields listed here; there is no field of the donor to refer to, because a
rare diagnosis with a date can name a child.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True)
class VialLabel:
    """The label of a tube, aliquot or derivative.

    ``amount`` is written out ("500 µL"); an empty text or None prints nothing. ``number`` of ``of`` counts
    the siblings of one processing.
    """

    code: str
    material: str = ""
    time_point: str = ""
    number: int | None = None
    of: int | None = None
    amount: str = ""
    collected_on: date | None = None


@dataclass(frozen=True)
class ContainerLabel:
    """The label of a box, rack, shelf or device; ``path`` says where it belongs."""

    code: str
    name: str
    path: str = ""


@dataclass(frozen=True)
class CommandLabel:
    """A barcode that gives an order to the program when scanned ("save", "undo")."""

    code: str
    text: str


Label = VialLabel | ContainerLabel | CommandLabel

_CODE_FIELDS = ("code", "code|grouped")

FIELDS: Mapping[str, frozenset[str]] = {
    "vial": frozenset((*_CODE_FIELDS, "material", "time_point", "aliquot", "amount", "date")),
    "container": frozenset((*_CODE_FIELDS, "name", "path")),
    "command": frozenset((*_CODE_FIELDS, "text")),
}
"""The whitelist: the fields a template may name, by what the template is for."""

NEVER_SHORTENED = frozenset({"code", "code|grouped", "aliquot", "amount", "date"})
"""Fields whose beginning says something else than the whole ("12/…", "50…"): printed whole or not at all."""


def purpose(label: Label) -> str:
    """What a template must be made for to print this label: a key of ``FIELDS``."""
    if isinstance(label, VialLabel):
        return "vial"
    return "container" if isinstance(label, ContainerLabel) else "command"


def fields(label: Label) -> dict[str, str]:
    """The texts of a label, exactly the fields of its whitelist; nothing known is an empty text."""
    common = {"code": label.code, "code|grouped": codes.group(label.code)}
    if isinstance(label, VialLabel):
        return common | {
            "material": label.material,
            "time_point": label.time_point,
            "aliquot": _aliquot(label.number, label.of),
            "amount": label.amount,
            "date": label.collected_on.isoformat() if label.collected_on else "",
        }
    if isinstance(label, ContainerLabel):
        return common | {"name": label.name, "path": label.path}
    return common | {"text": label.text}


def _aliquot(number: int | None, of: int | None) -> str:
    """The place among the siblings: "2/4"; "5" for one added after the count was printed."""
    if number is None:
        return ""
    return f"{number}/{of}" if of is not None else str(number)
