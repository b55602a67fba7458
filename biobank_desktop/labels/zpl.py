"""A page as ZPL: its very bits as a graphic, nothing of the printer's own drawing.

The printer's encoders are not asked to draw a symbol: they read ``_``, ``^`` and ``~`` in a code as commands
and choose larger symbols than the one the gate has read. What another program may have left set on the
printer (another home, reversed, mirrored or turned labels) is set back in every label. Nothing is stored on
the printer: all of it is gone when it is switched off.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from binascii import crc_hqx
from typing import TYPE_CHECKING

from PIL import Image

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.labels.page import Box, nearest_dots

if TYPE_CHECKING:
    from biobank_desktop.labels.page import Page

DARKEST = 30
"""``~SD`` knows 0 to 30."""
_EFFORT = 6
"""Of zlib: the highest (9) saves three bytes in a hundred and takes seven times as long."""
_PLAIN = "^MUD^LH0,0^LS0^LRN^PON^PMN^JMA"
"""In dots, from the corner, not shifted, not reversed, not turned, not mirrored, every dot."""


def zpl(page: Page, across_mm: float = 0.0, along_mm: float = 0.0, darkness: int | None = None) -> bytes:
    """One copy of the page, moved so far right (``across_mm``) and down, as a format of its own.

    ``darkness`` (0 to 30) is left as it is set on the printer when ``None``. Raises ``Unavailable`` when a
    dot of ink would leave the label.
    """
    bits = _moved(page, nearest_dots(across_mm, page.dpi), nearest_dots(along_mm, page.dpi))
    burn = "" if darkness is None else f"~SD{darkness:02}"
    relative = "" if darkness is None else "^MD0"
    return (
        f"{burn}^XA{_PLAIN}{relative}^PW{page.width}^LL{page.height}"
        f"^FO0,0^GFA,{len(bits)},{len(bits)},{page.row_bytes},{_data(bits)}^FS^PQ1,0,1,N^XZ\n"
    ).encode("ascii")


def _moved(page: Page, across: int, along: int) -> bytes:
    """The bits of the page so many dots further right and down, all of them or none."""
    if (across, along) == (0, 0):
        return page.bits
    ink = Image.frombytes("1", (page.width, page.height), page.bits)
    moved = Image.new("1", ink.size, 0)
    edges = ink.getbbox()
    if edges is not None:
        left, top, right, bottom = edges
        box = Box(left, top, right - left, bottom - top).moved(across, along)
        if not Box(0, 0, page.width, page.height).holds(box):
            values = {"across": across, "along": along, "dpi": page.dpi}
            raise Unavailable(Problem("printer", "printer-offset", values))
        moved.paste(ink.crop(edges), (box.left, box.top))
    return moved.tobytes()


def _data(bits: bytes) -> str:
    """The shorter of Z64 (deflated, with a checksum that the printer compares) and hexadecimal digits."""
    packed = b64encode(zlib.compress(bits, _EFFORT))
    checked = f":Z64:{packed.decode('ascii')}:{crc_hqx(packed, 0):04X}"
    return min(checked, bits.hex().upper(), key=len)
