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
    from collections.abc import Iterable

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
    return lambda: [codes.from_number(one.object_id) for one in told().get(known, []) if _is_vials(one)]


def vial_with(connection: Connection, code: str) -> str | None:
    """The own code of the vial that carries a maker's code, None for any other code.

    Raises ``Rejected`` when two vials carry it.
    """
    found = vials_carrying(connection, code)
    if len(found) > 1:
        shown = [codes.group(one) for one in found]
        raise Rejected(Problem("code", "code-ambiguous", {"code": code, "codes": shown}))
    return found[0] if found else None


def sample_numbers(connection: Connection, given: Iterable[str]) -> dict[str, int]:
    """The numbers of samples by our codes or their makers', as they were given; others are left out."""
    listed = list(given)
    numbers = {one: codes.number(known) for one in listed if (known := codes.parse(one))}
    named = {one: identifier(one) for one in listed if one not in numbers}
    if named:
        found = carriers(connection, set(named.values()))
        for one, known in named.items():
            vials = [each.object_id for each in found.get(known, []) if _is_vials(each)]
            if len(vials) == 1:
                numbers[one] = vials[0]
    return numbers


def _is_vials(one: Carrier) -> bool:
    kind = codes.kind_of(codes.from_number(one.object_id))
    return one.issuer != TUBE_ISSUER and kind is codes.CodeKind.SAMPLE
