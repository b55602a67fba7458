"""Moving and putting in order in the window, at real databases of both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.domain.scans import read as read_scan
from biobank_desktop.gui.storage.emptying import EmptyCard
from biobank_desktop.gui.storage.kinds import KindsCard
from biobank_desktop.gui.storage.loading import LoadCard, read_file
from biobank_desktop.gui.storage.making import NewKind
from biobank_desktop.gui.storage.moving import MoveCard, SwapCard
from biobank_desktop.gui.storage.reserving import ReserveCard, initials
from biobank_desktop.gui.storage.ruling import RuleCard
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.gui.storage.spilling import MissingCard
from biobank_desktop.gui.widgets.boxmap import WellState
from biobank_desktop.gui.widgets.form_card import FormCard, ReasonForm
from biobank_desktop.persistence.queries import containers, reservations, samples, tree
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import moving, outages, placing, reserving, spills, use
from biobank_desktop.services.reserving import ReserveForm
from biobank_desktop.services.storage import ContainerForm, add_container
from biobank_desktop.services.unchecked_labels import set_unchecked_rule
from tests.support.databases import ANNA, BO, CAS
from tests.support.desks import close_desk, open_desk, use_screen
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of
from tests.support.leaving import kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.persistence.store import Store

F = TypeVar("F", bound=FormCard)


class Lab:
    """Five vials in the first of two boxes of a shelf, the storage screen before it; Bo is signed in."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self.store, self.desk = store, desk
        boxes = add_boxes(store)
        self.box, self.nitrogen = boxes.plasma, boxes.nitrogen
        self.shelf = self.around(self.box)
        self.other = add_container(store, ANNA, ContainerForm("Box 9 × 9", "BX777", None, self.shelf))
        self.kept = kept(store, BO, self.box, 5)
        self.vials = self.kept.vials
        self.screen = self.open(self.box)

    def around(self, code: str) -> str:
        with self.store.read() as connection:
            place = containers.place(connection, codes.number(code))
        assert place is not None
        return codes.from_number(place.container_id)

    def open(self, code: str) -> StorageScreen:
        self.desk.frame.show_screen("storage", container=codes.number(code))
        shown = self.desk.frame.shown_screen()
        assert isinstance(shown, StorageScreen)
        return shown

    def be(self, actor: Actor) -> None:
        assert self.desk.session is not None
        self.desk.session.actor = actor
        self.desk.person_changed.emit()

    def scan(self, code: str) -> None:
        scan = read_scan(code)
        assert scan is not None
        self.desk.frame.take_scan(scan)

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.desk.frame.focusWidget(), key)

    def letter(self, letter: str) -> None:
        """A letter that no field takes."""
        QTest.keyClick(self.screen, Qt.Key(ord(letter)))

    def select(self, *places: tuple[int, int]) -> None:
        self.screen.box.map.select(places)

    def card(self, kind: type[F]) -> F:
        form = self.screen.form()
        assert isinstance(form, kind)
        return form

    def where(self, code: str) -> str:
        """The box and the position of a thing, "" when it lies nowhere."""
        with self.store.read() as connection:
            place = containers.place(connection, codes.number(code))
            if place is None:
                return ""
            box = containers.container(connection, place.container_id)
        assert box is not None
        return f"{box.name} {place.row_no}-{place.column_no}"

    def undo(self) -> None:
        self.desk.frame.undo_wanted.emit()

    def said(self) -> str:
        return " ".join(self.desk.frame.notices.texts())

    def whole(self) -> bool:
        """The history explains everything."""
        return Verification(self.store).run() == []


@pytest.fixture
def lab(qtbot: QtBot, store: Store, tmp_path: Path, sounds: Sounds) -> Iterator[Lab]:
    desk = open_desk(store, tmp_path, sounds)
    qtbot.addWidget(desk.frame)
    use_screen(desk, "storage", StorageScreen)
    desk.frame.show()
    desk.person_changed.emit()
    language.choose("en")
    yield Lab(store, desk)
    close_desk(desk)


def test_what_is_seldom_done_is_a_key_away_and_its_letters_always_work(lab: Lab) -> None:
    heading = lab.screen.heading
    assert "reserve" in heading.offered()
    assert not heading.is_open()
    lab.letter(".")
    assert heading.is_open()
    lab.desk.frame.step_back()
    assert not heading.is_open()
    lab.letter("E")
    assert lab.card(EmptyCard).primary.isVisible()
    assert not lab.screen.next_step.isVisible()
    lab.desk.frame.step_back()
    assert lab.screen.next_step.isVisible()


# Moving -------------------------------------------------------------------------------------------------


def test_what_is_selected_moves_to_a_scanned_box_and_is_taken_back(lab: Lab) -> None:
    lab.select((0, 0), (0, 2))
    lab.letter("M")
    card = lab.card(MoveCard)
    lab.scan(lab.other)
    assert "A1, A2" in card.target.words()
    assert card.target.map.well((0, 0)).state is WellState.PROPOSED
    assert lab.where(lab.vials[0]) == "BX001 1-1"
    lab.press(Qt.Key.Key_Space)
    assert [lab.where(vial) for vial in lab.vials[:3]] == ["BX777 1-1", "BX001 1-2", "BX777 1-2"]
    assert lab.screen.form() is None
    assert "2 items moved: BX777." in lab.said()
    lab.undo()
    assert [lab.where(vial) for vial in lab.vials[:3]] == ["BX001 1-1", "BX001 1-2", "BX001 1-3"]
    assert lab.whole()


def test_the_well_that_is_chosen_on_the_map_is_the_first_one(lab: Lab) -> None:
    lab.select((0, 0), (0, 1))
    lab.letter("M")
    card = lab.card(MoveCard)
    lab.scan(lab.other)
    card.target.map.chosen.emit(2, 8)
    assert "C9, D1" in card.target.words()
    card.primary.click()
    assert [lab.where(vial) for vial in lab.vials[:2]] == ["BX777 3-9", "BX777 4-1"]


def test_without_a_selection_it_is_the_vial_at_the_cursor_and_on_a_free_well_the_box(lab: Lab) -> None:
    lab.screen.box.map.setFocus()
    lab.press(Qt.Key.Key_Home)
    lab.letter("M")
    assert lab.card(MoveCard).goods.items == (lab.vials[0],)
    lab.desk.frame.step_back()
    lab.screen.box.map.setFocus()
    lab.press(Qt.Key.Key_Down)
    lab.screen.box.map.select(())
    lab.letter("M")
    card = lab.card(MoveCard)
    assert card.goods.items == (lab.box,)
    card.to.set_text("LN2-01 T1")
    card.primary.click()
    assert "LN2-01 / LN2-01 T1 / 2" in card.target.words()
    card.primary.click()
    assert lab.where(lab.box) == "LN2-01 T1 1-2"
    lab.undo()
    assert lab.where(lab.box) == "F80-01 S1 1-1"
    assert lab.whole()


def test_a_strategy_finds_room_by_one_letter(lab: Lab) -> None:
    lab.select((0, 0))
    lab.letter("M")
    lab.letter("F")
    card = lab.card(MoveCard)
    assert "BX777 / A1" in card.target.words()
    card.strategy.row.take_letter("B")
    assert card.way is None


def test_nothing_is_written_before_it_was_shown_where_and_what_is_wrong_stands_beside_its_field(
    lab: Lab,
) -> None:
    lab.select((0, 0))
    lab.letter("M")
    card = lab.card(MoveCard)
    card.primary.click()
    assert card.to.problem_text()
    card.to.set_text("BX 999")
    card.primary.click()
    assert "BX 999" in card.to.problem_text()
    card.to.set_text("BX777")
    card.first.set_text("Z99")
    card.primary.click()
    assert "Z99" in card.first.problem_text()
    card.first.set_text("B2")
    card.out_at.set_text("half past")
    card.primary.click()
    assert card.out_at.problem_text()
    assert card.first.text() == "B2"
    card.out_at.set_moment(datetime.now(UTC) - timedelta(minutes=9))
    card.primary.click()
    card.primary.click()
    assert lab.where(lab.vials[0]) == "BX777 2-2"


def test_even_warmer_is_offered_after_the_refusal_and_wants_a_reason(lab: Lab) -> None:
    room = add_container(lab.store, ANNA, ContainerForm("Freezer −80", "Fridge", "fridge"))
    shelf = add_container(lab.store, ANNA, ContainerForm("Freezer shelf", "Fridge S1", None, room))
    warm = add_container(lab.store, ANNA, ContainerForm("Box 9 × 9", "BX WARM", None, shelf))
    lab.select((0, 0))
    lab.letter("M")
    card = lab.card(MoveCard)
    assert card.warmer.isHidden()
    lab.scan(warm)
    card.primary.click()
    assert card.to.problem_text()
    assert not card.warmer.isHidden()
    card.warmer.set_values(["warmer"])
    card.primary.click()
    assert card.why.problem_text()
    card.why.set_text("The freezer has failed")
    card.primary.click()
    assert lab.where(lab.vials[0]) == "BX WARM 1-1"


def test_a_well_that_went_to_another_bench_meanwhile_is_named_and_the_next_is_one_key_away(lab: Lab) -> None:
    lab.select((0, 0))
    lab.letter("M")
    card = lab.card(MoveCard)
    lab.scan(lab.other)
    moving.move(lab.store, CAS, MoveForm((Move(lab.vials[4], lab.other, "A1"),)))
    card.primary.click()
    assert "A1" in card.first.problem_text()
    assert "Cas" in card.first.problem_text()
    assert "A2" in card.target.words()
    card.primary.click()
    assert lab.where(lab.vials[0]) == "BX777 1-2"


def test_an_undo_that_comes_too_late_says_what_has_happened_since(lab: Lab) -> None:
    lab.select((0, 0))
    lab.letter("M")
    lab.scan(lab.other)
    lab.card(MoveCard).primary.click()
    moving.move(lab.store, CAS, MoveForm((Move(lab.vials[0], lab.other, "J9"),)))
    lab.undo()
    assert lab.desk.frame.notices.stopped
    assert "Moved" in lab.said()
    assert "Cas" in lab.said()
    assert lab.where(lab.vials[0]) == "BX777 9-9"


def test_another_person_takes_nothing_back(lab: Lab) -> None:
    lab.select((0, 0))
    lab.letter("M")
    lab.scan(lab.other)
    lab.card(MoveCard).primary.click()
    lab.be(CAS)
    lab.undo()
    assert lab.where(lab.vials[0]) == "BX777 1-1"


# Swapping -----------------------------------------------------------------------------------------------


def test_two_that_are_selected_change_places_and_back(lab: Lab) -> None:
    lab.select((0, 0), (0, 4))
    lab.letter("W")
    assert lab.screen.form() is None
    assert [lab.where(lab.vials[0]), lab.where(lab.vials[4])] == ["BX001 1-5", "BX001 1-1"]
    lab.undo()
    assert [lab.where(lab.vials[0]), lab.where(lab.vials[4])] == ["BX001 1-1", "BX001 1-5"]
    assert lab.whole()


def test_one_changes_places_with_the_one_that_is_scanned(lab: Lab) -> None:
    lab.select((0, 0))
    lab.letter("W")
    card = lab.card(SwapCard)
    card.other.set_text("PM26 nothing")
    card.primary.click()
    assert card.other.problem_text()
    lab.scan(lab.vials[2])
    assert [lab.where(lab.vials[0]), lab.where(lab.vials[2])] == ["BX001 1-3", "BX001 1-1"]


def test_three_are_too_many_to_swap(lab: Lab) -> None:
    lab.select((0, 0), (0, 1), (0, 2))
    lab.letter("W")
    assert "two vials" in lab.said()
    assert lab.screen.form() is None


# Lists --------------------------------------------------------------------------------------------------


def paste(card: LoadCard, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    card.field.insertFromMimeData(data)


def test_a_pasted_list_says_what_it_would_do_and_enter_loads_it(lab: Lab) -> None:
    placing.take_out(lab.store, BO, lab.vials[4], "thawed")
    lab.letter("L")
    card = lab.card(LoadCard)
    paste(card, f"code;place\n{lab.vials[0]};B1\n{lab.vials[1]};BX777 / C4\n{lab.vials[4]};BX777 / C5\n")
    assert "1 is stored anew, 2 are moved, into BX001 (1), BX777 (2)." in card.summary_text()
    assert lab.where(lab.vials[0]) == "BX001 1-1"
    lab.press(Qt.Key.Key_Space)
    assert [lab.where(lab.vials[one]) for one in (0, 1, 4)] == ["BX001 2-1", "BX777 3-4", "BX777 3-5"]
    lab.undo()
    assert [lab.where(lab.vials[one]) for one in (0, 1, 4)] == ["BX001 1-1", "BX001 1-2", ""]
    assert lab.whole()


def test_every_bad_line_is_named_and_nothing_typed_is_lost(lab: Lab) -> None:
    lab.letter("L")
    card = lab.card(LoadCard)
    text = (
        f"{lab.vials[0]};B1\nPM26NOTHING;B2\n{lab.vials[1]};Z9\n{lab.vials[2]};BX 999 / A1\n"
        f"{lab.vials[3]};A5\n{lab.vials[0]};B3\n"
    )
    paste(card, text)
    shown = {row.line: (row.what, row.problem.code) for row in card.table.all_rows()}
    assert shown[2] == ("PM26NOTHING;B2", "thing-unknown")
    assert [code for _what, code in shown.values()] == [
        *("thing-unknown", "position-unknown", "container-unknown", "position-taken-by", "listed-twice")
    ]
    assert list(shown) == [2, 3, 4, 5, 6]
    assert "5 lines cannot be loaded." in card.summary_text()
    card.primary.click()
    assert card.text() == text
    assert lab.where(lab.vials[0]) == "BX001 1-1"


def test_a_list_says_line_by_line_whose_label_nobody_has_scanned(lab: Lab) -> None:
    donor = add_donor(lab.store, BO)
    consent_of_both(lab.store, BO, donor)
    received = receive(lab.store, BO, donor)
    fill_all(lab.store, BO, received)
    fresh, _other = vials_of(received, "PL1")
    set_unchecked_rule(lab.store, ANNA, "warn")
    lab.letter("L")
    card = lab.card(LoadCard)
    paste(card, f"{lab.vials[0]};B1\n{fresh};B2\n")
    (warned,) = card.table.all_rows()
    assert (warned.line, warned.problem.code) == (2, "label-unchecked")
    assert "1 is stored anew, 1 is moved" in card.summary_text()
    card.primary.click()
    assert lab.where(fresh) == "BX001 2-2"
    assert f"Nobody had scanned the label of {codes.group(fresh)} before." in lab.said()
    assert lab.whole()


def test_what_only_the_loading_finds_is_named_by_its_line_too(lab: Lab) -> None:
    lab.letter("L")
    card = lab.card(LoadCard)
    paste(card, f"{lab.vials[0]};B1\n{lab.vials[1]};B2\n")
    moving.move(lab.store, CAS, MoveForm((Move(lab.vials[4], lab.box, "B2"),)))
    card.primary.click()
    assert [row.line for row in card.table.all_rows()] == [2]
    assert lab.where(lab.vials[0]) == "BX001 1-1"


def test_a_file_that_is_dropped_is_read_and_checked(lab: Lab, tmp_path: Path) -> None:
    list_file = tmp_path / "list.txt"
    list_file.write_text(f"{lab.vials[0]}\tBX777\tA1\n", "utf-8")
    lab.letter("L")
    card = lab.card(LoadCard)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(list_file))])
    at, none = QPointF(9, 9), Qt.KeyboardModifier.NoModifier
    card.field.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))
    assert lab.vials[0] in card.text()
    assert "1 is moved, into BX777 (1)." in card.summary_text()


def test_a_file_is_read_and_one_that_is_no_text_is_refused(lab: Lab, tmp_path: Path) -> None:
    list_file, picture = tmp_path / "list.csv", tmp_path / "picture.png"
    list_file.write_text(f"\ufeff{lab.vials[0]};B1\n", "utf-8")
    picture.write_bytes(b"\x89PNG\xff\xfe")
    lab.letter("L")
    card = lab.card(LoadCard)
    card.file_chosen.emit(str(list_file))
    assert card.foreseen is not None
    for wrong in (picture, tmp_path / "nowhere.csv"):
        with pytest.raises(Rejected):
            read_file(str(wrong))
    card.file_chosen.emit(str(picture))
    assert lab.vials[0] in card.text()


# Emptying, out of service -------------------------------------------------------------------------------


def test_a_shelf_out_of_service_says_so_everywhere_inside_and_is_emptied_by_a_plan(lab: Lab) -> None:
    lab.be(CAS)
    freezer = add_container(lab.store, ANNA, ContainerForm("Freezer −80", "F80-02", "-80"))
    shelf = add_container(lab.store, ANNA, ContainerForm("Freezer shelf", "F80-02 S1", None, freezer))
    lab.open(lab.shelf)
    lab.letter("O")
    reason = lab.card(ReasonForm)
    reason.primary.click()
    assert reason.why.problem_text()
    reason.why.set_text("Door does not close")
    reason.primary.click()
    lab.open(lab.box)
    assert lab.screen.outage.isVisible()
    assert "F80-01 S1" in lab.screen.outage.title()
    lab.open(lab.shelf)
    lab.screen.outage.plan.click()
    card = lab.card(EmptyCard)
    card.primary.click()
    assert card.into.problem_text()
    lab.scan(shelf)
    card.primary.click()
    targets = [row.line.target for row in card.table.all_rows()]
    assert targets == [f"F80-02 / F80-02 S1 / {place}" for place in (1, 2, 3)]
    assert lab.where(lab.box) == "F80-01 S1 1-1"
    card.primary.click()
    assert lab.where(lab.box) == "F80-02 S1 1-1"
    lab.open(lab.shelf)
    lab.letter("O")
    assert not lab.screen.outage.isVisible()
    with lab.store.read() as connection:
        assert tree.outages(connection) == {}
    lab.undo()
    assert lab.where(lab.box) == "F80-01 S1 1-1"
    assert lab.whole()


def test_what_finds_no_room_stands_above_the_plan(lab: Lab) -> None:
    small = add_container(lab.store, ANNA, ContainerForm("Goblet", "G1", None, _cane(lab)))
    lab.letter("E")
    card = lab.card(EmptyCard)
    card.into.set_text(small)
    card.warmer.set_values(["warmer"])
    card.why.set_text("Nothing else is left")
    card.primary.click()
    assert len(card.table.all_rows()) == 5
    card.into.set_text("BX002")
    card.primary.click()
    assert len(card.table.all_rows()) == 5


def _cane(lab: Lab) -> str:
    canister = add_container(lab.store, ANNA, ContainerForm("Canister", "C1", None, _tank(lab)))
    return add_container(lab.store, ANNA, ContainerForm("Cane", "C1-1", None, canister))


def _tank(lab: Lab) -> str:
    with lab.store.read() as connection:
        tank = containers.by_name(connection, "LN2-01")
    assert tank is not None
    return tank.code


# Spilled ------------------------------------------------------------------------------------------------


def test_a_spilled_box_is_put_in_order_scan_by_scan(lab: Lab) -> None:
    lab.letter("S")
    reason = lab.card(ReasonForm)
    reason.why.set_text("Dropped")
    reason.primary.click()
    screen = lab.screen
    assert screen.box.map.well((0, 0)).state is WellState.UNCONFIRMED
    assert "A1" in screen.box.bar.title()
    assert "5 vials" in screen.box.bar.text()
    assert "place" not in screen.heading.offered()
    lab.scan(lab.vials[4])
    assert lab.where(lab.vials[4]) == "BX001 1-1"
    assert screen.box.map.well((0, 0)).state is WellState.TAKEN
    assert "A2" in screen.box.bar.title()
    screen.box.map.chosen.emit(4, 4)
    lab.scan(lab.vials[3])
    assert lab.where(lab.vials[3]) == "BX001 5-5"
    lab.undo()
    assert lab.where(lab.vials[3]) == "BX001 1-4"
    for vial in lab.vials[:4]:
        lab.scan(vial)
    assert "every vial" in screen.box.bar.title()
    lab.letter("S")
    assert screen.box.bar.isHidden()
    with lab.store.read() as connection:
        assert tree.spills(connection) == {}
    assert lab.whole()


def test_what_is_missing_in_a_spilled_box_is_named_and_reported_lost(lab: Lab) -> None:
    spills.spill(lab.store, BO, lab.box, "Dropped")
    lab.open(lab.box)
    for vial in lab.vials[:4]:
        lab.scan(vial)
    lab.screen.next_step.click()
    card = lab.card(MissingCard)
    card.primary.click()
    assert card.why.problem_text()
    card.lost.set_values([lab.vials[4]])
    card.why.set_text("Under the bench it is not either")
    card.primary.click()
    assert "BX001 is in order again." in lab.said()
    with lab.store.read() as connection:
        assert tree.spills(connection) == {}
        gone = samples.samples(connection, [codes.number(lab.vials[4])])
    assert len(gone) == 1
    assert lab.where(lab.vials[4]) == ""
    with pytest.raises(Rejected):
        use.report_lost(lab.store, BO, lab.vials[4], "once more")


# Reserved -----------------------------------------------------------------------------------------------


def test_free_wells_are_reserved_drawn_with_initials_and_given_back(lab: Lab) -> None:
    lab.select((1, 0), (1, 1))
    lab.letter("V")
    card = lab.card(ReserveCard)
    card.days.set_text("900")
    card.primary.click()
    assert card.what.problem_text()
    assert card.days.problem_text()
    card.what.set_text("Tomorrow's child")
    card.days.set_text("3")
    card.primary.click()
    well = lab.screen.box.map.well((1, 0))
    assert well.state is WellState.RESERVED
    assert well.mark == initials(BO.name)
    assert "Tomorrow's child" in well.text
    lab.select((1, 0), (1, 1))
    lab.letter("V")
    assert lab.screen.box.map.well((1, 0)).state is WellState.FREE
    with lab.store.read() as connection:
        assert reservations.of_container(connection, codes.number(lab.box)) == {}


def test_only_free_wells_are_reserved(lab: Lab) -> None:
    lab.select((0, 0))
    lab.letter("V")
    assert lab.screen.form() is None
    assert "free wells" in lab.said()


def test_a_chosen_well_that_was_reserved_meanwhile_stops_the_placing_and_the_next_free_one_is_n(
    lab: Lab,
) -> None:
    placing.take_out(lab.store, BO, lab.vials[4], "thawed")
    lab.open(lab.box)
    lab.screen.begin("place")
    lab.screen.box.map.chosen.emit(5, 5)
    reserving.reserve(lab.store, CAS, ReserveForm(lab.box, "a study", ("F6",)))
    lab.scan(lab.vials[4])
    assert lab.desk.frame.notices.stopped
    assert "Cas" in lab.said()
    QTest.keyClick(lab.desk.frame.focusWidget(), Qt.Key.Key_N)
    assert lab.where(lab.vials[4]) == "BX001 1-5"
    assert "Cas" not in lab.said()


# Rules and kinds ----------------------------------------------------------------------------------------


def test_a_rule_is_set_and_shown_as_inherited_inside(lab: Lab) -> None:
    lab.be(CAS)
    lab.open(lab.shelf)
    lab.letter("U")
    card = lab.card(RuleCard)
    card.whose.row.take_letter("O")
    card.materials.set_values(["DNA"])
    card.primary.click()
    assert "BX001" in card.materials.problem_text()
    card.materials.set_values(["DNA", "PL1"])
    card.primary.click()
    assert lab.screen.form() is None
    lab.open(lab.box)
    lab.letter("U")
    inherited = lab.card(RuleCard).inherited.facts()
    assert inherited["From F80-01 S1"] == "Plasma, DNA"
    assert inherited["May lie here now"] == "Plasma, DNA"


def test_a_kind_is_changed_with_a_reason_and_what_would_break_it_is_named(lab: Lab) -> None:
    lab.be(CAS)
    lab.open(lab.shelf)
    lab.letter("K")
    kinds = lab.card(KindsCard)
    nine = next(row for row in kinds.table.all_rows() if row.kind.name == "Box 9 × 9")
    assert nine.used == 3
    kinds.table.setCurrentIndex(kinds.table.rows.index(nine.no - 1, 0))
    kinds.primary.click()
    card = lab.card(NewKind)
    assert not card.name_field.isEnabled()
    card.materials.set_values(["DNA"])
    card.primary.click()
    assert card.why.problem_text()
    card.why.set_text("DNA only")
    card.primary.click()
    assert "BX001" in card.materials.problem_text()
    card.materials.set_values(["DNA", "PL1"])
    card.primary.click()
    with lab.store.read() as connection:
        changed = containers.kind(connection, "Box 9 × 9")
    assert changed is not None
    assert changed.materials == "DNA\nPL1"


def test_outages_spills_and_old_reservations_are_refused_where_they_must_be(lab: Lab) -> None:
    outages.begin(lab.store, BO, lab.other, "Lid broken")
    lab.select((0, 0))
    lab.letter("M")
    card = lab.card(MoveCard)
    lab.scan(lab.other)
    card.primary.click()
    assert "Lid broken" in card.to.problem_text()
    assert lab.where(lab.vials[0]) == "BX001 1-1"
