"""A family, a tube and all that was made of it, and how a command holds it against other benches.

What belongs to a donor is held by the donor's row, always first, so two benches never wait for each other.
Whatever was read before must be read again: another bench may have been faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Conflict, Problem
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from biobank_desktop.persistence.asking import Answer
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.work import Work


def held(work: Work, rows: Sequence[SampleRow], *donors: int) -> list[SampleRow]:
    """These samples as they are now that nobody else can change them: held with their tubes and donors.

    ``donors`` are held with them. Raises ``Conflict`` (``changed-since``) when one of the samples has gone to
    another donor meanwhile.
    """
    return holding(work, rows, *donors)()


def holding(work: Work, rows: Sequence[SampleRow], *donors: int) -> Answer[list[SampleRow]]:
    """Hold samples as ``held`` does, and wait for them when they are looked at; that raises ``Conflict``."""
    work.hold(tables.donor, {row.donor_id for row in rows}.union(donors))
    numbers = {number for row in rows for number in (row.id, row.tube_id, row.parent_id)}
    asked = work.locking_all(tables.sample, [number for number in numbers if number is not None])

    def read() -> list[SampleRow]:
        now = {number: samples.row_of(row) for number, row in asked().items()}
        for row in rows:
            if now[row.id].donor_id != row.donor_id:
                raise Conflict(Problem("", "changed-since", {"code": codes.group(row.code)}))
        return [now[row.id] for row in rows]

    return read


def held_rows(work: Work, numbers: Iterable[int]) -> dict[int, SampleRow]:
    """The samples of these numbers, held and as this command has made them."""
    return {number: samples.row_of(row) for number, row in work.locked_all(tables.sample, numbers).items()}


def held_family(work: Work, row: SampleRow, *donors: int) -> tuple[SampleRow, list[SampleRow]]:
    """The sample as it is now, and what a change of it concerns: a tube with its vials, or one vial."""
    (now,) = held(work, [row], *donors)
    family = [now, *samples.vials(work.connection, now.id)] if now.kind == "tube" else [now]
    work.hold(tables.sample, [one.id for one in family])
    return now, family
