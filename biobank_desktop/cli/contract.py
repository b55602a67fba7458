"""What every command answers: one JSON object or a short text, and the exit code that goes with it.

0 done, 1 refused, 2 wrong usage, 3 unavailable or in use, 4 integrity broken or behind its pin.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum

from biobank_desktop.domain.problems import IntegrityBroken, Problem, Rejected, Unavailable
from biobank_desktop.language import escaped, say, shown


class Exit(IntEnum):
    """The exit codes."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNAVAILABLE = 3
    BROKEN = 4


class UsageError(Exception):
    """The command line itself is wrong; nothing was opened."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True)
class Told:
    """A problem as it is printed; ``more`` stands beside its three keys in JSON."""

    field: str
    code: str
    message: str
    more: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a command came to: ``result`` for programs, ``text`` for people; problems when it did not."""

    result: Mapping[str, object]
    text: str = ""
    problems: tuple[Told, ...] = ()
    exit: Exit = Exit.DONE

    def as_json(self) -> str:
        """The one object on stdout."""
        if self.exit is Exit.DONE:
            said: dict[str, object] = {"ok": True, "result": plain(self.result)}
        else:
            problems = [
                {"field": one.field, "code": one.code, "message": one.message, **one.more}
                for one in self.problems
            ]
            said = {"ok": False, "problems": plain(problems)}
        return escaped(json.dumps(said, ensure_ascii=False, indent=2))

    def as_text(self) -> str:
        """The same for a person."""
        if self.exit is Exit.DONE:
            return shown(self.text)
        lines = (f"{one.field}: {one.message}" if one.field else one.message for one in self.problems)
        return shown("\n".join(lines))


def failure(error: Rejected | UsageError | Unavailable | IntegrityBroken) -> Answer:
    """The answer to a command that did not happen."""
    if isinstance(error, Rejected):
        return Answer({}, problems=tuple(map(tell, error.problems)), exit=Exit.REFUSED)
    if isinstance(error, Unavailable):
        code = Exit.UNAVAILABLE
    else:
        code = Exit.BROKEN if isinstance(error, IntegrityBroken) else Exit.USAGE
    return Answer({}, problems=(tell(error.problem),), exit=code)


def tell(problem: Problem) -> Told:
    """A problem with its sentence in the chosen language; a warning is marked as one."""
    more = {"warning": True} if problem.warning else {}
    return Told(problem.field, problem.code, say(problem), more)


def plain(value: object) -> object:
    """The value as JSON has it: moments in UTC with ``Z``, dates ISO, forms and rows as objects."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    return value
