"""Other consent rules to ask about: a whole set, and in it what follows at an age or the deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain.consent_rules import AGES, changed
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.rules_fields import AgeFields, RulesFile, days_field, read_rules_file
from biobank_desktop.gui.widgets.cards import reveal
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.consent_rules import ConsentRules
    from biobank_desktop.domain.rule_book import RuleBook, RuleSet
    from biobank_desktop.gui.widgets.fields import FieldBox

IN_FORCE, FILE = "in-force", "file"
ENTERED = "entered "
"""Before the version of a set that the lab has entered and that does not count today."""


class OtherRules(QWidget):
    """Which rules would hold. Nothing chosen and nothing typed: those in force."""

    changed = Signal()
    """other rules are meant"""

    def __init__(self, parent: QWidget | None = None) -> None:
        from biobank_desktop.services.rules import book_of  # noqa: PLC0415

        super().__init__(parent)
        self._book = book_of(())
        self.source = PickField(_("Rule set"), name="rules", parent=self)
        self.of_file = RulesFile(self)
        self.file = self.of_file.field
        self._ages = AgeFields(as_it_is=True, parent=self)
        self.policies, self.grace = self._ages.policies, self._ages.grace
        self.deadline = days_field(_("Deadline for consent after the first tube"), "deadline_days", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (self.source, self.of_file, self._ages, self.deadline):
            column.addWidget(widget)
        self.offer(self._book)
        self.source.set_value(IN_FORCE)
        self._follow()
        for field in self.fields:
            field.changed.connect(self._follow)

    def offer(self, book: RuleBook) -> None:
        """Offer the sets of this book; what was chosen stays."""
        self._book = book
        others = [one for one in book.sets if one.rules is not self.in_force]
        in_force = _("In force ({version})").format(version=self.in_force.version)
        self.source.set_picks(
            [
                Pick(IN_FORCE, in_force),
                *(Pick(ENTERED + one.rules.version, _set_name(one)) for one in others),
                Pick(FILE, _("From a file")),
            ]
        )

    @property
    def in_force(self) -> ConsentRules:
        """The rules by which the gate decides today."""
        return self._book.on(local_day(utc_now()))

    @property
    def fields(self) -> tuple[FieldBox, ...]:
        """In the order they are answered."""
        return (self.source, self.file, *self._ages.fields, self.deadline)

    def problems(self) -> list[Problem]:
        """What is typed and cannot be meant; what is wrong in a file is said when it is read."""
        problems = []
        if self.source.value() == FILE and not self.file.text():
            problems.append(Problem(self.file.name, "answer-missing"))
        return [*problems, *self._ages.problems(self.deadline, self.in_force)]

    def meant(self) -> object:
        """Which rules are meant: two that are equal are the same."""
        return (
            self.source.value(),
            self.source.value() == FILE and self.file.text(),
            self._ages.change(self.deadline),
        )

    def reader(self) -> Callable[[], ConsentRules | None]:
        """Reads the rules that are meant, None for those in force, away from the window's thread.

        It raises ``Rejected`` with every problem.
        """
        now, entered, change = self.in_force, self._entered(), self._ages.change(self.deadline)
        typed = self.file.text()

        def read() -> ConsentRules | None:
            rules = changed(entered or read_rules_file(typed), change)
            return None if rules is now else rules

        return read

    def take_file(self, path: str) -> None:
        """Ask about the rules in this file."""
        self.source.set_value(FILE)
        self.file.set_text(path)

    def _entered(self) -> ConsentRules | None:
        """The set that is chosen, None when it stands in a file."""
        source = self.source.value() or IN_FORCE
        if source == FILE:
            return None
        return self._book.version(source.removeprefix(ENTERED)) or self.in_force

    def _follow(self) -> None:
        """A file is asked for where it is meant; what the set says stands in the empty fields."""
        base = self._entered()
        reveal(self.of_file, base is None)
        for age in AGES:
            policy = words.choice_name(base.ages[age].policy) if base else _("As it is")
            self.policies[age].editor.setPlaceholderText(policy)
            self.grace[age].editor.setPlaceholderText(str(base.ages[age].grace_days) if base else "")
        self.deadline.editor.setPlaceholderText(str(base.deadline_days) if base else "")
        self.changed.emit()


def _set_name(one: RuleSet) -> str:
    if one.valid_from is None:
        return one.rules.version
    return _("{version}, from {day} on").format(version=one.rules.version, day=words.day(one.valid_from))
