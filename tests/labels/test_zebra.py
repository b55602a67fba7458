"""A printer on the network that fails in every way: what is told is never more than what came out."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.domain.labels import VialLabel
from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.printers import TellingPrinter, Told
from biobank_desktop.labels.rendering import render_all
from biobank_desktop.labels.zebra import ZebraPrinter
from biobank_desktop.labels.zebra_state import FAULTS, Unreadable, read_state
from biobank_desktop.labels.zpl import zpl
from tests.support.zebra import FAULT_FLAGS, FakeZebra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.labels.page import Page
    from tests.labels.conftest import Decoded


@pytest.fixture
def zebra() -> Iterator[FakeZebra]:
    with FakeZebra() as fake:
        yield fake


@cache
def five_pages() -> list[Page]:
    labels = [VialLabel(code, "MNC") for code in codes.run(codes.CodeKind.SAMPLE, 2026, 30_000, 5)]
    return render_all(catalogue.template("vial-33x13"), labels, 300)


@pytest.fixture
def pages() -> list[Page]:
    return five_pages()


def reached(host: str, port: int, dpi: int = 300) -> ZebraPrinter:
    """A printer with little patience where nothing changes, and much where an answer is to come."""
    return ZebraPrinter(
        "bench", host, dpi, port=port,
        connect_s=20.0, answer_s=20.0, stall_s=20.0, poll_s=0.002, patience_s=0.05,
    )  # fmt: skip


def printer_of(zebra: FakeZebra) -> ZebraPrinter:
    return reached(zebra.host, zebra.port)


def refused(printer: ZebraPrinter, pages: list[Page]) -> Problem:
    with pytest.raises(Unavailable) as error:
        printer.print(pages, "labels")
    return error.value.problem


def test_all_come_out_dot_for_dot_and_scan(zebra: FakeZebra, pages: list[Page], decoded: Decoded) -> None:
    printer: TellingPrinter = printer_of(zebra)
    assert printer.print(pages, "labels") == Told("bench", 5)
    assert [label.bits for label in zebra.printed] == [page.bits for page in pages]
    assert [decoded(label.image) for label in zebra.printed] == [list(page.codes) for page in pages]
    assert {(label.width, label.height) for label in zebra.printed} == {(pages[0].width, pages[0].height)}


def test_offset_and_darkness_reach_the_printer(zebra: FakeZebra, pages: list[Page]) -> None:
    replace(printer_of(zebra), offset_x_mm=0.2, offset_y_mm=-0.1, darkness=22).print(pages[:1], "one")
    (label,) = zebra.printed
    assert label.darkness == 22
    moved = label.image.convert("L").crop((2, 0, label.width, label.height - 1))
    given_ = pages[0].image.convert("L").crop((0, 1, label.width - 2, label.height))
    assert moved.tobytes() == given_.tobytes()


def test_nothing_to_print_asks_nothing(pages: list[Page]) -> None:
    assert ZebraPrinter("bench", "192.0.2.1", 300).print([], "none") == Told("bench", 0)


def test_a_slow_printer_is_waited_for(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.labels_a_question = 1
    assert printer_of(zebra).print(pages, "labels") == Told("bench", 5)
    assert len(zebra.printed) == 5


def test_a_printer_that_reads_late_is_waited_for(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.unnoticed, zebra.labels_a_question = 4, 2
    assert printer_of(zebra).print(pages, "labels") == Told("bench", 5)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_before_the_first_byte_is_refused_and_nothing_is_sent(
    zebra: FakeZebra, pages: list[Page], fault: str
) -> None:
    zebra.faults.add(fault)
    problem = refused(printer_of(zebra), pages)
    assert problem.code == f"printer-{fault}"
    assert problem.values["printer"] == "bench"
    assert zebra.received == 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=st.sets(st.sampled_from(FAULTS), min_size=1))
def test_of_several_faults_the_first_to_be_put_right_is_named(zebra: FakeZebra, faults: set[str]) -> None:
    zebra.faults = faults
    assert printer_of(zebra).status().faults == tuple(fault for fault in FAULTS if fault in faults)


def test_labels_go_in_before_the_head_is_closed_and_the_pause_is_ended(zebra: FakeZebra) -> None:
    zebra.faults = {"paused", "head-open", "paper-out"}
    assert printer_of(zebra).status().faults == ("paper-out", "head-open", "paused")


def test_the_fake_knows_every_fault() -> None:
    assert set(FAULT_FLAGS) == set(FAULTS)


@pytest.mark.parametrize("told", ["en", "nl"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_sentences(fault: str, told: str) -> None:
    language.choose(told)
    assert language.say(Problem("printer", f"printer-{fault}", {"printer": "bench"})).count("bench") == 1
    assert language._(f"problem.fault-{fault}") != f"problem.fault-{fault}"


@pytest.mark.parametrize("told", ["en", "nl"])
@pytest.mark.parametrize("code", ["unreachable", "silent", "answer", "busy"])
def test_every_refusal_has_its_sentence(code: str, told: str) -> None:
    language.choose(told)
    problem = Problem("printer", f"printer-{code}", {"printer": "bench", "address": "zebra:9100"})
    assert "bench" in language.say(problem)


def test_somebody_elses_labels_in_the_buffer_are_respected(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.waiting.append((zpl(pages[4]).strip(), 15))
    assert refused(printer_of(zebra), pages[:2]).code == "printer-busy"
    assert zebra.received == 0


def test_half_a_label_of_somebody_else_is_respected(zebra: FakeZebra, pages: list[Page]) -> None:
    with socket.create_connection((zebra.host, zebra.port)) as other:
        other.sendall(b"^XA^FO0,0")
        while not zebra.partial:
            pass
        assert refused(printer_of(zebra), pages).code == "printer-busy"
    assert zebra.received == 0


@pytest.mark.parametrize(
    "strings",
    [
        b"HTTP/1.1 400 Bad Request\x03\x03\x03",
        b"\x02030,0,0\x03\r\n\x02000,0\x03\r\n\x021234,0\x03\r\n",
        b"\x02a,b\x03\x02c\x03\x02\x03",
        b"\x02,,,,,,,,,,,\x03\x02,,,,,,,,,,\x03\x021\x03",
        b"x" * 5000,
    ],
)
def test_what_is_no_zebra_is_refused(zebra: FakeZebra, pages: list[Page], strings: bytes) -> None:
    zebra.strings = strings
    assert refused(printer_of(zebra), pages).code == "printer-answer"
    assert zebra.received == 0


@pytest.mark.parametrize("odometer", ["?", "", "-3", "many"])
def test_a_printer_that_does_not_count_is_refused(zebra: FakeZebra, pages: list[Page], odometer: str) -> None:
    zebra.odometer = odometer
    assert refused(printer_of(zebra), pages).code == "printer-answer"
    assert zebra.received == 0


@settings(max_examples=200, deadline=None)
@given(strings=st.binary(max_size=80), odometer=st.binary(max_size=20))
def test_any_answer_is_read_or_said_to_be_unreadable(strings: bytes, odometer: bytes) -> None:
    with pytest.raises(Unreadable):
        read_state(strings, odometer)


def test_a_mute_printer_is_refused(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.strings = b""
    assert refused(replace(printer_of(zebra), answer_s=0.1), pages).code == "printer-silent"
    assert zebra.received == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "no..host", "x" * 70])
def test_a_port_nobody_listens_on_is_refused(pages: list[Page], host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    printer = reached(host, port)
    problem = refused(printer, pages)
    assert (problem.code, problem.values["address"]) == ("printer-unreachable", f"{host}:{port}")
    with pytest.raises(Unavailable):
        printer.status()
    with pytest.raises(Unavailable):
        printer.cancel()


@pytest.mark.parametrize(("dpi", "code"), [(203, "printer-resolution"), ("", "printer-answer")])
def test_a_head_of_another_resolution_is_refused(
    zebra: FakeZebra, pages: list[Page], dpi: object, code: str
) -> None:
    zebra.dpi = dpi
    assert refused(printer_of(zebra), pages).code == code
    assert zebra.received == 0


def test_a_head_that_does_not_tell_its_resolution_is_believed(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.dpi = "?"
    assert printer_of(zebra).print(pages[:1], "one") == Told("bench", 1)


def test_another_resolution_or_too_far_an_offset_is_refused(zebra: FakeZebra, pages: list[Page]) -> None:
    assert refused(reached(zebra.host, zebra.port, 203), pages).code == "printer-resolution"
    assert refused(replace(printer_of(zebra), offset_x_mm=20), pages).code == "printer-offset"
    assert zebra.received == 0


def test_out_of_labels_in_mid_batch_is_held_and_settled_after_the_reload(
    zebra: FakeZebra, pages: list[Page]
) -> None:
    zebra.labels_left = 2
    printer = printer_of(zebra)
    held = printer.print(pages, "labels")
    assert (held.out, held.rest, held.fault) == (2, "held", "paper-out")
    assert printer.settle(held) == held
    zebra.reload()
    assert printer.settle(held) == Told("bench", 5)
    assert [label.bits for label in zebra.printed] == [page.bits for page in pages]


def test_the_last_label_of_the_roll_is_out(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.labels_left = 5
    assert printer_of(zebra).print(pages, "labels") == Told("bench", 5)


def test_labels_that_come_out_while_it_is_asked_are_waited_for(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.labels_left, zebra.labels_a_question = 2, 1
    printer = printer_of(zebra)
    held = printer.print(pages, "labels")
    assert (held.out, held.rest, held.fault) == (2, "held", "paper-out")
    zebra.labels_left = 100
    zebra.faults.clear()
    assert printer.settle(held) == Told("bench", 5)


def test_one_fault_after_the_other_is_told(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.labels_left = 1
    printer = printer_of(zebra)
    told = printer.print(pages, "labels")
    for fault in ("head-open", "paused"):
        zebra.faults = {fault}
        told = printer.settle(told)
        assert (told.out, told.rest, told.fault) == (1, "held", fault)
    zebra.labels_left = 4
    zebra.repair("paused")
    assert printer.settle(told) == Told("bench", 5)


def test_what_was_held_when_it_was_switched_off_is_unknown(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.labels_left = 2
    printer = printer_of(zebra)
    held = printer.print(pages, "labels")
    zebra.switch_off()
    assert printer.settle(held) == Told("bench", 2, "unknown", "unreachable")
    zebra.switch_on()
    assert printer.settle(held) == Told("bench", 2, "unknown", "not-counted")
    zebra.reload()
    assert printer.settle(held) == Told("bench", 2, "unknown", "not-counted")
    assert len(zebra.printed) == 2


def test_cancelled_labels_are_not_called_out_though_others_were_counted(
    zebra: FakeZebra, pages: list[Page]
) -> None:
    zebra.labels_left = 2
    printer = printer_of(zebra)
    held = printer.print(pages, "labels")
    state = printer.cancel()
    assert (state.faults, state.waiting, state.working) == (("paper-out",), 0, False)
    zebra.reload()
    for others in (0, 1, 4):
        zebra.print_other(others)
        assert printer.settle(held) == Told("bench", 2, "unknown", "not-counted")
    assert len(zebra.printed) == 2


def test_only_what_this_way_holds_is_asked_about(zebra: FakeZebra) -> None:
    printer = printer_of(zebra)
    for told in (Told("bench", 3), Told("bench", 0, "sent"), Told("bench", 1, "held", "paused", "a ticket")):
        assert printer.settle(told) == told


def test_a_label_that_waits_to_be_taken_off_holds_the_others(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.labels_a_question, zebra.label_waits = 0, True
    printer = printer_of(zebra)
    held = printer.print(pages[:2], "labels")
    assert (held.out, held.rest, held.fault) == (0, "held", "label-waits")
    zebra.label_waits = False
    assert printer.settle(held).fault == "stalled"
    zebra.labels_a_question = 1
    assert printer.settle(held) == Told("bench", 2)


def test_a_printer_that_loses_the_labels_is_not_believed(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.odometer = "31084"
    assert printer_of(zebra).print(pages, "labels") == Told("bench", 0, "unknown", "not-counted")


def test_somebody_elses_labels_before_ours_are_not_ours(zebra: FakeZebra, pages: list[Page]) -> None:
    zebra.after_bytes, zebra.then = 1, "paper-out"
    printer = printer_of(zebra)
    held = printer.print(pages, "labels")
    assert (held.out, held.rest) == (0, "held")
    zebra.print_other(3)
    assert printer.settle(held).out == 0
    zebra.reload()
    assert printer.settle(held) == Told("bench", 0, "unknown", "not-counted")


def test_several_benches_print_at_once_and_every_label_comes_once(
    zebra: FakeZebra, pages: list[Page]
) -> None:
    together = threading.Barrier(4)

    def bench(page: Page) -> Told | str:
        together.wait()
        try:
            return printer_of(zebra).print([page], "one")
        except Unavailable as error:
            return error.problem.code

    with ThreadPoolExecutor(4) as benches:
        said = list(benches.map(bench, pages[:4]))
    came = [label.bits for label in zebra.printed]
    for page, told in zip(pages, said, strict=False):
        assert came.count(page.bits) == (0 if told == "printer-busy" else 1)
        assert told in {Told("bench", 1), "printer-busy"}


LONGEST = 900
"""A few bytes more than the longest of the five labels."""


@settings(max_examples=120, deadline=None)
@given(
    count=st.integers(1, 5),
    at=st.integers(0, 5 * LONGEST),
    then=st.sampled_from(["mute", "reset", *FAULTS]),
    roll=st.integers(1, 6),
    slow=st.sampled_from([None, 1, 2]),
)
def test_whatever_happens_at_whatever_byte_no_more_is_told_than_came_out(
    count: int, at: int, then: str, roll: int, slow: int | None
) -> None:
    pages = five_pages()
    with FakeZebra() as zebra:
        zebra.after_bytes, zebra.then = at, then
        zebra.labels_left, zebra.labels_a_question = roll, slow
        printer = printer_of(zebra)
        if then == "mute":
            printer = replace(printer, answer_s=0.2)
        told = printer.print(pages[:count], "labels")
        came = [label.bits for label in zebra.printed]
        assert came == [page.bits for page in pages[: len(came)]]
        assert told.out <= len(came) <= count
        if not told.rest:
            assert told == Told("bench", count)
        elif told.rest == "held":
            assert told.out == len(came) < count
            assert told.fault in {then, "paper-out"}
            zebra.reload()
            zebra.repair(*FAULTS)
            assert printer.settle(told) == Told("bench", count)
        else:
            assert (told.rest, told.ticket) == ("unknown", None)
            assert told.fault in {"silent", "broke-off"}
            assert then in {"mute", "reset"}
        assert len(zebra.printed) <= count
