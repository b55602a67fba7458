"""The materials of this biobank and what may be made from what.

Codes are SPREC 2.0 sample types where one exists (Lehmann 2012, doi 10.1089/bio.2012.0012), plus DNA and
RNA. CEL does not say marrow or blood: the anatomical source of a derivative is its parent's material.
SNOMED CT codes follow the German MII biobank map of SPREC; MIABIS types follow BBMRI-ERIC's sample list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["fluid", "cells", "nucleic-acid"]
Unit = Literal["ul", "cells"]


@dataclass(frozen=True)
class Material:
    """A kind of material.

    ``name`` is the msgid of its name, ``label`` its text on a label (at most 8 characters), ``key`` the
    letter of its choice, ``counted_in`` the unit of its amounts, ``temperature`` the class it is kept at
    ("-80" or "ln2"), ``overnight`` whether a night at −80 °C on the way to LN2 is part of its freezing,
    ``containers`` the SPREC primary containers it is usually drawn into.
    """

    code: str
    name: str
    label: str
    key: str
    kind: Kind
    counted_in: Unit
    temperature: Literal["-80", "ln2"]
    overnight: bool
    sprec: bool
    miabis: str
    snomed: str
    containers: frozenset[str] = frozenset()


_ANTICOAGULATED = frozenset({"SHP", "HEP", "LHG", "PED", "SED", "EDG", "ACD", "CPD", "SCI", "CPT"})
_RNA_TUBES = frozenset({"PAX", "PXD", "PXR", "TEM"})
_PLAIN = frozenset({"PPS", "PET", "ADD", "ZZZ"})
_SERUM = frozenset({"SST", "CAT", "TRC"})


def _fluid(
    code: str, name: str, label: str, key: str, codes: tuple[str, str], containers: frozenset[str]
) -> Material:
    return Material(code, name, label, key, "fluid", "ul", "-80", False, True, *codes, containers)


def _viable(code: str, name: str, label: str, key: str, codes: tuple[str, str]) -> Material:
    return Material(code, name, label, key, "cells", "cells", "ln2", True, True, *codes, _ANTICOAGULATED)


def _pellet(
    code: str,
    name: str,
    label: str,
    key: str,
    codes: tuple[str, str],
    containers: frozenset[str] = _ANTICOAGULATED,
) -> Material:
    return Material(code, name, label, key, "cells", "cells", "-80", False, True, *codes, containers)


def _nucleic_acid(code: str, key: str, codes: tuple[str, str]) -> Material:
    return Material(code, code, code, key, "nucleic-acid", "ul", "-80", False, False, *codes)


MATERIALS: tuple[Material, ...] = (
    _fluid(
        "BMA", "Bone marrow", "BM", "B", ("Bone marrow aspirate", "396997002"), _ANTICOAGULATED | _RNA_TUBES
    ),
    _fluid("BLD", "Blood", "PB", "P", ("Whole blood", "258580003"), _ANTICOAGULATED | _RNA_TUBES | _SERUM),
    _fluid("CSF", "Spinal fluid", "CSF", "C", ("Cerebrospinal fluid", "258450006"), _PLAIN),
    _fluid("SER", "Serum", "SERUM", "S", ("Serum", "119364003"), _SERUM),
    _fluid("PL1", "Plasma", "PLASMA", "L", ("Plasma", "119361006"), _ANTICOAGULATED),
    _fluid("PL2", "Plasma, spun twice", "PLASMA 2", "A", ("Plasma", "119361006"), _ANTICOAGULATED),
    _viable("CEL", "Mononuclear cells", "MNC", "M", ("PBMC", "404798000")),
    _pellet("PEL", "Mononuclear cells, dry pellet", "PELLET", "E", ("PBMC", "404798000")),
    _pellet("PEN", "Spinal fluid cells", "CSF CELL", "N", ("Other", "258450006"), _PLAIN),
    _viable("BUF", "Buffy coat, viable", "BUFFY", "U", ("Buffy Coat", "258587000")),
    _pellet("BFF", "Buffy coat, not viable", "BUFFY NV", "F", ("Buffy Coat", "258587000")),
    _nucleic_acid("DNA", "D", ("DNA", "258566005")),
    _nucleic_acid("RNA", "R", ("RNA", "441673008")),
    _fluid("ZZZ", "Other material", "OTHER", "O", ("Other", "123038009"), _PLAIN | _ANTICOAGULATED | _SERUM),
)

_BY_CODE = {entry.code: entry for entry in MATERIALS}

RECEIVED: tuple[str, ...] = ("BMA", "BLD", "CSF", "SER", "PL1", "DNA", "RNA", "ZZZ")
"""What a tube may arrive with, in the order of the choice row."""

_MADE_FROM: dict[str, tuple[str, ...]] = {
    "BMA": ("BMA", "CEL", "PEL", "PL1", "PL2", "BUF", "BFF", "DNA", "RNA"),
    "BLD": ("BLD", "CEL", "PEL", "PL1", "PL2", "SER", "BUF", "BFF", "DNA", "RNA"),
    "CSF": ("CSF", "PEN", "DNA", "RNA"),
    "SER": ("SER", "DNA"),
    "PL1": ("PL1", "PL2", "DNA"),
    "PL2": ("PL2", "DNA"),
    "CEL": ("CEL", "PEL", "DNA", "RNA"),
    "PEL": ("PEL", "DNA", "RNA"),
    "PEN": ("PEN", "DNA", "RNA"),
    "BUF": ("BUF", "CEL", "BFF", "DNA", "RNA"),
    "BFF": ("BFF", "DNA", "RNA"),
    "DNA": ("DNA",),
    "RNA": ("RNA",),
    "ZZZ": ("ZZZ",),
}

DERIVATIONS: frozenset[tuple[str, str]] = frozenset(
    (parent, child) for parent, children in _MADE_FROM.items() for child in children
)
"""Every allowed (parent, child); a material to itself is an aliquot."""


def material(code: str) -> Material:
    """The material of a code. Raises ``KeyError`` for a code that is not in ``MATERIALS``."""
    return _BY_CODE[code]


def known(code: str) -> bool:
    """Whether ``code`` names a material."""
    return code in _BY_CODE


def children_of(code: str) -> tuple[str, ...]:
    """What may be made from a material, itself (plain aliquots) first."""
    return _MADE_FROM[code]
