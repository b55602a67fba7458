"""The bar at the top: the scan field, always, and what the last scan was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.widgets.actions import ActionButton, KeyHint, Look
from biobank_desktop.gui.widgets.texts import Text, plain_tip
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

HEIGHT_PX = 56
CAMERA_KEY = "F9"


class _ScanLine(QLineEdit):
    entered = Signal(str)
    emptied = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.text().strip():
            text = self.text()
            self.clear()
            self.entered.emit(text)
            return
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.emptied.emit()
            return
        super().keyPressEvent(event)


class ScanField(QFrame):
    """Codes and words are typed here; a scanner needs no field at all."""

    entered = Signal(str)
    """what was typed, on Enter; the field is empty again"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, "field")
        self.setFixedHeight(theme.TARGET_PX)
        self.line = _ScanLine(self)
        theme.set_role(self.line, "bare")
        self.line.setPlaceholderText(_("Scan or type any code, donor, box…"))
        self.line.setAccessibleName(_("Scan field"))
        self.line.entered.connect(self.entered)
        row = QHBoxLayout(self)
        row.setContentsMargins(11, 0, 9, 0)
        row.setSpacing(8)
        row.addWidget(Icon("scan", "muted", 20, self))
        row.addWidget(self.line, 1)
        row.addWidget(KeyHint("Ctrl K", self))
        self.setFocusProxy(self.line)


class TopBar(QWidget):
    """Scan field, the last scan as a fact, the switches of the camera and of the context panel."""

    panel_toggled = Signal()
    """the person wants the context panel open or shut"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self.scan = ScanField(self)
        self._fact = Text("", "chip", parent=self)
        self._fact.hide()
        self._waiting = Text("", "chip", parent=self)
        self._waiting.hide()
        self.camera = ActionButton("", Look.CHOICE, icon="camera", hint=CAMERA_KEY, parent=self)
        self.camera.setCheckable(True)
        self.camera.hide()
        self.panel = ActionButton("", Look.QUIET, icon="panel", parent=self)
        self.panel.setAccessibleName(_("Context panel"))
        self.panel.setToolTip(_("Context panel"))
        self.panel.clicked.connect(self.panel_toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(12)
        row.addWidget(self.scan, 1)
        row.addWidget(self._fact)
        row.addWidget(self._waiting)
        row.addWidget(self.camera)
        row.addWidget(self.panel)

    def show_fact(self, text: str) -> None:
        """Say what the last scan was, "" for nothing."""
        self._fact.setText(text)
        self._fact.setVisible(bool(text))

    def show_waiting(self, text: str) -> None:
        """Say what the database has not answered yet, "" for nothing."""
        self._waiting.setText(text)
        self._waiting.setVisible(bool(text))

    def show_camera(self, text: str, *, on: bool = False, trouble: str = "") -> None:
        """The camera of this bench in a few words, "" when it has none; ``trouble`` is the whole sentence."""
        self.camera.set_text(text)
        self.camera.setChecked(on)
        self.camera.set_icon("camera" if on else "warning" if trouble else "camera-off")
        self.camera.setToolTip(plain_tip(trouble))
        self.camera.setVisible(bool(text))

    def waiting(self) -> str:
        """What the database has not answered yet."""
        return "" if self._waiting.isHidden() else self._waiting.text()

    def fact(self) -> str:
        """What the last scan was."""
        return self._fact.text()
