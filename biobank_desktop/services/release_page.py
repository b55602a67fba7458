"""A release as its page shows it: every vial with where it lies, and what stands against it now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.domain.releases import number
from biobank_desktop.persistence.queries import containers, releases, samples
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.releases import against, problems_of
from biobank_desktop.services.restore_gap import gap_problems
from biobank_desktop.services.storage import path_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.releases import ReleaseLine, ReleaseRow
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store

STEP_VIALS = 10
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class ReleasedVial:
    """A vial of a release: its line, its box and where it lies ("" nowhere), what stands against it.

    For a chosen vial of an open release that is what is so now, for one that was refused or taken out what
    was so then.
    """

    line: ReleaseLine
    box: str
    place: str
    against: tuple[Problem, ...]


@dataclass(frozen=True)
class ReleasePage:
    """A release with its vials in walking order; ``gap`` is why nothing at all may leave.

    ``going`` are those that are chosen or were issued, ``not_going`` those refused or taken out.
    ``last_by`` names who wrote the release last: of an issued one, who issued it.
    """

    release: ReleaseRow
    last_by: str
    going: tuple[ReleasedVial, ...]
    not_going: tuple[ReleasedVial, ...]
    gap: tuple[Problem, ...]

    @property
    def number(self) -> str:
        """As papers show it."""
        return shown_number(self.release)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that stands against issuing it now, each once."""
        found = [*self.gap, *(problem for vial in self.going for problem in vial.against)]
        return tuple(problem for place, problem in enumerate(found) if problem not in found[:place])


def shown_number(release: ReleaseRow) -> str:
    """The number of a release as papers show it."""
    return number(release.no, local_day(release.opened_at).year)


def shown_numbers(connection: Connection, numbers: Iterable[int | None]) -> dict[int, str]:
    """Of these releases, as papers show them."""
    wanted = {no for no in numbers if no is not None}
    rows = {no: releases.of_number(connection, no) for no in wanted}
    return {no: shown_number(row) for no, row in rows.items() if row is not None}


def release_page(store: Store, no: int, now: datetime) -> Steps[ReleasePage]:
    """Everything its page shows, some vials a step. Raises ``NotFound``."""
    with store.read() as connection:
        release = releases.of_number(connection, no)
        if release is None:
            raise NotFound(Problem("no", "release-unknown", {"no": no}))
        lines = releases.lines(connection, no)
        gap = tuple(gap_problems(connection)) if release.state == "open" else ()
        last_by = releases.last_written_by(connection, no)
        places = _places(connection, [line.sample_id for line in lines])
    found: dict[int, tuple[Problem, ...]] = {line.sample_id: problems_of(line.reasons) for line in lines}
    if release.state == "open":
        chosen = [line.sample_id for line in lines if line.state == "chosen"]
        for first in range(0, len(chosen), STEP_VIALS):
            with store.read() as connection:
                found |= _against(connection, release, chosen[first : first + STEP_VIALS], now)
            yield Progress(min(first + STEP_VIALS, len(chosen)), len(chosen))
    vials = [
        ReleasedVial(line, *places.get(line.sample_id, ("", "")), found[line.sample_id]) for line in lines
    ]
    vials.sort(key=lambda vial: walking_order(vial.place))
    return ReleasePage(
        release,
        last_by,
        going=tuple(vial for vial in vials if vial.line.state in {"chosen", "issued"}),
        not_going=tuple(vial for vial in vials if vial.line.state in {"refused", "removed"}),
        gap=gap,
    )


def _against(
    connection: Connection, release: ReleaseRow, ids: Sequence[int], now: datetime
) -> dict[int, tuple[Problem, ...]]:
    rows = list(samples.samples(connection, ids).values())
    asked = {"no": release.no, "purposes": release.purposes}
    return {
        sample_id: tuple(problems) for sample_id, problems in against(connection, asked, rows, now).items()
    }


def _places(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """The box of each of these samples, and where it lies from the site to the position."""
    places = containers.places(connection, ids)
    boxes = {
        place.container_id: containers.container(connection, place.container_id) for place in places.values()
    }
    paths = {box_id: path_text(connection, box_id) for box_id in boxes}
    told = {}
    for sample_id, place in places.items():
        box = boxes[place.container_id]
        if box is not None:
            position = grid_of(box.kind).label((place.row_no, place.column_no))
            told[sample_id] = box.name, f"{paths[box.id]} / {position}"
    return told


def walking_order(place: str) -> tuple[bool, tuple[tuple[bool, int, str], ...]]:
    """The key that puts places as one walks along them: A2 before A10, what lies nowhere last."""
    pieces = _DIGITS.split(place.casefold())
    return not place, tuple(
        (piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces
    )
