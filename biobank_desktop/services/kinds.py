"""Container kinds: the shipped ones and new ones; a kind is data, any grid can be made."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.grids import FILL_ORDERS, LABELS, Grid
from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.domain.storage import HOLDS_SAMPLES, LEVELS
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command

if TYPE_CHECKING:
    from uuid import UUID

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
    """

    name: str
    level: str
    rows: int
    columns: int
    row_labels: str
    column_labels: str
    fill_order: str
    holds: str


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
    try:
        grid_of(form)
    except ValueError:
        problems.append(Problem("row_labels", "grid-labels"))
    return problems


def grid_of(kind: KindForm | KindRow) -> Grid:
    """The grid of a kind. Raises ``ValueError`` when its labels cannot be told apart."""
    return Grid(kind.rows, kind.columns, kind.row_labels, kind.column_labels, kind.fill_order)


def enter_kind(work: Work, form: KindForm) -> None:
    """Write a kind in an open command."""
    work.insert(tables.container_kind, [{**asdict(form), "stream_id": LAB_STREAM}])


def add_kind(store: Store, actor: Actor, form: KindForm, command_id: UUID | None = None) -> None:
    """Make a new kind of container. Raises ``Rejected`` with every problem."""
    form = replace(form, name=identifier(form.name))
    refuse(check_kind(form))
    asked = command(actor, "kind-added", form, "manage", title=form.name, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        if work.locked(tables.container_kind, {"name": form.name}) is not None:
            raise Rejected(Problem("name", "name-taken", {"name": form.name}))
        enter_kind(work, form)
        return {"name": form.name}

    store.run(asked, body)


def _holder(name: str, level: str, places: int) -> KindForm:
    return KindForm(name, level, 1, places, "running", "running", "rows-from-top-left", "containers")


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
    KindForm(
        "Overnight freezing container", "freezing-container", 1, 18, "running", "running",
        "rows-from-top-left", "samples",
    ),
)  # fmt: skip
"""The kinds every new lab starts with: any other grid is made in the window."""
