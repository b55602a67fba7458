"""The ways to a printer: what each of them asks, and the device that is made of the answers.

The window and the command line reach printers through here. The spooler of this computer (``system``) is
reached through Qt, so only the window reaches it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.domain.printing import held_by
from biobank_desktop.domain.problems import Problem, Rejected, Unavailable, refuse
from biobank_desktop.labels.cups import CupsPrinter
from biobank_desktop.labels.printers import PdfFilePrinter, free_path
from biobank_desktop.labels.zebra import PORT, ZebraPrinter
from biobank_desktop.labels.zpl import DARKEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biobank_desktop.labels.printers import LabelPrinter
    from biobank_desktop.labels.zebra_state import State
    from biobank_desktop.services.printers import PrinterForm

WAYS = ("pdf", "sheet", "system", "zpl", "cups")
FARTHEST_MM = 10
"""How far a label may be moved on a printer, either way."""
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|[0-9A-Fa-f:]{2,39})"
_QUEUE = re.compile(r"[^\s/#\\?'\"-][^\s/#\\?'\"]{0,126}")


def way_problems(way: str, options: Mapping[str, str]) -> list[Problem]:
    """Everything that is wrong with the answers that a way asks for."""
    if way not in WAYS:
        return [Problem("way", "not-a-choice", {"value": way, "choices": WAYS})]
    if way == "system" and not options.get("queue"):
        return [Problem("options", "printer-queue-missing")]
    try:
        if way == "zpl":
            zebra("", 0, options)
        elif way == "cups":
            cups("", 0, options)
    except Rejected as error:
        return list(error.problems)
    return []


def zebra(name: str, dpi: int, options: Mapping[str, str]) -> ZebraPrinter:
    """A Zebra on the network: ``host``, ``port``, ``offset_x_mm``, ``offset_y_mm``, ``darkness``.

    Only the host must be given; without a darkness the printer keeps its own. Raises ``Rejected`` with every
    problem.
    """
    host = options.get("host", "").strip()
    port = _whole(options.get("port", ""), 1, 65_535)
    across, along = (_millimetres(options.get(side, "")) for side in ("offset_x_mm", "offset_y_mm"))
    darkness = _whole(options.get("darkness", ""), 0, DARKEST)
    problems = []
    if re.fullmatch(_HOST, host) is None:
        problems.append(Problem("host", "printer-host"))
    if port is None and options.get("port", "").strip():
        problems.append(Problem("port", "printer-port"))
    for side, moved in (("offset_x_mm", across), ("offset_y_mm", along)):
        if moved is None:
            problems.append(Problem(side, "printer-offset-mm", {"most": FARTHEST_MM}))
    if darkness is None and options.get("darkness", "").strip():
        problems.append(Problem("darkness", "printer-darkness", {"most": DARKEST}))
    refuse(problems)
    return ZebraPrinter(name, host, dpi, port or PORT, across or 0.0, along or 0.0, darkness)


def cups(name: str, dpi: int, options: Mapping[str, str]) -> CupsPrinter:
    """A queue of CUPS: ``queue``, and ``server`` ("host" or "host:port") when it is another computer's.

    People know it by ``name``, CUPS by its queue. Raises ``Rejected`` with every problem.
    """
    queue, server = options.get("queue", "").strip(), options.get("server", "").strip()
    problems = []
    if _QUEUE.fullmatch(queue) is None:
        problems.append(Problem("queue", "printer-queue"))
    if server and re.fullmatch(rf"{_HOST}(?::[0-9]{{1,5}})?", server) is None:
        problems.append(Problem("server", "printer-server"))
    refuse(problems)
    return CupsPrinter(queue, dpi, server)


def device(form: PrinterForm, folder: Path, title: str) -> LabelPrinter:
    """A printer as it is set up; files of this title go into its own folder, else into ``folder``.

    Raises ``Unavailable``, also for the spooler of this computer, and ``Rejected`` when its answers are none.
    """
    if form.way == "zpl":
        return zebra(form.name, form.dpi, form.options)
    if form.way == "cups":
        return cups(form.name, form.dpi, form.options)
    if form.way == "system":
        raise Unavailable(Problem("printer", "printer-of-the-window", {"printer": form.name}))
    own = Path(form.options.get("folder") or folder)
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(Problem("printer", "label-folder", {"folder": str(own)})) from error
    return PdfFilePrinter(free_path(own, title), form.dpi)


def ask(form: PrinterForm) -> State:
    """What a printer says about itself now. Blocks: call it in a worker.

    Raises ``Unavailable`` when it does not answer, and ``Rejected`` for a way on which nothing can be asked.
    """
    if form.way != "zpl":
        raise Rejected(Problem("printer", "printer-tells-nothing", {"printer": form.name}))
    return zebra(form.name, form.dpi, form.options).status()


def state_problems(printer: str, state: State) -> list[Problem]:
    """What somebody has to put right at a printer, first things first."""
    faults = (*state.faults, "label-waits") if state.label_waits else state.faults
    return [problem for fault in faults if (problem := held_by(printer, fault)) is not None]


def address(way: str, options: Mapping[str, str]) -> str:
    """Where a printer is reached: host and port, queue and server, or folder; "" where nothing was set."""
    if way == "zpl":
        return f"{options.get('host', '')}:{options.get('port') or PORT}"
    if way == "cups" and options.get("server"):
        return f"{options.get('queue', '')} @ {options['server']}"
    return options.get("queue", "") if way in {"cups", "system"} else options.get("folder", "")


def _whole(typed: str, least: int, most: int) -> int | None:
    """A whole number within limits; None for anything else."""
    typed = typed.strip()
    number = int(typed) if re.fullmatch(r"[0-9]{1,5}", typed) else None
    return number if number is not None and least <= number <= most else None


def _millimetres(typed: str) -> float | None:
    """Millimetres either way, decimal comma or point; 0 when nothing is typed, None for anything else."""
    typed = typed.strip().replace("−", "-").replace(",", ".")
    if not typed:
        return 0.0
    length = float(typed) if re.fullmatch(r"[+-]?[0-9]{1,2}(?:\.[0-9]{1,3})?", typed) else None
    return length if length is not None and abs(length) <= FARTHEST_MM else None
