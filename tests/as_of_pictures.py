"""The pictures of docs/storage-as-of.md: the storage as it was, a recovery kit and a walk list."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
from PIL import Image
from sqlalchemy import func, select

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain.codes import from_number
from biobank_desktop.gui import theme
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.papers.walk_list import walk_list_pdf
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, history
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import placing
from biobank_desktop.services.demo import PASSWORD
from biobank_desktop.services.recovery import write_kit
from biobank_desktop.services.walking import WalkRow, walk_list
from tests.consent_pictures import MANAGER, SCHEMES, SIZE
from tests.leaving_pictures import DPI
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.settings import Settings

_PAGES = {"cover": 0, "plan": 1, "box": 4, "index": -1}


@dataclass(frozen=True)
class Stirred:
    """A box in which things were moved, the device it stands in, and the moment before."""

    box: int
    device: int
    moment: datetime


def stir(store: Store, actor: Actor) -> Stirred:
    """Take some vials out of the fullest box and put one of them back elsewhere."""
    at = tables.placement.c
    fullest = (
        select(at.container_id)
        .join(tables.sample, tables.sample.c.id == at.item_id)
        .group_by(at.container_id)
        .order_by(func.count().desc(), at.container_id)
        .limit(1)
    )
    with store.read() as connection:
        box = int(connection.execute(fullest).scalar_one())
        device = containers.path(connection, box)[0].id
        moment = history.page(connection, history.ids(connection, limit=1))[0].at
        vials = [one.code for one in containers.contents(connection, box) if one.out_at is None]
    for vial in vials[2:5]:
        placing.take_out(store, actor, vial, "asked for by diagnostics")
    placing.place(store, actor, from_number(box), vials[3], "J9")
    return Stirred(box, device, moment)


class AsOfAlbum:
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
        self._program.sign_in(MANAGER, PASSWORD)
        self._hands.until(lambda: self._program.desk.actor is not None)

    def take(self, stirred: Stirred) -> None:
        """A box as it was, what stands around it, and a moment at which it was not there yet."""
        frame = self._program.frame
        for name, number, at in (
            ("as-it-was-box", stirred.box, stirred.moment),
            ("as-it-was-device", stirred.device, stirred.moment),
            ("as-it-was-not-yet", stirred.box, datetime(2025, 3, 3, 14, 5, tzinfo=UTC)),
        ):
            frame.show_screen("storage", container=number)
            screen = frame.shown_screen()
            assert isinstance(screen, StorageScreen)
            self._hands.settle()
            self._hands.type("h")
            self._hands.settle()
            screen.past.look_at(at)
            self._save(name)
            frame.step_back()
            self._hands.settle()
        self._program.close()
        self._program.frame.close()

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


def take_kit(store: Store, stirred: Stirred, out: Path) -> None:
    """A page of each kind of a recovery kit and the first page of a walk list, in both languages."""
    out.mkdir(parents=True, exist_ok=True)
    with store.read() as connection:
        vials = [WalkRow(one.code) for one in containers.contents(connection, stirred.box)[:14]]
    for spoken in language.LANGUAGES:
        language.choose(spoken)
        with tempfile.TemporaryDirectory() as folder:
            (path,) = complete(write_kit(store, from_number(stirred.device), "Sanne Visser", Path(folder)))
            _picture(path.read_bytes(), {f"kit-{name}-{spoken}": page for name, page in _PAGES.items()}, out)
        with store.read() as connection:
            paper = walk_list(connection, language._("Walk list"), vials, "Sanne Visser", datetime.now(UTC))
        _picture(walk_list_pdf(paper), {f"walk-{spoken}": 0}, out)


def _picture(content: bytes, wanted: dict[str, int], out: Path) -> None:
    document = pypdfium2.PdfDocument(content)
    for name, number in wanted.items():
        page = document[number % len(document)].render(scale=DPI / 72).to_pil().convert("RGB")
        page.quantize(256, dither=Image.Dither.NONE).save(out / f"{name}.png", optimize=True)
    document.close()
