"""The form of a layout: its stock, what stands where, and how it would look, while it is typed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.domain.labels import FIELDS
from biobank_desktop.domain.problems import stops
from biobank_desktop.gui import words
from biobank_desktop.gui.settings.layout_elements import ElementsEditor
from biobank_desktop.gui.settings.layout_parts import PartsEditor
from biobank_desktop.gui.settings.layout_preview import LayoutPreview
from biobank_desktop.gui.settings.layout_sheet import COUNTS, SheetEditor
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import RestingForm
from biobank_desktop.gui.widgets.picks import Pick, PickField
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.labels.typed import TypedTemplate
    from biobank_desktop.services.templates import NewTemplate

PAUSE_MS = 250
"""So long nobody types before the layout is drawn again."""


@dataclass(frozen=True)
class Begun:
    """What somebody begins with: a layout, the version that was the newest then, "" for another name."""

    layout: TypedTemplate
    name: str
    version: int | None


class LayoutCard(RestingForm):
    """A layout of the lab's own."""

    paused = Signal()
    """somebody has typed and rests: what is typed can be drawn"""

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        super().__init__("", "", _("Try it and keep it"), parent)
        self._filling = False
        self._begun_on: int | None = None
        self.name_field = FieldBox(_("Known as"), name="name", parent=self)
        self.title_field = FieldBox(_("Title"), name="title", parent=self)
        labels = [Pick(label, words.choice_name(f"label-{label}")) for label in FIELDS]
        self.label_field = PickField(_("For"), labels, name="label", parent=self)
        self.sizes = {
            key: FieldBox(label, name=f"stock.{key}", hint="mm", parent=self)
            for key, label in (
                ("width_mm", _("Width of the label")),
                ("height_mm", _("Height of the label")),
                ("safe_mm", _("Edge without ink")),
                ("tube_mm", _("Tube it goes round")),
            )
        }
        self.dpi = FieldBox(_("For printers of"), name="dpi", hint="dpi", parent=self)
        self.preview = LayoutPreview(self)
        self.parts = PartsEditor(self._size, jobs, self)
        self.sheet = SheetEditor(self._size, self)
        self.elements = ElementsEditor(jobs, self)
        self.elements.add_beside(self.preview.tube)
        self.add_row([self.name_field, self.title_field, self.label_field], 3)
        self.add_row([*self.sizes.values(), self.dpi], 5)
        self.rows.addWidget(self.preview)
        self.rows.addWidget(self.parts)
        self.add_group(self.sheet, [self.sheet.way, *self.sheet.fields.values()])
        self.rows.addWidget(self.elements)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.paused)
        for field in (self.title_field, self.name_field, self.dpi, *self.sizes.values()):
            field.changed.connect(self._edited)
        for editor in (self.parts, self.sheet, self.elements):
            editor.changed.connect(self._edited)
        self.label_field.changed.connect(self._made_for)

    def begin_with(self, begun: Begun, dpi: int) -> None:
        """Begin with a layout; one that changes keeps its name and what it is for."""
        layout = begun.layout
        if begun.name:
            heading = _("Change {name}").format(name=layout.title)
        else:
            heading = (
                _("A layout like {name}").format(name=layout.title) if layout.title else _("A new layout")
            )
        self.set_heading(heading)
        self._begun_on = begun.version
        self._filling = True
        self.name_field.set_text(begun.name)
        self.name_field.editor.setReadOnly(bool(begun.name))
        self.label_field.setEnabled(not begun.name)
        self.title_field.set_text(layout.title)
        self.label_field.set_value(layout.label)
        self.dpi.set_text(str(dpi))
        for key, field in self.sizes.items():
            field.set_text(layout.size[key])
        self.parts.show_entries(layout.parts)
        self.sheet.begin_with(layout.sheet)
        self.elements.show_elements(layout.label, layout.elements)
        self._filling = False
        self.begin()
        if begun.name:
            self.title_field.attend()
        self.paused.emit()

    def new(self) -> NewTemplate:
        """The layout as it is typed, right or wrong."""
        from biobank_desktop.services.templates import NewTemplate  # noqa: PLC0415

        return NewTemplate(self.name_field.text(), self._typed().toml(), self.resolution(), self._begun_on)

    def hurry(self) -> None:
        """Whoever wants it tried does not rest first: what was just typed is drawn before, not after."""
        if self._pause.isActive():
            self.stop_pause()
            self.paused.emit()

    def stop_pause(self) -> None:
        """What was typed is not drawn any more."""
        self._pause.stop()

    def unreadable(self) -> list[Problem]:
        """What no reader of templates sees: words that fit no choice."""
        return [*self.parts.unreadable(), *self.elements.unreadable()]

    def _typed(self) -> TypedTemplate:
        from biobank_desktop.labels.typed import TypedTemplate  # noqa: PLC0415

        return TypedTemplate(
            self.title_field.text(),
            self.label_field.value() or self.label_field.text(),
            self._size(),
            self.elements.entries(),
            self.parts.entries(),
            self.sheet.answers(),
        )

    def _size(self) -> dict[str, str]:
        return {key: field.text() for key, field in self.sizes.items()}

    def resolution(self) -> int:
        """The dots an inch that are typed, 0 where nobody can read them."""
        return parse_whole(self.dpi.text()) or 0

    def lay_problems(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong without taking the cursor from where somebody types."""
        self.lay(self._without_entries(self._all(problems)))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say it, and go to the first."""
        rest = self._without_entries(self._all(problems))
        super().show_problems(rest)
        beside = any(problem.field in self._fields for problem in stops(rest))
        if not beside and not self.parts.attend_to_first():
            self.elements.attend_to_first()

    def _all(self, problems: Sequence[Problem]) -> list[Problem]:
        """What the reader says in the form's words, and what it does not see."""
        unreadable = self.unreadable()
        known = {problem.field for problem in unreadable}
        return [*(_in_words(one) for one in problems if one.field not in known), *unreadable]

    def _without_entries(self, problems: Sequence[Problem]) -> list[Problem]:
        """Those of parts and elements are shown with them; the others are returned."""
        rest = list(problems)
        for editor in (self.parts, self.elements):
            editor.show_problems([one for one in rest if editor.owns(one)])
            rest = [one for one in rest if not editor.owns(one)]
        return rest

    def _edited(self) -> None:
        if not self._filling:
            self._pause.start()

    def _made_for(self) -> None:
        """A label for something else has other fields to show."""
        label = self.label_field.value()
        if label is not None and not self._filling:
            self.elements.show_elements(label, self.elements.entries())
            self._pause.start()


def _in_words(problem: Problem) -> Problem:
    """What a file says of its entries by their keys, said of a field that has a name of its own."""
    if problem.code == "template-value-wrong" and not problem.values["value"]:
        return replace(problem, code="answer-missing")
    if problem.code == "template-value-wrong":
        is_count = problem.field.rpartition(".")[2] in COUNTS
        return replace(problem, code="sheet-count-wrong" if is_count else "length-unreadable")
    if problem.field == "label" and problem.code == "template-word-unknown":
        return replace(problem, code="answer-unreadable")
    return problem
