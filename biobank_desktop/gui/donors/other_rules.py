"""Other consent rules to ask about: a whole set, and in it what follows at an age or the deadline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.consent_rules import AGES, POLICIES, RulesChange, changed
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import ProblemList, reveal
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biobank_desktop.domain.consent_rules import ConsentRules

IN_FORCE, FILE = "in-force", "file"
_AS_IT_IS = "as-it-is"


@dataclass(frozen=True)
class Source:
    """Where a set of rules comes from: its words, and what reads it, given the path that was typed."""

    pick: Pick
    read: Callable[[str], ConsentRules]


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


class OtherRules(QWidget):
    """Which rules would hold. Nothing chosen and nothing typed: those in force."""

    changed = Signal()
    """other rules are meant"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = PickField(_("Rule set"), name="rules", parent=self)
        self.of_file = RulesFile(self)
        self.file = self.of_file.field
        self.policies: dict[int, PickField] = {}
        self.grace: dict[int, FieldBox] = {}
        for age in AGES:  # made in the order of the keyboard
            self.policies[age] = self._policy(age)
            self.grace[age] = self._days(_("Grace"), f"age.{age}.grace_days")
        self.deadline = self._days(_("Deadline for consent after the first tube"), "deadline_days")
        self._sources = {source.pick.value: source for source in self._known_sources()}
        self.source.set_picks([source.pick for source in self._sources.values()])
        self._lay_out()
        self.source.set_value(IN_FORCE)
        self._follow()
        for field in self.fields:
            field.changed.connect(self._follow)

    def _policy(self, age: int) -> PickField:
        offered = [Pick(policy, words.choice_name(policy)) for policy in POLICIES]
        return PickField(
            _("At {age}, without an own decision").format(age=age),
            [Pick(_AS_IT_IS, _("As it is")), *offered],
            name=f"age.{age}.policy",
            parent=self,
        )

    def _days(self, label: str, name: str) -> FieldBox:
        return FieldBox(label, name=name, hint=_("days"), letters=False, parent=self)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.source)
        column.addWidget(self.of_file)
        for age in AGES:
            across = QHBoxLayout()
            across.setSpacing(8)
            across.addWidget(self.policies[age], 5, Qt.AlignmentFlag.AlignTop)
            across.addWidget(self.grace[age], 2, Qt.AlignmentFlag.AlignTop)
            column.addLayout(across)
        column.addWidget(self.deadline)

    def _known_sources(self) -> Sequence[Source]:
        """Every source of a set of rules; one more is one more line here."""
        in_force = _("In force ({version})").format(version=rules_in_force().version)
        return (
            Source(Pick(IN_FORCE, in_force), lambda _path: rules_in_force()),
            Source(Pick(FILE, _("From a file")), _of_file),
        )

    @property
    def fields(self) -> tuple[FieldBox, ...]:
        """In the order they are answered."""
        ages = (field for age in AGES for field in (self.policies[age], self.grace[age]))
        return (self.source, self.file, *ages, self.deadline)

    def problems(self) -> list[Problem]:
        """What is typed and cannot be meant; what is wrong in a file is said when it is read."""
        problems = []
        if self.source.value() == FILE and not self.file.text():
            problems.append(Problem(self.file.name, "answer-missing"))
        problems += [
            Problem(field.name, "not-a-whole-number")
            for field in (*self.grace.values(), self.deadline)
            if field.text() and _whole(field) is None
        ]
        try:
            changed(rules_in_force(), self._change())
        except Rejected as refusal:
            problems += refusal.problems
        return problems

    def meant(self) -> object:
        """Which rules are meant: two that are equal are the same."""
        return (self.source.value(), self.source.value() == FILE and self.file.text(), self._change())

    def reader(self) -> Callable[[], ConsentRules]:
        """Reads the rules that are meant, away from the window's thread.

        It raises ``Rejected`` with every problem.
        """
        source = self._sources[self.source.value() or IN_FORCE]
        read, typed, change = source.read, self.file.text(), self._change()
        return lambda: changed(read(typed), change)

    def take_file(self, path: str) -> None:
        """Ask about the rules in this file."""
        self.source.set_value(FILE)
        self.file.set_text(path)

    def _change(self) -> RulesChange:
        chosen = {age: field.value() for age, field in self.policies.items()}
        grace = {age: _whole(field) for age, field in self.grace.items()}
        return RulesChange(
            policies={age: policy for age in AGES for policy in POLICIES if policy == chosen[age]},
            grace_days={age: days for age, days in grace.items() if days is not None},
            deadline_days=_whole(self.deadline),
        )

    def _follow(self) -> None:
        """A file is asked for where it is meant; what holds now stands in the empty fields."""
        of_file = self.source.value() == FILE
        reveal(self.of_file, of_file)
        now = rules_in_force()
        for age in AGES:
            policy = words.choice_name(now.ages[age].policy)
            self.policies[age].editor.setPlaceholderText(_("As it is") if of_file else policy)
            self.grace[age].editor.setPlaceholderText("" if of_file else str(now.ages[age].grace_days))
        self.deadline.editor.setPlaceholderText("" if of_file else str(now.deadline_days))
        self.changed.emit()


def rules_in_force() -> ConsentRules:
    """The rules by which the gate decides now: nothing else here asks for them."""
    from biobank_desktop.services.reference import reference  # noqa: PLC0415

    return reference().consent_rules


def _of_file(path: str) -> ConsentRules:
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


def _whole(field: FieldBox) -> int | None:
    typed = field.text()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
