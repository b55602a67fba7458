"""``biobank container``: make freezers, racks and boxes, and show what stands in what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, show_container
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_of, form_of, read_input
from biobank_desktop.domain import codes
from biobank_desktop.language import _
from biobank_desktop.persistence.queries import containers
from biobank_desktop.services.storage import ContainerForm, add_container, container_of

if TYPE_CHECKING:
    from argparse import Namespace

    from sqlalchemy import Connection


def run(options: Namespace) -> Answer:
    """Do the action."""
    return {"add": _add, "kinds": _kinds, "show": _show, "tree": _tree}[options.action](options)


def _add(options: Namespace) -> Answer:
    mapping = read_input(options.file)
    command = command_of(mapping)
    form = form_of(ContainerForm, mapping)
    with writing(options) as session:
        code = add_container(session.store, session.require_actor(), form, command)
    text = columns.pairs([(_("Name"), form.name), (_("Code"), codes.group(code))])
    return Answer({"container": code, "name": form.name.strip()}, text)


def _kinds(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        kinds = containers.kinds(connection)
    rows = [(one.name, one.level, f"{one.rows} × {one.columns}", one.holds) for one in kinds]
    return Answer({"kinds": kinds}, columns.table((_("Name"), _("Level"), _("Grid"), _("Holds")), rows))


def _show(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        return show_container.answer(connection, container_of(connection, options.code, "code").id)


def _tree(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        if options.code:
            top = [container_of(connection, options.code, "code").id]
        else:
            top = [row.id for row in containers.inside(connection, None)]
        trees = [_branch(connection, number) for number in top]
    lines = [line for tree in trees for line in _lines(tree, 0)]
    return Answer(
        {"containers": trees}, columns.table((_("Container"), _("Code"), _("Kind"), _("Used")), lines)
    )


def _branch(connection: Connection, number: int) -> dict[str, Any]:
    row = containers.container(connection, number)
    assert row is not None
    holds_containers = row.kind.holds == "containers"
    inside = containers.inside(connection, number) if holds_containers else []
    return {
        **show_container.container(row),
        "inside": [_branch(connection, one.id) for one in inside],
    }


def _lines(tree: dict[str, Any], depth: int) -> list[tuple[str, str, str, str]]:
    own = (
        "  " * depth + tree["name"],
        codes.group(tree["code"]),
        tree["kind"],
        f"{tree['used']}/{tree['capacity']}",
    )
    return [own, *(line for one in tree["inside"] for line in _lines(one, depth + 1))]
