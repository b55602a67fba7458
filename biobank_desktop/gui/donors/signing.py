"""How a form was signed: on what authority, before whom, where the paper is, which scan belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui import words
from biobank_desktop.gui.donors.scan_files import choose, chosen_scan
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.donors.scan_files import ChosenScan
    from biobank_desktop.gui.widgets.form_problems import ProblemTaker

_AUTHORITIES = (("parental", "P"), ("guardianship", "G"), ("court-order", "R"), ("own", "O"))
_USUAL = {
    "mother": "parental",
    "father": "parental",
    "guardian": "guardianship",
    "child": "own",
    "self": "own",
}


class SigningCard(Card):
    """What is known of the signing; nothing of it has to be."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(_("How it was signed"), parent)
        self._desk = desk
        self.chosen: ChosenScan | None = None
        offered = [Choice(value, words.choice_name(value), key) for value, key in _AUTHORITIES]
        self.authority = ChoiceQuestion(_("Decides by"), offered, name="authority", parent=self)
        self.obtained_by = FieldBox(_("Signature taken by"), name="obtained_by", parent=self)
        self.original_at = FieldBox(_("Signed paper kept at"), name="original_at", parent=self)
        self.pages = FieldBox(_("Pages"), name="pages", letters=False, parent=self)
        self.interpreter = ActionButton(_("With an interpreter"), Look.CHOICE, height_px=48, parent=self)
        self.interpreter.setCheckable(True)
        self.scan = ActionButton(_("Choose the scan"), icon="plus", height_px=48, parent=self)
        self._scan = Text("", "muted", parent=self)
        self.body.addWidget(self.authority)
        self.add_fields([self.obtained_by, self.original_at, self.pages], 3)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.interpreter)
        row.addWidget(self.scan)
        row.addWidget(self._scan, 1, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        self._where_to = Text("", "muted", wrap=True, parent=self)
        self.body.addWidget(self._where_to)
        self.scan.clicked.connect(self._choose)
        desk.identities.changed.connect(self._follow)
        self._follow()

    @property
    def takers(self) -> dict[str, ProblemTaker]:
        """What shows problems of the signing, by the name of its field."""
        fields = (self.authority, self.obtained_by, self.original_at, self.pages)
        return {field.name: field for field in fields}

    def attend(self) -> None:
        """Go on with what is not known yet."""
        self.obtained_by.attend()

    def come_after(self, before: QWidget) -> None:
        """Stand behind a widget in the order of Tab."""
        last = self.authority.row.come_after(before)
        for field in (self.obtained_by, self.original_at, self.pages):
            self.setTabOrder(last, field.editor)
            last = field.editor
        for button in (self.interpreter, self.scan):
            self.setTabOrder(last, button)
            last = button

    def propose(self, signatory: str) -> None:
        """What the right to decide usually rests on, while nobody has said otherwise."""
        if self.authority.value() is None:
            self.authority.set_value(_USUAL.get(signatory))

    def clear(self) -> None:
        """Back to nothing known."""
        self.authority.set_value(None)
        for field in (self.obtained_by, self.original_at, self.pages):
            field.clear()
        self.interpreter.setChecked(False)
        self._took(None)

    def problems(self) -> list[Problem]:
        """What is typed and cannot be read."""
        typed = self.pages.text().strip()
        readable = not typed or (typed.isascii() and typed.isdigit() and len(typed) < 10)
        return [] if readable else [Problem("pages", "not-a-whole-number")]

    def values(self) -> dict[str, Any]:
        """What is known, by the names of the form's fields."""
        pages = self.pages.text().strip()
        return {
            "authority": self.authority.value(),
            "obtained_by": self.obtained_by.text(),
            "original_at": self.original_at.text(),
            "pages": int(pages) if pages else None,
            "interpreter": True if self.interpreter.isChecked() else None,
            "scan_sha256": self.chosen.sha256 if self.chosen else None,
        }

    def _choose(self) -> None:
        path = choose(self)
        if path is not None:
            self.take_scan(path)

    def take_scan(self, path: Path) -> None:
        """Judge the file and work out its digest, away from the window's thread."""
        self._desk.jobs.run_aside(
            self, lambda: chosen_scan(path), self._took, newest="scan", failed=self._unreadable
        )

    def _follow(self) -> None:
        """Where the scan goes, while somebody can still change that."""
        self._where_to.setText(
            _("The scan is kept sealed in the identity store.")
            if self._desk.identities.opened
            else _("The identity store is not open here: of the scan only its SHA-256 is kept.")
        )

    def _took(self, chosen: ChosenScan | None) -> None:
        self.chosen = chosen
        self._scan.setText(f"{chosen.path.name} · SHA-256 {chosen.sha256[:8]}…" if chosen else "")

    def _unreadable(self, error: Exception) -> None:
        self._took(None)
        if isinstance(error, Rejected):
            self._scan.setText(" ".join(map(say, error.problems)))
        else:
            self._desk.tell(error)
