"""Keeping a container in order: spilled, out of service, reserved, its rule, and the kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.storage import kinds as kind_list
from biobank_desktop.gui.storage.kinds import KindsCard
from biobank_desktop.gui.storage.making import NewKind
from biobank_desktop.gui.storage.reserving import ReserveCard
from biobank_desktop.gui.storage.ruling import RuleCard, read_rules
from biobank_desktop.gui.storage.spilling import MissingCard
from biobank_desktop.gui.widgets.form_card import ReasonForm
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import contents, kinds, outages, reserving, spills, use

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.storage.box_page import BoxPage
    from biobank_desktop.gui.storage.gestures import Gestures
    from biobank_desktop.gui.storage.kinds import UsedKind
    from biobank_desktop.gui.storage.reading import Opened
    from biobank_desktop.gui.storage.ruling import RulesHere
    from biobank_desktop.persistence.queries.containers import ContainerRow, Content
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.records import BoxView

_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE})


class Upkeep(QObject):
    """Makes the forms and does what they say; what needs no form is done at once."""

    asked = Signal(object)
    """a ``FormCard`` to be shown in the place of any other"""

    def __init__(self, desk: Desk, gestures: Gestures, box: BoxPage) -> None:
        super().__init__(box)
        self._desk, self._gestures, self._box = desk, gestures, box

    # Spilled --------------------------------------------------------------------------------------------

    def spill(self, opened: Opened) -> None:
        """Mark a box as spilled, or say that it is in order again."""
        view, since = opened.view, opened.condition.spilled
        if view is None:
            return
        if since is not None:
            self._end_spill(view, since)
            return
        box = view.container
        self._ask_why(
            ReasonForm(
                _("{name} was spilled").format(name=box.name),
                _("No position in it is certain then, until each vial has been scanned at its place."),
                _("Mark as spilled"),
            ),
            lambda store, actor, why, i: spills.spill(store, actor, box.code, why, i),
            _("{name} is marked as spilled. Scan each vial at its place.").format(name=box.name),
        )

    def _end_spill(self, view: BoxView, since: datetime) -> None:
        missing = [one for one in view.contents if one.since < since]
        if missing:
            self._ask_lost(view.container, missing)
            return
        self._at_once(
            lambda store, actor, i: spills.end(store, actor, view.container.code, i),
            _("{name} is in order again.").format(name=view.container.name),
        )

    def _ask_lost(self, box: ContainerRow, missing: Sequence[Content]) -> None:
        card = MissingCard(box.name, missing)

        def submit() -> None:
            problems, lost, why = card.problems(), card.lost.values(), card.why.text()
            if problems:
                card.show_problems(problems)
                return
            ids = {code: card.ids.of((code, why)) for code in lost}
            left = len(missing) - len(lost)

            def report(store: Store, actor: Actor, end_id: UUID) -> None:
                for code in lost:
                    use.report_lost(store, actor, code, why, ids[code])
                if not left:
                    spills.end(store, actor, box.code, end_id)

            reported = ngettext("{count} vial reported lost.", "{count} vials reported lost.", len(lost))
            rest = (
                ngettext("{count} is left to scan.", "{count} are left to scan.", left)
                if left
                else _("{name} is in order again.").format(name=box.name)
            )
            self._gestures.do(card, (lost, why), report, lambda _nothing: f"{reported} {rest}")

        card.submitted.connect(submit)
        self.asked.emit(card)

    # Out of service -------------------------------------------------------------------------------------

    def outage(self, opened: Opened) -> None:
        """Take what is open out of service, or put it into service again."""
        if opened.view is None:
            return
        row = opened.view.container
        if any(one.container_id == row.id for one in opened.condition.outages):
            self._at_once(
                lambda store, actor, i: outages.end(store, actor, row.code, i),
                _("{name} is in service again.").format(name=row.name),
            )
            return
        self._ask_why(
            ReasonForm(
                _("Take {name} out of service").format(name=row.name),
                _("Nothing new goes into it or anything in it. What is in it can be moved away by a plan."),
                _("Take out of service"),
            ),
            lambda store, actor, why, i: outages.begin(store, actor, row.code, why, i),
            _("{name} is out of service. E makes a plan to empty it.").format(name=row.name),
        )

    # Reserved -------------------------------------------------------------------------------------------

    def reserve(self, opened: Opened) -> None:
        """Reserve the selected free wells, or give back those that are reserved."""
        view = opened.view
        if view is None:
            return
        taken = {(one.row_no, one.column_no) for one in view.contents}
        free = [at for at in self._box.selected_positions() if at not in taken]
        if not free:
            self._desk.frame.notices.warn(_("Select free wells first."))
            return
        labels = tuple(view.grid.label(at) for at in free)
        row = view.container
        if all(at in opened.condition.reserved for at in free):
            self._at_once(
                lambda store, actor, i: reserving.give_back(store, actor, row.code, labels, i),
                _("Given back: {places}.").format(places=", ".join(labels)),
            )
            return
        card = ReserveCard(row.code, row.name, labels)

        def submit() -> None:
            form = card.form()
            self._gestures.do(
                card,
                form,
                lambda store, actor, i: reserving.reserve(store, actor, form, i),
                lambda kept: _("Reserved for you: {places}.").format(places=", ".join(kept)),
            )

        card.submitted.connect(submit)
        self.asked.emit(card)

    # Rules and kinds ------------------------------------------------------------------------------------

    def rule(self, opened: Opened) -> None:
        """Show what may lie in what is open, and change its own rule."""
        number = opened.container_id
        self._desk.read(
            self, lambda connection: read_rules(connection, number), self._ask_rule, newest="rule"
        )

    def _ask_rule(self, rules: RulesHere) -> None:
        card, name = RuleCard(rules), rules.here.name

        def submit() -> None:
            problems, wanted, why = card.problems(), card.wanted(), card.why.text()
            if problems:
                card.show_problems(problems)
                return
            self._gestures.do(
                card,
                (wanted, why),
                lambda store, actor, i: contents.set_rule(store, actor, name, wanted, why, i),
                lambda _nothing: _("Rule of {name} saved.").format(name=name),
            )

        card.submitted.connect(submit)
        self.asked.emit(card)

    def kinds(self, _opened: Opened | None = None) -> None:
        """Show every kind, to change one or make a new one."""
        self._desk.read(self, kind_list.read_kinds, self._show_kinds, newest="kinds")

    def _show_kinds(self, found: tuple[UsedKind, ...]) -> None:
        card = KindsCard(found, self._desk.jobs)
        card.new_wanted.connect(lambda: self._ask_kind(NewKind([one.kind for one in found]), None))

        def change() -> None:
            one = card.chosen()
            if one is not None:
                self._ask_kind(NewKind([each.kind for each in found], one.kind), one)

        card.submitted.connect(change)
        self.asked.emit(card)

    def _ask_kind(self, form: NewKind, was: UsedKind | None) -> None:
        def submit() -> None:
            problems, wanted, why = form.problems(), form.form(), form.why.text()
            missing = {problem.field for problem in problems}
            problems += [one for one in kinds.check_kind(wanted) if one.field not in missing]
            if problems:
                form.show_problems(problems)
                return

            def write(store: Store, actor: Actor, command_id: UUID) -> None:
                if was is None:
                    kinds.add_kind(store, actor, wanted, command_id)
                else:
                    kinds.change_kind(store, actor, wanted, why, command_id)

            said = _("New kind: {name}.") if was is None else _("Changed: {name}.")
            self._gestures.do(form, (wanted, why), write, lambda _nothing: said.format(name=wanted.name))

        form.submitted.connect(submit)
        self.asked.emit(form)

    # ----------------------------------------------------------------------------------------------------

    def _ask_why(
        self, form: ReasonForm, command: Callable[[Store, Actor, str, UUID], object], said: str
    ) -> None:
        def submit() -> None:
            why = form.why.text()
            self._gestures.do(
                form, why, lambda store, actor, i: command(store, actor, why, i), lambda _nothing: said
            )

        form.submitted.connect(submit)
        self.asked.emit(form)

    def _at_once(self, command: Callable[[Store, Actor, UUID], object], said: str) -> None:
        command_id = uuid4()
        self._desk.act(
            self,
            lambda store, actor: command(store, actor, command_id),
            lambda _nothing: self._desk.frame.notices.say(said, sound=Sound.DONE),
            topics=_TOPICS,
        )
