"""Damaged and rewritten archives: bytes bitten, and rows changed with every hash recomputed."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import sha256
from itertools import count, zip_longest
from pathlib import Path
from random import Random
from typing import Any

from biobank_desktop.persistence.archive import Archive, load, write_archive
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.persistence.verify import Verification
from tests.soak.campaign import Campaign, Outcome
from tests.soak.damage import changed
from tests.soak.readers import Reader, judge, place
from tests.soak.servers import databases
from tests.support.databases import ANNA, open_store
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive
from tests.support.payloads import TEXTS

_NUMBERS = count()
_MANIFEST = "manifest.json"


@cache
def original() -> bytes:
    """The archive of a small lab with a filled tube."""
    address = databases("sqlite").lab()
    store = open_store(address)
    add_boxes(store)
    donor = add_donor(store, ANNA, lab_numbers=(("HiX", "12-34"),))
    consent_of_both(store, ANNA, donor)
    fill_all(store, ANNA, receive(store, ANNA, donor, note="a “note”\n\u2028 é"))
    seal(store)
    path = place() / "original.zip"
    complete(write_archive(store, path, datetime(2026, 11, 22, tzinfo=UTC)))
    store.close()
    databases("sqlite").remove(address)
    return path.read_bytes()


@cache
def members() -> dict[str, bytes]:
    """What the archive holds."""
    with zipfile.ZipFile(io.BytesIO(original())) as source:
        return {name: source.read(name) for name in source.namelist()}


def read_whole(content: bytes) -> dict[str, Any]:
    """Every row of an archive that its own manifest vouches for."""
    path = place() / "tried.zip"
    path.write_bytes(content)
    with Archive(path) as archive:
        complete(archive.check())
        return {
            one.table: [row for rows in archive.rows(one.table) for row in rows]
            for one in archive.manifest.members
        }


@cache
def _original_rows() -> dict[str, Any]:
    return read_whole(original())


def _rows_wrong(_content: bytes, rows: dict[str, Any]) -> str:
    return "" if rows == _original_rows() else "other rows are read than were written"


def restored(content: bytes) -> list[Any]:
    """What verification finds in a database into which an archive was loaded; every statement was allowed."""
    path = place() / "tried.zip"
    path.write_bytes(content)
    address = databases("sqlite").empty()
    store = open_store(address)
    try:
        with Archive(path) as archive:
            complete(archive.check())
            complete(load(archive, store.engine))
        return list(Verification(store).run())
    finally:
        store.close()
        for made in Path(address).parent.glob(f"{Path(address).name}*"):
            made.unlink()


def _found_wrong(content: bytes, findings: list[Any]) -> str:
    """What was changed in what the history vouches for is found."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        same = {name for name in source.namelist() if _lines(source.read(name)) == _lines(members()[name])}
    return "" if findings or same >= members().keys() - UNVOUCHED else "a rewritten history is believed"


def _lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()] if content[:2] == b'{"' else []


UNVOUCHED = frozenset(
    {_MANIFEST, *(f"{name}.jsonl" for name in ("donor_age", "credential", "meta", "label", "derivation"))}
)
"""Members that stand in no event, or hold more than their events say: their change needs no finding here."""


def bitten(rng: Random) -> bytes:
    """The archive with a few bytes changed, cut or doubled."""
    content = bytearray(original())
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.choice((rng.randrange(len(content)), max(0, len(content) - 1 - rng.randrange(3000))))
        match rng.randrange(4):
            case 0:
                content[at] = rng.randrange(256)
            case 1:
                content[at] ^= 1 << rng.randrange(8)
            case 2:
                del content[at : at + rng.randrange(1, 64)]
            case _:
                content[at:at] = content[at : at + rng.randrange(1, 64)]
        if not content:
            break
    return bytes(content)


def rewritten(rng: Random) -> bytes:
    """The archive with rows or its manifest changed, every hash right again."""
    held = dict(members())
    told = json.loads(held[_MANIFEST])
    if rng.random() < 0.3:
        told = changed(rng, told)
    else:
        one = rng.choice([entry for entry in told["members"] if entry["rows"]])
        name = f"{one['table']}.jsonl"
        lines = held[name].splitlines()
        at = rng.randrange(len(lines))
        try:
            row = json.dumps(changed(rng, json.loads(lines[at])), ensure_ascii=False).encode(
                "utf-8", "surrogatepass"
            )
        except ValueError:
            row = rng.choice(TEXTS).encode("utf-8", "surrogatepass")
        lines[at] = row.replace(b"\n", b"")
        if rng.random() < 0.2:
            lines.insert(at, rng.choice(lines))
        held[name] = b"\n".join(lines) + b"\n"
        one |= {"rows": held[name].count(b"\n"), "sha256": sha256(held[name]).hexdigest()}
    held[_MANIFEST] = json.dumps(told).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for name, content in held.items():
            out.writestr(name, content)
    return made.getvalue()


ARCHIVE = Reader("archive", read_whole, _rows_wrong)
RESTORE = Reader("restore", restored, _found_wrong)


def trusting(content: bytes) -> dict[str, Any]:
    """A reader that believes what it unpacks."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        names = [name for name in source.namelist() if name.endswith(".jsonl")]
        return {name[:-6]: [json.loads(line) for line in source.read(name).splitlines()] for name in names}


TRUSTING = Reader("archive without its manifest", trusting, _rows_wrong)


def changes(content: bytes) -> str:
    """The first row of a rewritten archive that says something else than the original's."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        for name, whole in members().items():
            for here, there in zip_longest(_lines(source.read(name)), _lines(whole)):
                row, old = here or {}, there or {}
                if row != old:
                    keys = [key for key in {**row, **old} if row.get(key, "") != old.get(key, "")]
                    return f"{name} {[(key, row.get(key), old.get(key)) for key in keys]!a:.400}"
    return _MANIFEST


SORTS = {"bitten": (ARCHIVE, bitten), "rewritten": (RESTORE, rewritten), "trusted": (TRUSTING, rewritten)}


def round_of(sort: str, executions: int, seed: int) -> Outcome:
    """Read so many archives of one sort."""
    (reader, make), rng, broken = SORTS[sort], Random(f"{sort} {seed}"), dict[str, str]()
    for number in range(executions):
        content = make(rng)
        wrong = judge(reader, content)
        if wrong:  # the lab has other codes and moments each time, so what was changed is told here
            said = f"{reader.name}: {wrong} (seed {seed}, number {number})"
            broken.setdefault(wrong, said + (f": {changes(content)}" if sort == "rewritten" else ""))
    return Outcome(executions, tuple(broken.values()))


ARCHIVE_CAMPAIGNS: tuple[Campaign, ...] = (
    Campaign("input archive", "executions", 40_000, partial(round_of, "bitten", 20_000)),
    Campaign("input restore", "executions", 1_000, partial(round_of, "rewritten", 200)),
    Campaign(
        "input archive, unchecked (control)",
        "executions",
        500,
        partial(round_of, "trusted", 500),
        must_break=True,
    ),
)
