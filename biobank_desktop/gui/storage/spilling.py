"""A spilled box: every vial scanned into it is found at its place, until none is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import spills

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.storage.undoing import Undoing
    from biobank_desktop.persistence.queries.containers import Content
    from biobank_desktop.services.spills import Rescanned

_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.LABELS})


class Rescanning(QObject):
    """Each scan into a spilled box is a command of its own; a wrong one is a stop."""

    found = Signal(str)
    """the position at which a vial was found"""

    def __init__(self, desk: Desk, undoing: Undoing, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._undoing = undoing

    def scan(self, box: str, code: str, position: str) -> None:
        """A vial lies at a position of the box, "" for the next one that nobody has scanned."""
        command_id = uuid4()

        def done(found: Rescanned) -> None:
            self._undoing.remember(found.command)
            sound = Sound.ACCEPTED if found.left else Sound.DONE
            self._desk.frame.notices.sound(sound)
            self._desk.frame.top.show_fact(
                _("{code} lies in {place}").format(code=codes.group(found.sample), place=found.label)
            )
            self.found.emit(found.label)

        self._desk.act(
            self,
            lambda store, actor: spills.rescan(store, actor, box, code, position, command_id),
            done,
            topics=_TOPICS,
        )


class MissingCard(FormCard):
    """The vials of a spilled box that nobody has scanned: each is found, or reported lost."""

    def __init__(self, box: str, missing: Sequence[Content], parent: QWidget | None = None) -> None:
        super().__init__(
            ngettext("{count} vial is not scanned yet", "{count} vials are not scanned yet", len(missing)),
            _("{box} is in order when each is found, or reported lost. Choose the lost ones.").format(
                box=box
            ),
            _("Report lost"),
            parent,
        )
        picks = [Pick(one.code, codes.group(one.code)) for one in missing]
        self.lost = ToggleRow(_("Not scanned"), picks, name="lost", columns=3, parent=self)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.add_row([self.lost], columns=1)
        self.add_row([self.why], columns=1)

    def problems(self) -> list[Problem]:
        """What is not said yet."""
        found = []
        if not self.lost.values():
            found.append(Problem("lost", "answer-missing"))
        if not self.why.text():
            found.append(Problem("why", "reason-missing"))
        return found
