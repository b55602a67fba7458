"""Verifying the whole history while the lab works on: progress, cancel, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from biobank_desktop.gui import words
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.cards import Card, clear_layout
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext, say

if TYPE_CHECKING:
    from collections.abc import Generator

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.jobs import Job
    from biobank_desktop.persistence.pins import Pin
    from biobank_desktop.persistence.seals import Seal
    from biobank_desktop.persistence.verify import Finding, Verification

MOST_SHOWN = 50


@dataclass(frozen=True)
class Known:
    """What stands outside and at the end of the chain: the newest seal, and this computer's pin."""

    seal: Seal
    pin: Pin | None


class VerifyCard(Card):
    """Says how far the history is sealed, and verifies all of it on demand."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._desk = desk
        self._job: Job | None = None
        self._running = False
        self.body.setContentsMargins(16, 8, 8, 8)
        self.body.setSpacing(8)
        self.seal = Text("", wrap=True, parent=self)
        self.pin = Text("", "detail", wrap=True, parent=self)
        self.verify = ActionButton(_("Verify"), icon="seal", hint="V", parent=self)
        self.verify.clicked.connect(self.begin)
        self.cancel = ActionButton(_("Cancel"), Look.QUIET, parent=self)
        self.cancel.clicked.connect(self._cancel)
        self.progress = QProgressBar(self)
        self.progress.setAccessibleName(_("Verifying"))
        self.doing = Text("", "detail", parent=self)
        self.result = QFrame(self)
        self._lines = QVBoxLayout(self.result)
        self._lines.setContentsMargins(16, 8, 16, 8)
        self._lines.setSpacing(4)
        self._lay_out()
        self._show_running(False)
        self.result.hide()

    def _lay_out(self) -> None:
        said = QVBoxLayout()
        said.setSpacing(2)
        said.addWidget(self.seal)
        said.addWidget(self.pin)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Icon("seal", "muted", 24, self))
        head.addLayout(said, 1)
        head.addWidget(self.verify)
        running = QHBoxLayout()
        running.setSpacing(12)
        running.addWidget(self.progress, 1)
        running.addWidget(self.doing)
        running.addWidget(self.cancel)
        self.body.addLayout(head)
        self.body.addLayout(running)
        self.body.addWidget(self.result)

    def refresh(self) -> None:
        """Read the newest seal and the pin again."""
        session = self._desk.session
        assert session is not None

        def known() -> Known:
            from biobank_desktop.session import pins_of  # noqa: PLC0415

            return Known(session.last_seal(), pins_of(session.settings).read())

        self._desk.jobs.run(self, known, self._show_known, newest="known", failed=self._desk.tell)

    def _show_known(self, known: Known) -> None:
        sealed = ngettext("{count} event is sealed", "{count} events are sealed", known.seal.size)
        self.seal.setText(
            _("{sealed}, the last on {at}.").format(sealed=sealed, at=words.moment(known.seal.at))
            if known.seal.size
            else _("Nothing is sealed yet.")
        )
        session = self._desk.session
        behind = session.behind_pin if session else None
        if behind is not None:
            self.pin.setText(say(behind))
        elif known.pin is not None:
            self.pin.setText(
                _("This computer remembers seal {size} outside the database; it agrees.").format(
                    size=known.pin.size
                )
            )
        else:
            self.pin.setText(_("This computer has not remembered a seal of this database yet."))
        set_role(self.pin, "refused" if behind else "detail")

    def running(self) -> bool:
        """Whether a verification is under way."""
        return self._running

    def begin(self) -> None:
        """Verify everything, in steps between which the lab works on."""
        session = self._desk.session
        if session is None or self._running:
            return
        store = session.store
        self.result.hide()
        self._show_running(True)

        def steps() -> Generator[Any, None, Verification]:
            from biobank_desktop.services.verification import WholeVerification  # noqa: PLC0415

            verification = WholeVerification(store)
            yield from verification
            return verification

        job = self._desk.jobs.run_long(
            self,
            steps,
            self._verified,
            failed=self._failed,
            progress=self._progressed,
            cancelled=self._cancelled,
        )
        self._job = job if self.running() else None

    def _progressed(self, progress: Any) -> None:
        self.progress.setRange(0, max(progress.total, 1))
        self.progress.setValue(progress.done)
        self.doing.setText(_("{done} of {total} events").format(done=progress.done, total=progress.total))

    def _verified(self, verification: Verification) -> None:
        self._ended()
        findings = verification.findings
        clear_layout(self._lines)
        set_role(self.result, "tone-refused" if findings else "tone-permitted")
        events = ngettext("{count} event", "{count} events", verification.events)
        if findings:
            found = ngettext("{count} contradiction", "{count} contradictions", len(findings))
            self._say("refused", _("{events} read: {found}.").format(events=events, found=found))
        else:
            self._say("permitted", _("{events} verified, no contradictions.").format(events=events))
        for finding in findings[:MOST_SHOWN]:
            self._lines.addWidget(Text(_finding(finding), wrap=True, parent=self.result))
        if len(findings) > MOST_SHOWN:
            more = _("And {count} more; biobank verify lists them all.").format(
                count=len(findings) - MOST_SHOWN
            )
            self._lines.addWidget(Text(more, parent=self.result))
        self.result.show()
        self._desk.frame.notices.sound(Sound.STOP if findings else Sound.DONE)

    def _say(self, meaning: str, text: str) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(Icon(meaning, meaning, 20, self.result), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(Text(text, "strong", wrap=True, parent=self.result), 1)
        self._lines.addLayout(line)
        self.result.setAccessibleName(text)

    def _failed(self, error: Exception) -> None:
        self._ended()
        self._desk.tell(error)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _cancelled(self) -> None:
        self._ended()
        self._desk.frame.notices.say(_("Verifying was cancelled. It says nothing about the history."))

    def _ended(self) -> None:
        self._job = None
        self._show_running(False)

    def _show_running(self, on: bool) -> None:
        self._running = on
        self.progress.setRange(0, 0 if on else 1)
        self.doing.setText("")
        for widget in (self.progress, self.doing, self.cancel):
            widget.setVisible(on)
        self.verify.setEnabled(not on)


def _finding(finding: Finding) -> str:
    """Where and what: "Event, stream 123, place 4: it or the event before it was changed"."""
    place = [words.named("finding", finding.kind)]
    if finding.stream is not None:
        place.append(_("stream {stream}").format(stream=finding.stream))
    if finding.seq is not None:
        place.append(_("place {seq}").format(seq=finding.seq))
    if finding.since is not None:
        moment = words.moment(datetime.fromisoformat(finding.since))
        place.append(_("recorded {moment}").format(moment=moment))
    return f"{', '.join(place)}: {finding.why}"
