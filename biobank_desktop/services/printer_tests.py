"""Test labels: what a printer and a scanner can do on a stock with a ribbon, tried and kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.domain.texts import identifier
from biobank_desktop.labels.calibration import calibration, passed
from biobank_desktop.labels.drawing import draw
from biobank_desktop.labels.fullest import fullest, widest_code
from biobank_desktop.labels.gate import LabelRefused
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import printers as query
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command
from biobank_desktop.services.templates import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.labels.catalogue import Catalogue
    from biobank_desktop.labels.templates import Template
    from biobank_desktop.persistence.queries.printers import PrinterRow, PrinterTest
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

LONGEST_RIBBON = 60


@dataclass(frozen=True)
class PrinterTestForm:
    """A test label that was printed and scanned: on which stock (a template's name) and with which ribbon.

    ``read`` are the codes that the scanner gave, none when no symbol could be read.
    """

    printer: str
    stock: str
    ribbon: str
    read: tuple[str, ...] = ()


def check_test(form: PrinterTestForm, templates: Collection[str]) -> list[Problem]:
    """Everything that is wrong with a test, in a lab that has these templates."""
    problems = []
    if form.stock not in templates:
        values = {"value": form.stock, "choices": tuple(templates)}
        problems.append(Problem("stock", "not-a-choice", values))
    if not 1 <= len(form.ribbon.strip()) <= LONGEST_RIBBON:
        problems.append(Problem("ribbon", "ribbon-missing", {"most": LONGEST_RIBBON}))
    problems += [
        Problem("read", "test-code-unknown", {"code": code}) for code in form.read if not passed([code])
    ]
    return problems


def store_test(
    store: Store, actor: Actor, form: PrinterTestForm, command_id: UUID | None = None
) -> tuple[int, ...]:
    """Keep what was read of a test label, beside all tests before; returns the dots a module that were read.

    Raises ``Rejected`` with every problem, also for a printer that is not in use.
    """
    form = replace(form, printer=identifier(form.printer), ribbon=form.ribbon.strip())
    asked = command(actor, "printer-tested", form, "intake", title=form.printer, command_id=command_id)
    read = passed(form.read)

    def body(work: Work) -> dict[str, Any]:
        refuse(check_test(form, catalogue(work.connection).entries.keys()))
        held = work.locked(tables.printer, {"name": form.printer})  # nobody else numbers its tests now
        if held is None or not held["active"]:
            raise Rejected(Problem("printer", "printer-unknown", {"printer": form.printer}))
        before = query.newest_tests(work.connection).get(form.printer)
        row = {
            "printer": form.printer,
            "no": before.no + 1 if before else 1,
            "at": work.at,
            "dpi": held["dpi"],
            "stock": form.stock,
            "ribbon": form.ribbon,
            "read_dots": " ".join(map(str, read)),
        }
        work.insert(tables.printer_test, [{**row, "stream_id": LAB_STREAM}])
        return {"read": list(read)}

    return tuple(store.run(asked, body)["read"])


def doubts(known: Catalogue, row: PrinterRow, test: PrinterTest | None) -> list[Problem]:
    """What the newest test of a printer does not vouch for, of the template that it is loaded with.

    A module larger than those of the test label is judged by the largest of these.
    """
    if row.template not in known.entries:
        return []
    if test is None:
        return [Problem("", "printer-untested", warning=True)]
    if (test.stock, test.dpi) != (row.template, row.dpi):
        values = {"stock": known.title(test.stock), "dpi": test.dpi}
        return [Problem("", "printer-tested-otherwise", values, warning=True)]
    try:
        template = known.entry(row.template).template
        largest = calibration(template.stock, row.dpi).dots[-1]
        asked = {min(dots, largest) for dots in _modules(template, row.dpi)}
    except LabelRefused as refused:
        return [replace(problem, warning=True) for problem in refused.problems]
    unread = sorted(asked - set(test.read_dots))
    return [Problem("", "printer-module-unread", {"dots": dots}, warning=True) for dots in unread]


def _modules(template: Template, dpi: int) -> set[int]:
    """The dots a module of the symbols of a template. Raises ``LabelRefused``."""
    draft = draw(template, fullest(template.label, widest_code(template.label)), dpi)
    return {mark.module_dots for mark in draft.marks}
