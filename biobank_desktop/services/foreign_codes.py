"""Codes of others: which of them this lab reads, and what of ours carries one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.scans import TUBE_ISSUER, TUBE_PATTERN, ForeignPattern
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries import lab
from biobank_desktop.persistence.queries.preprinted import carriers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.preprinted import Carrier

SETTING = "patterns"


def foreign_patterns(connection: Connection) -> list[ForeignPattern]:
    """What codes of others look like, as this lab has said; until then as tubes of a laboratory may."""
    kept = lab.setting(connection, SETTING, [])
    assert isinstance(kept, list)
    return [ForeignPattern(one["name"], one["expression"]) for one in kept] or [TUBE_PATTERN]


def carrier(connection: Connection, code: str) -> Carrier | None:
    """What carries a code of others, None when nothing does. Raises ``Rejected`` when two things do."""
    known = identifier(code)
    found = {one.object_id: one for one in carriers(connection, [known]).get(known, [])}
    if len(found) > 1:
        shown = [codes.group(codes.from_number(number)) for number in sorted(found)]
        raise Rejected(Problem("code", "code-ambiguous", {"code": code, "codes": shown}))
    return next(iter(found.values()), None)


@Question
def vials_carrying(connection: Connection, code: str) -> Answer[list[str]]:
    """The own codes of the vials that carry a maker's code; more than one when two makers use one number.

    What a laboratory calls a tube, and the laboratory number of a donor, ask for something else.
    """
    known = identifier(code)
    told = carriers.sent(connection, [known])
    return lambda: [codes.from_number(one.object_id) for one in told().get(known, []) if is_on_a_vial(one)]


def vial_with(connection: Connection, code: str) -> str | None:
    """The own code of the vial that carries a maker's code, None for any other code.

    Raises ``Rejected`` when two vials, or a vial and a tube, carry it.
    """
    known = identifier(code)
    found = _samples(carriers(connection, [known]).get(known, []))
    if not any(is_on_a_vial(one) for one in found):
        return None
    own = sorted(codes.from_number(one.object_id) for one in found)
    if len(own) > 1:
        shown = [codes.group(one) for one in own]
        raise Rejected(Problem("code", "code-ambiguous", {"code": code, "codes": shown}))
    return own[0]


def sample_numbers(connection: Connection, given: Iterable[str]) -> dict[str, int]:
    """The numbers of samples by our codes or their makers', as they were given; others are left out."""
    listed = list(given)
    numbers = {one: codes.number(known) for one in listed if (known := codes.parse(one))}
    named = {one: identifier(one) for one in listed if one not in numbers}
    if named:
        found = carriers(connection, set(named.values()))
        for one, known in named.items():
            carrying = _samples(found.get(known, []))
            if len(carrying) == 1 and is_on_a_vial(carrying[0]):
                numbers[one] = carrying[0].object_id
    return numbers


def is_on_a_vial(one: Carrier) -> bool:
    """Whether a code is a maker's on a vial of ours, and no laboratory's for a tube or a donor."""
    return one.issuer != TUBE_ISSUER and bool(_samples([one]))


def _samples(found: Sequence[Carrier]) -> list[Carrier]:
    """The tubes and vials among what carries a code."""
    return [one for one in found if codes.kind_of(codes.from_number(one.object_id)) is codes.CodeKind.SAMPLE]
