"""The scanner: what it sends and how fast, advice, and the codes of others that this lab reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ForeignPattern, Scan, ScanKind
from biobank_desktop.gui import words
from biobank_desktop.gui.bursts import GAP_MS
from biobank_desktop.gui.settings.part import BenchSettings, Part
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton
    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk

PATTERNS = 4


def kind_name(scan: Scan) -> str:
    """What a code is, in words."""
    if scan.kind is ScanKind.FOREIGN:
        return _("Foreign code: {pattern}").format(pattern=scan.pattern)
    if scan.kind is ScanKind.COMMAND:
        return _("Command")
    return {
        codes.CodeKind.SAMPLE: _("Sample of this lab"),
        codes.CodeKind.CONTAINER: _("Container of this lab"),
        codes.CodeKind.DONOR: _("Donor of this lab"),
        codes.CodeKind.COMMAND: _("Command"),
    }[codes.kind_of(scan.code)]


class ScannerPart(Part):
    """Scan anything here: it is shown and does nothing."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self._kept: list[dict[str, str]] = []
        self.code = CodeLabel("", "code-large", self)
        self.facts = FactGrid(3, self)
        self.advice = Text("", "muted", wrap=True, parent=self)
        self.patterns = FormCard(
            _("Codes of others"),
            _("What diagnostic laboratories and makers of tubes print. Each is a name and a regular "
              "expression for the whole code; the first that fits counts."),
            _("Store these codes"),
            self,
        )  # fmt: skip
        self.rows = [self._row(index) for index in range(PATTERNS)]
        self.patterns.cancel.hide()
        self.patterns.submitted.connect(self._store)
        test = Card(_("Try the scanner"), self)
        inside = QVBoxLayout()
        inside.setSpacing(12)
        for widget in (self.code, self.facts, self.advice):
            inside.addWidget(widget)
        test.body.addLayout(inside)
        self.body.addWidget(test)
        self.body.addWidget(self.patterns)
        self.body.addStretch(1)
        desk.frame.bus.unreadable.connect(self._unreadable)
        self._show_nothing()

    def _row(self, index: int) -> tuple[FieldBox, FieldBox]:
        name = FieldBox(_("Name"), name=f"name{index}", parent=self)
        expression = FieldBox(_("Regular expression"), name=f"expression{index}", parent=self)
        if index:
            name.hide_label()
            expression.hide_label()
        self.patterns.add_row([name, expression], 2)
        return name, expression

    def primary(self) -> QAbstractButton | None:
        """Storing the patterns, for who may."""
        return self.patterns.primary if self.may("manage") else None

    def refresh(self) -> None:
        """Read the lab's patterns."""
        self.patterns.setVisible(self.may("manage"))

        def kept(connection: Connection) -> object:
            from biobank_desktop.persistence.queries.lab import setting  # noqa: PLC0415

            return setting(connection, "patterns", [])

        self.desk.read(self, kept, self._show_patterns, newest="patterns")

    def begin(self) -> None:
        """The keyboard is the scanner's."""
        self.setFocus()

    def take_scan(self, scan: Scan) -> bool:
        """Show what was scanned."""
        self.desk.frame.notices.sound(Sound.ACCEPTED)
        self.code.set_code(scan.code)
        gaps = self.desk.frame.bus.last_gaps_ms
        facts = [
            Fact(_("What it is"), kind_name(scan)),
            Fact(_("Characters"), str(len(scan.code))),
            Fact(_("How it came"), _("typed") if scan.typed else _("scanned")),
            Fact(_("Symbol"), f"]{scan.symbology}" if scan.symbology else _("not sent")),
        ]
        if gaps and not scan.typed:
            facts.append(Fact(_("Longest gap between keys"), _("{ms} ms").format(ms=max(gaps))))
        self.facts.set_facts(facts)
        self.advice.setText(self._advice(scan, gaps))
        return True

    def _advice(self, scan: Scan, gaps: tuple[int, ...]) -> str:
        if scan.typed:
            return _("Typed. Scan a label to see how fast the scanner sends.")
        if gaps and max(gaps) > GAP_MS * 0.7:
            return _(
                "The scanner is slow: over {limit} ms between two keys a scan is taken for typing. Set its "
                "inter-character delay to 0."
            ).format(limit=GAP_MS)
        if not scan.symbology:
            return _("Fast enough. The scanner can also send the AIM identifier, which names the symbol.")
        return _("Fast enough, and the symbol is named.")

    def _unreadable(self, raw: str) -> None:
        if self.isVisible():
            self.code.set_code(raw[:40])
            self.facts.set_facts(
                [Fact(_("What it is"), _("Unreadable")), Fact(_("Characters"), str(len(raw)))]
            )
            self.advice.setText(
                _("No code of this lab, or its check character is wrong. Add the pattern of a foreign code.")
            )

    def _show_nothing(self) -> None:
        self.code.set_code(words.UNKNOWN)
        self.advice.setText(
            _("Scan anything: it is shown here and does nothing. Each code must end with Enter or Tab.")
        )

    def _show_patterns(self, kept: object) -> None:
        """Show them; as long as the lab keeps the same ones, what is typed over them stays."""
        listed = kept if isinstance(kept, list) else []
        if listed == self._kept:
            return
        self._kept = listed
        for (name, expression), one in zip(self.rows, [*listed, *[None] * PATTERNS], strict=False):
            name.set_text(one["name"] if one else "")
            expression.set_text(one["expression"] if one else "")

    def _problems(self) -> list[Problem]:
        problems = []
        for index, (name, expression) in enumerate(self.rows):
            if bool(name.text()) != bool(expression.text()):
                empty = "expression" if name.text() else "name"
                problems.append(Problem(f"{empty}{index}", "answer-missing"))
            try:
                re.compile(expression.text())
            except re.error as error:
                values = {"place": (error.pos or 0) + 1}
                problems.append(Problem(f"expression{index}", "expression-unreadable", values))
        return problems

    def _store(self) -> None:
        from biobank_desktop.services.lab import set_setting  # noqa: PLC0415

        problems = self._problems()
        self.patterns.show_problems(problems)
        if problems:
            self.desk.frame.notices.sound(Sound.WARNING)
            return
        value = [
            {"name": name.text(), "expression": expression.text()}
            for name, expression in self.rows
            if name.text()
        ]
        if value == self._kept:
            self.desk.frame.notices.say(_("The codes of others are kept."), sound=Sound.ACCEPTED)
            return
        command_id = self.patterns.ids.of(value)
        self.patterns.set_busy(True)
        self.desk.act(
            self,
            lambda store, actor: set_setting(store, actor, "patterns", value, command_id),
            lambda _nothing: self._stored(value),
            topics={"settings"},
            refused=self.patterns.show_problems,
            once=self.patterns.ids.once(command_id),
            ended=self.patterns.rest,
        )

    def _stored(self, value: list[dict[str, str]]) -> None:
        self._kept = value
        if value:
            self.desk.frame.bus.set_patterns([ForeignPattern(**one) for one in value])
        self.desk.frame.notices.say(_("The codes of others are kept."), sound=Sound.ACCEPTED)
