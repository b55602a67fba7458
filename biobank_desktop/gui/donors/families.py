"""A donor's samples as families: each tube with what was made of it, and where everything lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import words
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.family import FamilyTree, Relative
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, say_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Decision
    from biobank_desktop.persistence.queries.containers import Place
    from biobank_desktop.persistence.queries.samples import SampleRow

_MEANINGS = {"void": Meaning.REFUSED, "refused": Meaning.REFUSED, "planned": Meaning.MISSING}


@dataclass(frozen=True)
class Family:
    """A tube's heading (time point and day drawn), its tree, and what may be done with all of it."""

    heading: str
    root: Relative
    verdicts: tuple[Decision, ...]


def positions(connection: Connection, places: Mapping[int, Place]) -> dict[int, str]:
    """Where each sample lies, as box and position: "BX001 · B3"."""
    from biobank_desktop.persistence.queries import containers  # noqa: PLC0415
    from biobank_desktop.services.kinds import grid_of  # noqa: PLC0415

    boxes = {place.container_id for place in places.values()}
    rows = {box: row for box in boxes if (row := containers.container(connection, box)) is not None}
    return {
        item: f"{rows[place.container_id].name} · "
        f"{grid_of(rows[place.container_id].kind).label((place.row_no, place.column_no))}"
        for item, place in places.items()
        if place.container_id in rows
    }


def families(
    samples: Sequence[SampleRow],
    where: Mapping[int, str],
    ended: Mapping[int, str],
    verdicts: Mapping[int, tuple[Decision, ...]],
) -> list[Family]:
    """The tubes, the newest first, each with its family and the verdicts about it; ``ended`` says how."""
    children: dict[int, list[SampleRow]] = {}
    for row in samples:
        if row.parent_id is not None:
            children.setdefault(row.parent_id, []).append(row)
    tubes = sorted((row for row in samples if row.parent_id is None), key=lambda row: -row.id)
    return [
        Family(_heading(tube), _relative(tube, children, where, ended), verdicts.get(tube.id, ()))
        for tube in tubes
    ]


def _heading(tube: SampleRow) -> str:
    drawn = _("drawn {at}").format(at=words.moment(tube.drawn_at))
    return " · ".join(part for part in (words.material_name(tube.material), tube.time_point, drawn) if part)


def _relative(
    row: SampleRow,
    children: Mapping[int, Sequence[SampleRow]],
    where: Mapping[int, str],
    ended: Mapping[int, str],
) -> Relative:
    place, ending = where.get(row.id), ended.get(row.id)
    title = words.material_name(row.material)
    if row.number is not None:
        title = f"{title} {row.number}"
    amount = words.amount(row.volume_ul, row.cells)
    return Relative(
        code=codes.from_number(row.id),
        title=f"{title} · {amount}" if amount != words.UNKNOWN else title,
        state=say_value(ending) if ending else place or words.state_name(row.state),
        children=tuple(_relative(child, children, where, ended) for child in children.get(row.id, ())),
        meaning=Meaning.MISSING if ending else Meaning.STORED if place else _MEANINGS.get(row.state),
        icon="tube" if row.kind == "tube" else "vial",
    )


def summary(verdicts: Sequence[Decision]) -> list[tuple[Meaning, str]]:
    """What may be done, in at most three lines: how much is permitted, and by name what is not."""
    lines = []
    for verdict, meaning in words.MEANINGS.items():
        such = [one for one in verdicts if one.verdict == verdict]
        if not such:
            continue
        if verdict == "permitted":
            said = _("{count} of {all} purposes permitted").format(count=len(such), all=len(verdicts))
        elif len(such) == len(verdicts):
            said = _("{verdict} for every purpose").format(verdict=words.verdict_word(such[0]))
        else:
            names = ", ".join(words.choice_name(one.purpose) for one in such)
            said = f"{words.verdict_word(such[0])}: {names}"
        lines.append((meaning, said))
    return lines


class FamilyList(QWidget):
    """One tree below the other; the verdicts above them all when they are the same, else above each."""

    opened = Signal(str)
    """the code of the sample to open"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_families(self, families: Sequence[Family]) -> None:
        """Show these families."""
        clear_layout(self._column)
        alike = len({_said(family) for family in families}) == 1
        if alike:
            self._add_verdicts(families[0])
            self._column.addSpacing(12)
        if not families:
            none = _("No samples yet. Scan a tube of this donor to receive it.")
            self._column.addWidget(Text(none, "muted", wrap=True, parent=self))
        for index, family in enumerate(families):
            if index:
                self._column.addSpacing(12)
            self._column.addWidget(Text(family.heading, "detail", parent=self))
            if not alike:
                self._add_verdicts(family)
            tree = FamilyTree(self)
            tree.setAccessibleName(family.heading)
            tree.show_family(family.root)
            tree.opened.connect(self.opened)
            self._column.addWidget(tree)

    def _add_verdicts(self, family: Family) -> None:
        for meaning, said in summary(family.verdicts):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(Icon(meaning.value, meaning.value, 16, self), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Text(said, wrap=True, parent=self), 1)
            self._column.addLayout(row)


def _said(family: Family) -> tuple[tuple[str, str], ...]:
    return tuple((one.purpose, one.verdict) for one in family.verdicts)
