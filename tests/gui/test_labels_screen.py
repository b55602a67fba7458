from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageOps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.label_rules import LabelRule
from biobank_desktop.domain.scans import commands
from biobank_desktop.domain.scans import read as read_scan
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.labels.screen import LabelsScreen
from biobank_desktop.persistence.queries import samples, worklists
from biobank_desktop.services import label_rules, labels, templates
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.printers import PrinterForm, set_printer
from biobank_desktop.services.printing import give_up
from tests.support.databases import ANNA, BO
from tests.support.lab import add_boxes, add_donor, consent_of_both, receive
from tests.support.own_templates import own_template
from tests.support.printed import failed, taken

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store


SCREEN = ("labels", LabelsScreen)


@pytest.fixture
def vials(sqlite_store: Store) -> list[str]:
    """The vials of a tube that was just received: their labels wait."""
    donor = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, donor)
    return [vial.code for vial in receive(sqlite_store, BO, donor).vials]


def shown(desk: Desk, code: str | None = None) -> LabelsScreen:
    desk.frame.show_screen("labels", **({"object": codes.number(code)} if code else {}))
    screen = desk.frame.shown_screen()
    assert isinstance(screen, LabelsScreen)
    return screen


def listed(screen: LabelsScreen) -> set[str]:
    return {row.code for row in screen.listing.rows}


def states(store: Store, code: str | None = None) -> list[str]:
    """The states of all labels, or of one thing's, the oldest first."""
    with store.read() as connection:
        rows = worklists.labels(connection, object_id=codes.number(code) if code else None)
    return [row.state for row in reversed(rows)]


def read_back(path: Path) -> list[str]:
    """Every symbol on every page of a PDF."""
    document = pypdfium2.PdfDocument(path)
    try:
        images = [document[index].render(scale=300 / 72).to_pil() for index in range(len(document))]
    finally:
        document.close()
    return [symbol.text for image in images for symbol in zxingcpp.read_barcodes(image)]


def test_enter_prints_all_that_wait_and_every_label_reads_back(
    desk: Desk, sqlite_store: Store, tmp_path: Path, vials: list[str]
) -> None:
    screen = shown(desk)
    assert screen.print.text() == f"Print {len(vials)} labels"
    QTest.keyClick(screen.listing.table, Qt.Key.Key_Return)
    assert states(sqlite_store) == ["confirmed"] * len(vials)
    (path,) = (tmp_path / "data" / "labels").glob("*.pdf")
    assert sorted(read_back(path)) == sorted(vials)
    assert len(screen.listing.rows) == 0
    assert not screen.print.isEnabled()


def test_what_consent_refuses_is_said_and_not_printed(
    desk: Desk, sqlite_store: Store, tmp_path: Path, vials: list[str]
) -> None:
    with sqlite_store.read() as connection:
        row = samples.sample(connection, codes.number(vials[0]))
    assert row is not None
    donor = codes.from_number(row.donor_id)
    refusal = ConsentForm(donor, "refused", "mother", date(2026, 11, 4), date(2026, 11, 5))
    record_consent(sqlite_store, ANNA, refusal)
    screen = shown(desk)
    QTest.keyClick(screen.listing.table, Qt.Key.Key_Return)
    assert states(sqlite_store) == ["queued"] * len(vials)
    assert not list((tmp_path / "data" / "labels").glob("*.pdf"))
    assert any("label-refused" in text for text in desk.frame.notices.texts())


def test_the_labs_rules_choose_its_own_layout_and_the_label_keeps_its_version(
    desk: Desk, sqlite_store: Store, vials: list[str]
) -> None:
    templates.save_template(sqlite_store, ANNA, own_template("our-vial"))
    label_rules.set_label_rules(sqlite_store, ANNA, (LabelRule("our-vial"),))
    screen = shown(desk, vials[0])
    screen.press_primary()
    with sqlite_store.read() as connection:
        kept = connection.exec_driver_sql(
            "SELECT template, template_version FROM label WHERE sender IS NOT NULL"
        )
        assert {tuple(row) for row in kept} == {("our-vial", 1)}


def test_a_printer_loaded_with_other_stock_is_sent_nothing_and_says_so(
    desk: Desk, sqlite_store: Store, vials: list[str]
) -> None:
    zebra = PrinterForm("Zebra", "system", 300, "tube-38x19", {"queue": "zebra"})
    set_printer(sqlite_store, ANNA, zebra)
    label_rules.set_label_rules(sqlite_store, ANNA, (LabelRule("vial-33x13"),))
    assert desk.session is not None
    desk.session.settings = replace(desk.session.settings, printer="Zebra")
    screen = shown(desk, vials[0])
    assert screen.panel.problems.isVisible()
    QTest.keyClick(screen.listing.table, Qt.Key.Key_Return)
    assert states(sqlite_store) == ["queued"] * len(vials)
    assert any("label-stock-not-loaded" in text for text in desk.frame.notices.texts())


def test_what_was_selected_is_printed_and_the_rest_waits(
    desk: Desk, sqlite_store: Store, vials: list[str]
) -> None:
    screen = shown(desk)
    screen.listing.table.selectRow(1)
    chosen = screen.listing.rows[1].code
    assert screen.print.text() == "Print 1 label"
    screen.press_primary()
    assert states(sqlite_store, chosen) == ["confirmed"]
    assert states(sqlite_store).count("queued") == len(vials) - 1


def test_what_was_selected_stays_so_when_the_list_is_read_again(desk: Desk, vials: list[str]) -> None:
    screen = shown(desk)
    screen.listing.table.selectRow(1)
    chosen = screen.listing.selected()
    desk.changed.emit(frozenset({topics.LABELS}))
    assert screen.listing.selected() == chosen
    assert screen.print.text() == "Print 1 label"


def test_the_preview_is_the_label_itself(desk: Desk, tmp_path: Path, vials: list[str]) -> None:
    screen = shown(desk)
    row = screen.listing.current()
    assert row is not None
    assert desk.frame.context.shown() is screen.panel
    assert screen.panel.preview.image().save(str(tmp_path / "label.png"))
    picture = Image.open(tmp_path / "label.png").convert("L")
    (symbol,) = zxingcpp.read_barcodes(ImageOps.expand(picture, 40, 255))
    assert symbol.text == row.code in vials


def test_another_label_is_asked_for_by_a_letter_and_its_reason(
    desk: Desk, sqlite_store: Store, vials: list[str]
) -> None:
    screen = shown(desk)
    screen.press_primary()
    QTest.keyClick(screen, Qt.Key.Key_H)
    row = screen.listing.current()
    assert row is not None
    QTest.keyClick(screen, Qt.Key.Key_R)
    screen.press_primary()
    assert screen.panel.reprint.reason.problem_text() == "problem.answer-missing"
    QTest.keyClick(screen.panel.reprint.reason.row, Qt.Key.Key_D)
    screen.press_primary()
    assert states(sqlite_store, row.code) == ["confirmed", "queued"]
    assert [each.code for each in screen.listing.rows] == [row.code]
    assert screen.listing.rows[0].reason == "damaged"


def test_what_a_printer_could_not_take_says_why_and_is_printed_again(
    desk: Desk, sqlite_store: Store, vials: list[str]
) -> None:
    with sqlite_store.read() as connection:
        waiting = labels.queued(connection)
    failed(sqlite_store, BO, waiting)
    screen = shown(desk)
    QTest.keyClick(screen, Qt.Key.Key_F)
    assert len(screen.listing.rows) == len(vials)
    assert screen.panel.failure() == "problem.printer-paper-out"
    screen.press_primary()
    assert states(sqlite_store, vials[0]) == ["failed", "confirmed"]


def test_what_is_in_doubt_is_decided_by_a_letter(desk: Desk, sqlite_store: Store, vials: list[str]) -> None:
    with sqlite_store.read() as connection:
        waiting = labels.queued(connection)
    batch = taken(sqlite_store, BO, waiting[:2])
    give_up(sqlite_store, BO, [one.key for one in batch.drawn])
    screen = shown(desk)
    QTest.keyClick(screen, Qt.Key.Key_D)
    first, second = [row.code for row in screen.listing.rows]
    assert screen.panel.code.code == first
    QTest.keyClick(screen, Qt.Key.Key_Y)
    assert states(sqlite_store, first) == ["confirmed"]
    assert screen.panel.code.code == second
    QTest.keyClick(screen, Qt.Key.Key_N)
    assert states(sqlite_store, second) == ["failed"]
    QTest.keyClick(screen, Qt.Key.Key_F)
    assert screen.panel.failure() == "problem.label-not-out"
    screen.press_primary()
    assert states(sqlite_store, second) == ["failed", "confirmed"]


def test_where_nothing_is_in_doubt_the_letters_do_nothing(
    desk: Desk, sqlite_store: Store, vials: list[str]
) -> None:
    screen = shown(desk)
    QTest.keyClick(screen, Qt.Key.Key_Y)
    QTest.keyClick(screen, Qt.Key.Key_N)
    assert set(states(sqlite_store)) == {"queued"}


def scan(desk: Desk, code: str) -> None:
    scanned = read_scan(code)
    assert scanned is not None
    desk.frame.take_scan(scanned)


def test_labels_are_checked_one_by_one(desk: Desk, sqlite_store: Store, vials: list[str]) -> None:
    screen = shown(desk)
    QTest.keyClick(screen, Qt.Key.Key_C)
    assert desk.frame.context.shown() is screen.panel, "nothing was printed yet"
    screen.press_primary()
    QTest.keyClick(screen, Qt.Key.Key_H)
    QTest.keyClick(screen, Qt.Key.Key_C)
    assert desk.frame.context.shown() is screen.checking
    for count, code in enumerate(vials[:-1], start=1):
        scan(desk, code)
        assert screen.checking.count.text() == f"{count} of {len(vials)} right"
    assert list(screen.checking.left()) == vials[-1:]
    scan(desk, vials[0])
    assert desk.frame.notices.stopped
    desk.frame.notices.clear_stop()
    scan(desk, add_boxes(sqlite_store, ANNA).plasma)
    assert desk.frame.notices.stopped
    desk.frame.notices.clear_stop()
    assert states(sqlite_store, vials[-1]) == ["confirmed"]
    scan(desk, vials[-1])
    assert screen.checking.is_done
    assert states(sqlite_store) == ["verified"] * len(vials)
    screen.checking.end.click()
    assert desk.frame.context.shown() is not screen.checking


def test_esc_ends_checking_and_enter_prints_nothing_meanwhile(
    desk: Desk, sqlite_store: Store, vials: list[str]
) -> None:
    screen = shown(desk)
    screen.listing.table.selectRow(0)
    screen.press_primary()
    QTest.keyClick(screen, Qt.Key.Key_H)
    QTest.keyClick(screen, Qt.Key.Key_C)
    QTest.keyClick(screen, Qt.Key.Key_W)
    screen.press_primary()
    assert states(sqlite_store).count("queued") == len(vials) - 1
    assert screen.step_back()
    assert desk.frame.context.shown() is not screen.checking


def test_a_scanned_box_gets_its_first_label(desk: Desk, sqlite_store: Store) -> None:
    box = add_boxes(sqlite_store, ANNA).plasma
    before = states(sqlite_store, box)
    screen = shown(desk)
    scan = read_scan(box)
    assert scan is not None
    desk.frame.take_scan(scan)
    assert screen.panel.code.code == box
    QTest.keyClick(screen, Qt.Key.Key_R)
    QTest.keyClick(screen.panel.reprint.reason.row, Qt.Key.Key_A)
    screen.press_primary()
    assert states(sqlite_store, box) == [*before, "queued"]
    assert screen.listing.rows[0].code == box


def test_the_bench_card_holds_every_command(desk: Desk, tmp_path: Path) -> None:
    screen = shown(desk)
    QTest.keyClick(screen, Qt.Key.Key_B)
    (path,) = (tmp_path / "data" / "labels").glob("*.pdf")
    assert sorted(read_back(path)) == sorted(commands())


def test_another_printer_is_one_key_away(desk: Desk) -> None:
    screen = shown(desk)
    QTest.keyClick(screen, Qt.Key.Key_P)
    assert desk.frame.screen_name() == "settings"
    desk.frame.step_back()
    assert desk.frame.screen_name() == "labels"


def test_labels_asked_for_elsewhere_are_seen(desk: Desk, sqlite_store: Store) -> None:
    screen = shown(desk)
    assert listed(screen) == set()
    assert not screen.listing.table.isVisible()
    donor = add_donor(sqlite_store, ANNA)
    consent_of_both(sqlite_store, ANNA, donor)
    received = receive(sqlite_store, BO, donor)
    desk.changed.emit(frozenset({"labels"}))
    assert listed(screen) == {vial.code for vial in received.vials}
