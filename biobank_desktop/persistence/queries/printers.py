"""The label printers of the lab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

_p = tables.printer.c
_PRINTER = select(_p.name, _p.way, _p.dpi, _p.template, _p.options, _p.active)


@dataclass(frozen=True)
class PrinterRow:
    """A printer as it is set up."""

    name: str
    way: str
    dpi: int
    template: str
    options: dict[str, str]
    active: bool


def printer(connection: Connection, name: str) -> PrinterRow | None:
    """The printer of a name, in use or not."""
    row = connection.execute(_PRINTER.where(_p.name == name)).first()
    return PrinterRow(*row) if row else None


def printers(connection: Connection) -> list[PrinterRow]:
    """The printers in use, by name."""
    rows = connection.execute(_PRINTER.where(_p.active.is_(True)).order_by(_p.name))
    return [PrinterRow(*row) for row in rows]
