"""A column no wider than a form should be, at the left of however much room there is."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

WIDEST_PX = 960
"""From a label to its field, and from the beginning of a sentence to its end, the eye finds back."""


class FormColumn(QWidget):
    """``body`` takes what stands in the column.

    The limit stands on the column, not on what is in it: a layout asks wrapped words how high they are at
    the width it has, not at the width they will get.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QWidget(self)
        column.setMaximumWidth(WIDEST_PX)
        self.body = QVBoxLayout(column)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(12)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(column, 1)
        across.addStretch(0)


def bring_into_view(widget: QWidget) -> None:
    """Scroll so that a part that has just been opened is seen whole; a higher one from its beginning."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    area = above

    def scroll() -> None:
        if area is not None and widget.isVisible():
            area.ensureWidgetVisible(widget, 0, 16)
            hidden = 16 - widget.mapTo(area.viewport(), QPoint(0, 0)).y()
            if hidden > 0:
                area.verticalScrollBar().setValue(area.verticalScrollBar().value() - hidden)

    QTimer.singleShot(0, widget, scroll)
