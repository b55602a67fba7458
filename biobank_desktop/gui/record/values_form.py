"""A form of recorded values as they stand: what is changed goes to the history with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.record.numbers import NumberField
from biobank_desktop.gui.widgets.amounts import AmountField
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.moments import MomentField
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _, say_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from PySide6.QtWidgets import QWidget

Field = FieldBox | ToggleRow


class ValuesForm(FormCard):
    """Fields with their recorded values; knows which of them a person has changed, and asks why."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, "", _("Save the correction"), parent)
        self._fields_by_name: dict[str, Field] = {}
        self._before: dict[str, object] = {}
        self.why = FieldBox(_("Reason"), name="why", parent=self)

    def field(self, name: str) -> Field:
        """The field of a recorded value."""
        return self._fields_by_name[name]

    def changes(self) -> dict[str, Any]:
        """What the person has changed, as the service takes it."""
        return {name: _value(field) for name, field in self._changed()}

    def problems(self) -> list[Problem]:
        """What can be said before asking: answers that cannot be read, and a missing reason."""
        read = [_unreadable(name, field) for name, field in self._changed()]
        found = [problem for problem in read if problem is not None]
        if not self.why.text():
            found.append(Problem("why", "reason-missing"))
        return found

    def stand(self) -> None:
        """What the fields hold now is what is recorded."""
        self._before = {name: _standing(field) for name, field in self._fields_by_name.items()}

    def add(self, fields: Sequence[Field], columns: int = 4) -> None:
        """Fields of recorded values, below the ones before."""
        self._fields_by_name |= {field.name: field for field in fields}
        self.add_row(fields, columns)

    def add_with_reason(self, field: FieldBox) -> None:
        """The last recorded value, beside the reason."""
        self._fields_by_name[field.name] = field
        self.add_row([field, self.why], columns=2)

    def pick(self, name: str, picks: Sequence[Pick], value: str) -> PickField:
        """A value out of a list."""
        field = PickField(_(f"field.{name}"), picks, name=name, parent=self)
        field.set_value(value)
        return field

    def moment(self, name: str, value: datetime | None, *, may_be_unknown: bool = True) -> MomentField:
        """A moment; none is "unknown" where that is an answer."""
        field = MomentField(
            _(f"field.{name}"), utc_now, name=name, may_be_unknown=may_be_unknown, parent=self
        )
        if value is not None:
            field.set_moment(value)
        elif may_be_unknown:
            field.set_unknown()
        return field

    def moment_or_not_yet(self, name: str, value: datetime | None) -> MomentField:
        """A moment that may still come: empty is "not yet", which is not "unknown"."""
        field = MomentField(_(f"field.{name}"), utc_now, name=name, parent=self)
        field.editor.setPlaceholderText(_("not yet"))
        if value is not None:
            field.set_moment(value)
        return field

    def number(self, name: str, value: float | None, hint: str = "", *, whole: bool = False) -> NumberField:
        """A number; empty is "not recorded"."""
        field = NumberField(_(f"field.{name}"), name=name, hint=hint, whole=whole, parent=self)
        field.set_number(value)
        return field

    def words(self, name: str, value: str) -> FieldBox:
        """Free words."""
        field = FieldBox(_(f"field.{name}"), name=name, parent=self)
        field.set_text(value)
        return field

    def _changed(self) -> list[tuple[str, Field]]:
        return [
            (name, field)
            for name, field in self._fields_by_name.items()
            if _standing(field) != self._before[name]
        ]


def picks_of(values: Sequence[str]) -> list[Pick]:
    """Recorded values with their words."""
    return [Pick(value, say_value(value)) for value in values]


def summary(changed: Sequence[str]) -> str:
    """The names of the changed fields, for the notice."""
    return ", ".join(_(f"field.{name}") for name in changed)


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
