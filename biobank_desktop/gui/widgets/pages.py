"""One page of several: only the page that is shown has a say in how much room is needed."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


class Pages(QWidget):
    """Shows one of its pages; the others keep what was typed into them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget | None = None

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
        if self._shown is not None:
            self._shown.hide()
        self._shown = page
        page.show()
