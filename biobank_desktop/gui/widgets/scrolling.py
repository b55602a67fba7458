"""What a person works at is seen: forms that open, and whatever has the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from biobank_desktop.gui import theme

_AROUND_PX = 48
"""A field's label above it, and what is wrong with it below."""


def scrolling(screen: QWidget) -> QScrollArea:
    """A screen that is higher than its room scrolls; it never makes the window grow."""
    area = QScrollArea()
    area.setWidget(screen)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    theme.set_role(area, "ground")
    return area


def area_of(widget: QWidget) -> QScrollArea | None:
    """What a widget is scrolled in, None when nothing scrolls it."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    return above


def bring_into_view(widget: QWidget) -> None:
    """Scroll so that a part that has just been opened is seen whole; a higher one from its beginning."""
    area = area_of(widget)

    def scroll() -> None:
        if area is not None and widget.isVisible():
            area.ensureWidgetVisible(widget, 0, 16)
            hidden = 16 - widget.mapTo(area.viewport(), QPoint(0, 0)).y()
            if hidden > 0:
                area.verticalScrollBar().setValue(area.verticalScrollBar().value() - hidden)

    QTimer.singleShot(0, widget, scroll)


class FocusFollower(QObject):
    """Scrolls to what has the keyboard in a window, whoever moved it there.

    Qt does so for Tab only. What is higher than its room stays where it is.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow)

    def _follow(self, _before: QWidget | None, attended: QWidget | None) -> None:
        if attended is None or not self._window.isAncestorOf(attended):
            return
        area = area_of(attended)
        if area is not None and attended.height() <= area.viewport().height():
            QTimer.singleShot(0, attended, lambda: area.ensureWidgetVisible(attended, 0, _AROUND_PX))
