"""``biobank printers``: which there are, how one stands, and what a scanner reads of its test label."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer, Exit, tell
from biobank_desktop.cli.forms import command_id
from biobank_desktop.domain.printing import held_by
from biobank_desktop.labels.calibration import calibration, code_of
from biobank_desktop.labels.printers import PdfFilePrinter
from biobank_desktop.language import _, say
from biobank_desktop.persistence.queries import printers
from biobank_desktop.services.printer_tests import PrinterTestForm, doubts, store_test
from biobank_desktop.services.printer_ways import address, ask, device, state_problems
from biobank_desktop.services.printers import printer_in_use
from biobank_desktop.services.templates import catalogue

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.labels.calibration import Calibration
    from biobank_desktop.labels.printers import Told
    from biobank_desktop.persistence.queries.printers import PrinterTest
    from biobank_desktop.services.printers import PrinterForm
    from biobank_desktop.session import Session

TITLE = "test-label"


def run(options: Namespace) -> Answer:
    """Do the action."""
    return {"list": _list, "status": _status, "test": _test}[options.action](options)


def _list(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        tests, known = printers.newest_tests(connection), catalogue(connection)
        listed = [(row, tests.get(row.name)) for row in printers.printers(connection)]
    result = [
        {
            "name": row.name,
            "way": row.way,
            "address": address(row.way, row.options),
            "dpi": row.dpi,
            "template": row.template,
            "test": test,
            "doubts": [one.code for one in doubts(known, row, test)],
        }
        for row, test in listed
    ]
    rows = [
        (row.name, row.way, address(row.way, row.options), row.dpi, row.template, _tested(test))
        for row, test in listed
    ]
    headings = (_("Name"), _("Way"), _("Address"), _("dpi"), _("Loaded with"), _("Newest test"))
    return Answer({"printers": result}, columns.table(headings, rows) or _("No printer is set up."))


def _tested(test: PrinterTest | None) -> str:
    if test is None:
        return ""
    dots = ", ".join(map(str, test.read_dots)) or _("none")
    said = _("{dots} dots read on {day}, ribbon: {ribbon}")
    return said.format(dots=dots, day=columns.moment(test.at), ribbon=test.ribbon)


def _status(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        printer = printer_in_use(connection, options.printer)
    state = ask(printer)
    wrong = state_problems(printer.name, state)
    result = {
        "printer": printer.name,
        "ready": state.idle,
        "faults": state.faults,
        "label_waits": state.label_waits,
        "waiting": state.waiting,
        "counted": state.counted,
    }
    said = [say(one) for one in wrong] or [_("Ready.") if state.idle else _("It prints.")]
    pairs = [(_("Labels waiting in it"), state.waiting), (_("Labels printed so far"), state.counted)]
    return Answer(result, "\n".join((*said, columns.pairs(pairs))))


def _test(options: Namespace) -> Answer:
    """Print the test label, or keep what was read of it."""
    if options.read is None:
        return _print(options)
    command = command_id(options.command)
    with writing(options) as session:
        printer = _printer(session, options.printer)
        stock = options.stock or printer.template
        form = PrinterTestForm(printer.name, stock, options.ribbon, tuple(options.read))
        read = store_test(session.store, session.require_actor(), form, command)
    shown = ", ".join(map(str, read)) or _("none")
    result = {"printer": printer.name, "stock": stock, "ribbon": options.ribbon, "read": read}
    return Answer(result, _("Modules read, in dots: {dots}").format(dots=shown))


def _print(options: Namespace) -> Answer:
    with reading(options) as session:
        printer = _printer(session, options.printer)
        folder = session.settings.data_folder / "labels"
        stock = options.stock or printer.template
        with session.store.read() as connection:
            template = catalogue(connection).entry(stock).template
    label = calibration(template.stock, printer.dpi)
    to = PdfFilePrinter(Path(options.to), printer.dpi) if options.to else device(printer, folder, TITLE)
    told = to.print([label.page], TITLE)
    fault = held_by(told.place, told.fault)
    if told.rest in {"held", "unknown"} and fault is not None:
        return Answer({}, problems=(tell(fault),), exit=Exit.UNAVAILABLE)
    return _printed(printer, stock, label, told)


def _printed(printer: PrinterForm, stock: str, label: Calibration, told: Told) -> Answer:
    symbols = {str(dots): code_of(dots) for dots in label.dots}
    result = {"printer": printer.name, "stock": stock, "place": told.place, "symbols": symbols}
    said = _("The test label is with {place}. Scan each of its symbols, then: {command}")
    words = f"biobank printers test {shlex.quote(printer.name)} --ribbon … --read CODE …"
    return Answer(result, said.format(place=told.place, command=words))


def _printer(session: Session, name: str) -> PrinterForm:
    with session.store.read() as connection:
        return printer_in_use(connection, name)
