"""The vials of one tube: what was really made in each, typed once and taken over where it is the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QWidget

from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.materials import material
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.amounts import AmountField, Quantity
from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.intake.lookups import Work
    from biobank_desktop.persistence.queries.samples import SampleRow

_PERCENT_PX, _AMOUNT_PX = 124, 168


_NUMBERS = {2, 3, 4}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PercentField(FieldBox):
    """A percentage; empty is unknown, and says so."""

    def __init__(self, label: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(label, name=name, hint="%", letters=False, parent=parent)
        self.editor.setPlaceholderText(_("unknown"))

    def percent(self) -> float | None:
        """The number, None when there is none."""
        try:
            return float(self.text().replace(",", "."))
        except ValueError:
            return None

    def problem(self) -> Problem | None:
        """Why what is typed is no percentage."""
        if not self.text() or self.percent() is not None:
            return None
        return Problem(self.name, "number-unreadable", {"text": self.text()})


@dataclass(frozen=True)
class Typed:
    """What stands in the fields of one vial."""

    amount: str
    viability: str
    blasts: str


class FillRow:
    """The fields of a planned vial."""

    def __init__(self, vial: SampleRow, parent: QWidget) -> None:
        self.vial = vial
        self.counted = material(vial.material).counted_in == "cells"
        title = vial_title(vial)
        quantity = Quantity.CELLS if self.counted else Quantity.VOLUME
        name = "cells" if self.counted else "volume_ul"
        self.amount = AmountField(
            _("Amount in {vial}").format(vial=title), quantity, name=name, unit="µL", parent=parent
        )
        self.amount.hide_label()
        self.amount.editor.setAlignment(_RIGHT)
        self.amount.setFixedWidth(_AMOUNT_PX)
        self.amount.editor.setPlaceholderText(
            format_amount(vial.planned_ul, vial.planned_cells, words.decimal(), "").strip()
        )
        self.viability = PercentField(
            _("Viability of {vial}").format(vial=title), "viability_percent", parent
        )
        self.blasts = PercentField(_("Blasts in {vial}").format(vial=title), "blasts_percent", parent)
        for field in (self.viability, self.blasts):
            field.hide_label()
            field.editor.setAlignment(_RIGHT)
            field.setFixedWidth(_PERCENT_PX)

    def fields(self) -> tuple[FieldBox, ...]:
        """In the order of the work; only cells have a quality."""
        return (self.amount, self.viability, self.blasts) if self.counted else (self.amount,)

    def typed(self) -> Typed:
        """What stands in the fields."""
        return Typed(self.amount.text(), self.viability.text(), self.blasts.text())

    def show(self, typed: Typed) -> None:
        """Take over what stands elsewhere."""
        self.amount.set_text(typed.amount)
        if self.counted:
            self.viability.set_text(typed.viability)
            self.blasts.set_text(typed.blasts)

    def as_planned(self) -> None:
        """It holds what was planned; what is typed already stays."""
        planned = self.vial.planned_cells if self.counted else self.vial.planned_ul
        if planned is not None and not self.amount.text():
            self.amount.set_amount(planned)

    def form(self) -> FillForm:
        """What was made."""
        amount = self.amount.amount()
        if not self.counted:
            return FillForm(self.vial.code, volume_ul=amount)
        return FillForm(
            self.vial.code,
            cells=amount,
            viability_percent=self.viability.percent(),
            blasts_percent=self.blasts.percent(),
        )

    def unreadable(self) -> list[Problem]:
        """What cannot be read in the fields."""
        found = [self.amount.problem(), *(one.problem() for one in (self.viability, self.blasts))]
        return [problem for problem in found if problem is not None]

    def show_problems(self, problems: Sequence[Problem]) -> list[Problem]:
        """Beside the fields; those of no field are returned."""
        for field in self.fields():
            field.set_problems([one for one in problems if one.field == field.name])
        names = {field.name for field in self.fields()}
        return [one for one in problems if one.field not in names]


class FillTable(QWidget):
    """One line per vial, fields for what is planned, facts for what is filled."""

    changed = Signal()
    """something was typed"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(5, 1)
        self.rows: list[FillRow] = []
        self._where: dict[int, Text] = {}
        self._states: dict[int, str] = {}

    def show_work(self, work: Work) -> None:
        """Show the vials as they are now; what was typed stays."""
        states = {vial.id: vial.state for vial in work.vials}
        if states != self._states:
            typed = {row.vial.id: row.typed() for row in self.rows}
            focused = next((row.vial.id for row in self.rows if self._focused(row)), None)
            self._states = states
            self._fill(work.vials)
            for row in self.rows:
                if row.vial.id in typed:
                    row.show(typed[row.vial.id])
                if row.vial.id == focused:
                    row.amount.setFocus()
        for item, text in self._where.items():
            text.setText(_where_words(work, item))

    def begun(self) -> list[FillRow]:
        """The rows with something typed in them."""
        return [row for row in self.rows if any(field.text() for field in row.fields())]

    def current(self) -> FillRow | None:
        """The row somebody is in."""
        return next((row for row in self.rows if self._focused(row)), None)

    def as_planned(self) -> None:
        """Every planned vial holds what was planned."""
        for row in self.rows:
            row.as_planned()

    def same_for_all(self) -> None:
        """Every vial of the material holds what the first typed one does."""
        first = self.current() or next(iter(self.begun()), None)
        if first is not None:
            for row in self.rows:
                if row.vial.material == first.vial.material and row is not first:
                    row.show(first.typed())

    def enter(self) -> bool:
        """Enter goes to the next empty amount; False when there is none."""
        here = self.current()
        if here is None:
            return False
        place = self.rows.index(here)
        waiting = [row for row in [*self.rows[place + 1 :], *self.rows[:place]] if not row.amount.text()]
        if not waiting:
            return False
        waiting[0].amount.setFocus()
        return True

    def focus_vial(self, code: str) -> bool:
        """Go to the row of a vial; False when it has none."""
        for row in self.rows:
            if row.vial.code == code:
                row.amount.setFocus()
                return True
        return False

    def _focused(self, row: FillRow) -> bool:
        return any(field.editor.hasFocus() for field in row.fields())

    def _fill(self, vials: Sequence[SampleRow]) -> None:
        clear_layout(self._grid)
        self.rows, self._where = [], {}
        heads = (_("Vial"), _("Code"), _("Amount"), _("Viability"), _("Blasts"), _("Label and place"))
        for column, head in enumerate(heads):
            text = Text(head, "label", parent=self)
            if column in _NUMBERS:
                text.setAlignment(_RIGHT)
            elif column == len(heads) - 1:
                text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._grid.addWidget(text, 0, column)
        for place, vial in enumerate(vials):
            line = 2 * place + 2
            rule = QFrame(self)
            set_role(rule, "rule")
            self._grid.addWidget(rule, line - 1, 0, 1, len(heads))
            self._grid.addWidget(Text(vial_title(vial), "strong", parent=self), line, 0)
            self._grid.addWidget(CodeLabel(vial.code, parent=self), line, 1)
            if vial.state == "planned":
                self._add_row(vial, line)
            else:
                self._add_facts(vial, line)
            where = Text("", "detail", parent=self)
            where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._where[vial.id] = where
            self._grid.addWidget(where, line, 5)
            self._grid.setRowMinimumHeight(line, 40)

    def _add_row(self, vial: SampleRow, line: int) -> None:
        row = FillRow(vial, self)
        self.rows.append(row)
        for column, field in enumerate((row.amount, row.viability, row.blasts), 2):
            if field in row.fields():
                self._grid.addWidget(field, line, column)
                field.changed.connect(self.changed)
            else:
                field.hide()

    def _add_facts(self, vial: SampleRow, line: int) -> None:
        if vial.state == "void":
            self._grid.addWidget(Text(words.state_name(vial.state), "chip-missing", parent=self), line, 2)
            return
        facts = (
            words.amount(vial.volume_ul, vial.cells),
            _percent(vial.viability_percent),
            _percent(vial.blasts_percent),
        )
        for column, fact in enumerate(facts, 2):
            if column == 2 or material(vial.material).counted_in == "cells":
                text = Text(fact, parent=self)
                text.setAlignment(_RIGHT)
                self._grid.addWidget(text, line, column)


def vial_title(vial: SampleRow) -> str:
    """A vial among its siblings: "Mononuclear cells 2"."""
    return f"{words.material_name(vial.material)} {vial.number or ''}".strip()


def _percent(value: float | None) -> str:
    return _("unknown") if value is None else f"{value:g} %".replace(".", words.decimal())


def _where_words(work: Work, item: int) -> str:
    if item in work.where:
        return work.where[item]
    label = work.labels.get(item)
    return _(f"label.{label}") if label else _("no label")
