"""The pictures of docs/withdrawal.md: how a vial leaves, light and dark, in both languages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PIL import Image

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain import codes
from biobank_desktop.domain.people import Actor
from biobank_desktop.domain.use import UseForm
from biobank_desktop.gui import theme
from biobank_desktop.gui.disposals.screen import DisposalsScreen
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.gui.record.screen import RecordScreen
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.persistence.queries import disposals as lists
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import backup, disposals, releases, storage, use
from biobank_desktop.services.demo import ADMINISTRATOR, PASSWORD
from biobank_desktop.session import open_session
from tests.consent_pictures import MANAGER, READER, SCHEMES, SIZE
from tests.support.leaving import STUDY, kept, signed, withdraw
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.settings import Settings
    from tests.support.leaving import Kept


@dataclass(frozen=True)
class Scene:
    """Who withdraws, the list of who did, a vial that is out, and a donor of whom nothing is left."""

    withdrawing: str
    listed: int
    out: str
    emptied: str


def prepare(store: Store, actor: Actor) -> Scene:
    """One donor about to withdraw, one whose list is half worked off, one of whom nothing is left."""
    boxes = _boxes(store, actor)
    first = kept(store, actor, boxes[0], vials=6)
    _issue(store, actor, first)
    _spread(store, actor, boxes, first.donor)
    use.use(store, actor, UseForm(first.vials[2], "use-a2g", "asparaginase activity, run 12", ul=200))
    use.check_out(store, actor, [first.vials[2]], "second measurement")
    gone = kept(store, actor, boxes[0], vials=5)
    _issue(store, actor, gone)
    _spread(store, actor, boxes, gone.donor)
    withdraw(store, actor, gone.donor)
    listed = _newest(store)
    worked = Actor(READER, "", "technician", actor.bench)
    done = [gone.vials[number] for number in (1, 2, 3)]
    disposals.take_away(store, worked, listed, done)
    disposals.witness(store, signed(actor), listed, done[:1])
    empty = kept(store, actor, boxes[2], vials=2)
    withdraw(store, actor, empty.donor, "W4")
    taken = [empty.tube, *empty.vials]
    disposals.take_away(store, worked, _newest(store), taken)
    disposals.witness(store, signed(actor), _newest(store), taken)
    disposals.close_list(store, actor, _newest(store))
    return Scene(first.donor, listed, first.vials[2], empty.donor)


def _boxes(store: Store, actor: Actor) -> list[str]:
    freezer = storage.add_container(store, actor, storage.ContainerForm("Freezer −80", "F80-07", "-80"))
    shelf = storage.add_container(store, actor, storage.ContainerForm("Freezer shelf", "S1", None, freezer))
    names = ("BX00201", "BX00202", "BX00203")
    return [
        storage.add_container(store, actor, storage.ContainerForm("Box 9 × 9", name, None, shelf))
        for name in names
    ]


def _spread(store: Store, actor: Actor, boxes: list[str], donor: str) -> None:
    """More tubes of the donor, their vials in other boxes."""
    for box, time_point in ((boxes[1], "D15"), (boxes[2], "TP1")):
        kept(store, actor, box, vials=5, donor=donor, time_point=time_point)


def _issue(store: Store, actor: Actor, one: Kept) -> None:
    """The first vial of a donor leaves for Stockholm."""
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, one.vials[:1])
    releases.issue(store, actor, no)


def _newest(store: Store) -> int:
    with store.read() as connection:
        return lists.lists(connection)[0].no


def restore(store: Store, settings: Settings, actor: Actor, login: str) -> Settings:
    """The settings of a bench whose database was restored from the backup of yesterday."""
    seal(store)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    folder = settings.data_folder / "archives"
    made = complete(backup.back_up(store, actor, [folder], yesterday))
    database = str(settings.data_folder / "restored.sqlite")
    complete(backup.restore(made.archive, database, login, PASSWORD, settings.bench))
    return replace(settings, database=database)


def take_all(app: QApplication, kept_settings: Settings, out: Path) -> None:
    """Prepare the lab, then take every picture in both schemes and both languages."""
    session = open_session(kept_settings)
    actor = session.prove(ADMINISTRATOR.login, PASSWORD)
    scene = prepare(session.store, actor)
    restored = restore(session.store, kept_settings, actor, ADMINISTRATOR.login)
    session.told()
    session.close()
    for scheme in SCHEMES:
        for spoken in language.LANGUAGES:
            WithdrawalAlbum(app, kept_settings, scheme, spoken, out).take(scene)
            WithdrawalAlbum(app, restored, scheme, spoken, out).take_gap()


class WithdrawalAlbum:
    """One scheme and one language."""

    def __init__(
        self,
        app: QApplication,
        kept_settings: Settings,
        scheme: str,
        spoken: str,
        out: Path,
        size: tuple[int, int] = SIZE,
    ) -> None:
        language.choose(spoken)
        theme.apply(app, SCHEMES[scheme])
        self._name, self._out = f"{scheme}-{spoken}", out
        self._program = Program(replace(kept_settings, language=spoken), sounds=Sounds(enabled=False))
        self._hands = Hands(self._program, out)
        self._program.frame.resize(*size)
        self._program.start()
        self._hands.until(lambda: self._program.desk.session is not None)

    def take(self, scene: Scene) -> None:
        """Every screen of a withdrawal, of the list, of the later life of a vial, of an erasure."""
        self._as(MANAGER)
        self._donor(scene)
        self._list(scene)
        self._record(scene)
        self._close()

    def take_gap(self) -> None:
        """The gap of a restored database."""
        self._as(MANAGER)
        self._program.frame.show_screen("today")
        self._hands.settle()
        self._program.frame.show_screen("gap")
        self._save("gap")
        self._close()

    def _close(self) -> None:
        self._program.close()
        self._program.frame.close()

    def _as(self, login: str) -> None:
        self._program.sign_in(login, PASSWORD)
        desk = self._program.desk
        self._hands.until(lambda: desk.actor is not None and desk.actor.login == login)

    def _donor(self, scene: Scene) -> None:
        self._program.desk.show_record(codes.number(scene.withdrawing))
        self._hands.settle()
        screen = self._program.frame.shown_screen()
        assert isinstance(screen, DonorsScreen)
        self._hands.type("r3m")
        self._save("withdraw")
        screen.step_back()
        self._program.desk.show_record(codes.number(scene.emptied))
        self._hands.settle()
        self._hands.type("v")
        self._save("erase")
        screen.step_back()

    def _list(self, scene: Scene) -> None:
        screen = self._program.frame.show_screen("disposals")
        assert isinstance(screen, DisposalsScreen)
        screen.open_list(scene.listed)
        self._save("list")
        self._hands.type("w")
        self._save("witness")
        screen.step_back()

    def _record(self, scene: Scene) -> None:
        self._program.desk.show_record(codes.number(scene.out))
        self._save("out")
        screen = self._program.frame.shown_screen()
        assert isinstance(screen, RecordScreen)
        self._hands.type("u2")
        self._save("use")
        screen.step_back()

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
