"""The lab's label printers, and which of them this bench prints on."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.desk import SETTINGS
from biobank_desktop.gui.settings.part import BenchSettings, PartWithForms
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import reveal
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.printing import FoundPrinter
    from biobank_desktop.labels.catalogue import Catalogue
    from biobank_desktop.persistence.queries.printers import PrinterRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.printers import PrinterForm

TABLE_PX = 200


def way_name(way: str) -> str:
    """How a printer is reached, in words."""
    return {
        "pdf": _("PDF, a page per label"),
        "sheet": _("PDF, sheets of labels"),
        "system": _("Printer of this computer"),
    }[way]


class PrinterCard(FormCard):
    """A printer: its name, how it is reached, its resolution and what it is loaded with."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", _("Store the printer"), parent)
        ways = [
            Choice(way, way_name(way), key) for way, key in (("pdf", "P"), ("sheet", "S"), ("system", "C"))
        ]
        self.name = FieldBox(_("Name"), name="name", parent=self)
        self.way = ChoiceQuestion(_("How it is reached"), ways, name="way", parent=self)
        self.queue = PickField(_("Printer of this computer"), name="options", parent=self)
        self.folder = FieldBox(_("Folder for the files"), name="folder", parent=self)
        self.folder.editor.setPlaceholderText(_("empty: the data folder"))
        self.dpi = FieldBox(_("Resolution"), name="dpi", hint="dpi", parent=self)
        self.template = PickField(_("Loaded with"), name="template", parent=self)
        self.add_row([self.name, self.dpi, self.template], 3)
        self.add_row([self.way], 1)
        self.add_row([self.queue, self.folder], 2)
        self.way.chosen.connect(self._follow)

    def begin_for(self, row: PrinterRow | None, known: Catalogue) -> None:
        """Change this printer, or make a new one; what may lie in it is what the lab has layouts for."""
        self.set_heading(_("Change {name}").format(name=row.name) if row else _("A new printer"))
        self.template.set_picks([Pick(name, known.title(name)) for name in known.entries])
        self.name.set_text(row.name if row else "")
        self.name.editor.setReadOnly(row is not None)
        self.way.set_value(row.way if row else None)
        self.dpi.set_text(str(row.dpi) if row else "300")
        self.queue.set_text(row.options.get("queue", "") if row else "")
        self.folder.set_text(row.options.get("folder", "") if row else "")
        self.template.set_text("")
        if row:
            self.template.set_value(row.template)
        self._follow()
        self.begin()

    def offer_queues(self, found: list[FoundPrinter]) -> None:
        """The printers this computer knows."""
        self.queue.set_picks([Pick(one.name, one.description or one.name) for one in found])

    def form(self) -> PrinterForm:
        """The printer as it is filled in."""
        from biobank_desktop.services.printers import PrinterForm  # noqa: PLC0415

        way = str(self.way.value() or "")
        options = {}
        if way == "system":
            options["queue"] = self.queue.value() or self.queue.text()
        elif self.folder.text():
            options["folder"] = self.folder.text()
        dpi = parse_whole(self.dpi.text()) or 0
        return PrinterForm(self.name.text(), way, dpi, self.template.value() or "", options)

    def _follow(self) -> None:
        """Ask only what belongs to the way."""
        reveal(self.queue, self.way.value() == "system")
        reveal(self.folder, self.way.value() in {"pdf", "sheet"})


class PrintersPart(PartWithForms):
    """The list of printers; the one of this bench is marked."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self.rows: list[PrinterRow] = []
        self._known: Catalogue | None = None
        self.table = PagedTable(self._columns(), desk.jobs, self, enter_opens=False)
        self.table.setAccessibleName(_("Printers"))
        self.table.setFixedHeight(TABLE_PX)
        self.use = ActionButton(_("Use at this bench"), icon="check", hint="U", parent=self)
        self.new = ActionButton(_("Add a printer"), icon="plus", hint="N", parent=self)
        self.change = ActionButton(_("Change"), icon="edit", hint="C", parent=self)
        self.remove = ActionButton(_("Take out of use"), icon="discard", hint="X", parent=self)
        self.card = PrinterCard(self)
        self._lay_out()
        self.use.clicked.connect(self.use_here)
        self.new.clicked.connect(self.begin_new)
        self.change.clicked.connect(self.begin_change)
        self.remove.clicked.connect(self.retire)
        self.card.submitted.connect(self._store)

    def _columns(self) -> list[Column]:
        return [
            Column(_("Name"), lambda row: row.name),
            Column(_("How it is reached"), lambda row: way_name(row.way), 226),
            Column(_("Loaded with"), lambda row: self._title(row.template), 300),
            Column(_("dpi"), lambda row: str(row.dpi), 64, right=True),
            Column(_("Here"), self._here, 156, meaning=self._meaning),
        ]

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.use, self.new, self.change, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body.addWidget(self.table)
        self.body.addLayout(buttons)
        self.hold_forms(self.card)
        self.body.addStretch(1)

    def refresh(self) -> None:
        """Read which printers are in use."""
        for button in (self.new, self.change, self.remove):
            button.setVisible(self.may("manage"))

        def printers(connection: Connection) -> tuple[list[PrinterRow], Catalogue]:
            from biobank_desktop.persistence.queries import printers  # noqa: PLC0415
            from biobank_desktop.services.printers import PDF_FILES  # noqa: PLC0415
            from biobank_desktop.services.templates import catalogue  # noqa: PLC0415

            own = PDF_FILES
            files = printers.PrinterRow(own.name, own.way, own.dpi, own.template, {}, True)
            others = (row for row in printers.printers(connection) if row.name != own.name)
            return [files, *others], catalogue(connection)

        self.desk.read(self, printers, self._show, newest="printers")

    def begin(self) -> None:
        """The list comes first."""
        self.table.setFocus()

    def begin_new(self) -> None:
        """Add a printer."""
        self._open(None)

    def begin_change(self) -> None:
        """Change the printer under the cursor; that every bench has PDF files does not change."""
        row = self._current()
        if row is not None and self.table.currentIndex().row() > 0:
            self._open(row)

    def use_here(self) -> None:
        """From now on this bench prints on the printer under the cursor."""
        row = self._current()
        if row is None:
            return
        name = row.name if self.table.currentIndex().row() > 0 else ""
        self.bench.change(printer=name)
        self.desk.frame.status.set_printer(name or _("PDF files"))
        said = _("This bench prints on {printer} now.").format(printer=row.name)
        self.desk.frame.notices.say(said, sound=Sound.ACCEPTED)
        self.table.rows.forget_rows()
        self.desk.changed.emit(frozenset({SETTINGS}))

    def retire(self) -> None:
        """Take the printer under the cursor out of use."""
        from biobank_desktop.services.printers import retire_printer  # noqa: PLC0415

        row = self._current()
        if row is None or self.table.currentIndex().row() == 0 or not self.may("manage"):
            return
        name = row.name
        command_id = self.card.ids.of(("retire", name))
        self._act(
            command_id,
            lambda store, actor: retire_printer(store, actor, name, command_id),
            _("{name} is out of use.").format(name=name),
        )

    def _open(self, row: PrinterRow | None) -> None:
        if self._known is None or not self.may("manage"):
            return
        from biobank_desktop.gui.printing import found_printers  # noqa: PLC0415

        self.card.begin_for(row, self._known)
        self.open_form(self.card)
        self.desk.jobs.run_aside(self, found_printers, self.card.offer_queues, newest="queues")

    def _store(self) -> None:
        from biobank_desktop.services.printers import set_printer  # noqa: PLC0415

        form = self.card.form()
        if not form.way:
            self.card.show_problems((Problem("way", "answer-missing"),))
            return
        command_id = self.card.ids.of(form)
        self.card.set_busy(True)
        self._act(
            command_id,
            lambda store, actor: set_printer(store, actor, form, command_id),
            _("{name} is stored.").format(name=form.name),
        )

    def _act(self, command_id: UUID, gesture: Callable[[Store, Actor], object], said: str) -> None:
        def done(_result: object) -> None:
            self.desk.frame.notices.say(said, sound=Sound.ACCEPTED)
            self.close_forms()

        self.desk.act(
            self,
            gesture,
            done,
            topics={SETTINGS},
            refused=self.card.show_problems,
            once=self.card.ids.once(command_id),
            ended=self.card.rest,
        )

    def _show(self, found: tuple[list[PrinterRow], Catalogue]) -> None:
        at = max(self.table.currentIndex().row(), 0)
        rows, self._known = found
        self.rows = rows
        self.table.show_ids(array("q", range(len(rows))), self._fetch)
        self.table.selectRow(min(at, len(rows) - 1))

    def _fetch(self, numbers: Sequence[int]) -> list[PrinterRow]:
        return [self.rows[number] for number in numbers]

    def _title(self, name: str) -> str:
        return self._known.title(name) if self._known is not None else name

    def _current(self) -> PrinterRow | None:
        number = self.table.current_id()
        return self.rows[number] if number is not None and number < len(self.rows) else None

    def _is_here(self, row: PrinterRow) -> bool:
        session = self.desk.session
        assert session is not None
        chosen = session.settings.printer
        known = chosen in {one.name for one in self.rows[1:]}
        return row.name == chosen if known else row is self.rows[0]

    def _here(self, row: PrinterRow) -> str:
        return _("This bench") if self._is_here(row) else ""

    def _meaning(self, row: PrinterRow) -> Meaning | None:
        return Meaning.PERMITTED if self._is_here(row) else None
