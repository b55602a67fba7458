"""Label printers of the lab: which there are, how they are reached, and what they are loaded with."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.domain.texts import identifier
from biobank_desktop.labels.page import HIGHEST_DPI, LOWEST_DPI
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import printers as query
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command
from biobank_desktop.services.templates import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

WAYS = ("pdf", "sheet", "system")


@dataclass(frozen=True)
class PrinterForm:
    """A printer: ``way`` "pdf" (a file per job), "sheet" (A4 sheets as PDF) or "system" (the spooler).

    ``template`` is for the stock that lies in it; ``options`` holds ``queue`` (the system's name) or
    ``folder`` (where files go; "" is the data folder).
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
    if form.way not in WAYS:
        problems.append(Problem("way", "not-a-choice", {"value": form.way, "choices": WAYS}))
    if not LOWEST_DPI <= form.dpi <= HIGHEST_DPI:
        problems.append(Problem("dpi", "dpi-implausible", {"lowest": LOWEST_DPI, "highest": HIGHEST_DPI}))
    if form.template not in templates:
        values = {"value": form.template, "choices": tuple(templates)}
        problems.append(Problem("template", "not-a-choice", values))
    if form.way == "system" and not form.options.get("queue"):
        problems.append(Problem("options", "printer-queue-missing"))
    return problems


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
