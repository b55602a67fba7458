"""Loading a list of codes and places: pasted, dropped or from a file; every bad line is named first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from biobank_desktop.domain.moves import line_of
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui.theme import Meaning, set_role
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import ProblemList, reveal
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.row_table import RowTable
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.services.foreseeing import Foreseen

FIELD = "rows"
LARGEST_BYTES = 16_000_000
_FIELD_PX, _MOST_ROWS = 160, 5
_BOXES_SHOWN = 6


def read_file(path: str) -> str:
    """The text of a list. Raises ``Rejected`` when it is none, or larger than any list."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise Rejected(Problem(FIELD, "list-file-too-large", {"name": Path(path).name}))
        return data.decode("utf-8-sig")
    except OSError as error:
        values = {"path": path, "said": error.strerror or str(error)}
        raise Rejected(Problem(FIELD, "input-not-readable", values)) from error
    except UnicodeDecodeError as error:
        raise Rejected(Problem(FIELD, "list-file-no-text", {"name": Path(path).name})) from error


class PasteField(QPlainTextEdit):
    """A large field; says when a whole list has come into it at once."""

    came = Signal()
    """a list was pasted or dropped"""
    file_dropped = Signal(str)
    """the path of a file that was dropped"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setProperty("mono", "true")
        self.setFixedHeight(_FIELD_PX)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take in what is pasted or dropped."""
        super().insertFromMimeData(source)
        self.came.emit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Whether it is text or a file."""
        return source.hasUrls() or super().canInsertFromMimeData(source)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files as well as text."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """A file is read, a text is taken in."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.file_dropped.emit(paths[0])
        else:
            super().dropEvent(event)


@dataclass(frozen=True)
class TroubledLine:
    """A line that cannot be carried out, or not without a warning: what stands in it, and why."""

    no: int
    what: str
    problem: Problem

    @property
    def line(self) -> int:
        """Its number in the list."""
        return line_of(self.problem)


class LoadCard(FormCard):
    """The list, then what it would do or what is wrong with it; the primary checks, then loads."""

    file_chosen = Signal(str)
    """the path of a file to read"""
    check_wanted = Signal()
    """the list is to be checked"""

    def __init__(self, box: str, jobs: Jobs, parent: QWidget | None = None) -> None:
        where = (
            _("A line each: code and position in {box}; or code and whole place: BX00123 / C4.").format(
                box=box
            )
            if box
            else _("A line each: code and whole place, such as BX00123 / C4; or code, box and position.")
        )
        super().__init__(_("Load a list"), where, _("Check the list"), parent)
        self.foreseen: Foreseen | None = None
        self.field = PasteField(self)
        self.field.setAccessibleName(_("The list"))
        self._file = ActionButton(_("Choose a file"), icon="download", parent=self)
        self._file.clicked.connect(self._choose)
        self._wrong = ProblemList(self)
        self._summary = Text("", "strong", wrap=True, parent=self)
        self._summary.hide()
        self.table = RowTable(
            (
                Column(_("Line"), lambda row: str(row.line), 64, right=True),
                Column(_("What"), lambda row: row.what, 228, mono=True),
                Column(_("Why"), lambda row: say(row.problem), meaning=_meaning),
            ),
            lambda row: row.no,
            jobs,
            self,
        )
        self.table.hide()
        self.rows.addWidget(self._list_part())
        self.rows.addWidget(self._wrong)
        self.rows.addWidget(self._summary)
        self.rows.addWidget(self.table)
        self.field.textChanged.connect(self._forget)
        self.field.came.connect(self.check_wanted)
        self.field.file_dropped.connect(self.file_chosen)

    def _list_part(self) -> QWidget:
        part = QWidget(self)
        head = QHBoxLayout()
        head.addWidget(Text(_("Paste it here, drop a file, or choose one"), "label", parent=part), 1)
        head.addWidget(self._file)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.field)
        return part

    def begin(self) -> None:
        """Stand ready to be pasted into."""
        super().begin()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_scan(self, scan: Scan) -> bool:
        """What is scanned is written where the cursor stands."""
        self.field.insertPlainText(scan.code)
        return True

    def text(self) -> str:
        """The list as it stands in the field."""
        return self.field.toPlainText()

    def set_text(self, text: str) -> None:
        """Put a list into the field."""
        self.field.setPlainText(text)

    def show_checking(self, done: int, total: int) -> None:
        """How far the check has come."""
        set_role(self._summary, "muted")
        self._summary.setText(_("Checking … {done} of {total} lines").format(done=done, total=total))
        self._summary.show()

    def show_foreseen(self, foreseen: Foreseen) -> None:
        """What the list would do with which warnings, or every line that is wrong."""
        self.foreseen = None if foreseen.problems else foreseen
        if foreseen.problems:
            self.refuse(foreseen.problems)
            return
        self._show_lines(foreseen.warnings)
        self._summary.setText(summary(foreseen))
        set_role(self._summary, "strong")
        self._summary.show()
        count = len(foreseen.moves)
        self.primary.set_text(ngettext("Load {count} line", "Load {count} lines", count))
        self.primary.setFocus()

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Name every line that is wrong; what is wrong with no line stands above."""
        self._show_lines(problems)
        count = len({row.line for row in self.table.all_rows()})
        set_role(self._summary, "refused")
        self._summary.setText(
            ngettext("{count} line cannot be loaded.", "{count} lines cannot be loaded.", count)
            + " "
            + _("Nothing has been written.")
        )
        reveal(self._summary, bool(count))

    def _show_lines(self, problems: Sequence[Problem]) -> None:
        lines = self.text().splitlines()
        of_lines = [problem for problem in problems if line_of(problem)]
        self._wrong.show_problems([problem for problem in problems if not line_of(problem)])
        rows = [
            TroubledLine(no, lines[line_of(problem) - 1].replace("\t", " "), problem)
            for no, problem in enumerate(of_lines, 1)
            if line_of(problem) <= len(lines)
        ]
        self.table.show_rows(rows)
        self.table.fit_rows(_MOST_ROWS)
        reveal(self.table, bool(rows))
        self.set_busy(False)

    def summary_text(self) -> str:
        """What is said of the whole list."""
        return self._summary.text()

    def _forget(self) -> None:
        """Another list: what was foreseen holds no more."""
        self.foreseen = None
        self.primary.set_text(_("Check the list"))
        self._summary.hide()

    def _choose(self) -> None:
        path, _kind = QFileDialog.getOpenFileName(
            self, _("Choose a file"), "", _("Lists (*.csv *.tsv *.txt);;All files (*)")
        )
        if path:
            self.file_chosen.emit(path)


def _meaning(row: TroubledLine) -> Meaning:
    return Meaning.PROVISIONAL if row.problem.warning else Meaning.REFUSED


def summary(foreseen: Foreseen) -> str:
    """How many things are stored anew, how many moved, into which boxes."""
    parts = []
    if foreseen.anew:
        parts.append(ngettext("{count} is stored anew", "{count} are stored anew", foreseen.anew))
    if foreseen.moved:
        parts.append(ngettext("{count} is moved", "{count} are moved", foreseen.moved))
    boxes = [f"{name} ({count})" for name, count in foreseen.boxes[:_BOXES_SHOWN]]
    rest = len(foreseen.boxes) - len(boxes)
    if rest:
        boxes.append(ngettext("{count} more box", "{count} more boxes", rest))
    return _("{what}, into {boxes}.").format(what=", ".join(parts), boxes=", ".join(boxes))
