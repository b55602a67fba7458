"""Printers as they are set up: every answer is judged beside its field, and the device has what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.problems import Rejected, Unavailable
from biobank_desktop.labels.catalogue import names
from biobank_desktop.labels.cups import CupsPrinter
from biobank_desktop.labels.printers import PdfFilePrinter
from biobank_desktop.labels.zebra import ZebraPrinter
from biobank_desktop.persistence.queries import printers as query
from biobank_desktop.services.printer_ways import address, device
from biobank_desktop.services.printers import PrinterForm, check_printer, set_printer

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


def form(way: str, **options: str) -> PrinterForm:
    return PrinterForm("Bench", way, 300, "vial-33x13", options)


def wrong(way: str, **options: str) -> dict[str, str]:
    """The field of every problem, with its code."""
    return {problem.field: problem.code for problem in check_printer(form(way, **options), names())}


def test_everything_wrong_with_a_zebra_is_said_at_once() -> None:
    typed = {"host": "http://x", "port": "0", "offset_x_mm": "11", "offset_y_mm": "a", "darkness": "31"}
    assert wrong("zpl", **typed) == {
        "host": "printer-host",
        "port": "printer-port",
        "offset_x_mm": "printer-offset-mm",
        "offset_y_mm": "printer-offset-mm",
        "darkness": "printer-darkness",
    }
    assert wrong("zpl") == {"host": "printer-host"}


@pytest.mark.parametrize("host", ["10.0.0.12", "zebra-2", "zebra-2.lab.example", "fe80::1"])
def test_hosts_as_a_network_has_them(host: str) -> None:
    assert wrong("zpl", host=host) == {}


@pytest.mark.parametrize("host", ["", " ", "zebra 2", "zebra:9100", "-x", "a/b", "zebra-2\n10.0.0.1"])
def test_hosts_that_are_none(host: str) -> None:
    assert wrong("zpl", host=host) == {"host": "printer-host"}


@pytest.mark.parametrize(
    ("typed", "meant"), [("", 0.0), ("0,5", 0.5), ("-0.25", -0.25), ("−0,3", -0.3), ("10", 10.0)]
)
def test_offsets_are_typed_with_comma_or_point(typed: str, meant: float, tmp_path: Path) -> None:
    made = device(form("zpl", host="zebra", offset_x_mm=typed), tmp_path, "labels")
    assert isinstance(made, ZebraPrinter)
    assert made.offset_x_mm == meant
    assert made.offset_y_mm == 0.0


def test_a_zebra_is_made_of_its_answers(tmp_path: Path) -> None:
    typed = {"host": " zebra ", "port": "6101", "offset_y_mm": "1,5", "darkness": "0"}
    made = device(form("zpl", **typed), tmp_path, "labels")
    assert made == ZebraPrinter("Bench", "zebra", 300, 6101, 0.0, 1.5, 0)
    assert device(form("zpl", host="zebra"), tmp_path, "labels") == ZebraPrinter("Bench", "zebra", 300)


def test_a_queue_of_cups_is_made_of_its_answers(tmp_path: Path) -> None:
    made = device(form("cups", queue="labels", server="print-1:631"), tmp_path, "labels")
    assert made == CupsPrinter("labels", 300, "print-1:631")
    assert wrong("cups", queue="-o x", server="print 1") == {
        "queue": "printer-queue",
        "server": "printer-server",
    }
    assert wrong("cups") == {"queue": "printer-queue"}


def test_files_go_into_their_own_folder(tmp_path: Path) -> None:
    own = tmp_path / "own"
    assert device(form("pdf", folder=str(own)), tmp_path, "labels") == PdfFilePrinter(own / "labels.pdf")
    made = device(form("sheet"), tmp_path / "new", "labels")
    assert made == PdfFilePrinter(tmp_path / "new" / "labels.pdf")


def test_what_cannot_be_reached_from_here_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        device(form("system", queue="Brady"), tmp_path, "labels")
    assert refused.value.problem.code == "printer-of-the-window"
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable) as blocked:
        device(form("pdf", folder=str(tmp_path / "file")), tmp_path, "labels")
    assert blocked.value.problem.code == "label-folder"


@pytest.mark.parametrize(
    ("way", "options", "shown"),
    [
        ("zpl", {"host": "zebra"}, "zebra:9100"),
        ("zpl", {"host": "zebra", "port": "6101"}, "zebra:6101"),
        ("cups", {"queue": "labels"}, "labels"),
        ("cups", {"queue": "labels", "server": "print-1"}, "labels @ print-1"),
        ("system", {"queue": "Brady"}, "Brady"),
        ("pdf", {"folder": "/labels"}, "/labels"),
        ("sheet", {}, ""),
    ],
)
def test_the_address_of_each_way(way: str, options: dict[str, str], shown: str) -> None:
    assert address(way, options) == shown


def test_a_printer_of_each_way_is_kept(store: Store, administrator: Actor) -> None:
    for way, options in (("zpl", {"host": "zebra"}), ("cups", {"queue": "labels"})):
        set_printer(store, administrator, PrinterForm(way, way, 203, "vial-33x13", options))
    with store.read() as connection:
        kept = query.printers(connection)
    assert [(row.name, row.way, row.options) for row in kept] == [
        ("cups", "cups", {"queue": "labels"}),
        ("zpl", "zpl", {"host": "zebra"}),
    ]
    with pytest.raises(Rejected) as refused:
        set_printer(store, administrator, PrinterForm("", "fax", 1, "none"))
    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("name", "name-missing"),
        ("way", "not-a-choice"),
        ("dpi", "dpi-implausible"),
        ("template", "not-a-choice"),
    ]
