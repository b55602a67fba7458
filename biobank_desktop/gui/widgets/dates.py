"""A date typed fast: ``22-11``, ``22 nov 2026``, ``221126``, T for today, U for unknown."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from biobank_desktop.domain.dates import local_day
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.moments import Clock, month_number
from biobank_desktop.language import _, say_date
from biobank_desktop.services.values import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_EUROPEAN = re.compile(
    r"(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2}|[a-z]{3,9})(?:[-/. ](?P<year>\d{4}|\d{2}))?", re.ASCII
)
_DIGITS = re.compile(r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4}|\d{2})", re.ASCII)


def parse_day(text: str, today: date, *, with_year: bool = False, to_come: bool = False) -> date | None:
    """The day that was typed, or None when it cannot be read.

    A missing year is the one that puts the day on or before today (unreadable ``with_year``); of two digits
    it is the newest such year that is not after this one, of a day ``to_come`` a year of this century.
    """
    words = re.sub(r"[\s,]+", " ", text.strip().lower())
    match = _ISO.fullmatch(words) or _EUROPEAN.fullmatch(words) or _DIGITS.fullmatch(words)
    if match is None or (with_year and not match["year"]):
        return None
    year = _year(match["year"], today, to_come=to_come)
    try:
        found = date(year, month_number(match["month"]), int(match["day"]))
        day = found if match["year"] or found <= today else found.replace(year=year - 1)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _year(text: str | None, today: date, *, to_come: bool) -> int:
    if not text:
        return today.year
    if len(text) == 4:
        return int(text)
    this_century = to_come or int(text) <= today.year % 100
    return int(text) + (2000 if this_century else 1900)


class DateField(FieldBox):
    """A day. ``day`` gives it; ``clock`` says what day it is now.

    ``with_year`` for a day long ago, ``to_come`` for one that may be far ahead: both need their year.
    """

    def __init__(
        self,
        label: str,
        clock: Clock,
        *,
        name: str = "",
        may_be_unknown: bool = False,
        with_year: bool = False,
        to_come: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(label, name=name, may_be_unknown=may_be_unknown, letters=False, parent=parent)
        self._clock = clock
        self._with_year = with_year or to_come
        self._to_come = to_come
        example = _("22-11-2036") if to_come else _("22-11-2018")
        keys = [example if self._with_year else _("22-11, T today")]
        if may_be_unknown:
            keys.append(_("U unknown"))
        self.editor.setPlaceholderText(", ".join(keys))

    def day(self) -> date | None:
        """The day, None when there is none (see ``answer``)."""
        return parse_day(self.text(), self.today(), with_year=self._with_year, to_come=self._to_come)

    def set_day(self, day: date) -> None:
        """Show a day."""
        self.set_text(say_date(day))

    def today(self) -> date:
        """The day it is now at the lab."""
        return local_day(self._clock())

    def _readable(self) -> bool:
        return self.day() is not None

    def _left(self) -> None:
        day = self.day()
        if self.answer() is Answer.GIVEN and day is not None:
            self.show_typed(say_date(day))
        super()._left()

    def _key(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() == Qt.Key.Key_T and plain and not self.text() and not self._with_year:
            self.set_day(self.today())
            return True
        return super()._key(event)
