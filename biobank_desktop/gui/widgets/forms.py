"""A form's problems laid beside its fields, all at once, and the command id of what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.widgets.cards import ProblemList


class ProblemTaker(Protocol):
    """A field that says what is wrong with it (``FieldBox``, ``ChoiceField``)."""

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong, nothing for no problems."""
        ...


def lay_problems(
    problems: Sequence[Problem], fields: Mapping[str, ProblemTaker], others: ProblemList
) -> None:
    """Lay each problem beside the field of its name; those of no field shown stand in ``others``."""
    for name, field in fields.items():
        field.set_problems([problem for problem in problems if problem.field == name])
    others.show_problems([problem for problem in problems if problem.field not in fields])


class CommandIds:
    """Mints one command id per content: Enter twice is one command, another content is another one."""

    def __init__(self) -> None:
        self._content: object = None
        self._id = uuid4()
        self._used = True

    def of(self, content: object) -> UUID:
        """The id of this content: the same as before until it is another one, or was done."""
        if self._used or content != self._content:
            self._content, self._id, self._used = content, uuid4(), False
        return self._id

    def done(self) -> None:
        """The command was stored: the same content again is a new wish."""
        self._content, self._used = None, True
