"""Every lock clause of the program taken away in turn: the races must find it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.soak.campaign import Campaign, Outcome
from tests.soak.pairs import explore


@dataclass(frozen=True)
class Lock:
    """A clause of ``persistence/work.py``, the statements it stands in, and two gestures it keeps apart.

    Where the keys would still refuse the second one, the lock is there so that nobody is refused (``both``).
    """

    name: str
    statement: re.Pattern[str]
    pair: tuple[str, str]
    both: bool = False

    def take_away(self, sql: str) -> str:
        """The statement without the lock."""
        return _CLAUSE.sub("", sql) if self.statement.search(sql) else sql


_CLAUSE = re.compile(r"\s+FOR NO KEY UPDATE\s*$")

LOCKS = (
    Lock("donors held", re.compile(r"^SELECT donor\.id\s+FROM"), ("consent-recorded", "consent-recorded")),
    Lock("samples held", re.compile(r"^SELECT sample\.id\s+FROM"), ("planned reprinted", "made-void")),
    Lock(
        "containers held",
        re.compile(r"^SELECT container\.id\s+FROM"),
        ("placed anywhere", "another placed anywhere"),
        both=True,
    ),
    Lock("heads of streams held", re.compile(r"^SELECT stream\.id"), ("setting-changed", "kind-added")),
    Lock("people held", re.compile(r"ORDER BY person\.login"), ("anna has left", "gil has left")),
    Lock(
        "rows held before a change",
        re.compile(r"=.*FOR NO KEY UPDATE", re.DOTALL),
        ("under way verified", "labels-given-up"),
        both=True,
    ),
)


def round_of_locks(seed: int) -> Outcome:
    """The lock of this number taken away."""
    lock = LOCKS[seed]
    found = any(wrong for _schedule, wrong in explore(lock.pair, lock.take_away, both=lock.both))
    return Outcome(1, () if found else (f"{lock.name}: nothing finds that it is missing",))


CAMPAIGNS = (
    Campaign("weak locks, PostgreSQL", "weakened locks", len(LOCKS), round_of_locks, rounds=len(LOCKS)),
)
