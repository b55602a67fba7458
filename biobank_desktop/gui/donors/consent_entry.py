"""The form of one consent line: what was decided, by whom, on which form, answer by answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import words
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.donors.answers import Answers
from biobank_desktop.gui.donors.reached import FollowsCard
from biobank_desktop.gui.donors.scan_files import ScanToKeep, keep_file
from biobank_desktop.gui.donors.signing import SigningCard
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import Card, ProblemList, reveal
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_column import FormColumn
from biobank_desktop.gui.widgets.form_problems import ProblemTaker, lay_problems
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, say
from biobank_desktop.language import chosen as chosen_language

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.donors.scan_files import ChosenScan
    from biobank_desktop.services.consent import ConsentForm

_KINDS = (
    ("given", "G"),
    ("partly-given", "P"),
    ("refused", "R"),
    ("objected", "O"),
    ("withdrawn", "W"),
    ("reconfirmed", "B"),
    ("deceased", "D"),
)
_SIGNATORIES = (("mother", "M"), ("father", "F"), ("guardian", "U"), ("child", "C"), ("self", "S"))
_LEVELS = (("W0", "0"), ("W1", "1"), ("W2", "2"), ("W3", "3"), ("W4", "4"))
ANSWERED = frozenset({"given", "partly-given", "reconfirmed"})
"""The kinds of lines that carry answers."""
_MOST_OFFERED = 9
_STILL_COMES_IN = timedelta(days=366)
_ANOTHER = "another"
"""A form that is not registered here: its name and version are typed."""


class ConsentEntry(FormColumn):
    """Enters one line for a donor; every problem stands beside its field."""

    entered = Signal()
    """the line is stored"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._donor = ""
        self._ids = CommandIds()
        self._title = Text("", "title", parent=self)
        self.kind = self._question(_("What was decided"), _KINDS, "kind", columns=4)
        self.signatory = self._question(_("Who signed"), _SIGNATORIES, "signatory")
        self.level = self._question(_("How far the withdrawal goes"), _LEVELS, "level", columns=2)
        self.alone = ActionButton(_("Has sole authority"), Look.CHOICE, hint="A", height_px=48, parent=self)
        self.alone.setCheckable(True)
        self._versions: tuple[FormVersion, ...] = ()
        self.registered = self._question(_("Form"), ((_ANOTHER, "0"),), "paper", columns=2)
        self.paper = FieldBox(_("Form"), name="form", parent=self)
        self.version = FieldBox(_("Version"), name="form_version", parent=self)
        self.signed_on = DateField(_("Signed on"), utc_now, name="signed_on", parent=self)
        self.received_on = DateField(_("Received on"), utc_now, name="received_on", parent=self)
        self.note = FieldBox(_("Note"), name="note", parent=self)
        self.answers = Answers(self)
        self.follows = FollowsCard(desk, self)
        self.signing = SigningCard(desk, self)
        self.problems = ProblemList(self)
        self.save = PrimaryButton(_("Enter this line"), parent=self)
        self.save.setMaximumWidth(360)
        self.cancel = ActionButton(_("Back"), Look.QUIET, hint="ESC", parent=self)
        self._lay_out()
        self.save.clicked.connect(self._enter)
        self.kind.chosen.connect(self._kind_chosen)
        self.answers.done.connect(self.signing.attend)
        self.level.chosen.connect(self._ask_who)
        self.signatory.chosen.connect(self._signatory_chosen)
        self.registered.chosen.connect(self._paper_chosen)

    def _question(
        self, label: str, choices: tuple[tuple[str, str], ...], name: str, columns: int = 0
    ) -> ChoiceQuestion:
        offered = [Choice(value, words.choice_name(value), key) for value, key in choices]
        return ChoiceQuestion(label, offered, name=name, columns=columns, parent=self)

    def _lay_out(self) -> None:
        said = Card(parent=self)
        said.body.addWidget(self.kind)
        said.body.addWidget(self.level)
        said.body.addWidget(self.signatory)
        said.body.addWidget(self.alone, 0, Qt.AlignmentFlag.AlignLeft)
        said.body.addWidget(self.registered)
        said.add_fields([self.paper, self.version], 2)
        said.add_fields([self.signed_on, self.received_on, self.note], 3)
        self._answers_card = Card(_("Answers on the form"), self)
        self._answers_card.body.addWidget(self.answers)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.save, 1)
        foot.addWidget(self.cancel)
        foot.addStretch(1)
        for widget in (self._title, said, self.follows, self._answers_card, self.signing, self.problems):
            self.body.addWidget(widget)
        self.body.addLayout(foot)
        self.body.addStretch(1)
        self._follow()

    def begin(self, donor: str, shown: str) -> None:
        """Enter a line for this donor; what was typed for the same one before is still there."""
        if donor != self._donor:
            self._donor = donor
            self.clear()
        self._title.setText(_("Consent of {donor}").format(donor=shown))
        self.kind.setFocus()
        self._desk.read(self, _versions, self._take_versions, newest="versions")
        self.follows.read(donor)

    def _take_versions(self, versions: tuple[FormVersion, ...]) -> None:
        self._versions = tuple(
            sorted(versions, key=lambda one: (one.form, one.language != chosen_language()))
        )
        self._follow()

    def clear(self) -> None:
        """Back to an empty form."""
        for question in (self.kind, self.signatory, self.level, self.registered):
            question.set_value(None)
        self.signing.clear()
        for field in (self.paper, self.version, self.signed_on, self.received_on, self.note):
            field.clear()
        self.alone.setChecked(False)
        self.answers.clear()
        self._show_problems(())
        self._follow()

    def switch_sole_authority(self) -> None:
        """A: whoever signed decides alone, or not."""
        self.alone.toggle()

    def _kind_chosen(self) -> None:
        self._follow()
        (self.level if self.kind.value() == "withdrawn" else self.signatory).setFocus()

    def _ask_who(self) -> None:
        self._follow()
        self.signatory.setFocus()

    def _signatory_chosen(self) -> None:
        self.signing.propose(str(self.signatory.value()))
        self._follow()
        (self.registered if self._offered() else self.paper).setFocus()

    def _paper_chosen(self) -> None:
        self._follow()
        (self.paper if self.registered.value() == _ANOTHER else self.signed_on).setFocus()

    def _offered(self) -> list[FormVersion]:
        """The registered forms that were written for who signs."""
        who = self.signatory.value()
        return [one for one in self._versions if who is None or one.addresses(str(who))]

    def _chosen_paper(self) -> FormVersion | None:
        wanted = self.registered.value()
        return next((one for one in self._offered() if one.id == wanted), None)

    def _follow(self) -> None:
        """Ask only what belongs to the kind of line, to who signs, and to the form."""
        kind = self.kind.value()
        reveal(self.level, kind == "withdrawn")
        if kind == "withdrawn" and self.level.value() is not None:
            self.follows.show_level(str(self.level.value()))
        else:
            self.follows.hide_level()
        reveal(self._answers_card, kind is None or kind in ANSWERED)
        offered = self._offered()[:_MOST_OFFERED]
        choices = [Choice(one.id, form_name(one), str(place)) for place, one in enumerate(offered, 1)]
        self.registered.offer([*choices, Choice(_ANOTHER, _("Another form"), "0")])
        reveal(self.registered, bool(self._versions))
        typed = not self._versions or self.registered.value() == _ANOTHER
        reveal(self.paper, typed)
        reveal(self.version, typed)
        if self._chosen_paper() is not self.answers.paper:
            self.answers.show_paper(self._chosen_paper())
            self.signing.come_after(self.answers.come_after(self.note.editor))

    def _form(self, signed_on: date, received_on: date) -> ConsentForm:
        from biobank_desktop.services.consent import ConsentForm  # noqa: PLC0415

        kind = str(self.kind.value() or "")
        paper = self._chosen_paper()
        return ConsentForm(
            donor=self._donor,
            kind=kind,
            signatory=str(self.signatory.value() or ""),
            signed_on=signed_on,
            received_on=received_on,
            answers=self.answers.answers() if kind in ANSWERED else {},
            sole_authority=self.alone.isChecked(),
            form=self.paper.text() if paper is None else "",
            form_version=self.version.text() if paper is None else "",
            paper=paper.id if paper else "",
            **self.signing.values(),
            level=str(self.level.value()) if kind == "withdrawn" and self.level.value() else None,
            note=self.note.text(),
        )

    def _missing(self) -> list[Problem]:
        """The answers the service cannot judge because they are no answers yet."""
        asked = {"kind": self.kind.value(), "signatory": self.signatory.value()}
        asked |= {"signed_on": self.signed_on.day(), "received_on": self.received_on.day()}
        if self._versions:
            asked["paper"] = self.registered.value()
        missing = [Problem(name, "answer-missing") for name, value in asked.items() if value is None]
        return [*missing, *self.signing.problems()]

    def _enter(self) -> None:
        from biobank_desktop.services.consent import record_consent  # noqa: PLC0415

        signed_on, received_on = self.signed_on.day(), self.received_on.day()
        missing = self._missing()
        if missing or signed_on is None or received_on is None:
            self._show_problems(tuple(missing))
            return
        form = self._form(signed_on, received_on)
        command_id = self._ids.of(form)
        chosen = self.signing.chosen
        self._desk.act(
            self,
            lambda store, actor: record_consent(store, actor, form, command_id),
            lambda line: self._entered(line, form.donor, chosen),
            topics={"donors", "samples"},
            refused=self._show_problems,
            once=self._ids.once(command_id),
        )

    def _entered(self, line: int, donor: str, chosen: ChosenScan | None) -> None:
        self.clear()
        self._desk.frame.notices.say(_("Line {no} is entered.").format(no=line), sound=Sound.DONE)
        self.entered.emit()
        if chosen is not None and self._desk.identities.opened:
            self._keep(line, donor, chosen)

    def _keep(self, line: int, donor: str, chosen: ChosenScan) -> None:
        """Keep the scan; whatever comes of it, the line stands."""
        notices = self._desk.frame.notices

        def kept() -> None:
            notices.say(_("Line {no} is entered, and its scan is kept.").format(no=line))

        def refused(problems: tuple[Problem, ...]) -> None:
            said = _("Line {no} is entered, its scan is not kept: {why} On the line, choose Keep the scan.")
            notices.warn(said.format(no=line, why=" ".join(map(say, problems))))

        keep_file(
            self._desk,
            self,
            self._ids,
            ScanToKeep(donor, line, chosen.path),
            kept=kept,
            refused=refused,
            ended=lambda: None,
        )

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        fields: dict[str, ProblemTaker] = {
            each.name: each
            for each in (
                self.kind, self.signatory, self.level, self.paper, self.version, self.signed_on,
                self.received_on, self.note, self.registered,
            )
        }  # fmt: skip
        fields |= {"answers": self.answers, **self.signing.takers}
        lay_problems(problems, fields, self.problems)
        if problems:
            self._desk.frame.notices.sound(Sound.WARNING)


def _versions(connection: Connection) -> tuple[FormVersion, ...]:
    """The registered forms; those that ended lately too: what was signed then still comes in."""
    from biobank_desktop.persistence.queries import forms  # noqa: PLC0415

    since = utc_now().date() - _STILL_COMES_IN
    known = forms.versions(connection).values()
    return tuple(one for one in known if one.valid_to is None or one.valid_to >= since)


def form_name(version: FormVersion) -> str:
    """A version of a form as it is known: "ALLTogether1 biobank · 3.0 · NL"."""
    return f"{version.form} · {version.version} · {version.language.upper()}"
