"""The chain of consent on paper: every line, what struck it out, the seal, and pages that break well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.domain.thresholds import Threshold
from biobank_desktop.papers.chain import (
    ChainLine,
    ChainPage,
    ChainVerdicts,
    ChainVial,
    PurposeVerdict,
    chain_pdf,
)
from tests.papers.test_letters import CODE, pages
from tests.support.reading import codes_in_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEMS = tuple(f"ITEM{number}" for number in range(1, 14))
ROOT = "0123456789abcdef" * 4
UUID = "3d3999b1-9ac2-4be4-9948-6135975595d1"


@pytest.fixture(autouse=True, params=language.LANGUAGES)
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each test in each language."""
    before = language.chosen()
    language.choose(request.param)
    yield request.param
    language.choose(before)


def line(no: int, **changes: object) -> ChainLine:
    made = ChainLine(
        no=no,
        kind="given",
        signatory="mother",
        sole_authority=False,
        form="Form",
        form_version=f"3.{no}",
        signed_on=date(2025, 1, 1) + timedelta(days=no),
        received_on=date(2025, 1, 2) + timedelta(days=no),
        known_at=datetime(2025, 1, 3, 12, 0, tzinfo=UTC) + timedelta(days=no),
        login="joris",
        answers={"ITEM1": "yes", "ITEM2": "no", "ITEM3": "not-answered"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def page(lines: int = 3, vials: int = 5, **changes: object) -> ChainPage:
    made = ChainPage(
        donor=CODE,
        lab="Biobank",
        on=date(2026, 11, 22),
        known_on=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        printed_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        uuid=UUID,
        seal_size=4711,
        seal_root=ROOT,
        rules="nl-1",
        items=ITEMS,
        lines=tuple(line(no) for no in range(1, lines + 1)),
        ahead=(Threshold(16, date(2027, 7, 1), "hold", date(2027, 12, 31)),),
        verdicts=(
            ChainVerdicts(
                (),
                (
                    PurposeVerdict("store", "permitted", ()),
                    PurposeVerdict("use-a2g", "refused", ("Because of that.",)),
                ),
            ),
        ),
        vials=tuple(
            ChainVial(
                f"PM26{number:05}X", "Plasma", "plain plasma", "DX", "8 × 10⁶", "F1 / BX1", f"A{number}"
            )
            for number in range(1, vials + 1)
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_auditor_reads_everything(spoken: str) -> None:
    struck = line(2, struck_by=3)
    correction = line(3, kind="corrected", corrects=2, answers={}, note="Typed wrong", verified_by="pieter")
    shown = replace(page(), lines=(line(1), struck, correction))
    content = chain_pdf(shown)
    whole = " ".join(pages(content))
    for said in (
        UUID,
        ROOT,
        "4711",
        "joris",
        "pieter",
        "Typed wrong",
        "Form 3.1",
        "nl-1",
        "Because of that.",
    ):
        assert said in whole, said
    assert whole.count(language._("not verified")) == 2
    assert language._("struck out by line {no}").format(no=3) in whole
    assert language._("in place of line {no}").format(no=2) in whole
    assert language.say_date(date(2027, 7, 1)) in whole
    assert codes.group("PM2600001X") in whole
    assert "A1" in whole
    assert codes_in_pdf(content) == [CODE]
    assert content == chain_pdf(shown)
    assert spoken == language.chosen()


def test_the_family_reads_no_logins_and_no_hashes() -> None:
    whole = " ".join(pages(chain_pdf(page(), family=True)))
    for hidden in ("joris", ROOT, UUID, "BX1", codes.group("PM2600001X"), language._("not verified")):
        assert hidden not in whole
    assert "Plain plasma: 5 " in whole
    assert language._("This is not allowed") in whole


def test_sixty_lines_and_two_hundred_vials_break_well() -> None:
    found = pages(chain_pdf(page(lines=60, vials=200)))
    whole = " ".join(found)
    assert all(f"Form 3.{no} " in whole for no in range(1, 61))
    assert all(codes.group(f"PM26{number:05}X") in whole for number in range(1, 201))
    count = len(found)
    assert 6 <= count <= 12
    for number, text in enumerate(found, start=1):
        assert language._("Page {page} of {pages}").format(page=number, pages=count) in text
        assert codes.group(CODE) in text
        assert "4711" in text
    assert min(map(len, found[:-1])) > 600, "no page is left half empty"


def test_nothing_at_all_is_said_in_words() -> None:
    whole = " ".join(pages(chain_pdf(page(lines=0, vials=0, ahead=(), verdicts=()))))
    assert language._("Nothing was decided yet.") in whole
    assert language._("Nothing of this donor is kept.") in whole
