"""``biobank verify-proof``: what it proves in sentences, and why not; no database, no settings, no person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.papers.proof import proof_pdf
from biobank_desktop.papers.signing import fingerprint, grouped, new_key, public_key, signed_symbol
from tests.support.proofs import DONOR, KEY, TUBE, VIAL, sample_proof

if TYPE_CHECKING:
    from tests.cli.conftest import Biobank

LAB = fingerprint(public_key(KEY))
OTHER = fingerprint(new_key()[1])
ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The PDF as the lab sent it."""
    path = tmp_path / "proof.pdf"
    path.write_bytes(proof_pdf(sample_proof(), KEY))
    return path


@pytest.fixture
def symbol(tmp_path: Path) -> Path:
    """What somebody's scanner read from the paper."""
    path = tmp_path / "symbol.txt"
    path.write_text(f"{signed_symbol(sample_proof(), KEY)}\n", encoding="ascii")
    return path


def test_the_answer_holds_the_whole_proof(biobank: Biobank, page: Path, symbol: Path) -> None:
    for path, whole in ((page, True), (symbol, False)):
        ran = biobank.text("--json", "verify-proof", str(path))
        assert ran.exit == 0
        assert ran.result == {
            "key": LAB,
            "key_compared": False,
            "whole_page": whole,
            "proof": sample_proof().as_mapping(),
        }
    ran = biobank.text("verify-proof", str(page), "--key", grouped(LAB).upper(), "--json")
    assert ran.result["key_compared"] is True


def test_it_says_what_is_proved_and_what_is_not(biobank: Biobank, page: Path, symbol: Path) -> None:
    proof = sample_proof()
    said = biobank.text("verify-proof", str(page)).out
    for part in (
        "nothing was changed since the proof was signed",
        "Whose key it is cannot be seen from it",
        grouped(LAB),
        "to the last byte",
        "Whether consent was withdrawn since, only the lab knows",
        f"{proof.provenance.lab} says about the vial {codes.group(VIAL)}:",
        f"mononuclear cells from bone marrow, 8 × 10⁶ cells; tube {codes.group(TUBE)} of donor",
        codes.group(DONOR),
        "SPREC 2.0: CEL-SHP-A-M-B-B-N.",
        "Since 6 Jan 2026 10:00: liquid nitrogen",
        "the rules nl-1 say on 20 Nov 2026, by what was known on 20 Nov 2026 14:02: permitted.",
        *proof.consent.steps,
        "It went with release R-2026-0007 to Karolinska Institutet",
        "BDAC 2026-031",
        "in 5 events.",
        proof.history.seal_root,
        *proof.history.events,
        *(one.value for one in proof.brisq if one.value),
        "Pathology diagnosis: not recorded",
        *proof.consent.forms,
        *proof.consent.reasons,
    ):
        assert part in said
    assert "with the key that you named" in biobank.text("verify-proof", str(page), "--key", LAB).out
    assert "Only what the symbol says was checked" in biobank.text("verify-proof", str(symbol)).out


def test_it_speaks_dutch(biobank: Biobank, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIOBANK_LANGUAGE", "nl")
    said = biobank.text("verify-proof", str(page)).out
    assert "De handtekening klopt" in said
    assert "8 × 10⁶ cellen" in said


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--key", OTHER), ("", "proof-of-another-lab")),
        (("--key", "12"), ("key", "fingerprint-wrong")),
        (("--key", ""), ("key", "fingerprint-wrong")),
    ],
)
def test_another_key_is_refused(
    biobank: Biobank, page: Path, words: tuple[str, ...], problem: tuple[str, str]
) -> None:
    ran = biobank.text("--json", "verify-proof", str(page), *words)
    assert (ran.exit, ran.problems) == (1, [problem])


def test_what_was_changed_is_refused(biobank: Biobank, page: Path, symbol: Path) -> None:
    content = page.read_bytes()
    page.write_bytes(content.replace(b"%%EOF", b"%%EOG"))
    assert biobank.text("--json", "verify-proof", str(page)).problems == [("", "proof-altered")]
    page.write_bytes(content[:-1])
    ran = biobank.text("--json", "verify-proof", str(page))
    assert (ran.exit, ran.problems) == (1, [("", "proof-unreadable")])
    symbol.write_text("PM263TV4M4", encoding="ascii")
    assert biobank.text("--json", "verify-proof", str(symbol)).problems == [("", "proof-unreadable")]


def test_no_file_is_3_and_no_word_is_2(biobank: Biobank, tmp_path: Path) -> None:
    ran = biobank.text("--json", "verify-proof", str(tmp_path / "none.pdf"))
    assert (ran.exit, ran.problems) == (3, [("file", "input-not-readable")])
    assert biobank.text("--json", "verify-proof", str(tmp_path)).exit == 3
    assert biobank.text("--json", "verify-proof").exit == 2


def alone(home: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """``biobank`` on a computer that never had one: an empty home, nothing of ours in its environment."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("BIOBANK", "XDG"))
    }
    return subprocess.run(
        [sys.executable, *words], input=stdin, capture_output=True, cwd=ROOT, check=False,
        env={**environment, "HOME": str(home), "LANG": "C.UTF-8"},
    )  # fmt: skip


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_it_needs_no_database_and_leaves_nothing_behind(tmp_path: Path, page: Path, source: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    file, stdin = (str(page), b"") if source == "file" else ("-", page.read_bytes())
    ran = alone(home, "-m", "biobank_desktop.cli", "--json", "verify-proof", file, "--key", LAB, stdin=stdin)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["result"]["proof"]["provenance"]["vial"] == VIAL
    assert list(home.iterdir()) == []


def test_it_loads_neither_a_database_nor_a_printer(tmp_path: Path, page: Path) -> None:
    code = (
        "import sys\n"
        "from biobank_desktop.cli.main import main\n"
        f"assert main(['verify-proof', {str(page)!r}]) == 0\n"
        "heavy = {'sqlalchemy', 'sqlite3', 'psycopg', 'alembic', 'reportlab', 'PIL', 'zxingcpp', 'PySide6'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    ran = alone(tmp_path, "-c", code)
    assert ran.stderr.decode().strip() == "[]"
