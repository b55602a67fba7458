"""One page of several: only the page that is shown has a say in how much room is needed."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.gui.widgets.scrolling import area_of


class Pages(QWidget):
    """Shows one of its pages; the others keep what was typed into them, and how far they were scrolled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget | None = None
        self._scrolled: dict[QWidget, int] = {}

    def add(self, page: QWidget) -> None:
        """Add a page, hidden."""
        page.hide()
        self._column.addWidget(page)

    def shown(self) -> QWidget | None:
        """The page that is shown."""
        return self._shown

    def show_page(self, page: QWidget) -> None:
        """Show a page instead of the one before."""
        if page is self._shown:
            return
        area = area_of(self)
        if self._shown is not None:
            attended: QWidget | None = self.window().focusWidget()
            if attended is not None and self._shown.isAncestorOf(attended):
                self.setFocus()  # else whatever comes next would get it, and be scrolled to
            if area is not None:
                self._scrolled[self._shown] = area.verticalScrollBar().value()
            self._shown.hide()
        self._shown = page
        page.show()
        if area is not None:
            bar, at = area.verticalScrollBar(), self._scrolled.get(page, 0)
            QTimer.singleShot(0, bar, lambda: bar.setValue(at))  # when the page has its size
