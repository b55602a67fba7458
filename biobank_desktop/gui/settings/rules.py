"""Consent rules: the lab's sets, what each says, and another one that counts from a day on."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from biobank_desktop.domain.consent_rules import changed
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.gui import words
from biobank_desktop.gui.desk import DONORS
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.rules_fields import AgeFields, days_field, read_rules_file
from biobank_desktop.gui.settings.part import BenchSettings, PartWithForms
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import Card, ProblemList
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext, say_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

    from biobank_desktop.domain.consent_rules import ConsentRules
    from biobank_desktop.domain.rule_book import RuleBook, RuleSet
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.services.rules import NewRules

TABLE_PX = 180


class NewRulesCard(FormCard):
    """Another set, beginning with what an earlier one says."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", _("Enter the rules"), parent)
        self._base: ConsentRules | None = None
        self.version = FieldBox(_("Version"), name="version", parent=self)
        self.valid_from = DateField(_("First day"), utc_now, name="valid_from", to_come=True, parent=self)
        self.approved_by = FieldBox(_("Approved by"), name="approved_by", parent=self)
        self.ages = AgeFields(parent=self)
        self.deadline = days_field(_("Deadline for consent after the first tube"), "deadline_days", self)
        self.parents = _question(
            _("Below 16, of the parents"),
            "signatories.parents",
            {"parents-all": "A", "parents-one": "O"},
            self,
        )
        self.child = _question(
            *(_("From 12 to 15, the child"), "signatories.child"),
            {"child-needed": "N", "child-may-object": "M"},
            self,
        )
        self.after_death = _question(
            _("After death"), "after_death", {"after-death-stands": "S", "after-death-ends": "E"}, self
        )
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self._purposes = Text("", "muted", wrap=True, parent=self)
        self.add_row([self.version, self.valid_from, self.approved_by], 3)
        self.add_group(self.ages, self.ages.fields)
        self.add_row([self.deadline, self.why], 2)
        for question in (self.parents, self.child, self.after_death):
            self.add_row([question], 1)
        self.rows.addWidget(self._purposes)

    def begin_with(self, base: ConsentRules, in_force: ConsentRules, version: str = "") -> None:
        """Begin with these rules; their purposes are taken as they are."""
        self._base = base
        self.set_heading(
            _("New rules"),
            _(
                "They count from their first day on and take the place of all that were to begin then or "
                "later. What was decided before stays decided. What they would change, What if says at "
                "Donors."
            ),
        )
        self.version.set_text(version)
        for field in (self.valid_from, self.approved_by, self.why):
            field.clear()
        for age, policy in base.ages.items():
            self.ages.policies[age].set_value(policy.policy)
            self.ages.grace[age].set_text(str(policy.grace_days))
        self.deadline.set_text(str(base.deadline_days))
        self.parents.set_value(f"parents-{base.parents}")
        self.child.set_value(f"child-{base.child}")
        self.after_death.set_value(f"after-death-{base.after_death}")
        self._purposes.setText(_of_purposes(base, in_force))
        self.begin()

    def form(self) -> NewRules:
        """The set as it is filled in. Raises ``Rejected`` with everything that cannot be read."""
        from biobank_desktop.services.rules import NewRules  # noqa: PLC0415

        refuse(self._problems())
        day = self.valid_from.day()
        assert self._base is not None
        assert day is not None
        rules = replace(
            changed(self._base, self.ages.change(self.deadline)),
            version=self.version.text().strip(),
            parents="one" if self.parents.value() == "parents-one" else "all",
            child="may-object" if self.child.value() == "child-may-object" else "needed",
            after_death="ends" if self.after_death.value() == "after-death-ends" else "stands",
        )
        return NewRules(rules, day, self.approved_by.text(), self.why.text())

    def _problems(self) -> list[Problem]:
        problems = [
            Problem(field.name, "answer-unreadable")
            for field in (*self.ages.policies.values(), self.valid_from)
            if field.answer() is Answer.UNREADABLE
        ]
        problems += [
            Problem(field.name, "answer-missing")
            for field in (
                self.version,
                self.valid_from,
                self.approved_by,
                *self.ages.fields,
                self.deadline,
                self.why,
            )
            if not field.text().strip()
        ]
        assert self._base is not None
        return [*problems, *self.ages.problems(self.deadline, self._base)]


def _question(label: str, name: str, choices: dict[str, str], parent: QWidget) -> ChoiceQuestion:
    offered = [Choice(value, words.choice_name(value), key) for value, key in choices.items()]
    return ChoiceQuestion(label, offered, name=name, parent=parent)


def _of_purposes(base: ConsentRules, in_force: ConsentRules) -> str:
    other = [name for name, one in base.purposes.items() if one != in_force.purposes.get(name)]
    if not other:
        return _("What each purpose needs stays as it is; other purposes come from a file.")
    names = ", ".join(say_value(name) for name in other)
    return _("Purposes that need something else than today: {names}").format(names=names)


class RulesPart(PartWithForms):
    """The lab's sets of rules, the chosen one in words."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self.book: RuleBook | None = None
        self._intro = Text(
            _(
                "By these rules consent is judged: what follows at 12, 16 and 18, until when consent may "
                "arrive, whose is enough, what each purpose needs. A set never changes; the next one takes "
                "its place from a day on."
            ),
            "muted",
            wrap=True,
            parent=self,
        )
        self.table = PagedTable(self._columns(), desk.jobs, self, enter_opens=False)
        self.table.setAccessibleName(_("Consent rules"))
        self.table.setFixedHeight(TABLE_PX)
        self.new = ActionButton(_("New rules"), icon="plus", hint="N", parent=self)
        self.file = ActionButton(_("New rules from a file"), icon="download", hint="C", parent=self)
        self.problems = ProblemList(self)
        self.card = NewRulesCard(self)
        self.said = Card(parent=self)
        self._title = Text("", "section", parent=self)
        self.facts = FactGrid(3, self)
        self.purposes = FactGrid(2, self)
        self._lay_out()
        self.new.clicked.connect(self.begin_new)
        self.file.clicked.connect(self.begin_change)
        self.card.submitted.connect(self._enter)
        self.table.pointed.connect(lambda _id: self._show_chosen())

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.new, self.file):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.said.body.addWidget(self._title)
        self.said.body.addWidget(self.facts)
        self.said.body.addWidget(Text(_("What each purpose needs a yes to"), "section", parent=self))
        self.said.body.addWidget(self.purposes)
        for part in (self._intro, self.table):
            self.body.addWidget(part)
        self.body.addLayout(buttons)
        self.body.addWidget(self.problems)
        self.hold_forms(self.card)
        self.body.addWidget(self.said)
        self.body.addStretch(1)

    def _columns(self) -> list[Column]:
        return [
            Column(_("Version"), lambda one: one.rules.version),
            Column(_("Counts"), self._counts, 200, meaning=self._meaning),
            Column(_("Approved by"), lambda one: one.approved_by or words.UNKNOWN, 180),
            Column(_("Entered"), _entered, 220),
            Column(_("Reason"), lambda one: one.why or words.UNKNOWN, 180),
        ]

    def _in_force(self) -> RuleSet:
        assert self.book is not None
        return self.book.set_on(local_day(utc_now()))

    def _counts(self, one: RuleSet) -> str:
        if one is self._in_force():
            return _("today")
        if one.valid_from is None or one.valid_from <= local_day(utc_now()):
            return _("no more")
        assert self.book is not None
        if self.book.set_on(one.valid_from) is not one:
            return _("replaced before it began")
        return _("from {day}").format(day=words.day(one.valid_from))

    def _meaning(self, one: RuleSet) -> Meaning | None:
        return Meaning.PERMITTED if one is self._in_force() else None

    def refresh(self) -> None:
        """Read which sets there are."""
        for button in (self.new, self.file):
            button.setVisible(self.may("manage"))

        def book(connection: Connection) -> RuleBook:
            from biobank_desktop.services.rules import rule_book  # noqa: PLC0415

            return rule_book(connection)

        self.desk.read(self, book, self._show, newest="rules")

    def begin(self) -> None:
        """The list comes first."""
        self.table.setFocus()

    def close_forms(self) -> None:
        """Put the form away; the chosen set is shown again."""
        self.said.show()
        super().close_forms()

    def begin_new(self) -> None:
        """Begin a set with what the chosen one says."""
        one = self._chosen()
        if one is not None and self.may("manage"):
            self._open(one.rules)

    def begin_change(self) -> None:
        """Choose a file with a set."""
        if not self.may("manage"):
            return
        title = _("New rules from a file")
        path, _kind = QFileDialog.getOpenFileName(self, title, "", _("Consent rules (*.toml)"))
        if path:
            self.take_file(path)

    def take_file(self, path: str) -> None:
        """Begin a set with what stands in a file."""
        self.desk.jobs.run_aside(
            self,
            lambda: read_rules_file(path),
            lambda rules: self._open(rules, rules.version),
            failed=self._unread,
        )

    def _unread(self, error: Exception) -> None:
        if isinstance(error, Rejected):
            self.problems.show_problems(error.problems)
            self.desk.frame.notices.sound(Sound.WARNING)
        else:
            self.desk.tell(error)

    def _open(self, rules: ConsentRules, version: str = "") -> None:
        self.problems.show_problems(())
        self.said.hide()
        self.card.begin_with(rules, self._in_force().rules, version)
        self.open_form(self.card)

    def _enter(self) -> None:
        from biobank_desktop.services.rules import enter_rules  # noqa: PLC0415

        try:
            form = self.card.form()
        except Rejected as refused:
            self._refused(refused.problems)
            return
        command_id = self.card.ids.of(form)
        self.desk.act(
            self,
            lambda store, actor: enter_rules(store, actor, form, command_id),
            lambda _no: self._stored(form),
            topics={DONORS},
            refused=self._refused,
            once=self.card.ids.once(command_id),
            ended=self.card.rest,
        )

    def _stored(self, form: NewRules) -> None:
        said = _("Rules {version} count from {day} on.")
        self.desk.frame.notices.say(
            said.format(version=form.rules.version, day=words.day(form.valid_from)), sound=Sound.ACCEPTED
        )
        self.close_forms()

    def _refused(self, problems: Sequence[Problem]) -> None:
        self.card.show_problems(problems)
        self.desk.frame.notices.sound(Sound.WARNING)

    def _show(self, book: RuleBook) -> None:
        self.book = book
        sets = tuple(reversed(book.sets))  # the newest first
        at = max(self.table.currentIndex().row(), 0)
        self.table.show_ids(array("q", range(len(sets))), lambda numbers: [sets[one] for one in numbers])
        self.table.selectRow(min(at, len(sets) - 1))
        self._show_chosen()

    def _chosen(self) -> RuleSet | None:
        if self.book is None:
            return None
        number = self.table.current_id()
        return self.book.sets[-1 - number] if number is not None else self._in_force()

    def _show_chosen(self) -> None:
        one = self._chosen()
        if one is None:
            return
        self._title.setText(_("Rules {version}").format(version=one.rules.version))
        self.facts.set_facts(_facts(one.rules))
        self.purposes.set_facts(
            [
                Fact(words.choice_name(name), ", ".join(map(say_value, purpose.items)))
                for name, purpose in one.rules.purposes.items()
            ]
        )


def _entered(one: RuleSet) -> str:
    if one.known_at is None:
        return _("came with the program")
    return _("{day} by {login}").format(day=words.day(local_day(one.known_at)), login=one.login)


def _facts(rules: ConsentRules) -> list[Fact]:
    facts = [
        Fact(_("Deadline for consent after the first tube"), _days(rules.deadline_days)),
        Fact(_("Below 16, of the parents"), say_value(f"parents-{rules.parents}")),
        Fact(_("From 12 to 15, the child"), say_value(f"child-{rules.child}")),
    ]
    facts += [
        Fact(
            _("At {age}, without an own decision").format(age=age),
            say_value(policy.policy),
            _("after {days}").format(days=_days(policy.grace_days)) if policy.grace_days else "",
        )
        for age, policy in rules.ages.items()
    ]
    return [*facts, Fact(_("After death"), say_value(f"after-death-{rules.after_death}"))]


def _days(count: int) -> str:
    return ngettext("{count} day", "{count} days", count)
