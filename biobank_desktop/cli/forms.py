"""Input files: strict JSON into forms, every problem at once, each named by its field.

Keys are the names of the form's fields. A field without a default, or with the default ``ABSENT``, must be
there; ``null`` is "unknown" where the form allows it. Texts hold no NUL and no half characters.
"""

from __future__ import annotations

import dataclasses
import json
import math
import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from biobank_desktop.domain.intake import ABSENT
from biobank_desktop.domain.problems import Problem, Rejected, Unavailable, refuse
from biobank_desktop.domain.texts import text_problem

Form = TypeVar("Form")

MOST_BYTES = 1 << 20
"""No receipt is a megabyte long; a file that is was not meant for this program."""
MOST_WHOLE = 1 << 53
"""Beyond this, JSON's numbers are no longer whole in other programs."""

_NAMES = {"datetime": datetime, "date": date, "Mapping": Mapping}


class _NotJsonError(ValueError):
    """Something JSON readers accept and this program does not."""


def read_input(source: str) -> dict[str, object]:
    """The object in a file, or on stdin when ``source`` is ``-``.

    Raises ``Rejected`` for anything that is not one JSON object in UTF-8 and ``Unavailable`` when the file
    cannot be read.
    """
    raw = _bytes(source)
    if len(raw) > MOST_BYTES:
        raise Rejected(Problem("", "input-too-large", {"most": MOST_BYTES // 1024}))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected(Problem("", "input-not-utf8", {"at": error.start})) from error
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Rejected(Problem("", "input-not-json", {"said": str(error)})) from error
    if not isinstance(value, dict):
        raise Rejected(Problem("", "input-not-object"))
    return value


def _bytes(source: str) -> bytes:
    with readable("", source):
        if source == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(source).open("rb") as file:
            return file.read(MOST_BYTES + 1)


@contextmanager
def readable(field: str, source: str) -> Iterator[None]:
    """Whatever the system says about a file that is read within is raised as ``Unavailable``."""
    try:
        yield
    except OSError as error:
        values = {"path": source, "said": error.strerror or str(error)}
        raise Unavailable(Problem(field, "input-not-readable", values)) from error


def day_of(field: str, text: str) -> date:
    """A day as it is typed: 2026-11-22. Raises ``Rejected``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Rejected(Problem(field, "not-a-date")) from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise _NotJsonError(f"{next(name for name in names if names.count(name) > 1)!r} stands there twice")
    return found


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _NotJsonError("a number is too large")
    return number


def _no_constant(name: str) -> object:
    raise _NotJsonError(f"{name} is not a number")


def taken(mapping: dict[str, object], name: str) -> object:
    """The value of a key, which is then no longer in the mapping; ``ABSENT`` when it was not."""
    return mapping.pop(name, ABSENT)


def command_of(mapping: dict[str, object]) -> UUID | None:
    """The optional ``command`` of an input: the same one again gives the same answer."""
    given = taken(mapping, "command")
    return None if given is ABSENT else command_id(given)


def command_id(given: object) -> UUID | None:
    """A command's id as text. Raises ``Rejected`` when it is no UUID."""
    if given is None:
        return None
    try:
        return UUID(given if isinstance(given, str) else "")
    except ValueError:
        raise Rejected(Problem("command", "command-not-a-uuid")) from None


def form_of(form: type[Form], mapping: Mapping[str, object]) -> Form:
    """The form that an input holds. Raises ``Rejected`` with every problem."""
    answers, problems = answers_of(form, mapping)
    refuse(problems)
    return form(**answers)


def answers_of(
    form: type[Any], mapping: Mapping[str, object], path: str = ""
) -> tuple[dict[str, Any], list[Problem]]:
    """The readable answers of an input and what is wrong with the others."""
    reader = _Reader()
    return reader.answers(form, mapping, path), reader.problems


class _Reader:
    """Reads values by the types of a form's fields and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def answers(self, form: type[Any], mapping: Mapping[str, object], path: str) -> dict[str, Any]:
        hints = get_type_hints(form, localns=_NAMES)
        for name in mapping.keys() - hints.keys():
            self.wrong(f"{path}{shown_name(name)}", "key-unknown")
        answers = {}
        for field in dataclasses.fields(form):
            if field.name in mapping:
                value = self.value(hints[field.name], mapping[field.name], f"{path}{field.name}")
                if value is not ABSENT:
                    answers[field.name] = value
            elif _required(field):
                self.wrong(f"{path}{field.name}", "answer-missing")
        return answers

    def value(self, kind: Any, value: object, field: str) -> Any:
        """The value as the form wants it, ``ABSENT`` when it is wrong."""
        origin, parts = get_origin(kind), get_args(kind)
        if origin in {Union, types.UnionType}:
            known = next(part for part in parts if part is not type(None))
            return None if value is None else self.value(known, value, field)
        if value is None:
            return self.wrong(field, "unknown-not-allowed")
        if origin is tuple:
            return self.row(parts, value, field)
        return self.single(str if origin is Literal else origin or kind, value, field)

    def single(self, kind: Any, value: object, field: str) -> Any:
        if dataclasses.is_dataclass(kind):
            return self.part(kind, value, field)  # type: ignore[arg-type]
        read = {
            Mapping: self.texts,
            str: self.text,
            bool: self.yes_no,
            int: self.whole,
            float: self.number,
            datetime: self.moment,
            date: self.day,
        }
        return read[kind](value, field)

    def part(self, form: type[Any], value: object, field: str) -> Any:
        if not isinstance(value, dict):
            return self.wrong(field, "not-an-object")
        before = len(self.problems)
        answers = self.answers(form, value, f"{field}.")
        return ABSENT if len(self.problems) > before else form(**answers)

    def row(self, parts: tuple[Any, ...], value: object, field: str) -> Any:
        """A list of any length of one type, or of exactly these types."""
        if not isinstance(value, list):
            return self.wrong(field, "not-a-list")
        any_length = len(parts) == 2 and parts[1] is Ellipsis
        if not any_length and len(value) != len(parts):
            return self.wrong(field, "list-length", count=len(parts))
        kinds = [parts[0]] * len(value) if any_length else list(parts)
        read = [
            self.value(kind, one, f"{field}[{place}]")
            for place, (kind, one) in enumerate(zip(kinds, value, strict=True))
        ]
        return ABSENT if any(one is ABSENT for one in read) else tuple(read)

    def texts(self, value: object, field: str) -> Any:
        if not isinstance(value, dict):
            return self.wrong(field, "not-an-object")
        problems = [text_problem(name, f"{field}.{shown_name(name)}") for name in value]
        self.problems += [problem for problem in problems if problem]
        read = {name: self.value(str, one, f"{field}.{shown_name(name)}") for name, one in value.items()}
        return ABSENT if any(problems) or ABSENT in read.values() else read

    def text(self, value: object, field: str) -> Any:
        if not isinstance(value, str):
            return self.wrong(field, "not-a-text")
        problem = text_problem(value, field)
        if problem:
            self.problems.append(problem)
            return ABSENT
        return value

    def yes_no(self, value: object, field: str) -> Any:
        return value if isinstance(value, bool) else self.wrong(field, "not-true-or-false")

    def whole(self, value: object, field: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            return self.wrong(field, "not-a-whole-number")
        return value if abs(value) <= MOST_WHOLE else self.wrong(field, "number-too-large")

    def number(self, value: object, field: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self.wrong(field, "not-a-number")
        if abs(value) > MOST_WHOLE or not math.isfinite(value):
            return self.wrong(field, "number-too-large")
        return float(value)

    def moment(self, value: object, field: str) -> Any:
        try:
            read = datetime.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            return self.wrong(field, "not-a-moment")
        try:
            return read if read.utcoffset() is not None else self.wrong(field, "moment-without-offset")
        except OverflowError:
            return self.wrong(field, "not-a-moment")

    def day(self, value: object, field: str) -> Any:
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            return self.wrong(field, "not-a-date")

    def wrong(self, field: str, code: str, **values: object) -> Any:
        self.problems.append(Problem(field, code, values))
        return ABSENT


def _required(field: dataclasses.Field[Any]) -> bool:
    no_default = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return no_default or field.default is ABSENT


def shown_name(name: str) -> str:
    """An unknown key as it may be shown: printable and not endless."""
    return "".join(one if one.isprintable() else "?" for one in name[:60])
