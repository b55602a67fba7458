"""What may lie where, worked out anew when a rule changes or a container comes to stand elsewhere.

``container.materials`` is what may lie in a container after every rule around it, so the database can hold
each placing and each change against one row, and each container against the one it stands in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.contents import Allowed, allowed, allows, as_text, narrowed
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.tree import Rules
    from biobank_desktop.persistence.work import Work


def refit_kind(work: Work, kind: str) -> None:
    """Let the containers of a kind, and everything in them, follow its rule."""
    roots = tree.of_kind(work.connection, kind)
    work.hold(tables.container, roots)
    places = containers.places(work.connection, roots)
    refit(work, {}, {one: places[one].container_id if one in places else None for one in roots})


def refit(work: Work, own: Mapping[int, str | None], outer: Mapping[int, int | None]) -> None:
    """Work out what may lie in containers and in everything in them, and write what is another.

    ``outer`` are the containers with what each stands in, or is going to; ``own`` are new rules of theirs.
    Raises ``Rejected`` with the first thing inside that would be forbidden.

    First everything is widened from the outside in, then narrowed from the inside out: so at no moment an
    inner list exceeds the one around it, which the database refuses.
    """
    connection = work.connection
    around = {one for one in outer.values() if one is not None}
    work.hold(tables.container, {*outer, *around})
    rules = tree.rules(connection, around.union(_inside(connection, outer)))
    if all(_unruled(rules[one]) for one in rules) and not any(own.values()):
        return
    order = _held_inside(work, outer)
    rules = tree.rules(connection, around.union(order))
    parents = _parents(connection, order, outer)
    order.sort(key=lambda one: len(_way(one, parents)))
    final: dict[int, Allowed] = {}
    for one in order:
        parent = parents.get(one)
        outermost = final[parent] if parent in final else _allowed_in(rules, parent)
        mine = own.get(one, rules[one].own) if one in own else rules[one].own
        final[one] = narrowed(allowed(mine), allowed(rules[one].of_kind), outermost)
        if final[one] is not None and not final[one]:
            raise Rejected(Problem("materials", "rules-leave-nothing", {"name": rules[one].name}))
    _require_fitting(work, final, rules)
    now = {one: allowed(rules[one].materials) for one in order}
    for one in order:
        now[one] = _write(work, one, now[one], _either(now[one], final[one]))
    for one in reversed(order):
        _write(work, one, now[one], final[one])
    for one, text in own.items():
        work.update(tables.container, {"id": one}, own_materials=text)


def _inside(connection: Connection, roots: Iterable[int]) -> list[int]:
    inside = tree.inside(connection, roots)
    return list(dict.fromkeys(box for root in roots for box in inside.get(root, ())))


def _held_inside(work: Work, roots: Iterable[int]) -> list[int]:
    """Everything in held containers, held too: nothing comes in any more that is not among it."""
    held = set(roots)
    while missing := set(_inside(work.connection, roots)) - held:
        work.hold(tables.container, missing)
        held |= missing
    return _inside(work.connection, roots)


def _unruled(rule: Rules) -> bool:
    return rule.own is None and rule.of_kind is None and rule.materials is None


def _allowed_in(rules: Mapping[int, Rules], one: int | None) -> Allowed:
    return allowed(rules[one].materials) if one is not None and one in rules else None


def _parents(
    connection: Connection, order: Iterable[int], outer: Mapping[int, int | None]
) -> dict[int, int | None]:
    places = containers.places(connection, order)
    return {one: place.container_id for one, place in places.items()} | dict(outer)


def _way(one: int | None, parents: Mapping[int, int | None]) -> list[int]:
    way: list[int] = []
    while one is not None:
        way.append(one)
        one = parents.get(one)
    return way


def _either(one: Allowed, other: Allowed) -> Allowed:
    return None if one is None or other is None else one | other


def _write(work: Work, container_id: int, was: Allowed, becomes: Allowed) -> Allowed:
    if was != becomes:
        work.update(tables.container, {"id": container_id}, materials=as_text(becomes))
    return becomes


def _require_fitting(work: Work, final: Mapping[int, Allowed], rules: Mapping[int, Rules]) -> None:
    """Raise ``Rejected`` with the first thing that lies where it would be forbidden."""
    narrowing = [one for one, rule in final.items() if rule is not None]
    for lying in tree.lying_in(work.connection, narrowing):
        rule = final[lying.container_id]
        if not allows(rule, lying.material):
            values = {
                "code": codes.group(codes.from_number(lying.sample_id)),
                "material": lying.material,
                "path": " / ".join(one.name for one in containers.path(work.connection, lying.container_id)),
                "name": rules[lying.container_id].name,
                "allowed": sorted(rule or ()),
            }
            raise Rejected(Problem("materials", "rule-forbids-content", values))
