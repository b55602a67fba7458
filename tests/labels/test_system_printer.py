"""The system printer's way through Qt, with Qt's own PDF output in place of a spooler."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter

from biobank_desktop.domain.labels import VialLabel
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.gui.printing import SystemPrinter, draw_pages, found_printers, qimage
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.rendering import render_all

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from biobank_desktop.labels.page import Page
    from biobank_desktop.labels.printers import LabelPrinter
    from tests.labels.conftest import Coded, Decoded

pytestmark = pytest.mark.usefixtures("qapp")


def pages_of(name: str, dpi: int, some: list[str]) -> list[Page]:
    return render_all(catalogue.template(name), [VialLabel(code, "MNC", "DX") for code in some], dpi)


def black_dots(image: QImage) -> bytes:
    """The image as Pillow's bytes of mode "L"."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = bytes(grey.constBits())
    return b"".join(
        rows[row * grey.bytesPerLine() : row * grey.bytesPerLine() + grey.width()]
        for row in range(grey.height())
    )


@pytest.mark.parametrize("name", ["vial-33x13", "vial-25x13-cap", "tube-38x19"])
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_the_image_for_qt_is_the_pages_bits(name: str, dpi: int, coded: Coded) -> None:
    (page,) = pages_of(name, dpi, coded(1))
    image = qimage(page)
    assert (image.width(), image.height()) == (page.width, page.height)
    assert black_dots(image) == page.image.convert("L").tobytes()


def test_the_image_owns_its_memory(coded: Coded) -> None:
    image = qimage(pages_of("vial-33x13", 300, coded(1))[0])
    others = [qimage(page) for page in pages_of("vial-33x13", 300, coded(40)[1:])]
    (again,) = pages_of("vial-33x13", 300, coded(1))
    assert len(others) == 39
    assert black_dots(image) == again.image.convert("L").tobytes()


@pytest.mark.parametrize(
    ("name", "dpi", "count"),
    [("vial-33x13", 203, 3), ("vial-33x13", 300, 3), ("vial-33x13", 600, 1), ("sheet-l7651-vial", 300, 70)],
)
def test_every_page_is_drawn_once_one_dot_on_one_dot_from_the_corner(
    name: str, dpi: int, count: int, coded: Coded, decoded: Decoded, tmp_path: Path
) -> None:
    pages = pages_of(name, dpi, coded(count))
    device = QPrinter(QPrinter.PrinterMode.HighResolution)
    device.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    device.setOutputFileName(str(tmp_path / "printed.pdf"))
    device.setResolution(dpi)
    draw_pages(device, pages, "labels")
    document = pypdfium2.PdfDocument(tmp_path / "printed.pdf")
    assert len(document) == len(pages)
    for sheet, page in zip(document, pages, strict=True):
        (image,) = sheet.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])
        width, turned, slanted, height, left, bottom = image.get_matrix().get()
        assert (turned, slanted, left) == (0, 0, 0)
        assert width == pytest.approx(page.width * 72 / dpi, abs=0.001)
        assert height == pytest.approx(page.height * 72 / dpi, abs=0.001)
        assert bottom + height == pytest.approx(sheet.get_height(), abs=0.001)
        dots = image.get_bitmap(render=False).to_pil().convert("L")
        assert dots.tobytes() == page.image.convert("L").tobytes()
        assert decoded(dots)
    document.close()


def test_nothing_to_print_begins_no_job(tmp_path: Path) -> None:
    device = QPrinter(QPrinter.PrinterMode.HighResolution)
    device.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    device.setOutputFileName(str(tmp_path / "printed.pdf"))
    draw_pages(device, [], "labels")
    assert not (tmp_path / "printed.pdf").exists()


@pytest.mark.qt_log_ignore(r"QPainter::begin\(\): Returned false", extend=True)
def test_a_device_that_cannot_begin_is_said(coded: Coded, tmp_path: Path) -> None:
    device = QPrinter(QPrinter.PrinterMode.HighResolution)
    device.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    device.setOutputFileName(str(tmp_path / "no folder" / "printed.pdf"))
    device.setResolution(300)
    with pytest.raises(Unavailable) as refused:
        draw_pages(device, pages_of("vial-33x13", 300, coded(1)), "labels")
    assert refused.value.problem.code == "printer-not-begun"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_of_a_job_that_breaks_off_nothing_is_claimed(coded: Coded) -> None:
    device = QPrinter(QPrinter.PrinterMode.HighResolution)
    device.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    device.setOutputFileName("/dev/full")
    device.setResolution(300)
    assert not draw_pages(device, pages_of("sheet-l7651-vial", 300, coded(200)), "labels")


def test_a_printer_the_system_does_not_know_is_refused(coded: Coded) -> None:
    printer: LabelPrinter = SystemPrinter("no such printer 4711", 300)
    with pytest.raises(Unavailable) as refused:
        printer.print(pages_of("vial-33x13", 300, coded(1)), "labels")
    assert refused.value.problem.code == "printer-unknown"


def test_pages_of_another_resolution_are_refused(coded: Coded) -> None:
    with pytest.raises(Unavailable) as refused:
        SystemPrinter("any", 203).print(pages_of("vial-33x13", 300, coded(1)), "labels")
    assert refused.value.problem.code == "printer-resolution"


def test_the_systems_printers_are_listed_without_a_window(qtbot: QtBot) -> None:
    names = [printer.name for printer in found_printers()]
    assert len(names) == len(set(names))
    assert "no such printer 4711" not in names
