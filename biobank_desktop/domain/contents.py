"""What may lie in a container: lists of materials and of kinds, and how rules around it narrow them.

A list is a text with a word in each line, as the database keeps it; None allows everything. Rules are
inherited downwards: what may lie in a box is what its own rule, that of its kind and every rule around it
allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.domain.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

Allowed = frozenset[str] | None
"""The words of a list, None when everything is allowed."""

_KNOWN = frozenset(one.code for one in MATERIALS)


def allowed(text: str | None) -> Allowed:
    """The words of a list as the database keeps it."""
    return None if text is None else frozenset(text.split("\n"))


def as_text(words: Allowed) -> str | None:
    """A list as the database keeps it, in one order. Raises ``ValueError`` for one that allows nothing."""
    if words is None:
        return None
    if not words:
        raise ValueError("a rule that allows nothing")
    return "\n".join(sorted(words))


def narrowed(*rules: Allowed) -> Allowed:
    """What all of these allow; empty when they have nothing in common."""
    lists = [rule for rule in rules if rule is not None]
    return frozenset.intersection(*lists) if lists else None


def allows(rule: Allowed, word: str) -> bool:
    """Whether a list allows a word."""
    return rule is None or word in rule


def material_problems(materials: Sequence[str] | None, field: str = "materials") -> list[Problem]:
    """What is wrong with a list of materials; None allows all."""
    if materials is None:
        return []
    if not materials:
        return [Problem(field, "rule-allows-nothing")]
    return [
        Problem(field, "not-a-choice", {"value": one, "choices": sorted(_KNOWN)})
        for one in sorted(set(materials) - _KNOWN)
    ]
