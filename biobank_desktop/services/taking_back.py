"""Taking moves back: what a command did, whether nothing has followed, and everything where it lay before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.contents import allowed, allows
from biobank_desktop.domain.moves import MoveForm
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected
from biobank_desktop.domain.storage import suits
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, history, tree
from biobank_desktop.services.positions import refuse_all, reserved_problem, room_in, taken_problem, use_up
from biobank_desktop.services.refitting import refit
from biobank_desktop.services.relocating import lay
from biobank_desktop.services.sprec import update_sprec
from biobank_desktop.services.standing import held_with_standing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.work import Fact, Work
    from biobank_desktop.services.relocating import Spot

UNDOABLE = ("moved", "swapped", "emptied", "list-loaded", "box-rescanned")
"""The kinds of commands that are taken back while nothing has followed."""


@dataclass
class _Did:
    """Where the things of a command lay before it and after it, by their numbers, and since when before."""

    before: dict[int, Spot] = field(default_factory=dict)
    after: dict[int, Spot] = field(default_factory=dict)
    since: dict[int, datetime] = field(default_factory=dict)

    @property
    def samples(self) -> list[int]:
        """The samples among the things."""
        return [one for one in self.after if codes.kind_of(codes.from_number(one)) is CodeKind.SAMPLE]

    @property
    def containers(self) -> list[int]:
        """The containers among the things."""
        return sorted(self.after.keys() - set(self.samples))


def take_back(work: Work, of_command: str) -> dict[int, Spot]:
    """Let everything lie again where it lay before a command; returns where that is, by number.

    What lay nowhere lies nowhere again. Raises ``NotFound``, ``Rejected`` and ``Conflict``.
    """
    did = _what_it_did(work.connection, of_command)
    if not did.after:
        raise Rejected(Problem("", "nothing-to-undo"))
    rows: Sequence[SampleRow] = ()
    if did.samples:
        rows, _standing = held_with_standing(work, [codes.from_number(one) for one in did.samples])
    work.hold(tables.container, {spot[0] for spot in did.before.values()}.union(did.containers))
    lying = work.locked_all(tables.placement, did.after)
    changed = [one for one in did.after if one not in lying or str(lying[one]["command_id"]) != of_command]
    if changed:
        raise Conflict(*(_since_problem(work.connection, one) for one in changed))
    boxes = {
        box.id: box for box in containers.some(work.connection, {spot[0] for spot in did.before.values()})
    }
    refuse_all([*_taken_problems(work, did, boxes), *_content_problems(rows, did.before, boxes)])
    for number, positions in _by_box(did.before).items():
        use_up(work, boxes[number], room_in(work.connection, number), positions)
    _lay_nowhere(work, sorted(did.after.keys() - did.before.keys()))
    lay(work, did.before, {one: lying[one] for one in did.before}, MoveForm(()), did.since)
    _require_cold(work, did, lying)
    return did.before


def _since_problem(connection: Connection, number: int) -> Problem:
    """What has happened to a thing last, when, and who did it."""
    (newest,) = history.of_object(connection, number, limit=1)
    values = {
        "code": codes.group(codes.from_number(number)),
        "what": f"event.{newest.kind}",
        "at": newest.at.astimezone(),
        "by": newest.name or newest.by,
    }
    return Problem("", "happened-since", values)


def _what_it_did(connection: Connection, of_command: str) -> _Did:
    did = _Did()
    try:
        wanted = UUID(of_command)
    except ValueError:
        raise NotFound(Problem("", "nothing-to-undo")) from None
    for event in history.of_command(connection, wanted):
        for change in event.changes if event.kind in UNDOABLE else ():
            if change.table != "placement":
                continue
            for side, row in ((did.before, change.old), (did.after, change.new)):
                if row is not None:
                    side[int(row["item_id"])] = (row["container_id"], row["row_no"], row["column_no"])
            if change.old is not None:
                did.since[int(change.old["item_id"])] = datetime.fromisoformat(change.old["since"])
    return did


def _by_box(spots: Mapping[int, Spot]) -> dict[int, list[Position]]:
    wanted: dict[int, list[Position]] = defaultdict(list)
    for number, row, column in sorted(spots.values()):
        wanted[number].append((row, column))
    return wanted


def _taken_problems(work: Work, did: _Did, boxes: Mapping[int, ContainerRow]) -> Iterator[Problem]:
    """What lies, or is to lie, where one of the things lay."""
    connection, leaving = work.connection, set(did.after.values())
    for number, positions in _by_box(did.before).items():
        room = room_in(connection, number)
        kept = room.kept(work.command.login, work.at)
        for position in positions:
            if position in room.taken and (number, *position) not in leaving:
                yield taken_problem(connection, boxes[number], position)
            elif position in kept:
                yield reserved_problem(connection, boxes[number], position)


def _content_problems(
    rows: Sequence[SampleRow], before: Mapping[int, Spot], boxes: Mapping[int, ContainerRow]
) -> Iterator[Problem]:
    """The samples that a rule has forbidden since where they lay."""
    for row in rows:
        box = boxes[before[row.id][0]] if row.id in before else None
        if box is not None and not allows(allowed(box.materials), row.material):
            values = {"code": codes.group(row.code), "material": row.material, "name": box.name}
            yield Problem("", "material-not-allowed", values)


def _lay_nowhere(work: Work, items: Collection[int]) -> None:
    work.delete_all(tables.placement, items)
    in_samples = [one for one in items if codes.kind_of(codes.from_number(one)) is CodeKind.SAMPLE]
    update_sprec(work, *in_samples)
    refit(work, {}, dict.fromkeys(sorted(set(items) - set(in_samples))))


def _require_cold(work: Work, did: _Did, lying: Mapping[int, Fact]) -> None:
    """Refuse when what came into a container since may not be kept where that lay. Raises ``Rejected``."""
    connection = work.connection
    inside = tree.inside(connection, did.containers)
    roots = {box: root for root, boxes in inside.items() for box in boxes}
    classes = containers.storage_classes(connection, roots)
    unsuited = {}
    for one in tree.lying_in(connection, roots):
        temperature, level = classes.get(one.container_id, ("room", ""))
        if not suits(one.material, temperature, overnight=level == "freezing-container"):
            unsuited[one.sample_id] = one
    for number, place in containers.places(connection, unsuited).items():
        one = unsuited[number]
        if place.since >= lying[roots[one.container_id]]["since"]:
            values = {
                "code": codes.group(codes.from_number(number)),
                "material": one.material,
                "temperature": classes.get(one.container_id, ("room", ""))[0],
            }
            raise Rejected(Problem("", "inside-not-suitable", values))
