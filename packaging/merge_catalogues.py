"""Bring fragments of translations into the catalogues: ``merge_catalogues.py en FRAGMENT… ``.

Entries of a fragment win over those of the catalogue; the result is sorted, so that changes read well.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog

_NOISE = (
    b'"Project-Id', b'"Report-', b'"POT-', b'"PO-Rev', b'"Last-', b'"Language-Team', b'"Generated'
)  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent


def merge(language: str, fragments: list[Path]) -> int:
    """Merge the fragments into a language's catalogue and return how many entries it has."""
    path = ROOT / "resources" / "locale" / language / "LC_MESSAGES" / "biobank.po"
    merged = Catalog(locale=language, header_comment=f"# Biobank Desktop: {language}", fuzzy=False)
    for source in [path, *fragments]:
        if not source.exists():
            continue
        with source.open("rb") as stream:
            for message in pofile.read_po(stream, locale=language):
                if message.id and message.string:
                    merged.delete(message.id)
                    merged.add(message.id, message.string)
    written = BytesIO()
    pofile.write_po(written, merged, sort_output=True, width=0)
    lines = [line for line in written.getvalue().splitlines(keepends=True) if not line.startswith(_NOISE)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return len(merged)


if __name__ == "__main__":
    print(merge(sys.argv[1], [Path(name) for name in sys.argv[2:]]))
