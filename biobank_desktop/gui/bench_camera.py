"""The camera of this bench: on while somebody is signed in and wants it, and seen to be on everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from biobank_desktop.gui.camera import Camera
from biobank_desktop.gui.cameras import NONE, Device
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.desk import Desk


class BenchCamera(QObject):
    """Opens the camera that the settings of this bench name and hands what it sees to the scan bus.

    It is closed while nobody is signed in, and while it was switched off; ``try_out`` is for choosing one.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._tried: Device | None = None
        self._saw = self._lost = False
        self.wanted = True
        self.camera = Camera(self)
        bus = desk.frame.bus
        self.camera.came.connect(bus.see)
        self.camera.crowded.connect(bus.crowded)
        self.camera.told.connect(self._told)
        self.camera.failed.connect(desk.frame.notices.report_bug)
        desk.person_changed.connect(self.follow)
        desk.frame.camera_wanted.connect(self.switch)

    @property
    def kept(self) -> Device:
        """The camera that this bench has chosen, ``NONE`` for none."""
        session = self._desk.session
        return Device(session.settings.camera, session.settings.camera_name) if session else NONE

    def switch(self) -> None:
        """On when it is off, and off when it is on; without one, to where it is chosen.

        While one is being chosen, the choice alone says which is on.
        """
        if self._tried is not None:
            self._show()  # a click has turned the button over
            return
        if self.kept == NONE:
            self._desk.frame.show_screen("settings", section="scanner")
            self._desk.frame.notices.say(_("This bench has no camera. C chooses one."))
            return
        self.wanted = not self.wanted
        self.follow()

    def try_out(self, device: Device | None) -> None:
        """See through this camera while one is chosen, None for the chosen one again."""
        self._tried = device
        self.follow()

    def follow(self) -> None:
        """See through the camera that is wanted now."""
        chosen = self.kept if self.wanted else NONE
        if self._tried is not None:
            chosen = self._tried
        self.camera.use(chosen if self._desk.actor is not None else NONE)
        self._show()

    def close(self) -> None:
        """Let go of it: the program is closing."""
        self.camera.close()

    def _told(self, problem: Problem | None) -> None:
        """Say aloud when it is lost in the middle of the work; the top bar says it always."""
        self._show()
        notices, lost = self._desk.frame.notices, self._lost
        self._lost = problem is not None and (self._saw or lost)
        self._saw = problem is None
        if self._tried is not None:
            return
        if problem is not None and self._lost and not lost:
            notices.warn(say(problem))
        elif problem is None and lost:
            notices.say(_("The camera {name} is back.").format(name=self.camera.device.name))

    def _show(self) -> None:
        """What the top bar says: nothing where there is no camera to speak of."""
        top, problem = self._desk.frame.top, self.camera.problem
        if self.camera.device != NONE and problem is None:
            top.show_camera(_("Camera on"), on=True)
        elif self.camera.device != NONE and problem is not None:
            top.show_camera(_("No picture"), trouble=say(problem))
        else:
            top.show_camera(_("Camera off") if self.kept != NONE else "")
