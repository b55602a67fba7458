"""What is open: the way to it, its name and code, how full it is, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.boxviews import free_text
from biobank_desktop.gui.storage.plan import TOP
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import clear_layout, reveal
from biobank_desktop.gui.widgets.texts import CodeLabel, ElidedText, Text
from biobank_desktop.language import _, say_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biobank_desktop.domain.people import Permission
    from biobank_desktop.gui.storage.reading import Opened


@dataclass(frozen=True)
class Action:
    """One thing to do with what is open."""

    name: str
    letter: str
    icon: str
    permission: Permission
    fits: Callable[[Opened], bool]

    def word(self) -> str:
        """Its word on the button."""
        return {
            "place": _("Place"),
            "out": _("Take out"),
            "add": _("Add here"),
            "kind": _("New kind"),
            "label": _("Label"),
            "past": _("As it was"),
            "kit": _("Recovery kit"),
        }[self.name]


ACTIONS = (
    Action("place", "P", "scan", "storage", lambda opened: opened.holds_samples),
    Action("out", "T", "unlock", "storage", lambda opened: opened.holds_samples),
    Action("add", "A", "plus", "manage", lambda opened: not opened.holds_samples),
    Action("kind", "K", "storage", "manage", lambda opened: not opened.holds_samples),
    Action("label", "R", "print", "intake", lambda opened: opened.view is not None),
    Action("past", "H", "history", "read", lambda _opened: True),
    Action("kit", "Y", "download", "read", lambda opened: opened.is_device),
)


class Heading(QWidget):
    """The way is made of buttons, so one step up is one key."""

    wanted = Signal(str)
    """the name of an action"""
    way_wanted = Signal(object)
    """a container on the way"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._way = QHBoxLayout()
        self._way.setSpacing(0)
        self._name = Text("", "title", parent=self)
        self._code = CodeLabel("", "code-detail", parent=self)
        self._detail = ElidedText("", "muted", parent=self)
        self._buttons: dict[str, ActionButton] = {}
        name = QHBoxLayout()
        name.setSpacing(12)
        name.addWidget(self._name)
        name.addWidget(self._code)
        name.addWidget(self._detail, 1)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for action in ACTIONS:
            button = ActionButton(action.word(), icon=action.icon, hint=action.letter, parent=self)
            button.clicked.connect(partial(self._clicked, action.name))
            self._buttons[action.name] = button
            bar.addWidget(button)
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._way)
        column.addLayout(name)
        column.addLayout(bar)

    def show_opened(self, opened: Opened) -> None:
        """The heading of what is open."""
        clear_layout(self._way)
        view = opened.view
        self._way.addWidget(self._step(_("Storage"), TOP))
        for row in opened.path[:-1]:
            self._way.addWidget(Text("/", "muted", parent=self))
            self._way.addWidget(self._step(row.name, row.id))
        self._way.addStretch(1)
        self._name.setText(view.container.name if view else _("Storage"))
        self._code.setVisible(view is not None)
        if view is not None:
            self._code.set_code(view.container.code)
        self._detail.setText(_detail(opened))

    def offer(self, names: Sequence[str]) -> None:
        """Show exactly these actions."""
        for name, button in self._buttons.items():
            reveal(button, name in names)

    def offered(self) -> list[str]:
        """The actions that are shown."""
        return [name for name, button in self._buttons.items() if not button.isHidden()]

    def mark_placing(self, *, on: bool) -> None:
        """Placing is on: its button ends it."""
        self._buttons["place"].set_text(_("End placing") if on else _("Place"))

    def name_text(self) -> str:
        """The name shown."""
        return self._name.text()

    def detail_text(self) -> str:
        """What stands beside the name."""
        return self._detail.text()

    def _step(self, name: str, number: int) -> ActionButton:
        button = ActionButton(name, Look.QUIET, height_px=32, parent=self)
        button.clicked.connect(partial(self._go, number))
        return button

    def _go(self, number: int, _checked: bool = False) -> None:
        self.way_wanted.emit(number)

    def _clicked(self, name: str, _checked: bool = False) -> None:
        self.wanted.emit(name)


def _detail(opened: Opened) -> str:
    view = opened.view
    if view is None:
        return ""
    temperature = say_value(view.temperature) if view.temperature else ""
    parts = [view.container.kind.name, temperature, free_text(view)]
    return " · ".join(part for part in parts if part)
