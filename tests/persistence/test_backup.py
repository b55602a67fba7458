"""Backups: the same rows in either engine, damage refused, commands between the steps, full disks."""

from __future__ import annotations

import json
import sqlite3
import struct
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import IntegrityBroken, Rejected, Unavailable
from biobank_desktop.persistence import backups, schema, tables
from biobank_desktop.persistence.archive import Archive, load, write_archive
from biobank_desktop.persistence.copying import copy_sqlite
from biobank_desktop.persistence.erasures import erased_donors, note_erasure
from biobank_desktop.persistence.pins import Pins
from biobank_desktop.persistence.queries import lab
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services.backup import Made, back_up, restore
from biobank_desktop.services.lab import set_setting, setting
from biobank_desktop.services.people import sign_in
from biobank_desktop.services.restore_gap import RESTORE_GAP
from tests.support.databases import ANNA, BENCH, BO, CAS, PASSWORD, Databases, open_store
from tests.support.rows import decision_row, do, enter_box, enter_donor, enter_family, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def lab_store(store: Store) -> Store:
    """A lab with families, boxes, settings of every JSON sort, and a decision that lapsed since."""
    for _ in range(3):
        place(store, enter_family(store), enter_box(store), [(1, 1), (9, 9)])
    for value in (
        1,
        1.0,
        0.1,
        2**53 + 1,
        "µL “quoted” \u2028",
        [1, [None, True]],
        {"b": 1, "a": {}},
        None,
        False,
    ):
        set_setting(store, CAS, f"setting {value}", value)
    do(store, _decide_long_ago)
    seal(store)
    set_setting(store, CAS, "after the seal", value=1)
    return store


def _decide_long_ago(work: Work) -> None:
    donor = enter_donor(work, consent_head=3)
    row = decision_row(donor, verdict="provisional", holds_until=datetime(2025, 3, 4, tzinfo=UTC))
    work.insert(tables.decision, [row])


def contents(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with store.read() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in tables.metadata.sorted_tables
        }


def made_in(folder: Path, store: Store) -> Made:
    return complete(back_up(store, CAS, [folder], AT))


@pytest.fixture
def backup(lab_store: Store, tmp_path: Path) -> Made:
    """A backup of that lab."""
    return made_in(tmp_path / "backups", lab_store)


@pytest.fixture
def targets(sqlite_databases: Databases, postgresql_databases: Databases) -> Iterator[dict[str, str]]:
    """An empty database of each engine."""
    made = {"sqlite": sqlite_databases.empty(), "postgresql": postgresql_databases.empty()}
    yield made
    sqlite_databases.remove(made["sqlite"])
    postgresql_databases.remove(made["postgresql"])


def test_there_and_back_again_every_row_is_the_same(
    lab_store: Store, tmp_path: Path, targets: dict[str, str]
) -> None:
    """SQLite → PostgreSQL → SQLite, and PostgreSQL → PostgreSQL → SQLite."""
    before, source = contents(lab_store), lab_store
    opened: list[Store] = []
    for number, engine in enumerate(("postgresql", "sqlite")):
        path, target = tmp_path / f"{number}.zip", open_store(targets[engine])
        opened.append(target)
        complete(write_archive(source, path, AT))
        with Archive(path) as archive:
            complete(archive.check())
            complete(load(archive, target.engine))
        assert contents(target) == before
        assert Verification(target).run() == []
        source = target
    for store in opened:
        set_setting(store, CAS, "goes on", value=1)  # the numbers of events go on where they were
        seal(store)
        assert Verification(store).run() == []
        store.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_restore_is_declared(backup: Made, lab_store: Store, targets: dict[str, str], engine: str) -> None:
    restored = complete(restore(backup.archive, targets[engine], "cas", PASSWORD, BENCH))
    assert restored.findings == ()
    store = open_store(targets[engine])
    with store.read() as connection, lab_store.read() as former:
        assert lab.uuid(connection) == restored.uuid != lab.uuid(former) == restored.restored_from
        events = connection.execute(
            text("SELECT login, bench FROM command WHERE kind = 'database-restored'")
        ).fetchall()
        assert [tuple(row) for row in events] == [("cas", BENCH)]
    gap: Any = setting(store, RESTORE_GAP)
    assert gap["archive"] == backup.archive.name
    assert gap["size"] > 0
    assert Verification(store).run() == []
    sign_in(store, "bo", PASSWORD, BENCH)
    place(store, enter_family(store), enter_box(store), [(1, 1), (9, 9)])
    store.close()


def test_a_snapshot_restores_too(sqlite_store: Store, tmp_path: Path, targets: dict[str, str]) -> None:
    made = made_in(tmp_path, sqlite_store)
    assert made.snapshot is not None
    restored = complete(restore(made.snapshot, targets["postgresql"], "anna", PASSWORD, BENCH))
    assert restored.findings == ()
    assert restored.events == made.events


def test_postgresql_has_no_snapshot(postgres_store: Store, tmp_path: Path) -> None:
    assert made_in(tmp_path, postgres_store).snapshot is None


def test_a_declared_restore_satisfies_the_pin(
    backup: Made, lab_store: Store, targets: dict[str, str], tmp_path: Path
) -> None:
    pins = Pins(tmp_path, "here")
    with lab_store.read() as connection:
        uuid = lab.uuid(connection)
    pins.write(uuid, seal(lab_store))
    restored = complete(restore(backup.archive, targets["sqlite"], "cas", PASSWORD, BENCH))
    store = open_store(targets["sqlite"])
    with store.read() as connection:
        assert pins.problem(connection, restored.uuid) is None
        pins.write("somebody's", seal(lab_store))
        assert pins.problem(connection, restored.uuid) is not None
    store.close()


def test_a_target_with_anything_in_it_is_refused(backup: Made, databases: Databases) -> None:
    lab_there, other = databases.lab(), databases.empty()
    store = open_store(other)
    with store.engine.begin() as connection:
        connection.execute(text("CREATE TABLE cats (name text)"))
    store.close()
    for address in (lab_there, other):
        with pytest.raises(Rejected) as refused:
            complete(restore(backup.archive, address, "cas", PASSWORD, BENCH))
        assert refused.value.problems[0].code == "database-not-empty"
        databases.remove(address)


def test_a_failed_restore_can_be_tried_again(backup: Made, empty_address: str) -> None:
    steps = restore(backup.archive, empty_address, "cas", PASSWORD, BENCH)
    with Archive(backup.archive) as archive:
        half = archive.manifest.rows // 2
    for progress in steps:
        if progress.done > half and progress.total == archive.manifest.rows:
            break
    for progress in steps:  # the second time: now it loads
        if progress.done > half:
            break
    steps.close()
    restored = complete(restore(backup.archive, empty_address, "cas", PASSWORD, BENCH))
    assert restored.findings == ()


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("cas", "wrong-horse", "sign-in-refused"),
        ("nobody", PASSWORD, "sign-in-refused"),
        ("bo", PASSWORD, "not-permitted"),
    ],
)
def test_a_restore_wants_a_person_who_may(
    backup: Made, empty_address: str, login: str, password: str, code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        complete(restore(backup.archive, empty_address, login, password, BENCH))
    assert refused.value.problems[0].code == code
    complete(restore(backup.archive, empty_address, "anna", PASSWORD, BENCH))


def test_a_technician_may_not_back_up(sqlite_store: Store, tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        back_up(sqlite_store, BO, [tmp_path], AT)


def test_a_flipped_byte_in_any_member_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    made = made_in(tmp_path, sqlite_store)
    whole = made.archive.read_bytes()
    with zipfile.ZipFile(made.archive) as archive:
        members = archive.infolist()
    assert len(members) == len(tables.metadata.tables) + 1
    for member in members:
        name_length, extra_length = struct.unpack_from("<HH", whole, member.header_offset + 26)
        start = member.header_offset + 30 + (name_length + extra_length if member.file_size else 0)
        bitten = bytearray(whole)
        bitten[start + (member.compress_size // 2 if member.file_size else 0)] ^= 0x10  # empty: its name
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(bitten)
        with pytest.raises(IntegrityBroken):
            _check(damaged)


@pytest.mark.parametrize("member", ["event.jsonl", "manifest.json", "donor_age.jsonl"])
def test_a_member_written_anew_missing_or_added_is_refused(
    sqlite_store: Store, tmp_path: Path, member: str
) -> None:
    do(sqlite_store, lambda work: {"donor": enter_donor(work)})
    made = made_in(tmp_path, sqlite_store)
    for change in ("edit", "drop", "add"):
        _rewrite(made.archive, tmp_path / "edited.zip", member, change)
        with pytest.raises(IntegrityBroken):
            _check(tmp_path / "edited.zip")


def _rewrite(archive: Path, edited: Path, member: str, change: str) -> None:
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(edited, "w") as out:
        for name in source.namelist():
            content = source.read(name)
            if name == member and change == "drop":
                continue
            if name == member and change == "edit":
                content = content.replace(b"5", b"6").replace(b"2", b"3")
            out.writestr(name, content)
        if change == "add":
            out.writestr("extra.jsonl", b"{}\n")


def test_an_archive_that_never_had_a_table_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    """Ages stand in no event: without their table verification would not miss them, but the gate would."""
    made, poorer = made_in(tmp_path, sqlite_store), tmp_path / "poorer.zip"
    with zipfile.ZipFile(made.archive) as source, zipfile.ZipFile(poorer, "w") as out:
        told = json.loads(source.read("manifest.json"))
        told["members"] = [one for one in told["members"] if one["table"] != "donor_age"]
        for name in source.namelist():
            if name not in {"donor_age.jsonl", "manifest.json"}:
                out.writestr(name, source.read(name))
        out.writestr("manifest.json", json.dumps(told))
    with pytest.raises(IntegrityBroken):
        _check(poorer)


@pytest.mark.parametrize("size", [0, 1, 100, -1, -100])
def test_a_cut_archive_is_refused(sqlite_store: Store, tmp_path: Path, size: int) -> None:
    made = made_in(tmp_path, sqlite_store)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(made.archive.read_bytes()[:size])
    with pytest.raises(IntegrityBroken):
        _check(cut)


def test_an_archive_that_is_not_there_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="archive-missing"):
        _check(tmp_path / "none.zip")


def _check(path: Path) -> None:
    with Archive(path) as archive:
        complete(archive.check())


def test_a_newer_archive_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    made = made_in(tmp_path, sqlite_store)
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(made.archive) as source, zipfile.ZipFile(newer, "w") as out:
        for name in source.namelist():
            known, unknown = (f'"revision": "{one}"'.encode() for one in (schema.NEWEST, "9999"))
            out.writestr(name, source.read(name).replace(known, unknown))
    with pytest.raises(Unavailable, match="archive-newer"):
        _check(newer)


def test_erased_donors_stay_erased(store: Store, tmp_path: Path, empty_address: str) -> None:
    kept, erased = (int(do(store, lambda work: {"donor": enter_donor(work)})["donor"]) for _ in range(2))
    seal(store)
    made = made_in(tmp_path, store)
    note_erasure(tmp_path, codes.from_number(erased), AT)
    restored = complete(restore(made.archive, empty_address, "cas", PASSWORD, BENCH))
    assert (restored.erased, restored.findings) == (1, ())
    target = open_store(empty_address)
    assert [row["donor_id"] for row in contents(target)["donor_age"]] == [kept]
    target.close()


def test_a_register_of_erasures_that_cannot_be_read_stops_the_restore(tmp_path: Path) -> None:
    note_erasure(tmp_path, "PD26000005", AT)
    with (tmp_path / "erasures.jsonl").open("a") as file:
        file.write("{half a li")
    with pytest.raises(IntegrityBroken):
        erased_donors(tmp_path)


def test_commands_between_the_steps_are_in_the_copy_or_not_but_never_half(
    sqlite_store: Store, tmp_path: Path
) -> None:
    for number in range(40):
        set_setting(sqlite_store, CAS, f"big {number}", "x" * 300_000)
    seal(sqlite_store)
    copy, steps = tmp_path / "copy.sqlite", 0
    for _ in copy_sqlite(sqlite_store, copy):
        place(sqlite_store, enter_family(sqlite_store), enter_box(sqlite_store), [(1, 1), (1, 2)])
        seal(sqlite_store)
        steps += 1
    assert steps > 3
    copied = open_store(str(copy))
    assert Verification(copied).run() == []
    copied.close()
    assert Verification(sqlite_store).run() == []


def test_an_archive_of_postgresql_is_one_moment(postgres_store: Store, tmp_path: Path) -> None:
    for number in range(3):
        set_setting(postgres_store, CAS, f"{number}", number)
    events = []
    for _ in back_up(postgres_store, None, [tmp_path], AT):
        enter_family(postgres_store)
        events.append(seal(postgres_store).size)
    assert len(set(events)) > 10
    (backup,) = backups.listed(tmp_path)
    _check(backup.path)


def test_a_cancelled_backup_leaves_nothing(store: Store, tmp_path: Path) -> None:
    for number in range(20):
        set_setting(store, CAS, f"big {number}", "x" * 300_000)
    lengths = sum(1 for _ in back_up(store, CAS, [tmp_path / "first"], AT))
    for stop in range(1, lengths, max(1, lengths // 12)):
        steps = back_up(store, CAS, [tmp_path / "second"], AT)
        for _ in range(stop):
            next(steps)
        steps.close()
        assert list((tmp_path / "second").iterdir()) == []
    set_setting(store, CAS, "still works", value=True)


def test_a_contradictory_database_is_backed_up_but_not_as_verified(store: Store, tmp_path: Path) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE person SET role = 'administrator' WHERE login = 'bo'"))
    with pytest.raises(IntegrityBroken):
        made_in(tmp_path, store)
    assert backups.listed(tmp_path) == []
    (kept,) = tmp_path.iterdir()
    assert kept.name.endswith(".unverified.zip")
    _check(kept)


def test_it_is_copied_to_every_place_and_says_where_it_could_not(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folders = [tmp_path / "first", tmp_path / "file", tmp_path / "third"]
    made = complete(back_up(store, ANNA, folders, AT))
    assert [copy.parent.name for copy in made.copies] == ["third"]
    assert [problem.values["path"] for problem in made.problems] == [str(tmp_path / "file")]
    assert made.copies[0].read_bytes() == made.archive.read_bytes()
    assert backups.age(tmp_path / "third", AT + timedelta(hours=2)) == timedelta(hours=2)


def test_a_first_place_that_cannot_be_written_is_an_error(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="backup-cannot-be-written"):
        made_in(tmp_path / "file", store)


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from datetime import UTC, datetime
sys.path.insert(0, {root!r})
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services.backup import back_up
from tests.support.databases import open_store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_store({address!r})
with store.read():
    pass
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
try:
    complete(back_up(store, None, [Path({folder!r})], datetime.now(UTC)))
except Unavailable as error:
    print(error.problem.code)
store.close()
"""


@pytest.mark.parametrize("share", [0.02, 0.2, 0.6, 0.95])
def test_a_full_disk_leaves_no_half_backup(lab_address: str, tmp_path: Path, share: float) -> None:
    store = open_store(lab_address)
    for number in range(10):
        set_setting(store, CAS, f"{number}", f"{number}" * 100_000)
    seal(store)
    full = tmp_path / "whole"
    made = made_in(full, store)
    store.close()
    biggest = max((path.stat().st_size for path in (made.archive, made.snapshot) if path), default=0)
    script = _FULL_DISK.format(
        root=str(Path(__file__).parents[2]),
        address=lab_address,
        limit=int(biggest * share),
        folder=str(tmp_path / "full"),
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("backup-cannot-be-written", 0), done.stderr
    assert list((tmp_path / "full").iterdir()) == []


def test_thinning_keeps_all_of_a_day_then_days_weeks_and_months() -> None:
    now = datetime(2026, 6, 30, 12, tzinfo=UTC)
    moments = [now - timedelta(minutes=15 * number) for number in range(4 * 24 * 400)]
    kept = backups.kept(moments, now)
    ages = sorted(now - moment for moment in kept)
    assert sum(age <= timedelta(hours=24) for age in ages) == 97
    assert sum(timedelta(hours=24) < age <= timedelta(days=14) for age in ages) in {13, 14, 15}
    assert sum(timedelta(days=14) < age <= timedelta(weeks=12) for age in ages) in {10, 11, 12}
    assert sum(age > timedelta(weeks=12) for age in ages) in {10, 11, 12}
    assert now in kept


def test_thinning_again_and_again_loses_no_month() -> None:
    """Thinned after each backup for two years, as a lab would, a backup of every month is still there."""
    now, left = datetime(2024, 1, 1, 18, tzinfo=UTC), set[datetime]()
    while now < datetime(2026, 1, 1, tzinfo=UTC):
        left = backups.kept(left | {now}, now)
        now += timedelta(hours=8)
    assert len({(moment.year, moment.month) for moment in left}) == 24
    assert len(left) < 60


def test_thinning_removes_files_and_nothing_else(tmp_path: Path) -> None:
    now = datetime(2026, 6, 30, 12, tzinfo=UTC)
    for hours in (0, 1, 30, 31, 32):
        for ending in ("zip", "sqlite"):
            (tmp_path / backups.name(now - timedelta(hours=hours), ending)).write_text("x")
    others = [
        tmp_path / "erasures.jsonl",
        tmp_path / "biobank-notes.txt",
        tmp_path / "biobank-x.unverified.zip",
    ]
    for other in others:
        other.write_text("x")
    removed = backups.thin(tmp_path, now)
    assert len(removed) == 4
    assert {backup.made_at for backup in backups.listed(tmp_path)} == {
        now - timedelta(hours=hours) for hours in (0, 1, 30)
    }
    assert all(other.exists() for other in others)


def test_a_snapshot_opens_as_it_is(sqlite_store: Store, tmp_path: Path) -> None:
    made = made_in(tmp_path, sqlite_store)
    assert made.snapshot is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([made.archive.name, made.snapshot.name])
    with sqlite3.connect(made.snapshot) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
