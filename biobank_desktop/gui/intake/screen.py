"""Intake: the heart of the bench, from an unknown tube to its vials in their box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.printing import HANDED_OVER
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import Command, Scan, ScanKind
from biobank_desktop.gui import words as say_words
from biobank_desktop.gui.desk import DONORS, LABELS, SAMPLES, STORAGE
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.intake.draft import Draft
from biobank_desktop.gui.intake.lookups import Foreign, Work, foreign, names
from biobank_desktop.gui.intake.panel import IntakePanel
from biobank_desktop.gui.intake.receiving import ReceivingPage
from biobank_desktop.gui.intake.work_page import WorkPage
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import Card, EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.stepper import Step, Stepper, StepState
from biobank_desktop.gui.widgets.texts import ElidedText, Text
from biobank_desktop.language import _
from biobank_desktop.services.intake import earlier_receipt

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.domain.intake import EarlierReceipt
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.services.intake import Received


class IntakeScreen(Screen):
    """Waits for a tube, asks what it is, registers it, and goes on until everything lies in its place."""

    title = ""
    help_text = ""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Receive a tube")
        self.help_text = _(
            "Scan the tube, then the donor on the request form. Answer each question with its letter; Enter "
            "goes to the next one and, behind the last, registers and prints. Then type what was made in "
            "each vial, scan the box and scan the vials into it. Ctrl+Z takes back the last scan."
        )
        self._desk = desk
        self.panel = IntakePanel(desk, self)
        self.panel.hide()
        self.primary = PrimaryButton("", parent=self)
        self.primary.clicked.connect(self._submit)
        self.primary.hide()
        self.receiving = ReceivingPage(desk, self.panel, self)
        self.working = WorkPage(desk, self.panel, self)
        self._draft = Draft(desk, self.receiving, self)
        self._lay_out()
        self._connect()
        self._wait_for_tube()

    def _lay_out(self) -> None:
        self._heading = Text(self.title, "title", parent=self)
        self._fact = ElidedText("", "detail", parent=self)
        self.clear_button = ActionButton(
            _("Clear the form"), Look.QUIET, icon="cross", height_px=32, parent=self
        )
        self._stepper = Stepper(self)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._heading)
        head.addWidget(self._fact, 1)
        head.addWidget(self.clear_button)
        self._waiting = Card(parent=self)
        self._waiting.body.addWidget(
            EmptyState(
                "scan",
                _("Scan the tube"),
                _(
                    "Its code from the diagnostic laboratory opens the form. Without a scanner, type it in "
                    "the scan field (Ctrl+F)."
                ),
                parent=self._waiting,
            )
        )
        self._pages = Pages(self)
        for page in (self._waiting, self.receiving, self.working):
            self._pages.add(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 10, 20, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._stepper)
        column.addWidget(self._pages, 1)

    def _connect(self) -> None:
        self.clear_button.clicked.connect(self._clear)
        self.receiving.received.connect(self._received)
        self.receiving.changed.connect(self._draft.touch)
        self.receiving.complete.connect(self.primary.setFocus)
        self.receiving.primary_changed.connect(self._offer)
        self.working.primary_changed.connect(self._offer)
        self.working.seen.connect(self._seen)
        self.working.finished.connect(self._wait_for_tube)
        self._desk.changed.connect(self._facts_changed)
        self._desk.person_changed.connect(self._person_changed)
        self._desk.frame.undo_wanted.connect(self._undo)
        self._draft.saved.connect(self._say_saved)

    # Coming and going ---------------------------------------------------------------------------------

    def arrive(self, **arguments: Any) -> None:
        """``tube``: a foreign code that was scanned; ``resume``: the draft; ``work``: a registered tube."""
        self._desk.read(self, names, self.panel.use_names, newest="names")
        tube, work = arguments.get("tube"), arguments.get("work")
        if work is not None:
            self._go_on(int(work), print_labels=False)
        elif tube:
            self._tube_scanned(str(tube))
        elif self._pages.shown() is self._waiting or arguments.get("resume"):
            self._resume()
        self._show_panel()
        self._find_focus()

    def leave(self) -> None:
        """The draft is kept now."""
        self._draft.save()

    def _show_panel(self) -> None:
        if self._desk.frame.shown_screen() is not self:
            return
        if self._pages.shown() is self._waiting:
            self._desk.frame.context.clear()
        else:
            footer = self.primary if self.primary.text() else None
            self._desk.frame.show_beside(self, self.panel, footer)
        self.set_primary(self.primary if self.primary.text() else None)

    def _find_focus(self) -> None:
        if self._pages.shown() is self.receiving:
            if self.receiving.sheet.focused() is None and not self.receiving.sheet.advance():
                self.primary.setFocus()
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _wait_for_tube(self) -> None:
        self._go_to(self._waiting)
        self._fact.setText("")
        self._offer("")
        self._steps(0)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_to(self, page: QWidget) -> None:
        self._pages.show_page(page)
        self.clear_button.setVisible(page is self.receiving)

    # Scans --------------------------------------------------------------------------------------------

    def take_scan(self, scan: Scan) -> bool:
        """Whatever is scanned during an intake belongs to it, as far as it can."""
        if scan.kind is ScanKind.COMMAND:
            return self._command(scan.command)
        if self._pages.shown() is self.receiving:
            return self._scan_in_form(scan)
        if scan.kind is ScanKind.OWN and self._pages.shown() is self.working:
            return self.working.take_scan(scan)
        return False

    def decides(self, scan: Scan) -> bool:
        """Whose tube it is, where a vial goes, or that a label is on the right one."""
        if scan.kind is not ScanKind.OWN:
            return False
        if self._pages.shown() is self.receiving:
            return codes.kind_of(scan.code) is CodeKind.DONOR
        return self._pages.shown() is self.working and self.working.decides(scan)

    def _command(self, command: Command | None) -> bool:
        if command is Command.NEXT_BOX:
            return self.working.placing.leave_box()
        letter = {Command.PRINT: "L", Command.FILL: "P", Command.VOID: "V"}.get(command) if command else None
        return letter is not None and self.working.isVisible() and self.working.take_letter(letter)

    def _scan_in_form(self, scan: Scan) -> bool:
        if scan.kind is ScanKind.OWN:
            if codes.kind_of(scan.code) is not CodeKind.DONOR:
                return False
            self.receiving.identity.scan(scan.code)
            return True
        if scan.code == self.receiving.tube_code:
            self._desk.frame.notices.sound(Sound.ACCEPTED)
            return True
        code = scan.code
        self._desk.read(self, lambda connection: foreign(connection, code), self._foreign)
        return True

    def _foreign(self, found: Foreign) -> None:
        """A foreign code in the middle of a form: a laboratory number of the donor, or another tube."""
        sheet = self.receiving.sheet
        if found.tube_id is not None:
            self._tube_scanned(found.code)
        elif found.donor is not None and sheet.known is None:
            self._desk.frame.notices.sound(Sound.ACCEPTED)
            self.receiving.identity.use(found.donor)
        elif found.donor is not None or sheet.focused() is sheet.second:
            sheet.second.set_text(found.code)
            self.receiving.identity.check()
        elif sheet.focused() is sheet.donor:
            sheet.donor.set_text(found.code)
            self.receiving.identity.look()
        else:
            self._one_at_a_time(found.code)

    def _tube_scanned(self, code: str) -> None:
        """Another tube: never received before, or a hard stop that says by whom and when."""

        def read(connection: Connection) -> EarlierReceipt | None:
            return earlier_receipt(connection, code)

        def answer(earlier: EarlierReceipt | None) -> None:
            if earlier is not None:
                values = {"code": earlier.code, "by": earlier.by, "at": earlier.at}
                self._desk.stop((Problem("tube_code", "tube-received-before", values),))
                return
            if self._pages.shown() is not self.receiving:
                self._resume()
            if self.receiving.tube_code not in {"", code}:
                self._one_at_a_time(code)
            elif self.receiving.tube_code != code:
                self._begin(code)

        self._desk.read(self, read, answer, newest="tube")

    def _one_at_a_time(self, code: str) -> None:
        self._desk.frame.notices.warn(
            _(
                "Tube {now} is not registered yet. Register it or clear the form, then scan {next} again."
            ).format(now=self.receiving.tube_code, next=code)
        )

    def _begin(self, code: str) -> None:
        self._desk.frame.notices.sound(Sound.ACCEPTED)
        self._go_to(self.receiving)
        self.receiving.begin(code, utc_now())
        self._draft.touch()
        self._form_shown()

    def _form_shown(self) -> None:
        self._fact.setText(_("Tube {code} · new").format(code=self.receiving.tube_code))
        self._steps(1)
        self._show_panel()

    # The draft ----------------------------------------------------------------------------------------

    def _resume(self) -> None:
        kept = self._draft.load()
        if kept is None or self._pages.shown() is self.receiving:
            return
        self._go_to(self.receiving)
        self.receiving.restore(kept)
        self._form_shown()
        self._desk.frame.notices.say(
            _("Your unfinished receipt of tube {code} is back; the second identifier is asked again.").format(
                code=self.receiving.tube_code
            )
        )

    def _clear(self) -> None:
        """Give the form up; Ctrl+Z brings it back."""
        self._draft.put_aside()
        self.receiving.tube_code = ""
        self._wait_for_tube()
        self._show_panel()
        self._desk.frame.notices.say(_("The form is cleared. Ctrl+Z brings it back."))

    def _person_changed(self) -> None:
        """Everybody finds their own half-filled form."""
        if self._draft.owner_left() and self._pages.shown() is self.receiving:
            self.receiving.tube_code = ""
            self._wait_for_tube()
            if self._desk.frame.shown_screen() is self:
                self.arrive()

    def _say_saved(self) -> None:
        if self._pages.shown() is self.receiving:
            self._fact.setText(_("Tube {code} · new · draft saved").format(code=self.receiving.tube_code))

    # Registered ---------------------------------------------------------------------------------------

    def _received(self, received: Received) -> None:
        self._draft.remove()
        self._desk.frame.notices.sound(Sound.ACCEPTED)
        self._go_on(codes.number(received.tube), print_labels=bool(received.vials))
        self._find_focus()

    def _go_on(self, tube_id: int, *, print_labels: bool) -> None:
        self._go_to(self.working)
        self._offer("")
        self.working.begin(tube_id, print_labels=print_labels)

    def _seen(self, work: Work) -> None:
        if self._pages.shown() is self.working:
            received = say_words.moment(work.receipt.received_at)
            material = say_words.material_name(work.tube.material)
            self._fact.setText(
                f"{codes.group(work.tube.code)} · {material} · {work.tube.time_point} · "
                + _("received {moment}").format(moment=received)
            )
            self._steps(2, work)

    def _facts_changed(self, topics: frozenset[str]) -> None:
        if topics & {SAMPLES, STORAGE, LABELS} and self._pages.shown() is self.working:
            self.working.refresh()
        elif topics & {SAMPLES, STORAGE, DONORS} and self._pages.shown() is self.receiving:
            self.receiving.refresh()

    # Keys ---------------------------------------------------------------------------------------------

    def take_key(self, event: QKeyEvent) -> bool:
        """Enter and letters that no field has used, Space for more choices, Ctrl+N for a new donor."""
        page = None if event.isAutoRepeat() else self._pages.shown()  # a key held down is one wish
        if page is self.receiving:
            if event.matches(QKeySequence.StandardKey.New):
                self.receiving.new_donor()
                return True
            if event.key() == Qt.Key.Key_Space and self.receiving.turn_choices():
                return True
            if self.receiving.enter(event):
                return True
        elif page is self.working:
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.working.enter():
                return True
            if event.modifiers() in _PLAIN and self.working.take_letter(event.text().upper()):
                return True
        return super().take_key(event)

    def step_back(self) -> bool:
        """Esc: out of the donor's sheet, no step after all, no box any more."""
        if self._pages.shown() is self.receiving:
            return self.receiving.leave_donor()
        return self._pages.shown() is self.working and self.working.step_back()

    def _submit(self) -> None:
        page = self._pages.shown()
        if page is self.receiving:
            self.receiving.submit()
        elif page is self.working:
            self.working.submit()

    def _undo(self) -> None:
        if self._desk.frame.shown_screen() is not self:
            return
        if self._pages.shown() is self.working:
            self.working.placing.undo()
        elif self._pages.shown() is self._waiting and self._draft.bring_back():
            self._resume()
            self._find_focus()

    def _offer(self, text: str) -> None:
        """What Enter does now; nothing when only a scan goes on."""
        if text == self.primary.text():
            return
        appears = bool(text) != bool(self.primary.text())
        self.primary.set_text(text)
        if appears or self._desk.frame.context.shown() is not self.panel:
            self._show_panel()

    def _steps(self, now: int, work: Work | None = None) -> None:
        """Steps done stay in view as facts."""
        facts = ["", "", "", "", ""]
        if now == 1:
            facts[0] = self.receiving.tube_code
        if work is not None:
            now = self._stage(work)
            count = len(work.live)
            handed = sum(work.labels.get(vial.id) in HANDED_OVER for vial in work.live)
            filled = sum(vial.state == "filled" for vial in work.live)
            placed = sum(vial.id in work.places for vial in work.live)
            facts = [work.tube_code, f"{work.tube.material} · {work.tube.time_point}"]
            facts += [_("{count} of {all}").format(count=one, all=count) for one in (handed, filled, placed)]
        titles = [_("Tube"), _("What it is"), _("Labels"), _("Filled"), _("In the box")]
        if work is not None and work.tube.state == "refused":
            titles[2:], facts[2:], now = [_("Destroy or give back")], [""], 2
        states = [
            StepState.DONE if index < now else StepState.NOW if index == now else StepState.LATER
            for index in range(len(titles))
        ]
        self._stepper.set_steps([Step(*each) for each in zip(titles, states, facts, strict=True)])

    def _stage(self, work: Work) -> int:
        if any(work.labels.get(vial.id) not in HANDED_OVER for vial in work.live):
            return 2
        if any(vial.state == "planned" for vial in work.live):
            return 3
        return 5 if work.done else 4


_PLAIN = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
)
