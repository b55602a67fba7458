"""Where the work stands: steps done stay in view as facts, the one to do now stands out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from biobank_desktop.gui import icons, theme
from biobank_desktop.gui.theme import Size
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

_DISC_PX = 20
_GAP_PX = 24


class StepState(Enum):
    """How far a step is."""

    DONE = "done"
    NOW = "now"
    LATER = "later"


@dataclass(frozen=True)
class Step:
    """A step and, once done or under way, its fact ("6 of 6")."""

    title: str
    state: StepState
    fact: str = ""


class Stepper(QWidget):
    """The steps of the work in one line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[Step, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Show these steps."""
        self._steps = tuple(steps)
        words = {StepState.DONE: _("done"), StepState.NOW: _("now"), StepState.LATER: _("later")}
        self.setAccessibleName(
            ", ".join(f"{step.title} {step.fact} ({words[step.state]})" for step in self._steps)
        )
        self.updateGeometry()
        self.update()

    def _width_px(self, step: Step) -> int:
        bold = QFontMetrics(theme.font(bold=True)).horizontalAdvance(step.title)
        fact = QFontMetrics(theme.font(Size.DETAIL)).horizontalAdvance(step.fact) + 6 if step.fact else 0
        return _DISC_PX + 8 + bold + fact

    def sizeHint(self) -> QSize:
        """The size it would like."""
        width = sum(self._width_px(step) for step in self._steps) + _GAP_PX * max(0, len(self._steps) - 1)
        return QSize(width, 24)

    def minimumSizeHint(self) -> QSize:
        """The size below which it cannot be read."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = 0
        for number, step in enumerate(self._steps, 1):
            self._paint_disc(painter, left, number, step)
            self._paint_words(painter, left + _DISC_PX + 8, step)
            left += self._width_px(step) + _GAP_PX
        painter.end()

    def _paint_disc(self, painter: QPainter, left: int, number: int, step: Step) -> None:
        tokens = theme.tokens()
        fill, ink = {
            StepState.DONE: (tokens.permitted.ink, tokens.permitted.ground),
            StepState.NOW: (tokens.accent_fill, tokens.on_accent),
            StepState.LATER: (tokens.line, tokens.muted),
        }[step.state]
        disc = QRectF(left, (self.height() - _DISC_PX) / 2, _DISC_PX, _DISC_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawEllipse(disc)
        if step.state is StepState.DONE:
            icons.draw(painter, "check", ink, left + 3, disc.top() + 3, 14)
            return
        painter.setPen(QColor(ink))
        painter.setFont(theme.font(Size.DETAIL, bold=True))
        painter.drawText(disc, int(Qt.AlignmentFlag.AlignCenter), str(number))

    def _paint_words(self, painter: QPainter, left: int, step: Step) -> None:
        painter.setFont(theme.font(bold=step.state is StepState.NOW))
        painter.setPen(theme.color("muted" if step.state is StepState.LATER else "ink"))
        width = painter.fontMetrics().horizontalAdvance(step.title)
        flags = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(left, 0, width + 2, self.height()), flags, step.title)
        if step.fact:
            painter.setFont(theme.font(Size.DETAIL))
            painter.setPen(theme.color("muted"))
            painter.drawText(QRectF(left + width + 6, 0, 400, self.height()), flags, step.fact)
