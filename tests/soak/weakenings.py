"""Every way that a schema can be weakened: what a hand that slips in a migration could leave out or relax.

Not made, because nothing could tell the difference:

- NOT NULL on a primary key of PostgreSQL, on a row number and on a table without row numbers of SQLite:
  the engine itself never lets them be empty (``tests.support.catalogue`` leaves them out).
- A key that another key implies, widened: it is there for the foreign keys that point to all its columns.
  It is dropped together with them, as DROP ... CASCADE would.
- ``>`` instead of ``>=`` against the clock: no attack meets the instant.
- The pairs of ``SAME``, and ``IMPLIED`` constraints.

Made stricter is not weakened: an OR with one branch less in a check, a condition less in a trigger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from tests.soak.conditions import Dialect, Reader, Splice, Weakener, sites
from tests.support.constraint_attacks import IMPLIED, VOCABULARIES, not_null, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.catalogue import Catalogue, Constraint, Trigger
    from tests.support.databases import EngineName

Part = Literal["constraint", "filled", "index", "trigger", "disabled", "function"]

SAME = {
    # The grid is the box's own (fk_placement_grid, fk_reservation_grid): one box has one number of rows
    # and of columns.
    ("uq_placement_container_id_row_no_column_no", "rows"),
    ("uq_placement_container_id_row_no_column_no", "columns"),
    ("pk_reservation", "rows"),
    ("pk_reservation", "columns"),
    # The kind is the first two letters of the text (ck_code_prefix): one text has one kind.
    ("uq_code_text", "kind"),
}
"""Keys that are not weaker with one column more, because their columns say what it is."""


@dataclass(frozen=True)
class Change:
    """A part of the schema made anew, or dropped where ``made`` is None.

    "filled" is a column that may be empty from now on, "disabled" a trigger that is there and not in force.
    """

    part: Part
    table: str
    name: str
    made: str | None = None


@dataclass(frozen=True)
class Weak:
    """A weakened schema. Of the attacks that ``guards`` refuse at least one must go through.

    ``together``: only two benches at once can tell.
    """

    sort: str
    words: str
    guards: frozenset[str]
    changes: tuple[Change, ...]
    together: bool = False

    @property
    def name(self) -> str:
        """What was weakened and how."""
        return f"{self.sort}: {self.words}"


def weakenings(catalogue: Catalogue, engine: EngineName) -> list[Weak]:
    """All of them."""
    made = [*_constraints(catalogue, engine), *_not_null(catalogue)]
    for index in catalogue.indexes:
        made += _index(catalogue, index, engine)
    for trigger in catalogue.triggers:
        made += _trigger(trigger, engine)
    for name, body in catalogue.functions.items():
        asking = [trigger for trigger in catalogue.triggers if trigger.function == name]
        guards = frozenset(trigger.name for trigger in asking)
        made += _function(name, body, guards, _dialect("postgresql", body, {one.table for one in asking}))
    return made


def _constraints(catalogue: Catalogue, engine: EngineName) -> Iterator[Weak]:
    for one in catalogue.constraints:
        if one.name in IMPLIED:
            continue
        if one.sort == "check":
            yield from _check(one, engine)
        elif one.sort == "foreign key":
            yield from _foreign_key(catalogue, one)
        else:
            yield from _key(catalogue, one)


def _constraint(one: Constraint, made: str | None = None) -> Change:
    return Change("constraint", one.table, one.name, made)


def _check(check: Constraint, engine: EngineName) -> Iterator[Weak]:
    guards, text = frozenset({check.name}), check.definition
    yield Weak("check dropped", check.name, guards, (_constraint(check),))
    condition = Reader(text, len("CHECK ")).condition()
    for splice in Weakener(text, DIALECTS[engine]).more_often(condition):
        words = f"{check.name}, {splice.words}"
        yield Weak("check loosened", words, guards, (_constraint(check, splice.on(text)),))


def _key(catalogue: Catalogue, key: Constraint) -> Iterator[Weak]:
    pointing = catalogue.pointing_to(key)
    released = tuple(_constraint(one) for one in pointing)  # they cannot be without it
    if catalogue.implied(key):
        guards = frozenset(one.name for one in pointing)
        yield Weak("key dropped with what needs it", key.name, guards, (*released, _constraint(key)))
        return
    guards = frozenset({key.name})
    yield Weak("key dropped", key.name, guards, (*released, _constraint(key)))
    filled = [column for table, column in catalogue.not_null if table == key.table]
    primary = [one for one in catalogue.keys(key.table) if one.sort == "primary key"]
    for column in dict.fromkeys((*filled, *primary[0].columns)):
        if column not in key.columns and (key.name, column) not in SAME:
            made = f'{key.definition.removesuffix(")")}, "{column}")'
            changes = (*released, _constraint(key, made))
            yield Weak("key widened", f"{key.name} by {column}", guards, changes)


def _foreign_key(catalogue: Catalogue, key: Constraint) -> Iterator[Weak]:
    guards = frozenset({key.name})
    yield Weak("foreign key dropped", key.name, guards, (_constraint(key),))
    table, targets = key.target
    for left_out in range(len(targets) if len(targets) > 1 else 0):
        fewer = [name for place, name in enumerate(targets) if place != left_out]
        unique = [set(one.columns) for one in catalogue.keys(table)]
        if not any(columns <= set(fewer) for columns in unique):
            continue  # both engines refuse a foreign key to columns that are not unique
        columns = [name for place, name in enumerate(key.columns) if place != left_out]
        later = " DEFERRABLE INITIALLY DEFERRED" if "DEFERRED" in key.definition else ""
        made = f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {table} ({', '.join(fewer)}){later}"
        changes = [_constraint(key, made)]
        if set(fewer) not in unique:
            index = f"CREATE UNIQUE INDEX narrower ON {table} ({', '.join(fewer)})"
            changes.insert(0, Change("index", table, "narrower", index))
        words = f"{key.name} without {key.columns[left_out]}"
        yield Weak("foreign key narrowed", words, guards, tuple(changes))


def _index(catalogue: Catalogue, index: Constraint, engine: EngineName) -> Iterator[Weak]:
    guards, text = frozenset({index.name}), index.definition

    def weak(sort: str, words: str, made: str | None) -> Weak:
        return Weak(sort, words, guards, (Change("index", index.table, index.name, made),))

    yield weak("index dropped", index.name, None)
    (primary,) = (one for one in catalogue.keys(index.table) if one.sort == "primary key")
    for column in primary.columns:
        if column not in index.columns:
            wider = text.replace(f"({', '.join(index.columns)})", f"({', '.join((*index.columns, column))})")
            yield weak("index widened", f"{index.name} by {column}", wider)
    for splice in _refusing_less(text, ("WHERE",), DIALECTS[engine]):
        yield weak("index on less", f"{index.name}, {splice.words}", splice.on(text))


def _not_null(catalogue: Catalogue) -> Iterator[Weak]:
    for table, column in catalogue.not_null:
        if not_null(table, column) in IMPLIED:
            continue
        guards = frozenset({not_null(table, column)})
        yield Weak("NOT NULL dropped", f"{table}.{column}", guards, (Change("filled", table, column),))


def _trigger(trigger: Trigger, engine: EngineName) -> Iterator[Weak]:
    text, name, guards = trigger.definition, trigger.name, frozenset({trigger.name})

    def weak(sort: str, words: str, made: str | None) -> Weak:
        change = Change("trigger", trigger.table, name, made)
        return Weak(sort, f"{name}{words}", guards, (change,))

    yield weak("trigger dropped", "", None)
    if engine == "sqlite":
        asks_nothing = text[: text.index(" BEGIN ")] + " BEGIN SELECT 1; END"
        yield weak("trigger asks nothing", "", asks_nothing)
    else:
        yield Weak("trigger disabled", name, guards, (Change("disabled", trigger.table, name),))
        lax = weak("trigger asks nothing", "", re.sub(r"FUNCTION \w+", "FUNCTION lax", text))
        yield Weak(lax.sort, lax.words, guards, (_lax("lax"), *lax.changes))
    for splice in (
        *_shorter(text, " OR ", r"(?:BEFORE|AFTER) (.+?) ON"),
        *_shorter(text, ", ", r" OF (.+?) ON"),
    ):
        yield weak("trigger on less", f", {splice.words}", splice.on(text))
    for splice in _refusing_less(text, ("WHEN", "WHERE"), _dialect(engine, text, {trigger.table})):
        yield weak("trigger refuses less", f", {splice.words}", splice.on(text))


def _shorter(text: str, between: str, pattern: str) -> Iterator[Splice]:
    """Each of several events or columns left out."""
    found = re.search(pattern, text)
    several = found[1].split(between) if found else []
    for left_out in several if len(several) > 1 else ():
        assert found is not None
        made = between.join(one for one in several if one != left_out)
        yield Splice(f"not {left_out}", found.start(1), found.end(1), made)


def _refusing_less(text: str, words: tuple[str, ...], dialect: Dialect) -> Iterator[Splice]:
    for place, condition in enumerate(sites(text, words)):
        whole = Splice("never", condition.start, condition.end, "(1 = 0)")
        for splice in (whole, *Weakener(text, dialect).more_seldom(condition)):
            yield Splice(f"condition {place + 1} {splice.words}", splice.start, splice.end, splice.made)
    for place, found in enumerate(re.finditer(r"\bsum\(", text)):
        yield Splice(f"sum {place + 1} the greatest", found.start(), found.end(), "max(")


def _lax(name: str) -> Change:
    return Change("function", "", name, _function_text(name, "BEGIN RETURN coalesce(NEW, OLD); END"))


def _function_text(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"


def _function(name: str, body: str, guards: frozenset[str], dialect: Dialect) -> Iterator[Weak]:
    yield Weak("function asks nothing", name, guards, (_lax(name),))

    def weak(sort: str, splice: Splice, *, together: bool = False) -> Weak:
        change = Change("function", "", name, _function_text(name, splice.on(body)))
        return Weak(sort, f"{name}, {splice.words}", guards, (change,), together)

    for splice in _refusing_less(body, ("IF",), dialect):
        yield weak("function refuses less", splice)
    for splice in _shorter(body, ", ", r"IN ARRAY ARRAY\[(.+?)\]"):
        yield weak("function refuses less", splice)
    for found in re.finditer(r"clock_timestamp\(\)", body):
        since = Splice("the clock of the transaction", found.start(), found.end(), "now()")
        yield weak("function refuses less", since)
    for place, found in enumerate(
        re.finditer(r" FOR (KEY SHARE|SHARE|NO KEY UPDATE)(?: OF ([\w, ]+))?", body)
    ):
        rows = found[2].split(", ") if found[2] else []
        weaker = ["", *_STRENGTHS[: _STRENGTHS.index(found[1])]]
        made = {f"{one or 'none'} instead of {found[1]}": _locking(one, rows) for one in weaker}
        if len(rows) > 1:
            made |= {f"not of {one}": _locking(found[1], [row for row in rows if row != one]) for one in rows}
        for words, text in made.items():
            splice = Splice(f"lock {place + 1} {words}", found.start(), found.end(), text)
            yield weak("lock weaker", splice, together=True)


_STRENGTHS = ("KEY SHARE", "SHARE", "NO KEY UPDATE")


def _locking(strength: str, rows: list[str]) -> str:
    of = f" OF {', '.join(rows)}" if rows else ""
    return f" FOR {strength}{of}" if strength else ""


def _earlier_sqlite(moment: str, seconds: int) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {moment}, '{seconds} seconds')"


def _earlier_postgresql(moment: str, seconds: int) -> str:
    return f"({moment} + interval '{seconds} seconds')"


def _day_later_sqlite(day: str) -> str:
    return f"date({day}, '+1 day')"


def _day_later_postgresql(day: str) -> str:
    return f"({day}) + 1"


DIALECTS: dict[EngineName, Dialect] = {
    "sqlite": Dialect(_earlier_sqlite, _day_later_sqlite, None),
    "postgresql": Dialect(_earlier_postgresql, _day_later_postgresql, None),
}


def _dialect(engine: EngineName, text: str, tables: set[str]) -> Dialect:
    """How a trigger of these tables is weakened, with the words of every column that its text may name."""
    named = re.findall(r"(?:FROM|JOIN|,)\s+(\w+) (\w+)", text)
    if len(tables) == 1:
        named += [(table, row) for table in tables for row in ("new", "old")]
    words = {
        f"{alias}.{column}": vocabulary(check)
        for table, alias in named
        for check, column in VOCABULARIES.items()
        if check == f"ck_{table}_{column}"
    }
    states = dict.fromkeys(("state", "found_state"), vocabulary("ck_sample_state"))  # of the first schema
    return replace(DIALECTS[engine], words=words | states | dict.fromkeys(_PAIRED, _pairs()))


_PAIRED = ("coalesce(l.level, 'sample') || ' in ' || k.level",)


def _pairs() -> tuple[str, ...]:
    """Everything in a container of each level, as the guard of levels calls it."""
    levels = vocabulary("ck_container_kind_level")
    return tuple(f"{inner} in {outer}" for inner in ("sample", *levels) for outer in levels)
