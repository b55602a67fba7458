"""Hunting for what must stand nowhere: a text in many spellings and encodings, in files and tables."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import psycopg
import pypdfium2
from psycopg import sql

from biobank_desktop.domain.names import folded
from biobank_desktop.language import say_date
from biobank_desktop.papers import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date


def spellings(text: str) -> set[str]:
    """A name or number as it may have been written by a program that changes it."""
    bare = "".join(one for one in text if one.isalnum())
    variants = {text, bare, folded(text), folded(bare), text.replace("ë", "e")}
    return {changed for one in variants for changed in (one, one.lower(), one.upper(), one.title())}


def days(day: date) -> set[str]:
    """A day in every notation that this program and its neighbours write."""
    short, long = f"{day:%Y%m%d}", f"{day:%d%m%Y}"
    parts = [(f"{day:%d}", f"{day:%m}", f"{day:%Y}"), (str(day.day), str(day.month), str(day.year))]
    dutch = {sign.join(part) for part in parts for sign in "-/. "}
    american = {f"{month}/{number}/{year}" for number, month, year in parts}
    letters = {texts.day(spoken, day) for spoken in texts.LANGUAGES}
    return {day.isoformat(), short, long, *dutch, *american, say_date(day), *letters}


def encodings(text: str) -> dict[str, bytes]:
    """The bytes of a text in every encoding that a file of ours or another's could have."""
    plain = text.encode()
    found = {
        "utf-8": plain,
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
        "latin-1": text.encode("latin-1", "replace"),
        "percent": quote(text).encode(),
        "form": quote_plus(text).encode(),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "json": "".join(one if ord(one) < 128 else f"\\u{ord(one):04x}" for one in text).encode(),
        "xml": text.encode("ascii", "xmlcharrefreplace"),
    }
    for shift in range(3):
        # What of the base64 does not depend on the bytes before and after it.
        whole = base64.b64encode(bytes(shift) + plain + bytes(2))
        core = whole[(0, 2, 3)[shift] : (len(plain) + shift) * 4 // 3]
        found[f"base64+{shift}"] = core
        found[f"base64url+{shift}"] = core.replace(b"+", b"-").replace(b"/", b"_")
    return found


def needles(names: Iterable[str], dates: Iterable[date] = ()) -> dict[bytes, str]:
    """What to look for, with what it is: every encoding of every spelling."""
    wanted = {spelling for name in names for spelling in spellings(name)}
    wanted |= {spelling for day in dates for spelling in days(day)}
    return {
        content: f"{text!r} as {name}" for text in sorted(wanted) for name, content in encodings(text).items()
    }


def hunt(content: bytes, wanted: Mapping[bytes, str]) -> set[str]:
    """What stands in the bytes, in an archive in them, in a compressed stream or on a page of a PDF."""
    return {
        what
        for part in _layers(content)
        for needle, what in wanted.items()
        if len(needle) > 4 and needle in part
    }


def _layers(content: bytes) -> Iterator[bytes]:
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from _layers(archive.read(name))
    elif content.startswith(b"\x1f\x8b"):
        yield from _layers(zlib.decompress(content, 31))
    elif content.startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(content)
        yield repr(document.get_metadata_dict()).encode()
        for page in document:
            text = page.get_textpage().get_text_bounded()
            yield text.encode()
            yield " ".join(text.split()).encode()  # a line breaks where it must
        document.close()


def files(folder: Path) -> dict[str, bytes]:
    """Every file in a folder and below, by its path there, which is looked through as well."""
    return {
        str(path.relative_to(folder)): path.read_bytes() + str(path.relative_to(folder)).encode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def database(address: str) -> dict[str, bytes]:
    """Every byte of a database: the files of SQLite, every row of every table of PostgreSQL."""
    if "://" not in address:
        path = Path(address)
        found = {one.name: one.read_bytes() for one in path.parent.glob(f"{path.name}*")}
        beside = path.with_suffix(".identity.sqlite")
        return found | {one.name: one.read_bytes() for one in beside.parent.glob(f"{beside.name}*")}
    with psycopg.connect(address) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        return {
            f"{schema}.{table}": b"\n".join(
                _bytes(value)
                for row in connection.execute(
                    sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table))
                )
                for value in row
            )
            for schema, table in tables
        }


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
