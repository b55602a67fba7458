"""Where each reason and step of a decision comes from, so that anybody can look it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Source = Literal["wmo", "rules", "form", "record"]
"""The law on who decides, the lab's rule set, the form that was signed, a line of the donor's record."""

KEYS: tuple[Source, ...] = get_args(Source)

SOURCES: Mapping[str, Source] = {
    "age-band": "wmo",
    "child-missing": "wmo",
    "child-objects": "wmo",
    "no-consent-yet": "wmo",
    "own-decision-missing": "wmo",
    "own-decision-open": "wmo",
    "second-parent-missing": "wmo",
    "age-policy": "rules",
    "deadline-passed": "rules",
    "deceased": "rules",
    "own-decision-due": "rules",
    "own-decision-overdue": "rules",
    "recontact-due": "rules",
    "rule": "rules",
    "waiting-until": "rules",
    "form-not-in-force": "form",
    "item-not-asked": "form",
    "no-objection": "form",
    "age-unknown": "record",
    "answered": "record",
    "answered-alone": "record",
    "died": "record",
    "item-not-answered": "record",
    "item-refused": "record",
    "withdrawn": "record",
    "withdrawn-no-contact": "record",
    "withdrawn-no-new-material": "record",
    "withdrew": "record",
}
"""The source of every code of a ``Reason`` or ``Step``; its sentence is ``source.<key>``."""
