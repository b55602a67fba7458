"""Everything a screen shows of one thing, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.persistence.queries import (
    containers,
    donors,
    forms,
    history,
    identity,
    samples,
    worklists,
)
from biobank_desktop.persistence.queries.standing import consumptions, excursions, standings
from biobank_desktop.services.erasure import still_kept
from biobank_desktop.services.gate import verdict, verdicts_of
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.processing import left_in
from biobank_desktop.services.storage import path_text, temperature_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Decision
    from biobank_desktop.domain.grids import Grid
    from biobank_desktop.persistence.queries.containers import ContainerRow, Content, Place
    from biobank_desktop.persistence.queries.donors import ConsentLineRow, DonorRow
    from biobank_desktop.persistence.queries.forms import CheckRow
    from biobank_desktop.persistence.queries.history import EventRow
    from biobank_desktop.persistence.queries.samples import ReceiptRow, SampleRow, StepRow
    from biobank_desktop.persistence.queries.standing import ConsumptionRow, ExcursionRow, Standing
    from biobank_desktop.persistence.queries.worklists import LabelRow
    from biobank_desktop.services.gate import Verdicts


@dataclass(frozen=True)
class BoxView:
    """A container with what lies in it, as its map shows it."""

    container: ContainerRow
    path: str
    temperature: str | None
    grid: Grid
    contents: tuple[Content, ...]


@dataclass(frozen=True)
class SampleRecord:
    """A sample with its family, its place, the verdict today and everything that happened to it.

    ``standings`` are those of the whole family, ``left_ul`` and ``left_cells`` what is left of the sample.
    """

    sample: SampleRow
    tube: SampleRow
    receipt: ReceiptRow
    vials: tuple[SampleRow, ...]
    places: dict[int, Place]
    steps: tuple[StepRow, ...]
    donor: DonorRow
    lab_numbers: tuple[tuple[str, str], ...]
    decision: Decision
    box: BoxView | None
    position: str
    labels: tuple[LabelRow, ...]
    events: tuple[EventRow, ...]
    standings: dict[int, Standing]
    excursions: tuple[ExcursionRow, ...]
    consumptions: tuple[ConsumptionRow, ...]
    left_ul: int | None
    left_cells: int | None

    @property
    def standing(self) -> Standing:
        """How the sample stands."""
        return self.standings[self.sample.id]


@dataclass(frozen=True)
class DonorRecord:
    """A donor with consent, what the gate says today, samples and history."""

    donor: DonorRow
    lab_numbers: tuple[tuple[str, str], ...]
    lines: tuple[ConsentLineRow, ...]
    checks: tuple[CheckRow, ...]
    verdicts: Verdicts
    samples: tuple[SampleRow, ...]
    places: dict[int, Place]
    events: tuple[EventRow, ...]
    scans: frozenset[str]
    """the SHA-256 of every scan of a form that is kept"""
    erased_at: datetime | None
    still_here: tuple[str, ...]
    """the codes of the material that is in the house"""
    standings: dict[int, Standing]


def sample_record(connection: Connection, sample_id: int, now: datetime) -> SampleRecord:
    """Everything recorded about a sample. Raises ``NotFound``."""
    row = samples.sample(connection, sample_id)
    tube = samples.sample(connection, row.tube_id) if row else None
    receipt = samples.receipt(connection, tube.id) if tube else None
    donor = donors.donor(connection, row.donor_id) if row else None
    if row is None or tube is None or receipt is None or donor is None:
        raise NotFound(Problem("code", "sample-unknown", {"code": codes.group(codes.from_number(sample_id))}))
    vials = samples.vials(connection, tube.id)
    places = containers.places(connection, [tube.id, *(vial.id for vial in vials)])
    place = places.get(row.id)
    box = box_view(connection, place.container_id) if place else None
    left_ul, left_cells = left_in(connection, row.id)
    return SampleRecord(
        sample=row,
        tube=tube,
        receipt=receipt,
        vials=tuple(vials),
        places=places,
        steps=tuple(samples.steps(connection, tube.id)),
        donor=donor,
        lab_numbers=tuple(donors.lab_numbers(connection, tube.id)),
        decision=verdict(connection, donor, "store", now, receipt.received_at),
        box=box,
        position=box.grid.label((place.row_no, place.column_no)) if box and place else "",
        labels=tuple(worklists.labels(connection, object_id=row.id)),
        events=tuple(history.of_object(connection, row.id)),
        standings=standings(connection, [tube.id, *(vial.id for vial in vials)]),
        excursions=tuple(excursions(connection, row.id)),
        consumptions=tuple(consumptions(connection, row.id)),
        left_ul=left_ul,
        left_cells=left_cells,
    )


def donor_record(connection: Connection, donor_id: int, now: datetime) -> DonorRecord:
    """Everything recorded about a donor. Raises ``NotFound``."""
    donor = donors.donor(connection, donor_id)
    if donor is None:
        raise NotFound(Problem("code", "donor-unknown", {"code": codes.group(codes.from_number(donor_id))}))
    rows = samples.of_donor(connection, donor_id)
    return DonorRecord(
        donor=donor,
        lab_numbers=tuple(donors.lab_numbers(connection, donor_id)),
        lines=tuple(donors.lines(connection, donor_id)),
        checks=tuple(forms.checks(connection, donor_id)),
        verdicts=verdicts_of(connection, donor, now),
        samples=tuple(rows),
        places=containers.places(connection, [row.id for row in rows]),
        events=tuple(history.of_object(connection, donor_id)),
        scans=identity.kept_scans(connection, donor_id),
        erased_at=donors.erased_at(connection, donor_id),
        still_here=tuple(still_kept(connection, donor_id)),
        standings=standings(connection, [row.id for row in rows]),
    )


def box_view(connection: Connection, container_id: int) -> BoxView:
    """A container as its map shows it. Raises ``NotFound``."""
    row = containers.container(connection, container_id)
    if row is None:
        code = codes.group(codes.from_number(container_id))
        raise NotFound(Problem("code", "container-unknown", {"code": code}))
    return BoxView(
        container=row,
        path=path_text(connection, container_id),
        temperature=temperature_of(connection, container_id),
        grid=grid_of(row.kind),
        contents=tuple(containers.contents(connection, container_id)),
    )
