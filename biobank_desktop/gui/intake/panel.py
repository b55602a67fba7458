"""Beside the work: the consent verdict, the labels as they will be, the boxes the vials go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.gui import words
from biobank_desktop.gui.boxviews import Shape, free_text, wells
from biobank_desktop.gui.widgets.boxmap import BoxMap, WellState
from biobank_desktop.gui.widgets.cards import Section, clear_layout
from biobank_desktop.gui.widgets.label_preview import LabelPreview
from biobank_desktop.gui.widgets.verdicts import VerdictCard
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Decision
    from biobank_desktop.domain.grids import Position
    from biobank_desktop.domain.labels import Label
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.intake.lookups import Target
    from biobank_desktop.labels.templates import Template
    from biobank_desktop.services.records import BoxView

PREVIEW_DPI = 300
_SHOWN = 2
_TALLEST_PX = 22
"""Wells of a box that shares the panel with another one."""


class BoxSection(Section):
    """One box with what lies in it."""

    def __init__(self, view: BoxView, widest_px: int, parent: QWidget | None = None) -> None:
        super().__init__(view.container.name, f"{free_text(view)} · {_outer(view.path)}", parent)
        self.view = view
        self._shape = Shape.of(view.grid)
        self.map = BoxMap(widest_px=widest_px, parent=self)
        self._shape.draw(self.map)
        self.body.addWidget(self.map)

    def show_wells(
        self, names: Mapping[str, str], states: Mapping[int, WellState], proposed: Sequence[Position]
    ) -> None:
        """Mark what lies there (put there by whom: ``names`` by login), and where the next ones could go."""
        self.map.set_wells(wells(self.view, self._shape, names, states, proposed))

    def flash(self, item_id: int) -> None:
        """Show that this vial landed here."""
        for content in self.view.contents:
            if content.item_id == item_id:
                self.map.flash(self._shape.place((content.row_no, content.column_no)))


class IntakePanel(QWidget):
    """What stands in the context panel during an intake."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self.verdict = VerdictCard(self)
        self._labels = Section(_("Labels"), parent=self)
        self._previews = QHBoxLayout()
        self._previews.setSpacing(8)
        self._labels.body.addLayout(self._previews)
        self._boxes = QVBoxLayout()
        self._boxes.setSpacing(16)
        self.sections: list[BoxSection] = []
        self.names: Mapping[str, str] = {}
        column.addWidget(self.verdict)
        column.addWidget(self._labels)
        column.addLayout(self._boxes)
        self.show_labels((), "")

    def use_names(self, names: Mapping[str, str]) -> None:
        """The names of persons by login."""
        self.names = names

    def show_decision(self, decision: Decision | None) -> None:
        """The gate's word; none while donor or material is missing."""
        if decision is None:
            self.verdict.show_nothing()
        else:
            self.verdict.show_verdict(words.verdict(decision))

    def show_labels(self, labels: Sequence[Label], detail: str) -> None:
        """The first labels, drawn as they are printed."""
        self._labels.setVisible(bool(labels))
        self._labels.set_heading(_("Labels"), detail)
        if not labels:
            return
        shown = list(labels[:_SHOWN])

        def drawn(usual: Template) -> None:
            self._desk.jobs.run_aside(
                self, lambda: _pictures(usual, shown), self._draw, failed=self._desk.tell, newest="labels"
            )

        self._desk.read(self, _usual, drawn, newest="usual")

    def _draw(self, pictures: list[bytes]) -> None:
        clear_layout(self._previews)
        for picture in pictures:
            preview = LabelPreview(parent=self)
            preview.set_png(picture)
            preview.setFixedSize(150, 66)
            self._previews.addWidget(preview)
        self._previews.addStretch(1)

    def show_targets(self, targets: Sequence[Target]) -> None:
        """The proposed boxes, each once, the proposed positions in them."""
        by_box: dict[int, list[Position]] = {}
        views: dict[int, BoxView] = {}
        for target in targets:
            views[target.proposal.box_id] = target.view
            by_box.setdefault(target.proposal.box_id, []).extend(target.proposal.positions)
        self._rebuild(list(views.values()))
        for section in self.sections:
            section.show_wells(self.names, {}, by_box[section.view.container.id])

    def show_box(self, view: BoxView, states: Mapping[int, WellState], proposed: Sequence[Position]) -> None:
        """The one box that is being filled."""
        self._rebuild([view])
        self.sections[0].show_wells(self.names, states, proposed)

    def _rebuild(self, views: Sequence[BoxView]) -> None:
        if [section.view for section in self.sections] == list(views):
            return
        clear_layout(self._boxes)
        self.sections = [BoxSection(view, 32 if len(views) == 1 else _TALLEST_PX, self) for view in views]
        for section in self.sections:
            self._boxes.addWidget(section)


def example_code() -> str:
    """A code that no sample ever gets: the first serial of a year before the biobank."""
    return codes.run(CodeKind.SAMPLE, 2000, 0, 1)[0]


def _outer(path: str) -> str:
    """The path without the box's own name."""
    return path.rpartition(" / ")[0]


def _usual(connection: Connection) -> Template:
    from biobank_desktop.services.labels import TEMPLATES  # noqa: PLC0415
    from biobank_desktop.services.templates import catalogue  # noqa: PLC0415

    return catalogue(connection).entry(TEMPLATES["sample"]).template


def _pictures(template: Template, labels: Sequence[Label]) -> list[bytes]:
    from biobank_desktop.labels.rendering import render  # noqa: PLC0415

    return [render(template, label, PREVIEW_DPI).png() for label in labels]
