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


@Question
def carrier(connection: Connection, code: str) -> Answer[Carrier | None]:
    """What carries a code of others, None when nothing does. Raises ``Rejected`` when two things do."""
    known = identifier(code)
    told = carriers.sent(connection, [known])

    def read() -> Carrier | None:
        found = {one.object_id: one for one in told().get(known, [])}
        if len(found) > 1:
            shown = [codes.group(codes.from_number(number)) for number in sorted(found)]
            raise Rejected(Problem("code", "code-ambiguous", {"code": code, "codes": shown}))
        return next(iter(found.values()), None)

    return read


@Question
def vial_with(connection: Connection, code: str) -> Answer[str | None]:
    """The own code of the vial that carries a maker's code, None for any other code. Raises ``Rejected``.

    A tube and a donor stay what they are: their codes are a laboratory's, and ask for something else.
    """
    told = carrier.sent(connection, code)

    def read() -> str | None:
        found = told()
        if found is None or found.issuer == TUBE_ISSUER:
            return None
        own = codes.from_number(found.object_id)
        return own if codes.kind_of(own) is codes.CodeKind.SAMPLE else None

    return read


def vials_with(connection: Connection, given: Iterable[str]) -> dict[str, int]:
    """The vials that carry makers' codes, by how the codes were given; what two things carry is left out."""
    named = {one: identifier(one) for one in given}
    found = carriers(connection, set(named.values()))
    return {
        one: carrying[0].object_id
        for one, known in named.items()
        if len(carrying := found.get(known, [])) == 1 and carrying[0].issuer != TUBE_ISSUER
    }
