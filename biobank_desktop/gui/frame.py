"""The window: rail, scan field, work, context panel, status line; screens are made when first visited."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.scans import Command, Scan, ScanKind
from biobank_desktop.gui import theme
from biobank_desktop.gui.attention import Attention
from biobank_desktop.gui.findings import Finding, Search
from biobank_desktop.gui.notices import Notices
from biobank_desktop.gui.scanbus import ScanBus
from biobank_desktop.gui.sounds import Sound, Sounds
from biobank_desktop.gui.typed_twice import Typed, TypedTwice
from biobank_desktop.gui.widgets.context_panel import ContextPanel
from biobank_desktop.gui.widgets.cover import Cover
from biobank_desktop.gui.widgets.rail import Rail
from biobank_desktop.gui.widgets.scrolling import FocusFollower, scrolling
from biobank_desktop.gui.widgets.status_line import StatusLine
from biobank_desktop.gui.widgets.topbar import CAMERA_KEY, TopBar
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from biobank_desktop.gui.palette import CommandPalette
    from biobank_desktop.gui.widgets.screen import Screen

SMALLEST = (1366, 768)


@dataclass(frozen=True)
class Entry:
    """A screen: its name, how it is made, and its place on the rail (word and icon) when it has one.

    A record's screen has no word of its own; ``rail`` names the place that is marked while it is shown.
    """

    name: str
    make: Callable[[], Screen]
    word: str = ""
    icon: str = ""
    rail: str = ""


@dataclass(frozen=True)
class Visit:
    """Where somebody was: for Esc."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


def rail_key(number: int) -> str:
    """The key of a place on the rail: Alt and its digit, 0 for the tenth, none for later ones."""
    return f"Alt+{number % 10}" if number <= 10 else ""


def _shown(code: str) -> str:
    return codes.group(code) if codes.parse(code) else code


def utc_now() -> datetime:
    """The machine's clock, the only place the window reads it."""
    return datetime.now(UTC)


class Frame(QMainWindow):
    """The main window. ``bus`` brings scans, ``notices`` is the door to the user, ``context`` the panel."""

    scan_left = Signal(object)
    """a ``Scan`` the shown screen had no use for: open its record"""
    words_sought = Signal(str)
    """words typed into the scan field: search for them"""
    undo_wanted = Signal()
    """Ctrl+Z or the UNDO barcode"""
    scan_under_cover = Signal(object)
    """a ``Scan`` that came while the work is covered: a badge"""
    lock_wanted = Signal()
    """the LOCK barcode or Ctrl+L"""
    screen_shown = Signal(str)
    """the name of the screen that is shown now"""
    camera_wanted = Signal()
    """F9: the camera on or off"""
    closing = Signal()
    """the window is about to close: finish writing"""

    def __init__(
        self,
        sounds: Sounds | None = None,
        clock: Callable[[], datetime] = utc_now,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Biobank")
        self._entries: dict[str, Entry] = {}
        self._screens: dict[str, Screen] = {}
        self._shown = ""
        self._visits: list[Visit] = []
        self._extra_commands: list[Finding] = []
        self._attention = Attention()
        self._follower = FocusFollower(self)
        self._typed = TypedTwice()
        self.typed_codes: set[str] = set()  # of ours, that were typed and are used by what is done next
        self._name_scan: Callable[[Scan], None] = self.take_scan
        self.finishing = False  # the window stays until what is being saved has its answer
        self.bus = ScanBus(parent=self)
        self.rail = Rail(self)
        self.top = TopBar(self)
        self.notices = Notices(sounds or Sounds(), self)
        self.stack = QStackedWidget(self)
        self.context = ContextPanel(self)
        self.status = StatusLine(clock, self)
        self._lay_out()
        self._cover = Cover(self, self._centre)
        self._palette: CommandPalette | None = None
        self._search: Search | None = None
        self._connect()
        self.setMinimumSize(1024, 640)
        self.resize(*SMALLEST)

    def _lay_out(self) -> None:
        work = QHBoxLayout()
        work.setSpacing(0)
        work.addWidget(self.stack, 1)
        work.addWidget(self.context)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.top)
        right.addWidget(self.notices)
        right.addLayout(work, 1)
        right.addWidget(self.status)
        centre = QWidget(self)
        all_of_it = QHBoxLayout(centre)
        all_of_it.setContentsMargins(0, 0, 0, 0)
        all_of_it.setSpacing(0)
        all_of_it.addWidget(self.rail)
        all_of_it.addLayout(right, 1)
        self.setCentralWidget(centre)
        self._centre = centre
        theme.set_role(self.stack, "ground")

    def _connect(self) -> None:
        self.rail.chosen.connect(self._rail_chosen)
        self.top.scan.entered.connect(self.bus.type)
        self.top.panel_toggled.connect(self.context.toggle)
        self.top.camera.clicked.connect(self.switch_camera)
        self.bus.scanned.connect(self._scanned)
        self.bus.unreadable.connect(self._unreadable)
        self.bus.crowded.connect(self._crowded)
        self.bus.sought.connect(self.words_sought)
        self.notices.stop_raised.connect(self._stand_still)
        self.notices.stop_cleared.connect(self._go_on)
        for keys, slot in (
            ("Ctrl+K", self._open_palette),
            ("Ctrl+F", self._to_scan_field),
            ("Ctrl+L", self.lock_wanted.emit),
            ("F1", self.toggle_help),
            ("Ctrl+B", self.context.toggle),
            ("Ctrl+Z", self.undo),
            (CAMERA_KEY, self.switch_camera),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(slot)

    def register(self, entry: Entry) -> None:
        """Make a screen known; it is made on its first visit. Raises ``ValueError`` for a name taken."""
        if entry.name in self._entries:
            raise ValueError(f"there is a screen {entry.name} already")
        self._entries[entry.name] = entry
        if not entry.word:
            return
        number = sum(bool(each.word) for each in self._entries.values())
        key = rail_key(number)
        self.rail.add(entry.name, entry.word, entry.icon, key)
        if key:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setObjectName(entry.name)
            shortcut.activated.connect(self._rail_key)

    def show_screen(self, name: str, **arguments: Any) -> Screen:
        """Go to a screen; its ``arrive`` gets the arguments. Raises ``KeyError`` for an unknown name."""
        screen = self._go(Visit(name, arguments))
        self._visits.append(Visit(name, arguments))
        del self._visits[:-50]
        return screen

    def show_beside(self, screen: Screen, widget: QWidget, footer: QWidget | None = None) -> None:
        """Show a widget in the panel beside a screen; nothing when the person has gone to another one."""
        if screen is self.shown_screen():
            self.context.show(widget, footer)

    def start_over(self, name: str) -> None:
        """Somebody else sits here: nothing to step back to, no word of before."""
        self._visits.clear()
        self._turn_to(name)

    def shown_screen(self) -> Screen | None:
        """The screen that is shown."""
        return self._screens.get(self._shown)

    def screen_name(self) -> str:
        """The name of the screen that is shown, "" before the first."""
        return self._visits[-1].name if self._visits else ""

    @property
    def palette_panel(self) -> CommandPalette:
        """The command palette, made when it is first wanted: it costs a tenth of the start."""
        if self._palette is None:
            from biobank_desktop.gui.palette import CommandPalette  # noqa: PLC0415

            self._palette = CommandPalette(self.commands, self)
            self._palette.set_search(self._search)
        return self._palette

    def set_search(self, search: Search | None) -> None:
        """What Ctrl+K asks for records."""
        self._search = search
        if self._palette is not None:
            self._palette.set_search(search)

    def add_command(self, finding: Finding) -> None:
        """Make a command known to Ctrl+K."""
        self._extra_commands.append(finding)

    def commands(self) -> Sequence[Finding]:
        """Every place of the rail and every command made known."""
        places = [
            Finding(entry.word, rail_key(number), entry.icon, partial(self.show_screen, entry.name))
            for number, entry in enumerate((each for each in self._entries.values() if each.word), 1)
        ]
        return [*places, *self._extra_commands]

    def take_scan(self, scan: Scan) -> None:
        """Send a scan where it belongs: refused during a stop, else a command, the screen, the record."""
        if self.covered:
            self.scan_under_cover.emit(scan)
        elif self.notices.stopped:
            self.notices.refuse_scan()
        elif scan.kind is ScanKind.COMMAND and self._do_command(scan.command):
            return
        else:
            screen = self.shown_screen()
            if screen is not None and screen.decides(scan) and not self._is_sure(scan):
                return
            if not scan.typed:
                self.typed_codes.discard(scan.code)
            if screen is None or not screen.take_scan(scan):
                self.scan_left.emit(scan)

    def _is_sure(self, scan: Scan) -> bool:
        """A scan is; a typed code once it came twice."""
        if not scan.typed:
            self._typed.forget()
            return True
        first = self._typed.first
        heard = self._typed.hear(scan.code)
        if heard is Typed.FIRST:
            text = _("{code} was typed, not scanned. Type it once more, and it counts.")
            self.notices.warn(text.format(code=_shown(scan.code)))
        elif heard is Typed.ANOTHER:
            self.notices.stop(
                _("Two different codes were typed"),
                _("First {first}, then {second}. Neither was used.").format(
                    first=_shown(first), second=_shown(scan.code)
                ),
                _("Scan the label, or type its code twice."),
            )
        else:
            self.notices.clear_line()
            self.were_typed([scan.code])
        return heard is Typed.AGAIN

    def were_typed(self, given: Iterable[str]) -> None:
        """Codes of ours that were typed: what is done next says so where it is about them."""
        self.typed_codes |= {own for code in given if (own := codes.parse(code))}

    @property
    def covered(self) -> bool:
        """Whether the work is covered: nobody signed in, or locked."""
        return self._cover.on

    def cover(self, panel: QWidget) -> None:
        """Cover the window and ask with ``panel`` (sign-in, lock, switch); typed work stays as it is."""
        self._typed.forget()
        if self._palette is not None and not self._palette.isHidden():
            self._palette.close_palette()
        self._cover.show_panel(panel)

    def uncover(self) -> None:
        """Give the work back, the focus where it was; a stop that was up still stands."""
        self._cover.lift()

    @property
    def _held(self) -> bool:
        return self.covered or self.notices.stopped

    def step_back(self) -> None:
        """Esc: one of the stop, the palette, help, the line, a step in the screen, the screen before."""
        screen = self.shown_screen()
        self._typed.forget()
        if self.covered:
            return
        if self.notices.stopped:
            self.notices.clear_stop()
        elif self._palette is not None and not self._palette.isHidden():
            self._palette.close_palette()
        elif self.context.helps():
            self.context.hide_help()
        elif self.notices.line_shown():
            self.notices.clear_line()
        elif (screen is None or not screen.step_back()) and len(self._visits) > 1:
            self._visits.pop()
            self._go(self._visits[-1])

    def _go(self, visit: Visit) -> Screen:
        entry = self._entries[visit.name]
        if visit.name not in self._screens:
            self._screens[visit.name] = entry.make()
            self.stack.addWidget(scrolling(self._screens[visit.name]))
        screen, before = self._screens[visit.name], self.shown_screen()
        if before is not None and before is not screen:
            before.leave()
            self.context.clear()
        self.context.hide_help()
        self._typed.forget()
        self._shown = visit.name
        self.stack.setCurrentIndex(list(self._screens).index(visit.name))
        self.rail.set_current(entry.rail or entry.name)
        screen.setFocus()
        screen.arrive(**visit.arguments)
        self.screen_shown.emit(visit.name)
        return screen

    def name_scans_by(self, take: Callable[[Scan], None]) -> None:
        """Who gets every scan first, and gives it back to ``take_scan`` when it knows what it is of."""
        self._name_scan = take

    def _scanned(self, scan: object) -> None:
        if isinstance(scan, Scan):
            self._name_scan(scan)

    def _unreadable(self, raw: str) -> None:
        screen = self.shown_screen()
        if self._refuses() or (screen is not None and screen.take_unreadable(raw)):
            return
        self.notices.stop(
            _("Unreadable, scan again"),
            _(
                "The scanner sent “{raw}”, which is no code of this lab or its check character is wrong."
            ).format(raw=raw[:40]),
            _("Clean the label and scan again. If it stays unreadable, type the code in the scan field."),
        )

    def _crowded(self, texts: object) -> None:
        if isinstance(texts, tuple) and not self._refuses():
            self.notices.stop(
                _("More than one code in view"),
                _("The camera sees {codes}. None of them was used.").format(
                    codes=", ".join(_shown(text)[:40] for text in texts)
                ),
                _("Take them all out of view, then show one label alone."),
            )

    def _refuses(self) -> bool:
        """Whether what came in is not looked at now: the work is covered, or a stop is up."""
        if self.covered:
            self.notices.sound(Sound.WARNING)
        elif self.notices.stopped:
            self.notices.refuse_scan()
        return self._held

    def _do_command(self, command: Command | None) -> bool:
        screen = self.shown_screen()
        if command is Command.SAVE and screen is not None:
            if self.bus.save_is_meant() and not screen.press_primary():
                self.notices.warn(_("There is nothing to save on this screen yet."))
            return True
        actions: dict[Command, Callable[[], None]] = {
            Command.UNDO: self.undo,
            Command.BACK: self.step_back,
            Command.LOCK: self.lock_wanted.emit,
        }
        if command is None or command not in actions:
            return False
        self.notices.sound(Sound.ACCEPTED)
        actions[command]()
        return True

    def _rail_chosen(self, name: str) -> None:
        if self.covered:
            return
        if self.notices.stopped:
            self.rail.set_current(self._entries[self.screen_name()].name if self._visits else "")
            self.notices.refuse_scan()
            return
        self._turn_to(name)

    def _turn_to(self, name: str) -> None:
        self.notices.clear_line()
        self.top.show_fact("")
        self.show_screen(name)

    def _rail_key(self) -> None:
        sender = self.sender()
        if sender is not None:
            self._rail_chosen(sender.objectName())

    def _open_palette(self) -> None:
        if not self._held:
            self.palette_panel.open()

    def _to_scan_field(self) -> None:
        self.top.scan.setFocus()

    def undo(self) -> None:
        """Take the last command back, unless a stop or the lock is up."""
        if not self._held:
            self.undo_wanted.emit()

    def switch_camera(self) -> None:
        """The camera on or off, unless a stop or the lock is up."""
        if not self._held:
            self.camera_wanted.emit()

    def toggle_help(self) -> None:
        """Explain the shown screen, or put the explanation away."""
        screen = self.shown_screen()
        if self.context.helps():
            self.context.hide_help()
        elif not self._held and screen is not None and screen.help_text:
            self.context.show_help(screen.title, screen.help_text)

    def _stand_still(self) -> None:
        """Nothing but the stop answers now; what is shown stays readable."""
        focused: QWidget | None = self.focusWidget()
        self._attention.keep(None if focused is None or self.notices.isAncestorOf(focused) else focused)
        self.stack.setEnabled(False)
        self.top.setEnabled(False)
        self.context.setEnabled(False)

    def _go_on(self) -> None:
        for part in (self.stack, self.top, self.context):
            part.setEnabled(True)
        self._attention.give_back(self.shown_screen())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys nobody used: Esc steps back, the rest is the shown screen's even when it has no focus."""
        screen = self.shown_screen()
        if event.key() == Qt.Key.Key_Escape:
            self.step_back()
        elif self._held or screen is None or not screen.take_key(event):
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Listen to the keys of the window that now exists."""
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None:
            self.bus.watch(handle)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let others finish writing first."""
        self.closing.emit()
        if self.finishing:
            event.ignore()
        else:
            super().closeEvent(event)
