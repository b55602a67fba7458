from __future__ import annotations

import pytest

from biobank_desktop.domain.materials import (
    DERIVATIONS,
    MATERIALS,
    RECEIVED,
    children_of,
    known,
    material,
)


def test_codes_and_keys_are_unique_and_labels_fit() -> None:
    assert len({entry.code for entry in MATERIALS}) == len(MATERIALS)
    assert len({entry.key for entry in MATERIALS}) == len(MATERIALS)
    assert len({entry.label for entry in MATERIALS}) == len(MATERIALS)
    for entry in MATERIALS:
        assert len(entry.label) <= 8
        assert entry.label == entry.label.upper()
        assert entry.snomed.isdecimal()


def by_code(name: str) -> dict[str, object]:
    return {entry.code: getattr(entry, name) for entry in MATERIALS}


def test_the_snomed_codes_of_the_german_map_of_sprec() -> None:
    """Medizininformatik-Initiative, Modul Biobank: sample type of SPREC to SNOMED CT; DNA and RNA besides."""
    assert by_code("snomed") == {
        "BMA": "396997002",
        "BLD": "258580003",
        "CSF": "258450006",
        "SER": "119364003",
        "PL1": "119361006",
        "PL2": "119361006",
        "CEL": "404798000",
        "PEL": "404798000",
        "PEN": "258450006",
        "BUF": "258587000",
        "BFF": "258587000",
        "DNA": "258566005",
        "RNA": "441673008",
        "ZZZ": "123038009",
    }


def test_the_sample_types_of_miabis() -> None:
    """BBMRI-ERIC/miabis, Individual/Sample.md."""
    assert by_code("miabis") == {
        "BMA": "Bone marrow aspirate",
        "BLD": "Whole blood",
        "CSF": "Cerebrospinal fluid",
        "SER": "Serum",
        "PL1": "Plasma",
        "PL2": "Plasma",
        "CEL": "PBMC",
        "PEL": "PBMC",
        "PEN": "Other",
        "BUF": "Buffy Coat",
        "BFF": "Buffy Coat",
        "DNA": "DNA",
        "RNA": "RNA",
        "ZZZ": "Other",
    }


def test_what_stands_on_labels_keys_and_choices() -> None:
    """Printed labels and learnt keys stay what they are; a name is looked up in the catalogues."""
    assert {entry.code: (entry.key, entry.label, entry.name) for entry in MATERIALS} == {
        "BMA": ("B", "BM", "Bone marrow"),
        "BLD": ("P", "PB", "Blood"),
        "CSF": ("C", "CSF", "Spinal fluid"),
        "SER": ("S", "SERUM", "Serum"),
        "PL1": ("L", "PLASMA", "Plasma"),
        "PL2": ("A", "PLASMA 2", "Plasma, spun twice"),
        "CEL": ("M", "MNC", "Mononuclear cells"),
        "PEL": ("E", "PELLET", "Mononuclear cells, dry pellet"),
        "PEN": ("N", "CSF CELL", "Spinal fluid cells"),
        "BUF": ("U", "BUFFY", "Buffy coat, viable"),
        "BFF": ("F", "BUFFY NV", "Buffy coat, not viable"),
        "DNA": ("D", "DNA", "DNA"),
        "RNA": ("R", "RNA", "RNA"),
        "ZZZ": ("O", "OTHER", "Other material"),
    }


@pytest.mark.parametrize(
    ("codes", "kind", "counted_in", "temperature", "overnight"),
    [
        ("BMA BLD CSF SER PL1 PL2 ZZZ", "fluid", "ul", "-80", False),
        ("CEL BUF", "cells", "cells", "ln2", True),
        ("PEL PEN BFF", "cells", "cells", "-80", False),
        ("DNA RNA", "nucleic-acid", "ul", "-80", False),
    ],
)
def test_a_material_says_how_it_is_counted_and_kept(
    codes: str, kind: str, counted_in: str, temperature: str, overnight: bool
) -> None:
    for code in codes.split():
        entry = material(code)
        assert (entry.code, entry.kind, entry.counted_in) == (code, kind, counted_in)
        assert (entry.temperature, entry.overnight) == (temperature, overnight)


ANTICOAGULATED = {"SHP", "HEP", "LHG", "PED", "SED", "EDG", "ACD", "CPD", "SCI", "CPT"}
RNA_TUBES = {"PAX", "PXD", "PXR", "TEM"}
SERUM = {"SST", "CAT", "TRC"}
PLAIN = {"PPS", "PET", "ADD", "ZZZ"}


@pytest.mark.parametrize(
    ("codes", "containers"),
    [
        ("BMA", ANTICOAGULATED | RNA_TUBES),
        ("BLD", ANTICOAGULATED | RNA_TUBES | SERUM),
        ("CSF PEN", PLAIN),
        ("SER", SERUM),
        ("PL1 PL2 CEL PEL BUF BFF", ANTICOAGULATED),
        ("ZZZ", PLAIN | ANTICOAGULATED | SERUM),
        ("DNA RNA", set()),
    ],
)
def test_what_a_material_is_usually_drawn_into(codes: str, containers: set[str]) -> None:
    """SPREC 2.0 primary containers: with an anticoagulant, for RNA, for serum, plain."""
    assert all(material(code).containers == containers for code in codes.split())


def test_only_viable_cells_go_to_nitrogen() -> None:
    assert {entry.code for entry in MATERIALS if entry.temperature == "ln2"} == {"CEL", "BUF"}


def test_nucleic_acids_have_no_sprec_type() -> None:
    assert {entry.code for entry in MATERIALS if not entry.sprec} == {"DNA", "RNA"}


@pytest.mark.parametrize(
    ("parent", "children"),
    [
        ("BMA", "BMA CEL PEL PL1 PL2 BUF BFF DNA RNA"),
        ("BLD", "BLD CEL PEL PL1 PL2 SER BUF BFF DNA RNA"),
        ("CSF", "CSF PEN DNA RNA"),
        ("SER", "SER DNA"),
        ("PL1", "PL1 PL2 DNA"),
        ("PL2", "PL2 DNA"),
        ("CEL", "CEL PEL DNA RNA"),
        ("PEL", "PEL DNA RNA"),
        ("PEN", "PEN DNA RNA"),
        ("BUF", "BUF CEL BFF DNA RNA"),
        ("BFF", "BFF DNA RNA"),
        ("DNA", "DNA"),
        ("RNA", "RNA"),
        ("ZZZ", "ZZZ"),
    ],
)
def test_what_may_be_made_of_a_material(parent: str, children: str) -> None:
    """Cells and their plasma come of blood and marrow, serum of blood alone; nucleic acids end a line."""
    assert children_of(parent) == tuple(children.split())
    assert {child for made_of, child in DERIVATIONS if made_of == parent} == set(children.split())


@pytest.mark.parametrize(
    "pair", [("BMA", "SER"), ("CSF", "CEL"), ("DNA", "RNA"), ("PL2", "PL1"), ("SER", "PL1")]
)
def test_forbidden_derivations(pair: tuple[str, str]) -> None:
    assert pair not in DERIVATIONS


def test_everything_may_be_aliquoted_and_nothing_unknown_is_made() -> None:
    for entry in MATERIALS:
        assert children_of(entry.code)[0] == entry.code
    for parent, child in DERIVATIONS:
        assert known(parent)
        assert known(child)
    assert RECEIVED == ("BMA", "BLD", "CSF", "SER", "PL1", "DNA", "RNA", "ZZZ")


def test_an_unknown_code_is_no_material() -> None:
    assert not known("XYZ")
    with pytest.raises(KeyError):
        material("XYZ")
