"""What a person waits for: scan to painted record, a typed letter to painted hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.database import Lab
    from tests.bench.timing import Row


def rows(lab: Lab) -> Iterator[Row]:
    """Measured in the real window."""
    del lab
    yield from ()
