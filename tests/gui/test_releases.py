"""Releases at the window: opened, scanned together, issued or called off; nothing leaves unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.scans import read as read_scan
from biobank_desktop.gui.releases.gestures import IssueCard
from biobank_desktop.gui.releases.screen import ReleasesScreen
from biobank_desktop.gui.widgets.form_card import ReasonForm
from biobank_desktop.papers.signing import verify
from biobank_desktop.persistence.queries import containers, history
from biobank_desktop.persistence.queries import releases as query
from biobank_desktop.persistence.seals import seal
from biobank_desktop.services import lab, placing, quarantine, releases
from biobank_desktop.services.restore_gap import RESTORE_GAP
from tests.support.databases import ANNA, BO, CAS, DEE
from tests.support.desks import close_desk, open_desk, use_screen
from tests.support.lab import add_boxes, add_donor, consent_of_both
from tests.support.leaving import STUDY, found_wrong, kept, withdraw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.releases.opening import ReleaseFormCard
    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.gui.widgets.fields import FieldBox
    from biobank_desktop.gui.widgets.row_table import RowTable
    from biobank_desktop.persistence.queries.releases import ReleaseRow
    from biobank_desktop.persistence.store import Store
    from tests.support.leaving import Kept


class Counter:
    """The lab's table from which releases go, in a shown window."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self.store, self.desk = store, desk
        self.box = add_boxes(store).plasma
        self.here: Kept = kept(store, BO, self.box)
        self.left: list[object] = []
        desk.frame.scan_left.connect(self.left.append)
        desk.person_changed.emit()

    def screen(self) -> ReleasesScreen:
        shown = self.desk.frame.shown_screen()
        assert isinstance(shown, ReleasesScreen)
        return shown

    def show(self, no: int | None = None) -> ReleasesScreen:
        self.desk.frame.show_screen("releases", **({"release": no} if no else {}))
        return self.screen()

    def be(self, actor: Actor) -> None:
        assert self.desk.session is not None
        self.desk.session.actor = actor
        self.desk.person_changed.emit()

    def key(self, keys: str) -> None:
        """Letters as they come from a hand, where the keyboard is."""
        QTest.keyClicks(self._attended(), keys)

    def enter(self) -> None:
        QTest.keyClick(self._attended(), Qt.Key.Key_Return)

    def _attended(self) -> QWidget:
        focused: QWidget | None = self.desk.frame.focusWidget()
        return self.screen() if focused is None else focused

    def scan(self, code: str) -> None:
        scan = read_scan(code)
        assert scan is not None
        self.desk.frame.take_scan(scan)

    def said(self) -> str:
        return " ".join(self.desk.frame.notices.texts())

    def release(self, no: int) -> ReleaseRow:
        with self.store.read() as connection:
            row = query.of_number(connection, no)
        assert row is not None
        return row

    def lines(self, no: int) -> dict[str, str]:
        with self.store.read() as connection:
            return {line.code: line.state for line in query.lines(connection, no)}

    def opened(self, *vials: str) -> int:
        """A release with these vials chosen."""
        no = releases.open_release(self.store, BO, STUDY)
        if vials:
            releases.choose(self.store, BO, no, vials)
        return no

    def not_asked(self) -> str:
        """A vial of a donor whom nobody has asked about sharing."""
        donor = add_donor(self.store, BO)
        consent_of_both(self.store, BO, donor)
        return kept(self.store, BO, self.box, 1, donor).vials[0]


@pytest.fixture
def counter(qtbot: QtBot, store: Store, tmp_path: Path, sounds: Sounds) -> Iterator[Counter]:
    desk = open_desk(store, tmp_path, sounds)
    qtbot.addWidget(desk.frame)
    use_screen(desk, "releases", ReleasesScreen)
    made = Counter(store, desk)
    desk.frame.show()
    yield made
    close_desk(desk)


def column(table: RowTable, number: int) -> list[str]:
    rows = table.rows
    return [str(rows.data(rows.index(row, number))) for row in range(rows.rowCount())]


def shown_codes(table: RowTable) -> list[str]:
    return [vial.line.code for vial in table.all_rows()]


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)")
def test_from_an_empty_list_to_vials_that_have_left_by_keys_and_scans(
    counter: Counter, heard: list[str]
) -> None:
    screen = counter.show()
    assert screen.listing.none.isVisible()
    counter.key("n")
    form = screen.new_form
    for field, text in (
        (form.study, "PEG-asparaginase activity"),
        (form.bdac, "BDAC-2026-014"),
        (form.recipient, "Dr. L. Berg"),
        (form.institution, "Karolinska"),
        (form.address[0], "Solnavagen 1"),
        (form.address[1], "171 76 Solna"),
        (form.country, "swed"),
    ):
        field.setFocus()
        QTest.keyClicks(field.editor, text)
    form.kind.row.setFocus()
    counter.key("u")
    form.uses.set_values(["study"])
    assert form.asked.text() == "Consent will be asked for: Use-a2g · Share-eu"
    form.transport.row.setFocus()
    counter.key("d")
    counter.enter()
    assert counter.release(1).address == "Solnavagen 1\n171 76 Solna"
    assert (screen.pages.shown(), screen.view.number.text()) == (screen.view, _number(1))
    for vial in counter.here.vials:
        counter.scan(vial)
        assert heard[-1] == "accepted"
    assert shown_codes(screen.view.table) == list(counter.here.vials)
    assert column(screen.view.table, 6) == ["May leave"] * 3
    counter.key("i")
    assert screen.form() is None  # a technician issues nothing
    counter.be(CAS)
    counter.show(1)
    counter.key("i")
    card = screen.form()
    assert isinstance(card, IssueCard)
    assert card.facts.facts() == {
        "Leaves": "3 vials of 1 donor",
        "Out of": "BX001",
        "Recipient": "Dr. L. Berg",
        "Transport": "Dry-ice",
    }
    counter.enter()
    assert counter.release(1).state == "issued"
    with counter.store.read() as connection:
        assert containers.places(connection, map(codes.number, counter.here.vials)) == {}
    assert heard[-1] == "done"
    assert screen.view.said.text().endswith("by Cas Visser")
    assert column(screen.view.table, 6) == ["Issued"] * 3
    assert screen.view.offered() == {"papers"}
    seal(counter.store)
    counter.key("p")
    session = counter.desk.session
    assert session is not None
    papers = session.settings.data_folder / "papers" / _number(1)
    assert {path.name for path in papers.iterdir()} == {
        f"{_number(1)}.pdf",
        *(f"{_number(1)}-{vial}.pdf" for vial in counter.here.vials),
    }
    assert verify((papers / f"{_number(1)}-{counter.here.vials[0]}.pdf").read_bytes()).whole_page
    counter.scan(counter.here.vials[0])
    assert len(counter.left) == 1  # nothing is chosen for what has left: its record opens


def _number(no: int) -> str:
    return f"R-{datetime.now(UTC).year}-{no:04}"


def test_a_refused_vial_is_a_stop_with_its_reasons_and_stays_listed(
    counter: Counter, heard: list[str]
) -> None:
    no, vial = counter.opened(), counter.not_asked()
    screen = counter.show(no)
    counter.scan(vial)
    assert counter.desk.frame.notices.stopped
    assert heard[-1] == "stop"
    assert counter.said() == f"{codes.group(vial)} may not leave"
    assert counter.desk.frame.notices.stopped
    counter.desk.frame.step_back()
    assert shown_codes(screen.view.not_going) == [vial]
    assert column(screen.view.not_going, 5) == ["problem.consent-item-not-asked"]
    assert counter.lines(no) == {vial: "refused"}
    counter.scan(counter.here.donor)
    assert counter.said() == "problem.sample-unknown"
    assert counter.lines(no) == {vial: "refused"}


def test_everything_wrong_with_a_release_stands_beside_its_field_and_stays_typed(counter: Counter) -> None:
    screen = counter.show()
    screen.begin_new()
    form = screen.new_form
    form.study.set_text("MRD")
    form.country.set_text("Atlantis")
    form.kind.set_value("company")
    assert form.asked.text().startswith("Say what it is for")
    assert screen.press_primary()
    said = {name: field.problem_text() for name, field in _text_fields(form).items() if field.problem_text()}
    assert said == {
        "bdac": "problem.answer-missing",
        "recipient": "problem.answer-missing",
        "institution": "problem.answer-missing",
        "country": "problem.country-unknown",
    }
    assert form.transport.problem_text() == "problem.answer-missing"
    assert form.uses._problem.text() == "problem.release-for-nothing"
    assert form.bdac.editor.hasFocus()
    with counter.store.read() as connection:
        assert query.releases(connection) == []
    counter.desk.frame.step_back()
    assert screen.pages.shown() is screen.listing
    counter.key("n")
    assert (form.study.text(), form.country.text(), form.kind.value()) == ("MRD", "Atlantis", "company")


def _text_fields(form: ReleaseFormCard) -> dict[str, FieldBox]:
    fields = (form.study, form.bdac, form.recipient, form.institution, form.country, form.note)
    return {field.name: field for field in fields}


def test_a_half_filled_form_waits_for_whoever_filled_it(counter: Counter) -> None:
    screen = counter.show()
    counter.key("n")
    screen.new_form.study.set_text("of Bo")
    counter.be(CAS)
    assert screen.pages.shown() is screen.listing
    counter.desk.frame.show_screen("releases", new=True)
    assert screen.new_form.study.text() == ""
    counter.be(BO)
    counter.desk.frame.show_screen("releases", new=True)
    assert screen.new_form.study.text() == "of Bo"


def test_typed_codes_are_chosen_and_wrong_ones_stay_beside_their_field(counter: Counter) -> None:
    no = counter.opened()
    screen = counter.show(no)
    counter.key("a")
    field = screen.view.codes
    assert field.editor.hasFocus()
    assert not screen.view.choose.isEnabled()
    QTest.keyClicks(field.editor, f"{codes.group(counter.here.vials[0])}, rubbish")
    counter.enter()
    assert field.problem_text() == "problem.sample-unknown"
    assert field.text().endswith("rubbish")
    assert counter.lines(no) == {}
    field.set_text(" ".join(map(codes.group, counter.here.vials[:2])))
    counter.enter()
    assert counter.lines(no) == dict.fromkeys(counter.here.vials[:2], "chosen")
    assert (field.text(), field.problem_text()) == ("", "")
    with counter.store.read() as connection:
        told = history.of_object(connection, codes.number(counter.here.vials[0]))[0]
    assert set(told.typed) == set(counter.here.vials[:2])
    counter.desk.frame.notices.clear_line()
    counter.desk.frame.step_back()
    assert screen.view.table.hasFocus()


def test_the_selected_are_taken_out_with_a_reason(counter: Counter) -> None:
    no = counter.opened(*counter.here.vials)
    screen = counter.show(no)
    screen.view.table.selectRow(1)
    QTest.keyClick(screen.view.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    counter.key("d")
    form = screen.form()
    assert isinstance(form, ReasonForm)
    counter.enter()
    assert form.why.problem_text() == "problem.reason-missing"
    QTest.keyClicks(form.why.editor, "thawed last week")
    counter.enter()
    assert counter.lines(no) == dict(zip(counter.here.vials, ("chosen", "removed", "removed"), strict=True))
    assert screen.form() is None
    assert column(screen.view.not_going, 5) == ["Taken out by hand"] * 2


def test_esc_leaves_a_form_without_a_trace(counter: Counter) -> None:
    no = counter.opened(*counter.here.vials)
    screen = counter.show(no)
    counter.key("c")
    assert screen.form() is not None
    counter.scan(counter.here.vials[0])  # while a form is open nothing is chosen
    assert len(counter.left) == 1
    assert screen.form() is not None
    counter.desk.frame.step_back()
    assert screen.form() is None
    assert counter.release(no).state == "open"


def test_a_release_is_called_off_with_a_reason(counter: Counter) -> None:
    no = counter.opened(*counter.here.vials)
    screen = counter.show(no)
    counter.key("c")
    form = screen.form()
    assert isinstance(form, ReasonForm)
    QTest.keyClicks(form.why.editor, "the study was stopped")
    counter.enter()
    assert counter.release(no).state == "cancelled"
    assert (screen.view.state.text(), screen.view.offered()) == ("Called off", frozenset())


def test_what_is_said_of_a_release_is_changed_with_a_reason(counter: Counter) -> None:
    no = releases.open_release(counter.store, BO, replace(STUDY, address="A\nB\nC\nD"))
    screen = counter.show(no)
    counter.key("e")
    form = screen.change_form
    form.bdac.set_text("BDAC-2026-099")
    screen.press_primary()
    assert form.why.problem_text() == "problem.reason-missing"
    form.why.set_text("the approval was renewed")
    screen.press_primary()
    assert (counter.release(no).bdac, counter.release(no).address) == ("BDAC-2026-099", "A\nB\nC\nD")
    assert screen.pages.shown() is screen.view
    assert screen.view.facts.facts()["BDAC number"] == "BDAC-2026-099"


def test_what_stands_against_it_is_said_before_and_nothing_can_be_pressed(counter: Counter) -> None:
    no = counter.opened(*counter.here.vials)
    facts = {"archive": "a.zip", "archive_sha256": "0" * 64, "size": 3, "erased": 0}
    lab.set_setting(counter.store, ANNA, RESTORE_GAP, {**facts, "made_at": datetime.now(UTC).isoformat()})
    counter.be(CAS)
    screen = counter.show(no)
    assert screen.view.against.isVisible()
    counter.key("i")
    card = screen.form()
    assert isinstance(card, IssueCard)
    assert not card.primary.isEnabled()
    counter.enter()
    assert counter.release(no).state == "open"


def test_a_withdrawal_meanwhile_takes_the_vials_out_before_the_eyes(counter: Counter) -> None:
    no = counter.opened(*counter.here.vials)
    counter.be(CAS)
    screen = counter.show(no)
    counter.key("i")
    card = screen.form()
    assert isinstance(card, IssueCard)
    assert card.primary.isEnabled()
    withdraw(counter.store, BO, counter.here.donor, "W2")
    counter.desk.changed.emit(frozenset({"donors"}))
    assert not card.primary.isEnabled()
    counter.desk.frame.step_back()
    assert set(column(screen.view.not_going, 5)) == {"problem.consent-withdrawn"}
    assert screen.view.pointed.text().endswith("problem.consent-withdrawn")
    assert "issue" not in screen.view.offered()


def test_what_is_typed_and_selected_stays_over_a_refresh(counter: Counter) -> None:
    no = counter.opened(*counter.here.vials)
    screen = counter.show(no)
    screen.view.table.selectRow(2)
    screen.view.codes.set_text("PM26")
    quarantine.report(counter.store, BO, found_wrong(counter.here.vials[0]))
    counter.desk.changed.emit(frozenset({"samples"}))
    assert shown_codes(screen.view.table) == list(counter.here.vials[1:])
    assert [vial.line.code for vial in screen.view.table.selected()] == [counter.here.vials[2]]
    assert screen.view.codes.text() == "PM26"


def test_walking_order_or_by_code(counter: Counter) -> None:
    placing.take_out(counter.store, BO, counter.here.vials[0], "to the end")
    placing.place(counter.store, BO, counter.box, counter.here.vials[0], "J9")
    screen = counter.show(counter.opened(*counter.here.vials))
    first, *others = counter.here.vials
    assert shown_codes(screen.view.table) == [*others, first]
    counter.key("w")
    assert shown_codes(screen.view.table) == [first, *others]
    counter.key("w")
    assert shown_codes(screen.view.table) == [*others, first]
    screen.view.table.selectRow(0)
    counter.key("o")
    assert counter.desk.frame.screen_name() == "record"


def test_the_list_has_the_open_ones_first_and_an_auditor_only_looks(counter: Counter) -> None:
    first, second = counter.opened(), counter.opened()
    releases.cancel(counter.store, BO, second, "twice")
    counter.be(DEE)
    screen = counter.show()
    assert [row.no for row in screen.listing.table.all_rows()] == [first, second]
    assert not screen.listing.new.isVisible()
    counter.key("n")
    assert screen.pages.shown() is screen.listing
    counter.enter()
    assert screen.view.number.text() == _number(first)
    assert screen.view.offered() == frozenset()
    assert not screen.view.codes.isVisible()
    counter.desk.frame.step_back()
    assert screen.pages.shown() is screen.listing


def test_a_release_that_is_none_is_a_stop(counter: Counter) -> None:
    counter.show(77)
    assert counter.said() == "problem.release-unknown"
