"""Says that the database has not answered yet: a word after a moment, a sentence when it takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from biobank_desktop.gui.notices import Level
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from biobank_desktop.gui.frame import Frame

WORD_AFTER_MS = 300
SENTENCE_AFTER_MS = 2000
BANNER = "waiting"


class Waiting(QObject):
    """Counts what was asked of the database and not answered; what comes at once is never shown."""

    def __init__(self, frame: Frame, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame = frame
        self._asked = 0
        self._saving = 0
        self._word = self._timer(WORD_AFTER_MS, self._show_word)
        self._sentence = self._timer(SENTENCE_AFTER_MS, self._show_sentence)

    def _timer(self, after_ms: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(slot)
        return timer

    @property
    def saving(self) -> int:
        """How many commands wait for their answer."""
        return self._saving

    def begin(self, *, saving: bool) -> None:
        """Something was asked; ``saving`` when it is a command."""
        self._asked += 1
        self._saving += saving
        if self._asked == 1:
            self._word.start()
            self._sentence.start()
        elif self._frame.top.waiting():
            self._show()

    def end(self, *, saving: bool) -> None:
        """It has been answered."""
        self._asked -= 1
        self._saving -= saving
        if self._frame.top.waiting():
            self._show()
        if not self._asked:
            self._word.stop()
            self._sentence.stop()

    def _show(self) -> None:
        if self._asked:
            self._show_word()
        else:
            self._frame.top.show_waiting("")
        if not self._saving:
            self._frame.notices.clear_banner(BANNER)

    def _show_word(self) -> None:
        if self._saving:
            text = ngettext("Saving…", "Saving… {count} wait", self._saving)
        else:
            text = _("Asking the database…")
        self._frame.top.show_waiting(text)

    def _show_sentence(self) -> None:
        if self._saving:
            text = _(
                "The database answers slowly. What you entered is being saved and is not lost; you can "
                "scan on or lock."
            )
            self._frame.notices.banner(BANNER, text, Level.WARNING)
