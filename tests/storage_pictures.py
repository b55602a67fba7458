"""The pictures of docs/storage.md: every level of storage, light and dark, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PIL import Image

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain import codes
from biobank_desktop.gui import theme
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.persistence.queries import containers
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services.bulk import fill_lab
from biobank_desktop.services.demo import ADMINISTRATOR, PASSWORD, fill_demo
from biobank_desktop.session import found_session
from biobank_desktop.settings import read_settings
from tests.consent_pictures import MANAGER, SCHEMES
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from biobank_desktop.settings import Settings

SIZES = {"": (1366, 768), "wide-": (1920, 1080)}
LEVELS = {"freezer": "Freezer F1", "rack": "F1 rack A1", "tank": "M1-001", "tower": "M1-001-06"}
BOX = "M1-001-06-07"
VIALS = 40_000


def take_all(app: QApplication, home: Path, out: Path, looked_at: Path) -> None:
    """In a lab of their own, large enough to be worth a map."""
    kept = replace(read_settings(), bench="bench 2", data_folder=home, state_folder=home / "state")
    kept = replace(kept, database=str(home / "storage.sqlite"), backup_folder=home / "backups")
    session, founded = found_session(kept, ADMINISTRATOR, PASSWORD)
    complete(fill_demo(session.store, founded.actor, datetime.now(UTC)))
    complete(fill_lab(session.store, founded.actor, VIALS))
    session.told()
    session.close()
    for scheme, spoken, size in (
        *(("light", "en", ""), ("dark", "en", ""), ("light", "nl", "")),
        *(("light", "en", "wide-"), ("dark", "nl", "wide-")),
    ):
        StorageAlbum(app, kept, scheme, spoken, size, looked_at if size else out).take()


class StorageAlbum:
    """One scheme, one language and one size of window."""

    def __init__(
        self, app: QApplication, kept: Settings, scheme: str, spoken: str, size: str, out: Path
    ) -> None:
        language.choose(spoken)
        theme.apply(app, SCHEMES[scheme])
        self._name, self._out = f"{size}{scheme}-{spoken}", out
        self._program = Program(replace(kept, language=spoken), sounds=Sounds(enabled=False))
        self._hands = Hands(self._program, out)
        self._program.frame.resize(*SIZES[size])
        self._program.start()
        self._hands.until(lambda: self._program.desk.session is not None)
        self._program.sign_in(MANAGER, PASSWORD)
        self._hands.until(lambda: self._program.desk.actor is not None)

    def take(self) -> None:
        """Every level, and the way to a vial that was found."""
        self._program.frame.show_screen("storage", container=0)
        self._save("site")
        for name, container in LEVELS.items():
            self._program.frame.show_screen("storage", container=self._number(container))
            self._save(name)
        self._find()
        self._program.close()
        self._program.frame.close()

    def _find(self) -> None:
        screen = self._program.frame.shown_screen()
        assert isinstance(screen, StorageScreen)
        session = self._program.desk.session
        assert session is not None
        box = self._number(BOX)
        with session.store.read() as connection:
            vial = containers.contents(connection, box)[4]
        screen.finder.set_text(codes.group(vial.code))
        screen.seek(vial.code)
        self._save("found")
        screen.go_out()
        self._save("found-way")
        screen.finder.set_text("BX 99")
        screen.seek("BX 99")
        self._save("not-found")

    def _number(self, name: str) -> int:
        self._hands.settle()
        session = self._program.desk.session
        assert session is not None
        with session.store.read() as connection:
            found = containers.by_name(connection, name)
        assert found is not None
        return found.id

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
