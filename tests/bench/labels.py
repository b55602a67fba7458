"""Labels a second, rendered and gated, beside only making the symbol."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.labels import ContainerLabel, Label, VialLabel
from biobank_desktop.labels.catalogue import template
from biobank_desktop.labels.rendering import render
from biobank_desktop.labels.symbols import Symbology, modules
from tests.bench.timing import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 1500


def rows() -> Iterator[Row]:
    """Vial labels (Data Matrix) and box labels (Code 128) at 300 dpi."""
    vials = codes.run(CodeKind.SAMPLE, 2026, 100, COUNT)
    boxes = codes.run(CodeKind.CONTAINER, 2026, 100, COUNT)
    jobs: tuple[tuple[str, str, Symbology, list[Label]], ...] = (
        (
            "vial labels with gate",
            "vial-33x13",
            Symbology.DATA_MATRIX,
            [VialLabel(code, "BM MNC", "DX", 1, 4, "10e6") for code in vials],
        ),
        (
            "box labels with gate",
            "box-51x25",
            Symbology.CODE_128,
            [ContainerLabel(code, "BX00123", "LN2-02 / T07") for code in boxes],
        ),
    )
    for name, chosen, symbology, labels in jobs:
        render(template(chosen), labels[0], 300)
        begin = time.perf_counter()
        for label in labels:
            render(template(chosen), label, 300)
        ours = COUNT / (time.perf_counter() - begin)
        begin = time.perf_counter()
        for label in labels:
            modules(symbology, label.code)
        raw = COUNT / (time.perf_counter() - begin)
        yield Row(name, "", COUNT, ours, ours, raw, "/s", "raw: the bare symbol")
