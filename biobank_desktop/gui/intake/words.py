"""What the questions of intake are called and how their answers are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.intake import (
    ACCEPTANCES,
    CONDITIONS,
    DONOR_ROLES,
    ORIGINS,
    SEXES,
    TEMPERATURES,
)
from biobank_desktop.domain.materials import MATERIALS, RECEIVED, children_of, material
from biobank_desktop.gui.widgets.choice_fields import lettered
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.language import _, chosen

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from biobank_desktop.domain.protocols import Protocol, TimePoint
    from biobank_desktop.domain.sprec import SprecTables, Word

NOT_YET, RELEASED = "not-yet", "released"
_LETTERS = {
    "room": "R", "2-10": "C", "frozen": "F", "unknown": "U",
    "accepted": "A", "accepted-with-deviation": "D", "rejected": "R",
    "residual": "R", "extra-tube": "E", "extra-procedure": "P",
    "male": "M", "female": "F", "undifferentiated": "X",
    "patient": "P", "sibling-donor": "S",
    "clot": "C", "haemolysed": "H", "lipaemic": "L", "leak": "K", "underfilled": "F",
    "wrong-tube": "W", "expired": "E", "bloody": "B", "other": "O",
}  # fmt: skip


def _values(values: Sequence[str], name: str = "value") -> tuple[Choice, ...]:
    return lettered(Choice(value, capital(_(f"{name}.{value}")), _LETTERS.get(value, "")) for value in values)


def capital(text: str) -> str:
    """A word as it stands alone on a button or in a field."""
    return text[:1].upper() + text[1:]


def temperatures() -> tuple[Choice, ...]:
    """How a tube arrives."""
    return _values(TEMPERATURES, "arrival")


def acceptances() -> tuple[Choice, ...]:
    """What inspection decides."""
    return _values(ACCEPTANCES, "acceptance")


def origins() -> tuple[Choice, ...]:
    """Why there is material for the biobank."""
    return _values(ORIGINS, "origin")


def conditions() -> tuple[Choice, ...]:
    """What inspection may find, "none seen" first."""
    return (Choice("none-seen", _("None seen"), "N"), *_values(CONDITIONS))


def sexes() -> tuple[Choice, ...]:
    """Sex as registered."""
    return _values(SEXES)


def roles() -> tuple[Choice, ...]:
    """Why somebody is a donor."""
    return _values(DONOR_ROLES)


def releases() -> tuple[Choice, ...]:
    """Whether diagnostics has let go of the tube."""
    return (Choice(NOT_YET, _("Not yet"), "N"), Choice(RELEASED, _("Released"), "R"))


def pulls() -> tuple[Choice, ...]:
    """Which pull of a marrow puncture; the first ones have the most cells."""
    return (
        *(Choice(number, str(number), str(number)) for number in range(1, 7)),
        Choice("unknown", _("Unknown"), "U"),
    )


def received_materials() -> tuple[Choice, ...]:
    """What a tube may arrive with."""
    return tuple(Choice(code, _(material(code).name), material(code).key) for code in RECEIVED)


def made_materials(source: str) -> tuple[Choice, ...]:
    """What may be made of a material."""
    codes = [one.code for one in MATERIALS if one.code in children_of(source)]
    return tuple(Choice(code, _(material(code).name), material(code).key) for code in codes)


def containers(tables: SprecTables, material_code: str | None) -> tuple[Choice, ...]:
    """The primary containers of SPREC: the usual ones of the material first, the rare ones last."""
    usual = material(material_code).containers if material_code else frozenset()

    def order(word: Word) -> tuple[bool, bool]:
        return word.code not in usual and word.code not in {"XXX", "ZZZ"}, not word.key

    words = sorted(tables.containers, key=order)
    return lettered(Choice(word.code, container_name(word), word.key) for word in words)


def container_name(word: Word) -> str:
    """A container in the chosen language."""
    return word.nl if chosen() == "nl" else word.en


def time_points(
    protocol: Protocol, material_code: str | None, first: str | None, taken: Collection[str]
) -> tuple[Choice, ...]:
    """The time points: the proposed one first, then those that expect the material and are not taken."""

    def order(point: TimePoint) -> tuple[bool, bool, bool]:
        done = point.code in taken and not point.repeatable
        return point.code != first, done, material_code not in point.expects

    return lettered(Choice(point.code, point.code, "") for point in sorted(protocol.time_points, key=order))
