"""Show every piece of the window with realistic content and save pictures to build/gallery/.

Run it after a change of the look and compare: two sizes, light and dark, one picture per board.
"""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.findings import Finding
from biobank_desktop.gui.frame import Entry, Frame
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.gui.notices import Action, Level
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.gui.theme import Scheme
from biobank_desktop.gui.widgets.actions import ActionButton, KeyHint, Look
from biobank_desktop.gui.widgets.cards import Card, EmptyState, ProblemList
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.signin import Person, PersonSwitch, Reason, SignInPanel
from biobank_desktop.gui.widgets.status_line import Light
from biobank_desktop.language import choose

if TYPE_CHECKING:
    from collections.abc import Callable

from gallery_boards import (  # type: ignore[import-not-found]  # it lies beside this script
    NOW,
    VIALS,
    IntakeBoard,
    RecordBoard,
    TableBoard,
    now,
)

OUT = Path(__file__).resolve().parent.parent / "build" / "gallery"
PLACES = (
    ("today", "Today"),
    ("intake", "Intake"),
    ("samples", "Samples"),
    ("storage", "Storage"),
    ("donors", "Donors"),
    ("labels", "Labels"),
    ("history", "History"),
    ("settings", "Settings"),
)


class PiecesBoard(Screen):
    """Everything else: sign-in, switch, empty states, problems, buttons, icons."""

    title = "Pieces"

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 16, 20, 16)
        row.setSpacing(16)
        left = QVBoxLayout()
        sign_in = SignInPanel()
        sign_in.ask(Reason.LOCKED, "jansen", "Locked after 15 minutes. What A. Jansen was typing is kept.")
        left.addWidget(sign_in)
        switch = PersonSwitch()
        switch.show_persons(
            [Person("jansen", "A. Jansen", "technician"), Person("vries", "M. de Vries", "manager")]
        )
        left.addWidget(switch)
        left.addStretch(1)
        row.addLayout(left)
        right = QVBoxLayout()
        right.setSpacing(12)
        problems = ProblemList()
        problems.show_problems(
            [
                Problem("drawn", "drawn-after-received"),
                Problem("volume", "condition-is-a-deviation", warning=True),
            ],
            {"drawn": "Drawn", "volume": "Volume"},
        )
        right.addWidget(problems)
        wrong = FieldBox("Drawn", name="drawn")
        wrong.set_text("23 Nov 2026 09:40")
        wrong.set_problems([Problem("drawn", "drawn-after-received")])
        right.addWidget(wrong)
        right.addLayout(self._buttons())
        right.addLayout(self._icons())
        empty = Card()
        empty.body.addWidget(
            EmptyState("vial", "No vials to fill", "Vials planned at intake wait here.", "Receive a tube")
        )
        right.addWidget(empty, 1)
        row.addLayout(right, 1)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        off = ActionButton("Not now", icon="lock")
        off.setEnabled(False)
        for widget in (ActionButton("Plain", hint="P"), ActionButton("Quiet", Look.QUIET, icon="undo"), off):
            row.addWidget(widget)
        row.addWidget(KeyHint("F1"))
        row.addStretch(1)
        return row

    def _icons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(10)
        for index, name in enumerate(icons.names()):
            grid.addWidget(Icon(name, "ink", 24), index // 16, index % 16)
        return grid


def make_frame(jobs: Jobs) -> Frame:
    """The window with its boards."""
    frame = Frame(Sounds(enabled=False), now)
    made: dict[str, Callable[[], Screen]] = {
        "intake": IntakeBoard,
        "samples": lambda: TableBoard(jobs),
        "history": RecordBoard,
        "settings": PiecesBoard,
    }
    for name, word in PLACES:
        frame.register(Entry(name, made.get(name, Screen), word, name))
    frame.add_command(Finding("Switch person", "Ctrl+L", "person", frame.lock_wanted.emit))
    frame.status.set_database("Shared database · PMC-Biobank")
    frame.status.set_printer("Zebra bench 2 · 33 × 13", Light.WATCH)
    frame.status.set_person("A. Jansen · technician")
    frame.status.set_sealed(NOW + timedelta(seconds=21))
    frame.status.set_backup(NOW - timedelta(minutes=12))
    return frame


def settle() -> None:
    """Let every queued event and deletion happen."""
    for _round in range(4):
        QApplication.sendPostedEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def boards(frame: Frame) -> list[tuple[str, Callable[[], None]]]:
    """Each picture: its name and how to get there."""

    def intake() -> None:
        screen = frame.show_screen("intake")
        if isinstance(screen, IntakeBoard):
            frame.context.show(screen.panel, screen.register)
            frame.top.show_fact("Tube HX26110042 scanned · new")
            screen.time_point.editor.setFocus()

    def samples() -> None:
        screen = frame.show_screen("samples")
        if isinstance(screen, TableBoard):
            frame.context.show(screen.panel)
            screen.table.setFocus()

    def stop() -> None:
        intake()
        frame.notices.banner(
            "lost",
            "The database cannot be reached. What you type is kept.",
            Level.BROKEN,
            Action("Try again", settle),
        )
        frame.notices.stop(
            "Wrong vial",
            f"{codes.group(VIALS[9])} belongs to another donor.",
            "Take it out of the box and scan the next one.",
        )

    def palette() -> None:
        frame.notices.clear_stop()
        frame.notices.clear_banner("lost")
        frame.notices.warn("BX00123 is full after this vial. The next proposed box is BX00124.")
        frame.palette_panel.open()
        frame.palette_panel.line.setText("s")

    def pieces() -> None:
        frame.palette_panel.close_palette()
        frame.notices.clear_line()
        frame.show_screen("settings")

    def record() -> None:
        frame.show_screen("history")

    return [
        ("intake", intake),
        ("samples", samples),
        ("stop", stop),
        ("palette", palette),
        ("pieces", pieces),
        ("record", record),
    ]


def main() -> None:
    """Save every board in both sizes and schemes."""
    OUT.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv)
    with contextlib.suppress(FileNotFoundError):  # before `make setup` there are no catalogues
        choose("en")
    for scheme in (Scheme.LIGHT, Scheme.DARK):
        for size in ((1366, 768), (1920, 1080)):
            theme.apply(app, scheme)
            jobs = Jobs(inline=True)
            frame = make_frame(jobs)
            frame.resize(*size)
            frame.show()
            frame.activateWindow()
            QCursor.setPos(size[0] // 2, size[1] - 60)
            settle()
            for name, go in boards(frame):
                go()
                settle()
                frame.grab().save(str(OUT / f"{name}-{size[0]}-{scheme.value}.png"))
            jobs.close()
            frame.close()
            frame.deleteLater()
            settle()
    print(f"pictures in {OUT}")


if __name__ == "__main__":
    main()
