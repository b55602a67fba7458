"""What each signatory said last about an item, and whether a withdrawal was taken back.

By the paper, where the lab has registered it: an item that it does not hold was not asked, whatever was
noted, and what was signed when it was not in force permits nothing. A no counts on whatever paper.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from biobank_desktop.domain.consent_record import GIVING, OWN, PARENTS, ConsentLine, ConsentRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

Said = Literal["yes", "no", "no-objection", "not-answered", "not-asked", "renewed"]
AGREES = frozenset({"yes", "no-objection"})
_NO = frozenset({"refused", "objected"})


class LastWord(NamedTuple):
    """The latest word of a signatory about an item, and the line that says it."""

    answer: Said
    line: ConsentLine


class Words(NamedTuple):
    """The last words about an item, None of who has said nothing; child and self are one voice."""

    own: LastWord | None
    mother: LastWord | None
    father: LastWord | None
    guardian: LastWord | None


def said(line: ConsentLine, item: str) -> Said:
    """What a giving line says about an item; a reconfirmation that names no answer renews the one before."""
    answer: Said = line.answers.get(item, "not-asked")
    if line.paper is not None:
        asked = line.paper.item(item)
        if asked is None:
            return "not-asked"
        if asked.opt == "out" and answer == "not-answered":
            return "no-objection"
    return "renewed" if answer == "not-asked" and line.kind == "reconfirmed" else answer


class Voices:
    """The lines of a record that answer something, by who signed them, in the order of signing."""

    def __init__(self, lines: Iterable[ConsentLine]) -> None:
        self.giving: list[ConsentLine] = []
        self._lines: dict[str, list[tuple[ConsentLine, int | None]]] = {}
        for line in lines:
            voice = "own" if line.signatory in OWN else line.signatory
            if line.kind in GIVING:
                self._lines.setdefault(voice, []).append((line, len(self.giving)))
                self.giving.append(line)
            elif line.kind in _NO:
                self._lines.setdefault(voice, []).append((line, None))

    def answers(self, item: str) -> tuple[Said, ...]:
        """What the giving lines say about an item; two items with the same answers fare the same."""
        return tuple([said(line, item) for line in self.giving])

    def words(self, answers: tuple[Said, ...], before: date = date.max) -> tuple[Words, Words]:
        """The last words signed before a day: those that count, and those with void paper counted too."""
        own, *parents = (self._last(voice, answers, before) for voice in ("own", *PARENTS))
        mother, father, guardian = parents
        sound = Words(own[0], mother[0], father[0], guardian[0])
        return sound, Words(own[1], mother[1], father[1], guardian[1])

    def _last(
        self, voice: str, answers: tuple[Said, ...], before: date
    ) -> tuple[LastWord | None, LastWord | None]:
        sound: LastWord | None = None
        heard: LastWord | None = None
        for line, place in self._lines.get(voice, ()):
            if line.signed_on >= before:
                break
            answer: Said = "no" if place is None else answers[place]
            if answer == "renewed":
                answer = heard.answer if heard else "not-asked"
            if answer == "not-asked":
                continue
            heard = LastWord(answer, line)
            if answer == "no" or not line.void:
                sound = heard
        return sound, heard


def last_words(lines: Iterable[ConsentLine], item: str) -> Words:
    """The last words about an item that count."""
    voices = Voices(lines)
    sound, _heard = voices.words(voices.answers(item))
    return sound


def lifted(record: ConsentRecord, lines: tuple[ConsentLine, ...], withdrawal: ConsentLine) -> bool:
    """Whether whoever withdrew, or the donor grown to 16, gave consent again; never from W3 on."""
    if withdrawal.level in {"W3", "W4"}:
        return False
    later = lines[lines.index(withdrawal) :]
    return any(_may_lift(record, line, withdrawal) for line in later if line.kind in GIVING)


def _may_lift(record: ConsentRecord, line: ConsentLine, withdrawal: ConsentLine) -> bool:
    if line.signatory in OWN:
        grown = record.turns_16_on is not None and line.signed_on >= record.turns_16_on
        return (grown or withdrawal.signatory in OWN) and _gives(line)
    return line.signatory == withdrawal.signatory and _gives(line)


def _gives(line: ConsentLine) -> bool:
    """Whether a giving line gives anything, as far as its paper tells."""
    if line.paper is None:
        return True
    return not line.void and any(said(line, item.code) in {"yes", "renewed"} for item in line.paper.items)
