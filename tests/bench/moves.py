"""What moving costs: room found, thousands of vials moved, and that taken back, beside the bare driver."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import text

from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.services import moving
from biobank_desktop.services.space import SpaceForm, find_space
from tests.bench.replay import recorded, replay
from tests.bench.timing import Row, each, quantiles
from tests.support.databases import BO, open_store
from tests.support.stocked import add_wells, first_vials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from biobank_desktop.persistence.store import Store
    from tests.bench.database import Lab

TOGETHER, MOVED, READS = 96, 5_000, 20
_BARE_ROOM = text(
    "SELECT c.id, c.rows * c.columns - count(p.item_id) AS free FROM container c"
    " JOIN container_kind k ON k.name = c.kind LEFT JOIN placement p ON p.container_id = c.id"
    " WHERE k.holds = 'samples' GROUP BY c.id, c.rows, c.columns"
    " HAVING c.rows * c.columns > count(p.item_id) ORDER BY free DESC LIMIT 1"
)
_BARE_TAKEN = text("SELECT row_no, column_no FROM placement WHERE container_id = :box")


def rows(lab: Lab) -> Iterator[Row]:
    """Everything about moves at the size the lab has now; what was moved lies where it lay in the end."""
    store = open_store(lab.address)
    wells = add_wells(store, f"B{lab.samples}", MOVED)
    yield _room(lab, store)
    store.close()
    copy = lab.databases.copy(lab.address)
    ours, raw = open_store(lab.address), open_store(copy)
    try:
        vials = first_vials(ours, MOVED)
        form = MoveForm(tuple(Move(vial, *well) for vial, well in zip(vials, wells, strict=True)))
        moved: list[str] = []
        yield _both(lab, "move of 5,000 vials", ours, raw, lambda: moved.append(_done(ours, form)))
        yield _both(lab, "that move taken back", ours, raw, lambda: moving.undo(ours, BO, moved[0]))
    finally:
        ours.close()
        raw.close()
        lab.databases.remove(copy)


def _done(store: Store, form: MoveForm) -> str:
    return moving.move(store, BO, form).command


def _room(lab: Lab, store: Store) -> Row:
    form = SpaceForm("CEL", TOGETHER, "emptiest")

    def ours() -> None:
        with store.read() as connection:
            find_space(connection, form, BO.login, datetime.now(UTC))

    def bare() -> None:
        with store.read() as connection:
            box = connection.execute(_BARE_ROOM).scalar_one()
            connection.execute(_BARE_TAKEN, {"box": box}).all()

    p50, p95 = quantiles(each([ours] * READS))
    limit, _p95 = quantiles(each([bare] * READS))
    note = "raw: the emptiest box and what is taken in it"
    return Row(f"next {TOGETHER} free positions", lab.engine, lab.samples, p50, p95, limit, note=note)


def _both(lab: Lab, name: str, ours: Store, raw: Store, gesture: Callable[[], object]) -> Row:
    with recorded(ours.engine) as recording:
        begin = time.perf_counter()
        gesture()
        rate = MOVED / (time.perf_counter() - begin)
    limit = MOVED / sum(replay(raw.engine, recording))
    return Row(name, lab.engine, lab.samples, rate, rate, limit, "/s", "one command")
