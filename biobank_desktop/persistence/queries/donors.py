"""Donors: who gave the material, and the lines of their consent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, func, or_, select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries import forms, search

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent_forms import FormVersion


@dataclass(frozen=True)
class DonorRow:
    """A donor; the three dates are None once erased."""

    id: int
    code: str
    role: str
    sex: str
    protocol: str
    day1_on: date | None
    consent_head: int
    turns_12_on: date | None
    turns_16_on: date | None
    turns_18_on: date | None
    samples: int


@dataclass(frozen=True)
class ConsentLineRow:
    """One line of a donor's consent, as it was entered.

    ``paper`` is the registered version that was answered; from there on what is known of the signing, None
    of lines from before it was asked.
    """

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
    note: str
    login: str
    paper: FormVersion | None = None
    authority: str | None = None
    obtained_by: str | None = None
    interpreter: bool | None = None
    scan_sha256: str | None = None
    pages: int | None = None
    original_at: str | None = None


_samples = (
    select(func.count())
    .where(tables.sample.c.donor_id == tables.donor.c.id)
    .scalar_subquery()
    .label("samples")
)
_DONOR = select(
    tables.donor.c.id,
    tables.donor.c.role,
    tables.donor.c.sex,
    tables.donor.c.protocol,
    tables.donor.c.day1_on,
    tables.donor.c.consent_head,
    tables.donor_age.c.turns_12_on,
    tables.donor_age.c.turns_16_on,
    tables.donor_age.c.turns_18_on,
    _samples,
).outerjoin(tables.donor_age, tables.donor_age.c.donor_id == tables.donor.c.id)


# Statements are built once: building them anew costs more than running them.
_ONE_DONOR = _DONOR.where(tables.donor.c.id == bindparam("donor"))
_l, _s = tables.consent_line.c, tables.signing.c
_LINES: Select[Any] = (
    select(
        _l.no, _l.kind, _l.signatory, _l.sole_authority, _l.form, _l.form_version, _l.answers, _l.level,
        _l.signed_on, _l.received_on, _l.known_at, _l.corrects, _l.note, tables.command.c.login,
        _s.authority, _s.obtained_by, _s.interpreter, _s.scan_sha256, _s.pages, _s.original_at,
        *forms.PAPER_COLUMNS,
    )
    .join(tables.command, tables.command.c.id == _l.command_id)
    .outerjoin(tables.signing, and_(_s.donor_id == _l.donor_id, _s.line_no == _l.no))
    .outerjoin(tables.form_version, tables.form_version.c.id == _s.form_version_id)
    .where(_l.donor_id == bindparam("donor"))
    .order_by(_l.no)
)  # fmt: skip
FIRST_RECEIVED = (
    select(func.min(tables.receipt.c.received_at, type_=tables.receipt.c.received_at.type))
    .join(tables.sample, tables.sample.c.id == tables.receipt.c.sample_id)
    .where(tables.sample.c.donor_id == bindparam("donor"))
)
_a = tables.alias.c
_ALIASES = select(_a.issuer, _a.value).where(_a.object_id == bindparam("object")).order_by(_a.issuer)
_BY_ALIAS = select(_a.object_id, _a.issuer).where(_a.value == bindparam("value"))


@Question
def donor(connection: Connection, donor_id: int) -> Answer[DonorRow | None]:
    """The donor of a number, None when there is none."""
    rows = connection.execute(_ONE_DONOR, {"donor": donor_id})
    return lambda: next(map(_donor, rows), None)


def donors(connection: Connection, ids: list[int]) -> dict[int, DonorRow]:
    """The donors of these numbers."""
    rows = connection.execute(_DONOR.where(tables.donor.c.id.in_(ids)))
    return {row.id: _donor(row) for row in rows}


def donor_ids(connection: Connection) -> list[int]:
    """Every donor's number, newest first."""
    return list(connection.execute(select(tables.donor.c.id).order_by(tables.donor.c.id.desc())).scalars())


def found(connection: Connection, typed: str) -> list[int]:
    """The donors whose code or laboratory number begins with what was typed, newest first, at most 1000."""
    donor, alias = tables.donor.c, tables.alias.c
    text = typed.strip()
    ranges = codes.number_ranges(codes.normalise(text), search.years(connection))
    numbered = select(alias.object_id).where(alias.value >= text, alias.value < text + "\U0010ffff")
    rows = connection.execute(
        select(donor.id)
        .where(or_(*(donor.id.between(*ends) for ends in ranges), donor.id.in_(numbered)))
        .order_by(donor.id.desc())
        .limit(1000)
    )
    return list(rows.scalars())


@Question
def lines(connection: Connection, donor_id: int) -> Answer[list[ConsentLineRow]]:
    """The lines of a donor's consent in the order they were entered."""
    rows = connection.execute(_LINES, {"donor": donor_id})
    return lambda: [_line(row) for row in rows]


def _line(row: Any) -> ConsentLineRow:
    told = row._asdict()
    known = {name: value for name, value in told.items() if not name.startswith("paper_")}
    return ConsentLineRow(**known, paper=forms.paper_of(told))


@dataclass(frozen=True)
class DecisionRow:
    """A verdict of the gate as it was kept, with what it was asked."""

    command_id: str
    donor_id: int
    purpose: str
    verdict: str
    reasons: list[dict[str, Any]]
    consent_head: int
    rules_version: str
    decided_on: date
    known_on: datetime
    received_at: datetime | None
    first_received_at: datetime | None


_d = tables.decision.c
_DECISIONS: Select[Any] = (
    select(
        _d.command_id, _d.donor_id, _d.purpose, _d.verdict, _d.reasons, _d.consent_head, _d.rules_version,
        _d.decided_on, _d.known_on, _d.received_at, _d.first_received_at,
    )
    .where(_d.donor_id == bindparam("donor"))
    .order_by(_d.known_on)
)  # fmt: skip


def decisions(connection: Connection, donor_id: int) -> list[DecisionRow]:
    """The verdicts kept about a donor's material, oldest first."""
    rows = connection.execute(_DECISIONS, {"donor": donor_id})
    return [DecisionRow(str(row.command_id), *row[1:]) for row in rows]


def lab_numbers(connection: Connection, object_id: int) -> list[tuple[str, str]]:
    """The foreign codes of an object as (issuer, value)."""
    rows = connection.execute(_ALIASES, {"object": object_id})
    return [(row.issuer, row.value) for row in rows]


@Question
def by_alias(connection: Connection, value: str) -> Answer[list[tuple[int, str]]]:
    """The objects that carry a foreign code, as (number, issuer)."""
    rows = connection.execute(_BY_ALIAS, {"value": value})
    return lambda: [(row.object_id, row.issuer) for row in rows]


def _donor(row: Any) -> DonorRow:
    return DonorRow(code=codes.from_number(row.id), **row._asdict())


def erasures(connection: Connection) -> frozenset[int]:
    """The numbers of the donors that were erased."""
    return frozenset(connection.execute(select(tables.erasure.c.donor_id)).scalars())


def erased_at(connection: Connection, donor_id: int) -> datetime | None:
    """When a donor was erased, None when not."""
    erased = tables.erasure.c
    at: datetime | None = connection.execute(select(erased.at).where(erased.donor_id == donor_id)).scalar()
    return at
