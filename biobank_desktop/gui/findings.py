"""What Ctrl+K can find; apart from the palette itself, which is made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something one can go to or do: its words, a detail (a key, a place), an icon, what happens."""

    title: str
    detail: str
    icon: str
    run: Callable[[], object]


Give = Callable[[Sequence[Finding]], None]
Search = Callable[[str, Give], None]
"""asked with the text and a door for the findings, which may come later"""


def match(text: str, findings: Sequence[Finding]) -> list[Finding]:
    """The findings in whose title every word of ``text`` begins a word."""
    words = text.casefold().split()
    return [
        finding
        for finding in findings
        if all(any(part.startswith(word) for part in finding.title.casefold().split()) for word in words)
    ]
