"""The table of cases (``consent_cases.toml``): each is decided as it says; together they name everything."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from biobank_desktop.domain.consent import VERDICTS, ConsentRules, decide, verdicts
from biobank_desktop.domain.consent_forms import FormVersion
from biobank_desktop.domain.consent_record import ConsentLine, ConsentRecord, Level, LineKind, Signatory
from biobank_desktop.domain.consent_rules import AgePolicy
from biobank_desktop.domain.consent_sources import KEYS, SOURCES
from biobank_desktop.domain.consent_words import last_words
from biobank_desktop.domain.dates import turns
from biobank_desktop.resources import folder
from tests.support.plain_gate import decide as plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biobank_desktop.domain.consent import Decision

TABLE = tomllib.loads(Path(__file__).with_name("consent_cases.toml").read_text("utf-8"))
CASES: list[Mapping[str, Any]] = TABLE["case"]
FORMS = {row["id"]: FormVersion.from_mapping(row) for row in TABLE["form"]}
RULES = ConsentRules.from_mapping(
    tomllib.loads((folder("consent") / "rules-nl-1.toml").read_text(encoding="utf-8"))
)
ITEMS = sorted({item for purpose in RULES.purposes.values() for item in purpose.items})
RECEIVED = datetime(2026, 11, 8, 13, 5, tzinfo=UTC)
AGES = (12, 16, 18)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def line(no: int, text: str) -> ConsentLine:
    """A line of the table."""
    kind, signatory, signed, *more = text.split()
    alone = "alone" in more
    said = dict(word.split("=") for word in more if word != "alone")
    signed_on = date.fromisoformat(signed)
    known_on = date.fromisoformat(said.pop("known", signed))
    paper = FORMS[said.pop("form")] if "form" in said else None
    level, corrects = said.pop("level", None), said.pop("corrects", None)
    assert said.keys() <= set(ITEMS), text
    answers: Any = said or (dict.fromkeys(ITEMS, "yes") if kind in {"given", "partly-given"} else {})
    return ConsentLine(
        no=no,
        kind=kind,  # type: ignore[arg-type]
        signatory=signatory,  # type: ignore[arg-type]
        signed_on=signed_on,
        received_at=noon(signed_on),
        known_at=noon(known_on),
        answers=answers,
        sole_authority=alone,
        level=level,  # type: ignore[arg-type]
        corrects=int(corrects) if corrects else None,
        paper=paper,
    )


def record(case: Mapping[str, Any]) -> ConsentRecord:
    """The record of a case."""
    born, received = case["born"], case.get("received", RECEIVED)
    twelve, sixteen, eighteen = (None if born == "unknown" else turns(born, age) for age in AGES)
    lines = tuple(line(no, text) for no, text in enumerate(case["lines"], start=1))
    return ConsentRecord(
        turns_12_on=twelve,
        turns_16_on=sixteen,
        turns_18_on=eighteen,
        first_received_at=None if received == "never" else received,
        head=len(lines),
        lines=lines,
        material_received_at=case.get("material"),
    )


def rules(case: Mapping[str, Any]) -> ConsentRules:
    """The rules of a case."""
    ages = {int(age): AgePolicy(*policy) for age, policy in case.get("policy", {}).items()}
    said = {name: case[name] for name in ("after_death", "parents", "child") if name in case}
    return replace(RULES, ages={**RULES.ages, **ages}, **said)


def question(case: Mapping[str, Any]) -> tuple[ConsentRecord, str, date, datetime, ConsentRules]:
    """What a case asks of the gate."""
    known_on = noon(case.get("known_on", date(2099, 1, 1)))
    return record(case), case["purpose"], case["on"], known_on, rules(case)


def decision(case: Mapping[str, Any]) -> Decision:
    return decide(*question(case))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_case(case: Mapping[str, Any]) -> None:
    made = decision(case)
    assert [made.verdict, *(reason.code for reason in made.reasons)] == case["expect"].split()
    assert made == plain(*question(case))
    asked, purpose, on, known_on, those = question(case)
    assert verdicts(asked, (purpose,), on, known_on, those) == (made.verdict,)


def test_purposes_asked_together_do_not_share_what_differs() -> None:
    lines = ("given mother 2026-11-10 STORE=yes USE_A2G=yes USE_OTHER=no", "given father 2026-11-10")
    asked = record({"born": date(2018, 5, 5), "lines": lines})
    said = verdicts(
        asked, ("use-a2g", "use-other", "store"), date(2026, 11, 22), noon(date(2099, 1, 1)), RULES
    )
    assert said == ("permitted", "refused", "permitted")


def test_the_last_words_are_those_that_count() -> None:
    lines = (
        "given mother 2026-11-10 STORE=no",
        "given mother 2026-11-12 STORE=yes",
        "refused father 2026-11-11",
    )
    said = last_words(record({"born": date(2018, 5, 5), "lines": lines}).lines, "STORE")
    assert said.mother is not None
    assert said.father is not None
    assert (said.mother.answer, said.mother.line.no) == ("yes", 2)
    assert (said.father.answer, said.own, said.guardian) == ("no", None, None)


def test_the_names_are_unique() -> None:
    assert not [name for name, count in Counter(case["name"] for case in CASES).items() if count > 1]


def test_the_table_leaves_nothing_out() -> None:
    lines = [entry for case in CASES for entry in record(case).lines]
    assert {entry.kind for entry in lines} == set(get_args(LineKind))
    assert {entry.signatory for entry in lines} == set(get_args(Signatory))
    assert {entry.level for entry in lines} == {None, *get_args(Level)}
    assert {case["purpose"] for case in CASES} == set(RULES.purposes)
    assert {case["expect"].split()[0] for case in CASES} == set(VERDICTS)
    assert {entry.paper.id for entry in lines if entry.paper} == set(FORMS)


def test_every_reason_and_step_has_a_source_and_a_case() -> None:
    made = [decision(case) for case in CASES]
    reasons = {reason.code for each in made for reason in each.reasons}
    steps = {step.code for each in made for step in each.steps}
    assert reasons | steps == set(SOURCES)
    assert set(SOURCES.values()) == set(KEYS)
