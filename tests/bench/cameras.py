"""Frames of a camera that are read a second, at every size, beside zxing-cpp's bare call on the frame."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import zxingcpp

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.labels.pyramid import find_all
from biobank_desktop.labels.symbols import FORMATS
from tests.bench.timing import Row
from tests.support.frames import FULL_HD, HD, Held, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PIL import Image

COUNT = 60
_TURN = 23.0


def rows() -> Iterator[Row]:
    """A label in view, turned a little further in each frame."""
    held = codes.run(CodeKind.SAMPLE, 2026, 900, COUNT)
    for name, size in (("720p", HD), ("1080p", FULL_HD)):
        frames = [frame(Held(code, angle=no * _TURN), size=size) for no, code in enumerate(held)]
        read = sum(
            [symbol.text for symbol in find_all(each)] == [code]
            for each, code in zip(frames, held, strict=True)
        )
        ours, raw = _rate(find_all, frames), _rate(_bare, frames)
        note = f"raw: one call of zxing-cpp; {read} of {COUNT} read"
        yield Row(f"camera frames {name}", "", COUNT, ours, ours, raw, "/s", note)


def _rate(work: Callable[[Image.Image], object], frames: Sequence[Image.Image]) -> float:
    begin = time.perf_counter()
    for each in frames:
        work(each)
    return len(frames) / (time.perf_counter() - begin)


def _bare(image: Image.Image) -> object:
    return zxingcpp.read_barcodes(
        memoryview(image.tobytes()).cast("B", (image.height, image.width)),
        formats=list(FORMATS.values()),  # type: ignore[arg-type]
    )
