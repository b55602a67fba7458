"""The line at the bottom: database, printer, scanner, person, seal, verified backup, the server's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext, say_date

if TYPE_CHECKING:
    from collections.abc import Callable

HEIGHT_PX = 28
_TICK_MS = 1000


class Light(Enum):
    """How something is doing: its icon and the colour of its meaning."""

    OK = ("permitted", "permitted")
    WATCH = ("warning", "provisional")
    BROKEN = ("refused", "refused")
    UNKNOWN = ("missing", "missing")


class _Fact(QWidget):
    def __init__(self, icon: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = Icon(icon, "muted", 14, self)
        self.words = Text("", parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self.words)
        self.hide()

    def tell(self, text: str, light: Light | None = None) -> None:
        if light is not None:
            self._icon.set_icon(*light.value)
        self.words.setText(text)
        self.setVisible(bool(text))


class StatusLine(QWidget):
    """Facts in small print; what was never told is not shown."""

    person_clicked = Signal()

    def __init__(self, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, "status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self._clock = clock
        self._ahead = timedelta()
        self._backup_at: datetime | None = None
        self._database = _Fact("database", self)
        self._printer = _Fact("print", self)
        self._scanner = _Fact("scan", self)
        self._person = _Fact("person", self)
        self._sealed = _Fact("seal", self)
        self._backup = _Fact("backup", self)
        self._time = Text("", parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(20)
        for fact in self._facts():
            row.addWidget(fact)
        row.addStretch(1)
        row.addWidget(self._time)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.show_time)
        self._tick.start()
        QTimer.singleShot(0, self, self.show_time)

    def set_database(self, name: str, light: Light = Light.OK) -> None:
        """The database in use and how it is doing."""
        self._database.tell(name, light)

    def set_printer(self, name: str, light: Light = Light.OK) -> None:
        """The label printer of this bench."""
        self._printer.tell(name, light)

    def set_scanner(self, text: str, light: Light = Light.OK) -> None:
        """The serial scanner of this bench, "" when it has none."""
        self._scanner.tell(text, light)

    def set_person(self, text: str) -> None:
        """Who is signed in, with role; "" when nobody is."""
        self._person.tell(text)

    def set_sealed(self, at: datetime) -> None:
        """The moment (aware) of the newest seal."""
        self._sealed.tell(_("Sealed {time}").format(time=f"{_lab_time(at):%H:%M:%S}"))

    def set_backup(self, at: datetime | None) -> None:
        """The moment (aware) of the newest verified backup, None when there is none."""
        self._backup_at = at
        if at is None:
            self._backup.tell(_("No verified backup"), Light.WATCH)
        self.show_time()

    def set_server_ahead(self, ahead: timedelta) -> None:
        """How far the server's clock is ahead of this machine's."""
        self._ahead = ahead
        self.show_time()

    def show_time(self) -> None:
        """Show the server's time and the age of the backup."""
        now = _lab_time(self._clock() + self._ahead)
        text = f"{say_date(now.date())} {now:%H:%M}"
        if text != self._time.text():
            self._time.setText(text)
        if self._backup_at is not None:
            age = now - self._backup_at
            self._backup.tell(
                _("Backup {age}").format(age=_say_age(age)),
                Light.OK if age < timedelta(hours=24) else Light.WATCH,
            )

    def texts(self) -> list[str]:
        """What is shown, left to right."""
        shown = [fact.words.text() for fact in self._facts() if not fact.isHidden()]
        return [*shown, self._time.text()]

    def _facts(self) -> tuple[_Fact, ...]:
        return (self._database, self._printer, self._scanner, self._person, self._sealed, self._backup)


def _lab_time(moment: datetime) -> datetime:
    from biobank_desktop.domain.dates import LAB_ZONE  # noqa: PLC0415  the first paint does not wait for it

    return moment.astimezone(LAB_ZONE)


def _say_age(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 60:
        return ngettext("{count} minute old", "{count} minutes old", minutes)
    if minutes < 60 * 48:
        return ngettext("{count} hour old", "{count} hours old", minutes // 60)
    return ngettext("{count} day old", "{count} days old", minutes // (60 * 24))
