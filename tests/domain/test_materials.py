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


@pytest.mark.parametrize(
    ("code", "key", "counted_in", "temperature", "overnight"),
    [
        ("BMA", "B", "ul", "-80", False),
        ("BLD", "P", "ul", "-80", False),
        ("CSF", "C", "ul", "-80", False),
        ("SER", "S", "ul", "-80", False),
        ("PL1", "L", "ul", "-80", False),
        ("CEL", "M", "cells", "ln2", True),
        ("DNA", "D", "ul", "-80", False),
    ],
)
def test_a_material_says_how_it_is_counted_and_kept(
    code: str, key: str, counted_in: str, temperature: str, overnight: bool
) -> None:
    entry = material(code)
    assert (entry.key, entry.counted_in) == (key, counted_in)
    assert (entry.temperature, entry.overnight) == (temperature, overnight)


def test_only_viable_cells_go_to_nitrogen() -> None:
    assert {entry.code for entry in MATERIALS if entry.temperature == "ln2"} == {"CEL", "BUF"}


def test_nucleic_acids_have_no_sprec_type() -> None:
    assert {entry.code for entry in MATERIALS if not entry.sprec} == {"DNA", "RNA"}


@pytest.mark.parametrize(
    "pair", [("BMA", "CEL"), ("BLD", "SER"), ("CSF", "CSF"), ("PL1", "PL2"), ("CEL", "DNA")]
)
def test_allowed_derivations(pair: tuple[str, str]) -> None:
    assert pair in DERIVATIONS


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
    assert all(known(code) for code in RECEIVED)


def test_an_unknown_code_is_no_material() -> None:
    assert not known("XYZ")
    with pytest.raises(KeyError):
        material("XYZ")
