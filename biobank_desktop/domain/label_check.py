"""Labels proved one by one by a scan: right, twice, or foreign."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Finding = Literal["right", "twice", "foreign"]


@dataclass(frozen=True)
class LabelCheck:
    """Which of the labels that were printed have been scanned.

    ``expected`` are the codes on the labels, each once: two labels with one code are two tubes that will be
    taken for each other, so the second scan of a code is never right.
    """

    expected: tuple[str, ...]
    seen: frozenset[str] = frozenset()

    def finding(self, code: str) -> Finding:
        """What a scanned code is among these labels."""
        if code not in self.expected:
            return "foreign"
        return "twice" if code in self.seen else "right"

    def proved(self, code: str) -> LabelCheck:
        """The same check, now that the scan of this label is stored."""
        return replace(self, seen=self.seen | {code})

    @property
    def right(self) -> int:
        """How many have been scanned."""
        return len(self.seen)

    @property
    def left(self) -> Sequence[str]:
        """The codes that nobody has scanned yet, in the order of the labels."""
        return [code for code in self.expected if code not in self.seen]
