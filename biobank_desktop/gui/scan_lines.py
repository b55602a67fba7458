"""The lines that a scanner sends over a serial line: whole ones, and what was left without an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 512
_ENDS = b"\r\n"
_FRAME = bytes((2, 3))  # STX and ETX, which some scanners send around a code


@dataclass(frozen=True)
class Line:
    """What was sent; not ``whole`` when its end never came. What is no sign stands as ``\ufffd``."""

    text: str
    whole: bool = True


class ScanLines:
    """Cuts bytes into lines at CR, LF or both; nothing of one line is ever joined to another."""

    def __init__(self) -> None:
        self._begun = bytearray()

    def feed(self, sent: bytes) -> Iterator[Line]:
        """The lines that end in what was sent now. A line of more than 512 bytes is not whole."""
        for byte in sent:
            if byte in _ENDS:
                yield from self._cut(whole=True)
            else:
                self._begun.append(byte)
                if len(self._begun) >= LONGEST:
                    yield from self.rest()

    def rest(self) -> Iterator[Line]:
        """What has no end and will get none: the line fell silent, or was cut."""
        yield from self._cut(whole=False)

    def _cut(self, *, whole: bool) -> Iterator[Line]:
        code = bytes(self._begun).strip(_FRAME)
        self._begun.clear()
        if code:
            text = code.decode("ascii", "replace")
            yield Line("".join(sign if sign.isprintable() else "\ufffd" for sign in text), whole)
