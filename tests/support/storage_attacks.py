# ruff: noqa: E501 - a table of attacks reads best one to a line
"""Attacks by raw SQL on the guards of storage: of levels, kinds, lists of materials, and moves.

What stands in the lab before them is entered by ``tests.support.storage_life``.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from biobank_desktop.domain.storage import HOLDS_SAMPLES, LEVELS, MAY_STAND_IN
from tests.support.attacks import FOUNDED, NO, Attack, decide, once, put, says, twice
from tests.support.copies import ATTACK, THEN, changing, copied
from tests.support.storage_life import STANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

# fmt: off
FORBIDDEN = says("content-not-allowed")


def relocate(item: str = ":placed", box: str = ":box", well: str = "1, 1", by: str = ATTACK) -> str:
    """Raw SQL that says where a thing lay until it is laid elsewhere."""
    return (
        "INSERT INTO relocation (item_id, from_id, from_row, from_column, at, stream_id, command_id)"
        f" VALUES ({item}, {box}, {well}, {THEN}, :donor, {by})"
    )


def take(item: str) -> str:
    """Raw SQL that takes a thing away from its place."""
    return f"DELETE FROM placement WHERE item_id = {item}"


def shift(item: str = ":placed", **values: object) -> str:
    """Raw SQL that changes where a thing lies."""
    return changing("placement", f"item_id = {item}", **(values or {"column_no": 5}))


def allow(container: str, listed: str | None) -> str:
    """Raw SQL that changes what may lie in a container."""
    return changing("container", f"id = {container}", materials="NULL" if listed is None else f"'{listed}'")


def rekind(container: str, **values: str) -> str:
    """Raw SQL that changes the kind of a container."""
    return changing("container_kind", f"name = (SELECT kind FROM container WHERE id = {container})", **values)


def become(item: str, material: str) -> str:
    """Raw SQL that changes the material of a sample."""
    return changing("sample", f"id = {item}", material=f"'{material}'")


def _pairs() -> Iterator[tuple[str, str, str, str, bool]]:
    """Everything in a container of each level: in words, the item, the container, whether it may lie there."""
    for level, name in STANDS.items():
        yield f"a sample in a {level}", ":filled", f":{name}", decide(), level in HOLDS_SAMPLES
    for inner, outer in product(LEVELS, LEVELS):
        item = f":other_{STANDS[inner]}"
        yield f"a {inner} in a {outer}", item, f":{STANDS[outer]}", "", outer in MAY_STAND_IN[inner]


def _levels() -> Iterator[Attack]:
    said = says("level-not-allowed-there")
    for words, item, box, decision, allowed in _pairs():
        if not allowed:
            before = (decision,) if decision else ()
            yield Attack(f"put {words}", (*before, put(item, box)), said, twice("placement_level", "insert"))
            moved = shift(":small_box", item_id=item, container_id=box)
            yield Attack(f"lay {words}", (*before, moved), said, twice("placement_level", "update"))


def _kinds() -> Iterator[Attack]:
    not_taken = says("kind-not-allowed-there")
    for words, takes in (("another kind", None), ("a longer name", "kind || 'x'"), ("a longer one before", "'x' || kind")):
        before = () if takes is None else (rekind(":choosy_shelf", takes=f"(SELECT {takes} FROM container WHERE id = :other_box)"),)
        yield Attack(f"put what is not taken, only {words}", (*before, put(":other_box", ":choosy_shelf")), not_taken, twice("placement_taken", "insert"))
        moved = shift(":small_box", item_id=":other_box", container_id=":choosy_shelf")
        yield Attack(f"lay what is not taken, only {words}", (*before, moved), not_taken, twice("placement_taken", "update"))
    for takes in ("'x'", "''", "(SELECT kind || 'x' FROM container WHERE id = :small_box)"):
        yield Attack(f"take only {takes} where a box stands", (rekind(":shelf", takes=takes),), not_taken, once("container_kind_takes"))
    fixed = says("kind-is-fixed")
    other = "(SELECT x.kind FROM container x WHERE x.id = :other_box)"
    yield Attack("a box of another kind", (changing("container", "id = :box", kind=other),), fixed, once("container_fixed"))
    for level in LEVELS:
        of = ":shelf" if level != "shelf" else ":rack"
        yield Attack(f"a kind becomes a {level}", (rekind(of, level=f"'{level}'"),), fixed, once("container_kind_fixed"))
    for of, held in ((":shelf", "samples"), (":box", "containers")):
        yield Attack(f"a kind holds {held}", (rekind(of, holds=f"'{held}'"),), fixed, once("container_kind_fixed"))


def _samples_in_boxes() -> Iterator[Attack]:
    """A sample where the list forbids it: by laying it there, by the list, by what the sample is."""
    entered, changed = twice("placement_allowed", "insert"), twice("placement_allowed", "update")
    for listed in ("PL1", "", "XCEL\nCELX", "PL1\nCE\nEL"):
        before = (allow(":plasma_box", listed), decide())
        yield Attack(f"put cells where {listed!r} may lie", (*before, put(box=":plasma_box")), FORBIDDEN, entered)
        yield Attack(f"lay cells where {listed!r} may lie", (*before, shift(container_id=":plasma_box")), FORBIDDEN, changed)
        yield Attack(f"only {listed!r} where cells lie", (allow(":box", listed),), FORBIDDEN, once("container_allowed"))
    moving = (relocate(), take(":placed"), put(":placed", ":plasma_box"))
    yield Attack("move cells where plasma may lie", moving, FORBIDDEN, entered)
    yield Attack("another sample in its place", (decide(), shift(":ruled", item_id=":filled"), allow(":ruled_box", "PL1")), FORBIDDEN, once("container_allowed"))
    yield Attack("cells that turn out to be DNA", (become(":ruled", "DNA"),), FORBIDDEN, once("sample_allowed"))


def _containers_in_containers() -> Iterator[Attack]:
    """A list wider than the one around it, whichever way it comes about."""
    entered, changed = twice("placement_within", "insert"), twice("placement_within", "update")
    for words, box in (("with no list", ":other_box"), ("with a wider list", ":wide_box")):
        yield Attack(f"put a box {words} under a list", (put(box, ":ruled_shelf"),), FORBIDDEN, entered)
        moved = shift(":small_box", item_id=box, container_id=":ruled_shelf")
        yield Attack(f"lay a box {words} under a list", (moved,), FORBIDDEN, changed)
    moving = (relocate(":small_box", ":shelf", "9, 9"), take(":small_box"), put(":small_box", ":ruled_shelf"))
    yield Attack("move a box with no list under a list", moving, FORBIDDEN, entered)
    for listed in (None, "CEL\nDNA", "DNA", "CEL\nPL1\nDNA", "XCEL", "CEL\nPL1X"):
        widened = (decide(), take(":ruled"), allow(":ruled_box", listed))
        yield Attack(f"the inner list becomes {listed!r}", widened, FORBIDDEN, once("container_around"))
    for listed in ("CEL", "PL1", "DNA", "", "CELX\nPL1", "XCEL\nPL1"):
        yield Attack(f"the outer list becomes {listed!r}", (allow(":ruled_shelf", listed),), FORBIDDEN, once("container_inside"))
    yield Attack("a list around a box with none", (allow(":shelf", "CEL"),), FORBIDDEN, once("container_inside"))


def _moves() -> Iterator[Attack]:
    """What lets a move pass lets only that move pass, and only of what lies there."""
    lying = says("not-lying-there")
    for words, item, box, well in (
        ("in another box", ":placed", ":other_box", "1, 1"),
        ("in another row", ":placed", ":box", "2, 1"),
        ("in another column", ":placed", ":box", "1, 2"),
        ("where something else lies", ":placed", ":box", "8, 8"),
        ("and lies nowhere", ":filled", ":box", "5, 5"),
        ("and lay there before", ":moved", ":box", "7, 7"),
    ):
        yield Attack(f"what lay {words} is moved", (relocate(item, box, well),), lying, once("relocation_lying"))
    for item, well, guard, said, decision in (
        (":placed", "1, 1", "placement_gate", NO, ()),
        (":held_in_place", "6, 6", "placement_held", says("in-quarantine"), (decide(),)),
    ):
        for words, other in (
            ("by another command's move", relocate(item, well=well, by=FOUNDED)),
            ("by the move of something else", relocate(":placed_chosen", well="8, 8")),
        ):
            before = (other, *decision)
            yield Attack(f"put {item[1:]} {words}", (*before, take(item), put(item)), said, twice(guard, "insert"))
            yield Attack(f"lay {item[1:]} {words}", (*before, shift(item)), said, twice(guard, "update"))


def _only_once() -> Iterator[Attack]:
    for table in ("spill", "outage"):
        again = (copied(table, ended_at="NULL"), copied(table, no="100", ended_at="NULL"))
        yield Attack(f"two of {table} at once", again, (f"{table}.container_id", f"uq_{table}_open"), breaks=f"uq_{table}_open")


STORAGE = [*_levels(), *_kinds(), *_samples_in_boxes(), *_containers_in_containers(), *_moves(), *_only_once()]

MOVES = {
    **{f"put {words}": (*((decision,) if decision else ()), put(item, box)) for words, item, box, decision, allowed in _pairs() if allowed},
    "a vial moves without being asked about": (relocate(), take(":placed"), put(":placed")),
    "a vial moves by hand": (relocate(), shift()),
    "what is held back moves": (relocate(":held_in_place", well="6, 6"), take(":held_in_place"), put(":held_in_place")),
    "what is held back moves by hand": (relocate(":held_in_place", well="6, 6"), shift(":held_in_place")),
    "a box moves": (relocate(":small_box", ":shelf", "9, 9"), take(":small_box"), put(":small_box", ":choosy_shelf")),
    "cells lie where cells may lie": (decide(), put(box=":ruled_box"), allow(":ruled_box", "CEL"), allow(":ruled_shelf", "CEL")),
    "a box stands under the same list": (allow(":wide_box", "PL1\nCEL"), put(":wide_box", ":ruled_shelf")),
    "lists are widened from the outside in": (allow(":ruled_shelf", None), allow(":ruled_box", None)),
    "what lies under no list becomes another material": (become(":placed", "DNA"),),
    "a kind takes what stands in it": (rekind(":shelf", takes="(SELECT kind FROM container WHERE id = :small_box)"),),
    "a kind gets other names of positions": (rekind(":shelf", row_labels="'numbers'"),),
    "a box is spilled again when it is in order": (copied("spill", ended_at="NULL"), changing("spill", "no = 99", ended_at="since"), copied("spill", no="100", ended_at="NULL")),
}
"""What must go through: the attacks above fail for their own reason."""
