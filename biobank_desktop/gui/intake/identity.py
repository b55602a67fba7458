"""Who the tube is from: the donor looked up, and the second identifier that must agree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.intake.lookups import find_donor, known_donor
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.services.donors import second_identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.intake.receipt_sheet import Known, ReceiptSheet
    from biobank_desktop.gui.widgets.fields import FieldBox

_YEAR_AND_SEX = re.compile(r"(?P<year>(?:19|20)\d\d)[\s,;/.-]*(?P<sex>[a-z]+)", re.IGNORECASE | re.ASCII)
_SEXES = {
    "m": "male", "j": "male", "f": "female", "v": "female", "u": "unknown", "o": "unknown",
    "x": "undifferentiated",
}  # fmt: skip


def year_and_sex(text: str) -> tuple[int, str] | None:
    """The year of birth and the sex in "2018 m" or "2018, vrouw"; None for anything else."""
    match = _YEAR_AND_SEX.fullmatch(text.strip())
    sex = _SEXES.get(match["sex"][0].lower()) if match else None
    return (int(match["year"]), sex) if match and sex else None


class Identity(QObject):
    """Watches the donor and the second identifier of a receipt."""

    found = Signal()
    """the donor is known"""
    unknown = Signal(str)
    """there is no donor of this code or number"""

    def __init__(self, desk: Desk, sheet: ReceiptSheet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._sheet = sheet
        self._vouched: int | None = None
        self._looked_for = ""
        self.problems: tuple[Problem, ...] = ()
        sheet.donor.finished.connect(self.look)
        sheet.donor.editor.textEdited.connect(self._edited)
        sheet.second.finished.connect(self.check)
        sheet.second.editor.textEdited.connect(self._second_edited)

    def begin(self) -> None:
        """Another tube."""
        self._sheet.stuck.clear()
        self._vouched, self._looked_for, self.problems = None, "", ()
        self._sheet.ask(self._sheet.second, on=True)

    def scan(self, code: str) -> None:
        """A donor's own code was scanned; another donor than before is a stop, not a change."""
        known = self._sheet.known
        if known is not None and known.donor.code != code:
            values = {"known": codes.group(known.donor.code), "scanned": codes.group(code)}
            self._desk.stop((Problem("donor", "other-donor-scanned", values),))
            return
        self._desk.frame.notices.sound(Sound.ACCEPTED)
        self._look_for(code)

    def look(self) -> None:
        """Look for what is typed, once."""
        text = self._sheet.donor.text()
        if text and self._sheet.known is None and text != self._looked_for:
            self._look_for(text)

    def use(self, known: Known) -> None:
        """The donor has been found in another way: by a laboratory number."""
        self._found(known)

    def vouch(self, donor: str) -> None:
        """The donor was registered a moment ago from the same form: there is no second one to compare."""
        self._vouched = codes.number(donor)
        self._sheet.ask(self._sheet.second, on=False)

        def read(connection: Connection) -> Known | None:
            return known_donor(connection, codes.number(donor))

        self._desk.read(self, read, self._answer, newest="donor")

    def check(self) -> None:
        """Hold the second identifier against the registry; a difference is a stop."""
        if self._sheet.second.text() and self._sheet.known is not None:
            self.require(self._told)

    def require(self, then: Callable[[tuple[Problem, ...]], None]) -> None:
        """What does not agree, or that nothing was compared."""
        known, text = self._sheet.known, self._sheet.second.text()
        if known is None or known.donor.id == self._vouched:
            then(())
            return
        spoken = year_and_sex(text)
        donor = known.donor

        def read(connection: Connection) -> tuple[Problem, ...]:
            if spoken:
                return second_identifier(connection, donor, born_year=spoken[0], sex=spoken[1])
            return second_identifier(connection, donor, lab_number=text or None)

        def answered(problems: tuple[Problem, ...]) -> None:
            self.problems = tuple(Problem("second", one.code, one.values) for one in problems)
            then(self.problems)

        self._desk.read(self, read, answered, newest="second")

    def _told(self, problems: Sequence[Problem]) -> None:
        self._sheet.second.set_problems(problems)
        self._sheet.second.set_hint("" if problems else "✓")
        self._stick(self._sheet.second, on=bool(problems))
        if problems:
            self._sheet.second.attend()
            self._desk.stop(tuple(problems))

    def _look_for(self, text: str) -> None:
        self._looked_for = text
        self._desk.read(self, lambda connection: find_donor(connection, text), self._answer, newest="donor")

    def _answer(self, known: Known | None) -> None:
        if known is not None:
            self._found(known)
            return
        text = self._looked_for
        self.problems = (Problem("donor", "donor-not-found", {"text": text}),)
        self._sheet.donor.set_problems(self.problems)
        self._stick(self._sheet.donor, on=True)
        self.unknown.emit(text)

    def _found(self, known: Known) -> None:
        self.problems = ()
        self._sheet.donor.set_problems(())
        self._stick(self._sheet.donor, on=False)
        self._sheet.use_donor(known)
        self.found.emit()
        self.check()

    def _edited(self) -> None:
        if self._sheet.known is not None:
            self._sheet.forget_donor()
        self._looked_for = ""
        self.problems = ()
        self._stick(self._sheet.donor, on=False)

    def _second_edited(self) -> None:
        self.problems = ()
        self._stick(self._sheet.second, on=False)

    def _stick(self, field: FieldBox, *, on: bool) -> None:
        """Whether an answer cannot stand: Enter does not go past it."""
        (self._sheet.stuck.add if on else self._sheet.stuck.discard)(field)
