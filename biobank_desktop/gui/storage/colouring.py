"""The colours of a box: how each class looks and what it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.colouring import AMOUNTS, COLOURINGS, REST, groups, unit_of
from biobank_desktop.domain.materials import known, material
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.wells import Palette, Sign, Tint, Well, WellState
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from biobank_desktop.domain.colouring import Group, VialFacts
    from biobank_desktop.domain.materials import Unit

_STEPS = 5
_REST = Tint(Palette.REST, sign=Sign.DOT)
_UNKNOWN = Tint(Palette.UNKNOWN, sign=Sign.BAR)
_CALM = Tint(Palette.CALM)
_VERDICTS = {
    "permitted": Tint(Palette.PERMITTED, sign=Sign.TICK),
    "provisional": Tint(Palette.PROVISIONAL, sign=Sign.HOURGLASS),
    "refused": Tint(Palette.REFUSED, sign=Sign.SLASH),
}
_LABELS = {
    "unverified": Tint(Palette.KINDS, 1, Sign.LETTER, "!"),
    "waiting": Tint(Palette.KINDS, 6, Sign.HATCH),
    "none": _UNKNOWN,
    "verified": Tint(Palette.CALM, sign=Sign.TICK),
}


@dataclass(frozen=True)
class Shade:
    """A class as it is drawn and told."""

    group: Group
    tint: Tint
    word: str


def name_of(chosen: str) -> str:
    """A colouring in a word or two."""
    return {
        "plain": _("Plain"),
        "material": _("Material"),
        "donor": _("Donors"),
        "family": _("This donor"),
        "consent": _("Consent today"),
        "age": _("Time in storage"),
        "amount": _("Amount left"),
        "label": _("Label"),
        "seen": _("Last seen"),
    }[chosen]


def choices() -> tuple[Choice, ...]:
    """Every colouring with its digit."""
    return tuple(Choice(each, name_of(each), str(no)) for no, each in enumerate(COLOURINGS, 1))


def shades(chosen: str, vials: Sequence[VialFacts], now: datetime, here: int | None) -> tuple[Shade, ...]:
    """The classes that occur; ``here`` is the donor at the cursor. Raises ``KeyError`` for "plain"."""
    units = {unit_of(one) for one in vials}
    looks: Mapping[str, Callable[[Group], tuple[Tint, str]]] = {
        "material": _material,
        "donor": _donor,
        "family": lambda group: _family(group, here),
        "consent": _consent,
        "age": lambda group: (_clock(group.rank), _age_word(group.rank)),
        "amount": lambda group: (_level(group.rank), _amount_word(group.rank, units)),
        "label": lambda group: (_LABELS[group.key], _label_word(group.key)),
        "seen": lambda group: (_clock(group.rank), _seen_word(group.rank)),
    }
    return tuple(Shade(group, *looks[chosen](group)) for group in groups(chosen, vials, now, here))


def _material(group: Group) -> tuple[Tint, str]:
    if group.key == REST:
        return _REST, _("other materials")
    letter = material(group.key).key if known(group.key) else group.key[:1]
    return Tint(Palette.KINDS, group.rank, Sign.LETTER, letter), words.material_name(group.key)


def _donor(group: Group) -> tuple[Tint, str]:
    if group.key == REST:
        return _REST, _("other donors")
    code = codes.group(codes.from_number(int(group.key)))
    return Tint(Palette.KINDS, group.rank, Sign.LETTER, str(group.rank + 1)), code


def _family(group: Group, here: int | None) -> tuple[Tint, str]:
    if group.key == REST:
        return _CALM, _("other donors")
    return Tint(Palette.ACCENT, sign=Sign.DOT), codes.group(codes.from_number(here or 0))


def _consent(group: Group) -> tuple[Tint, str]:
    word = {
        "permitted": _("Permitted"),
        "provisional": _("Provisional"),
        "refused": _("Refused"),
    }[group.key]
    return _VERDICTS[group.key], word


def _clock(rank: int) -> Tint:
    return Tint(Palette.TIMES, rank, Sign.CLOCK, part=(rank + 1) / _STEPS)


def _level(rank: int) -> Tint:
    """Nothing left is an empty dish with a line through it; not measured is grey."""
    if rank < 0:
        return _UNKNOWN
    if rank == 0:
        return Tint(Palette.AMOUNTS, 0, Sign.SLASH)
    return Tint(Palette.AMOUNTS, rank - 1, Sign.LEVEL, part=rank / _STEPS)


def _age_word(rank: int) -> str:
    return (
        _("under 1 year"),
        _("1 to 2 years"),
        _("2 to 5 years"),
        _("5 to 10 years"),
        _("10 years and more"),
    )[rank]


def _seen_word(rank: int) -> str:
    return (
        _("within a month"),
        _("1 to 6 months ago"),
        _("6 to 12 months ago"),
        _("1 to 2 years ago"),
        _("2 years ago and more"),
    )[rank]


def _label_word(key: str) -> str:
    return {
        "unverified": _("not verified"),
        "waiting": _("not printed yet"),
        "none": _("no label"),
        "verified": _("verified by scan"),
    }[key]


def _amount_word(rank: int, units: set[Unit | None]) -> str:
    """The step in the units that occur in the box: "100 to 250 µL · 1 to 5 million cells"."""
    if rank < 0:
        return _("not measured")
    if rank == 0:
        return _("nothing left")
    told = {"ul": _microlitres(rank), "cells": _cells(rank)}
    return " · ".join(text for unit, text in told.items() if unit in units)


def _microlitres(rank: int) -> str:
    return _range(rank, "ul", 1, _("under {high} µL"), _("{low} to {high} µL"), _("{low} µL and more"))


def _cells(rank: int) -> str:
    return _range(
        rank, "cells", 1_000_000, _("under {high} million cells"), _("{low} to {high} million cells"),
        _("{low} million cells and more"),
    )  # fmt: skip


def _range(rank: int, unit: Unit, per: int, first: str, between: str, last: str) -> str:
    begins = [begin // per for begin in AMOUNTS[unit]]
    sentence = first if rank == 1 else last if rank == len(begins) else between
    return sentence.format(low=begins[rank - 1], high=begins[rank] if rank < len(begins) else "")


def state_lines(wells: Sequence[Well], free: int) -> list[tuple[Well, str, int]]:
    """The legend of a box without colours: every state that occurs."""
    counts = dict.fromkeys(WellState, 0)
    for well in wells:
        counts[well.state] += 1
    counts[WellState.FREE] += free
    always = {WellState.FREE, WellState.TAKEN}
    return [(Well(state), state.word(), count) for state, count in counts.items() if count or state in always]
