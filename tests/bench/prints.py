"""Labels until they leave the program, gate included, and how soon the first one is out after *Register*.

Raw is what other programs do: reportlab's own barcode on a page of its own, and python-barcode's own picture,
neither of them read back.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from barcode.codex import Code128
from barcode.writer import ImageWriter
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.pdfgen.canvas import Canvas

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.labels import VialLabel
from biobank_desktop.labels.catalogue import template
from biobank_desktop.labels.pdf import pdf
from biobank_desktop.labels.rendering import render_all
from biobank_desktop.labels.zpl import zpl
from biobank_desktop.services.printers import PrinterForm, set_printer
from tests.bench.timing import Row, quantiles
from tests.support.databases import ANNA, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from biobank_desktop.domain.labels import Label
    from tests.support.databases import Databases

COUNT = 1_000
FIRSTS = 20
_MM = 72 / 25.4


def rows() -> Iterator[Row]:
    """A thousand labels as ZPL, as a PDF and on sheets, beside drawing alone."""
    labels = [
        VialLabel(code, "BM MNC", "DX", 1, 4, "10e6") for code in codes.run(CodeKind.SAMPLE, 2026, 7, COUNT)
    ]
    vials, sheets = template("vial-33x13"), template("sheet-l7651-vial")
    drawn, pictured = _rate(_reportlab, labels), _rate(_python_barcode, labels)
    reportlab, barcode = (
        f"raw: {one}'s own drawing, not read back" for one in ("reportlab", "python-barcode")
    )
    for name, work, raw, note in (
        (
            "labels as ZPL",
            lambda some: [zpl(page) for page in render_all(vials, some, 300)],
            drawn,
            reportlab,
        ),
        ("labels as PDF", lambda some: pdf(render_all(vials, some, 300), ""), drawn, reportlab),
        ("labels on sheets", lambda some: pdf(render_all(sheets, some, 300), ""), pictured, barcode),
    ):
        rate = _rate(work, labels)
        yield Row(name, "", COUNT, rate, rate, raw, "/s", note)


def _rate(work: Callable[[Sequence[Label]], object], labels: Sequence[Label]) -> float:
    work(labels[:20])
    begin = time.perf_counter()
    work(labels)
    return len(labels) / (time.perf_counter() - begin)


def _reportlab(labels: Sequence[Label]) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(33 * _MM, 13 * _MM))
    for label in labels:
        drawing = cast("Any", createBarcodeDrawing)(
            "Code128", value=label.code, barHeight=6 * _MM, barWidth=0.25 * _MM
        )
        renderPDF.draw(drawing, canvas, 0, 4 * _MM)
        canvas.drawString(2, 2, label.code)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _python_barcode(labels: Sequence[Label]) -> None:
    for label in labels:
        Code128(label.code, writer=ImageWriter()).write(io.BytesIO(), {"dpi": 300})


def first_rows(engine: str, databases: Databases) -> Iterator[Row]:
    """From the last Enter of a receipt to the first label in the tray of a Zebra on the loopback."""
    address = databases.lab()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.prints", address],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, "PYTHONPATH": "."},
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    databases.remove(address)
    p50, p95 = quantiles([float(line) for line in done.stdout.split()])
    yield Row("first label after Register", engine, 0, p50, p95, None, note=f"{FIRSTS} tubes, 6 labels each")


def measure(address: str, home: Path) -> Iterator[float]:
    """The seconds that each tube's first label took."""
    from dataclasses import replace  # noqa: PLC0415 - the window: only in the process of its own

    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from biobank_desktop import language  # noqa: PLC0415
    from biobank_desktop.gui import theme  # noqa: PLC0415
    from tests.support.forms import answer_receipt  # noqa: PLC0415
    from tests.support.repertoire import set_stage  # noqa: PLC0415
    from tests.support.window import Window, bench_settings  # noqa: PLC0415
    from tests.support.zebra import FakeZebra  # noqa: PLC0415

    app = QApplication([])
    theme.apply(app, theme.Scheme.LIGHT)
    language.choose("en")
    with FakeZebra() as zebra:
        store = open_store(address)
        stage = set_stage(store)
        options = {"host": zebra.host, "port": str(zebra.port)}
        set_printer(store, ANNA, PrinterForm("Bench Zebra", "zpl", 300, "vial-33x13", options))
        store.close()
        window = Window(replace(bench_settings(address, home), printer="Bench Zebra")).start("anna")
        for number in range(FIRSTS):
            answer_receipt(window, stage, f"HX2620{number:04}", vouched=True)
            zebra.printed.clear()
            begin = time.perf_counter()
            window.strike(1)
            window.until(lambda: bool(zebra.printed))
            yield time.perf_counter() - begin
            window.settle()
        window.program.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="biobank-bench-home-") as folder:
        for seconds in measure(sys.argv[1], Path(folder)):
            print(seconds)
