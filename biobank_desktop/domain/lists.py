"""Lists as spreadsheets and rack scanners write them: a line for each thing, its cells between separators."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATORS = "\t;,"
_HEADINGS = frozenset({"code", "barcode", "vial", "sample", "item", "buis", "monster", "vat"})


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells of each line; headings, empty lines and empty cells at the end are none.

    Tabs, semicolons or commas separate, whichever the first line has.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip(f" {_SEPARATORS}")]
    separator = next((one for one in _SEPARATORS if filled and one in filled[0][1]), "\t")
    for place, (number, line) in enumerate(filled):
        cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=separator))]
        while cells and not cells[-1]:
            cells.pop()
        if place == 0 and cells and cells[0].lower() in _HEADINGS:
            continue
        yield number, cells
