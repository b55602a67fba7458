from __future__ import annotations

import re

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.scans import (
    Command,
    ForeignPattern,
    Scan,
    ScanKind,
    command_code,
    commands,
    read,
    strip_aim,
)

SAMPLE = codes.run(CodeKind.SAMPLE, 2026, 4711, 1)[0]
HOSPITAL = ForeignPattern("diagnostic laboratory", r"HX\d{8}")
EVERYTHING = ForeignPattern("everything", r".+")


def wrong_check(code: str) -> str:
    return code[:-1] + next(each for each in codes.ALPHABET if codes.parse(code[:-1] + each) is None)


def test_an_own_code_is_read_with_and_without_the_aim_prefix() -> None:
    for raw, symbology in (
        (SAMPLE, ""),
        (f"]d1{SAMPLE}", "d1"),
        (f"]C0{SAMPLE}", "C0"),
        (f"]Q1{SAMPLE}", "Q1"),
    ):
        scan = read(raw)
        assert scan is not None
        assert scan == Scan(SAMPLE, ScanKind.OWN, typed=False, symbology=symbology, pattern="", command=None)


def test_typed_codes_may_have_spaces_and_lower_case() -> None:
    scan = read(f" {codes.group(SAMPLE).lower()} ", typed=True)
    assert scan is not None
    assert scan.code == SAMPLE
    assert scan.typed


def test_a_wrong_check_character_is_unreadable_even_when_a_pattern_takes_everything() -> None:
    assert read(wrong_check(SAMPLE), [EVERYTHING]) is None


def test_every_swap_of_two_neighbours_is_unreadable_or_the_same() -> None:
    for at in range(4, 9):
        swapped = SAMPLE[:at] + SAMPLE[at + 1] + SAMPLE[at] + SAMPLE[at + 2 :]
        assert swapped == SAMPLE or read(swapped) is None


def test_a_foreign_code_is_read_by_its_pattern_only_as_a_whole() -> None:
    scan = read("]C0HX26110042", [HOSPITAL])
    assert scan is not None
    assert (scan.code, scan.kind, scan.pattern) == ("HX26110042", ScanKind.FOREIGN, "diagnostic laboratory")
    assert read("HX261100421", [HOSPITAL]) is None
    assert read("HX26110042") is None


@pytest.mark.parametrize("code", ["HX2611004\u0662", "\u041d\u042526110042"], ids=ascii)
def test_a_pattern_means_the_digits_and_letters_of_a_barcode(code: str) -> None:
    assert not ForeignPattern("words", r"\w\w\d{8}").fits(code)
    assert ForeignPattern("words", r"\w\w\d{8}").fits("HX26110042")


def test_the_first_pattern_that_fits_names_the_maker() -> None:
    scan = read("HX26110042", [HOSPITAL, EVERYTHING])
    assert scan is not None
    assert scan.pattern == "diagnostic laboratory"


def test_every_command_has_a_code_of_its_own_that_reads_back() -> None:
    assert set(commands().values()) == set(Command)
    for command in Command:
        scan = read(command_code(command))
        assert scan is not None
        assert (scan.kind, scan.command) == (ScanKind.COMMAND, command)


def test_a_bench_card_printed_once_stays_readable() -> None:
    assert commands() == {
        "PX2600001F": Command.SAVE,
        "PX2600002D": Command.UNDO,
        "PX2600003B": Command.BACK,
        "PX26000049": Command.NEXT_BOX,
        "PX26000057": Command.PRINT,
        "PX26000065": Command.VOID,
        "PX26000073": Command.FILL,
        "PX26000081": Command.LOCK,
    }


def test_a_scan_says_nothing_that_was_not_read() -> None:
    assert Scan(SAMPLE, ScanKind.OWN) == Scan(SAMPLE, ScanKind.OWN, typed=False, symbology="", pattern="")
    assert Scan(SAMPLE, ScanKind.OWN).command is None


@pytest.mark.parametrize("at", range(2, 10))
def test_what_has_a_character_we_never_print_may_be_somebody_elses(at: int) -> None:
    foreign = SAMPLE[:at] + "U" + SAMPLE[at + 1 :]
    scan = read(foreign, [EVERYTHING])
    assert scan is not None
    assert (scan.code, scan.kind, scan.symbology) == (foreign, ScanKind.FOREIGN, "")


@pytest.mark.parametrize("foreign", [SAMPLE[2:], SAMPLE[:4], "XX" + SAMPLE[2:], "PA" + SAMPLE[2:], "PMAB12"])
def test_what_does_not_begin_like_ours_may_be_somebody_elses(foreign: str) -> None:
    scan = read(foreign, [EVERYTHING])
    assert scan is not None
    assert scan.kind is ScanKind.FOREIGN


@pytest.mark.parametrize("cut", range(5, 10))
def test_a_code_of_ours_without_its_end_is_nobody_elses(cut: int) -> None:
    assert read(SAMPLE[:cut], [EVERYTHING]) is None


@pytest.mark.parametrize("glued", [SAMPLE + SAMPLE, SAMPLE + "0", "0" + SAMPLE, SAMPLE[3:] + SAMPLE])
def test_what_holds_a_whole_code_of_ours_is_nobody_elses(glued: str) -> None:
    assert read(glued, [EVERYTHING]) is None


def test_a_command_code_nobody_knows_is_unreadable() -> None:
    unknown = codes.run(CodeKind.COMMAND, 2026, 9999, 1)[0]
    assert read(unknown, [EVERYTHING]) is None


def test_empty_and_aim_alone_are_unreadable() -> None:
    assert read("") is None
    assert read("   ") is None
    assert read("]d1") is None


def test_a_bracket_that_is_no_aim_identifier_stays() -> None:
    assert strip_aim("]]x") == ("", "]]x")


def test_a_pattern_that_is_no_expression_is_refused_when_it_is_made() -> None:
    with pytest.raises(re.error):
        ForeignPattern("broken", "(")
