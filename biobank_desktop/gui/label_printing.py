"""Printing the labels that wait: read, rendered and gated aside, handed over, and the hand-over recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject

from biobank_desktop.domain.problems import Problem, Rejected, Unavailable
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.labels import Label
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.labels.page import Page
    from biobank_desktop.labels.printers import LabelPrinter
    from biobank_desktop.services.labels import QueuedLabel
    from biobank_desktop.services.printers import PrinterForm


@dataclass(frozen=True)
class Outcome:
    """What became of a print job: how many labels were handed over, where to, or why they were not."""

    count: int
    place: str
    failed: str = ""


@dataclass(frozen=True)
class _Job:
    printer: PrinterForm
    labels: tuple[QueuedLabel, ...]
    refused: tuple[Problem, ...] = ()


class LabelPrinting(QObject):
    """Prints for this bench. A dead printer never loses a label: it stays in the record as failed."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk

    def print_for(
        self,
        object_ids: Sequence[int] | None,
        then: Callable[[Outcome], None],
        *,
        first: int = 1,
    ) -> None:
        """Print the waiting labels of these things (None: all that wait); a sheet begins at label ``first``.

        ``then`` hears what became of it, also when nothing waited.
        """
        session, who = self._desk.session, self._desk.actor
        if session is None or who is None:
            return
        chosen = session.settings.printer

        def read(connection: Connection) -> _Job:
            return _job(connection, chosen, object_ids)

        self._desk.read(self, read, lambda job: self._render(who, job, then, first))

    def _render(self, who: Actor, job: _Job, then: Callable[[Outcome], None], first: int) -> None:
        if job.refused:
            self._desk.frame.notices.warn(" ".join(say(problem) for problem in job.refused))
        if not job.labels:
            then(Outcome(0, ""))
            return
        session = self._desk.session
        assert session is not None
        folder = Path(job.printer.options.get("folder") or session.settings.data_folder / "labels")

        def work() -> str:
            return _hand_over(job, folder, first)

        self._desk.jobs.run_aside(
            self,
            work,
            lambda place: self._record(who, job, then, Outcome(len(job.labels), place)),
            failed=lambda error: self._failed(who, job, then, error),
        )

    def _failed(self, who: Actor, job: _Job, then: Callable[[Outcome], None], error: Exception) -> None:
        if isinstance(error, Rejected):
            why = " ".join(say(problem) for problem in error.problems)
        elif isinstance(error, Unavailable):
            why = say(error.problem)
        else:
            self._desk.tell(error)
            why = _("The program made a mistake.")
        self._record(who, job, then, Outcome(0, job.printer.name, why))

    def _record(self, who: Actor, job: _Job, then: Callable[[Outcome], None], outcome: Outcome) -> None:
        from biobank_desktop.services.labels import handed_over  # noqa: PLC0415

        command_id = uuid4()
        self._desk.act(
            self,
            lambda store, actor: handed_over(
                store,
                actor,
                job.labels,
                outcome.place or job.printer.name,
                failed=outcome.failed,
                command_id=command_id,
            ),
            lambda _nothing: then(outcome),
            topics={"labels"},
            actor=who,
        )


def _job(connection: Connection, chosen: str, object_ids: Sequence[int] | None) -> _Job:
    from biobank_desktop.services.labels import permitted, queued  # noqa: PLC0415

    may, refused = permitted(connection, queued(connection, object_ids), datetime.now(UTC))
    return _Job(bench_printer(connection, chosen), tuple(may), tuple(refused))


def bench_printer(connection: Connection, chosen: str) -> PrinterForm:
    """The printer of this bench: PDF files where none was chosen or the chosen one is out of use."""
    from biobank_desktop.persistence.queries import printers  # noqa: PLC0415
    from biobank_desktop.services.printers import PDF_FILES, PrinterForm  # noqa: PLC0415

    row = printers.printer(connection, chosen) if chosen else None
    if row is None or not row.active:
        return PDF_FILES
    return PrinterForm(row.name, row.way, row.dpi, row.template, row.options)


def _hand_over(job: _Job, folder: Path, first: int) -> str:
    """Render, gate and give away every label; the name of where they went. Raises what the printer raises."""
    title = f"labels-{job.labels[0].label.code}"
    handed = [_printer(job.printer, folder, title).print(pages, title) for pages in _pages(job, first)]
    return ", ".join(one.place for one in handed)


def _pages(job: _Job, first: int) -> list[list[Page]]:
    from biobank_desktop.labels.catalogue import template  # noqa: PLC0415
    from biobank_desktop.labels.rendering import render_all  # noqa: PLC0415

    by_template: dict[str, list[QueuedLabel]] = {}
    for label in job.labels:
        by_template.setdefault(template_of(job.printer, label.label, label.template), []).append(label)
    return [
        render_all(template(name), [one.label for one in labels], job.printer.dpi, first)
        for name, labels in by_template.items()
    ]


def template_of(printer: PrinterForm, label: Label, asked: str) -> str:
    """What a label is printed on: what the printer is loaded with where it fits, else what was asked for."""
    from biobank_desktop.domain.labels import purpose  # noqa: PLC0415
    from biobank_desktop.labels.catalogue import templates_for  # noqa: PLC0415

    fits = printer.template in {one.name for one in templates_for(purpose(label))}
    return printer.template if fits else asked


def _printer(form: PrinterForm, folder: Path, title: str) -> LabelPrinter:
    if form.way == "system":
        from biobank_desktop.gui.printing import SystemPrinter  # noqa: PLC0415

        return SystemPrinter(form.options["queue"], form.dpi)
    from biobank_desktop.labels.printers import PdfFilePrinter, free_path  # noqa: PLC0415

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(Problem("printer", "label-folder", {"folder": str(folder)})) from error
    return PdfFilePrinter(free_path(folder, title), form.dpi)
