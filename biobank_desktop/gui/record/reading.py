"""What the record's screen asks the database, in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.persistence.queries import containers, people
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.records import sample_record
from biobank_desktop.services.use import UNDOABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.persistence.queries.history import EventRow
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.services.records import SampleRecord


@dataclass(frozen=True)
class Seen:
    """A record as it is shown: with the places of its family in words."""

    record: SampleRecord
    places: dict[int, str]
    names: dict[str, str]
    boxes: dict[int, ContainerRow]

    @property
    def sample(self) -> SampleRow:
        """The sample looked at."""
        return self.record.sample

    @property
    def stored(self) -> bool:
        """Whether it lies in a container."""
        return self.record.box is not None

    @property
    def ended(self) -> bool:
        """Whether it left the house, or there is nothing of it any more."""
        return self.record.standing.ended is not None

    @property
    def material_here(self) -> bool:
        """Whether there is something to use, to lose or to break."""
        return not self.ended and self.sample.state not in {"planned", "void"}

    @property
    def last_use(self) -> str | None:
        """The command that can be taken back: the newest, when it is a use."""
        newest = next(iter(self.record.events), None)
        return newest.command if newest is not None and newest.kind in UNDOABLE else None

    @property
    def planned(self) -> tuple[SampleRow, ...]:
        """The vials that can be filled from here: itself, or those of the tube."""
        mine = self.record.vials if self.sample.kind == "tube" else (self.sample,)
        return tuple(vial for vial in mine if vial.state == "planned")

    @property
    def last_written_by(self) -> str | None:
        """The command that last wrote the sample: what a correction holds itself against."""
        return last_writer(self.record.events, self.sample.id)


def last_writer(events: Sequence[EventRow], sample_id: int) -> str | None:
    """The newest event's command that changed the sample's own row."""
    for event in events:
        if any(change.table == "sample" and change.key == (sample_id,) for change in event.changes):
            return event.command
    return None


def read(connection: Connection, sample_id: int, now: datetime) -> Seen:
    """Everything the screen shows of a sample. Raises ``NotFound``."""
    record = sample_record(connection, sample_id, now)
    wanted = {place.container_id for place in record.places.values()} | set(_boxes_of(record.events))
    found = ((number, containers.container(connection, number)) for number in wanted)
    boxes = {number: box for number, box in found if box is not None}
    places = {
        item_id: place_text(boxes, place.container_id, place.row_no, place.column_no)
        for item_id, place in record.places.items()
    }
    names = {person.login: person.name for person in people.people(connection)}
    return Seen(record, places, names, boxes)


def _boxes_of(events: Sequence[EventRow]) -> Iterator[int]:
    """Every container the events speak of."""
    for event in events:
        for change in event.changes:
            for row in (change.old, change.new):
                if change.table == "placement" and row is not None and "container_id" in row:
                    yield row["container_id"]


def place_text(boxes: Mapping[int, ContainerRow], box_id: int, row_no: int, column_no: int) -> str:
    """A place as people say it: "BX00001 / B7"."""
    box = boxes.get(box_id)
    if box is None:
        return codes.group(codes.from_number(box_id))
    return f"{box.name} / {grid_of(box.kind).label((row_no, column_no))}"
