"""The pictures of docs/storage-moving.md: moving and putting in order, light and dark, some in Dutch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from PIL import Image
from PySide6.QtCore import Qt

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain import codes
from biobank_desktop.domain.people import Actor
from biobank_desktop.gui import theme
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.gui.storage.emptying import EmptyCard
from biobank_desktop.gui.storage.loading import LoadCard
from biobank_desktop.gui.storage.making import NewKind
from biobank_desktop.gui.storage.moving import MoveCard
from biobank_desktop.gui.storage.reserving import ReserveCard
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.persistence.queries import containers
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import outages, placing, reserving, spills
from biobank_desktop.services.demo import ADMINISTRATOR, PASSWORD, fill_demo
from biobank_desktop.services.reserving import ReserveForm
from biobank_desktop.services.storage import ContainerForm, add_container
from biobank_desktop.session import found_session
from biobank_desktop.settings import read_settings
from tests.consent_pictures import MANAGER, SCHEMES
from tests.support.lab import add_boxes
from tests.support.leaving import kept
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.settings import Settings

F = TypeVar("F", bound=FormCard)
SIZES = {"": (1366, 768), "wide-": (1920, 1080)}
TECHNICIAN = "sanne"


@dataclass(frozen=True)
class Stage:
    """Where the pictures are taken, by code: a box with vials and reserved wells, another, a spilled one.

    ``shelf`` holds them, ``down`` is out of service, ``warm`` is no place for plasma, ``away`` lies nowhere.
    """

    box: str
    other: str
    spilled: str
    shelf: str
    down: str
    warm: str
    vials: tuple[str, ...]
    away: str


def take_all(app: QApplication, home: Path, out: Path, looked_at: Path) -> None:
    """In a lab of their own; wide windows and most of the Dutch ones are only looked at."""
    own = replace(read_settings(), bench="bench 2", data_folder=home, state_folder=home / "state")
    own = replace(own, database=str(home / "moving.sqlite"), backup_folder=home / "backups")
    session, founded = found_session(own, ADMINISTRATOR, PASSWORD)
    complete(fill_demo(session.store, founded.actor, datetime.now(UTC)))
    stage = set_stage(session.store, founded.actor)
    session.told()
    session.close()
    for scheme, spoken, size in (
        *(("light", "en", ""), ("dark", "en", ""), ("light", "nl", "")),
        *(("light", "en", "wide-"), ("dark", "nl", "wide-")),
    ):
        MovingAlbum(app, own, scheme, spoken, size, looked_at if size else out).take(stage)


def set_stage(store: Store, admin: Actor) -> Stage:
    """Vials of three donors in a box, a second box, a spilled one, a shelf out of service."""
    sanne = Actor(TECHNICIAN, "Sanne", "technician", "bench 1")
    box = add_boxes(store, admin).plasma
    with store.read() as connection:
        shelf = containers.place(connection, codes.number(box))
    assert shelf is not None
    inside = codes.from_number(shelf.container_id)
    other = add_container(store, admin, ContainerForm("Box 9 × 9", "BX002-B", None, inside))
    fallen = add_container(store, admin, ContainerForm("Box 9 × 9", "BX003-B", None, inside))
    freezer = add_container(store, admin, ContainerForm("Freezer −80", "F80-02", "-80"))
    down = add_container(store, admin, ContainerForm("Freezer shelf", "F80-02 S1", None, freezer))
    for name in ("BX101", "BX102", "BX103"):
        kept(store, admin, add_container(store, admin, ContainerForm("Box 9 × 9", name, None, down)), 4)
    fridge = add_container(store, admin, ContainerForm("Freezer −80", "Fridge 3", "fridge"))
    warm_shelf = add_container(store, admin, ContainerForm("Freezer shelf", "Fridge 3 S1", None, fridge))
    warm = add_container(store, admin, ContainerForm("Box 9 × 9", "BX900", None, warm_shelf))
    vials = [vial for _donor in range(3) for vial in kept(store, sanne, box, 12).vials]
    kept(store, sanne, other, 5)
    kept(store, sanne, fallen, 14)
    placing.take_out(store, sanne, vials[-1], "thawed too early, refrozen")
    reserving.reserve(store, sanne, ReserveForm(box, "Sibling of ALL-0417", ("E4", "E5", "E6", "E7"), days=3))
    spills.spill(store, sanne, fallen, "Fell while the rack was pulled")
    outages.begin(store, sanne, down, "The door does not close")
    return Stage(box, other, fallen, inside, down, warm, tuple(vials[:-1]), vials[-1])


class MovingAlbum:
    """One scheme, one language and one size of window; what is asked is never carried out."""

    def __init__(
        self, app: QApplication, own: Settings, scheme: str, spoken: str, size: str, out: Path
    ) -> None:
        language.choose(spoken)
        theme.apply(app, SCHEMES[scheme])
        self._name, self._out = f"{size}{scheme}-{spoken}", out
        self._program = Program(replace(own, language=spoken), sounds=Sounds(enabled=False))
        self._hands = Hands(self._program, out)
        self._program.frame.resize(*SIZES[size])
        self._program.start()
        self._hands.until(lambda: self._program.desk.session is not None)
        self._program.sign_in(MANAGER, PASSWORD)
        self._hands.until(lambda: self._program.desk.actor is not None)

    def take(self, stage: Stage) -> None:
        """Every form with something in it, every band."""
        self._moves(stage)
        self._lists(stage)
        self._order(stage)
        self._rules(stage)
        self._program.frame.show_screen("today")
        self._save("today")
        self._program.close()
        self._program.frame.close()

    def _moves(self, stage: Stage) -> None:
        screen = self._open(stage.box)
        screen.heading.toggle_more()
        self._save("reserved-and-more")
        self._select(screen, *((0, column) for column in range(6)))
        card = self._card("move", MoveCard)
        self._hands.scan(stage.other)
        self._save("move")
        self._hands.scan(stage.warm)
        card.out_at.set_moment(datetime.now(UTC))
        card.primary.click()
        self._save("move-too-warm")
        self._back()

    def _lists(self, stage: Stage) -> None:
        self._open(stage.box)
        card = self._card("list", LoadCard)
        rows = [f"{vial}\tBX002-B / C{no}" for no, vial in enumerate(stage.vials[:7], 1)]
        card.set_text("\n".join([*rows, f"{stage.away}\tBX002-B / D1"]))
        card.check_wanted.emit()
        self._save("list")
        bad = ["PM26 0000\tBX002-B / D2", f"{stage.vials[8]}\tBX 404 / A1", f"{stage.vials[0]}\tBX001 / A9"]
        card.set_text("\n".join([*rows, *bad]))
        card.check_wanted.emit()
        self._save("list-refused")
        self._back()

    def _order(self, stage: Stage) -> None:
        self._open(stage.down)
        self._save("out-of-service")
        plan = self._card("empty", EmptyCard)
        plan.into.set_text("F80-01 S1, BX002-B")
        plan.primary.click()
        self._save("empty")
        self._back()
        self._open(stage.spilled)
        self._save("spilled")
        self._shown().begin("spill")
        self._save("spilled-missing")
        self._back()
        screen = self._open(stage.box)
        self._select(screen, (5, 0), (5, 1), (5, 2))
        reserve = self._card("reserve", ReserveCard)
        reserve.days.set_text("900")
        reserve.primary.click()
        self._save("reserve-refused")
        self._back()

    def _rules(self, stage: Stage) -> None:
        self._open(stage.shelf)
        self._shown().begin("rule")
        self._hands.settle()
        self._hands.type("o")
        self._save("rules")
        self._back()
        self._shown().begin("kind")
        self._save("kinds")
        self._hands.type("k")
        self._hands.settle()
        form = self._shown().form()
        assert isinstance(form, NewKind)
        form.column_count.set_text("0")
        form.primary.click()
        self._save("kind-new")
        self._back()

    def _shown(self) -> StorageScreen:
        shown = self._program.frame.shown_screen()
        assert isinstance(shown, StorageScreen)
        return shown

    def _open(self, code: str) -> StorageScreen:
        self._program.frame.show_screen("storage", container=codes.number(code))
        self._hands.settle()
        return self._shown()

    def _card(self, action: str, kind: type[F]) -> F:
        self._shown().begin(action)
        self._hands.settle()
        form = self._shown().form()
        assert isinstance(form, kind)
        return form

    def _select(self, screen: StorageScreen, *places: tuple[int, int]) -> None:
        screen.box.map.setFocus()
        self._hands.chord(Qt.Key.Key_Home)
        screen.box.map.select(places)

    def _back(self) -> None:
        self._shown().close_form()
        self._hands.settle()

    def _save(self, what: str) -> None:
        """Keep what the window shows, in 256 colours: enough for a window, a third of the size."""
        self._hands.settle()
        self._hands.wait(400)
        self._out.mkdir(parents=True, exist_ok=True)
        path = self._out / f"moving-{what}-{self._name}.png"
        self._program.frame.grab().save(str(path))
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
