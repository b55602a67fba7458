from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from biobank_desktop.domain.labels import VialLabel
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.pdf import pdf
from biobank_desktop.labels.printers import LabelPrinter, PdfFilePrinter, Told, free_path
from biobank_desktop.labels.rendering import render

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.labels.page import Page
    from tests.labels.conftest import Coded, Decoded


@pytest.fixture
def page(coded: Coded) -> Page:
    return render(catalogue.template("vial-33x13"), VialLabel(coded(1)[0], "MNC"), 300)


def test_a_pdf_file_holds_the_pages(tmp_path: Path, page: Page) -> None:
    printer: LabelPrinter = PdfFilePrinter(tmp_path / "labels.pdf")
    assert printer.print([page, page], "two") == Told(str(tmp_path / "labels.pdf"), 2)
    assert printer.name == "labels.pdf"
    assert (tmp_path / "labels.pdf").read_bytes() == pdf([page, page], "two")
    assert [found.name for found in tmp_path.iterdir()] == ["labels.pdf"]


def test_a_file_that_exists_is_never_replaced(tmp_path: Path, page: Page) -> None:
    path = tmp_path / "labels.pdf"
    path.write_text("kept")
    with pytest.raises(Unavailable) as refused:
        PdfFilePrinter(path).print([page], "one")
    assert refused.value.problem.code == "label-file-exists"
    assert path.read_text() == "kept"
    assert [found.name for found in tmp_path.iterdir()] == ["labels.pdf"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, page: Page) -> None:
    with pytest.raises(Unavailable) as refused:
        PdfFilePrinter(tmp_path / "none" / "labels.pdf").print([page], "one")
    assert refused.value.problem.code == "label-file-not-written"


def test_pages_of_another_resolution_are_refused(tmp_path: Path, page: Page) -> None:
    with pytest.raises(Unavailable) as refused:
        PdfFilePrinter(tmp_path / "labels.pdf", dpi=600).print([page], "one")
    assert refused.value.problem.code == "printer-resolution"
    assert not list(tmp_path.iterdir())


def test_a_free_path_is_made_from_the_title(tmp_path: Path) -> None:
    first = free_path(tmp_path, "Labels: PM26/0A1B2?")
    assert first.name == "Labels- PM26-0A1B2.pdf"
    first.touch()
    assert free_path(tmp_path, "Labels: PM26/0A1B2?").name == "Labels- PM26-0A1B2 (2).pdf"
    assert free_path(tmp_path, "../..").name == "labels.pdf"


@pytest.mark.parametrize("enlarged", [1, 3])
def test_the_preview_is_the_printed_bits(page: Page, decoded: Decoded, enlarged: int) -> None:
    preview = Image.open(io.BytesIO(page.png(enlarged)))
    assert preview.size == (page.width * enlarged, page.height * enlarged)
    again = preview.resize((page.width, page.height), Image.Resampling.NEAREST)
    assert again.tobytes() == page.image.tobytes()
    assert decoded(preview) == list(page.codes)
