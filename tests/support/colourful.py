"""A box in which everything occurs that a colouring tells apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.persistence import tables
from biobank_desktop.services import consent, use
from tests.support.leaving import YES, withdraw
from tests.support.rows import (
    aliquot_row,
    decision_row,
    do,
    enter_donor,
    placement_row,
    sample_row,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

_KINDS = ("CEL", "CEL", "PEL", "PL1", "DNA", "RNA", "BUF", "PL2", "BFF", "BMA")
_VOLUMES = (500, 40, 180, 320, 0, 1200, None)
_CELLS = (60_000_000, 12_000_000, 7_000_000, 400_000, None)
_LABELS = ("verified", "verified", "verified", "sent", "verified", "queued")
_ALIQUOTS_UL = 10


@dataclass(frozen=True)
class Household:
    """A donor of the box: how many vials, how many days ago they were stored, and what was said since."""

    vials: int
    days: int
    said: str


HOUSEHOLDS = (
    Household(14, 2400, "yes"),
    Household(11, 1500, "no"),
    Household(10, 900, "yes"),
    Household(9, 640, "yes"),
    Household(8, 410, "yes"),
    Household(7, 300, "no"),
    Household(6, 200, "yes"),
    Household(5, 120, "yes"),
    Household(4, 60, "yes"),
    Household(3, 20, "yes"),
    Household(3, 3, ""),
    Household(2, 1, ""),
)


def fill_box(
    store: Store,
    actor: Actor,
    code: str,
    grid: tuple[int, int] = (9, 9),
    households: Sequence[Household] = HOUSEHOLDS,
) -> None:
    """Fill an empty box from the top left on, household after household. One vial of the third is out."""
    box, (rows, columns) = codes.number(code), grid
    wells = [(row, column) for row in range(1, rows + 1) for column in range(1, columns + 1)]
    donors, first = [], 0
    for household in households:
        some = wells[first : first + household.vials]
        first += household.vials
        if some:
            donors.append((household, *_move_in(store, household, box, some, grid)))
    for household, donor, vials in donors:
        if household.said:
            _say(store, actor, codes.from_number(donor), household.days)
        if household.said == "no":
            withdraw(store, actor, codes.from_number(donor))
        elif household is households[2]:
            use.check_out(store, actor, [codes.from_number(vials[1])], "activity assay")


def _move_in(
    store: Store, household: Household, box: int, wells: Sequence[tuple[int, int]], grid: tuple[int, int]
) -> tuple[int, list[int]]:
    stored = datetime.now(UTC) - timedelta(days=household.days)

    def body(work: Work) -> dict[str, Any]:
        donor = enter_donor(work)
        tube, *vials = [codes.number(code) for code in work.new_codes(CodeKind.SAMPLE, len(wells) + 1)]
        work.insert(tables.sample, [sample_row(tube, donor)])
        receipt = {"sample_id": tube, "received_at": stored - timedelta(hours=8), "temperature": "room"}
        more = {"conditions": [], "acceptance": "accepted", "origin": "residual", "stream_id": donor}
        work.insert(tables.receipt, [receipt | more])
        work.insert(tables.sample, [_vial(vial, (donor, tube), no) for no, vial in enumerate(vials)])
        work.insert(tables.label, [_label(vial, donor, stored, no) for no, vial in enumerate(vials)])
        work.insert(tables.decision, [decision_row(donor)])
        placed = [
            placement_row(vial, box, well, grid) | {"since": stored, "stream_id": donor}
            for vial, well in zip(vials, wells, strict=True)
        ]
        work.insert(tables.placement, placed)
        return {"numbers": [donor, *vials]}

    donor, *vials = do(store, body, "placed")["numbers"]
    return donor, vials


def _vial(vial: int, family: tuple[int, int], no: int) -> dict[str, Any]:
    material = _KINDS[(no + family[0]) % len(_KINDS)]
    cells = _CELLS[no % len(_CELLS)] if material in {"CEL", "BUF"} else None
    volume = _VOLUMES[no % len(_VOLUMES)]
    return aliquot_row(
        vial, family, material=material, volume_ul=volume, cells=cells, taken_ul=_ALIQUOTS_UL, number=no + 1
    )


def _label(vial: int, donor: int, stored: datetime, no: int) -> dict[str, Any]:
    state = _LABELS[(no + vial) % len(_LABELS)]
    known: dict[str, Any] = {"object_id": vial, "no": 1, "state": state, "template": "vial", "fields": {}}
    return known | {
        "reason": "",
        "requested_at": stored,
        "sent_at": None if state == "queued" else stored,
        "verified_at": stored + timedelta(days=no * 30 % 200) if state == "verified" else None,
        "stream_id": donor,
    }


def _say(store: Store, actor: Actor, donor: str, days: int) -> None:
    """Both parents say yes on the day before."""
    signed = (datetime.now(UTC) - timedelta(days=days + 1)).date()
    for parent in ("mother", "father"):
        consent.record_consent(store, actor, consent.ConsentForm(donor, "given", parent, signed, signed, YES))
