"""Moves as they are asked for: what each is about, where it goes, and everything that stands against it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.contents import allowed, allows
from biobank_desktop.domain.moves import at
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.storage import container_problem, suits
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, printing, samples, tree
from biobank_desktop.persistence.queries.containers import ContainerRow
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services.families import held
from biobank_desktop.services.foreign_codes import sample_numbers
from biobank_desktop.services.gate import decide_about, reason_problem
from biobank_desktop.services.positions import refuse_all
from biobank_desktop.services.standing import gone_problems, kept_problems
from biobank_desktop.services.storage import level_of, out_of_service
from biobank_desktop.services.unchecked_labels import unchecked, unchecked_problem, unchecked_warning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.moves import Move, MoveForm
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.queries.standing import Standing
    from biobank_desktop.persistence.work import Fact, Work


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
    """Samples by code, also a maker's, and containers by code or name, by how they were given."""
    given = list(given)
    numbers = (
        {one: codes.number(known) for one in given if (known := codes.parse(one))}
        if only_containers
        else sample_numbers(connection, given)
    )
    found: dict[int, SampleRow | ContainerRow] = {}
    found |= {row.id: row for row in containers.some(connection, numbers.values())}
    if not only_containers:
        found |= samples.samples(connection, numbers.values())
    rows = {one: found[number] for one, number in numbers.items() if number in found}
    names = {one: identifier(one) for one in given if one not in rows}
    named = containers.named(connection, set(names.values()))
    return rows | {one: named[name] for one, name in names.items() if name in named}


def hold(work: Work, orders: list[Order]) -> list[Order]:
    """The same with everything held: donors and samples first, then containers, the lowest numbers first."""
    of_samples = [order.sample for order in orders if order.sample is not None]
    now = {row.id: row for row in held(work, of_samples)} if of_samples else {}
    boxes = {order.target.id for order in orders}
    work.hold(tables.container, boxes | {order.item_id for order in orders if order.container is not None})
    return [replace(order, sample=now.get(order.item_id)) for order in orders]


def problems_of(
    work: Work, orders: Sequence[Order], lying: Mapping[int, Fact], form: MoveForm, *, new: bool
) -> list[Problem]:
    """Everything that stands against held orders, but for their positions; ``lying`` are the places now.

    Warnings are among it.
    """
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
    """Why these samples may not lie there, and warnings; those not in ``lying`` are stored if ``new``."""
    standing = standings(connection, [row.id for _order, row in orders])
    classes = containers.temperatures(connection, {order.target.id for order, _row in orders})
    fresh = [row for _order, row in orders if row.id not in lying]
    labelled = printing.scanned_labels(connection, [row.id for row in fresh])
    doubted, rule = unchecked(connection, fresh, labelled) if new else ([], "")
    problems = []
    for order, row in orders:
        if row.id in lying:
            found = gone_problems(row, standing[row.id], "item")
        elif new:
            found = _new_problems(row, standing[row.id], labelled=row.id in labelled)
            if rule != "accept" and row in doubted:
                found.append((unchecked_problem if rule == "block" else unchecked_warning)(row, "item"))
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


def require_cold(work: Work, orders: Sequence[Order], form: MoveForm) -> None:
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
