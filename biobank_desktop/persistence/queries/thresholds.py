"""Donors in bulk for the work of growing up: ages, lines of consent, what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, case, func, select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import forms, samples
from biobank_desktop.persistence.queries.donors import ConsentLineRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.samples import ListedSample

PAGE = 100
"""Donors that are read and judged within one short step of a long job."""


@dataclass(frozen=True)
class Consenting:
    """A donor whose ages are known, with every line of consent; the three dates identify."""

    id: int
    consent_head: int
    turns_12_on: date
    turns_16_on: date
    turns_18_on: date
    lines: tuple[ConsentLineRow, ...]

    @property
    def code(self) -> str:
        """The donor's code."""
        return codes.from_number(self.id)


@dataclass(frozen=True)
class Kept:
    """What a donor has here: when the first tube came in, and how many filled vials there are."""

    first_received_at: datetime | None
    vials: int


_d, _age, _l, _s, _signing = (
    tables.donor.c, tables.donor_age.c, tables.consent_line.c, tables.sample.c, tables.signing.c,
)  # fmt: skip
_DONORS: Select[Any] = (
    select(_d.id, _d.consent_head, _age.turns_12_on, _age.turns_16_on, _age.turns_18_on)
    .join(tables.donor_age, _age.donor_id == _d.id)
    .where(_d.id > bindparam("after"), _age.turns_12_on <= bindparam("turned_by"))
    .order_by(_d.id)
    .limit(bindparam("size"))
)
_LINES: Select[Any] = (
    select(
        _l.donor_id, _l.no, _l.kind, _l.signatory, _l.sole_authority, _l.form, _l.form_version, _l.answers,
        _l.level, _l.signed_on, _l.received_on, _l.known_at, _l.corrects, _l.note, tables.command.c.login,
        _signing.form_version_id,
    )
    .join(tables.command, tables.command.c.id == _l.command_id)
    .outerjoin(tables.signing, and_(_signing.donor_id == _l.donor_id, _signing.line_no == _l.no))
    .join(tables.donor_age, _age.donor_id == _l.donor_id)
    .where(_l.donor_id.between(bindparam("first"), bindparam("last")))
    .where(_age.turns_12_on <= bindparam("turned_by"))
    .order_by(_l.donor_id, _l.no)
)  # fmt: skip
_received = tables.receipt.c.received_at
_e = tables.disposition.c.sample_id
_KEPT: Select[Any] = (
    select(
        _s.donor_id,
        func.min(_received, type_=_received.type),
        func.sum(case(((_s.kind != "tube") & (_s.state == "filled") & _e.is_(None), 1), else_=0)),
    )
    .outerjoin(tables.disposition, _e == _s.id)
    .outerjoin(tables.receipt, tables.receipt.c.sample_id == _s.id)
    .where(_s.donor_id.in_(bindparam("donors", expanding=True)))
    .group_by(_s.donor_id)
)
_PRESENT: Select[Any] = (
    select(_s.id)
    .where(_s.donor_id.in_(bindparam("donors", expanding=True)))
    .where(_s.state.in_(("received", "refused", "filled")))
    .where(~select(_e).where(_e == _s.id).exists())
    .order_by(_s.donor_id, _s.id)
)


def page(connection: Connection, after: int, turned_by: date, size: int = PAGE) -> list[Consenting]:
    """The next donors behind a number, those who turn 12 by a day only; an empty list ends it."""
    asked = {"after": after, "turned_by": turned_by, "size": size}
    rows = connection.execute(_DONORS, asked).fetchall()
    if not rows:
        return []
    ends = {"first": rows[0].id, "last": rows[-1].id, "turned_by": turned_by}
    lines: dict[int, list[ConsentLineRow]] = {}
    papers = forms.versions(connection)
    for donor_id, *told, paper in connection.execute(_LINES, ends):
        line: list[Any] = [*told, papers.get(paper)]
        lines.setdefault(donor_id, []).append(ConsentLineRow(*line))
    return [Consenting(**row._asdict(), lines=tuple(lines.get(row.id, ()))) for row in rows]


def kept(connection: Connection, donor_ids: Iterable[int]) -> dict[int, Kept]:
    """What is kept of these donors; donors without any tube are left out."""
    rows = connection.execute(_KEPT, {"donors": list(donor_ids)})
    return {row[0]: Kept(row[1], int(row[2])) for row in rows}


def present(connection: Connection, donor_ids: Sequence[int]) -> list[ListedSample]:
    """The tubes and filled vials of these donors that are still here, with their places, by donor."""
    ids = list(connection.execute(_PRESENT, {"donors": list(donor_ids)}).scalars())
    return samples.listed(connection, ids)
