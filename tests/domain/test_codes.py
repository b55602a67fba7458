from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind

ISO = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
"""The characters of ISO/IEC 7064 MOD 37-2, each worth its place."""
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 without I, L, O and U (crockford.com/base32)."""
LAST = 32**5 - 1
FIRST_TUBES = codes.run(CodeKind.SAMPLE, 2026, 1, 3)

kinds = st.sampled_from(CodeKind)
serials = st.integers(0, LAST) | st.integers(LAST - 40, LAST) | st.integers(0, 40)


@st.composite
def made(draw: st.DrawFn) -> str:
    code = codes.make(draw(kinds), draw(st.integers(2000, 2099)), draw(serials))
    assume(code is not None)
    return str(code)


@given(st.text(ISO[:-1], max_size=20))
def test_the_check_character_makes_the_weighted_sum_one(payload: str) -> None:
    """ISO/IEC 7064, pure systems: the sum of value times 2 to the place from the right is 1 modulo 37."""
    whole = payload + codes.check_character(payload)
    assert sum(ISO.index(each) << place for place, each in enumerate(reversed(whole))) % 37 == 1


def test_the_check_character_of_a_blood_donation() -> None:
    """The donation number with which ISBT 128 is explained, and one that needs the last character."""
    assert codes.check_character("G123489654321") == "Y"
    assert codes.check_character("1") == ISO[36]


@given(made(), st.integers(0, 9), st.sampled_from(CROCKFORD))
def test_one_wrong_character_is_noticed(code: str, at: int, other: str) -> None:
    assume(code[at] != other)
    assert codes.parse(code[:at] + other + code[at + 1 :]) is None


@given(made(), st.integers(0, 8))
def test_two_swapped_neighbours_are_noticed(code: str, at: int) -> None:
    assume(code[at] != code[at + 1])
    assert codes.parse(code[:at] + code[at + 1] + code[at] + code[at + 2 :]) is None


@given(made())
def test_a_code_and_its_number_are_the_same_thing(code: str) -> None:
    value = codes.number(code)
    assert codes.from_number(value) == codes.parse(code) == code
    assert codes.kind_of(code) is codes.kind_of_number(value)
    assert 2**40 <= value < 2**43
    assert set(code[2:]) <= set(codes.ALPHABET) == set(CROCKFORD)


@pytest.mark.parametrize(
    ("kind", "letters", "place"),
    [
        (CodeKind.SAMPLE, "PM", 1),
        (CodeKind.CONTAINER, "PB", 2),
        (CodeKind.DONOR, "PD", 3),
        (CodeKind.COMMAND, "PX", 4),
    ],
)
def test_numbers_in_databases_and_codes_on_tubes_stay_what_they_are(
    kind: CodeKind, letters: str, place: int
) -> None:
    """Kind from bit 40, year from bit 25, serial below; the digits of the serial are Crockford's."""
    serial = sum(CROCKFORD.index(digit) * 32**place for place, digit in enumerate(reversed("0A1B2")))
    code = codes.make(kind, 2026, serial)
    assert code == f"{letters}260A1B2{codes.check_character(f'{letters}260A1B2')}"
    assert codes.number(code) == (place << 40) + (26 << 25) + serial
    assert codes.kind_of_number((place << 40) + (26 << 25)) is kind
    assert codes.kind_of_number((place << 40) + (99 << 25) + LAST) is kind


def test_a_year_has_32_to_the_fifth_serials_less_the_skipped() -> None:
    (last,) = codes.run(CodeKind.SAMPLE, 2026, LAST, 1)
    assert last[4:9] == "ZZZZZ"
    with pytest.raises(OverflowError):
        codes.run(CodeKind.SAMPLE, 2026, LAST, 2)
    with pytest.raises(OverflowError):
        codes.run(CodeKind.SAMPLE, 2026, LAST + 1, 1)
    begun_at_0 = next(year for year in range(2000, 2100) if codes.make(CodeKind.SAMPLE, year, 0))
    with pytest.raises(OverflowError):
        codes.run(CodeKind.SAMPLE, begun_at_0, LAST + 1, 1)


@given(kinds, st.integers(2000, 2099), st.integers(0, LAST - 200), st.integers(0, 30))
def test_a_run_rises_and_leaves_out_only_what_does_not_exist(
    kind: CodeKind, year: int, first: int, count: int
) -> None:
    found = codes.run(kind, year, first, count)
    numbers = [codes.number(code) for code in found]
    assert len(found) == count
    base = codes.number(codes.run(kind, year, 1, 1)[0]) >> 25 << 25
    wanted = range(base + first, numbers[-1] + 1 if numbers else base + first)
    assert numbers == [value for value in wanted if codes.make(kind, year, value - base) is not None]
    for value in set(wanted) - set(numbers):
        with pytest.raises(ValueError, match="skipped"):
            codes.from_number(value)


@given(kinds, st.integers(2000, 2099), serials)
def test_only_serials_whose_check_character_a_reader_could_take_for_another_are_skipped(
    kind: CodeKind, year: int, serial: int
) -> None:
    digits = "".join(CROCKFORD[serial >> shift & 31] for shift in (20, 15, 10, 5, 0))
    payload = f"{kind.value}{year - 2000:02}{digits}"
    check = codes.check_character(payload)
    assert codes.make(kind, year, serial) == (None if check in "ILOU*" else payload + check)


@pytest.mark.parametrize(
    "value", [0, LAST, (1 << 40) - 1, 5 << 40, (5 << 40) + (26 << 25) + 1, (1 << 40) + (100 << 25) + 1]
)
def test_numbers_that_no_code_has(value: int) -> None:
    with pytest.raises(ValueError, match="is not the number of a code"):
        codes.from_number(value)


def test_the_last_year_and_the_last_kind_have_codes() -> None:
    (code,) = codes.run(CodeKind.COMMAND, 2099, 1, 1)
    assert codes.from_number(codes.number(code)) == code
    (early,) = codes.run(CodeKind.SAMPLE, 2000, 1, 1)
    assert codes.from_number(codes.number(early)) == early


@given(made())
def test_a_code_may_be_typed_as_people_write_it(code: str) -> None:
    written = f" {codes.group(code)}\t"
    for typed in (
        written,
        written.lower(),
        code.replace("0", "O").replace("1", "I"),
        code.replace("0", "o").replace("1", "l"),
        "-".join((code[:4], code[4:9], code[9:])),
        "\u00a0".join(code),
    ):
        assert codes.parse(typed) == codes.normalise(typed) == code


def test_a_code_is_grouped_by_kind_and_year_serial_and_check() -> None:
    assert codes.group("PM260A1B27") == "PM26 0A1B2 7"


@pytest.mark.parametrize(
    "payload",
    ["PA2600001", "PM2A00001", "PMA200001", "PM26000", "PM26000011", "PM26U0001", "PM260000U", "PM2٣00001"],
)
def test_what_is_none_of_ours_is_not_read_even_with_the_right_check(payload: str) -> None:
    checks = [check for check in ISO if codes.parse(payload + check) is not None]
    assert checks == []


@pytest.mark.parametrize(
    ("written", "other"),
    [("S", "\u017f"), ("SS", "\u00df"), ("1", "\u0131")],
    ids=ascii,
)
def test_a_letter_that_only_upper_case_makes_one_of_ours_is_none(written: str, other: str) -> None:
    code = "PM260SS12" + codes.check_character("PM260SS12")
    assert codes.parse(code) == codes.parse(code.lower()) == code
    assert codes.parse(code.replace(written, other)) is None


def test_nothing_and_a_part_are_no_codes() -> None:
    assert codes.parse("") is None
    assert codes.parse(FIRST_TUBES[0][:-1]) is None
    assert codes.parse(FIRST_TUBES[0] + "0") is None


YEARS = range(2024, 2029)
donors_and_tubes = st.builds(
    codes.make, kinds, st.sampled_from([2019, *YEARS, 2029]), st.integers(0, 40) | serials
)


@st.composite
def typed_and_code(draw: st.DrawFn) -> tuple[str, str]:
    """What somebody has typed so far, and a code that mostly begins so."""
    code, other = draw(donors_and_tubes), draw(donors_and_tubes)
    assume(code is not None and other is not None)
    beginning = draw(st.sampled_from([other, str(other)[4:9], code, str(code)[4:9]]))
    return str(beginning)[: draw(st.integers(0, 9))], str(code)


@given(typed_and_code())
def test_a_range_holds_exactly_the_codes_that_begin_as_typed(pair: tuple[str, str]) -> None:
    typed, code = pair
    known_year = int(code[2:4]) in range(24, 29)
    if typed[:2] in {"PM", "PB", "PD", "PX"}:
        begins = code.startswith(typed) and known_year
    else:
        begins = code[4:9].startswith(typed[:5]) and known_year and code[:2] != "PX"
    ranges = list(codes.number_ranges(typed, YEARS))
    assert sum(first <= codes.number(code) <= last for first, last in ranges) == begins


@pytest.mark.parametrize("typed", ["PM2٣", "PM26U", "PM260000U", "U", "0000U", "PU", "*"])
def test_what_no_code_begins_with_has_no_range(typed: str) -> None:
    assert list(codes.number_ranges(typed, YEARS)) == []


def test_a_whole_code_is_a_range_of_one_whatever_its_check() -> None:
    code = FIRST_TUBES[0]
    number = codes.number(code)
    assert list(codes.number_ranges(code, YEARS)) == [(number, number)]
    assert list(codes.number_ranges(code[:9] + "U", YEARS)) == [(number, number)]
    assert [last - first for first, last in codes.number_ranges(code[4:], YEARS)] == [0] * 15


@pytest.mark.parametrize("piece", ["PDD62", "PMX", "PM2A", "PBZZ"])
def test_a_serial_that_begins_like_a_kind_is_found_by_its_piece(piece: str) -> None:
    code = codes.run(CodeKind.SAMPLE, YEARS[-1], _serial(piece), 1)[0]
    assert code[4:].startswith(piece)
    ranges = codes.number_ranges(piece, YEARS)
    assert any(first <= codes.number(code) <= last for first, last in ranges)


def _serial(piece: str) -> int:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return sum(alphabet.index(one) << 5 * (4 - place) for place, one in enumerate(piece.ljust(5, "0")))


def test_letters_of_a_kind_alone_are_its_numbers_of_every_year() -> None:
    first = (3 << 40) + (24 << 25)
    assert list(codes.number_ranges("PD", range(2024, 2026))) == [
        (first, first + LAST),
        (first + (1 << 25), first + (1 << 25) + LAST),
    ]
