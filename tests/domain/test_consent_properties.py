"""What holds for every record: lines, papers, birthdays and rules are drawn at random."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, get_args

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from biobank_desktop.domain.consent import VERDICTS, Decision, decide, decide_all, verdicts
from biobank_desktop.domain.consent_forms import FormItem, FormVersion
from biobank_desktop.domain.consent_record import (
    Answer,
    ConsentLine,
    ConsentRecord,
    Level,
    LineKind,
    Signatory,
)
from biobank_desktop.domain.consent_rules import AfterDeath, AgePolicy, Child, ConsentRules, Parents, Policy
from biobank_desktop.domain.dates import local_day, midnight, turns
from biobank_desktop.resources import folder
from tests.support.plain_gate import decide as plain

if TYPE_CHECKING:
    import random

RULES = ConsentRules.from_mapping(
    tomllib.loads((folder("consent") / "rules-nl-1.toml").read_text(encoding="utf-8"))
)
ITEMS = ("STORE", "USE_A2G", "USE_OTHER", "RECONTACT")
DIFFERENT = ("store", "use-a2g", "use-other", "use-data", "recontact")
"""Purposes that differ in their items, in wanting new material or in approaching the donor."""
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


births = st.dates(date(2004, 1, 1), date(2020, 12, 31)) | st.sampled_from(
    [date(2004, 2, 29), date(2008, 2, 29), date(2012, 2, 29), date(2016, 2, 29)]
)


def days(born: date | None) -> st.SearchStrategy[date]:
    """Days near what matters: birthdays, graces, and any."""
    near = [turns(born, age) for age in (12, 16, 18)] if born else [date(2026, 1, 1)]
    around = st.builds(
        lambda day, off: day + timedelta(days=off),
        st.sampled_from(near),
        st.sampled_from([-1, 0, 1, 30, 183]),
    )
    return around | st.dates(date(2019, 1, 1), date(2036, 12, 31))


def form(first: date, last: date | None, *held: str) -> FormVersion:
    """A version that asks these items; "-" before one: it asks for objections only."""
    items = tuple(FormItem(item.lstrip("-"), item, opt="out" if item[0] == "-" else "in") for item in held)
    return FormVersion("form", "Form", "1", "nl", "parents", "METC", None, first, last, items)


# The second overlaps the first; one ended before anybody signed; one holds next to nothing.
papers = st.none() | st.sampled_from(
    [
        form(date(2018, 1, 1), date(2027, 6, 30), *ITEMS),
        form(date(2026, 1, 1), None, "STORE", "-USE_A2G", "-RECONTACT"),
        form(date(2000, 1, 1), date(2000, 1, 2), "STORE", "-USE_A2G", "USE_OTHER"),
        form(date(2000, 1, 1), None, "-USE_OTHER"),
    ]
)


@st.composite
def lines(draw: st.DrawFn, no: int, born: date | None, kinds: tuple[str, ...] = ()) -> ConsentLine:
    said: st.SearchStrategy[Answer] = st.sampled_from(
        ["yes", "yes", "yes", "no", "not-asked", "not-answered"]
    )
    signed_on = draw(days(born))
    giving = ("given", "given", "given", "partly-given", "reconfirmed")
    kind: Any = draw(st.sampled_from(kinds or giving * 2 + get_args(LineKind)))
    return ConsentLine(
        no=no,
        kind=kind,
        signatory=draw(st.sampled_from(get_args(Signatory))),
        signed_on=signed_on,
        received_at=noon(signed_on),
        known_at=noon(signed_on + timedelta(days=draw(st.integers(0, 40)))),
        answers=draw(st.dictionaries(st.sampled_from(ITEMS), said)),
        sole_authority=draw(st.booleans()),
        level=draw(st.sampled_from([None, *get_args(Level)])),
        corrects=draw(st.none() | st.integers(1, no - 1)) if no > 1 and draw(st.booleans()) else None,
        paper=draw(papers),
    )


@st.composite
def records(draw: st.DrawFn) -> tuple[ConsentRecord, date]:
    """A record, and a day to ask about."""
    born = draw(st.none() | births)
    count = draw(st.integers(0, 4))
    written = tuple(draw(lines(no, born)) for no in range(1, count + 1))
    twelve, sixteen, eighteen = (turns(born, age) if born else None for age in (12, 16, 18))
    first = draw(st.none() | days(born))
    material = draw(st.none() | days(born))
    on = draw(days(born))
    made = ConsentRecord(
        *(twelve, sixteen, eighteen, noon(first) if first else None, count, written),
        noon(material) if material else None,
    )
    return made, on


policies = st.builds(AgePolicy, st.sampled_from(get_args(Policy)), st.sampled_from([0, 10, 183, 1461]))
rule_sets: st.SearchStrategy[ConsentRules] = st.just(RULES) | st.builds(
    lambda twelve, sixteen, eighteen, death, parents, child: replace(
        RULES,
        ages={12: twelve, 16: sixteen, 18: eighteen},
        after_death=death,
        parents=parents,
        child=child,
    ),
    *(policies, policies, policies),
    *(st.sampled_from(get_args(choice)) for choice in (AfterDeath, Parents, Child)),
)
purposes = st.sampled_from(DIFFERENT)


def rank(decision: Decision) -> int:
    return VERDICTS.index(decision.verdict)


@settings(deadline=None)
@given(records(), rule_sets, st.integers(0, 60), st.randoms())
def test_many_purposes_at_once_are_decided_as_each_alone_and_as_the_long_way(
    asked: tuple[ConsentRecord, date], rules: ConsentRules, later: int, dice: random.Random
) -> None:
    record, on = asked
    known_on = noon(on + timedelta(days=later))
    order = dice.sample(DIFFERENT, len(DIFFERENT))
    together = decide_all(record, order, on, known_on, rules)
    assert together == tuple(plain(record, purpose, on, known_on, rules) for purpose in order)
    assert together == tuple(decide(record, purpose, on, known_on, rules) for purpose in order)
    assert verdicts(record, order, on, known_on, rules) == tuple(made.verdict for made in together)


@settings(deadline=None)
@given(records(), purposes, rule_sets, st.data())
def test_a_verdict_holds_until_it_says_and_not_a_day_longer(
    asked: tuple[ConsentRecord, date], purpose: str, rules: ConsentRules, data: st.DataObject
) -> None:
    record, on = asked
    record = replace(record, lines=tuple(line for line in record.lines if line.signed_on <= on))
    decision = decide(record, purpose, on, FAR, rules)
    end = date(2060, 1, 1)
    if decision.holds_until is not None:
        end = local_day(decision.holds_until)
        assert midnight(end) == decision.holds_until
        assert local_day(decision.holds_until - timedelta(microseconds=1)) == end - timedelta(days=1)
        assert decide(record, purpose, end, FAR, rules).verdict != decision.verdict
    for day in {data.draw(st.dates(on, end - timedelta(days=1))), end - timedelta(days=1)}:
        assert decide(record, purpose, day, FAR, rules).verdict == decision.verdict


@settings(deadline=None)
@given(records(), purposes, rule_sets, st.data())
def test_a_no_never_permits_more(
    asked: tuple[ConsentRecord, date], purpose: str, rules: ConsentRules, data: st.DataObject
) -> None:
    """Whatever paper it stands on, unless it takes the place of another line."""
    record, on = asked
    drawn = data.draw(lines(record.head + 1, None, ("refused", "objected", "withdrawn")))
    added = replace(drawn, corrects=None)
    before = decide(record, purpose, on, FAR, rules)
    after = decide(replace(record, lines=(*record.lines, added)), purpose, on, FAR, rules)
    assert rank(after) >= rank(before)


@settings(deadline=None)
@given(records(), purposes, rule_sets)
def test_paper_that_is_not_in_force_never_permits_more(
    asked: tuple[ConsentRecord, date], purpose: str, rules: ConsentRules
) -> None:
    """Each giving line in turn on a version that had ended: never more is permitted than without the line."""
    record, on = asked
    ended = form(date(2000, 1, 1), date(2000, 1, 2), *ITEMS)
    for line in record.lines:
        if line.kind in {"given", "partly-given", "reconfirmed"}:
            others = tuple(one for one in record.lines if one is not line)
            void = replace(line, paper=ended)
            assume(line.corrects is None and all(one.corrects != line.no for one in others))
            assume(all(one.kind != "reconfirmed" for one in others))
            without = decide(replace(record, lines=others), purpose, on, FAR, rules)
            made = decide(replace(record, lines=(*others, void)), purpose, on, FAR, rules)
            assert made.verdict != "permitted" or without.verdict == "permitted"


@settings(deadline=None)
@given(records(), purposes, st.randoms())
def test_the_order_of_entry_matters_only_on_one_day(
    asked: tuple[ConsentRecord, date], purpose: str, dice: random.Random
) -> None:
    record, on = asked
    written = [replace(line, corrects=None) for line in record.lines]
    assume(len({line.signed_on for line in written}) == len(written))
    numbers = [line.no for line in written]
    dice.shuffle(numbers)
    again = [replace(line, no=no) for line, no in zip(written, numbers, strict=True)]
    dice.shuffle(again)
    one, other = (
        decide(replace(record, lines=tuple(each)), purpose, on, FAR, RULES) for each in (written, again)
    )
    assert (one.verdict, one.reasons, one.holds_until) == (other.verdict, other.reasons, other.holds_until)


@settings(deadline=None)
@given(records(), purposes, st.data())
def test_what_comes_later_does_not_change_what_was_decided(
    asked: tuple[ConsentRecord, date], purpose: str, data: st.DataObject
) -> None:
    """Asked again as of that moment, lines entered since or signed since count for nothing."""
    record, on = asked
    known_on = noon(on)
    before = replace(record, lines=tuple(line for line in record.lines if line.known_at <= known_on))
    added = data.draw(lines(record.head + 1, None))
    since = replace(added, known_at=known_on + timedelta(milliseconds=1))
    signed_since = replace(added, known_at=known_on, signed_on=on + timedelta(days=1), corrects=None)
    told = decide(before, purpose, on, known_on, RULES)
    for more in (since, signed_since):
        later = replace(record, lines=(*record.lines, more))
        assert decide(later, purpose, on, known_on, RULES) == told


@settings(deadline=None)
@given(births, st.sampled_from([12, 16, 18]), st.integers(0, 23), st.integers(0, 59))
def test_a_birthday_begins_at_midnight_in_amsterdam(born: date, age: int, hour: int, minute: int) -> None:
    birthday = turns(born, age)
    assert (birthday.month, birthday.day) in {(born.month, born.day), (3, 1)}
    assert local_day(midnight(birthday)) == birthday
    assert local_day(midnight(birthday) - timedelta(microseconds=1)) == birthday - timedelta(days=1)
    moment = midnight(birthday) + timedelta(hours=hour, minutes=minute)
    assert local_day(moment) in {birthday, birthday + timedelta(days=1)}  # a day may have 23 hours


@settings(deadline=None)
@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31)), st.timedeltas(timedelta(), timedelta(2)))
def test_the_deadline_counts_days_in_amsterdam(moment: datetime, before: timedelta) -> None:
    received = moment.replace(tzinfo=UTC)
    record = ConsentRecord(date(2040, 1, 1), date(2044, 1, 1), date(2046, 1, 1), received, 0)
    until = local_day(received) + timedelta(days=RULES.deadline_days)
    on = until - before
    made = decide(record, "store", on, FAR, RULES)
    assert made.reasons[-1].values == {"until": until}
    assert made.verdict == ("refused" if on >= until else "provisional")
    assert made.holds_until == (None if on >= until else midnight(until))
