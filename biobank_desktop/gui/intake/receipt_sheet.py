"""The questions about a tube, read into a ``ReceiptForm``; what was proposed says so until it is answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.intake import ABSENT, ReceiptForm
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.protocols import proposed_time_point, protocol_day
from biobank_desktop.gui import words as say_words
from biobank_desktop.gui.intake import words
from biobank_desktop.gui.intake.sheet import Sheet
from biobank_desktop.gui.widgets.amounts import AmountField
from biobank_desktop.gui.widgets.choice_fields import ChoiceField, SeveralField
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.moments import Clock, MomentField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.protocols import PlannedVials, Protocol
    from biobank_desktop.domain.sprec import SprecTables
    from biobank_desktop.persistence.queries.donors import DonorRow


@dataclass(frozen=True)
class Known:
    """A donor found in the registry, with the (time point, material) pairs there are of them."""

    donor: DonorRow
    protocol: Protocol
    taken: frozenset[tuple[str, str]]


class ReceiptSheet(Sheet):
    """Donor, material, moments, container, amount, inspection, origin and release of one tube."""

    def __init__(self, sprec: SprecTables, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sprec = sprec
        self._clock = clock
        self.known: Known | None = None
        self._make_identity()
        self._make_arrival()
        self._make_inspection()
        fields = [
            self.donor, self.second, self.material, self.time_point, self.drawn,
            self.received, self.container, self.volume, self.temperature, self.conditions,
            self.acceptance, self.origin, self.pull, self.release, self.released_by, self.released_at,
            self.note,
        ]  # fmt: skip
        self.optional = {self.note}
        self.lay(fields)
        for field in (self.pull, self.released_by, self.released_at):
            self.ask(field, on=False)
        self.changed.connect(self._follow)

    def _make_identity(self) -> None:
        self.donor = FieldBox(_("Donor"), name="donor", parent=self)
        self.donor.editor.setProperty("mono", True)
        self.second = FieldBox(_("Second identifier"), name="second", parent=self)
        self.second.editor.setPlaceholderText(_("2018 m"))
        self.material = ChoiceField(_("Material"), words.received_materials(), name="material", parent=self)
        self.time_point = ChoiceField(_("Time point"), name="time_point", parent=self)

    def _make_arrival(self) -> None:
        self.drawn = MomentField(_("Drawn"), self._clock, name="drawn_at", parent=self)
        self.received = MomentField(
            _("Received"), self._clock, name="received_at", may_be_unknown=False, parent=self
        )
        self.container = ChoiceField(
            _("Primary container"), words.containers(self._sprec, None), name="container", parent=self
        )
        self.volume = AmountField(_("Volume"), name="volume_ul", may_be_unknown=True, parent=self)
        self.temperature = ChoiceField(
            _("Temperature on arrival"), words.temperatures(), name="temperature", parent=self
        )

    def _make_inspection(self) -> None:
        self.conditions = SeveralField(_("Condition"), words.conditions(), name="conditions", parent=self)
        self.acceptance = ChoiceField(_("Inspection"), words.acceptances(), name="acceptance", parent=self)
        self.origin = ChoiceField(_("Origin"), words.origins(), name="origin", parent=self)
        self.pull = ChoiceField(_("Pull"), words.pulls(), name="pull_number", parent=self)
        self.release = ChoiceField(
            _("Released by diagnostics"), words.releases(), name="release", parent=self
        )
        self.released_by = FieldBox(_("Released by"), name="released_by", parent=self)
        self.released_at = MomentField(
            _("Released at"), self._clock, name="released_at", may_be_unknown=False, parent=self
        )
        self.note = FieldBox(_("Note"), name="note", parent=self)

    def begin(self, received_at: datetime) -> None:
        """An empty sheet for a tube that was scanned now: the moment of receipt is proposed, nothing else."""
        self.known = None
        self.stuck.clear()
        for field in self.fields:
            field.clear()
            field.set_problems(())
            if isinstance(field, ChoiceField):
                field.set_value(None)
        self.received.set_moment(received_at)
        self.received.set_hint(_("now"))
        self.donor.set_hint("")
        self.second.set_hint("")

    def use_donor(self, known: Known) -> None:
        """The donor has been found."""
        self.known = known
        self.donor.set_text(codes.group(known.donor.code))
        self._offer_time_points()

    def forget_donor(self) -> None:
        """What stands in the donor's field is somebody else now."""
        self.known = None
        self.donor.set_hint("")
        self.second.clear()
        self.second.set_hint("")

    def form(self, tube_code: str, plan: tuple[PlannedVials, ...]) -> ReceiptForm:
        """The answers so far; what is not answered, or cannot be read, is absent."""
        refused = self.acceptance.value() == "rejected"
        return ReceiptForm(
            tube_code=tube_code or ABSENT,
            donor=self.known.donor.code if self.known else self.donor.text() or ABSENT,
            material=_given(self.material),
            container=_given(self.container),
            time_point=_given(self.time_point),
            drawn_at=_moment(self.drawn),
            received_at=_moment(self.received),
            volume_ul=self._volume(),
            temperature=_given(self.temperature),
            conditions=_several(self.conditions),
            acceptance=_given(self.acceptance),
            origin=_given(self.origin),
            pull_number=_number(self.pull),
            released_at=self._released_at(),
            released_by=self.released_by.text(),
            note=self.note.text(),
            plan=() if refused else plan,
        )

    def place_problems(self, problems: list[Problem], *, missing: bool) -> list[Problem]:
        """Each problem beside the question it is about; those of none are returned."""
        asked = {field.name for field in self.asked()}
        moved = [
            replace(one, field="release") if one.field == "released_at" and one.field not in asked else one
            for one in (*problems, *self.unreadable())
        ]
        return self.show_problems(moved, missing=missing)

    def unreadable(self) -> list[Problem]:
        """What has been typed and cannot be read, beside its field."""
        problems = [
            Problem(field.name, "moment-unreadable", {"text": field.text()})
            for field in (self.drawn, self.received, self.released_at)
            if field.answer() is Answer.UNREADABLE
        ]
        volume = self.volume.problem()
        if volume is not None:
            problems.append(volume)
        if self.pull in self.asked() and self.pull.answer() is Answer.NONE:
            problems.append(Problem("pull_number", "answer-missing"))
        return problems

    def _volume(self) -> Any:
        if self.volume.answer() is Answer.UNKNOWN:
            return None
        amount = self.volume.amount()
        return ABSENT if amount is None else amount

    def _released_at(self) -> Any:
        if self.release.value() is None:
            return ABSENT
        return None if self.release.value() == words.NOT_YET else _moment(self.released_at)

    def _follow(self, field: FieldBox) -> None:
        """What one answer means for the other questions."""
        if field is self.material:
            self.ask(self.pull, self.material.value() == "BMA")
            code = self.material.value()
            self.container.set_choices(words.containers(self._sprec, str(code) if code else None))
        if field is self.release:
            for one in (self.released_by, self.released_at):
                self.ask(one, self.release.value() == words.RELEASED)
        if field in {self.material, self.drawn}:
            self._offer_time_points()
        if field is self.container and self.container.value() is not None:
            self.container.set_hint(str(self.container.value()))
        if field is self.received and self.received.editor.isModified():
            self.received.set_hint("")
        if field in {self.drawn, self.received}:
            self._say_delay()
        if field is self.time_point:
            self._say_day()

    def _say_delay(self) -> None:
        drawn, received = self.drawn.moment(), self.received.moment()
        if drawn is None or received is None or received < drawn:
            self.drawn.set_hint("")
            return
        self.drawn.set_hint(say_words.ago(drawn, received))

    def _say_day(self) -> None:
        point, drawn = self.time_point.value(), self.drawn.moment()
        if point is None or self.known is None or drawn is None or self.time_point.proposed:
            return
        day = protocol_day(self.known.donor.day1_on, local_day(drawn))
        self.time_point.set_hint(_("day {day}").format(day=day) if day is not None else "")

    def _offer_time_points(self) -> None:
        """Propose a time point when the donor is known, unless a person has answered."""
        if self.known is None:
            return
        known, material = self.known, self.material.value()
        drawn = self.drawn.moment()
        taken = {point for point, code in known.taken if code == material}
        point = proposed_time_point(
            known.protocol, known.donor.day1_on, local_day(drawn) if drawn else None, taken
        )
        answered = self.time_point.value() is not None and not self.time_point.proposed
        first = point.code if point else None
        offered = words.time_points(known.protocol, str(material) if material else None, first, taken)
        if [one.value for one in offered] != [one.value for one in self.time_point.choices]:
            self.time_point.set_choices(offered)
        if not answered and material is not None and self.time_point.value() != first:
            self.time_point.set_value(first, proposed=True)


def _given(field: ChoiceField) -> Any:
    return ABSENT if field.value() is None else field.value()


def _several(field: SeveralField) -> Any:
    values = field.values()
    return ABSENT if values is None else values


def _number(field: ChoiceField) -> int | None:
    value = field.value()
    return value if isinstance(value, int) else None


def _moment(field: MomentField) -> Any:
    if field.answer() is Answer.UNKNOWN:
        return None
    moment = field.moment()
    return ABSENT if moment is None else moment
