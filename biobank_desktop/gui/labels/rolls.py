"""Rolls of labels and racks of tubes whose codes lie ready: which there are, and laying another one ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain.preprinted import RollForm, series
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.codes_field import CodesField
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QAbstractButton
    from sqlalchemy import Connection

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.preprinted import RollRow

_HERE, _ANYWHERE = "here", "anywhere"


def _rolls(connection: Connection) -> list[RollRow]:
    from biobank_desktop.persistence.queries.preprinted import rolls  # noqa: PLC0415

    return rolls(connection)


class RollCard(FormCard):
    """A roll as it is laid ready: whose codes, from which to which, or each of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Lay a roll or a rack ready"), "", _("Lay it ready"), parent)
        self.cancel.hide()
        self.roll = FieldBox(_("Name on the roll or rack"), name="roll", parent=self)
        self.maker = FieldBox(_("Maker"), name="maker", parent=self)
        self.bench = ChoiceQuestion(
            _("Kept for"),
            [Choice(_HERE, _("This bench"), "T"), Choice(_ANYWHERE, _("Every bench"), "E")],
            name="bench",
            columns=1,
            parent=self,
        )
        self.first = FieldBox(_("First code"), name="first", parent=self)
        self.last = FieldBox(_("Last code"), name="last", parent=self)
        self.codes = CodesField(_("Or all codes, from the maker’s list"), name="codes", parent=self)
        for row in ([self.roll], [self.maker], [self.bench], [self.first, self.last], [self.codes]):
            self.add_row(row, columns=len(row))
        self.clear()

    def clear(self) -> None:
        """Nothing is filled in; a roll is for the bench that it lies at."""
        for field in (self.roll, self.maker, self.first, self.last, self.codes):
            field.clear()
        self.bench.set_value(_HERE)
        self.ids.forget()

    def take_scan(self, scan: Scan) -> bool:
        """A code of others: the first of the roll, then its last."""
        if scan.kind is not ScanKind.FOREIGN and not scan.carried:
            return False
        field = self.last if self.first.text() else self.first
        field.set_text(scan.carried or scan.code)
        (self.last if field is self.first else self.primary).setFocus()
        return True

    def form(self, bench: str) -> tuple[RollForm, list[Problem]]:
        """What is filled in, and what cannot be understood of it."""
        typed, first, last = self.codes.codes(), self.first.text(), self.last.text()
        problems: list[Problem] = []
        if typed and (first or last):
            problems.append(Problem("codes", "roll-said-twice"))
        elif first or last:
            made, problems = series(first, last)
            typed = tuple(made)
        kept_for = bench if self.bench.value() == _HERE else ""
        return RollForm(self.roll.text(), self.maker.text(), kept_for, typed), problems


class Rolls(QWidget):
    """The rolls of the lab and, for the next one, the form."""

    ended = Signal()
    """nobody looks at rolls any more"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._none = Text(
            _("No roll lies ready. A roll is for codes that are printed already: on labels or under tubes."),
            "detail",
            wrap=True,
            parent=self,
        )
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.card = RollCard(self)
        self.card.submitted.connect(self._lay_ready)
        self.end = ActionButton(_("End"), hint="Esc", parent=self)
        self.end.clicked.connect(self.ended)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.card)
        column.addWidget(self.end, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(Text(_("Codes that lie ready"), "section", parent=self))
        column.addWidget(self._none)
        column.addLayout(self._list)

    def begin(self) -> None:
        """Show them, and stand ready for another one."""
        self.card.begin()
        self.refresh()

    def refresh(self) -> None:
        """Read them again."""
        self._desk.read(self, _rolls, self._show, newest="rolls")

    @property
    def primary(self) -> QAbstractButton:
        """Laying it ready."""
        return self.card.primary

    def take_scan(self, scan: Scan) -> bool:
        """The first code of a roll, then its last; nothing else while the form is open."""
        if scan.kind is ScanKind.COMMAND:
            return False
        if not self.card.take_scan(scan):
            self._desk.frame.notices.warn(_("Finish or cancel what is open first. The scan was not used."))
        return True

    def _show(self, rolls: Sequence[RollRow]) -> None:
        clear_layout(self._list)
        self._none.setVisible(not rolls)
        for one in rolls:
            used = _("{used} of {count} used").format(used=one.used, count=one.count)
            bench = one.bench or _("every bench")
            self._list.addWidget(Text(f"{one.roll} · {one.maker} · {bench}", wrap=True, parent=self))
            self._list.addWidget(Text(used, "detail", parent=self))

    def _lay_ready(self) -> None:
        from biobank_desktop.services.preprinted import add_roll  # noqa: PLC0415

        session = self._desk.session
        assert session is not None
        form, problems = self.card.form(session.settings.bench)
        if problems:
            self.card.show_problems(problems)
            return
        command_id = self.card.ids.of(form)
        self.card.set_busy(True)
        self._desk.act(
            self,
            lambda store, actor: add_roll(store, actor, form, command_id),
            lambda count: self._done(form.roll, count),
            topics={"labels"},
            refused=self.card.show_problems,
            once=self.card.ids.once(command_id),
            ended=self.card.rest,
        )

    def _done(self, roll: str, count: int) -> None:
        said = ngettext("{count} code lies ready", "{count} codes lie ready", count)
        self._desk.frame.notices.say(f"{roll}: {said}.", sound=Sound.ACCEPTED)
        self.card.clear()
        self.begin()
