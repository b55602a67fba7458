"""Work and columns: every write is an event, and what is stored reads back the same on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.commands import Command
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import (
    digest,
    dumps,
    loads,
    plain,
    to_moment_text,
    whole_milliseconds,
)
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.persistence.work import LAB_STREAM, payload_sha256
from tests.support.rows import (
    NOON,
    decision_row,
    do,
    enter_box,
    enter_donor,
    enter_family,
    place,
    placement_row,
)

if TYPE_CHECKING:
    from sqlalchemy import Table

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


def last_event(store: Store, stream: int = LAB_STREAM) -> dict[str, Any]:
    """The newest event of a stream."""
    event = tables.event.c
    with store.read() as connection:
        newest = select(event.body).where(event.stream_id == stream).order_by(event.seq.desc()).limit(1)
        body: dict[str, Any] = loads(connection.execute(newest).scalar_one())
        return body


def count(store: Store, table: str) -> int:
    with store.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def change(work: Work, table: Table, key: dict[str, object], **values: object) -> None:
    work.update(table, key, **values)


def draw(work: Work, count: int) -> dict[str, Any]:
    """Codes, and an event that makes the command whole."""
    work.about(LAB_STREAM)
    return {"codes": work.new_codes(CodeKind.SAMPLE, count)}


def enter(work: Work, key: str, value: object) -> None:
    work.insert(tables.setting, [{"key": key, "value": value, "stream_id": LAB_STREAM}])


def test_an_insert_is_an_event(store: Store) -> None:
    do(store, lambda work: enter(work, "colour", "green"), "coloured")
    event = last_event(store)
    assert event["changes"] == [["setting", ["colour"], None, {"key": "colour", "value": "green"}]]
    assert (event["by"], event["bench"], event["kind"]) == ("bo", "bench-1", "coloured")


def test_an_update_is_an_event_with_old_and_new(store: Store) -> None:
    do(store, lambda work: enter(work, "colour", "green"))
    do(store, lambda work: change(work, tables.setting, {"key": "colour"}, value="red"))
    assert last_event(store)["changes"] == [["setting", ["colour"], {"value": "green"}, {"value": "red"}]]


def test_a_column_that_becomes_empty_is_said_to_be(store: Store) -> None:
    family = enter_family(store)
    do(store, lambda work: change(work, tables.sample, {"id": family.tube}, volume_ul=None))
    assert last_event(store, family.donor)["changes"] == [
        ["sample", [family.tube], {"volume_ul": 5000}, {"volume_ul": None}]
    ]
    assert Verification(store).run() == []


def test_a_delete_is_an_event_with_the_whole_row(store: Store) -> None:
    family, box = enter_family(store), enter_box(store)
    place(store, family, box, [(1, 1), (1, 2)])
    vial = family.aliquots[0]
    do(store, lambda work: {"was": work.delete(tables.placement, {"item_id": vial})["item_id"]})
    ((table, key, old, new),) = last_event(store, box)["changes"]
    assert (table, key, new) == ("placement", [vial], None)
    assert old == {
        key: value
        for key, value in placement_row(vial, box, (1, 1)).items()
        if key not in {"since", "stream_id"}
    } | {"since": "2025-03-03T12:00:00.000Z"}


@pytest.mark.parametrize(
    "same",
    [
        {"received_at": NOON + timedelta(microseconds=999)},
        {"received_at": NOON.astimezone(timezone(timedelta(hours=2)))},
        {"conditions": ("clot",)},
        {"temperature": "ambient"},
    ],
)
def test_an_update_to_the_same_value_is_no_change(store: Store, same: dict[str, Any]) -> None:
    family = enter_family(store)
    row = {"received_at": NOON, "temperature": "ambient", "conditions": ["clot"]}
    rest = {
        "acceptance": "accepted",
        "origin": "residual",
        "sample_id": family.tube,
        "stream_id": family.donor,
    }
    do(store, lambda work: work.insert(tables.receipt, [row | rest]))

    def body(work: Work) -> None:
        work.about(family.donor, family.tube)
        work.update(tables.receipt, {"sample_id": family.tube}, **same)

    do(store, body)
    assert last_event(store, family.donor)["changes"] == []
    assert Verification(store).run() == []


def test_work_without_an_event_is_not_committed(store: Store) -> None:
    before = count(store, "command"), count(store, "code")
    with pytest.raises(LookupError, match="no event"):
        do(store, lambda work: {"codes": work.new_codes(CodeKind.SAMPLE, 1)})
    assert (count(store, "command"), count(store, "code")) == before


def test_a_command_that_fails_leaves_nothing(store: Store) -> None:
    before = {name: count(store, name) for name in tables.metadata.tables}

    def body(work: Work) -> None:
        enter_donor(work)
        enter(work, "x", 1)
        raise RuntimeError("the person closed the lid")

    with pytest.raises(RuntimeError, match="lid"):
        do(store, body)
    assert {name: count(store, name) for name in tables.metadata.tables} == before


@pytest.mark.parametrize("act", ["update", "delete"])
def test_what_is_not_there_cannot_be_changed(store: Store, act: str) -> None:
    with pytest.raises(LookupError, match="setting"):
        do(store, lambda work: getattr(work, act)(tables.setting, {"key": "none"}))


def test_an_event_names_its_objects(store: Store) -> None:
    family, box = enter_family(store), enter_box(store)
    place(store, family, box, [(1, 1), (1, 2)])
    subject = tables.event_subject.c
    with store.read() as connection:
        for item in (*family.aliquots, box):
            told = select(tables.event.c.body).join(tables.event_subject).where(subject.subject_id == item)
            kinds = [loads(body)["kind"] for body in connection.execute(told).scalars()]
            assert "placed" in kinds


def test_one_command_in_two_histories_has_an_event_in_each(store: Store) -> None:
    family, box = enter_family(store), enter_box(store)
    place(store, family, box, [(1, 1), (1, 2)])
    in_donor, in_box = last_event(store, family.donor), last_event(store, box)
    assert in_donor["command"] == in_box["command"]
    assert {change[0] for change in in_donor["changes"]} == {"decision"}
    assert {change[0] for change in in_box["changes"]} == {"placement"}


def test_a_swap_of_two_places(store: Store) -> None:
    family, box = enter_family(store), enter_box(store)
    place(store, family, box, [(1, 1), (1, 2)])
    one, other = family.aliquots

    def body(work: Work) -> None:
        work.insert(tables.decision, [decision_row(family.donor)])
        for item in family.aliquots:
            work.delete(tables.placement, {"item_id": item})
        rows = [placement_row(one, box, (1, 2)), placement_row(other, box, (1, 1))]
        work.insert(tables.placement, rows)

    do(store, body)
    assert Verification(store).run() == []


def test_codes_of_a_family_are_neighbours_and_valid(store: Store) -> None:
    made = do(store, lambda work: draw(work, 7))["codes"]
    assert [codes.parse(code) for code in made] == made
    numbers = [codes.number(code) for code in made]
    assert numbers == sorted(numbers)
    assert numbers[-1] - numbers[0] < 20


def test_codes_that_are_taken_are_not_given_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([1000, 1000, 1003, 5000])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(drawn))
    first = do(store, lambda work: draw(work, 5))["codes"]
    second = do(store, lambda work: draw(work, 5))["codes"]
    assert not set(first) & set(second)
    assert next(drawn, None) is None


def test_no_codes_are_none(store: Store) -> None:
    assert do(store, lambda work: draw(work, 0))["codes"] == []


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: round(number % 1e6, 6))
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abµ", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON_VALUES)
def test_any_json_value_reads_back_and_agrees_with_its_event(store: Store, value: object) -> None:
    def body(work: Work) -> None:
        if work.locked(tables.setting, {"key": "any"}) is None:
            enter(work, "any", value)
        else:
            work.about(LAB_STREAM)
            work.update(tables.setting, {"key": "any"}, value=value)

    do(store, body)
    with store.read() as connection:
        read = connection.execute(
            select(tables.setting.c.value).where(tables.setting.c.key == "any")
        ).scalar()
    assert dumps(read) == dumps(value)
    assert Verification(store).run() == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moment=st.datetimes(
        min_value=datetime(1900, 1, 2), max_value=datetime(2200, 1, 1),
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=11.5))]),
    )
)  # fmt: skip
def test_any_moment_reads_back_in_utc_to_the_millisecond(store: Store, moment: datetime) -> None:
    statement = select(tables.command.c.at).where(tables.command.c.at == moment)
    with store.engine.begin() as connection:
        row = {
            "id": Command("", "", "", {}).id,
            "kind": "x",
            "payload_sha256": bytes(32),
            "login": "",
            "bench": "",
        }
        connection.execute(tables.command.insert(), {**row, "at": moment})
        read = connection.execute(statement).scalars().first()
        connection.rollback()
    assert read == whole_milliseconds(moment)
    assert read is not None
    assert read.utcoffset() == timedelta(0)
    assert to_moment_text(read) == to_moment_text(moment)


def test_a_moment_without_a_time_zone_is_refused(store: Store) -> None:
    with store.read() as connection, pytest.raises(StatementError, match="time zone"):
        connection.execute(select(tables.command).where(tables.command.c.at == NOON.replace(tzinfo=None)))


def test_moments_of_sqlite_sort_as_text(sqlite_store: Store) -> None:
    moments = [
        datetime(year, 1, 1, tzinfo=UTC) + timedelta(milliseconds=n)
        for year in (1999, 2026)
        for n in (0, 9, 10, 999)
    ]
    texts = [to_moment_text(moment) for moment in moments]
    assert texts == sorted(texts)
    assert {len(one) for one in texts} == {24}
    assert sqlite_store.is_sqlite


def test_canonical_bytes_do_not_depend_on_the_order_of_keys() -> None:
    assert dumps({"b": 1, "a": [2, {"d": 3, "c": 4}]}) == b'{"a":[2,{"c":4,"d":3}],"b":1}'
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert plain({"a": None, "b": NOON, "c": NOON.date()}) == {
        "b": "2025-03-03T12:00:00.000Z",
        "c": "2025-03-03",
    }


@pytest.mark.parametrize(
    "other",
    [
        Command("kind", "bo", "bench-1", {"a": 2}),
        Command("kind", "anna", "bench-1", {"a": 1}),
        Command("other", "bo", "bench-1", {"a": 1}),
        Command("kind", "bo", "bench-1", {"a": 1}, why="because"),
        Command("kind", "bo", "bench-1", {"a": 1, "b": 2}),
    ],
)
def test_another_question_has_another_hash(other: Command) -> None:
    assert payload_sha256(other) != payload_sha256(Command("kind", "bo", "bench-1", {"a": 1}))


def test_the_bench_and_the_title_are_no_part_of_the_question() -> None:
    one, other = (
        Command("k", "bo", "bench-1", {"a": 1}),
        Command("k", "bo", "bench-2", {"a": 1}, title="tube"),
    )
    assert payload_sha256(one) == payload_sha256(other)


def test_rows_held_are_waited_for(postgres_store: Store) -> None:
    """``hold`` takes the lock: another connection cannot take it at once."""
    family = enter_family(postgres_store)
    taken = []

    def body(work: Work) -> None:
        work.hold(tables.donor, [family.donor])
        work.about(family.donor)
        with postgres_store.engine.connect() as other:
            with pytest.raises(DBAPIError, match="could not obtain lock"):
                other.execute(text("SELECT * FROM donor FOR UPDATE NOWAIT"))
            other.rollback()
            taken.append(other.execute(text("SELECT login FROM person FOR UPDATE NOWAIT")).first())

    do(postgres_store, body)
    assert taken
