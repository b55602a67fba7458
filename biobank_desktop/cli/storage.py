"""``biobank storage``, what shows it: what stands in what, as it was, recovery kits and walk lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, show_container, storage_moving, words
from biobank_desktop.cli.access import reading
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.files import write_file
from biobank_desktop.cli.forms import form_of, read_input
from biobank_desktop.cli.progress import followed
from biobank_desktop.domain import codes
from biobank_desktop.domain.walking import walk
from biobank_desktop.language import _
from biobank_desktop.persistence.queries import containers
from biobank_desktop.services.as_of import as_it_was
from biobank_desktop.services.storage import container_of
from biobank_desktop.services.walking import WalkRow, walk_list

if TYPE_CHECKING:
    from argparse import Namespace

    from sqlalchemy import Connection

    from biobank_desktop.services.as_of import AsItWas, Difference


def run(options: Namespace) -> Answer:
    """Do the action."""
    looks = {"kinds": _kinds, "tree": _tree, "as-of": _as_of, "kit": _kit, "walk": _walk}
    return looks.get(options.action, storage_moving.run)(options)


def _kinds(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        kinds = containers.kinds(connection)
    rows = [(one.name, one.level, f"{one.rows} × {one.columns}", one.holds) for one in kinds]
    return Answer({"kinds": kinds}, columns.table((_("Name"), _("Level"), _("Grid"), _("Holds")), rows))


def _tree(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        if options.code:
            top = [container_of(connection, options.code, "code").id]
        else:
            top = [row.id for row in containers.inside(connection, None)]
        trees = [_branch(connection, number, options.depth) for number in top]
    lines = [line for tree in trees for line in _lines(tree, 0)]
    return Answer(
        {"containers": trees},
        columns.table((_("Container"), _("Code"), _("Kind"), _("Used"), _("Full")), lines),
    )


def _branch(connection: Connection, number: int, depth: int | None) -> dict[str, Any]:
    """A container with what stands in it, ``depth`` levels in all."""
    row = containers.container(connection, number)
    assert row is not None
    deeper = row.kind.holds == "containers" and depth != 1
    inside = containers.inside(connection, number) if deeper else []
    further = depth - 1 if depth else None
    return {
        **show_container.container(row),
        "inside": [_branch(connection, one.id, further) for one in inside],
    }


def _lines(tree: dict[str, Any], depth: int) -> list[tuple[str, ...]]:
    own = (
        "  " * depth + tree["name"],
        codes.group(tree["code"]),
        tree["kind"],
        f"{tree['used']}/{tree['capacity']}",
        f"{100 * tree['used'] // tree['capacity']} %",
    )
    return [own, *(line for one in tree["inside"] for line in _lines(one, depth + 1))]


@dataclass(frozen=True)
class _Asked:
    """The moment that is asked about, under the name that problems give it."""

    at: datetime


def _as_of(options: Namespace) -> Answer:
    moment = form_of(_Asked, {"at": options.moment}).at
    with reading(options) as session, session.store.read() as connection:
        row = container_of(connection, options.code, "code") if options.code else None
        was = as_it_was(connection, row.id if row else None, moment, datetime.now(UTC))
    result = {
        "at": was.moment,
        "container": show_container.result(was.view) if was.view else None,
        "inside": [show_container.container(one) for one in was.children],
        "since": [_since(one) for one in was.differences],
    }
    return Answer(result, _as_of_text(was))


def _since(one: Difference) -> dict[str, object]:
    return {
        "what": one.kind,
        "code": one.content.code,
        "was": one.was or None,
        "became": one.became or None,
        "event": one.event,
        "at": one.at,
        "by": one.name,
    }


def _as_of_text(was: AsItWas) -> str:
    inside = [
        (one.name, codes.group(one.code), one.kind.name, f"{one.used}/{one.capacity}") for one in was.children
    ]
    changed = [
        (
            columns.moment(one.at),
            words.event(one.event),
            codes.group(one.content.code),
            f"{one.was or columns.UNKNOWN} → {one.became or columns.UNKNOWN}",
            one.name,
        )
        for one in was.differences
    ]
    return columns.joined(
        _("As known on {moment}").format(moment=columns.moment(was.moment)),
        show_container.text(was.view) if was.view else "",
        columns.table((_("Container"), _("Code"), _("Kind"), _("Used")), inside),
        columns.table((_("Changed since"), _("What"), _("Code"), _("Position"), _("By")), changed)
        or _("Nothing has changed since."),
    )


def _kit(options: Namespace) -> Answer:
    from biobank_desktop.services.recovery import write_kit  # noqa: PLC0415 - fonts: only to print

    to = Path(options.to)
    with reading(options) as session:
        by = session.require_actor().name
        (path,) = followed(write_kit(session.store, options.device, by, to.parent, to.name))
    return Answer({"file": str(path)}, columns.pairs([(_("Recovery kit written"), path)]))


@dataclass(frozen=True)
class _WalkForm:
    """The rows of an input file."""

    vials: tuple[WalkRow, ...]


def _walk(options: Namespace) -> Answer:
    from biobank_desktop.papers.walk_list import walk_list_pdf, walk_list_text  # noqa: PLC0415 - fonts

    listed = form_of(_WalkForm, read_input(options.file)).vials if options.file else ()
    rows = [*(WalkRow(code) for code in options.vials), *listed]
    with reading(options) as session, session.store.read() as connection:
        by = session.require_actor().name
        paper = walk_list(connection, options.title or _("Walk list"), rows, by, datetime.now(UTC))
    file = write_file(options.to, walk_list_pdf(paper)) if options.to else None
    return Answer({"openings": walk(paper.lines), "file": file}, walk_list_text(paper))
