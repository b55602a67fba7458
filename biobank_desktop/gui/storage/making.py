"""New containers and new kinds of them, made in the window; kinds changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.domain.contents import allowed
from biobank_desktop.domain.grids import FILL_ORDERS, LABELS, Grid
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.storage import HOLDS_SAMPLES, LEVELS, TEMPERATURES, may_stand_in
from biobank_desktop.gui.boxviews import Shape
from biobank_desktop.gui.storage.ruling import material_picks
from biobank_desktop.gui.widgets.boxmap import BoxMap, Well, WellState
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _, say_value
from biobank_desktop.services.kinds import MOST_COLUMNS, MOST_ROWS, KindForm
from biobank_desktop.services.storage import ContainerForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.persistence.queries.containers import ContainerRow, KindRow

_FIRST_SHOWN = 3
_IN_A_ROW = 3
_LARGEST_PREVIEW = 24


class NewContainer(FormCard):
    """A container that is to stand in another one, or in nothing."""

    def __init__(
        self,
        kinds: Sequence[KindRow],
        outer: ContainerRow | None,
        position: str = "",
        parent: QWidget | None = None,
    ) -> None:
        where = _("It stands in {name}.").format(name=outer.name) if outer else _("It stands by itself.")
        super().__init__(_("New container"), where, _("Make it and print its label"), parent)
        self._outer = outer
        fitting = [kind for kind in kinds if outer is None or _fits(kind, outer)]
        self._levels = {kind.name: kind.level for kind in fitting}
        picks = [Pick(kind.name, f"{kind.name} · {say_value(kind.level)}") for kind in fitting]
        self.kind = PickField(_("Kind"), picks, name="kind", parent=self)
        self.name_field = FieldBox(_("Name"), name="name", parent=self)
        self.temperature = PickField(
            _("Temperature"),
            [Pick(one, say_value(one)) for one in TEMPERATURES],
            name="temperature",
            parent=self,
        )
        self.position = FieldBox(_("Position"), name="position", hint=_("next free"), parent=self)
        self.position.set_text(position)
        self.add_row([self.kind, self.name_field, self.temperature, self.position])
        self.position.setVisible(outer is not None)
        self.kind.changed.connect(self._follow)
        if len(fitting) == 1:
            self.kind.set_value(fitting[0].name)
        self._follow()

    def form(self) -> ContainerForm:
        """What the fields say."""
        return ContainerForm(
            kind=self.kind.value() or self.kind.text(),
            name=self.name_field.text(),
            temperature=self.temperature.value() if self.temperature.isEnabled() else None,
            inside=self._outer.code if self._outer else None,
            position=self.position.text(),
        )

    def problems(self) -> list[Problem]:
        """What is missing or cannot be read; the rest is the database's to say."""
        found = []
        if self.kind.value() is None:
            found.append(Problem("kind", "answer-missing"))
        if self.temperature.isEnabled() and self.temperature.answer() is not Answer.GIVEN:
            found.append(Problem("temperature", "answer-missing"))
        if not self.name_field.text():
            found.append(Problem("name", "name-missing"))
        return found

    def _follow(self) -> None:
        """Only a device has a temperature of its own."""
        self.temperature.setEnabled(self._levels.get(self.kind.value() or "") == "device")


def _fits(kind: KindRow, outer: ContainerRow) -> bool:
    return may_stand_in(kind.level, outer.kind.level)  # type: ignore[arg-type]


class NewKind(FormCard):
    """A kind of container: any grid, any names of its places, any order of filling; drawn as it is typed.

    ``was`` is a kind that is changed: its name stays, and a reason is asked for.
    """

    def __init__(
        self, kinds: Sequence[KindRow] = (), was: KindRow | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            _("New kind of container") if was is None else _("Change {name}").format(name=was.name),
            _("Its grid as it looks from above, the notch at the top left. One row: places without a grid."),
            _("Make this kind") if was is None else _("Save the change"),
            parent,
        )
        self._was = was
        self.name_field = FieldBox(_("Name"), name="name", parent=self)
        self.level = PickField(
            _("Level"), [Pick(one, say_value(one)) for one in LEVELS], name="level", parent=self
        )
        self.row_count = FieldBox(_("Rows"), name="rows", letters=False, parent=self)
        self.column_count = FieldBox(_("Columns"), name="columns", letters=False, parent=self)
        labels = [Pick(one, _(f"labels.{one}")) for one in LABELS]
        self.row_labels = PickField(_("Names of rows"), labels, name="row_labels", parent=self)
        self.column_labels = PickField(_("Names of columns"), labels, name="column_labels", parent=self)
        self.fill_order = PickField(
            _("Fills"), [Pick(one, _(f"fill.{one}")) for one in FILL_ORDERS], name="fill_order", parent=self
        )
        self.add_row([self.name_field, self.level, self.row_count, self.column_count])
        self.add_row([self.row_labels, self.column_labels, self.fill_order], columns=3)
        self.map = BoxMap(widest_px=24, parent=self)
        self.rows.addWidget(self.map)
        self._add_rules(kinds)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.why.setVisible(was is not None)
        self.add_row([self.why], columns=1)
        if was is None:
            self._propose()
        else:
            self._fill(was)
        for field in self._fields.values():
            if isinstance(field, FieldBox):
                field.changed.connect(self._draw)
        self._draw()
        self._follow()

    def form(self) -> KindForm:
        """What the fields say; what cannot be read is 0 or empty, and the database says so."""
        level = self.level.value() or ""
        return KindForm(
            name=self.name_field.text(),
            level=level,
            rows=_whole(self.row_count),
            columns=_whole(self.column_count),
            row_labels=self.row_labels.value() or "",
            column_labels=self.column_labels.value() or "",
            fill_order=self.fill_order.value() or "",
            holds="samples" if level in HOLDS_SAMPLES else "containers",
            materials=self.materials.values() or None,
            takes=(self.takes.values() or None) if level not in HOLDS_SAMPLES else None,
            temperature=self.temperature.value(),
        )

    def problems(self) -> list[Problem]:
        """What is missing or cannot be read."""
        answers = (self.level, self.row_labels, self.column_labels, self.fill_order)
        found = [Problem(field.name, "answer-missing") for field in answers if field.value() is None]
        if not self.name_field.text():
            found.append(Problem("name", "name-missing"))
        if self.temperature.answer() is Answer.UNREADABLE:
            found.append(Problem("temperature", "answer-missing"))
        if self._was is not None and not self.why.text():
            found.append(Problem("why", "reason-missing"))
        return found

    def _add_rules(self, kinds: Sequence[KindRow]) -> None:
        self.temperature = PickField(
            _("Always at"),
            [Pick(one, say_value(one)) for one in TEMPERATURES],
            name="temperature",
            parent=self,
        )
        self.materials = ToggleRow(
            _("Only these materials (none chosen: all)"),
            material_picks(),
            name="materials",
            columns=_IN_A_ROW,
            parent=self,
        )
        self.takes = ToggleRow(
            _("Only these kinds stand in it (none chosen: all)"),
            [Pick(kind.name, kind.name) for kind in kinds],
            name="takes",
            columns=_IN_A_ROW,
            parent=self,
        )
        self.add_row([self.temperature], columns=2)
        self.add_row([self.materials], columns=1)
        self.add_row([self.takes], columns=1)
        self.level.changed.connect(self._follow)

    def _fill(self, was: KindRow) -> None:
        self.name_field.set_text(was.name)
        self.name_field.setEnabled(False)
        self.row_count.set_text(str(was.rows))
        self.column_count.set_text(str(was.columns))
        for field in (self.level, self.row_labels, self.column_labels, self.fill_order, self.temperature):
            field.set_value(getattr(was, field.name) or "")
        self.materials.set_values(sorted(allowed(was.materials) or ()))
        self.takes.set_values(sorted(allowed(was.takes) or ()))

    def _follow(self) -> None:
        """Only what holds containers says which; a kind made of nothing yet offers none."""
        self.takes.setVisible((self.level.value() or "") not in HOLDS_SAMPLES)

    def _propose(self) -> None:
        self.level.set_value("box")
        self.row_count.set_text("9")
        self.column_count.set_text("9")
        self.row_labels.set_value("letters")
        self.column_labels.set_value("numbers")
        self.fill_order.set_value("rows-from-top-left")

    def _draw(self) -> None:
        form = self.form()
        sensible = 1 <= form.rows <= min(MOST_ROWS, _LARGEST_PREVIEW) and 1 <= form.columns <= MOST_COLUMNS
        try:
            grid = Grid(form.rows, form.columns, form.row_labels, form.column_labels, form.fill_order)
        except ValueError:
            grid = None
        shape = Shape.of(grid) if grid is not None and sensible else None
        self.map.setVisible(shape is not None and shape.width <= _LARGEST_PREVIEW)
        if shape is None or grid is None or shape.width > _LARGEST_PREVIEW:
            return
        shape.draw(self.map)
        first = [position for position, _no in zip(grid.order(), range(_FIRST_SHOWN), strict=False)]
        self.map.set_wells({shape.place(position): Well(WellState.PROPOSED) for position in first})


def _whole(field: FieldBox) -> int:
    return parse_whole(field.text()) or 0
