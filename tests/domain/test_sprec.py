from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.domain.sprec import ELEMENTS, Spin, SprecFacts, SprecTables, Stay, code
from biobank_desktop.resources import folder

RAW = tomllib.loads((folder("sprec") / "sprec-2.0.toml").read_text(encoding="utf-8"))
TABLES = SprecTables.from_mapping(RAW)
DRAWN = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)
SPUN = DRAWN + timedelta(hours=5)
WASH = Spin(SPUN + timedelta(minutes=40), 300, 10, "room", True)
FICOLL = Spin(SPUN, 450, 20, "room", False, gradient=True)
PLASMA_SPIN = Spin(DRAWN + timedelta(hours=1), 1500, 10, "room", True)


def after(spin: Spin, minutes: float) -> datetime:
    assert spin.ended_at is not None
    return spin.ended_at + timedelta(minutes=minutes)


def cells(**changes: object) -> SprecFacts:
    night = Stay(after(WASH, 30), "overnight -80")
    facts = SprecFacts(
        material="CEL",
        container="SHP",
        collected_at=DRAWN,
        transport="room",
        spins=(FICOLL, WASH),
        processing="done",
        stays=(night, Stay(night.since + timedelta(hours=18), "ln2")),
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def fluid(material: str, container: str, spin: Spin = PLASMA_SPIN, **changes: object) -> SprecFacts:
    facts = SprecFacts(
        material=material,
        container=container,
        collected_at=DRAWN,
        transport="room",
        spins=(spin,),
        processing="done",
        stays=(Stay(after(spin, 20), "-80"),),
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (cells(), "CEL-SHP-E-M-B-B-N"),
        (cells(controlled_rate=True, stays=(Stay(after(WASH, 30), "ln2"),)), "CEL-SHP-E-M-B-B-E"),
        (cells(stays=(Stay(after(WASH, 30), "overnight -80"),)), "CEL-SHP-E-M-B-B-?"),
        (fluid("PL1", "PED"), "PL1-PED-A-B-N-B-D"),
        (fluid("CSF", "PPS", Spin(DRAWN + timedelta(hours=1), 300, 10, "room", True)), "CSF-PPS-A-B-N-B-D"),
        (fluid("SER", "SST"), "SER-SST-A-B-N-B-D"),
    ],
)
def test_worked_examples(facts: SprecFacts, text: str) -> None:
    assert code(TABLES, facts).text == text


def test_what_is_still_to_come_is_a_question_mark_and_named() -> None:
    fresh = SprecFacts("CEL", "SHP", DRAWN, "room")
    answer = code(TABLES, fresh)
    assert answer.text == "CEL-SHP-?-?-?-?-?"
    assert answer.missing == ("pre-delay", "first-spin", "second-spin", "post-delay", "storage")
    assert ELEMENTS[:2] == ("type", "container")
    spinning = replace(fresh, spins=(FICOLL,))
    assert code(TABLES, spinning).text == "CEL-SHP-E-M-?-?-?"


def test_processed_but_not_frozen_yet() -> None:
    assert code(TABLES, cells(stays=())).text == "CEL-SHP-E-M-B-?-?"
    assert code(TABLES, cells(processing="open")).text == "CEL-SHP-E-M-B-?-N"


def test_a_spin_ends_after_its_minutes() -> None:
    assert WASH.ended_at == SPUN + timedelta(minutes=50)
    assert Spin(SPUN, 300, None, "room", True).ended_at is None
    assert Spin(None, 300, 10, "room", True).ended_at is None


def test_unknown_is_x_and_never_a_guess() -> None:
    blind = Spin(None, None, None, "unknown", None)
    facts = cells(collected_at=None, transport="unknown", container="NEW", spins=(blind, blind))
    facts = replace(facts, stays=(Stay(SPUN, "unknown"),))
    assert code(TABLES, facts).text == "CEL-XXX-X-X-X-X-X"


def test_a_spin_that_began_at_an_unknown_time_leaves_both_delays_unknown() -> None:
    timeless = replace(PLASMA_SPIN, started_at=None)
    facts = fluid("PL1", "PED", spins=(timeless,))
    assert code(TABLES, facts).text == "PL1-PED-X-B-N-X-D"


def test_a_clock_that_runs_backwards_is_unknown() -> None:
    assert code(TABLES, cells(collected_at=SPUN + timedelta(minutes=1))).text.split("-")[2] == "X"


def test_blood_frozen_without_a_spin() -> None:
    facts = SprecFacts("BLD", "PED", DRAWN, "2-10", processing="done", vessel="primary")
    assert code(TABLES, facts).text == "BLD-PED-?-N-N-N-?"
    frozen = replace(facts, stays=(Stay(DRAWN + timedelta(hours=3), "-80"),))
    assert code(TABLES, frozen).text == "BLD-PED-D-N-N-N-Y"


def test_while_spins_may_still_come_a_stay_in_the_freezer_ends_no_delay() -> None:
    facts = SprecFacts("BLD", "PED", DRAWN, "2-10", stays=(Stay(DRAWN + timedelta(hours=3), "-80"),))
    assert code(TABLES, facts).text == "BLD-PED-?-?-?-?-D"


def test_nothing_has_happened_to_a_sample_of_which_nothing_is_recorded() -> None:
    facts = SprecFacts("BLD", "PED", None, "unknown")
    assert (facts.spins, facts.stays, facts.controlled_rate, facts.frozen_at) == ((), (), False, None)


def test_what_sprec_does_not_code_has_no_text() -> None:
    answer = code(TABLES, replace(cells(), material="DNA"))
    assert (answer.text, answer.version, answer.missing) == ("", "2.0", ())


@pytest.mark.parametrize(
    ("hours", "room", "cold", "warm"),
    [
        (0, "A", "B", "O"),
        (1.99, "A", "B", "O"),
        (2, "C", "D", "Z"),
        (3.99, "C", "D", "Z"),
        (4, "E", "F", "Z"),
        (8, "G", "H", "Z"),
        (12, "I", "J", "Z"),
        (24, "K", "L", "Z"),
        (47.99, "K", "L", "Z"),
        (48, "M", "N", "Z"),
        (400, "M", "N", "Z"),
    ],
)
def test_every_edge_of_the_first_delay(hours: float, room: str, cold: str, warm: str) -> None:
    for transport, letter in (
        ("room", room),
        ("2-10", cold),
        ("35-38", warm),
        ("frozen", "Z"),
        ("unknown", "X"),
    ):
        facts = cells(collected_at=SPUN - timedelta(hours=hours), transport=transport)
        assert code(TABLES, facts).text[8] == letter


@pytest.mark.parametrize(
    ("hours", "room", "cold"),
    [
        (0, "B", "A"),
        (1, "D", "C"),
        (2, "F", "E"),
        (8, "H", "G"),
        (24, "J", "I"),
        (47, "J", "I"),
        (48, "Z", "Z"),
    ],
)
def test_every_edge_of_the_second_delay(hours: float, room: str, cold: str) -> None:
    for bench, letter in (("room", room), ("2-10", cold)):
        facts = cells(bench=bench, stays=(Stay(after(WASH, hours * 60), "ln2"),))
        assert code(TABLES, facts).text[14] == letter


@pytest.mark.parametrize(
    ("spin", "first", "second"),
    [
        (Spin(SPUN, 2999, 10, "room", False), "A", "A"),
        (Spin(SPUN, 2999, 15, "room", True), "B", "B"),
        (Spin(SPUN, 2000, 10, "2-10", False), "C", "C"),
        (Spin(SPUN, 2000, 10, "2-10", True), "D", "D"),
        (Spin(SPUN, 3000, 10, "room", True), "E", "E"),
        (Spin(SPUN, 5999, 10, "2-10", True), "F", "F"),
        (Spin(SPUN, 6000, 10, "room", True), "G", "G"),
        (Spin(SPUN, 9999, 10, "2-10", True), "H", "H"),
        (Spin(SPUN, 10000, 10, "room", True), "I", "I"),
        (Spin(SPUN, 16000, 10, "2-10", True), "J", "J"),
        (Spin(SPUN, 450, 20, "room", False, gradient=True), "M", "Z"),
        (Spin(SPUN, 999, 30, "room", False, gradient=True), "M", "Z"),
        (Spin(SPUN, 1000, 30, "room", False, gradient=True), "Z", "Z"),
        (Spin(SPUN, 450, 31, "room", False, gradient=True), "Z", "Z"),
        (Spin(SPUN, 450, 20, "room", True, gradient=True), "Z", "Z"),
        (Spin(SPUN, 3000, 10, "room", False), "Z", "Z"),
        (Spin(SPUN, 300, 5, "room", True), "Z", "Z"),
        (Spin(SPUN, None, 10, "room", True), "X", "X"),
        (Spin(SPUN, 300, None, "room", True), "X", "X"),
        (Spin(SPUN, 300, 10, "unknown", True), "X", "X"),
        (Spin(SPUN, 300, 10, "room", None), "X", "X"),
    ],
)
def test_every_spin(spin: Spin, first: str, second: str) -> None:
    parts = code(TABLES, cells(spins=(spin, spin))).text.split("-")
    assert parts[3:5] == [first, second]


def test_an_unknown_length_leaves_the_second_delay_unknown() -> None:
    assert code(TABLES, cells(spins=(Spin(SPUN, 300, None, "room", True),))).text.split("-")[5] == "X"


@pytest.mark.parametrize(
    ("vessel", "temperatures", "rate", "letter"),
    [
        ("cryotube", ["-80"], False, "D"),
        ("cryotube", ["ln2"], False, "C"),
        ("cryotube", ["-80", "ln2"], False, "N"),
        ("cryotube", ["ln2", "-80", "ln2"], False, "N"),
        ("cryotube", ["ln2", "ln2"], False, "C"),
        ("cryotube", ["overnight -80", "-80"], False, "D"),
        ("cryotube", ["-80"], True, "D"),
        ("cryotube", ["-20"], False, "Z"),
        ("straw", ["ln2"], True, "I"),
        ("straw", ["overnight -80", "ln2"], False, "O"),
        ("pp-tube", ["-20"], False, "B"),
        ("pp-tube-small", ["-80"], False, "S"),
        ("paraffin", ["fridge"], False, "P"),
        ("bag", ["ln2"], False, "Q"),
        ("bucket", ["-80"], False, "Z"),
        ("cryotube", ["unknown"], False, "X"),
    ],
)
def test_every_kind_of_storage(vessel: str, temperatures: list[str], rate: bool, letter: str) -> None:
    stays = tuple(Stay(after(WASH, 30 + n), temperature) for n, temperature in enumerate(temperatures))
    assert code(TABLES, cells(vessel=vessel, stays=stays, controlled_rate=rate)).text[-1] == letter


@given(st.floats(0, 500), st.sampled_from(["room", "2-10", "35-38", "frozen", "unknown"]))
def test_any_delay_has_exactly_one_letter(hours: float, transport: str) -> None:
    end = SPUN
    rows = [row for row in TABLES.pre_delays if row.temperature == transport and hours in row.hours]
    assert len(rows) <= 1
    answer = code(TABLES, cells(collected_at=end - timedelta(hours=hours), transport=transport))
    assert len(answer.text) == 17
    assert answer.missing == ()


def test_the_tables_are_whole() -> None:
    assert TABLES.version == "2.0"
    assert len(TABLES.types) == 34
    assert len(TABLES.containers) == 27
    assert [row.word.code for row in sorted(TABLES.pre_delays, key=lambda row: row.word.code)] == list(
        "ABCDEFGHIJKLMNO"
    )
    assert [row.word.code for row in TABLES.spins] == list("ABCDEFGHIJM")
    assert sorted(row.word.code for row in TABLES.post_delays) == list("ABCDEFGHIJ")
    assert {row.word.code for row in TABLES.storages} == set("ABVCDENFGHIOJKLMSTWPUQRY")
    assert {word.code for word in TABLES.specials} == set("XZN")
    for words in (TABLES.types, TABLES.containers):
        assert len({word.code for word in words}) == len(words)
        assert all(word.en and word.nl for word in words)


def test_the_tables_know_every_material_and_its_containers() -> None:
    types = {word.code for word in TABLES.types}
    for material in MATERIALS:
        assert (material.code in types) is material.sprec
        assert all(TABLES.container(container) for container in material.containers)


def test_choice_letters_of_containers_are_unique() -> None:
    keys = [word.key for word in TABLES.containers if word.key]
    assert len(keys) == len(set(keys)) == 12
    heparin = TABLES.container("SHP")
    assert heparin is not None
    assert (heparin.key, heparin.nl) == ("H", "Natriumheparine")
    assert {word.key for word in (*TABLES.types, *TABLES.specials)} == {""}


@pytest.mark.parametrize(
    ("damage", "detail"),
    [
        ({"type": {}}, "KeyError('codes')"),
        ({"type": 7}, "TypeError"),
        ({"container": {"codes": [["A"]]}}, "ValueError"),
        ({"container_keys": ["SHP"]}, "AttributeError"),
        ({"spin": [{"code": "A"}]}, "KeyError('en')"),
        ({"pre_delay": [{"temperature": "room", "codes": [["A", [], "a", "a"]]}]}, "IndexError"),
    ],
)
def test_malformed_tables_are_refused(damage: dict[str, object], detail: str) -> None:
    with pytest.raises(Rejected) as refusal:
        SprecTables.from_mapping({**RAW, **damage})
    (problem,) = refusal.value.problems
    assert (problem.field, problem.code) == ("sprec", "sprec-tables-malformed")
    assert detail in str(problem.values["detail"])
