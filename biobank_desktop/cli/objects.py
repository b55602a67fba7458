"""What a typed or scanned code stands for: one of ours, or the foreign code of one of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence.queries import containers, donors, samples
from biobank_desktop.services.foreign_codes import carrier

if TYPE_CHECKING:
    from sqlalchemy import Connection


def object_id(connection: Connection, text: str) -> int:
    """The number of the object that carries this code or name.

    Raises ``NotFound`` for a code that is not in this database and ``Rejected`` when two objects carry it.
    """
    own = codes.parse(text)
    if own is not None and _known(connection, own):
        return codes.number(own)
    carrying = carrier(connection, text)
    if carrying is not None:
        return carrying.object_id
    named = containers.by_name(connection, identifier(text))
    if named is None:
        raise NotFound(Problem("code", "code-unknown", {"code": text}))
    return named.id


def _known(connection: Connection, code: str) -> bool:
    number, kind = codes.number(code), codes.kind_of(code)
    if kind is CodeKind.SAMPLE:
        return samples.sample(connection, number) is not None
    if kind is CodeKind.CONTAINER:
        return containers.container(connection, number) is not None
    return kind is CodeKind.DONOR and donors.donor(connection, number) is not None
