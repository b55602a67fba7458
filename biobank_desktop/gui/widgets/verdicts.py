"""The consent gate's answer: a colour, an icon, a word, a reason, and how it was derived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.theme import Meaning, set_role
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Shown:
    """A verdict in words: its meaning (missing while there is none), heading, reason, derivation."""

    meaning: Meaning
    title: str
    reason: str
    derivation: Sequence[str] = ()


class VerdictCard(QFrame):
    """Shows a verdict; *Why* opens its derivation in place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = Icon("missing", "missing", 20, self)
        self._title = Text("", "section", wrap=True, parent=self)
        self._reason = Text("", wrap=True, parent=self)
        self.why = ActionButton(_("Why"), Look.QUIET, icon="chevron-right", height_px=32, parent=self)
        self.why.clicked.connect(self._toggle)
        self._derivation = QWidget(self)
        self._lines = QVBoxLayout(self._derivation)
        self._lines.setContentsMargins(0, 0, 0, 8)
        self._lines.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self._title, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 0, 0, 0)
        foot.addWidget(self.why)
        foot.addStretch(1)
        column = self._column = QVBoxLayout(self)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(_indented(self._reason))
        column.addLayout(foot)
        column.addLayout(_indented(self._derivation))
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nobody can be asked about yet."""
        self.show_verdict(
            Shown(
                Meaning.MISSING,
                _("No verdict yet"),
                _("It stands here as soon as donor and material are known."),
            )
        )

    def show_verdict(self, shown: Shown) -> None:
        """Show this verdict, its derivation closed."""
        set_role(self, f"tone-{shown.meaning.value}")
        self._icon.set_icon(shown.meaning.value, shown.meaning.value)
        self._title.setText(shown.title)
        self._reason.setText(shown.reason)
        self.setAccessibleName(f"{shown.title}. {shown.reason}")
        clear_layout(self._lines)
        for line in shown.derivation:
            self._lines.addWidget(Text(line, "detail", wrap=True, parent=self._derivation))
        self.why.setVisible(bool(shown.derivation))
        self._column.setContentsMargins(16, 12, 16, 4 if shown.derivation else 12)
        self._open(False)

    def is_open(self) -> bool:
        """Whether the derivation is shown."""
        return not self._derivation.isHidden()

    def _toggle(self) -> None:
        self._open(not self.is_open())

    def _open(self, on: bool) -> None:
        self._derivation.setVisible(on)
        self.why.set_icon("chevron-down" if on else "chevron-right")


def _indented(widget: QWidget) -> QHBoxLayout:
    """Under the words of the heading, not under its icon."""
    line = QHBoxLayout()
    line.setContentsMargins(28, 0, 0, 0)
    line.addWidget(widget)
    return line
