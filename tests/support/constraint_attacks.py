"""An attack on every constraint of the tables: an empty column, a double, a dangling key, a value too far.

Each is a row that is right but for one thing, so that one constraint alone refuses it. What the rows of a
range or of a story look like stands in this module; what follows from a column's type is derived.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.columns import Json, Moment
from tests.support.attacks import FOREIGN, Attack, decide, put, vial
from tests.support.copies import ATTACK, FRESH, THEN, before, changing, copied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TABLES = tables.metadata.sorted_tables
LONG = "xxxxxxxxxx"

VOCABULARIES = {
    "ck_code_kind": "kind",
    "ck_consent_line_kind": "kind",
    "ck_consent_line_level": "level",
    "ck_consent_line_signatory": "signatory",
    "ck_container_kind_column_labels": "column_labels",
    "ck_container_kind_fill_order": "fill_order",
    "ck_container_kind_holds": "holds",
    "ck_container_kind_level": "level",
    "ck_container_kind_row_labels": "row_labels",
    "ck_container_kind_temperature": "temperature",
    "ck_container_temperature": "temperature",
    "ck_decision_purpose": "purpose",
    "ck_decision_verdict": "verdict",
    "ck_disposal_line_action": "action",
    "ck_disposal_line_state": "state",
    "ck_disposal_reason": "reason",
    "ck_disposal_state": "state",
    "ck_disposition_kind": "kind",
    "ck_donor_role": "role",
    "ck_donor_sex": "sex",
    "ck_form_version_audience": "audience",
    "ck_label_state": "state",
    "ck_nonconformity_kind": "kind",
    "ck_nonconformity_state": "state",
    "ck_person_role": "role",
    "ck_printer_way": "way",
    "ck_quarantine_decision": "decision",
    "ck_receipt_acceptance": "acceptance",
    "ck_receipt_origin": "origin",
    "ck_release_line_state": "state",
    "ck_release_recipient_kind": "recipient_kind",
    "ck_release_state": "state",
    "ck_release_transport": "transport",
    "ck_sample_kind": "kind",
    "ck_sample_state": "state",
    "ck_signing_authority": "authority",
    "ck_step_kind": "kind",
    "ck_stream_kind": "kind",
    "ck_temperature_change_became": "became",
    "ck_temperature_change_was": "was",
}
"""The checks that a column has one of a few values."""

CHANGED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "ck_disposal_line_state": ("sample_id = :to_notify", {}),
    "ck_quarantine_decision": ("sample_id = :quarantined", {"decided_by": "'bo'"}),
    "ck_release_state": ("no = 1", {}),
}
"""Those where a guard refuses every new row of another value: a row that is there is changed, with more."""

IMPLIED = frozenset(
    {
        *("fk_consumption_command_id", "NOT NULL consumption.command_id", "NOT NULL consumption.purpose"),
        *("fk_disposition_release_no", "fk_sample_origin_id"),
        *("fk_relocation_item_id", "fk_relocation_from_id", "NOT NULL relocation.item_id"),
        *(f"NOT NULL relocation.from_{part}" for part in ("id", "row", "column")),
        "ck_placement_inside_itself",
    }
)
"""What a guard implies, because it asks for a decision of that command and purpose, for that release's line,
for the tube of the parent, and for the place where a thing lies, and because no level stands in itself:
without the constraint as much is refused."""

_TAKES_NOTHING = {"taken_ul": "NULL", "taken_cells": "NULL"}  # else the guard of the amounts asks as well
_NO_PARENT = {"parent_id": "NULL", "parent_material": "NULL"} | _TAKES_NOTHING
_TUBE = {"kind": "'tube'", "state": "'received'", "material": "'BMA'"}

_HASH = "(SELECT x.hash FROM event x WHERE x.id = 1)"
_OTHER_HASH = "(SELECT x.payload_sha256 FROM command x WHERE x.kind = 'attack')"
_LONGER = "(SELECT x.body FROM event x WHERE x.id = 1)"  # bytes, and more than a hash has


def _not_64(column: str) -> Sequence[Mapping[str, str]]:
    return {column: f"'{LONG * 6}xxx'"}, {column: f"'{LONG * 6}xxxxx'"}


def _not_32(column: str) -> Sequence[Mapping[str, str]]:
    return {column: f"substr({column}, 2)"}, {column: _LONGER}


_ENDED_BEFORE = {"ended_at": "'2025-03-03T11:59:59.500Z'"}, {"ended_at": "'2024-03-03T12:00:00.000Z'"}

REFUSED: Mapping[str, Sequence[Mapping[str, str]]] = {
    "ck_alias_value": ({"value": "''"}, {"value": f"'{LONG * 6}xxxxx'"}),
    "ck_code_length": ({"text": "'PMZZZZZZZ'"}, {"text": "'PMZZZZZZZZZ'"}),
    "ck_code_prefix": ({"text": "'PBZZZZZZZZ'"}, {"kind": "'PB'"}),
    "ck_command_payload_sha256": _not_32("payload_sha256"),
    "ck_consent_line_corrects": ({"corrects": "0"}, {"corrects": "99"}),
    "ck_consent_line_no": ({"no": "0"},),
    "ck_consumption_cells": ({"cells": "0"},),
    "ck_consumption_no": ({"no": "0"},),
    "ck_consumption_ul": ({"ul": "0"},),
    "ck_consent_line_received_on": ({"signed_on": "'2025-03-04'"},),
    "ck_container_kind_grid": ({"rows": "0"}, {"columns": "0"}, {"rows": "0", "columns": "0"}),
    "ck_container_name": ({"name": "''"}, {"name": f"'{LONG * 4}x'"}),
    "ck_credential_failed": ({"failed": "-1"},),
    "ck_decision_consent_head": ({"consent_head": "-1"},),
    "ck_disposal_closed_at": ({"closed_at": THEN}, {"state": "'closed'"}),
    "ck_disposal_line_done_at": ({"done_at": THEN},),
    "ck_disposal_line_done_by": ({"done_by": "'bo'", "done_at": THEN},),
    "ck_disposal_line_witnessed_at": ({"witnessed_at": THEN},),
    "ck_disposal_line_witnessed_by": ({"witnessed_by": "'bo'", "witnessed_at": THEN},),
    "ck_disposal_no": ({"no": "0"},),
    "ck_disposition_release_no": ({"release_no": "1"},),
    "ck_donor_age_ages": ({"turns_12_on": "turns_16_on"}, {"turns_18_on": "turns_16_on"}),
    "ck_donor_consent_head": ({"consent_head": "-1"},),
    "ck_event_hash": _not_32("hash"),
    "ck_event_seq": ({"seq": "0"},),
    "ck_excursion_back_at": (
        {"back_at": "'2025-03-03T11:59:59.500Z'"},
        {"back_at": "'2024-03-03T12:00:00.000Z'"},
    ),
    "ck_excursion_no": ({"no": "0"},),
    "ck_form_version_document_sha256": _not_64("document_sha256"),
    "ck_form_version_language": ({"language": "'n'"}, {"language": "'nld'"}),
    "ck_form_version_valid_to": ({"valid_to": "'2025-03-02'"},),
    "ck_gap_signature_archive_sha256": _not_64("archive_sha256"),
    "ck_label_no": ({"no": "0"},),
    "ck_label_template_version": ({"version": "0"},),
    "ck_preprinted_value": ({"value": "''"}, {"value": f"'{LONG * 6}xxxxx'"}),
    "ck_printer_test_no": ({"no": "0"},),
    "ck_nonconformity_no": ({"no": "0"},),
    "ck_rule_set_no": ({"no": "0"},),
    "ck_log_pos": ({"pos": "0"},),
    "ck_person_credential_sha256": _not_64("credential_sha256"),
    "ck_person_login": ({"login": "''"}, {"login": f"'{LONG * 3}xxx'"}, {"login": "'FAY'"}),
    "ck_placement_grid": ({"row_no": "0"}, {"row_no": "10"}, {"column_no": "0"}, {"column_no": "10"}),
    "ck_outage_ended_at": _ENDED_BEFORE,
    "ck_outage_no": ({"no": "0"},),
    "ck_printer_dpi": ({"dpi": "0"},),
    "ck_proof_key_public": _not_64("public"),
    "ck_proof_secret_private": _not_64("private"),
    "ck_quarantine_decided_by": ({"decided_by": "'bo'"},),
    "ck_receipt_pull_number": ({"pull_number": "0"},),
    "ck_release_country": ({"country": "'N'"}, {"country": "'NLD'"}),
    "ck_release_issued_at": ({"issued_at": THEN},),
    "ck_release_no": ({"no": "0"},),
    "ck_relocation_out_at": (
        {"out_at": "'2025-03-03T12:00:00.500Z'"},
        {"out_at": "'2026-03-03T12:00:00.000Z'"},
    ),
    "ck_reservation_grid": ({"row_no": "0"}, {"row_no": "10"}, {"column_no": "0"}, {"column_no": "10"}),
    "ck_sample_blasts_percent": ({"blasts_percent": "-0.001"}, {"blasts_percent": "100.001"}),
    "ck_sample_cells": (_TAKES_NOTHING | {"cells": "-1"},),
    "ck_sample_family": (
        _TUBE | {"taken_ul": "NULL"},
        _NO_PARENT,
        {"parent_material": "NULL"},
        _TUBE | _NO_PARENT | {"parent_material": "'BMA'"},
    ),
    "ck_sample_life": (_TUBE | _NO_PARENT | {"state": "'planned'"}, {"state": "'received'"}),
    "ck_sample_number": ({"number": "0"},),
    "ck_sample_parent_id": ({"parent_id": ":free", "parent_material": "'CEL'"} | _TAKES_NOTHING,),
    "ck_sample_planned_cells": ({"planned_cells": "-1"},),
    "ck_sample_planned_ul": ({"planned_ul": "-1"},),
    "ck_sample_sprec": ({"sprec": "'x'"}, {"sprec_version": "'x'"}),
    "ck_sample_taken_cells": ({"taken_cells": "-1"},),
    "ck_sample_taken_ul": ({"taken_ul": "-1"},),
    "ck_sample_viability_percent": ({"viability_percent": "-0.001"}, {"viability_percent": "100.001"}),
    "ck_sample_volume_ul": (_TAKES_NOTHING | {"volume_ul": "-1"},),
    "ck_seal_root": _not_32("root"),
    "ck_seal_size": ({"size": "0"},),
    "ck_signing_pages": ({"pages": "0"},),
    "ck_spill_ended_at": _ENDED_BEFORE,
    "ck_spill_no": ({"no": "0"},),
    "ck_signing_scan_sha256": _not_64("scan_sha256"),
    "ck_step_minutes": ({"minutes": "0"},),
    "ck_step_no": ({"no": "0"},),
    "ck_step_speed_g": ({"speed_g": "0"},),
    "ck_stream_head_hash": _not_32("head_hash"),
    "ck_stream_head_seq": ({"head_seq": "-1"},),
    "ck_temperature_change_no": ({"no": "0"},),
    "ck_step_ended_at": (
        {"ended_at": "'2025-03-03T11:59:59.500Z'"},
        {"ended_at": "'2024-03-03T12:00:00.000Z'"},
    ),
}
"""Rows just beyond each edge of the other checks."""

BYTES = {
    "ck_command_payload_sha256_bytes": "payload_sha256",
    "ck_event_body_bytes": "body",
    "ck_event_hash_bytes": "hash",
    "ck_seal_root_bytes": "root",
    "ck_stream_head_hash_bytes": "head_hash",
}
"""The checks of SQLite that a column holds bytes."""

PERMITTED: Mapping[str, Sequence[Mapping[str, str]]] = {
    "alias": ({"value": "'x'"}, {"value": f"'{LONG * 6}xxxx'"}),
    "consent_line": ({"no": "2"}, {"corrects": "1"}, {"corrects": "98"}, {"signed_on": "'2025-03-02'"}),
    "decision": ({"consent_head": "0"},),
    "consumption": ({"no": "98", "ul": "1", "cells": "1"}, {"ul": "NULL", "cells": "NULL"}),
    "credential": ({"failed": "0"},),
    "disposal": ({"no": "98", "state": "'closed'", "closed_at": THEN},),
    "disposition": tuple({"kind": f"'{kind}'"} for kind in ("lost", "broken")),
    "donor_age": (
        {"turns_12_on": "'2029-01-01'", "turns_16_on": "'2029-01-02'", "turns_18_on": "'2029-01-03'"},
    ),
    "excursion": ({"back_at": "out_at"}, {"back_at": "NULL"}),
    "form_version": ({"valid_to": "valid_from"}, {"document_sha256": f"'{LONG * 6}xxxx'"}),
    "outage": ({"ended_at": "since"}, {"ended_at": "NULL"}),
    "printer": ({"dpi": "1"},),
    "receipt": ({"pull_number": "1"},),
    "release_line": tuple({"state": f"'{state}'"} for state in ("chosen", "refused", "removed")),
    "relocation": ({"out_at": "at"}, {"out_at": "NULL"}),
    "reservation": ({"row_no": "1"}, {"row_no": "9"}, {"column_no": "1"}, {"column_no": "9"}),
    "spill": ({"ended_at": "since"}, {"ended_at": "NULL"}),
    "stream": ({"head_seq": "0"},),
    "container_kind": ({"rows": "1", "columns": "1"},),
    "container": ({"name": "'x'"}, {"name": f"'{LONG * 4}'"}),
    "donor": ({"consent_head": "0"},),
    "person": ({"login": "'x'"}, {"login": f"'{LONG * 3}xx'"}),
    "placement": ({"row_no": "1"}, {"row_no": "9"}, {"column_no": "1"}, {"column_no": "9"}),
    "sample": (
        dict.fromkeys(("blasts_percent", "viability_percent", "volume_ul", "cells", "taken_ul"), "0"),
        dict.fromkeys(("blasts_percent", "viability_percent"), "100"),
        dict.fromkeys(("volume_ul", "cells", "taken_ul", "taken_cells", "blasts_percent"), "NULL"),
        _TUBE | _NO_PARENT,
        {"number": "1", "planned_ul": "0", "planned_cells": "0", "sprec": "'x'", "sprec_version": "'x'"},
    ),
    "signing": ({"pages": "1", "scan_sha256": f"'{LONG * 6}xxxx'"},),
    "step": ({"ended_at": "started_at"}, {"speed_g": "1", "minutes": "1"}),
}
"""Rows at each edge, and beside the fresh copies of every table what must go through."""

# A double in every other respect another row: what follows from the types is not enough for these.
_DOUBLES: Mapping[str, Mapping[str, str]] = {
    "pk_code": {"text": "'PBZZZZZZZZ'", "kind": "'PB'"},
    "pk_container": {"source": "id = :small_box", "id": ":box"},
    "pk_container_kind": {"rows": "rows + 1", "columns": "columns + 1"},
    "pk_disposal": {"state": "'closed'", "closed_at": THEN},
    "pk_disposal_line": {"source": "state = 'dropped'", "state": "'open'"},
    "pk_disposition": {"kind": "'broken'", "release_no": "NULL"},
    "pk_donor": {"consent_head": "consent_head + 1"},
    "pk_placement": {"container_id": ":other_box"},
    "pk_relocation": {"from_id": ":other_box", "from_row": "2", "from_column": "3"},
    "pk_release": {"source": "state = 'cancelled'", "state": "'open'"},
    "pk_sample": {"material": "'DNA'", "kind": "'derivative'", "state": "'planned'"},
    "pk_step": {"started_at": "'2001-01-01T00:00:00.000Z'"},
    "uq_container_name": {
        "source": "id = :small_box",
        "name": "(SELECT x.name FROM container x WHERE x.id = :box)",
    },
}

# What must have been written for such a double.
_BEFORE_DOUBLES = {"pk_consumption": (decide(purpose="use-other"),), "pk_placement": (decide(),)}

# Another value where a check leaves no choice by the type alone.
_OTHERS: Mapping[str, str] = {
    "command.payload_sha256": _HASH,
    "consent_line.received_on": "'2025-03-05'",
    "consent_line.signed_on": "'2025-03-04'",
    "credential.failed": "failed + 1",
    "decision.consent_head": "consent_head + 1",
    "consumption.purpose": "'use-other'",
    "donor_age.turns_12_on": "'2029-01-01'",
    "donor_age.turns_16_on": "'2033-01-01'",
    "donor_age.turns_18_on": "'2035-01-01'",
    "event.body": _OTHER_HASH,
    "event.hash": _OTHER_HASH,
    "excursion.out_at": "'2001-01-01T00:00:00.000Z'",
    "form_version.language": "'en'",
    "form_version.valid_from": "'2020-01-01'",
    "form_version.valid_to": "'2030-01-01'",
    "outage.since": "'2001-01-01T00:00:00.000Z'",
    "person.credential_sha256": "substr(credential_sha256, 2) || 'x'",
    "printer.dpi": "dpi + 1",
    "proof_secret.private": "substr(private, 2) || 'x'",
    "release.country": "'DE'",
    "relocation.at": "'2030-01-01T00:00:00.000Z'",
    "seal.root": _HASH,
    "spill.since": "'2001-01-01T00:00:00.000Z'",
    "stream.head_hash": _HASH,
    "stream.head_seq": "head_seq + 1",
}


def _halves() -> Iterator[Attack]:
    """The other half of what must be there together: a new row cannot have it, one that is there can."""
    line, bo = "disposal_line", {"witnessed_by": "'bo'"}
    for table, row, changes, breaks in (
        (line, ":to_destroy", {"state": "'done'"}, "ck_disposal_line_done_by"),
        (line, ":to_destroy", {"state": "'done'", "done_by": "'bo'"}, "ck_disposal_line_done_at"),
        (line, ":destroyed", {"state": "'witnessed'"}, "ck_disposal_line_witnessed_by"),
        (line, ":destroyed", {"state": "'witnessed'"} | bo, "ck_disposal_line_witnessed_at"),
        ("quarantine", ":quarantined", {"decision": "'accept'"}, "ck_quarantine_decided_by"),
    ):
        statement = changing(table, f"sample_id = {row}", **changes)
        yield Attack(f"only half of {breaks}", (statement,), (breaks, breaks), breaks=breaks)
    breaks = "ck_release_issued_at"
    issued = changing("release", "no = 1", state="'issued'")
    yield Attack("a release that went at no time", (issued,), (breaks, breaks), breaks=breaks)


_STORIES = (
    Attack(
        "the same vial of another donor",
        (vial(id=":filled", donor_id=":other_donor", parent_id=":other_tube", material="'DNA'"),),
        ("sample.id", "pk_sample"),
        breaks="pk_sample",
    ),
    Attack(  # an aliquot's donor is its parent's: only a tube may name anybody
        "a tube of nobody",
        (copied("sample", "id = :tube", donor_id="999999999"),),
        (FOREIGN, "fk_sample_donor_id"),
        breaks="fk_sample_donor_id",
    ),
    Attack(
        "the same vial in a box of another grid",
        (decide(), put(), put(box=":small_box", grid="8, 7", well="1, 1")),
        ("placement.item_id", "pk_placement"),
        breaks="pk_placement",
    ),
    Attack(
        "the same vial in a second well",
        (decide(), put(), put(well="5, 6")),
        ("placement.item_id", "pk_placement"),
        breaks="pk_placement",
    ),
    *_halves(),
)


def not_null(table: str, column: str) -> str:
    """The name of what refuses an empty column."""
    return f"NOT NULL {table}.{column}"


def vocabulary(name: str) -> tuple[str, ...]:
    """The values that a check permits."""
    checks = [one for table in TABLES for one in table.constraints if one.name == name]
    return tuple(re.findall(r"'([^']*)'", str(cast("CheckConstraint", checks[0]).sqltext)))


def strangers(values: Sequence[str]) -> tuple[str, str]:
    """Values that a vocabulary does not have: in other letters, and another word of the same length."""
    return values[0].swapcase(), "x" * len(values[0])


def constraint_attacks() -> list[Attack]:
    """All of them, each with the constraint that refuses it."""
    return [*_empty(), *_doubles(), *_STORIES, *_nowhere(), *_beyond()]


def _attack(table: str, words: str, said: tuple[str, str], breaks: str, **changes: str) -> Attack:
    statements = (*before(table), copied(table, **changes))
    return Attack(f"{table}: {words}", statements, said, breaks=breaks)


def _empty() -> Iterator[Attack]:
    for table in TABLES:
        for column in table.columns:
            name = column.name
            if not column.nullable and not_null(table.name, name) not in IMPLIED:
                said = (
                    f"NOT NULL constraint failed: {table.name}.{name}",
                    f'null value in column "{name}" of relation "{table.name}"',
                )
                breaks = not_null(table.name, name)
                made = _attack(table.name, f"no {name}", said, breaks, **{name: "NULL"})
                yield replace(made, engine="postgresql") if _is_row_number(table, column) else made


def _is_row_number(table: Table, column: Column[object]) -> bool:
    """Whether SQLite makes up a number where this column is empty: nothing is refused, nothing is empty."""
    alone = table.primary_key.columns.keys() == [column.name]
    return alone and isinstance(column.type, Integer)


def _doubles() -> Iterator[Attack]:
    for table in TABLES:
        uniques = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
        keys = [table.primary_key, *uniques]
        for key in keys:
            if any(set(other.columns) < set(key.columns) for other in keys):
                continue  # the smaller key refuses the double; this one is what foreign keys point to
            name, columns = str(key.name), key.columns.keys()
            said = ", ".join(f"{table.name}.{column}" for column in columns), name
            same = {column: f"{table.name}.{column}" for column in columns}
            changes = _another(table) | {**FRESH[table.name]} | same | {**_DOUBLES.get(name, {})}
            made = _attack(table.name, f"{', '.join(columns)} twice", said, name, **changes)
            yield replace(made, statements=(*_BEFORE_DOUBLES.get(name, ()), *made.statements))


def _another(table: Table) -> dict[str, str]:
    return {column.name: value for column in table.columns if (value := _other_value(table, column))}


def _other_value(table: Table, column: Column[object]) -> str | None:
    """Another value of the column that the row may have, None where that takes more than the type."""
    keys = [
        one
        for one in table.constraints
        if isinstance(one, ForeignKeyConstraint) and column.name in one.columns
    ]
    if column.name == "command_id":
        return ATTACK
    if f"{table.name}.{column.name}" in _OTHERS:
        return _OTHERS[f"{table.name}.{column.name}"]
    if keys:
        (target,) = (element.column for element in keys[0].elements[:1])
        alone = len(keys) == 1 and len(keys[0].columns) == 1
        here = f"{table.name}.{column.name}"
        found = f"(SELECT max(x.{target.name}) FROM {target.table.name} x WHERE x.{target.name} <> {here})"
        return found if alone else None
    checks = [
        str(one.name) for one in table.constraints if isinstance(one, CheckConstraint) and _on(one, column)
    ]
    if checks:
        return _other_word(checks[0], column) if checks[0] in VOCABULARIES and len(checks) == 1 else None
    return _other_of_type(column)


def _on(check: CheckConstraint, column: Column[object]) -> bool:
    return re.search(rf"\b{column.name}\b", str(check.sqltext)) is not None


def _other_word(check: str, column: Column[object]) -> str:
    first, second, *_ = vocabulary(check)
    return f"CASE WHEN {column.name} = '{first}' THEN '{second}' ELSE '{first}' END"


def _other_of_type(column: Column[object]) -> str:
    name, sort = column.name, column.type
    if isinstance(sort, Moment):
        return "'2001-01-01T00:00:00.000Z'"
    if isinstance(sort, Json):
        return "'{\"other\": 1}'"
    if isinstance(sort, Date):
        return "'2001-01-01'"
    if isinstance(sort, Boolean):
        return f"NOT {name}"
    if isinstance(sort, LargeBinary):
        return f"{name} || {name}"
    return f"{name} || 'x'" if isinstance(sort, Text) else f"{name} + 1"


def _nowhere() -> Iterator[Attack]:
    for table in TABLES:
        for key in table.foreign_key_constraints:
            name = str(key.name)
            if table.name == "sample" and name not in {"fk_sample_id", "fk_sample_command_id"}:
                continue  # a family is a story: _STORIES, and LATE in tests.support.attacks
            if name in IMPLIED:
                continue
            for column in key.columns:
                changes = {column.name: _nobody(table, column, alone=len(key.columns) == 1)}
                yield _attack(table.name, f"{name} by {column.name}", (FOREIGN, name), name, **changes)


def _nobody(table: Table, column: Column[object], *, alone: bool) -> str:
    if isinstance(column.type, Uuid):
        return "'00000000000000000000000000000009'"
    if isinstance(column.type, Text):
        return "'nobody'"
    inside = isinstance(column.type, Integer) and not alone and not column.name.endswith("_id")
    return f"{table.name}.{column.name} + 1" if inside else "999999999"


def _beyond() -> Iterator[Attack]:
    for name, column in VOCABULARIES.items():
        table = _table_of(name)
        for word in strangers(vocabulary(name)):
            changes = {column: f"'{word}'"} | (
                {"text": f"'{word}ZZZZZZZZ'"} if name == "ck_code_kind" else {}
            )
            made = _attack(table, f"{column} {word}", (name, name), name, **changes)
            if name in CHANGED:
                where, more = CHANGED[name]
                made = replace(made, statements=(changing(table, where, **changes, **more),))
            yield made
    for name, rows in REFUSED.items():
        for row in rows:
            words = ", ".join(f"{column} {value}" for column, value in row.items())
            yield _attack(_table_of(name), words, (name, name), name, **row)
    for name, column in BYTES.items():
        text = _attack(_table_of(name), f"{column} text", (name, ""), name, **{column: f"'{LONG * 3}xx'"})
        yield replace(text, engine="sqlite")


def _table_of(check: str) -> str:
    (found,) = (table.name for table in TABLES for one in table.constraints if one.name == check)
    return found
