"""Putting makers' codes on vials: the vial that is next is named, the tube with its code is scanned."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.preprinted import Binding
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.desk import LABELS, SAMPLES
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton, PrimaryButton
from biobank_desktop.gui.widgets.cards import ProblemList, clear_layout, reveal
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk

_SHOWN = 8
_COLUMNS = 2
_LABEL_TOO = "label-too"
_WITH_A_REASON = frozenset({"code-on-something", "vial-has-a-code"})
"""What is refused until somebody says why."""


class CodeBinding(QWidget):
    """Which vial gets the next code, how many have one, and why a code is taken from another vial."""

    ended = Signal()
    """nobody puts codes on vials any more"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._ids = CommandIds()
        self._texts: Mapping[str, str] = {}
        self._bound: dict[str, str] = {}
        self._current = ""
        self._asked_about = ("", "")  # a vial, and the code that is on something else
        self._waiting: deque[Scan] = deque()
        self._busy = False
        self._title = Text(_("Put makers’ codes on vials"), "section", parent=self)
        self.count = Text("", "detail", parent=self)
        self.code = CodeLabel("", "code-large", self)
        self._text = Text("", wrap=True, parent=self)
        self._advice = Text("", "detail", wrap=True, parent=self)
        self.label_too = ToggleRow(
            _("The code is enough for a scanner"),
            [Pick(_LABEL_TOO, _("Print our label, too"))],
            name="keep_labels",
            columns=1,
            parent=self,
        )
        self.problems = ProblemList(self)
        self.why = FieldBox(_("Why was it there?"), name="why", parent=self)
        self.primary = PrimaryButton(_("Put it here"), parent=self)
        self._question = QWidget(self)
        self._then = Text(_("Then"), "label", parent=self)
        self._left = QWidget(self)
        self._grid = QGridLayout(self._left)
        self._more = Text("", "detail", parent=self)
        self.end = ActionButton(_("End"), hint="Esc", parent=self)
        self._lay_out()
        self.primary.clicked.connect(self._move)
        self.end.clicked.connect(self.ended)

    def _lay_out(self) -> None:
        question = QVBoxLayout(self._question)
        question.setContentsMargins(0, 0, 0, 0)
        question.setSpacing(8)
        question.addWidget(self.problems)
        question.addWidget(self.why)
        question.addWidget(self.primary)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (
            self._title,
            self.count,
            self.code,
            self._text,
            self._advice,
            self._question,
            self._then,
            self._left,
            self._more,
            self.label_too,
        ):
            column.addWidget(widget)
        column.addWidget(self.end, 0, Qt.AlignmentFlag.AlignLeft)

    def begin(self, vials: Mapping[str, str]) -> None:
        """Each of these vials, by code, with what it is in words, is to get a code."""
        self._texts, self._bound = vials, {}
        self._waiting.clear()
        self._ids.forget()
        self._turn_to(next(iter(vials), ""))

    def take_scan(self, scan: Scan) -> bool:
        """A vial of ours is the next one; any other code is put on it, when it was scanned.

        One scan is done with before the next one is looked at: which vial is next depends on it.
        """
        if scan.kind is ScanKind.COMMAND:
            return False
        if not self._question.isHidden():
            self._desk.frame.notices.warn(_("Finish or cancel what is open first. The scan was not used."))
            return True
        if not self._busy:
            self._waiting.clear()
        self._waiting.append(scan)
        self._go_on()
        return True

    def step_back(self) -> bool:
        """Leave a code where it is; False when nothing was asked about one."""
        asked = not self._question.isHidden()
        reveal(self._question, False)
        return asked

    def _go_on(self) -> None:
        while self._waiting and not self._busy:
            self._use(self._waiting.popleft())

    def _use(self, scan: Scan) -> None:
        code = scan.carried or scan.code
        if scan.kind is ScanKind.OWN and not scan.carried:
            self._choose(code)
        elif scan.typed:
            self._desk.stop((Problem("code", "typing-proves-nothing", {"code": code}),))
        else:
            self._put_on(self._current, code)

    def _choose(self, code: str) -> None:
        if code in self._texts:
            self._desk.frame.notices.sound(Sound.ACCEPTED)
            self._turn_to(code)
            return
        self._desk.frame.notices.stop(
            _("{code} is none of these vials").format(code=codes.group(code)),
            _("Nothing was put on it."),
            _("Scan the code of the tube, or one of the vials listed."),
        )

    def _put_on(self, vial: str, code: str, why: str = "") -> None:
        from biobank_desktop.services.preprinted import BindForm, bind  # noqa: PLC0415

        if not vial:
            return
        self._busy = True
        keep = _LABEL_TOO in self.label_too.values()
        form = BindForm((Binding(vial, code),), why, keep)
        command_id = self._ids.of(form)
        self._desk.act(
            self,
            lambda store, actor: bind(store, actor, form, command_id),
            lambda _answer: self._put(vial, code),
            topics={LABELS, SAMPLES},
            refused=partial(self._refused, vial, code),
            once=self._ids.once(command_id),
            ended=self._rest,
        )

    def _rest(self) -> None:
        self._busy = False

    def _put(self, vial: str, code: str) -> None:
        self._bound = {one: kept for one, kept in self._bound.items() if kept != code} | {vial: code}
        left = self._to_do()
        self._desk.frame.notices.sound(Sound.ACCEPTED if left else Sound.DONE)
        self._turn_to(left[0] if left else "")
        self._go_on()

    def _refused(self, vial: str, code: str, problems: tuple[Problem, ...]) -> None:
        self._waiting.clear()
        if any(problem.code not in _WITH_A_REASON for problem in problems):
            self._desk.stop(problems)
            return
        self._desk.frame.notices.sound(Sound.WARNING)
        self._asked_about = (vial, code)
        self.problems.show_problems(problems)
        self.why.clear()
        self.why.set_problems(())
        reveal(self._question, True)
        self.why.attend()

    def _move(self) -> None:
        if self.why.text():
            self._put_on(*self._asked_about, self.why.text())
        else:
            self.why.set_problems((Problem("why", "reason-missing"),))

    def _to_do(self) -> Sequence[str]:
        return [code for code in self._texts if code not in self._bound]

    def _turn_to(self, code: str) -> None:
        """Give this vial the next code; "" when none is left."""
        self._current = code
        reveal(self._question, False)
        self.code.set_code(code)
        self.code.setVisible(bool(code))
        self._text.setText(self._texts.get(code, ""))
        self._text.setVisible(bool(code))
        self.count.setText(
            _("{count} of {all} have one").format(count=len(self._bound), all=len(self._texts))
        )
        self._advice.setText(
            _("Scan the code of the tube or the label that becomes this vial. Scan a vial to take it first.")
            if code
            else _("Every vial has its code. A scan of it is a scan of the vial.")
        )
        clear_layout(self._grid)
        others = [one for one in self._to_do() if one != code]
        for number, other in enumerate(others[:_SHOWN]):
            self._grid.addWidget(CodeLabel(other, parent=self), number // _COLUMNS, number % _COLUMNS)
        self._then.setVisible(bool(others))
        more = max(0, len(others) - _SHOWN)
        self._more.setText(_("and {count} more").format(count=more))
        self._more.setVisible(more > 0)
        self.label_too.setVisible(bool(code))
        self.end.set_text(_("End") if code else _("Done"))
