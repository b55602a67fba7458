from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from biobank_desktop.domain.consent_forms import MOST_ITEMS, FormItem, FormVersion
from biobank_desktop.domain.problems import Problem, Rejected

RAW: dict[str, Any] = {
    "id": "parents-2",
    "form": "Parents",
    "version": "2",
    "language": "nl",
    "audience": "parents",
    "approved_by": "METC 1",
    "valid_from": date(2025, 7, 1),
    "item": [
        {"code": "STORE", "wording": "Store", "mandatory": True},
        {"code": "USE", "wording": "Use", "opt": "out"},
    ],
}


def test_a_version_as_it_is_read() -> None:
    version = FormVersion.from_mapping(RAW)
    assert version.items == (FormItem("STORE", "Store", mandatory=True), FormItem("USE", "Use", opt="out"))
    assert (version.approved_on, version.valid_to) == (None, None)
    assert (version.document_name, version.document_sha256) == ("", None)
    assert version.item("USE") == version.items[1]
    assert version.item("use") is None
    assert (version.items[1].mandatory, version.items[0].opt) == (False, "in")
    whole = {"approved_on": date(2025, 6, 1), "valid_to": date(2025, 7, 1), "document_name": "p.pdf"}
    more = FormVersion.from_mapping({**RAW, **whole, "document_sha256": "0" * 64})
    assert (more.approved_on, more.valid_to) == (date(2025, 6, 1), date(2025, 7, 1))
    assert (more.document_name, more.document_sha256) == ("p.pdf", "0" * 64)


def test_the_days_on_which_it_may_be_signed() -> None:
    first, last = date(2025, 7, 1), date(2025, 7, 3)
    version = FormVersion.from_mapping({**RAW, "valid_to": last})
    days = [date(2025, 6, 30), first, last, date(2025, 7, 4)]
    assert [version.in_force(day) for day in days] == [False, True, True, False]
    assert [FormVersion.from_mapping(RAW).in_force(day) for day in days] == [False, True, True, True]


@pytest.mark.parametrize(
    ("audience", "signatories"),
    [
        ("parents", {"mother", "father", "guardian"}),
        ("12-15", {"child"}),
        ("16-and-over", {"self"}),
        ("adult", {"self"}),
    ],
)
def test_whom_it_addresses(audience: str, signatories: set[str]) -> None:
    version = FormVersion.from_mapping({**RAW, "audience": audience})
    everybody = ("mother", "father", "guardian", "child", "self")
    assert {one for one in everybody if version.addresses(one)} == signatories


def items(**change: Any) -> dict[str, Any]:
    return {"item": [{"code": "STORE", "wording": "Store", **change}]}


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"form": " ", "version": 2, "approved_by": None}, ["form", "version", "approved_by"]),
        ({"id": "P", "language": "NL"}, ["id", "language"]),
        ({"id": 7, "language": "nld"}, ["id", "language"]),
        ({"colour": "red", "audience": "children"}, ["colour", "audience"]),
        ({"document_name": 1, "document_sha256": "0" * 63}, ["document_name", "document_sha256"]),
        ({"valid_from": "2025-07-01"}, ["valid_from"]),
        ({"valid_from": datetime(2025, 7, 1), "valid_to": date(2024, 1, 1)}, ["valid_from"]),
        ({"approved_on": 1, "valid_to": "x"}, ["approved_on", "valid_to"]),
        ({"valid_to": date(2025, 6, 30)}, ["valid_to"]),
        ({"item": []}, ["item"]),
        ({"item": "STORE"}, ["item"]),
        ({"item": [{"code": f"I{n}X", "wording": "x"} for n in range(MOST_ITEMS + 1)]}, ["item"]),
        ({"item": ["STORE"]}, ["item[0]"]),
        ({"item": [*RAW["item"], {"code": "STORE", "wording": "Again"}]}, ["item[2].code"]),
        (items(code="store"), ["item[0].code"]),
        (items(wording="a\nb", extra=1), ["item[0].extra", "item[0].wording"]),
        (items(mandatory="yes", opt="maybe"), ["item[0].mandatory", "item[0].opt"]),
    ],
)  # fmt: skip
def test_malformed_versions_are_refused_with_every_path(change: dict[str, Any], paths: list[str]) -> None:
    with pytest.raises(Rejected) as refusal:
        FormVersion.from_mapping({**RAW, **change}, "form[3].")
    assert list(refusal.value.problems) == [
        Problem(f"form[3].{path}", "form-entry-wrong", {"path": f"form[3].{path}"}) for path in paths
    ]


def test_as_many_items_as_there_may_be() -> None:
    assert MOST_ITEMS == 60
    most = [{"code": f"I{n}X", "wording": "x"} for n in range(MOST_ITEMS)]
    assert len(FormVersion.from_mapping({**RAW, "item": most}).items) == MOST_ITEMS


def test_items_without_a_code_are_not_doubles_of_each_other() -> None:
    with pytest.raises(Rejected) as refused:
        FormVersion.from_mapping({**RAW, "item": [{"wording": "a"}, {"wording": "b"}]})
    assert [problem.field for problem in refused.value.problems] == ["item[0].code", "item[1].code"]
    with pytest.raises(Rejected) as refused:
        FormVersion.from_mapping({**RAW, "item": []}, "version[3].")
    assert [problem.field for problem in refused.value.problems] == ["version[3].item"]
