"""Says when the clock of this computer is behind what the database has recorded already."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from biobank_desktop.gui.notices import Level
from biobank_desktop.language import _, say_value

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from biobank_desktop.gui.notices import Notices

MOST_BEHIND = timedelta(minutes=5)
"""A clock that is further behind is wrong."""
BANNER = "clock"


class ClockWatch:
    """Holds the clock against the latest moment that a seal of this database was seen to have."""

    def __init__(self, notices: Notices, clock: Callable[[], datetime]) -> None:
        self._notices = notices
        self._clock = clock
        self._latest: datetime | None = None

    def open(self) -> None:
        """Another database: nothing of it was seen yet."""
        self._latest = None

    def see(self, at: datetime | None) -> None:
        """A moment that the database holds."""
        if at is not None:
            self._latest = at if self._latest is None else max(at, self._latest)
        if self._latest is None:
            return
        now = self._clock()
        if self._latest - now <= MOST_BEHIND:
            self._notices.clear_banner(BANNER)
            return
        text = _(
            "The clock of this computer says {now}, but the database holds what was recorded on {latest}. "
            "Set the clock right. The history keeps its true order all the same."
        )
        said = text.format(now=say_value(now), latest=say_value(self._latest))
        self._notices.banner(BANNER, said, Level.WARNING)
