"""What would be otherwise: the question of *what if*, several differences at once are one question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.donors.consent_entry import form_name
from biobank_desktop.gui.donors.other_rules import OtherRules
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.widgets.cards import Card, ProblemList
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_problems import ProblemTaker, lay_problems
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _, say_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.consent_record import Level
    from biobank_desktop.domain.rule_book import RuleBook
    from biobank_desktop.services.what_if import Question

_LEVELS: tuple[Level, ...] = ("W0", "W1", "W2", "W3", "W4")
_BETWEEN = re.compile(r"[,;\n]")


class Known(NamedTuple):
    """What can be asked about: the registered versions of forms by id, those that were typed, the rules."""

    registered: Mapping[str, FormVersion]
    typed: Sequence[str]
    rules: RuleBook


class QuestionForm(QWidget):
    """A day, rules, a form, a withdrawal, purposes. What is left empty stays as it is."""

    changed = Signal()
    """the question may be another one"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._registered: Mapping[str, FormVersion] = {}
        self.on = DateField(_("On another day"), utc_now, name="on", to_come=True, parent=self)
        self.rules = OtherRules(self)
        self.signed = PickField(_("Whoever signed this version"), name="signed", parent=self)
        self.answered = PickField(_("would have answered this one"), name="answered", parent=self)
        for form in (self.signed, self.answered):
            form.editor.setPlaceholderText(_("As it is"))
        self.donors = FieldBox(_("Donors who withdraw"), name="donor", parent=self)
        self.donors.editor.setPlaceholderText(_("Scan, or type codes with commas"))
        levels = [Pick(level, words.choice_name(level)) for level in _LEVELS]
        self.level = PickField(_("How far the withdrawal goes"), levels, name="level", parent=self)
        purposes = [Pick(name, words.choice_name(name)) for name in self.rules.in_force.purposes]
        self.purposes = ToggleRow(
            _("Only these; none chosen: all"), purposes, name="purpose", columns=2, parent=self
        )
        self.others = ProblemList(self)  # stands where the page puts it, always in view
        self._lay_out()
        for field in self._fields:
            field.changed.connect(self.changed)
        self.rules.changed.connect(self.changed)
        self.purposes.changed.connect(self.changed)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(12)
        for title, fields in (
            (_("Day"), (self.on,)),
            (_("Rules"), (self.rules,)),
            (_("Form"), (self.signed, self.answered)),
            (_("Withdrawal"), (self.donors, self.level)),
            (_("Purposes"), (self.purposes,)),
        ):
            card = Card(title, self)
            card.body.setSpacing(12)
            for field in fields:
                card.body.addWidget(field)
            column.addWidget(card)
        column.addStretch(1)

    @property
    def _fields(self) -> tuple[FieldBox, ...]:
        return (self.on, self.signed, self.answered, self.donors, self.level)

    @property
    def fields(self) -> tuple[FieldBox, ...]:
        """Every field one types in, in the order they are answered."""
        return (self.on, *self.rules.fields, *self._fields[1:])

    def offer(self, known: Known) -> None:
        """Offer these forms and rules; what was chosen stays."""
        self.rules.offer(known.rules)
        self._registered = known.registered
        registered = [Pick(one.id, _name(one)) for one in known.registered.values()]
        typed = [
            Pick(version, _("Version {version}, typed").format(version=version)) for version in known.typed
        ]
        self.signed.set_picks([*registered, *typed])
        self.answered.set_picks(registered)

    def add_donor(self, code: str) -> None:
        """One more donor who withdraws."""
        read = [codes.parse(piece) for piece in self._pieces()]
        if code not in read:
            self.donors.set_text(", ".join([*self._pieces(), codes.group(code)]))
        self.level.attend()

    def meant(self) -> object:
        """What is asked, else what is typed: two that are equal are the same question."""
        if self.problems():
            return (*(field.text() for field in self.fields), *self.purposes.values())
        return (self.question(), self.rules.meant())

    def problems(self) -> list[Problem]:
        """Everything that is wrong with what is typed."""
        problems = [
            Problem(field.name, "answer-unreadable")
            for field in self.fields
            if field.answer() is Answer.UNREADABLE
        ]
        problems += self.rules.problems()
        for one, other in ((self.signed, self.answered), (self.donors, self.level)):
            for left, right in ((one, other), (other, one)):
                if left.text() and not right.text():
                    problems.append(Problem(right.name, "answer-missing"))
        problems += [
            Problem(self.donors.name, "not-a-donor-code", {"code": piece})
            for piece in self._pieces()
            if not _is_donor(codes.parse(piece))
        ]
        return problems

    def question(self) -> Question:
        """What is asked, by the rules in force; only when there are no problems."""
        from biobank_desktop.services.what_if import Question  # noqa: PLC0415

        signed, answered = self.signed.value(), self.answered.value()
        level = next((one for one in _LEVELS if one == self.level.value()), None)
        read = [codes.parse(piece) for piece in self._pieces()]
        return Question(
            on=self.on.day(),
            forms={signed: self._registered[answered]} if signed and answered else {},
            withdrawals={code: level for code in read if code and level},
            purposes=self.purposes.values(),
        )

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Lay every problem beside its field."""
        takers: dict[str, ProblemTaker] = {field.name: field for field in self.fields}
        takers |= {self.purposes.name: self.purposes, self.rules.file.name: self.rules.of_file}
        lay_problems(problems, takers, self.others)

    def attend_problem(self, problems: Sequence[Problem]) -> None:
        """Bring the first of these into view, the cursor in its field."""
        bad = {problem.field for problem in problems}
        asked: tuple[FieldBox | ToggleRow, ...] = (*self.fields, self.purposes)
        wrong = next((each for each in asked if each.name in bad), None)
        if isinstance(wrong, FieldBox):
            wrong.attend()
        if wrong is not None:
            bring_into_view(wrong)

    def _pieces(self) -> list[str]:
        return [piece.strip() for piece in _BETWEEN.split(self.donors.text()) if piece.strip()]


def _name(version: FormVersion) -> str:
    return f"{form_name(version)} · {say_value(version.audience)}"


def _is_donor(code: str | None) -> bool:
    return code is not None and codes.kind_of(code) is CodeKind.DONOR
