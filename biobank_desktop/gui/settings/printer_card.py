"""The form of a printer: only what its way asks for is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.gui.widgets.cards import reveal
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.printing import FoundPrinter
    from biobank_desktop.labels.catalogue import Catalogue
    from biobank_desktop.persistence.queries.printers import PrinterRow
    from biobank_desktop.services.printers import PrinterForm

WAYS = (("pdf", "P"), ("sheet", "S"), ("system", "C"), ("zpl", "Z"), ("cups", "Q"))
"""Each way with the letter that chooses it."""


def way_name(way: str) -> str:
    """How a printer is reached, in words."""
    return {
        "pdf": _("PDF, a page per label"),
        "sheet": _("PDF, sheets of labels"),
        "system": _("Printer of this computer"),
        "zpl": _("Zebra on the network"),
        "cups": _("Queue of CUPS"),
    }[way]


def short_way_name(way: str) -> str:
    """The same in a column."""
    return {
        "pdf": _("PDF"),
        "sheet": _("PDF sheets"),
        "system": _("This computer"),
        "zpl": _("Zebra"),
        "cups": _("CUPS"),
    }[way]


class PrinterCard(FormCard):
    """A printer: its name, how it is reached, its resolution and what it is loaded with."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", _("Store the printer"), parent)
        ways = [Choice(way, way_name(way), key) for way, key in WAYS]
        self.name = FieldBox(_("Name"), name="name", parent=self)
        self.dpi = FieldBox(_("Resolution"), name="dpi", hint="dpi", parent=self)
        self.template = PickField(_("Loaded with"), name="template", parent=self)
        self.way = ChoiceQuestion(_("How it is reached"), ways, name="way", columns=3, parent=self)
        self.folder = self._field(_("Folder for the files"), "folder", _("empty: the data folder"))
        self.system = PickField(_("Printer of this computer"), name="options", parent=self)
        self.host = self._field(_("Name or address on the network"), "host")
        self.port = self._field(_("Port"), "port", "9100")
        self.offset_x = self._field(_("Moved to the right"), "offset_x_mm", "0", "mm")
        self.offset_y = self._field(_("Moved down"), "offset_y_mm", "0", "mm")
        self.darkness = self._field(_("Darkness"), "darkness", _("the printer's own"), "0–30")
        self.queue = self._field(_("Name of the queue"), "queue")
        self.server = self._field(_("Print server"), "server", _("empty: this computer"))
        self._answers: dict[str, dict[str, FieldBox]] = {
            "pdf": {"folder": self.folder},
            "sheet": {"folder": self.folder},
            "system": {"queue": self.system},
            "zpl": {field.name: field for field in (self.host, self.port, *self._fine())},
            "cups": {"queue": self.queue, "server": self.server},
        }
        self.add_row([self.name, self.dpi, self.template], 3)
        self.add_row([self.way], 1)
        self.add_row([self.folder, self.system], 2)
        self.add_row([self.host, self.port, self.queue, self.server], 2)
        self.add_row(self._fine(), 3)
        self.way.chosen.connect(self._follow)

    def _field(self, label: str, name: str, empty: str = "", hint: str = "") -> FieldBox:
        field = FieldBox(label, name=name, hint=hint, parent=self)
        field.editor.setPlaceholderText(empty)
        return field

    def _fine(self) -> list[FieldBox]:
        """What is set once, with a test label in the hand."""
        return [self.offset_x, self.offset_y, self.darkness]

    def begin_for(self, row: PrinterRow | None, known: Catalogue) -> None:
        """Change this printer, or make a new one; what may lie in it is what the lab has layouts for."""
        self.set_heading(_("Change {name}").format(name=row.name) if row else _("A new printer"))
        self.template.set_picks([Pick(name, known.title(name)) for name in known.entries])
        self.name.set_text(row.name if row else "")
        self.name.editor.setReadOnly(row is not None)
        self.way.set_value(row.way if row else None)
        self.dpi.set_text(str(row.dpi) if row else "300")
        for fields in self._answers.values():
            for field in fields.values():
                field.set_text("")
        if row:
            for option, field in self._answers[row.way].items():
                field.set_text(row.options.get(option, ""))
        self.template.set_text("")
        if row:
            self.template.set_value(row.template)
        self._follow()
        self.begin()

    def offer_queues(self, found: list[FoundPrinter]) -> None:
        """The printers this computer knows."""
        self.system.set_picks([Pick(one.name, one.description or one.name) for one in found])

    def form(self) -> PrinterForm:
        """The printer as it is filled in."""
        from biobank_desktop.services.printers import PrinterForm  # noqa: PLC0415

        way = str(self.way.value() or "")
        typed = {option: field.text() for option, field in self._answers.get(way, {}).items()}
        if way == "system":
            typed["queue"] = self.system.value() or self.system.text()
        options = {option: text for option, text in typed.items() if text}
        dpi = parse_whole(self.dpi.text()) or 0
        return PrinterForm(self.name.text(), way, dpi, self.template.value() or "", options)

    def _follow(self) -> None:
        """Ask only what belongs to the way."""
        shown = self._answers.get(str(self.way.value() or ""), {}).values()
        for fields in self._answers.values():
            for field in fields.values():
                reveal(field, field in shown)
