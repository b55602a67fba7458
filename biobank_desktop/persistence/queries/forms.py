"""Consent forms as this lab has registered them, and what is known of how each line was signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, exists, select

from biobank_desktop.domain.consent_forms import FormItem, FormVersion
from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class CheckRow:
    """One comparison of a line with the signed form, by somebody else than who entered it."""

    line_no: int
    agrees: bool
    note: str
    login: str
    at: datetime


@dataclass(frozen=True)
class UncheckedRow:
    """A line that nobody has compared with the signed form yet, or that was found to differ."""

    donor_id: int
    no: int
    kind: str
    signatory: str
    signed_on: date
    entered_by: str
    entered_at: datetime
    differs: bool


_f = tables.form_version.c
_PAPER = (
    _f.id, _f.form, _f.version, _f.language, _f.audience, _f.approved_by, _f.approved_on, _f.valid_from,
    _f.valid_to, _f["items"], _f.document_name, _f.document_sha256,
)  # fmt: skip
PAPER_COLUMNS = tuple(column.label(f"paper_{column.name}") for column in _PAPER)
"""The columns of a version beside those of another table; ``paper_of`` reads them back."""

_c, _asked = tables.signing_check.c, tables.command.c
_CHECKS: Select[Any] = (
    select(_c.line_no, _c.agrees, _c.note, _asked.login, _asked.at)
    .join(tables.command, _asked.id == _c.command_id)
    .where(_c.donor_id == bindparam("donor"))
    .order_by(_asked.at, _c.line_no)
)
_l, _signing = tables.consent_line.c, tables.signing.c
_PAPERLESS = ("corrected", "recontact-sent", "no-answer", "age-threshold", "form-superseded", "deceased")


def versions(connection: Connection) -> dict[str, FormVersion]:
    """Every registered version by its id, by form, audience, language and first day."""
    rows = connection.execute(
        select(*PAPER_COLUMNS).order_by(_f.form, _f.audience, _f.language, _f.valid_from)
    )
    found = (paper_of(row._asdict()) for row in rows)
    return {version.id: version for version in found if version is not None}


def version(connection: Connection, version_id: str) -> FormVersion | None:
    """The version of an id, None when it is not registered."""
    row = connection.execute(select(*PAPER_COLUMNS).where(_f.id == version_id)).first()
    return paper_of(row._asdict()) if row else None


def typed_versions(connection: Connection) -> list[str]:
    """Every version that was typed because no registered one was meant."""
    signed = exists().where(
        _signing.donor_id == _l.donor_id, _signing.line_no == _l.no, _signing.form_version_id.is_not(None)
    )
    typed = select(_l.form_version).distinct().where(_l.form_version != "", ~signed).order_by(_l.form_version)
    return list(connection.execute(typed).scalars())


def paper_of(row: Mapping[str, Any]) -> FormVersion | None:
    """The version that stands in the ``PAPER_COLUMNS`` of a row, None when they are empty."""
    if row["paper_id"] is None:
        return None
    known = {column.name: row[f"paper_{column.name}"] for column in _PAPER}
    return FormVersion(**known | {"items": tuple(FormItem(**item) for item in known["items"])})


def checks(connection: Connection, donor_id: int) -> list[CheckRow]:
    """Every comparison of this donor's lines with their forms, oldest first."""
    return [CheckRow(*row) for row in connection.execute(_CHECKS, {"donor": donor_id})]


def unchecked(connection: Connection, limit: int = 500) -> list[UncheckedRow]:
    """Lines on paper that nobody has found to agree with it, oldest first; struck ones are left out."""
    checked = exists().where(_c.donor_id == _l.donor_id, _c.line_no == _l.no)
    later = tables.consent_line.alias("later")
    struck = exists().where(later.c.donor_id == _l.donor_id, later.c.corrects == _l.no)
    rows = connection.execute(
        select(
            *(_l.donor_id, _l.no, _l.kind, _l.signatory, _l.signed_on, _asked.login, _l.known_at),
            checked.label("differs"),
        )
        .join(tables.command, _asked.id == _l.command_id)
        .where(_l.kind.not_in(_PAPERLESS), ~struck, ~checked.where(_c.agrees.is_(True)))
        .order_by(_l.known_at, _l.donor_id, _l.no)
        .limit(limit)
    )
    return [UncheckedRow(*row) for row in rows]
