"""Stores a lab of this program's schema for good: what every later migration has to bring along.

``python -m tests.migrations.storing`` is run once for each released revision, before the next one is begun:
the lab in a SQLite file, the same lab as PostgreSQL's own dump and as a portable archive, and what is on its
stage. A stored database is never made again and never deleted.
"""

from __future__ import annotations

import json
import lzma
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.people import Signed
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.persistence import schema
from biobank_desktop.persistence.archive import Archive, load, write_archive
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import erasure, lab, moving, processing, restore_gap
from biobank_desktop.services.people import sign_in
from tests.support.databases import ANNA, BENCH, BO, PASSWORD, PostgresDatabases, found, name_of, open_store
from tests.support.lab import add_donor
from tests.support.postgres import PostgresServer
from tests.support.repertoire import GIL, REPERTOIRE, Stage, set_stage
from tests.support.stored import FOLDER

BEFORE = (
    *("tube-received", "step-started", "step-ended", "step-corrected", "counted", "placed", "corrected"),
    *("released-by-diagnostics", "donor-registered", "donor-corrected", "label-reprinted", "labels-sending"),
    *(
        "labels-reported",
        "label-decided",
        "label-verified",
        "container-added",
        "kind-added",
        "printer-set",
        "setting-changed",
        "person-added",
    ),
    *("line-checked", "rules-entered", "used", "release-issued"),
)
"""What was done in it; the rest of the repertoire is left to whoever works on."""

GAP = {
    "archive": "biobank.zip",
    "archive_sha256": "5" * 64,
    "made_at": "2026-11-21T18:00:00.000Z",
    "size": 40,
    "erased": 1,
}
"""What a restore says of itself."""


def main() -> None:
    """Store the lab of the newest revision."""
    target = FOLDER / schema.NEWEST
    if target.with_suffix(".json").exists():
        raise SystemExit(f"{target} is stored already, for good")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "lab.sqlite"
        stage = _work_in(str(file))
        archive = target.with_suffix(".zip")
        with closing(open_store(str(file))) as store:
            complete(write_archive(store, archive, datetime.now(UTC)))
        target.with_suffix(".sqlite.xz").write_bytes(lzma.compress(file.read_bytes()))
    target.with_suffix(".sql.xz").write_bytes(lzma.compress(_dump_of(archive).encode()))
    names = ("donor", "other_donor", "tube", "planned", "filled", "stored", "box", "tank", "printer")
    told = {name: getattr(stage, name) for name in names}
    told |= {"stored_by": stage.stored_by, "received_at": stage.received_at.isoformat()}
    target.with_suffix(".json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def _work_in(address: str) -> Stage:
    found(address)
    with closing(open_store(address)) as store:
        stage = set_stage(store, later=True)
        for kind in BEFORE:
            REPERTOIRE[kind](store, stage, uuid4())
        other = replace(stage, donor=stage.other_donor)
        REPERTOIRE["consent-recorded"](store, other, uuid4())
        assert stage.freezer is not None
        colder = Move(stage.freezer.second, stage.tank, "")
        moving.move(store, BO, MoveForm((colder,), "the freezer is full"))
        spare = processing.add_vials(store, BO, stage.tube, PlannedVials("PL1", 2, 100))
        processing.make_void(store, BO, spare[0], "broken")
        gone = add_donor(store, BO)
        with tempfile.TemporaryDirectory() as outside:
            register = Path(outside) / "erased.jsonl"
            erasure.erase_donor(store, Signed(ANNA), gone, "asked by the family", register, None)
        lab.set_setting(store, ANNA, restore_gap.RESTORE_GAP, GAP)
        for person in (ANNA, GIL):
            restore_gap.sign_gap(store, Signed(person), "compared with the freezer log")
        sign_in(store, "bo", PASSWORD, BENCH)
        seal(store)
        REPERTOIRE["setting-changed"](store, stage, uuid4())  # not sealed yet
        return stage


def _dump_of(archive: Path) -> str:
    """The archive in PostgreSQL, as its own program writes it down."""
    server = PostgresServer()
    try:
        address = PostgresDatabases(server).empty()
        with closing(open_store(address)) as store, Archive(archive) as opened:
            complete(load(opened, store.engine))
        return server.dump(name_of(address))
    finally:
        server.remove()


if __name__ == "__main__":
    main()
