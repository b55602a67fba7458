"""A Zebra on the loopback: it takes ZPL on a port, tells how it stands, and fails on demand.

What it prints it decodes into dots again, so a test compares and scans what came out. It is as strict as a
printer is lenient: a command that it does not expect, a graphic of another size than said, or a checksum that
is wrong is an error of the test.
"""

from __future__ import annotations

import contextlib
import queue
import re
import socket
import struct
import threading
import zlib
from base64 import b64decode
from binascii import crc_hqx
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from typing import Self

_TAKEN = re.compile(
    rb"~HS|~JA|~SD(?P<darkness>\d\d)|(?P<format>\^XA.*?\^XZ)|[\r\n]"
    rb"|! U1 getvar \"(?P<variable>[a-z_.]+)\"\r\n",
    re.DOTALL,
)
_PARTS = re.compile(rb"\^(XA|MU|LH|LS|LR|PO|PM|JM|MD|PW|LL|FO|GFA,|FS|PQ|XZ)([^^]*)")
_PLAIN = {"MU": "D", "LH": "0,0", "LS": "0", "LR": "N", "PO": "N", "PM": "N", "JM": "A", "FO": "0,0"} | {
    "PQ": "1,0,1,N"
}
FAULT_FLAGS = {
    "paper-out": (0, 1),
    "paused": (0, 2),
    "diagnostics": (0, 6),
    "memory-lost": (0, 9),
    "too-cold": (0, 10),
    "too-hot": (0, 11),
    "head-open": (1, 2),
    "ribbon-out": (1, 3),
}
"""Where each fault stands: which string of ``~HS``, which field of it."""
_FORMATS, _PARTIAL, _LABEL_WAITS, _REMAINING = (0, 4), (0, 7), (1, 7), (1, 8)
ENDLESS = 1_000_000


@dataclass(frozen=True)
class Label:
    """One label that came out; ``bits`` as in ``labels.page.Page``."""

    bits: bytes
    width: int
    height: int
    darkness: int

    @property
    def image(self) -> Image.Image:
        """Black on white."""
        return Image.frombytes("1", (self.width, self.height), self.bits, "raw", "1;I")


def decoded(zpl: bytes, darkness: int = 15) -> Label:
    """What a format draws. Raises ``ValueError`` when it is not one whole graphic in a plain format."""
    parts = [(name.decode(), value.decode()) for name, value in _PARTS.findall(zpl)]
    if "".join(f"^{name}{value}" for name, value in parts).encode() != zpl:
        raise ValueError(f"not a plain format: {zpl[:200]!r}")
    said = dict(parts)
    if len(said) != len(parts) or any(said.get(name) != value for name, value in _PLAIN.items()):
        raise ValueError(f"not a plain format: {sorted(said)}")
    total, count, row_bytes, data = said["GFA,"].split(",", 3)
    bits = _unpacked(data) if data.startswith(":Z64:") else bytes.fromhex(data)
    width, height = int(said["PW"]), int(said["LL"])
    if int(total) != int(count) or len(bits) != int(total):
        raise ValueError("another size than it says")
    if int(row_bytes) != (width + 7) // 8 or len(bits) != int(row_bytes) * height:
        raise ValueError("not the size of the label")
    return Label(bits, width, height, darkness + int(said.get("MD", "0")))


def _unpacked(data: str) -> bytes:
    _nothing, kind, packed, checksum = data.split(":")
    if kind != "Z64" or int(checksum, 16) != crc_hqx(packed.encode(), 0):
        raise ValueError("the checksum is wrong")
    return zlib.decompress(b64decode(packed, validate=True))


class FakeZebra:
    """A printer at ``host``:``port`` as long as the ``with`` block lasts.

    ``faults`` are the ones that show, ``labels_left`` the roll. It prints at once what it may, or with
    ``labels_a_question`` so many each time it is asked how it stands. After ``after_bytes`` of labels
    (``None``: never) it does ``then``: "mute", "reset", or a fault that shows from there on. ``unnoticed`` is
    how often it still says that nothing waits, as a printer does that has not yet read what it was sent.
    """

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.faults: set[str] = set()
        self.labels_left = ENDLESS
        self.labels_a_question: int | None = None
        self.odometer: object = 31_084
        self.dpi: object = 300
        self.strings: bytes | None = None
        self.after_bytes: int | None = None
        self.then = ""
        self.label_waits = False
        self.unnoticed = 0
        self.partial = 0
        self.printed: list[Label] = []
        self.waiting: list[tuple[bytes, int]] = []
        self.received = 0
        self.broken: list[Exception] = []
        self._darkness = 15
        self._mute = False
        self._turn = threading.RLock()
        self._listening: socket.socket
        self._connected: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listening = socket.create_server((self.host, 0))
        self.port = self._listening.getsockname()[1]
        self._start(self._accept, self._listening)
        return self

    def __exit__(self, *_error: object) -> None:
        self.switch_off()
        for thread in self._threads:
            thread.join()
        if self.broken:
            raise self.broken[0]

    def switch_off(self) -> None:
        """Nothing answers any more, and what was in the buffer is gone."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._turn:
            self.waiting.clear()
            for connected in self._connected:
                with contextlib.suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)

    def switch_on(self) -> None:
        """The same printer again, at the same port."""
        self._listening = socket.create_server((self.host, self.port))
        self._start(self._accept, self._listening)

    def listen_again(self) -> None:
        """A printer that had stopped reading reads again; what it missed is gone."""
        with self._turn:
            self._mute = False

    @property
    def busy(self) -> bool:
        """Whether somebody is connected: bytes may still be on their way."""
        with self._turn:
            return bool(self._connected)

    def reload(self, labels: int = ENDLESS) -> None:
        """A new roll: it goes on by itself."""
        with self._turn:
            self.labels_left = labels
            self.repair("paper-out")

    def repair(self, *faults: str) -> None:
        """Faults are put right: it goes on by itself."""
        with self._turn:
            self.faults -= set(faults)
            self._print()

    def print_other(self, labels: int) -> None:
        """Somebody else's labels, which are nothing to us but counted."""
        with self._turn:
            self._count(labels)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connected, _address = listening.accept()
            except OSError:
                return
            with self._turn:
                self._connected.add(connected)
            self._start(self._serve, connected)

    def _serve(self, connected: socket.socket) -> None:
        buffer = b""
        with connected, contextlib.suppress(OSError):
            while piece := connected.recv(4096):
                with self._turn:
                    try:
                        buffer = b"" if self._mute else self._take(connected, buffer + piece)
                    except (ValueError, KeyError) as error:
                        self.broken.append(error)
                        return
        with self._turn:
            self._connected.discard(connected)

    def _take(self, connected: socket.socket, buffer: bytes) -> bytes:
        """Do what is whole in the buffer, and give back what is not."""
        while match := _TAKEN.match(buffer):
            of_labels = bool(match["format"] or match["darkness"])
            if of_labels and self._fails(len(match[0])) and not self._goes_on(connected):
                return b""
            buffer = buffer[match.end() :]
            self._obey(connected, match)
        if buffer and buffer[:1] not in b"^~!":
            raise ValueError(f"not a command: {buffer[:200]!r}")
        self.partial = int(b"^XA" in buffer)
        if self.partial and self._fails(len(buffer)) and not self._goes_on(connected):
            return b""
        return buffer

    def _fails(self, more: int) -> bool:
        return self.after_bytes is not None and self.received + more > self.after_bytes

    def _goes_on(self, connected: socket.socket) -> bool:
        """The one misfortune that was asked for; whether it reads on."""
        self.after_bytes = None
        if self.then == "mute":
            self._mute = True
            return False
        if self.then == "reset":
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connected.close()
            raise ConnectionResetError
        self.faults.add(self.then)
        return True

    def _obey(self, connected: socket.socket, match: re.Match[bytes]) -> None:
        if match["format"]:
            self.received += len(match[0])
            self.waiting.append((match["format"], self._darkness))
            if self.labels_a_question is None:
                self._print()
        elif match["darkness"]:
            self.received += len(match[0])
            self._darkness = int(match["darkness"])
        elif match[0] == b"~HS":
            connected.sendall(self._state() if self.strings is None else self.strings)
            self.unnoticed -= 1
            if self.labels_a_question is not None and self.unnoticed < 0:
                self._print(self.labels_a_question)
        elif match["variable"]:
            known = {b"odometer.total_label_count": self.odometer, b"head.resolution.in_dpi": self.dpi}
            connected.sendall(f'"{known.get(match["variable"], "?")}"'.encode())
        elif match[0] == b"~JA":
            self.waiting.clear()

    def _print(self, labels: int = ENDLESS) -> None:
        """Print what waits while there is no fault and the roll lasts."""
        for _label in range(min(labels, len(self.waiting))):
            if self.labels_left == 0:
                self.faults.add("paper-out")
            if self.faults:
                return
            self._come_out(*self.waiting.pop(0))
            self.labels_left -= 1
            self._count(1)

    def _come_out(self, zpl: bytes, darkness: int) -> None:
        self.printed.append(decoded(zpl, darkness))

    def _count(self, labels: int) -> None:
        if isinstance(self.odometer, int):
            self.odometer += labels

    def _state(self) -> bytes:
        first, second = [30, 0, 0, 154, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 2, 4, 0, 0, 1, 0]
        strings = (first, second)
        for fault in self.faults:
            string, field = FAULT_FLAGS[fault]
            strings[string][field] = 1
        waiting = 0 if self.unnoticed > 0 else len(self.waiting)
        for (string, field), value in (
            (_FORMATS, waiting),
            (_PARTIAL, self.partial),
            (_LABEL_WAITS, int(self.label_waits)),
            (_REMAINING, waiting),
        ):
            strings[string][field] = value
        shown = [",".join(map(str, string)) for string in (*strings, [1234, 0])]
        return "".join(f"\x02{string}\x03\r\n" for string in shown).encode()


class DrivenZebra(FakeZebra):
    """The same printer for what a driver makes of a page: whole labels in ZPL of the driver's own."""

    def __init__(self) -> None:
        super().__init__()
        self.driven: queue.Queue[bytes] = queue.Queue()

    def _take(self, connected: socket.socket, buffer: bytes) -> bytes:
        *formats, rest = buffer.split(b"^XZ")
        for zpl in formats:
            if b"^XG" in zpl:  # the others only tidy up
                self.waiting.append((zpl + b"^XZ", 0))
        self._print()
        return rest

    def _come_out(self, zpl: bytes, _darkness: int) -> None:
        self.driven.put(zpl)
