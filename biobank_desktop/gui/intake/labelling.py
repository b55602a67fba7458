"""The labels of one tube's vials: printed at once, printed again when that failed, proved by a scan."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.printing import HANDED_OVER
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.intake.lookups import Work
    from biobank_desktop.gui.label_printing import Outcome
    from biobank_desktop.persistence.store import Store


class Labelling(QObject):
    """Prints and proves labels. Sent is not printed: only a scan proves that a label came out."""

    changed = Signal()
    """a label is in another state"""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._place = ""

    def words(self, work: Work) -> str:
        """How far the labels are: "6 of 6 handed over to PDF files · 2 checked"."""
        states = [work.labels.get(vial.id, "") for vial in work.live]
        handed, proved = sum(state in HANDED_OVER for state in states), states.count("verified")
        text = _("{count} of {all} labels handed over").format(count=handed, all=len(states))
        if self._place and handed:
            text += " · " + self._place
        if proved:
            text += " · " + _("{count} checked by scan").format(count=proved)
        return text

    def unprinted(self, work: Work) -> list[int]:
        """The vials whose label no printer has taken."""
        return [vial.id for vial in work.live if work.labels.get(vial.id) not in HANDED_OVER]

    def print_vials(self, work: Work) -> None:
        """Print the labels that wait."""
        self.print_codes([vial.id for vial in work.live])

    def print_codes(self, numbers: Sequence[int]) -> None:
        """Print the labels of these vials that wait."""
        self._desk.printing.print_for(list(numbers), self._printed)

    def print_again(self, work: Work) -> None:
        """Ask again for the labels that failed, then print everything that waits."""
        failed = [vial.code for vial in work.live if work.labels.get(vial.id) == "failed"]
        numbers = self.unprinted(work)
        ids = [uuid4() for _code in failed]

        def ask(store: Store, actor: Actor) -> None:
            for code, command_id in zip(failed, ids, strict=True):
                labels.reprint(store, actor, code, "printer-fault", command_id=command_id)

        self._desk.act(self, ask, lambda _nothing: self.print_codes(numbers), topics={"labels"})

    def check(self, work: Work, code: str) -> None:
        """A vial was scanned before it is filled: its label is proved."""
        command_id = uuid4()

        def proved(_answer: str) -> None:
            states = {**work.labels, codes.number(code): "verified"}
            count = sum(states.get(vial.id) == "verified" for vial in work.live)
            self._desk.frame.notices.say(
                _("Label {count} of {all} is right.").format(count=count, all=len(work.live)),
                sound=Sound.DONE if count == len(work.live) else Sound.ACCEPTED,
            )

        self._desk.act(
            self,
            lambda store, actor: labels.verify(store, actor, code, command_id),
            proved,
            topics={"labels"},
        )

    def _printed(self, outcome: Outcome) -> None:
        self._place = PurePath(outcome.place).name
        if outcome.failed:
            self._desk.frame.notices.warn(
                _("The labels were not printed: {why} The tube is registered; print again with L.").format(
                    why=outcome.failed
                )
            )
        elif outcome.count:
            words = ngettext("{count} label handed over", "{count} labels handed over", outcome.count)
            self._desk.frame.notices.say(f"{words} · {self._place}")
        self.changed.emit()
