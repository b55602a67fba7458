"""The gate, fed with drafts that were damaged after drawing, as a bad encoder or driver would."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from biobank_desktop.domain.labels import ContainerLabel, VialLabel
from biobank_desktop.labels import catalogue
from biobank_desktop.labels.drawing import draw
from biobank_desktop.labels.gate import LabelRefused, passed
from biobank_desktop.labels.page import Box

if TYPE_CHECKING:
    from biobank_desktop.labels.draft import Draft, Mark
    from tests.labels.conftest import Coded


@pytest.fixture
def draft(coded: Coded) -> Draft:
    return draw(catalogue.template("vial-33x13"), VialLabel(coded(1)[0], "MNC"), 300)


def inked(draft: Draft, box: Box, ink: int) -> Draft:
    """The draft with one rectangle blackened (1) or blanked (0)."""
    image = draft.ink
    image.paste(ink, box.edges)
    return replace(draft, image=image)


def refusal(draft: Draft) -> list[str]:
    with pytest.raises(LabelRefused) as refused:
        passed(draft)
    return [problem.code for problem in refused.value.problems]


def test_an_undamaged_draft_passes_bit_for_bit(draft: Draft) -> None:
    page = passed(draft)
    assert page.bits == draft.bits
    assert page.codes == (draft.marks[0].code,)


def test_a_blanked_symbol_is_refused(draft: Draft) -> None:
    assert "label-symbol-unreadable" in refusal(inked(draft, draft.marks[0].box, 0))


def test_a_symbol_with_a_stripe_through_it_is_refused(draft: Draft) -> None:
    box = draft.marks[0].box
    middle = Box(box.left, box.top + box.height // 2, box.width, 6)
    assert {"label-symbol-unreadable", "label-symbol-damaged"} & set(refusal(inked(draft, middle, 1)))


def test_one_wrong_dot_is_refused_though_error_correction_reads_over_it(draft: Draft) -> None:
    box = draft.marks[0].box
    wrong = draft.ink
    at = (box.left + 1, box.top + 1)
    wrong.putpixel(at, 0 if wrong.getpixel(at) else 1)
    assert refusal(replace(draft, image=wrong)) == ["label-symbol-damaged"]


@pytest.mark.parametrize("seed", range(20))
def test_any_wrong_dot_in_a_symbol_is_refused(draft: Draft, seed: int) -> None:
    chance = random.Random(seed)
    box = draft.marks[0].box
    at = (box.left + chance.randrange(box.width), box.top + chance.randrange(box.height))
    wrong = draft.ink
    wrong.putpixel(at, 0 if wrong.getpixel(at) else 1)
    assert "label-symbol-damaged" in refusal(replace(draft, image=wrong))


def test_another_labels_symbol_is_refused(coded: Coded) -> None:
    template = catalogue.template("vial-33x13")
    mine, neighbour = (draw(template, VialLabel(code), 300) for code in coded(2))
    box = mine.marks[0].box
    image = mine.ink
    image.paste(neighbour.ink.crop(box.edges), box.edges)
    assert refusal(replace(mine, image=image)) == ["label-symbol-wrong"]


@pytest.mark.parametrize("side", ["left", "right", "above", "below"])
def test_ink_in_the_quiet_zone_is_refused(draft: Draft, side: str) -> None:
    box = draft.marks[0].box
    dot = {
        "left": Box(box.left - 5, box.top + 20, 1, 1),
        "right": Box(box.right + 4, box.top + 20, 1, 1),
        "above": Box(box.left + 20, box.top - 5, 1, 1),
        "below": Box(box.left + 20, box.bottom + 4, 1, 1),
    }[side]
    assert "label-quiet-zone" in refusal(inked(draft, dot, 1))


def test_a_quiet_zone_cut_by_the_edge_is_refused(draft: Draft) -> None:
    mark = draft.marks[0]
    cut = mark.quiet_zone.left + 1
    image = draft.ink.crop((cut, 0, draft.width, draft.height))
    moved = replace(
        draft,
        image=image,
        marks=(mark.moved(-cut, 0),),
        captions=tuple(caption.moved(-cut, 0) for caption in draft.captions),
        grounds=(
            replace(
                draft.grounds[0],
                box=Box(0, 0, image.width, image.height),
                allowed=Image.new("1", image.size, 1),
            ),
        ),
    )
    assert refusal(moved) == ["label-quiet-zone"]


def test_a_code_in_letters_with_a_missing_dot_is_refused(draft: Draft) -> None:
    box = draft.captions[0].box
    assert refusal(inked(draft, Box(box.left, box.top, 2, box.height), 0)) == ["label-id-incomplete"]


def test_letters_that_say_another_code_are_refused(draft: Draft, coded: Coded) -> None:
    other = replace(draft.captions[0], code=coded(2)[1])
    assert refusal(replace(draft, captions=(other,))) == ["label-id-incomplete"]


def test_ink_in_the_safe_zone_is_refused(draft: Draft) -> None:
    assert refusal(inked(draft, Box(draft.width - 1, 60, 1, 1), 1)) == ["label-outside-printable"]


def test_ink_outside_every_label_is_refused(draft: Draft) -> None:
    half = replace(
        draft.grounds[0],
        box=Box(0, 0, draft.width, 10),
        allowed=draft.grounds[0].allowed.crop((0, 0, draft.width, 10)),
    )
    assert refusal(replace(draft, grounds=(half,))) == ["label-outside-printable"]


def test_ink_between_the_side_and_the_cap_dot_is_refused(coded: Coded) -> None:
    draft = draw(catalogue.template("vial-25x13-cap"), VialLabel(coded(1)[0]), 300)
    assert passed(draft).codes
    gap = round(26.2 * 300 / 25.4)
    corner = round(27.4 * 300 / 25.4)
    assert refusal(inked(draft, Box(gap, 70, 1, 1), 1)) == ["label-outside-printable"]
    assert refusal(inked(draft, Box(corner, 24, 1, 1), 1)) == ["label-outside-printable"]


@pytest.mark.parametrize(
    ("dots", "smallest_mm", "codes"),
    [(1, 0.05, ["label-module-too-small"]), (4, 0.34, ["label-module-too-small"])],
)
def test_a_module_below_its_least_size_is_refused(
    draft: Draft, dots: int, smallest_mm: float, codes: list[str]
) -> None:
    mark = replace(draft.marks[0], module_dots=dots, smallest_mm=smallest_mm)
    assert refusal(replace(draft, marks=(mark,))) == codes


def test_a_payload_with_other_characters_is_refused_though_it_reads_right(coded: Coded) -> None:
    draft = draw(catalogue.template("box-51x25"), ContainerLabel(coded(1)[0], "Box"), 300)
    mark = draft.marks[0]
    lower = replace(mark, code=mark.code.lower())
    assert "label-symbol-characters" in refusal(replace(draft, marks=(lower,)))


def test_a_code_128_with_a_thinned_bar_is_refused(coded: Coded) -> None:
    draft = draw(catalogue.template("box-51x25"), ContainerLabel(coded(1)[0], "Box"), 300)
    box = draft.marks[0].box
    assert "label-symbol-damaged" in refusal(inked(draft, Box(box.left, box.top, 1, box.height), 0))


def test_a_mark_moves_with_its_quiet_zone(draft: Draft) -> None:
    mark = draft.marks[0]
    moved: Mark = mark.moved(100, 50)
    assert moved.quiet_zone == mark.quiet_zone.moved(100, 50)
    assert moved.box.width == mark.box.width
