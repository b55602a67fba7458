"""Today's lists do not read a million samples to find the few that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from biobank_desktop.persistence.queries import worklists
from tests.support.rows import enter_family

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from biobank_desktop.persistence.store import Store


@pytest.mark.parametrize("listed", [worklists.to_fill, worklists.refused])
def test_what_waits_is_found_by_its_own_index(store: Store, listed: Callable[[Connection], Any]) -> None:
    enter_family(store, 3)
    asked: list[tuple[str, Any]] = []
    with store.read() as connection:
        event.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        listed(connection)
        (statement, parameters), explain = asked[-1], "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
        if not store.is_sqlite:  # three samples are read faster than an index
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.exec_driver_sql(f"{explain} {statement}", parameters).fetchall()
    assert "ix_sample_state" in str(plan)
