"""Filling planned vials: what was really made, a row per vial, the same for all by one key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.materials import material
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.record.numbers import NumberField
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.amounts import AmountField, Quantity
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.persistence.queries.samples import SampleRow


@dataclass(frozen=True)
class _Row:
    """The fields of one vial, by their name in the form."""

    vial: SampleRow
    fields: dict[str, FieldBox]


class FillCard(FormCard):
    """Amounts are proposed from the plan; unknown is an answer where the material allows it."""

    def __init__(self, vials: Sequence[SampleRow], parent: QWidget | None = None) -> None:
        super().__init__(
            _("Fill the vials") if len(vials) > 1 else _("Fill the vial"),
            _("What was really made. The planned amount stands there; change what is different."),
            _("Record what was filled"),
            parent,
        )
        self.vials = tuple(vials)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        self._rows = [self._add(grid, place, vial) for place, vial in enumerate(self.vials)]
        for column in range(1, 5):
            grid.setColumnStretch(column, 1)
        self.rows.addLayout(grid)
        if len(vials) > 1:
            same = ActionButton(_("The first row for all of its kind"), Look.QUIET, parent=self)
            same.clicked.connect(self.repeat_first)
            line = QHBoxLayout()
            line.addWidget(same)
            line.addStretch(1)
            self.rows.addLayout(line)

    def field(self, place: int, name: str) -> FieldBox:
        """A field of the vial at ``place``."""
        return self._rows[place].fields[name]

    def forms(self) -> list[FillForm]:
        """What the fields say."""
        return [
            FillForm(
                row.vial.code,
                volume_ul=_amount(row, "volume_ul"),
                cells=_amount(row, "cells"),
                viability_percent=_number(row, "viability_percent"),
                blasts_percent=_number(row, "blasts_percent"),
            )
            for row in self._rows
        ]

    def problems(self) -> list[Problem]:
        """Answers that cannot be read."""
        return [
            problem
            for row in self._rows
            for field in row.fields.values()
            if (problem := _unreadable(field)) is not None
        ]

    def repeat_first(self) -> None:
        """Give every vial the answers of the first one of its material."""
        first: dict[str, _Row] = {}
        for row in self._rows:
            source = first.setdefault(row.vial.material, row)
            for name, field in row.fields.items():
                if source is not row and source.fields[name].answer() is Answer.UNKNOWN:
                    field.set_unknown()
                elif source is not row:
                    field.set_text(source.fields[name].text())

    def _add(self, grid: QGridLayout, place: int, vial: SampleRow) -> _Row:
        head = QWidget(self)
        words_of = QGridLayout(head)
        words_of.setContentsMargins(0, 20, 0, 0)
        words_of.setSpacing(0)
        words_of.addWidget(CodeLabel(vial.code, parent=head), 0, 0)
        title = f"{words.material_name(vial.material)} {vial.number or ''}"
        words_of.addWidget(Text(title, "detail", parent=head), 1, 0)
        grid.addWidget(head, place, 0, Qt.AlignmentFlag.AlignTop)
        fields = self._fields_of(place, vial)
        for column, field in enumerate(fields.values(), 1):
            grid.addWidget(field, place, column, Qt.AlignmentFlag.AlignTop)
        self._fields |= {field.name: field for field in fields.values()}
        return _Row(vial, fields)

    def _fields_of(self, place: int, vial: SampleRow) -> dict[str, FieldBox]:
        def named(name: str) -> str:
            return f"vials[{place}].{name}"

        counted = material(vial.material).counted_in == "cells"
        volume = AmountField(
            _("Volume"), name=named("volume_ul"), unit="µL", may_be_unknown=counted, parent=self
        )
        if vial.planned_ul is not None:
            volume.set_amount(vial.planned_ul)
        if material(vial.material).kind != "cells":
            return {"volume_ul": volume}
        cells = AmountField(
            _("Cells"), Quantity.CELLS, name=named("cells"), may_be_unknown=not counted, parent=self
        )
        if vial.planned_cells is not None:
            cells.set_amount(vial.planned_cells)
        viability = NumberField(_("Viability"), name=named("viability_percent"), hint="%", parent=self)
        blasts = NumberField(_("Blasts"), name=named("blasts_percent"), hint="%", parent=self)
        return {"cells": cells, "volume_ul": volume, "viability_percent": viability, "blasts_percent": blasts}


def _amount(row: _Row, name: str) -> int | None:
    field = row.fields.get(name)
    return field.amount() if isinstance(field, AmountField) else None


def _number(row: _Row, name: str) -> float | None:
    field = row.fields.get(name)
    return field.number() if isinstance(field, NumberField) else None


def _unreadable(field: FieldBox) -> Problem | None:
    if isinstance(field, AmountField) and (problem := field.problem()) is not None:
        return Problem(field.name, problem.code, problem.values)
    return Problem(field.name, "answer-unreadable") if field.answer() is Answer.UNREADABLE else None
