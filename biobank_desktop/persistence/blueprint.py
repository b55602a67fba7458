"""What the parts of a database's schema must read like: a weakened guard is named, not only a lost one.

``resources/schema/<revision>.json`` holds a digest of every table, index, trigger and function of the newest
revision on each engine; a test compares it with a fresh database. PostgreSQL writes constraints and triggers
down in its own words. They were the same on every version of ``TRIED``; on another one only the functions
are compared, which it keeps as they were given. Brackets in constraints are left out: a database that came
out of PostgreSQL's own dump has others around a BETWEEN.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import text

from biobank_desktop.persistence import schema
from biobank_desktop.resources import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

TRIED = frozenset({15, 16, 18})
"""The versions of PostgreSQL whose words were compared."""

_SQLITE = (
    "SELECT type || ' ' || name, replace(sql, '\"', '') FROM sqlite_schema"
    " WHERE sql IS NOT NULL AND name <> 'alembic_version' AND name NOT LIKE 'sqlite_%'"
)
_FUNCTIONS = (
    "SELECT 'function ' || proname, concat_ws(' ', lanname, prosecdef, proconfig::text, prosrc)"
    " FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang"
    " WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'biobank%'"
)
_POSTGRESQL = (
    (
        "SELECT 'table ' || table_name, concat_ws(' ', column_name, data_type, is_nullable, column_default)"
        " FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name <> 'alembic_version'"
    ),
    (
        "SELECT 'table ' || relname, conname || ' ' || translate(pg_get_constraintdef(t.oid), '()', '')"
        " FROM pg_constraint t JOIN pg_class c ON c.oid = t.conrelid"
        " WHERE connamespace = current_schema()::regnamespace AND contype IN ('p', 'u', 'c', 'f')"
        " AND relname <> 'alembic_version'"
    ),
    (
        "SELECT 'index ' || indexname, replace(indexdef, ' ' || schemaname || '.', ' ') FROM pg_indexes"
        " WHERE schemaname = current_schema() AND tablename <> 'alembic_version'"
    ),
    (
        "SELECT 'trigger ' || tgname,"
        " replace(pg_get_triggerdef(t.oid), ' ' || current_schema() || '.', ' ')"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal"
    ),
    _FUNCTIONS,
)


def digests(connection: Connection) -> dict[str, str]:
    """Each part of the schema by its sort and name, as the digest of how it reads."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for query in _queries(connection):
        for part, reads in connection.execute(text(query)):
            lines[part].append(re.sub(r"\s+", " ", reads).strip())
    return {part: sha256("\n".join(sorted(reads)).encode()).hexdigest()[:32] for part, reads in lines.items()}


def _queries(connection: Connection) -> tuple[str, ...]:
    if connection.dialect.name == "sqlite":
        return (_SQLITE,)
    version = connection.dialect.server_version_info
    return _POSTGRESQL if version and version[0] in TRIED else (_FUNCTIONS,)


def shipped(dialect: str) -> dict[str, str]:
    """The digests that a database of the newest revision has."""
    told = json.loads((folder("schema") / f"{schema.NEWEST}.json").read_text("utf-8"))
    digests: dict[str, str] = told[dialect]
    return digests


def contradictions(connection: Connection) -> Iterator[str]:
    """Every part that is not the one this program makes. An index more is no contradiction."""
    lost = schema.missing_guards(connection)
    for name in lost:
        yield f"the guard {name} is missing or switched off"
    here, expected = digests(connection), shipped(connection.dialect.name)
    whole = len(_queries(connection)) == len(_POSTGRESQL) or connection.dialect.name == "sqlite"
    for part in sorted(expected.keys() | here.keys()):
        sort, name = part.split(" ", 1)
        if part not in expected and sort != "index":
            yield f"the {part} is not of this program"
        elif part not in here and name not in lost and (whole or sort == "function"):
            yield f"the {part} is missing"
        elif part in here and part in expected and here[part] != expected[part]:
            yield f"the {part} is not as this program makes it"
