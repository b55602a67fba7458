"""Placing by scan: each vial lands in the chosen well or the next free one; the last can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.notices import Action
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.language import _
from biobank_desktop.services import placing
from biobank_desktop.services.positions import TAKEN

if TYPE_CHECKING:
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.services.placing import Placed

_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.LABELS})


class Placing(QObject):
    """On while vials are scanned into one box; remembers what it placed, newest last."""

    landed = Signal(object)
    """a ``Placed``: a vial lies in the box now"""
    taken_back = Signal(str)
    """the code of a vial whose placing was undone"""
    turned = Signal(bool)
    """whether placing is on"""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._box = ""
        self._placed: list[Placed] = []

    @property
    def on(self) -> bool:
        """Whether a scanned vial is placed."""
        return bool(self._box)

    @property
    def placed(self) -> list[Placed]:
        """What was placed since it was turned on, oldest first."""
        return self._placed

    def begin(self, box: str) -> None:
        """Scanned vials go into this box from now on."""
        if box != self._box:
            self._placed = []
        self._box = box
        self.turned.emit(True)

    def end(self) -> None:
        """Scanned vials open their record again."""
        if self.on:
            self._box, self._placed = "", []
            self.turned.emit(False)

    def place(self, code: str, position: str) -> None:
        """Place a scanned vial; each scan is a command of its own, a wrong one is a stop."""
        box, command_id = self._box, uuid4()

        def done(placed: Placed) -> None:
            self._placed.append(placed)
            self._desk.frame.notices.sound(Sound.ACCEPTED)
            if placed.unchecked:
                self._desk.frame.notices.warn(
                    _("Nobody had scanned the label of {code} before.").format(
                        code=codes.group(placed.sample)
                    )
                )
            self._desk.frame.top.show_fact(
                _("{code} lies in {place}").format(code=codes.group(placed.sample), place=placed.label)
            )
            self.landed.emit(placed)

        self._desk.act(
            self,
            lambda store, actor: placing.place(store, actor, box, code, position, command_id),
            done,
            topics=_TOPICS,
            refused=lambda problems: self._refused(code, problems),
        )

    def _refused(self, code: str, problems: tuple[Problem, ...]) -> None:
        """A stop; when the chosen well went to somebody else meanwhile, the next free one is a key away."""
        elsewhere = Action(_("Place it at the next free one"), lambda: self.place(code, ""), "N")
        theirs = all(problem.code in TAKEN for problem in problems)
        self._desk.stop(problems, elsewhere if theirs else None)

    def undo(self) -> bool:
        """Take the last one back; False when nothing was placed."""
        if not self._placed:
            return False
        last, command_id = self._placed[-1], uuid4()

        def done(samples: list[str]) -> None:
            self._placed = [one for one in self._placed if one.sample not in samples]
            self._desk.frame.notices.say(
                _("Taken back: {code} lies nowhere now.").format(code=codes.group(last.sample)),
                sound=Sound.ACCEPTED,
            )
            self.taken_back.emit(last.sample)

        self._desk.act(
            self,
            lambda store, actor: placing.undo(store, actor, last.command, command_id),
            done,
            topics=_TOPICS,
        )
        return True
