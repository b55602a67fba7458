"""A date and time typed fast: ``22-11 9:40``, ``9:40`` for today, N for now, U for unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from biobank_desktop.domain.dates import LAB_ZONE
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.language import _, say_date
from biobank_desktop.services.values import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

Clock = Callable[[], datetime]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DUTCH = {"mrt": "mar", "maa": "mar", "mei": "may", "okt": "oct"}
_TIME = r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})|(?P<digits>\d{3,4})"
_DAY = r"(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2}|[a-z]{3,9})(?:[-/. ](?P<year>\d{4}|\d{2}))?"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})[ t](?:{_TIME})", re.ASCII)
_EUROPEAN = re.compile(rf"(?:{_DAY} )?(?:{_TIME})", re.ASCII)


def parse_moment(text: str, today: date) -> datetime | None:
    """The local date and time that were typed, without a zone, or None when they cannot be read.

    A missing date is today; a missing year is the one that puts the date on or before today.
    """
    words = re.sub(r"[\s,]+", " ", text.strip().lower())
    match = _ISO.fullmatch(words) or _EUROPEAN.fullmatch(words)
    if match is None:
        return None
    parts = match.groupdict()
    digits = (parts["digits"] or "").rjust(4, "0")
    hour = int(parts["hour"] or digits[:2])
    minute = int(parts["minute"] or digits[2:])
    day = _day(parts, today) if parts["day"] else today
    if day is None or not FIRST_DAY <= day <= LAST_DAY or hour > 23 or minute > 59:
        return None
    moment = datetime.combine(day, time(hour, minute))
    return moment if _exists(moment) else None


def _exists(local: datetime) -> bool:
    """Whether the lab's clock ever showed this; in the night of summer time it skips an hour."""
    there = local.replace(tzinfo=LAB_ZONE).astimezone(UTC)
    return there.astimezone(LAB_ZONE).replace(tzinfo=None) == local


def _day(parts: dict[str, str | None], today: date) -> date | None:
    month = month_number(parts["month"] or "")
    year_text = parts["year"]
    year = int(year_text) + (2000 if len(year_text) == 2 else 0) if year_text else today.year
    try:
        day = date(year, month, int(parts["day"] or 0))
        return day if year_text or day <= today else day.replace(year=year - 1)
    except ValueError:
        return None


def month_number(text: str) -> int:
    """The month of digits or of the first letters of its English or Dutch name; 0 for neither."""
    if text.isdecimal():
        return int(text)
    short = _DUTCH.get(text[:3], text[:3])
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


class MomentField(FieldBox):
    """A moment, typed in the lab's time; ``moment`` gives it in UTC. ``clock`` says what time it is now."""

    def __init__(
        self,
        label: str,
        clock: Clock,
        *,
        name: str = "",
        may_be_unknown: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(label, name=name, may_be_unknown=may_be_unknown, letters=False, parent=parent)
        self._clock = clock
        self.editor.setPlaceholderText(
            _("22-11 9:40, N now, U unknown") if may_be_unknown else _("22-11 9:40, N now")
        )

    def moment(self) -> datetime | None:
        """The moment in UTC, None when there is none (see ``answer``)."""
        local = parse_moment(self.text(), self._clock().astimezone(LAB_ZONE).date())
        return local.replace(tzinfo=LAB_ZONE).astimezone(UTC) if local is not None else None

    def set_moment(self, moment: datetime) -> None:
        """Show a moment (aware) in local time."""
        self.set_text(self._say(moment))

    def _say(self, moment: datetime) -> str:
        """As 22 Nov 09:40, with the year only where it would be read as another one without it."""
        local = moment.astimezone(LAB_ZONE)
        day, year = say_date(local.date()).rsplit(" ", 1)
        short = f"{day} {local:%H:%M}"
        meant = parse_moment(short, self._clock().astimezone(LAB_ZONE).date())
        whole = local.replace(tzinfo=None, second=0, microsecond=0)
        return short if meant == whole else f"{day} {year} {local:%H:%M}"

    def _readable(self) -> bool:
        return self.moment() is not None

    def _left(self) -> None:
        moment = self.moment()
        if self.answer() is Answer.GIVEN and moment is not None:
            self.show_typed(self._say(moment))
        super()._left()

    def _key(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() == Qt.Key.Key_N and plain and not self.text():
            self.set_moment(self._clock())
            return True
        return super()._key(event)
