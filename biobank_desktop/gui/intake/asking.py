"""Which question stands on the card: that of the field somebody is in, with the keys that answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, SignalInstance
from shiboken6 import isValid

from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.widgets.amounts import AmountField
from biobank_desktop.gui.widgets.choice_fields import ChoiceField, SeveralField
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.moments import MomentField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biobank_desktop.gui.widgets.fields import FieldBox
    from biobank_desktop.gui.widgets.question_card import QuestionCard

_NOW, _UNKNOWN, _NEW = "now", "unknown", "new-donor"


class Asked(Protocol):
    """A part of the form that says which of its fields is being answered."""

    @property
    def attended(self) -> SignalInstance:
        """The field."""
        ...


class Asking(QObject):
    """Puts the question of the attended field on the card, and a click on the card into the field."""

    def __init__(
        self,
        card: QuestionCard,
        parts: Sequence[Asked],
        new_donor: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._card = card
        self._new_donor = new_donor
        self._field: FieldBox | None = None
        card.picked.connect(self._clicked)
        for part in parts:
            part.attended.connect(self.show)

    def show(self, field: FieldBox) -> None:
        """Ask what the field asks."""
        before = self._attended()
        if before is not field:
            if before is not None:
                before.changed.disconnect(self._mark)
            field.changed.connect(self._mark)
        self._field = field
        self._card.ask(field.label, _how(field), _choices(field))
        self._mark()

    def _attended(self) -> FieldBox | None:
        """The field, unless its line of the plan is gone."""
        return self._field if self._field is not None and isValid(self._field) else None

    def _mark(self) -> None:
        field = self._attended()
        if isinstance(field, ChoiceField):
            if tuple(field.choices) != self._card.choices:
                self._card.ask(field.label, _how(field), _choices(field))
            self._card.mark([choice.value for choice in field.choices if field.is_chosen(choice.value)])
        else:
            self._card.mark([])

    def _clicked(self, value: object) -> None:
        field = self._attended()
        if value == _NEW:
            self._new_donor()
        elif isinstance(field, ChoiceField):
            field.pick(value)
        elif field is not None and value == _UNKNOWN:
            field.set_unknown()
        elif isinstance(field, MomentField):
            field.set_moment(utc_now())
        elif isinstance(field, DateField):
            field.set_day(field.today())
        self._mark()


def _choices(field: FieldBox) -> tuple[Choice, ...]:
    if isinstance(field, ChoiceField):
        return tuple(field.choices)
    if field.name == "donor":
        return (Choice(_NEW, _("New donor"), _("CTRL N")),)
    found = []
    if isinstance(field, MomentField):
        found.append(Choice(_NOW, _("Now"), "N"))
    if isinstance(field, DateField) and field.name != "born_on":
        found.append(Choice(_NOW, _("Today"), "T"))
    if field.may_be_unknown:
        found.append(Choice(_UNKNOWN, _("Unknown"), "U"))
    return tuple(found)


def _how(field: FieldBox) -> str:
    if isinstance(field, SeveralField):
        return _("Any number of letters, then Enter")
    if isinstance(field, ChoiceField):
        return _("One letter")
    if isinstance(field, MomentField):
        return _("Type 940 for 9:40 today, or 22-11 9:40")
    if isinstance(field, DateField):
        return _("Type 4-5-2018") if field.name == "born_on" else _("Type 22-11 or 22-11-2026")
    if isinstance(field, AmountField):
        return _("Type 3,2 or 3.2 or 500 µL (500 ul)")
    return {
        "donor": _("Scan the request form, or type the donor's code or laboratory number"),
        "second": _(
            "As on the request form: year of birth and sex (2018 m), or an earlier laboratory number"
        ),
        "lab_numbers": _("The number of the diagnostic laboratory, when there is one"),
        "released_by": _("Who let go of the tube in the diagnostic laboratory"),
        "note": _("Anything the next person must know; never a name or a date of birth"),
    }.get(field.name, "")
