# ruff: noqa: E501 - a table of attacks reads best one to a line
"""What the database itself refuses, whoever asks: every trigger and constraint, by raw SQL, on both engines.

Each attack is made twice: with the guard (refused) and with only this guard dropped (it goes through), so no
attack can be refused by something else and no guard can be lost unnoticed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence import schema, tables
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.work import LAB_STREAM
from tests.support.databases import ENGINES, Databases, open_store
from tests.support.foreign_keys import drop_foreign_keys
from tests.support.rows import (
    NOON,
    aliquot_row,
    decision_row,
    do,
    enter_box,
    enter_donor,
    enter_family,
    place,
    placement_row,
    sample_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


@dataclass(frozen=True)
class Scene:
    """A lab with one of everything, and the numbers that the attacks name."""

    store: Store
    names: dict[str, int]


@pytest.fixture(scope="module", params=ENGINES)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """One lab per engine for every attack: each is rolled back."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    address = databases.lab()
    store = open_store(address)
    yield Scene(store, _furnish(store))
    store.close()
    databases.remove(address)


def _furnish(store: Store) -> dict[str, int]:
    family, box = enter_family(store, 1), enter_box(store)
    place(store, family, box, [(1, 1)])
    names = {"donor": family.donor, "tube": family.tube, "placed": family.aliquots[0], "box": box}

    def body(work: Work) -> None:
        kin = (family.donor, family.tube)
        made = [codes.number(code) for code in work.new_codes(CodeKind.SAMPLE, 6)]
        names.update(zip(("filled", "planned", "void", "rejected", "free", "other_tube"), made, strict=True))
        names["other_donor"] = enter_donor(work)
        empty = {"volume_ul": None, "taken_ul": None}
        work.insert(
            tables.sample,
            [
                aliquot_row(names["filled"], kin, cells=100, taken_cells=0),
                aliquot_row(names["planned"], kin, state="planned", **empty),
                aliquot_row(names["void"], kin, state="void", **empty),
                sample_row(names["rejected"], family.donor, state="refused"),
                sample_row(names["other_tube"], names["other_donor"], cells=1000),
            ],
        )
        _one_of_everything(work, names)

    do(store, body)
    do(store, lambda work: work.about(LAB_STREAM), "attack")
    seal(store)
    return names


def _one_of_everything(work: Work, names: dict[str, int]) -> None:
    stream = {"stream_id": names["donor"]}
    work.insert(tables.alias, [{"value": "X1", "issuer": "lab", "object_id": names["tube"], **stream}])
    work.insert(
        tables.receipt,
        [
            {
                "sample_id": names["tube"],
                "received_at": NOON,
                "temperature": "ambient",
                "conditions": [],
                "acceptance": "accepted",
                "origin": "residual",
                **stream,
            }
        ],
    )
    step = {"sample_id": names["tube"], "no": 1, "kind": "spin", "started_at": NOON, **stream}
    work.insert(tables.step, [step])
    label = {"object_id": names["tube"], "no": 1, "state": "queued", "template": "vial", "fields": {}}
    work.insert(tables.label, [{**label, "reason": "", "requested_at": NOON, **stream}])
    printer = {"name": "p", "way": "pdf", "dpi": 300, "template": "vial", "options": {}, "active": True}
    work.insert(tables.printer, [{**printer, "stream_id": LAB_STREAM}])
    work.insert(tables.setting, [{"key": "k", "value": 1, "stream_id": LAB_STREAM}])
    line = {"donor_id": names["donor"], "no": 1, "kind": "given", "signatory": "parent", "answers": {}}
    form = {"form": "f", "form_version": "1", "signed_on": NOON.date(), "received_on": NOON.date()}
    extra = {"sole_authority": False, "known_at": NOON, "note": ""}
    work.insert(tables.consent_line, [{**line, **form, **extra}])


ATTACK = "(SELECT id FROM command WHERE kind = 'attack')"
THEN = "'2025-03-03T12:00:00.000Z'"


def put(item: str = ":filled", box: str = ":box", grid: str = "9, 9", well: str = "5, 5") -> str:
    """Raw SQL that places a thing."""
    return (
        "INSERT INTO placement (item_id, container_id, rows, columns, row_no, column_no, since, stream_id,"
        f" command_id) VALUES ({item}, {box}, {grid}, {well}, {THEN}, :box, {ATTACK})"
    )


def decide(
    verdict: str = "permitted",
    *,
    head: int = 0,
    until: str = "NULL",
    purpose: str = "store",
    by: str = ATTACK,
    donor: str = ":donor",
) -> str:
    """Raw SQL that writes a decision."""
    return (
        "INSERT INTO decision (command_id, donor_id, purpose, verdict, reasons, consent_head, rules_version,"
        f" decided_on, known_on, holds_until) VALUES ({by}, {donor}, '{purpose}', '{verdict}', '[]', {head},"
        f" 'x', '2025-03-03', {THEN}, {until})"
    )


def vial(**values: object) -> str:
    """Raw SQL that makes one more vial of the tube."""
    row: dict[str, object] = {
        "id": ":free", "kind": "'aliquot'", "donor_id": ":donor", "material": "'CEL'", "parent_id": ":tube",
        "parent_material": "'BMA'", "state": "'filled'", "protocol": "'x'", "time_point": "'x'",
        "container": "'x'", "note": "''", "command_id": ATTACK,
    }  # fmt: skip
    row |= values
    return f"INSERT INTO sample ({', '.join(row)}) VALUES ({', '.join(map(str, row.values()))})"


@dataclass(frozen=True)
class Attack:
    """Statements of which the last must be refused; ``said`` stands in the refusal on (SQLite, PostgreSQL).

    ``guards`` are the triggers that refuse it on each; empty when it is a constraint.
    """

    name: str
    statements: tuple[str, ...]
    said: tuple[str, str]
    guards: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


GATE = (("placement_gate_insert",), ("placement_gate ON placement",))
NO = ("biobank:no-permitting-decision",) * 2
LEFT = ("biobank:more-than-is-left",) * 2
FOREIGN = "FOREIGN KEY constraint failed"
AMOUNTS_NEW = (("sample_amounts_insert",), ("sample_amounts_insert ON sample",))
AMOUNTS = (("sample_amounts_update",), ("sample_amounts_update ON sample",))
SHRINK = (("sample_amounts_shrink",), ("sample_amounts_update ON sample",))
MOVE = "UPDATE placement SET {} WHERE item_id = :placed"
MOVED = (("placement_gate_update",), ("placement_gate ON placement",))

ATTACKS = [
    Attack("store without a decision", (put(),), NO, GATE),
    Attack("store what was refused", (decide("refused"), put()), NO, GATE),
    Attack("store on a decision for another purpose", (decide(purpose="research"), put()), NO, GATE),
    Attack("store on a stale decision", (decide(head=-1), put()), NO, GATE),
    Attack("store on a lapsed decision", (decide(until="'2025-03-04T00:00:00.000Z'"), put()), NO, GATE),
    Attack("store on another donor's decision", (decide(donor=":other_donor"), put()), NO, GATE),
    Attack(
        "store on another command's decision",
        (decide(by="(SELECT id FROM command WHERE kind = 'lab-founded')"), put()), NO, GATE,
    ),
    Attack("move by hand", (MOVE.format(f"column_no = 7, command_id = {ATTACK}"),), NO, MOVED),
    Attack("store a planned vial", (decide(), put(":planned")), ("biobank:sample-not-filled",) * 2, GATE),
    Attack("store a void vial", (decide(), put(":void")), ("biobank:sample-not-filled",) * 2, GATE),
    Attack("store a refused tube", (decide(), put(":rejected")), ("biobank:sample-not-filled",) * 2, GATE),
    Attack(
        "a second thing in one well", (decide(), put(well="1, 1")),
        ("placement.container_id, placement.row_no, placement.column_no", "uq_placement_container_id_row_no"),
    ),
    Attack("a thing in two wells", (decide(), put(":placed")), ("placement.item_id", "pk_placement")),
    Attack("a row off the grid", (decide(), put(well="10, 1")), ("ck_placement_grid",) * 2),
    Attack("a column off the grid", (decide(), put(well="1, 10")), ("ck_placement_grid",) * 2),
    Attack("row zero", (decide(), put(well="0, 1")), ("ck_placement_grid",) * 2),
    Attack("another grid than the box has", (decide(), put(grid="99, 99", well="50, 50")), (FOREIGN, "fk_placement_grid")),
    Attack("a box that is not there", (decide(), put(box=":tube")), (FOREIGN, "fk_placement_grid")),
    Attack("a box inside itself", (put(":box"),), ("ck_placement_inside_itself",) * 2),
    Attack("a thing without a code", (put("7"),), (FOREIGN, "fk_placement_item_id")),
    Attack("shrink the grid under its content", ("UPDATE container SET rows = 1 WHERE id = :box",), (FOREIGN, "fk_placement_grid")),
    Attack("shrink the kind of a box", ("UPDATE container_kind SET rows = 1 WHERE rows = 9",), (FOREIGN, "fk_container_kind")),
    Attack("a void vial comes back", ("UPDATE sample SET state = 'filled' WHERE id = :void",), ("biobank:void-is-void",) * 2, (("sample_void",), ("sample_void ON sample",))),
    Attack("take more than is left", (vial(taken_ul=4001),), LEFT, AMOUNTS_NEW),
    Attack("take more later", ("UPDATE sample SET taken_ul = 4501 WHERE id = :filled",), LEFT, AMOUNTS),
    Attack("take more cells than there are", (vial(taken_cells=1001, parent_id=":other_tube", donor_id=":other_donor"),), LEFT, AMOUNTS_NEW),
    Attack("a parent with less than was taken", ("UPDATE sample SET volume_ul = 999 WHERE id = :tube",), LEFT, SHRINK),
    Attack("a negative volume", ("UPDATE sample SET volume_ul = -1 WHERE id = :filled",), ("ck_sample_volume_ul",) * 2),
    Attack("negative cells", ("UPDATE sample SET cells = -1 WHERE id = :filled",), ("ck_sample_cells",) * 2),
    Attack("take a negative volume", ("UPDATE sample SET taken_ul = -1 WHERE id = :filled",), ("ck_sample_taken_ul",) * 2),
    Attack("take negative cells", ("UPDATE sample SET taken_cells = -1 WHERE id = :filled",), ("ck_sample_taken_cells",) * 2),
    Attack("viability over 100", ("UPDATE sample SET viability_percent = 101 WHERE id = :filled",), ("ck_sample_viability_percent",) * 2),
    Attack("blasts below 0", ("UPDATE sample SET blasts_percent = -1 WHERE id = :filled",), ("ck_sample_blasts_percent",) * 2),
    Attack("a tube with a parent", ("UPDATE sample SET kind = 'tube' WHERE id = :filled",), ("ck_sample_", "ck_sample_")),
    Attack("an aliquot without a parent", (vial(parent_id="NULL", parent_material="NULL"),), ("ck_sample_family",) * 2),
    Attack("a planned tube", ("UPDATE sample SET state = 'planned' WHERE id = :tube",), ("ck_sample_life",) * 2),
    Attack("a state that is none", ("UPDATE sample SET state = 'lost' WHERE id = :filled",), ("ck_sample_", "ck_sample_")),
    Attack("a code of nine", (f"INSERT INTO code VALUES (7, 'PM250000A', 'PM', {ATTACK})",), ("ck_code_length",) * 2),
    Attack("a code of another kind", (f"INSERT INTO code VALUES (7, 'PB2500000A', 'PM', {ATTACK})",), ("ck_code_prefix",) * 2),
    Attack("a code twice", (f"INSERT INTO code SELECT 7, text, kind, {ATTACK} FROM code WHERE id = :tube",), ("code.text", "uq_code_text")),
    Attack("a fact without its command", ("UPDATE setting SET command_id = NULL",), ("NOT NULL", "command_id")),
    Attack("an event twice at one place", (f"INSERT INTO event (id, stream_id, seq, command_id, body, hash) SELECT 999999, stream_id, seq, {ATTACK}, body, hash FROM event WHERE id = 1",), ("event.stream_id, event.seq", "uq_event_stream_id_seq")),
    Attack("an event in the log twice", ("INSERT INTO log SELECT 999999, event_id FROM log WHERE pos = 1",), ("log.event_id", "uq_log_event_id")),
    Attack("an alias twice", (f"INSERT INTO alias SELECT value, issuer, object_id, stream_id, {ATTACK} FROM alias",), ("alias.value, alias.issuer", "pk_alias")),
    Attack("a step that ends before it starts", ("UPDATE step SET ended_at = '2025-03-03T11:00:00.000Z'",), ("ck_step_ended_at",) * 2),
    Attack("a role that is none", ("UPDATE person SET role = 'god'",), ("ck_person_role",) * 2),
    Attack("a login in capitals", ("UPDATE person SET login = 'BO' WHERE login = 'dee'",), ("ck_person_login",) * 2),
    Attack("a negative consent head", ("UPDATE donor SET consent_head = -1",), ("ck_donor_consent_head",) * 2),
    Attack("an empty grid", ("UPDATE container_kind SET rows = 0",), ("ck_container_kind_grid",) * 2),
]  # fmt: skip

LATE = [
    Attack("a family of another donor", ("UPDATE sample SET donor_id = :other_donor WHERE id = :filled",), (FOREIGN, "fk_sample_family")),
    Attack("a parent of another donor", (vial(parent_id=":other_tube"),), (FOREIGN, "fk_sample_family")),
    Attack("a parent of another material", (vial(parent_material="'BLD'"),), (FOREIGN, "fk_sample_family")),
    Attack("cells made of plasma", (vial(id=":free", material="'BMA'", parent_id=":filled", parent_material="'CEL'"),), (FOREIGN, "fk_sample_derivation")),
]  # fmt: skip
"""Refused at the end of the transaction, so that a family can be moved row by row."""


def _append_only() -> Iterator[Attack]:
    refused = ("biobank:append-only",) * 2
    for table in schema._APPEND_ONLY:
        key = tables.metadata.tables[table].primary_key.columns.keys()[0]
        on = (f"{table}_append_only ON {table}",)
        yield Attack(
            f"edit {table}", (f"UPDATE {table} SET {key} = {key}",), refused, ((f"{table}_no_update",), on)
        )
        yield Attack(f"delete {table}", (f"DELETE FROM {table}",), refused, ((f"{table}_no_delete",), on))
    for table in schema._KEPT:
        guards = (f"{table}_no_delete",), (f"{table}_no_delete ON {table}",)
        yield Attack(f"delete {table}", (f"DELETE FROM {table}",), refused, guards)


EVERY = [*ATTACKS, *LATE, *_append_only()]
GUARDED = [attack for attack in EVERY if attack.guards[0]]


def run(scene: Scene, connection: Connection, attack: Attack) -> None:
    """Make the attack, deferred constraints included."""
    for statement in attack.statements:
        asked = text(statement)
        connection.execute(asked, {name: scene.names[name] for name in asked.compile().params})


@pytest.mark.parametrize("attack", EVERY, ids=lambda attack: attack.name)
def test_refused(scene: Scene, attack: Attack) -> None:
    with pytest.raises(DBAPIError) as refused, scene.store.engine.begin() as connection:
        run(scene, connection, attack)
    assert attack.said[0 if scene.store.is_sqlite else 1] in str(refused.value.orig)


@pytest.mark.parametrize("attack", GUARDED, ids=lambda attack: attack.name)
def test_only_its_guard_refuses_it(scene: Scene, attack: Attack) -> None:
    with _rolled_back(scene.store) as connection:
        for guard in attack.guards[0 if scene.store.is_sqlite else 1]:
            connection.execute(text(f"DROP TRIGGER {guard}"))
        run(scene, connection, attack)


def test_every_guard_is_attacked(scene: Scene) -> None:
    place = 0 if scene.store.is_sqlite else 1
    attacked = {guard.partition(" ")[0] for attack in EVERY for guard in attack.guards[place]}
    expected = schema.guards("sqlite" if scene.store.is_sqlite else "postgresql")
    assert {guard for guard in expected - attacked if not guard.endswith("_no_truncate")} == set()


@pytest.mark.parametrize("table", [*schema._APPEND_ONLY, *schema._KEPT])
def test_no_history_and_no_fact_is_truncated(postgres_store: Store, table: str) -> None:
    truncate = text(f"TRUNCATE {table} CASCADE")
    with pytest.raises(DBAPIError, match="append-only"), postgres_store.engine.begin() as connection:
        connection.execute(truncate)
    with postgres_store.engine.begin() as connection:
        for name in (*schema._APPEND_ONLY, *schema._KEPT):
            connection.execute(text(f"DROP TRIGGER {name}_no_truncate ON {name}"))
        connection.execute(truncate)


def test_replace_does_not_pass_by_the_append_only_guard(sqlite_store: Store) -> None:
    """SQLite deletes for REPLACE without firing triggers unless they are recursive."""
    with pytest.raises(DBAPIError, match="append-only"), sqlite_store.engine.begin() as connection:
        connection.execute(text("REPLACE INTO event SELECT * FROM event WHERE id = 1"))


def test_what_is_permitted_goes_through(scene: Scene) -> None:
    """The same statements as the attacks, made rightly: the attacks fail for their own reason."""
    with _rolled_back(scene.store) as connection:
        right = Attack("", (decide(until="'2999-01-01T00:00:00.000Z'"), put(), vial(taken_ul=4000)), ("", ""))
        run(scene, connection, right)
        rows = connection.execute(text("SELECT count(*) FROM placement")).scalar_one()
        assert rows == 2


def test_the_program_itself_is_refused_with_a_problem(store: Store) -> None:
    family, box = enter_family(store), enter_box(store)

    def body(work: Work) -> None:
        work.insert(tables.decision, [decision_row(family.donor, verdict="refused")])
        work.insert(tables.placement, [placement_row(family.aliquots[0], box, (1, 1))])

    with pytest.raises(Rejected) as refused:
        do(store, body)
    assert [problem.code for problem in refused.value.problems] == ["no-permitting-decision"]


@contextmanager
def _rolled_back(store: Store) -> Iterator[Connection]:
    """A transaction without foreign keys at work on SQLite; on PostgreSQL they are dropped in it."""
    with store.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        if store.is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin() as transaction:
            if not store.is_sqlite:
                drop_foreign_keys(connection)
            yield connection
            transaction.rollback()
        if store.is_sqlite:
            driver.execute("PRAGMA foreign_keys=ON")
