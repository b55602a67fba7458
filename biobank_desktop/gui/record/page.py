"""The page of a record: heading, actions, facts, family, steps, labels, timeline. Shows; decides nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui import words
from biobank_desktop.gui.record import portrait, story
from biobank_desktop.gui.record.actions import ACTIONS, HANDLING
from biobank_desktop.gui.record.steps import StepsCard
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card, clear_layout, reveal
from biobank_desktop.gui.widgets.facts import FactGrid
from biobank_desktop.gui.widgets.family import FamilyTree
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.gui.widgets.timeline import Timeline
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.record.actions import Action
    from biobank_desktop.gui.record.reading import Seen
    from biobank_desktop.gui.theme import Meaning

PAGE = 20
"""Happenings shown at a time."""


class Heading(QWidget):
    """The code large, what it is, how it is; its donor one key away."""

    donor_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code = CodeLabel("", "code-large", parent=self)
        self.state = Text("", "chip-stored", parent=self)
        self.verdict = Text("", "chip-permitted", parent=self)
        self.donor = ActionButton("", Look.QUIET, icon="donors", hint="G", parent=self)
        self.donor.clicked.connect(self.donor_wanted)
        self._subtitle = Text("", "muted", wrap=True, parent=self)
        self._standing = QHBoxLayout()
        self._standing.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(12)
        for widget in (self.code, self.state, self.verdict):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.donor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._subtitle)
        column.addLayout(self._standing)

    def show_seen(self, seen: Seen) -> None:
        """The heading of this sample."""
        self.code.set_code(seen.sample.code)
        word, meaning = portrait.state(seen)
        self.state.setText(word)
        set_role(self.state, f"chip-{meaning.value}")
        decision = seen.record.decision
        self.verdict.setText(words.verdict_title(decision))
        set_role(self.verdict, f"chip-{words.MEANINGS[decision.verdict].value}")
        self.donor.set_text(_("Donor {code}").format(code=portrait.donor_text(seen)))
        self._subtitle.setText(portrait.subtitle(seen))
        self._show_standing(portrait.standing(seen))

    def _show_standing(self, told: Sequence[tuple[str, Meaning]]) -> None:
        clear_layout(self._standing)
        self._standing.setContentsMargins(0, 8 if told else 0, 0, 0)
        for text, meaning in told:
            self._standing.addWidget(Text(text, f"chip-{meaning.value}", parent=self))
        self._standing.addStretch(1)

    def standing(self) -> list[str]:
        """What stands under the subtitle."""
        found = [self._standing.itemAt(place) for place in range(self._standing.count())]
        widgets = [item.widget() for item in found if item is not None]
        return [widget.text() for widget in widgets if isinstance(widget, Text)]

    def subtitle(self) -> str:
        """The line under the code."""
        return self._subtitle.text()


class ActionBar(QWidget):
    """What can be done, a letter each: with the material in one row, with what is recorded in the next."""

    wanted = Signal(str)
    """the name of the action"""
    undo_wanted = Signal()
    """the newest use was a slip"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[str, ActionButton] = {}
        self.undo = ActionButton(_("Take back"), Look.QUIET, icon="undo", hint="CTRL+Z", parent=self)
        self.undo.clicked.connect(self.undo_wanted)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        for handles in (True, False):
            row = QHBoxLayout()
            row.setSpacing(8)
            for action in ACTIONS:
                if (action.name in HANDLING) is handles:
                    row.addWidget(self._button(action))
            if not handles:
                row.addWidget(self.undo)
            row.addStretch(1)
            rows.addLayout(row)

    def _button(self, action: Action) -> ActionButton:
        button = ActionButton(action.word(), icon=action.icon, hint=action.letter, parent=self)
        button.clicked.connect(partial(self._clicked, action.name))
        self._buttons[action.name] = button
        return button

    def _clicked(self, name: str, _checked: bool = False) -> None:
        self.wanted.emit(name)

    def offer(self, actions: Sequence[Action], *, undo: bool) -> None:
        """Show exactly these."""
        reveal(self.undo, undo)
        names = {action.name for action in actions}
        for name, button in self._buttons.items():
            reveal(button, name in names)

    def offered(self) -> list[str]:
        """The names of what is shown."""
        return [name for name, button in self._buttons.items() if not button.isHidden()]


class Lines(Card):
    """A card of small lines: what, and a detail under it. Hidden while there is none."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.body.setSpacing(8)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self.body.addLayout(self._lines)

    def set_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show these lines."""
        clear_layout(self._lines)
        for what, detail in lines:
            line = QVBoxLayout()
            line.setSpacing(0)
            line.addWidget(Text(what, parent=self))
            line.addWidget(Text(detail, "detail", wrap=True, parent=self))
            self._lines.addLayout(line)
        reveal(self, bool(lines))


class RecordPage(QWidget):
    """Everything under the heading; ``form_place`` takes the form that is being filled in."""

    relative_wanted = Signal(str)
    """the code of one of the family"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form_place = QVBoxLayout()
        self.facts = FactGrid(4, parent=self)
        self.tree = FamilyTree(self)
        self.tree.opened.connect(self.relative_wanted)
        self.steps = StepsCard(self)
        self.uses = Lines(_("Uses"), self)
        self.labels = Lines(_("Labels"), self)
        self.timeline = Timeline(self)
        self.timeline.more_wanted.connect(self._more)
        self._seen: Seen | None = None
        self._shown = 0
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self.form_place)
        facts = Card(parent=self)
        facts.body.addWidget(self.facts)
        column.addWidget(facts)
        family = Card(_("Family"), self)
        family.body.setSpacing(8)
        family.body.addWidget(self.tree)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(family)
        left.addWidget(self.uses)
        left.addWidget(self.steps)
        left.addWidget(self.labels)
        left.addStretch(1)
        history = Card(_("Timeline"), self)
        history.body.addWidget(self.timeline)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addLayout(left, 4)
        row.addWidget(history, 5)
        row.setAlignment(history, Qt.AlignmentFlag(0))
        column.addLayout(row, 1)

    def show_seen(self, seen: Seen) -> None:
        """Show this sample."""
        self._seen, self._shown = seen, 0
        self.facts.set_facts(portrait.facts(seen))
        self.tree.show_family(portrait.family(seen), seen.sample.code)
        self.steps.show_steps(seen.record.steps)
        uses = seen.record.consumptions
        self.uses.set_lines([portrait.use_line(one, seen.names) for one in uses])
        self.labels.set_lines([portrait.label_line(label) for label in seen.record.labels])
        self.timeline.clear()
        self._more()

    def _more(self) -> None:
        if self._seen is None:
            return
        events = self._seen.record.events[self._shown : self._shown + PAGE]
        seen = self._seen
        self._shown += len(events)
        more = self._shown < len(self._seen.record.events)
        self.timeline.add([story.happening(seen, event) for event in events], more=more)
