"""The label templates that a lab has made, version by version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_t, _entered = tables.label_template.c, tables.command.c
_VERSIONS = select(_t.name, _t.version, _t.toml, _t.active, _t.at, _entered.login).join(
    tables.command, _entered.id == _t.command_id
)


@dataclass(frozen=True)
class TemplateRow:
    """A version of a template; one that is not active says that the lab has its own no longer."""

    name: str
    version: int
    toml: str
    active: bool
    at: datetime
    login: str


def newest(connection: Connection) -> list[TemplateRow]:
    """The newest version of each template that the lab has ever made, active or not, by name."""
    rows = connection.execute(_VERSIONS.order_by(_t.name, _t.version))
    return list({row.name: TemplateRow(*row) for row in rows}.values())


def newest_of(connection: Connection, name: str) -> TemplateRow | None:
    """The newest version of one template, active or not."""
    row = connection.execute(_VERSIONS.where(_t.name == name).order_by(_t.version.desc()).limit(1)).first()
    return TemplateRow(*row) if row else None


def version(connection: Connection, name: str, number: int) -> TemplateRow | None:
    """One version of a template."""
    row = connection.execute(_VERSIONS.where(_t.name == name, _t.version == number)).first()
    return TemplateRow(*row) if row else None
