"""Labels on their way through a printer, on real databases: taken, told, given up, decided about."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.printing import NOT_OUT, Came, LabelKey
from biobank_desktop.domain.problems import Conflict, Problem, Rejected, Unavailable
from biobank_desktop.labels.catalogue import template
from biobank_desktop.labels.printers import Told
from biobank_desktop.persistence.queries import samples, worklists
from biobank_desktop.services import labels, printers, printing
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.corrections import correct
from biobank_desktop.services.printers import PrinterForm
from biobank_desktop.services.verification import WholeVerification
from tests.support.databases import ANNA, BENCH
from tests.support.lab import add_donor, consent_of_both, receive
from tests.support.printed import SENDER, drawn, failed, sent, taken

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.worklists import LabelRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.labels import QueuedLabel

ZEBRA = PrinterForm("Zebra 2", "pdf", 300, "vial-33x13")


@pytest.fixture
def waiting(store: Store, actor: Actor) -> list[QueuedLabel]:
    """Six labels of a tube that was just received."""
    donor = add_donor(store, actor)
    consent_of_both(store, actor, donor)
    receive(store, actor, donor)
    with store.read() as connection:
        return labels.queued(connection)


def _rows(store: Store) -> list[LabelRow]:
    """All labels, in the order they were asked for."""
    with store.read() as connection:
        rows = worklists.labels(connection)
    return sorted(rows, key=lambda row: (row.requested_at, row.object_id, row.no))


def _states(store: Store) -> list[str]:
    return [row.state for row in _rows(store)]


def test_a_label_is_taken_before_anything_leaves(
    store: Store, actor: Actor, waiting: list[QueuedLabel]
) -> None:
    batch = taken(store, actor, waiting)
    rows = _rows(store)
    assert [row.state for row in rows] == ["sending"] * 6
    assert {(row.printer, row.sender, row.bench) for row in rows} == {("Zebra 2", SENDER, BENCH)}
    assert [row.fields["code"] for row in rows] == [one.label.code for one in waiting]
    with store.read() as connection:
        kept = connection.exec_driver_sql("SELECT bits_sha256, dpi, template_version FROM label")
        assert {tuple(row) for row in kept} == {(page.sha256, 300, 0) for page in batch.pages}
    with pytest.raises(Conflict) as refused:
        printing.take(store, actor, batch.drawn, "Zebra 2", SENDER)
    assert {problem.code for problem in refused.value.problems} == {"label-changed-meanwhile"}


def test_what_is_told_of_pages_is_kept_for_each_label(
    store: Store, actor: Actor, waiting: list[QueuedLabel]
) -> None:
    batch = taken(store, actor, waiting)
    printing.report(store, actor, printing.came_of(Told("Zebra 2", 2, "held", "paper-out"), batch))
    rows = _rows(store)
    assert [row.state for row in rows] == ["confirmed"] * 2 + ["held"] * 4
    assert rows[0].confirmed_at is not None
    assert printing.fault_of(rows[0].fault) is None
    fault = printing.fault_of(rows[5].fault)
    assert fault == Problem("printer", "fault-paper-out", {"printer": "Zebra 2"})
    printing.report(store, actor, printing.came_of(Told("Zebra 2", 6), batch))
    rows = _rows(store)
    assert [row.state for row in rows] == ["confirmed"] * 6
    assert {row.fault is None for row in rows} == {True}
    assert WholeVerification(store).run() == []


def test_on_a_sheet_the_pages_are_counted(store: Store, actor: Actor, waiting: list[QueuedLabel]) -> None:
    prepared = printing.prepare(waiting, template("sheet-l7651-vial"), 0, 300, 100, first=63)
    (batch,) = prepared.batches
    assert batch.page_of == (0, 0, 0, 1, 1, 1)
    printing.take(store, actor, batch.drawn, "sheets.pdf", SENDER)
    printing.report(store, actor, printing.came_of(Told("sheets.pdf", 1, "unknown", "broke-off"), batch))
    assert _states(store) == ["confirmed"] * 3 + ["unknown"] * 3


def test_batches_are_cut_and_every_page_is_in_one(waiting: list[QueuedLabel]) -> None:
    whole = printing.prepare(waiting, template("vial-33x13"), 0, 300, 4)
    assert [len(batch.drawn) for batch in whole.batches] == [4, 2]
    pages = [page for batch in whole.batches for page in batch.pages]
    assert [page.codes[0] for page in pages] == [one.label.code for one in waiting]
    assert [batch.page_of for batch in whole.batches] == [(0, 1, 2, 3), (0, 1)]


def test_what_the_gate_refuses_is_left_out_with_its_reason(waiting: list[QueuedLabel]) -> None:
    prepared = printing.prepare(waiting[:1], template("box-51x25"), 0, 300, 10)
    assert prepared.batches == ()
    ((key, problems),) = prepared.refused.items()
    assert key == LabelKey(waiting[0].object_id, 1)
    assert [problem.code for problem in problems] == ["label-wrong-template"]


def test_a_label_that_would_say_something_else_by_now_is_not_taken(
    store: Store, actor: Actor, waiting: list[QueuedLabel]
) -> None:
    batch = drawn(waiting)
    with store.read() as connection:
        vial = samples.sample(connection, waiting[0].object_id)
    assert vial is not None
    tube = codes.from_number(vial.tube_id)
    correct(store, actor, tube, {"time_point": "D15"}, "wrong box ticked")
    with pytest.raises(Conflict):
        printing.take(store, actor, batch.drawn, "Zebra 2", SENDER)
    assert "sending" not in _states(store)


def test_what_consent_refuses_by_now_is_not_taken(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    consent_of_both(store, actor, donor)
    receive(store, actor, donor)
    with store.read() as connection:
        batch = drawn(labels.queued(connection))
    refusal = ConsentForm(donor, "refused", "father", date(2026, 11, 4), date(2026, 11, 5))
    record_consent(store, actor, refusal)
    with pytest.raises(Rejected) as refused:
        printing.take(store, actor, batch.drawn, "Zebra 2", SENDER)
    assert {problem.code for problem in refused.value.problems} == {"label-refused"}
    assert set(_states(store)) == {"queued"}


def test_two_senders_never_share_a_printer(store: Store, actor: Actor, waiting: list[QueuedLabel]) -> None:
    printers.set_printer(store, ANNA, ZEBRA)
    taken(store, actor, waiting[:3])
    rest = drawn(waiting[3:])
    other = printing.sender_at("bench-2", "7")
    with pytest.raises(Conflict) as refused:
        printing.take(store, actor, rest.drawn, "Zebra 2", other)
    (problem,) = refused.value.problems
    assert (problem.code, problem.values["bench"]) == ("printer-of-another-bench", BENCH)
    printing.take(store, actor, rest.drawn, "Brady", other)
    assert _states(store) == ["sending"] * 6


def test_what_a_program_left_behind_is_in_doubt_and_a_person_decides(
    store: Store, actor: Actor, waiting: list[QueuedLabel]
) -> None:
    taken(store, actor, waiting[:2])
    again = printing.sender_at(BENCH, "2")
    with store.read() as connection:
        left = printing.left_behind(connection, BENCH, again)
        assert printing.left_behind(connection, "bench-2", again) == []
        assert printing.left_behind(connection, BENCH, SENDER) == []
    assert printing.give_up(store, actor, left) == 2
    assert _states(store) == ["unknown"] * 2 + ["queued"] * 4
    first, second = (codes.from_number(one.object_id) for one in waiting[:2])
    printing.decide(store, actor, first, 1, came_out=True)
    printing.decide(store, actor, second, 1, came_out=False)
    rows = _rows(store)
    assert [row.state for row in rows[:2]] == ["confirmed", "failed"]
    assert rows[1].fault == printing.fault_row(NOT_OUT)
    with pytest.raises(Rejected):
        printing.decide(store, actor, second, 1, came_out=True)
    labels.reprint(store, actor, second, "printer-fault")
    assert [row.state for row in _rows(store) if row.code == second] == ["failed", "queued"]


def test_who_comes_late_does_not_overrule_a_person(
    store: Store, actor: Actor, waiting: list[QueuedLabel]
) -> None:
    batch = taken(store, actor, waiting[:1])
    printing.give_up(store, actor, [batch.drawn[0].key])
    code = codes.from_number(waiting[0].object_id)
    printing.decide(store, actor, code, 1, came_out=False)
    printing.report(store, actor, printing.came_of(Told("Zebra 2", 1), batch))
    assert _states(store)[0] == "failed"


def test_a_late_answer_settles_what_was_in_doubt(
    store: Store, actor: Actor, waiting: list[QueuedLabel]
) -> None:
    batch = taken(store, actor, waiting[:1])
    printing.give_up(store, actor, [batch.drawn[0].key])
    printing.report(store, actor, printing.came_of(Told("Zebra 2", 1), batch))
    assert _states(store)[0] == "confirmed"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unavailable(Problem("printer", "printer-unknown", {"printer": "Z"})), "failed"),
        (OSError(), "unknown"),
    ],
)
def test_only_what_surely_never_left_has_failed(
    store: Store, actor: Actor, waiting: list[QueuedLabel], error: Exception, state: str
) -> None:
    failed(store, actor, waiting[:1], error)
    assert _states(store)[0] == state


def test_every_label_that_left_can_be_proved(store: Store, actor: Actor, waiting: list[QueuedLabel]) -> None:
    sent(store, actor, waiting[:1])
    batch = taken(store, actor, waiting[1:5])
    held, unknown, confirmed = (one.key for one in batch.drawn[1:])
    came = (
        Came(held, "held", "Zebra 2"),
        Came(unknown, "unknown", "Zebra 2"),
        Came(confirmed, "confirmed", "Zebra 2"),
    )
    printing.report(store, actor, came)
    assert _states(store) == ["sent", "sending", "held", "unknown", "confirmed", "queued"]
    for one in waiting[:5]:
        assert labels.verify(store, actor, codes.from_number(one.object_id)) == "right"
    assert _states(store) == ["verified"] * 5 + ["queued"]
