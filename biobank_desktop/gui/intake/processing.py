"""What is recorded at the bench: steps, a count, filled vials, one more vial, one given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.desk import LABELS, SAMPLES
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.intake.small_forms import CountForm, VoidForm
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import processing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.intake.fill_table import FillRow
    from biobank_desktop.gui.intake.steps_card import StepsCard
    from biobank_desktop.gui.widgets.cards import ProblemList
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store


class Processing(QObject):
    """Does what the forms of the bench ask for; what is refused stands beside the fields."""

    done = Signal()
    """something was recorded: its form is closed"""
    made = Signal(object)
    """the codes of vials that were added"""

    def __init__(self, desk: Desk, steps: StepsCard, problems: ProblemList, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._steps = steps
        self._problems = problems
        self._ids = CommandIds()
        self.count = CountForm(parent)
        self.void = VoidForm(parent)

    def start_step(self, tube: str) -> None:
        """The step that has begun, with what is known of it."""
        unreadable = self._steps.unreadable()
        if unreadable:
            self._steps.show_problems(unreadable)
            self._desk.frame.notices.sound(Sound.WARNING)
            return
        form = self._steps.form()

        def gesture(store: Store, actor: Actor) -> None:
            processing.start_step(store, actor, tube, form, command_id)

        command_id = self._ids.of((tube, form))
        words = _("{step} is recorded.").format(step=self._steps.step_name())
        self._act(command_id, gesture, self._steps.show_problems, words)

    def end_step(self, tube: str, no: int) -> None:
        """A running step has ended now."""
        now, command_id = utc_now(), self._ids.of(("end", tube, no))

        def gesture(store: Store, actor: Actor) -> None:
            processing.end_step(store, actor, tube, no, now, command_id)

        self._act(command_id, gesture, self._desk.stop, _("The end of the step is recorded."))

    def record_count(self, tube: str) -> None:
        """The cells of the whole tube."""
        form = self.count
        cells, unreadable = form.cells.amount(), form.unreadable()
        if cells is None or unreadable:
            form.show_problems(unreadable or [Problem("cells", "answer-missing")])
            return
        viability, blasts = form.viability.percent(), form.blasts.percent()
        command_id = self._ids.of((tube, cells, viability, blasts))

        def gesture(store: Store, actor: Actor) -> None:
            processing.record_count(store, actor, tube, cells, viability, blasts, command_id)

        self._act(command_id, gesture, form.show_problems, _("The count is recorded."))

    def make_void(self) -> None:
        """The vial is given up, for the reason that was typed."""
        form = self.void
        assert form.vial is not None
        vial, why = form.vial.code, form.why.text()
        command_id = self._ids.of((vial, why))

        def gesture(store: Store, actor: Actor) -> None:
            processing.make_void(store, actor, vial, why, command_id)

        words = _("Void: {code}.").format(code=codes.group(vial))
        self._act(command_id, gesture, form.show_problems, words)

    def add_vial(self, tube: str, like: SampleRow) -> None:
        """One more vial like this one."""
        vials = PlannedVials(like.material, 1, like.planned_ul, like.planned_cells, like.medium or "")
        command_id = self._ids.of(("add", tube, vials))
        self._desk.act(
            self,
            lambda store, actor: processing.add_vials(store, actor, tube, vials, command_id),
            self.made.emit,
            topics={SAMPLES, LABELS},
            once=self._ids.once(command_id),
        )

    def fill(self, rows: Sequence[FillRow]) -> None:
        """What was made in these vials, all or none."""
        unreadable = [row.unreadable() for row in rows]
        if any(unreadable):
            for row, problems in zip(rows, unreadable, strict=True):
                row.show_problems(problems)
            return
        forms = [row.form() for row in rows]
        command_id = self._ids.of(tuple(forms))

        def gesture(store: Store, actor: Actor) -> None:
            processing.fill(store, actor, forms, command_id)

        def refused(problems: tuple[Problem, ...]) -> None:
            self._show_fill_problems(rows, problems)

        words = ngettext("{count} vial is filled.", "{count} vials are filled.", len(forms))
        self._act(command_id, gesture, refused, words)

    def _act(
        self,
        command_id: UUID,
        gesture: Callable[[Store, Actor], None],
        refused: Callable[[tuple[Problem, ...]], None],
        words: str,
    ) -> None:
        def recorded(_nothing: None) -> None:
            self._problems.show_problems(())
            self._desk.frame.notices.say(words, sound=Sound.ACCEPTED)
            self.done.emit()

        def not_recorded(problems: tuple[Problem, ...]) -> None:
            self._desk.frame.notices.sound(Sound.WARNING)
            refused(problems)

        self._desk.act(
            self,
            gesture,
            recorded,
            topics={SAMPLES, LABELS},
            refused=not_recorded,
            once=self._ids.once(command_id),
        )

    def _show_fill_problems(self, rows: Sequence[FillRow], problems: Sequence[Problem]) -> None:
        rest: list[Problem] = []
        by_row: dict[int, list[Problem]] = {}
        for problem in problems:
            head, _dot, name = problem.field.partition("].")
            if head.startswith("vials[") and head[6:].isdecimal():
                moved = Problem(name, problem.code, problem.values, problem.warning)
                by_row.setdefault(int(head[6:]), []).append(moved)
            else:
                rest.append(problem)
        for place, row in enumerate(rows):
            rest += row.show_problems(by_row.get(place, []))
        self._problems.show_problems(rest)
