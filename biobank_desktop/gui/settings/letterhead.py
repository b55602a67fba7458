"""The lab's own words in letters to families, language by language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.language import _, chosen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.services.papers import LetterSettings

_LANGUAGES = (("nl", "Nederlands", "N"), ("en", "English", "E"))
_LINES = 3


class LetterheadCard(FormCard):
    """Who writes, where the material lies, whom to ask, where the answer goes; for one language at a time."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            _("Letterhead"),
            _("What is left empty is the program's own, or room to write by hand."),
            _("Store the letterhead"),
            parent,
        )
        self._kept: Mapping[str, LetterSettings] = {}
        languages = [Choice(*one) for one in _LANGUAGES]
        self.language = ChoiceQuestion(_("Language of the letter"), languages, name="language", parent=self)
        self.lab = FieldBox(_("Who writes"), name="lab", parent=self)
        self.place = FieldBox(_("Where the material lies, in plain words"), name="place", parent=self)
        self.contact = self._lines(_("Whom to ask, line {no}"), "contact")
        self.return_to = self._lines(_("Where the answer goes, line {no}"), "return_to")
        self.add_row([self.language], 1)
        self.add_row([self.lab, self.place], 2)
        self.add_row(self.contact, _LINES)
        self.add_row(self.return_to, _LINES)
        self.language.chosen.connect(self._show)

    def _lines(self, label: str, name: str) -> list[FieldBox]:
        return [FieldBox(label.format(no=no + 1), name=f"{name}[{no}]", parent=self) for no in range(_LINES)]

    def begin_for(self, kept: Mapping[str, LetterSettings]) -> None:
        """Show what is kept, that of the language spoken now first."""
        self._kept = kept
        self.language.set_value(chosen())
        self._show(chosen())
        self.begin()

    def _show(self, language: object) -> None:
        said = self._kept[str(language)]
        self.lab.set_text(said.lab)
        self.place.set_text(said.place)
        for fields, lines in ((self.contact, said.contact), (self.return_to, said.return_to)):
            for field, line in zip(fields, (*lines, *[""] * _LINES), strict=False):
                field.set_text(line)

    def chosen_language(self) -> str:
        """The language whose words are shown."""
        return str(self.language.value())

    def words(self) -> LetterSettings:
        """The words as they are filled in."""
        from biobank_desktop.services.papers import LetterSettings  # noqa: PLC0415

        return LetterSettings(
            lab=self.lab.text().strip(),
            place=self.place.text().strip(),
            contact=tuple(field.text().strip() for field in self.contact),
            return_to=tuple(field.text().strip() for field in self.return_to),
        )
