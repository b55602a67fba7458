"""What a text must be before it is kept: no half characters, nothing that hides, one spelling of a name.

What things are known by is stricter: a tube code and a login are what a keyboard and a barcode can say
(ASCII), a number or a name is in Latin script, as the Dutch register of persons writes every name. So no two
that look the same are different.
"""

from __future__ import annotations

import re
import unicodedata

from biobank_desktop.domain.problems import Problem

MOST_CHARACTERS = 4_000
_IDENTIFIERS = {
    "tube_code": 64,
    "lab_numbers": 64,
    "lab_number": 64,
    "login": 32,
    "name": 100,
    **dict.fromkeys(("surname", "surname_prefix", "given_names"), 100),
    **dict.fromkeys(("mother_name", "father_name", "guardian_name"), 100),
    "hospital_number": 64,
    "bench": 64,
}
"""What things are known by, and how long that may be: nothing in it may be invisible."""
_PLAIN = frozenset({"tube_code", "login"})
_LENGTHS = {**_IDENTIFIERS, "value": 1 << 20, "toml": 1 << 16}  # written by the program, not typed
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NOT_UNICODE = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of writing, and with it what stands after it in a line of ours."""
_LATIN = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u0148\u014a-\u017e\u0218-\u021b\u1e00-\u1e99\u1e9e-\u1eff\u2019\u2212"
    "\u03b1-\u03b5\u03bb\u03c0\u03c3\u03c6\u03c9]"
)
"""The keyboard's signs, the Latin letters of Europe and Vietnam, ’ and −, Greek letters like no Latin one."""


def identifier(text: str) -> str:
    """A text that something is known by, as it is kept and looked up: one spelling (NFC), no space around."""
    return unicodedata.normalize("NFC", text.strip())


def printable(text: str) -> str:
    """What another program said, as one line of at most 400 characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:400]


def text_problem(text: str, field: str) -> Problem | None:
    """Why a text cannot be taken: too long, half a character, something that hides or looks like another."""
    name = field_name(field)
    most = _LENGTHS.get(name, MOST_CHARACTERS)
    if len(text) > most and (len(text) > MOST_CHARACTERS or len(text.strip()) > most):
        return Problem(field, "text-too-long", {"most": most})
    if _CONTROL.search(text):
        return Problem(field, "text-has-control-characters")
    if _NOT_UNICODE.search(text):
        return Problem(field, "text-not-unicode")
    if _TURNING.search(text):
        return Problem(field, "text-has-invisible-characters")
    if name in _IDENTIFIERS:
        return _identifier_problem(identifier(text), field, plain=name in _PLAIN)
    return None


def _identifier_problem(text: str, field: str, *, plain: bool) -> Problem | None:
    if any(unicodedata.category(character) in _INVISIBLE for character in text):
        return Problem(field, "text-has-invisible-characters")
    allowed = str.isascii if plain else _LATIN.match
    strange = dict.fromkeys(one for one in text if not allowed(one))
    if not strange:
        return None
    shown = ", ".join(f"{one} ({unicodedata.name(one, f'{ord(one):X}')})" for one in list(strange)[:5])
    return Problem(field, "text-has-look-alikes", {"characters": shown})


def field_name(field: str) -> str:
    """The last name in a field's path, places left out."""
    return re.sub(r"\[\d+\]", "", field).rpartition(".")[2]
