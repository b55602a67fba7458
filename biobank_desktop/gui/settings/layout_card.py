"""The form of a layout: its stock, what stands where, and how it would look, while it is typed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.gui.settings.layout_elements import ElementsEditor
from biobank_desktop.gui.settings.layout_preview import LayoutPreview
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.labels.templates import Template
    from biobank_desktop.labels.typed import TypedTemplate
    from biobank_desktop.services.templates import NewTemplate

PAUSE_MS = 250
"""So long nobody types before the layout is drawn again."""


@dataclass(frozen=True)
class Begun:
    """What somebody begins with: a template, the version that was the newest then, "" for another name."""

    template: Template
    name: str
    version: int | None


class LayoutCard(FormCard):
    """A layout of the lab's own."""

    paused = Signal()
    """somebody has typed and rests: what is typed can be drawn"""

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        super().__init__("", "", _("Try it and keep it"), parent)
        self._layout: TypedTemplate | None = None
        self._begun_on: int | None = None
        self.name_field = FieldBox(_("Known as"), name="name", parent=self)
        self.title_field = FieldBox(_("Title"), name="title", parent=self)
        self.dpi = FieldBox(_("For printers of"), name="dpi", hint="dpi", parent=self)
        self.sizes = {
            key: FieldBox(label, name=f"stock.{key}", hint="mm", parent=self)
            for key, label in (
                ("width_mm", _("Width of the label")),
                ("height_mm", _("Height of the label")),
                ("safe_mm", _("Edge without ink")),
                ("tube_mm", _("Tube it goes round")),
            )
        }
        self.preview = LayoutPreview(self)
        self.elements = ElementsEditor(jobs, self)
        self.elements.add_beside(self.preview.tube)
        self._cut = Text("", "muted", wrap=True, parent=self)
        self.add_row([self.name_field, self.title_field, self.dpi], 3)
        self.add_row(list(self.sizes.values()), 4)
        self.rows.addWidget(self._cut)
        self.rows.addWidget(self.preview)
        self.rows.addWidget(self.elements)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.paused)
        for field in (self.title_field, self.name_field, self.dpi, *self.sizes.values()):
            field.changed.connect(self._edited)
        self.elements.changed.connect(self._edited)

    def begin_with(self, begun: Begun, dpi: int) -> None:
        """Begin with a template; one that changes keeps its name."""
        from biobank_desktop.labels.typed import typed  # noqa: PLC0415

        self._layout = None
        layout = typed(begun.template)
        title = begun.template.title
        self.set_heading(
            _("Change {name}").format(name=title)
            if begun.name
            else _("A layout like {name}").format(name=title)
        )
        self._begun_on = begun.version
        self.name_field.set_text(begun.name)
        self.name_field.editor.setReadOnly(bool(begun.name))
        self.title_field.set_text(layout.title)
        self.dpi.set_text(str(dpi))
        for key, field in self.sizes.items():
            field.set_text(layout.size[key])
        self._cut.setText(_cut_words(begun.template))
        self._cut.setVisible(bool(self._cut.text()))
        self._layout = layout
        self.elements.show_elements(layout.label, layout.elements)
        self.begin()
        if begun.name:
            self.title_field.attend()
        self.paused.emit()

    def new(self) -> NewTemplate:
        """The layout as it is typed, right or wrong."""
        from biobank_desktop.services.templates import NewTemplate  # noqa: PLC0415

        return NewTemplate(self.name_field.text(), self._typed().toml(), self.resolution(), self._begun_on)

    def unreadable(self) -> list[Problem]:
        """What no reader of templates sees: words that fit no choice."""
        return self.elements.unreadable()

    def _typed(self) -> TypedTemplate:
        assert self._layout is not None
        return replace(
            self._layout,
            title=self.title_field.text(),
            size={key: field.text() for key, field in self.sizes.items()},
            elements=self.elements.entries(),
        )

    def resolution(self) -> int:
        """The dots an inch that are typed, 0 where nobody can read them."""
        return parse_whole(self.dpi.text()) or 0

    def lay_problems(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong without taking the cursor from where somebody types."""
        self.lay(self._with_entries([*map(_in_words, problems), *self.unreadable()]))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say it, and go to the first."""
        super().show_problems(self._with_entries([_in_words(problem) for problem in problems]))
        self.elements.attend_to(problems)

    def _with_entries(self, problems: Sequence[Problem]) -> list[Problem]:
        """Those of elements are shown with them; the others are returned."""
        self.elements.show_problems([one for one in problems if self.elements.owns(one)])
        return [one for one in problems if not self.elements.owns(one)]

    def _edited(self) -> None:
        if self._layout is not None:
            self._pause.start()


def _in_words(problem: Problem) -> Problem:
    """What a file says of its entries by their keys, said of a field that has a name of its own."""
    if problem.code != "template-value-wrong":
        return problem
    return replace(problem, code="length-unreadable")


def _cut_words(template: Template) -> str:
    """How the stock is cut, where it is more than one rectangle; that comes with a file."""
    stock = template.stock
    said = []
    if len(stock.parts) > 1:
        names = {"side": _("side"), "cap": _("dot for the cap"), "tail": _("clear tail")}
        said.append(_("Parts: {parts}.").format(parts=", ".join(names[one.kind] for one in stock.parts)))
    if stock.sheet is not None:
        said.append(
            _("On sheets of {columns} × {rows}.").format(columns=stock.sheet.columns, rows=stock.sheet.rows)
        )
    return " ".join([*said, _("How the stock is cut comes from a file.")]) if said else ""
