"""Questions that go together: one walk for all, each answered as of when it was asked, no error swallowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.engine import begin_together, unanswered
from biobank_desktop.persistence.patience import PatientConnection
from tests.bench import crowd
from tests.support.databases import ANNA, BO
from tests.support.lab import add_boxes, add_donor, consent_of_both

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.persistence.store import Store

WALKS = {"_receive": 5, "verify": 4, "fill_all": 5, "place": 6, "record_count": 5, "take_out": 6}
"""How often each command of a day at the bench waits for the server."""
DAYS = 8
"""As many tubes as it takes until the driver has prepared every statement."""


@Question
def names(connection: Connection, key: str) -> Answer[list[str]]:
    """The values of a key."""
    rows = connection.execute(text("SELECT value FROM meta WHERE key = :key"), {"key": key})
    return lambda: [row.value for row in rows]


def remember(connection: Connection, key: str, value: str) -> None:
    with unanswered(connection):
        connection.execute(
            text("INSERT INTO meta (key, value) VALUES (:key, :value)"), {"key": key, "value": value}
        )


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one at each wait for the server."""
    seen: list[str] = []
    at_once = PatientConnection.wait

    def counting(self: PatientConnection, asked: Any, *how: Any, **more: Any) -> Any:
        if crowd.is_a_walk(self, asked.__name__):
            seen.append(asked.__name__)
        return at_once(self, asked, *how, **more)

    monkeypatch.setattr(PatientConnection, "wait", counting)
    return seen


def test_an_answer_is_that_of_when_it_was_asked(store: Store) -> None:
    with store.engine.connect() as connection, begin_together(connection):
        for key in ("first", "second"):  # at the second the statement is known
            before = names.sent(connection, key)
            remember(connection, key, "written")
            after = names.sent(connection, key)
            assert (before(), after()) == ([], ["written"])


def test_answers_are_looked_at_in_any_order(store: Store) -> None:
    keys = ("one", "two", "three")
    with store.engine.connect() as connection, begin_together(connection):
        for key in keys:
            remember(connection, key, f"{key} again")
        told = {key: names.sent(connection, key) for key in keys}
        assert {key: told[key]() for key in reversed(keys)} == {key: [f"{key} again"] for key in keys}


def test_questions_that_are_known_walk_once(postgres_store: Store, walked: list[str]) -> None:
    with postgres_store.engine.connect() as connection, begin_together(connection):
        names.sent(connection, "uuid")()
        walked.clear()
        told = [names.sent(connection, key) for key in ("uuid", "nothing", "uuid")]
        (own,), none, again = (answer() for answer in told)
        assert (none, again, len(walked)) == ([], [own], 1)


def test_a_refused_write_is_told_with_the_answer_that_is_looked_at(postgres_store: Store) -> None:
    with postgres_store.engine.connect() as connection:
        for _again in range(2):
            with pytest.raises(DBAPIError, match="pk_meta"), begin_together(connection):
                _remember_twice(connection)
        with begin_together(connection):
            assert len(names(connection, "uuid")) == 1


def _remember_twice(connection: Connection) -> None:
    names.sent(connection, "uuid")()
    remember(connection, "uuid", "another")
    names.sent(connection, "uuid")()


def test_without_a_command_a_question_is_asked_at_once(store: Store) -> None:
    with store.read() as connection:
        told = names.sent(connection, "uuid"), names.sent(connection, "nothing")
        assert [len(answer()) for answer in told] == [1, 0]


def test_how_often_a_day_at_the_bench_waits_for_the_server(postgres_store: Store, walked: list[str]) -> None:
    """A question asked too early costs each bench behind a network a walk more, in every command."""
    store = postgres_store
    box = add_boxes(store, ANNA).plasma
    donor = add_donor(store, BO)
    consent_of_both(store, BO, donor)
    counted: dict[str, int] = {}
    tubes = 0
    for gesture in crowd.day(store, crowd.Place("", donor, box)):
        name = gesture.func.__name__
        tubes += name == "_receive"
        if tubes == DAYS + 1:
            break
        walked.clear()
        gesture()
        counted[name] = len(walked)  # on the first day every statement is new
    assert counted == WALKS
