"""Printing the labels that wait: the steps of ``services.print_runs``, each in the thread where it belongs.

What a printer holds (out of paper, head open) is asked about until it is settled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer

from biobank_desktop.domain.problems import Rejected, Unavailable
from biobank_desktop.language import _, ngettext, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.printing import Came, LabelKey
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.labels.printers import LabelPrinter
    from biobank_desktop.services.print_runs import Aside, Held, Printed, Steps, Wish, Write
    from biobank_desktop.services.printers import PrinterForm
    from biobank_desktop.settings import Settings

TOPICS = frozenset({"labels"})
SETTLE_MS = 3_000
"""How often a printer is asked about what it holds."""


@dataclass(frozen=True)
class Outcome:
    """What became of labels that were to be printed: how many were handed over, and where to.

    ``failed`` says why others were not. Of those that a printer holds, and of those of which nobody knows,
    the person has been told.
    """

    count: int
    place: str
    failed: str = ""


@dataclass(frozen=True)
class Watched:
    """What a printer had not let go of when it was asked last, and who had it printed."""

    who: Actor
    held: Held


class LabelPrinting(QObject):
    """Prints for this bench. A dead printer never loses a label: it stays in the record."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._token = uuid4().hex[:8]
        self._held: list[Watched] = []
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.timeout.connect(self._ask_again)
        self._looked_back = False
        desk.person_changed.connect(self._look_back)

    @property
    def program(self) -> str:
        """What this running program is called in the record of what it prints."""
        from biobank_desktop.services.printing import sender_at  # noqa: PLC0415

        session = self._desk.session
        assert session is not None
        return sender_at(session.settings.bench, self._token)

    def print_for(
        self,
        object_ids: Sequence[int] | None,
        then: Callable[[Outcome], None],
        *,
        first: int = 1,
    ) -> None:
        """Print the waiting labels of these things (None: all that wait); a sheet begins at label ``first``.

        ``then`` is told what became of it, also when nothing waited.
        """
        session, who = self._desk.session, self._desk.actor
        if session is not None and who is not None:
            _Run(self, self._desk, who, then, first).begin(object_ids)

    def _look_back(self) -> None:
        """What an earlier run of the program at this bench had under way is unknown from now on."""
        from biobank_desktop.domain.people import may  # noqa: PLC0415
        from biobank_desktop.services.printing import give_up, left_behind  # noqa: PLC0415

        session, who = self._desk.session, self._desk.actor
        if self._looked_back or session is None or who is None or not may(who, "intake"):
            return
        self._looked_back = True
        bench, program = session.settings.bench, self.program

        def found(keys: list[LabelKey]) -> None:
            if keys:
                command_id = uuid4()
                self._desk.act(
                    self,
                    lambda store, actor: give_up(store, actor, keys, command_id),
                    lambda _count: None,
                    topics=TOPICS,
                )

        self._desk.read(self, lambda connection: left_behind(connection, bench, program), found)

    def hold(self, watched: Watched) -> None:
        """Ask the printer again and again until it has let go of these labels."""
        self._held.append(watched)
        self._settling.start()

    def _ask_again(self) -> None:
        from biobank_desktop.services.print_runs import settled  # noqa: PLC0415

        for watched in self._held:
            self._desk.jobs.run_aside(
                self,
                lambda held=watched.held: settled(held),  # type: ignore[misc]
                lambda held, watched=watched: self._settled(watched, held),  # type: ignore[misc]
                failed=self._desk.tell,
            )

    def _settled(self, watched: Watched, held: Held) -> None:
        from biobank_desktop.services.print_runs import reporting  # noqa: PLC0415

        if watched not in self._held:
            return
        self._held.remove(watched)
        if held.told.rest == "held":
            self.hold(replace(watched, held=held))
        if held.news_since(watched.held):
            self._desk.act(
                self, reporting(held.came), lambda _nothing: None, topics=TOPICS, actor=watched.who
            )


class _Run:
    """One wish to print: its steps go one after the other, each in the thread where it belongs."""

    def __init__(
        self, printing: LabelPrinting, desk: Desk, who: Actor, then: Callable[[Outcome], None], first: int
    ) -> None:
        session = desk.session
        assert session is not None
        self._printing, self._desk, self._who, self._then = printing, desk, who, then
        self._settings, self._first = session.settings, first
        self._printer = ""
        self._steps: Steps

    def begin(self, object_ids: Sequence[int] | None) -> None:
        """Read what waits."""
        settings = self._settings
        self._desk.read(
            self._printing,
            lambda connection: _wish(connection, settings, object_ids),
            self._read,
            failed=self._broke,
        )

    def _read(self, wanted: Wish) -> None:
        from biobank_desktop.services.print_runs import steps  # noqa: PLC0415

        if wanted.refused:
            self._desk.frame.notices.warn(" ".join(say(problem) for problem in wanted.refused))
        if not wanted.groups:
            self._then(Outcome(0, ""))
            return
        self._printer = wanted.printer.name
        folder = self._settings.data_folder / "labels"
        self._steps = steps(
            wanted,
            lambda title: reach(wanted.printer, folder, title),
            self._printing.program,
            lambda held: self._printing.hold(Watched(self._who, held)),
            self._first,
        )
        self._go(lambda: next(self._steps))

    def _go(self, move: Callable[[], Aside | Write]) -> None:
        from biobank_desktop.services.print_runs import Aside  # noqa: PLC0415

        try:
            step = move()
        except StopIteration as ended:
            self._ended(ended.value)
        except Exception as error:  # told as every mistake of the program is
            self._broke(error)
        else:
            if isinstance(step, Aside):
                self._desk.jobs.run_aside(self._printing, step.work, self._answered, failed=self._raised)
                return
            self._desk.act(
                self._printing,
                step.gesture,
                self._answered,
                topics=TOPICS,
                actor=self._who,
                refused=lambda problems: self._raised(Rejected(*problems)),
            )

    def _answered(self, answer: object) -> None:
        self._go(lambda: self._steps.send(answer))

    def _raised(self, error: Exception) -> None:
        self._go(lambda: self._steps.throw(error))

    def _ended(self, printed: Printed) -> None:
        """Say what became of it."""
        from biobank_desktop.domain.printing import HANDED_OVER  # noqa: PLC0415

        over = [one for one in printed.came if one.state in HANDED_OVER]
        if any(one.state in {"held", "unknown"} for one in printed.came):
            self._desk.frame.notices.warn(doubt_words(printed.came))
        faults = [one.fault for one in printed.came if one.state == "failed" and one.fault is not None]
        failed = dict.fromkeys(say(problem) for problem in (*faults, *printed.stopped))
        places = dict.fromkeys(one.place for one in over)
        self._then(Outcome(len(over), ", ".join(places) or self._printer, " ".join(failed)))

    def _broke(self, error: Exception) -> None:
        """Nothing more is printed in this run; what was not taken waits."""
        self._then(Outcome(0, self._printer, self._why(error)))

    def _why(self, error: Exception) -> str:
        if isinstance(error, Rejected):
            return " ".join(say(problem) for problem in error.problems)
        if isinstance(error, Unavailable):
            return say(error.problem)
        self._desk.tell(error)
        return _("The program made a mistake.")


def doubt_words(came: Sequence[Came]) -> str:
    """What a person must know of labels that a printer holds, or of which nobody knows."""
    held = [one for one in came if one.state == "held"]
    doubted = [one for one in came if one.state == "unknown"]
    said = [say(one.fault) for one in (*held[:1], *doubted[:1]) if one.fault is not None]
    if held:
        words = ngettext(
            "The printer holds {count} label and goes on by itself.",
            "The printer holds {count} labels and goes on by itself.",
            len(held),
        )
        said.append(words)
    if doubted:
        words = ngettext(
            "Nobody knows whether {count} label came out: look, and say so under Labels, In doubt.",
            "Nobody knows whether {count} labels came out: look, and say so under Labels, In doubt.",
            len(doubted),
        )
        said.append(words)
    return " ".join(said)


def _wish(connection: Connection, settings: Settings, object_ids: Sequence[int] | None) -> Wish:
    from biobank_desktop.services.print_runs import bench_printer, wish  # noqa: PLC0415

    printer = bench_printer(connection, settings.printer)
    return wish(connection, printer, settings.bench, datetime.now(UTC), object_ids)


def reach(form: PrinterForm, folder: Path, title: str) -> LabelPrinter:
    """A printer as it is set up, that of this computer's spooler too. Raises ``Unavailable``."""
    if form.way == "system":
        from biobank_desktop.gui.printing import SystemPrinter  # noqa: PLC0415

        return SystemPrinter(form.options["queue"], form.dpi)
    from biobank_desktop.services.printer_ways import device  # noqa: PLC0415

    return device(form, folder, title)
