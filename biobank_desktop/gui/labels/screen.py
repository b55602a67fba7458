"""Labels: print what waits, see what became of each, ask for another one with the reason."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.printing import LEFT
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui.desk import LABELS, SAMPLES, SETTINGS
from biobank_desktop.gui.labels.binding import CodeBinding
from biobank_desktop.gui.labels.checking import LabelChecking
from biobank_desktop.gui.labels.command_sheet import command_labels, print_sheet, sheet_template
from biobank_desktop.gui.labels.listing import LISTS, LabelList, Lists, label_text, read
from biobank_desktop.gui.labels.panel import LabelPanel
from biobank_desktop.gui.labels.rolls import Rolls
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton, PrimaryButton
from biobank_desktop.gui.widgets.cards import reveal
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.texts import ElidedText, Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QAbstractButton
    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.label_printing import Outcome
    from biobank_desktop.labels.printers import Told
    from biobank_desktop.labels.templates import Template
    from biobank_desktop.persistence.queries.worklists import LabelRow
    from biobank_desktop.persistence.store import Store

_SHOWN = frozenset({LABELS, SAMPLES, SETTINGS})
Guide = LabelChecking | CodeBinding | Rolls
"""What stands beside the list and takes every scan until it is ended."""


class LabelsScreen(Screen):
    """The lists by letter, the label beside them, one primary action: print."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Labels")
        self.help_text = _(
            "Labels wait here until they are printed. Enter prints all that wait, or those selected with "
            "Ctrl or Shift.\n\nHanded over means that a printer or a file took them. That a label came out "
            "is proved by its first scan: Check by scan (C) goes through all of them.\n\n"
            "What is in doubt may or may not have come out: look, then say so with Y or N.\n\n"
            "Tubes and labels that carry a maker’s code need no label of ours: M puts their codes on the "
            "vials that wait, L lays a roll or a rack of them ready.\n\n"
            "Scan a thing to see its labels and ask for another one."
        )
        self._desk = desk
        self._list = "queued"
        self._object: int | None = None
        self._counts: dict[str, int] = {}
        self._detail = ElidedText("", "detail", parent=self)
        self.lists = ChoiceRow((), columns=3, name=_("Lists"), height_px=40, parent=self)
        self.listing = LabelList(desk, self)
        self.panel = LabelPanel(desk)
        self.checking = LabelChecking(desk)
        self.binding = CodeBinding(desk)
        self.rolls = Rolls(desk)
        self._guides = (self.checking, self.binding, self.rolls)
        self.print = PrimaryButton("")
        self.bench_card = ActionButton(_("Command barcodes"), icon="scan", hint="B", parent=self)
        self.lay_ready = ActionButton(_("Rolls"), icon="labels", hint="L", parent=self)
        self.printer = ActionButton(_("Other printer"), icon="print", hint="P", parent=self)
        self._show_counts()
        self._lay_out()
        self._connect()
        self.set_primary(self.print)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        titles = QVBoxLayout()
        titles.setSpacing(4)
        titles.addWidget(Text(self.title, "title", parent=self))
        titles.addWidget(self._detail)
        head.addLayout(titles, 1)
        head.addWidget(self.lay_ready, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.printer, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.bench_card, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.lists)
        column.addWidget(self.listing, 1)

    def _connect(self) -> None:
        self.lists.chosen.connect(self._list_chosen)
        self.listing.pointed.connect(self._pointed)
        self.listing.selection_changed.connect(self._follow)
        self.listing.opened.connect(self._desk.show_record)
        self.print.clicked.connect(self._primary_pressed)
        self.panel.check.clicked.connect(self.begin_check)
        self.panel.bind.clicked.connect(self.begin_binding)
        for guide in self._guides:
            guide.ended.connect(self._end_guide)
        self.panel.reprint_wanted.connect(self.begin_reprint)
        self.panel.decided.connect(self._decided)
        self.panel.reprint.asked.connect(self._asked)
        self.bench_card.clicked.connect(self.print_bench_card)
        self.lay_ready.clicked.connect(self.begin_roll)
        self.printer.clicked.connect(self.choose_printer)
        self.bind("B", self.print_bench_card)
        self.bind("C", self.begin_check)
        self.bind("L", self.begin_roll)
        self.bind("M", self.begin_binding)
        self.bind("P", self.choose_printer)
        self.bind("R", self.begin_reprint)
        for letter, button in (
            ("O", self.panel.open),
            ("Y", self.panel.came_out),
            ("N", self.panel.not_out),
        ):
            self.bind(letter, partial(self._press_beside, button))
        self._desk.changed.connect(self._changed)

    def _press_beside(self, button: QAbstractButton) -> None:
        """Press a button of the label beside the list, while it is in sight."""
        if self._desk.frame.context.shown() is self.panel:
            button.click()

    def arrive(self, **arguments: Any) -> None:
        """Show what waits, or the labels of the thing ``object``."""
        if self._guide() is None:
            self.set_primary(self.print)
        thing = arguments.get("object")
        self._object = int(thing) if thing is not None else None
        self._end_reprint()
        self._show_counts()
        self.refresh()
        self.listing.table.setFocus()

    def take_scan(self, scan: Scan) -> bool:
        """A scanned sample or container: its labels; while something is scanned one by one, one of these."""
        guide = self._guide()
        if guide is not None:
            return guide.take_scan(scan)
        if scan.kind is not ScanKind.OWN or codes.kind_of(scan.code) is codes.CodeKind.DONOR:
            return False
        self._desk.frame.notices.sound(Sound.ACCEPTED)
        self._desk.frame.show_screen("labels", object=codes.number(scan.code))
        return True

    def decides(self, scan: Scan) -> bool:
        """Which vial gets the next code."""
        return self._guide() is self.binding and scan.kind is ScanKind.OWN and not scan.carried

    def step_back(self) -> bool:
        """Out of checking, of codes and of rolls, out of asking for another label."""
        guide = self._guide()
        if guide is not None:
            if guide is not self.binding or not self.binding.step_back():
                self._end_guide()
            return True
        if not self.panel.reprint.isHidden():
            self._end_reprint()
            self.listing.table.setFocus()
            return True
        return False

    def refresh(self) -> None:
        """Read the list again."""
        name, thing = self._list, self._object
        self._desk.read(self, lambda connection: read(connection, name, thing), self._show, newest="list")

    def begin_reprint(self) -> None:
        """Ask why another label is needed."""
        if self.panel.object_id is not None and self._desk.frame.context.shown() is self.panel:
            reveal(self.panel.reprint, True)
            self.panel.again.hide()
            self.panel.reprint.begin(codes.from_number(self.panel.object_id))
            self._follow()

    def begin_check(self) -> None:
        """Scan each label that was printed: those selected, else all of the list that a printer was given."""
        codes_on = [row.code for row in self.listing.selected() if row.state in LEFT]
        if not codes_on:
            self._desk.frame.notices.say(_("Nothing here was printed yet: choose what was handed over."))
            return
        self.checking.begin(codes_on)
        self._begin_guide(self.checking)

    def begin_binding(self) -> None:
        """Put makers' codes on the vials whose labels wait: those selected, else all of the list."""
        waiting = [row for row in self.listing.selected() if row.state == "queued" and _is_sample(row)]
        if not waiting:
            self._desk.frame.notices.say(_("No vial here waits for a label."))
            return
        self._desk.read(self, lambda connection: _in_words(connection, waiting), self._bind)

    def _bind(self, vials: Mapping[str, str]) -> None:
        self.binding.begin(vials)
        self._begin_guide(self.binding)

    def begin_roll(self) -> None:
        """Lay a roll of labels or a rack of tubes with codes ready."""
        self._begin_guide(self.rolls)
        self.rolls.begin()

    def _begin_guide(self, guide: Guide) -> None:
        self._end_reprint()
        self._desk.frame.show_beside(self, guide)
        if self._guide() is guide:
            self.set_primary(guide.primary)
        self._follow()

    def _guide(self) -> Guide | None:
        """What takes the scans one by one, None where nothing does."""
        shown = self._desk.frame.context.shown()
        return next((guide for guide in self._guides if guide is shown), None)

    def _end_guide(self) -> None:
        self._desk.frame.context.clear()
        self.set_primary(self.print)
        self.refresh()
        self.listing.table.setFocus()

    def choose_printer(self) -> None:
        """The list of printers, where U takes one for this bench; Esc comes back here."""
        self._desk.frame.show_screen("settings", section="printers")

    def print_bench_card(self) -> None:
        """Write the sheet of command barcodes."""
        labels, folder = command_labels(), self._folder()
        title = _("Command barcodes")

        def write(template: Template) -> None:
            self._desk.jobs.run_aside(
                self,
                lambda: print_sheet(template, labels, folder, title),
                self._card_written,
                failed=self._desk.tell,
            )

        self._desk.read(self, sheet_template, write)

    def _card_written(self, told: Told) -> None:
        text = _("The sheet of command barcodes is in {path}.").format(path=told.place)
        self._desk.frame.notices.say(text, sound=Sound.DONE)

    def _folder(self) -> Path:
        session = self._desk.session
        assert session is not None
        return session.settings.data_folder / "labels"

    def _list_chosen(self, name: object) -> None:
        self._list, self._object = str(name), None
        self._end_reprint()
        self.refresh()
        self.listing.table.setFocus()

    def _show(self, lists: Lists) -> None:
        self._counts = lists.counts
        self._show_counts()
        self.listing.show_rows(lists.rows, "" if self._object is not None else self._list)
        if self._object is not None:
            code = codes.group(codes.from_number(self._object))
            self._detail.setText(_("Labels of {code}. Choose a list to see all.").format(code=code))
        else:
            self._detail.setText(_printer_words(self._desk))
        self._follow()

    def _show_counts(self) -> None:
        """The lists with their sizes; that of one thing is none of them."""
        names = {
            "queued": (_("Waiting"), "W"),
            "under-way": (_("In the printer"), "I"),
            "unknown": (_("In doubt"), "D"),
            "failed": (_("Failed"), "F"),
            "handed-over": (_("Handed over"), "H"),
            "verified": (_("Proved"), "V"),
        }
        shown = [
            Choice(name, f"{names[name][0]} · {self._counts.get(name, 0)}", names[name][1]) for name in LISTS
        ]
        self.lists.set_choices(shown)
        self.lists.set_value(None if self._object is not None else self._list)

    def _pointed(self, row: LabelRow | None) -> None:
        context = self._desk.frame.context
        if self._guide() is not None:
            return
        if row is not None:
            self.panel.show_label(row)
        elif self._object is not None:
            self.panel.show_thing(self._object)
        elif context.shown() is self.panel:
            context.clear()
            return
        else:
            return
        if context.shown() is not self.panel:
            self._desk.frame.show_beside(self, self.panel, self.print)

    def _follow(self) -> None:
        """Say on the primary button what Enter does now."""
        rows = self.listing.selected()
        waiting = [row for row in rows if row.state == "queued"]
        failed = [row for row in rows if row.state == "failed"]
        if not self.panel.reprint.isHidden():
            self.print.set_text(_("Ask for this label"))
        elif waiting:
            self.print.set_text(ngettext("Print {count} label", "Print {count} labels", len(waiting)))
        elif failed:
            self.print.set_text(
                ngettext("Print {count} label again", "Print {count} labels again", len(failed))
            )
        elif self._object is not None and not rows:
            self.print.set_text(_("Ask for a label"))
        else:
            self.print.set_text(_("Nothing to print here"))
        unlabelled = self._object is not None and not rows
        self.print.setEnabled(bool(waiting or failed or unlabelled) or not self.panel.reprint.isHidden())

    def _primary_pressed(self) -> None:
        if not self.panel.reprint.isHidden():
            self.panel.reprint.ask()
            return
        rows = self.listing.selected()
        waiting = [row.object_id for row in rows if row.state == "queued"]
        if waiting:
            self.print.setEnabled(False)
            self._desk.printing.print_for(waiting, self._printed, first=self.panel.first_place())
        elif self._object is not None and not rows:
            self.begin_reprint()
        else:
            self._ask_again([row for row in rows if row.state == "failed"])

    def _ask_again(self, rows: Sequence[LabelRow]) -> None:
        """What failed is asked for again, with the fault as the reason, and printed."""
        things = list(dict.fromkeys(row.object_id for row in rows))
        asked = [(codes.from_number(one), uuid4()) for one in things]

        def gesture(store: Store, actor: Actor) -> None:
            from biobank_desktop.services.labels import reprint  # noqa: PLC0415

            for code, command_id in asked:
                reprint(store, actor, code, "printer-fault", command_id=command_id)

        self.print.setEnabled(False)
        self._desk.act(
            self,
            gesture,
            lambda _nothing: self._desk.printing.print_for(
                things, self._printed, first=self.panel.first_place()
            ),
            topics={LABELS},
            ended=self._follow,
        )

    def _decided(self) -> None:
        self.refresh()
        self.listing.table.setFocus()

    def _printed(self, outcome: Outcome) -> None:
        notices = self._desk.frame.notices
        if outcome.failed:
            notices.warn(_("The labels were not handed over. {why}").format(why=outcome.failed))
        elif outcome.count:
            said = ngettext("{count} label handed over", "{count} labels handed over", outcome.count)
            notices.say(f"{said}: {outcome.place}", sound=Sound.DONE)
        self.refresh()

    def _asked(self) -> None:
        self._end_reprint()
        self._list, self._object = "queued", None
        self.refresh()
        self.listing.table.setFocus()

    def _end_reprint(self) -> None:
        self.panel.reprint.hide()
        reveal(self.panel.again, True)
        self._follow()

    def _changed(self, topics: frozenset[str]) -> None:
        if topics & _SHOWN and self.isVisible() and self.panel.reprint.isHidden():
            self.refresh()


def _is_sample(row: LabelRow) -> bool:
    return codes.kind_of(row.code) is codes.CodeKind.SAMPLE


def _in_words(connection: Connection, rows: Sequence[LabelRow]) -> dict[str, str]:
    return {row.code: label_text(connection, row) for row in rows}


def _printer_words(desk: Desk) -> str:
    session = desk.session
    assert session is not None
    name = session.settings.printer
    if name:
        return _("This bench prints on {printer}.").format(printer=name)
    return _("This bench prints to PDF files in {folder}.").format(
        folder=session.settings.data_folder / "labels"
    )
