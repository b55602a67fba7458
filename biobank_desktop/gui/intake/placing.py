"""Vials into their box by scan: the box first, then each vial; the last one can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.jobs import Priority
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.language import _
from biobank_desktop.services import placing, records

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.services.placing import Placed
    from biobank_desktop.services.records import BoxView


class Placing(QObject):
    """The box that is being filled, and what was put into boxes since this tube began."""

    changed = Signal()
    """another box, or something else in it"""
    landed = Signal(object)
    """a ``Placed``: a vial lies in its place"""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.box: BoxView | None = None
        self.placed: list[Placed] = []
        self._code = ""

    def begin(self) -> None:
        """Another tube."""
        self.box, self.placed = None, []
        self._code = ""

    @property
    def ready(self) -> bool:
        """Whether vials go into a box now."""
        return bool(self._code)

    def use_box(self, code: str) -> None:
        """The box was scanned: every vial goes into it from now on, also one scanned before it is shown."""

        def read(connection: Connection) -> BoxView:
            return records.box_view(connection, codes.number(code))

        self._code = code
        self._desk.read(
            self, read, self._opened, newest="box", failed=self._not_opened, priority=Priority.SCAN
        )

    def leave_box(self) -> bool:
        """No box any more; False when there was none."""
        if not self.ready:
            return False
        self.box, self._code = None, ""
        self.changed.emit()
        return True

    def place(self, vial: str) -> None:
        """A vial was scanned: into the next free place of the box."""
        box, command_id = self._code, uuid4()
        self._desk.act(
            self,
            lambda store, actor: placing.place(store, actor, box, vial, command_id=command_id),
            self._landed,
            topics={"samples", "storage", "labels"},
        )

    def undo(self) -> bool:
        """Take back the last scan; False when there is none left."""
        if not self.placed:
            return False
        last, command_id = self.placed[-1], uuid4()

        def back(_codes: list[str]) -> None:
            self.placed.remove(last)
            self._desk.frame.notices.say(
                _("{code} is taken back from {box} / {position}.").format(
                    code=codes.group(last.sample), box=last.box_name, position=last.label
                ),
                sound=Sound.ACCEPTED,
            )
            self.refresh()

        self._desk.act(
            self,
            lambda store, actor: placing.undo(store, actor, last.command, command_id),
            back,
            topics={"samples", "storage"},
        )
        return True

    def refresh(self) -> None:
        """Look again at what lies in the box."""
        if not self.ready:
            return
        number = codes.number(self._code)

        def read(connection: Connection) -> BoxView:
            return records.box_view(connection, number)

        self._desk.read(self, read, self._seen, newest="box")

    def _not_opened(self, error: Exception) -> None:
        self.leave_box()
        self._desk.tell(error)

    def _opened(self, view: BoxView) -> None:
        if view.container.kind.holds != "samples":
            values = {"name": view.container.name, "kind": view.container.kind.name}
            self.leave_box()
            self._desk.stop((Problem("box", "holds-no-samples", values),))
            return
        self._desk.frame.notices.sound(Sound.ACCEPTED)
        self._seen(view)

    def _seen(self, view: BoxView) -> None:
        self.box = view
        self.changed.emit()

    def _landed(self, placed: Placed) -> None:
        self.placed.append(placed)
        if placed.unchecked:
            self._desk.frame.notices.warn(
                _("Nobody had scanned the label of {code} before.").format(code=codes.group(placed.sample))
            )
        self.refresh()
        self.landed.emit(placed)
