"""The border where a driver's error becomes one of ours: a conflict, a refusal, or the world's fault."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError

from biobank_desktop.domain.problems import BiobankError, Conflict, Problem, Rejected, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE_TAKEN = "code-taken"
"""Somebody else made the same number or the same first row: the command tried again finds it."""

# What a broken key means. PostgreSQL names the constraint, SQLite the columns.
_KEYS = {
    "uq_placement_container_id_row_no_column_no": Problem("position", "position-taken-meanwhile"),
    "placement.container_id, placement.row_no, placement.column_no": Problem(
        "position", "position-taken-meanwhile"
    ),
    "pk_placement": Problem("sample", "stored-meanwhile"),
    "placement.item_id": Problem("sample", "stored-meanwhile"),
    "pk_alias": Problem("tube_code", "code-registered-meanwhile"),
    "alias.value, alias.issuer": Problem("tube_code", "code-registered-meanwhile"),
    **dict.fromkeys(
        ("pk_code", "pk_stream", "pk_label", "pk_setting", "pk_printer", "pk_rule_set"),
        Problem("", CODE_TAKEN),
    ),
    **dict.fromkeys(
        ("uq_rule_set_version", "pk_form_version", "uq_form_version_form_version_language_audience"),
        Problem("", CODE_TAKEN),
    ),
    **dict.fromkeys(
        (
            *("pk_release", "release.no", "pk_disposal", "disposal.no"),
            *("pk_nonconformity", "nonconformity.no"),
            *("pk_consumption", "consumption.sample_id, consumption.no"),
            *("pk_excursion", "excursion.sample_id, excursion.no", "uq_excursion_out", "excursion.sample_id"),
            *("pk_reservation", "reservation.container_id, reservation.row_no, reservation.column_no"),
            *("pk_temperature_change", "temperature_change.container_id, temperature_change.no"),
            *("pk_spill", "spill.container_id, spill.no", "uq_spill_open", "spill.container_id"),
            *("pk_label_template", "label_template.name, label_template.version"),
            *("pk_printer_test", "printer_test.printer, printer_test.no"),
            *("pk_outage", "outage.container_id, outage.no", "uq_outage_open", "outage.container_id"),
        ),
        Problem("", CODE_TAKEN),
    ),
    **dict.fromkeys(
        ("uq_release_line_chosen", "release_line.sample_id"), Problem("samples", "chosen-for-another-release")
    ),
    **dict.fromkeys(
        ("uq_disposal_line_open", "disposal_line.sample_id"), Problem("samples", "on-another-list")
    ),
    **dict.fromkeys(
        ("pk_preprinted", "preprinted.value, preprinted.issuer"), Problem("codes", "code-on-another-roll")
    ),
    **dict.fromkeys(("pk_disposition", "disposition.sample_id"), Problem("sample", "sample-gone-meanwhile")),
    # After a crash, a copy made with CREATE DATABASE … TEMPLATE may give numbers of its sequence again.
    **dict.fromkeys(("pk_event", "pk_unsealed", "pk_event_subject"), Problem("", CODE_TAKEN)),
    "uq_code_text": Problem("", CODE_TAKEN),
    "code.id": Problem("", CODE_TAKEN),
    "code.text": Problem("", CODE_TAKEN),
    "uq_container_name": Problem("name", "name-taken-meanwhile"),
    "container.name": Problem("name", "name-taken-meanwhile"),
    "pk_person": Problem("login", "login-taken"),
    "person.login": Problem("login", "login-taken"),
    "pk_container_kind": Problem("name", "name-taken-meanwhile"),
    "container_kind.name": Problem("name", "name-taken-meanwhile"),
    "ck_placement_grid": Problem("position", "position-outside-grid"),
    "fk_sample_derivation": Problem("material", "derivation-not-allowed"),
}
# What a guard cannot say (which vial, which list) has a sentence of its own.
_GUARDS = {
    "sample-not-filled": "sample-not-filled-meanwhile",
    "list-is-closed": "list-is-closed-meanwhile",
    "list-not-done": "list-not-done-meanwhile",
}
_RETRY_STATES = frozenset({"40001", "40P01", "55P03"})
_WORLD = (
    ("database is locked", "database-in-use"),
    ("disk is full", "disk-full"),
    ("53100", "disk-full"),
    ("disk I/O error", "disk-error"),
    ("58030", "disk-error"),
    ("57014", "database-too-slow"),
    ("42501", "database-no-right"),
    ("readonly database", "database-cannot-be-opened"),
    ("unable to open database file", "database-cannot-be-opened"),
    ("file is not a database", "database-damaged"),
    ("malformed", "database-damaged"),
)


def is_transient(error: DBAPIError) -> bool:
    """A deadlock, a serialization failure or a lock waited for too long: the same command again may do."""
    return getattr(error.orig, "sqlstate", None) in _RETRY_STATES


def is_lost(error: DBAPIError) -> bool:
    """The connection is gone; whether a COMMIT under way took place is not known."""
    state = getattr(error.orig, "sqlstate", None)
    gone = state is not None and (state.startswith("08") or state in {"57P01", "57P02", "57P03"})
    # Without a state the server never spoke: psycopg could not reach it, or it hung up half way.
    silent = state is None and isinstance(error, OperationalError | InterfaceError)
    unreachable = silent and type(error.orig).__module__.startswith("psycopg")
    return error.connection_invalidated or gone or unreachable


@contextmanager
def border() -> Iterator[None]:
    """What a driver raises within is raised as ours; a bug stays what it is."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise Rejected(Problem("", "text-not-unicode")) from error
    except DBAPIError as error:
        raise translate(error) or error from error


def translate(error: DBAPIError) -> BiobankError | None:
    """Our error for the driver's, or None when it is a bug of this program."""
    original: Any = error.orig
    said = str(original)
    own = re.search(r"biobank:([a-z-]+)", said)
    if own:
        return Rejected(Problem("", _GUARDS.get(own.group(1), own.group(1))))
    if isinstance(error, IntegrityError):
        return _key_problem(original, said)
    state = getattr(original, "sqlstate", None)
    if isinstance(error, DataError) and "NUL" in said:
        return Rejected(Problem("", "text-has-control-characters"))
    for words, code in _WORLD:
        if words in said or words == state:
            return Unavailable(Problem("database", code, {"said": said.splitlines()[0]}))
    if is_lost(error) or is_transient(error):
        return Unavailable(Problem("database", "database-unreachable", {"said": said.splitlines()[0]}))
    return None


def _key_problem(original: Any, said: str) -> BiobankError | None:
    diagnosis = getattr(original, "diag", None)
    name = diagnosis.constraint_name or "" if diagnosis is not None else said.partition("failed: ")[2]
    problem = _KEYS.get(name)
    return Conflict(problem) if problem else None
