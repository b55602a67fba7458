"""What the record's forms do when they are finished: one command each, then what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui import words
from biobank_desktop.gui.record import later_life
from biobank_desktop.gui.record.correction import CorrectionForm
from biobank_desktop.gui.record.filling import FillCard
from biobank_desktop.gui.record.questions import (
    DonorForm,
    MoreVialsForm,
    ReleaseForm,
    ReprintForm,
)
from biobank_desktop.gui.record.step_correction import StepCorrectionForm
from biobank_desktop.gui.record.values_form import summary
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.form_card import ReasonForm
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import corrections, labels, placing, processing, use

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.label_printing import Outcome
    from biobank_desktop.gui.record.reading import Seen
    from biobank_desktop.gui.widgets.form_card import FormCard
    from biobank_desktop.persistence.queries.samples import StepRow
    from biobank_desktop.persistence.store import Store

_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.LABELS, topics.DONORS})


class Gestures(QObject):
    """Makes the form of an action and does what it says."""

    finished = Signal()
    """the command is stored: the form can go"""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk

    def form(self, name: str, seen: Seen) -> FormCard:
        """The form of an action, tied to what it does."""
        make: dict[str, Callable[[Seen], FormCard]] = {
            "fill": self._fill,
            "correct": self._correct,
            "donor": self._reattribute,
            "vials": self._add_vials,
            "released": self._release,
            "out": self._take_out,
            "void": self._make_void,
            "reprint": self._reprint,
            **later_life.forms(self),
        }
        return make[name](seen)

    def take_code(self, form: FormCard, code: str) -> bool:
        """Give a scanned code to a form that asks for one."""
        return isinstance(form, (DonorForm, later_life.MadeLaterForm)) and form.take_code(code)

    def act(
        self,
        form: FormCard,
        content: object,
        command: Callable[[Store, Actor, UUID], object],
        said: Callable[[], str],
        relabelled: Sequence[str] | None = None,
    ) -> None:
        """Ask the database; the same content twice is the same command."""
        command_id = form.ids.of(content)
        form.set_busy(True)

        def done(_result: object) -> None:
            self._desk.frame.notices.say(said(), sound=Sound.DONE)
            self.finished.emit()
            if relabelled is not None:
                self._desk.printing.print_for([codes.number(code) for code in relabelled], self._printed)

        self._desk.act(
            form,
            lambda store, actor: command(store, actor, command_id),
            done,
            topics=_TOPICS,
            refused=form.show_problems,
            once=form.ids.once(command_id),
            ended=form.rest,
        )

    def refused(self, form: FormCard, problems: Sequence[Problem]) -> bool:
        """Show what is wrong beside its fields; whether anything is."""
        if problems:
            form.show_problems(problems)
        return bool(problems)

    def undo(self, seen: Seen) -> None:
        """Take the newest use back; what has followed since is a stop."""
        command = seen.last_use
        if command is None:
            return
        code, command_id = codes.group(seen.sample.code), uuid4()
        self._desk.act(
            self,
            lambda store, actor: use.undo(store, actor, command, command_id),
            lambda _codes: self._desk.frame.notices.say(
                _("Taken back: {code} stands as before.").format(code=code), sound=Sound.ACCEPTED
            ),
            topics=_TOPICS,
        )

    def _printed(self, outcome: Outcome) -> None:
        if outcome.failed:
            self._desk.frame.notices.warn(
                _("The label was not printed: {why} It waits under Labels.").format(why=outcome.failed)
            )
        elif outcome.count:
            text = ngettext("{count} label handed to", "{count} labels handed to", outcome.count)
            self._desk.frame.notices.say(f"{text} {outcome.place}")

    def _fill(self, seen: Seen) -> FormCard:
        form = FillCard(seen.planned)

        def submit() -> None:
            fills = form.forms()
            if not self.refused(form, form.problems()):
                text = ngettext("{count} vial filled.", "{count} vials filled.", len(fills))
                self.act(form, fills, lambda s, a, i: processing.fill(s, a, fills, i), lambda: text)

        form.submitted.connect(submit)
        return form

    def _correct(self, seen: Seen) -> FormCard:
        form = CorrectionForm(seen)

        def submit() -> None:
            changes, why = form.changes(), form.why.text()
            if self.refused(form, form.problems()):
                return
            corrected: list[corrections.Corrected] = []

            def command(store: Store, actor: Actor, command_id: UUID) -> None:
                corrected[:] = [
                    corrections.correct(
                        store,
                        actor,
                        seen.sample.code,
                        changes,
                        why,
                        seen=seen.last_written_by,
                        command_id=command_id,
                    )
                ]

            self.act(form, (changes, why), command, lambda: self._say_corrected(corrected[0]))

        form.submitted.connect(submit)
        return form

    def step_form(self, seen: Seen, step: StepRow) -> FormCard:
        """The form that corrects a processing step, tied to what it does."""
        form, tube = StepCorrectionForm(step), seen.record.tube.code

        def submit() -> None:
            changes, why = form.changes(), form.why.text()
            if self.refused(form, form.problems()):
                return
            text = _("Corrected: {fields}.").format(fields=summary(tuple(changes)))
            self.act(
                form,
                (changes, why),
                lambda s, a, i: corrections.correct_step(s, a, tube, step.no, changes, why, i),
                lambda: text,
            )

        form.submitted.connect(submit)
        return form

    def _say_corrected(self, corrected: corrections.Corrected) -> str:
        said = [_("Corrected: {fields}.").format(fields=summary(corrected.changed))]
        if corrected.labels:
            count = len(corrected.labels)
            said.append(
                ngettext("{count} label is no longer true.", "{count} labels are no longer true.", count)
            )
            self._desk.printing.print_for([codes.number(code) for code in corrected.labels], self._printed)
        if corrected.verdict == "refused":
            said.append(_("Consent refuses this material now: see Today."))
        return " ".join(said)

    def _reattribute(self, seen: Seen) -> FormCard:
        form = DonorForm(seen)

        def submit() -> None:
            tube, donor, why = seen.record.tube.code, form.donor.text(), form.why.text()
            if self.refused(form, form.problems()):
                return
            moved: list[corrections.Corrected] = []

            def command(store: Store, actor: Actor, command_id: UUID) -> None:
                moved[:] = [corrections.reattribute(store, actor, tube, donor, why, command_id)]

            self.act(form, (tube, donor, why), command, lambda: self._say_moved(moved[0], donor))

        form.submitted.connect(submit)
        return form

    def _say_moved(self, moved: corrections.Corrected, donor: str) -> str:
        if moved.labels:
            self._desk.printing.print_for([codes.number(code) for code in moved.labels], self._printed)
        text = _("The family belongs to donor {donor} now. Verdict: {verdict}.")
        return text.format(donor=donor, verdict=_(f"value.{moved.verdict}"))

    def _add_vials(self, seen: Seen) -> FormCard:
        form = MoreVialsForm(seen)

        def submit() -> None:
            if self.refused(form, form.problems()):
                return
            vials, tube = form.vials(), seen.sample.code
            new: list[str] = []

            def command(store: Store, actor: Actor, command_id: UUID) -> None:
                new[:] = processing.add_vials(store, actor, tube, vials, command_id)

            text = ngettext("{count} vial added.", "{count} vials added.", vials.count)
            self.act(form, vials, command, lambda: text, new)

        form.submitted.connect(submit)
        return form

    def _release(self, seen: Seen) -> FormCard:
        form = ReleaseForm()

        def submit() -> None:
            at, by, tube = form.at.moment(), form.by.text(), seen.sample.code
            if not self.refused(form, form.problems()) and at is not None:
                text = _("Released by diagnostics on {when}.").format(when=words.moment(at))
                self.act(
                    form,
                    (at, by),
                    lambda s, a, i: corrections.record_diagnostic_release(s, a, tube, at, by, i),
                    lambda: text,
                )

        form.submitted.connect(submit)
        return form

    def _take_out(self, seen: Seen) -> FormCard:
        form = ReasonForm(
            _("Take out of its place"),
            _("It lies nowhere then. Say where it goes and why."),
            _("Take out"),
        )
        self.with_reason(form, seen, placing.take_out, _("Taken out: {code}."))
        return form

    def _make_void(self, seen: Seen) -> FormCard:
        form = ReasonForm(
            _("Make this vial void"),
            _("Its code stays dead for good. This can't be undone."),
            _("Make void"),
        )
        self.with_reason(form, seen, processing.make_void, _("Void: {code}."))
        return form

    def with_reason(
        self,
        form: ReasonForm,
        seen: Seen,
        service: Callable[[Store, Actor, str, str, UUID], object],
        said: str,
    ) -> None:
        """Tie a reason to what it is given for; ``said`` names the sample."""
        code = seen.sample.code

        def submit() -> None:
            why = form.why.text()
            text = said.format(code=codes.group(code))
            self.act(form, (code, why), lambda s, a, i: service(s, a, code, why, i), lambda: text)

        form.submitted.connect(submit)

    def _reprint(self, seen: Seen) -> FormCard:
        form = ReprintForm()

        def submit() -> None:
            reason, code = str(form.reason.value()), seen.sample.code
            if not self.refused(form, form.problems()):
                text = _("A new label was asked for: {code}.").format(code=codes.group(code))
                self.act(
                    form,
                    (code, reason),
                    lambda s, a, i: labels.reprint(s, a, code, reason, command_id=i),
                    lambda: text,
                    [code],
                )

        form.submitted.connect(submit)
        return form
