"""Samples that something is to be done with later: found, held, and asked whether it still can be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, samples
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.services.families import held
from biobank_desktop.services.foreign_codes import sample_numbers
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.labels import cancel_waiting
from biobank_desktop.services.storage import path_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.queries.standing import Standing
    from biobank_desktop.persistence.work import Work

_NO_MATERIAL = {"void": "sample-void", "planned": "sample-not-filled"}


def found(connection: Connection, given: Sequence[str], field: str = "samples") -> list[SampleRow]:
    """The samples of these codes, in their order. Raises ``NotFound`` with every code of nothing.

    A maker's code stands for the vial that carries it.
    """
    numbers = sample_numbers(connection, given)
    rows = samples.samples(connection, numbers.values())
    unknown = [code for code in dict.fromkeys(given) if numbers.get(code) not in rows]
    if unknown:
        raise NotFound(*(Problem(field, "sample-unknown", {"code": code}) for code in unknown))
    counts = Counter(numbers[code] for code in given)
    twice = sorted({code for code in given if counts[numbers[code]] > 1})
    if twice:
        raise Rejected(*(Problem(field, "scanned-twice", {"code": code}) for code in twice))
    return [rows[numbers[code]] for code in given]


def held_with_standing(
    work: Work, given: Sequence[str], field: str = "samples"
) -> tuple[list[SampleRow], dict[int, Standing]]:
    """The samples of these codes, held, and how they stand. Raises ``NotFound`` and ``Rejected``."""
    rows = held(work, found(work.connection, given, field))
    return rows, standings(work.connection, [row.id for row in rows])


def material_problems(row: SampleRow, field: str = "samples") -> list[Problem]:
    """Why there never was, or is no more, any material: not filled, or void."""
    code = _NO_MATERIAL.get(row.state)
    return [Problem(field, code, {"code": codes.group(row.code)})] if code else []


def gone_problems(row: SampleRow, standing: Standing, field: str = "samples") -> list[Problem]:
    """Why there is nothing to be had of a sample: never filled, void, or it has ended."""
    problems = material_problems(row, field)
    if not problems and standing.ended is not None and standing.ended_at is not None:
        shown = {"code": codes.group(row.code), "ended": standing.ended}
        problems = [Problem(field, "sample-has-ended", {**shown, "at": standing.ended_at.astimezone()})]
    return problems


def kept_problems(row: SampleRow, standing: Standing, field: str = "samples") -> list[Problem]:
    """Why a sample may not be touched: it is gone, or held back until somebody decides."""
    problems = gone_problems(row, standing, field)
    if standing.nonconformity is not None:
        values = {"code": codes.group(row.code), "no": standing.nonconformity}
        problems.append(Problem(field, "sample-in-quarantine", values))
    return problems


def place_text(connection: Connection, sample_id: int) -> str:
    """Where a sample lies, from the site to the position; "" when nowhere."""
    place = containers.place(connection, sample_id)
    box = containers.container(connection, place.container_id) if place else None
    if place is None or box is None:
        return ""
    position = grid_of(box.kind).label((place.row_no, place.column_no))
    return f"{path_text(connection, box.id)} / {position}"


def come_back(work: Work, sample_id: int) -> None:
    """Let a held sample no longer be out of the cold."""
    last = work.locked_last(tables.excursion, {"sample_id": sample_id})
    if last is not None and last["back_at"] is None:
        key = {"sample_id": sample_id, "no": last["no"]}
        work.update(tables.excursion, key, back_at=max(work.at, last["out_at"]))


def end(work: Work, row: SampleRow, kind: str, note: str = "", release_no: int | None = None) -> None:
    """Let a held sample end: its place is free, it is no longer out, no label of it is printed any more."""
    key = {"item_id": row.id}
    if work.locked(tables.placement, key) is not None:
        work.delete(tables.placement, key)
    come_back(work, row.id)
    cancel_waiting(work, row.id)
    work.insert(
        tables.disposition,
        [
            {
                "sample_id": row.id,
                "kind": kind,
                "at": work.at,
                "release_no": release_no,
                "note": note,
                "stream_id": row.donor_id,
            }
        ],
    )
