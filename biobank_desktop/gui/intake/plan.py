"""The vials that are planned: how many, how much in each, where they will go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.domain.materials import material
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.gui import words as say_words
from biobank_desktop.gui.intake import words
from biobank_desktop.gui.theme import TARGET_PX
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.amounts import AmountField, Quantity
from biobank_desktop.gui.widgets.cards import Card, ProblemList, clear_layout
from biobank_desktop.gui.widgets.choice_fields import ChoiceField
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.texts import ElidedText, Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.services.placing import Proposal

_COUNT_PX, _AMOUNT_PX = 72, 176


class PlanLine:
    """One kind of vials: its fields, and the widgets of its row from left to right."""

    def __init__(self, vials: PlannedVials, parent: QWidget) -> None:
        self.vials = vials
        counted = material(vials.material).counted_in == "cells"
        name = say_words.material_name(vials.material)
        self.name = Text(f"{name}, {vials.medium}" if vials.medium else name, "strong", parent=parent)
        self.count = FieldBox(_("Number of vials of {material}").format(material=name), parent=parent)
        self.count.hide_label()
        self.count.setFixedWidth(_COUNT_PX)
        self.count.editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.count.set_text(str(vials.count))
        self.amount = AmountField(
            _("Amount in each vial of {material}").format(material=name),
            Quantity.CELLS if counted else Quantity.VOLUME,
            unit="µL",
            parent=parent,
        )
        self.amount.hide_label()
        self.amount.setFixedWidth(_AMOUNT_PX)
        planned = vials.cells if counted else vials.volume_ul
        if planned is not None:
            self.amount.set_amount(planned)
        self.times = Text("×", "muted", parent=parent)
        self.place = ElidedText("", "detail", parent=parent)
        self.remove = ActionButton("", Look.QUIET, icon="cross", parent=parent)
        self.remove.setAccessibleName(_("Leave out {material}").format(material=name))
        self.remove.setFixedWidth(TARGET_PX + 4)

    def planned(self) -> PlannedVials:
        """What the line says now; a number that cannot be read is none."""
        counted = material(self.vials.material).counted_in == "cells"
        return PlannedVials(
            self.vials.material,
            parse_whole(self.count.text()) or 0,
            None if counted else self.amount.amount(),
            self.amount.amount() if counted else None,
            self.vials.medium,
        )

    def widgets(self) -> tuple[QWidget, ...]:
        """From left to right."""
        return (self.name, self.count, self.times, self.amount, self.place, self.remove)


class PlanCard(Card):
    """The plan of one tube, proposed by the protocol, changed by hand where the tube is another one."""

    changed = Signal()
    """a person has changed the plan"""
    attended = Signal(object)
    """the field that is being answered"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.body.setContentsMargins(16, 8, 16, 10)
        self.body.setSpacing(4)
        self.touched = False
        self.source: str | None = None
        self._lines: list[PlanLine] = []
        self._title = Text("", "section", parent=self)
        self.add = ChoiceField(_("Add vials of"), parent=self)
        self.add.hide_label()
        self.add.editor.setPlaceholderText(_("Add vials of…"))
        self.add.setFixedWidth(_AMOUNT_PX)
        self.add.picked.connect(self._add)
        self.add.attended.connect(lambda: self.attended.emit(self.add))
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.add)
        self.body.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(4, 1)
        self.body.addLayout(self._grid)
        self._none = Text("", "muted", wrap=True, parent=self)
        self.body.addWidget(self._none)
        self._problems = ProblemList(self)
        self.body.addWidget(self._problems)
        self.show_plan((), "", None)

    def show_plan(self, plan: Sequence[PlannedVials], title: str, source: str | None) -> None:
        """A proposal for what is made of ``source``; what a person changed before is replaced."""
        self.touched, self.source = False, source
        self._title.setText(title or _("Aliquots"))
        self.add.set_choices(words.made_materials(source) if source else ())
        self.add.setVisible(source is not None)
        self._lines = [PlanLine(vials, self) for vials in plan]
        self._none.setText(
            _("The protocol plans no vials of this. Add them by hand.")
            if source
            else _("The plan stands here as soon as material and time point are known.")
        )
        self._lay()

    def plan(self) -> tuple[PlannedVials, ...]:
        """What is planned now."""
        return tuple(line.planned() for line in self._lines)

    def count(self) -> int:
        """How many vials in all."""
        return sum(vials.count for vials in self.plan())

    def show_places(self, proposals: Mapping[str, Proposal]) -> None:
        """Where each kind of vials could go."""
        for line in self._lines:
            proposal = proposals.get(line.vials.material)
            line.place.setText(place_text(proposal) if proposal else _("no suitable box with room"))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """What is wrong with the plan, and with no question in particular."""
        self._problems.show_problems(problems)

    def kept(self) -> list[dict[str, Any]]:
        """The plan as a draft keeps it."""
        return [vars(vials) for vials in self.plan()]

    def restore(self, kept: Sequence[dict[str, Any]]) -> None:
        """A plan from a draft, changed by a person before."""
        self._lines = [PlanLine(PlannedVials(**one), self) for one in kept]
        self.touched = True
        self._lay()

    def _lay(self) -> None:
        clear_layout(self._grid)
        for row, line in enumerate(self._lines, 1):
            for column, widget in enumerate(line.widgets()):
                self._grid.addWidget(widget, row, column)
            self._connect(line)
        self._none.setVisible(not self._lines)

    def _connect(self, line: PlanLine) -> None:
        for field in (line.count, line.amount):
            field.changed.connect(self._touch)
            field.attended.connect(lambda field=field: self.attended.emit(field))
        line.remove.clicked.connect(lambda: self._remove(line))

    def _touch(self) -> None:
        self.touched = True
        self.changed.emit()

    def _remove(self, line: PlanLine) -> None:
        kept = [PlanLine(one.planned(), self) for one in self._lines if one is not line]
        self._lines = kept
        self._lay()
        self._touch()

    def _add(self) -> None:
        code = str(self.add.value())
        self.add.set_value(None)
        self._lines = [PlanLine(one.planned(), self) for one in self._lines]
        self._lines.append(PlanLine(PlannedVials(code, 1), self))
        self._lay()
        self._lines[-1].count.setFocus()
        self._lines[-1].count.editor.selectAll()
        self._touch()


def place_text(proposal: Proposal) -> str:
    """The box and its positions: "BX001 · A1 – A4"."""
    labels = proposal.labels
    if not labels:
        return proposal.box
    span = labels[0] if len(labels) == 1 else f"{labels[0]} – {labels[-1]}"
    return f"{proposal.box} · {span}"
