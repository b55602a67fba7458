"""Input files: what is not exactly a form is refused, with a sentence, all at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.cli import forms
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.intake import DonorForm, ReceiptForm
from biobank_desktop.domain.problems import Rejected, Unavailable
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.services.consent import ConsentForm
from biobank_desktop.services.storage import ContainerForm

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Form:
    text: str
    count: int | None
    share: float
    on: date
    at: datetime | None
    sure: bool = False
    pairs: tuple[tuple[str, str], ...] = ()


WHOLE: dict[str, Any] = {
    "text": "marrow",
    "count": None,
    "share": 1,
    "on": "2026-02-28",
    "at": "2026-02-28T10:00:00+01:00",
}


def codes_of(mapping: dict[str, object], form: type[Any] = Form) -> dict[str, str]:
    _answers, problems = forms.answers_of(form, mapping)
    return {problem.field: problem.code for problem in problems}


def test_a_whole_form_is_read_with_its_types() -> None:
    read = forms.form_of(Form, {**WHOLE, "sure": True, "pairs": [["a", "b"]]})
    at = datetime(2026, 2, 28, 10, tzinfo=timezone(timedelta(hours=1)))
    assert read == Form("marrow", None, 1.0, date(2026, 2, 28), at, sure=True, pairs=(("a", "b"),))
    assert read.at is not None
    assert read.at.astimezone(UTC).hour == 9


@pytest.mark.parametrize(
    ("key", "value", "field", "code"),
    [
        ("text", 3, "text", "not-a-text"),
        ("text", None, "text", "unknown-not-allowed"),
        ("text", "a\x00b", "text", "text-has-control-characters"),
        ("text", "\x1b[2J", "text", "text-has-control-characters"),
        ("text", "\ud83d", "text", "text-not-unicode"),
        ("text", "x" * 4001, "text", "text-too-long"),
        ("count", True, "count", "not-a-whole-number"),
        ("count", 1.0, "count", "not-a-whole-number"),
        ("count", "1", "count", "not-a-whole-number"),
        ("count", 10**300, "count", "number-too-large"),
        ("share", "1", "share", "not-a-number"),
        ("share", True, "share", "not-a-number"),
        ("share", 1e300, "share", "number-too-large"),
        ("on", "2026-02-30", "on", "not-a-date"),
        ("on", 20260228, "on", "not-a-date"),
        ("on", "2026-02-28T10:00:00Z", "on", "not-a-date"),
        ("at", "2026-02-28T10:00:00", "at", "moment-without-offset"),
        ("at", "yesterday", "at", "not-a-moment"),
        ("at", 1_700_000_000, "at", "not-a-moment"),
        ("sure", "yes", "sure", "not-true-or-false"),
        ("sure", 1, "sure", "not-true-or-false"),
        ("pairs", "ab", "pairs", "not-a-list"),
        ("pairs", [["a"]], "pairs[0]", "list-length"),
        ("pairs", [["a", "b"], ["a", 1]], "pairs[1][1]", "not-a-text"),
        ("colour", "red", "colour", "key-unknown"),
        ("co\x00lour", "red", "co?lour", "key-unknown"),
    ],
)
def test_a_wrong_value_is_named_by_its_field(key: str, value: object, field: str, code: str) -> None:
    assert codes_of({**WHOLE, key: value}) == {field: code}


def test_all_problems_come_at_once_with_what_is_absent() -> None:
    assert codes_of({"text": 1, "sure": 2}) == {
        "text": "not-a-text",
        "sure": "not-true-or-false",
        "count": "answer-missing",
        "share": "answer-missing",
        "on": "answer-missing",
        "at": "answer-missing",
    }


def test_nested_forms_name_the_whole_way() -> None:
    plan = [{"material": "CEL", "count": 4, "cells": "many"}, {"material": "PL1"}, "PL1"]
    found = codes_of({"plan": plan}, ReceiptForm)
    assert {field: code for field, code in found.items() if field.startswith("plan")} == {
        "plan[0].cells": "not-a-whole-number",
        "plan[1].count": "answer-missing",
        "plan[2]": "not-an-object",
    }
    answers, _problems = forms.answers_of(ReceiptForm, {"plan": [{"material": "CEL", "count": 4}]})
    assert answers["plan"] == (PlannedVials("CEL", 4),)


@pytest.mark.parametrize("form", [ReceiptForm, DonorForm, ConsentForm, FillForm, ContainerForm])
def test_every_form_of_the_command_line_can_be_read(form: type[Any]) -> None:
    assert "answer-missing" in codes_of({}, form).values()


def test_answers_of_consent_are_texts() -> None:
    found = codes_of({"answers": {"STORE": "yes", "DATA": 1}}, ConsentForm)
    assert found["answers.DATA"] == "not-a-text"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "input-not-json"),
        (b"{", "input-not-json"),
        (b"[1]", "input-not-object"),
        (b'{"a": NaN}', "input-not-json"),
        (b'{"a": 1, "a": 2}', "input-not-json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "input-not-json"),
        (b"[" * 100_000, "input-not-json"),
        ('{"a": "é"}'.encode("latin-1"), "input-not-utf8"),
        ('{"a": 1}'.encode("utf-16"), "input-not-utf8"),
        (b'{"a": "' + b"x" * 10_000_000 + b'"}', "input-too-large"),
    ],
)
def test_a_file_that_is_no_form_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "input.json"
    path.write_bytes(content)
    with pytest.raises(Rejected) as refused:
        forms.read_input(str(path))
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "input.json"
    path.write_bytes(json.dumps({"a": 1}).encode("utf-8-sig"))
    assert forms.read_input(str(path)) == {"a": 1}


def test_a_file_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        forms.read_input(str(tmp_path))


def test_a_command_is_a_uuid_or_nothing() -> None:
    assert forms.command_of({}) is None
    assert forms.command_of({"command": None}) is None
    wrongs: tuple[object, ...] = (3, "x", {})
    for wrong in wrongs:
        with pytest.raises(Rejected):
            forms.command_of({"command": wrong})
