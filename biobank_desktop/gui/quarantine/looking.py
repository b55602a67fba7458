"""What did this touch? The cause at the left, the samples beside it; from there it can be reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.nonconformities import check_nonconformity
from biobank_desktop.domain.people import may
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui import theme, words
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.quarantine import reading, wording
from biobank_desktop.gui.quarantine.asking import AskingForm
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.row_table import RowTable
from biobank_desktop.gui.widgets.running import Running
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext
from biobank_desktop.persistence.queries.nonconformities import MOST_TOUCHED
from biobank_desktop.services import quarantine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.jobs import Job
    from biobank_desktop.gui.quarantine.reading import Touched
    from biobank_desktop.persistence.queries.nonconformities import TouchedSample
    from biobank_desktop.persistence.steps import Steps

ASKING_PX = 424


class LookPage(QWidget):
    """Looks as often as one likes; nothing is written before it is reported."""

    reported = Signal(int)
    """the number of the nonconformity"""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._ids = CommandIds()
        self._job: Job | None = None
        self._looked_for: tuple[str, ...] | None = None
        self._samples: dict[int, TouchedSample] = {}
        self._scanned: set[int] = set()
        self._held: set[int] = set()
        self._releases: dict[int, str] = {}
        self.reporting = False
        self.form = AskingForm(self)
        self.title = Text("", "title", parent=self)
        self.hint = Text("", "detail", parent=self)
        self.go = PrimaryButton("", parent=self)
        self.running = Running(_("Looking"), _("{done} of {total} containers"), self)
        self.back = ActionButton(_("Back"), Look.QUIET, hint="ESC", parent=self)
        self.count = Text("", "section", parent=self)
        self.told = Text("", "detail", wrap=True, parent=self)
        self.turn = ActionButton(_("Hold back or leave out"), hint="T", parent=self)
        self.record = ActionButton(_("Open the record"), Look.QUIET, hint="O", parent=self)
        self.report = ActionButton(_("Report this"), icon="warning", hint="R", parent=self)
        self.table = RowTable(self._columns(), _key, desk.jobs, self, several=True)
        self.table.setAccessibleName(_("Samples that were touched"))
        self.before = EmptyState(
            "search",
            _("Nobody has looked yet"),
            _("Say at the left where to look; everything that is filled in narrows it down."),
        )
        self.nothing = EmptyState(
            "permitted", _("It touched nothing"), _("No sample of this lab fits what is asked.")
        )
        self.pages = Pages(self)
        for page in (self.before, self.nothing, self.table):
            self.pages.add(page)
        self.pages.show_page(self.before)
        self._lay_out()
        self._connect()
        self._follow()

    def _connect(self) -> None:
        self.go.clicked.connect(self._go)
        self.running.stop.clicked.connect(self.stop)
        self.back.clicked.connect(self._desk.frame.step_back)
        self.turn.clicked.connect(self.turn_selected)
        self.report.clicked.connect(self.begin_report)
        self.form.changed.connect(self._follow)
        self.table.opened.connect(self._desk.show_record)

    def _lay_out(self) -> None:
        area = QScrollArea(self)
        area.setWidget(self.form)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.set_role(area, "ground")
        theme.set_role(self.form, "clear")
        asked = QWidget(self)
        asked.setFixedWidth(ASKING_PX)
        left = QVBoxLayout(asked)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(12)
        left.addWidget(area, 1)
        left.addWidget(self.form.others)
        left.addWidget(self.go)
        counted = QHBoxLayout()
        counted.setSpacing(8)
        counted.addWidget(self.count, 1)
        counted.addWidget(self.record)
        counted.addWidget(self.turn)
        counted.addWidget(self.report)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.running)
        right.addLayout(counted)
        right.addWidget(self.told)
        right.addWidget(self.pages, 1)
        both = QHBoxLayout()
        both.setSpacing(20)
        both.addWidget(asked)
        both.addLayout(right, 1)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self.hint, 1)
        head.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(both, 1)

    def _columns(self) -> list[Column]:
        return [
            Column(_("Hold"), self._mark, 84, meaning=self._marked),
            Column(_("Code"), lambda one: codes.group(one.code), 128, mono=True),
            Column(_("Material"), lambda one: words.material_name(one.material)),
            Column(_("Time point"), lambda one: one.time_point, 92),
            Column(_("Donor"), lambda one: codes.group(one.donor), 128, mono=True),
            Column(_("Where"), self._where, 224, meaning=wording.whereabouts_meaning),
        ]

    def _mark(self, sample: TouchedSample) -> str:
        return words.choice_name("yes" if sample.sample_id in self._held else "no")

    def _marked(self, sample: TouchedSample) -> Meaning | None:
        return Meaning.PROVISIONAL if sample.sample_id in self._held else None

    def _where(self, sample: TouchedSample) -> str:
        return wording.whereabouts(sample, self._releases)

    def arrive(self, *, reporting: bool) -> None:
        """Look, or report; what was typed and found is still there."""
        self.reporting = reporting
        self._desk.read(self, reading.persons, self.form.offer, newest="persons")
        self.form.ask_what(on=reporting)
        self._follow()
        (self.form.kind if reporting else self.form.device).attend()

    def begin_report(self) -> None:
        """Report what was looked at."""
        if not self.reporting and self._may_report():
            self.arrive(reporting=True)

    def looking(self) -> bool:
        """Whether the answer is awaited."""
        return self._job is not None

    def stop(self) -> None:
        """Stop looking; what was found before stays."""
        if self._job is not None:
            self._job.cancel()
            self._ended()

    def take_code(self, code: str) -> bool:
        """A scanned donor or container is the cause; a sample is held back when this is reported."""
        if self.form.take_code(code):
            self._desk.frame.notices.sound(Sound.ACCEPTED)
            return True
        if not self.reporting:
            return False
        self._desk.read(self, lambda connection: reading.one_by_one(connection, [code]), self._add)
        return True

    def turn_selected(self) -> None:
        """What is selected is held back, or left out when all of it is held back."""
        selected = {_key(one) for one in self.table.selected()}
        if self.reporting:
            self._held = self._held - selected if selected <= self._held else self._held | selected
            self._show_samples()

    def _go(self) -> None:
        if self._looks():
            self._look()
        else:
            self._report()

    def _looks(self) -> bool:
        """Whether looking is the next step: not while this very cause was looked for."""
        asked = self.form.names_a_cause() and self.form.meant() != self._looked_for
        return not self.reporting or asked

    def _look(self) -> None:
        session, problems = self._desk.session, self.form.problems()
        if session is None or self._job is not None:
            return
        if problems:
            self._refused(problems)
            return
        store, cause, meant = session.store, self.form.cause(), self.form.meant()
        self.form.show_problems(())

        def steps() -> Steps[Touched]:
            return reading.look(store, cause)

        def found(touched: Touched) -> None:
            self._ended()
            self._take(touched, meant)

        self.running.begin()
        self.go.setEnabled(False)
        job = self._desk.jobs.run_long(
            self, steps, found, failed=self._failed, progress=self.running.show_progress, newest="look"
        )
        self._job = job if self.running.isVisibleTo(self) else None

    def _take(self, touched: Touched, meant: tuple[str, ...]) -> None:
        """Show what was found; what was scanned before stays among it, and what is here is held back."""
        scanned = {number: self._samples[number] for number in self._scanned}
        self._samples = scanned | {_key(one): one for one in touched.samples}
        self._held = (self._held & self._scanned) | {_key(one) for one in touched.samples if _is_here(one)}
        self._releases |= touched.releases
        self._looked_for = meant
        self._show_samples()
        self._follow()
        self._desk.frame.notices.sound(Sound.DONE)
        if touched.samples and self.isVisible():
            self.table.setFocus()

    def _add(self, touched: Touched) -> None:
        for sample in touched.samples:
            self._samples[_key(sample)] = sample
            self._scanned.add(_key(sample))
            self._held.add(_key(sample))
        self._releases |= touched.releases
        self._show_samples()
        self._follow()
        said = words.some_codes([one.code for one in touched.samples])
        self._desk.frame.notices.say(_("To be held back: {codes}.").format(codes=said), sound=Sound.ACCEPTED)

    def _show_samples(self) -> None:
        rows = [self._samples[number] for number in sorted(self._samples)]
        self.table.show_rows(rows)
        empty = self.before if self._looked_for is None else self.nothing
        self.pages.show_page(self.table if rows else empty)
        self.count.setText(ngettext("{count} sample", "{count} samples", len(rows)) if rows else "")
        self.told.setText(self._of_those(rows))
        self.told.setVisible(bool(self.told.text()))
        self._follow()

    def _of_those(self, rows: Sequence[TouchedSample]) -> str:
        """What must be known of them: how many are here, have left, are held back already."""
        here = sum(map(_is_here, rows))
        issued = sum(one.ended == "issued" for one in rows)
        held = sum(one.ended is None and one.nonconformity is not None for one in rows)
        gone = len(rows) - here - issued - held
        said = [
            _("{count} here").format(count=here) if here else "",
            ngettext("{count} was issued", "{count} were issued", issued) if issued else "",
            ngettext("{count} is held back already", "{count} are held back already", held) if held else "",
            ngettext("{count} is used up or gone", "{count} are used up or gone", gone) if gone else "",
        ]
        if len(rows) >= MOST_TOUCHED:
            said.append(_("Only the first are shown: narrow it down."))
        return " · ".join(part for part in said if part)

    def _report(self) -> None:
        given = [one.code for number, one in sorted(self._samples.items()) if number in self._held]
        form = self.form.form(given)
        problems = self.form.problems_of_report()
        fields = {problem.field for problem in problems}
        problems += [one for one in check_nonconformity(form, utc_now()) if one.field not in fields]
        if problems:
            self._refused(problems)
            return
        command_id = self._ids.of(form)
        self.form.show_problems(())
        self.go.setEnabled(False)

        def done(no: int) -> None:
            self._forget()
            text = ngettext("{count} sample is held back.", "{count} samples are held back.", len(given))
            self._desk.frame.notices.say(text, sound=Sound.DONE)
            self.reported.emit(no)

        self._desk.act(
            self,
            lambda store, actor: quarantine.report(store, actor, form, command_id),
            done,
            topics={topics.SAMPLES},
            refused=self._refused,
            once=self._ids.once(command_id),
            ended=self._follow,
        )

    def _forget(self) -> None:
        """It is reported: the next one begins with nothing."""
        self._samples, self._scanned, self._held, self._looked_for = {}, set(), set(), None
        self.form.empty()
        self._show_samples()

    def _failed(self, error: Exception) -> None:
        self._ended()
        if isinstance(error, Rejected):
            self._refused(error.problems)
        else:
            self._desk.tell(error)

    def _refused(self, problems: Sequence[Problem]) -> None:
        self.form.show_problems(problems)
        if self.isVisible():
            self.form.attend_problem(problems)
        self._desk.frame.notices.sound(Sound.WARNING)

    def _ended(self) -> None:
        self._job = None
        self.running.hide()
        self._follow()

    def _follow(self) -> None:
        """One next step: look, then hold back."""
        self.title.setText(_("Report a nonconformity") if self.reporting else _("What did this touch?"))
        self.hint.setText("" if self.reporting else _("Nothing is written."))
        held = len(self._held)
        if self._looks():
            self.go.set_text(_("Look"))
        elif held:
            self.go.set_text(ngettext("Hold back {count} sample", "Hold back {count} samples", held))
        else:
            self.go.set_text(_("Hold back"))
        self.go.setEnabled(self.running.isHidden())
        self.record.setVisible(bool(self._samples))
        self.turn.setVisible(self.reporting and bool(self._samples))
        self.report.setVisible(not self.reporting and bool(self._samples) and self._may_report())
        self.table.setColumnHidden(0, not self.reporting)

    def _may_report(self) -> bool:
        actor = self._desk.actor
        return actor is not None and may(actor, "storage")


def _key(sample: TouchedSample) -> int:
    return sample.sample_id


def _is_here(sample: TouchedSample) -> bool:
    return sample.ended is None and sample.nonconformity is None
