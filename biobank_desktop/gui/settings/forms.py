"""Consent forms: which versions are registered, new ones from a file, the last day of one; the letterhead."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.toml import MOST_BYTES
from biobank_desktop.gui import words
from biobank_desktop.gui.desk import DONORS
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.settings.letterhead import LetterheadCard
from biobank_desktop.gui.settings.part import BenchSettings, PartWithForms
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import ProblemList
from biobank_desktop.gui.widgets.dates import DateField
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import LANGUAGES, _, ngettext, say_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.papers import LetterSettings

TABLE_PX = 360


class LastDayForm(FormCard):
    """The last day on which a version may be signed."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", _("Store the last day"), parent)
        self.version: FormVersion | None = None
        self.last_day = DateField(_("Last day"), utc_now, name="last_day", to_come=True, parent=self)
        self.add_row([self.last_day], 2)

    def begin_for(self, version: FormVersion) -> None:
        """The last day of this version."""
        self.version = version
        self.set_heading(
            _("Last day of {form}").format(form=version.id),
            _("Whoever signed until then has signed a valid form. From the next day on it is not offered."),
        )
        self.last_day.clear()
        self.begin()


class FormsPart(PartWithForms):
    """The registered versions, and where new ones come from."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self.rows: list[FormVersion] = []
        self._intro = Text(
            _(
                "A consent answers one version of a form: what that version does not ask was not asked. "
                "A registered version never changes."
            ),
            "muted",
            wrap=True,
            parent=self,
        )
        self.table = PagedTable(_columns(), desk.jobs, self, enter_opens=False)
        self.table.setAccessibleName(_("Consent forms"))
        self.table.setFixedHeight(TABLE_PX)
        self.shipped = ActionButton(_("Add the drafts that come with the program"), icon="plus", parent=self)
        self.file = ActionButton(_("Add from a file"), icon="download", hint="N", parent=self)
        self.end = ActionButton(_("Last day"), icon="calendar", hint="C", parent=self)
        self.letters = ActionButton(_("Letterhead"), icon="edit", hint="L", parent=self)
        self.problems = ProblemList(self)
        self.card = LastDayForm(self)
        self.letterhead = LetterheadCard(self)
        self._lay_out()
        self.shipped.clicked.connect(self.add_shipped)
        self.file.clicked.connect(self.begin_new)
        self.end.clicked.connect(self.begin_change)
        self.card.submitted.connect(self._store_last_day)
        self.letters.clicked.connect(self.begin_letterhead)
        self.letterhead.submitted.connect(self._store_letterhead)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.file, self.end, self.letters, self.shipped):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body.addWidget(self._intro)
        self.body.addWidget(self.table)
        self.body.addLayout(buttons)
        self.body.addWidget(self.problems)
        self.hold_forms(self.card, self.letterhead)
        self.body.addStretch(1)

    def refresh(self) -> None:
        """Read which versions are registered."""
        for button in (self.shipped, self.file, self.end, self.letters):
            button.setVisible(self.may("manage"))

        def versions(connection: Connection) -> list[FormVersion]:
            from biobank_desktop.persistence.queries import forms  # noqa: PLC0415

            return list(forms.versions(connection).values())

        self.desk.read(self, versions, self._show, newest="forms")

    def begin(self) -> None:
        """The list comes first."""
        self.table.setFocus()

    def begin_new(self) -> None:
        """Choose a file of forms."""
        if not self.may("manage"):
            return
        path, _kind = QFileDialog.getOpenFileName(self, _("Add from a file"), "", _("Consent forms (*.toml)"))
        if path:
            self.take_file(Path(path))

    def begin_change(self) -> None:
        """Ask for the last day of the version under the cursor."""
        row = self._current()
        if row is not None and self.may("manage"):
            self.close_forms()
            self.card.begin_for(row)
            self.open_form(self.card)

    def begin_letterhead(self) -> None:
        """Ask for the lab's own words in letters."""
        if not self.may("manage"):
            return

        def kept(connection: Connection) -> dict[str, LetterSettings]:
            from biobank_desktop.services.papers import letter_settings  # noqa: PLC0415

            return {language: letter_settings(connection, language) for language in LANGUAGES}

        def show(words_kept: dict[str, LetterSettings]) -> None:
            self.close_forms()
            self.letterhead.begin_for(words_kept)
            self.open_form(self.letterhead)

        self.desk.read(self, kept, show, newest="letterhead")

    def _store_letterhead(self) -> None:
        from biobank_desktop.services.papers import set_letter_settings  # noqa: PLC0415

        card = self.letterhead
        language, said = card.chosen_language(), card.words()
        command_id = card.ids.of((language, said))
        self._act(
            card,
            command_id,
            lambda store, actor: set_letter_settings(store, actor, language, said, command_id),
            lambda _nothing: self._letterhead_stored(),
        )

    def _letterhead_stored(self) -> None:
        self.desk.frame.notices.say(_("The letterhead is stored."), sound=Sound.ACCEPTED)
        self.close_forms()

    def add_shipped(self) -> None:
        """Register the drafts that come with the program."""
        from biobank_desktop.services.forms import shipped_forms  # noqa: PLC0415

        self._enter(shipped_forms())

    def take_file(self, path: Path) -> None:
        """Register the versions in a file."""
        self.desk.jobs.run_aside(
            self, lambda: _read(path), self._enter, failed=lambda error: self._unreadable(path, error)
        )

    def _enter(self, versions: Sequence[FormVersion]) -> None:
        from biobank_desktop.services.forms import enter_forms  # noqa: PLC0415

        command_id = self.card.ids.of(tuple(versions))
        self._act(
            self.card,
            command_id,
            lambda store, actor: enter_forms(store, actor, versions, command_id),
            self._entered,
        )

    def _entered(self, ids: object) -> None:
        count = len(ids) if isinstance(ids, list) else 0
        said = ngettext("{count} version registered.", "{count} versions registered.", count)
        if not count:
            said = _("All of them were registered before.")
        self.desk.frame.notices.say(said, sound=Sound.ACCEPTED)

    def _unreadable(self, path: Path, error: Exception) -> None:
        if isinstance(error, Rejected):
            self._refused(error.problems)
        else:
            values = {"path": str(path), "said": str(error)}
            self._refused((Problem("", "input-not-readable", values),))

    def _store_last_day(self) -> None:
        from biobank_desktop.services.forms import end_form  # noqa: PLC0415

        version, day = self.card.version, self.card.last_day.day()
        if version is None or day is None:
            self.card.show_problems((Problem("last_day", "answer-missing"),))
            return
        name = version.id
        command_id = self.card.ids.of((name, day))
        self._act(
            self.card,
            command_id,
            lambda store, actor: end_form(store, actor, name, day, command_id),
            lambda _nothing: self._ended(name),
        )

    def _ended(self, name: str) -> None:
        self.desk.frame.notices.say(
            _("The last day of {form} is stored.").format(form=name), sound=Sound.ACCEPTED
        )
        self.close_forms()

    def _act(
        self,
        card: FormCard,
        command_id: UUID,
        gesture: Callable[[Store, Actor], object],
        done: Callable[[object], None],
    ) -> None:
        self.problems.show_problems(())
        self.desk.act(
            self,
            gesture,
            done,
            topics={DONORS},
            refused=self._refused,
            once=card.ids.once(command_id),
            ended=card.rest,
        )

    def _refused(self, problems: tuple[Problem, ...]) -> None:
        card = self.opened()
        if card is None:
            self.problems.show_problems(problems)
        else:
            card.show_problems(problems)
        self.desk.frame.notices.sound(Sound.WARNING)

    def _show(self, rows: list[FormVersion]) -> None:
        at = max(self.table.currentIndex().row(), 0)
        self.rows = rows
        self.table.show_ids(
            array("q", range(len(rows))), lambda numbers: [rows[number] for number in numbers]
        )
        self.table.selectRow(min(at, len(rows) - 1))

    def _current(self) -> FormVersion | None:
        number = self.table.current_id()
        return self.rows[number] if number is not None and number < len(self.rows) else None


def _columns() -> list[Column]:
    return [
        Column(_("Form"), lambda row: row.form),
        Column(_("Version"), lambda row: row.version, 120),
        Column(_("Language"), lambda row: row.language.upper(), 90),
        Column(_("Written for"), lambda row: say_value(row.audience), 180),
        Column(_("Items"), lambda row: str(len(row.items)), 72, right=True),
        Column(_("May be signed"), _validity, 220, meaning=_meaning),
    ]


def _validity(row: FormVersion) -> str:
    if row.valid_to is None:
        return _("from {day}").format(day=words.day(row.valid_from))
    return _("until {day}").format(day=words.day(row.valid_to))


def _meaning(row: FormVersion) -> Meaning | None:
    return Meaning.PERMITTED if row.in_force(utc_now().date()) else Meaning.MISSING


def _read(path: Path) -> tuple[FormVersion, ...]:
    from biobank_desktop.services.forms import read_forms  # noqa: PLC0415

    with path.open("rb") as file:
        return read_forms(file.read(MOST_BYTES + 1), path.name)
