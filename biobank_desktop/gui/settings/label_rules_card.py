"""The form of the rules that choose a layout: in their order, each answered below, tried on a label."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from biobank_desktop.domain.label_rules import LabelRule
from biobank_desktop.domain.texts import text_problem
from biobank_desktop.gui.settings.label_choosing import ASKED, picks_of, rule_words
from biobank_desktop.gui.settings.label_question import LabelQuestion
from biobank_desktop.gui.widgets.entries import EntriesEditor, Entry, EntryWords, NewEntry
from biobank_desktop.gui.widgets.form_card import RestingForm
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.gui.settings.label_choosing import Choosing

TABLE_PX = 160
_PATH = "rule"
_FREE = frozenset({"bench"})
"""A bench has whatever name it has."""


class LabelRulesCard(RestingForm):
    """The rules as they are typed, and what a label would get by them."""

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        super().__init__(
            _("Which label where"),
            _(
                "The first rule that fits a label chooses its layout. Where none fits, it is what the "
                "printer is loaded with, else the usual one."
            ),
            _("Keep these rules"),
            parent,
        )
        self._choosing: Choosing | None = None
        labels = (_("Material"), _("Kind"), _("Bench"), _("Printer"))
        asked = {key: PickField(label) for key, label in zip(ASKED, labels, strict=True)}
        self.rules_list = EntriesEditor(
            EntryWords(_("Rules"), _PATH, ("template",), _("No rule yet: add one.")),
            [Column(_("Which label"), _what), Column(_("Layout"), self._layout_of, 300)],
            {**asked, "template": PickField(_("Layout"))},
            jobs,
            self,
        )
        self.rules_list.table.setFixedHeight(TABLE_PX)
        begun = asdict(LabelRule(""))
        self.rules_list.offer_new({"rule": NewEntry(_("Add a rule"), "A", lambda: [begun])})
        self.rules_list.lay_fields((ASKED, ("template",)), (0, 1), 4, wide="template")
        self.question = LabelQuestion(self)
        self.rows.addWidget(self.rules_list)
        self.rows.addWidget(self.question)
        self.rules_list.changed.connect(self._ask)
        self.question.changed.connect(self._ask)

    def begin_with(self, choosing: Choosing) -> None:
        """Begin with the rules there are."""
        self._choosing = choosing
        fields = self.rules_list.fields
        anything = Pick("", _("Any"))
        picks = picks_of(choosing)
        for key, field in fields.items():
            assert isinstance(field, PickField)
            field.set_picks(picks[key] if key == "template" else [anything, *picks[key]])
        self.question.begin_with(choosing)
        self.rules_list.show_entries([asdict(rule) for rule in choosing.rules])
        self.begin()
        self.rules_list.show_problems(self.unreadable())
        focus = self.rules_list.table if choosing.rules else self.rules_list.add["rule"]
        focus.setFocus()
        self._ask()

    def rules(self) -> tuple[LabelRule, ...]:
        """The rules as they are typed, right or wrong."""
        return tuple(LabelRule(**entry) for entry in self.rules_list.entries())

    def begun_on(self) -> tuple[LabelRule, ...]:
        """The rules that there were when somebody began."""
        assert self._choosing is not None
        return self._choosing.rules

    def unreadable(self) -> list[Problem]:
        """Answers that fit no choice, and benches with names that are none."""
        benches = [
            text_problem(rule.bench, f"{_PATH}.{number}.bench")
            for number, rule in enumerate(self.rules(), start=1)
        ]
        return [*self.rules_list.unreadable(_FREE), *(one for one in benches if one is not None)]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Those of a rule stand with it, and it is gone to."""
        said = [_of_form(problem) for problem in problems]
        self.rules_list.show_problems([one for one in said if self.rules_list.owns(one)])
        super().show_problems([one for one in said if not self.rules_list.owns(one)])
        self.rules_list.attend_to_first()

    def _layout_of(self, entry: Entry) -> str:
        assert self._choosing is not None
        return self._choosing.known.title(entry.answers["template"])

    def _ask(self) -> None:
        self.question.answer(self.rules())


def _what(entry: Entry) -> str:
    return rule_words(LabelRule(**entry.answers))


def _of_form(problem: Problem) -> Problem:
    """A problem of a rule as the form counts them: what is no choice any more is to be chosen anew."""
    place, _dot, key = problem.field.partition(".")
    if not place.startswith("rules["):
        return problem
    number = int(place.removeprefix("rules[").removesuffix("]")) + 1
    return replace(problem, field=f"{_PATH}.{number}.{key}")
