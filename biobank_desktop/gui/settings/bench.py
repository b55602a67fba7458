"""The bench: its name, language, colours, sounds and lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.texts import identifier, text_problem
from biobank_desktop.gui import theme
from biobank_desktop.gui.settings.part import BenchSettings, Part
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton, QWidget

    from biobank_desktop.gui.desk import Desk

LOCK_AT_MOST_MINUTES = 30
_LANGUAGES = (("en", "English", "E"), ("nl", "Nederlands", "N"))


class BenchPart(Part):
    """Name and lock in a form; language, colours and sounds are kept at once, seen and heard."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self.form = FormCard(_("This bench"), "", _("Store"), self)
        self.name = FieldBox(_("Name, as the history shows it"), name="bench", parent=self)
        self.lock = FieldBox(_("Lock after"), name="lock", hint=_("minutes, at most 30"), parent=self)
        languages = [Choice("system", _("As the computer"), "A")]
        languages += [Choice(code, word, key) for code, word, key in _LANGUAGES]
        self.language = ChoiceQuestion(
            _("Language (from the next start)"), languages, name="language", parent=self
        )
        schemes = (
            ("system", _("As the computer"), "C"),
            ("light", _("Light"), "L"),
            ("dark", _("Dark"), "D"),
        )
        self.theme = ChoiceQuestion(
            _("Colours"), [Choice(*scheme) for scheme in schemes], name="theme", parent=self
        )
        sounds = (
            (0, _("Off"), "0"),
            (40, _("Soft"), "7"),
            (80, _("Normal"), "8"),
            (100, _("Loud"), "9"),
        )
        self.sounds = ChoiceQuestion(
            _("Sounds"), [Choice(*each) for each in sounds], name="volume", parent=self
        )
        self.form.add_row([self.name, self.lock], 2)
        self.form.cancel.hide()
        self.form.submitted.connect(self._store)
        self.language.chosen.connect(self._choose_language)
        self.theme.chosen.connect(self._choose_colours)
        self.sounds.chosen.connect(self._choose_sounds)
        self.body.addWidget(self.form)
        senses = Card(_("Language, colours, sounds"), self)
        for question in (self.language, self.theme, self.sounds):
            senses.body.addWidget(question)
        self.body.addWidget(senses)
        self.body.addStretch(1)

    def primary(self) -> QAbstractButton | None:
        """Storing the form."""
        return self.form.primary

    def begin(self) -> None:
        """Show what is kept now."""
        session = self.desk.session
        assert session is not None
        kept = session.settings
        self.name.set_text(kept.bench)
        self.lock.set_text(str(kept.lock_after_minutes))
        self.language.set_value(kept.language)
        self.theme.set_value(kept.theme)
        volumes = (0, 40, 80, 100)
        nearest = min(volumes, key=lambda volume: abs(volume - kept.volume_percent))
        self.sounds.set_value(nearest if kept.sounds else 0)
        self.form.show_problems(())

    def _choose_language(self, language: object) -> None:
        self.bench.change(language=str(language))

    def _choose_colours(self, scheme: object) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, theme.Scheme(scheme))
        self.bench.change(theme=str(scheme))

    def _choose_sounds(self, volume: object) -> None:
        percent = int(str(volume))
        sounds = self.desk.frame.notices.sounds
        sounds.enabled = percent > 0
        if percent:
            sounds.set_volume(percent / 100)
            self.bench.change(sounds=True, volume_percent=percent)
        else:
            self.bench.change(sounds=False)
        sounds.play(Sound.ACCEPTED)

    def _store(self) -> None:
        name = identifier(self.name.text())
        problem = text_problem(name, "bench") if name else Problem("bench", "answer-missing")
        problems = [problem] if problem else []
        minutes = parse_whole(self.lock.text()) or 0
        if not 1 <= minutes <= LOCK_AT_MOST_MINUTES:
            problems.append(Problem("lock", "lock-minutes", {"most": LOCK_AT_MOST_MINUTES}))
        self.form.show_problems(problems)
        if problems:
            self.desk.frame.notices.sound(Sound.WARNING)
            return
        self.bench.change(bench=name, lock_after_minutes=minutes)
        self.desk.frame.notices.say(_("The settings of this bench are kept."), sound=Sound.ACCEPTED)
