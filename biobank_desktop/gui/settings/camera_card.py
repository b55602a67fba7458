"""Choosing the camera that scans, with what it sees."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.gui.cameras import NONE, Device, why_none
from biobank_desktop.gui.widgets.camera_picture import CameraPicture
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.frames import Look

_MOST = 9


class CameraCard(FormCard):
    """The cameras by their digits, 0 for none, and the picture of the one that is chosen, before it is kept.

    What keeps a camera from seeing is said, and is no reason against storing it.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        text = _(
            "Hold a label before it, alone: what it reads is a scan. While the bench is locked, it is off."
        )
        super().__init__(_("Camera"), text, _("Store the camera"), parent)
        self._bench = desk.camera
        self._open = False
        self._missing: Problem | None = None
        self.question = ChoiceQuestion(_("Scan with"), [], name="camera", columns=1, parent=self)
        self.picture = CameraPicture(self)
        self.add_row([self.question], 1)
        self.rows.addStretch(1)
        self.add_beside(self.picture)
        self.question.chosen.connect(self._try)
        camera = self._bench.camera
        camera.found.connect(self._offer)
        camera.told.connect(self._tell)
        camera.looked.connect(self._looked)

    @property
    def chosen(self) -> Device:
        """The camera that is chosen, ``NONE`` for none."""
        value = self.question.value()
        return value if isinstance(value, Device) else NONE

    def begin(self) -> None:
        """Offer the cameras that there are, and see through the one that is kept, else the only one."""
        self._open = True
        self.question.set_value(None)
        there = self._offer()
        only = there[0] if len(there) == 1 else NONE
        self.question.set_value(self._bench.kept if self._bench.kept != NONE else only)
        self._try()
        super().begin()
        self._tell(self._bench.camera.problem)

    def end(self) -> None:
        """See through the camera that is kept again."""
        self._open = False
        self._bench.try_out(None)

    def problems(self) -> list[Problem]:
        """What cannot be kept."""
        return [Problem("camera", "answer-missing")] if self.question.value() is None else []

    def _offer(self) -> list[Device]:
        """Offer the cameras that are there now, and the kept and the chosen one when they are not."""
        if not self._open:
            return []
        try:
            there = list(self._bench.camera.devices())
            self._missing = None if there else why_none(there)
        except Unavailable as error:
            there, self._missing = [], error.problem
        away = [one for one in dict.fromkeys((self._bench.kept, self.chosen)) if one not in (NONE, *there)]
        shown = [(one, _("{name} (not connected)").format(name=one.name)) for one in away]
        shown += [(one, one.name) for one in there]
        numbered = [Choice(one, name, str(no)) for no, (one, name) in enumerate(shown[:_MOST], 1)]
        self.question.offer([Choice(NONE, _("No camera"), "0"), *numbered])
        self._tell(self._bench.camera.problem)
        return there

    def _try(self) -> None:
        """See through the camera that is chosen."""
        self.picture.show_nothing()
        self._bench.try_out(self.chosen)
        self._tell(self._bench.camera.problem)

    def _tell(self, problem: Problem | None) -> None:
        if not self._open:
            return
        said = self._missing if self.chosen == NONE else problem
        self.question.set_problems([] if said is None else [replace(said, warning=True)])
        if said is not None:
            self.picture.show_nothing()

    def _looked(self, look: Look) -> None:
        if self._open and self.chosen != NONE and self._bench.camera.problem is None:
            self.picture.show_look(look)
