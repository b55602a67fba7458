"""One wish to print, step by step: drawn and gated, taken, handed over, and what was told written down.

Which steps there are, and in which order, stands here alone. The window does each of them in the thread where
it belongs, the command line does one after the other. A label is taken in the record before its first byte
leaves, so a program that ends meanwhile never leaves it waiting for a second copy.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from biobank_desktop.domain.printing import HANDED_OVER
from biobank_desktop.domain.problems import Problem, Rejected, Unavailable
from biobank_desktop.labels.printers import TellingPrinter
from biobank_desktop.persistence.queries import printers
from biobank_desktop.services.label_rules import by_template
from biobank_desktop.services.labels import queued
from biobank_desktop.services.printers import PDF_FILES, PrinterForm, form_of
from biobank_desktop.services.printing import (
    came_of,
    came_of_error,
    came_of_refused,
    permitted,
    prepare,
    report,
    take,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.printing import Came
    from biobank_desktop.labels.catalogue import Versioned
    from biobank_desktop.labels.printers import LabelPrinter, Told
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.labels import QueuedLabel
    from biobank_desktop.services.printing import Batch, Prepared

TOGETHER = {"pdf": 10_000, "sheet": 10_000}
FEW = 10
"""Labels in one go: a file takes all; of a roll that runs out at most so many are in doubt."""


@dataclass(frozen=True)
class Wish:
    """Labels that wait and are to be printed on one printer, by the template that they are printed on.

    ``refused`` says what goes on waiting: what consent keeps back, and what other stock is needed for.
    """

    printer: PrinterForm
    groups: tuple[tuple[Versioned, tuple[QueuedLabel, ...]], ...]
    refused: tuple[Problem, ...] = ()

    @property
    def labels(self) -> tuple[QueuedLabel, ...]:
        """All that are to be printed."""
        return tuple(label for _chosen, some in self.groups for label in some)


@dataclass(frozen=True)
class Aside:
    """A step beside the database: drawing, a printer, a file. It may take long."""

    work: Callable[[], Any]


@dataclass(frozen=True)
class Write:
    """A step that writes to the database; ``gesture`` brings its own command id."""

    gesture: Callable[[Store, Actor], object]


@dataclass(frozen=True)
class Held:
    """What a printer had not let go of when it was asked last."""

    device: TellingPrinter
    told: Told
    batch: Batch

    @property
    def came(self) -> list[Came]:
        """What became of its labels."""
        return came_of(self.told, self.batch)

    def news_since(self, before: Held) -> bool:
        """Whether more is known than before."""
        now, then = self.told, before.told
        return (now.out, now.rest, now.fault) != (then.out, then.rest, then.fault)


@dataclass(frozen=True)
class Printed:
    """What became of a wish: of every label that left the queue; what is not among them waits.

    ``stopped`` says why no more were taken, where it was neither the gate nor the printer.
    """

    came: tuple[Came, ...] = ()
    stopped: tuple[Problem, ...] = ()


Steps = Generator[Aside | Write, Any, Printed]
"""A wish on its way: each step is answered with what it came to, or with what it raised."""


def wish(
    connection: Connection,
    printer: PrinterForm,
    bench: str,
    at: datetime,
    object_ids: Sequence[int] | None = None,
) -> Wish:
    """The labels of these things that wait and may be printed here (None: of everything)."""
    may, refused = permitted(connection, queued(connection, object_ids), at)
    found = by_template(connection, may, printer, bench)
    return Wish(printer, found.groups, (*refused, *found.refused))


def bench_printer(connection: Connection, chosen: str) -> PrinterForm:
    """The printer of a bench: PDF files where none was chosen or the chosen one is out of use."""
    row = printers.printer(connection, chosen) if chosen else None
    if row is None or not row.active:
        return PDF_FILES
    return form_of(row)


def steps(
    wanted: Wish,
    reach: Callable[[str], LabelPrinter],
    sender: str,
    watch: Callable[[Held], object],
    first: int = 1,
) -> Steps:
    """The steps of a wish; ends at the first batch that does not wholly go over, and the rest waits.

    ``reach`` makes the device for a title, ``sender`` names this running program, ``first`` is the place on
    the first sheet. ``watch`` is given what a printer holds before that is written down: whatever becomes of
    the database meanwhile, somebody asks the printer again.

    What a step raises is thrown in where it was asked for. Raises what is no answer of the record, the gate
    or the printer, after it was written down.
    """
    name = wanted.printer.name
    came: list[Came] = []
    try:
        some: list[Prepared] = yield Aside(lambda: _prepared(wanted, first))
        refused = {key: why for prepared in some for key, why in prepared.refused.items()}
        if refused:
            came += came_of_refused(refused, name)
            yield Write(reporting(came_of_refused(refused, name)))
        for batch in [batch for prepared in some for batch in prepared.batches]:
            yield Write(_taking(batch, name, sender))
            now = yield from _handed_over(batch, reach, name, watch)
            came += now
            if any(one.state not in HANDED_OVER for one in now):
                break
    except Rejected as error:
        return Printed(tuple(came), error.problems)
    return Printed(tuple(came))


def settled(held: Held) -> Held:
    """The same labels as the printer tells of them now; waits for those that it prints at this moment."""
    return replace(held, told=held.device.settle(held.told))


def reporting(came: Sequence[Came]) -> Callable[[Store, Actor], None]:
    """The gesture that writes down what a printer told, as one command however often it is done."""
    command_id = uuid4()
    return lambda store, actor: report(store, actor, came, command_id)


def do_all(store: Store, actor: Actor, whole: Steps) -> Printed:
    """Do one step after the other, here and now. Raises what the steps do."""
    try:
        step = next(whole)
        while True:
            try:
                answer = step.work() if isinstance(step, Aside) else step.gesture(store, actor)
            except Exception as error:  # the steps know what to do about it
                step = whole.throw(error)
            else:
                step = whole.send(answer)
    except StopIteration as ended:
        printed: Printed = ended.value
        return printed


def _taking(batch: Batch, printer: str, sender: str) -> Callable[[Store, Actor], None]:
    command_id = uuid4()
    return lambda store, actor: take(store, actor, batch.drawn, printer, sender, command_id)


def _handed_over(
    batch: Batch, reach: Callable[[str], LabelPrinter], printer: str, watch: Callable[[Held], object]
) -> Generator[Aside | Write, Any, list[Came]]:
    """Give a batch that was taken to the printer, and write down what became of it."""
    title = f"labels-{batch.drawn[0].queued.label.code}"

    def work() -> tuple[LabelPrinter, Told]:
        device = reach(title)
        return device, device.print(batch.pages, title)

    try:
        device, told = yield Aside(work)
    except Exception as error:
        came = came_of_error(error, [one.key for one in batch.drawn], printer)
        yield Write(reporting(came))
        if not isinstance(error, Unavailable):
            raise
        return came
    if told.rest == "held" and isinstance(device, TellingPrinter):
        watch(Held(device, told, batch))
    came = came_of(told, batch)
    yield Write(reporting(came))
    return came


def _prepared(wanted: Wish, first: int) -> list[Prepared]:
    """Everything drawn and gated, one template after the other. Raises ``LabelRefused``."""
    together = TOGETHER.get(wanted.printer.way, FEW)
    return [
        prepare(labels, chosen.template, chosen.version, wanted.printer.dpi, together, first)
        for chosen, labels in wanted.groups
    ]
