"""The steps of printing, on real databases: what is known of a label when a step goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.problems import Conflict, Problem, Unavailable
from biobank_desktop.labels.printers import Told
from biobank_desktop.persistence.queries import worklists
from biobank_desktop.services.print_runs import FEW, Aside, Held, Printed, Write, do_all, steps, wish
from biobank_desktop.services.printers import PrinterForm
from tests.support.databases import BENCH
from tests.support.lab import add_donor, consent_of_both, receive
from tests.support.printed import SENDER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.labels.page import Page
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.print_runs import Steps

    Begin = Callable[["Roll"], tuple[Steps, list[Held]]]

OUT_OF_LABELS = Told("Zebra 2", 0, "held", "paper-out")
ZEBRA = PrinterForm("Zebra 2", "zpl", 300, "vial-33x13", {"host": "zebra-2"})
LOST = Unavailable(Problem("database", "database-unreachable"))


@dataclass
class Roll:
    """A printer with so many labels on its roll, then ``then`` is told of the rest."""

    labels: int
    then: Told | Exception = OUT_OF_LABELS
    name: str = "Zebra 2"
    dpi: int = 300

    def print(self, pages: Sequence[Page], title: str) -> Told:
        assert title.startswith("labels-PM")
        if len(pages) <= self.labels:
            self.labels -= len(pages)
            return Told(self.name, len(pages))
        if isinstance(self.then, Exception):
            raise self.then
        return self.then

    def settle(self, told: Told) -> Told:
        return told


@pytest.fixture
def begin(store: Store, actor: Actor) -> Begin:
    """Begin to print the labels of two tubes, which are twelve."""
    for tube in ("HX25110042", "HX25110043"):
        donor = add_donor(store, actor)
        consent_of_both(store, actor, donor)
        receive(store, actor, donor, tube_code=tube)

    def beginning(roll: Roll) -> tuple[Steps, list[Held]]:
        held: list[Held] = []
        with store.read() as connection:
            wanted = wish(connection, ZEBRA, BENCH, datetime.now(UTC))
        assert len(wanted.labels) == FEW + 2
        return steps(wanted, lambda _title: roll, SENDER, held.append), held

    return beginning


def states(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return worklists.label_counts(connection)


def test_all_go_over_in_batches(store: Store, actor: Actor, begin: Begin) -> None:
    whole, held = begin(Roll(100))
    printed = do_all(store, actor, whole)
    assert {one.state for one in printed.came} == {"confirmed"}
    assert (printed.stopped, held) == ((), [])
    assert states(store) == {"confirmed": 12}


def test_after_a_batch_that_is_held_the_rest_waits(store: Store, actor: Actor, begin: Begin) -> None:
    whole, held = begin(Roll(0))
    printed = do_all(store, actor, whole)
    assert {one.state for one in printed.came} == {"held"}
    assert [len(one.batch.drawn) for one in held] == [FEW]
    assert states(store) == {"held": FEW, "queued": 2}


def test_what_is_held_is_watched_also_when_it_cannot_be_written_down(
    store: Store, actor: Actor, begin: Begin
) -> None:
    whole, held = begin(Roll(0))
    step = next(whole)
    while not held:
        step = whole.send(step.work() if isinstance(step, Aside) else step.gesture(store, actor))
    assert isinstance(step, Write)
    with pytest.raises(Unavailable):
        whole.throw(LOST)
    assert states(store) == {"sending": FEW, "queued": 2}


def test_of_what_was_sent_when_the_program_erred_nobody_knows(
    store: Store, actor: Actor, begin: Begin
) -> None:
    whole, _held = begin(Roll(FEW, ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        do_all(store, actor, whole)
    assert states(store) == {"confirmed": FEW, "unknown": 2}


def test_what_another_bench_took_meanwhile_stops_the_run(store: Store, actor: Actor, begin: Begin) -> None:
    late, _held = begin(Roll(100))
    early, _held = begin(Roll(100))
    drawn = next(late)
    assert isinstance(drawn, Aside)
    do_all(store, actor, early)
    taking = late.send(drawn.work())
    assert isinstance(taking, Write)
    with pytest.raises(Conflict) as refused:
        taking.gesture(store, actor)
    with pytest.raises(StopIteration) as ended:
        late.throw(refused.value)
    assert ended.value.value == Printed((), refused.value.problems)
    assert {one.code for one in refused.value.problems} == {"label-changed-meanwhile"}
