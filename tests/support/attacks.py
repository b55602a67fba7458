# ruff: noqa: E501 - a table of attacks reads best one to a line
"""Attacks by raw SQL on what the triggers guard, and on constraints where a story says more than a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from tests.support.copies import ATTACK, THEN, copied
from tests.support.databases import ENGINES, EngineName

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    received: str = THEN,
) -> str:
    """Raw SQL that writes a decision about what was received then."""
    return (
        "INSERT INTO decision (command_id, donor_id, purpose, verdict, reasons, consent_head, rules_version,"
        f" decided_on, known_on, received_at, holds_until) VALUES ({by}, {donor}, '{purpose}', '{verdict}', '[]', {head},"
        f" 'x', '2025-03-03', {THEN}, {received}, {until})"
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

    ``guards`` are the triggers that refuse it on each, ``breaks`` is the constraint that does; neither, when
    more than one would. ``engine``: it can be made on this one only.
    """

    name: str
    statements: tuple[str, ...]
    said: tuple[str, str]
    guards: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    breaks: str = ""
    engine: EngineName | None = None

    def refused_by(self, engine: EngineName) -> frozenset[str]:
        """The triggers and the constraint that refuse it on an engine."""
        if self.engine not in (None, engine):
            return frozenset()
        return frozenset({*self.guards[ENGINES.index(engine)], self.breaks} - {""})


def once(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A guard that is one trigger on either engine."""
    return (name,), (name,)


def twice(name: str, operation: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A guard of what is entered and of what is changed, which on SQLite is a trigger for each."""
    return (f"{name}_{operation}",), (name,)


def says(code: str) -> tuple[str, str]:
    """What a guard says on either engine."""
    return f"biobank:{code}", f"biobank:{code}"


NO = ("biobank:no-permitting-decision",) * 2
LEFT = ("biobank:more-than-is-left",) * 2
FOREIGN = "FOREIGN KEY constraint failed"
AMOUNTS_NEW = (("sample_amounts_insert",), ("sample_amounts_insert",))
AMOUNTS = (("sample_amounts_update",), ("sample_amounts_update",))
SHRINK = (("sample_amounts_shrink",), ("sample_amounts_update",))

VOID = (("sample_void",), ("sample_void",))

LAPSED = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-0.5 seconds')",
    "postgresql": "clock_timestamp() - interval '0.5 seconds'",
}
SLEEP = (decide(until="clock_timestamp() + interval '20 ms'"), "SELECT pg_sleep(0.05)")
FOUNDED = "(SELECT id FROM command WHERE kind = 'lab-founded')"
NOT_FILLED = ("biobank:sample-not-filled",) * 2
NEW_LINE = "consent_head = 1 WHERE id = :donor"
BACK, IN_PLACE = ("biobank:head-goes-back",) * 2, ("biobank:sample-in-place",) * 2


def _gate() -> Iterator[Attack]:
    """Each way past the consent gate twice: to store a thing, and to move another thing's place to it."""
    for name, decisions, item, said, engine in (
        ("without a decision", (), ":filled", NO, None),
        ("what was refused", (decide("refused"),), ":filled", NO, None),
        ("on a decision for another purpose", (decide(purpose="use-other"),), ":filled", NO, None),
        ("on a stale decision", (f"UPDATE donor SET {NEW_LINE}", decide()), ":filled", NO, None),
        ("on a decision of a later head", (decide(head=1),), ":filled", NO, None),
        ("on a lapsed decision", (decide(until="'2025-03-04T00:00:00.000Z'"),), ":filled", NO, None),
        ("a moment after it lapsed (SQLite)", (decide(until=LAPSED["sqlite"]),), ":filled", NO, "sqlite"),
        ("a moment after it lapsed", (decide(until=LAPSED["postgresql"]),), ":filled", NO, "postgresql"),
        ("after it lapsed in the same transaction", SLEEP, ":filled", NO, "postgresql"),
        ("on another donor's decision", (decide(donor=":other_donor"),), ":filled", NO, None),
        ("on another command's decision", (decide(by=FOUNDED),), ":filled", NO, None),
        ("a planned vial", (decide(),), ":planned", NOT_FILLED, None),
        ("a void vial", (decide(),), ":void", NOT_FILLED, None),
        ("a refused tube", (decide(),), ":rejected", NOT_FILLED, None),
    ):
        only = cast("EngineName | None", engine)
        guard = "placement_filled" if said is NOT_FILLED else "placement_gate"
        yield Attack(f"store {name}", (*decisions, put(item)), said, twice(guard, "insert"), engine=only)
        move = f"UPDATE placement SET item_id = {item}, command_id = {ATTACK} WHERE item_id = :placed"
        yield Attack(f"move {name}", (*decisions, move), said, twice(guard, "update"), engine=only)


ATTACKS = [
    *_gate(),
    Attack("move by hand", (f"UPDATE placement SET column_no = 7, command_id = {ATTACK} WHERE item_id = :placed",), NO, twice("placement_gate", "update")),
    Attack(
        "a second thing in one well", (decide(), put(well="1, 1")),
        ("placement.container_id, placement.row_no, placement.column_no", "uq_placement_container_id_row_no"), breaks="uq_placement_container_id_row_no_column_no",
    ),
    Attack("a thing in two wells", (decide(), put(":placed")), ("placement.item_id", "pk_placement"), breaks="pk_placement"),
    Attack("a row off the grid", (decide(), put(well="10, 1")), ("ck_placement_grid",) * 2, breaks="ck_placement_grid"),
    Attack("a column off the grid", (decide(), put(well="1, 10")), ("ck_placement_grid",) * 2, breaks="ck_placement_grid"),
    Attack("row zero", (decide(), put(well="0, 1")), ("ck_placement_grid",) * 2, breaks="ck_placement_grid"),
    Attack("another grid than the box has", (decide(), put(grid="99, 99", well="50, 50")), (FOREIGN, "fk_placement_grid"), breaks="fk_placement_grid"),
    Attack("a box that is not there", (decide(), put(box=":tube")), (FOREIGN, "fk_placement_grid"), breaks="fk_placement_grid"),
    Attack("a box inside itself", (put(":box"),), ("biobank:level-not-allowed-there",) * 2),
    Attack("a thing without a code", (put("7"),), (FOREIGN, "fk_placement_item_id"), breaks="fk_placement_item_id"),
    Attack("shrink the grid under its content", ("UPDATE container SET rows = 1 WHERE id = :box",), (FOREIGN, "fk_placement_grid"), breaks="fk_placement_grid"),
    Attack("shrink the kind of a box", ("UPDATE container_kind SET rows = 1 WHERE rows = 9",), (FOREIGN, "fk_container_kind"), breaks="fk_container_kind"),
    Attack("a void vial is planned again", ("UPDATE sample SET state = 'planned' WHERE id = :void",), ("biobank:void-is-void",) * 2, VOID),
    Attack("a void vial becomes a tube", ("UPDATE sample SET kind = 'tube', material = 'BMA', parent_id = NULL, parent_material = NULL, state = 'received' WHERE id = :void",), ("biobank:void-is-void",) * 2, VOID),
    Attack("a void vial becomes a refused tube", ("UPDATE sample SET kind = 'tube', material = 'BMA', parent_id = NULL, parent_material = NULL, state = 'refused' WHERE id = :void",), ("biobank:void-is-void",) * 2, VOID),
    Attack("a void vial comes back", ("UPDATE sample SET state = 'filled' WHERE id = :void",), ("biobank:void-is-void",) * 2, VOID),
    Attack("a stored vial becomes void", ("UPDATE sample SET state = 'void' WHERE id = :placed",), IN_PLACE, (("sample_in_place",),) * 2),
    Attack("a stored vial is planned again", ("UPDATE sample SET state = 'planned' WHERE id = :placed",), IN_PLACE, (("sample_in_place",),) * 2),
    Attack("consent as it was one line before", ("UPDATE donor SET consent_head = 2 WHERE id = :donor", f"UPDATE donor SET {NEW_LINE}"), BACK, (("donor_head",),) * 2),
    Attack("a check by who entered the line", (copied("consent_line", command_id=ATTACK), f"INSERT INTO signing_check (command_id, donor_id, line_no, agrees, note) VALUES ({ATTACK}, :donor, 99, true, '')"), ("biobank:same-person",) * 2, (("signing_check_other",),) * 2),
    Attack("a history one event shorter", ("UPDATE stream SET head_seq = head_seq - 1 WHERE id = :donor",), BACK, (("stream_head",),) * 2),
    Attack("take more than is left", (vial(taken_ul=4001),), LEFT, AMOUNTS_NEW),
    Attack("take more later", ("UPDATE sample SET taken_ul = 4501 WHERE id = :filled",), LEFT, AMOUNTS),
    Attack("take more cells than there are", (vial(taken_cells=1001, parent_id=":other_tube", donor_id=":other_donor"),), LEFT, AMOUNTS_NEW),
    Attack("a parent with less than was taken", ("UPDATE sample SET volume_ul = 999 WHERE id = :tube",), LEFT, SHRINK),
    Attack("take one more of what is empty", (vial(taken_ul=1, parent_id=":emptied"),), LEFT, AMOUNTS_NEW),
    Attack("take one cell more of what is empty", (vial(taken_cells=1, parent_id=":emptied"),), LEFT, AMOUNTS_NEW),
    Attack("take one more of what is empty later", ("UPDATE sample SET taken_ul = 1 WHERE id = :untaken",), LEFT, AMOUNTS),
    Attack("take one cell more later", ("UPDATE sample SET taken_cells = 301 WHERE id = :cell_vial",), LEFT, AMOUNTS),
    Attack("take a first cell of what is empty later", ("UPDATE sample SET taken_cells = 1 WHERE id = :untaken",), LEFT, AMOUNTS),
    Attack("a vial moves to a parent with too little", ("UPDATE sample SET parent_id = :small_tube WHERE id = :filled",), LEFT, AMOUNTS),
    Attack("a parent with fewer cells than were taken", ("UPDATE sample SET cells = 499 WHERE id = :emptied",), LEFT, SHRINK),
    Attack("a negative volume", ("UPDATE sample SET volume_ul = -1 WHERE id = :filled",), ("ck_sample_volume_ul",) * 2, breaks="ck_sample_volume_ul"),
    Attack("negative cells", ("UPDATE sample SET cells = -1 WHERE id = :filled",), ("ck_sample_cells",) * 2, breaks="ck_sample_cells"),
    Attack("take a negative volume", ("UPDATE sample SET taken_ul = -1 WHERE id = :filled",), ("ck_sample_taken_ul",) * 2, breaks="ck_sample_taken_ul"),
    Attack("take negative cells", ("UPDATE sample SET taken_cells = -1 WHERE id = :filled",), ("ck_sample_taken_cells",) * 2, breaks="ck_sample_taken_cells"),
    Attack("viability over 100", ("UPDATE sample SET viability_percent = 101 WHERE id = :filled",), ("ck_sample_viability_percent",) * 2, breaks="ck_sample_viability_percent"),
    Attack("blasts below 0", ("UPDATE sample SET blasts_percent = -1 WHERE id = :filled",), ("ck_sample_blasts_percent",) * 2, breaks="ck_sample_blasts_percent"),
    Attack("a tube with a parent", ("UPDATE sample SET kind = 'tube' WHERE id = :filled",), ("ck_sample_", "ck_sample_")),
    Attack("an aliquot without a parent", (vial(parent_id="NULL", parent_material="NULL"),), ("ck_sample_family",) * 2, breaks="ck_sample_family"),
    Attack("a planned tube", ("UPDATE sample SET state = 'planned' WHERE id = :tube",), ("ck_sample_life",) * 2, breaks="ck_sample_life"),
    Attack("a state that is none", ("UPDATE sample SET state = 'lost' WHERE id = :filled",), ("ck_sample_", "ck_sample_")),
    Attack("a code of nine", (f"INSERT INTO code VALUES (7, 'PM250000A', 'PM', {ATTACK})",), ("ck_code_length",) * 2, breaks="ck_code_length"),
    Attack("a code of another kind", (f"INSERT INTO code VALUES (7, 'PB2500000A', 'PM', {ATTACK})",), ("ck_code_prefix",) * 2, breaks="ck_code_prefix"),
    Attack("a code twice", (f"INSERT INTO code SELECT 7, text, kind, {ATTACK} FROM code WHERE id = :tube",), ("code.text", "uq_code_text"), breaks="uq_code_text"),
    Attack("a fact without its command", ("UPDATE setting SET command_id = NULL",), ("NOT NULL", "command_id"), breaks="NOT NULL setting.command_id"),
    Attack("an event twice at one place", (f"INSERT INTO event (id, stream_id, seq, command_id, body, hash) SELECT 999999, stream_id, seq, {ATTACK}, body, hash FROM event WHERE id = 1",), ("event.stream_id, event.seq", "uq_event_stream_id_seq"), breaks="uq_event_stream_id_seq"),
    Attack("an event in the log twice", ("INSERT INTO log SELECT 999999, event_id FROM log WHERE pos = 1",), ("log.event_id", "uq_log_event_id"), breaks="uq_log_event_id"),
    Attack("an alias twice", (f"INSERT INTO alias SELECT value, issuer, object_id, stream_id, {ATTACK} FROM alias",), ("alias.value, alias.issuer", "pk_alias"), breaks="pk_alias"),
    Attack("a step that ends before it starts", ("UPDATE step SET ended_at = '2025-03-03T11:00:00.000Z'",), ("ck_step_ended_at",) * 2, breaks="ck_step_ended_at"),
    Attack("a role that is none", ("UPDATE person SET role = 'god'",), ("ck_person_role",) * 2, breaks="ck_person_role"),
    Attack("a login in capitals", ("UPDATE person SET login = 'BO' WHERE login = 'dee'",), ("ck_person_login",) * 2, breaks="ck_person_login"),
    Attack("an empty grid", ("UPDATE container_kind SET rows = 0",), ("ck_container_kind_grid",) * 2, breaks="ck_container_kind_grid"),
]  # fmt: skip

LATE = [
    Attack("a family of another donor", ("UPDATE sample SET donor_id = :other_donor WHERE id = :filled",), (FOREIGN, "fk_sample_family"), breaks="fk_sample_family"),
    Attack("a parent of another donor", (vial(parent_id=":other_tube"),), (FOREIGN, "fk_sample_family"), breaks="fk_sample_family"),
    Attack("a parent of another material", (vial(parent_material="'BLD'"),), (FOREIGN, "fk_sample_family"), breaks="fk_sample_family"),
    Attack("cells made of plasma", (vial(id=":free", material="'BMA'", parent_id=":filled", parent_material="'CEL'"),), (FOREIGN, "fk_sample_derivation"), breaks="fk_sample_derivation"),
]  # fmt: skip
"""Refused at the end of the transaction, so that a family can be moved row by row."""
