"""English and Dutch: the one place that turns texts and problem codes into sentences."""

from __future__ import annotations

import gettext
import re
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from biobank_desktop.resources import locale_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class Tellable(Protocol):
        """A problem: a code with the values of its sentence."""

        @property
        def code(self) -> str:
            """Names the sentence ``problem.<code>``."""

        @property
        def values(self) -> Mapping[str, object]:
            """Fill its placeholders."""


LANGUAGES = ("en", "nl")
MOST_SHOWN = 200
"""No value needs more characters in a sentence; what was typed whole stands in its field."""
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""What commands a terminal, turns the direction of writing, or is no character at all."""
LAB_ZONE = ZoneInfo("Europe/Amsterdam")
_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_chosen = "en"


def choose(language: str) -> None:
    """Speak ``language`` ("en" or "nl") from now on. Raises ``ValueError`` for another one."""
    global _catalogue, _chosen  # noqa: PLW0603
    if language not in LANGUAGES:
        raise ValueError(f"no catalogue for {language!r}")
    english = gettext.translation("biobank", locale_folder(), ["en"])
    if language == "en":
        _catalogue = english
    else:
        _catalogue = gettext.translation("biobank", locale_folder(), [language])
        _catalogue.add_fallback(english)
    _chosen = language


def chosen() -> str:
    """The language spoken now."""
    return _chosen


def _(text: str) -> str:
    """The text in the chosen language."""
    return _catalogue.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The text for ``count`` things, its ``{count}`` filled in."""
    return _catalogue.ngettext(one, many, count).format(count=count)


def say(problem: Tellable) -> str:
    """The sentence of a problem, its values filled in as a reader writes them."""
    sentence = _(f"problem.{problem.code}")
    return sentence.format(**{name: _cut(say_value(value)) for name, value in problem.values.items()})


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def say_value(value: object) -> str:
    """A value as it stands in a sentence: its word when the catalogue has one, dates as 22 Nov 2026.

    A moment is shown on the lab's clock. Own codes and numbers stand as they are, ``event.<kind>`` is what
    the history calls such a command.
    """
    if isinstance(value, datetime):
        local = value.astimezone(LAB_ZONE)
        return f"{say_date(local.date())} {local:%H:%M}"
    if isinstance(value, date):
        return say_date(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(say_value(item) for item in value)
    text = str(value)
    name = text if text.startswith("event.") else f"value.{text}"
    word = _(name)
    return shown(text) if word == name else word


def shown(text: str) -> str:
    """A text as it may be shown: what would command a terminal or turn the writing stands as U+FFFD."""
    return _HIDDEN.sub("\ufffd", text)


def escaped(json_text: str) -> str:
    """JSON that says the same with everything ``shown`` would replace written as an escape."""
    return _HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", json_text)


_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
}


def say_date(day: date) -> str:
    """A date as 22 Nov 2026, in Dutch 22 nov 2026."""
    return f"{day.day} {say_month(day)}"


def say_month(day: date) -> str:
    """The month of a date as Nov 2026, where its day is nobody's business."""
    return f"{_MONTHS[_chosen][day.month - 1]} {day.year}"


_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@cache
def countries(language: str) -> Mapping[str, str]:
    """The name of every country by its ISO 3166-1 alpha-2 code, in the order of the names."""
    from babel import Locale  # noqa: PLC0415 - only releases need it

    names = Locale.parse(language).territories
    known = {code: str(name) for code, name in names.items() if len(code) == 2 and code not in _NO_COUNTRIES}
    return dict(sorted(known.items(), key=lambda entry: entry[1].casefold()))
