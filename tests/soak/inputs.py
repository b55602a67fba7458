"""Bad input: every reader, with seeded damage and with atheris. The declared error or the right result."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from biobank_desktop.domain import codes, scans
from biobank_desktop.services.people import PersonForm
from tests.soak.archives import ARCHIVE_CAMPAIGNS
from tests.soak.campaign import Campaign, Outcome
from tests.soak.damage import damaged
from tests.soak.readers import FOLDER, READERS, ROOT, Reader, judge, text_of
from tests.soak.servers import workplace
from tests.soak.typed import TYPED_CAMPAIGNS

UNIT = "executions"
ROUND: dict[str, int] = {
    "arguments": 2_500,
    "SPREC tables": 6_000,
    "protocol": 12_000,
    "consent rules": 25_000,
    "label template": 25_000,
    "ReceiptForm": 50_000,
    "journal": 60_000,
    "settings": 60_000,
}
"""Executions of a round of damage: some ten seconds; other readers take ``USUAL``."""
USUAL = 150_000
GUIDED_ROUND: dict[str, int] = {
    "arguments": 2_500,
    "SPREC tables": 6_000,
    "protocol": 10_000,
    "consent rules": 40_000,
}
GUIDED_USUAL = 80_000
ROUNDS = 2
"""How many rounds the target of a reader is."""
_LONGEST_INPUT = 4_096


def damage(name: str, executions: int, seed: int) -> Outcome:
    """Read damaged inputs, the same ones for the same seed."""
    reader, rng, broken = _reader(name), Random(f"{name} {seed}"), dict[str, str]()
    for _ in range(executions):
        content = damaged(rng, reader.seeds)
        wrong = judge(reader, content)
        if wrong:
            broken.setdefault(wrong, f"{name}: {wrong}: {content[:120]!r}")
    return Outcome(executions, tuple(broken.values()))


def _reader(name: str) -> Reader:
    return READERS[name] if name in READERS else CONTROLS[name]


def guided(name: str, executions: int, seed: int) -> Outcome:
    """Let atheris search from the reader's seeds."""
    with tempfile.TemporaryDirectory(dir=workplace()) as made:
        folder = Path(made)
        corpus, found = folder / "corpus", folder / "found.jsonl"
        corpus.mkdir()
        for place, content in enumerate(READERS[name].seeds):
            (corpus / str(place)).write_bytes(content)
        options = (
            f"-seed={seed % 0x7FFFFFFF + 1}",
            f"-runs={executions}",
            f"-max_len={_LONGEST_INPUT}",
            "-timeout=60",
            "-rss_limit_mb=4096",
            "-verbosity=0",
            "-print_final_stats=1",
            f"-artifact_prefix={folder}/",
            str(corpus),
        )
        done = subprocess.run(
            [sys.executable, "-m", "tests.soak.guided", name, str(found), *options],
            cwd=ROOT,
            env={**os.environ, FOLDER: made, "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            check=False,
        )
        said = done.stderr.decode("utf-8", "replace")
        broken = [_told(name, line) for line in _lines(found)]
        if done.returncode:
            broken.append(f"{name}: atheris ended with {done.returncode}: {said[-400:]}")
    counted = re.search(r"number_of_executed_units: (\d+)", said)
    return Outcome(int(counted[1]) if counted else 0, tuple(broken))


def _lines(found: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in found.read_text("utf-8").splitlines()] if found.exists() else []


def _told(name: str, line: dict[str, Any]) -> str:
    return f"{name}: {line['wrong']}: {bytes.fromhex(line['content'])[:120]!r}"


# Negative controls: the same rounds on readers with a check taken out


def _code_unchecked(content: bytes) -> Any:
    """A scanner that believes every code that looks like one of ours."""
    code = codes.normalise(text_of(content))
    right = re.fullmatch("P[MBDX][0-9]{2}[0-9A-Z]{6}", code)
    return scans.Scan(code, scans.ScanKind.OWN) if right else None


def _amount_unchecked(content: bytes) -> Any:
    """A number field that believes what it reads."""
    return int(text_of(content))


def _text_unchecked(content: bytes) -> Any:
    """A form that keeps whatever text it is given."""
    return PersonForm("anna", text_of(content), "technician")


CONTROLS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("scan, unchecked", _code_unchecked, READERS["scan"].wrong, READERS["scan"].seeds),
        Reader("form, unchecked", _text_unchecked, READERS["DonorForm"].wrong, (b"Anna de Wit",)),
        Reader("amount, unchecked", _amount_unchecked, READERS["volume"].wrong, (b"500",)),
    )
}


def _damage_campaign(name: str, *, must_break: bool = False) -> Campaign:
    executions = 2_000 if must_break else ROUND.get(name, USUAL)
    target = executions if must_break else ROUNDS * executions
    shown = f"input {name}" + (" (control)" if must_break else "")
    return Campaign(shown, UNIT, target, partial(damage, name, executions), must_break=must_break)


def _guided_campaign(name: str) -> Campaign:
    executions = GUIDED_ROUND.get(name, GUIDED_USUAL)
    return Campaign(f"input {name}, guided", UNIT, executions, partial(guided, name, executions))


CAMPAIGNS: tuple[Campaign, ...] = (
    *map(_damage_campaign, READERS),
    *map(_guided_campaign, READERS),
    *ARCHIVE_CAMPAIGNS,
    *TYPED_CAMPAIGNS,
    *(_damage_campaign(name, must_break=True) for name in CONTROLS),
)
