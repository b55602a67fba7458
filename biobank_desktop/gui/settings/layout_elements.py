"""What stands where on a label: the list of its elements, and the answers of the one under the cursor."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.labels import FIELDS
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import field_grid, reveal
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.labels.typed import TypedTemplate

TABLE_PX = 260
_LEAST = 1
"""A label has at least so many elements; which ones it needs, the reader says."""


def kind_name(kind: str) -> str:
    """A kind of element in words."""
    names = {"text": _("Text"), "line": _("Drawn line"), "datamatrix": "Data Matrix", "code128": "Code 128"}
    return names[kind]


def content_name(value: str) -> str:
    """What a text shows, in words; a text of several fields is named by all of them."""
    names = {
        "{code}": _("Code"),
        "{code|grouped}": _("Code in groups"),
        "{material}": _("Material"),
        "{time_point}": _("Time point"),
        "{aliquot}": _("Number of the vial"),
        "{amount}": _("Amount"),
        "{date}": _("Day of collection"),
        "{name}": _("Name"),
        "{path}": _("Where it belongs"),
        "{text}": _("Name of the command"),
    }
    for field, name in names.items():
        value = value.replace(field, name)
    return value


class ElementsEditor(QWidget):
    """The elements in their order, and the answers of one of them."""

    changed = Signal(object)
    """the layout is another one: a ``TypedTemplate``"""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout: TypedTemplate | None = None
        self._problems: tuple[Problem, ...] = ()
        self._filling = False
        self.table = PagedTable(self._columns(), jobs, self, enter_opens=False)
        self.table.setAccessibleName(_("Elements"))
        self.table.setFixedHeight(TABLE_PX)
        self.add = {
            kind: ActionButton(kind_name(kind), icon="plus", parent=self)
            for kind in ("text", "datamatrix", "code128", "line")
        }
        self.up = ActionButton(_("Up"), parent=self)
        self.down = ActionButton(_("Down"), parent=self)
        self.remove = ActionButton(_("Remove"), icon="discard", parent=self)
        self.fields = self._made_fields()
        self._lay_out()
        for kind, button in self.add.items():
            button.clicked.connect(lambda _checked=False, kind=kind: self._add(kind))
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.remove.clicked.connect(self._remove)
        self.table.pointed.connect(lambda _id: self._fill())

    def _made_fields(self) -> dict[str, FieldBox]:
        weights = [Pick("regular", _("Regular")), Pick("bold", _("Bold"))]
        sides = [Pick("left", _("Left")), Pick("centre", _("Middle")), Pick("right", _("Right"))]
        made: dict[str, FieldBox] = {
            "value": PickField(_("Shows"), parent=self),
            "weight": PickField(_("Letters"), weights, parent=self),
            "align": PickField(_("Stands"), sides, parent=self),
        }
        lengths = {
            "x_mm": _("From the left"),
            "y_mm": _("From the top"),
            "width_mm": _("Width"),
            "height_mm": _("Height"),
            "size_mm": _("Height of the letters"),
            "module_mm": _("Size of a module"),
            "smallest_mm": _("At least"),
            "from_x_mm": _("Begins, from the left"),
            "from_y_mm": _("Begins, from the top"),
            "to_x_mm": _("Ends, from the left"),
            "to_y_mm": _("Ends, from the top"),
            "thickness_mm": _("Thickness"),
        }
        made |= {key: FieldBox(label, hint="mm", parent=self) for key, label in lengths.items()}
        for key, field in made.items():
            field.changed.connect(lambda key=key: self._edited(key))
        return made

    def _columns(self) -> list[Column]:
        return [
            Column("", lambda row: str(row + 1), 48, right=True),
            Column(_("Element"), self._what),
            Column(_("Place and size in mm"), self._where, 240),
            Column(_("To put right"), self._wrong, 150, meaning=self._meaning),
        ]

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (*self.add.values(), self.up, self.down, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self._across = QHBoxLayout()
        self._across.setSpacing(16)
        self._across.addWidget(self.table, 1)
        column.addLayout(self._across)
        column.addLayout(buttons)
        column.addLayout(self._grid())

    def _grid(self) -> QGridLayout:
        """All fields in one grid; where two stand in one place, no kind of element asks both."""
        grid = field_grid([], 4)
        rows = (
            ("value", "weight", "align"),
            ("x_mm", "y_mm", "width_mm", "height_mm"),
            ("size_mm", "smallest_mm"),
            ("module_mm",),
            ("from_x_mm", "from_y_mm", "to_x_mm", "to_y_mm"),
            ("thickness_mm",),
        )
        lines = (0, 1, 2, 2, 0, 1)
        for line, row in zip(lines, rows, strict=True):
            for place, key in enumerate(row):
                grid.addWidget(self.fields[key], line, place, Qt.AlignmentFlag.AlignTop)
        return grid

    def add_beside(self, widget: QWidget) -> None:
        """Put something beside the list."""
        self._across.addWidget(widget)

    def show_layout(self, layout: TypedTemplate) -> None:
        """Show what is typed; the cursor stays where it was."""
        self._layout = layout
        offered = dict.fromkeys(f"{{{name}}}" for name in sorted(FIELDS[layout.label]))
        offered |= dict.fromkeys(one["value"] for one in layout.elements if self._is_offered(one))
        picks = self.fields["value"]
        assert isinstance(picks, PickField)
        picks.set_picks([Pick(value, content_name(value)) for value in offered])
        self._show_rows()
        self._point(self._number())

    def keep(self, layout: TypedTemplate) -> None:
        """The rest of the layout was answered anew; its elements are the same."""
        self._layout = layout

    def _is_offered(self, element: Mapping[str, str]) -> bool:
        """Whether a text is made of fields: what was typed and is no choice is not one for others."""
        return "{" in element.get("value", "")

    def problems(self) -> list[Problem]:
        """What no reader of templates sees: words that fit no choice."""
        assert self._layout is not None
        found = []
        for number, element in enumerate(self._layout.elements, start=1):
            if element["kind"] == "text":
                fits = {"value": self._is_offered(element)}
                fits["weight"] = element["weight"] in {"regular", "bold"}
                fits["align"] = element["align"] in {"left", "centre", "right"}
                found += [
                    Problem(f"element.{number}.{key}", "answer-unreadable")
                    for key, fit in fits.items()
                    if not fit
                ]
        return found

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Those of the element under the cursor stand beside its fields, all are counted in the list."""
        self._problems = tuple(problems)
        self._show_rows()
        self._lay_problems()

    def attend_to(self, problems: Sequence[Problem]) -> None:
        """Go to the first element with a problem that stops."""
        numbers = [_number_of(problem) for problem in problems if not problem.warning]
        first = min((number for number in numbers if number is not None), default=None)
        if first is not None:
            self._point(first)

    def _number(self) -> int:
        number = self.table.current_id()
        return 0 if number is None else number

    def _point(self, number: int) -> None:
        assert self._layout is not None
        self.table.selectRow(max(0, min(number, len(self._layout.elements) - 1)))
        self._fill()

    def _fill(self) -> None:
        """The answers of the element under the cursor."""
        element = self._element()
        self._filling = True
        for key, field in self.fields.items():
            reveal(field, key in element)
            if key in element and (field.text() != element[key] or isinstance(field, PickField)):
                if isinstance(field, PickField):
                    field.set_value(element[key])
                else:
                    field.set_text(element[key])
        self._filling = False
        self._lay_problems()

    def _element(self) -> Mapping[str, str]:
        assert self._layout is not None
        number = self._number()
        return self._layout.elements[number] if number < len(self._layout.elements) else {}

    def _edited(self, key: str) -> None:
        if self._filling or self._layout is None:
            return
        field, number = self.fields[key], self._number()
        text = (field.value() or field.text()) if isinstance(field, PickField) else field.text()
        self._take(self._layout.with_element(number, {**self._element(), key: text}))

    def _add(self, kind: str) -> None:
        assert self._layout is not None
        self._take(self._layout.added(kind))
        self._point(len(self._layout.elements) - 1)

    def _move(self, by: int) -> None:
        assert self._layout is not None
        number = self._number()
        self._take(self._layout.moved(number, by))
        self._point(number + by)

    def _remove(self) -> None:
        assert self._layout is not None
        if len(self._layout.elements) > _LEAST:
            number = self._number()
            self._take(self._layout.without(number))
            self._point(number)

    def _take(self, layout: TypedTemplate) -> None:
        self._layout = layout
        self._show_rows()
        self.changed.emit(layout)

    def _show_rows(self) -> None:
        assert self._layout is not None
        numbers = array("q", range(len(self._layout.elements)))
        self.table.rows.show_rows(numbers, list(numbers))

    def _of(self, row: int) -> list[Problem]:
        return [problem for problem in self._problems if _number_of(problem) == row]

    def _lay_problems(self) -> None:
        mine = self._of(self._number())
        whole = [problem for problem in mine if problem.field.count(".") == 1]
        first = self._element().get("kind") == "line"
        for key, field in self.fields.items():
            own = [problem for problem in mine if problem.field.endswith(f".{key}")]
            is_first = key == ("from_x_mm" if first else "x_mm")
            field.set_problems([*own, *(whole if is_first else ())])

    def _what(self, row: int) -> str:
        assert self._layout is not None
        element = self._layout.elements[row]
        name = kind_name(element["kind"])
        return f"{name}: {content_name(element['value'])}" if element["kind"] == "text" else name

    def _where(self, row: int) -> str:
        assert self._layout is not None
        one = self._layout.elements[row]
        if one["kind"] == "line":
            return f"{one['from_x_mm']}, {one['from_y_mm']} – {one['to_x_mm']}, {one['to_y_mm']}"
        return f"{one['x_mm']}, {one['y_mm']}; {one['width_mm']} × {one['height_mm']}"

    def _wrong(self, row: int) -> str:
        count = len(self._of(row))
        return ngettext("{count} thing", "{count} things", count) if count else ""

    def _meaning(self, row: int) -> Meaning | None:
        mine = self._of(row)
        if not mine:
            return None
        return Meaning.PROVISIONAL if all(problem.warning for problem in mine) else Meaning.REFUSED


def _number_of(problem: Problem) -> int | None:
    """Which element (from 0) a problem is of."""
    head, _dot, rest = problem.field.partition(".")
    number = rest.partition(".")[0]
    return int(number) - 1 if head == "element" and number.isdigit() else None
