"""Laying many things elsewhere in one command: found, held, asked whether they may, and written together.

What lies somewhere may lie elsewhere without being asked about anew: it is kept already, and a freezer that
fails has to be emptied whatever consent says. What lay nowhere is stored anew, with every question of that.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.contents import allowed, allows
from biobank_desktop.domain.moves import at
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.storage import container_problem, suits
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, samples, tree
from biobank_desktop.persistence.queries.containers import ContainerRow
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services.families import held
from biobank_desktop.services.gate import decide_about, reason_problem
from biobank_desktop.services.positions import pick, refuse_all, use_up
from biobank_desktop.services.refitting import refit
from biobank_desktop.services.sprec import update_sprec
from biobank_desktop.services.standing import come_back, gone_problems, kept_problems
from biobank_desktop.services.storage import level_of, out_of_service

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.moves import Move, MoveForm
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.queries.standing import Standing
    from biobank_desktop.persistence.work import Fact, Work

Spot = tuple[int, int, int]
"""container, row and column (both from 1)"""


@dataclass(frozen=True)
class Order:
    """One move with the sample or the container that it is about, and the container it goes to."""

    move: Move
    target: ContainerRow
    sample: SampleRow | None = None
    container: ContainerRow | None = None

    @property
    def item_id(self) -> int:
        """The number of what is moved."""
        item = self.sample or self.container
        assert item is not None
        return item.id

    def says(self, problem: Problem) -> Problem:
        """A problem of this move: of its line when it comes from a list."""
        return at(problem, self.move.line)

    @property
    def belongs(self) -> bool:
        """Whether such a thing has a position in its target at all."""
        return self.target.kind.holds == ("containers" if self.sample is None else "samples")


def relocate(
    work: Work,
    form: MoveForm,
    *,
    new: bool = False,
    given_way: Mapping[int, datetime] | None = None,
    unread: Sequence[Problem] = (),
) -> dict[int, Spot]:
    """Carry out the moves of a form in an open command; returns where each thing lies now, by its number.

    ``new``: what lies nowhere is stored. ``given_way`` are things that only make room, and since when they
    are known to lie where they do: that stays as it is. ``unread`` are problems known before, told with the
    others. Raises ``Conflict`` when all that stands in the way is what others have done, else ``Rejected``
    with every problem of every move.
    """
    orders, problems = orders_of(work.connection, form.moves)
    orders = _hold(work, orders)
    lying = work.locked_all(tables.placement, [order.item_id for order in orders])
    problems = [*unread, *problems, *_problems(work, orders, lying, form, new=new)]
    spots, wrong = _spots(work, orders, lying)
    refuse_all(problems + wrong)
    if not spots:
        raise Rejected(Problem("moves", "nothing-to-move"))
    _use_up(work, orders, spots)
    lay(work, spots, lying, form, given_way or {})
    _require_cold(work, orders, form)
    return spots


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


# What is asked for --------------------------------------------------------------------------------------


def orders_of(connection: Connection, moves: Sequence[Move]) -> tuple[list[Order], list[Problem]]:
    """The moves with the rows they are about, and every code and name of nothing."""
    items = _found(connection, [move.item for move in moves])
    targets = _found(connection, {move.to for move in moves}, only_containers=True)
    problems: list[Problem] = []
    orders: list[Order] = []
    seen: set[int] = set()
    for move in moves:
        item, target = items.get(move.item), targets.get(move.to)
        if item is None:
            problems.append(at(Problem("item", "thing-unknown", {"code": move.item}), move.line))
        if target is None:
            problems.append(at(Problem("to", "container-unknown", {"code": move.to}), move.line))
        if item is None or not isinstance(target, ContainerRow):
            continue
        if item.id in seen:
            problems.append(at(Problem("item", "moved-twice", {"code": codes.group(item.code)}), move.line))
        seen.add(item.id)
        if isinstance(item, ContainerRow):
            orders.append(Order(move, target, container=item))
        else:
            orders.append(Order(move, target, sample=item))
    return orders, problems


def _found(
    connection: Connection, given: Iterable[str], *, only_containers: bool = False
) -> dict[str, SampleRow | ContainerRow]:
    """Samples by code and containers by code or name, by how they were given."""
    numbers = {one: codes.number(known) for one in given if (known := codes.parse(one))}
    found: dict[int, SampleRow | ContainerRow] = {}
    found |= {row.id: row for row in containers.some(connection, numbers.values())}
    if not only_containers:
        found |= samples.samples(connection, numbers.values())
    rows = {one: found[number] for one, number in numbers.items() if number in found}
    names = {one: identifier(one) for one in given if one not in rows}
    named = containers.named(connection, set(names.values()))
    return rows | {one: named[name] for one, name in names.items() if name in named}


def _hold(work: Work, orders: list[Order]) -> list[Order]:
    """The same with everything held: donors and samples first, then containers, the lowest numbers first."""
    of_samples = [order.sample for order in orders if order.sample is not None]
    now = {row.id: row for row in held(work, of_samples)} if of_samples else {}
    boxes = {order.target.id for order in orders}
    work.hold(tables.container, boxes | {order.item_id for order in orders if order.container is not None})
    return [replace(order, sample=now.get(order.item_id)) for order in orders]


# Whether it may be --------------------------------------------------------------------------------------


def _problems(
    work: Work, orders: Sequence[Order], lying: Mapping[int, Fact], form: MoveForm, *, new: bool
) -> list[Problem]:
    connection = work.connection
    problems = []
    if form.out_at is not None and form.out_at > work.at:
        problems.append(Problem("out_at", "in-the-future"))
    if form.even_warmer and not form.why.strip():
        problems.append(Problem("why", "reason-missing"))
    problems += target_problems(connection, orders)
    of_samples = [(order, order.sample) for order in orders if order.sample is not None]
    problems += sample_problems(connection, of_samples, lying, form, new=new)
    for order in orders:
        if order.container is not None:
            found = container_problems(connection, order.container, order.target)
            problems += [order.says(problem) for problem in found]
    fresh = [(order, row) for order, row in of_samples if row.id not in lying]
    return problems + _consent_problems(work, fresh)


def target_problems(connection: Connection, orders: Sequence[Order]) -> list[Problem]:
    """Why nothing may go into these containers: what is retired or out of service takes nothing new."""
    targets = {order.target.id: order for order in reversed(orders)}
    down = out_of_service(connection, targets, "to")
    problems = [targets[one].says(problem) for one, problem in down.items()]
    retired = [order for order in targets.values() if order.target.retired]
    return problems + [
        order.says(Problem("to", "container-retired", {"name": order.target.name})) for order in retired
    ]


def sample_problems(
    connection: Connection,
    orders: Sequence[tuple[Order, SampleRow]],
    lying: Collection[int],
    form: MoveForm,
    *,
    new: bool,
) -> list[Problem]:
    """Why these samples may not lie there; ``lying`` lie somewhere, ``new`` stores the others."""
    standing = standings(connection, [row.id for _order, row in orders])
    classes = containers.temperatures(connection, {order.target.id for order, _row in orders})
    fresh = [row.id for _order, row in orders if row.id not in lying]
    labelled = containers.newest_labels(connection, fresh)
    problems = []
    for order, row in orders:
        if row.id in lying:
            found = gone_problems(row, standing[row.id], "item")
        elif new:
            found = _new_problems(row, standing[row.id], labelled=row.id in labelled)
        else:
            found = [Problem("item", "not-stored", {"code": codes.group(row.code)})]
        temperature = None if form.even_warmer else classes.get(order.target.id, "room")
        found += _fitting_problems(row, order.target, temperature)
        problems += [order.says(problem) for problem in found]
    return problems


def _new_problems(row: SampleRow, standing: Standing, *, labelled: bool) -> list[Problem]:
    """Why a sample may not be stored at all."""
    shown = {"code": codes.group(row.code)}
    problems = kept_problems(row, standing, "item")
    if row.state == "refused":
        problems.append(Problem("item", "sample-refused", shown))
    if row.kind != "tube" and not labelled:
        problems.append(Problem("item", "sample-unlabelled", shown))
    return problems


def _fitting_problems(row: SampleRow, box: ContainerRow, temperature: str | None) -> list[Problem]:
    """Why a sample may not lie in a container, at a temperature class unless that does not matter."""
    if box.kind.holds != "samples":
        return [Problem("to", "holds-no-samples", {"name": box.name, "kind": box.kind.name})]
    values = {"code": codes.group(row.code), "material": row.material, "name": box.name}
    problems = []
    overnight = box.kind.level == "freezing-container"
    if temperature is not None and not suits(row.material, temperature, overnight=overnight):
        shown = {**values, "temperature": temperature}
        problems.append(Problem("to", "temperature-not-suitable", shown))
    if not allows(allowed(box.materials), row.material):
        problems.append(Problem("to", "material-not-allowed", values))
    return problems


def _consent_problems(work: Work, fresh: Sequence[tuple[Order, SampleRow]]) -> list[Problem]:
    """What the gate says against storing what lies nowhere yet; its words are kept."""
    decisions = decide_about(work, [row for _order, row in fresh])
    of_donor = dict(zip(sorted({row.donor_id for _order, row in fresh}), decisions, strict=True))
    return [
        order.says(reason_problem(reason, "item"))
        for order, row in fresh
        if of_donor[row.donor_id].verdict == "refused"
        for reason in of_donor[row.donor_id].reasons
    ]


def container_problems(connection: Connection, item: ContainerRow, target: ContainerRow) -> list[Problem]:
    """Why a container may not stand in another one."""
    around = containers.temperatures(connection, [target.id]).get(target.id)
    problem = container_problem(level_of(item), item.temperature, level_of(target), around)
    found = [problem] if problem else []
    takes = allowed(target.kind.takes)
    if not allows(takes, item.kind.name):
        values = {"name": target.name, "kind": item.kind.name, "takes": sorted(takes or ())}
        found.append(Problem("to", "kind-not-taken", values))
    return found


def _require_cold(work: Work, orders: Sequence[Order], form: MoveForm) -> None:
    """Refuse containers whose contents may not be kept where they stand now. Raises ``Rejected``."""
    moved = [order for order in orders if order.container is not None]
    if not moved or form.even_warmer:
        return
    connection = work.connection
    inside = tree.inside(connection, [order.item_id for order in moved])
    within = {box: root for root, boxes in inside.items() for box in boxes}
    classes = containers.storage_classes(connection, within)
    problems: dict[int, Problem] = {}
    for one in tree.lying_in(connection, within):
        temperature, level = classes.get(one.container_id, ("room", ""))
        if not suits(one.material, temperature, overnight=level == "freezing-container"):
            values = {
                "code": codes.group(codes.from_number(one.sample_id)),
                "material": one.material,
                "temperature": temperature,
            }
            problems.setdefault(within[one.container_id], Problem("to", "inside-not-suitable", values))
    refuse_all([order.says(problems[order.item_id]) for order in moved if order.item_id in problems])


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
    for number, of_box in _by_target(orders).items():
        box = of_box[0].target
        found, wrong = pick(work, box, [order.move.position for order in of_box], leaving[number])
        for order, position, problem in zip(of_box, found, wrong, strict=True):
            if problem is not None:
                problems.append(order.says(problem))
            elif position is not None:
                spots[order.item_id] = (number, *position)
    return {order.item_id: spots[order.item_id] for order in orders if order.item_id in spots}, problems


def _use_up(work: Work, orders: Sequence[Order], spots: Mapping[int, Spot]) -> None:
    for of_box in _by_target(orders).values():
        use_up(work, of_box[0].target, {spots[order.item_id][1:] for order in of_box})


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
