"""A question to rules that are typed: which layout a label would get by them, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain.label_rules import (
    SAMPLE_KINDS,
    LabelledThing,
    LabelRule,
    PrintingPlace,
    chosen_template,
    fitting_rule,
)
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.settings.label_choosing import ASKED, picks_of
from biobank_desktop.gui.widgets.cards import field_grid, reveal
from biobank_desktop.gui.widgets.picks import PickField
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.settings.label_choosing import Choosing


class LabelQuestion(QWidget):
    """A label is described; below stands what it would be printed on, and why that printer would not."""

    changed = Signal()
    """another label is asked about"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choosing: Choosing | None = None
        labels = (_("Material"), _("Kind"), _("Bench"), _("Printer"))
        self.fields = {key: PickField(label, parent=self) for key, label in zip(ASKED, labels, strict=True)}
        self.said = Text("", "strong", wrap=True, parent=self)
        self.refused = Text("", "provisional", wrap=True, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addSpacing(8)
        column.addWidget(Text(_("What would a label get?"), "section", parent=self))
        column.addLayout(field_grid(list(self.fields.values()), 4))
        column.addWidget(self.said)
        column.addWidget(self.refused)
        for field in self.fields.values():
            field.changed.connect(self.changed)

    def begin_with(self, choosing: Choosing) -> None:
        """Begin with an aliquot at this bench."""
        self._choosing = choosing
        picks = picks_of(choosing)
        begun = {key: picks[key][0].value for key in ASKED} | {"kind": "aliquot"}
        for key, field in self.fields.items():
            field.set_picks(picks[key])
            field.set_value(begun[key])

    def answer(self, rules: Sequence[LabelRule]) -> None:
        """Say what the label gets by these rules."""
        choosing = self._choosing
        if choosing is None:
            return
        asked = {key: field.value() for key, field in self.fields.items()}
        asked["bench"] = asked["bench"] or self.fields["bench"].text()
        of_sample = asked["kind"] in SAMPLE_KINDS
        reveal(self.fields["material"], of_sample or asked["kind"] is None)
        if not of_sample and asked["kind"] is not None:
            asked["material"] = ""
        for key, field in self.fields.items():
            wrong = asked[key] is None or (key == "bench" and not asked[key])
            code = "answer-unreadable" if field.text() else "answer-missing"
            field.set_problems([Problem("", code)] if wrong else [])
        described = {key: value for key, value in asked.items() if value is not None}
        ready = len(described) == len(asked)
        said, refused = _answer(rules, choosing, described) if ready else ("", "")
        self.said.setText(said)
        self.refused.setText(refused)
        self.refused.setVisible(bool(refused))


def _answer(rules: Sequence[LabelRule], choosing: Choosing, asked: dict[str, str]) -> tuple[str, str]:
    """The layout of a label and why, and why it is not printed there now."""
    from biobank_desktop.services.label_rules import labelled, on_printer  # noqa: PLC0415

    thing = labelled(asked["kind"], asked["material"])
    printer = next((one for one in choosing.printers if one.name == asked["printer"]), None)
    place = PrintingPlace(asked["bench"], asked["printer"], printer.template if printer else "")
    purposes = choosing.known.purposes()
    name = chosen_template(rules, thing, place, purposes)
    fitting = fitting_rule(rules, thing, place, purposes)
    said = _why(fitting, name, place, thing).format(
        layout=choosing.known.title(name), number=(fitting or 0) + 1
    )
    refused = on_printer(choosing.known, name, printer).refused if printer else None
    return said, say(refused) if refused else ""


def _why(fitting: int | None, name: str, place: PrintingPlace, thing: LabelledThing) -> str:
    if fitting is not None:
        return _("{layout}, by rule {number}.")
    if name == place.loaded and name != thing.usual:
        return _("{layout}: no rule fits, and the printer is loaded with it.")
    return _("{layout}: no rule fits, and it is the usual one.")
