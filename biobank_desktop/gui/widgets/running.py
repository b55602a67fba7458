"""Long work under way: how far it has come, and the way to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.persistence.steps import Progress


class Running(QWidget):
    """``name`` says what is done, ``counted`` how far it is: "{done} of {total} donors"."""

    def __init__(self, name: str, counted: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counted = counted
        self.progress = QProgressBar(self)
        self.progress.setAccessibleName(name)
        self.doing = Text("", "detail", parent=self)
        self.stop = ActionButton(_("Stop"), Look.QUIET, hint="ESC", parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.progress, 1)
        row.addWidget(self.doing)
        row.addWidget(self.stop)
        self.hide()

    def begin(self) -> None:
        """It has begun; nothing is known yet."""
        self.progress.setRange(0, 0)
        self.doing.setText("")
        self.show()

    def show_progress(self, progress: Progress) -> None:
        """So many are done."""
        self.progress.setRange(0, max(progress.total, 1))
        self.progress.setValue(progress.done)
        self.doing.setText(self._counted.format(done=progress.done, total=progress.total))
