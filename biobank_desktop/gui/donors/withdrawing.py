"""A donor withdraws: what it reaches, how far it goes, what follows, confirmed with one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.donors.reached import FollowsCard, ReachedCard
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import Card, ProblemList, reveal
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_column import FormColumn
from biobank_desktop.gui.widgets.form_problems import ProblemTaker, lay_problems
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.services.consent import ConsentForm
    from biobank_desktop.services.withdrawal import Reach

_LEVELS = ("W0", "W1", "W2", "W3", "W4")
_ITEMS = "items"
"""Not the whole consent: single items are answered with no."""
_SIGNATORIES = (("mother", "M"), ("father", "F"), ("guardian", "U"), ("child", "C"), ("self", "S"))


class WithdrawalPage(FormColumn):
    """Asks how far the family's wish goes, with what it reaches above it.

    What follows stands in ``panel``, above ``save``: the context panel shows both.
    """

    entered = Signal(object)
    """the withdrawal is stored: the number of the list to work off, None where there is none"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._donor = ""
        self._ids = CommandIds()
        self._title = Text("", "title", parent=self)
        self.reached = ReachedCard(self)
        self.level = ChoiceQuestion(_("How far it goes"), _choices(), name="level", columns=2, parent=self)
        self._plainly = Text("", "muted", wrap=True, parent=self)
        self.items = ToggleRow(_("No longer allowed"), (), name="answers", columns=3, parent=self)
        self.signatory = ChoiceQuestion(
            _("Who signed"),
            [Choice(value, words.choice_name(value), key) for value, key in _SIGNATORIES],
            name="signatory",
            parent=self,
        )
        self.signed_on = DateField(_("Signed on"), utc_now, name="signed_on", parent=self)
        self.received_on = DateField(_("Received on"), utc_now, name="received_on", parent=self)
        self.note = FieldBox(_("Note"), name="note", parent=self)
        self.panel = QWidget(self)
        self.follows = FollowsCard(desk, self.panel)
        self._nothing_yet = Text(
            _("Choose how far it goes. What follows is said here before you confirm."),
            "muted",
            wrap=True,
            parent=self.panel,
        )
        self.problems = ProblemList(self)
        self.save = PrimaryButton(_("Withdraw consent"), parent=self)
        self.panel.hide()
        self.save.hide()
        self.cancel = ActionButton(_("Back"), Look.QUIET, hint="ESC", parent=self)
        self._wish = Card(_("The wish"), self)
        self._lay_out()
        self.level.chosen.connect(self._level_chosen)
        self.items.changed.connect(self._follow)
        self.signatory.chosen.connect(self.signed_on.attend)
        self.save.clicked.connect(self._enter)
        self._follow()

    def _lay_out(self) -> None:
        for widget in (self.level, self._plainly, self.items, self.signatory):
            self._wish.body.addWidget(widget)
        self._wish.add_fields([self.signed_on, self.received_on, self.note], 3)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._title, 1)
        head.addWidget(self.cancel)
        self.body.addLayout(head)
        for part in (self.reached, self._wish, self.problems):
            self.body.addWidget(part)
        self.body.addStretch(1)
        panel = QVBoxLayout(self.panel)
        panel.setContentsMargins(0, 0, 0, 0)
        panel.addWidget(self._nothing_yet)
        panel.addWidget(self.follows)

    def begin(self, donor: str) -> None:
        """Enter a withdrawal of this donor; what was typed for the same one before is still there."""
        if donor != self._donor:
            self._donor = donor
            self.clear()
        self._title.setText(_("Withdrawal of {donor}").format(donor=codes.group(donor)))
        self.level.setFocus()
        self.refresh()

    def refresh(self) -> None:
        """Read again what it reaches; what is typed stays."""
        number = codes.number(self._donor)
        self._desk.read(self, lambda connection: _read(connection, number), self._came, newest="reach")

    def clear(self) -> None:
        """Back to an empty form."""
        for question in (self.level, self.signatory):
            question.set_value(None)
        for field in (self.signed_on, self.received_on, self.note):
            field.clear()
        self.items.set_values(())
        self.follows.show_reach(None)
        self._show_problems(())
        self._follow()

    def _came(self, read: tuple[Reach, tuple[str, ...]]) -> None:
        reached, items = read
        self.reached.show_reach(reached)
        self.items.offer([Pick(item, words.choice_name(item)) for item in items])
        self.follows.show_reach(reached)
        self._follow()

    def _level_chosen(self) -> None:
        self._follow()
        if self.level.value() == _ITEMS:
            self.items.setFocus()
        else:
            self.signatory.setFocus()

    def _follow(self) -> None:
        """Say what the chosen level means and does; only single items ask which."""
        level = self.level.value()
        reveal(self.items, level == _ITEMS)
        reveal(self._nothing_yet, level is None)
        self._plainly.setText(_meaning(str(level)) if level is not None else "")
        reveal(self._plainly, level is not None)
        if level is None:
            self.follows.hide_level()
        else:
            self.follows.show_level(None if level == _ITEMS else str(level))
        self.save.set_text(self._word(level))

    def _word(self, level: object) -> str:
        """The button says once more what it leads to: it cannot be taken back by a key."""
        reached = self.follows.reached
        if reached is None or level in {None, _ITEMS}:
            return _("Withdraw consent")
        from biobank_desktop.services.withdrawal import consequences  # noqa: PLC0415

        count = len(consequences(reached, str(level)).destroyed)
        if not count:
            return _("Withdraw consent")
        return _("Withdraw: {count} to destroy").format(count=count)

    def _form(self) -> ConsentForm | None:
        """The line as it is entered; None while something that it needs is missing."""
        from biobank_desktop.services.consent import ConsentForm  # noqa: PLC0415

        signed_on, received_on, level = self.signed_on.day(), self.received_on.day(), self.level.value()
        if signed_on is None or received_on is None or level is None or self.signatory.value() is None:
            return None
        single = level == _ITEMS
        return ConsentForm(
            donor=self._donor,
            kind="partly-given" if single else "withdrawn",
            signatory=str(self.signatory.value()),
            signed_on=signed_on,
            received_on=received_on,
            answers=dict.fromkeys(self.items.values(), "no") if single else {},
            level=None if single else str(level),
            note=self.note.text(),
        )

    def _missing(self) -> list[Problem]:
        asked = {"level": self.level.value(), "signatory": self.signatory.value()}
        found = [Problem(name, "answer-missing") for name, value in asked.items() if value is None]
        for field in (self.signed_on, self.received_on):
            if field.day() is None:
                unreadable = field.answer() is Answer.UNREADABLE
                found.append(Problem(field.name, "answer-unreadable" if unreadable else "answer-missing"))
        if self.level.value() == _ITEMS and not self.items.values():
            found.append(Problem("answers", "answers-missing"))
        return found

    def _enter(self) -> None:
        from biobank_desktop.services.consent import record_consent  # noqa: PLC0415

        missing, form = self._missing(), self._form()
        if missing or form is None:
            self._show_problems(tuple(missing))
            return
        command_id = self._ids.of(form)
        self.save.setEnabled(False)
        self._desk.act(
            self,
            lambda store, actor: record_consent(store, actor, form, command_id),
            lambda line: self._stored(line, form.donor),
            topics={"donors", "samples", "labels", "storage"},
            refused=self._show_problems,
            once=self._ids.once(command_id),
            ended=lambda: self.save.setEnabled(True),
        )

    def _stored(self, line: int, donor: str) -> None:
        from biobank_desktop.services.withdrawal import consequences  # noqa: PLC0415

        level, reached = self.level.value(), self.follows.reached
        listed = reached is not None and consequences(reached, str(level)).opens_list
        self.clear()
        self._desk.frame.notices.say(_("Line {no} is entered.").format(no=line), sound=Sound.DONE)
        if listed:
            self._desk.read(self, lambda connection: _newest_list(connection, donor), self.entered.emit)
        else:
            self.entered.emit(None)

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        fields: dict[str, ProblemTaker] = {
            "level": self.level,
            "answers": self.items,
            "signatory": self.signatory,
            "signed_on": self.signed_on,
            "received_on": self.received_on,
            "note": self.note,
        }
        lay_problems(problems, fields, self.problems)
        if problems:
            self._desk.frame.notices.sound(Sound.WARNING)


def _choices() -> list[Choice]:
    levels = [Choice(level, f"{level} · {words.choice_name(level)}", level[1]) for level in _LEVELS]
    return [*levels, Choice(_ITEMS, _("Only single items"), "I")]


def _meaning(level: str) -> str:
    """What a level means for the family and for the lab, in plain words."""
    return {
        "W0": _("The family does not want to hear from us. Material and data stay as they are."),
        "W1": _("Nothing new is taken or stored. What is here may still be used."),
        "W2": _("Nothing is used or issued from today on. What is here stays, blocked."),
        "W3": _("Everything here is destroyed. Results that exist stay."),
        "W4": _("Everything here is destroyed, then the donor is erased: nobody can tell who it was."),
        _ITEMS: _("The other answers stay as they are. These items become a no."),
    }[level]


def _read(connection: Connection, number: int) -> tuple[Reach, tuple[str, ...]]:
    from biobank_desktop.services.rules import rule_book  # noqa: PLC0415
    from biobank_desktop.services.withdrawal import reach  # noqa: PLC0415

    return reach(connection, number), rule_book(connection).items


def _newest_list(connection: Connection, donor: str) -> int | None:
    from biobank_desktop.persistence.queries.disposals import newest_of  # noqa: PLC0415

    return newest_of(connection, codes.number(donor))
