"""Words on the window: plain text in one of the stylesheet's roles, codes grouped and monospaced."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtGui import Qt as Markup
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui.theme import set_role
from biobank_desktop.language import _


def plain_tip(text: str) -> str:
    """A tool tip that says exactly this: Qt would read a text that looks like markup as markup."""
    return Markup.convertFromPlainText(text) if Markup.mightBeRichText(text) else text


def set_words(button: QAbstractButton, text: str) -> None:
    """The words of a button; an "&" in them is an "&" and makes no key of the letter behind it."""
    button.setText(text)
    button.setShortcut(QKeySequence())


class Text(QLabel):
    """A label that never reads its text as markup: names and notes are what people typed."""

    def __init__(
        self, text: str = "", role: str = "", *, wrap: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if role.startswith("chip"):
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setText(text)
        if role:
            set_role(self, role)


class ElidedText(Text):
    """Words that give way when room is short: they end in an ellipsis, the tooltip has them whole."""

    def minimumSizeHint(self) -> QSize:
        """Nothing: others come first."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip("" if shown == self.text() else plain_tip(self.text()))
        painter = QPainter(self)
        self.style().drawItemText(
            painter, self.rect(), int(self.alignment()), self.palette(), True, shown, self.foregroundRole()
        )
        painter.end()


class CodeLabel(Text):
    """A code as people read it (``PM26 0A1B2 7``); can be copied whole with Ctrl+C."""

    def __init__(self, code: str = "", role: str = "code", parent: QWidget | None = None) -> None:
        super().__init__("", role, parent=parent)
        self._code = ""
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.set_code(code)

    @property
    def code(self) -> str:
        """The code without the spaces for the eye."""
        return self._code

    def set_code(self, code: str) -> None:
        """Show a code: ours grouped, a foreign one as it is."""
        self._code = code
        self.setText(codes.group(code) if codes.parse(code) else code)
        self.setAccessibleName(_("Code {code}").format(code=" ".join(code)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._code)
            return
        super().keyPressEvent(event)
