"""What may lie in a container: its own rule, and those that it inherits, with where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.contents import allowed
from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.storage import HOLDS_SAMPLES
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _
from biobank_desktop.persistence.queries import tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

    from biobank_desktop.domain.contents import Allowed
    from biobank_desktop.persistence.queries.tree import Rules

INHERITED, OWN = "inherited", "own"


@dataclass(frozen=True)
class RulesHere:
    """The rules of a container and of everything around it, its own first."""

    chain: tuple[Rules, ...]

    @property
    def here(self) -> Rules:
        """Those of the container itself."""
        return self.chain[0]


def read_rules(connection: Connection, container_id: int) -> RulesHere:
    """The rules that count in a container."""
    chain = tree.around(connection, [container_id])[container_id]
    found = tree.rules(connection, chain)
    return RulesHere(tuple(found[one] for one in chain))


def material_picks() -> list[Pick]:
    """Every material by its name."""
    return [Pick(one.code, words.material_name(one.code)) for one in MATERIALS]


def materials_text(rule: Allowed) -> str:
    """The materials of a rule, in words."""
    if rule is None:
        return _("Every material")
    return ", ".join(words.material_name(one.code) for one in MATERIALS if one.code in rule)


class RuleCard(FormCard):
    """Asks what may lie here; what comes from around it is shown above, with where it comes from."""

    def __init__(self, rules: RulesHere, parent: QWidget | None = None) -> None:
        here = rules.here
        super().__init__(
            _("What may lie in {name}").format(name=here.name),
            _("A rule counts for everything inside. It can narrow those around it, not widen them."),
            _("Save the rule"),
            parent,
        )
        inherited = [Fact(source, materials_text(rule)) for source, rule in inherited_rules(rules)]
        self.inherited = FactGrid(1, self)
        self.inherited.set_facts(
            [*inherited, Fact(_("May lie here now"), materials_text(allowed(here.materials)))]
        )
        self.rows.addWidget(self.inherited)
        own = allowed(here.own)
        self.whose = ChoiceQuestion(
            _("Its own rule"),
            [
                Choice(INHERITED, _("None: only what is inherited"), "N"),
                Choice(OWN, _("Only these materials"), "O"),
            ],
            name="whose",
            parent=self,
        )
        self.whose.set_value(INHERITED if own is None else OWN)
        across = 2 if here.level in HOLDS_SAMPLES else 3  # beside a box stands the panel
        self.materials = ToggleRow(
            _("Materials"), material_picks(), name="materials", columns=across, parent=self
        )
        self.materials.set_values(sorted(own or ()))
        self.why = FieldBox(_("Reason"), name="why", hint=_("optional"), parent=self)
        self.add_row([self.whose], columns=1)
        self.add_row([self.materials], columns=1)
        self.add_row([self.why], columns=1)
        self.whose.chosen.connect(self._follow)
        self._follow()

    def wanted(self) -> tuple[str, ...] | None:
        """The materials of its own rule, None for none."""
        return self.materials.values() if self.whose.value() == OWN else None

    def problems(self) -> list[Problem]:
        """A rule that would allow nothing."""
        return [Problem("materials", "rule-allows-nothing")] if self.wanted() == () else []

    def _follow(self, _value: object = None) -> None:
        self.materials.setVisible(self.whose.value() == OWN)


def inherited_rules(rules: RulesHere) -> Sequence[tuple[str, Allowed]]:
    """The rules that a container inherits, each with where it comes from, the nearest first."""
    found = []
    for one in rules.chain:
        if one.of_kind is not None:
            source = _("From the kind of {name}").format(name=one.name)
            found.append((source, allowed(one.of_kind)))
        if one.own is not None and one is not rules.here:
            found.append((_("From {name}").format(name=one.name), allowed(one.own)))
    return found
