"""A container's record: where it stands, its grid, and what lies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.contract import Answer
from biobank_desktop.domain import codes
from biobank_desktop.language import _
from biobank_desktop.services.records import box_view

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.services.records import BoxView


def answer(connection: Connection, number: int) -> Answer:
    """The record of a container."""
    view = box_view(connection, number)
    return Answer({"kind": "container", "container": result(view)}, text(view))


def container(row: ContainerRow) -> dict[str, Any]:
    """A container by itself."""
    return {
        "code": row.code,
        "name": row.name,
        "kind": row.kind.name,
        "level": row.kind.level,
        "temperature": row.temperature,
        "used": row.used,
        "capacity": row.capacity,
        "retired": row.retired,
    }


def result(view: BoxView) -> dict[str, Any]:
    """A container with what lies in it."""
    return {
        **container(view.container),
        "temperature": view.temperature,
        "path": view.path,
        "grid": {"rows": view.grid.rows, "columns": view.grid.columns},
        "contents": [
            {
                "position": view.grid.label((one.row_no, one.column_no)),
                "code": one.code,
                "name": one.name,
                "material": one.material,
                "time_point": one.time_point,
                "since": one.since,
                "by": one.by,
            }
            for one in view.contents
        ],
    }


def text(view: BoxView) -> str:
    """The same for a person."""
    row = view.container
    facts = columns.pairs(
        [
            (_("Name"), row.name),
            (_("Code"), codes.group(row.code)),
            (_("Kind"), row.kind.name),
            (_("Stands in"), view.path),
            (_("Temperature"), view.temperature),
            (_("Used"), f"{row.used}/{row.capacity}"),
        ]
    )
    contents = columns.table(
        (_("Position"), _("Code"), _("What"), _("Since")),
        [
            (
                view.grid.label((one.row_no, one.column_no)),
                codes.group(one.code),
                one.name or f"{words.material_name(one.material or '')} {one.time_point}",
                columns.moment(one.since),
            )
            for one in view.contents
        ],
    )
    return columns.joined(facts, contents)
