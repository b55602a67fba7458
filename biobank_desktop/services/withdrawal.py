"""Withdrawal: whom and what it reaches, and what follows from it at once.

The levels are W0 no contact, W1 no new material, W2 no further use, W3 destroy what is kept, W4 erase data as
well; single items are answered with no. What was issued cannot be called back: its recipients are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.disposals import DESTROYS, STOPS_USE
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, releases, samples, worklists
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services.disposals import open_in
from biobank_desktop.services.families import held_rows
from biobank_desktop.services.labels import cancel_waiting
from biobank_desktop.services.releases import reconsider
from biobank_desktop.services.standing import place_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.releases import ReleaseRow
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.queries.standing import Standing
    from biobank_desktop.persistence.queries.worklists import LabelRow
    from biobank_desktop.persistence.work import Work


@dataclass(frozen=True)
class ReachedSample:
    """A sample of the donor: where it lies, and how it stands."""

    sample: SampleRow
    place: str
    standing: Standing

    @property
    def box(self) -> str:
        """The path to its box, "" where it lies nowhere."""
        return self.place.rpartition(" / ")[0]

    @property
    def position(self) -> str:
        """Where in the box it lies."""
        return self.place.rpartition(" / ")[2]


@dataclass(frozen=True)
class Reach:
    """Everything of a donor that a withdrawal may concern, as it is now.

    ``kept`` is material in the house, ``ended`` what was issued, used up, lost or destroyed before; ``open``
    and ``issued`` are releases with the numbers of the donor's vials in them, ``labels`` those that wait.
    """

    kept: tuple[ReachedSample, ...]
    ended: tuple[ReachedSample, ...]
    planned: tuple[SampleRow, ...]
    open: tuple[tuple[ReleaseRow, tuple[int, ...]], ...]
    issued: tuple[tuple[ReleaseRow, tuple[int, ...]], ...]
    labels: tuple[LabelRow, ...]


@dataclass(frozen=True)
class Consequences:
    """What follows at once from a withdrawal: what is destroyed, voided, told, and taken out of releases."""

    destroyed: tuple[ReachedSample, ...] = ()
    voided: tuple[SampleRow, ...] = ()
    told: tuple[ReachedSample, ...] = ()
    releases: tuple[ReleaseRow, ...] = ()

    @property
    def boxes(self) -> int:
        """In how many boxes lies what is destroyed."""
        return len({one.box for one in self.destroyed if one.box})

    @property
    def recipients(self) -> int:
        """How many releases there are to tell somebody about."""
        return len({one.standing.issued_in for one in self.told})

    @property
    def opens_list(self) -> bool:
        """Whether there is anything to work off."""
        return bool(self.destroyed or self.told)


def consequences(reached: Reach, level: str | None) -> Consequences:
    """What ``follow`` would do with what a withdrawal of this level reaches.

    Of a level that stops use; below it, and for single items, no list is opened, and only the consent gate
    knows which vials leave the open releases.
    """
    if level not in STOPS_USE:
        return Consequences()
    destroys = level in DESTROYS
    return Consequences(
        destroyed=tuple(one for one in reached.kept if destroys and _in_the_house(one.standing)),
        voided=reached.planned if destroys else (),
        told=tuple(one for one in reached.ended if _to_tell(one.standing)),
        releases=tuple(release for release, _ids in reached.open),
    )


def reach(connection: Connection, donor_id: int) -> Reach:
    """What a withdrawal of this donor would reach now; nothing is kept."""
    rows = [row for row in samples.of_donor(connection, donor_id) if row.state != "void"]
    standing = standings(connection, [row.id for row in rows])
    material = [row for row in rows if row.state != "planned"]
    lying = containers.places(connection, [row.id for row in material])
    seen = [
        ReachedSample(row, place_text(connection, row.id) if row.id in lying else "", standing[row.id])
        for row in material
    ]
    within: dict[tuple[int, str], list[int]] = {}
    heads = {}
    for release, sample_id, state in releases.of_samples(connection, [row.id for row in rows]):
        heads[release.no] = release
        if state == "chosen" or standing[sample_id].issued_in == release.no:
            within.setdefault((release.no, state), []).append(sample_id)

    def of(state: str) -> tuple[tuple[ReleaseRow, tuple[int, ...]], ...]:
        return tuple((heads[no], tuple(ids)) for (no, was), ids in sorted(within.items()) if was == state)

    numbers = {row.id for row in rows}
    return Reach(
        kept=tuple(one for one in seen if one.standing.ended is None),
        ended=tuple(one for one in seen if one.standing.ended is not None),
        planned=tuple(row for row in rows if row.state == "planned"),
        open=of("chosen"),
        issued=of("issued"),
        labels=tuple(
            label
            for label in worklists.labels(connection, states=["queued"], most=None)
            if label.object_id in numbers
        ),
    )


def follow(work: Work, donor_id: int, level: str | None) -> int | None:
    """What a new line of consent changes at once, in its own command; the donor must be held.

    Vials that consent permits no longer leave the open releases. A withdrawal of use (``level`` W2 and more)
    opens a list of recipients to tell; from W3 on planned vials are void, their labels are not printed, and
    everything kept is on the list to be destroyed. Returns the number of the list, None when there is none.
    """
    reconsider(work, donor_id)
    if level not in STOPS_USE:
        return None
    numbers = [row.id for row in samples.of_donor(work.connection, donor_id)]
    rows = list(held_rows(work, numbers).values())
    standing = standings(work.connection, numbers)
    listed = [(row, "notify") for row in rows if _to_tell(standing[row.id])]
    if level in DESTROYS:
        for row in rows:
            cancel_waiting(work, row.id)
        _make_planned_void(work, rows)
        listed += [
            (row, "destroy")
            for row in rows
            if row.state not in {"void", "planned"} and _in_the_house(standing[row.id])
        ]
    return open_in(work, "withdrawal", listed, level or "", donor_id) if listed else None


def _to_tell(standing: Standing) -> bool:
    return standing.ended == "issued" and standing.disposal is None


def _in_the_house(standing: Standing) -> bool:
    return standing.ended is None and standing.disposal is None


def _make_planned_void(work: Work, rows: Sequence[SampleRow]) -> None:
    for row in rows:
        if row.state == "planned":
            work.update(tables.sample, {"id": row.id}, state="void", taken_ul=None, taken_cells=None)
