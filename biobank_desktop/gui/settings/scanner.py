"""The scanner: what it sends and how fast, advice, and the codes of others that this lab reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scanner_trial import Finding, compare
from biobank_desktop.domain.scans import ForeignPattern, Scan, ScanKind
from biobank_desktop.gui.scanbus import Way
from biobank_desktop.gui.settings.camera_card import CameraCard
from biobank_desktop.gui.settings.part import BenchSettings, PartWithForms
from biobank_desktop.gui.settings.scanner_verdict import judge
from biobank_desktop.gui.settings.serial_card import SerialCard, serial_ports
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.gui.widgets.verdicts import Shown, VerdictCard
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtGui import QHideEvent, QShowEvent
    from PySide6.QtWidgets import QAbstractButton
    from sqlalchemy import Connection

    from biobank_desktop.gui.bursts import Run
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


class ScannerPart(PartWithForms):
    """Scan anything here: it is shown, judged and does nothing.

    Below it: the serial scanner, the camera, the codes of others.
    """

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self._kept: list[dict[str, str]] = []
        self.code = CodeLabel("", "code-large", self)
        self.facts = FactGrid(5, self)
        self.verdict = VerdictCard(self)
        self.page = ActionButton(_("Page for setting up"), icon="print", hint="P", parent=self)
        self.connect_serial = ActionButton(_("Serial scanner"), icon="scan", hint="S", parent=self)
        self.connect_camera = ActionButton(_("Camera"), icon="camera", hint="C", parent=self)
        self.serial = SerialCard(self)
        self.camera = CameraCard(desk, self)
        self.patterns = FormCard(
            _("Codes of others"),
            _("What diagnostic laboratories and makers of tubes print. Each is a name and a regular "
              "expression for the whole code; the first that fits counts."),
            _("Store these codes"),
            self,
        )  # fmt: skip
        self.rows = [self._row(index) for index in range(PATTERNS)]
        self.patterns.cancel.hide()
        self._lay_out()
        self.patterns.submitted.connect(self._store)
        self.serial.submitted.connect(self._store_port)
        self.page.clicked.connect(self.write_page)
        self.connect_serial.clicked.connect(self.begin_serial)
        self.connect_camera.clicked.connect(self.begin_camera)
        self.camera.submitted.connect(self._store_camera)

    def _lay_out(self) -> None:
        test = self._test = Card(_("Try the scanner"), self)
        inside = QVBoxLayout()
        inside.setSpacing(12)
        self._nothing = Text(
            _("Scan anything: it is shown here and does nothing. The page for setting up has a test symbol."),
            "muted",
            wrap=True,
            parent=self,
        )
        inside.addWidget(self._nothing)
        for widget in (self.code, self.facts, self.verdict):
            widget.hide()
            inside.addWidget(widget)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.page)
        buttons.addWidget(self.connect_serial)
        buttons.addWidget(self.connect_camera)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        test.body.addLayout(inside)
        self.body.addWidget(test)
        self.hold_forms(self.serial, self.camera)
        self.body.addWidget(self.patterns)
        self.body.addStretch(1)

    def _row(self, index: int) -> tuple[FieldBox, FieldBox]:
        name = FieldBox(_("Name"), name=f"name{index}", parent=self)
        expression = FieldBox(_("Regular expression"), name=f"expression{index}", parent=self)
        if index:
            name.hide_label()
            expression.hide_label()
        self.patterns.add_row([name, expression], 2)
        return name, expression

    def primary(self) -> QAbstractButton | None:
        """Storing the port while it is asked for, else the patterns, for who may."""
        return super().primary() or (self.patterns.primary if self.may("manage") else None)

    def refresh(self) -> None:
        """Read the lab's patterns."""
        self._show_patterns_card()

        def kept(connection: Connection) -> object:
            from biobank_desktop.persistence.queries.lab import setting  # noqa: PLC0415

            return setting(connection, "patterns", [])

        self.desk.read(self, kept, self._show_patterns, newest="patterns")

    def _show_patterns_card(self) -> None:
        """One form at a time; beside the camera's picture the trial says nothing that is not said there."""
        self.patterns.setVisible(self.may("manage") and self.opened() is None)
        self._test.setVisible(self.opened() is not self.camera)

    def close_forms(self) -> None:
        """The foreign codes are there again."""
        super().close_forms()
        self.camera.end()
        self._show_patterns_card()
        self.begin()

    def begin(self) -> None:
        """The keyboard is the scanner's."""
        self._test.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """A slow scanner is heard, too, while it is tried."""
        super().showEvent(event)
        self.desk.frame.bus.on_trial = True

    def hideEvent(self, event: QHideEvent) -> None:
        """Elsewhere a slow one is not."""
        super().hideEvent(event)
        self.desk.frame.bus.on_trial = False

    def take_scan(self, scan: Scan) -> bool:
        """Show what was scanned."""
        self.desk.frame.notices.sound(Sound.ACCEPTED)
        run = self.desk.frame.bus.last_run
        facts = [
            Fact(_("What it is"), kind_name(scan)),
            Fact(_("Characters"), str(len(scan.code))),
            Fact(_("How it came"), _way(self.desk.frame.bus.last_way)),
            Fact(_("Symbol"), f"]{scan.symbology}" if scan.symbology else _("not sent")),
        ]
        if scan.typed:
            said = _("Typed. Scan a label to see how fast the scanner sends.")
            shown = Shown(Meaning.MISSING, _("Not scanned"), said)
        else:
            shown = judge(scan.code, scan, run)
        self._show(scan.code, [*facts, *_pace(run)], shown)
        return True

    def take_unreadable(self, raw: str) -> bool:
        """Show what is no code: the test symbol, or something gone wrong."""
        run = self.desk.frame.bus.last_run
        shown = judge(raw, None, run)
        right = shown.meaning is Meaning.PERMITTED
        self.desk.frame.notices.sound(Sound.DONE if right else Sound.WARNING)
        what = _("Unreadable") if compare(raw) is Finding.OTHER else _("Test symbol")
        facts = [
            Fact(_("What it is"), what),
            Fact(_("Characters"), str(len(raw))),
            Fact(_("How it came"), _way(self.desk.frame.bus.last_way)),
        ]
        self._show(raw[:40], [*facts, *_pace(run)], shown)
        return True

    def _show(self, code: str, facts: Sequence[Fact], shown: Shown) -> None:
        self.code.set_code(code)
        self.facts.set_facts(facts)
        self.verdict.show_verdict(shown)
        self._nothing.hide()
        for widget in (self.code, self.facts, self.verdict):
            widget.show()

    # The page and the serial scanner -----------------------------------------------------------------

    def write_page(self) -> None:
        """Write the page with the advice and the test symbol."""
        from biobank_desktop.services.scanner_page import keep_scanner_page, scanner_page  # noqa: PLC0415

        session = self.desk.session
        assert session is not None
        folder = session.settings.data_folder / "papers"

        def written(path: Path) -> None:
            text = _("The page for setting up a scanner is in {path}.").format(path=path)
            self.desk.frame.notices.say(text, sound=Sound.DONE)

        def keep(content: bytes) -> None:
            self.desk.jobs.run_aside(
                self, lambda: keep_scanner_page(content, folder), written, failed=self.desk.tell
            )

        self.desk.read(self, scanner_page, keep, newest="page")

    def begin_serial(self) -> None:
        """Ask for the port of a serial scanner."""
        session = self.desk.session
        assert session is not None
        self.serial.show_kept(session.settings.scanner_port, session.settings.scanner_speed)
        self.open_form(self.serial)
        self._show_patterns_card()
        self.serial.begin()
        self.desk.jobs.run_aside(
            self, serial_ports, self.serial.show_ports, failed=self.desk.tell, newest="ports"
        )

    def _store_port(self) -> None:
        problems = self.serial.problems()
        self.serial.show_problems(problems)
        if problems:
            self.desk.frame.notices.sound(Sound.WARNING)
            return
        speed = parse_whole(self.serial.speed.text())
        self.bench.change(scanner_port=self.serial.port.text(), scanner_speed=speed)
        self.desk.use_scanner()
        self.close_forms()
        self.desk.frame.notices.say(_("The settings of this bench are kept."), sound=Sound.ACCEPTED)

    # The camera --------------------------------------------------------------------------------------

    def begin_camera(self) -> None:
        """Ask which camera scans, and show what it sees."""
        self.open_form(self.camera)
        self._show_patterns_card()
        self.camera.begin()

    def _store_camera(self) -> None:
        problems = self.camera.problems()
        if problems:
            self.camera.show_problems(problems)
            self.desk.frame.notices.sound(Sound.WARNING)
            return
        chosen = self.camera.chosen
        self.bench.change(camera=chosen.id, camera_name=chosen.name)
        self.desk.camera.wanted = True
        self.close_forms()
        self.desk.frame.notices.say(_("The settings of this bench are kept."), sound=Sound.ACCEPTED)

    # Codes of others ---------------------------------------------------------------------------------

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


def _way(way: Way) -> str:
    return {
        Way.KEYS: _("as keys"),
        Way.LINE: _("over the serial line"),
        Way.CAMERA: _("by the camera"),
        Way.TYPED: _("typed"),
    }[way]


def _pace(run: Run | None) -> list[Fact]:
    if run is None or not run.gaps_ms:
        return []
    return [Fact(_("Longest gap between keys"), _("{ms} ms").format(ms=max(run.gaps_ms)))]
