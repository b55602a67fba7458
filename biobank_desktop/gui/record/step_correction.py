"""Correcting a processing step: its values as they stand, and the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.gui.record.values_form import ValuesForm, picks_of
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.language import _
from biobank_desktop.services.processing import STEP_KINDS, STEP_TEMPERATURES

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.persistence.queries.samples import StepRow

_BRAKES = {"yes": True, "no": False, "unknown": None}


class StepCorrectionForm(ValuesForm):
    """The values of one step of a tube."""

    def __init__(self, step: StepRow, parent: QWidget | None = None) -> None:
        super().__init__(_("Correct a processing step"), parent)
        self.step = step
        kinds = [Pick(kind, _(f"step.{kind}")) for kind in STEP_KINDS]
        brake = next(word for word, value in _BRAKES.items() if value is step.brake)
        self.add(
            [
                self.pick("kind", kinds, step.kind),
                self.moment("started_at", step.started_at, may_be_unknown=False),
                self.moment_or_not_yet("ended_at", step.ended_at),
                self.number("speed_g", step.speed_g, whole=True),
                self.number("minutes", step.minutes, whole=True),
                self.pick("temperature", picks_of(STEP_TEMPERATURES), step.temperature or "unknown"),
                self.pick("brake", picks_of(tuple(_BRAKES)), brake),
                self.words("device", step.device or ""),
            ]
        )
        self.add_with_reason(self.words("lot", step.lot or ""))
        self.stand()

    def changes(self) -> dict[str, Any]:
        """What the person has changed, as the service takes it."""
        changed = super().changes()
        if "brake" in changed:
            changed["brake"] = _BRAKES.get(changed["brake"])
        return changed
