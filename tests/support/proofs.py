"""A proof as a lab would give it."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.proofs import (
    Amount,
    BrisqItem,
    CodedAs,
    Permission,
    Proof,
    Provenance,
    ReleasedTo,
    Written,
)
from biobank_desktop.domain.sprec import Stay

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Where an entry stands in a mapping."""

DONOR, TUBE, VIAL = "PD260A1B20", "PM263TV4K8", "PM263TV4M4"
KEY = bytes(range(32))
"""The private key of a lab that is only in tests, so that pages are the same bytes each time."""

_RECORDED = {
    "specimen-type": "mononuclear cells, viable (SPREC CEL)",
    "anatomical-site": "bone marrow",
    "disease-status": "at diagnosis",
    "clinical-characteristics": None,
    "vital-state": "alive",
    "clinical-diagnosis": "acute lymphoblastic leukaemia",
    "pathology-diagnosis": None,
    "collection-mechanism": "bone marrow aspiration, left over after diagnosis",
    "stabilisation": "sodium heparin",
    "preservation": "cryopreserved in vapour of liquid nitrogen",
    "preservative": "10 % DMSO",
    "storage-temperature": "below −135 °C",
    "storage-duration": "10 months and 25 days",
    "shipping-temperature": "dry ice",
    "composition": "92 % viable, 84 % blasts",
}


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in January 2026."""
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


def hash_of(word: str) -> str:
    """A hash that is always the same."""
    return sha256(word.encode()).hexdigest()


def sample_proof() -> Proof:
    """Viable cells from bone marrow that went to a study."""
    return Proof(
        provenance=Provenance(
            lab="Biobank of the Princess Máxima Center",
            donor=DONOR,
            tube=TUBE,
            vial=VIAL,
            material="CEL",
            source="BMA",
            kind="aliquot",
            time_point="DX",
            drawn_at=moment(5, 9, 10),
            received_at=moment(5, 10, 5),
            processed_at=moment(5, 11, 20),
            frozen_at=moment(5, 13, 40),
            stays=(Stay(moment(5, 13, 40), "overnight -80"), Stay(moment(6, 9), "ln2")),
        ),
        sprec=CodedAs("CEL-SHP-A-M-B-B-N", "2.0"),
        brisq=tuple([BrisqItem(item, value) for item, value in _RECORDED.items()]),
        amount=Amount(1000, 8_000_000),
        consent=Permission(
            purposes=("use-a2g", "share-eu"),
            verdict="permitted",
            rules_version="nl-1",
            forms=("Máxima biobank, parents, 3.1", "Máxima biobank, parents, 3.2"),
            consent_head=4,
            decided_on=date(2026, 11, 20),
            known_on=datetime(2026, 11, 20, 13, 2, 11, 250_000, tzinfo=UTC),
            reasons=("Permitted until consent changes.",),
            steps=(
                "Who decides at this age: under 12 years.",
                "mother, 4 Jan 2026: yes to storing residual material.",
                "father, 5 Jan 2026: yes to storing residual material.",
                "mother, 4 Jan 2026: yes to use in ALLTogether1 studies.",
                "father, 5 Jan 2026: yes to use in ALLTogether1 studies.",
                "mother, 4 Jan 2026: yes to sharing within the EEA.",
                "father, 5 Jan 2026: yes to sharing within the EEA.",
            ),
        ),
        release=ReleasedTo(
            number="R-2026-0007",
            study="ALLTogether1 – drug response of relapsed B-ALL",
            recipient="Karolinska Institutet, Childhood Cancer Research Unit",
            country="Sweden",
            bdac="BDAC 2026-031",
        ),
        history=Written(
            events=tuple([hash_of(f"event {number}") for number in range(1, 6)]),
            seal_size=4711,
            seal_root=hash_of("seal"),
        ),
    )


def entries(mapping: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all single entries."""
    if isinstance(mapping, dict):
        for name, one in mapping.items():
            yield from entries(one, (*path, name))
    elif isinstance(mapping, list):
        for place, one in enumerate(mapping):
            yield from entries(one, (*path, place))
    else:
        yield path


def set_entry(mapping: Any, path: Path, value: Any) -> None:
    """Put a value at a path."""
    for part in path[:-1]:
        mapping = mapping[part]
    mapping[path[-1]] = value


def changed(mapping: Any, path: Path) -> Any:
    """The mapping, saying something else at a path, as plausible as what stood there."""
    made = copy.deepcopy(mapping)
    value = mapping
    for part in path:
        value = value[part]
    set_entry(made, path, _other(path[-1] if isinstance(path[-1], str) else str(path[-2]), value))
    return made


_OTHERS = {
    "donor": "PD260A1B3Z",
    "tube": VIAL,
    "vial": TUBE,
    "kind": "tube",
    "verdict": "refused",
    "source": "BLD",
}


def _other(name: str, value: Any) -> Any:
    if name in _OTHERS:
        return _OTHERS[name]
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "alive"
    if name.endswith(("_at", "_on", "since")):
        return value.replace("2026", "2025", 1)
    if name in {"events", "seal_root"}:
        return ("0" if value[0] != "0" else "1") + value[1:]
    return f"{value[:-1]}{'X' if value[-1] != 'X' else 'Y'}"
