"""Label printers of the lab: which there are, how they are reached, and what they are loaded with."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import NotFound, Problem, Rejected, refuse
from biobank_desktop.domain.texts import identifier
from biobank_desktop.labels.page import HIGHEST_DPI, LOWEST_DPI
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import printers as query
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command
from biobank_desktop.services.printer_ways import way_problems
from biobank_desktop.services.templates import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.printers import PrinterRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


@dataclass(frozen=True)
class PrinterForm:
    """A printer, and its ``way``.

    "pdf" is a file per job, "sheet" A4 sheets as PDF, "system" the spooler of the computer, "zpl" a Zebra on
    the network, "cups" a queue of CUPS.

    ``template`` is for the stock that lies in it; ``options`` are answers as they were typed: ``folder``
    (where files go; "" is the data folder), ``queue`` (the system's name), and those of ``printer_ways``.
    """

    name: str
    way: str
    dpi: int
    template: str
    options: Mapping[str, str] = field(default_factory=dict)


PDF_FILES = PrinterForm("PDF", "pdf", 300, "vial-33x13")
"""The printer that every bench has."""


def check_printer(form: PrinterForm, templates: Collection[str]) -> list[Problem]:
    """Everything that is wrong with a printer, in a lab that has these templates."""
    problems = []
    if not 1 <= len(form.name.strip()) <= 60:
        problems.append(Problem("name", "name-missing"))
    problems += way_problems(form.way, form.options)
    if not LOWEST_DPI <= form.dpi <= HIGHEST_DPI:
        problems.append(Problem("dpi", "dpi-implausible", {"lowest": LOWEST_DPI, "highest": HIGHEST_DPI}))
    if form.template not in templates:
        values = {"value": form.template, "choices": tuple(templates)}
        problems.append(Problem("template", "not-a-choice", values))
    return problems


def form_of(row: PrinterRow) -> PrinterForm:
    """A printer as it was set up."""
    return PrinterForm(row.name, row.way, row.dpi, row.template, row.options)


def printer_in_use(connection: Connection, name: str) -> PrinterForm:
    """The printer of this name, PDF files where the lab has set up none of theirs. Raises ``NotFound``."""
    row = query.printer(connection, identifier(name))
    if row is None and identifier(name) == PDF_FILES.name:
        return PDF_FILES
    if row is None or not row.active:
        raise NotFound(Problem("printer", "printer-unknown", {"printer": name}))
    return form_of(row)


def set_printer(store: Store, actor: Actor, form: PrinterForm, command_id: UUID | None = None) -> None:
    """Make a printer, or change the one of that name. Raises ``Rejected`` with every problem."""
    form = replace(form, name=identifier(form.name))
    asked = command(actor, "printer-set", form, "manage", title=form.name, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        refuse(check_printer(form, catalogue(work.connection).entries.keys()))
        values = asdict(form) | {"options": dict(form.options), "active": True}
        work.about(LAB_STREAM)
        if query.printer(work.connection, form.name) is None:
            work.insert(tables.printer, [{**values, "stream_id": LAB_STREAM}])
        else:
            values.pop("name")
            work.update(tables.printer, {"name": form.name}, **values)
        return {"name": form.name}

    store.run(asked, body)


def retire_printer(store: Store, actor: Actor, name: str, command_id: UUID | None = None) -> None:
    """Take a printer out of use. Raises ``Rejected``."""
    asked = command(actor, "printer-retired", {"name": name}, "manage", title=name, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        if query.printer(work.connection, name) is None:
            raise Rejected(Problem("name", "printer-unknown", {"printer": name}))
        work.about(LAB_STREAM)
        work.update(tables.printer, {"name": name}, active=False)
        return {}

    store.run(asked, body)
