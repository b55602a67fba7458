"""The test label of a printer: print it, scan its symbols one by one, store what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.persistence.queries.printers import PrinterRow, PrinterTest
    from biobank_desktop.services.printer_tests import PrinterTestForm


class Symbols(QWidget):
    """The symbols of a test label side by side, each with its dots a module and whether it was read."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.shown: tuple[int, ...] = ()
        self.read: frozenset[int] = frozenset()

    def show_read(self, shown: Sequence[int], read: frozenset[int]) -> None:
        """These symbols are on the label, and these of them were read."""
        self.shown, self.read = tuple(shown), read
        clear_layout(self._row)
        for dots in shown:
            self._row.addWidget(self._symbol(dots, dots in read), 1)

    def _symbol(self, dots: int, read: bool) -> QFrame:
        frame = QFrame(self)
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(Icon("check" if read else "scan", "permitted" if read else "muted", 20, frame))
        row.addWidget(Text(_("{dots} dots").format(dots=dots), "strong", parent=frame))
        row.addWidget(Text(_("read") if read else _("not read yet"), parent=frame), 1)
        set_role(frame, "tone-permitted" if read else "field")
        return frame


class PrinterTestCard(FormCard):
    """What was read of a test label, and which ribbon was in the printer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", _("Store this test"), parent)
        self.symbols = Symbols(self)
        self.said = Text("", "muted", wrap=True, parent=self)
        self.ribbon = FieldBox(_("Ribbon in the printer"), name="ribbon", parent=self)
        self.ribbon.editor.setPlaceholderText(_("such as resin; none for direct thermal or laser"))
        self.print = ActionButton(_("Print the test label"), icon="print", hint="T", parent=self)
        self.printer: PrinterRow | None = None
        beside = QWidget(self)
        across = QHBoxLayout(beside)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(12)
        across.addWidget(self.print)
        across.addWidget(self.said, 1)
        self.rows.addWidget(beside)
        self.rows.addWidget(self.symbols)
        self.add_row([self.ribbon], 2)

    def begin_for(self, row: PrinterRow, newest: PrinterTest | None) -> None:
        """Test this printer with what it is loaded with; the ribbon is most likely the one of before."""
        self.printer = row
        self.set_heading(
            _("Test label of {name}").format(name=row.name),
            _(
                "Print it, put it where the labels go, and scan its symbols one by one. Store what could be "
                "read, also when that is nothing."
            ),
        )
        self.ribbon.set_text(newest.ribbon if newest else "")
        self.said.setText("")
        self.symbols.show_read((), frozenset())
        self.show_problems(())
        self.setFocus()

    def show_symbols(self, dots: Sequence[int]) -> None:
        """What is on the label."""
        self.symbols.show_read(dots, self.symbols.read)

    def say(self, text: str) -> None:
        """Say how it stands with the label."""
        self.said.setText(text)

    def take(self, raw: str) -> bool:
        """A scan of one of its symbols; False for anything else."""
        from biobank_desktop.labels.calibration import passed  # noqa: PLC0415

        for dots in passed([raw]):
            shown = sorted({*self.symbols.shown, dots})
            self.symbols.show_read(shown, self.symbols.read | {dots})
            return True
        return False

    def form(self) -> PrinterTestForm:
        """The test as it stands."""
        from biobank_desktop.labels.calibration import code_of  # noqa: PLC0415
        from biobank_desktop.services.printer_tests import PrinterTestForm  # noqa: PLC0415

        assert self.printer is not None
        read = tuple(code_of(dots) for dots in sorted(self.symbols.read))
        return PrinterTestForm(self.printer.name, self.printer.template, self.ribbon.text(), read)
