"""The way through a CUPS of our own and its driver for Zebras: every dot arrives, and no more is told."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageOps

from biobank_desktop.domain.labels import VialLabel
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.cups import CupsPrinter
from biobank_desktop.labels.printers import LabelPrinter, Told
from biobank_desktop.labels.rendering import render, render_all
from tests.support.cups import A_MINUTE, CUPSD, LPADMIN, PrivateCups
from tests.support.interpreter import Drawing, drawn
from tests.support.zebra import DrivenZebra

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from biobank_desktop.labels.page import Page
    from tests.labels.conftest import Coded, Decoded, Labelled

pytestmark = pytest.mark.skipif(
    CUPSD is None or LPADMIN is None, reason="no CUPS here: `make setup` installs it on Debian"
)
RESOLUTIONS = (203, 300)


@pytest.fixture(scope="module")
def cups() -> Iterator[PrivateCups]:
    with PrivateCups() as server:
        yield server


@pytest.fixture
def zebra(cups: PrivateCups) -> Iterator[DrivenZebra]:
    """A printer with a queue for each resolution: "z203", "z300"."""
    with DrivenZebra() as fake:
        for dpi in RESOLUTIONS:
            cups.add(f"z{dpi}", f"socket://{fake.host}:{fake.port}", dpi)
        yield fake


def driver_images(zebra: DrivenZebra, dpi: int, count: int) -> list[Image.Image]:
    """What the driver had printed, so many labels, as the other interpreter draws them."""
    return drawn([driver_drawing(zebra.driven.get(timeout=A_MINUTE), dpi) for _label in range(count)])


def driver_drawing(zpl: bytes, dpi: int) -> Drawing:
    """The driver has every label turned by the printer; it is drawn as it was before that."""
    graphic = re.search(rb"~DGR:CUPS.GRF,(\d+),(\d+),", zpl)
    width = re.search(rb"\^PW(\d+)", zpl)
    assert graphic is not None
    assert width is not None
    assert b"^POI" in zpl
    rows = int(graphic[1]) // int(graphic[2])
    return Drawing(zpl.replace(b"^POI", b"^PON").decode("ascii"), int(width[1]), rows, dpi)


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """The corner and the end of everything black."""
    edges = ImageOps.invert(image.convert("L")).getbbox()
    assert edges is not None
    return edges


@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_every_dot_of_every_template_comes_out_where_it_belongs(
    cups: PrivateCups, zebra: DrivenZebra, dpi: int, coded: Coded, labelled: Labelled
) -> None:
    templates = [catalogue.template(name) for name in catalogue.names()]
    pages = [render(template, labelled(template, coded(1)[0]), dpi) for template in templates]
    printer: LabelPrinter = CupsPrinter(f"z{dpi}", dpi, cups.server)
    for page in pages:
        assert printer.print([page], "Labels / één") == Told(f"z{dpi}", 0, "sent")
    for page, image in zip(pages, driver_images(zebra, dpi, len(pages)), strict=True):
        there = image.crop((0, 0, page.width, page.height))
        assert there.tobytes() == page.image.convert("L").tobytes()
        assert ink(image) == ink(page.image)


def some_pages(codes: list[str], dpi: int) -> list[Page]:
    return render_all(catalogue.template("vial-33x13"), [VialLabel(code, "MNC") for code in codes], dpi)


def test_every_page_of_a_job_comes_once_and_in_order(
    cups: PrivateCups, zebra: DrivenZebra, coded: Coded, decoded: Decoded
) -> None:
    codes = coded(3)
    assert CupsPrinter("z300", 300, cups.server).print(some_pages(codes, 300), "three").rest == "sent"
    assert [decoded(image) for image in driver_images(zebra, 300, 3)] == [[code] for code in codes]
    assert zebra.driven.empty()


SYSTEM_PRINTER = """
import sys
from PySide6.QtWidgets import QApplication
from biobank_desktop.gui.printing import SystemPrinter
from biobank_desktop.labels.printers import Told
from tests.labels.test_cups import some_pages
application = QApplication([])
dpi = int(sys.argv[1])
told = SystemPrinter(f"z{dpi}", dpi).print(some_pages(sys.argv[2:], dpi), "labels")
sys.exit(told != Told(f"z{dpi}", 0, "sent"))
"""


@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_through_qt_every_dot_comes_out_though_the_driver_may_move_them_together(
    cups: PrivateCups, zebra: DrivenZebra, dpi: int, coded: Coded
) -> None:
    (page,) = some_pages(coded(1), dpi)
    program = [sys.executable, "-c", SYSTEM_PRINTER, str(dpi), *coded(1)]
    subprocess.run(
        program,
        check=True,
        env={**os.environ, "CUPS_SERVER": cups.server, "QT_QPA_PLATFORM": "offscreen"},
    )
    (image,) = driver_images(zebra, dpi, 1)
    came, sent = ink(image), ink(page.image)
    assert image.crop(came).tobytes() == page.image.convert("L").crop(sent).tobytes()
    a_few_points = 5 * dpi / 72  # what the driver takes for the same size
    assert max(abs(one - other) for one, other in zip(came, sent, strict=True)) <= a_few_points


def test_what_cups_calls_completed_is_told_as_sent_while_the_printer_holds_it(
    cups: PrivateCups, zebra: DrivenZebra, coded: Coded
) -> None:
    zebra.faults.add("paper-out")
    cups.add("holds", f"socket://{zebra.host}:{zebra.port}", 300)
    told = CupsPrinter("holds", 300, cups.server).print(some_pages(coded(2), 300), "two")
    assert cups.outcome("holds") == "completed"
    assert told == Told("holds", 0, "sent")
    assert (zebra.driven.qsize(), len(zebra.waiting)) == (0, 2)
    zebra.reload()
    assert zebra.driven.qsize() == 2


def refused(printer: CupsPrinter, pages: list[Page]) -> str:
    with pytest.raises(Unavailable) as error:
        printer.print(pages, "labels")
    assert error.value.problem.values["printer"] == printer.name
    return error.value.problem.code


def test_a_queue_that_takes_nothing_is_refused(cups: PrivateCups, zebra: DrivenZebra, coded: Coded) -> None:
    cups.add("closed", f"socket://{zebra.host}:{zebra.port}", 300)
    cups.run("cupsreject", "closed")
    assert refused(CupsPrinter("closed", 300, cups.server), some_pages(coded(1), 300)) == "printer-refuses"


@pytest.mark.usefixtures("zebra")
def test_an_unknown_queue_is_refused(cups: PrivateCups, coded: Coded) -> None:
    for name in ("none", "z30", "-a", ""):
        assert refused(CupsPrinter(name, 300, cups.server), some_pages(coded(1), 300)) == "printer-unknown"


def test_a_cups_without_any_queue_is_told_from_one_that_is_silent(coded: Coded) -> None:
    pages = some_pages(coded(1), 300)
    with PrivateCups() as empty:
        assert refused(CupsPrinter("z300", 300, empty.server), pages) == "printer-unknown"
    assert refused(CupsPrinter("z300", 300, empty.server), pages) == "cups-silent"


def test_of_a_job_that_breaks_off_nothing_is_claimed(coded: Coded) -> None:
    with PrivateCups(most_bytes=3_000) as strict, DrivenZebra() as zebra:
        strict.add("z300", f"socket://{zebra.host}:{zebra.port}")
        printer = CupsPrinter("z300", 300, strict.server)
        assert printer.print(some_pages(coded(1), 300), "one") == Told("z300", 0, "sent")
        assert strict.outcome("z300") == "completed"
        told = printer.print(some_pages(coded(20), 300), "twenty")
        assert told == Told("z300", 0, "unknown", "broke-off")


def test_a_cups_that_falls_silent_over_a_job_leaves_it_unknown(
    cups: PrivateCups, zebra: DrivenZebra, coded: Coded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real ``lpstat`` finds the queue; the ``lp`` that is found first waits for ever."""
    waiting = tmp_path / "lp"
    waiting.write_text("#!/bin/sh\nexec sleep 600\n")
    waiting.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    printer = CupsPrinter("z300", 300, cups.server, answer_s=2.0)
    assert printer.print(some_pages(coded(1), 300), "one") == Told("z300", 0, "unknown", "silent")
    assert zebra.driven.empty()


def test_a_cups_that_takes_the_call_and_says_nothing_is_refused(coded: Coded) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        printer = CupsPrinter("z300", 300, f"127.0.0.1:{mute.getsockname()[1]}", answer_s=0.3)
        assert refused(printer, some_pages(coded(1), 300)) == "cups-silent"


def test_a_computer_without_cups_is_told_so(
    monkeypatch: pytest.MonkeyPatch, coded: Coded, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("no programs")))
    assert refused(CupsPrinter("z300", 300), some_pages(coded(1), 300)) == "cups-missing"


def test_pages_of_another_resolution_are_refused(cups: PrivateCups, coded: Coded) -> None:
    assert refused(CupsPrinter("z203", 203, cups.server), some_pages(coded(1), 300)) == "printer-resolution"


def test_no_pages_are_no_job() -> None:
    assert CupsPrinter("z300", 300, "127.0.0.1:1").print([], "none") == Told("z300", 0)
