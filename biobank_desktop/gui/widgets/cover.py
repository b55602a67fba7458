"""Covers the whole window while nobody may see or touch the work: signing in, locked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from biobank_desktop.gui import theme


class Cover(QWidget):
    """An opaque sheet with one panel in its middle; what lies under it is kept as it was, focus included."""

    def __init__(self, window: QWidget, work: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._work = work
        theme.set_role(self, "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._panel: QWidget | None = None
        self._back_to: QWidget | None = None
        self._grid = QGridLayout(self)
        window.installEventFilter(self)
        self.hide()

    @property
    def on(self) -> bool:
        """Whether the work is covered."""
        return not self.isHidden()

    def show_panel(self, panel: QWidget) -> None:
        """Cover the work and ask with ``panel``."""
        if not self.on:
            focused: QWidget | None = self._window.focusWidget()
            self._back_to = focused if focused is not None and self._work.isAncestorOf(focused) else None
        self._take_panel_out()
        self._panel = panel
        self._grid.addWidget(panel, 0, 0, Qt.AlignmentFlag.AlignCenter)
        self.resize(self._window.size())
        self.show()
        self.raise_()
        self._work.setEnabled(False)
        panel.show()
        panel.setFocus()

    def lift(self) -> None:
        """Give the work back."""
        self._take_panel_out()
        self.hide()
        self._work.setEnabled(True)
        if self._back_to is not None:
            self._back_to.setFocus()
            self._back_to = None

    def _take_panel_out(self) -> None:
        if self._panel is not None:
            self._panel.hide()
            self._grid.removeWidget(self._panel)
            self._panel = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if event.type() == QEvent.Type.Resize:
            self.resize(self._window.size())
        return super().eventFilter(watched, event)
