"""The lab's label printers, and which of them this bench prints on."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain.problems import Problem, Rejected, Unavailable
from biobank_desktop.gui import words
from biobank_desktop.gui.desk import SETTINGS
from biobank_desktop.gui.settings.part import BenchSettings, PartWithForms
from biobank_desktop.gui.settings.printer_card import PrinterCard, short_way_name
from biobank_desktop.gui.settings.printer_facts import (
    Listed,
    address_of,
    listed,
    problems_of,
    state_words,
    tested_words,
)
from biobank_desktop.gui.settings.printer_test_card import PrinterTestCard
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import ProblemList
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.widgets.form_card import FormCard
    from biobank_desktop.labels.calibration import Calibration
    from biobank_desktop.labels.printers import Told
    from biobank_desktop.labels.templates import Stock
    from biobank_desktop.persistence.queries.printers import PrinterRow
    from biobank_desktop.persistence.store import Store

TABLE_PX = 200
TEST_TITLE = "test-label"


class PrintersPart(PartWithForms):
    """The list of printers; the one of this bench is marked."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self.rows: Sequence[PrinterRow] = ()
        self.table = PagedTable(self._columns(), desk.jobs, self, enter_opens=False)
        self.table.setAccessibleName(_("Printers"))
        self.table.setFixedHeight(TABLE_PX)
        self.use = ActionButton(_("Use at this bench"), icon="check", hint="U", parent=self)
        self.new = ActionButton(_("Add a printer"), icon="plus", hint="N", parent=self)
        self.change = ActionButton(_("Change"), icon="edit", hint="C", parent=self)
        self.remove = ActionButton(_("Take out of use"), icon="discard", hint="X", parent=self)
        self.ask = ActionButton(_("Ask the printer"), icon="info", hint="A", parent=self)
        self.test = ActionButton(_("Test label"), icon="labels", hint="T", parent=self)
        self.below = QWidget(self)
        self.facts = FactGrid(2, self.below)
        self.doubts = ProblemList(self.below)
        self.card = PrinterCard(self)
        self.test_card = PrinterTestCard(self)
        self._listed = Listed((), {}, {})
        self._states: dict[str, tuple[str, str]] = {}
        self._lay_out()
        self.use.clicked.connect(self.use_here)
        self.new.clicked.connect(self.begin_new)
        self.change.clicked.connect(self.begin_change)
        self.remove.clicked.connect(self.retire)
        self.ask.clicked.connect(self.ask_printer)
        self.test.clicked.connect(self.begin_test)
        self.table.pointed.connect(self._pointed)
        self.card.submitted.connect(self._store)
        self.test_card.submitted.connect(self._store_test)
        self.test_card.print.clicked.connect(self._print_test)

    def _columns(self) -> list[Column]:
        return [
            Column(_("Name"), lambda row: row.name),
            Column(_("Way"), lambda row: short_way_name(row.way), 130),
            Column(_("Address"), address_of, 200),
            Column(_("Loaded with"), lambda row: self._title(row.template), 226),
            Column(_("dpi"), lambda row: str(row.dpi), 56, right=True),
            Column(_("Here"), self._here, 156, meaning=self._meaning),
        ]

    def _lay_out(self) -> None:
        below = QVBoxLayout(self.below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(12)
        for shown in ((self.use, self.ask, self.test), (self.new, self.change, self.remove)):
            buttons = QHBoxLayout()
            buttons.setSpacing(8)
            for button in shown:
                buttons.addWidget(button)
            buttons.addStretch(1)
            below.addLayout(buttons)
        below.addWidget(self.facts)
        below.addWidget(self.doubts)
        self.body.addWidget(self.table)
        self.body.addWidget(self.below)
        self.hold_forms(self.card, self.test_card)
        self.body.addStretch(1)

    def refresh(self) -> None:
        """Read which printers are in use."""
        for button in (self.new, self.change, self.remove):
            button.setVisible(self.may("manage"))
        self.test.setVisible(self.may("intake"))
        self.desk.read(self, listed, self._show, newest="printers")

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

    def ask_printer(self) -> None:
        """Ask the Zebra under the cursor how it stands."""
        row = self._current()
        if row is None or not self.ask.isEnabled():
            return
        from biobank_desktop.services.printer_ways import ask  # noqa: PLC0415
        from biobank_desktop.services.printers import form_of  # noqa: PLC0415

        name, form = row.name, form_of(row)
        self._know(name, _("It is being asked…"), "")
        self.desk.jobs.run_aside(
            self,
            lambda: ask(form),
            lambda state: self._know(name, *state_words(name, state)),
            failed=lambda error: self._no_answer(name, error),
            newest=f"ask {name}",
        )

    def begin_test(self) -> None:
        """Test the printer under the cursor; when that has begun, print its label."""
        row = self._current()
        if not self.test_card.isHidden():
            self._print_test()
        elif row is not None and self._listed.known and self.test.isEnabled() and self.may("intake"):
            self.close_forms()
            self.test_card.begin_for(row, self._listed.tests.get(row.name))
            self.open_form(self.test_card)
            self.test_card.setFocus()
            self.desk.frame.bus.catch(self._caught)
            stock, dpi = self._listed.known.entry(row.template).template.stock, row.dpi
            self.desk.jobs.run_aside(
                self,
                lambda: _label(stock, dpi),
                lambda label: self.test_card.show_symbols(label.dots),
                failed=self._not_printed,
                newest="test label",
            )

    def open_form(self, form: QWidget) -> None:
        """Show a form instead of what is said of the printer under the cursor."""
        self.below.hide()
        super().open_form(form)

    def close_forms(self) -> None:
        """Put every form away; scans go where they always do."""
        self.desk.frame.bus.catch(None)
        self.below.show()
        super().close_forms()

    def take_scan(self, scan: Scan) -> bool:
        """While a test label is scanned, other labels lead nowhere."""
        if self.test_card.isHidden():
            return False
        said = _("{code} is no symbol of a test label.").format(code=scan.code)
        self.desk.frame.notices.warn(said)
        return True

    def _caught(self, raw: str) -> bool:
        """A symbol of the test label, before anybody calls it unreadable."""
        frame = self.desk.frame
        if not self.test_card.isVisible() or frame.covered or frame.notices.stopped:
            return False
        taken = self.test_card.take(raw)
        if taken:
            frame.notices.sound(Sound.ACCEPTED)
        return taken

    def _print_test(self) -> None:
        row, session = self.test_card.printer, self.desk.session
        if row is None or session is None or self._listed.known is None:
            return
        from biobank_desktop.gui.label_printing import reach  # noqa: PLC0415
        from biobank_desktop.services.printers import form_of  # noqa: PLC0415

        form, folder = form_of(row), session.settings.data_folder / "labels"
        stock = self._listed.known.entry(row.template).template.stock
        self.test_card.print.setEnabled(False)
        self.test_card.say(_("It is being printed…"))
        self.desk.jobs.run_aside(
            self,
            lambda: reach(form, folder, TEST_TITLE).print([_label(stock, form.dpi).page], TEST_TITLE),
            self._printed,
            failed=self._not_printed,
        )

    def _printed(self, told: Told) -> None:
        from biobank_desktop.domain.printing import held_by  # noqa: PLC0415

        self.test_card.print.setEnabled(True)
        fault = held_by(told.place, told.fault)
        if fault is not None:
            self.test_card.say(f"{told.place}: {say(fault)}")
        else:
            self.test_card.say(
                _("The test label is with {place}: scan its symbols.").format(place=told.place)
            )

    def _not_printed(self, error: Exception) -> None:
        self.test_card.print.setEnabled(True)
        self.test_card.say("")
        if isinstance(error, (Rejected, Unavailable)):
            self.test_card.show_problems(problems_of(error))
        else:
            self.desk.tell(error)

    def _store_test(self) -> None:
        from biobank_desktop.services.printer_tests import store_test  # noqa: PLC0415

        card, form = self.test_card, self.test_card.form()
        command_id = card.ids.of(form)
        card.set_busy(True)
        said = _("The test of {name} is stored.").format(name=form.printer)
        self._act(command_id, lambda store, actor: store_test(store, actor, form, command_id), said, card)

    def _know(self, name: str, state: str, detail: str) -> None:
        """How a printer stood when it was asked."""
        self._states[name] = (state, detail)
        self._pointed()

    def _no_answer(self, name: str, error: Exception) -> None:
        if not isinstance(error, (Rejected, Unavailable)):
            self.desk.tell(error)
            return
        self._know(
            name, " ".join(say(problem) for problem in problems_of(error)), words.moment(datetime.now(UTC))
        )

    def _pointed(self, *_row: object) -> None:
        """Say of the printer under the cursor what the list has no room for, and what can be done with it."""
        row = self._current()
        of_lab = row is not None and row is not self.rows[0]
        self.ask.setEnabled(row is not None and row.way == "zpl")
        for button in (self.test, self.change, self.remove):
            button.setEnabled(of_lab)
        if row is None:
            return
        test = self._listed.tests.get(row.name)
        facts = [Fact(_("Newest test"), *tested_words(test))] if of_lab else []
        if row.name in self._states:
            facts.append(Fact(_("State"), *self._states[row.name]))
        self.facts.set_facts(facts)
        self.doubts.show_problems(self._listed.doubts.get(row.name, ()))

    def _open(self, row: PrinterRow | None) -> None:
        if self._listed.known is None or not self.may("manage"):
            return
        from biobank_desktop.gui.printing import found_printers  # noqa: PLC0415

        self.close_forms()
        self.card.begin_for(row, self._listed.known)
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

    def _act(
        self,
        command_id: UUID,
        gesture: Callable[[Store, Actor], object],
        said: str,
        card: FormCard | None = None,
    ) -> None:
        form = card or self.card

        def done(_result: object) -> None:
            self.desk.frame.notices.say(said, sound=Sound.ACCEPTED)
            self.close_forms()

        self.desk.act(
            self,
            gesture,
            done,
            topics={SETTINGS},
            refused=form.show_problems,
            once=form.ids.once(command_id),
            ended=form.rest,
        )

    def _show(self, found: Listed) -> None:
        at = max(self.table.currentIndex().row(), 0)
        self._listed, self.rows = found, found.rows
        self.table.show_ids(array("q", range(len(self.rows))), self._fetch)
        self.table.selectRow(min(at, len(self.rows) - 1))
        self._pointed()

    def _fetch(self, numbers: Sequence[int]) -> list[PrinterRow]:
        return [self.rows[number] for number in numbers]

    def _title(self, name: str) -> str:
        return self._listed.known.title(name) if self._listed.known is not None else name

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


def _label(stock: Stock, dpi: int) -> Calibration:
    from biobank_desktop.labels.calibration import calibration  # noqa: PLC0415

    return calibration(stock, dpi)
