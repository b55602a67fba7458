"""Labels that wait, drawn for a printer, taken for it, and told to have gone one way or another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.labels.catalogue import template
from biobank_desktop.labels.printers import Told
from biobank_desktop.services import printing
from biobank_desktop.services.printing import Batch
from tests.support.databases import BENCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.labels import QueuedLabel

SENDER = printing.sender_at(BENCH, "1")
NOTHING = Batch((), (), ())
NO_PAPER = Unavailable(Problem("printer", "printer-paper-out", {"printer": "Zebra 2"}))


def drawn(waiting: Sequence[QueuedLabel]) -> Batch:
    """Labels that wait, drawn and gated for a printer of 300 dpi."""
    if not waiting:
        return NOTHING
    (batch,) = printing.prepare(waiting, template(waiting[0].template), 0, 300, len(waiting)).batches
    return batch


def taken(store: Store, actor: Actor, waiting: Sequence[QueuedLabel], printer: str = "Zebra 2") -> Batch:
    """Labels that wait, drawn and taken for a printer."""
    batch = drawn(waiting)
    printing.take(store, actor, batch.drawn, printer, SENDER)
    return batch


def sent(store: Store, actor: Actor, waiting: Sequence[QueuedLabel], printer: str = "Zebra 2") -> Batch:
    """Labels that wait, taken and handed to a spooler."""
    batch = taken(store, actor, waiting, printer)
    printing.report(store, actor, printing.came_of(Told(printer, 0, "sent"), batch))
    return batch


def failed(store: Store, actor: Actor, waiting: Sequence[QueuedLabel], error: Exception = NO_PAPER) -> Batch:
    """Labels that wait, taken for a printer that raised."""
    batch = taken(store, actor, waiting)
    keys = [one.key for one in batch.drawn]
    printing.report(store, actor, printing.came_of_error(error, keys, "Zebra 2"))
    return batch
