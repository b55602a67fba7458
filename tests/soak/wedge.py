"""A scanner that types, and people who type fast: what is cut or glued is no scan, and typing is never one.

Every key is an event with a time of its own, sent to the real ``ScanBus`` through a window with a field and a
button. Nothing is waited for.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.scans import ForeignPattern, Scan
from biobank_desktop.gui.scanbus import ScanBus
from tests.soak.campaign import Campaign, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATTERNS = (ForeignPattern("hospital", r"HX\d{8}"), ForeignPattern("maker of tubes", r"\d{10}"))
ANY_EIGHT = ForeignPattern("eight of anything", "[0-9A-Z]{8}")
PACES: dict[str, Callable[[Random], int]] = {
    "1 ms": lambda _rng: 1,
    "12 ms": lambda rng: rng.randint(8, 16),
    "30 ms": lambda rng: rng.randint(20, 34),
    "50 ms": lambda _rng: 50,
    "packets": lambda rng: rng.choice((0, 0, 0, 0, 48)),
    "ragged": lambda rng: rng.randint(1, 50),
}
ENDS = {"Enter": Qt.Key.Key_Return, "Tab": Qt.Key.Key_Tab, "none": None, "late": Qt.Key.Key_Return}
PLACES = ("field", "button")
CUTS = frozenset(f"{place}, {pace}, {end}" for place in PLACES for pace in PACES for end in ENDS)
PERSONS_PACE_MS = 20
"""So soon after a key no person presses Enter; at a slower pace fewer than six keys may be a person's."""


@dataclass(frozen=True)
class Stroke:
    """A key and the pause before it."""

    key: int
    text: str
    gap_ms: int


class Bench(QObject):
    """A window, its bus, and what came of the keys."""

    def __init__(self, patterns: tuple[ForeignPattern, ...] = PATTERNS) -> None:
        super().__init__()
        self._app = QApplication.instance() or QApplication([])
        self.window = QWidget()
        self.field, self.button = QLineEdit(self.window), QPushButton("Delete", self.window)
        self.field.setMaxLength(1 << 20)
        layout = QVBoxLayout(self.window)
        layout.addWidget(self.field)
        layout.addWidget(self.button)
        self.button.installEventFilter(self)
        self.scans: list[str] = []
        self.unreadable: list[str] = []
        self.enters = 0
        self.at_button = ""
        self.field.returnPressed.connect(self._entered)
        self.window.show()
        self.bus = ScanBus(patterns)
        self.bus.watch(self.window.windowHandle())
        self.bus.scanned.connect(self._scanned)
        self.bus.unreadable.connect(self.unreadable.append)
        self._now_ms = 1_000_000

    def close(self) -> None:
        self.window.hide()
        self.window.deleteLater()

    def _entered(self) -> None:
        self.enters += 1

    def _scanned(self, scan: object) -> None:
        assert isinstance(scan, Scan)
        self.scans.append(scan.code)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self.at_button += event.text()
        return False

    def begin(self, place: str) -> None:
        """Put the keyboard somewhere and forget what was."""
        (self.field if place == "field" else self.button).setFocus()
        self.field.clear()
        self.scans.clear()
        self.unreadable.clear()
        self.enters, self.at_button = 0, ""

    def press(self, stroke: Stroke, hold_ms: int = 0) -> None:
        self._now_ms += stroke.gap_ms
        self._send(QEvent.Type.KeyPress, stroke, self._now_ms)
        self._send(QEvent.Type.KeyRelease, stroke, self._now_ms + hold_ms)

    def _send(self, kind: QEvent.Type, stroke: Stroke, at_ms: int) -> None:
        event = QKeyEvent(kind, stroke.key, Qt.KeyboardModifier.NoModifier, stroke.text)
        event.setTimestamp(at_ms)
        QCoreApplication.sendEvent(self.window.windowHandle(), event)

    def rest(self) -> None:
        """Time passes: the bus gives back what it holds at the next key, which no widget knows."""
        self.press(Stroke(Qt.Key.Key_F24, "", 1_000))


def strokes(text: str, gap: Callable[[], int], first_ms: int) -> Iterator[Stroke]:
    for place, letter in enumerate(text):
        yield Stroke(ord(letter.upper()), letter, gap() if place else first_ms)


def one_code(rng: Random) -> str:
    """A code as this lab scans them: mostly its own."""
    if rng.random() < 0.2:
        return f"HX{rng.randrange(10**8):08d}"
    kind = rng.choice((CodeKind.SAMPLE, CodeKind.CONTAINER, CodeKind.DONOR))
    return codes.run(kind, 2026, rng.randrange(codes.SERIALS - 100), 1)[0]


def pieces(code: str) -> list[str]:
    """Every truncation: the end lost, the beginning lost, one stretch in the middle lost."""
    length = len(code)
    heads = [code[:cut] for cut in range(1, length)]
    tails = [code[cut:] for cut in range(1, length)]
    return heads + tails + [code[:a] + code[b:] for a in range(1, length) for b in range(a + 1, length)]


def cut(rounds: int, seed: int) -> Outcome:
    """Send every piece of a code at every pace with every end, in a field and at a button."""
    rng, bench, broken, cells = Random(f"cut {seed}"), Bench(), list[str](), Counter[str]()
    for _ in range(rounds):
        code = one_code(rng)
        prefix = rng.choice(("", "]d1", "]C0"))
        for piece in pieces(code):
            place, pace, end = rng.choice(PLACES), rng.choice([*PACES]), rng.choice([*ENDS])
            sent = (prefix if code.startswith(piece[:2]) else "") + piece
            swift = _send(bench, rng, sent, place, pace, end)
            wrong = [f"read as {scan}" for scan in bench.scans]
            wrong += _reached(bench, sent, place, end, swift=swift)
            broken += [f"{code} as {sent!r} {place}, {pace}, {end}: {why}" for why in wrong]
            cells[f"{place}, {pace}, {end}"] += 1
        bench.begin(rng.choice(PLACES))
        _send(bench, rng, code, "field", rng.choice([*PACES]), "Enter")
        if bench.scans != [code]:
            broken.append(f"{code}: a whole code was not read afterwards: {bench.unreadable}")
    bench.close()
    return Outcome(cells.total(), tuple(broken), cells)


def _send(bench: Bench, rng: Random, sent: str, place: str, pace: str, end: str) -> bool:
    """Whether no key of it came at a pace that a person may have."""
    bench.begin(place)
    keys = list(strokes(sent, lambda: PACES[pace](rng), 1_000))
    key = ENDS[end]
    if key is not None:
        gap = rng.randint(51, 290) if end == "late" else PACES[pace](rng)
        keys.append(Stroke(key, "\t" if end == "Tab" else "\r", gap))
    for stroke in keys:
        bench.press(stroke)
    bench.rest()
    return all(stroke.gap_ms <= PERSONS_PACE_MS for stroke in keys[1:])


def _reached(bench: Bench, sent: str, place: str, end: str, *, swift: bool) -> Iterator[str]:
    single = len(sent) == 1 and end in {"none", "late"}  # one key by itself is anybody's
    if bench.at_button.strip("\r\t") and place == "button" and not single:
        yield f"{bench.at_button!r} reached the button"
    if bench.enters and (len(sent) >= 6 or (swift and len(sent) > 1)):
        yield "its Enter reached the form"


def glued(rounds: int, seed: int) -> Outcome:
    """Send two whole codes without an end between, with one, and with a pause somewhere inside."""
    rng, bench, broken = Random(f"glued {seed}"), Bench((*PATTERNS, ANY_EIGHT)), list[str]()
    for _ in range(rounds):
        one, other = one_code(rng), one_code(rng)
        place, pace = rng.choice(PLACES), rng.choice([*PACES])
        gap, prefix = rng.choice((2, 50, 51, 120, 280, 600)), rng.choice(("", "]d1"))
        between, stall = rng.random() < 0.5, rng.random() < 0.3
        first = list(strokes(prefix + one, lambda pace=pace: PACES[pace](rng), 1_000))  # type: ignore[misc]
        if stall:
            at = rng.randrange(1, len(first))
            first[at] = Stroke(first[at].key, first[at].text, rng.randint(51, 290))
        if between:
            first.append(Stroke(Qt.Key.Key_Return, "\r", PACES[pace](rng)))
        second = list(strokes(prefix + other, lambda pace=pace: PACES[pace](rng), gap))  # type: ignore[misc]
        bench.begin(place)
        for stroke in (*first, *second, Stroke(Qt.Key.Key_Return, "\r", PACES[pace](rng))):
            bench.press(stroke)
        bench.rest()
        told = f"{one} {other} {place}, {pace}, gap {gap}, prefix {prefix!r}, end {between}, stall {stall}"
        broken += [f"{told}: {why}" for why in _wrong_pair(bench, one, other, between=between, stall=stall)]
        if len(set(bench.at_button) - set("\r\t")) > 1:
            broken.append(f"{told}: {bench.at_button!r} reached the button")
    bench.close()
    return Outcome(rounds, tuple(broken))


def _wrong_pair(bench: Bench, one: str, other: str, *, between: bool, stall: bool) -> Iterator[str]:
    yield from (f"read as {scan}" for scan in bench.scans if scan not in {one, other})
    if between and not stall and bench.scans != [one, other]:
        yield f"two whole scans were read as {bench.scans}"
    if not between and one != other and one in bench.scans:
        yield "read without its end"


WORDS = re.findall(
    "[A-Za-z]+", " ".join(path.read_text("utf-8") for path in sorted(Path("docs").glob("*.md")))
)
WORDS_PER_MINUTE = 150
SPREAD = 0.39
"""Of the logarithm of a gap: with it one gap in six of such a typist is at most 50 ms."""
MEDIAN_MS = 60_000 / (5 * WORDS_PER_MINUTE) / math.exp(SPREAD**2 / 2)


def fast_typing(keystrokes: int, seed: int, limit_ms: int | None = None) -> Outcome:
    """Type words and runs of letters and digits, each run with Enter; all of it must reach the field."""
    rng, bench, broken = Random(f"typing {seed}"), Bench((*PATTERNS, ANY_EIGHT)), list[str]()
    if limit_ms is not None:
        bench.bus.gap_ms = limit_ms
    sent = 0
    while sent < keystrokes:
        bench.begin("field")
        text = _line(rng)
        enter = rng.random() < 0.9
        for stroke in strokes(text + "\r" * enter, lambda: _pause_ms(rng), 800):
            key = Qt.Key.Key_Return if stroke.text == "\r" else stroke.key
            bench.press(Stroke(key, stroke.text, stroke.gap_ms), hold_ms=rng.randint(40, 110))
        bench.rest()
        sent += len(text) + enter
        if bench.scans or bench.unreadable:
            broken.append(f"{text!r} was taken for a scan")
        elif bench.field.text() != text:
            broken.append(f"{text!r} became {bench.field.text()!r}")
    bench.close()
    return Outcome(sent, tuple(broken))


def _pause_ms(rng: Random) -> int:
    return round(rng.lognormvariate(math.log(MEDIAN_MS), SPREAD))


def _line(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.5:
        return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 8)))
    alphabet = "0123456789" if kind < 0.75 else "abcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(6, 24)))


CAMPAIGNS = (
    Campaign("wedge, cut codes", "codes", 200_000, partial(cut, 30), cells=CUTS, least_per_cell=1_000),
    Campaign("wedge, glued codes", "pairs", 100_000, partial(glued, 2_000)),
    Campaign("wedge, fast typing", "keystrokes", 1_000_000, partial(fast_typing, 50_000)),
    Campaign(
        "wedge, fast typing (control)",
        "keystrokes",
        20_000,
        partial(fast_typing, 20_000, limit_ms=100),
        must_break=True,
    ),
)
