"""Ctrl+Z for moves: the last ones of this bench and this person are taken back, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject

from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import moving

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.services.moving import Moved

_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.LABELS})


class Undoing(QObject):
    """Remembers the commands that can be taken back; another person begins with none."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._done: list[str] = []
        desk.somebody_else.connect(self._done.clear)

    def remember(self, command: str) -> None:
        """Note a command that can be taken back."""
        self._done.append(command)

    def undo(self) -> None:
        """Take the newest one back; a stop says what stands in the way, and it can be tried again."""
        if not self._done:
            self._desk.frame.notices.say(_("There is nothing of yours to take back here."))
            return
        last, command_id = self._done[-1], uuid4()

        def done(moved: Moved) -> None:
            if last in self._done:
                self._done.remove(last)
            text = ngettext("Taken back: {count} item.", "Taken back: {count} items.", len(moved.places))
            if not moved.places:
                text = _("Taken back: what was stored anew lies nowhere again.")
            self._desk.frame.notices.say(text, sound=Sound.ACCEPTED)

        self._desk.act(
            self,
            lambda store, actor: moving.undo(store, actor, last, command_id),
            done,
            topics=_TOPICS,
        )
