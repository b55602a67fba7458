"""The label printers of the lab, and what was read of their test labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from biobank_desktop.persistence import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_p, _t = tables.printer.c, tables.printer_test.c
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


@dataclass(frozen=True)
class PrinterTest:
    """What was read of a test label, and what it was printed on; ``read_dots`` are dots a module."""

    printer: str
    no: int
    at: datetime
    dpi: int
    stock: str
    ribbon: str
    read_dots: tuple[int, ...]


def newest_tests(connection: Connection) -> dict[str, PrinterTest]:
    """The newest test of each printer that was ever tested, by its name."""
    newest = select(_t.printer, func.max(_t.no).label("no")).group_by(_t.printer).subquery()
    rows = connection.execute(
        select(_t.printer, _t.no, _t.at, _t.dpi, _t.stock, _t.ribbon, _t.read_dots).join(
            newest, and_(newest.c.printer == _t.printer, newest.c.no == _t.no)
        )
    )
    return {
        row.printer: PrinterTest(
            **{**row._asdict(), "read_dots": tuple(int(dots) for dots in row.read_dots.split())}
        )
        for row in rows
    }
