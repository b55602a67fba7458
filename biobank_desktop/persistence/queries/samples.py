"""Samples: one with everything recorded of it, its family, and pages of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, or_, select

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.parts import in_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class SampleRow:
    """A sample as it is now; None is unknown or not yet known. Volumes in µL."""

    id: int
    kind: str
    donor_id: int
    material: str
    parent_id: int | None
    parent_material: str | None
    state: str
    protocol: str
    time_point: str
    drawn_at: datetime | None
    container: str
    number: int | None
    planned_ul: int | None
    planned_cells: int | None
    medium: str | None
    volume_ul: int | None
    cells: int | None
    viability_percent: float | None
    blasts_percent: float | None
    taken_ul: int | None
    taken_cells: int | None
    filled_at: datetime | None
    sprec: str | None
    sprec_version: str | None
    note: str
    origin_id: int | None

    @property
    def code(self) -> str:
        """Its code."""
        return codes.from_number(self.id)

    @property
    def tube_id(self) -> int:
        """The tube it came from, also by way of a vial; its own number for a tube."""
        return self.origin_id or self.parent_id or self.id


@dataclass(frozen=True)
class ReceiptRow:
    """How a tube came in."""

    sample_id: int
    received_at: datetime
    temperature: str
    conditions: list[str]
    acceptance: str
    origin: str
    pull_number: int | None
    released_at: datetime | None
    released_by: str | None
    login: str
    bench: str


@dataclass(frozen=True)
class StepRow:
    """A processing step of a tube; ``ended_at`` None: still running."""

    no: int
    kind: str
    started_at: datetime
    ended_at: datetime | None
    speed_g: int | None
    minutes: int | None
    temperature: str | None
    brake: bool | None
    device: str | None
    lot: str | None


@dataclass(frozen=True)
class ListedSample:
    """A sample as lists show it; ``box_id`` None: not stored, ``ended`` None: it is still here."""

    id: int
    code: str
    kind: str
    donor_id: int
    donor: str
    material: str
    parent_material: str | None
    time_point: str
    state: str
    drawn_at: datetime | None
    volume_ul: int | None
    cells: int | None
    box_id: int | None
    box: str | None
    box_kind: str | None
    row_no: int | None
    column_no: int | None
    ended: str | None = None


_s = tables.sample.c
_SAMPLE: Select[Any] = select(
    _s.id, _s.kind, _s.donor_id, _s.material, _s.parent_id, _s.parent_material, _s.state, _s.protocol,
    _s.time_point, _s.drawn_at, _s.container, _s.number, _s.planned_ul, _s.planned_cells, _s.medium,
    _s.volume_ul, _s.cells, _s.viability_percent, _s.blasts_percent, _s.taken_ul, _s.taken_cells,
    _s.filled_at, _s.sprec, _s.sprec_version, _s.note, _s.origin_id,
)  # fmt: skip
_NAMES = tuple(_SAMPLE.selected_columns.keys())
_LISTED: Select[Any] = (
    select(
        _s.id, _s.kind, _s.donor_id, _s.material, _s.parent_material, _s.time_point, _s.state, _s.drawn_at,
        _s.volume_ul, _s.cells, tables.placement.c.container_id, tables.container.c.name,
        tables.container.c.kind.label("box_kind"), tables.placement.c.row_no, tables.placement.c.column_no,
        tables.disposition.c.kind.label("ended"),
    )
    .outerjoin(tables.placement, tables.placement.c.item_id == _s.id)
    .outerjoin(tables.container, tables.container.c.id == tables.placement.c.container_id)
    .outerjoin(tables.disposition, tables.disposition.c.sample_id == _s.id)
)  # fmt: skip


_ONE = _SAMPLE.where(_s.id == bindparam("sample"))
_SOME = _SAMPLE.where(_s.id.in_(bindparam("ids", expanding=True)))
_VIALS = _SAMPLE.where(or_(_s.parent_id == bindparam("tube"), _s.origin_id == bindparam("tube"))).order_by(
    _s.material, _s.number, _s.id
)
_TUBES_AT = (
    select(_s.time_point, _s.material).where(_s.donor_id == bindparam("donor"), _s.kind == "tube").distinct()
)
_r, _asked = tables.receipt.c, tables.command.c
_RECEIPT: Select[Any] = (
    select(
        _r.sample_id, _r.received_at, _r.temperature, _r.conditions, _r.acceptance, _r.origin,
        _r.pull_number, _r.released_at, _r.released_by, _asked.login, _asked.bench,
    )
    .join(tables.code, tables.code.c.id == _r.sample_id)
    .join(tables.command, _asked.id == tables.code.c.command_id)
    .where(_r.sample_id == bindparam("tube"))
)  # fmt: skip
_RECEIVED = (
    select(_r.sample_id, _r.received_at)
    .join(tables.sample, _s.id == _r.sample_id)
    .where(_s.donor_id == bindparam("donor"))
    .order_by(_r.sample_id)
)
_t = tables.step.c
_STEPS: Select[Any] = (
    select(
        _t.no, _t.kind, _t.started_at, _t.ended_at, _t.speed_g, _t.minutes, _t.temperature, _t.brake,
        _t.device, _t.lot,
    )
    .where(_t.sample_id == bindparam("tube"))
    .order_by(_t.no)
)  # fmt: skip


def row_of(fact: Mapping[str, Any]) -> SampleRow:
    """A row of the table as a sample."""
    return SampleRow(**{name: fact[name] for name in _NAMES})


@Question
def sample(connection: Connection, sample_id: int) -> Answer[SampleRow | None]:
    """The sample of a number."""
    rows = connection.execute(_ONE, {"sample": sample_id})
    return lambda: next((SampleRow(**row._asdict()) for row in rows), None)


@Question
def samples(connection: Connection, ids: Iterable[int]) -> Answer[dict[int, SampleRow]]:
    """The samples of these numbers."""
    parts = [connection.execute(_SOME, {"ids": part}) for part in in_parts(ids)]
    return lambda: {row.id: SampleRow(**row._asdict()) for rows in parts for row in rows}


def vials(connection: Connection, tube_id: int) -> list[SampleRow]:
    """What was made of a tube, also later and by way of a vial, in the order of its labels."""
    rows = connection.execute(_VIALS, {"tube": tube_id})
    return [SampleRow(**row._asdict()) for row in rows]


def of_donor(connection: Connection, donor_id: int) -> list[SampleRow]:
    """Every sample of a donor, in the order of their numbers."""
    rows = connection.execute(_SAMPLE.where(_s.donor_id == donor_id).order_by(_s.id))
    return [SampleRow(**row._asdict()) for row in rows]


@Question
def tubes_at(connection: Connection, donor_id: int) -> Answer[list[tuple[str, str]]]:
    """Which materials a donor already has at which time points, as (time point, material)."""
    rows = connection.execute(_TUBES_AT, {"donor": donor_id})
    return lambda: [(row.time_point, row.material) for row in rows]


@Question
def receipt(connection: Connection, tube_id: int) -> Answer[ReceiptRow | None]:
    """How a tube came in."""
    rows = connection.execute(_RECEIPT, {"tube": tube_id})
    return lambda: next((ReceiptRow(**row._asdict()) for row in rows), None)


@Question
def received_at(connection: Connection, donor_id: int) -> Answer[dict[int, datetime]]:
    """When each tube of a donor came in, by its number."""
    rows = connection.execute(_RECEIVED, {"donor": donor_id})
    return lambda: {row.sample_id: row.received_at for row in rows}


@Question
def steps(connection: Connection, tube_id: int) -> Answer[list[StepRow]]:
    """The processing steps of a tube, in order."""
    rows = connection.execute(_STEPS, {"tube": tube_id})
    return lambda: [StepRow(**row._asdict()) for row in rows]


def listed(connection: Connection, ids: Sequence[int]) -> list[ListedSample]:
    """A page of samples in the order of ``ids``; numbers of nothing are left out."""
    rows = {row.id: _listed(row) for row in connection.execute(_LISTED.where(_s.id.in_(list(ids))))}
    return [rows[one] for one in ids if one in rows]


def _listed(row: Any) -> ListedSample:
    return ListedSample(
        id=row.id,
        code=codes.from_number(row.id),
        kind=row.kind,
        donor_id=row.donor_id,
        donor=codes.from_number(row.donor_id),
        material=row.material,
        parent_material=row.parent_material,
        time_point=row.time_point,
        state=row.state,
        drawn_at=row.drawn_at,
        volume_ul=row.volume_ul,
        cells=row.cells,
        box_id=row.container_id,
        box=row.name,
        box_kind=row.box_kind,
        row_no=row.row_no,
        column_no=row.column_no,
        ended=row.ended,
    )
