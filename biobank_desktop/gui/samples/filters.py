"""The chips a list of samples is narrowed with: each shows what it is set to, a menu offers the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.domain.use import ENDINGS
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.language import _, say_value
from biobank_desktop.persistence.queries.search import Filter
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

STATES = ("received", "planned", "filled", "void", "refused")


class FilterChip(ActionButton):
    """One filter: its name while it is off, its value while it is on. Delete takes it off."""

    changed = Signal()
    """another value, or none"""

    def __init__(self, name: str, picks: Sequence[Pick], parent: QWidget | None = None) -> None:
        super().__init__(name, Look.CHOICE, icon="chevron-down", parent=parent)
        self._name = name
        self._picks = tuple(picks)
        self._value = ""
        self.setCheckable(True)
        self.clicked.connect(self.offer)

    def value(self) -> str:
        """What the list is narrowed to, "" for nothing."""
        return self._value

    def set_value(self, value: str) -> None:
        """Narrow to a value, "" for nothing; says ``changed`` when it is another one."""
        was, self._value = self._value, value
        text = next((pick.text for pick in self._picks if pick.value == value), "")
        self.set_text(f"{self._name}: {text}" if text else self._name)
        self.setChecked(bool(value))
        if was != value:
            self.changed.emit()

    def offer(self) -> None:
        """Show the menu of values under the chip."""
        self.setChecked(bool(self._value))
        menu = QMenu(self)
        for pick in (Pick("", _("All")), *self._picks):
            action = QAction(pick.text.replace("&", "&&"), menu)  # else a key of the letter behind
            action.setData(pick.value)
            action.setCheckable(True)
            action.setChecked(pick.value == self._value)
            menu.addAction(action)
        menu.triggered.connect(lambda action: self.set_value(str(action.data())))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace} and self._value:
            self.set_value("")
            return
        if event.key() == Qt.Key.Key_Down:
            self.offer()
            return
        super().keyPressEvent(event)


class FilterRow(QWidget):
    """All chips and a way to take them all off."""

    changed = Signal()
    """the list is to be narrowed otherwise"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.material = FilterChip(
            _("Material"), [Pick(one.code, _(one.name)) for one in MATERIALS], parent=self
        )
        self.time_point = FilterChip(_("Time point"), _time_points(), parent=self)
        self.state = FilterChip(
            _("State"),
            [
                *(Pick(state, words.state_name(state)) for state in STATES),
                *(Pick(ending, say_value(ending)) for ending in ENDINGS),
            ],
            parent=self,
        )
        self.stored = FilterChip(
            _("Place"), [Pick("yes", _("stored")), Pick("no", _("not stored"))], parent=self
        )
        self.clear = ActionButton(_("Clear filters"), Look.QUIET, icon="cross", parent=self)
        self.clear.clicked.connect(self.reset)
        self._chips = (self.material, self.time_point, self.state, self.stored)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for chip in self._chips:
            chip.changed.connect(self._changed)
            row.addWidget(chip)
        row.addWidget(self.clear)
        row.addStretch(1)
        self.clear.hide()

    def filter(self, code: str, donor_id: int | None = None) -> Filter:
        """What is asked with these words and these chips."""
        stored, state = self.stored.value(), self.state.value()
        return Filter(
            code=code,
            material=self.material.value(),
            time_point=self.time_point.value(),
            state="" if state in ENDINGS else state,
            ended=state if state in ENDINGS else "",
            donor_id=donor_id,
            stored=None if not stored else stored == "yes",
        )

    def narrows(self) -> bool:
        """Whether any chip is on."""
        return any(chip.value() for chip in self._chips)

    def reset(self) -> None:
        """Take every chip off, said once."""
        if not self.narrows():
            return
        for chip in self._chips:
            chip.blockSignals(True)
            chip.set_value("")
            chip.blockSignals(False)
        self._changed()

    def _changed(self) -> None:
        self.clear.setVisible(self.narrows())
        self.changed.emit()


def _time_points() -> list[Pick]:
    found: dict[str, Pick] = {}
    for protocol in reference().protocols.values():
        for point in protocol.time_points:
            found.setdefault(point.code, Pick(point.code, f"{point.code} · {point.label}"))
    return list(found.values())
