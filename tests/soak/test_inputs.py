"""A slice of the campaigns of bad input, and proof that they see what they look for."""

from __future__ import annotations

from random import Random

import pytest

from biobank_desktop.domain import codes, scans
from biobank_desktop.domain.codes import CodeKind
from tests.soak.archives import ARCHIVE, RESTORE, original, round_of
from tests.soak.inputs import CAMPAIGNS, CONTROLS, damage, guided
from tests.soak.readers import HOSPITAL, READERS, judge
from tests.support.payloads import EXCEL, LARGE, TEXTS

SLOW = {"arguments": 30, "SPREC tables": 60, "protocol": 100, "consent rules": 200}


@pytest.mark.parametrize("name", READERS)
def test_what_is_right_is_read_right(name: str) -> None:
    """The seeds are no bad input: a reader that refuses everything would pass every other test."""
    reader = READERS[name]
    for content in reader.seeds:
        reader.read(content)
        assert judge(reader, content) == ""


@pytest.mark.parametrize("name", READERS)
def test_every_hostile_text_is_refused_or_read_right(name: str) -> None:
    texts = TEXTS if name != "arguments" else TEXTS[::8]
    for text in texts:
        assert judge(READERS[name], text.encode("utf-8", "surrogatepass")) == "", ascii(text)


@pytest.mark.parametrize("name", READERS)
def test_megabytes_are_refused_soon(name: str) -> None:
    for text in LARGE[1:]:
        assert judge(READERS[name], text.encode()) == "", ascii(text[:20])


@pytest.mark.parametrize("name", READERS)
def test_a_slice_of_the_damage(name: str) -> None:
    assert damage(name, SLOW.get(name, 500), seed=7).broken == ()


@pytest.mark.parametrize("name", CONTROLS)
def test_a_reader_without_its_check_is_caught(name: str) -> None:
    assert damage(name, 3_000, seed=7).broken


def test_atheris_runs_and_the_same_seed_tries_as_much() -> None:
    outcome = guided("scan", 2_000, seed=7)
    assert outcome.broken == ()
    assert outcome.tried >= 2_000


def test_a_slice_of_the_damaged_and_rewritten_archives() -> None:
    assert judge(ARCHIVE, original()) == ""
    assert judge(RESTORE, original()) == ""
    assert round_of("bitten", 200, seed=7).broken == ()
    assert round_of("rewritten", 8, seed=7).broken == ()
    assert round_of("trusted", 50, seed=7).broken


def test_every_campaign_has_a_name_of_its_own() -> None:
    names = [campaign.name for campaign in CAMPAIGNS]
    assert len(set(names)) == len(names)


def test_a_code_cut_glued_or_mistyped_is_no_code() -> None:
    rng = Random(7)
    for code in codes.run(CodeKind.SAMPLE, 2026, 30_000, 200):
        other = rng.choice(codes.run(CodeKind.CONTAINER, 2026, 30_000, 200))
        at, letter = rng.randrange(len(code)), rng.choice(codes.ALPHABET)
        wrong = {code[:cut] for cut in range(len(code))} | {code[cut:] for cut in range(1, len(code))}
        wrong |= {code + other, code + code, code[:5] + other, code[1:] + other[:1]}
        wrong |= {code[:at] + letter + code[at + 1 :]} - {code}
        wrong |= {code[:at] + code[at + 1 : at + 2] + code[at : at + 1] + code[at + 2 :]} - {code}
        assert [one for one in wrong if scans.read(one, (HOSPITAL,))] == []
        assert scans.read(code.lower()) == scans.read(code)


@pytest.mark.parametrize("damaged", EXCEL)
def test_what_a_spreadsheet_made_of_a_code_is_no_code(damaged: str) -> None:
    assert scans.read(damaged, (HOSPITAL,)) is None
