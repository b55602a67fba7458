"""Walk lists: where vials lie now, and where they are to go, as lines for the paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.domain.walking import WalkLine
from biobank_desktop.language import chosen, say_value
from biobank_desktop.papers.walk_list import WalkList
from biobank_desktop.persistence.queries import containers, samples
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.papers import lab_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.containers import ContainerRow


@dataclass(frozen=True)
class WalkRow:
    """A vial to fetch, and where it goes in words ("" when it is only fetched)."""

    code: str
    target: str = ""


def walk_lines(connection: Connection, rows: Sequence[WalkRow]) -> tuple[WalkLine, ...]:
    """The rows with the places where the vials lie now.

    Raises ``Rejected`` with every row whose code is not a vial's, is named twice, or lies nowhere.
    """
    known = [codes.parse(row.code) for row in rows]
    numbers = [
        codes.number(code) if code and codes.kind_of(code) is CodeKind.SAMPLE else None for code in known
    ]
    found = samples.samples(connection, [number for number in numbers if number is not None])
    places = containers.places(connection, found)
    problems = []
    for nth, (row, number) in enumerate(zip(rows, numbers, strict=True)):
        shown = {"code": row.code}
        if number not in found:
            problems.append(Problem("code", "sample-unknown", shown))
        elif number in numbers[:nth]:
            problems.append(Problem("code", "scanned-twice", shown))
        elif number not in places:
            problems.append(Problem("code", "not-stored", shown))
    refuse(problems)
    boxes = {place.container_id for place in places.values()}
    ways = {box: containers.path(connection, box) for box in boxes}
    lines = []
    for row, number in zip(rows, numbers, strict=True):
        assert number is not None
        sample, place = found[number], places[number]
        way = ways[place.container_id]
        lines.append(
            WalkLine(
                code=sample.code,
                what=f"{say_value(sample.material)} {sample.time_point}",
                path=_names(way),
                box=way[-1].code,
                position=grid_of(way[-1].kind).label((place.row_no, place.column_no)),
                target=row.target,
            )
        )
    return tuple(lines)


def walk_list(
    connection: Connection, title: str, rows: Sequence[WalkRow], by: str, now: datetime
) -> WalkList:
    """A walk list; ``by`` is the name of the person who asks. Raises as ``walk_lines`` does."""
    return WalkList(lab_name(connection, chosen()), title, now, by, walk_lines(connection, rows))


def _names(way: Sequence[ContainerRow]) -> tuple[str, ...]:
    """The names on the way; the device, whose door is opened, is named with the room it stands in."""
    door = next((place for place, one in enumerate(way) if one.kind.level == "device"), 0)
    names = [one.name for one in way]
    return (" / ".join(names[: door + 1]), *names[door + 1 :])
