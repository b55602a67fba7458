"""``make screenshots``: the pictures of docs/, from the demonstration lab in the real window."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain.codes import from_number
from biobank_desktop.gui import theme
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services.demo import ADMINISTRATOR, PASSWORD, fill_demo
from biobank_desktop.session import found_session
from biobank_desktop.settings import Settings, read_settings
from tests import (
    label_pictures,
    storage_colour_pictures,
    storage_moving_pictures,
    storage_pictures,
    withdrawal_pictures,
)
from tests.as_of_pictures import AsOfAlbum, Stirred, stir, take_kit
from tests.consent_pictures import SCHEMES, ConsentAlbum, prepare
from tests.leaving_pictures import take_papers
from tests.release_pictures import ReleaseAlbum, prepare_leaving
from tests.support.lab import add_donor, consent_of_both
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store

OUT = Path("docs/pictures")
LOOKED_AT = Path("build/pictures")
SIZES = {"light": (1366, 768), "dark": (1366, 768), "wide": (1920, 1080)}
PLACES = ("today", "samples", "storage", "donors", "labels", "history", "settings")
KEPT = {
    "light": {"today", "samples", "labels", "history", "record", "box", "donor", "consent", "intake"},
    "dark": {"today", "record", "box", "intake"},
    "wide": {"record"},
}
"""What docs/ shows; every other picture goes to build/pictures, to be looked at all the same."""


def settings(home: Path) -> Settings:
    """A bench with a speaking name."""
    os.environ["BIOBANK_HOME"] = str(home)
    os.environ.pop("BIOBANK_DB", None)
    return replace(read_settings(), bench="bench 2", language="en")


def make_lab(kept: Settings, papers: Path) -> tuple[str, Stirred]:
    """The demonstration lab: a donor whose first tube is to come, the box that was stirred.

    What needs no window is drawn into ``papers``.
    """
    session, founded = found_session(kept, ADMINISTRATOR, PASSWORD)
    complete(fill_demo(session.store, founded.actor, datetime.now(UTC)))
    donor = add_donor(session.store, founded.actor)
    prepare(session.store, kept, founded.actor, donor)
    consent_of_both(session.store, founded.actor, donor)
    prepare_leaving(session.store, founded.actor)
    stirred = stir(session.store, founded.actor)
    take_kit(session.store, stirred, papers)
    session.told()
    session.close()
    return donor, stirred


class Album:
    """One size and one scheme."""

    def __init__(self, app: QApplication, kept: Settings, name: str, newcomer: str) -> None:
        shutil.rmtree(kept.state_folder / "drafts", ignore_errors=True)
        self.newcomer = newcomer
        theme.apply(app, theme.Scheme.DARK if name == "dark" else theme.Scheme.LIGHT)
        self.name = name
        self.program = Program(kept, sounds=Sounds(enabled=False))
        self.hands = Hands(self.program, OUT)
        self.program.frame.resize(*SIZES[name])
        self.program.start()
        self.hands.until(lambda: self.program.desk.session is not None)
        self.program.sign_in("sanne", PASSWORD)
        self.hands.until(lambda: self.program.desk.actor is not None)

    def save(self, what: str) -> None:
        """Keep what the window shows."""
        self.hands.settle()
        self.hands.wait(400)
        folder = OUT if what in KEPT[self.name] else LOOKED_AT
        folder.mkdir(parents=True, exist_ok=True)
        self.program.frame.grab().save(str(folder / f"{what}-{self.name}.png"))

    def take(self) -> int:
        """Every place, a record, a box, an intake half-way; the number of the donor that was shown."""
        for place in PLACES:
            self.program.frame.show_screen(place)
            self.save(place)
        session = self.program.desk.session
        assert session is not None
        vial, box, donor = _subjects(session.store)
        self.hands.scan(vial)
        self.save("record")
        self.hands.scan(box)
        self.save("box")
        self.program.desk.show_record(donor)
        self.save("donor")
        screen = self.program.frame.shown_screen()
        assert isinstance(screen, DonorsScreen)
        screen.begin_consent()
        self.hands.settle()
        self.hands.type("GM1")
        self.save("consent")
        self.program.frame.show_screen("today")
        self.hands.scan("HX26110042")
        self.hands.scan(self.newcomer)
        self.hands.type("2018m\nB")
        self.hands.type("21 nov 1640\n")
        self.hands.type("H3,2\nRN")
        self.save("intake")
        self.program.frame.notices.clear_line()
        self.program.close()
        self.program.frame.close()
        return donor


def _subjects(store: Store) -> tuple[str, str, int]:
    """A stored vial, its box and its donor."""
    one, at = tables.sample.c, tables.placement.c
    with store.read() as connection:
        vial = connection.execute(
            select(one.id, one.donor_id, at.container_id)
            .join(tables.placement, at.item_id == one.id)
            .where(one.material == "CEL")
            .order_by(one.donor_id, one.id)
            .offset(12)
        ).first()
        assert vial is not None
    return from_number(vial.id), from_number(vial.container_id), vial.donor_id


def main() -> int:
    """Take every picture."""
    language.choose("en")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    OUT.mkdir(parents=True, exist_ok=True)
    take_papers(OUT / "leaving")
    home = Path(tempfile.gettempdir()) / "biobank"  # its name is seen in a picture
    shutil.rmtree(home, ignore_errors=True)
    try:
        kept = settings(home)
        language.choose("en")
        newcomer, stirred = make_lab(kept, OUT / "storage")
        for name in SIZES:
            shown = Album(app, kept, name, newcomer).take()
        for scheme in SCHEMES:
            for spoken in language.LANGUAGES:
                ConsentAlbum(app, kept, scheme, spoken, OUT / "consent").take(shown, newcomer)
                ReleaseAlbum(app, kept, scheme, spoken, OUT / "leaving").take()
                AsOfAlbum(app, kept, scheme, spoken, OUT / "storage").take(stirred)
        withdrawal_pictures.take_all(app, kept, OUT / "leaving")
        label_pictures.take_all(app, home / "labels", OUT / "labels", LOOKED_AT / "labels")
        storage_pictures.take_all(app, home / "storage", OUT / "storage", LOOKED_AT)
        storage_moving_pictures.take_all(app, home / "moving", OUT / "storage", LOOKED_AT / "storage")
        storage_colour_pictures.take_all(app, kept, OUT / "storage", LOOKED_AT / "storage")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"pictures in {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
