"""Moving and putting in order, command by command: most of them want the box that vials are placed into."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.persistence.queries import containers
from biobank_desktop.services import contents, kinds, moving, outages, reserving, spills, storage
from biobank_desktop.services.reserving import ReserveForm
from biobank_desktop.services.storage import ContainerForm
from tests.support.databases import ANNA, BO
from tests.support.leaving import kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from biobank_desktop.persistence.store import Store
    from tests.support.repertoire import Stage


@dataclass(frozen=True)
class Freezer:
    """What moving acts on, by code: the shelf of the stage's box, a second box with vials, one spilled.

    ``roamer`` was moved by the command ``moved_by``, ``loose`` lies in the second box, ``neighbour`` in the
    stage's; ``down`` is out of service; of the stage's box J9 is reserved.
    """

    shelf: str
    second: str
    spilled: str
    down: str
    neighbour: str
    roamer: str
    loose: str
    moved_by: str


def set_freezer(store: Store, donor: str, box: str) -> Freezer:
    """Let there be vials to move, a box to put in order, and a shelf out of service."""
    with store.read() as connection:
        place = containers.place(connection, codes.number(box))
        assert place is not None
        above = containers.place(connection, place.container_id)
        assert above is not None
    shelf, device = codes.from_number(place.container_id), codes.from_number(above.container_id)
    second = storage.add_container(store, ANNA, ContainerForm("Box 9 × 9", "BX008", None, shelf))
    spilled = storage.add_container(store, ANNA, ContainerForm("Box 9 × 9", "BX007", None, shelf))
    down = storage.add_container(store, ANNA, ContainerForm("Freezer shelf", "F80-01 S2", None, device))
    neighbour, roamer, loose = kept(store, BO, second, 3, donor).vials
    moving.move(store, BO, MoveForm((Move(neighbour, box, "J8"),)))
    moved_by = uuid4()
    moving.move(store, BO, MoveForm((Move(roamer, second, "B1"),)), moved_by)
    spills.spill(store, BO, spilled, "fell")
    outages.begin(store, BO, down, "ice")
    reserving.reserve(store, BO, ReserveForm(box, "tomorrow", ("J9",)))
    return Freezer(shelf, second, spilled, down, neighbour, roamer, loose, str(moved_by))


def _of(gesture: Callable[[Store, Stage, Freezer, UUID], Any]) -> Callable[[Store, Stage, UUID], Any]:
    def done(store: Store, stage: Stage, command: UUID) -> object:
        assert stage.freezer is not None
        return gesture(store, stage, stage.freezer, command)

    return done


NINE = next(kind for kind in kinds.SHIPPED_KINDS if kind.name == "Box 9 × 9")

AT_THE_FREEZER: dict[str, Callable[[Store, Stage, UUID], Any]] = {
    "moved": _of(
        lambda store, on, at, command: moving.move(
            store, BO, MoveForm((Move(on.stored, on.box, "B2"), Move(at.loose, on.box, "A2"))), command
        )
    ),
    "swapped": _of(lambda store, on, at, command: moving.swap(store, BO, on.stored, at.neighbour, command)),
    "emptied": _of(
        lambda store, on, _at, command: moving.empty(
            store, BO, MoveForm((Move(on.box, "F80-01", "3"),)), command
        )
    ),
    "list-loaded": _of(
        lambda store, on, at, command: moving.load(
            store,
            BO,
            MoveForm((Move(on.filled, on.box, "A2", 1), Move(at.neighbour, at.second, "C2", 2))),
            command,
        )
    ),
    "move-undone": _of(lambda store, _on, at, command: moving.undo(store, BO, at.moved_by, command)),
    "reserved": _of(
        lambda store, on, _at, command: reserving.reserve(
            store, BO, ReserveForm(on.box, "tomorrow", ("A2",)), command
        )
    ),
    "reservation-ended": _of(
        lambda store, on, _at, command: reserving.give_back(store, BO, on.box, ("J9",), command)
    ),
    "box-spilled": _of(lambda store, on, _at, command: spills.spill(store, BO, on.box, "fell", command)),
    "box-rescanned": _of(
        lambda store, _on, at, command: spills.rescan(store, BO, at.spilled, at.loose, "A1", command)
    ),
    "spill-ended": _of(lambda store, _on, at, command: spills.end(store, BO, at.spilled, command)),
    "outage-begun": _of(lambda store, _on, at, command: outages.begin(store, BO, at.shelf, "alarm", command)),
    "outage-ended": _of(lambda store, _on, at, command: outages.end(store, BO, at.down, command)),
    "container-rule-set": _of(
        lambda store, on, _at, command: contents.set_rule(
            store, ANNA, on.box, ["PL1"], "plasma only", command
        )
    ),
    "kind-changed": _of(
        lambda store, _on, _at, command: kinds.change_kind(
            store, ANNA, replace(NINE, materials=("CEL", "PL1")), "plasma and cells", command
        )
    ),
}
"""Each kind of command around moving, on the stage of ``set_freezer``."""
