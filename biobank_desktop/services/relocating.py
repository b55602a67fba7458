"""Laying many things elsewhere in one command: found, held, asked whether they may, and written together.

What lies somewhere may lie elsewhere without being asked about anew: it is kept already, and a freezer that
fails has to be emptied whatever consent says. What lay nowhere is stored anew, with every question of that.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import Problem, Rejected, stops
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, tree
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services.move_orders import hold, orders_of, problems_of, require_cold
from biobank_desktop.services.positions import pick, refuse_all, room_in, use_up
from biobank_desktop.services.refitting import refit
from biobank_desktop.services.sprec import update_sprec
from biobank_desktop.services.standing import come_back

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.moves import MoveForm
    from biobank_desktop.persistence.work import Fact, Work
    from biobank_desktop.services.move_orders import Order

Spot = tuple[int, int, int]
"""container, row and column (both from 1)"""


@dataclass(frozen=True)
class Laid:
    """Where each thing lies now, by its number, in the order of the moves, and what is to be said of it."""

    spots: Mapping[int, Spot]
    warnings: tuple[Problem, ...]


def relocate(
    work: Work,
    form: MoveForm,
    *,
    new: bool = False,
    given_way: Mapping[int, datetime] | None = None,
    unread: Sequence[Problem] = (),
) -> Laid:
    """Carry out the moves of a form in an open command.

    ``new``: what lies nowhere is stored. ``given_way`` are things that only make room, and since when they
    are known to lie where they do: that stays as it is. ``unread`` are problems known before, told with the
    others. Raises ``Conflict`` when all that stands in the way is what others have done, else ``Rejected``
    with every problem of every move.
    """
    orders, problems = orders_of(work.connection, form.moves)
    orders = hold(work, orders)
    lying = work.locked_all(tables.placement, [order.item_id for order in orders])
    problems = [*unread, *problems, *problems_of(work, orders, lying, form, new=new)]
    spots, wrong = _spots(work, orders, lying)
    warnings = tuple(problem for problem in problems if problem.warning)
    refuse_all([*stops(problems), *wrong])
    if not spots:
        raise Rejected(Problem("moves", "nothing-to-move"))
    _use_up(work, orders, spots)
    lay(work, spots, lying, form, given_way or {})
    require_cold(work, orders, form)
    return Laid(spots, warnings)


def lay(
    work: Work,
    spots: Mapping[int, Spot],
    lying: Mapping[int, Fact],
    form: MoveForm,
    since: Mapping[int, datetime],
) -> None:
    """Write where held things lie from now on, or ``since`` when; ``lying`` are their places until now."""
    moved = {item: was for item, was in lying.items() if item in spots}
    classes = _Classes.of(work.connection, moved)
    samples_moved = {item for item in spots if codes.kind_of(codes.from_number(item)) is CodeKind.SAMPLE}
    work.insert(tables.relocation, [_relocation(work, was, form) for was in moved.values()])
    work.delete_all(tables.placement, moved)
    refit(work, {}, {item: spot[0] for item, spot in spots.items() if item not in samples_moved})
    grids = {
        row.id: row.kind for row in containers.some(work.connection, {spot[0] for spot in spots.values()})
    }
    streams = _streams(work, spots, moved)
    work.insert(
        tables.placement,
        [
            {
                "item_id": item,
                "container_id": spot[0],
                "rows": grids[spot[0]].rows,
                "columns": grids[spot[0]].columns,
                "row_no": spot[1],
                "column_no": spot[2],
                "since": since.get(item, work.at),
                "stream_id": streams[item],
            }
            for item, spot in spots.items()
        ],
    )
    standing = standings(work.connection, samples_moved)
    for item in samples_moved:
        if standing[item].out_at is not None:
            come_back(work, item)
    changed = classes.changed(work, moved)
    update_sprec(work, *changed, *(item for item in samples_moved if item not in moved))


# Where exactly ------------------------------------------------------------------------------------------


def _spots(
    work: Work, orders: Sequence[Order], lying: Mapping[int, Fact]
) -> tuple[dict[int, Spot], list[Problem]]:
    """The position of each thing, in the order of the moves, and why there is none."""
    leaving: dict[int, set[Position]] = defaultdict(set)
    for was in lying.values():
        leaving[was["container_id"]].add((was["row_no"], was["column_no"]))
    spots: dict[int, Spot] = {}
    problems = []
    targets = _by_target(orders)
    rooms = {number: room_in.sent(work.connection, number) for number in targets}
    for number, of_box in targets.items():
        wanted = [order.move.position for order in of_box]
        found, wrong = pick(work, of_box[0].target, rooms[number](), wanted, leaving[number])
        for order, position, problem in zip(of_box, found, wrong, strict=True):
            if problem is not None:
                problems.append(order.says(problem))
            elif position is not None:
                spots[order.item_id] = (number, *position)
    return {order.item_id: spots[order.item_id] for order in orders if order.item_id in spots}, problems


def _use_up(work: Work, orders: Sequence[Order], spots: Mapping[int, Spot]) -> None:
    for number, of_box in _by_target(orders).items():
        room = room_in(work.connection, number)
        use_up(work, of_box[0].target, room, {spots[order.item_id][1:] for order in of_box})


def _by_target(orders: Sequence[Order]) -> dict[int, list[Order]]:
    into: dict[int, list[Order]] = defaultdict(list)
    for order in orders:
        if order.belongs:
            into[order.target.id].append(order)
    return into


# What is written ----------------------------------------------------------------------------------------


def _relocation(work: Work, was: Fact, form: MoveForm) -> dict[str, Any]:
    return {
        "item_id": was["item_id"],
        "from_id": was["container_id"],
        "from_row": was["row_no"],
        "from_column": was["column_no"],
        "out_at": form.out_at,
        "at": work.at,
        "stream_id": was["stream_id"],
    }


def _streams(work: Work, spots: Mapping[int, Spot], moved: Mapping[int, Fact]) -> dict[int, int]:
    """A placement lies in the history of the thing that lies there."""
    streams = {item: int(was["stream_id"]) for item, was in moved.items()}
    fresh = [item for item in spots if item not in streams]
    streams |= {row["id"]: row["donor_id"] for row in work.locked_all(tables.sample, fresh).values()}
    missing = [item for item in fresh if item not in streams]
    return streams | {
        row["id"]: row["stream_id"] for row in work.locked_all(tables.container, missing).values()
    }


@dataclass(frozen=True)
class _Classes:
    """The temperature class of everything that is moved, before it is."""

    boxes: Mapping[int, tuple[str, str]]
    sources: Mapping[int, tuple[str, str]]

    @classmethod
    def of(cls, connection: Connection, moved: Mapping[int, Fact]) -> _Classes:
        """Those of the boxes in moved containers, and of where moved samples lie."""
        inside = tree.inside(connection, moved)
        boxes = {box for chain in inside.values() for box in chain}
        sources = {was["container_id"] for was in moved.values()}
        classes = containers.storage_classes(connection, boxes | sources)
        return cls(
            {box: classes[box] for box in boxes if box in classes},
            {
                item: classes[was["container_id"]]
                for item, was in moved.items()
                if was["container_id"] in classes
            },
        )

    def changed(self, work: Work, moved: Mapping[int, Fact]) -> list[int]:
        """The samples that came to another class; of boxes that did, it is written down."""
        connection = work.connection
        now = containers.places(connection, moved)
        classes = containers.storage_classes(
            connection, {*self.boxes, *(place.container_id for place in now.values())}
        )
        boxes = {box: was for box, was in self.boxes.items() if classes.get(box, was)[0] != was[0]}
        holding = {one.container_id for one in tree.lying_in(connection, boxes)}
        for box in sorted(holding):
            last = work.locked_last(tables.temperature_change, {"container_id": box})
            work.insert(
                tables.temperature_change,
                [
                    {
                        "container_id": box,
                        "no": last["no"] + 1 if last else 1,
                        "at": work.at,
                        "was": boxes[box][0],
                        "became": classes[box][0],
                        "stream_id": work.stream_of(tables.container, box),
                    }
                ],
            )
        inside = [one.sample_id for one in tree.lying_in(connection, boxes)]
        alone = [
            item
            for item, place in now.items()
            if item not in self.boxes and self.sources.get(item) != classes.get(place.container_id)
        ]
        return [*inside, *alone]
