"""A Zebra on the network: asked before the first byte, watched until every label is out.

Port 9100 takes whatever comes and says nothing by itself, and a Zebra that has run out of labels goes on when
new ones are put in. So nothing is ever sent twice from here, and a label is called out only when the
printer's own counter of printed labels has risen for it. The label that was under way when the roll ended may
be printed once more by the printer (``^JZ``): the same code twice is then one label and its ghost.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic, sleep
from typing import TYPE_CHECKING, Literal, TypeVar

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.labels.printers import Told, require_dpi
from biobank_desktop.labels.zebra_state import (
    ASK_ODOMETER,
    ASK_RESOLUTION,
    ASK_STATE,
    State,
    Unreadable,
    read_resolution,
    read_state,
    whole_state,
    whole_variable,
)
from biobank_desktop.labels.zpl import zpl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from biobank_desktop.labels.page import Page

Answer = TypeVar("Answer")
PORT = 9100
_CANCEL_ALL = b"~JA\n"
_LONGEST_ANSWER = 4096


@dataclass(frozen=True)
class Held:
    """The ticket of pages in a Zebra: its odometer before the first of them, and how many they are."""

    counted: int
    pages: int


@dataclass(frozen=True)
class ZebraPrinter:
    """One Zebra, or a printer that speaks as one: a ``TellingPrinter``.

    The offsets move every label right and down, ``darkness`` (0 to 30) is the printer's own when ``None``.
    ``stall_s`` is how long it may take no byte while it is sent to; ``patience_s`` how long nothing may
    change, with no fault, before the waiting ends.
    """

    name: str
    host: str
    dpi: int
    port: int = PORT
    offset_x_mm: float = 0.0
    offset_y_mm: float = 0.0
    darkness: int | None = None
    connect_s: float = 3.0
    answer_s: float = 3.0
    stall_s: float = 30.0
    poll_s: float = 0.25
    patience_s: float = 10.0

    def print(self, pages: Sequence[Page], title: str) -> Told:
        """Send the pages and watch until they are out, held, or not to be known. Blocks: call it in a worker.

        Raises ``Unavailable``, with nothing sent: a page or a head of another resolution, ink that the offset
        moves off the label, a printer that does not answer as a Zebra does, has a fault, is paused, or still
        holds something of somebody else's. A Zebra keeps no titles.
        """
        require_dpi(self, pages)
        formats = [zpl(page, self.offset_x_mm, self.offset_y_mm, self.darkness) for page in pages]
        if not formats:
            return Told(self.name, 0)
        with self._line() as line:
            before = self._asked(line.state)
            self._require_ready(before)
            self._require_own_dots(self._asked(line.resolution))
            job = Held(before.counted, len(formats))
            try:
                left = line.send(b"".join(formats), self.stall_s)
            except OSError as error:
                raise self._unavailable("printer-unreachable") from error
            if not left:
                return Told(self.name, 0, "unknown", "broke-off")
            return self._watched(line, job, Told(self.name, 0), fresh=True)

    def settle(self, told: Told) -> Told:
        """Ask again about held pages: those it prints now are waited for, as in ``print``. Never raises.

        Out are all when its counter rose by exactly as many. Where it holds nothing any more and counted
        another number, somebody cancelled them, switched it off or printed between: then nobody knows.
        """
        if told.rest != "held" or not isinstance(told.ticket, Held):
            return told
        try:
            with self._line() as line:
                return self._watched(line, told.ticket, told, fresh=False)
        except Unavailable:
            return Told(self.name, told.out, "unknown", "unreachable")

    def status(self) -> State:
        """What the printer says about itself now. Raises ``Unavailable``."""
        with self._line() as line:
            return self._asked(line.state)

    def cancel(self) -> State:
        """Have it forget everything it holds, whoever sent it, and say how it stands then.

        Raises ``Unavailable``. A label that is under way still comes out.
        """
        with self._line() as line:
            try:
                line.send(_CANCEL_ALL, self.answer_s)
            except OSError as error:
                raise self._unavailable("printer-unreachable") from error
            return self._asked(line.state)

    def _watched(self, line: _Line, job: Held, told: Told, *, fresh: bool) -> Told:
        """Ask until everything is out, held, or not to be known; ``fresh`` when it has just been sent."""
        last: State | None = None
        changed = monotonic()
        while True:
            try:
                state = line.state()
            except Unreadable:
                return replace(told, rest="unknown", fault="unreadable", ticket=None)
            except OSError as error:
                fault = "silent" if isinstance(error, TimeoutError) else "broke-off"
                return replace(told, rest="unknown", fault=fault, ticket=None)
            if state != last:
                last, changed = state, monotonic()
            told = Told(self.name, _out(state, job, told.out, fresh=fresh))
            if told.out == job.pages:
                return told
            rest = _rest(state, fresh=fresh, quiet=monotonic() - changed >= self.patience_s)
            if rest is not None:
                return replace(told, rest=rest[0], fault=rest[1], ticket=job if rest[0] == "held" else None)
            sleep(self.poll_s)

    @contextmanager
    def _line(self) -> Iterator[_Line]:
        """A connection to the printer. Raises ``Unavailable``."""
        try:
            connected = socket.create_connection((self.host, self.port), self.connect_s)
        except (OSError, UnicodeError) as error:  # a host's name may be none that can be asked for
            raise self._unavailable("printer-unreachable") from error
        with connected:
            yield _Line(connected, self.answer_s)

    def _asked(self, question: Callable[[], Answer]) -> Answer:
        """An answer, while nothing has been sent. Raises ``Unavailable``."""
        try:
            return question()
        except Unreadable as error:
            raise self._unavailable("printer-answer") from error
        except TimeoutError as error:
            raise self._unavailable("printer-silent") from error
        except OSError as error:
            raise self._unavailable("printer-unreachable") from error

    def _require_ready(self, state: State) -> None:
        """Refuse a printer that would not print at once, or not only ours. Raises ``Unavailable``."""
        if state.fault:
            raise self._unavailable(f"printer-{state.fault}")
        if state.working:
            raise self._unavailable("printer-busy")

    def _require_own_dots(self, dpi: int | None) -> None:
        """Refuse a head of another resolution than this printer was set up with. Raises ``Unavailable``."""
        if dpi not in {None, self.dpi}:
            values = {"printer": self.name, "wanted": dpi, "given": self.dpi}
            raise Unavailable(Problem("printer", "printer-resolution", values))

    def _unavailable(self, code: str) -> Unavailable:
        values = {"printer": self.name, "address": f"{self.host}:{self.port}"}
        return Unavailable(Problem("printer", code, values))


def _out(state: State, job: Held, before: int, *, fresh: bool) -> int:
    """How many of the job's labels are out for certain: the odometer counts everybody's."""
    risen = state.counted - job.counted
    if state.working:
        certain = 0 <= risen <= job.pages - state.waiting  # else some that were counted are not ours
    else:
        certain = risen == job.pages or (fresh and risen >= 0)
    return max(before, min(risen, job.pages)) if certain else before


def _rest(state: State, *, fresh: bool, quiet: bool) -> tuple[Literal["held", "unknown"], str] | None:
    """What to tell of the labels that are not out, with the reason; ``None`` while it may still change."""
    if not state.working:
        return ("unknown", "not-counted") if quiet or not fresh else None
    if state.fault:
        return ("held", state.fault)
    if quiet:
        return ("held", "label-waits" if state.label_waits else "stalled")
    return None


class _Line:
    """One connection: questions and answers, and the bytes of the labels."""

    def __init__(self, connected: socket.socket, answer_s: float) -> None:
        self._socket = connected
        self._answer_s = answer_s

    def state(self) -> State:
        """Ask how the printer stands. Raises ``OSError``, of these ``TimeoutError``, or ``Unreadable``."""
        strings = self._ask(ASK_STATE, whole_state)
        return read_state(strings, self._ask(ASK_ODOMETER, whole_variable))

    def resolution(self) -> int | None:
        """The dots an inch of its head, if it tells. Raises as ``state`` does."""
        return read_resolution(self._ask(ASK_RESOLUTION, whole_variable))

    def send(self, content: bytes, stall_s: float) -> bool:
        """Send everything; whether all of it has left. Raises ``OSError`` when not one byte has."""
        self._socket.settimeout(stall_s)
        left = memoryview(content)[self._socket.send(content) :]
        try:
            while left:
                left = left[self._socket.send(left) :]
        except OSError:
            return False
        return True

    def _ask(self, question: bytes, whole: Callable[[bytes], bool]) -> bytes:
        """The whole answer to a question."""
        ends = monotonic() + self._answer_s
        self._socket.settimeout(self._answer_s)
        self._socket.sendall(question)
        answer = b""
        while not whole(answer):
            if len(answer) > _LONGEST_ANSWER:
                raise Unreadable(repr(answer[:80]))
            self._socket.settimeout(max(ends - monotonic(), 0.001))
            piece = self._socket.recv(1024)
            if not piece:
                raise ConnectionResetError
            answer += piece
        return answer
