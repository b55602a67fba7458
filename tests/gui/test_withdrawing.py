"""A donor withdraws at the donor's page; a donor is erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from biobank_desktop.domain import codes
from biobank_desktop.gui.desk import SAMPLES
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.persistence.erasures import erased_donors
from biobank_desktop.persistence.queries import disposals as lists
from biobank_desktop.persistence.queries import donors
from biobank_desktop.persistence.queries.releases import lines as release_lines
from biobank_desktop.services import disposals, intake, releases
from tests.support.databases import ANNA, BO, CAS, PASSWORD
from tests.support.lab import add_boxes, receipt
from tests.support.leaving import STUDY, kept, signed, withdraw

if TYPE_CHECKING:
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.donors.withdrawing import WithdrawalPage
    from biobank_desktop.persistence.queries.donors import ConsentLineRow
    from biobank_desktop.persistence.store import Store
    from tests.support.leaving import Kept

SCREEN = ("donors", DonorsScreen)


@pytest.fixture
def here(sqlite_store: Store) -> Kept:
    return kept(sqlite_store, ANNA, add_boxes(sqlite_store).plasma)


def shown(desk: Desk, donor: str) -> DonorsScreen:
    screen = desk.frame.show_screen("donors", donor=codes.number(donor))
    assert isinstance(screen, DonorsScreen)
    return screen


def withdrawing(desk: Desk, donor: str) -> tuple[DonorsScreen, WithdrawalPage]:
    screen = shown(desk, donor)
    QTest.keyClicks(screen, "R")
    assert screen.pages.shown() is screen.withdrawal
    return screen, screen.withdrawal


def sign_form(page: WithdrawalPage) -> None:
    page.signatory.set_value("mother")
    page.signed_on.set_text("20-11-2026")
    page.received_on.set_text("21-11-2026")


def enter(screen: DonorsScreen) -> None:
    QTest.keyClick(screen, Qt.Key.Key_Return)


def last_line(store: Store, donor: str) -> ConsentLineRow:
    with store.read() as connection:
        return donors.lines(connection, codes.number(donor))[-1]


def act_as(desk: Desk, actor: object) -> None:
    assert desk.session is not None
    desk.session.actor = actor  # type: ignore[assignment]
    desk.person_changed.emit()


def test_a_withdrawal_shows_what_it_reaches_and_leads_to_its_list(
    desk: Desk, sqlite_store: Store, here: Kept
) -> None:
    no = releases.open_release(sqlite_store, ANNA, STUDY)
    releases.choose(sqlite_store, ANNA, no, here.vials[:1])
    releases.issue(sqlite_store, ANNA, no)
    waiting = releases.open_release(sqlite_store, ANNA, STUDY)
    releases.choose(sqlite_store, ANNA, waiting, here.vials[1:2])
    planned = intake.receive(sqlite_store, ANNA, receipt(here.donor, tube_code="HX26119999"))
    screen, page = withdrawing(desk, here.donor)
    facts = {fact.label: fact for fact in page.reached.facts._facts}
    assert facts["In the house"].value == "4 samples"
    assert facts["In the house"].detail == "1 box"
    assert facts["Planned"].value == f"{len(planned.vials)} vials"
    assert facts["In open releases"].detail == f"Dr. L. Berg (release {waiting})"
    assert facts["Issued"].value == "1 vial"
    assert page.follows.isHidden()

    QTest.keyClicks(screen, "1")
    assert [works for _text, works in page.follows.sentences()] == [False]
    QTest.keyClicks(screen, "3")
    said = [text for text, _works in page.follows.sentences()]
    assert said == [
        "4 samples go on a list to be destroyed: 1 box.",
        f"{len(planned.vials)} planned vials are void, waiting labels are not printed.",
        "1 vial was issued: its recipient must be told.",
        "Their vials leave 1 open release.",
    ]
    assert page.save.text() == "Withdraw: 4 to destroy"
    enter(screen)
    assert page.signatory.problem_text() == "problem.answer-missing"
    assert page.signed_on.problem_text() == "problem.answer-missing"
    sign_form(page)
    enter(screen)
    assert desk.frame.screen_name() == "disposals"
    line = last_line(sqlite_store, here.donor)
    assert (line.kind, line.level, line.signatory) == ("withdrawn", "W3", "mother")
    with sqlite_store.read() as connection:
        (listed,) = lists.lists(connection)
    assert desk.frame._visits[-1].arguments == {"no": listed.no}
    desk.frame.notices.clear_line()
    desk.frame.step_back()
    assert desk.frame.screen_name() == "donors"
    assert screen.pages.shown() is screen.record


def test_single_items_become_a_no_and_nothing_is_destroyed(
    desk: Desk, sqlite_store: Store, here: Kept
) -> None:
    no = releases.open_release(sqlite_store, ANNA, STUDY)
    releases.choose(sqlite_store, ANNA, no, here.vials[:1])
    screen, page = withdrawing(desk, here.donor)
    QTest.keyClicks(screen, "I")
    sign_form(page)
    enter(screen)
    assert not page.items._problem.isHidden(), "which items must be said"
    page.items.set_values(("SHARE_EU",))
    enter(screen)
    line = last_line(sqlite_store, here.donor)
    assert (line.kind, line.level, line.answers) == ("partly-given", None, {"SHARE_EU": "no"})
    assert screen.pages.shown() is screen.record
    with sqlite_store.read() as connection:
        assert lists.lists(connection) == []
        release = next(iter(release_lines(connection, no)))
    assert release.state == "removed"


def test_what_is_typed_stays_while_the_reach_changes(desk: Desk, sqlite_store: Store, here: Kept) -> None:
    screen, page = withdrawing(desk, here.donor)
    QTest.keyClicks(screen, "3")
    page.note.set_text("letter of 20 November")
    kept(sqlite_store, ANNA, add_boxes(sqlite_store, prefix="2-").plasma, donor=here.donor, time_point="D15")
    desk.changed.emit(frozenset({SAMPLES}))
    assert page.save.text() == "Withdraw: 8 to destroy"
    assert page.note.text() == "letter of 20 November"
    assert page.level.value() == "W3"
    QTest.keyClick(screen, Qt.Key.Key_Escape)
    assert screen.pages.shown() is screen.record


def test_the_form_of_a_consent_line_says_the_same_consequences(
    desk: Desk, sqlite_store: Store, here: Kept
) -> None:
    screen = shown(desk, here.donor)
    QTest.keyClicks(screen, "CW")
    assert screen.consent.follows.isHidden()
    QTest.keyClicks(screen, "3")
    said = [text for text, _works in screen.consent.follows.sentences()]
    assert said == ["4 samples go on a list to be destroyed: 1 box."]


def test_a_donor_is_erased_by_a_manager_who_signs_when_nothing_is_left(
    desk: Desk, sqlite_store: Store, here: Kept
) -> None:
    assert desk.session is not None
    register = desk.session.settings.backup_folder
    screen = shown(desk, here.donor)
    QTest.keyClicks(screen, "V")
    assert screen.record.open_correction() is None, "Bo is no manager"
    act_as(desk, CAS)
    screen = shown(desk, here.donor)
    QTest.keyClicks(screen, "V")
    form = screen.record.whole_erasure
    assert form.kept.text().startswith("4 samples are still in the house")
    assert not form.primary.isVisible()
    QTest.keyClick(screen, Qt.Key.Key_Escape)

    withdraw(sqlite_store, ANNA, here.donor, "W4")
    gone = [here.tube, *here.vials]
    disposals.take_away(sqlite_store, BO, 1, gone)
    disposals.witness(sqlite_store, signed(CAS), 1, gone)
    desk.changed.emit(frozenset({SAMPLES}))
    QTest.keyClicks(screen, "V")
    enter(screen)
    problems = (form.why.problem_text(), form.code.problem_text(), form.password.problem_text())
    assert problems == ("problem.reason-missing", "problem.code-of-another-donor", "problem.answer-missing")
    form.why.set_text("asked for by the family")
    form.code.set_text(here.donor)
    form.password.set_text("wrong")
    enter(screen)
    assert form.password.problem_text() == "problem.sign-in-refused"
    assert erased_donors(register) == frozenset()
    form.password.set_text(PASSWORD)
    enter(screen)
    assert erased_donors(register) == {codes.number(here.donor)}
    assert not screen.record.erased.isHidden()
    assert not screen.record.withdraw.isVisible()
    assert not screen.record.erase.isVisible()
