"""Labels and printers by the command line: a printer that fails, what is done about it, test labels."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.cli import label_printing
from biobank_desktop.labels.calibration import code_of
from biobank_desktop.services import labels, printing
from biobank_desktop.services.printers import PrinterForm, set_printer
from tests.cli import jobs
from tests.support.cups import A_MINUTE, CUPSD, LPADMIN, PrivateCups
from tests.support.databases import ANNA, BO, open_store
from tests.support.printed import SENDER, taken
from tests.support.reading import codes_in_pdf
from tests.support.zebra import DrivenZebra, FakeZebra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.conftest import Biobank

    Do = Callable[..., dict[str, Any]]


@pytest.fixture
def zebra() -> Iterator[FakeZebra]:
    with FakeZebra() as fake:
        yield fake


@pytest.fixture
def do(biobank: Biobank, lab_address: str, monkeypatch: pytest.MonkeyPatch) -> Do:
    monkeypatch.setattr(label_printing, "SETTLE_S", 0.02)

    def doing(*words: str, exits: int = 0) -> dict[str, Any]:
        ran = biobank(lab_address, *words)
        assert ran.exit == exits, ran.out + ran.err
        return ran.said

    return doing


@pytest.fixture
def vials(do: Do, biobank: Biobank, lab_address: str, zebra: FakeZebra) -> list[str]:
    """Six vials whose labels wait, and a Zebra in the lab."""
    store = open_store(lab_address)
    typed = {"host": zebra.host, "port": str(zebra.port)}
    set_printer(store, ANNA, PrinterForm("Zebra 2", "zpl", 300, "vial-33x13", typed))
    set_printer(store, ANNA, PrinterForm("Brady", "system", 300, "vial-33x13", {"queue": "brady"}))
    store.close()
    donor = jobs.consented_donor(biobank, lab_address)
    received = do("receive", biobank.file(jobs.receipt(donor)))["result"]
    return [one["code"] for one in received["vials"]]


def states(do: Do) -> dict[str, str]:
    """The labels that have not come out, by code."""
    return {one["code"]: one["state"] for one in do("queue", "list")["result"]["labels"]}


def problems(said: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Each problem's code with the labels that it is about."""
    return [(one["code"], one.get("labels", [])) for one in said["problems"]]


def test_all_that_waits_comes_out_of_the_zebra(do: Do, zebra: FakeZebra, vials: list[str]) -> None:
    assert do("printers", "status", "Zebra 2")["result"]["ready"] is True
    printed = do("labels", "print", vials[0], "--printer", "Zebra 2")["result"]
    assert printed == {
        "printer": "Zebra 2",
        "places": ["Zebra 2"],
        "labels": [{"code": vials[0], "no": 1, "state": "confirmed"}],
        "refused": [],
    }
    said = do("labels", "print", vials[0], "--printer", "Zebra 2", exits=1)
    assert [code for code, _labels in problems(said)] == ["label-not-waiting"]
    do("labels", "print", "--printer", "Zebra 2")
    assert len(zebra.printed) == 6
    assert states(do) == {}


def test_out_of_paper_before_the_first_byte_and_asked_for_again(
    do: Do, zebra: FakeZebra, vials: list[str]
) -> None:
    zebra.faults.add("paper-out")
    shown = do("printers", "status", "Zebra 2")["result"]
    assert (shown["ready"], shown["faults"], shown["waiting"]) == (False, ["paper-out"], 0)
    said = do("labels", "print", "--printer", "Zebra 2", exits=3)
    assert problems(said) == [("printer-paper-out", vials)]
    assert set(states(do).values()) == {"failed"}
    assert {one["fault"] for one in do("queue", "list")["result"]["labels"]} == {"printer-paper-out"}
    zebra.reload()
    assert do("queue", "retry", vials[0])["result"]["labels"] == vials[:1]
    said = do("queue", "retry", vials[0], exits=1)
    assert problems(said) == [("label-not-failed", [])]
    assert sorted(do("queue", "retry")["result"]["labels"]) == sorted(vials[1:])
    do("labels", "print", "--printer", "Zebra 2")
    assert len(zebra.printed) == 6
    assert states(do) == {}


def test_out_of_ribbon_half_way_is_waited_for(do: Do, zebra: FakeZebra, vials: list[str]) -> None:
    zebra.after_bytes, zebra.then = 3_000, "ribbon-out"

    def change_ribbon() -> None:
        while not zebra.faults:
            time.sleep(0.01)
        zebra.repair("ribbon-out")

    hand = threading.Thread(target=change_ribbon)
    hand.start()
    printed = do("labels", "print", "--printer", "Zebra 2", "--wait", "60")["result"]
    hand.join()
    assert [one["state"] for one in printed["labels"]] == ["confirmed"] * 6
    assert len(zebra.printed) == 6


def test_what_is_still_held_at_the_end_is_in_doubt_and_decided(
    do: Do, zebra: FakeZebra, vials: list[str]
) -> None:
    zebra.labels_left = 4
    said = do("labels", "print", "--printer", "Zebra 2", "--wait", "1", exits=3)
    assert problems(said) == [("fault-paper-out", vials[4:])]
    assert [one["state"] for one in said["problems"]] == ["unknown"]
    assert states(do) == dict.fromkeys(vials[4:], "unknown")
    do("queue", "confirm", vials[4], "--out")
    assert do("queue", "confirm", vials[5], "--not-out")["result"]["state"] == "failed"
    assert states(do) == {vials[5]: "failed"}
    assert problems(do("queue", "confirm", vials[5], "--out", exits=1)) == [("label-not-open", [])]
    assert problems(do("queue", "confirm", vials[5], exits=2)) == [("usage", [])]


def test_a_connection_that_breaks_leaves_doubt_and_the_rest_waiting(
    do: Do, biobank: Biobank, lab_address: str, zebra: FakeZebra, vials: list[str]
) -> None:
    donor = jobs.consented_donor(biobank, lab_address, lab_numbers=[["diagnostics", "HX000043"]])
    do("receive", biobank.file(jobs.receipt(donor, tube_code="HX25110043")))
    zebra.after_bytes, zebra.then = 3_000, "reset"
    said = do("labels", "print", "--printer", "Zebra 2", exits=3)
    assert [code for code, _labels in problems(said)] == ["fault-broke-off", "labels-still-wait"]
    found = list(states(do).values())
    assert (found.count("unknown"), found.count("queued")) == (10, 2)


def test_what_another_bench_left_behind_is_given_up(do: Do, lab_address: str, vials: list[str]) -> None:
    store = open_store(lab_address)
    with store.read() as connection:
        waiting = labels.queued(connection)
    taken(store, BO, waiting[:2], "Zebra 2")
    store.close()
    bench = printing.bench_of(SENDER)
    (first, *_others) = [one for one in do("queue", "list")["result"]["labels"] if one["state"] == "sending"]
    assert (first["bench"], first["printer"]) == (bench, "Zebra 2")
    said = do("labels", "print", vials[2], "--printer", "Zebra 2", exits=1)
    assert [code for code, _labels in problems(said)] == ["printer-of-another-bench"]
    assert problems(do("queue", "give-up", exits=2)) == [("codes-or-bench", [])]
    assert problems(do("queue", "give-up", vials[5], exits=1)) == [("label-not-in-printer", [])]
    assert do("queue", "give-up", first["code"])["result"]["labels"] == [first["code"]]
    assert len(do("queue", "give-up", "--bench", bench)["result"]["labels"]) == 1
    assert list(states(do).values()).count("unknown") == 2


@pytest.mark.skipif(
    CUPSD is None or LPADMIN is None, reason="no CUPS here: `make setup` installs it on Debian"
)
def test_what_cups_has_is_handed_over_and_may_be_doubted(do: Do, lab_address: str, vials: list[str]) -> None:
    with PrivateCups() as cups, DrivenZebra() as printer:
        cups.add("labels", f"socket://{printer.host}:{printer.port}", 300)
        store = open_store(lab_address)
        queue = {"queue": "labels", "server": cups.server}
        set_printer(store, ANNA, PrinterForm("Cups", "cups", 300, "vial-33x13", queue))
        store.close()
        printed = do("labels", "print", vials[0], "--printer", "Cups")["result"]
        assert [one["state"] for one in printed["labels"]] == ["sent"]
        assert printer.driven.get(timeout=A_MINUTE)
    assert do("queue", "confirm", vials[0], "--not-out")["result"]["state"] == "failed"
    assert do("queue", "retry")["result"]["labels"] == [vials[0]]
    said = do("labels", "print", vials[0], "--printer", "Cups", exits=3)
    assert problems(said) == [("cups-silent", [vials[0]])]


def test_only_known_printers_that_can_be_reached_from_here(do: Do, vials: list[str]) -> None:
    assert problems(do("labels", "print", "--printer", "None", exits=1)) == [("printer-unknown", [])]
    assert problems(do("printers", "status", "Brady", exits=1)) == [("printer-tells-nothing", [])]
    said = do("labels", "print", vials[0], "--printer", "Brady", exits=3)
    assert problems(said) == [("printer-of-the-window", vials[:1])]


def test_labels_go_into_files(do: Do, biobank: Biobank, vials: list[str], tmp_path: Path) -> None:
    printed = do("labels", "print", "--printer", "PDF")["result"]
    (place,) = printed["places"]
    assert sorted(codes_in_pdf(Path(place).read_bytes())) == sorted(vials)


def test_a_test_label_is_printed_read_and_kept(do: Do, zebra: FakeZebra, vials: list[str]) -> None:
    (brady, listed) = do("printers", "list")["result"]["printers"]
    assert (listed["address"], listed["way"]) == (f"{zebra.host}:{zebra.port}", "zpl")
    assert (listed["test"], listed["doubts"]) == (None, ["printer-untested"])
    printed = do("printers", "test", "Zebra 2")["result"]
    assert len(zebra.printed) == 1
    assert printed["symbols"]["4"] == code_of(4)
    said = do("printers", "test", "Zebra 2", "--read", "PM26", exits=1)
    assert sorted(code for code, _labels in problems(said)) == ["ribbon-missing", "test-code-unknown"]
    read = do("printers", "test", "Zebra 2", "--ribbon", "resin", "--read", code_of(3), code_of(4))["result"]
    assert read["read"] == [3, 4]
    (_brady, listed) = do("printers", "list")["result"]["printers"]
    kept = {name: listed["test"][name] for name in ("no", "stock", "ribbon", "read_dots", "dpi")}
    assert kept == {"no": 1, "stock": "vial-33x13", "ribbon": "resin", "read_dots": [3, 4], "dpi": 300}
    assert listed["doubts"] == []
    assert brady["doubts"] == ["printer-untested"]


def test_a_test_label_that_the_printer_holds_is_said(
    do: Do, zebra: FakeZebra, vials: list[str], tmp_path: Path
) -> None:
    zebra.labels_left = 0
    assert problems(do("printers", "test", "Zebra 2", exits=3)) == [("fault-paper-out", [])]
    to = tmp_path / "test.pdf"
    do("printers", "test", "Zebra 2", "--to", str(to))
    assert set(codes_in_pdf(to.read_bytes())) == {code_of(dots) for dots in (2, 3, 4, 5)}
    assert len(vials) == 6
