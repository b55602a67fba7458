"""The pictures of docs/consent.md: every screen of consent, light and dark, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from PIL import Image

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain import codes
from biobank_desktop.gui import theme
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.gui.settings.rules import RulesPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.services.demo import PASSWORD
from biobank_desktop.services.identity.donors import set_identity
from biobank_desktop.services.identity.keeping import authorise, create_store, unlock
from biobank_desktop.services.identity.keyring import vault_of
from biobank_desktop.services.rules import enter_rules
from tests.support.identities import EMMA, OTHER_PASSPHRASE, PASSPHRASE
from tests.support.lab import other_rules
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.settings import Settings

SCHEMES = {"light": theme.Scheme.LIGHT, "dark": theme.Scheme.DARK}
SIZE = (1366, 768)
READER, MANAGER = "sanne", "ilse"


def prepare(store: Store, kept: Settings, actor: Actor, donor: str) -> None:
    """An identity store with one child in it, and rules that will count from next year on."""
    vault = vault_of(kept)
    create_store(store, vault, actor, PASSPHRASE)
    identities = unlock(store, vault, actor, PASSPHRASE)
    for login in (READER, MANAGER):
        authorise(store, identities, actor, login, OTHER_PASSPHRASE)
    set_identity(store, identities, actor, replace(EMMA, donor=donor))
    identities.close()
    vault.close()
    year = datetime.now(UTC).year + 1
    enter_rules(store, actor, other_rules("nl-2", date(year, 1, 1), "METC 2026/12", deadline_days=56))


class ConsentAlbum:
    """One scheme and one language."""

    def __init__(self, app: QApplication, kept: Settings, scheme: str, spoken: str, out: Path) -> None:
        language.choose(spoken)
        theme.apply(app, SCHEMES[scheme])
        self._name, self._out = f"{scheme}-{spoken}", out
        self._program = Program(replace(kept, language=spoken), sounds=Sounds(enabled=False))
        self._hands = Hands(self._program, out)
        self._program.frame.resize(*SIZE)
        self._program.start()
        self._hands.until(lambda: self._program.desk.session is not None)

    def take(self, donor: int, newcomer: str) -> None:
        """Every screen: ``donor`` has samples and consent, the identity of ``newcomer`` is kept."""
        self._as(MANAGER)
        self._settings("forms")
        self._settings("identity")
        rules = self._settings("rules")
        assert isinstance(rules, RulesPart)
        rules.begin_new()
        self._save("new-rules")
        self._program.frame.show_screen("today")
        self._save("today")
        self._ask_what_if()
        self._as(READER)
        self._donor_with_forms(donor)
        self._newcomer(newcomer)
        self._program.close()
        self._program.frame.close()

    def _as(self, login: str) -> None:
        self._program.sign_in(login, PASSWORD)
        desk = self._program.desk
        self._hands.until(lambda: desk.actor is not None and desk.actor.login == login)

    def _settings(self, section: str) -> object:
        screen = self._program.frame.show_screen("settings", section=section)
        assert isinstance(screen, SettingsScreen)
        self._save(section)
        return screen.part

    def _ask_what_if(self) -> None:
        """In ten years, with everything destroyed that nobody has decided about at 16."""
        screen = self._program.frame.show_screen("donors", what_if=True)
        assert isinstance(screen, DonorsScreen)
        screen.what_if.form.on.set_text("22-11-36")
        screen.what_if.form.rules.policies[16].set_value("destroy")
        screen.what_if.ask.click()
        self._save("what-if")

    def _donor_with_forms(self, donor: int) -> None:
        self._program.desk.show_record(donor)
        self._save("donor")
        screen = self._program.frame.shown_screen()
        assert isinstance(screen, DonorsScreen)
        screen.record.begin_papers()
        self._save("papers")
        screen.record.close_corrections()
        screen.begin_consent()
        self._hands.settle()
        self._hands.type("GM1")
        self._save("enter")
        screen.step_back()

    def _newcomer(self, newcomer: str) -> None:
        """A donor whose lines nobody has compared yet, and whose identity is kept."""
        self._program.desk.show_record(codes.number(newcomer))
        self._hands.settle()
        screen = self._program.frame.shown_screen()
        assert isinstance(screen, DonorsScreen)
        screen.record.lines.check_wanted.emit(1)
        self._save("compare")
        screen.step_back()
        self._hands.type("w")
        self._hands.type("letter\n")
        self._hands.type(f"{OTHER_PASSPHRASE}\n")
        self._save("who")

    def _save(self, what: str) -> None:
        """Keep what the window shows, in 256 colours: enough for a window, a third of the size."""
        self._hands.settle()
        self._hands.wait(400)
        self._out.mkdir(parents=True, exist_ok=True)
        path = self._out / f"{what}-{self._name}.png"
        self._program.frame.grab().save(str(path))
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
