"""Rows written straight through ``Work``: a donor with a family, a box, placements with their decision.

For the tests of persistence itself, which stand below the services.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.commands import Command
from biobank_desktop.domain.storage import HOLDS_SAMPLES
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.work import LAB_STREAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Family:
    """Numbers of a donor, of their tube and of its aliquots."""

    donor: int
    tube: int
    aliquots: tuple[int, ...]


def do(
    store: Store, body: Callable[[Work], Mapping[str, Any] | None], kind: str = "test", login: str = "bo"
) -> Mapping[str, Any]:
    """Run ``body`` as a command, of Bo's unless somebody else is named."""
    return store.run(Command(kind, login, "bench-1", {}), lambda work: body(work) or {})


def number(work: Work, kind: CodeKind) -> int:
    """A new object's number."""
    return codes.number(work.new_codes(kind, 1)[0])


def donor_row(donor: int, **values: object) -> dict[str, Any]:
    """A donor of the shipped protocol."""
    row = {"id": donor, "role": "patient", "sex": "female", "protocol": "alltogether1", "consent_head": 0}
    return row | values


def sample_row(sample: int, donor: int, **values: object) -> dict[str, Any]:
    """A received tube of bone marrow, 5 mL."""
    row = {
        "id": sample,
        "kind": "tube",
        "donor_id": donor,
        "material": "BMA",
        "state": "received",
        "protocol": "alltogether1",
        "time_point": "diagnosis",
        "container": "PED",
        "volume_ul": 5000,
        "cells": None,
        "note": "",
    }
    return row | values


def aliquot_row(sample: int, family: tuple[int, int], **values: object) -> dict[str, Any]:
    """A filled vial of mononuclear cells of the (donor, tube), 500 µL of it."""
    donor, tube = family
    made = {
        "kind": "aliquot",
        "parent_id": tube,
        "parent_material": "BMA",
        "material": "CEL",
        "state": "filled",
        "volume_ul": 500,
        "taken_ul": 500,
    }
    return sample_row(sample, donor, **made) | values


def enter_donor(work: Work, **values: object) -> int:
    """A new donor with their history."""
    donor = number(work, CodeKind.DONOR)
    work.new_stream(donor, "donor")
    work.insert(tables.donor, [donor_row(donor, **values)])
    work.private(
        tables.donor_age.insert(),
        [
            {
                "donor_id": donor,
                "turns_12_on": date(2030, 1, 2),
                "turns_16_on": date(2034, 1, 2),
                "turns_18_on": date(2036, 1, 2),
            }
        ],
    )
    return donor


def enter_family(store: Store, aliquots: int = 2, **values: object) -> Family:
    """A donor with a tube and filled aliquots."""

    def body(work: Work) -> dict[str, Any]:
        donor = enter_donor(work)
        tube, *vials = [codes.number(code) for code in work.new_codes(CodeKind.SAMPLE, aliquots + 1)]
        work.insert(tables.sample, [sample_row(tube, donor)])
        work.insert(tables.sample, [aliquot_row(vial, (donor, tube), **values) for vial in vials])
        return {"numbers": [donor, tube, *vials]}

    donor, tube, *vials = do(store, body)["numbers"]
    return Family(donor, tube, tuple(vials))


def enter_container(work: Work, level: str = "box", rows: int = 9, columns: int = 9, **values: Any) -> int:
    """A container with a history of its own, of a kind of its own; ``values`` are of either."""
    (code,) = work.new_codes(CodeKind.CONTAINER, 1)
    box, size = codes.number(code), {"rows": rows, "columns": columns}
    kind = {
        "name": f"kind {code}",
        "level": level,
        "row_labels": "letters",
        "column_labels": "numbers",
        "fill_order": "rows-from-top-left",
        "holds": "samples" if level in HOLDS_SAMPLES else "containers",
        "takes": values.get("takes"),
        "stream_id": LAB_STREAM,
    }
    work.insert(tables.container_kind, [{**kind, **size}])
    work.new_stream(box, "device")
    row = {"id": box, "kind": kind["name"], "name": code, "materials": values.get("materials"), **size}
    work.insert(tables.container, [{**row, "temperature": "-80", "retired": False, "stream_id": box}])
    return box


def enter_box(store: Store, rows: int = 9, columns: int = 9) -> int:
    """A box with a history of its own, of a kind of its own."""
    return int(do(store, lambda work: {"box": enter_container(work, "box", rows, columns)})["box"])


def decision_row(donor: int, **values: object) -> dict[str, Any]:
    """A decision that permits storing."""
    row = {
        "donor_id": donor,
        "purpose": "store",
        "verdict": "permitted",
        "reasons": [],
        "consent_head": 0,
        "rules_version": "test",
        "decided_on": date(2025, 3, 3),
        "known_on": NOON,
    }
    return row | values


def placement_row(
    item: int, box: int, well: tuple[int, int], grid: tuple[int, int] = (9, 9)
) -> dict[str, Any]:
    """A thing at (row, column) of a box, from 1."""
    (rows, columns), (row_no, column_no) = grid, well
    position = {"row_no": row_no, "column_no": column_no, "rows": rows, "columns": columns}
    return {"item_id": item, "container_id": box, "since": NOON, "stream_id": box, **position}


def place(store: Store, family: Family, box: int, wells: Iterable[tuple[int, int]]) -> None:
    """The family's aliquots, one in each well, with the decision that lets them in."""

    def body(work: Work) -> None:
        work.insert(tables.decision, [decision_row(family.donor)])
        rows = [placement_row(item, box, well) for item, well in zip(family.aliquots, wells, strict=True)]
        work.insert(tables.placement, rows)

    do(store, body, "placed")
