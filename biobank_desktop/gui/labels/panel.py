"""Beside the list: the label as it will be printed, what became of it, and asking for another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.printing import LEFT, TO_BE_DECIDED
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui import words
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.labels.listing import state_words
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import ProblemList, reveal
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_problems import lay_problems
from biobank_desktop.gui.widgets.label_preview import LabelPreview
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.domain.labels import Label
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.worklists import LabelRow
    from biobank_desktop.services.label_rules import Choice as TemplateChoice
    from biobank_desktop.services.printers import PrinterForm
    from biobank_desktop.settings import Settings

_REASONS = (
    ("misprint", "M"),
    ("lost", "L"),
    ("damaged", "D"),
    ("printer-fault", "P"),
    ("relabel", "A"),
)


@dataclass(frozen=True)
class Looked:
    """What the preview needs: the label as it would be printed now, and on what."""

    label: Label
    choice: TemplateChoice
    printer: PrinterForm


def look(connection: Connection, object_id: int, settings: Settings) -> Looked:
    """Read what would be printed for a thing. Raises ``NotFound``."""
    from biobank_desktop.services.label_rules import choose  # noqa: PLC0415
    from biobank_desktop.services.labels import label_of  # noqa: PLC0415
    from biobank_desktop.services.print_runs import bench_printer  # noqa: PLC0415

    printer = bench_printer(connection, settings.printer)
    choice = choose(connection, [object_id], printer, settings.bench)[object_id]
    return Looked(label_of(connection, object_id), choice, printer)


def render_png(looked: Looked) -> bytes:
    """The label's own dots as a picture. Raises ``LabelRefused``."""
    from biobank_desktop.labels.rendering import render  # noqa: PLC0415

    return render(looked.choice.chosen.template, looked.label, looked.printer.dpi).png()


class Reprint(QWidget):
    """Why another label is needed; a letter is the reason, Enter asks for it."""

    asked = Signal()
    """another label waits"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._code = ""
        self._ids = CommandIds()
        reasons = [Choice(value, words.choice_name(value), key) for value, key in _REASONS]
        self.reason = ChoiceQuestion(_("Why another label"), reasons, name="reason", columns=1, parent=self)
        self.note = FieldBox(_("Note"), name="note", parent=self)
        self.problems = ProblemList(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (self.reason, self.note, self.problems):
            column.addWidget(widget)

    def begin(self, code: str) -> None:
        """Ask for another label of this thing."""
        self._code = code
        self.reason.set_value(None)
        self.note.clear()
        self._show_problems(())
        self.reason.setFocus()

    def ask(self) -> None:
        """Ask for it now."""
        from biobank_desktop.services.labels import reprint  # noqa: PLC0415

        code, reason, note = self._code, self.reason.value(), self.note.text()
        if reason is None:
            self._show_problems((Problem("reason", "answer-missing"),))
            return
        command_id = self._ids.of((code, reason, note))
        self._desk.act(
            self,
            lambda store, actor: reprint(store, actor, code, str(reason), note, command_id),
            self._done,
            topics={"labels"},
            refused=self._show_problems,
            once=self._ids.once(command_id),
        )

    def _done(self, _nothing: None) -> None:
        text = _("Another label of {code} waits.").format(code=codes.group(self._code))
        self._desk.frame.notices.say(text, sound=Sound.ACCEPTED)
        self.asked.emit()

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        lay_problems(problems, {"reason": self.reason, "note": self.note}, self.problems)


class LabelPanel(QWidget):
    """One label: its picture, its life, and the door to another one."""

    reprint_wanted = Signal()
    """somebody wants another label of what is shown"""
    decided = Signal()
    """somebody has said whether the label came out"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.object_id: int | None = None
        self._ids = CommandIds()
        self.preview = LabelPreview(_("Label as it will be printed"), self)
        self.preview.setFixedHeight(150)
        self.code = CodeLabel("", "code", self)
        self._text = Text("", "detail", wrap=True, parent=self)
        self.facts = FactGrid(2, self)
        self.problems = ProblemList(self)
        self._fault = Text("", "refused", wrap=True, parent=self)
        self._row: LabelRow | None = None
        self.came_out = ActionButton(_("It came out"), icon="check", hint="Y", parent=self)
        self.came_out.clicked.connect(lambda: self._decide(came_out=True))
        self.not_out = ActionButton(_("It did not"), icon="refused", hint="N", parent=self)
        self.not_out.clicked.connect(lambda: self._decide(came_out=False))
        self._question = QWidget(self)
        self.first = FieldBox(_("Begin at label of the sheet"), name="first", hint="1", parent=self)
        self.reprint = Reprint(desk, self)
        self.again = ActionButton(_("Print again"), icon="print", hint="R", parent=self)
        self.again.clicked.connect(self.reprint_wanted)
        self.check = ActionButton(_("Check by scan"), icon="scan", hint="C", parent=self)
        self.bind = ActionButton(_("Put a maker’s code on it"), icon="scan", hint="M", parent=self)
        self.open = ActionButton(_("Open"), Look.QUIET, icon="chevron-right", hint="O", parent=self)
        self.open.clicked.connect(self._open)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.code, 1)
        head.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        for widget in (
            self.preview,
            self._text,
            self._fault,
            self._question,
            self.problems,
            self.facts,
            self.first,
            self.check,
            self.bind,
            self.again,
            self.reprint,
        ):
            column.addWidget(widget)
        answers = QVBoxLayout(self._question)
        answers.setContentsMargins(0, 0, 0, 0)
        answers.setSpacing(8)
        answers.addWidget(self.came_out)
        answers.addWidget(self.not_out)
        self._question.hide()
        self._fault.hide()
        self.first.hide()
        self.reprint.hide()

    def show_label(self, row: LabelRow) -> None:
        """Show a label of the list."""
        from biobank_desktop.services.printing import fault_of  # noqa: PLC0415

        self._row = row
        fault = fault_of(row.fault)
        self._fault.setText(say(fault) if fault is not None else "")
        self._fault.setVisible(fault is not None)
        reveal(self._question, row.state in TO_BE_DECIDED)
        reveal(self.check, row.state in LEFT)
        reveal(self.bind, row.state == "queued" and codes.kind_of(row.code) is CodeKind.SAMPLE)
        self._show_thing(row.object_id)
        self.facts.set_facts(_facts(row))

    def show_thing(self, object_id: int) -> None:
        """Show a thing that has no label yet."""
        self._row = None
        self._fault.hide()
        reveal(self._question, False)
        reveal(self.check, False)
        reveal(self.bind, False)
        self._show_thing(object_id)
        self.facts.set_facts(())

    def _show_thing(self, object_id: int) -> None:
        session = self._desk.session
        assert session is not None
        settings = session.settings
        self.object_id = object_id
        self.code.set_code(codes.from_number(object_id))
        self._desk.read(
            self, lambda connection: look(connection, object_id, settings), self._looked, newest="look"
        )

    def failure(self) -> str:
        """Why the label that is shown did not come out, "" where nothing is known to be wrong."""
        return self._fault.text()

    def first_place(self) -> int:
        """The place on a sheet begun before at which to begin; 1 when nothing (readable) is asked."""
        typed = parse_whole(self.first.text())
        return 1 if typed is None or self.first.isHidden() else typed

    def _looked(self, looked: Looked) -> None:
        template = looked.choice.chosen.template
        self._text.setText(
            _("{template} · {dpi} dpi").format(template=template.title, dpi=looked.printer.dpi)
        )
        self.problems.show_problems(() if looked.choice.refused is None else (looked.choice.refused,))
        self.first.setVisible(template.stock.sheet is not None)
        self._desk.jobs.run_aside(
            self, lambda: render_png(looked), self.preview.set_png, failed=self._refused, newest="preview"
        )

    def _refused(self, error: Exception) -> None:
        if isinstance(error, Rejected):
            self.problems.show_problems(error.problems)
        else:
            self._desk.tell(error)

    def _decide(self, *, came_out: bool) -> None:
        """Somebody has looked."""
        from biobank_desktop.services.printing import decide  # noqa: PLC0415

        row = self._row
        if row is None or row.state not in TO_BE_DECIDED:
            return
        command_id = self._ids.of((row.code, row.no, came_out))
        self._desk.act(
            self,
            lambda store, actor: decide(
                store, actor, row.code, row.no, came_out=came_out, command_id=command_id
            ),
            lambda _nothing: self.decided.emit(),
            topics={"labels"},
            refused=self.problems.show_problems,
            once=self._ids.once(command_id),
        )

    def _open(self) -> None:
        if self.object_id is not None:
            self._desk.show_record(self.object_id)


def _facts(row: LabelRow) -> list[Fact]:
    facts = [
        Fact(_("State"), words.begun(state_words(row.state))),
        Fact(_("Copy number"), str(row.no)),
        Fact(_("Asked for"), words.moment(row.requested_at), row.login),
        Fact(_("Why"), words.choice_name(row.reason)),
    ]
    if row.bench:
        facts.append(Fact(_("Bench"), row.bench))
    if row.printer:
        facts.append(Fact(_("Printer"), row.printer.rpartition("/")[2]))
    if row.sent_at:
        facts.append(Fact(_("Handed over"), words.moment(row.sent_at)))
    if row.confirmed_at:
        facts.append(Fact(_("Came out"), words.moment(row.confirmed_at)))
    if row.verified_at:
        facts.append(Fact(_("Proved by a scan"), words.moment(row.verified_at)))
    return facts
