"""The one panel at the right: the record, the box, the verdict; help lies over it until it is read."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

WIDTH_PX = 348


class ContextPanel(QWidget):
    """Holds one widget, not its owner: the screen that shows it keeps it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH_PX)
        self._shown: QWidget | None = None
        self._footer: QWidget | None = None
        self._wanted_open = True
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        theme.set_role(page, "clear")
        self._content = QVBoxLayout(page)
        self._content.setContentsMargins(16, 16, 16, 16)
        self._content.setSpacing(0)
        self._content.addStretch(1)
        self._scroll.setWidget(page)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._bar_changed)
        self._help = self._make_help()
        self._foot = QVBoxLayout()
        self._foot.setContentsMargins(16, 8, 16, 16)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._help)
        column.addWidget(self._scroll, 1)
        column.addLayout(self._foot)
        self.hide()

    def _make_help(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        self._help_title = Text("", "title", parent=page)
        self._help_text = Text("", "", wrap=True, parent=page)
        shut = ActionButton(_("Close help"), Look.PLAIN, hint="F1", parent=page)
        shut.clicked.connect(self.hide_help)
        column.addWidget(self._help_title)
        column.addWidget(self._help_text)
        column.addSpacing(8)
        column.addWidget(shut)
        column.addStretch(1)
        page.hide()
        return page

    def show(self, widget: QWidget | None = None, footer: QWidget | None = None) -> None:
        """Show a widget and, under it and always in view, a footer (the primary action)."""
        if widget is not None:
            self.clear()
            self._shown, self._footer = widget, footer
            self._content.insertWidget(0, widget)
            widget.show()
            if footer is not None:
                self._foot.addWidget(footer)
                footer.show()
        self._follow()

    def clear(self) -> None:
        """Show nothing: the panel closes. What was shown stays alive, hidden."""
        for widget in (self._shown, self._footer):
            if widget is not None:
                widget.hide()
        if self._shown is not None:
            self._content.removeWidget(self._shown)
        if self._footer is not None:
            self._foot.removeWidget(self._footer)
        self._shown = self._footer = None
        self._follow()

    def shown(self) -> QWidget | None:
        """What is shown."""
        return self._shown

    def toggle(self) -> None:
        """Open or shut the panel; a shut one stays shut until it is opened again."""
        self._wanted_open = not self._wanted_open
        self._follow()

    def show_help(self, title: str, text: str) -> None:
        """Lay the explanation of a screen over the panel."""
        self._help_title.setText(title)
        self._help_text.setText(text)
        self._help.show()
        self._follow()

    def hide_help(self) -> None:
        """Take the explanation away."""
        self._help.hide()
        self._follow()

    def helps(self) -> bool:
        """Whether an explanation is shown."""
        return not self._help.isHidden()

    def _bar_changed(self, _least: int, most: int) -> None:
        """The scroll bar stands in the margin, so the content keeps its width."""
        self._content.setContentsMargins(16, 16, 4 if most > 0 else 16, 8)

    def _follow(self) -> None:
        self._scroll.setVisible(not self.helps())
        self.setVisible(self.helps() or (self._wanted_open and self._shown is not None))
