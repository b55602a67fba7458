"""Correcting recorded values: every value as it stands, what is changed goes with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.intake import ACCEPTANCES, CONDITIONS, ORIGINS, TEMPERATURES
from biobank_desktop.domain.materials import MATERIALS, material
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.record.numbers import NumberField
from biobank_desktop.gui.widgets.amounts import AmountField, Quantity
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.moments import MomentField
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _, chosen, say_value
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.record.reading import Seen

Field = FieldBox | ToggleRow


class CorrectionForm(FormCard):
    """The values of one sample, editable; a tube's with those of its receipt."""

    def __init__(self, seen: Seen, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Correct recorded values"),
            "",
            _("Save the correction"),
            parent,
        )
        self.seen = seen
        self._fields_by_name: dict[str, Field] = {}
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        if seen.sample.kind == "tube":
            self._add_tube()
        else:
            self._add_vial()
        self._before = {name: _standing(field) for name, field in self._fields_by_name.items()}

    def field(self, name: str) -> Field:
        """The field of a recorded value."""
        return self._fields_by_name[name]

    def changes(self) -> dict[str, Any]:
        """What the person has changed, as the service takes it."""
        return {
            name: _value(field)
            for name, field in self._fields_by_name.items()
            if _standing(field) != self._before[name]
        }

    def problems(self) -> list[Problem]:
        """What can be said before asking: answers that cannot be read, and a missing reason."""
        found = []
        for name, field in self._fields_by_name.items():
            problem = _unreadable(name, field) if _standing(field) != self._before[name] else None
            if problem is not None:
                found.append(problem)
        if not self.why.text():
            found.append(Problem("why", "reason-missing"))
        return found

    def _add(self, fields: Sequence[Field], columns: int = 4) -> None:
        self._fields_by_name |= {field.name: field for field in fields}
        self.add_row(fields, columns)

    def _add_note(self, note: str) -> None:
        field = self._text("note", note)
        self._fields_by_name[field.name] = field
        self.add_row([field, self.why], columns=2)

    def _add_tube(self) -> None:
        sample, receipt = self.seen.sample, self.seen.record.receipt
        self._add(
            [
                self._pick("material", [Pick(one.code, _(one.name)) for one in MATERIALS], sample.material),
                self._pick("time_point", _time_points(sample.protocol), sample.time_point),
                self._moment("drawn_at", sample.drawn_at),
                self._pick("container", _containers(), sample.container),
                self._amount("volume_ul", sample.volume_ul),
                self._moment("received_at", receipt.received_at, may_be_unknown=False),
                self._pick("temperature", _picks(TEMPERATURES), receipt.temperature),
                self._pick("acceptance", _picks(ACCEPTANCES), receipt.acceptance),
                self._pick("origin", _picks(ORIGINS), receipt.origin),
                self._number("pull_number", receipt.pull_number),
                self._released(receipt.released_at),
                self._text("released_by", receipt.released_by or ""),
            ]
        )
        conditions = ToggleRow(_("field.conditions"), _picks(CONDITIONS), name="conditions", parent=self)
        conditions.set_values(receipt.conditions)
        self._add([conditions], columns=1)
        self._add_note(sample.note)

    def _add_vial(self) -> None:
        sample = self.seen.sample
        fields: list[Field] = [self._amount("volume_ul", sample.volume_ul)]
        if material(sample.material).kind == "cells":
            fields += [
                self._amount("cells", sample.cells, Quantity.CELLS),
                self._number("viability_percent", sample.viability_percent, "%"),
                self._number("blasts_percent", sample.blasts_percent, "%"),
            ]
        fields.append(self._text("medium", sample.medium or ""))
        self._add(fields)
        self._add_note(sample.note)

    def _pick(self, name: str, picks: Sequence[Pick], value: str) -> PickField:
        field = PickField(_(f"field.{name}"), picks, name=name, parent=self)
        field.set_value(value)
        return field

    def _moment(self, name: str, value: Any, *, may_be_unknown: bool = True) -> MomentField:
        field = MomentField(
            _(f"field.{name}"), utc_now, name=name, may_be_unknown=may_be_unknown, parent=self
        )
        if value is not None:
            field.set_moment(value)
        elif may_be_unknown:
            field.set_unknown()
        return field

    def _released(self, value: datetime | None) -> MomentField:
        """When diagnostics let go; empty is "not yet", which is not "unknown"."""
        field = MomentField(_("field.released_at"), utc_now, name="released_at", parent=self)
        field.editor.setPlaceholderText(_("not yet"))
        if value is not None:
            field.set_moment(value)
        return field

    def _amount(self, name: str, value: int | None, quantity: Quantity = Quantity.VOLUME) -> AmountField:
        vial = self.seen.sample.kind != "tube"
        field = AmountField(
            _(f"field.{name}"),
            quantity,
            name=name,
            unit="µL" if vial else "mL",
            may_be_unknown=True,
            parent=self,
        )
        if value is None:
            field.set_unknown()
        else:
            field.set_amount(value)
        return field

    def _number(self, name: str, value: float | None, hint: str = "") -> NumberField:
        field = NumberField(_(f"field.{name}"), name=name, hint=hint, parent=self)
        field.set_number(value)
        return field

    def _text(self, name: str, value: str) -> FieldBox:
        field = FieldBox(_(f"field.{name}"), name=name, parent=self)
        field.set_text(value)
        return field


def _standing(field: Field) -> object:
    """What stands in a field, to see whether it was changed."""
    return field.values() if isinstance(field, ToggleRow) else (field.text(), field.answer())


def _value(field: Field) -> Any:
    """A field's answer as the service takes it."""
    if isinstance(field, ToggleRow):
        return field.values()
    if isinstance(field, PickField):
        return field.value()
    if isinstance(field, MomentField):
        return field.moment()
    if isinstance(field, AmountField):
        return field.amount()
    if isinstance(field, NumberField):
        return field.number()
    return field.text() or (None if field.name == "medium" else "")


def _unreadable(name: str, field: Field) -> Problem | None:
    if isinstance(field, ToggleRow):
        return None
    if isinstance(field, AmountField) and (problem := field.problem()) is not None:
        return Problem(name, problem.code, problem.values)
    if field.answer() is Answer.UNREADABLE:
        return Problem(name, "answer-unreadable")
    typed_anyhow = (MomentField, AmountField, PickField)
    if field.answer() is Answer.NONE and isinstance(field, typed_anyhow) and not field.may_be_unknown:
        return Problem(name, "answer-missing")
    return None


def _picks(values: Sequence[str]) -> list[Pick]:
    return [Pick(value, say_value(value)) for value in values]


def _time_points(protocol: str) -> list[Pick]:
    points = reference().protocol(protocol).time_points
    return [Pick(point.code, f"{point.code} · {point.label}") for point in points]


def _containers() -> list[Pick]:
    dutch = chosen() == "nl"
    found = reference().sprec.containers
    return [Pick(word.code, f"{word.nl if dutch else word.en} · {word.code}") for word in found]


def summary(changed: Sequence[str]) -> str:
    """The names of the changed fields, for the notice."""
    return ", ".join(_(f"field.{name}") for name in changed) or words.UNKNOWN
