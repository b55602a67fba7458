"""Every attack by raw SQL on what the triggers guard, those on whole tables among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.persistence import schema
from tests.support.attacks import ATTACKS, LATE, Attack
from tests.support.copies import before, copied, the_copy
from tests.support.label_attacks import LABELS
from tests.support.later_attacks import LATER
from tests.support.storage_attacks import STORAGE

if TYPE_CHECKING:
    from collections.abc import Iterator


def _append_only() -> Iterator[Attack]:
    refused = ("biobank:append-only",) * 2
    for table in schema._APPEND_ONLY:
        guards = (f"{table}_no_update",), (f"{table}_append_only",)
        (key, *_) = the_copy(table).split(" = ")
        yield Attack(f"edit {table}", (f"UPDATE {table} SET {key} = {key}",), refused, guards)
    for table in (*schema._APPEND_ONLY, *schema._KEPT):
        other = f"{table}_append_only" if table in schema._APPEND_ONLY else f"{table}_no_delete"
        guards = (f"{table}_no_delete",), (other,)
        # A row that nothing points to: only the guard holds it.
        entered = (*before(table), copied(table))
        yield Attack(
            f"delete {table}", (*entered, f"DELETE FROM {table} WHERE {the_copy(table)}"), refused, guards
        )


def _truncated() -> Iterator[Attack]:
    """Emptying a table empties those that point to it, whose guards refuse too: theirs are dropped first."""
    guarded = (*schema._APPEND_ONLY, *schema._KEPT)
    for table in guarded:
        others = [
            f"DROP TRIGGER IF EXISTS {other}_no_truncate ON {other}" for other in guarded if other != table
        ]
        yield Attack(
            f"truncate {table}",
            (*others, f"TRUNCATE {table} CASCADE"),
            ("", "biobank:append-only"),
            ((), (f"{table}_no_truncate",)),
            engine="postgresql",
        )


EVERY = [*ATTACKS, *LATE, *LATER, *STORAGE, *LABELS, *_append_only(), *_truncated()]
