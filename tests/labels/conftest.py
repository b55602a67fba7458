from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import zxingcpp
from PIL import Image

from biobank_desktop.domain import codes
from biobank_desktop.domain.labels import CommandLabel, ContainerLabel, Label, VialLabel
from biobank_desktop.labels.templates import Template

Labelled = Callable[[Template, str], Label]
Decoded = Callable[[Image.Image], list[str]]
Coded = Callable[[int], list[str]]


@pytest.fixture
def labelled() -> Labelled:
    """A label of the kind a template is for, with a given code and the usual texts."""

    def make(template: Template, code: str) -> Label:
        if template.label == "vial":
            return VialLabel(code, "MNC", "DX", 2, 4, "500 µL", date(2026, 11, 22))
        if template.label == "container":
            return ContainerLabel(code, "Box 14", "LN2-2 / rack 3")
        return CommandLabel(code, "Save")

    return make


@pytest.fixture
def decoded() -> Decoded:
    """Every symbol of the kinds we print that is anywhere on an image, as an ordinary reader finds it."""

    def read(image: Image.Image) -> list[str]:
        formats = [zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code128]
        found = zxingcpp.read_barcodes(image.convert("L"), formats=formats)  # type: ignore[arg-type]
        return [barcode.text for barcode in found]

    return read


@pytest.fixture
def coded() -> Coded:
    """So many codes of samples."""
    return lambda count: codes.run(codes.CodeKind.SAMPLE, 2026, 30_000, count)
