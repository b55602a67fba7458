"""A queue of CUPS: the pages go to ``lp`` as images, on paper of their own size, and CUPS has them then.

What CUPS calls completed has left this computer; a printer that is out of labels holds it all the same, and
prints it when new ones are put in. So pages are told as sent, never as out.

Its drivers take a size within a few points for one on their list, and round to whole points. The size is
therefore given twice, in whole points and by the name that no driver's list is asked for (``PageSize``), and
each page has that size, with its dots from the upper left corner: the Zebra driver then prints them dot for
dot where they belong.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.labels.pdf import pdf, whole_points
from biobank_desktop.labels.printers import Told, require_dpi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.labels.page import Page


@dataclass(frozen=True)
class CupsPrinter:
    """One queue of CUPS: a ``LabelPrinter``. ``name`` is the queue's own.

    ``server`` is "host:port" of another CUPS than this computer's; ``answer_s`` how long it may take.
    """

    name: str
    dpi: int
    server: str = ""
    answer_s: float = 30.0

    def print(self, pages: Sequence[Page], title: str) -> Told:
        """Hand the pages to CUPS as one job. Blocks: call it in a worker.

        Raises ``Unavailable`` when there is no CUPS here, it does not answer, does not know the queue, or the
        queue takes no jobs. Of a job that breaks off later nothing is known; it is never sent again from
        here.
        """
        require_dpi(self, pages)
        if not pages:
            return Told(self.name, 0)
        self._require_accepting()
        width, height = (whole_points(dots, self.dpi) for dots in (pages[0].width, pages[0].height))
        size = f"Custom.{width}x{height}"
        asked = ["-d", self.name, "-t", title]
        for option in (
            f"media={size}",
            f"PageSize={size}",
            "print-scaling=none",
            f"printer-resolution={self.dpi}dpi",
        ):
            asked += ["-o", option]
        try:
            done = self._run("lp", asked, pdf(pages, title, on_whole_points=True))
        except subprocess.TimeoutExpired:
            return Told(self.name, 0, "unknown", "silent")
        if done.returncode:
            return Told(self.name, 0, "unknown", "broke-off")
        return Told(self.name, 0, "sent")

    def _require_accepting(self) -> None:
        """Refuse a queue that is not there or takes no jobs. Raises ``Unavailable``."""
        try:
            done = self._run("lpstat", ["-a"])
        except FileNotFoundError as error:
            raise self._unavailable("cups-missing") from error
        except subprocess.TimeoutExpired as error:
            raise self._unavailable("cups-silent") from error
        queues = done.stdout.decode(errors="replace").splitlines()
        if any(line.startswith(f"{self.name} accepting requests") for line in queues):
            return
        if any(line.startswith(f"{self.name} not accepting requests") for line in queues):
            raise self._unavailable("printer-refuses")
        # No queue at all is an error of ``lpstat``, too, and says so.
        if done.returncode and b"No destinations added" not in done.stderr:
            raise self._unavailable("cups-silent")
        raise self._unavailable("printer-unknown")

    def _run(
        self, program: str, arguments: list[str], content: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program of CUPS, which is to answer in English."""
        server = ["-h", self.server] if self.server else []
        return subprocess.run(
            [program, *server, *arguments],
            input=content,
            capture_output=True,
            check=False,
            timeout=self.answer_s,
            env={**os.environ, "LC_ALL": "C"},
        )

    def _unavailable(self, code: str) -> Unavailable:
        return Unavailable(Problem("printer", code, {"printer": self.name}))
