"""The form of a new donor. The date of birth goes to the service and is forgotten here at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.intake import ABSENT, DonorForm
from biobank_desktop.gui import words
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import Card, ProblemList
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_column import FormColumn
from biobank_desktop.gui.widgets.form_problems import ProblemTaker, lay_problems
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.desk import Desk

_SEXES = (("male", "M"), ("female", "F"), ("undifferentiated", "D"), ("unknown", "U"))
_ROLES = (("patient", "P"), ("sibling-donor", "S"))
NUMBERS = 3
"""How many laboratory numbers can be given at once; more can follow with later tubes."""


class LabNumbers(QWidget):
    """Laboratory and number, side by side, a few times."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems = ProblemList(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.rows = [
            (FieldBox(_("Laboratory"), parent=self), FieldBox(_("Number"), parent=self))
            for _each in range(NUMBERS)
        ]
        for index, (issuer, number) in enumerate(self.rows):
            across = QHBoxLayout()
            across.setSpacing(16)
            for field in (issuer, number):
                across.addWidget(field)
                field.changed.connect(self._show_next)
                if index:
                    field.hide_label()
            column.addLayout(across)
        column.addWidget(self._problems)
        self._show_next()

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What was given as (laboratory, number), half pairs too: they are a problem, not nothing."""
        typed = ((issuer.text(), number.text()) for issuer, number in self.rows)
        return tuple(pair for pair in typed if any(pair))

    def clear(self) -> None:
        """Back to nothing."""
        for issuer, number in self.rows:
            issuer.clear()
            number.clear()

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Say below the numbers what is wrong with them."""
        self._problems.show_problems(problems)

    def _show_next(self) -> None:
        """One empty pair is enough to look at."""
        filled = len(self.pairs())
        for index, (issuer, number) in enumerate(self.rows):
            issuer.setVisible(index <= filled)
            number.setVisible(index <= filled)


class Registration(FormColumn):
    """Sex, role, date of birth, day 1 and laboratory numbers of a new donor."""

    registered = Signal(str)
    """the new code"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._ids = CommandIds()
        sexes = [Choice(value, words.choice_name(value), key) for value, key in _SEXES]
        roles = [Choice(value, words.choice_name(value), key) for value, key in _ROLES]
        self.sex = ChoiceQuestion(_("Sex"), sexes, name="sex", parent=self)
        self.role = ChoiceQuestion(_("Role"), roles, name="role", parent=self)
        self.born_on = DateField(_("Date of birth"), utc_now, name="born_on", with_year=True, parent=self)
        self.day1_on = DateField(
            _("Day 1 of induction"), utc_now, name="day1_on", may_be_unknown=True, parent=self
        )
        self.lab_numbers = LabNumbers(self)
        self.problems = ProblemList(self)
        self.save = PrimaryButton(_("Register the donor"), parent=self)
        self.save.setMaximumWidth(360)
        self.save.clicked.connect(self._register)
        self.cancel = ActionButton(_("Back"), Look.QUIET, hint="ESC", parent=self)
        self.sex.chosen.connect(lambda: self._go_on(self.role))
        self.role.chosen.connect(lambda: self._go_on(self.born_on))
        self.born_on.changed.connect(self._show_age)
        self._lay_out()

    def _lay_out(self) -> None:
        card = Card(parent=self)
        card.add_fields([self.sex, self.role], 2)
        card.add_fields([self.born_on, self.day1_on], 2)
        kept = _(
            "Only the days of turning 12, 16 and 18 are kept, apart from the history. Nothing shows them."
        )
        card.body.addWidget(Text(kept, "detail", wrap=True, parent=card))
        numbers = Card(_("Laboratory numbers"), self)
        numbers.body.addWidget(self.lab_numbers)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.save, 1)
        foot.addWidget(self.cancel)
        foot.addStretch(1)
        self.body.addWidget(Text(_("Register a donor"), "title", parent=self))
        for widget in (card, numbers, self.problems):
            self.body.addWidget(widget)
        self.body.addLayout(foot)
        self.body.addStretch(1)

    def begin(self) -> None:
        """Put the cursor on the first question without an answer."""
        (self.sex if self.sex.value() is None else self.born_on).setFocus()

    def form(self) -> DonorForm:
        """The donor as it is filled in; what was not answered is absent."""
        from biobank_desktop.services.reference import reference  # noqa: PLC0415

        unknown = self.day1_on.answer() is Answer.UNKNOWN
        return DonorForm(
            sex=self.sex.value() or ABSENT,  # type: ignore[arg-type]
            born_on=self.born_on.day() or ABSENT,
            day1_on=None if unknown else self.day1_on.day() or ABSENT,
            role=self.role.value() or ABSENT,  # type: ignore[arg-type]
            lab_numbers=self.lab_numbers.pairs(),
            protocol=next(iter(reference().protocols)),
        )

    def clear(self) -> None:
        """Back to an empty form."""
        self.sex.set_value(None)
        self.role.set_value(None)
        self.forget_birth()
        self.day1_on.clear()
        self.lab_numbers.clear()
        self._show_problems(())

    def forget_birth(self) -> None:
        """Nobody who comes to this bench later may read a date of birth here."""
        self.born_on.clear()
        self.born_on.editor.clear()

    def _show_age(self) -> None:
        day = self.born_on.day()
        years = words.full_years(day, self.born_on.today()) if day else -1
        self.born_on.set_hint(_("{years} y").format(years=years) if years >= 0 else "")

    def _go_on(self, field: QWidget) -> None:
        field.setFocus()

    def _register(self) -> None:
        from biobank_desktop.services.donors import register_donor  # noqa: PLC0415

        form = self.form()
        command_id = self._ids.of(form)
        self._desk.act(
            self,
            lambda store, actor: register_donor(store, actor, form, command_id),
            self._registered,
            topics={"donors"},
            refused=self._show_problems,
            once=self._ids.once(command_id),
        )

    def _registered(self, code: str) -> None:
        self.clear()
        self._desk.frame.notices.say(_("Donor {code} is registered.").format(code=code), sound=Sound.DONE)
        self.registered.emit(code)

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        fields: dict[str, ProblemTaker] = {
            "sex": self.sex,
            "role": self.role,
            "born_on": self.born_on,
            "day1_on": self.day1_on,
            "lab_numbers": self.lab_numbers,
        }
        lay_problems(problems, fields, self.problems)
        if problems:
            self._desk.frame.notices.sound(Sound.WARNING)
