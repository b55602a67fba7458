"""The boards of the gallery: screens filled with what a lab would see."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import theme
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton, PrimaryButton
from biobank_desktop.gui.widgets.amounts import AmountField
from biobank_desktop.gui.widgets.boxmap import BoxMap, Well, WellState
from biobank_desktop.gui.widgets.cards import Card, Section
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.family import FamilyTree, Relative
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.label_preview import LabelPreview
from biobank_desktop.gui.widgets.legend import Legend
from biobank_desktop.gui.widgets.moments import MomentField
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.stepper import Step, Stepper, StepState
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import CodeLabel, Text
from biobank_desktop.gui.widgets.timeline import Change, Happening, Timeline
from biobank_desktop.gui.widgets.verdicts import Shown, VerdictCard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.gui.jobs import Jobs

NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
VIALS = codes.run(CodeKind.SAMPLE, 2026, 11_000, 12)
DONOR = codes.run(CodeKind.DONOR, 2026, 700, 1)[0]


def now() -> datetime:
    """The gallery's clock stands still."""
    return NOW


def label_image(code: str, number: int) -> Image.Image:
    """A picture the size of a 33 x 13 mm label at 300 dpi; only its proportions matter here."""
    image = Image.new("1", (390, 154), 1)
    pen = ImageDraw.Draw(image)
    for row in range(14):
        for column in range(14):
            edge = (
                column == 0 or row == 13 or (row == 0 and column % 2 == 0) or (column == 13 and row % 2 == 1)
            )
            if edge or (row * 31 + column * 17 + number * 7 + row * column) % 5 < 2:
                pen.rectangle((10 + column * 9, 14 + row * 9, 18 + column * 9, 22 + row * 9), fill=0)
    pen.text((152, 14), codes.group(code), fill=0, font_size=30)
    pen.text((152, 56), f"BM MNC {number}/4", fill=0, font_size=28)
    pen.text((152, 96), "22 Nov 26 TP1", fill=0, font_size=28)
    return image


class IntakeBoard(Screen):
    """The sketch: a tube half-way through its receipt."""

    title = "Receive a tube"
    help_text = "Scan the tube, then the donor. Answer by letter. Enter registers and prints."

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        heading = QVBoxLayout()
        heading.setSpacing(4)
        heading.addWidget(Text("Receive a tube", "title"))
        heading.addWidget(
            Text("Diagnostic code HX26110042 · received today 14:05 by A. Jansen · draft saved", "detail")
        )
        column.addLayout(heading)
        column.addWidget(self._stepper())
        card = Card()
        card.body.setContentsMargins(16, 12, 16, 12)
        material = ChoiceRow(
            [
                Choice("BM", "Bone marrow", "B"),
                Choice("PB", "Blood", "P"),
                Choice("CSF", "Spinal fluid", "C"),
                Choice("SER", "Serum", "S"),
                Choice("", "Other…", "O"),
            ],
            name="Material",
        )
        material.set_value("BM")
        card.body.addWidget(material)
        column.addWidget(card)
        column.addWidget(self._fields())
        column.addWidget(self._plan(), 1)
        self.panel = self._panel()
        self.register = PrimaryButton("Register and print 6 labels")
        self.set_primary(self.register)

    def _stepper(self) -> Stepper:
        stepper = Stepper()
        stepper.set_steps(
            [
                Step("Tube", StepState.DONE, "HX26110042"),
                Step("What it is", StepState.NOW),
                Step("Labels", StepState.LATER, "0 of 6"),
                Step("In the box", StepState.LATER, "0 of 6"),
            ]
        )
        return stepper

    def _fields(self) -> Card:
        donor = FieldBox("Donor", hint="8 y · IR-high")
        donor.editor.setFont(theme.font(mono=True))
        donor.set_text(codes.group(DONOR))
        self.time_point = FieldBox("Time point", hint="proposed")
        self.time_point.set_text("TP1 · day 29")
        drawn = MomentField("Drawn", now)
        drawn.set_moment(NOW - timedelta(hours=4, minutes=25))
        drawn.set_hint("4 h 25 min")
        container = FieldBox("Container", hint="SHP")
        container.set_text("Na-heparin")
        volume = AmountField("Volume")
        volume.set_amount(3200)
        temperature = FieldBox("Temperature on arrival", may_be_unknown=True, letters=False)
        temperature.set_unknown()
        condition = FieldBox("Condition", name="condition", hint="noted")
        condition.set_text("Small clot")
        condition.set_problems([Problem("condition", "condition-is-a-deviation", warning=True)])
        origin = FieldBox("Origin", name="origin", hint="released 13:20")
        origin.set_text("Residual")
        card = Card()
        card.body.setContentsMargins(16, 12, 16, 12)
        card.add_fields([donor, self.time_point, drawn, container, volume, temperature, condition, origin])
        return card

    def _plan(self) -> Card:
        card = Card("Aliquots planned for marrow at TP1")
        grid = QGridLayout()
        grid.setVerticalSpacing(12)
        rows = (
            ("", "Vials", "Each", "SPREC so far", "Goes to"),
            ("Mononuclear cells, DMSO", "4", "10 × 10⁶ cells", "CEL-SHP-E-M-B-B-?", "−80, then LN2-02"),
            ("Plasma", "2", "500 µL", "PL1-SHP-E-B-N-B-?", "F80-01 / S2 / R4"),
        )
        for row, words in enumerate(rows):
            for column, word in enumerate(words):
                role = "label" if row == 0 else "code" if column == 3 else "strong" if column == 0 else ""
                grid.addWidget(Text(word, role), row, column)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(4, 1)
        grid.setHorizontalSpacing(24)
        card.body.addLayout(grid)
        card.body.addStretch(1)
        return card

    def _panel(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        verdict = VerdictCard()
        verdict.show_verdict(
            Shown(
                Meaning.PROVISIONAL,
                "Provisional until 6 Dec 2026",
                "Consent of the second parent is missing. Receive and store; release stays closed.",
                ("Form RES-3 signed by one parent on 20 Nov 2026", "Donor is 8: two parents sign"),
            )
        )
        column.addWidget(verdict)
        labels = Section("Labels", "1 and 2 of 6")
        row = QHBoxLayout()
        row.setSpacing(8)
        for number in (1, 2):
            preview = LabelPreview()
            preview.set_image(label_image(VIALS[number], number))
            preview.setFixedSize(150, 66)
            row.addWidget(preview)
        row.addStretch(1)
        labels.body.addLayout(row)
        column.addWidget(labels)
        box = Section("BX00123", "LN2-02 / T07 / L05 · 9 × 9 · 37 free")
        box.body.addWidget(nine_by_nine())
        column.addWidget(box)
        return page


def nine_by_nine() -> BoxMap:
    """A box half full, four wells proposed, four of the same family."""
    box = BoxMap()
    box.set_grid("ABCDEFGHJ", [str(number) for number in range(1, 10)])
    wells = {(row, column): Well(WellState.TAKEN) for row in range(4) for column in range(9)}
    wells |= {(4, column): Well(WellState.TAKEN) for column in range(4)}
    wells |= {(1, column): Well(WellState.MINE) for column in range(2, 6)}
    wells |= {(4, column): Well(WellState.PROPOSED) for column in range(4, 8)}
    box.set_wells(wells)
    return box


class RecordBoard(Screen):
    """A sample's record: identity, family, timeline."""

    title = "Sample"

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(CodeLabel(VIALS[1], "code-large"))
        head.addWidget(Text("stored", "chip-stored"))
        head.addWidget(Text("permitted", "chip-permitted"))
        head.addStretch(1)
        head.addWidget(ActionButton("Correct", icon="edit", hint="C"))
        head.addWidget(ActionButton("Reprint", icon="print", hint="R"))
        column.addLayout(head)
        column.addWidget(Text("Mononuclear cells in DMSO · 10 × 10⁶ cells · viability 94 % · TP1", "muted"))
        row = QHBoxLayout()
        row.setSpacing(12)
        family = Card("Family")
        tree = FamilyTree()
        tree.show_family(family_of(), VIALS[1])
        family.body.addWidget(tree)
        family.body.addStretch(1)
        history = Card("Timeline")
        line = Timeline()
        line.add(happenings(), more=True)
        history.body.addWidget(line)
        row.addWidget(family, 1)
        row.addWidget(history, 1)
        column.addLayout(row, 1)


def family_of() -> Relative:
    """A tube, four vials of cells, two of plasma, one derivative."""
    dna = Relative(VIALS[7], "DNA · 42 ng/µL", "stored", meaning=Meaning.STORED, icon="drop")
    vials = [
        Relative(VIALS[1], "MNC 1/4 · 10 × 10⁶ cells", "LN2-02 / BX00123 / E5", (), Meaning.STORED),
        Relative(VIALS[2], "MNC 2/4 · 10 × 10⁶ cells", "LN2-02 / BX00123 / E6", (dna,), Meaning.STORED),
        Relative(VIALS[3], "MNC 3/4 · 10 × 10⁶ cells", "without position", (), Meaning.MISSING),
        Relative(VIALS[4], "MNC 4/4", "void", (), Meaning.REFUSED),
        Relative(VIALS[5], "Plasma 1/2 · 500 µL", "F80-01 / BX00040 / A1", (), Meaning.STORED),
    ]
    return Relative(VIALS[0], "Bone marrow · 3.2 mL · Na-heparin", "used up", tuple(vials), icon="tube")


def happenings() -> list[Happening]:
    """A vial's short life with a correction in it."""
    return [
        Happening(
            NOW,
            "Volume corrected",
            "M. de Vries",
            "bench 2",
            (Change("Volume", "480 µL", "500 µL"), Change("Viability", "", "94 %")),
            "Read from the wrong line of the worksheet.",
            "edit",
        ),
        Happening(
            NOW - timedelta(minutes=12),
            "Placed in LN2-02 / T07 / BX00123 / E5",
            "A. Jansen",
            "bench 2",
            icon="stored",
        ),
        Happening(NOW - timedelta(minutes=20), "Label printed", "A. Jansen", "bench 2", icon="print"),
        Happening(
            NOW - timedelta(days=1), "Planned at intake of the tube", "A. Jansen", "bench 2", icon="intake"
        ),
    ]


class TableBoard(Screen):
    """A million samples and a 14 x 14 box."""

    title = "Samples"

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(Text("Samples", "title"))
        column.addWidget(Text("1,000,000 samples · newest first", "detail"))
        self.table = PagedTable(
            [
                Column("Code", lambda row: codes.group(row[0]), 150, mono=True),
                Column("Kind", lambda row: row[1]),
                Column("Amount", lambda row: row[2], 140, right=True),
                Column("Time point", lambda row: row[3], 110),
                Column("Position", lambda row: row[4], 220),
            ],
            jobs,
        )
        column.addWidget(self.table, 1)
        self.table.show_ids(array("q", range(1_000_000)), rows_of)
        self.panel = self._panel()

    def _panel(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        box = BoxMap()
        box.set_grid("ABCDEFGHJKLMNP", [str(number) for number in range(1, 15)])
        states = (WellState.TAKEN, WellState.MINE, WellState.PLACED, WellState.FOREIGN, WellState.PROPOSED)
        wells = {(row, column): Well(WellState.TAKEN) for row in range(6) for column in range(14)}
        wells |= {(6, index): Well(state) for index, state in enumerate(states)}
        box.set_wells(wells)
        box.set_selected([(2, 3)])
        section = Section("BX00317", "F80-01 / S2 / R4 · 14 × 14")
        section.body.addWidget(box)
        words = ("taken", "family", "placed", "foreign", "proposed")
        legend = Legend()
        legend.show_lines([(Well(state), word, 1) for state, word in zip(states, words, strict=True)])
        section.body.addWidget(legend)
        column.addWidget(section)
        verdict = VerdictCard()
        verdict.show_verdict(
            Shown(
                Meaning.PERMITTED,
                "Permitted",
                "Both parents agreed to storage and research on 4 Nov 2026.",
                ("Form RES-3, items 1 to 4 yes", "Next decision when the donor turns 12, 3 Mar 2030"),
            )
        )
        verdict.why.click()
        column.addWidget(verdict)
        return page


def rows_of(ids: Sequence[int]) -> list[tuple[str, str, str, str, str]]:
    """Rows as a database would give them."""
    kinds = ("Mononuclear cells", "Plasma", "Serum", "Whole blood", "Spinal fluid, supernatant")
    found = codes.run(CodeKind.SAMPLE, 2026, ids[0], len(ids)) if ids else []
    return [
        (
            code,
            kinds[number % 5],
            f"{200 + number % 7 * 50} µL",
            f"TP{number % 4 + 1}",
            f"F80-01 / BX{number // 81:05d}",
        )
        for code, number in zip(found, ids, strict=True)
    ]
