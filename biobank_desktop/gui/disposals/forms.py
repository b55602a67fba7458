"""The forms of a list: a witness signs in place, a recipient is told, a reason is given, a list is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.disposals import wording
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.secrets import SecretField
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.gui.disposals.reading import Recipient
    from biobank_desktop.persistence.queries.disposals import DisposalLine

_SHOWN_CODES = 12


def code_list(given: Sequence[str]) -> str:
    """Some codes side by side, the rest as a number."""
    shown = "   ".join(codes.group(code) for code in given[:_SHOWN_CODES])
    rest = len(given) - _SHOWN_CODES
    more = _("and {count} more").format(count=rest) if rest > 0 else ""
    return "   ".join(part for part in (shown, more) if part)


class WitnessForm(FormCard):
    """Another person gives login and password for what was seen; who works here stays signed in."""

    def __init__(self, lines: Sequence[DisposalLine], parent: QWidget | None = None) -> None:
        by = ", ".join(sorted({line.done_by_name for line in lines}))
        text = _("Done by {names}. Somebody else has seen it and signs here; nobody has to sign out.")
        title = ngettext("Witness {count} line", "Witness {count} lines", len(lines))
        super().__init__(title, text.format(names=by), _("I have seen this"), parent)
        self.lines = tuple(lines)
        self.login = FieldBox(_("Login of the witness"), name="witness", parent=self)
        self.password = SecretField(_("Password of the witness"), name="password", parent=self)
        self.codes = Text(code_list([line.code for line in lines]), "code-detail", wrap=True, parent=self)
        self.rows.addWidget(self.codes)
        self.add_row([self.login, self.password], columns=2)

    def problems(self) -> list[Problem]:
        """What is missing."""
        asked = {"witness": self.login.text(), "password": self.password.secret()}
        return [Problem(name, "answer-missing") for name, value in asked.items() if not value]


class TellForm(FormCard):
    """How a recipient was told, and what was agreed upon."""

    def __init__(self, recipient: Recipient, parent: QWidget | None = None) -> None:
        release = recipient.release
        to = f"{release.recipient}, {release.institution}" if release else _("No longer issued")
        super().__init__(
            _("Told: {recipient}").format(recipient=to),
            ngettext(
                "{count} vial went there. Say how they were told and what becomes of it.",
                "{count} vials went there. Say how they were told and what becomes of them.",
                len(recipient.lines),
            ),
            _("They were told"),
            parent,
        )
        self.codes = Text(
            code_list([line.code for line in recipient.lines]), "code-detail", wrap=True, parent=self
        )
        self.note = FieldBox(_("How they were told"), name="note", parent=self)
        self.rows.addWidget(self.codes)
        self.add_row([self.note], columns=1)

    def problems(self) -> list[Problem]:
        """What is missing."""
        return [] if self.note.text() else [Problem("note", "answer-missing")]


_REASONS = (("refused", "R"), ("overdue", "O"), ("expired", "E"), ("other", "A"))
_ACTIONS = (("destroy", "D"), ("return", "B"))


class OpeningForm(FormCard):
    """A list by hand: why, what is to be done, and the samples, scanned one by one."""

    scanned = Signal()
    """another set of samples"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Open a list"),
            _("Scan every tube and vial that is to leave. Ctrl+Z takes the last one off again."),
            _("Open the list"),
            parent,
        )
        self.samples: list[str] = []
        self.reason = ChoiceQuestion(
            _("Why"),
            [Choice(value, wording.reason_word(value), key) for value, key in _REASONS],
            name="reason",
            parent=self,
        )
        self.action = ChoiceQuestion(
            _("What is done with them"),
            [Choice(value, wording.action_word(value), key) for value, key in _ACTIONS],
            name="action",
            parent=self,
        )
        self.note = FieldBox(_("Reason"), name="why", parent=self)
        self.add_row([self.reason], columns=1)
        self.add_row([self.action], columns=1)
        self.add_row([self.note], columns=1)
        self.count = Text("", "section", parent=self)
        self.shown = Text("", "code", wrap=True, parent=self)
        self.rows.addWidget(self.count)
        self.rows.addWidget(self.shown)
        self.reason.chosen.connect(self.action.setFocus)
        self.action.chosen.connect(self.note.attend)
        self.propose("", ())

    def propose(self, reason: str, samples: Sequence[str]) -> None:
        """Begin with a reason and samples that are known."""
        self.samples = list(dict.fromkeys(samples))
        self.reason.set_value(reason or None)
        self.action.set_value(None)
        self.note.clear()
        self._show()

    def take(self, code: str) -> bool:
        """Add a scanned sample; False when it stands here already."""
        if code in self.samples:
            return False
        self.samples.append(code)
        self._show()
        return True

    def take_last_off(self) -> None:
        """The sample scanned last was a slip."""
        del self.samples[-1:]
        self._show()

    def problems(self) -> list[Problem]:
        """What is missing."""
        asked = {"reason": self.reason.value(), "action": self.action.value()}
        found = [Problem(name, "answer-missing") for name, value in asked.items() if value is None]
        if not self.note.text():
            found.append(Problem("why", "reason-missing"))
        if not self.samples:
            found.append(Problem("samples", "samples-missing"))
        return found

    def _show(self) -> None:
        count = len(self.samples)
        self.count.setText(
            ngettext("{count} sample", "{count} samples", count) if count else _("No sample scanned yet")
        )
        self.shown.setText("   ".join(codes.group(code) for code in self.samples))
        self.scanned.emit()
