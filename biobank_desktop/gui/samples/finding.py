"""The search of the list: ids in steps, a page of rows with their places in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.persistence.queries import containers, samples, search
from biobank_desktop.services.kinds import grid_of

if TYPE_CHECKING:
    from array import array
    from collections.abc import Generator, Sequence

    from biobank_desktop.domain.grids import Grid
    from biobank_desktop.persistence.queries.samples import ListedSample
    from biobank_desktop.persistence.queries.search import Filter
    from biobank_desktop.persistence.store import Store

FIRST = 256
"""So many are shown at once; the rest of a long list follows when nobody types."""

Found = tuple["array[int]", ...]
"""the steps found so far, in the order of the list"""


@dataclass(frozen=True)
class ListRow:
    """A sample of the list with its place as people say it."""

    sample: ListedSample
    place: str


def first(store: Store, wanted: Filter, down_to: int = 0) -> array[int]:
    """The newest ids that fit: what is painted at a keystroke, down to a row unless it lies far down."""
    limit = FIRST * (1 + max(down_to, 0) // FIRST)
    with store.read() as connection:
        return search.sample_ids_before(connection, wanted, None, min(limit, search.STEP))


def rest(store: Store, wanted: Filter, before: int) -> Generator[Found, None, Found]:
    """The ids that follow, a step at a time; no transaction is open between two steps."""
    found: list[array[int]] = []
    while True:
        with store.read() as connection:
            ids = search.sample_ids_before(connection, wanted, before)
        if ids:
            found.append(ids)
            before = ids[-1]
            yield tuple(found)
        if len(ids) < search.STEP:
            return tuple(found)


def rows(store: Store, ids: Sequence[int]) -> list[ListRow]:
    """One page of the list."""
    with store.read() as connection:
        listed = samples.listed(connection, ids)
        grids = {kind.name: grid_of(kind) for kind in containers.kinds(connection)}
    return [ListRow(one, _place(one, grids)) for one in listed]


def _place(sample: ListedSample, grids: dict[str, Grid]) -> str:
    if sample.box is None or sample.box_kind is None or sample.row_no is None or sample.column_no is None:
        return ""
    return f"{sample.box} / {grids[sample.box_kind].label((sample.row_no, sample.column_no))}"
