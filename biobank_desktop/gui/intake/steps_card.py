"""Processing: a step begins now with one key, its settings follow, and it ends with one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card, clear_layout, field_grid
from biobank_desktop.gui.widgets.choice_fields import ChoiceField
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _
from biobank_desktop.services.processing import StepForm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from biobank_desktop.persistence.queries.samples import StepRow

KINDS = (("spin", "S"), ("density-gradient", "G"), ("wash", "W"), ("freeze", "F"))
STOP = "E"


class StepsCard(Card):
    """The steps of one tube, and the one that begins now."""

    begun = Signal()
    """a step begins: its settings are asked"""
    given_up = Signal()
    """no step after all"""
    count_wanted = Signal()
    """the cells of the whole tube have been counted"""
    end_wanted = Signal(int)
    """the number of the step that has ended now"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.body.setContentsMargins(16, 12, 16, 12)
        self.body.setSpacing(8)
        self._kind = ""
        self._started_at: datetime | None = None
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Text(_("Processing"), "section", parent=self), 1)
        self.buttons: dict[str, ActionButton] = {}
        for kind, letter in KINDS:
            button = ActionButton(_(f"step.{kind}"), hint=letter, parent=self)
            button.clicked.connect(lambda _checked=False, kind=kind: self.begin(kind))
            self.buttons[kind] = button
            head.addWidget(button)
        self.buttons["count"] = ActionButton(_("step.count"), hint="C", parent=self)
        self.buttons["count"].clicked.connect(self.count_wanted)
        head.addWidget(self.buttons["count"])
        self.body.addLayout(head)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self.body.addLayout(self._lines)
        self._settings = self._make_settings()
        self.body.addWidget(self._settings)
        self._settings.hide()
        self.running: int | None = None

    def _make_settings(self) -> QWidget:
        page = QWidget(self)
        self.speed = _number(_("Speed"), "speed_g", "g", page)
        self.minutes = _number(_("Length"), "minutes", _("min"), page)
        self.temperature = ChoiceField(
            _("Temperature"),
            [
                Choice("room", _("Room (R)"), "R"),
                Choice("2-10", _("2–10 °C (C)"), "C"),
                Choice("unknown", _("Unknown (U)"), "U"),
            ],
            name="temperature",
            parent=page,
        )
        self.temperature.editor.setPlaceholderText(_("R room, C cold"))
        self.brake = ChoiceField(
            _("Brake"),
            [Choice("on", _("On (B)"), "B"), Choice("off", _("Off (N)"), "N")],
            name="brake",
            parent=page,
        )
        self.brake.editor.setPlaceholderText(_("B on, N off"))
        self.temperature.picked.connect(self.brake.setFocus)
        self._what = Text("", "strong", parent=page)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._what)
        column.addLayout(field_grid([self.speed, self.minutes, self.temperature, self.brake], 4))
        return page

    @property
    def fields(self) -> tuple[FieldBox, ...]:
        """The settings of a step in the order they are answered."""
        return (self.speed, self.minutes, self.temperature, self.brake)

    @property
    def asking(self) -> bool:
        """Whether the settings of a step are being asked."""
        return bool(self._kind)

    def step_name(self) -> str:
        """The step that begins."""
        return _(f"step.{self._kind}")

    def begin(self, kind: str) -> None:
        """A step begins at this moment."""
        self._kind, self._started_at = kind, utc_now()
        for field in self.fields:
            field.clear()
            field.set_problems(())
            if isinstance(field, ChoiceField):
                field.set_value(None)
        self._what.setText(
            _("{step} began at {moment}. What is not typed is unknown.").format(
                step=self.step_name(), moment=words.moment(self._started_at)[-5:]
            )
        )
        self._settings.show()
        self.speed.setFocus()
        self.begun.emit()

    def give_up(self) -> bool:
        """No step after all; False when none was begun."""
        if not self.asking:
            return False
        self._kind = ""
        self._settings.hide()
        self.given_up.emit()
        return True

    def form(self) -> StepForm:
        """The step as it began."""
        assert self._started_at is not None
        temperature = self.temperature.value()
        brake = self.brake.value()
        return StepForm(
            kind=self._kind,
            started_at=self._started_at,
            speed_g=_whole(self.speed),
            minutes=_whole(self.minutes),
            temperature=str(temperature or "unknown"),
            brake=None if brake is None else brake == "on",
        )

    def unreadable(self) -> list[Problem]:
        """Answers that cannot be read: they are not "unknown"."""
        numbers = [field for field in (self.speed, self.minutes) if field.text()]
        words = [field for field in (self.temperature, self.brake) if field.answer() is Answer.UNREADABLE]
        wrong = [field for field in numbers if _whole(field) is None] + words
        return [Problem(field.name, "answer-unreadable") for field in wrong]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Beside the settings."""
        for field in self.fields:
            field.set_problems([one for one in problems if one.field == field.name])

    def enter(self) -> bool:
        """Enter goes to the next setting; False behind the last."""
        for field, following in zip(self.fields, self.fields[1:], strict=False):
            if field.editor.hasFocus():
                following.setFocus()
                return True
        return False

    def show_steps(self, steps: Sequence[StepRow]) -> None:
        """What was done so far, the running one with its key."""
        clear_layout(self._lines)
        self.running = None
        for step in steps:
            row = QHBoxLayout()
            row.setSpacing(12)
            row.addWidget(Text(_(f"step.{step.kind}"), "strong", parent=self))
            row.addWidget(Text(_step_words(step), "muted", parent=self), 1)
            if step.ended_at is None and step.kind != "count":
                self.running = step.no
                stop = ActionButton(_("Ended now"), Look.PLAIN, icon="clock", hint=STOP, parent=self)
                stop.clicked.connect(lambda _checked=False, no=step.no: self.end_wanted.emit(no))
                row.addWidget(stop)
            self._lines.addLayout(row)

    def end_running(self) -> None:
        """The step that runs has ended."""
        if self.running is not None:
            self.end_wanted.emit(self.running)


def _number(label: str, name: str, unit: str, parent: QWidget) -> FieldBox:
    field = FieldBox(label, name=name, hint=unit, letters=False, parent=parent)
    field.editor.setPlaceholderText(_("unknown"))
    return field


def _whole(field: FieldBox) -> int | None:
    return parse_whole(field.text())


def _step_words(step: StepRow) -> str:
    parts = [f"{step.speed_g} g" if step.speed_g else "", f"{step.minutes} min" if step.minutes else ""]
    if step.temperature and step.temperature != "unknown":
        parts.append(_(f"arrival.{step.temperature}").lower())
    begun, ended = words.moment(step.started_at), words.moment(step.ended_at) if step.ended_at else ""
    parts.append(f"{begun} – {ended[-5:]}" if ended else _("{moment}, running").format(moment=begun))
    return " · ".join(part for part in parts if part)
