"""A layout as it would be printed: its examples at the printer's own dots, on the tube, and its trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui.widgets.cards import reveal
from biobank_desktop.gui.widgets.label_preview import CutPart, LabelPreview
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.gui.widgets.vial_picture import VialPicture, Wrapped
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.labels.templates import Stock, Template

LABEL_PX = 176
"""A label of 13 mm at 300 dpi, dot for dot."""


@dataclass(frozen=True)
class Examples:
    """A layout that can be drawn: a usual label and the longest one at a printer's dots."""

    template: Template
    dpi: int
    usual: bytes
    longest: bytes
    warnings: tuple[Problem, ...]


def examples(name: str, toml: str, dpi: int) -> Examples:
    """Read and draw what is typed. Raises ``Rejected`` with everything that is wrong."""
    from biobank_desktop.labels.fullest import KINDS, fullest, usual, widest_code  # noqa: PLC0415
    from biobank_desktop.labels.reading import read_template  # noqa: PLC0415
    from biobank_desktop.labels.rendering import render  # noqa: PLC0415

    template = read_template(name, toml.encode())
    first = codes.run(KINDS[template.label], 2000, 0, 1)[0]
    longest = render(template, fullest(template.label, widest_code(template.label)), dpi)
    often = render(template, usual(template.label, first), dpi)
    return Examples(template, dpi, often.png(), longest.png(), longest.warnings)


def trial_words(template: Template, dpi: int) -> str:
    """What came of the bad prints, for each symbol. Takes seconds. Raises ``LabelRefused``."""
    from biobank_desktop.labels.trial import TRIED, trial  # noqa: PLC0415

    figures = ", ".join(f"{one.right}" for one in trial(template, dpi))
    return _("{read} of {tried} bad prints read at {dpi} dpi").format(read=figures, tried=TRIED, dpi=dpi)


class LayoutPreview(QWidget):
    """Two labels side by side, what the trial came to below; ``tube`` is put where there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.usual = LabelPreview(_("A usual label"), self)
        self.longest = LabelPreview(_("The longest label"), self)
        self.vial = VialPicture(self)
        self.free = Text("", "detail", wrap=True, parent=self)
        self.trial = Text("", "detail", wrap=True, parent=self)
        labels = QGridLayout()
        labels.setHorizontalSpacing(16)
        labels.setVerticalSpacing(4)
        words = (_("Usual"), _("With the longest texts"))
        for place, (word, preview) in enumerate(zip(words, (self.usual, self.longest), strict=True)):
            preview.setFixedHeight(LABEL_PX)
            labels.addWidget(Text(word, "label", parent=self), 0, place)
            labels.addWidget(preview, 1, place)
            labels.setColumnStretch(place, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(labels)
        column.addWidget(self.trial)
        self.tube = QWidget(self)
        below = QVBoxLayout(self.tube)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(4)
        for part in (Text(_("On its tube, true to scale"), "label", parent=self.tube), self.vial, self.free):
            below.addWidget(part)

    def show_examples(self, shown: Examples) -> None:
        """Show what can be drawn; its trial is still to come."""
        parts = _parts(shown.template.stock)
        for preview, png in ((self.usual, shown.usual), (self.longest, shown.longest)):
            preview.set_parts(parts)
            preview.set_png(png)
        wrapped = _wrapped(shown)
        reveal(self.tube, wrapped is not None)
        self.vial.show_wrapped(wrapped)
        self.free.setText(self.vial.words())
        self.trial.setText(_("60 bad prints are tried …"))

    def show_trial(self, words: str) -> None:
        """Say what the trial came to."""
        self.trial.setText(words)

    def show_old(self) -> None:
        """What is typed cannot be drawn: the last that could stays, and says so."""
        self.trial.setText(_("The preview shows the last layout that could be drawn."))


def _parts(stock: Stock) -> list[CutPart]:
    """The parts of the stock, by their places on the whole."""
    return [
        CutPart(
            QRectF(
                part.area.x_mm / stock.width_mm,
                part.area.y_mm / stock.height_mm,
                part.area.width_mm / stock.width_mm,
                part.area.height_mm / stock.height_mm,
            ),
            part.shape == "circle",
            part.is_printable,
        )
        for part in stock.parts
    ]


def _wrapped(shown: Examples) -> Wrapped | None:
    """The side of a usual label round its tube, None on something flat."""
    stock = shown.template.stock
    side = next((part.area for part in stock.parts if part.kind == "side"), None)
    if side is None or not stock.tube_mm:
        return None
    dots = shown.dpi / 25.4
    image = QImage.fromData(shown.usual).copy(
        round(side.x_mm * dots), round(side.y_mm * dots),
        round(side.width_mm * dots), round(side.height_mm * dots),
    )  # fmt: skip
    return Wrapped(
        image.convertToFormat(QImage.Format.Format_RGB32), side.width_mm, side.height_mm, stock.tube_mm
    )
