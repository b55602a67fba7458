"""A form in its place: its fields, every problem beside its field, one way to finish and one to give up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import Card, ProblemList, field_grid
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_problems import lay_problems
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.domain.scans import Scan


FormField = FieldBox | ToggleRow | ChoiceQuestion


class FormCard(Card):
    """Fields in rows, what is wrong with the whole below them, then the primary action and Cancel.

    The screen does the work when it hears ``submitted`` and answers with ``show_problems``. Enter is the
    screen's, so the screen must be told of ``primary``. ``ids`` mints the command's id with the content.
    """

    submitted = Signal()
    """the person wants what the form says"""
    given_up = Signal()
    """Cancel was pressed"""

    def __init__(self, title: str, text: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.ids = CommandIds()
        self.body.setSpacing(12)
        self._fields: dict[str, FormField] = {}
        self._title = Text(title, "section", parent=self)
        self._intro = Text(text, "muted", wrap=True, parent=self)
        self._intro.setVisible(bool(text))
        self._rest = ProblemList(self)
        self.primary = PrimaryButton(action, parent=self)
        self.primary.clicked.connect(self.submitted)
        self.cancel = ActionButton(_("Cancel"), Look.QUIET, hint="ESC", height_px=48, parent=self)
        self.cancel.clicked.connect(self.given_up)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(12)
        self._across = QHBoxLayout()
        self._across.setSpacing(16)
        self._across.addLayout(self.rows, 2)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.primary, 1)
        foot.addWidget(self.cancel)
        self.body.addWidget(self._title)
        self.body.addWidget(self._intro)
        self.body.addLayout(self._across)
        self.body.addWidget(self._rest)
        self.body.addLayout(foot)

    def set_heading(self, title: str, text: str = "") -> None:
        """Other words above the fields."""
        self._title.setText(title)
        self._intro.setText(text)
        self._intro.setVisible(bool(text))

    def add_row(self, fields: Sequence[FormField], columns: int = 4) -> None:
        """Add fields below the ones before, in the order they are answered."""
        self.rows.addLayout(field_grid(fields, columns))
        self._fields |= {field.name: field for field in fields}

    def add_group(self, group: QWidget, fields: Sequence[FormField]) -> None:
        """Add fields that stand in a widget of their own."""
        self.rows.addWidget(group)
        self._fields |= {field.name: field for field in fields}

    def add_beside(self, widget: QWidget, fields: Sequence[FormField] = ()) -> None:
        """Put something wider beside the fields, with fields of its own; hidden, it takes no room."""
        self._across.addWidget(widget, 3)
        self._fields |= {field.name: field for field in fields}

    def take_scan(self, scan: Scan) -> bool:
        """Use a scan as an answer; False where the form has no use for one."""
        return False

    def decides(self, scan: Scan) -> bool:
        """Whether the scan is all there is to say, and is acted on at once."""
        return False

    def begin(self) -> None:
        """Stand ready for the first answer."""
        self.show_problems(())
        _attend(next(iter(self._fields.values()), None))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Every problem beside its field, those of no field at the bottom; the first bad field gets focus.

        Where none does, the bottom is scrolled to.
        """
        self.lay(problems)
        bad = {problem.field for problem in problems if not problem.warning}
        first = next((field for name, field in self._fields.items() if name in bad), None)
        _attend(first)
        if bad and first is None:
            bring_into_view(self._rest)
        self.set_busy(False)

    def lay(self, problems: Sequence[Problem]) -> None:
        """The same, and the cursor stays where somebody types."""
        lay_problems(problems, self._fields, self._rest)

    def rest(self) -> None:
        """The answer is there, whatever it says: the button can be pressed again."""
        self.set_busy(False)

    def set_busy(self, busy: bool) -> None:
        """While the answer is awaited the button rests."""
        self.primary.setEnabled(not busy)


class RestingForm(FormCard):
    """A form whose answer takes a while: its fields rest meanwhile, so that nothing is typed in vain."""

    def __init__(self, title: str, text: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(title, text, action, parent)
        self._asked = QWidget(self)
        self._attended: QWidget | None = None
        self._across.removeItem(self.rows)
        self.rows.setParent(None)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self._asked.setLayout(self.rows)
        self._across.addWidget(self._asked, 2)

    def set_busy(self, busy: bool) -> None:
        """The keyboard waits in the form, not on Cancel, and goes back to where it was."""
        attended = QApplication.focusWidget()
        if busy and attended is not None and self.isAncestorOf(attended):
            self._attended = attended
            self.setFocus()
        super().set_busy(busy)
        self._asked.setEnabled(not busy)
        if not busy and self._attended is not None:
            if self.hasFocus():
                self._attended.setFocus()
            self._attended = None


def _attend(field: FormField | None) -> None:
    if isinstance(field, FieldBox):
        field.attend()
    elif field is not None:
        field.setFocus(Qt.FocusReason.OtherFocusReason)


class ReasonForm(FormCard):
    """Asks why before something is taken out or made void."""

    def __init__(self, title: str, text: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(title, text, action, parent)
        self.why = FieldBox(_("Reason"), name="why", parent=self)
        self.add_row([self.why], columns=1)
