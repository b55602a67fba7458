"""What may be done with a donor's material, purpose by purpose: a word, a reason, a derivation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.gui import icons, theme, words
from biobank_desktop.gui.theme import Size
from biobank_desktop.gui.widgets.cards import Section, clear_layout
from biobank_desktop.gui.widgets.texts import Text, plain_tip
from biobank_desktop.gui.widgets.verdicts import VerdictCard
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.consent import Decision

FIRST = "store"
"""The purpose whose verdict stands in the large card."""


class PurposeRow(QAbstractButton):
    """One purpose on one line: what the verdict means, the purpose, an arrow to the reason."""

    def __init__(self, decision: Decision, parent: QWidget) -> None:
        super().__init__(parent)
        self._meaning = words.MEANINGS[decision.verdict]
        self._name = words.choice_name(decision.purpose)
        self._word = words.verdict_word(decision)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(self._name)
        self.setAccessibleName(f"{self._name}: {words.verdict_title(decision)}")

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(240, theme.TARGET_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.underMouse() or self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), theme.FOCUS_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        tone = theme.tokens().tone(self._meaning)
        middle = self.height() / 2
        icons.draw(painter, self._meaning.value, tone.ink, 4, middle - 10, 20)
        arrow = "chevron-down" if self.isChecked() else "chevron-right"
        icons.draw(painter, arrow, theme.tokens().muted, self.width() - 22, middle - 8, 16)
        self._paint_words(painter, tone.ink)
        painter.end()

    def _paint_words(self, painter: QPainter, ink: str) -> None:
        right = self.width() - 30
        painter.setFont(theme.font(Size.DETAIL))
        painter.setPen(ink)
        box = QRectF(0, 0, right, self.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self._word)
        taken = painter.fontMetrics().horizontalAdvance(self._word) + 12
        painter.setFont(theme.font())
        painter.setPen(theme.color("ink"))
        room = right - taken - 32
        shown = painter.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, room)
        self.setToolTip("" if shown == self._name else plain_tip(self._name))
        painter.drawText(QRectF(32, 0, room + 1, self.height()), int(Qt.AlignmentFlag.AlignVCenter), shown)


class VerdictPanel(QWidget):
    """The verdict on storing as a card, the other purposes below it, each one line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = VerdictCard(self)
        self.purposes = Section(_("Other purposes"), parent=self)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self.purposes.body.addLayout(self._rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.card)
        column.addWidget(self.purposes)

    def show_decisions(self, decisions: Sequence[Decision]) -> None:
        """Show every verdict of today."""
        clear_layout(self._rows)
        for decision in decisions:
            if decision.purpose == FIRST:
                self.card.show_verdict(words.verdict(decision))
            elif decision.purpose != "receive":  # receiving asks the same of the record as storing
                self._add(decision)
        permitted = sum(each.verdict == "permitted" for each in decisions)
        detail = _("{count} of {all} permitted").format(count=permitted, all=len(decisions))
        self.purposes.set_heading(_("Other purposes"), detail)

    def _add(self, decision: Decision) -> None:
        row = PurposeRow(decision, self)
        shown = words.verdict(decision)
        why = QWidget(self)
        lines = QVBoxLayout(why)
        lines.setContentsMargins(32, 0, 8, 8)
        lines.setSpacing(4)
        lines.addWidget(Text(shown.reason, wrap=True, parent=why))
        for step in shown.derivation:
            lines.addWidget(Text(step, "detail", wrap=True, parent=why))
        why.hide()
        row.toggled.connect(why.setVisible)
        self._rows.addWidget(row)
        self._rows.addWidget(why)
