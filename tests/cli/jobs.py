"""Inputs of the job that the tests of the command line do, and answers made comparable."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.cli.conftest import Biobank

DONOR = {
    "sex": "female",
    "born_on": "2018-05-04",
    "day1_on": "2025-11-21",
    "role": "patient",
    "protocol": "ALLTogether1",
    "lab_numbers": [["diagnostics", "HX000042"]],
}
SECOND = {"born_year": 2018, "sex": "female"}
_CODE = re.compile(r"\bP[MBD]\d\d ?[0-9A-HJKMNP-TV-Z]{5} ?[0-9A-HJKMNP-TV-Z]\b")
_SENDER = re.compile(r'(?<="sender": )"[^"]+"')
_BITS = re.compile(r"\b[0-9a-f]{64}\b")
_UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_BITS = re.compile(r'(?<="bits_sha256": ")[0-9a-f]{64}')
_MOMENT = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def consent(donor: str, signatory: str, **more: object) -> dict[str, object]:
    """A parent's yes."""
    return {
        "donor": donor,
        "kind": "given",
        "signatory": signatory,
        "signed_on": "2025-11-19",
        "received_on": "2025-11-20",
        "answers": {"STORE": "yes"},
        **more,
    }


def receipt(donor: str, **more: object) -> dict[str, object]:
    """A tube of marrow at diagnosis."""
    return {
        "tube_code": "HX25110042",
        "donor": donor,
        "second_identifier": SECOND,
        "material": "BMA",
        "container": "PED",
        "time_point": "DX",
        "drawn_at": "2025-11-20T09:10:00+01:00",
        "received_at": "2025-11-20T10:05:00+01:00",
        "volume_ul": 4000,
        "temperature": "room",
        "conditions": [],
        "acceptance": "accepted",
        "origin": "residual",
        "released_at": None,
        **more,
    }


def consented_donor(biobank: Biobank, database: str, **more: object) -> str:
    """A donor whose parents both said yes; the code."""
    donor: str = biobank(database, "donor", "add", biobank.file({**DONOR, **more})).result["donor"]
    for parent in ("mother", "father"):
        assert biobank(database, "donor", "consent", biobank.file(consent(donor, parent))).exit == 0
    return donor


def filling(vials: list[dict[str, Any]]) -> dict[str, object]:
    """What was made in the vials of a receipt's answer."""
    return {
        "vials": [
            {"code": one["code"], "volume_ul": 1000, "cells": 8_000_000, "viability_percent": 95}
            if one["material"] == "CEL"
            else {"code": one["code"], "volume_ul": 450}
            for one in vials
        ]
    }


def boxes(biobank: Biobank, database: str) -> None:
    """A tank with a tower and a box, and a freezer with an overnight container."""
    for form in (
        {"kind": "LN2 vapour tank", "name": "T1", "temperature": "ln2"},
        {"kind": "LN2 tower", "name": "T1-1", "inside": "T1"},
        {"kind": "Box 9 × 9", "name": "B1", "inside": "T1-1"},
    ):
        assert biobank(database, "container", "add", biobank.file(form), login="cas").exit == 0


def comparable(answer: object) -> str:
    """The answer with codes and ids in the order of their appearance, and the moments of the run taken out.

    Moments that an input gave stay. The dots of a label are those of its code.
    """
    text = _numbered(_CODE, "code", json.dumps(answer, indent=1))
    text = _numbered(_SENDER, "sender", _numbered(_BITS, "bits", _numbered(_UUID, "uuid", text)))
    return _MOMENT.sub(lambda found: found[0] if found[0].startswith("2025-11-20") else "<moment>", text)


def _numbered(pattern: re.Pattern[str], name: str, text: str) -> str:
    seen: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"<{name} {seen.setdefault(found[0].replace(' ', ''), len(seen) + 1)}>"

    return pattern.sub(number, text)
