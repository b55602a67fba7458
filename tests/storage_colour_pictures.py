"""The pictures of docs/storage-colours.md: every colouring of a box, what is selected, light and dark."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image
from PySide6.QtCore import Qt

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain.colouring import COLOURINGS
from biobank_desktop.gui import theme
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.gui.widgets.boxmap import BoxMap, Well, WellState
from biobank_desktop.services.demo import ADMINISTRATOR, PASSWORD
from biobank_desktop.session import open_session
from tests.consent_pictures import MANAGER, SCHEMES, SIZE
from tests.support.colourful import fill_box
from tests.support.lab import add_boxes
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QApplication

    from biobank_desktop.settings import Settings

WELL_PX = 42


def take_all(app: QApplication, kept: Settings, out: Path, looked_at: Path) -> None:
    """Fill a box, then take every picture in both schemes; those in Dutch are only looked at."""
    session = open_session(kept)
    actor = session.prove(ADMINISTRATOR.login, PASSWORD)
    box = add_boxes(session.store, actor, prefix="C ").plasma
    fill_box(session.store, actor, box)
    session.told()
    session.close()
    for scheme in SCHEMES:
        for spoken in language.LANGUAGES:
            folder = out if spoken == "en" else looked_at
            ColourAlbum(app, kept, scheme, spoken, folder).take(box)


class ColourAlbum:
    """One scheme and one language."""

    def __init__(
        self,
        app: QApplication,
        kept: Settings,
        scheme: str,
        spoken: str,
        out: Path,
        size: tuple[int, int] = SIZE,
    ) -> None:
        language.choose(spoken)
        theme.apply(app, SCHEMES[scheme])
        self._name, self._out = f"{scheme}-{spoken}", out
        self._program = Program(replace(kept, language=spoken), sounds=Sounds(enabled=False))
        self._hands = Hands(self._program, out)
        self._program.frame.resize(*size)
        self._program.start()
        self._hands.until(lambda: self._program.desk.session is not None)
        self._program.sign_in(MANAGER, PASSWORD)
        self._hands.until(lambda: self._program.desk.actor is not None)

    def take(self, box: str) -> None:
        """The box as it is, by every colouring, some of it selected, both choosers; and every state."""
        self._hands.scan(box)
        screen = self._program.frame.shown_screen()
        assert isinstance(screen, StorageScreen)
        for place, colouring in enumerate(COLOURINGS):
            if place:
                self._hands.type("c")
            self._save(f"colours-{colouring}")
        screen.box.map.setFocus()
        self._hands.chord(Qt.Key.Key_Home)
        self._hands.type("c")
        self._hands.type("c")
        self._hands.type("x")
        self._save("select-choices")
        self._hands.type("d")
        self._save("select-donor")
        screen.box.side.head.click()
        self._save("colours-chooser")
        self._keep("well-states", _states())
        self._program.close()
        self._program.frame.close()

    def _save(self, what: str) -> None:
        self._hands.settle()
        self._hands.wait(400)
        self._keep(what, self._program.frame.grab())

    def _keep(self, what: str, picture: QPixmap) -> None:
        """In 256 colours: enough for a window, a third of the size."""
        self._out.mkdir(parents=True, exist_ok=True)
        path = self._out / f"{what}-{self._name}.png"
        picture.save(str(path))
        with Image.open(path) as drawn:
            small = drawn.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(path, optimize=True)


def _states() -> QPixmap:
    """Every state of a well, as large as it gets."""
    box = BoxMap(widest_px=WELL_PX)
    theme.set_role(box, "ground")
    box.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    box.set_grid("A", [state.value[:4] for state in WellState])
    box.set_wells({(0, column): Well(state) for column, state in enumerate(WellState)})
    box.resize(box.widest() + 8, box.heightForWidth(box.widest()) + 8)
    return box.grab()
