"""A donor's consent over time: what comes, then one line per answer of one person, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.gui import icons, theme, words
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, say_month, say_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from biobank_desktop.domain.thresholds import Threshold
    from biobank_desktop.persistence.queries.donors import ConsentLineRow
    from biobank_desktop.persistence.queries.forms import CheckRow

MEANINGS = {
    "given": Meaning.PERMITTED,
    "reconfirmed": Meaning.PERMITTED,
    "partly-given": Meaning.PROVISIONAL,
    "refused": Meaning.REFUSED,
    "objected": Meaning.REFUSED,
    "withdrawn": Meaning.REFUSED,
}
ON_PAPER = frozenset({"given", "partly-given", "refused", "objected", "withdrawn", "reconfirmed"})
"""The kinds of lines that somebody signed, which a second person can compare."""
_ANSWERS = (
    ("yes", "check", "permitted"),
    ("no", "cross", "refused"),
    ("not-answered", "missing", "missing"),
    ("not-asked", "minus", "muted"),
)


def struck(lines: Iterable[ConsentLineRow]) -> dict[int, ConsentLineRow]:
    """The lines that were struck out, each with the line that did; a struck correction strikes nothing."""
    found: dict[int, ConsentLineRow] = {}
    for line in sorted(lines, key=lambda each: -each.no):
        if line.corrects is not None and line.corrects < line.no not in found:
            found[line.corrects] = line
    return found


class _Mark(QWidget):
    """The icon of a line, on the line through time: that of its meaning, where it has one."""

    def __init__(self, icon: str, meaning: Meaning | None, *, last: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._meaning = meaning
        self._icon = meaning.value if meaning else icon
        self._last = last
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(32, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = theme.tokens()
        tone = tokens.tone(self._meaning) if self._meaning else None
        if not self._last:
            painter.setPen(QPen(theme.color("line"), 2))
            painter.drawLine(14, 34, 14, self.height())
        painter.setPen(QPen(QColor(tone.line if tone else tokens.line), 1))
        painter.setBrush(theme.color("ground") if tone is None else QColor(tone.ground))
        painter.drawEllipse(QRectF(0.5, 4.5, 27, 27))
        icons.draw(painter, self._icon, tone.ink if tone else tokens.muted, 6, 10, 16)
        painter.end()


class ConsentLines(QWidget):
    """The lines, the newest first; one that was entered wrongly can be struck out with a reason."""

    strike_wanted = Signal(int)
    """the number of the line to strike out"""
    check_wanted = Signal(int)
    """the number of the line to compare with the signed form"""
    keep_wanted = Signal(int)
    """the number of the line whose scan is to be kept"""
    scan_wanted = Signal(int)
    """the number of the line whose scan is to be seen"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._checks: dict[int, CheckRow] = {}
        self._login = ""
        self._scans: frozenset[str] | None = None
        self._keeps = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_lines(
        self,
        lines: Sequence[ConsentLineRow],
        checks: Sequence[CheckRow] = (),
        login: str = "",
        ahead: Sequence[Threshold] = (),
        scans: frozenset[str] | None = None,
        *,
        keeps: bool = False,
    ) -> None:
        """Show these lines to the person of this login: whoever entered one cannot compare it.

        Above them stand the birthdays ahead. ``scans`` are those that are kept, None for whoever may not open
        the identity store; ``keeps``: they may keep one.
        """
        self._scans, self._keeps = scans, keeps
        self._checks = {check.line_no: check for check in checks}  # the newest of each line
        self._login = login
        clear_layout(self._column)
        for one in reversed(ahead):
            self._column.addWidget(self._to_come(one, last=not lines and one is ahead[0]))
        if not lines:
            none = _("No consent entered. What parents and child decided stands here, line by line.")
            self._column.addWidget(Text(none, "muted", wrap=True, parent=self))
            return
        gone = struck(lines)
        shown = [line for line in reversed(lines) if line.kind != "corrected"]
        for line in shown:
            self._column.addWidget(self._row(line, gone.get(line.no), line is shown[-1]))

    def _row(self, line: ConsentLineRow, by: ConsentLineRow | None, last: bool) -> QWidget:
        row = QWidget(self)
        meaning = MEANINGS.get(line.kind) if by is None else None
        body = self._on_the_line("consent", meaning, row, last=last)
        body.addLayout(self._head(line, by, row))
        for said in (dates(line), _signing(line), _entered(line)):
            if said:
                body.addWidget(Text(said, "detail", wrap=True, parent=row))
        if by is not None:
            why = _("Struck out on {day} by {login}: {why}").format(
                day=words.moment(by.known_at), login=by.login, why=by.note
            )
            body.addWidget(Text(why, "provisional", wrap=True, parent=row))
        else:
            body.addSpacing(2)
            add_answers(body, line, row)
            if line.note:
                body.addWidget(Text(line.note, wrap=True, parent=row))
            if line.kind in ON_PAPER:
                body.addLayout(self._check(line, row))
            if line.scan_sha256 and self._scans is not None:
                kept = line.scan_sha256 in self._scans
                if kept or self._keeps:
                    body.addWidget(self._scan(line.no, row, kept=kept), 0, Qt.AlignmentFlag.AlignRight)
        return row

    def _scan(self, number: int, row: QWidget, *, kept: bool) -> ActionButton:
        """The way to the scan, or to keeping it."""
        words_ = _("Show the scan") if kept else _("Keep the scan")
        button = ActionButton(words_, Look.QUIET, icon="search" if kept else "download", parent=row)
        button.setAccessibleName(f"{words_}, {_('line {no}').format(no=number)}")
        wanted = self.scan_wanted if kept else self.keep_wanted
        button.clicked.connect(lambda: wanted.emit(number))
        return button

    def _to_come(self, one: Threshold, last: bool) -> QWidget:
        row = QWidget(self)
        body = self._on_the_line("calendar", None, row, last=last)
        title = _("Turns {age} in {month}").format(age=one.age, month=say_month(one.on))
        body.addWidget(Text(title, "strong", wrap=True, parent=row))
        body.addWidget(Text(_follows(one), "detail", wrap=True, parent=row))
        return row

    @staticmethod
    def _on_the_line(icon: str, meaning: Meaning | None, row: QWidget, *, last: bool) -> QVBoxLayout:
        """The place for what is said beside a mark on the line through time."""
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(12)
        across.addWidget(_Mark(icon, meaning, last=last, parent=row))
        body = QVBoxLayout()
        body.setContentsMargins(0, 4, 0, 16)
        body.setSpacing(4)
        across.addLayout(body, 1)
        return body

    def _check(self, line: ConsentLineRow, row: QWidget) -> QHBoxLayout:
        """Whether somebody else has compared it with the form, and the way to do so."""
        check, across = self._checks.get(line.no), QHBoxLayout()
        across.setSpacing(8)
        agrees = check is not None and check.agrees
        icon, colour = (
            ("check", "permitted") if agrees else ("clock" if check is None else "warning", "provisional")
        )
        across.addWidget(Icon(icon, colour, 16, row), 0, Qt.AlignmentFlag.AlignTop)
        across.addWidget(
            Text(_checked(check), "muted" if agrees else "provisional", wrap=True, parent=row), 1
        )
        if not agrees and line.login != self._login:
            compare = ActionButton(_("Compare"), Look.QUIET, icon="check", parent=row)
            compare.setAccessibleName(_("Compare line {no} with the form").format(no=line.no))
            number = line.no
            compare.clicked.connect(lambda: self.check_wanted.emit(number))
            across.addWidget(compare, 0, Qt.AlignmentFlag.AlignTop)
        return across

    def _head(self, line: ConsentLineRow, by: ConsentLineRow | None, row: QWidget) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        title = Text(heading(line), "old" if by else "strong", wrap=True, parent=row)
        head.addWidget(title, 1)
        if by is None:
            strike = ActionButton(_("Strike out"), Look.QUIET, icon="edit", parent=row)
            strike.setAccessibleName(_("Strike out line {no}").format(no=line.no))
            number = line.no
            strike.clicked.connect(lambda: self.strike_wanted.emit(number))
            head.addWidget(strike, 0, Qt.AlignmentFlag.AlignTop)
        return head


def _follows(one: Threshold) -> str:
    """What the rules do then: "hold release until answered, from Nov 2027 on". A day would be a birthday."""
    said = say_value(one.policy)
    if one.until == one.on:
        return said
    return _("{policy}, from {month} on").format(policy=said, month=say_month(one.until))


def heading(line: ConsentLineRow) -> str:
    """Who said what: "Mother, with sole authority: given"."""
    who = words.choice_name(line.signatory)
    if line.sole_authority:
        who = _("{who}, with sole authority").format(who=who)
    what = say_value(line.kind)
    if line.level:
        what = f"{what} · {say_value(line.level)}"
    return f"{who}: {what}"


def dates(line: ConsentLineRow) -> str:
    """The form and its days: "ALLTogether1 biobank 3.0 · signed 2 Nov 2026 · received 3 Nov 2026"."""
    form = " ".join(part for part in (line.form, line.form_version) if part)
    parts = [
        form,
        _("signed {day}").format(day=words.day(line.signed_on)),
        _("received {day}").format(day=words.day(line.received_on)),
    ]
    return " · ".join(part for part in parts if part)


def _signing(line: ConsentLineRow) -> str:
    """What is known of the signing: "parental authority · taken by dr. De Boer · paper at HiX 2026-1188"."""
    parts = [say_value(line.authority) if line.authority else ""]
    if line.obtained_by:
        parts.append(_("signature taken by {who}").format(who=line.obtained_by))
    if line.interpreter:
        parts.append(_("with an interpreter"))
    if line.original_at:
        parts.append(_("paper at {place}").format(place=line.original_at))
    if line.scan_sha256:
        parts.append(_("scan {digest}…").format(digest=line.scan_sha256[:8]))
    return " · ".join(part for part in parts if part)


def _checked(check: CheckRow | None) -> str:
    if check is None:
        return _("Not compared with the form by a second person yet")
    when, who = words.moment(check.at), check.login
    if check.agrees:
        return _("Compared with the form on {day} by {login}: it says the same").format(day=when, login=who)
    return _("On {day} {login} found that the form says something else: {note}").format(
        day=when, login=who, note=check.note
    )


def _entered(line: ConsentLineRow) -> str:
    return _("Line {no}, entered {at} by {login}").format(
        no=line.no, at=words.moment(line.known_at), login=line.login
    )


def add_answers(body: QVBoxLayout, line: ConsentLineRow, parent: QWidget) -> None:
    """The items by answer, so that twelve items are four lines."""
    for answer, icon, colour in _ANSWERS:
        items = [say_value(item) for item, said in line.answers.items() if said == answer]
        if not items:
            continue
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Icon(icon, colour, 16, parent), 0, Qt.AlignmentFlag.AlignTop)
        said = say_value(answer)
        row.addWidget(Text(f"{said[:1].upper()}{said[1:]}: {', '.join(items)}", wrap=True, parent=parent), 1)
        body.addLayout(row)
