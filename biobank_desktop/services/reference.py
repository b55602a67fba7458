"""The reference data shipped with the program, read once: SPREC tables, protocols, consent rules."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.consent_rules import ConsentRules
from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.domain.protocols import Protocol
from biobank_desktop.domain.sprec import SprecTables
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
    protocols = [Protocol.from_mapping(_read(path)) for path in sorted(folder("protocols").glob("*.toml"))]
    return Reference(
        sprec=SprecTables.from_mapping(_read(folder("sprec") / "sprec-2.0.toml")),
        protocols=MappingProxyType({protocol.id: protocol for protocol in protocols}),
        consent_rules=ConsentRules.from_mapping(_read(folder("consent") / "rules-nl-1.toml")),
    )


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
