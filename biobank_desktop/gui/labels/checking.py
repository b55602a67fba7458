"""Checking what was printed: each label is scanned once, until all of them are right."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.label_check import LabelCheck
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import clear_layout
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk

_SHOWN = 12
_COLUMNS = 2


class LabelChecking(QWidget):
    """How many are right, which are left, and what the last scan was."""

    ended = Signal()
    """nobody checks any more"""
    primary = None

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._check = LabelCheck(())
        self._title = Text(_("Scan each label"), "section", parent=self)
        self.count = Text("", "large", parent=self)
        self._advice = Text("", "detail", wrap=True, parent=self)
        self._left = QWidget(self)
        self._grid = QGridLayout(self._left)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(4)
        self._more = Text("", "detail", parent=self)
        self.end = ActionButton(_("End checking"), hint="Esc", parent=self)
        self.end.clicked.connect(self.ended)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (self._title, self.count, self._advice, self._left, self._more):
            column.addWidget(widget)
        column.addWidget(self.end, 0, Qt.AlignmentFlag.AlignLeft)

    def begin(self, expected: Sequence[str]) -> None:
        """These labels are to be scanned."""
        self._check = LabelCheck(tuple(dict.fromkeys(expected)))
        self._show()

    @property
    def is_done(self) -> bool:
        """Whether every label has been scanned."""
        return not self._check.left

    def left(self) -> Sequence[str]:
        """The codes of the labels that nobody has scanned."""
        return self._check.left

    def take_scan(self, scan: Scan) -> bool:
        """A label was scanned; typing proves none, nor does a maker's code on the same tube."""
        if scan.carried:
            self._desk.frame.notices.warn(
                _("{code} is the maker’s code. Scan the label with our own.").format(code=scan.carried)
            )
        elif scan.typed:
            self._desk.stop((Problem("code", "typing-proves-nothing", {"code": codes.group(scan.code)}),))
        else:
            self._look_at(scan.code)
        return True

    def _look_at(self, code: str) -> None:
        notices = self._desk.frame.notices
        finding = self._check.finding(code)
        if finding == "right":
            self._prove(code)
        elif finding == "twice":
            notices.stop(
                _("{code} was scanned already").format(code=codes.group(code)),
                _("Two labels with one code are two vials that will be taken for each other."),
                _("If this is a second label, destroy it. Then go on with the next one."),
            )
        else:
            notices.stop(
                _("{code} is none of these labels").format(code=codes.group(code)),
                _("It belongs to something else."),
                _("Put it aside and go on with the next one."),
            )

    def _prove(self, code: str) -> None:
        from biobank_desktop.services.labels import verify  # noqa: PLC0415

        command_id = uuid4()
        self._desk.act(
            self,
            lambda store, actor: verify(store, actor, code, command_id),
            lambda _answer: self._proved(code),
            topics={"labels"},
        )

    def _proved(self, code: str) -> None:
        self._check = self._check.proved(code)
        self._desk.frame.notices.sound(Sound.DONE if self.is_done else Sound.ACCEPTED)
        self._show()

    def _show(self) -> None:
        check = self._check
        self.count.setText(_("{right} of {all} right").format(right=check.right, all=len(check.expected)))
        self._advice.setText(
            _("All are right: each label is there once and can be read.")
            if self.is_done
            else _("Not scanned yet:")
        )
        clear_layout(self._grid)
        for number, code in enumerate(check.left[:_SHOWN]):
            self._grid.addWidget(CodeLabel(code, parent=self), number // _COLUMNS, number % _COLUMNS)
        more = max(0, len(check.left) - _SHOWN)
        self._more.setText(_("and {count} more").format(count=more))
        self._more.setVisible(more > 0)
        self.end.set_text(_("Done") if self.is_done else _("End checking"))
