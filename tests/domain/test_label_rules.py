"""Which template a label is printed on: a table of rules, things and places."""

from __future__ import annotations

import pytest

from biobank_desktop.domain.label_rules import LabelledThing, LabelRule, PrintingPlace, chosen_template

PURPOSES = {
    "vial": "vial",
    "cap": "vial",
    "tube": "vial",
    "sheet": "vial",
    "box": "container",
    "rack": "container",
}
DNA = LabelledThing("vial", "derivative", "vial", "DNA")
TUBE = LabelledThing("vial", "tube", "tube", "BMA")
BOX = LabelledThing("container", "Box 9 × 9", "box")
FILE = PrintingPlace("bench 1", "PDF")
ZEBRA = PrintingPlace("bench 1", "Zebra", "cap")


@pytest.mark.parametrize(
    ("rules", "thing", "place", "chosen"),
    [
        ((), DNA, FILE, "vial"),
        ((), TUBE, FILE, "tube"),
        ((), BOX, FILE, "box"),
        ((), DNA, ZEBRA, "cap"),
        ((), TUBE, ZEBRA, "cap"),
        ((), BOX, ZEBRA, "box"),
        ((), DNA, PrintingPlace("bench 1", "Old", "gone"), "vial"),
        ((LabelRule("sheet"),), DNA, ZEBRA, "sheet"),
        ((LabelRule("sheet"),), BOX, ZEBRA, "box"),
        ((LabelRule("gone"),), DNA, FILE, "vial"),
        ((LabelRule("sheet", material="DNA"),), DNA, FILE, "sheet"),
        ((LabelRule("sheet", material="DNA"),), TUBE, FILE, "tube"),
        ((LabelRule("sheet", material="DNA"),), BOX, FILE, "box"),
        ((LabelRule("sheet", kind="tube"),), TUBE, ZEBRA, "sheet"),
        ((LabelRule("sheet", kind="tube"),), DNA, ZEBRA, "cap"),
        ((LabelRule("rack", kind="Box 9 × 9"),), BOX, FILE, "rack"),
        ((LabelRule("rack", kind="Box 10 × 10"),), BOX, FILE, "box"),
        ((LabelRule("sheet", bench="bench 1"),), DNA, FILE, "sheet"),
        ((LabelRule("sheet", bench="bench 2"),), DNA, FILE, "vial"),
        ((LabelRule("sheet", printer="Zebra"),), DNA, ZEBRA, "sheet"),
        ((LabelRule("sheet", printer="Zebra"),), DNA, FILE, "vial"),
        ((LabelRule("sheet", "DNA", "derivative", "bench 1", "Zebra"),), DNA, ZEBRA, "sheet"),
        ((LabelRule("sheet", "DNA", "aliquot", "bench 1", "Zebra"),), DNA, ZEBRA, "cap"),
        ((LabelRule("sheet", material="DNA"), LabelRule("tube")), DNA, FILE, "sheet"),
        ((LabelRule("tube"), LabelRule("sheet", material="DNA")), DNA, FILE, "tube"),
        ((LabelRule("box"), LabelRule("tube")), DNA, FILE, "tube"),
    ],
)
def test_the_first_rule_that_fits_chooses(
    rules: tuple[LabelRule, ...], thing: LabelledThing, place: PrintingPlace, chosen: str
) -> None:
    assert chosen_template(rules, thing, place, PURPOSES) == chosen
