"""The system's printers: pages go through Qt to Windows, macOS or CUPS, dot for dot.

Qt and the drivers scale and round whatever they are allowed to (a 33 × 13 mm page becomes 94 × 37 points), so
the page is drawn as one image, one dot of it on one dot of the printer, from the paper's corner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, QPoint, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, qRgb
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.labels.printers import Told, require_dpi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.labels.page import Page


@dataclass(frozen=True)
class FoundPrinter:
    """A printer the system knows; ``resolutions`` in dots an inch, as its driver says, may be empty."""

    name: str
    description: str
    is_default: bool
    resolutions: tuple[int, ...]


def found_printers() -> list[FoundPrinter]:
    """The system's printers, the default first. Takes a quarter of a second with 25: call it in a worker."""
    found = [
        FoundPrinter(
            info.printerName(),
            info.description(),
            info.isDefault(),
            tuple(sorted(info.supportedResolutions())),
        )
        for info in QPrinterInfo.availablePrinters()
    ]
    return sorted(found, key=lambda printer: (not printer.is_default, printer.name.casefold()))


@dataclass(frozen=True)
class SystemPrinter:
    """One printer of the system, at the resolution it was set up with: a ``LabelPrinter``."""

    name: str
    dpi: int

    def print(self, pages: Sequence[Page], title: str) -> Told:
        """Hand the pages to the system's spooler as one job. Blocks: call it in a worker.

        Raises ``Unavailable`` when the printer is unknown, its driver has another resolution, or the job
        cannot be begun. Of a job that breaks off later nothing is known; it is never sent again from here.
        """
        require_dpi(self, pages)
        if self.name not in QPrinterInfo.availablePrinterNames():
            raise Unavailable(Problem("printer", "printer-unknown", {"printer": self.name}))
        device = QPrinter(QPrinterInfo.printerInfo(self.name), QPrinter.PrinterMode.HighResolution)
        device.setResolution(self.dpi)
        if device.resolution() != self.dpi:
            values = {"printer": self.name, "wanted": self.dpi, "given": device.resolution()}
            raise Unavailable(Problem("printer", "printer-resolution", values))
        whole = draw_pages(device, pages, title)
        return Told(self.name, 0, "sent" if whole else "unknown", "" if whole else "broke-off")


def draw_pages(device: QPrinter, pages: Sequence[Page], title: str) -> bool:
    """Draw pages of one size 1:1 on a device of their dpi; whether it took them all.

    Raises ``Unavailable`` when the job cannot be begun.
    """
    if not pages:
        return True
    device.setDocName(title)
    device.setFullPage(True)
    _set_paper(device, pages[0])
    painter = QPainter()
    if not painter.begin(device):
        raise Unavailable(Problem("printer", "printer-not-begun", {"printer": device.printerName()}))
    # Without this Qt's way to CUPS is a JPEG, whose ripples a driver turns into stray dots beside a module.
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    done = 0
    try:
        for page in pages:
            if done and not device.newPage():
                break
            painter.drawImage(QPoint(0, 0), qimage(page))
            done += 1
    finally:
        ended = painter.end()
    return bool(ended) and done == len(pages)


def qimage(page: Page) -> QImage:
    """The page's bits as an image of one bit a dot, owning its memory: for printers and previews."""
    shared = QImage(page.bits, page.width, page.height, page.row_bytes, QImage.Format.Format_Mono)
    image = shared.copy()
    image.setColorTable([qRgb(255, 255, 255), qRgb(0, 0, 0)])
    metre = round(page.dpi / 0.0254)
    image.setDotsPerMeterX(metre)
    image.setDotsPerMeterY(metre)
    return image


def _set_paper(device: QPrinter, page: Page) -> None:
    """Paper of exactly the page's size, no margins. Portrait always: Qt would turn a wide label otherwise."""
    size = QPageSize(
        QSizeF(page.width_mm, page.height_mm),
        QPageSize.Unit.Millimeter,
        "label",
        QPageSize.SizeMatchPolicy.ExactMatch,
    )
    device.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
