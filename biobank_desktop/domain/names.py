"""Names as they are looked for: one normal form, however a name is written on a request form.

Accents, capitals, hyphens and the words before a Dutch surname ("van der", "d'", "'t") differ from form to
form for one and the same child, and ij and y are one letter in many of them. Only the normal form is
compared, and only as a keyed digest is it ever kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_SMALL_WORDS = """
    aan aen af al ben bin by d da dal dalla das de degli dei del della den der des di die do dos du el het ibn
    im in l la las le les lo los met na naar of onder op over s t te ten ter tho thoe thor to toe tot uit
    unter uyt v van vande vanden vander vd ver vom von voor vor y zu zum zur
"""
_BEFORE = frozenset(_SMALL_WORDS.split())
"""Words that stand before a surname, folded: the usual ones of Dutch, its neighbours and its newcomers."""
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ŋ": "n"}
)
"""Letters that Unicode does not take apart."""
_DATES = (
    (re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)"), (1, 2, 3)),
    (re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)"), (3, 2, 1)),
    (re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)"), (1, 2, 3)),
)


@dataclass(frozen=True)
class Wanted:
    """What a text may mean: a hospital number, a day of birth, spellings of a surname; empty is none."""

    hospital_number: str
    born_on: date | None
    surnames: frozenset[str]


def folded(text: str) -> str:
    """The text in small letters without accents; ij is y."""
    small = unicodedata.normalize("NFKD", text).casefold()  # a letter in disguise may be a capital
    apart = unicodedata.normalize("NFKD", small.translate(_LETTERS))
    plain = "".join(one for one in apart if not unicodedata.combining(one)).translate(_LETTERS)
    return plain.replace("ij", "y")


def surname_forms(surname: str) -> frozenset[str]:
    """The normal forms by which a surname is found: the whole, and each name of a double one."""
    words = _words(surname)
    parts = (word for word in words if word not in _BEFORE and len(word) > 1)
    return frozenset({_core(words), *parts} - {""})


def hospital_number_form(number: str) -> str:
    """The number in its normal form: letters and digits only, leading zeros kept."""
    return "".join(one for one in folded(number) if one.isalnum())


def wanted(text: str) -> Wanted:
    """What somebody who types this may be looking for.

    "Emma van der Berg", "Berg, van der", "Berg 4-5-2018" and "2018-05-04" are understood; given names are
    not looked for.
    """
    born_on, rest = _without_date(text)
    words = _words(rest.partition(",")[0])
    surnames = {_core(words[start:]) for start in range(len(words)) if _is_name(words[start:])}
    return Wanted(hospital_number_form(text), born_on, frozenset(surnames))


def _without_date(text: str) -> tuple[date | None, str]:
    for pattern, order in _DATES:
        for found in pattern.finditer(text):
            try:
                born_on = date(*(int(found[place]) for place in order))
            except ValueError:
                continue
            return born_on, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", folded(text))


def _core(words: list[str]) -> str:
    """The words that tell one family from another; of a name of nothing but small words, all of them."""
    return "".join([word for word in words if word not in _BEFORE] or words)


def _is_name(words: list[str]) -> bool:
    return any(not word.isdigit() for word in words)
