"""A lab with very many vials, and boxes with room for all: for what is done with thousands at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.services.bulk import fill_lab
from biobank_desktop.services.kinds import KindForm, add_kind, grid_of
from biobank_desktop.services.storage import ContainerForm, add_container
from tests.support.databases import ANNA

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store

Spot = tuple[int, int, int]
"""container, row and column"""

_VIALS_OF_SIX = 5


def stock(store: Store, vials: int, seed: int = 1) -> list[str]:
    """Fill the lab in bulk; the codes of so many vials that lie in boxes, in the order of their numbers."""
    for _progress in fill_lab(store, ANNA, vials * (_VIALS_OF_SIX + 1) // _VIALS_OF_SIX + 1, seed):
        pass
    if not store.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    return first_vials(store, vials)


def first_vials(store: Store, count: int) -> list[str]:
    """The codes of so many vials that lie somewhere, in the order of their numbers."""
    vial, at = tables.sample.c, tables.placement
    asked = select(vial.id).join(at, at.c.item_id == vial.id).order_by(vial.id).limit(count)
    with store.read() as connection:
        return [codes.from_number(one) for one in connection.execute(asked).scalars()]


def add_wells(
    store: Store, name: str, wells: int, rows: int = 20, columns: int = 20
) -> list[tuple[str, str]]:
    """Empty boxes in a tank of their own; so many of their positions, as (box, position)."""
    box = KindForm(
        f"Box {rows} × {columns} {name}", "box", rows, columns, "numbers", "numbers",
        "rows-from-top-left", "samples",
    )  # fmt: skip
    count = -(-wells // (rows * columns))
    running = ("running", "running", "rows-from-top-left")
    tower = KindForm(f"Tower {name}", "rack", 1, count, *running, "containers")
    for kind in (box, tower):
        add_kind(store, ANNA, kind)
    tank = add_container(store, ANNA, ContainerForm("LN2 vapour tank", f"Tank {name}", "ln2"))
    inside = add_container(store, ANNA, ContainerForm(tower.name, f"Tower {name}", None, tank))
    grid = grid_of(box)
    labels = [grid.label(position) for position in grid.order()]
    boxes = [
        add_container(store, ANNA, ContainerForm(box.name, f"{name} {number:03}", None, inside))
        for number in range(1, count + 1)
    ]
    return [(code, label) for code in boxes for label in labels][:wells]


def lying(store: Store) -> dict[int, Spot]:
    """Where every thing lies."""
    with store.read() as connection:
        rows = connection.execute(text("SELECT item_id, container_id, row_no, column_no FROM placement"))
        return {item: (box, row, column) for item, box, row, column in rows}
