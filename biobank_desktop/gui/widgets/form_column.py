"""A column no wider than a form should be, at the left of however much room there is."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

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
