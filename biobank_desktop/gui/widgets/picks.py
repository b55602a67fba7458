"""A field whose answer is one of a list: type its beginning, or Down for the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCompleter

from biobank_desktop.gui.widgets.fields import FieldBox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Pick:
    """One answer: the value it stands for and its words."""

    value: str
    text: str


class PickField(FieldBox):
    """Takes any piece of a choice's words, or its code; what fits no choice cannot be read."""

    def __init__(
        self, label: str, picks: Sequence[Pick] = (), *, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(label, name=name, parent=parent)
        self._picks: tuple[Pick, ...] = ()
        self._model = QStringListModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.activated.connect(self._picked)
        self.editor.setCompleter(self._completer)
        self.set_hint("▾")
        self.finished.connect(self._tidy)
        self.set_picks(picks)

    def set_picks(self, picks: Sequence[Pick]) -> None:
        """Offer other answers; what is typed stays."""
        self._picks = tuple(picks)
        self._model.setStringList([pick.text for pick in picks])

    def value(self) -> str | None:
        """The value meant, None when what is typed fits none or more than one."""
        typed = self.text().casefold()
        if not typed:
            return None
        exact = [one for one in self._picks if typed in {one.text.casefold(), one.value.casefold()}]
        begun = [one for one in self._picks if one.text.casefold().startswith(typed)]
        found = exact or begun
        return found[0].value if len(found) == 1 or exact else None

    def offers(self, value: str) -> bool:
        """Whether a value is one of the choices."""
        return any(one.value == value for one in self._picks)

    def set_value(self, value: str) -> None:
        """Show an answer; a value that is no choice is shown as it is."""
        self.set_text(next((one.text for one in self._picks if one.value == value), value))

    def _readable(self) -> bool:
        return self.value() is not None

    def _picked(self, text: str) -> None:
        self.set_text(text)

    def _tidy(self) -> None:
        value = self.value()
        if value is not None:
            self.show_typed(next(one.text for one in self._picks if one.value == value))

    def _key(self, event: QKeyEvent) -> bool:
        popup = self._completer.popup()
        if event.key() == Qt.Key.Key_Down and not (popup is not None and popup.isVisible()):
            self._completer.setCompletionPrefix("")
            self._completer.complete()
            return True
        return super()._key(event)
