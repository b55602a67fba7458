"""The consent of many donors at once: what the gate needs to know of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, func, select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

_donor, _age, _line = tables.donor.c, tables.donor_age.c, tables.consent_line.c
_sample, _receipt, _signing = tables.sample.c, tables.receipt.c, tables.signing.c


@dataclass(frozen=True)
class WrittenLine:
    """A line of consent, as far as the gate reads it."""

    donor_id: int
    no: int
    kind: str
    signatory: str
    sole_authority: bool
    form: str
    form_version: str
    answers: dict[str, str]
    level: str | None
    signed_on: date
    received_on: date
    known_at: datetime
    corrects: int | None
    paper: str | None
    """the id of the registered version of the form"""


@dataclass(frozen=True)
class Standing:
    """A donor, and what decides about the material; ``vials`` are those that are filled.

    The three dates are None once erased, the receipt is None before the first tube.
    """

    id: int
    consent_head: int
    turns_12_on: date | None
    turns_16_on: date | None
    turns_18_on: date | None
    lines: tuple[WrittenLine, ...]
    first_received_at: datetime | None
    vials: int


def _between(column: Any) -> Any:
    return column.between(bindparam("first"), bindparam("last"))


def _among(column: Any) -> Any:
    return column.in_(bindparam("donors", expanding=True))


_IS_VIAL = and_(_sample.kind != "tube", _sample.state == "filled")

# Statements are built once: building them anew costs more than running them. What is asked of a donor's
# samples is asked donor by donor: for a range PostgreSQL guesses how many it means, and reads all receipts.
_FIRST_RECEIVED = (
    select(func.min(_receipt.received_at, type_=_receipt.received_at.type))
    .join(tables.sample, _sample.id == _receipt.sample_id)
    .where(_sample.donor_id == _donor.id)
    .correlate(tables.donor)
    .scalar_subquery()
)
_VIALS = (
    select(func.count())
    .select_from(tables.sample)
    .where(_sample.donor_id == _donor.id, _IS_VIAL)
    .correlate(tables.donor)
    .scalar_subquery()
)
_DONORS: Select[Any] = (
    select(
        _donor.id, _donor.consent_head, _age.turns_12_on, _age.turns_16_on, _age.turns_18_on,
        _FIRST_RECEIVED.label("first_received_at"), _VIALS.label("vials"),
    )
    .outerjoin(tables.donor_age, _age.donor_id == _donor.id)
    .order_by(_donor.id)
)  # fmt: skip
_LINES: Select[Any] = (
    select(
        _line.donor_id, _line.no, _line.kind, _line.signatory, _line.sole_authority, _line.form,
        _line.form_version, _line.answers, _line.level, _line.signed_on, _line.received_on, _line.known_at,
        _line.corrects, _signing.form_version_id,
    )
    .outerjoin(tables.signing, and_(_signing.donor_id == _line.donor_id, _signing.line_no == _line.no))
    .order_by(_line.donor_id, _line.no)
)  # fmt: skip
_BETWEEN = (_DONORS.where(_between(_donor.id)), _LINES.where(_between(_line.donor_id)))
_THESE = (_DONORS.where(_among(_donor.id)), _LINES.where(_among(_line.donor_id)))


def donor_ids(connection: Connection) -> list[int]:
    """Every donor's number in order: its ranges are what ``standings`` reads."""
    return list(connection.execute(select(_donor.id).order_by(_donor.id)).scalars())


def standings(connection: Connection, first: int, last: int) -> list[Standing]:
    """The donors from one number to another, both included."""
    return _read(connection, _BETWEEN, {"first": first, "last": last})


def standings_of(connection: Connection, donors: Collection[int]) -> list[Standing]:
    """These donors, in the order of their numbers."""
    return _read(connection, _THESE, {"donors": sorted(donors)})


def _read(
    connection: Connection, asked: tuple[Select[Any], Select[Any]], which: dict[str, Any]
) -> list[Standing]:
    of_donors, of_lines = asked
    lines: dict[int, list[WrittenLine]] = defaultdict(list)
    for row in connection.execute(of_lines, which):
        lines[row[0]].append(WrittenLine(*row))
    return [
        Standing(**row._asdict(), lines=tuple(lines.get(row.id, ())))
        for row in connection.execute(of_donors, which)
    ]


def vials(connection: Connection, donors: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The codes of the filled vials of these donors, in the order of their numbers."""
    found: dict[int, list[str]] = {donor: [] for donor in donors}
    rows = connection.execute(
        select(_sample.donor_id, _sample.id)
        .where(_sample.donor_id.in_(donors), _IS_VIAL)
        .order_by(_sample.id)
    )
    for donor, vial in rows:
        found[donor].append(codes.from_number(vial))
    return {donor: tuple(each) for donor, each in found.items()}
