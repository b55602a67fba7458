from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.domain.problems import NotFound, Rejected
from biobank_desktop.domain.toml import MOST_BYTES
from biobank_desktop.services.reference import read_consent_rules, reference

if TYPE_CHECKING:
    from pathlib import Path


def test_the_shipped_reference_data_is_read_once() -> None:
    known = reference()
    assert known is reference()
    assert known.sprec.version == "2.0"
    assert known.protocol("ALLTogether1").plan("BMA", "DX")
    assert known.consent_rules.version == "nl-1"


def test_an_unknown_protocol_is_named() -> None:
    with pytest.raises(NotFound) as refusal:
        reference().protocol("ALL-12")
    (problem,) = refusal.value.problems
    assert (problem.field, problem.code, problem.values) == (
        "protocol",
        "unknown-protocol",
        {"protocol": "ALL-12"},
    )


def test_every_protocol_fits_the_materials_and_their_usual_containers() -> None:
    containers = {word.code for word in reference().sprec.containers}
    assert all(material.containers <= containers for material in MATERIALS)
    for protocol in reference().protocols.values():
        for point in protocol.time_points:
            assert all(protocol.plan(material, point.code) for material in point.expects)


def test_a_file_that_is_no_list_of_rules_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_bytes(b"#" * MOST_BYTES)
    with file.open("r+b") as endless:
        endless.truncate(1 << 40)  # a terabyte of nothing
    with pytest.raises(Rejected) as refusal:
        read_consent_rules(file)
    assert [problem.code for problem in refusal.value.problems] == ["reference-unreadable"]
