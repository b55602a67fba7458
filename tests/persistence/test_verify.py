"""Every way to edit the database behind the program's back is found and named."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from biobank_desktop.persistence import schema, tables
from biobank_desktop.persistence.canonical import dumps, loads
from biobank_desktop.persistence.seals import last_seal, seal
from biobank_desktop.persistence.verify import Finding, Verification
from biobank_desktop.persistence.walk import STEP_EVENTS
from biobank_desktop.persistence.work import LAB_STREAM, NO_HASH
from tests.support.foreign_keys import without_foreign_keys
from tests.support.rewriting import rewrite
from tests.support.rows import NOON, Family, do, enter_box, enter_donor, enter_family, place

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


@pytest.fixture
def family(store: Store) -> Family:
    """A family of a tube and two vials that lie in a box; everything sealed."""
    family = enter_family(store)
    place(store, family, enter_box(store), [(1, 1), (1, 2)])
    do(store, lambda work: _note(work, family.tube, "haemolysed"))
    seal(store)
    return family


def _note(work: Work, sample: int, note: str) -> None:
    work.update(tables.sample, {"id": sample}, note=note)


def found(store: Store) -> list[Finding]:
    return Verification(store).run()


def tamper(store: Store, change: Callable[[Connection], object]) -> list[Finding]:
    """What verify finds after a change by somebody who dropped the guards and put them back."""
    with store.engine.begin() as connection, schema.without_guards(connection):
        change(connection)
    return found(store)


def sql(statement: str, **values: object) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(text(statement), values)


def test_an_untouched_database_is_clean(store: Store, family: Family) -> None:
    assert found(store) == []


def test_every_event_is_read_once(store: Store, family: Family) -> None:
    verification = Verification(store)
    progress = list(verification)
    with store.read() as connection:
        events = connection.execute(text("SELECT count(*) FROM event")).scalar_one()
    assert verification.events == events
    assert progress[-1].done == progress[-1].total == events


def test_an_edited_event_is_named(store: Store, family: Family) -> None:
    findings = tamper(
        store,
        lambda connection: _edit(connection, family.donor, 1, lambda body: {**body, "by": "eve"}),
    )
    assert {("command", family.donor, 1), ("event", family.donor, 2)} <= _named(findings)


def test_an_edited_event_without_its_hash_is_named(store: Store, family: Family) -> None:
    statement = (
        "UPDATE event SET body = (SELECT body FROM event WHERE id = 1) WHERE stream_id = :s AND seq = 2"
    )
    assert ("event", family.donor, 2) in _named(tamper(store, sql(statement, s=family.donor)))


def test_a_back_dated_event_is_named(store: Store, family: Family) -> None:
    findings = tamper(
        store,
        lambda connection: _edit(
            connection, family.donor, 2, lambda body: {**body, "at": "2020-01-01T00:00:00.000Z"}
        ),
    )
    assert {("command", family.donor, 2), ("event", family.donor, 3)} <= _named(findings)


def test_a_deleted_event_is_named(store: Store, family: Family) -> None:
    def delete(connection: Connection) -> None:
        event = "(SELECT id FROM event WHERE stream_id = :stream AND seq = 2)"
        for table in ("event_subject", "log", "unsealed"):
            connection.execute(
                text(f"DELETE FROM {table} WHERE event_id = {event}"), {"stream": family.donor}
            )
        connection.execute(
            text("DELETE FROM event WHERE stream_id = :stream AND seq = 2"), {"stream": family.donor}
        )

    findings = tamper(store, delete)
    assert Finding("event", family.donor, 3, "an event is missing before this one") in findings
    assert "seal" in {finding.kind for finding in findings}


def test_the_newest_event_deleted_is_named(store: Store, family: Family) -> None:
    def delete(connection: Connection) -> None:
        event = "(SELECT id FROM event WHERE stream_id = :stream AND seq = 3)"
        for table in ("event_subject", "log", "unsealed"):
            connection.execute(
                text(f"DELETE FROM {table} WHERE event_id = {event}"), {"stream": family.donor}
            )
        connection.execute(
            text("DELETE FROM event WHERE stream_id = :stream AND seq = 3"), {"stream": family.donor}
        )

    assert Finding("stream", family.donor, 3, "the newest events are missing") in tamper(store, delete)


def test_every_event_of_a_stream_deleted_is_named(store: Store, family: Family) -> None:
    def delete(connection: Connection) -> None:
        events = "(SELECT id FROM event WHERE stream_id = :stream)"
        for table in ("event_subject", "log", "unsealed"):
            connection.execute(
                text(f"DELETE FROM {table} WHERE event_id IN {events}"), {"stream": family.donor}
            )
        connection.execute(text("DELETE FROM event WHERE stream_id = :stream"), {"stream": family.donor})

    assert Finding("stream", family.donor, 3, "every event of it is missing") in tamper(store, delete)


def test_an_inserted_event_is_named(store: Store, family: Family) -> None:
    def insert(connection: Connection) -> None:
        last = connection.execute(
            tables.event.select()
            .where(tables.event.c.stream_id == family.donor)
            .order_by(tables.event.c.seq.desc())
        ).first()
        assert last is not None
        body = dumps({**loads(last.body), "seq": last.seq + 1})
        row = {"id": 10**9, "stream_id": family.donor, "seq": last.seq + 1, "command_id": last.command_id}
        connection.execute(
            tables.event.insert(), {**row, "body": body, "hash": sha256(last.hash + body).digest()}
        )

    findings = tamper(store, insert)
    assert Finding("event", family.donor, 4, "an event was put behind the newest one") in findings
    assert Finding("seal", family.donor, 4, "this event was never to be sealed") in findings


def test_a_second_event_of_a_command_is_named(store: Store, family: Family) -> None:
    """Rightly chained, in its stream's head and waiting for its seal: nothing else is wrong with it."""

    def insert(connection: Connection) -> None:
        event, head = tables.event, tables.stream
        last = connection.execute(
            event.select().where(event.c.stream_id == family.donor).order_by(event.c.seq.desc())
        ).first()
        assert last is not None
        told = {name: value for name, value in loads(last.body).items() if name != "about"}
        body = dumps({**told, "seq": last.seq + 1, "changes": []})
        hashed = sha256(last.hash + body).digest()
        row = {"id": 10**9, "stream_id": family.donor, "seq": last.seq + 1, "command_id": last.command_id}
        connection.execute(event.insert(), {**row, "body": body, "hash": hashed})
        connection.execute(tables.unsealed.insert(), {"event_id": 10**9})
        mine = head.update().where(head.c.id == family.donor)
        connection.execute(mine.values(head_seq=last.seq + 1, head_hash=hashed))

    assert tamper(store, insert) == [
        Finding("event", family.donor, 4, "its command has another event in this stream")
    ]


def test_two_events_that_changed_places_are_named(store: Store, family: Family) -> None:
    def swap(connection: Connection) -> None:
        for old, new in ((1, 99), (2, 1), (99, 2)):
            connection.execute(
                text("UPDATE event SET seq = :new WHERE stream_id = :stream AND seq = :old"),
                {"new": new, "old": old, "stream": family.donor},
            )

    named = _named(tamper(store, swap))
    assert {("event", family.donor, 1), ("event", family.donor, 2)} <= named


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"{}", b"null"])
def test_an_event_that_cannot_be_read_is_named(store: Store, family: Family, body: bytes) -> None:
    findings = tamper(
        store,
        sql("UPDATE event SET body = :body WHERE stream_id = :s AND seq = 2", body=body, s=family.donor),
    )
    assert ("event", family.donor, 2) in _named(findings)


@pytest.mark.parametrize(
    "changes", [7, [7], [[]], [["sample", [{}], None, {}]], [["sample", 1, None, 2]], [["x", [1], None, {}]]]
)
def test_changes_that_cannot_be_read_are_named(store: Store, family: Family, changes: object) -> None:
    findings = tamper(
        store,
        lambda connection: _edit(connection, family.donor, 2, lambda body: {**body, "changes": changes}),
    )
    assert ("event", family.donor, 2) in _named(findings)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stream SET head_seq = head_seq - 1 WHERE id = :donor",
        "UPDATE stream SET head_seq = head_seq + 1 WHERE id = :donor",
        "UPDATE stream SET head_hash = (SELECT hash FROM event WHERE id = 1) WHERE id = :donor",
        "UPDATE stream SET kind = 'device' WHERE id = :donor",
    ],
)
def test_an_edited_head_is_named(store: Store, family: Family, statement: str) -> None:
    findings = tamper(store, sql(statement, donor=family.donor))
    assert family.donor in {finding.stream for finding in findings if finding.kind in {"stream", "event"}}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE command SET login = 'eve' WHERE kind = 'placed'",
        "UPDATE command SET bench = 'cellar' WHERE kind = 'placed'",
        "UPDATE command SET kind = 'moved' WHERE kind = 'placed'",
        "UPDATE command SET payload_sha256 = (SELECT hash FROM event WHERE id = 1) WHERE kind = 'placed'",
        "UPDATE command SET at = (SELECT min(at) FROM command) WHERE kind = 'placed'",
    ],
)
def test_an_edited_command_is_named(store: Store, family: Family, statement: str) -> None:
    assert ("command", family.donor, 2) in _named(tamper(store, sql(statement)))


def test_an_inserted_command_is_named(store: Store, family: Family) -> None:
    row = {"id": uuid4(), "kind": "forged", "payload_sha256": NO_HASH, "login": "bo", "bench": "", "at": NOON}
    findings = tamper(store, lambda connection: connection.execute(tables.command.insert(), row))
    assert findings == [Finding("command", None, None, f"command {row['id']} (forged) has no event")]


def test_a_deleted_command_is_named(store: Store, family: Family) -> None:
    with without_foreign_keys(store) as connection, schema.without_guards(connection):
        connection.execute(text("DELETE FROM command WHERE kind = 'placed'"))
    assert ("command", family.donor, 2) in _named(found(store))


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE sample SET note = 'fine' WHERE id = :tube", "sample"),
        ("UPDATE sample SET volume_ul = volume_ul + 1 WHERE id = :tube", "sample"),
        ("UPDATE sample SET cells = 7 WHERE id = :tube", "sample"),
        ("UPDATE donor SET sex = 'male' WHERE id = :donor", "donor"),
        ("UPDATE person SET role = 'administrator' WHERE login = 'bo'", "person"),
        ("UPDATE placement SET column_no = 9 WHERE item_id = :vial", "placement"),
        ("UPDATE decision SET verdict = 'provisional' WHERE donor_id = :donor", "decision"),
        ("DELETE FROM placement WHERE item_id = :vial", "placement"),
        ("INSERT INTO setting SELECT 'x', '1', 0, id FROM command WHERE kind = 'lab-founded'", "setting"),
        ("UPDATE sample SET command_id = (SELECT id FROM command WHERE kind = 'lab-founded')", "sample"),
    ],
)
def test_an_edited_fact_is_named(store: Store, family: Family, statement: str, table: str) -> None:
    wanted = {"tube": family.tube, "donor": family.donor, "vial": family.aliquots[0]}
    used = {name: value for name, value in wanted.items() if f":{name}" in statement}
    findings = tamper(store, sql(statement, **used))
    assert {finding.kind for finding in findings} == {"state"}
    assert any(finding.why.startswith(f"{table} ") for finding in findings)


def test_a_column_that_does_not_exist_is_named(store: Store, family: Family) -> None:
    """Also when everything that is in the tables agrees."""

    def forged(body: dict[str, Any]) -> dict[str, Any]:
        table, key, old, new = body["changes"][0]
        return {**body, "changes": [[table, key, old, {**new, "owner": "eve"}], *body["changes"][1:]]}

    findings = tamper(store, lambda connection: _edit(connection, family.donor, 1, forged))
    assert any("columns" in finding.why and finding.seq == 1 for finding in findings)


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE sample SET note = x'00ff'", "sample"),
        ("UPDATE setting SET value = '{'", "setting"),
        ("UPDATE setting SET value = x'7b'", "setting"),
        ("UPDATE sample SET drawn_at = 'yesterday'", "sample"),
    ],
)
def test_what_a_column_cannot_hold_is_named(sqlite_store: Store, statement: str, table: str) -> None:
    """SQLite keeps what it is given: bytes where text belongs, half a JSON value, no moment."""
    enter_family(sqlite_store)
    setting = {"key": "k", "value": {"a": 1}, "stream_id": LAB_STREAM}
    do(sqlite_store, lambda work: work.insert(tables.setting, [setting]))
    findings = tamper(sqlite_store, sql(statement))
    assert {finding.kind for finding in findings} == {"state"}
    assert any(finding.why.startswith(f"{table} ") for finding in findings)


@pytest.mark.parametrize(
    ("statement", "kind", "why"),
    [
        (
            "UPDATE seal SET root = (SELECT hash FROM event WHERE id = 1) WHERE size = :size",
            "seal",
            "not the one",
        ),
        ("UPDATE log SET pos = pos + 1000 WHERE pos = :size", "seal", "gap"),
        ("DELETE FROM log WHERE pos = :size", "seal", "more than the log holds"),
        ("DELETE FROM seal WHERE size = :size", "seal", "goes on behind"),
        ("UPDATE meta SET value = 'another' WHERE key = 'uuid' AND :size > 0", "state", "name"),
        (
            "UPDATE code SET text = 'PB250000AA' WHERE kind = 'PB' AND :size > 0",
            "state",
            "is not that of object",
        ),
        ("DELETE FROM event_subject WHERE :size > 0", "event", "timelines"),
        ("INSERT INTO unsealed SELECT max(event_id) FROM log WHERE :size > 0", "seal", "second time"),
    ],
)
def test_what_binds_the_whole_is_named(
    store: Store, family: Family, statement: str, kind: str, why: str
) -> None:
    with store.read() as connection:
        size = last_seal(connection).size
    findings = tamper(store, sql(statement, size=size))
    assert any(finding.kind == kind and why in finding.why for finding in findings), findings


def test_guards_that_were_dropped_are_named(store: Store, family: Family) -> None:
    with store.engine.begin() as connection:
        on = "" if store.is_sqlite else " ON event"
        guard = "event_no_update" if store.is_sqlite else "event_append_only"
        connection.execute(text(f"DROP TRIGGER {guard}{on}"))
    assert found(store) == [Finding("structure", None, None, f"the guard {guard} is missing or switched off")]


def test_a_guard_that_was_switched_off_is_named(postgres_store: Store) -> None:
    with postgres_store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE placement DISABLE TRIGGER placement_gate"))
    assert [finding.kind for finding in found(postgres_store)] == ["structure"]


def test_rows_that_point_nowhere_are_named(sqlite_store: Store) -> None:
    family = enter_family(sqlite_store)
    place(sqlite_store, family, enter_box(sqlite_store), [(1, 1), (1, 2)])
    with without_foreign_keys(sqlite_store) as connection, schema.without_guards(connection):
        connection.execute(text("DELETE FROM container"))
    assert "structure" in {finding.kind for finding in found(sqlite_store)}


def test_a_history_recomputed_whole_agrees_with_itself(store: Store, family: Family) -> None:
    """The honest limit: only the pin finds this (test_pins)."""
    assert tamper(store, lambda connection: rewrite(connection, family.donor)) == []


def test_a_family_that_moves_to_another_donor_is_no_contradiction(store: Store, family: Family) -> None:
    """In whichever order the two donors' streams are read."""
    others = [int(do(store, lambda work: {"donor": enter_donor(work)})["donor"]) for _ in range(3)]

    def move(work: Work, donor: int) -> None:
        for sample in (family.tube, *family.aliquots):
            work.update(tables.sample, {"id": sample}, donor_id=donor)

    for donor in (*others, family.donor, others[0]):
        do(store, lambda work, donor=donor: move(work, donor), "moved")  # type: ignore[misc]
    assert found(store) == []


def test_a_stream_of_many_steps_is_clean_while_commands_run_between_them(
    store: Store, family: Family
) -> None:
    def set_many(work: Work, first: int) -> None:
        rows = [{"key": f"k{n}", "value": n, "stream_id": LAB_STREAM} for n in range(first, first + 3)]
        work.insert(tables.setting, rows)

    for first in range(0, 3 * STEP_EVENTS + 30, 3):
        do(store, lambda work, first=first: set_many(work, 10 * first))  # type: ignore[misc]
    verification = Verification(store)
    for number, _ in enumerate(verification):
        do(store, lambda work, number=number: _note(work, family.tube, f"{number}"))  # type: ignore[misc]
        do(store, lambda work, number=number: set_many(work, 10 * number + 5))  # type: ignore[misc]
        do(store, lambda work: {"donor": enter_donor(work)})
        seal(store)
    assert verification.findings == []


def _named(findings: list[Finding]) -> set[tuple[str, int | None, int | None]]:
    return {(finding.kind, finding.stream, finding.seq) for finding in findings}


def _edit(
    connection: Connection, stream: int, seq: int, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """Change an event's content and its own hash; the chain is left."""
    event = tables.event
    place = (event.c.stream_id == stream) & (event.c.seq == seq)
    row = connection.execute(event.select().where(place)).one()
    before = connection.execute(
        event.select().where((event.c.stream_id == stream) & (event.c.seq == seq - 1))
    ).first()
    body = dumps(change(loads(row.body)))
    hashed = sha256((before.hash if before else NO_HASH) + body).digest()
    connection.execute(event.update().where(place).values(body=body, hash=hashed))


def test_text_where_bytes_belong_is_named(sqlite_store: Store) -> None:
    family = enter_family(sqlite_store)
    seal(sqlite_store)
    with sqlite_store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
    findings = tamper(
        sqlite_store,
        sql("UPDATE event SET body = CAST(body AS TEXT) WHERE stream_id = :donor", donor=family.donor),
    )
    assert ("event", family.donor) in {(one.kind, one.stream) for one in findings}
