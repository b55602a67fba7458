"""What the screen reads: one nonconformity with its samples, and what a cause has touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.persistence.queries import nonconformities, people
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services.release_page import shown_numbers
from biobank_desktop.services.touched import touched_samples, what_it_touched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.nonconformities import Cause
    from biobank_desktop.persistence.queries.nonconformities import (
        HeldSample,
        NonconformityRow,
        TouchedSample,
    )
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store


@dataclass(frozen=True)
class Opened:
    """A nonconformity; ``releases`` are the numbers of those that something was issued in.

    ``lists`` says on which list to be worked off a sample stands, by its number.
    """

    row: NonconformityRow
    held: tuple[HeldSample, ...]
    releases: Mapping[int, str]
    lists: Mapping[int, int]


@dataclass(frozen=True)
class Touched:
    """Samples that something may have touched, and the numbers of the releases some were issued in."""

    samples: tuple[TouchedSample, ...]
    releases: Mapping[int, str]


def listed(connection: Connection) -> list[NonconformityRow]:
    """Everything that was found: the open ones first, then the newest."""
    return sorted(nonconformities.nonconformities(connection), key=lambda row: row.state == "closed")


def open_nonconformity(connection: Connection, no: int) -> Opened:
    """What was found under a number. Raises ``NotFound``."""
    row = nonconformities.of_number(connection, no)
    if row is None:
        raise NotFound(Problem("no", "nonconformity-unknown", {"no": no}))
    held = tuple(nonconformities.held_by(connection, no))
    standing = standings(connection, [one.sample_id for one in held])
    lists = {one.sample_id: one.disposal for one in standing.values() if one.disposal is not None}
    return Opened(row, held, shown_numbers(connection, [one.release_no for one in held]), lists)


def look(store: Store, cause: Cause) -> Steps[Touched]:
    """What a cause may have touched, in steps. Raises ``Rejected`` as ``what_it_touched`` does."""
    samples = yield from what_it_touched(store, cause)
    with store.read() as connection:
        return _touched(connection, samples)


def one_by_one(connection: Connection, given: Sequence[str]) -> Touched:
    """These samples. Raises ``Rejected`` as ``touched_samples`` does."""
    return _touched(connection, touched_samples(connection, given))


def _touched(connection: Connection, samples: Sequence[TouchedSample]) -> Touched:
    return Touched(tuple(samples), shown_numbers(connection, [one.release_no for one in samples]))


def persons(connection: Connection) -> list[Pick]:
    """Everybody who has or had an account."""
    return [Pick(row.login, row.name) for row in people.people(connection)]
