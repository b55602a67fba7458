"""What a printer is to this program, and the printer that every lab has: a PDF file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.labels.pdf import pdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from biobank_desktop.labels.page import Page


@dataclass(frozen=True)
class Told:
    """What became of the pages given to a printer, as far as it is known.

    The first ``out`` of them are out for certain. The others are, all of them: "sent" (with a spooler, which
    says no more than that it has them), "held" (in the printer, which waits for paper, a ribbon, a closed
    head: ``fault``), or "unknown" (bytes left, and no answer came). ``place`` is a printer's name or the path
    of a file. Only what is held can be asked about again, with ``ticket``.
    """

    place: str
    out: int
    rest: Literal["", "sent", "held", "unknown"] = ""
    fault: str = ""
    ticket: object = None


class LabelPrinter(Protocol):
    """Anything that takes pages. ``dpi`` is what the pages must be rendered at; others are refused."""

    @property
    def name(self) -> str:
        """The name people know it by."""
        ...

    @property
    def dpi(self) -> int:
        """Dots an inch of its own grid."""
        ...

    def print(self, pages: Sequence[Page], title: str) -> Told:
        """Hand over the pages, each once, in order, and tell what is known then. Blocks: call it in a worker.

        The pages of one call are of one size. Raises ``Unavailable`` when not one byte has left; what went
        wrong after the first byte is told, not raised. It never tries again by itself: a second copy of a
        label is a second tube with the same code.
        """
        ...


@runtime_checkable
class TellingPrinter(LabelPrinter, Protocol):
    """A printer that can be asked what it does, and what became of what it was given before."""

    def settle(self, told: Told) -> Told:
        """Ask again about pages that were held: the same pages, as they stand now. Never raises."""
        ...


@dataclass(frozen=True)
class PdfFilePrinter:
    """Writes the pages to a new PDF file, whole or not at all. Raises ``Unavailable`` when it exists."""

    path: Path
    dpi: int = 300

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def print(self, pages: Sequence[Page], title: str) -> Told:
        """Write the file; it is there and complete, with its bytes on the disk, when this returns."""
        require_dpi(self, pages)
        unfinished = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            with unfinished.open("xb") as stream:
                stream.write(pdf(pages, title))
                stream.flush()
                os.fsync(stream.fileno())
            try:
                self._take_name(unfinished)
            finally:
                unfinished.unlink(missing_ok=True)
        except FileExistsError as error:
            raise Unavailable(Problem("printer", "label-file-exists", {"path": str(self.path)})) from error
        except OSError as error:
            values = {"path": str(self.path), "reason": error.strerror or str(error)}
            raise Unavailable(Problem("printer", "label-file-not-written", values)) from error
        return Told(str(self.path), len(pages))

    def _take_name(self, finished: Path) -> None:
        """Give the file its name without ever replacing another one's, as a rename would."""
        with self.path.open("xb"):
            pass
        finished.replace(self.path)


def require_dpi(printer: LabelPrinter, pages: Sequence[Page]) -> None:
    """Refuse pages of another resolution, which a driver would scale off the grid. Raises ``Unavailable``."""
    for page in pages:
        if page.dpi != printer.dpi:
            values = {"printer": printer.name, "wanted": printer.dpi, "given": page.dpi}
            raise Unavailable(Problem("printer", "printer-resolution", values))


def free_path(folder: Path, title: str) -> Path:
    """A path for a PDF of this title in the folder that no file has: "Labels 2026-11-22 (2).pdf"."""
    stem = re.sub(r"[^\w .()+-]+", "-", title).strip(" .-") or "labels"
    names = (f"{stem}.pdf" if number == 1 else f"{stem} ({number}).pdf" for number in count(1))
    return next(path for name in names if not (path := folder / name).exists())
