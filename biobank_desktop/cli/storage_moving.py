"""``biobank storage``, what changes where things lie: moves, lists, reservations, spilled boxes, rules."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.files import read_text
from biobank_desktop.cli.forms import command_id, command_of, form_of, read_input
from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm, read_list
from biobank_desktop.language import _
from biobank_desktop.services import contents, emptying, kinds, moving, outages, reserving, spills
from biobank_desktop.services.gate import donor_of
from biobank_desktop.services.kinds import KindForm
from biobank_desktop.services.reserving import ReserveForm
from biobank_desktop.services.space import SpaceForm, find_space

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.emptying import Plan
    from biobank_desktop.services.moving import Moved

    Gesture = Callable[[Store, Actor, UUID | None], Any]

"""A hundred thousand lines are some four megabytes."""


def run(options: Namespace) -> Answer:
    """Do the action."""
    return _ACTIONS[options.action](options)


def _written(options: Namespace, gesture: Gesture) -> Any:
    with writing(options) as session:
        return gesture(session.store, session.require_actor(), command_id(options.command))


def _moved(moved: Moved) -> Answer:
    rows = [(codes.group(one.code), one.name, one.label) for one in moved.places]
    text = columns.table((_("Code"), _("Container"), _("Position")), rows)
    result: dict[str, object] = {
        "command": moved.command,
        "places": [asdict(one) for one in moved.places],
        "unchecked": list(moved.unchecked),
    }
    facts = columns.pairs([(_("Command"), moved.command)])
    return Answer(result, columns.joined(text, facts, words.unchecked(moved.unchecked)))


def _how(options: Namespace, moves: tuple[Move, ...]) -> MoveForm:
    out_at = form_of(_Since, {"out_at": options.out_at}).out_at if options.out_at else None
    return MoveForm(moves, options.why, out_at, options.even_warmer)


@dataclass(frozen=True)
class _Since:
    """The moment since when something is out of the cold, under the name that problems give it."""

    out_at: datetime


def _move(options: Namespace) -> Answer:
    positions = [options.at, *("" for _more in options.items[1:])]
    moves = tuple(
        Move(item, options.to, position) for item, position in zip(options.items, positions, strict=True)
    )
    form = _how(options, moves)
    return _moved(_written(options, lambda store, actor, command: moving.move(store, actor, form, command)))


def _swap(options: Namespace) -> Answer:
    return _moved(
        _written(
            options,
            lambda store, actor, command: moving.swap(store, actor, options.one, options.other, command),
        )
    )


def _undo(options: Namespace) -> Answer:
    return _moved(
        _written(
            options, lambda store, actor, command: moving.undo(store, actor, options.of_command, command)
        )
    )


def _load(options: Namespace) -> Answer:
    moves, unread = read_list(read_text(options.file), options.box)
    form = MoveForm(tuple(moves), options.why)
    return _moved(
        _written(options, lambda store, actor, command: moving.load(store, actor, form, command, unread))
    )


def _empty(options: Namespace) -> Answer:
    with writing(options) if options.do else reading(options) as session:
        actor = session.require_actor()
        warmer = options.even_warmer
        with session.store.read() as connection:
            plan = emptying.plan(
                connection, options.code, options.into, actor.login, datetime.now(UTC), even_warmer=warmer
            )
        shown = _shown(plan)
        if not options.do:
            return shown
        moved = moving.empty(session.store, actor, _how(options, plan.moves), command_id(options.command))
    return Answer({**shown.result, "command": moved.command}, shown.text)


def _shown(plan: Plan) -> Answer:
    lines = [(one.what, codes.group(one.code), one.source, one.target) for one in plan.lines]
    result = {
        "lines": [
            {"code": one.code, "what": one.what, "from": one.source, "to": one.target} for one in plan.lines
        ],
        "left": list(plan.left),
    }
    left = columns.pairs([(_("No room for"), ", ".join(plan.left))]) if plan.left else ""
    table = columns.table((_("What"), _("Code"), _("From"), _("To")), lines)
    return Answer(result, columns.joined(table, left))


def _find_space(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        login = session.require_actor().login
        donor = donor_of(connection, options.donor).id if options.donor else None
        form = SpaceForm(options.material, options.count, options.strategy, donor, options.inside)
        found = find_space(connection, form, login, datetime.now(UTC))
    result = {
        "space": [
            {"code": one.code, "name": one.name, "path": one.path, "positions": list(one.labels)}
            for one in found
        ]
    }
    rows = [(one.path, codes.group(one.code), " ".join(one.labels)) for one in found]
    return Answer(result, columns.table((_("Box"), _("Code"), _("Positions")), rows))


def _reserve(options: Namespace) -> Answer:
    form = ReserveForm(options.code, options.what, tuple(options.positions), options.count, options.days)
    labels = _written(options, lambda store, actor, command: reserving.reserve(store, actor, form, command))
    return Answer({"positions": labels}, columns.pairs([(_("Reserved"), " ".join(labels))]))


def _give_back(options: Namespace) -> Answer:
    _written(
        options,
        lambda store, actor, command: reserving.give_back(
            store, actor, options.code, tuple(options.positions), command
        ),
    )
    return Answer({"container": options.code}, "")


def _spill(options: Namespace) -> Answer:
    _written(
        options, lambda store, actor, command: spills.spill(store, actor, options.code, options.why, command)
    )
    return Answer({"box": options.code}, "")


def _rescan(options: Namespace) -> Answer:
    found = _written(
        options,
        lambda store, actor, command: spills.rescan(
            store, actor, options.code, options.sample, options.at, command
        ),
    )
    pairs = [(_("Position"), found.label), (_("Not scanned yet"), found.left)]
    return Answer(asdict(found), columns.pairs(pairs))


def _tidy(options: Namespace) -> Answer:
    _written(options, lambda store, actor, command: spills.end(store, actor, options.code, command))
    return Answer({"box": options.code}, "")


def _down(options: Namespace) -> Answer:
    _written(
        options, lambda store, actor, command: outages.begin(store, actor, options.code, options.why, command)
    )
    return Answer({"container": options.code}, "")


def _up(options: Namespace) -> Answer:
    _written(options, lambda store, actor, command: outages.end(store, actor, options.code, command))
    return Answer({"container": options.code}, "")


def _rule(options: Namespace) -> Answer:
    materials = None if options.all else options.materials
    _written(
        options,
        lambda store, actor, command: contents.set_rule(
            store, actor, options.code, materials, options.why, command
        ),
    )
    return Answer({"container": options.code, "materials": materials}, "")


def _kind(options: Namespace) -> Answer:
    mapping = read_input(options.file)
    command = command_of(mapping)
    form = form_of(KindForm, mapping)
    with writing(options) as session:
        store, actor = session.store, session.require_actor()
        if options.action == "add-kind":
            kinds.add_kind(store, actor, form, command)
        else:
            kinds.change_kind(store, actor, form, options.why, command)
    return Answer({"kind": form.name.strip()}, columns.pairs([(_("Kind"), form.name.strip())]))


_ACTIONS: dict[str, Callable[[Namespace], Answer]] = {
    "add-kind": _kind,
    "change-kind": _kind,
    "down": _down,
    "empty": _empty,
    "find-space": _find_space,
    "give-back": _give_back,
    "load": _load,
    "move": _move,
    "rescan": _rescan,
    "reserve": _reserve,
    "rule": _rule,
    "spill": _spill,
    "swap": _swap,
    "tidy": _tidy,
    "undo": _undo,
    "up": _up,
}
