"""The recovery kit and the walk list: what stands on them, symbols that read, pages that are right."""

from __future__ import annotations

from array import array
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.grids import Grid
from biobank_desktop.domain.walking import WalkLine
from biobank_desktop.language import _, say_value
from biobank_desktop.papers import kit_pages
from biobank_desktop.papers.recovery_kit import Kit, KitBox, KitHolder, KitStanding, draw_kit
from biobank_desktop.papers.walk_list import WalkList, walk_list_pdf, walk_list_text
from tests.papers.test_letters import pages
from tests.support.reading import codes_in_pdf

if TYPE_CHECKING:
    from pathlib import Path

BOXES = codes.run(CodeKind.CONTAINER, 2026, 500, 4)
VIALS = codes.run(CodeKind.SAMPLE, 2026, 9000, 400)
AT = datetime(2026, 11, 3, 13, 5, tzinfo=UTC)


@pytest.fixture(autouse=True, params=language.LANGUAGES)
def _spoken(request: pytest.FixtureRequest) -> None:
    """Each test in each language."""
    language.choose(request.param)


def _box(nth: int, grid: Grid, vials: list[str], name: str = "") -> KitBox:
    return KitBox(
        BOXES[nth],
        name or f"BX{nth}",
        ("LN2-02", "T10"),
        grid,
        array("q", map(codes.number, vials)),
        array("i", range(len(vials))),
        [("MNC", "DX")] * len(vials),
        {0} if vials else set(),
    )


def _kit(*boxes: KitBox) -> Kit:
    standing = tuple(
        KitStanding((1, place), box.code, box.name, len(box.items), box.grid.capacity)
        for place, box in enumerate(boxes, start=1)
    )
    holder = KitHolder(("LN2-02", "T10"), Grid(1, 13, "running", "running"), standing)
    return Kit(
        lab="Biobank", device="LN2-02", code=BOXES[3], kind="LN2 vapour tank", temperature="ln2", made_at=AT,
        made_by="Anna", database="d4-29", seal_size=77, seal_root="ab" * 32, holders=(holder,), boxes=boxes,
    )  # fmt: skip


def _drawn(kit: Kit, path: Path) -> bytes:
    drawn = list(draw_kit(kit, path))
    assert drawn == [(page, len(drawn)) for page in range(1, len(drawn) + 1)]
    return path.read_bytes()


def test_every_vial_stands_on_its_map_and_in_the_index_with_the_page_of_the_map(tmp_path: Path) -> None:
    full, running = Grid(9, 9, "letters-without-i", "numbers"), Grid(1, 18, "running", "running")
    kit = _kit(_box(0, full, VIALS[200:281]), _box(1, running, VIALS[:5]), _box(2, full, []))
    content = _drawn(kit, tmp_path / "kit.pdf")
    found = pages(content)
    assert len(found) == 2 + 3 + 1
    for said in ("LN2-02", codes.group(kit.code), "d4-29", "77", "Anna", say_value(AT)):
        assert said in found[0]
    for box, page in zip(kit.boxes, (3, 4, 5), strict=True):
        assert f"{len(box.items)}/{box.grid.capacity}" in found[1]
        assert _("page {page}").format(page=page) in found[1]
        assert box.name in found[page - 1]
        for item, place in zip(box.items, box.places, strict=True):
            first, second = codes.group(codes.from_number(item)).split(" ", 1)
            assert second in found[page - 1]
            assert first in found[page - 1]
            assert f"{first} {second} {box.name} {box.label(place)} {page}" in found[-1]
    assert found[2].count(_("out")) >= 1
    listed = [vial for vial in VIALS if codes.group(vial) in found[-1]]
    shown = [found[-1].rindex(codes.group(vial)) for vial in listed]
    assert len(listed) == kit.vials
    assert shown == sorted(shown)
    for number, text in enumerate(found, start=1):
        assert _("Page {page} of {pages}").format(page=number, pages=6) in text
        assert "LN2-02" in text
        assert say_value(AT) in text


def test_every_symbol_reads_as_its_code(tmp_path: Path) -> None:
    kit = _kit(_box(0, Grid(9, 9), VIALS[:3]), _box(1, Grid(8, 12), VIALS[3:99]))
    content = _drawn(kit, tmp_path / "kit.pdf")
    assert sorted(codes_in_pdf(content)) == sorted([kit.code, *(box.code for box in kit.boxes)])


def test_a_box_too_fine_to_be_drawn_is_a_list_on_as_many_pages_as_it_needs(tmp_path: Path) -> None:
    kit = _kit(_box(0, Grid(16, 24), VIALS[:384]), _box(1, Grid(9, 9), VIALS[384:386]))
    found = pages(_drawn(kit, tmp_path / "kit.pdf"))
    of_list = -(-384 // kit_pages.LINES)
    assert len(found) == 2 + of_list + 1 + -(-386 // kit_pages.LINES)
    for page in range(2, 2 + of_list):
        assert BOXES[0][:4] in found[page]
    assert sum(text.count("MNC DX") for text in found[2 : 2 + of_list]) == 384
    assert f"BX1 A1 {3 + of_list}" in found[-1]


def test_an_empty_device_has_a_cover_and_no_index(tmp_path: Path) -> None:
    found = pages(_drawn(replace(_kit(), holders=()), tmp_path / "kit.pdf"))
    assert len(found) == 1
    assert _("Index of vials") not in found[0]


def _line(nth: int, path: tuple[str, ...], box: int, position: str, target: str = "") -> WalkLine:
    return WalkLine(VIALS[nth], "plasma DX", path, BOXES[box], position, target)


WALK = WalkList(
    "Biobank",
    "Picks of Monday",
    AT,
    "Anna",
    (
        _line(0, ("LN2-02", "T10", "BX2"), 2, "A1"),
        _line(1, ("LN2-02", "T2", "BX1"), 1, "B10", "F80-01 / S1 / BX9 / A1"),
        _line(2, ("LN2-02", "T2", "BX1"), 1, "B9"),
        _line(3, ("F80-01", "S1", "BX0"), 0, "C3"),
        _line(4, ("LN2-02", "T10", "BX2"), 2, "A2"),
    ),
)


def test_a_walk_opens_each_door_once_and_lifts_each_box_once() -> None:
    content = walk_list_pdf(WALK)
    (said,) = pages(content)
    order = [said.index(codes.group(VIALS[nth])) for nth in (3, 2, 1, 0, 4)]
    assert order == sorted(order)
    assert "→ F80-01 / S1 / BX9 / A1" in said
    assert sorted(codes_in_pdf(content)) == sorted(BOXES[:3])
    text = walk_list_text(WALK)
    assert text.count("[ ]") == len(WALK.lines)
    assert [text.index(codes.group(VIALS[nth])) for nth in (3, 2, 1, 0, 4)] == sorted(
        text.index(codes.group(line.code)) for line in WALK.lines
    )


def test_a_long_walk_goes_on_over_pages() -> None:
    lines = tuple(
        _line(nth, ("LN2-02", f"T{nth // 40}", f"BX{nth // 40}"), nth // 150, f"A{nth % 40}")
        for nth in range(400)
    )
    found = pages(walk_list_pdf(replace(WALK, lines=lines)))
    whole = " ".join(found)
    assert len(found) > 5
    assert [vial for vial in VIALS if codes.group(vial) not in whole] == []
