"""What consent costs: the gate alone, and what if for a whole lab."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from biobank_desktop.domain.consent import ConsentLine, ConsentRecord, decide_all, verdicts
from biobank_desktop.domain.dates import local_day, turns
from biobank_desktop.services.reference import reference
from biobank_desktop.services.what_if import Question, what_if
from tests.bench.timing import Row, each, quantiles
from tests.support.databases import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from biobank_desktop.domain.consent_record import Answer, LineKind, Signatory
    from tests.bench.database import Lab

RECORDS = 2_000
SIGNED = date(2025, 1, 2)


def rows() -> Iterator[Row]:
    """The gate on one core: typical records of two to four lines, every purpose of the rules."""
    rules = reference().consent_rules
    purposes = tuple(rules.purposes)
    records = [_record(number) for number in range(RECORDS)]
    on, known_on = date(2026, 11, 22), datetime(2026, 11, 22, 12, tzinfo=UTC)

    def whole() -> None:
        for record in records:
            decide_all(record, purposes, on, known_on, rules)

    def bare() -> None:
        for record in records:
            verdicts(record, purposes, on, known_on, rules)

    yield _rate("gate, decisions", whole, RECORDS * len(purposes), "with reasons, steps and holds_until")
    yield _rate("gate, bare verdicts", bare, RECORDS * len(purposes), "as what if asks")


def what_if_rows(lab: Lab) -> Iterator[Row]:
    """Other rules on another day, for every donor and vial of the lab."""
    store = open_store(lab.address)
    try:
        rules = replace(reference().consent_rules, version="bench", deadline_days=10)
        now = datetime.now(UTC)
        question = Question(rules=rules, on=local_day(now) + timedelta(days=3650))
        steps = what_if(store, question, now)
        times: list[float] = []
        while True:
            begin = time.perf_counter()
            try:
                next(steps)
            except StopIteration as end:
                found = end.value
                break
            finally:
                times.append(time.perf_counter() - begin)
    finally:
        store.close()
    told = f"{found.donors:,} donors, {found.vials:,} vials"
    whole = sum(times) * 1000
    yield Row("what if, whole", lab.engine, lab.samples, whole, whole, None, note=told)
    p50, p95 = quantiles(times)
    yield Row("what if, a step", lab.engine, lab.samples, p50, p95, None, note=f"{len(times)} steps")


def _rate(name: str, work: Callable[[], None], decisions: int, note: str) -> Row:
    best = min(each([work] * 5))
    return Row(name, "-", decisions, decisions / best, decisions / best, None, "/s", note)


def _record(number: int) -> ConsentRecord:
    """One of four kinds in turn: a young child, one of 14, one that was asked before 12, a grown donor."""
    rules = reference().consent_rules
    yes: dict[str, Answer] = {item: "yes" for purpose in rules.purposes.values() for item in purpose.items}
    partly: dict[str, Answer] = {**yes, "COMMERCIAL": "no", "ANIMAL": "not-answered"}
    kinds: tuple[tuple[date, tuple[tuple[LineKind, Signatory, date, dict[str, Answer]], ...]], ...] = (
        (date(2018, 5, 5), (("given", "mother", SIGNED, yes), ("given", "father", SIGNED, yes))),
        (
            date(2012, 5, 5),
            tuple(("given", who, SIGNED, yes) for who in ("mother", "father", "child")),
        ),
        (
            date(2013, 5, 5),
            (("given", "mother", SIGNED, yes), ("partly-given", "father", SIGNED, partly)),
        ),
        (
            date(2008, 5, 5),
            (
                ("given", "mother", date(2021, 1, 4), yes),
                ("given", "father", date(2021, 1, 4), yes),
                ("given", "child", date(2021, 1, 4), yes),
                ("given", "self", SIGNED, yes),
            ),
        ),
    )
    born_on, lines = kinds[number % len(kinds)]
    noon = datetime(2025, 1, 3, 12, tzinfo=UTC)
    return ConsentRecord(
        turns_12_on=turns(born_on, 12),
        turns_16_on=turns(born_on, 16),
        turns_18_on=turns(born_on, 18),
        first_received_at=noon,
        head=len(lines),
        lines=tuple(
            ConsentLine(no, kind, who, signed_on, noon, noon, answers)
            for no, (kind, who, signed_on, answers) in enumerate(lines, start=1)
        ),
    )
