"""Labels laid out on sheets: absolute places in whole dots, so nothing drifts to the right or down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from biobank_desktop.domain.problems import Problem
from biobank_desktop.labels.draft import Draft, Printable
from biobank_desktop.labels.gate import LabelRefused
from biobank_desktop.labels.page import inner_dots, nearest_dots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.labels.templates import Sheet


def impose(sheet: Sheet, drafts: Sequence[Draft], first: int = 1) -> list[Draft]:
    """The drafts on as many sheets as they need, row by row.

    ``first`` is the place of the first label on the first sheet, from 1, for a sheet begun before. Raises
    ``LabelRefused`` when there is no such place.
    """
    if not 1 <= first <= sheet.count:
        raise LabelRefused(Problem("first", "label-sheet-place", {"first": first, "count": sheet.count}))
    sheets = []
    start, place = 0, first - 1
    while start < len(drafts):
        end = start + sheet.count - place
        sheets.append(_imposed(sheet, drafts[start:end], place))
        start, place = end, 0
    return sheets


def _imposed(sheet: Sheet, drafts: Sequence[Draft], place: int) -> Draft:
    """One sheet with the drafts from ``place`` (0 is the first) on."""
    dpi = drafts[0].dpi
    image = Image.new("1", (inner_dots(sheet.page_width_mm, dpi), inner_dots(sheet.page_height_mm, dpi)), 0)
    corners = [_corner(sheet, number, dpi) for number in range(place, place + len(drafts))]
    for draft, corner in zip(drafts, corners, strict=True):
        image.paste(1, corner, draft.image)
    placed = list(zip(drafts, corners, strict=True))
    return Draft(
        image=image,
        dpi=dpi,
        marks=tuple(mark.moved(*corner) for draft, corner in placed for mark in draft.marks),
        captions=tuple(caption.moved(*corner) for draft, corner in placed for caption in draft.captions),
        grounds=tuple(
            Printable(ground.box.moved(*corner), ground.allowed)
            for draft, corner in placed
            for ground in draft.grounds
        ),
        warnings=tuple(warning for draft in drafts for warning in draft.warnings),
    )


def _corner(sheet: Sheet, number: int, dpi: int) -> tuple[int, int]:
    """The label's top left dot: each is rounded from the sheet's own corner, not from its neighbour."""
    row, column = divmod(number, sheet.columns)
    return (
        nearest_dots(sheet.left_mm + column * sheet.pitch_x_mm, dpi),
        nearest_dots(sheet.top_mm + row * sheet.pitch_y_mm, dpi),
    )
