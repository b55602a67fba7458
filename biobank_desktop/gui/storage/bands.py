"""What is out of service, as a band over what is open: since when, why, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui import words
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import reveal
from biobank_desktop.gui.widgets.texts import ElidedText, Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.gui.storage.reading import Opened


class OutageBand(QFrame):
    """Hidden while everything around is in service."""

    plan_wanted = Signal()
    """the evacuation plan of what is open"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "tone-refused")
        self._title = Text("", "section", parent=self)
        self._text = ElidedText("", parent=self)
        self.plan = ActionButton(_("Evacuation plan"), hint="E", parent=self)
        self.plan.clicked.connect(self.plan_wanted)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        row.addWidget(Icon("disconnected", "refused", 24, self), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(column, 1)
        row.addWidget(self.plan, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_opened(self, opened: Opened, *, may_move: bool) -> None:
        """Say what is out of service here; ``may_move`` offers the plan."""
        outages = opened.condition.outages
        if outages:
            nearest = outages[0]
            self._title.setText(_("{name} is out of service").format(name=nearest.name))
            self._text.setText(
                _("Since {when}: {why}. Nothing new goes in.").format(
                    when=words.moment(nearest.since), why=nearest.why
                )
            )
        reveal(self.plan, may_move)
        reveal(self, bool(outages))

    def title(self) -> str:
        """What is out of service."""
        return self._title.text()
