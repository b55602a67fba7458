"""What is open: the way to it, its name and code, how full it is, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

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
    seldom: bool = False
    """behind "More" until that is opened; its letter works all the same"""

    def word(self) -> str:
        """Its word on the button."""
        return {
            "place": _("Place"),
            "out": _("Take out"),
            "add": _("Add here"),
            "kind": _("Kinds"),
            "label": _("Label"),
            "past": _("As it was"),
            "kit": _("Recovery kit"),
            "move": _("Move"),
            "swap": _("Swap"),
            "reserve": _("Reserve"),
            "list": _("Load a list"),
            "empty": _("Empty"),
            "spill": _("Spilled"),
            "outage": _("Out of service"),
            "rule": _("Rules"),
        }[self.name]


def _holds_samples(opened: Opened) -> bool:
    return opened.holds_samples


def _takes_vials(opened: Opened) -> bool:
    """A spilled box is put in order first: a scanned vial is found in it, not placed."""
    return opened.holds_samples and opened.condition.spilled is None


def _holds_containers(opened: Opened) -> bool:
    return not opened.holds_samples


def _is_one(opened: Opened) -> bool:
    return opened.view is not None


ACTIONS = (
    Action("place", "P", "scan", "storage", _takes_vials),
    Action("out", "T", "unlock", "storage", _holds_samples),
    Action("add", "A", "plus", "manage", _holds_containers),
    Action("move", "M", "release", "storage", lambda _opened: True),
    Action("label", "R", "print", "intake", _is_one, seldom=True),
    Action("swap", "W", "refresh", "storage", _is_one, seldom=True),
    Action("reserve", "V", "pin", "storage", _holds_samples, seldom=True),
    Action("list", "L", "intake", "storage", lambda _opened: True, seldom=True),
    Action("empty", "E", "discard", "storage", _is_one, seldom=True),
    Action("spill", "S", "warning", "storage", _holds_samples, seldom=True),
    Action("outage", "O", "disconnected", "storage", _is_one, seldom=True),
    Action("rule", "U", "filter", "manage", _is_one, seldom=True),
    Action("kind", "K", "storage", "manage", _holds_containers, seldom=True),
    Action("past", "H", "history", "read", lambda _opened: True, seldom=True),
    Action("kit", "Y", "download", "read", lambda opened: opened.is_device, seldom=True),
)
MORE_KEY = "."
_IN_A_ROW, _ROW_PX = 3, 590


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
        self._more = ActionButton("", icon="chevron-down", hint=MORE_KEY, parent=self)
        self._more.setAccessibleName(_("More"))
        self._more.setToolTip(_("More"))
        self._more.clicked.connect(self.toggle_more)
        self._seldom = QWidget(self)
        self._seldom.hide()
        self._rows = QGridLayout(self._seldom)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self._seldom.setMaximumWidth(_ROW_PX)
        for action in ACTIONS:
            button = ActionButton(action.word(), icon=action.icon, hint=action.letter, parent=self)
            button.clicked.connect(partial(self._clicked, action.name))
            self._buttons[action.name] = button
            if not action.seldom:
                bar.addWidget(button)
        bar.addWidget(self._more)
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._way)
        column.addLayout(name)
        column.addLayout(bar)
        column.addWidget(self._seldom)

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
        while self._rows.takeAt(0) is not None:
            pass
        rest = [self._buttons[one.name] for one in ACTIONS if one.seldom and one.name in names]
        for place, button in enumerate(rest):
            self._rows.addWidget(button, *divmod(place, _IN_A_ROW))
        reveal(self._more, bool(rest))
        if not rest:
            self._open_more(on=False)

    def toggle_more(self, _checked: bool = False) -> None:
        """Show what is seldom done, or put it away."""
        if not self._more.isHidden():
            self._open_more(on=not self.is_open())

    def is_open(self) -> bool:
        """Whether what is seldom done is shown."""
        return not self._seldom.isHidden()

    def close_more(self) -> bool:
        """Put away what is seldom done; False when it was not shown."""
        shown = self.is_open()
        self._open_more(on=False)
        return shown

    def _open_more(self, *, on: bool) -> None:
        self._more.set_icon("chevron-down" if not on else "minus")
        reveal(self._seldom, on)

    def offered(self) -> list[str]:
        """The actions that are shown."""
        return [name for name, button in self._buttons.items() if not button.isHidden()]

    def mark_condition(self, *, spilled: bool, down: bool) -> None:
        """A box that is spilled is put in order by the same button, a container put into service again."""
        self._buttons["spill"].set_text(_("In order again") if spilled else _("Spilled"))
        self._buttons["outage"].set_text(_("Into service") if down else _("Out of service"))

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
