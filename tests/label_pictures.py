"""The pictures of docs/printing.md: the queue of labels in every state, and the check by scan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain.label_rules import LabelRule
from biobank_desktop.domain.people import Actor
from biobank_desktop.domain.preprinted import RollForm
from biobank_desktop.domain.scans import read
from biobank_desktop.gui import theme
from biobank_desktop.gui.labels.screen import LabelsScreen
from biobank_desktop.gui.settings.layouts import LayoutsPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.labels.printers import Told
from biobank_desktop.persistence.queries import preprinted
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import label_rules, labels, printers, printing
from biobank_desktop.services.demo import ADMINISTRATOR, PASSWORD, fill_demo
from biobank_desktop.services.preprinted import add_roll
from biobank_desktop.services.printers import PrinterForm
from biobank_desktop.session import found_session
from biobank_desktop.settings import read_settings
from tests.consent_pictures import MANAGER, SCHEMES
from tests.support.lab import add_boxes
from tests.support.leaving import kept
from tests.support.printed import NO_PAPER, taken
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.settings import Settings

SIZES = {"": (1366, 768), "wide-": (1920, 1080)}
PRINTER = "Zebra ZD421 room 3"
FIRST_TUBE = 1_074_220_480
"""The code under the first tube of a rack."""


def take_all(app: QApplication, home: Path, out: Path, looked_at: Path) -> None:
    """In a lab of their own; wide windows are only looked at."""
    own = replace(read_settings(), bench="bench 1", data_folder=home, state_folder=home / "state")
    own = replace(own, database=str(home / "labels.sqlite"), backup_folder=home / "backups")
    session, founded = found_session(own, ADMINISTRATOR, PASSWORD)
    complete(fill_demo(session.store, founded.actor, datetime.now(UTC)))
    set_stage(session.store, founded.actor)
    session.told()
    session.close()
    for scheme, spoken, size in (
        *(("light", "en", ""), ("dark", "en", ""), ("light", "nl", "")),
        *(("light", "en", "wide-"), ("dark", "nl", "wide-")),
    ):
        LabelAlbum(app, own, scheme, spoken, size, looked_at if size else out).take()


def set_stage(store: Store, admin: Actor) -> None:
    """Labels in every state: a printer that ran out half way, one that was unplugged, one that refused."""
    sanne = Actor("sanne", "Sanne", "technician", "bench 1")
    address = {"host": "10.4.2.17", "offset_x_mm": "0.3"}
    printers.set_printer(store, admin, PrinterForm(PRINTER, "zpl", 300, "vial-33x13", address))
    tubes = tuple(str(FIRST_TUBE + number) for number in range(96))
    add_roll(store, sanne, RollForm("Rack 2231", "Micronic", "bench 2", tubes))
    rules = (
        LabelRule("vial-33x13-cap", "PL1", bench="freezer bench"),
        LabelRule("tube-38x19", kind="tube", printer=PRINTER),
        LabelRule("sheet-l4778-box", kind="Box 9 × 9"),
    )
    label_rules.set_label_rules(store, admin, rules)
    box = add_boxes(store, admin).plasma
    for vial in kept(store, sanne, box, 34).vials:
        labels.reprint(store, sanne, vial, "relabel")
    with store.read() as connection:
        waiting = [one for one in labels.queued(connection) if one.no > 1]
    held, lost, refused, out = waiting[:8], waiting[8:11], waiting[11:13], waiting[13:25]
    for some, told in (
        (out, Told(PRINTER, len(out))),
        (held, Told(PRINTER, 2, "held", "paper-out")),
        (lost, Told(PRINTER, 0, "unknown", "broke-off")),
    ):
        batch = taken(store, sanne, some, PRINTER)
        printing.report(store, sanne, printing.came_of(told, batch))
    batch = taken(store, sanne, refused, PRINTER)
    printing.report(store, sanne, printing.came_of_error(NO_PAPER, [one.key for one in batch.drawn], PRINTER))


class LabelAlbum:
    """One scheme, one language and one size of window."""

    def __init__(
        self, app: QApplication, own: Settings, scheme: str, spoken: str, size: str, out: Path
    ) -> None:
        language.choose(spoken)
        theme.apply(app, SCHEMES[scheme])
        self._name, self._out = f"{size}{scheme}-{spoken}", out
        self._program = Program(replace(own, language=spoken, bench="bench 2"), sounds=Sounds(enabled=False))
        self._hands = Hands(self._program, out)
        self._program.frame.resize(*SIZES[size])
        self._program.start()
        self._hands.until(lambda: self._program.desk.session is not None)
        self._program.sign_in(MANAGER, PASSWORD)
        self._hands.until(lambda: self._program.desk.actor is not None)

    def take(self) -> None:
        """Every list of the queue, and half a check."""
        self._program.frame.show_screen("labels")
        self._hands.settle()
        screen = self._program.frame.shown_screen()
        assert isinstance(screen, LabelsScreen)
        for letter, name in (
            (Qt.Key.Key_W, "waiting"),
            (Qt.Key.Key_I, "held"),
            (Qt.Key.Key_D, "doubt"),
            (Qt.Key.Key_F, "failed"),
            (Qt.Key.Key_H, "handed-over"),
        ):
            QTest.keyClick(screen, letter)
            self._save(name)
        QTest.keyClick(screen, Qt.Key.Key_C)
        for row in screen.listing.rows[:5]:
            scan = read(row.code)
            assert scan is not None
            screen.take_scan(scan)
            self._hands.settle()
        self._save("checking")
        self._put_codes_on(screen)
        for section, name in (("printers", "printers"), ("scanner", "scanner"), ("layouts", "layouts")):
            self._program.frame.show_screen("settings", section=section)
            self._save(name)
        self._take_layouts()
        self._program.close()
        self._program.frame.close()

    def _take_layouts(self) -> None:
        """The forms of the settings' part of labels: a layout with a dot for the cap, a sheet, the rules."""
        self._program.frame.show_screen("settings", section="layouts")
        self._hands.settle()
        settings = self._program.frame.shown_screen()
        assert isinstance(settings, SettingsScreen)
        layouts = settings.parts["layouts"]
        assert isinstance(layouts, LayoutsPart)
        self._open_layout(layouts, "vial-33x13-cap")
        self._save("layout-editor")
        layouts.close_forms()
        self._open_layout(layouts, "sheet-l7651-vial")
        bring_into_view(layouts.card.sheet)
        self._save("layout-sheet")
        layouts.close_forms()
        layouts.decisions.begin_rules()
        self._save("label-rules")
        layouts.close_forms()

    def _open_layout(self, layouts: LayoutsPart, name: str) -> None:
        layouts.table.selectRow([row.template.name for row in layouts.rows].index(name))
        layouts.begin_change()
        self._hands.wait(3_000)  # sixty bad prints

    def _put_codes_on(self, screen: LabelsScreen) -> None:
        """Two tubes of a rack become vials; the code of the second is scanned for a third one, too."""
        screen.step_back()
        QTest.keyClick(screen, Qt.Key.Key_W)
        self._hands.settle()
        QTest.keyClick(screen, Qt.Key.Key_L)
        self._save("rolls")
        screen.step_back()
        QTest.keyClick(screen, Qt.Key.Key_M)
        self._hands.settle()
        session = self._program.desk.session
        assert session is not None
        with session.store.read() as connection:
            (rack,) = preprinted.rolls(connection)
        for number in (rack.used, rack.used + 1, rack.used + 1):
            self._program.frame.bus.take(str(FIRST_TUBE + number))
            self._hands.settle()
            self._hands.wait(200)
        self._save("makers-codes")
        screen.step_back()

    def _save(self, name: str) -> None:
        self._hands.settle()
        self._hands.wait(300)
        self._out.mkdir(parents=True, exist_ok=True)
        path = self._out / f"{name}-{self._name}.png"
        self._program.frame.grab().save(str(path))
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
