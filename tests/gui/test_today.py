from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.domain.commands import Command
from biobank_desktop.gui.desk import SAMPLES, STORAGE
from biobank_desktop.gui.frame import Visit
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.today import reading
from biobank_desktop.gui.today.screen import TodayScreen
from biobank_desktop.persistence.journal import Journal
from biobank_desktop.services import (
    disposals,
    outages,
    placing,
    quarantine,
    releases,
    reserving,
    spills,
    use,
)
from biobank_desktop.services.forms import check_line
from biobank_desktop.services.reserving import ReserveForm
from biobank_desktop.services.storage import ContainerForm, add_container
from tests.support.databases import ANNA, BENCH, BO, CAS
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of
from tests.support.leaving import STUDY, found_wrong, kept, signed, withdraw

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.today.worklist import WorkList
    from biobank_desktop.persistence.store import Store


SCREEN = ("today", TodayScreen)


def show(desk: Desk) -> TodayScreen:
    screen = desk.frame.show_screen("today")
    assert isinstance(screen, TodayScreen)
    return screen


def lists(store: Store, now: datetime) -> dict[str, WorkList]:
    steps = reading.read(store, now)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return {one.name: one for one in end.value}


def test_nothing_waiting_offers_the_first_step(desk: Desk) -> None:
    screen = show(desk)
    assert screen.cards() == {}
    screen.empty.button.click()
    assert desk.frame.screen_name() == "intake"


def test_the_lists_follow_the_work_and_enter_opens_where_it_is_done(desk: Desk, sqlite_store: Store) -> None:
    boxes = add_boxes(sqlite_store, ANNA)
    received = receive(sqlite_store, BO, add_donor(sqlite_store, ANNA))
    screen = show(desk)
    assert set(screen.cards()) == {"to-fill", "without-label", "incomplete"}
    fill_all(sqlite_store, BO, received)
    placing.place(sqlite_store, BO, boxes.overnight, vials_of(received, "CEL")[0])
    desk.changed.emit(frozenset({SAMPLES, STORAGE}))
    assert set(screen.cards()) == {"overnight", "without-label", "without-position", "incomplete"}
    (line,) = screen.cards()["without-position"].lines()
    assert line.line.code == received.tube
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert desk.frame.screen_name() == "intake"


def test_deadlines_and_clocks_turn_red_in_time(sqlite_store: Store) -> None:
    boxes = add_boxes(sqlite_store, ANNA)
    received = receive(sqlite_store, BO, add_donor(sqlite_store, ANNA))
    fill_all(sqlite_store, BO, received)
    placing.place(sqlite_store, BO, boxes.overnight, vials_of(received, "CEL")[0])
    now = datetime.now(UTC)
    meanings = {
        days: {
            name: one.lines[0].meaning
            for name, one in lists(sqlite_store, now + timedelta(days=days, seconds=1)).items()
            if name in {"overnight", "incomplete", "deadlines", "leaving"}
        }
        for days in (0, 1, 7, 20, 22, 30)
    }
    assert [meanings[days]["overnight"] for days in (0, 1, 7)] == [None, Meaning.PROVISIONAL, Meaning.REFUSED]
    assert meanings[20]["incomplete"] == Meaning.PROVISIONAL
    assert meanings[22]["deadlines"] == Meaning.REFUSED
    assert "incomplete" not in meanings[22], "no donor stands in two lists of waiting"
    assert "leaving" not in meanings[22]
    assert meanings[30]["leaving"] == Meaning.REFUSED


def test_lines_of_others_wait_to_be_compared(desk: Desk, sqlite_store: Store) -> None:
    donor = add_donor(sqlite_store, BO)
    consent_of_both(sqlite_store, BO, donor)
    check_line(sqlite_store, ANNA, donor, 1, agrees=False, note="the father signed")
    (line,) = lists(sqlite_store, datetime.now(UTC))["to-compare"].lines
    assert (line.code, line.text, line.arguments) == (
        donor,
        "2 lines · entered by bo",
        {"donor": codes.number(donor)},
    )
    assert line.meaning is Meaning.PROVISIONAL
    for no in (1, 2):
        check_line(sqlite_store, ANNA, donor, no, agrees=True)
    assert "to-compare" not in lists(sqlite_store, datetime.now(UTC))


def test_what_a_crash_left_open_is_told_per_tube_and_acknowledged(
    desk: Desk, sqlite_store: Store, tmp_path: Path
) -> None:
    before = Journal(tmp_path / "journal")
    for tube in ("HX26110042", "HX26110043"):
        before.begin(Command("tube-received", "bo", BENCH, {}, title=tube))
    before.close()
    sqlite_store.journal = Journal(tmp_path / "journal")
    screen = show(desk)
    lines = screen.cards()["crash"].lines()
    assert [line.line.code for line in lines] == ["HX26110042", "HX26110043"]
    assert {line.line.meaning for line in lines} == {Meaning.REFUSED}
    QTest.keyClick(screen, Qt.Key.Key_S)
    assert "crash" not in screen.cards()
    assert desk.session is not None
    assert desk.session.answers() == []
    sqlite_store.journal.close()
    sqlite_store.journal = None


def test_a_draft_is_continued_where_it_was_left(desk: Desk) -> None:
    assert desk.drafts is not None
    desk.drafts.save("bo", "intake", {"tube": "HX26110042", "answers": {}, "plan": []})
    screen = show(desk)
    (line,) = screen.cards()["drafts"].lines()
    assert line.line.code == "HX26110042"
    line.click()
    assert desk.frame.screen_name() == "intake"


def test_a_long_list_shows_its_beginning_and_the_rest_on_demand(desk: Desk, sqlite_store: Store) -> None:
    for number in range(8):
        donor = add_donor(sqlite_store, ANNA)
        receive(sqlite_store, BO, donor, tube_code=f"HX2611{number:04}")
    card = show(desk).cards()["to-fill"]
    assert len(card.lines()) == 6
    card.more.click()
    assert len(card.lines()) == 8
    assert card.more.isHidden()
    assert all(codes.parse(line.line.code) for line in card.lines())


def test_what_is_out_for_long_and_what_is_to_be_worked_off_waits(desk: Desk, sqlite_store: Store) -> None:
    here = kept(sqlite_store, ANNA, add_boxes(sqlite_store, ANNA).plasma)
    use.check_out(sqlite_store, BO, [here.vials[0]], "check the label")
    now = datetime.now(UTC)
    assert "out-long" not in lists(sqlite_store, now + timedelta(minutes=29))
    (line,) = lists(sqlite_store, now + timedelta(minutes=31))["out-long"].lines
    assert (line.code, line.screen, line.meaning) == (here.vials[0], "record", Meaning.REFUSED)
    withdraw(sqlite_store, ANNA, here.donor)
    disposals.take_away(sqlite_store, BO, 1, [here.vials[0]])
    shown = lists(sqlite_store, now + timedelta(minutes=31))
    assert "out-long" not in shown, "what is destroyed is not out"
    assert "without-position" not in shown
    assert "leaving" not in shown, "what stands on a list is worked off there"
    (button,) = show(desk).cards()["disposals"].lines()
    assert button.line.text == f"withdrawal · {codes.group(here.donor)} · 3 to do · 1 to witness"
    button.click()
    assert desk.frame._visits[-1] == Visit("disposals", {"no": 1})


def test_freezers_boxes_and_reservations_wait_and_open_where_they_stand(
    desk: Desk, sqlite_store: Store
) -> None:
    boxes = add_boxes(sqlite_store, ANNA)
    small = add_container(sqlite_store, ANNA, ContainerForm("Box 5 × 5", "BX025", None, "F80-01 S1"))
    kept(sqlite_store, BO, small, 23)
    reserving.reserve(sqlite_store, BO, ReserveForm(boxes.plasma, "a study", ("A1", "A2"), days=1))
    spills.spill(sqlite_store, BO, boxes.plasma, "fell")
    outages.begin(sqlite_store, BO, "LN2-01", "level too low")
    screen = show(desk)
    down, fallen = (screen.cards()[name].lines()[0].line for name in ("outages", "spilled"))
    assert down.text == "LN2-01 · level too low"
    assert fallen.code == boxes.plasma
    full = screen.cards()["nearly-full"].lines()[0]
    assert (full.line.text, full.line.right) == ("BX025", "2 free")
    assert "reservations" not in screen.cards()
    over = lists(sqlite_store, datetime.now(UTC) + timedelta(days=2))["reservations"].lines
    assert [line.text for line in over] == ["BX001 · 2 wells · Bo Jansen: a study"]
    QTest.keyClick(full, Qt.Key.Key_Return)
    assert desk.frame._visits[-1] == Visit("storage", {"container": codes.number(small)})


def test_a_manager_puts_what_is_refused_on_a_list_with_one_key(desk: Desk, sqlite_store: Store) -> None:
    leaked = {"acceptance": "rejected", "conditions": ("leak",), "plan": ()}
    tube = receive(sqlite_store, BO, add_donor(sqlite_store, ANNA), **leaked).tube
    screen = show(desk)
    button = screen.cards()["refused"].gather
    assert button is not None
    assert not button.isVisible(), "Bo is no manager"
    QTest.keyClick(screen, Qt.Key.Key_L)
    assert desk.frame.screen_name() == "today"
    assert desk.session is not None
    desk.session.actor = CAS
    desk.person_changed.emit()
    assert button.isVisible()
    QTest.keyClick(screen, Qt.Key.Key_L)
    assert desk.frame._visits[-1] == Visit("disposals", {"reason": "refused", "samples": (tube,)})


def test_open_releases_and_what_nobody_has_decided_about_wait(desk: Desk, sqlite_store: Store) -> None:
    here = kept(sqlite_store, BO, add_boxes(sqlite_store, ANNA).plasma)
    release = releases.open_release(sqlite_store, BO, STUDY)
    releases.choose(sqlite_store, BO, release, here.vials[:2])
    no = quarantine.report(sqlite_store, BO, found_wrong(here.vials[2]))
    screen = show(desk)
    (held,), (going,) = (screen.cards()[name].lines() for name in ("quarantine", "releases"))
    assert (held.line.code, held.line.text) == (f"No. {no}", "1 sample · Rotina 420 ran warm")
    assert held.line.arguments == {"nonconformity": no}
    assert going.line.code == f"R-{datetime.now(UTC).year}-0001"
    assert going.line.text == "2 vials · PEG-asparaginase activity · Karolinska University Hospital"
    QTest.keyClick(going, Qt.Key.Key_Return)
    assert desk.frame.screen_name() == "releases"
    quarantine.decide(sqlite_store, signed(), no, [here.vials[2]], "accept", "fine")
    releases.cancel(sqlite_store, BO, release, "never mind")
    assert {"quarantine", "releases"}.isdisjoint(lists(sqlite_store, datetime.now(UTC)))
