"""The form of a release: to whom material goes, for what and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.releases import (
    RECIPIENT_KINDS,
    TRANSPORTS,
    USES,
    ReleaseForm,
    check_release,
    purposes_of,
)
from biobank_desktop.gui import words
from biobank_desktop.gui.releases import wording
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _, chosen, countries

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.persistence.queries.releases import ReleaseRow

_ADDRESS_LINES = 3
_KIND_KEYS = dict(zip(RECIPIENT_KINDS, "OUB", strict=True))
_TRANSPORT_KEYS = dict(zip(TRANSPORTS, "HRCDS", strict=True))
_NOTHING = ReleaseForm("", "", "", "", "", "", (), "")


class ReleaseFormCard(FormCard):
    """A new release; ``changing``: what is said of the open one ``no``, with the reason of the change."""

    def __init__(self, parent: QWidget, *, changing: bool = False) -> None:
        action = _("Store the change") if changing else _("Open the release")
        super().__init__(_("A new release"), "", action, parent)
        self.no = 0
        self._changing = changing
        self._more_address: tuple[str, ...] = ()
        self.study = FieldBox(_("Study"), name="study", parent=self)
        self.bdac = FieldBox(_("BDAC number of the approval"), name="bdac", parent=self)
        self.recipient = FieldBox(_("Recipient"), name="recipient", parent=self)
        self.institution = FieldBox(_("Institution"), name="institution", parent=self)
        self.address = [
            FieldBox(_("Address, line {no}").format(no=no), name=name, parent=self)
            for no, name in enumerate(("address", "address[1]", "address[2]"), 1)
        ]
        picks = [Pick(code, name) for code, name in countries(chosen()).items()]
        self.country = PickField(_("Country"), picks, name="country", parent=self)
        self.kind = ChoiceQuestion(
            _("Who receives it"),
            [Choice(kind, words.choice_name(kind), key) for kind, key in _KIND_KEYS.items()],
            name="recipient_kind",
            parent=self,
        )
        uses = [Pick(use, words.choice_name(use)) for use in USES]
        self.uses = ToggleRow(_("What is done with it"), uses, name="uses", columns=3, parent=self)
        self.transport = ChoiceQuestion(
            _("Transport"),
            [Choice(way, words.choice_name(way), key) for way, key in _TRANSPORT_KEYS.items()],
            name="transport",
            parent=self,
        )
        self.note = FieldBox(_("Note"), name="note", parent=self)
        self.why = FieldBox(_("Reason of the change"), name="why", parent=self)
        self.why.setVisible(changing)
        self.asked = Text("", "strong", wrap=True, parent=self)
        self._lay_out()

    def _lay_out(self) -> None:
        self.add_row([self.study, self.bdac, self.note], 3)
        self.add_row([self.recipient, self.institution], 2)
        self.add_row([*self.address, self.country], 4)
        self.add_row([self.kind], 1)
        self.add_row([self.uses], 1)
        self.add_group(self.asked, ())
        self.add_row([self.transport], 1)
        if self._changing:
            self.add_row([self.why], 1)
        self.country.changed.connect(self._show_asked)
        self.kind.chosen.connect(self._show_asked)
        self.uses.changed.connect(self._show_asked)

    def begin_new(self) -> None:
        """Open a release; what was typed before and not sent is still there."""
        self._show_asked()
        self.begin()

    def begin_change(self, release: ReleaseRow, number: str) -> None:
        """Change what is said of this release."""
        self.no = release.no
        self.set_heading(_("Change release {number}").format(number=number))
        self.why.clear()
        self.fill(form_of(release))
        self.begin()

    def fill(self, form: ReleaseForm) -> None:
        """Show what a form says."""
        for name in ("study", "bdac", "recipient", "institution", "note"):
            getattr(self, name).set_text(getattr(form, name))
        lines = form.address.split("\n")
        self._more_address = tuple(lines[_ADDRESS_LINES:])
        for field, line in zip(self.address, [*lines, *[""] * _ADDRESS_LINES], strict=False):
            field.set_text(line)
        self.country.set_value(form.country)
        self.kind.set_value(form.recipient_kind or None)
        self.uses.set_values(form.uses)
        self.transport.set_value(form.transport or None)
        self.show_problems(())
        self._show_asked()

    def empty(self) -> None:
        """It was sent: the next one begins with nothing."""
        self.fill(_NOTHING)

    def form(self) -> ReleaseForm:
        """What is filled in."""
        lines = [field.text() for field in self.address]
        return ReleaseForm(
            study=self.study.text(),
            recipient=self.recipient.text(),
            institution=self.institution.text(),
            country=self.country.value() or self.country.text(),
            recipient_kind=str(self.kind.value() or ""),
            bdac=self.bdac.text(),
            uses=self.uses.values(),
            transport=str(self.transport.value() or ""),
            address="\n".join([*lines, *self._more_address]).strip(),
            note=self.note.text(),
        )

    def problems(self) -> list[Problem]:
        """Everything that is wrong with what is filled in."""
        form = self.form()
        unanswered = {name for name in ("country", "recipient_kind", "transport") if not getattr(form, name)}
        problems = [
            Problem(problem.field, "answer-missing") if problem.field in unanswered else problem
            for problem in check_release(form, countries("en"))
            if problem.code != "own-institute-abroad" or form.country
        ]
        if self._changing and not self.why.text():
            problems.append(Problem("why", "reason-missing"))
        return problems

    def _show_asked(self) -> None:
        """What consent is asked for follows from the recipient: nothing is said before both are known."""
        form = self.form()
        known = form.recipient_kind == "own-institute" or (form.recipient_kind and self.country.value())
        self.asked.setText(wording.asked_for(purposes_of(form) if known else ()))


def form_of(release: ReleaseRow) -> ReleaseForm:
    """What a release says of itself, as a form."""
    return ReleaseForm(
        study=release.study,
        recipient=release.recipient,
        institution=release.institution,
        country=release.country,
        recipient_kind=release.recipient_kind,
        bdac=release.bdac,
        uses=release.uses,
        transport=release.transport,
        address=release.address,
        note=release.note,
    )
