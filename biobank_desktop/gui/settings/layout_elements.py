"""What stands where on a label: the list of its elements, and the answers of the one under the cursor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from biobank_desktop.domain.labels import FIELDS
from biobank_desktop.gui.widgets.entries import EntriesEditor, Entry, EntryWords, NewEntry
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.jobs import Jobs

TABLE_PX = 260
_KINDS = {"text": "T", "datamatrix": "M", "code128": "O", "line": "L"}
"""Each kind of element with the letter that adds one."""


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


class ElementsEditor(EntriesEditor):
    """The elements in their order, and the answers of one of them."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        self._value = PickField(_("Shows"))
        super().__init__(
            EntryWords(_("Elements"), "element", ("x_mm", "from_x_mm")),
            [Column(_("Element"), _what), Column(_("Place and size in mm"), _where, 240)],
            self._made_fields(),
            jobs,
            parent,
        )
        self.table.setFixedHeight(TABLE_PX)
        self.offer_new(
            {kind: NewEntry(kind_name(kind), letter, partial(_new, kind)) for kind, letter in _KINDS.items()}
        )
        rows = (
            ("value", "weight", "align"),
            ("x_mm", "y_mm", "width_mm", "height_mm"),
            ("module_mm",),
            ("size_mm", "smallest_mm"),
            ("from_x_mm", "from_y_mm", "to_x_mm", "to_y_mm"),
            ("thickness_mm",),
        )
        self.lay_fields(rows, (0, 1, 2, 2, 0, 1), 4)

    def _made_fields(self) -> dict[str, FieldBox]:
        weights = [Pick("regular", _("Regular")), Pick("bold", _("Bold"))]
        sides = [Pick("left", _("Left")), Pick("centre", _("Middle")), Pick("right", _("Right"))]
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
        return {
            "value": self._value,
            "weight": PickField(_("Letters"), weights),
            "align": PickField(_("Stands"), sides),
            **{key: FieldBox(label, hint="mm") for key, label in lengths.items()},
        }

    def show_elements(self, label: str, elements: Sequence[Mapping[str, str]]) -> None:
        """Show the elements of a layout that is made for vials, containers or commands.

        A text offers every field of such a label; what was typed and is no field is not one for others.
        """
        offered = dict.fromkeys(f"{{{name}}}" for name in sorted(FIELDS[label]))
        offered |= dict.fromkeys(one["value"] for one in elements if "{" in one.get("value", ""))
        self._value.set_picks([Pick(value, content_name(value)) for value in offered])
        self.show_entries(elements)


def _new(kind: str) -> list[Mapping[str, str]]:
    from biobank_desktop.labels.typed import new_element  # noqa: PLC0415

    return [new_element(kind)]


def _what(entry: Entry) -> str:
    element = entry.answers
    name = kind_name(element["kind"])
    return f"{name}: {content_name(element['value'])}" if element["kind"] == "text" else name


def _where(entry: Entry) -> str:
    one = entry.answers
    if one["kind"] == "line":
        return f"{one['from_x_mm']}, {one['from_y_mm']} – {one['to_x_mm']}, {one['to_y_mm']}"
    return f"{one['x_mm']}, {one['y_mm']}; {one['width_mm']} × {one['height_mm']}"
