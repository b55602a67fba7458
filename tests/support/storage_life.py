"""What stands in the scene's freezers: one container of each level and another, lists, things once moved.

Everything here is entered through ``Work`` under the guards, so it is a story that they permit.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.storage import LEVELS
from biobank_desktop.persistence import tables
from tests.support.rows import NOON, aliquot_row, decision_row, do, enter_container, placement_row

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

STANDS = {level: level.replace("-", "_") for level in LEVELS}
"""A container of each level that stands in nothing, by its name; ``other_`` and that name is another one."""

VIALS = ("moved", "ruled", "held_in_place")


def furnish_storage(store: Store, names: dict[str, int]) -> None:
    """Everything that an attack on what lies where names."""
    do(store, partial(_containers, names))
    do(store, partial(_vials, names))
    do(store, partial(_moved, names))


def _containers(names: dict[str, int], work: Work) -> None:
    for level, name in STANDS.items():
        for one in (name, f"other_{name}"):
            names.setdefault(one, enter_container(work, level))
    names["ruled_shelf"] = enter_container(work, "shelf", materials="CEL\nPL1")
    names["ruled_box"] = enter_container(work, materials="CEL\nPL1")
    names["empty_box"] = enter_container(work)
    names["plasma_box"] = enter_container(work, materials="PL1")
    names["plasma_shelf"] = enter_container(work, "shelf", materials="PL1\nCEL")
    names["inner_box"] = enter_container(work, materials="PL1")
    names["wide_box"] = enter_container(work, materials="CEL\nDNA")
    (small,) = work.locked_all(tables.container, [names["small_box"]]).values()
    names["choosy_shelf"] = enter_container(work, "shelf", takes=small["kind"])
    stands = (
        ("small_box", "shelf", (9, 9)),
        ("ruled_box", "ruled_shelf", (1, 1)),
        ("inner_box", "plasma_shelf", (1, 1)),
    )
    work.insert(
        tables.placement, [placement_row(names[item], names[shelf], well) for item, shelf, well in stands]
    )


def _vials(names: dict[str, int], work: Work) -> None:
    donor = names["donor"]
    made = [codes.number(code) for code in work.new_codes(CodeKind.SAMPLE, len(VIALS))]
    names.update(zip(VIALS, made, strict=True))
    kin = donor, names["released"]
    work.insert(tables.sample, [aliquot_row(names[name], kin, taken_ul=1) for name in VIALS])
    work.insert(tables.decision, [decision_row(donor)])
    wells = (("moved", "box", (7, 7)), ("ruled", "ruled_box", (1, 1)), ("held_in_place", "box", (6, 6)))
    work.insert(tables.placement, [placement_row(names[item], names[box], well) for item, box, well in wells])
    held = {"nonconformity_no": 1, "sample_id": names["held_in_place"], "decision": None, "decided_by": None}
    work.insert(tables.quarantine, [{**held, "reason": "", "stream_id": donor}])


def _moved(names: dict[str, int], work: Work) -> None:
    moved, box = names["moved"], names["box"]
    lay = {"item_id": moved, "from_id": box, "from_row": 7, "from_column": 7, "out_at": NOON, "at": NOON}
    work.insert(tables.relocation, [{**lay, "stream_id": box}])
    work.delete(tables.placement, {"item_id": moved})
    work.insert(tables.placement, [placement_row(moved, names["other_box"], (2, 3))])
    own: dict[str, Any] = {"container_id": box, "stream_id": box}
    changed = {"no": 1, "at": NOON, "was": "-80", "became": "ln2"}
    work.insert(tables.temperature_change, [own | changed])
    kept = {"rows": 9, "columns": 9, "row_no": 3, "column_no": 3, "login": "bo", "what": "x", "until": NOON}
    work.insert(tables.reservation, [own | kept])
    for table in (tables.spill, tables.outage):
        work.insert(table, [own | {"no": 1, "since": NOON, "why": "x", "ended_at": NOON}])
