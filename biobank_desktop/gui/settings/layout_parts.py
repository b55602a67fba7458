"""The parts of a label's stock: the side, the dot for the cap, the clear tail, each with its rectangle."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from biobank_desktop.gui.widgets.entries import EntriesEditor, Entry, EntryWords, NewEntry
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.jobs import Jobs

TABLE_PX = 160
_KINDS = {"side": "G", "cap": "K", "tail": "A"}
"""Each kind of part with the letter that adds one."""


def part_name(kind: str) -> str:
    """A kind of part in words; what is none stands as it is."""
    return {"side": _("Side"), "cap": _("Dot for the cap"), "tail": _("Clear tail")}.get(kind, kind)


def shape_name(shape: str) -> str:
    """A shape in words; what is none stands as it is."""
    return {"rectangle": _("Rectangle"), "circle": _("Circle")}.get(shape, shape)


class PartsEditor(EntriesEditor):
    """The parts, and the answers of one of them; ``size`` tells how large the whole label is."""

    def __init__(self, size: Callable[[], Mapping[str, str]], jobs: Jobs, parent: QWidget) -> None:
        self._size = size
        lengths = {
            "x_mm": _("From the left"),
            "y_mm": _("From the top"),
            "width_mm": _("Width"),
            "height_mm": _("Height"),
        }
        fields = {
            "kind": PickField(_("Part"), [Pick(kind, part_name(kind)) for kind in _KINDS]),
            "shape": PickField(
                _("Shape"), [Pick(shape, shape_name(shape)) for shape in ("rectangle", "circle")]
            ),
            **{key: FieldBox(label, hint="mm") for key, label in lengths.items()},
        }
        super().__init__(
            EntryWords(
                _("Parts of the label"),
                "stock.part",
                ("x_mm",),
                _("The whole label is one part that takes ink. Add parts where it is cut into several."),
                ordered=False,
            ),
            [Column(_("Part"), _what), Column(_("Place and size in mm"), _where, 240)],
            fields,
            jobs,
            parent,
        )
        self.table.setFixedHeight(TABLE_PX)
        self.offer_new(
            {
                kind: NewEntry(part_name(kind), letter, partial(self._new, kind))
                for kind, letter in _KINDS.items()
            }
        )
        self.lay_fields((tuple(fields)[:2], tuple(lengths)), (0, 1), 4)

    def _new(self, kind: str) -> list[Mapping[str, str]]:
        """The first part brings the side with it, on what it leaves: the whole label was that."""
        from biobank_desktop.labels.typed import new_part  # noqa: PLC0415

        size = self._size()
        part = new_part(kind, size)
        if self.entries() or kind == "side":
            return [part]
        return [new_part("side", {**size, "width_mm": part["x_mm"]}), part]


def _what(entry: Entry) -> str:
    return f"{part_name(entry.answers['kind'])}, {shape_name(entry.answers['shape']).lower()}"


def _where(entry: Entry) -> str:
    one = entry.answers
    return f"{one['x_mm']}, {one['y_mm']}; {one['width_mm']} × {one['height_mm']}"
