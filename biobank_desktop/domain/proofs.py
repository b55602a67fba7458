"""What a proof says about one vial that left: where it comes from, why it might leave, where it is written.

A proof goes to strangers, and anybody may check it without a database. It has no room for a name, a birthday
or a day on which somebody turned an age, and what it says stands in it as words, not as codes of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.mappings import canonical, from_mapping, to_mapping
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.sprec import Stay  # noqa: TC001 - types are read as rules

if TYPE_CHECKING:
    from datetime import date, datetime


def _donor_code(text: str) -> bool:
    return codes.parse(text) == text and codes.kind_of(text) is CodeKind.DONOR


def _sample_code(text: str) -> bool:
    return codes.parse(text) == text and codes.kind_of(text) is CodeKind.SAMPLE


DonorCode = Annotated[str, _donor_code]
SampleCode = Annotated[str, _sample_code]
Material = Annotated[str, re.compile(r"[A-Z][A-Z0-9]{2}").fullmatch]
Hash = Annotated[str, re.compile(r"[0-9a-f]{64}").fullmatch]

BRISQ = (
    *("specimen-type", "anatomical-site", "disease-status", "clinical-characteristics", "vital-state"),
    *("clinical-diagnosis", "pathology-diagnosis", "collection-mechanism", "stabilisation", "preservation"),
    *("preservative", "storage-temperature", "storage-duration", "shipping-temperature", "composition"),
)
"""The items of BRISQ tier 1, in its order."""


@dataclass(frozen=True)
class Provenance:
    """Where a vial comes from. ``stays`` are temperature classes since moments; None is unknown."""

    lab: str
    donor: DonorCode
    tube: SampleCode
    vial: SampleCode
    material: Material
    source: Material | None
    kind: Literal["tube", "aliquot", "derivative"]
    time_point: str | None
    drawn_at: datetime | None
    received_at: datetime
    processed_at: datetime | None
    frozen_at: datetime | None
    stays: tuple[Stay, ...]


@dataclass(frozen=True)
class CodedAs:
    """A SPREC code and the version of its tables; ``code`` None for what SPREC does not code."""

    code: str | None
    version: str


@dataclass(frozen=True)
class BrisqItem:
    """An item of BRISQ tier 1 and what is recorded about it; None is "not recorded"."""

    item: str
    value: str | None


@dataclass(frozen=True)
class Amount:
    """How much is in the vial; None is unknown."""

    volume_ul: int | None
    cells: int | None


@dataclass(frozen=True)
class Permission:
    """The decisions of the consent gate about all purposes of a release, and how they came about, in words.

    ``forms`` are the versions that were answered, ``consent_head`` the number of the newest line seen.
    """

    purposes: tuple[str, ...]
    verdict: Literal["permitted", "provisional", "refused"]
    rules_version: str
    forms: tuple[str, ...]
    consent_head: int
    decided_on: date
    known_on: datetime
    reasons: tuple[str, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class ReleasedTo:
    """To which study and where a vial went; ``bdac`` is the committee's number."""

    number: str
    study: str
    recipient: str
    country: str
    bdac: str


@dataclass(frozen=True)
class Written:
    """Where it is written in the lab's history: the events, and a seal over all that came before it."""

    events: tuple[Hash, ...]
    seal_size: int
    seal_root: Hash


@dataclass(frozen=True)
class Proof:
    """Everything that a proof says."""

    provenance: Provenance
    sprec: CodedAs
    brisq: tuple[BrisqItem, ...]
    amount: Amount
    consent: Permission
    release: ReleasedTo
    history: Written

    def as_mapping(self) -> dict[str, Any]:
        """The proof as JSON has it."""
        mapping: dict[str, Any] = to_mapping(self)
        return mapping

    def as_bytes(self) -> bytes:
        """The one way to write this proof. Raises ``Rejected`` when nobody could read it again."""
        mapping = self.as_mapping()
        Proof.from_mapping(mapping)
        return canonical(mapping)

    @classmethod
    def from_mapping(cls, mapping: object) -> Proof:
        """The proof in parsed JSON. Raises ``Rejected`` with everything unknown, missing or wrong."""
        proof = from_mapping(cls, mapping)
        if tuple([one.item for one in proof.brisq]) != BRISQ:
            raise Rejected(Problem("brisq", "entry-wrong", {"path": "brisq"}))
        return proof
