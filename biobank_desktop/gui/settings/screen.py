"""Settings: ten parts, one at a time, each by its digit, the tenth by 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.gui.settings.backup import BackupPart
from biobank_desktop.gui.settings.bench import BenchPart
from biobank_desktop.gui.settings.database import DatabasePart
from biobank_desktop.gui.settings.forms import FormsPart
from biobank_desktop.gui.settings.identity import IdentityPart
from biobank_desktop.gui.settings.layouts import LayoutsPart
from biobank_desktop.gui.settings.part import BenchSettings, Part
from biobank_desktop.gui.settings.people import PeoplePart
from biobank_desktop.gui.settings.printers import PrintersPart
from biobank_desktop.gui.settings.rules import RulesPart
from biobank_desktop.gui.settings.scanner import ScannerPart
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk

FIRST = "database"


class SettingsScreen(Screen):
    """What the lab and this bench have set."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Settings")
        self.help_text = _(
            "Database, people, printers, labels, foreign codes, consent forms and consent rules belong "
            "to the lab and stand in its history. Bench and backup folder belong to this computer.\n\n"
            "Identities lie in a store of their own, which a passphrase opens for one person at one bench."
            "\n\nWhat your role may not change is not offered."
        )
        self._desk = desk
        bench = BenchSettings(desk, self)
        self.parts: dict[str, Part] = {
            "database": DatabasePart(desk, bench, self),
            "people": PeoplePart(desk, bench, self),
            "printers": PrintersPart(desk, bench, self),
            "backup": BackupPart(desk, bench, self),
            "bench": BenchPart(desk, bench, self),
            "scanner": ScannerPart(desk, bench, self),
            "forms": FormsPart(desk, bench, self),
            "rules": RulesPart(desk, bench, self),
            "identity": IdentityPart(desk, bench, self),
            "layouts": LayoutsPart(desk, bench, self),
        }
        names = (
            _("Database"),
            _("People"),
            _("Printers"),
            _("Backup"),
            _("Bench"),
            _("Scanner"),
            _("Consent forms"),
            _("Consent rules"),
            _("Identities"),
            _("Labels"),
        )
        offered = [
            Choice(part, word, str(number % 10))
            for number, (part, word) in enumerate(zip(self.parts, names, strict=True), 1)
        ]
        self.choice = ChoiceRow(offered, columns=5, name=self.title, parent=self)
        self.pages = Pages(self)
        for part in self.parts.values():
            self.pages.add(part)
            part.primary_changed.connect(self._follow)
        self.section = FIRST
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(Text(self.title, "title", parent=self))
        column.addWidget(self.choice)
        column.addWidget(self.pages, 1)
        self.choice.chosen.connect(self._chosen)
        self._bind_letters()
        desk.changed.connect(self._changed)
        desk.person_changed.connect(self._person_changed)

    def _bind_letters(self) -> None:
        people, printers, forms = self.parts["people"], self.parts["printers"], self.parts["forms"]
        rules, identity, scanner = self.parts["rules"], self.parts["identity"], self.parts["scanner"]
        layouts = self.parts["layouts"]
        assert isinstance(people, PeoplePart)
        assert isinstance(printers, PrintersPart)
        assert isinstance(forms, FormsPart)
        assert isinstance(rules, RulesPart)
        assert isinstance(identity, IdentityPart)
        assert isinstance(scanner, ScannerPart)
        assert isinstance(layouts, LayoutsPart)
        keys = {
            "N": {
                "people": people.begin_new,
                "printers": printers.begin_new,
                "forms": forms.begin_new,
                "rules": rules.begin_new,
                "identity": identity.begin_new,
                "layouts": layouts.begin_new,
            },
            "C": {
                "people": people.begin_change,
                "printers": printers.begin_change,
                "forms": forms.begin_change,
                "rules": rules.begin_change,
                "identity": identity.begin_check,
                "layouts": layouts.begin_change,
                "scanner": scanner.begin_camera,
            },
            "W": {"people": people.begin_password, "identity": identity.begin_own},
            "O": {"people": people.begin_own},
            "U": {"printers": printers.use_here, "identity": identity.begin_unlock},
            "X": {
                "printers": printers.retire,
                "identity": identity.begin_withdrawal,
                "layouts": layouts.retire,
            },
            "I": {"layouts": layouts.begin_import},
            "E": {"layouts": layouts.begin_export},
            "L": {
                "identity": identity.lock_here,
                "forms": forms.begin_letterhead,
                "layouts": layouts.begin_blank,
            },
            "R": {"identity": identity.begin_recovery, "layouts": layouts.decisions.begin_rules},
            "S": {"scanner": scanner.begin_serial},
            "P": {"scanner": scanner.write_page},
            "K": {"identity": identity.begin_rotation},
            "B": {"identity": identity.begin_copy},
            "D": {"identity": identity.begin_clearing},
            "A": {"printers": printers.ask_printer},
            "T": {"printers": printers.begin_test},
        }

        def presser(letter: str) -> Any:
            def press() -> None:
                action = keys[letter].get(self.section)
                if action is not None:
                    action()

            return press

        for letter in keys:
            self.bind(letter, presser(letter))

    @property
    def part(self) -> Part:
        """The part that is shown."""
        return self.parts[self.section]

    def arrive(self, **arguments: Any) -> None:
        """Show the part ``section``, else the one that was shown before."""
        wanted = str(arguments.get("section", self.section))
        self.show_part(wanted if wanted in self.parts else FIRST)

    def leave(self) -> None:
        """No form of a person or a printer stays open, and no password typed; a layout half typed does."""
        self.part.leave()

    def take_scan(self, scan: Scan) -> bool:
        """The scanner's part shows a scan; elsewhere it is nothing to the settings."""
        return self.part.take_scan(scan)

    def take_unreadable(self, raw: str) -> bool:
        """The scanner's part shows what is no code, too."""
        return self.part.take_unreadable(raw)

    def step_back(self) -> bool:
        """Out of the form that is open."""
        return self.part.step_back()

    def show_part(self, section: str) -> None:
        """Show a part."""
        self.section = section
        self.choice.set_value(section)
        self.pages.show_page(self.part)
        self.choice.setFocus()
        self.part.refresh()
        self.part.begin()
        self._follow()

    def _chosen(self, section: object) -> None:
        self.part.leave()
        self.show_part(str(section))

    def _follow(self) -> None:
        self.set_primary(self.part.primary())

    def _changed(self, _topics: frozenset[str]) -> None:
        if self.isVisible():
            self.part.refresh()

    def _person_changed(self) -> None:
        """Somebody else may do other things."""
        self.part.leave()
        if self.isVisible():
            self.part.refresh()
            self._follow()
