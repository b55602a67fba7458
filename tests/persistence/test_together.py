"""Statements that go together: what went wrong with one is what the COMMIT says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store


def test_a_write_that_was_refused_before_the_commit_is_sent_says_so_itself(postgres_store: Store) -> None:
    """Else the driver says that the pipeline was aborted, and nobody knows whether anything was stored."""
    with postgres_store.engine.connect() as connection:
        line: Any = connection.connection.driver_connection
        line.together()
        line.execute("BEGIN")
        with line.unanswered():
            line.execute("INSERT INTO meta SELECT * FROM meta LIMIT 1")
        time.sleep(0.3)  # the refusal is here before anything more is sent
        with pytest.raises(psycopg.errors.UniqueViolation):
            line.commit()
        line.rollback()
        assert line.execute("SELECT 1").fetchone() == (1,)
