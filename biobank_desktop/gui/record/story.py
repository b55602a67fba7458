"""The timeline of one sample: each event in words, without what the line itself says already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.gui import words
from biobank_desktop.gui.record.reading import place_text
from biobank_desktop.gui.widgets.timeline import Change
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.gui.record.reading import Seen
    from biobank_desktop.gui.widgets.timeline import Happening
    from biobank_desktop.persistence.queries.history import Change as FactChange
    from biobank_desktop.persistence.queries.history import EventRow

_SAID_BY_THE_LINE = frozenset({"verified_at", "sent_at", "filled_at", "taken_ul", "taken_cells"})
"""moments that are the event's own, and amounts that follow from others"""


def happening(seen: Seen, event: EventRow) -> Happening:
    """An event as a line: places by the names of their boxes, a value that was not there is not struck."""
    about = seen.sample.id
    rest = tuple(_trimmed(change) for change in event.changes if change.table != "placement")
    told = words.happening(replace(event, changes=rest), about)
    changes = tuple(
        replace(change, old="" if change.old == words.UNKNOWN else change.old) for change in told.changes
    )
    return replace(told, changes=(*_moves(seen, event), *changes))


def _trimmed(change: FactChange) -> FactChange:
    return replace(change, old=_without(change.old), new=_without(change.new))


def _without(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {key: row[key] for key in row if key not in _SAID_BY_THE_LINE}


def _moves(seen: Seen, event: EventRow) -> Iterator[Change]:
    """Where the sample itself went; of a tube, where each of its vials went, by the vial's code."""
    family = {vial.id for vial in seen.record.vials} if seen.sample.kind == "tube" else set()
    for change in event.changes:
        item = change.key[0] if change.table == "placement" else None
        if item == seen.sample.id:
            yield Change(_("field.position"), _place(seen, change.old), _place(seen, change.new))
        elif isinstance(item, int) and item in family:
            name = codes.group(codes.from_number(item))
            yield Change(name, _place(seen, change.old), _place(seen, change.new))


def _place(seen: Seen, row: dict[str, Any] | None) -> str:
    if not row or "container_id" not in row:
        return ""
    return place_text(seen.boxes, row["container_id"], row["row_no"], row["column_no"])
