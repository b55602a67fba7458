"""The fields of consent rules: a file that holds a whole set, and what follows at each age."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.consent_rules import AGES, POLICIES, RulesChange, changed
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import ProblemList
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.consent_rules import ConsentRules

AS_IT_IS = "as-it-is"


class RulesFile(QWidget):
    """The path of a file, typed or chosen; everything that is wrong in the file stands in a list below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = FieldBox(_("File with rules"), name="rules_file", parent=self)
        self.choose = ActionButton(_("Choose"), icon="download", parent=self)
        self.list = ProblemList(self)
        top = Qt.AlignmentFlag.AlignTop
        button = QVBoxLayout()
        button.setContentsMargins(0, 18, 0, 0)  # beside the field, not beside its label
        button.addWidget(self.choose)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.field, 1, top)
        row.addLayout(button)
        row.setAlignment(button, top)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.list)
        self.choose.clicked.connect(self._choose)

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """One stands beside the field, of several their number."""
        several = len(problems) > 1
        many = Problem(self.field.name, "rules-file-wrong", {"count": len(problems)})
        self.field.set_problems([many] if several else problems)
        self.list.show_problems(problems if several else ())

    def _choose(self) -> None:
        path, _kind = QFileDialog.getOpenFileName(self, _("File with rules"), "", _("Consent rules (*.toml)"))
        if path:
            self.field.set_text(path)


class AgeFields(QWidget):
    """A policy and days of grace for each age; with ``as_it_is`` a policy may stay what it is."""

    def __init__(self, *, as_it_is: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        unchanged = [Pick(AS_IT_IS, _("As it is"))] if as_it_is else []
        offered = [*unchanged, *(Pick(policy, words.choice_name(policy)) for policy in POLICIES)]
        self.policies: dict[int, PickField] = {}
        self.grace: dict[int, FieldBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for age in AGES:  # made in the order of the keyboard
            label = _("At {age}, without an own decision").format(age=age)
            self.policies[age] = PickField(label, offered, name=f"age.{age}.policy", parent=self)
            self.grace[age] = days_field(_("Grace"), f"age.{age}.grace_days", self)
            across = QHBoxLayout()
            across.setSpacing(8)
            across.addWidget(self.policies[age], 5, Qt.AlignmentFlag.AlignTop)
            across.addWidget(self.grace[age], 2, Qt.AlignmentFlag.AlignTop)
            column.addLayout(across)

    @property
    def fields(self) -> tuple[FieldBox, ...]:
        """In the order they are answered."""
        return tuple(field for age in AGES for field in (self.policies[age], self.grace[age]))

    def change(self, deadline: FieldBox) -> RulesChange:
        """What is filled in here, and the deadline, as a change of rules; what cannot be read is left out."""
        chosen = {age: field.value() for age, field in self.policies.items()}
        grace = {age: whole(field) for age, field in self.grace.items()}
        return RulesChange(
            policies={age: policy for age in AGES for policy in POLICIES if policy == chosen[age]},
            grace_days={age: days for age, days in grace.items() if days is not None},
            deadline_days=whole(deadline),
        )

    def problems(self, deadline: FieldBox, base: ConsentRules) -> list[Problem]:
        """Numbers of days that are none, or that no rules may have."""
        problems = [
            Problem(field.name, "not-a-whole-number")
            for field in (*self.grace.values(), deadline)
            if field.text() and whole(field) is None
        ]
        try:
            changed(base, self.change(deadline))
        except Rejected as refusal:
            problems += refusal.problems
        return problems


def days_field(label: str, name: str, parent: QWidget) -> FieldBox:
    """A number of days."""
    return FieldBox(label, name=name, hint=_("days"), letters=False, parent=parent)


def read_rules_file(path: str) -> ConsentRules:
    """The rules in a file. Raises ``Rejected`` with every problem, all of them of the field of the file."""
    from biobank_desktop.services.reference import read_consent_rules  # noqa: PLC0415

    try:
        if not Path(path).is_file():
            raise FileNotFoundError(2, _("there is no such file"))
        return read_consent_rules(Path(path))
    except Rejected as refusal:
        raise Rejected(*(replace(each, field="rules_file") for each in refusal.problems)) from refusal
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise Rejected(Problem("rules_file", "input-not-readable", {"path": path, "said": said})) from error


def whole(field: FieldBox) -> int | None:
    """The whole number that is typed, None when it is none."""
    typed = field.text()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
