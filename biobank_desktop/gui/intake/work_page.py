"""The bench after registration: labels checked, steps timed, vials filled, each put in its box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.intake.fill_table import FillTable, vial_title
from biobank_desktop.gui.intake.labelling import Labelling
from biobank_desktop.gui.intake.lookups import Work, work_of
from biobank_desktop.gui.intake.placing import Placing
from biobank_desktop.gui.intake.processing import Processing
from biobank_desktop.gui.intake.steps_card import StepsCard
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.boxmap import WellState
from biobank_desktop.gui.widgets.cards import Card, EmptyState, ProblemList
from biobank_desktop.gui.widgets.texts import ElidedText, Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.intake.panel import IntakePanel
    from biobank_desktop.services.placing import Placed


class WorkPage(QWidget):
    """One registered tube until each of its vials lies in its place."""

    primary_changed = Signal(str)
    """what Enter does now, "" when only scans go on"""
    seen = Signal(object)
    """the ``Work`` as it is now"""
    finished = Signal()
    """everything is done and the person wants the next tube"""

    def __init__(self, desk: Desk, panel: IntakePanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._panel = panel
        self.work: Work | None = None
        self._tube_id = 0
        self._flash: int | None = None
        self._print = False
        self.placing = Placing(desk, self)
        self.labelling = Labelling(desk, self)
        self.steps = StepsCard(self)
        self.table = FillTable(self)
        self.problems = ProblemList(self)
        self.processing = Processing(desk, self.steps, self.problems, self)
        self.refusal = EmptyState(
            "discard",
            _("Destroy or give back"),
            _(
                "Consent or inspection refuses this tube. It is registered without vials and never goes "
                "into the store."
            ),
            parent=self,
        )
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._now = Text("", "title", wrap=True, parent=self)
        self._vials = Card(parent=self)
        self._vials.body.setContentsMargins(16, 12, 16, 12)
        self._vials.body.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Text(_("Vials"), "section", parent=self._vials))
        self._label_words = ElidedText("", "detail", parent=self._vials)
        head.addWidget(self._label_words, 1)
        self.buttons = {
            "P": ActionButton(_("As planned"), hint="P", parent=self._vials),
            "=": ActionButton(_("Same for all"), hint="=", parent=self._vials),
            "A": ActionButton(_("One more"), hint="A", parent=self._vials),
            "V": ActionButton(_("Void"), hint="V", parent=self._vials),
            "L": ActionButton(_("Print again"), icon="print", hint="L", parent=self._vials),
        }
        for button in self.buttons.values():
            head.addWidget(button)
        self._vials.body.addLayout(head)
        self._vials.body.addWidget(self.table)
        self._vials.body.addWidget(self.problems)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        small = (self.processing.count, self.processing.void)
        for part in (self._now, self.steps, *small, self._vials, self.refusal):
            column.addWidget(part)
        column.addStretch(1)

    def _connect(self) -> None:
        actions = {
            "P": self.table.as_planned,
            "=": self.table.same_for_all,
            "A": self._add_vial,
            "V": self._give_up_vial,
            "L": self._print_again,
        }
        for key, action in actions.items():
            self.buttons[key].clicked.connect(action)
        self.table.changed.connect(self._say)
        self.steps.begun.connect(self._say)
        self.steps.given_up.connect(self._say)
        self.steps.end_wanted.connect(self._end_step)
        self.steps.count_wanted.connect(self._count)
        self.processing.done.connect(self._recorded)
        self.processing.made.connect(self._print_added)
        self.placing.changed.connect(self._show_box)
        self.placing.landed.connect(self._landed)
        self.labelling.changed.connect(self.refresh)

    # What there is to do ------------------------------------------------------------------------------

    def begin(self, tube_id: int, *, print_labels: bool) -> None:
        """Go on with a registered tube; its labels are printed when it has just been registered."""
        self._tube_id, self.work = tube_id, None
        self.placing.begin()
        self._close_forms()
        self.problems.show_problems(())
        self._print = print_labels
        self.refresh()

    def refresh(self) -> None:
        """Look again at the tube."""
        if not self._tube_id:
            return
        number = self._tube_id

        def read(connection: Connection) -> Work:
            return work_of(connection, number)

        self._desk.read(self, read, self._show, newest="work")

    def _show(self, work: Work) -> None:
        first = self.work is None
        self.work = work
        refused = work.tube.state == "refused"
        for part in (self.steps, self._vials):
            part.setVisible(not refused)
        self.refusal.setVisible(refused)
        self._panel.show_decision(work.decision)
        self.steps.show_steps(work.steps)
        self.table.show_work(work)
        self._label_words.setText(self.labelling.words(work))
        unfilled = bool(work.of_state("planned"))
        self._panel.show_labels(work.first_labels if unfilled else (), _("as sent to the printer"))
        if self.placing.box is None:
            self._panel.show_targets(work.targets)
        else:
            self._show_box()
        self._say()
        self.seen.emit(work)
        if first and self._print and not refused:
            self._print = False
            self.labelling.print_vials(work)

    def _say(self) -> None:
        """What to do now, and what Enter does."""
        work = self.work
        if work is None:
            return
        begun = self.table.begun()
        self._now.setText(self._now_words(work))
        for key in ("P", "="):
            self.buttons[key].setVisible(bool(self.table.rows))
        self.buttons["V"].setVisible(not work.done)
        self.buttons["L"].setVisible(bool(self.labelling.unprinted(work)))
        if self.steps.asking:
            text = _("Record: {step}").format(step=self.steps.step_name().lower())
        elif self.processing.count.isVisible():
            text = _("Record the count")
        elif self.processing.void.isVisible() and self.processing.void.vial is not None:
            text = _("Make {vial} void").format(vial=vial_title(self.processing.void.vial))
        elif begun:
            text = ngettext("Record {count} filled vial", "Record {count} filled vials", len(begun))
        elif work.done or work.tube.state == "refused":
            text = _("Next tube")
        else:
            text = ""
        self.primary_changed.emit(text)

    def _now_words(self, work: Work) -> str:
        if work.tube.state == "refused":
            return _("Not to be stored")
        if work.done:
            return ngettext(
                "The vial is in its place.", "All {count} vials are in their places.", len(work.live)
            )
        if self.placing.box is not None:
            left = len([vial for vial in work.live if vial.id not in work.places])
            scan = ngettext("{count} vial left", "{count} vials left", left)
            return _("Scan the vials into {box} · {left}").format(
                box=self.placing.box.container.name, left=scan
            )
        if self.table.rows:
            return _("Stick the labels on, process, and type what was made")
        return _("Scan the box, then the vials")

    # Keys and scans -----------------------------------------------------------------------------------

    def take_letter(self, letter: str) -> bool:
        """A letter no field has used."""
        if self.work is None or self.work.tube.state == "refused":
            return False
        buttons = {**{one.hint: one for one in self.steps.buttons.values()}, **self.buttons}
        if letter == "E" and self.steps.running is not None:
            self.steps.end_running()
        elif letter in buttons and buttons[letter].isVisible():
            buttons[letter].click()
        else:
            return False
        return True

    def enter(self) -> bool:
        """Enter inside a step's settings or the table goes on; False when it should do the action."""
        forms = (self.processing.count, self.processing.void)
        small = next((form for form in forms if form.isVisible()), None)
        if self.steps.asking:
            return self.steps.enter()
        return small.enter() if small else self.table.enter()

    def step_back(self) -> bool:
        """Esc: no step after all, no box any more."""
        return self._close_forms() or self.placing.leave_box()

    def decides(self, scan: Scan) -> bool:
        """A vial of this tube goes into its place or proves its label."""
        work = self.work
        return work is not None and codes.number(scan.code) in {vial.id for vial in work.vials}

    def take_scan(self, scan: Scan) -> bool:
        """A box is opened, a vial goes into it or proves its label."""
        work, kind = self.work, codes.kind_of(scan.code)
        if work is None:
            return False
        if kind is CodeKind.CONTAINER:
            self.placing.use_box(scan.code)
            return True
        if kind is not CodeKind.SAMPLE or codes.number(scan.code) == work.tube.id:
            return False
        if codes.number(scan.code) not in {vial.id for vial in work.vials}:
            values = {"code": codes.group(scan.code), "tube": codes.group(work.tube.code)}
            self._desk.stop((Problem("vial", "vial-of-another-tube", values),))
        elif self.placing.ready:
            self.placing.place(scan.code)
        else:
            self.table.focus_vial(scan.code)
            if scan.carried:  # proved when it was put on
                self._desk.frame.notices.sound(Sound.ACCEPTED)
            else:
                self.labelling.check(work, scan.code)
        return True

    # Actions ------------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Do what Enter does now."""
        work = self.work
        if work is None or self._submit_small(work.tube.code):
            return
        if self.table.begun():
            self.processing.fill(self.table.begun())
        elif work.done or work.tube.state == "refused":
            self.finished.emit()

    def _submit_small(self, tube: str) -> bool:
        if self.steps.asking:
            self.processing.start_step(tube)
        elif self.processing.count.isVisible():
            self.processing.record_count(tube)
        elif self.processing.void.isVisible():
            self.processing.make_void()
        else:
            return False
        return True

    def _recorded(self) -> None:
        """Something was recorded: its form closes, the next key is the screen's."""
        self._close_forms()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close_forms(self) -> bool:
        closed = [self.steps.give_up(), self.processing.count.give_up(), self.processing.void.give_up()]
        self._say()
        return any(closed)

    def _count(self) -> None:
        self._close_forms()
        title = _("What was counted in the whole tube. An empty percentage is unknown.")
        self.processing.count.open(title)
        self._say()

    def _give_up_vial(self) -> None:
        """Give up the vial somebody is in, else the last one that is not in its place."""
        work, row = self.work, self.table.current()
        if work is None:
            return
        loose = [vial for vial in work.live if vial.id not in work.places]
        vial = row.vial if row else (loose[-1] if loose else None)
        if vial is not None:
            self._close_forms()
            self.processing.void.ask(vial)
            self._say()

    def _end_step(self, no: int) -> None:
        if self.work is not None:
            self.processing.end_step(self.work.tube.code, no)

    def _add_vial(self) -> None:
        work, row = self.work, self.table.current()
        like = row.vial if row else (work.live[-1] if work and work.live else None)
        if work is not None and like is not None:
            self.processing.add_vial(work.tube.code, like)

    def _print_again(self) -> None:
        if self.work is not None:
            self.labelling.print_again(self.work)

    def _print_added(self, made: list[str]) -> None:
        self.labelling.print_codes([codes.number(code) for code in made])

    # The box ------------------------------------------------------------------------------------------

    def _landed(self, placed: Placed) -> None:
        work = self.work
        assert work is not None
        self._flash = codes.number(placed.sample)
        left = [vial for vial in work.live if vial.id not in work.places and vial.code != placed.sample]
        self._desk.frame.notices.say(
            _("{code} lies in {box} / {position}.").format(
                code=codes.group(placed.sample), box=placed.box_name, position=placed.label
            ),
            sound=Sound.ACCEPTED if left else Sound.DONE,
        )

    def _show_box(self) -> None:
        work, view = self.work, self.placing.box
        if work is None:
            return
        if view is None:
            self._panel.show_targets(work.targets)
            self._say()
            return
        mine = {one.item_id: WellState.MINE for one in view.contents if one.donor_id == work.tube.donor_id}
        mine |= {codes.number(one.sample): WellState.PLACED for one in self.placing.placed}
        self._panel.show_box(view, mine, self._next_positions(work))
        if self._flash is not None:
            self._panel.sections[0].flash(self._flash)
            self._flash = None
        self._say()

    def _next_positions(self, work: Work) -> list[Position]:
        view = self.placing.box
        assert view is not None
        return [
            at
            for target in work.targets
            if target.proposal.box_id == view.container.id
            for at in target.proposal.positions
        ]
