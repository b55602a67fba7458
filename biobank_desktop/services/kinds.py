"""Container kinds: the shipped ones and new ones; a kind is data, any grid can be made."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.contents import as_text, material_problems
from biobank_desktop.domain.grids import FILL_ORDERS, LABELS, Grid
from biobank_desktop.domain.problems import NotFound, Problem, Rejected, refuse
from biobank_desktop.domain.storage import HOLDS_SAMPLES, LEVELS, TEMPERATURES
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers as query
from biobank_desktop.persistence.queries import tree
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.refitting import refit_kind

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.containers import KindRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

MOST_ROWS = 40
MOST_COLUMNS = 400


@dataclass(frozen=True)
class KindForm:
    """A kind of container: its level, its grid and how its positions are called and filled.

    ``holds`` is "samples" or "containers"; a gridless kind has one row of as many columns as it holds.
    ``materials`` may lie in it and in everything in it, ``takes`` are the kinds that may stand in it
    directly; None allows all. ``temperature`` is the class that every container of the kind has.
    """

    name: str
    level: str
    rows: int
    columns: int
    row_labels: str
    column_labels: str
    fill_order: str
    holds: str
    materials: tuple[str, ...] | None = None
    takes: tuple[str, ...] | None = None
    temperature: str | None = None


def check_kind(form: KindForm) -> list[Problem]:
    """Everything that is wrong with a new kind."""
    problems = []
    if not 1 <= len(form.name.strip()) <= 40:
        problems.append(Problem("name", "name-missing"))
    problems += [
        Problem(name, "not-a-choice", {"value": value, "choices": choices})
        for name, value, choices in (
            ("level", form.level, LEVELS),
            ("row_labels", form.row_labels, LABELS),
            ("column_labels", form.column_labels, LABELS),
            ("fill_order", form.fill_order, tuple(FILL_ORDERS)),
            ("holds", form.holds, ("samples", "containers")),
        )
        if value not in choices
    ]
    if (form.holds == "samples") != (form.level in HOLDS_SAMPLES):
        problems.append(Problem("holds", "level-holds-other", {"level": form.level}))
    if not (1 <= form.rows <= MOST_ROWS and 1 <= form.columns <= MOST_COLUMNS):
        problems.append(Problem("rows", "grid-size", {"rows": MOST_ROWS, "columns": MOST_COLUMNS}))
    if {form.row_labels, form.column_labels}.issubset(LABELS):
        try:
            Grid(1, 1, form.row_labels, form.column_labels)
        except ValueError:
            problems.append(Problem("row_labels", "grid-labels"))
    if form.temperature not in {None, *TEMPERATURES}:
        values = {"value": form.temperature, "choices": TEMPERATURES}
        problems.append(Problem("temperature", "not-a-choice", values))
    if form.takes is not None and form.holds == "samples":
        problems.append(Problem("takes", "takes-no-containers", {"name": form.name}))
    elif form.takes == ():
        problems.append(Problem("takes", "rule-allows-nothing"))
    return problems + material_problems(form.materials)


def grid_of(kind: KindForm | KindRow) -> Grid:
    """The grid of a kind. Raises ``ValueError`` when its labels cannot be told apart."""
    return Grid(kind.rows, kind.columns, kind.row_labels, kind.column_labels, kind.fill_order)


def enter_kind(work: Work, form: KindForm) -> None:
    """Write a kind in an open command."""
    work.insert(tables.container_kind, [{**_row(form), "stream_id": LAB_STREAM}])


def _row(form: KindForm) -> dict[str, Any]:
    lists = {
        name: None if words is None else as_text(frozenset(words))
        for name, words in (("materials", form.materials), ("takes", form.takes))
    }
    return asdict(form) | lists


def add_kind(store: Store, actor: Actor, form: KindForm, command_id: UUID | None = None) -> None:
    """Make a new kind of container. Raises ``Rejected`` with every problem."""
    form = replace(form, name=identifier(form.name))
    refuse(check_kind(form))
    asked = command(actor, "kind-added", form, "manage", title=form.name, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        if work.locked(tables.container_kind, {"name": form.name}) is not None:
            raise Rejected(Problem("name", "name-taken", {"name": form.name}))
        refuse(_unknown_kinds(work.connection, form))
        enter_kind(work, form)
        return {"name": form.name}

    store.run(asked, body)


def change_kind(store: Store, actor: Actor, form: KindForm, why: str, command_id: UUID | None = None) -> None:
    """Change the rules, the names of positions or the fill order of the kind of this name.

    Level and grid stay while there are containers of it: things lie at their positions. Raises ``NotFound``,
    and ``Rejected`` with every problem, among them the first thing inside that a new rule would forbid.
    """
    require_reason(why)
    form = replace(form, name=identifier(form.name))
    refuse(check_kind(form))
    asked = command(actor, "kind-changed", form, "manage", title=form.name, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        key = {"name": form.name}
        was = work.locked(tables.container_kind, key)
        if was is None:
            raise NotFound(Problem("name", "kind-unknown", {"kind": form.name}))
        used = tree.counts_of_kinds(work.connection).get(form.name, 0)
        now = _row(form)
        problems = _unknown_kinds(work.connection, form)
        problems += [
            Problem(name, "kind-is-used", {"kind": form.name, "count": used})
            for name in ("level", "holds", "rows", "columns")
            if now[name] != was[name] and (used or name in {"level", "holds"})
        ]
        refuse([*problems, *_what_breaks(work.connection, form)])
        work.about(LAB_STREAM)  # also when it was so already
        work.update(tables.container_kind, key, **{name: now[name] for name in now if name != "name"})
        if now["materials"] != was["materials"]:
            refit_kind(work, form.name)
        return {"name": form.name}

    store.run(asked, body)


def _unknown_kinds(connection: Connection, form: KindForm) -> list[Problem]:
    known = {kind.name for kind in query.kinds(connection)} | {form.name}
    return [
        Problem("takes", "kind-unknown", {"kind": name}) for name in sorted(set(form.takes or ()) - known)
    ]


def _what_breaks(connection: Connection, form: KindForm) -> list[Problem]:
    """The first container of a kind not taken any more, and the first at another temperature."""
    problems = []
    outer = tree.of_kind(connection, form.name)
    if form.takes is not None:
        for one in tree.standing_in(connection, outer):
            if one.kind not in form.takes:
                values = {"name": one.name, "kind": one.kind, "outer": one.outer}
                problems.append(Problem("takes", "rule-forbids-container", values))
                break
    if form.temperature is not None:
        classes = query.temperatures(connection, outer)
        for row in query.some(connection, outer):
            if classes.get(row.id, form.temperature) != form.temperature:
                values = {"name": row.name, "temperature": classes[row.id]}
                problems.append(Problem("temperature", "rule-forbids-temperature", values))
                break
    return problems


def _holder(name: str, level: str, places: int, temperature: str | None = None) -> KindForm:
    running = ("running", "running", "rows-from-top-left")
    return KindForm(name, level, 1, places, *running, "containers", temperature=temperature)


def _box(name: str, rows: int, columns: int, row_labels: str = "letters") -> KindForm:
    return KindForm(name, "box", rows, columns, row_labels, "numbers", "rows-from-top-left", "samples")


SHIPPED_KINDS: tuple[KindForm, ...] = (
    _holder("Freezer −80", "device", 6),
    _holder("LN2 vapour tank", "device", 20),
    _holder("Freezer shelf", "shelf", 8),
    KindForm("Freezer rack 4 × 5", "rack", 5, 4, "numbers", "numbers", "columns-from-top-left", "containers"),
    _holder("LN2 tower", "rack", 13),
    _box("Box 9 × 9", 9, 9, "letters-without-i"),
    _box("Box 10 × 10", 10, 10),
    _box("SBS rack 8 × 12", 8, 12),
    _box("Box 5 × 5", 5, 5),
    _box("Box 7 × 7", 7, 7),
    _box("Box 13 × 13", 13, 13),
    _box("Box 14 × 14", 14, 14),
    _box("SBS rack 4 × 6", 4, 6),
    _holder("Canister", "shelf", 7),
    _holder("Cane", "rack", 2),
    KindForm("Goblet", "goblet", 1, 6, "running", "running", "rows-from-top-left", "samples"),
    KindForm(
        "Overnight freezing container", "freezing-container", 1, 18, "running", "running",
        "rows-from-top-left", "samples",
    ),
)  # fmt: skip
"""The kinds every new lab starts with: any other grid is made in the window."""
