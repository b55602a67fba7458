"""The reference data shipped with the program, read once: SPREC tables, protocols, consent rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from biobank_desktop.domain.consent_forms import FormVersion
from biobank_desktop.domain.consent_rules import ConsentRules
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.domain.protocols import Protocol
from biobank_desktop.domain.sprec import SprecTables
from biobank_desktop.domain.toml import MOST_BYTES, NotTomlError, read_toml
from biobank_desktop.resources import folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Reference:
    """What every service and screen may look up."""

    sprec: SprecTables
    protocols: Mapping[str, Protocol]
    consent_rules: ConsentRules

    def protocol(self, protocol_id: str) -> Protocol:
        """The protocol of an id. Raises ``NotFound`` when none is shipped under it."""
        try:
            return self.protocols[protocol_id]
        except KeyError:
            raise NotFound(Problem("protocol", "unknown-protocol", {"protocol": protocol_id})) from None


@cache
def reference() -> Reference:
    """The shipped reference data. Raises ``Rejected`` with every problem when a file is malformed."""
    protocols = [read_protocol(path) for path in sorted(folder("protocols").glob("*.toml"))]
    return Reference(
        sprec=read_sprec_tables(folder("sprec") / "sprec-2.0.toml"),
        protocols=MappingProxyType({protocol.id: protocol for protocol in protocols}),
        consent_rules=read_consent_rules(folder("consent") / "rules-nl-1.toml"),
    )


def read_protocol(path: Path) -> Protocol:
    """The protocol in a file. Raises ``Rejected`` with every problem."""
    return Protocol.from_mapping(_read(path))


def read_consent_rules(path: Path) -> ConsentRules:
    """The consent rules in a file. Raises ``Rejected`` with every problem."""
    return ConsentRules.from_mapping(_read(path))


def read_form_version(path: Path) -> FormVersion:
    """The version of a consent form in a file. Raises ``Rejected`` with every problem."""
    return FormVersion.from_mapping(_read(path))


def read_sprec_tables(path: Path) -> SprecTables:
    """The SPREC tables in a file. Raises ``Rejected``."""
    return SprecTables.from_mapping(_read(path))


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            return read_toml(file.read(MOST_BYTES + 1))
    except NotTomlError as error:
        values = {"name": path.name, "reason": str(error)}
        raise Rejected(Problem("", "reference-unreadable", values)) from error
