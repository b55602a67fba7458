"""The forms of a vial's later life: out for now and back, used, lost, broken, here again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.materials import material
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.use import OWN_PURPOSES, UseForm
from biobank_desktop.gui import words
from biobank_desktop.gui.record.questions import MoreVialsForm
from biobank_desktop.gui.widgets.amounts import AmountField, Quantity
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.codes_field import CodesField
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard, ReasonForm
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import use
from biobank_desktop.services.deriving import DerivationForm, PoolPart, derive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.record.gestures import Gestures
    from biobank_desktop.gui.record.reading import Seen
    from biobank_desktop.persistence.store import Store


class UseCard(FormCard):
    """What is taken from a vial, how much of it, for which purpose, and whether anything is left."""

    def __init__(self, seen: Seen, parent: QWidget | None = None) -> None:
        left = words.amount(seen.record.left_ul, seen.record.left_cells)
        super().__init__(
            _("Use"),
            _("{amount} is left. Consent is asked for the purpose before anything is recorded.").format(
                amount=left
            ),
            _("Record the use"),
            parent,
        )
        self._code = seen.sample.code
        self.purpose = _purposes(self)
        self.what = FieldBox(_("For what"), name="what", parent=self)
        self.ul = AmountField(_("Volume taken"), name="ul", unit="µL", parent=self)
        self.cells = AmountField(_("Cells taken"), Quantity.CELLS, name="cells", parent=self)
        self.cells.setEnabled(material(seen.sample.material).kind == "cells")
        self.left = ChoiceQuestion(
            _("Afterwards"),
            [Choice(False, _("Some is left"), "S"), Choice(True, _("That was the last"), "Z")],
            name="last",
            parent=self,
        )
        self.add_row([self.purpose], columns=1)
        self.add_row([self.what, self.ul, self.cells], columns=3)
        self.add_row([self.left], columns=1)
        self.purpose.chosen.connect(self.what.attend)

    def form(self) -> UseForm:
        """What the fields say; only when ``problems`` has none."""
        return UseForm(
            sample=self._code,
            purpose=str(self.purpose.value()),
            what=self.what.text(),
            ul=self.ul.amount(),
            cells=self.cells.amount(),
            last=self.left.value() is True,
        )

    def problems(self) -> list[Problem]:
        """What is missing or cannot be read."""
        asked = {"purpose": self.purpose.value(), "last": self.left.value()}
        found = [Problem(name, "answer-missing") for name, value in asked.items() if value is None]
        if not self.what.text():
            found.append(Problem("what", "answer-missing"))
        nothing = not self.ul.text() and not self.cells.text()
        if nothing and self.left.value() is not True:
            found.append(Problem("ul", "answer-missing"))
        read = [(field.name, field.problem()) for field in (self.ul, self.cells)]
        return found + [Problem(name, one.code, one.values) for name, one in read if one is not None]


def _purpose_name(purpose: str) -> str:
    """What the lab itself does; of keeping alone, that is checking it."""
    return _("Check what is kept") if purpose == "store" else words.choice_name(purpose)


class MadeLaterForm(MoreVialsForm):
    """What is made of a stored vial, alone or in a pool with others: all of each of those goes in."""

    def __init__(self, seen: Seen, parent: QWidget | None = None) -> None:
        super().__init__(seen, parent)
        self.set_heading(
            _("Make vials of this one"),
            _("They get codes and labels now and are filled later; what they take is taken from this vial."),
        )
        self._source = seen.sample.code
        self.purpose = _purposes(self)
        self.what = FieldBox(_("For what"), name="what", parent=self)
        self.pool = CodesField(_("Pool: other vials, of which all goes in"), name="pool", parent=self)
        self.add_row([self.purpose], columns=1)
        self.add_row([self.what, self.pool], columns=2)
        self.purpose.chosen.connect(self.what.attend)

    def take_code(self, code: str) -> bool:
        """A scanned vial goes into the pool."""
        if codes.kind_of(code) is not CodeKind.SAMPLE:
            return False
        given = dict.fromkeys((*self.pool.codes(), code))
        self.pool.set_text(", ".join(codes.group(one) for one in given))
        return True

    def form(self) -> DerivationForm:
        """What the fields say; only when ``problems`` has none."""
        parts = tuple(PoolPart(code, last=True) for code in self.pool.codes())
        return DerivationForm(self._source, str(self.purpose.value()), self.what.text(), self.vials(), parts)

    def problems(self) -> list[Problem]:
        """What is missing or cannot be read."""
        found = super().problems()
        if self.purpose.value() is None:
            found.append(Problem("purpose", "answer-missing"))
        if not self.what.text():
            found.append(Problem("what", "answer-missing"))
        return found

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """What a service says of a part of the form stands beside the field of that part."""
        super().show_problems([replace(one, field=_field_of(one.field)) for one in problems])


def _field_of(path: str) -> str:
    """The field of a problem's path: ``vials.count`` is ``count``, ``pool[0].sample`` is ``pool``."""
    return path.removeprefix("vials.").partition("[")[0]


def _purposes(parent: QWidget) -> ChoiceQuestion:
    """What the lab itself uses material for."""
    offered = [
        Choice(purpose, _purpose_name(purpose), str(place)) for place, purpose in enumerate(OWN_PURPOSES, 1)
    ]
    return ChoiceQuestion(_("Purpose"), offered, name="purpose", columns=3, parent=parent)


class PutBackForm(FormCard):
    """Whether it had thawed: one letter is the answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Put back"), _("Its place was kept."), _("Put back"), parent)
        choices = [Choice(False, _("Stayed frozen"), "F"), Choice(True, _("Had thawed"), "T")]
        self.thawed = ChoiceQuestion(_("How it comes back"), choices, name="thawed", parent=self)
        self.add_row([self.thawed], columns=1)

    def problems(self) -> list[Problem]:
        """No answer chosen."""
        return [] if self.thawed.value() is not None else [Problem("thawed", "answer-missing")]


def forms(gestures: Gestures) -> dict[str, Callable[[Seen], FormCard]]:
    """The form of each of these actions, tied to what it does."""
    return {
        "check-out": lambda seen: _check_out(gestures, seen),
        "check-in": lambda seen: _check_in(gestures, seen),
        "use": lambda seen: _use(gestures, seen),
        "derive": lambda seen: _derive(gestures, seen),
        "lost": lambda seen: _lost(gestures, seen),
        "broken": lambda seen: _broken(gestures, seen),
        "turned-up": lambda seen: _turned_up(gestures, seen),
    }


def _check_out(gestures: Gestures, seen: Seen) -> FormCard:
    form = ReasonForm(
        _("Out for now"),
        _("It leaves the cold and its place is kept. Today reminds you after half an hour."),
        _("Out for now"),
    )
    gestures.with_reason(
        form,
        seen,
        lambda store, actor, code, why, command_id: use.check_out(store, actor, [code], why, command_id),
        _("Out for now: {code}."),
    )
    return form


def _check_in(gestures: Gestures, seen: Seen) -> FormCard:
    form, code = PutBackForm(), seen.sample.code

    def submit() -> None:
        if not gestures.refused(form, form.problems()):
            thawed = form.thawed.value() is True
            gestures.act(
                form,
                (code, thawed),
                lambda s, a, i: use.check_in(s, a, [code], thawed=thawed, command_id=i),
                lambda: _("It is back in its place."),
            )

    form.submitted.connect(submit)
    return form


def _use(gestures: Gestures, seen: Seen) -> FormCard:
    form = UseCard(seen)

    def submit() -> None:
        if not gestures.refused(form, form.problems()):
            said = form.form()
            text = _("Used up.") if said.last else _("The use is recorded.")
            gestures.act(form, said, lambda s, a, i: use.use(s, a, said, i), lambda: text)

    form.submitted.connect(submit)
    return form


def _derive(gestures: Gestures, seen: Seen) -> FormCard:
    form = MadeLaterForm(seen)

    def submit() -> None:
        if gestures.refused(form, form.problems()):
            return
        said, new = form.form(), list[str]()

        def command(store: Store, actor: Actor, command_id: UUID) -> None:
            new[:] = derive(store, actor, said, command_id)

        text = ngettext("{count} vial added.", "{count} vials added.", said.vials.count)
        gestures.act(form, said, command, lambda: text, new)

    form.submitted.connect(submit)
    return form


def _lost(gestures: Gestures, seen: Seen) -> FormCard:
    form = ReasonForm(
        _("Lost"), _("It is not where it should be. Its place becomes free."), _("Record it as lost")
    )
    gestures.with_reason(form, seen, use.report_lost, _("Lost: {code}."))
    return form


def _broken(gestures: Gestures, seen: Seen) -> FormCard:
    form = ReasonForm(
        _("Broken"), _("It broke or was spilled. Its place becomes free."), _("Record it as broken")
    )
    gestures.with_reason(form, seen, use.report_broken, _("Broken: {code}."))
    return form


def _turned_up(gestures: Gestures, seen: Seen) -> FormCard:
    form = ReasonForm(
        _("Here again"), _("It has no place yet: scan it into a box afterwards."), _("It is here again")
    )
    gestures.with_reason(form, seen, use.turned_up, _("Here again: {code}."))
    return form
