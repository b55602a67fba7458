"""Consent forms: a version of a form as it was approved, whom it addresses, and what it asks.

A consent answers the items of one version. An item that version does not hold was not asked: that is
neither yes nor no (MIABIS: use and access conditions are kept item by item).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast, get_args

from biobank_desktop.domain.problems import Problem, Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

Audience = Literal["parents", "12-15", "16-and-over", "adult"]
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
Option = Literal["in", "out"]
MOST_ITEMS = 60

_ADDRESSED: Mapping[str, frozenset[str]] = {
    "parents": frozenset({"mother", "father", "guardian"}),
    "12-15": frozenset({"child"}),
    "16-and-over": frozenset({"self"}),
    "adult": frozenset({"self"}),
}
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{2,59}")
_ITEM = re.compile(r"[A-Z][A-Z0-9_]{1,31}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEXTS = ("form", "version", "approved_by")
_KEYS = frozenset(
    {
        *("id", "form", "version", "language", "audience", "approved_by", "approved_on", "valid_from"),
        *("valid_to", "item", "document_name", "document_sha256"),
    }
)
_ITEM_KEYS = frozenset({"code", "wording", "mandatory", "opt"})


@dataclass(frozen=True)
class FormItem:
    """One question of a form. ``opt`` "in": only a yes permits; "out": saying nothing is no objection."""

    code: str
    wording: str
    mandatory: bool = False
    opt: Option = "in"


@dataclass(frozen=True)
class FormVersion:
    """One version of a form in one language for one audience.

    ``valid_from`` and ``valid_to`` are the first and the last day on which it may be signed; None: still.
    """

    id: str
    form: str
    version: str
    language: str
    audience: Audience
    approved_by: str
    approved_on: date | None
    valid_from: date
    valid_to: date | None
    items: tuple[FormItem, ...]
    document_name: str = ""
    document_sha256: str | None = None

    def in_force(self, on: date) -> bool:
        """Whether it could be signed on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def item(self, code: str) -> FormItem | None:
        """The question of a code, None when this version does not ask it."""
        return self._by_code.get(code)

    @cached_property
    def _by_code(self) -> Mapping[str, FormItem]:
        return {item.code: item for item in self.items}

    def addresses(self, signatory: str) -> bool:
        """Whether it was written for this signatory."""
        return signatory in _ADDRESSED[self.audience]

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object], path: str = "") -> FormVersion:
        """The version in a parsed TOML table. Raises ``Rejected`` with every problem, each at its path."""
        problems = list(_problems(mapping, path))
        if problems:
            raise Rejected(*problems)
        known = {key: value for key, value in mapping.items() if key != "item"}
        items = cast("list[Mapping[str, object]]", mapping["item"])
        return cls(
            **{"approved_on": None, "valid_to": None, **known},  # type: ignore[arg-type]
            items=tuple(FormItem(**item) for item in items),  # type: ignore[arg-type]
        )


def _problems(mapping: Mapping[str, object], path: str) -> list[Problem]:
    wrong = [
        *sorted(mapping.keys() - _KEYS),
        *(name for name in _TEXTS if not _line(mapping.get(name))),
        *(
            name
            for name, rule in (("id", _ID), ("language", _LANGUAGE))
            if not _fits(mapping.get(name), rule)
        ),
    ]
    if mapping.get("audience") not in AUDIENCES:
        wrong.append("audience")
    if not isinstance(mapping.get("document_name", ""), str):
        wrong.append("document_name")
    digest = mapping.get("document_sha256")
    if digest is not None and not _fits(digest, _SHA256):
        wrong.append("document_sha256")
    wrong += _wrong_days(mapping)
    items = mapping.get("item")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        wrong.append("item")
    else:
        wrong += [f"item[{place}]{what}" for place, item in enumerate(items) for what in _wrong_item(item)]
        codes = [item.get("code") for item in items if isinstance(item, dict)]
        wrong += [f"item[{n}].code" for n, code in enumerate(codes) if code is not None and code in codes[:n]]
    return [Problem(f"{path}{name}", "form-entry-wrong", {"path": f"{path}{name}"}) for name in wrong]


def _wrong_days(mapping: Mapping[str, object]) -> list[str]:
    first, last = mapping.get("valid_from"), mapping.get("valid_to")
    wrong = [] if _day(first) else ["valid_from"]
    wrong += [
        name for name in ("approved_on", "valid_to") if not (mapping.get(name) is None or _day(mapping[name]))
    ]
    if not wrong and last is not None and cast("date", last) < cast("date", first):
        wrong.append("valid_to")
    return wrong


def _wrong_item(item: object) -> list[str]:
    if not isinstance(item, dict):
        return [""]
    wrong = [f".{name}" for name in sorted(item.keys() - _ITEM_KEYS)]
    if not _fits(item.get("code"), _ITEM):
        wrong.append(".code")
    if not _line(item.get("wording")):
        wrong.append(".wording")
    if "mandatory" in item and not isinstance(item["mandatory"], bool):
        wrong.append(".mandatory")
    if item.get("opt", "in") not in get_args(Option):
        wrong.append(".opt")
    return wrong


def _fits(value: object, rule: re.Pattern[str]) -> bool:
    return isinstance(value, str) and rule.fullmatch(value) is not None


def _line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _day(value: object) -> bool:
    return type(value) is date
