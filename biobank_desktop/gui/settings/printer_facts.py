"""What is said of a printer: where it is, what is in it, how it stands, what its test label vouches for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Rejected, Unavailable
from biobank_desktop.gui import words
from biobank_desktop.language import _, ngettext, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.labels.catalogue import Catalogue
    from biobank_desktop.labels.zebra_state import State
    from biobank_desktop.persistence.queries.printers import PrinterRow, PrinterTest


@dataclass(frozen=True)
class Listed:
    """The printers in use, PDF files first; of each by name its newest test, and what nothing vouches for.

    ``known`` is what may lie in them, None before it was read.
    """

    rows: Sequence[PrinterRow]
    tests: Mapping[str, PrinterTest]
    doubts: Mapping[str, Sequence[Problem]]
    known: Catalogue | None = None


def listed(connection: Connection) -> Listed:
    """Read them."""
    from biobank_desktop.persistence.queries import printers  # noqa: PLC0415
    from biobank_desktop.services.printer_tests import doubts  # noqa: PLC0415
    from biobank_desktop.services.printers import PDF_FILES  # noqa: PLC0415
    from biobank_desktop.services.templates import catalogue  # noqa: PLC0415

    own = PDF_FILES
    files = printers.PrinterRow(own.name, own.way, own.dpi, own.template, {}, True)
    rows = [row for row in printers.printers(connection) if row.name != own.name]
    newest = printers.newest_tests(connection)
    known = catalogue(connection)
    wrong = {row.name: doubts(known, row, newest.get(row.name)) for row in rows}
    return Listed([files, *rows], newest, wrong, known)


def state_words(name: str, state: State) -> tuple[str, str]:
    """How a printer stands, in words, and since when that is known."""
    from biobank_desktop.services.printer_ways import state_problems  # noqa: PLC0415

    wrong = [say(problem) for problem in state_problems(name, state)]
    said = [words.begun("; ".join(wrong))] if wrong else [_("Ready.") if state.idle else _("It prints.")]
    if state.waiting:
        text = ngettext("{count} label waits in it.", "{count} labels wait in it.", state.waiting)
        said.append(text.format(count=state.waiting))
    return " ".join(said), words.moment(datetime.now(UTC))


def tested_words(test: PrinterTest | None) -> tuple[str, str]:
    """What was read of the newest test label; with which ribbon and when."""
    if test is None:
        return words.begun(_("none")), ""
    dots = " ".join(map(str, test.read_dots))
    said = _("{dots} dots read").format(dots=dots) if dots else _("no symbol read")
    detail = _("{day}, ribbon: {ribbon}").format(day=words.moment(test.at), ribbon=test.ribbon)
    return words.begun(said), detail


def problems_of(error: Rejected | Unavailable) -> tuple[Problem, ...]:
    """What a printer or the gate has refused."""
    return error.problems if isinstance(error, Rejected) else (error.problem,)


def address_of(row: PrinterRow) -> str:
    """Where it is reached."""
    from biobank_desktop.services.printer_ways import address  # noqa: PLC0415

    return address(row.way, row.options)
