"""``biobank identity``, and what must stand nowhere after a job: a name, a birthday, a hospital number."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.cli import jobs
from tests.support import canaries
from tests.support.databases import PASSWORD
from tests.support.form_scans import PDF, pdf
from tests.support.identities import CANARIES, IDENTITY, OTHER_PASSPHRASE, PASSPHRASE

if TYPE_CHECKING:
    from tests.cli.conftest import Biobank

WHY = ("--why", "letter at twelve")


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIOBANK_IDENTITY_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("BIOBANK_IDENTITY_NEW_PASSPHRASE", OTHER_PASSPHRASE)


class Bench:
    """``biobank identity`` of somebody."""

    def __init__(self, biobank: Biobank, database: str) -> None:
        self._biobank, self._database = biobank, database

    def __call__(self, *words: str, login: str = "anna") -> Any:
        return self._biobank(self._database, "identity", *words, login=login)


@pytest.fixture
def identity(biobank: Biobank, lab_address: str) -> Bench:
    return Bench(biobank, lab_address)


def kept(biobank: Biobank, identity: Bench, database: str, **changes: object) -> str:
    """A donor with an identity; the store is made for the first."""
    identity("init")
    donor: str = biobank(database, "donor", "add", biobank.file({**jobs.DONOR, "lab_numbers": []})).result[
        "donor"
    ]
    ran = identity("set", biobank.file({"donor": donor, **IDENTITY, **changes}))
    assert ran.exit == 0, ran.out
    assert ran.result == {"donor": donor, "fields": sorted(IDENTITY)}
    return donor


def test_the_whole_way(
    biobank: Biobank, identity: Bench, lab_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded = identity("init").result
    assert identity("init").problems == [("identity", "identity-store-there")]
    donor = kept(biobank, identity, lab_address)
    whole = {"donor": donor, **IDENTITY}
    assert identity("show", donor, *WHY).result == whole
    for text in ("861304957", "muller", "van der Zwartekoekoek", "4-5-2018", "Müller 2018-05-04"):
        assert identity("find", text, *WHY).result == {"found": [whole]}
    monkeypatch.setattr("sys.stdin", io.StringIO("Zwartekoekoek\n"))
    assert identity("find", "-", *WHY).result == {"found": [whole]}
    assert identity("find", "Vos", *WHY).result == {"found": []}
    assert identity("authorise", "bo").result == {"authorised": ["anna", "bo"]}
    monkeypatch.setenv("BIOBANK_IDENTITY_PASSPHRASE", OTHER_PASSPHRASE)
    assert identity("show", donor, *WHY, login="bo").result == whole
    assert identity("passphrase", login="cas").problems == [("passphrase", "identity-not-authorised")]
    monkeypatch.setenv("BIOBANK_IDENTITY_RECOVERY", founded["recovery_code"])
    assert identity("recover", login="cas").result == {"authorised": ["anna", "bo", "cas"]}
    assert identity("withdraw", "bo", *WHY).result == {"authorised": ["anna", "cas"]}
    assert identity("show", donor, *WHY, login="bo").problems == [("passphrase", "identity-not-authorised")]
    rotated = identity("rotate", *WHY, login="cas").result
    assert rotated["authorise_again"] == ["anna"]
    assert rotated["recovery_code"] != founded["recovery_code"]
    checked = identity("check", login="cas")
    assert checked.result == {"records": 1, "scans": 0, "authorised": ["cas"], "cleared": 0}
    assert identity("erase", donor, *WHY, login="cas").result == {"donor": donor}
    assert identity("show", donor, *WHY, login="cas").problems == [("donor", "identity-unknown")]
    assert identity("check", "--clear", *WHY, login="cas").result["records"] == 0
    assert biobank(lab_address, "verify").exit == 0


def test_it_is_told_in_plain_text_too(biobank: Biobank, identity: Bench, lab_address: str) -> None:
    donor = kept(biobank, identity, lab_address)
    words = ("--db", lab_address, "--as", "anna", "identity")
    shown = biobank.text(*words, "show", donor, *WHY)
    assert shown.exit == 0
    for text in (
        "Quirijntje Zoë van der Zwartekoekoek-Müller",
        "4 May 2018",
        "861304957",
        "Ysbrand Roodborst",
    ):
        assert text in shown.out
    assert "Zwartekoekoek" in biobank.text(*words, "find", "Zwartekoekoek", *WHY).out
    assert biobank.text(*words, "find", "Vos", *WHY).out == "Nothing found.\n"
    assert "anna" in biobank.text(*words, "check").out


def test_a_scan_is_kept_and_written_out_again(
    biobank: Biobank, identity: Bench, lab_address: str, tmp_path: Path
) -> None:
    donor = kept(biobank, identity, lab_address)
    form, other, out = tmp_path / "form.bin", tmp_path / "other.pdf", tmp_path / "out.pdf"
    form.write_bytes(PDF)
    other.write_bytes(pdf("Another form"))
    line = jobs.consent(donor, "mother", scan_sha256=sha256(PDF).hexdigest())
    assert biobank(lab_address, "donor", "consent", biobank.file(line)).exit == 0
    assert identity("scan", donor, "1", "--to", str(out), *WHY).problems == [("line", "scan-not-kept")]
    assert identity("keep-scan", donor, "1", str(other)).problems == [("scan", "scan-differs")]
    assert identity("keep-scan", donor, "1", str(tmp_path / "gone")).exit == 3
    assert identity("keep-scan", donor, "1", str(form)).result == {"donor": donor, "line": 1}
    written = identity("scan", donor, "1", "--to", str(out), *WHY).result
    assert written == {
        "file": str(out),
        "donor": donor,
        "line": 1,
        "media_type": "application/pdf",
        "bytes": len(PDF),
    }
    assert out.read_bytes() == PDF
    assert out.stat().st_mode & 0o777 == 0o600
    away = identity("scan", donor, "1", "--to", str(tmp_path / "no" / "folder.pdf"), *WHY)
    assert away.problems == [("to", "file-not-written")]
    words = ("--db", lab_address, "--as", "anna", "identity", "scan", donor, "1", "--to", str(out), *WHY)
    assert "not sealed any more" in biobank.text(*words).out
    assert identity("check").result["scans"] == 1
    assert identity("erase", donor, *WHY).exit == 0
    assert identity("scan", donor, "1", "--to", str(out), *WHY).problems == [("line", "scan-not-kept")]


def test_a_copy_is_made_and_put_back(biobank: Biobank, sqlite_store: Any, tmp_path: Path) -> None:
    address = str(sqlite_store.engine.url.database)
    sqlite_store.close()
    identity = Bench(biobank, address)
    donor = kept(biobank, identity, address)
    copy = identity("backup", str(tmp_path / "safe")).result["copy"]
    assert identity("restore", copy).problems == [("identity", "identity-store-there")]
    Path(address).with_suffix(".identity.sqlite").unlink()
    assert identity("show", donor, *WHY).exit == 3
    assert identity("restore", copy).result == {"records": 1, "erased": 0}
    assert identity("show", donor, *WHY).result["surname"] == IDENTITY["surname"]
    broken = tmp_path / "broken.json"
    broken.write_text("{}", encoding="utf-8")
    Path(address).with_suffix(".identity.sqlite").unlink()
    assert identity("restore", str(broken)).exit == 4


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("show", "PD26000000"), ("", "usage")),
        (("find", "Vos"), ("", "usage")),
        (("erase", "PD26000000"), ("", "usage")),
        (("rotate",), ("", "usage")),
        (("withdraw", "bo"), ("", "usage")),
    ],
)
def test_no_look_without_a_reason(biobank: Biobank, words: tuple[str, ...], problem: tuple[str, str]) -> None:
    ran = biobank.text("--as", "anna", "--json", "identity", *words)
    assert (ran.exit, ran.problems) == (2, [problem])


def test_exit_codes(
    biobank: Biobank, identity: Bench, lab_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = identity("check")
    assert (ran.exit, ran.problems) == (3, [("identity", "identity-store-missing")])
    donor = kept(biobank, identity, lab_address)
    ran = identity("show", "PD26000000", *WHY)
    assert (ran.exit, ran.problems) == (1, [("donor", "donor-unknown")])
    ran = identity("show", donor, "--why", " ")
    assert (ran.exit, ran.problems) == (1, [("why", "reason-missing")])
    ran = identity("set", biobank.file({"donor": donor, "surname": "\u0416", "born_on": "4-5-2018"}))
    assert ran.exit == 1
    assert ("born_on", "not-a-date") in ran.problems
    assert ("hospital_number", "answer-missing") in ran.problems
    monkeypatch.setenv("BIOBANK_IDENTITY_PASSPHRASE", "not the four words")
    ran = identity("show", donor, *WHY)
    assert (ran.exit, ran.problems) == (1, [("passphrase", "passphrase-refused")])
    monkeypatch.delenv("BIOBANK_IDENTITY_PASSPHRASE")
    ran = identity("show", donor, *WHY)
    assert (ran.exit, ran.problems) == (2, [("", "secret-needed")])


def test_an_identity_file_may_lie_elsewhere(
    biobank: Biobank, sqlite_store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "home" / "safe" / "who.sqlite"
    elsewhere.parent.mkdir(parents=True)
    (tmp_path / "home" / "state").mkdir()
    settings = tmp_path / "home" / "state" / "settings.toml"
    settings.write_text(f'identity_file = "{elsewhere}"\n', encoding="utf-8")
    address = str(sqlite_store.engine.url.database)
    sqlite_store.close()
    assert biobank(address, "identity", "init", login="anna").exit == 0
    assert elsewhere.stat().st_mode & 0o777 == 0o600
    assert not Path(address).with_suffix(".identity.sqlite").exists()


# The canaries ----------------------------------------------------------------------------------------

_KILLED = """
import os, sys
from biobank_desktop.cli.main import main
from biobank_desktop.persistence.store import Store
attempt = Store._attempt
def die(self, command, *rest):
    attempt(self, command, *rest)
    os._exit(9 if command.kind == sys.argv[1] else 1)
Store._attempt = die
main(sys.argv[2:])
"""


def job(biobank: Biobank, identity: Bench, database: str, folder: Path) -> list[str]:
    """A whole job with everything that is said on the way, but what shows the identity itself."""
    said: list[str] = []

    def do(*words: str, login: str = "bo") -> Any:
        ran = biobank(database, *words, login=login)
        assert ran.exit == 0, ran.out
        said.extend((ran.out, ran.err))
        plain = (
            biobank.text("--db", database, "--as", login, *words) if words[0] in {"show", "history"} else ran
        )
        said.extend((plain.out, plain.err))
        return ran.result

    jobs.boxes(biobank, database)
    donor = kept(biobank, identity, database)
    for parent in ("mother", "father"):
        do("donor", "consent", biobank.file(jobs.consent(donor, parent)))
    tube = do("receive", biobank.file(jobs.receipt(donor)))
    do("fill", biobank.file(jobs.filling(tube["vials"])))
    do("labels", "pdf", str(folder / "labels.pdf"))
    do("place", "B1", tube["vials"][0]["code"])
    do("donor", "day1", donor, "2025-11-20", *WHY)
    for text in ("Zwartekoekoek", "861304957", "4-5-2018", "Vos"):
        assert identity("find", text, "--why", "request form without a code").exit == 0
    assert identity("show", donor, *WHY).exit == 0
    for ran in (
        identity("show", donor, "--why", "for Quirijntje Zwartekoekoek"),
        identity("find", "Roodborst 861304957 31-31-2018", *WHY),
    ):
        said.extend((ran.out, ran.err) if not ran.exit else (ran.err,))
    environment = {**os.environ, "BIOBANK_PASSWORD": PASSWORD}
    form = biobank.file({"donor": donor, **IDENTITY, "mother_name": "Xandra Roodborst"})
    for kind, words in (("identity-set", ("set", form)), ("identity-read", ("show", donor, *WHY))):
        command = ["--db", database, "--as", "anna", "identity", *words]
        ran = subprocess.run(
            [sys.executable, "-c", _KILLED, kind, *command], env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert ran.returncode == 9, ran.stderr
        said += [ran.stdout, ran.stderr]
    assert "identity-set" in "".join(path.read_text() for path in folder.rglob("*.jsonl"))
    looks: tuple[tuple[str, ...], ...] = (
        *(("show", donor), ("show", tube["tube"]), ("history",), ("history", donor), ("find", donor)),
        *(("donor", "show", donor), ("storage", "tree"), ("labels", "queued"), ("status",)),
    )
    for look in looks:
        do(*look)
    do("backup", "--to", str(folder / "backups"), login="cas")
    do("verify")
    return said


def test_a_whole_job_leaves_no_name_birthday_or_hospital_number_anywhere(
    biobank: Biobank, identity: Bench, lab_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in clear in the identity store itself."""
    monkeypatch.setenv("BIOBANK_LANGUAGE", "nl")
    said = job(biobank, identity, lab_address, tmp_path)
    everywhere = canaries.database(lab_address)
    everywhere |= {
        name: content for name, content in canaries.files(tmp_path).items() if not name.startswith("input")
    }
    everywhere |= {f"said {place}": text.encode() for place, text in enumerate(said)}
    names = " ".join(everywhere)
    assert "labels.pdf" in names
    assert "pins" in names
    assert ".jsonl" in names
    assert ".zip" in names
    assert "identity" in names
    assert len(everywhere) > 30
    found = {name: canaries.hunt(content, CANARIES) for name, content in everywhere.items()}
    assert {name: what for name, what in found.items() if what} == {}


def test_the_hunter_finds_a_name_in_a_note(
    biobank: Biobank, identity: Bench, lab_address: str, tmp_path: Path
) -> None:
    donor = kept(biobank, identity, lab_address)
    for parent in ("mother", "father"):
        line = jobs.consent(donor, parent, note=f"parent of Zwartekoekoek, born {IDENTITY['born_on']}")
        assert biobank(lab_address, "donor", "consent", biobank.file(line)).exit == 0
    receipt = jobs.receipt(donor, note="861304957")
    assert biobank(lab_address, "receive", biobank.file(receipt)).exit == 0
    assert biobank(lab_address, "backup", "--to", str(tmp_path / "backups"), login="cas").exit == 0
    places = [canaries.database(lab_address), canaries.files(tmp_path / "backups")]
    for place in places:
        found = " ".join(what for content in place.values() for what in canaries.hunt(content, CANARIES))
        for text in ("Zwartekoekoek", "2018-05-04", "861304957"):
            assert text in found


@pytest.mark.parametrize(
    "hide",
    [
        lambda text: text.encode(),
        lambda text: text.upper().encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("latin-1"),
        lambda text: quote(text).encode(),
        lambda text: text.encode().hex().encode(),
        lambda text: base64.b64encode(text.encode()),
        lambda text: base64.b64encode(b"x" + text.encode() + b"yy"),
        lambda text: base64.urlsafe_b64encode(b"xy" + text.encode() + b"z"),
        lambda text: ascii(text).replace("\\xfc", "\\u00fc").encode(),
    ],
)
def test_the_hunter_finds_it_in_every_encoding(hide: Any) -> None:
    for text in ("Zwartekoekoek-Müller", "861304957", "2018-05-04", "4-5-2018", "20180504", "04/05/2018"):
        content = b"before " + hide(text) + b" after"
        assert canaries.hunt(content, CANARIES), text
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("part", content * 50)
        assert canaries.hunt(packed.getvalue(), CANARIES), text
    assert not canaries.hunt(b"Zwarte koe, 5-4-2018, 861304956", CANARIES)
