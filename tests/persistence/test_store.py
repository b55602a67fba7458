"""Store.run: once, however often it is called and whatever becomes of the connection."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import pq
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from biobank_desktop.domain.commands import Command
from biobank_desktop.domain.problems import Conflict, Problem, Rejected, Unavailable
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.errors import is_lost
from biobank_desktop.persistence.journal import Journal
from biobank_desktop.persistence.store import OutcomeUnknown, Store
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.persistence.work import LAB_STREAM
from tests.support.rows import decision_row, do, enter_box, enter_family, place, placement_row

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from biobank_desktop.persistence.work import Work


def ask(payload: dict[str, object] | None = None) -> Command:
    return Command("counted", "bo", "bench-1", payload or {}, title="tube 7")


def counting(key: str = "count") -> Callable[[Work], dict[str, Any]]:
    """A body that counts how often it was committed."""

    def body(work: Work) -> dict[str, Any]:
        row = work.locked(tables.setting, {"key": key})
        if row is None:
            work.insert(tables.setting, [{"key": key, "value": 1, "stream_id": LAB_STREAM}])
        else:
            work.update(tables.setting, {"key": key}, value=row["value"] + 1)
        return {"count": 1 if row is None else row["value"] + 1}

    return body


def counted(store: Store, key: str = "count") -> int:
    with store.read() as connection:
        value = connection.execute(tables.setting.select().where(tables.setting.c.key == key)).first()
        return int(value.value) if value else 0


def test_the_same_command_again_gives_the_stored_result(store: Store) -> None:
    command = ask({"a": 1})
    first = store.run(command, counting())
    assert store.run(command, counting()) == first == {"count": 1}
    assert counted(store) == 1
    assert store.stored(command.id)
    assert not store.stored(ask().id)


def test_the_same_id_for_something_else_is_refused(store: Store) -> None:
    command = ask({"a": 1})
    store.run(command, counting())
    other = Command(command.kind, "bo", "bench-1", {"a": 2}, id=command.id)
    with pytest.raises(Rejected) as refused:
        store.run(other, counting())
    assert refused.value.problems == (Problem("command", "command-id-reused"),)
    assert counted(store) == 1


def test_a_rejected_command_can_be_asked_again(store: Store) -> None:
    command = ask()

    def refuse(_: Work) -> dict[str, Any]:
        raise Rejected(Problem("x", "no"))

    with pytest.raises(Rejected):
        store.run(command, refuse)
    assert not store.stored(command.id)
    assert store.run(command, counting()) == {"count": 1}


def test_a_database_behind_its_pin_takes_no_command(store: Store) -> None:
    store.read_only = Problem("database", "pin-behind")
    with pytest.raises(Unavailable, match="pin-behind"):
        store.run(ask(), counting())
    assert counted(store) == 0


def _cut(postgres_store: Store) -> Callable[[Any], None]:
    """Ends the server's side of a connection, as a network or a server that goes away does."""

    def cut(connection: Any) -> None:
        pid = connection.connection.driver_connection.info.backend_pid
        with psycopg.connect(_plain(postgres_store), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    return cut


def _plain(store: Store) -> str:
    return store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def test_a_connection_lost_before_the_commit_is_tried_again_and_applied_once(postgres_store: Store) -> None:
    cut, tries = _cut(postgres_store), []

    def body(work: Work) -> dict[str, Any]:
        tries.append(work.at)
        result = counting()(work)
        if len(tries) == 1:
            cut(work.connection)
        return result

    assert postgres_store.run(ask(), body) == {"count": 1}
    assert (len(tries), counted(postgres_store)) == (2, 1)


def test_a_connection_lost_after_the_commit_gives_the_stored_result(postgres_store: Store) -> None:
    """The server committed and the answer never came: the naive program says "failed", or does it twice."""
    tries: list[int] = []
    cut = _cut(postgres_store)

    @event.listens_for(postgres_store.engine, "commit")
    def _commit_then_lose(connection: Any) -> None:
        if not tries:
            tries.append(1)
            connection.exec_driver_sql("COMMIT")
            driver = connection.connection.driver_connection
            assert driver.pgconn.transaction_status == pq.TransactionStatus.IDLE
            cut(connection)
            connection.exec_driver_sql("SELECT 1")

    command = ask()
    assert postgres_store.run(command, counting()) == {"count": 1}
    assert (tries, counted(postgres_store)) == ([1], 1)
    assert Verification(postgres_store).run() == []


def test_a_connection_lost_at_the_commit_leaves_the_outcome_open(
    postgres_store: Store, tmp_path: Path
) -> None:
    postgres_store.patience_seconds = 0.0
    postgres_store.journal = Journal(tmp_path)
    cut = _cut(postgres_store)

    @event.listens_for(postgres_store.engine, "commit")
    def _lose(connection: Any) -> None:
        cut(connection)
        connection.exec_driver_sql("SELECT 1")

    command = ask()
    with pytest.raises(OutcomeUnknown):
        postgres_store.run(command, counting())
    postgres_store.journal.close()
    later = Journal(tmp_path)
    assert [(entry.id, entry.title) for entry in later.left_open()] == [(command.id, "tube 7")]
    assert not postgres_store.stored(command.id)
    later.close()


def test_a_connection_lost_before_the_commit_has_stored_nothing_and_says_so(
    postgres_store: Store, tmp_path: Path
) -> None:
    postgres_store.patience_seconds = 0.0
    postgres_store.journal = Journal(tmp_path)
    cut = _cut(postgres_store)

    def body(work: Work) -> dict[str, Any]:
        cut(work.connection)
        return counting()(work)

    with pytest.raises(Unavailable) as unavailable:
        postgres_store.run(ask(), body)
    assert not isinstance(unavailable.value, OutcomeUnknown)
    postgres_store.journal.told(postgres_store.journal.take_answered())
    postgres_store.journal.close()
    later = Journal(tmp_path)
    assert later.left_open() == []
    later.close()


def test_an_answer_that_nobody_was_told_stays_open(store: Store, tmp_path: Path) -> None:
    """Killed between the commit and the screen: the person saw nothing."""
    store.journal = Journal(tmp_path)
    command, told = ask(), ask()
    store.run(told, counting())
    store.journal.told(store.journal.take_answered())
    store.run(command, counting())
    store.journal.close()
    later = Journal(tmp_path)
    assert [entry.id for entry in later.left_open()] == [command.id]
    later.close()


def test_a_program_told_to_end_leaves_its_line_open(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.journal = Journal(tmp_path)

    def body(_work: Work) -> dict[str, Any]:
        raise KeyboardInterrupt

    command = ask()
    with pytest.raises(KeyboardInterrupt):
        sqlite_store.run(command, body)
    sqlite_store.journal.close()
    later = Journal(tmp_path)
    assert [entry.id for entry in later.left_open()] == [command.id]
    later.close()


def test_who_has_left_the_lab_writes_nothing_more(store: Store) -> None:
    """Their window may still be open: the database is asked, not the window."""

    def leave(work: Work) -> dict[str, Any]:
        work.update(tables.person, {"login": "bo"}, active=False)
        return {}

    store.run(Command("person-changed", "anna", "bench-1", {}), leave)
    with pytest.raises(Rejected) as refused:
        store.run(ask(), counting())
    assert [problem.code for problem in refused.value.problems] == ["person-not-active"]
    assert counted(store) == 0


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    store = Store(make_engine(f"postgresql://nobody@/none?host={tmp_path}"))
    store.patience_seconds = 0.0
    with pytest.raises(Unavailable) as unavailable, store.read():
        pass
    assert unavailable.value.problem.code == "database-unreachable"
    with pytest.raises(Unavailable) as refused:
        store.run(ask(), counting())
    assert not isinstance(refused.value, OutcomeUnknown), "nothing was ever sent"


def test_a_bug_of_ours_is_not_taken_for_a_lost_connection(postgres_store: Store) -> None:
    tries = []

    def body(work: Work) -> dict[str, Any]:
        tries.append(1)
        work.connection.execute(text("SELECT :thing"), {"thing": object()})
        return {}

    with pytest.raises(ProgrammingError) as bug:
        postgres_store.run(ask(), body)
    assert not is_lost(bug.value)
    assert len(tries) == 1


def test_a_deadlock_is_tried_again(postgres_store: Store) -> None:
    """Two commands that take two rows in opposite order: both are stored."""
    for key in ("a", "b"):
        postgres_store.run(ask({"make": key}), counting(key))
    meet, results = threading.Barrier(2), []

    def crossing(store: Store, order: tuple[str, str]) -> None:
        tries: list[int] = []

        def body(work: Work) -> dict[str, Any]:
            tries.append(1)
            counting(order[0])(work)
            if len(tries) == 1:
                meet.wait(timeout=30)
            counting(order[1])(work)
            return {"tries": len(tries)}

        results.append(store.run(ask({"order": list(order)}), body)["tries"])

    stores = [Store(make_engine(_plain(postgres_store))) for _ in range(2)]
    orders = (("a", "b"), ("b", "a"))
    threads = [threading.Thread(target=crossing, args=pair) for pair in zip(stores, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert sorted(results) == [1, 2]
    assert (counted(postgres_store, "a"), counted(postgres_store, "b")) == (3, 3)
    assert Verification(postgres_store).run() == []


def test_two_benches_with_one_command_store_it_once(postgres_store: Store) -> None:
    """The repetition waits for the first transaction instead of overtaking it."""
    command, inside, results = ask(), threading.Event(), []

    def slow(work: Work) -> dict[str, Any]:
        inside.set()
        with other.engine.connect() as connection:  # as long as the repetition is not waiting for us, go on
            connection.execution_options(isolation_level="AUTOCOMMIT")
            while not connection.execute(_WAITING).scalar_one():
                pass
        return counting()(work)

    other = Store(make_engine(_plain(postgres_store)))
    repeater = Store(make_engine(_plain(postgres_store)))

    def repeat() -> None:
        inside.wait(timeout=30)
        results.append(repeater.run(command, counting()))

    thread = threading.Thread(target=repeat)
    thread.start()
    results.append(postgres_store.run(command, slow))
    thread.join()
    other.close()
    repeater.close()
    assert results == [{"count": 1}] * 2
    assert counted(postgres_store) == 1


_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def test_what_somebody_else_did_first_is_a_conflict(store: Store) -> None:
    family, other, box = enter_family(store), enter_family(store), enter_box(store)
    place(store, family, box, [(1, 1), (1, 2)])

    def put(item: int, well: tuple[int, int], donor: int) -> Callable[[Work], None]:
        def body(work: Work) -> None:
            work.insert(tables.decision, [decision_row(donor)])
            work.insert(tables.placement, [placement_row(item, box, well)])

        return body

    for body, code in (
        (put(other.aliquots[0], (1, 1), other.donor), "position-taken-meanwhile"),
        (put(family.aliquots[0], (5, 5), family.donor), "stored-meanwhile"),
    ):
        with pytest.raises(Conflict) as conflict:
            do(store, body)
        assert [problem.code for problem in conflict.value.problems] == [code]


def test_the_database_says_its_refusals_in_codes(store: Store) -> None:
    family = enter_family(store)
    with pytest.raises(Rejected) as refused:
        do(
            store,
            lambda work: {"was": work.update(tables.sample, {"id": family.aliquots[0]}, taken_ul=9999)["id"]},
        )
    assert refused.value.problems[0].code == "more-than-is-left"


def test_an_error_that_is_a_bug_stays_one(store: Store) -> None:
    with pytest.raises(DBAPIError), store.read() as connection:
        connection.execute(text("SELECT * FROM nothing"))
    assert counted(store) == 0
