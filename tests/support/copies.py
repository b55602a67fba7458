"""One more row of any table by raw SQL: a copy with fresh keys, right but for what is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.persistence import tables
from tests.support.later_life import BARE_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTACK = "(SELECT id FROM command WHERE kind = 'attack')"
THEN = "'2025-03-03T12:00:00.000Z'"

FRESH: Mapping[str, Mapping[str, str]] = {
    "alias": {"value": "'X2'"},
    "code": {"id": "999", "text": "'PMZZZZZZZZ'"},
    "command": {"id": "'00000000000000000000000000000001'"},
    "consent_line": {"no": "99"},
    "consumption": {"no": "99"},
    "container": {"id": ":free_box", "name": "'fresh'"},
    "container_kind": {"name": "'fresh'"},
    "credential": {"login": "'fay'"},
    "decision": {"purpose": "'use-other'"},
    "derivation": {"material": "'new'"},
    "disposal": {"no": "99"},
    "disposal_line": {"sample_id": ":filled"},
    "disposition": {"sample_id": ":filled"},
    "donor": {"id": ":free_donor"},
    "donor_age": {"donor_id": ":ageless"},
    "erasure": {"donor_id": ":unaged"},
    "event": {"id": "999999", "seq": "seq + 1000"},
    "event_subject": {"subject_id": ":free"},
    "excursion": {"no": "99"},
    "form_version": {"id": "'fresh'", "version": "'fresh'"},
    "gap_signature": {"archive_sha256": f"'{'f' * 64}'"},
    "label": {"no": "99"},
    "label_template": {"name": "'fresh'"},
    "log": {"pos": "999999", "event_id": "(SELECT max(event_id) FROM unsealed)"},
    "meta": {"key": "'fresh'"},
    "nonconformity": {"no": "99"},
    "outage": {"no": "99"},
    "person": {"login": "'fay'", "stream_id": "777"},
    "placement": {"item_id": ":free", "row_no": "5", "column_no": "5"},
    "preprinted": {"value": "'fresh'"},
    "printer": {"name": "'fresh'"},
    "printer_test": {"no": "99"},
    "proof_key": {"public": f"'{'f' * 64}'"},
    "proof_secret": {"public": f"'{BARE_KEY}'"},
    "quarantine": {"sample_id": ":filled"},
    "receipt": {"sample_id": ":other_tube"},
    "release": {"no": "99"},
    "release_line": {"sample_id": ":filled"},
    "relocation": {"item_id": ":placed", "from_row": "1", "from_column": "1"},
    "reservation": {"row_no": "5", "column_no": "5"},
    "rule_set": {"no": "99", "version": "'fresh'"},
    "sample": {"id": ":free"},
    "seal": {"size": "999999"},
    "setting": {"key": "'fresh'"},
    "signing": {"line_no": "5"},
    "signing_check": {"line_no": "5"},
    "spill": {"no": "99"},
    "step": {"no": "99"},
    "stream": {"id": "777"},
    "temperature_change": {"no": "99"},
    "unsealed": {"event_id": "(SELECT min(id) FROM event)"},
}
"""What makes a copy another row than its source, by table: no other row has these values."""

SOURCES = {
    "code": "id = :tube",
    "container": "id = :box",
    "container_kind": "rows = 9",
    "derivation": "parent_material = 'BMA'",
    "disposal": "state = 'open'",
    "disposal_line": "sample_id = :to_notify",
    "disposition": "kind = 'lost'",
    "donor": "id = :donor",
    "donor_age": "donor_id = :donor",
    "gap_signature": "login = 'bo'",
    "person": "login = 'bo'",
    "placement": "item_id = :placed",
    "quarantine": "decision IS NULL",
    "release": "state = 'open'",
    "release_line": "sample_id = :line_removed",
    "sample": "id = :filled",
}
"""Which row is copied; of the other tables the first will do."""


def copied(table: str, source: str | None = None, **changes: str) -> str:
    """Raw SQL that enters a copy of a row, fresh where ``changes`` do not say otherwise."""
    columns = tables.metadata.tables[table].columns.keys()
    values = {**FRESH[table], **changes}
    where = source or SOURCES.get(table, "1 = 1")
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT"
        f" {', '.join(values.get(column, f'{table}.{column}') for column in columns)}"
        f" FROM {table} WHERE {where} ORDER BY {table}.{columns[0]} LIMIT 1"
    )


def changing(table: str, where: str, **values: object) -> str:
    """Raw SQL that changes rows in the name of the attack."""
    made = ", ".join(f"{column} = {value}" for column, value in {**values, "command_id": ATTACK}.items())
    return f"UPDATE {table} SET {made} WHERE {where}"


def before(table: str) -> tuple[str, ...]:
    """What a fresh copy points to, where the scene has nothing free for it."""
    if table == "person":
        return (copied("stream"),)
    if table == "credential":
        return (copied("stream"), copied("person"))
    return ()


def the_copy(table: str) -> str:
    """The condition that only a fresh copy fulfils."""
    keys = tables.metadata.tables[table].primary_key.columns.keys()
    fresh = {column: value for column, value in FRESH[table].items() if column in keys}
    return " AND ".join(f"{column} = {value}" for column, value in fresh.items())
