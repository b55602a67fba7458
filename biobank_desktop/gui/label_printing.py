"""Printing the labels that wait: drawn and gated aside, taken, handed over, and what was told written down.

A label is taken in the record before its first byte leaves, so a program that ends meanwhile never leaves it
waiting for a second copy. What a printer holds (out of paper, head open) is asked about until it is settled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer

from biobank_desktop.domain.problems import Problem, Rejected, Unavailable
from biobank_desktop.language import _, ngettext, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.printing import Came, LabelKey
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.labels.catalogue import Versioned
    from biobank_desktop.labels.printers import LabelPrinter, TellingPrinter, Told
    from biobank_desktop.services.labels import QueuedLabel
    from biobank_desktop.services.printers import PrinterForm
    from biobank_desktop.services.printing import Batch, Prepared
    from biobank_desktop.settings import Settings

TOPICS = frozenset({"labels"})
SETTLE_MS = 3_000
"""How often a printer is asked about what it holds."""
TOGETHER = {"pdf": 10_000, "sheet": 10_000}
FEW = 10
"""Labels in one go: a file takes all; of a roll that runs out at most so many are in doubt."""


@dataclass(frozen=True)
class Outcome:
    """What became of labels that were to be printed: how many were handed over, and where to.

    ``failed`` says why others were not. Of those that a printer holds, and of those of which nobody knows,
    the person has been told.
    """

    count: int
    place: str
    failed: str = ""


@dataclass(frozen=True)
class _Job:
    printer: PrinterForm
    groups: tuple[tuple[Versioned, tuple[QueuedLabel, ...]], ...]
    refused: tuple[Problem, ...]


@dataclass(frozen=True)
class _Held:
    """What a printer had not let go of when it was asked last."""

    who: Actor
    device: TellingPrinter
    told: Told
    batch: Batch


class LabelPrinting(QObject):
    """Prints for this bench. A dead printer never loses a label: it stays in the record."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._token = uuid4().hex[:8]
        self._held: list[_Held] = []
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.timeout.connect(self._ask_again)
        self._looked_back = False
        desk.person_changed.connect(self._look_back)

    @property
    def program(self) -> str:
        """What this running program is called in the record of what it prints."""
        from biobank_desktop.services.printing import sender_at  # noqa: PLC0415

        session = self._desk.session
        assert session is not None
        return sender_at(session.settings.bench, self._token)

    def print_for(
        self,
        object_ids: Sequence[int] | None,
        then: Callable[[Outcome], None],
        *,
        first: int = 1,
    ) -> None:
        """Print the waiting labels of these things (None: all that wait); a sheet begins at label ``first``.

        ``then`` is told what became of it, also when nothing waited.
        """
        session, who = self._desk.session, self._desk.actor
        if session is not None and who is not None:
            _Run(self, self._desk, who, object_ids, then, first).begin()

    def _look_back(self) -> None:
        """What an earlier run of the program at this bench had under way is unknown from now on."""
        from biobank_desktop.domain.people import may  # noqa: PLC0415
        from biobank_desktop.services.printing import give_up, left_behind  # noqa: PLC0415

        session, who = self._desk.session, self._desk.actor
        if self._looked_back or session is None or who is None or not may(who, "intake"):
            return
        self._looked_back = True
        bench, program = session.settings.bench, self.program

        def found(keys: list[LabelKey]) -> None:
            if keys:
                command_id = uuid4()
                self._desk.act(
                    self,
                    lambda store, actor: give_up(store, actor, keys, command_id),
                    lambda _count: None,
                    topics=TOPICS,
                )

        self._desk.read(self, lambda connection: left_behind(connection, bench, program), found)

    def hold(self, held: _Held) -> None:
        """Ask the printer again and again until it has let go of these labels."""
        self._held.append(held)
        self._settling.start()

    def _ask_again(self) -> None:
        for held in self._held:
            self._desk.jobs.run_aside(
                self,
                lambda held=held: held.device.settle(held.told),  # type: ignore[misc]
                lambda told, held=held: self._settled(held, told),  # type: ignore[misc]
                failed=self._desk.tell,
            )

    def _settled(self, held: _Held, told: Told) -> None:
        if held not in self._held:
            return
        self._held.remove(held)
        if told.rest == "held":
            self.hold(replace(held, told=told))
        if (told.out, told.rest, told.fault) != (held.told.out, held.told.rest, held.told.fault):
            self._desk.act(
                self,
                _reporting(_came(told, held.batch)),
                lambda _nothing: None,
                topics=TOPICS,
                actor=held.who,
            )


class _Run:
    """One wish to print: its batches go one after the other, and it ends at the first that goes wrong."""

    def __init__(
        self,
        printing: LabelPrinting,
        desk: Desk,
        who: Actor,
        object_ids: Sequence[int] | None,
        then: Callable[[Outcome], None],
        first: int,
    ) -> None:
        session = desk.session
        assert session is not None
        self._printing, self._desk, self._who, self._then = printing, desk, who, then
        self._settings, self._objects, self._first = session.settings, object_ids, first
        self._outcome = Outcome(0, "")
        self._job: _Job
        self._batches: list[Batch] = []

    def begin(self) -> None:
        """Read what waits."""
        settings, objects = self._settings, self._objects
        self._desk.read(
            self._printing,
            lambda connection: _job(connection, settings, objects),
            self._draw,
            failed=self._broke,
        )

    def _draw(self, job: _Job) -> None:
        self._job = job
        if job.refused:
            self._desk.frame.notices.warn(" ".join(say(problem) for problem in job.refused))
        if not job.groups:
            self._then(self._outcome)
            return
        first = self._first
        self._desk.jobs.run_aside(
            self._printing, lambda: _prepared(job, first), self._drawn, failed=self._broke
        )

    def _drawn(self, some: list[Prepared]) -> None:
        """What the gate refused has failed; the rest is printed."""
        from biobank_desktop.services.printing import came_of_refused  # noqa: PLC0415

        self._batches = [batch for prepared in some for batch in prepared.batches]
        refused = {key: why for prepared in some for key, why in prepared.refused.items()}
        if not refused:
            self._next()
            return
        problems = [one for why in refused.values() for one in why]
        self._outcome = replace(self._outcome, failed=" ".join(dict.fromkeys(map(say, problems))))
        came = came_of_refused(refused, self._job.printer.name)
        self._act(_reporting(came), lambda _nothing: self._next())

    def _next(self) -> None:
        if not self._batches:
            self._then(self._outcome)
            return
        from biobank_desktop.services.printing import take  # noqa: PLC0415

        batch, command_id = self._batches.pop(0), uuid4()
        printer, sender = self._job.printer.name, self._printing.program
        self._act(
            lambda store, actor: take(store, actor, batch.drawn, printer, sender, command_id),
            lambda _nothing: self._send(batch),
        )

    def _send(self, batch: Batch) -> None:
        printer = self._job.printer
        folder = Path(printer.options.get("folder") or self._settings.data_folder / "labels")
        title = f"labels-{batch.drawn[0].queued.label.code}"

        def work() -> tuple[LabelPrinter, Told]:
            device = reach(printer, folder, title)
            return device, device.print(batch.pages, title)

        self._desk.jobs.run_aside(
            self._printing,
            work,
            lambda answer: self._told(batch, *answer),
            failed=lambda error: self._not_sent(batch, error),
        )

    def _told(self, batch: Batch, device: LabelPrinter, told: Told) -> None:
        from biobank_desktop.domain.printing import HANDED_OVER  # noqa: PLC0415
        from biobank_desktop.labels.printers import TellingPrinter  # noqa: PLC0415

        came = _came(told, batch)
        over = sum(one.state in HANDED_OVER for one in came)
        places = dict.fromkeys([*filter(None, self._outcome.place.split(", ")), told.place])
        self._outcome = replace(self._outcome, count=self._outcome.count + over, place=", ".join(places))
        if over < len(came):
            self._batches.clear()  # the rest waits until somebody has looked
            self._desk.frame.notices.warn(doubt_words(came))
        if told.rest == "held" and isinstance(device, TellingPrinter):
            self._printing.hold(_Held(self._who, device, told, batch))
        self._act(_reporting(came), lambda _nothing: self._next())

    def _not_sent(self, batch: Batch, error: Exception) -> None:
        from biobank_desktop.services.printing import came_of_error  # noqa: PLC0415

        name = self._job.printer.name
        came = came_of_error(error, [one.key for one in batch.drawn], name)
        self._outcome = replace(self._outcome, failed=self._why(error), place=self._outcome.place or name)
        self._batches.clear()
        self._act(_reporting(came), lambda _nothing: self._next())

    def _act(self, gesture: Callable[..., object], then: Callable[[object], None]) -> None:
        self._desk.act(
            self._printing,
            gesture,
            then,
            topics=TOPICS,
            actor=self._who,
            refused=lambda problems: self._broke(Rejected(*problems)),
        )

    def _broke(self, error: Exception) -> None:
        """Nothing more is printed in this run; what was not taken waits."""
        self._then(replace(self._outcome, failed=self._why(error)))

    def _why(self, error: Exception) -> str:
        if isinstance(error, Rejected):
            return " ".join(say(problem) for problem in error.problems)
        if isinstance(error, Unavailable):
            return say(error.problem)
        self._desk.tell(error)
        return _("The program made a mistake.")


def doubt_words(came: Sequence[Came]) -> str:
    """What a person must know of labels that a printer holds, or of which nobody knows."""
    held = [one for one in came if one.state == "held"]
    doubted = [one for one in came if one.state == "unknown"]
    said = [say(one.fault) for one in (*held[:1], *doubted[:1]) if one.fault is not None]
    if held:
        words = ngettext(
            "The printer holds {count} label and goes on by itself.",
            "The printer holds {count} labels and goes on by itself.",
            len(held),
        )
        said.append(words)
    if doubted:
        words = ngettext(
            "Nobody knows whether {count} label came out: look, and say so under Labels, In doubt.",
            "Nobody knows whether {count} labels came out: look, and say so under Labels, In doubt.",
            len(doubted),
        )
        said.append(words)
    return " ".join(said)


def _reporting(came: Sequence[Came]) -> Callable[..., None]:
    from biobank_desktop.services.printing import report  # noqa: PLC0415

    command_id = uuid4()
    return lambda store, actor: report(store, actor, came, command_id)


def _came(told: Told, batch: Batch) -> list[Came]:
    from biobank_desktop.services.printing import came_of  # noqa: PLC0415

    return came_of(told, batch)


def _prepared(job: _Job, first: int) -> list[Prepared]:
    """Everything drawn and gated, one template after the other. Raises ``LabelRefused``."""
    from biobank_desktop.services.printing import prepare  # noqa: PLC0415

    together = TOGETHER.get(job.printer.way, FEW)
    return [
        prepare(labels, chosen.template, chosen.version, job.printer.dpi, together, first)
        for chosen, labels in job.groups
    ]


def _job(connection: Connection, settings: Settings, object_ids: Sequence[int] | None) -> _Job:
    """What may be printed now on the bench's printer; what consent or its stock refuses goes on waiting."""
    from biobank_desktop.services.label_rules import by_template  # noqa: PLC0415
    from biobank_desktop.services.labels import queued  # noqa: PLC0415
    from biobank_desktop.services.printing import permitted  # noqa: PLC0415

    printer = bench_printer(connection, settings.printer)
    may, refused = permitted(connection, queued(connection, object_ids), datetime.now(UTC))
    found = by_template(connection, may, printer, settings.bench)
    return _Job(printer, found.groups, (*refused, *found.refused))


def bench_printer(connection: Connection, chosen: str) -> PrinterForm:
    """The printer of this bench: PDF files where none was chosen or the chosen one is out of use."""
    from biobank_desktop.persistence.queries import printers  # noqa: PLC0415
    from biobank_desktop.services.printers import PDF_FILES, PrinterForm  # noqa: PLC0415

    row = printers.printer(connection, chosen) if chosen else None
    if row is None or not row.active:
        return PDF_FILES
    return PrinterForm(row.name, row.way, row.dpi, row.template, row.options)


def reach(form: PrinterForm, folder: Path, title: str) -> LabelPrinter:
    """A printer as it is set up; files go into ``folder``. Raises ``Unavailable``."""
    if form.way == "system":
        from biobank_desktop.gui.printing import SystemPrinter  # noqa: PLC0415

        return SystemPrinter(form.options["queue"], form.dpi)
    from biobank_desktop.labels.printers import PdfFilePrinter, free_path  # noqa: PLC0415

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(Problem("printer", "label-folder", {"folder": str(folder)})) from error
    return PdfFilePrinter(free_path(folder, title), form.dpi)
