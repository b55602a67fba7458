"""Questions that go together: each is asked when its turn comes, the answer looked at when it is needed.

Every answer is a walk through the network; what does not depend on another answer need not wait for it. A
function that reads is written as a question: it asks at once, and returns how its answer is read.

    @Question
    def steps(connection: Connection, tube_id: int) -> Answer[list[StepRow]]:
        rows = connection.execute(_STEPS, {"tube": tube_id})
        return lambda: [StepRow(**row._asdict()) for row in rows]

``steps(connection, 7)`` waits for the steps. ``told = steps.sent(connection, 7)`` does not: ``told()`` does,
and the first answer that is looked at brings all that were asked before it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeVar

from biobank_desktop.persistence.engine import answered_later

if TYPE_CHECKING:
    from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")
Answer = Callable[[], T]


class Question(Generic[P, T]):
    """What is asked of the database; it may be made of other questions."""

    def __init__(self, ask: Callable[Concatenate[Connection, P], Answer[T]]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    def __call__(self, connection: Connection, *asked: P.args, **more: P.kwargs) -> T:
        """The answer."""
        return self._ask(connection, *asked, **more)()

    def sent(self, connection: Connection, *asked: P.args, **more: P.kwargs) -> Answer[T]:
        """Ask, and wait for the answer when it is looked at; it is that of now, whatever is written after."""
        if connection.dialect.name == "sqlite":  # nothing to walk through, and a row not read yet may change
            told = self(connection, *asked, **more)
            return lambda: told
        with answered_later(connection):
            return cache(self._ask(connection, *asked, **more))  # looked at twice, it is the same answer
