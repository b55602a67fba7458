"""The page of one list: how far it is, what can be done, and its lines in the order of walking."""

from __future__ import annotations

from array import array
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui import theme, words
from biobank_desktop.gui.boxviews import Whereabouts
from biobank_desktop.gui.disposals import wording
from biobank_desktop.gui.disposals.actions import ACTIONS
from biobank_desktop.gui.disposals.reading import Recipient
from biobank_desktop.gui.theme import Meaning, set_role
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Section, reveal
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.disposals.reading import Sheet
    from biobank_desktop.persistence.queries.disposals import DisposalLine

_BAR_PX = 12
_LEAST_ROWS = 4


class Bar(QWidget):
    """How much is done, and how much of that is witnessed: the lighter part waits for a witness."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all, self._taken, self._seen = 0, 0, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_counts(self, all_of_them: int, taken: int, seen: int) -> None:
        """Another state; hidden while there is nothing to take."""
        self._all, self._taken, self._seen = all_of_them, taken, seen
        reveal(self, all_of_them > 0)
        self.update()

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(320, _BAR_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(theme.color("well_free"))
        painter.drawRoundedRect(whole, _BAR_PX / 2, _BAR_PX / 2)
        for count, colour in ((self._taken, "well_taken"), (self._seen, "accent_fill")):
            if self._all and count:
                painter.setBrush(theme.color(colour))
                part = QRectF(0, 0, whole.width() * count / self._all, whole.height())
                painter.drawRoundedRect(part, _BAR_PX / 2, _BAR_PX / 2)
        painter.end()


class NextVial(QWidget):
    """What to fetch next, for the context panel: its code and its well, its neighbours on the list marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._section = Section(_("Next vial"), parent=self)
        self._code = Text("", "code-large", parent=self)
        self._how = Text("", "muted", wrap=True, parent=self)
        self._section.body.addWidget(self._code)
        self._section.body.addWidget(self._how)
        self.where = Whereabouts(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self._section)
        column.addWidget(self.where)

    def show_sheet(self, sheet: Sheet) -> None:
        """The next vial of this list, or that none is left."""
        line = sheet.next
        reveal(self._code, line is not None)
        reveal(self.where, line is not None)
        if line is None:
            self._section.set_heading(_("No vial is left"))
            self._how.setText(_nothing_left(sheet))
            return
        self._section.set_heading(_("Next vial"), wording.action_word(line.action))
        self._code.setText(codes.group(line.code))
        self._how.setText(
            _("Scan it when it is destroyed.")
            if line.action == "destroy"
            else _("Scan it when it is given back.")
        )
        if sheet.box is None:
            self.where.show_nowhere(_("It lies in no box. Look where it was handled last."))
        else:
            mine = {one.sample_id for one in sheet.vials if one.state == "open"}
            self.where.show_place(sheet.box, line.sample_id, mine, sheet.names)


def _nothing_left(sheet: Sheet) -> str:
    waiting = len(sheet.waiting)
    if sheet.head.state == "closed":
        return _("The list is closed since {when}.").format(when=words.moment(sheet.head.closed_at))
    if waiting:
        return ngettext(
            "{count} line waits for somebody else to witness it.",
            "{count} lines wait for somebody else to witness them.",
            waiting,
        )
    if not sheet.finished:
        return _("Now the recipients are told.")
    return _("Everything is done and seen.")


class SheetPage(QWidget):
    """Shows a list; decides nothing."""

    wanted = Signal(str)
    """the name of an action"""
    donor_wanted = Signal()
    """to the donor of the list"""
    opened = Signal(object)
    """the number of a sample to open"""
    pointed = Signal()
    """another line is pointed at"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Text("", "title", parent=self)
        self.why = Text("", "chip", parent=self)
        self.state = Text("", "chip-provisional", parent=self)
        self.note = Text("", "muted", wrap=True, parent=self)
        self.progress = Text("", "large", parent=self)
        self.told = Text("", "section", parent=self)
        self.bar = Bar(self)
        self.donor = ActionButton("", Look.QUIET, icon="donors", hint="G", parent=self)
        self.donor.clicked.connect(self.donor_wanted)
        self.form_place = QVBoxLayout()
        self.table = PagedTable(_columns(), desk.jobs, self)
        self.table.setAccessibleName(_("Lines of the list"))
        self.table.setMinimumHeight(_LEAST_ROWS * theme.row_height_px())
        self.table.opened.connect(self._opened)
        self.table.pointed.connect(self.pointed)
        self.next = NextVial()
        self.next.hide()
        self._rows: dict[int, DisposalLine | Recipient] = {}
        self._buttons = {
            action.name: ActionButton(action.word(), icon=action.icon, hint=action.letter, parent=self)
            for action in ACTIONS
        }
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        for widget in (self.title, self.why, self.state):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.donor)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for name, button in self._buttons.items():
            button.clicked.connect(partial(self._clicked, name))
            bar.addWidget(button)
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.note)
        far = QHBoxLayout()
        far.setSpacing(16)
        far.addWidget(self.progress)
        far.addStretch(1)
        far.addWidget(self.told, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(far)
        column.addWidget(self.bar)
        column.addLayout(bar)
        column.addLayout(self.form_place)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    def _clicked(self, name: str, _checked: bool = False) -> None:
        self.wanted.emit(name)

    def _opened(self, row: int) -> None:
        if row > 0:
            self.opened.emit(row)

    def show_sheet(self, sheet: Sheet) -> None:
        """Show this list; the cursor stays on its line."""
        head = sheet.head
        self.title.setText(_("List {no}").format(no=head.no))
        self.why.setText(wording.reason_word(head.reason))
        set_role(
            self.state, f"chip-{(Meaning.PROVISIONAL if head.state == 'open' else Meaning.PERMITTED).value}"
        )
        self.state.setText(_("open") if head.state == "open" else _("closed"))
        since = _("opened {when}").format(when=words.moment(head.opened_at))
        note = words.choice_name(head.note) if head.reason == "withdrawal" and head.note else head.note
        self.note.setText(" · ".join(part for part in (note, since) if part))
        self.progress.setText(wording.progress(sheet))
        self.told.setText(wording.telling(sheet))
        self.bar.show_counts(sheet.to_take, sheet.taken, sheet.witnessed)
        reveal(self.donor, head.donor_id is not None)
        if head.donor_id is not None:
            code = codes.group(codes.from_number(head.donor_id))
            self.donor.set_text(_("Donor {code}").format(code=code))
        self._show_rows(sheet)
        self.next.show_sheet(sheet)

    def _show_rows(self, sheet: Sheet) -> None:
        """Recipients have numbers below nothing: no sample has."""
        before, ids = self.table.current_id(), array("q", self._rows)
        self._rows = {line.sample_id: line for line in sheet.vials}
        self._rows |= {-place: one for place, one in enumerate(sheet.recipients, 1)}
        now = array("q", self._rows)
        if now == ids:
            self.table.rows.forget_rows()
        else:
            self.table.show_ids(now, lambda wanted: [self._rows[one] for one in wanted])
            following = sheet.next.sample_id if sheet.next else None
            wanted = before if before in now else following
            if wanted is not None:
                self.table.selectRow(now.index(wanted))

    def offer(self, names: Sequence[str]) -> None:
        """Show exactly these actions."""
        for name, button in self._buttons.items():
            reveal(button, name in names)

    def offered(self) -> list[str]:
        """The names of what is shown."""
        return [name for name, button in self._buttons.items() if not button.isHidden()]

    def current(self) -> DisposalLine | Recipient | None:
        """The line under the cursor."""
        number = self.table.current_id()
        return self._rows.get(number) if number is not None else None

    def point_at(self, number: int) -> None:
        """Put the cursor on a line."""
        if number in self._rows:
            self.table.selectRow(list(self._rows).index(number))


def _columns() -> Sequence[Column]:
    return (
        Column(_("State"), _state, 144, meaning=_meaning),
        Column(_("Code"), _code, 136, mono=True),
        Column(_("What"), _what),
        Column(_("Place"), _place, 152),
        Column(_("Done by"), _by, 128),
        Column(_("Seen by"), _seen, 128),
    )


def _state(row: DisposalLine | Recipient) -> str:
    return wording.recipient_state(row) if isinstance(row, Recipient) else wording.line_state(row)


def _meaning(row: DisposalLine | Recipient) -> Meaning | None:
    if isinstance(row, Recipient):
        return Meaning.PERMITTED if row.state == "done" else None
    return wording.line_meaning(row)


def _code(row: DisposalLine | Recipient) -> str:
    if not isinstance(row, Recipient):
        return codes.group(row.code)
    return ngettext("{count} vial", "{count} vials", len(row.lines))


def _what(row: DisposalLine | Recipient) -> str:
    if isinstance(row, Recipient):
        if row.release is None:
            return _("No longer issued")
        note = next((line.note for line in row.lines if line.note), "")
        parts = (row.release.recipient, row.release.institution, note)
        return " · ".join(part for part in parts if part)
    amount = words.amount(row.volume_ul, row.cells)
    return f"{words.material_name(row.material)} · {row.time_point} · {amount}"


def _place(row: DisposalLine | Recipient) -> str:
    if isinstance(row, Recipient):
        return _("Release {no}").format(no=row.release.no) if row.release else words.UNKNOWN
    return wording.short_place(row.place)


def _by(row: DisposalLine | Recipient) -> str:
    return row.lines[0].done_by_name if isinstance(row, Recipient) else row.done_by_name


def _seen(row: DisposalLine | Recipient) -> str:
    return "" if isinstance(row, Recipient) else wording.line_seen(row)
