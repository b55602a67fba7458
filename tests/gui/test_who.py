"""Who a donor is, on the Donors screen: seen with a reason, kept, found by name, erased, and put away."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QTableView, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.gui.identities import Glimpse
from biobank_desktop.services.identity import keyring
from biobank_desktop.services.identity.donors import read_identity
from tests.support.databases import BO, CAS, DEE
from tests.support.identities import EMMA, OTHER_PASSPHRASE, PASSPHRASE, kinds
from tests.support.lab import add_donor

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.widgets.fields import FieldBox
    from biobank_desktop.persistence.store import Store

SCREEN = ("donors", DonorsScreen)
WHY = "letter at twelve"


@pytest.fixture
def donor(sqlite_store: Store) -> str:
    """A boy of eight; nobody has said who he is."""
    return add_donor(sqlite_store, BO)


def come(desk: Desk, actor: Actor) -> None:
    """Somebody signs in."""
    assert desk.session is not None
    desk.session.actor = actor
    desk.person_changed.emit()


def leave(desk: Desk) -> None:
    """The bench is locked."""
    assert desk.session is not None
    desk.session.actor = None
    desk.person_changed.emit()


def shown(desk: Desk, code: str | None = None) -> DonorsScreen:
    desk.frame.show_screen("donors", **({"donor": codes.number(code)} if code else {}))
    screen = desk.frame.shown_screen()
    assert isinstance(screen, DonorsScreen)
    return screen


def letter(screen: DonorsScreen, key: str) -> None:
    screen.setFocus()
    QTest.keyClicks(screen, key)


def fill(*typed: tuple[FieldBox, str]) -> None:
    """Fill the fields in and press Enter in the last."""
    for field, text in typed:
        field.set_text(text)
    QTest.keyClick(typed[-1][0].editor, Qt.Key.Key_Return)


def keep(desk: Desk, donor: str) -> DonorsScreen:
    """Bo opens the store, learns that nothing is kept, and keeps who the donor is."""
    screen = shown(desk, donor)
    letter(screen, "W")
    fill((screen.record.who.why, WHY), (screen.record.who.passphrase, OTHER_PASSPHRASE))
    assert screen.press_primary()
    entry = screen.record.entry
    fill(
        (entry.given_names, EMMA.given_names),
        (entry.surname_prefix, EMMA.surname_prefix),
        (entry.surname, EMMA.surname),
        (entry.born_on, "4-5-2018"),
        (entry.mother_name, EMMA.mother_name),
        (entry.father_name, EMMA.father_name),
        (entry.hospital_number, str(EMMA.hospital_number)),
    )
    assert entry.isHidden(), words(entry)
    return screen


def look(screen: DonorsScreen) -> None:
    letter(screen, "W")
    fill((screen.record.who.why, WHY))


def words(widget: QWidget) -> list[str]:
    """Every text of every widget, shown or not, and of every cell."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    found = [label.text() for label in widget.findChildren(QLabel)]
    found += [field.text() for field in widget.findChildren(QLineEdit)]
    found += [one.accessibleName() for one in widget.findChildren(QWidget)]
    for view in widget.findChildren(QTableView):
        model = view.model()
        cells = [(row, column) for row in range(model.rowCount()) for column in range(model.columnCount())]
        found += [str(model.index(*cell).data()) for cell in cells]
    return [text for text in found if text]


def named(widget: QWidget) -> list[str]:
    """What of it tells who Emma is."""
    names = ("Emma", "Dijkstra", "Müller", "0712", "4 May 2018", "4-5-2018")
    return [text for text in words(widget) if any(name in text for name in names)]


def test_without_a_store_the_screen_is_as_before(desk: Desk, donor: str) -> None:
    screen = shown(desk, donor)
    assert screen.record.ask_who.isHidden()
    letter(screen, "W")
    assert screen.record.open_correction() is None
    screen = shown(desk)
    assert screen.listing.by_name.isHidden()
    letter(screen, "F")
    assert screen.pages.shown() is screen.listing


def test_who_is_not_authorised_is_offered_nothing(vault: Desk, donor: str) -> None:
    assert vault.session is not None
    with vault.session.keyring.vault() as rows:
        rows.remove_wrap("bo")
    screen = shown(vault, donor)
    assert screen.record.ask_who.isHidden()
    come(vault, DEE)
    assert not shown(vault, donor).record.ask_who.isHidden()


def test_a_look_needs_the_passphrase_and_a_reason(vault: Desk, donor: str) -> None:
    screen = shown(vault, donor)
    letter(screen, "W")
    who = screen.record.who
    screen.press_primary()
    assert (who.why.problem_text(), who.passphrase.problem_text()) == (
        "problem.reason-missing",
        "problem.answer-missing",
    )
    fill((who.why, WHY), (who.passphrase, PASSPHRASE))
    assert who.passphrase.problem_text() == "problem.passphrase-refused"
    assert who.why.text() == WHY, "what was typed is not lost"
    fill((who.passphrase, OTHER_PASSPHRASE))
    assert "Nothing is kept of who this donor is." in words(who)
    assert who.passphrase.secret() == ""


def test_who_a_donor_is_is_kept_seen_and_corrected(vault: Desk, sqlite_store: Store, donor: str) -> None:
    screen = keep(vault, donor)
    look(screen)
    who = screen.record.who
    assert "Emma Sofía van der Dijkstra-Müller" in words(who)
    assert who.facts.facts() == {
        "Date of birth": "4 May 2018",
        "Hospital number": "0712.345-6",
        "Mother": "Noor Müller",
        "Father": "Bram van der Dijkstra",
        "Guardian": "—",
    }
    assert who.erase.isHidden(), "only managers erase"
    letter(screen, "E")
    assert screen.record.entry.surname.text() == EMMA.surname
    assert not named(who)
    screen.record.entry.hospital_number.set_unknown()
    fill((screen.record.entry.guardian_name, "Jet Vos"))
    look(screen)
    assert who.facts.facts()["Guardian"] == "Jet Vos"
    assert who.facts.facts()["Hospital number"] == "—"
    screen.press_primary()
    assert who.isHidden()
    assert not named(screen)
    assert kinds(sqlite_store)[-4:] == ["identity-set", "identity-read", "identity-set", "identity-read"]


def test_a_reason_that_names_the_donor_is_refused_at_its_field(vault: Desk, donor: str) -> None:
    screen = keep(vault, donor)
    letter(screen, "W")
    fill((screen.record.who.why, "asked by Mrs Dijkstra"))
    assert screen.record.who.why.problem_text() == "problem.why-names-donor"
    assert not screen.record.who.facts.facts()


def test_everything_wrong_with_an_identity_stands_beside_its_field(vault: Desk, donor: str) -> None:
    screen = shown(vault, donor)
    letter(screen, "W")
    fill((screen.record.who.why, WHY), (screen.record.who.passphrase, OTHER_PASSPHRASE))
    screen.press_primary()
    entry = screen.record.entry
    screen.press_primary()
    problems = (
        entry.surname.problem_text(),
        entry.born_on.problem_text(),
        entry.hospital_number.problem_text(),
    )
    assert problems == ("problem.surname-missing", "problem.answer-missing", "problem.answer-missing")
    fill((entry.given_names, "Emma"), (entry.born_on, "31-2-2018"))
    assert entry.born_on.problem_text() == "problem.answer-unreadable"
    fill((entry.surname, "Dijkstra"), (entry.hospital_number, "12"), (entry.born_on, "5-5-2018"))
    assert entry.born_on.problem_text() == "problem.birthday-disagrees"
    assert entry.given_names.text() == "Emma"


@pytest.mark.parametrize("how", ["escape", "leave", "lock", "another", "minute", "unused", "other donor"])
def test_what_is_shown_is_put_away(vault: Desk, sqlite_store: Store, donor: str, how: str) -> None:
    screen = keep(vault, donor)
    look(screen)
    assert named(screen)
    if how == "escape":
        assert screen.step_back()
    elif how == "leave":
        vault.frame.show_screen("today")
    elif how == "lock":
        leave(vault)
    elif how == "another":
        come(vault, DEE)
    elif how == "minute":
        screen.record.who._alone.timeout.emit()
    elif how == "unused":
        vault.identities._unused.timeout.emit()
    else:
        shown(vault, add_donor(sqlite_store, BO))
    assert not named(screen)
    assert screen.record.who.isHidden()
    assert vault.frame.windowTitle() == "Biobank"


@pytest.mark.parametrize("how", ["lock", "another", "unused"])
def test_the_store_is_shut_with_it(vault: Desk, sqlite_store: Store, donor: str, how: str) -> None:
    screen = keep(vault, donor)
    assert vault.session is not None
    assert vault.identities.opened
    if how == "unused":
        assert vault.identities._unused.interval() == keyring.OPEN_UNUSED.total_seconds() * 1000
        vault.identities._unused.timeout.emit()
    elif how == "lock":
        leave(vault)
    else:
        come(vault, DEE)
    come(vault, BO)
    assert vault.session.keyring.state().open_for == ""
    letter(screen, "W")
    screen.record.begin_who()
    assert not screen.record.who.passphrase.isHidden()


def test_a_key_keeps_it_in_sight(vault: Desk, donor: str) -> None:
    screen = keep(vault, donor)
    look(screen)
    alone = screen.record.who._alone
    alone.start(50_000)
    QTest.keyClick(screen, Qt.Key.Key_Shift)
    assert alone.remainingTime() > 45_000
    assert alone.isActive()


def test_half_an_identity_is_forgotten_with_the_bench(vault: Desk, donor: str) -> None:
    screen = shown(vault, donor)
    letter(screen, "W")
    fill((screen.record.who.why, WHY), (screen.record.who.passphrase, OTHER_PASSPHRASE))
    screen.press_primary()
    QTest.keyClicks(screen.record.entry.surname.editor, "Dijkstra")
    leave(vault)
    assert not named(screen)
    QTest.keyClick(screen.record.entry.surname.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not named(screen)


def test_a_look_whose_answer_comes_after_the_page_was_left_shows_nothing() -> None:
    glimpse: Glimpse[str] = Glimpse()
    glimpse.close()
    glimpse.put("Emma")
    assert glimpse.take() is None


def test_an_identity_is_erased_with_reason_and_typed_code(
    vault: Desk, sqlite_store: Store, donor: str
) -> None:
    keep(vault, donor)
    come(vault, CAS)
    screen = shown(vault, donor)
    letter(screen, "W")
    fill((screen.record.who.why, WHY), (screen.record.who.passphrase, PASSPHRASE))
    letter(screen, "X")
    erasure = screen.record.erasure
    fill((erasure.why, ""), (erasure.code, "PD26000000"))
    assert (erasure.why.problem_text(), erasure.code.problem_text()) == (
        "problem.reason-missing",
        "problem.code-of-another-donor",
    )
    fill((erasure.why, "the family asked"), (erasure.code, codes.group(donor)))
    assert erasure.isHidden()
    assert kinds(sqlite_store)[-1] == "identity-erased"
    look(screen)
    assert "Nothing is kept of who this donor is." in words(screen.record.who)


def test_an_auditor_looks_and_enters_nothing(vault: Desk, donor: str) -> None:
    keep(vault, donor)
    come(vault, DEE)
    screen = shown(vault, donor)
    letter(screen, "W")
    fill((screen.record.who.why, WHY), (screen.record.who.passphrase, OTHER_PASSPHRASE))
    assert screen.record.who.facts.facts()["Mother"] == "Noor Müller"
    letter(screen, "E")
    letter(screen, "X")
    assert screen.record.open_correction() is screen.record.who
    assert screen.record.who.correct.isHidden()


@pytest.mark.parametrize("text", ["0712345-6", "dijkstra", "van der Müller", "4-5-2018", "Muller 2018-05-04"])
def test_a_donor_is_found_and_opened(vault: Desk, donor: str, text: str) -> None:
    keep(vault, donor)
    screen = shown(vault)
    letter(screen, "F")
    search = screen.search
    fill((search.text, text), (search.why, "request form without a code"))
    assert search.table.rows.rowCount() == 1
    assert search.table.hasFocus()
    QTest.keyClick(search.table, Qt.Key.Key_Return)
    assert screen.pages.shown() is screen.record
    assert screen.record.code.code == donor
    assert not named(screen)


def test_who_is_not_found_is_said_and_found_rows_vanish(vault: Desk, sqlite_store: Store, donor: str) -> None:
    keep(vault, donor)
    vault.identities.lock()
    screen = shown(vault)
    letter(screen, "F")
    search = screen.search
    screen.press_primary()
    assert [field.problem_text() for field in (search.text, search.why, search.passphrase)] == [
        "problem.nothing-to-find",
        "problem.reason-missing",
        "problem.answer-missing",
    ]
    fill((search.text, "Vos"), (search.why, WHY), (search.passphrase, OTHER_PASSPHRASE))
    assert search._nobody.isVisible()
    fill((search.text, "Dijkstra"))
    QTest.qWait(20)
    assert named(search)
    vault.frame.show_screen("today")
    assert not named(screen)
    assert kinds(sqlite_store)[-2:] == ["identity-searched"] * 2


@pytest.mark.parametrize("opened", [True, False])
def test_after_registering_who_it_is_can_be_kept(vault: Desk, opened: bool) -> None:
    assert vault.session is not None
    if opened:
        vault.session.keyring.unlock(BO, OTHER_PASSPHRASE)
    screen = shown(vault)
    letter(screen, "N")
    form = screen.registration
    form.sex.set_value("female")
    form.role.set_value("patient")
    form.day1_on.set_unknown()
    fill((form.born_on, "04-05-2018"))
    assert screen.pages.shown() is screen.record
    offered = screen.record.open_correction()
    assert offered is (screen.record.entry if opened else None)
    assert screen.record.entry.born_on.text() == "", "the date of birth is not carried over"
    screen.step_back()
    assert screen.record.open_correction() is None


def test_the_identity_a_window_keeps_is_the_one_the_services_read(
    vault: Desk, sqlite_store: Store, donor: str
) -> None:
    keep(vault, donor)
    assert vault.session is not None
    with vault.session.keyring.opened(BO) as identities:
        read = read_identity(sqlite_store, identities, BO, donor, WHY)
    assert (read.surname, read.born_on, read.hospital_number) == (
        EMMA.surname,
        date(2018, 5, 4),
        EMMA.hospital_number,
    )
