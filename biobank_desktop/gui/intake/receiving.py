"""The form of one tube: the question that is asked now, the answers, the plan, and what they amount to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.labels import VialLabel
from biobank_desktop.domain.materials import material
from biobank_desktop.domain.problems import Problem, stops
from biobank_desktop.gui import words as say_words
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.intake.asking import Asking
from biobank_desktop.gui.intake.donor_sheet import DonorSheet
from biobank_desktop.gui.intake.identity import Identity
from biobank_desktop.gui.intake.lookups import planned_targets
from biobank_desktop.gui.intake.panel import IntakePanel, example_code
from biobank_desktop.gui.intake.plan import PlanCard
from biobank_desktop.gui.intake.receipt_sheet import ReceiptSheet
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.question_card import QuestionCard
from biobank_desktop.language import _, ngettext
from biobank_desktop.services.donors import register_donor
from biobank_desktop.services.intake import Received, outlook, receive
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from PySide6.QtGui import QKeyEvent
    from sqlalchemy import Connection

    from biobank_desktop.domain.intake import ReceiptForm
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.intake.lookups import Target
    from biobank_desktop.gui.widgets.fields import FieldBox
    from biobank_desktop.services.intake import Outlook


class ReceivingPage(QWidget):
    """One tube being received. Nothing is in the database before ``received``, but a draft is kept."""

    received = Signal(object)
    """a ``Received``: the tube is registered"""
    changed = Signal()
    """an answer is another one: keep the draft"""
    primary_changed = Signal(str)
    """what Enter does now"""
    complete = Signal()
    """the last open question is answered"""

    def __init__(self, desk: Desk, panel: IntakePanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._panel = panel
        self.tube_code = ""
        self.refused = False
        self._ids, self._donor_ids = CommandIds(), CommandIds()
        self._blaming = False
        self._plan_key: tuple[object, object] = (None, None)
        known = reference()
        self.card = QuestionCard(self)
        self.sheet = ReceiptSheet(known.sprec, utc_now, self)
        self.donor_sheet = DonorSheet(known.protocols, utc_now, self)
        self.plan = PlanCard(self)
        self.identity = Identity(desk, self.sheet, self)
        self._pages = Pages(self)
        self._pages.add(self.sheet)
        self._pages.add(self.donor_sheet)
        self._pages.show_page(self.sheet)
        self._asking = Asking(self.card, [self.sheet, self.donor_sheet, self.plan], self.new_donor, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for part in (self.card, self._pages, self.plan):
            column.addWidget(part)
        column.addStretch(1)
        self.sheet.changed.connect(self._answered)
        for sheet in (self.sheet, self.donor_sheet):
            sheet.complete.connect(self.complete)
            sheet.held.connect(partial(desk.frame.notices.sound, Sound.WARNING))
        self.plan.changed.connect(self._planned)
        self.identity.found.connect(self.refresh)
        self.identity.unknown.connect(self._donor_unknown)

    # A tube begins ------------------------------------------------------------------------------------

    def begin(self, tube_code: str, received_at: datetime) -> None:
        """An empty form for a tube that was scanned now."""
        self.tube_code = ""
        self._blaming = False
        self._plan_key = (None, None)
        self.identity.begin()
        self.sheet.begin(received_at)
        self.plan.show_plan((), "", None)
        self._panel.show_targets(())
        self._panel.show_labels((), "")
        self.tube_code = tube_code
        self._turn_to(self.sheet)
        self.refresh()
        self.sheet.advance()

    @property
    def registering_donor(self) -> bool:
        """Whether the sheet of a new donor is shown."""
        return self._pages.shown() is self.donor_sheet

    def kept(self) -> dict[str, Any]:
        """The form as a draft keeps it; the second identifier and a new donor's sheet are left out."""
        answers = self.sheet.kept()
        answers.pop("second", None)
        return {"tube": self.tube_code, "answers": answers, "plan": self.plan.kept()}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on with a draft; the donor is looked up again."""
        self.begin(str(kept["tube"]), utc_now())
        answers = dict(kept["answers"])
        donor = answers.pop("donor", None)
        self.sheet.restore(answers)
        if donor:
            self.sheet.donor.set_text(donor)
            self.identity.look()
        if kept["plan"]:
            self.plan.restore(kept["plan"])
            self._plan_key = (self.sheet.material.value(), self.sheet.time_point.value())
        self.refresh()
        self.sheet.advance()

    # Answers ------------------------------------------------------------------------------------------

    def enter(self, event: QKeyEvent) -> bool:
        """Enter goes to the next open question; False when it should do the action."""
        sheet = self.donor_sheet if self.registering_donor else self.sheet
        return sheet.enter(event)

    def turn_choices(self) -> bool:
        """Show more choices of the question."""
        return self.card.turn()

    def _answered(self, field: FieldBox) -> None:
        if not self.tube_code:
            return
        self.refresh()
        if field is self.sheet.drawn and self.plan.plan():
            self._show_labels()
        self.changed.emit()

    def _planned(self) -> None:
        self._show_where()
        self.refresh()
        self.changed.emit()

    def form(self) -> ReceiptForm:
        """What the form says now."""
        return self.sheet.form(self.tube_code, self.plan.plan())

    def refresh(self) -> None:
        """Propose the plan, and ask what would be said of the receipt as it stands."""
        if not self.tube_code:
            return
        self._propose_plan()
        form, now = self.form(), utc_now()
        self._desk.read(
            self, lambda connection: outlook(connection, form, now), self._show_outlook, newest="outlook"
        )

    def _propose_plan(self) -> None:
        code, point = self.sheet.material.value(), self.sheet.time_point.value()
        if (code, point) == self._plan_key or self.plan.touched:
            return
        self._plan_key = (code, point)
        known = self.sheet.known
        if known is None or code is None or point is None:
            self.plan.show_plan((), "", None)
        else:
            title = _("Aliquots planned for {material} at {time_point}").format(
                material=say_words.material_name(str(code)).lower(), time_point=point
            )
            self.plan.show_plan(known.protocol.plan(str(code), str(point)), title, str(code))
        self._show_where()

    def _show_where(self) -> None:
        """Propose boxes for the plan and draw its first labels."""
        known, plan = self.sheet.known, self.plan.plan()
        if known is None or not plan:
            self._panel.show_targets(())
            self._panel.show_labels((), "")
            return
        donor_id = known.donor.id

        def read(connection: Connection) -> Sequence[Target]:
            return planned_targets(connection, donor_id, plan)

        self._desk.read(self, read, self._show_targets, newest="targets")
        self._show_labels()

    def _show_labels(self) -> None:
        self._panel.show_labels(self._labels(), _("how they will look"))

    def _show_targets(self, targets: Sequence[Target]) -> None:
        if self.isVisible() or self.tube_code:
            self.plan.show_places({one.proposal.material: one.proposal for one in targets})
            self._panel.show_targets(targets)

    def _labels(self) -> list[VialLabel]:
        """One label of each kind of vials, with a code that no sample gets."""
        source = str(self.sheet.material.value())
        drawn = self.sheet.drawn.moment()
        return [
            VialLabel(
                code=example_code(),
                material=_label_material(source, vials.material),
                time_point=str(self.sheet.time_point.value() or ""),
                number=1,
                of=vials.count,
                amount=format_amount(vials.volume_ul, vials.cells),
                collected_on=local_day(drawn) if drawn else None,
            )
            for vials in self.plan.plan()
        ]

    def _show_outlook(self, found: Outlook) -> None:
        self.refused = found.decision is not None and found.decision.verdict == "refused"
        known = self.sheet.known is not None and self.sheet.material.value() is not None
        self._panel.show_decision(found.decision if known else None)
        self._show_problems(found.problems)
        self._say_primary()

    def _show_problems(self, problems: Sequence[Problem]) -> None:
        own = [one for one in self.identity.problems if one.field in {"donor", "second"}]
        mine = {one.field for one in own}
        others = [one for one in problems if one.field not in mine]
        rest = self.sheet.place_problems([*others, *own], missing=self._blaming)
        said = [one for one in rest if one.field == "plan" or not one.code.endswith("-missing")]
        self.plan.show_problems(said)

    def _say_primary(self) -> None:
        count = self.plan.count()
        if self.registering_donor:
            self.primary_changed.emit(_("Register the donor"))
        elif self.refused or self.sheet.acceptance.value() == "rejected":
            self.primary_changed.emit(_("Register to destroy or return"))
        elif self.plan.source is None:
            self.primary_changed.emit(_("Register and print labels"))
        elif count:
            words = ngettext("Register and print {count} label", "Register and print {count} labels", count)
            self.primary_changed.emit(words)
        else:
            self.primary_changed.emit(_("Register without vials"))

    # Registering --------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Register what the form says, or show everything that stands in the way."""
        if self.registering_donor:
            self._register_donor()
            return
        if not self.tube_code:
            return
        self._blaming = True
        self.identity.look()
        self.identity.require(partial(self._compared, self.tube_code, self._desk.actor))

    def _compared(self, tube_code: str, actor: Actor | None, problems: Sequence[Problem]) -> None:
        if self.tube_code != tube_code or self.registering_donor:
            return  # registered, cleared or left while the second identifier was compared
        waiting = self.sheet.open_questions()
        if problems or waiting:
            self.refresh()
            self.sheet.second.set_problems(problems)
            (waiting[0] if waiting else self.sheet.second).setFocus()
            count = len(waiting) or len(problems)
            words = ngettext("{count} answer is missing.", "{count} answers are missing.", count)
            self._desk.frame.notices.warn(words)
            return
        form = self.form()
        command_id = self._ids.of(form)
        self._desk.act(
            self,
            lambda store, actor: receive(store, actor, form, command_id),
            lambda received: self._registered(form.tube_code, received),
            topics={"samples", "labels", "donors"},
            refused=lambda problems: self._not_registered(form.tube_code, problems),
            once=self._ids.once(command_id),
            actor=actor,
        )

    def _registered(self, tube_code: str, received: Received) -> None:
        if self.tube_code != tube_code:  # the form was cleared, or is another one's by now
            text = _("Tube {code} is registered. Its labels wait under Labels.")
            self._desk.frame.notices.warn(text.format(code=tube_code))
            return
        self.tube_code = ""
        self.received.emit(received)

    def _not_registered(self, tube_code: str, problems: tuple[Problem, ...]) -> None:
        if self.tube_code != tube_code:
            self._desk.stop(problems)
            return
        self._show_problems(problems)
        wrong = {one.field for one in stops(problems)}
        first = next((field for field in self.sheet.asked() if field.name in wrong), None)
        if first is not None:
            first.setFocus()
        stop = [one for one in problems if one.code == "tube-received-before"]
        if stop:
            self._desk.stop(tuple(stop))
        else:
            self._desk.frame.notices.warn(_("Not registered: see what stands beside the fields."))

    # A new donor --------------------------------------------------------------------------------------

    def new_donor(self) -> None:
        """Register a donor in this place, with the number that was typed."""
        if self.registering_donor or not self.tube_code:
            return
        self.donor_sheet.begin("" if self.sheet.known else self.sheet.donor.text())
        self._turn_to(self.donor_sheet)
        self._say_primary()
        self.donor_sheet.advance()

    def _turn_to(self, sheet: QWidget) -> None:
        self._pages.show_page(sheet)
        self.plan.setVisible(sheet is self.sheet)

    def leave_donor(self) -> bool:
        """Back from the donor's sheet without loss of the tube's; False when it is not shown."""
        if not self.registering_donor:
            return False
        self._turn_to(self.sheet)
        self._say_primary()
        self.sheet.donor.setFocus()
        return True

    def _donor_unknown(self, _text: str) -> None:
        self.sheet.donor.attend()
        self._asking.show(self.sheet.donor)

    def _register_donor(self) -> None:
        sheet = self.donor_sheet
        form = sheet.form()
        unreadable = sheet.unreadable()
        if unreadable or sheet.open_questions():
            missing = [Problem(field.name, "answer-missing") for field in sheet.open_questions()]
            sheet.show_problems([*unreadable, *missing], missing=True)
            sheet.advance()
            return
        command_id, tube = self._donor_ids.of(form), self.tube_code
        self._desk.act(
            self,
            lambda store, actor: register_donor(store, actor, form, command_id),
            lambda code: self._donor_registered(tube, code),
            topics={"donors"},
            refused=self._donor_refused,
            once=self._donor_ids.once(command_id),
        )

    def _donor_registered(self, tube_code: str, code: str) -> None:
        if not self.registering_donor or self.tube_code != tube_code:
            self._desk.frame.notices.warn(_("Donor {code} is registered.").format(code=code))
            return
        self.donor_sheet.begin("")
        self._turn_to(self.sheet)
        self.identity.vouch(code)
        self.sheet.material.setFocus()

    def _donor_refused(self, problems: tuple[Problem, ...]) -> None:
        rest = self.donor_sheet.show_problems(problems, missing=True)
        if rest:
            self._desk.stop(tuple(rest))


def _label_material(source: str, code: str) -> str:
    own, parent = material(code).label, material(source).label
    return own if own == parent else f"{parent} {own}"
