"""What is wrong with an input or a situation, as codes; sentences live in the catalogues."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, tied to the field it stands beside.

    ``field`` is the name of the form's field ("" for the whole form), ``code`` names the sentence
    ``problem.<code>`` in the catalogues, ``values`` fill its placeholders (str, int, date, datetime).
    A ``warning`` stands beside the field and does not stop the command.
    """

    field: str
    code: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    warning: bool = False


class BiobankError(Exception):
    """Base of every error this program raises on purpose."""


class Rejected(BiobankError):
    """The command breaks rules: carries all problems at once, at least one."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(f"{problem.field or '-'}: {problem.code}" for problem in problems))
        self.problems = problems


class Conflict(Rejected):
    """Somebody else changed the same thing meanwhile; the problems say who and what."""


class NotFound(Rejected):
    """A code or name that is not in this database."""


class Unavailable(BiobankError):
    """The database cannot be reached or is in use; nothing was changed by this call."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class IntegrityBroken(BiobankError):
    """The database contradicts its own history or a pin of this person."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def stops(problems: tuple[Problem, ...] | list[Problem]) -> tuple[Problem, ...]:
    """The problems that stop a command, warnings left out."""
    return tuple(problem for problem in problems if not problem.warning)


def refuse(problems: tuple[Problem, ...] | list[Problem]) -> None:
    """Raise ``Rejected`` with every problem when at least one of them stops the command."""
    if stops(problems):
        raise Rejected(*problems)
