"""Proofs as JSON: nothing is lost, and nothing unknown, missing or wrong is taken."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain.mappings import canonical
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.domain.proofs import BRISQ, Proof
from tests.support.proofs import TUBE, changed, entries, sample_proof, set_entry

if TYPE_CHECKING:
    from tests.support.proofs import Path


def named(path: Path) -> str:
    """A path as a problem names it."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


MAPPING = sample_proof().as_mapping()
LEAVES = list(entries(MAPPING))


def problems(mapping: Any) -> list[tuple[str, str]]:
    """What is wrong with a mapping."""
    with pytest.raises(Rejected) as refused:
        Proof.from_mapping(mapping)
    return [(problem.field, problem.code) for problem in refused.value.problems]


def altered(path: Path, value: Any) -> Any:
    """The sample with another value at a path."""
    mapping = copy.deepcopy(MAPPING)
    set_entry(mapping, path, value)
    return mapping


def test_it_is_read_back_as_it_was() -> None:
    proof = sample_proof()
    assert Proof.from_mapping(json.loads(proof.as_bytes())) == proof
    unknown = replace(
        proof,
        provenance=replace(proof.provenance, source=None, time_point=None, drawn_at=None, stays=()),
        sprec=replace(proof.sprec, code=None),
        amount=replace(proof.amount, cells=None, volume_ul=None),
        consent=replace(proof.consent, forms=(), reasons=(), steps=()),
    )
    assert Proof.from_mapping(json.loads(unknown.as_bytes())) == unknown


def test_it_is_written_in_one_way() -> None:
    shuffled = dict(reversed(MAPPING.items()))
    assert canonical(shuffled) == sample_proof().as_bytes()
    assert "–".encode() in sample_proof().as_bytes(), "letters are themselves"
    assert not re.search(rb'": |", "', sample_proof().as_bytes())


def test_it_has_no_room_for_who_a_donor_is() -> None:
    hiding = ("name", "surname", "born_on", "turns_12_on", "turns_16_on", "turns_18_on", "hospital_number")
    for part in ("provenance", "consent", "release"):
        for name in hiding:
            assert problems(altered((part, name), "x")) == [(f"{part}.{name}", "entry-unknown")]


@pytest.mark.parametrize("path", [path for path in LEAVES if isinstance(path[-1], str)], ids=named)
def test_every_entry_is_needed(path: Path) -> None:
    mapping = copy.deepcopy(MAPPING)
    at: Any = mapping
    for part in path[:-1]:
        at = at[part]
    del at[path[-1]]
    assert problems(mapping) == [(named(path), "entry-missing")]


@pytest.mark.parametrize("wrong", [True, 1.5, -1, "", " ", "a\nb", "\u202eabc", "x" * 401, [], {}])
@pytest.mark.parametrize("path", LEAVES, ids=named)
def test_every_entry_is_checked(path: Path, wrong: object) -> None:
    assert problems(altered(path, wrong)) == [(named(path), "entry-wrong")]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("provenance", "donor"), TUBE),
        (("provenance", "donor"), "PD260A1B21"),
        (("provenance", "vial"), MAPPING["provenance"]["donor"]),
        (("provenance", "vial"), "pm263tv4m4"),
        (("provenance", "material"), "cells"),
        (("provenance", "kind"), "box"),
        (("provenance", "received_at"), "2026-01-05T10:05:00Z"),
        (("provenance", "received_at"), "2026-01-05T11:05:00.000+01:00"),
        (("provenance", "received_at"), "2026-01-05"),
        (("provenance", "received_at"), None),
        (("consent", "decided_on"), "20261120"),
        (("consent", "decided_on"), 20261120),
        (("consent", "verdict"), "perhaps"),
        (("consent", "consent_head"), 1 << 54),
        (("consent", "consent_head"), (1 << 53) + 1),
        (("consent", "steps"), ["step"] * 61),
        (("consent", "steps"), "ab"),
        (("consent", "forms"), {}),
        (("consent", "known_on"), "0001-01-01T00:00:00.000+14:00"),
        (("consent", "known_on"), "2026-11-20T13:02:11.250"),
        (("history", "seal_root"), "0" * 63),
        (("history", "events", 0), "A" * 64),
        (("brisq",), MAPPING["brisq"][:-1]),
        (("brisq",), list(reversed(MAPPING["brisq"]))),
        (("brisq", 3, "item"), BRISQ[4]),
        (("brisq",), {}),
        (("provenance",), None),
    ],
)
def test_what_looks_right_is_refused_all_the_same(path: Path, wrong: object) -> None:
    field = "brisq" if path[0] == "brisq" else named(path)
    assert problems(altered(path, wrong)) == [(field, "entry-wrong")]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (("consent", "steps"), ["step"] * 60),
        (("release", "study"), "x" * 400),
        (("amount", "cells"), 1 << 53),
        (("amount", "cells"), 0),
    ],
)
def test_the_most_is_taken(path: Path, most: object) -> None:
    assert Proof.from_mapping(altered(path, most)) != sample_proof()


def test_a_problem_says_where() -> None:
    for mapping in (altered(("release", "study"), ""), altered(("brisq",), [])):
        with pytest.raises(Rejected) as refused:
            Proof.from_mapping(mapping)
        (problem,) = refused.value.problems
        assert problem.values == {"path": problem.field}
    assert problems(altered(("x" * 130,), 1)) == [("x" * 120, "entry-unknown")]


def test_everything_wrong_is_named_at_once() -> None:
    mapping = altered(("amount", "cells"), "many")
    mapping["release"]["to\u202e"] = "x"
    del mapping["history"]["events"]
    assert set(problems(mapping)) == {
        ("amount.cells", "entry-wrong"),
        ("release.to?", "entry-unknown"),
        ("history.events", "entry-missing"),
    }
    assert problems(None) == [("", "entry-wrong")]
    assert problems([MAPPING]) == [("", "entry-wrong")]


@pytest.mark.parametrize("path", LEAVES, ids=named)
def test_every_entry_can_say_something_else(path: Path) -> None:
    """The other tests alter entries with ``changed``: what it makes is a proof, of something else."""
    mapping = changed(MAPPING, path)
    if path[-1] != "item":
        assert Proof.from_mapping(mapping) != sample_proof()


def test_nobody_writes_what_nobody_could_read() -> None:
    proof = sample_proof()
    with pytest.raises(Rejected) as refused:
        replace(proof, release=replace(proof.release, study="two\nlines")).as_bytes()
    assert [(one.field, one.code) for one in refused.value.problems] == [("release.study", "entry-wrong")]
