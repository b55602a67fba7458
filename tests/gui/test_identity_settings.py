"""The identity store in the settings: made, opened, shared, put under new keys, checked and copied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from biobank_desktop.domain import codes
from biobank_desktop.domain.identity import as_texts
from biobank_desktop.gui.settings.identity import IdentityPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.persistence.identity.records import sealed_record
from tests.support.databases import ANNA, BO, CAS, PASSWORD
from tests.support.identities import EMMA, OTHER_PASSPHRASE, PASSPHRASE, kinds
from tests.support.lab import add_donor

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.widgets.fields import FieldBox
    from biobank_desktop.persistence.store import Store

SCREEN = ("settings", SettingsScreen)
TOO_SHORT = "four words"


def part(desk: Desk, actor: Actor) -> IdentityPart:
    """The part as somebody sees it."""
    assert desk.session is not None
    if desk.session.actor != actor:
        desk.session.actor = actor
        desk.person_changed.emit()
    desk.frame.show_screen("settings", section="identity")
    screen = desk.frame.shown_screen()
    assert isinstance(screen, SettingsScreen)
    assert isinstance(screen.part, IdentityPart)
    return screen.part


def words(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel)]


def letter(desk: Desk, keys: str) -> None:
    screen = desk.frame.shown_screen()
    assert screen is not None
    screen.setFocus()
    QTest.keyClicks(screen, keys)


def fill(*typed: tuple[FieldBox, str]) -> None:
    """Fill the fields in and press Enter in the last."""
    for field, text in typed:
        field.set_text(text)
    QTest.keyClick(typed[-1][0].editor, Qt.Key.Key_Return)


def offered(shown: IdentityPart) -> set[str]:
    """The letters on the buttons of the part itself."""
    return {
        button.hint
        for button in shown.findChildren(ActionButton)
        if button.isVisible() and button.hint not in {"ESC", "ENTER"}
    }


def made(desk: Desk) -> IdentityPart:
    """A store that Cas made and opened."""
    shown = part(desk, CAS)
    letter(desk, "N")
    fill((shown.make_form.new.passphrase, PASSPHRASE), (shown.make_form.new.again, PASSPHRASE))
    shown.recovery.written.emit()
    letter(desk, "U")
    fill((shown.unlock_form.passphrase, PASSPHRASE))
    return shown


def test_a_lab_without_a_store_is_told_so(desk: Desk) -> None:
    shown = part(desk, BO)
    assert "A manager or administrator can make one." in shown.told.text()
    assert offered(shown) == set()
    letter(desk, "N")
    assert shown.primary() is None


def test_a_manager_makes_the_store_and_sees_its_recovery_code_once(desk: Desk) -> None:
    shown = part(desk, CAS)
    assert offered(shown) == {"N"}
    letter(desk, "N")
    fill((shown.make_form.new.passphrase, PASSPHRASE), (shown.make_form.new.again, OTHER_PASSPHRASE))
    assert shown.make_form.new.again.problem_text() == "problem.passphrases-differ"
    fill((shown.make_form.new.passphrase, TOO_SHORT), (shown.make_form.new.again, TOO_SHORT))
    assert shown.make_form.new.passphrase.problem_text() == "problem.passphrase-short"
    fill((shown.make_form.new.passphrase, PASSPHRASE), (shown.make_form.new.again, PASSPHRASE))
    assert len(shown.recovery.code.text()) == 29
    assert shown.primary() is shown.recovery.done
    assert not shown.recovery.done.isEnabled(), "the same Enter must not wave the code away"
    assert offered(shown) == set(), "first the code is written down"
    desk.frame.show_screen("today")
    part(desk, CAS)
    assert shown.recovery.code.text(), "a code that was not written down stays"
    shown.recovery.written.emit()
    assert shown.recovery.code.text() == ""
    assert shown.facts.facts() == {"Authorised": "cas", "At this bench": "Locked"}
    assert shown.make_form.new.passphrase.secret() == ""


def test_somebody_else_never_sees_a_recovery_code(desk: Desk) -> None:
    shown = part(desk, CAS)
    letter(desk, "N")
    fill((shown.make_form.new.passphrase, PASSPHRASE), (shown.make_form.new.again, PASSPHRASE))
    assert shown.recovery.code.text()
    part(desk, BO)
    assert shown.recovery.code.text() == ""
    assert shown.recovery.isHidden()


def test_a_wrong_passphrase_is_said_beside_its_field(desk: Desk) -> None:
    shown = made(desk)
    assert shown.facts.facts()["At this bench"] == "Open for you"
    letter(desk, "L")
    assert shown.facts.facts()["At this bench"] == "Locked"
    letter(desk, "U")
    fill((shown.unlock_form.passphrase, OTHER_PASSPHRASE))
    assert shown.unlock_form.passphrase.problem_text() == "problem.passphrase-refused"
    assert shown.facts.facts()["At this bench"] == "Locked"
    fill((shown.unlock_form.passphrase, PASSPHRASE))
    assert shown.unlock_form.isHidden()
    assert shown.facts.facts()["At this bench"] == "Open for you"


def test_another_person_is_authorised_and_withdrawn(desk: Desk, sqlite_store: Store) -> None:
    shown = made(desk)
    letter(desk, "N")
    new = shown.authorise_form.new
    fill((shown.authorise_form.login, "bo"), (new.passphrase, PASSWORD), (new.again, PASSWORD))
    assert new.passphrase.problem_text()
    fill((new.passphrase, OTHER_PASSPHRASE), (new.again, OTHER_PASSPHRASE))
    assert shown.facts.facts()["Authorised"] == "bo, cas"
    shown = part(desk, BO)
    assert shown.facts.facts()["At this bench"] == "Locked", "what Cas opened is shut for Bo"
    assert offered(shown) == {"U"}
    letter(desk, "U")
    fill((shown.unlock_form.passphrase, OTHER_PASSPHRASE))
    assert offered(shown) == {"L", "W", "C"}
    shown = part(desk, CAS)
    letter(desk, "X")
    fill((shown.withdraw_form.login, "bo"), (shown.withdraw_form.why, ""))
    assert shown.withdraw_form.why.problem_text() == "problem.answer-missing"
    fill((shown.withdraw_form.why, "left the lab"))
    assert shown.facts.facts()["Authorised"] == "cas"
    assert {"identity-authorised", "identity-withdrawn"} <= set(kinds(sqlite_store))


def test_the_own_passphrase_is_changed_and_the_store_stays_open(desk: Desk) -> None:
    shown = made(desk)
    letter(desk, "W")
    fill((shown.own_form.new.passphrase, OTHER_PASSPHRASE), (shown.own_form.new.again, OTHER_PASSPHRASE))
    assert shown.facts.facts()["At this bench"] == "Open for you"
    letter(desk, "L")
    letter(desk, "U")
    fill((shown.unlock_form.passphrase, OTHER_PASSPHRASE))
    assert shown.facts.facts()["At this bench"] == "Open for you"


def test_new_keys_and_their_recovery_code(desk: Desk) -> None:
    shown = made(desk)
    letter(desk, "N")
    new = shown.authorise_form.new
    fill(
        (shown.authorise_form.login, "anna"),
        (new.passphrase, OTHER_PASSPHRASE),
        (new.again, OTHER_PASSPHRASE),
    )
    letter(desk, "K")
    fill((shown.rotate_form.passphrase, PASSPHRASE), (shown.rotate_form.why, "anna lost her note"))
    code = shown.recovery.code.text()
    assert shown.recovery._detail.text() == "To be authorised again: anna"
    shown.recovery.written.emit()
    assert shown.facts.facts()["Authorised"] == "cas"
    shown = part(desk, ANNA)
    letter(desk, "R")
    new = shown.recover_form.new
    fill(
        (shown.recover_form.recovery, f"{code[:-1]}!"),
        (new.passphrase, OTHER_PASSPHRASE),
        (new.again, OTHER_PASSPHRASE),
    )
    assert shown.recover_form.recovery.problem_text() == "problem.recovery-refused"
    fill((shown.recover_form.recovery, code))
    assert shown.facts.facts() == {"Authorised": "anna, cas", "At this bench": "Open for you"}


def test_it_is_checked_and_copied(desk: Desk, tmp_path: Path) -> None:
    shown = made(desk)
    letter(desk, "C")
    assert "Everything agrees: 0 identities, 0 scans of forms." in desk.frame.notices.texts()
    letter(desk, "B")
    fill((shown.copy_form.folder, "beside"))
    assert shown.copy_form.folder.problem_text() == "problem.folder-not-absolute"
    (tmp_path / "file").write_text("", "utf-8")
    fill((shown.copy_form.folder, str(tmp_path / "file")))
    assert shown.copy_form.folder.problem_text() == "problem.identity-copy-unreachable"
    fill((shown.copy_form.folder, str(tmp_path / "safe")))
    (copy,) = (tmp_path / "safe").iterdir()
    assert copy.name.startswith("identities-")


def test_what_a_crash_left_is_named_and_cleared_away(desk: Desk, sqlite_store: Store) -> None:
    donor = codes.number(add_donor(sqlite_store, BO))
    shown = made(desk)
    assert desk.session is not None
    with desk.session.keyring.opened(CAS) as identities:
        left = sealed_record(identities.key, identities.uuid, uuid4(), donor, as_texts(EMMA))
        identities.vault.add(left, frozenset(), datetime.now(UTC) - timedelta(hours=1))
    letter(desk, "D")
    assert shown.primary() is None, "there is nothing to clear before a check"
    letter(desk, "C")
    desk.identities.refresh()
    assert shown.problems.isVisible()
    assert "problem.identity-unrecorded" in words(shown.problems)
    letter(desk, "D")
    fill((shown.clear_form.why, "the bench lost its power"))
    assert shown.problems.isHidden()
    letter(desk, "C")
    assert "Everything agrees: 0 identities, 0 scans of forms." in desk.frame.notices.texts()
    assert kinds(sqlite_store)[-1] == "identity-cleared"


def test_another_person_finds_no_passphrase_typed(desk: Desk) -> None:
    shown = made(desk)
    letter(desk, "L")
    letter(desk, "U")
    QTest.keyClicks(shown.unlock_form.passphrase.editor, PASSPHRASE)
    part(desk, BO)
    assert shown.primary() is None
    assert shown.unlock_form.passphrase.secret() == ""
