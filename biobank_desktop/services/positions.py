"""Positions in a container: which are free for whom, and the ones that things take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.grids import free_positions
from biobank_desktop.domain.problems import Conflict, Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries import containers, people, reservations
from biobank_desktop.services.kinds import grid_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.persistence.queries.reservations import ReservationRow
    from biobank_desktop.persistence.work import Work

TAKEN = frozenset({"position-taken-by", "position-taken-meanwhile", "position-reserved-by"})
"""Problems that somebody else has made: they are a ``Conflict``."""


@dataclass(frozen=True)
class Room:
    """The positions of a container that are taken, and those that are reserved."""

    taken: Collection[Position]
    reserved: Mapping[Position, ReservationRow]

    def kept(self, login: str, at: datetime) -> set[Position]:
        """The positions that other persons have reserved for as long as that is not over."""
        return {position for position, one in self.reserved.items() if one.login != login and one.until > at}


@Question
def room_in(connection: Connection, box_id: int) -> Answer[Room]:
    """What is taken and reserved in a container."""
    taken = containers.occupied.sent(connection, box_id)
    reserved = reservations.of_container.sent(connection, box_id)
    return lambda: Room(taken(), reserved())


def pick(
    work: Work, box: ContainerRow, room: Room, wanted: Sequence[str], leaving: Collection[Position] = ()
) -> tuple[list[Position | None], list[Problem | None]]:
    """The position of each thing that is to lie in a held container, or why there is none.

    ``wanted`` are positions as the container calls them, "" for the next free one. ``leaving`` become free in
    the same command. What another person has reserved is not free.
    """
    return choose(work.connection, box, room, wanted, leaving, (work.command.login, work.at))


def choose(
    connection: Connection,
    box: ContainerRow,
    room: Room,
    wanted: Sequence[str],
    leaving: Collection[Position],
    who: tuple[str, datetime],
) -> tuple[list[Position | None], list[Problem | None]]:
    """What ``pick`` says, for a person at a moment, of a container that nobody holds."""
    grid = grid_of(box.kind)
    taken, kept = set(room.taken) - set(leaving), room.kept(*who)
    chosen: list[Position | None] = [grid.parse(label) if label else None for label in wanted]
    there = taken_problems(connection, box, taken.intersection(chosen))
    problems: list[Problem | None] = [None] * len(wanted)
    used: set[Position] = set()
    for place, (label, position) in enumerate(zip(wanted, chosen, strict=True)):
        if label and position is None:
            values = {"position": label, "name": box.name}
            problems[place] = Problem("position", "position-unknown", values)
        elif position in there:
            problems[place] = there[position]
        elif position in kept:
            problems[place] = reserved_problem(connection, box, position)
        elif position in used:
            values = {"position": grid.label(position), "name": box.name}
            problems[place] = Problem("position", "position-asked-twice", values)
        elif position is not None:
            used.add(position)
    count = sum(not label for label in wanted)
    free = iter(free_positions(grid, taken | kept | used, count) if count else ())
    for place, label in enumerate(wanted):
        if not label:
            chosen[place] = next(free, None)
            if chosen[place] is None:
                problems[place] = Problem("box", "container-full", {"name": box.name})
    return chosen, problems


def use_up(work: Work, box: ContainerRow, room: Room, positions: Collection[Position]) -> None:
    """End the reservations of positions that are taken now: one's own, and those that had run out."""
    for row_no, column_no in sorted(room.reserved):
        if (row_no, column_no) in positions:
            work.delete(
                tables.reservation, {"container_id": box.id, "row_no": row_no, "column_no": column_no}
            )


def others(connection: Connection, box_id: int, login: str, at: datetime) -> set[Position]:
    """The positions that other persons have reserved for as long as that is not over."""
    return room_in(connection, box_id).kept(login, at)


def taken_problem(connection: Connection, box: ContainerRow, position: Position) -> Problem:
    """What lies at a taken position, since when and by whom."""
    return taken_problems(connection, box, {position})[position]


def taken_problems(
    connection: Connection, box: ContainerRow, positions: Collection[Position]
) -> dict[Position, Problem]:
    """What lies at each of these taken positions of a container, since when and by whom.

    What was taken out since we looked has no such words: who takes a thing out does not hold the box.
    """
    if not positions:
        return {}
    grid, names = grid_of(box.kind), {one.login: one.name for one in people.people(connection)}
    gone = dict.fromkeys(positions, Problem("position", "position-taken-meanwhile"))
    return gone | {
        (there.row_no, there.column_no): Problem(
            "position",
            "position-taken-by",
            {
                "position": grid.label((there.row_no, there.column_no)),
                "name": box.name,
                "code": codes.group(there.code),
                "since": there.since.astimezone(),
                "by": names.get(there.by, there.by),
            },
        )
        for there in containers.contents(connection, box.id)
        if (there.row_no, there.column_no) in positions
    }


def reserved_problem(connection: Connection, box: ContainerRow, position: Position | None) -> Problem:
    """Who has reserved a position, for what and until when."""
    assert position is not None
    one = reservations.of_container(connection, box.id)[position]
    values = {
        "position": grid_of(box.kind).label(position),
        "name": box.name,
        "by": one.name,
        "what": one.what,
        "until": one.until.astimezone(),
    }
    return Problem("position", "position-reserved-by", values)


def refuse_all(problems: Sequence[Problem]) -> None:
    """Raise ``Conflict`` when each of these is somebody else's doing, else ``Rejected``; nothing for none."""
    if problems:
        raise (Conflict if all(one.code in TAKEN for one in problems) else Rejected)(*problems)
