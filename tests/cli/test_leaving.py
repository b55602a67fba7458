"""The later life of vials by the command line, used, held back, issued, destroyed, erased."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain.dates import local_day
from biobank_desktop.services import corrections
from tests.cli import jobs
from tests.papers.test_letters import pages
from tests.support.databases import BO, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Biobank

    Do = Callable[..., dict[str, Any]]

STUDY: dict[str, Any] = {
    "study": "PEG-asparaginase activity",
    "recipient": "Dr. L. Berg",
    "institution": "Karolinska University Hospital",
    "country": "SE",
    "recipient_kind": "academic",
    "bdac": "BDAC-2026-014",
    "uses": ["study"],
    "transport": "dry-ice",
}


@pytest.fixture
def do(biobank: Biobank, lab_address: str) -> Do:
    def doing(*words: str, login: str = "bo", exits: int = 0) -> dict[str, Any]:
        ran = biobank(lab_address, *words, login=login)
        assert ran.exit == exits, ran.out + ran.err
        return ran.said

    return doing


@pytest.fixture
def vials(do: Do, biobank: Biobank, lab_address: str) -> list[str]:
    """Four vials of cells in a box, of a donor who agreed to their use and to sharing them."""
    jobs.boxes(biobank, lab_address)
    donor = jobs.consented_donor(biobank, lab_address)
    answers = {"USE_A2G": "yes", "SHARE_EU": "yes"}
    for parent in ("mother", "father"):
        line = {"donor": donor, "kind": "partly-given", "signatory": parent, "answers": answers}
        when = {"signed_on": "2025-11-05", "received_on": "2025-11-06"}
        do("consent", "give", biobank.file(line | when))
    received = do("receive", biobank.file(jobs.receipt(donor)))["result"]
    made = received["vials"]
    do("fill", biobank.file(jobs.filling(made)))
    do("place", "B1", *(one["code"] for one in made[:4]))
    return [donor, *(one["code"] for one in made[:4])]


def _problems(said: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in said["problems"]]


def test_out_and_back_used_lost_found_and_undone(do: Do, vials: list[str]) -> None:
    _donor, first, second, *_ = vials
    do("use", "out", first, second, "--why", "assay")
    assert _problems(do("use", "out", first, "--why", "assay", exits=1)) == ["sample-is-out"]
    do("use", "in", first, second, "--thawed")
    do("use", "take", first, "--purpose", "use-a2g", "--what", "assay", "--cells", "1000000")
    shown = do("use", "show", first)["result"]
    assert shown["excursions"][0]["thawed"] is True
    assert shown["uses"][0]["cells"] == 1_000_000
    (dna,) = do(
        "use", "derive", second, "--material", "DNA", "--purpose", "use-a2g", "--what", "panel", "--ul", "50"
    )["result"]["samples"]
    assert do("show", dna)["result"]["sample"]["material"] == "DNA"
    do("use", "lost", second, "--why", "not there")
    assert do("use", "show", second)["result"]["ended"] == "lost"
    do("use", "found", second, "--why", "in the next box")
    do("use", "broken", first, "--why", "fell")
    command = do("history", first)["result"]["events"][0]["command"]
    do("use", "undo", command)
    assert do("use", "show", first)["result"]["ended"] is None


def test_what_is_held_back_is_decided_about(do: Do, biobank: Biobank, vials: list[str]) -> None:
    donor, first, second, *_ = vials
    touched = do("quarantine", "touched", "--donor", donor)["result"]["samples"]
    assert {first, second} <= {one["code"] for one in touched}
    assert _problems(do("quarantine", "touched", exits=1)) == ["cause-missing"]
    found = {"kind": "device", "what": "Ran warm", "found_at": datetime.now(UTC).isoformat()}
    report = found | {"cause": {"device": "Rotina 420"}, "samples": [first]}
    no = str(do("quarantine", "report", biobank.file(report))["result"]["no"])
    do("quarantine", "hold", no, second)
    assert _problems(do("use", "out", first, "--why", "assay", exits=1)) == ["sample-in-quarantine"]
    refused = do("quarantine", "decide", no, first, "--judgement", "accept", "--why", "cold enough", exits=1)
    assert _problems(refused) == ["not-permitted"]
    do("quarantine", "decide", no, first, "--judgement", "accept", "--why", "cold enough", login="anna")
    listed = do("quarantine", "decide", no, second, "--judgement", "destroy", "--why", "warm", login="anna")
    assert listed["result"]["disposal"] == 1
    do("quarantine", "close", no, "--conclusion", "serviced", login="anna")
    assert do("quarantine", "show", no)["result"]["state"] == "closed"
    assert do("quarantine", "list")["result"]["nonconformities"][0]["undecided"] == 0


def test_a_release_a_withdrawal_and_what_is_left_of_it(
    do: Do, biobank: Biobank, lab_address: str, vials: list[str]
) -> None:
    donor, issued, *kept = vials
    tube = do("show", "HX25110042")["result"]["sample"]["code"]
    no = str(do("release", "open", biobank.file(STUDY))["result"]["no"])
    refused = do("release", "choose", no, issued)["result"]["refused"]
    assert [why["code"] for why in refused[issued]] == ["tube-not-released"]
    with closing(open_store(lab_address)) as store:
        corrections.record_diagnostic_release(store, BO, tube, datetime.now(UTC), "LKC")
    assert do("release", "choose", no, issued, kept[0])["result"]["chosen"] == [issued, kept[0]]
    do("release", "drop", no, kept[0], "--why", "not needed")
    assert _problems(do("release", "issue", no, exits=1)) == ["not-permitted"]
    assert do("release", "issue", no, login="anna")["result"]["samples"] == [issued]
    shown = do("release", "show", no)["result"]
    assert (shown["state"], [line["state"] for line in shown["lines"]]) == ("issued", ["issued", "removed"])

    looked = do("withdraw", donor, "--look")["result"]
    assert [one["no"] for one in looked["issued_releases"]] == [int(no)]
    assert set(_problems(do("withdraw", donor, exits=1))) == {"answer-missing", "level-missing"}
    today = local_day(datetime.now(UTC)).isoformat()
    withdrawn = do("withdraw", donor, "--level", "W4", "--signatory", "mother", "--signed-on", today)
    listed = str(withdrawn["result"]["disposal"])
    lines = {line["code"]: line["action"] for line in do("destroy", "show", listed)["result"]["lines"]}
    assert lines[issued] == "notify"
    kept_still = do("erase", donor, "--why", "asked by the family", login="anna", exits=1)
    assert _problems(kept_still) == ["donor-still-kept"]
    gone = [code for code, action in lines.items() if action == "destroy"]
    assert set(kept) < set(gone)
    do("destroy", "done", listed, *gone, "--note", "autoclaved")
    do("destroy", "done", listed, issued, "--note", "e-mail")
    assert set(_problems(do("destroy", "witness", listed, *gone, exits=1))) == {"witness-is-the-same"}
    do("destroy", "witness", listed, *gone, login="anna")
    do("destroy", "close", listed)
    assert do("destroy", "list")["result"]["lists"][0]["state"] == "closed"
    do("erase", donor, "--why", "asked by the family", login="anna")
    assert _problems(do("erase", donor, "--why", "again", login="anna", exits=1)) == ["donor-was-erased"]
    assert biobank(lab_address, "verify").exit == 0
    assert do("gap", "show")["result"]["gap"] is None
    assert _problems(do("gap", "sign", "--note", "nothing", login="anna", exits=1)) == ["no-restore-gap"]


def test_refused_material_leaves_by_a_list(do: Do, vials: list[str]) -> None:
    _donor, first, *_ = vials
    words = ("destroy", "open", first, "--reason", "refused", "--why", "consent")
    assert _problems(do(*words, login="anna", exits=1)) == ["sample-not-refused"]
    opened = do("destroy", "open", first, "--reason", "expired", "--why", "ten years", login="anna")
    no = str(opened["result"]["no"])
    do("destroy", "done", no, first)
    do("destroy", "undo", no, first, "--why", "the wrong one")
    do("destroy", "drop", no, first, "--why", "still needed", login="anna")
    do("destroy", "close", no)


def test_a_single_item_is_withdrawn(do: Do, vials: list[str]) -> None:
    donor, *_ = vials
    today = local_day(datetime.now(UTC)).isoformat()
    words = ("withdraw", donor, "--item", "SHARE_EU", "--signatory", "mother", "--signed-on", today)
    assert do(*words)["result"]["disposal"] is None


def _let_go(lab_address: str, tube: str) -> None:
    with closing(open_store(lab_address)) as store:
        corrections.record_diagnostic_release(store, BO, tube, datetime.now(UTC), "LKC")


def test_papers_of_a_release_and_of_a_withdrawal(
    do: Do, biobank: Biobank, lab_address: str, vials: list[str], tmp_path: Path
) -> None:
    donor, first, second, *kept = vials
    tube = do("show", "HX25110042")["result"]["sample"]["code"]
    _let_go(lab_address, tube)
    assert do("release", "key")["result"]["keys"] == []
    no = str(do("release", "open", biobank.file(STUDY))["result"]["no"])
    do("release", "choose", no, first, second)
    note, proofs = str(tmp_path / "note.pdf"), str(tmp_path / "proofs")
    for words in (("note", no, "--to", note), ("proofs", no, "--to", proofs)):
        assert _problems(do("release", *words, exits=1)) == ["release-not-issued"]
    do("release", "issue", no, login="anna")

    (key,) = do("release", "key")["result"]["keys"]
    files = [Path(name) for name in do("release", "proofs", no, "--to", proofs)["result"]["files"]]
    assert sorted(files) == sorted(Path(proofs).iterdir())
    said = do("release", "note", no, "--to", note)["result"]
    assert Path(note).read_bytes() == files[-1].read_bytes()
    assert [one["sample"] for one in said["vials"]] == [first, second]
    for one, file in zip(said["vials"], files, strict=False):
        assert sha256(file.read_bytes()).hexdigest().startswith(one["proof"])
        checked = biobank.text("--json", "verify-proof", str(file), "--key", key["fingerprint"])
        assert checked.result["proof"]["provenance"]["vial"] == one["sample"]
    assert do("release", "proofs", no, "--to", proofs)["result"]["files"] == [str(file) for file in files]

    today = local_day(datetime.now(UTC)).isoformat()
    withdrawn = do("withdraw", donor, "--level", "W3", "--signatory", "mother", "--signed-on", today)
    listed = str(withdrawn["result"]["disposal"])
    letters = do("destroy", "notices", listed, "--to", str(tmp_path / "letters"), "--language", "nl")
    (letter,) = letters["result"]["files"]
    assert Path(letter).name == f"N-{today[:4]}-{int(listed):04}-{no}.pdf"
    assert "Een donor trekt zich terug" in " ".join(pages(Path(letter).read_bytes()))
    certificate = str(tmp_path / "certificate.pdf")
    asked = ("destroy", "certificate", listed, "--to", certificate)
    assert _problems(do(*asked, exits=1)) == ["list-not-closed"]
    lines = do("destroy", "show", listed)["result"]["lines"]
    gone = [line["code"] for line in lines if line["action"] == "destroy"]
    do("destroy", "done", listed, *[line["code"] for line in lines])
    do("destroy", "witness", listed, *gone, login="anna")
    do("destroy", "close", listed)
    result = do(*asked)["result"]
    assert (sorted(result["destroyed"]), result["not_destroyed"]) == (sorted(gone), [first, second])
    assert set(kept) <= set(gone)
    assert Path(certificate).read_bytes().startswith(b"%PDF-")


def test_papers_that_cannot_be_written_are_refused(
    do: Do, biobank: Biobank, lab_address: str, vials: list[str], tmp_path: Path
) -> None:
    _donor, first, *_ = vials
    _let_go(lab_address, do("show", "HX25110042")["result"]["sample"]["code"])
    no = str(do("release", "open", biobank.file(STUDY))["result"]["no"])
    do("release", "choose", no, first)
    do("release", "issue", no, login="anna")
    file = tmp_path / "a file"
    file.touch()
    for words in (("proofs", no, "--to", str(file)), ("note", no, "--to", str(file / "note.pdf"))):
        ran = biobank(lab_address, "release", *words)
        assert (ran.exit, ran.problems) == (3, [("to", "file-not-written")])
    assert _problems(do("destroy", "notices", "7", "--to", str(tmp_path), exits=1)) == ["list-unknown"]
    listed = do("destroy", "open", vials[2], "--reason", "expired", "--why", "ten years", login="anna")
    nobody = do("destroy", "notices", str(listed["result"]["no"]), "--to", str(tmp_path / "none"))
    assert nobody["result"]["files"] == []
    assert not (tmp_path / "none").exists()


def test_a_restored_database_gives_the_same_proofs(
    do: Do, biobank: Biobank, lab_address: str, empty_address: str, vials: list[str], tmp_path: Path
) -> None:
    _donor, first, *_ = vials
    _let_go(lab_address, do("show", "HX25110042")["result"]["sample"]["code"])
    no = str(do("release", "open", biobank.file(STUDY))["result"]["no"])
    do("release", "choose", no, first)
    do("release", "issue", no, login="anna")
    key = do("release", "key")["result"]["keys"]
    before = do("release", "proofs", no, "--to", str(tmp_path / "before"))["result"]["files"]
    archive = do("backup", "--to", str(tmp_path / "backup"), login="anna")["result"]["archive"]
    assert biobank(empty_address, "restore", archive, login="anna").exit == 0
    assert biobank(empty_address, "release", "key").result["keys"] == key
    words = ("release", "proofs", no, "--to", str(tmp_path / "after"))
    after = biobank(empty_address, *words).result["files"]
    assert [Path(file).read_bytes() for file in after] == [Path(file).read_bytes() for file in before]
