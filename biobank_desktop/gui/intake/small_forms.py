"""What is typed now and then: a count of the whole tube, the reason why a vial is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.gui.intake.fill_table import PercentField, vial_title
from biobank_desktop.gui.widgets.amounts import AmountField, Quantity
from biobank_desktop.gui.widgets.cards import Card, field_grid
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.persistence.queries.samples import SampleRow


class SmallForm(Card):
    """A few fields under a sentence; hidden until it is wanted."""

    def __init__(self, fields: Sequence[FieldBox], columns: int, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.body.setContentsMargins(16, 12, 16, 12)
        self.body.setSpacing(8)
        self.fields = tuple(fields)
        self._title = Text("", "strong", wrap=True, parent=self)
        self.body.addWidget(self._title)
        self.body.addLayout(field_grid(self.fields, columns))
        self.hide()

    def open(self, title: str) -> None:
        """Ask for the fields anew."""
        self._title.setText(title)
        for field in self.fields:
            field.clear()
            field.set_problems(())
        self.show()
        self.fields[0].setFocus()

    def give_up(self) -> bool:
        """Hide it; False when it is not shown."""
        shown = not self.isHidden()
        self.hide()
        return shown

    def enter(self) -> bool:
        """Enter goes to the next field; False behind the last."""
        for field, following in zip(self.fields, self.fields[1:], strict=False):
            if field.editor.hasFocus():
                following.setFocus()
                return True
        return False

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Beside the fields; those of no field stand beside the first."""
        names = {field.name for field in self.fields}
        for place, field in enumerate(self.fields):
            mine = [one for one in problems if one.field == field.name]
            rest = [one for one in problems if one.field not in names] if place == 0 else []
            field.set_problems(mine + rest)


class CountForm(SmallForm):
    """How many cells the whole tube gave, and their quality."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.cells = AmountField(_("Cells in all"), Quantity.CELLS, name="cells")
        self.viability = PercentField(_("Viability"), "viability_percent")
        self.blasts = PercentField(_("Blasts"), "blasts_percent")
        super().__init__((self.cells, self.viability, self.blasts), 3, parent)

    def unreadable(self) -> list[Problem]:
        """What cannot be read."""
        found = (self.cells.problem(), self.viability.problem(), self.blasts.problem())
        return [problem for problem in found if problem is not None]


class VoidForm(SmallForm):
    """Why a vial is given up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.why = FieldBox(_("Why"), name="why")
        self.vial: SampleRow | None = None
        super().__init__((self.why,), 1, parent)

    def ask(self, vial: SampleRow) -> None:
        """Give up this vial."""
        self.vial = vial
        sentence = _("Its code stays dead for good. Say why.")
        self.open(f"{_('Make {vial} void').format(vial=vial_title(vial))}. {sentence}")
