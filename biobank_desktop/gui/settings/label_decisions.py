"""What the lab has decided about labels, shown: which layout each has, and what becomes of unchecked ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.desk import LABELS, SETTINGS
from biobank_desktop.gui.settings.label_choosing import choosing, rule_words
from biobank_desktop.gui.settings.label_rules_card import LabelRulesCard
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import Card, clear_layout
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.settings.label_choosing import Choosing
    from biobank_desktop.gui.settings.part import PartWithForms
    from biobank_desktop.persistence.store import Store


class LabelDecisions(QWidget):
    """Two cards of a part; the form of the rules is ``card``, which the part holds."""

    def __init__(self, part: PartWithForms) -> None:
        super().__init__(part)
        self._part = part
        self._choosing: Choosing | None = None
        self.card = LabelRulesCard(part.desk.jobs, part)
        self.change = ActionButton(_("Change the rules"), icon="edit", hint="R", parent=self)
        self.unchecked = ChoiceQuestion(
            _("A vial is stored while nobody has scanned its label since it was printed"),
            [
                Choice("accept", _("Store it"), "S"),
                Choice("warn", _("Store it and say so"), "W"),
                Choice("block", _("Refuse it"), "B"),
            ],
            name="rule",
            from_afar=False,
            parent=self,
        )
        self._lines = QGridLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._rules_part())
        column.addWidget(self._unchecked_part())
        self.change.clicked.connect(self.begin_rules)
        self.unchecked.chosen.connect(self._decide)
        self.card.submitted.connect(self._keep)

    def _rules_part(self) -> Card:
        rules = Card(_("Which label where"), self)
        self._lines.setHorizontalSpacing(16)
        self._lines.setVerticalSpacing(8)
        self._lines.setColumnStretch(1, 3)
        self._lines.setColumnStretch(2, 2)
        buttons = QHBoxLayout()
        buttons.addWidget(self.change)
        buttons.addStretch(1)
        rules.body.addLayout(self._lines)
        rules.body.addLayout(buttons)
        return rules

    def _unchecked_part(self) -> Card:
        unchecked = Card(_("Labels that nobody has scanned"), self)
        unchecked.body.setSpacing(8)
        unchecked.body.addWidget(self.unchecked)
        meanings = QGridLayout()
        meanings.setHorizontalSpacing(8)
        sentences = (
            _("The scan into its box proves the label."),
            _("Whoever stores it is told which vial it was; lists say it, too."),
            _("Its label must be scanned first, under Labels; lists with such vials are refused."),
        )
        for place, sentence in enumerate(sentences):
            said = Text(sentence, "muted", wrap=True, parent=self)
            meanings.addWidget(said, 0, place, Qt.AlignmentFlag.AlignTop)
            meanings.setColumnStretch(place, 1)
        unchecked.body.addLayout(meanings)
        return unchecked

    def refresh(self) -> None:
        """Read what is decided."""
        may_manage = self._part.may("manage")
        self.change.setVisible(may_manage)
        self.unchecked.setEnabled(may_manage)
        session = self._part.desk.session
        assert session is not None
        settings = session.settings
        self._part.desk.read(
            self, lambda connection: choosing(connection, settings), self._show, newest="label decisions"
        )

    def begin_rules(self) -> None:
        """Change the rules."""
        if self._choosing is not None and self._part.may("manage") and self._part.opened() is None:
            self._part.open_form(self.card)
            self.card.begin_with(self._choosing)

    def _show(self, found: Choosing) -> None:
        self._choosing = found
        clear_layout(self._lines)
        for number, rule in enumerate(found.rules):
            cells = (f"{number + 1}", rule_words(rule), found.known.title(rule.template))
            for place, (text, role) in enumerate(zip(cells, ("muted", "strong", ""), strict=True)):
                cell = Text(text, role, wrap=place > 0, parent=self)
                self._lines.addWidget(cell, number, place, Qt.AlignmentFlag.AlignTop)
        if not found.rules:
            said = _("No rule: a label has the layout that its printer is loaded with, else the usual one.")
            self._lines.addWidget(Text(said, "muted", wrap=True, parent=self), 0, 0, 1, 3)
        self._show_unchecked()

    def _keep(self) -> None:
        from biobank_desktop.services.label_rules import set_label_rules  # noqa: PLC0415

        card = self.card
        unreadable = card.unreadable()
        if unreadable:
            self._refused_rules(tuple(unreadable))
            return
        rules, begun_on = card.rules(), card.begun_on()
        command_id, turn = card.ids.of((rules, begun_on)), self._part.turn
        card.set_busy(True)
        said = ngettext(
            "{count} rule chooses the layout of a label.",
            "{count} rules choose the layout of a label.",
            len(rules),
        )
        self._act(
            command_id,
            lambda store, actor: set_label_rules(store, actor, rules, command_id, begun_on=begun_on),
            lambda: self._kept(said, turn),
            lambda problems: self._part.while_open(turn, lambda: self._refused_rules(problems)),
            lambda: self._part.while_open(turn, card.rest),
        )

    def _kept(self, said: str, turn: int) -> None:
        self._part.desk.frame.notices.say(said, sound=Sound.ACCEPTED)
        self._part.while_open(turn, self._part.close_forms)

    def _decide(self, rule: object) -> None:
        from biobank_desktop.services.unchecked_labels import set_unchecked_rule  # noqa: PLC0415

        chosen = str(rule)
        if self._choosing is None or chosen == self._choosing.unchecked:
            return
        command_id = self.card.ids.of(("unchecked", self._choosing.unchecked, chosen))
        self.unchecked.set_problems(())
        self._act(
            command_id,
            lambda store, actor: set_unchecked_rule(store, actor, chosen, command_id),
            lambda: self._decided(chosen),
            self._refused_choice,
            self._show_unchecked,
        )

    def _decided(self, chosen: str) -> None:
        assert self._choosing is not None
        self._choosing = replace(self._choosing, unchecked=chosen)
        self._show_unchecked()
        self._part.desk.frame.notices.say(_("The rule of unchecked labels is kept."), sound=Sound.ACCEPTED)

    def _show_unchecked(self) -> None:
        """What is kept is lit, whatever was pressed."""
        if self._choosing is not None:
            self.unchecked.set_value(self._choosing.unchecked)

    def _act(
        self,
        command_id: UUID,
        gesture: Callable[[Store, Actor], object],
        done: Callable[[], None],
        refused: Callable[[tuple[Problem, ...]], None],
        ended: Callable[[], None],
    ) -> None:
        self._part.desk.act(
            self,
            gesture,
            lambda _nothing: done(),
            topics={SETTINGS, LABELS},
            refused=refused,
            once=self.card.ids.once(command_id),
            ended=ended,
        )

    def _refused_rules(self, problems: tuple[Problem, ...]) -> None:
        self.card.show_problems(problems)
        self._part.desk.frame.notices.sound(Sound.WARNING)

    def _refused_choice(self, problems: tuple[Problem, ...]) -> None:
        self.unchecked.set_problems(problems)
        self._part.desk.frame.notices.sound(Sound.WARNING)
