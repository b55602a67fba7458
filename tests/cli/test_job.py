"""The job from the scan to stored vials by the command line, on both engines, with the same answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pypdfium2
import zxingcpp

from tests.cli import jobs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Biobank
    from tests.support.databases import Databases


def job(biobank: Biobank, database: str, file: Path) -> list[dict[str, Any]]:
    """Do it and return every answer; the labels go to ``file``, the same one for both databases."""
    file.unlink(missing_ok=True)
    said: list[dict[str, Any]] = []

    def do(*words: str, login: str = "bo") -> dict[str, Any]:
        ran = biobank(database, *words, login=login)
        assert ran.exit == 0, ran.out + ran.err
        said.append(ran.result)
        return ran.result

    jobs.boxes(biobank, database)
    donor = jobs.consented_donor(biobank, database)
    received = do("receive", biobank.file(jobs.receipt(donor)))
    vials = received["vials"]
    assert [one["material"] for one in vials] == ["CEL"] * 4 + ["PL1"] * 2
    queued = do("labels", "queued")["queued"]
    # Which of a family is printed first hangs on the codes; the answers of two databases are compared.
    said[-1] = {"queued": sorted(queued, key=lambda one: one["aliquot"] + one["material"])}
    pdf = do("labels", "pdf", str(file))
    said[-1] = {"printed": len(pdf["labels"])}
    assert decoded(file) == {one["code"] for one in vials}
    do("fill", biobank.file(jobs.filling(vials)))
    do("place", "B1", *(one["code"] for one in vials[:4]))
    assert do("show", vials[0]["code"])["sample"]["place"]["position"] == "A1"
    assert do("show", "HX25110042")["sample"]["state"] == "received"
    do("show", donor)
    do("show", "B1")
    do("donor", "show", donor)
    do("container", "show", "B1")
    do("storage", "tree")
    do("storage", "kinds")
    do("find", "HX2511")
    do("find", "nothing-of-this")
    do("history", vials[0]["code"])
    do("labels", "reprint", vials[5]["code"], "--reason", "damaged")
    do("labels", "verify", vials[5]["code"])
    do("donor", "day1", donor, "2025-11-22", "--why", "Read from the wrong line.")
    assert biobank(database, "verify").exit == 0
    return said


def decoded(path: Path) -> set[str]:
    """Every code that a reader finds in a PDF of labels."""
    found = set()
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            symbols = zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())
            found |= {symbol.text for symbol in symbols}
            page.close()
    return found


def test_sqlite_and_postgresql_give_the_same_answers(
    biobank: Biobank, sqlite_databases: Databases, postgresql_databases: Databases, tmp_path: Path
) -> None:
    one, other = sqlite_databases.lab(), postgresql_databases.lab()
    file = tmp_path / "labels.pdf"
    answers = job(biobank, one, file), job(biobank, other, file)
    assert jobs.comparable(answers[0]).splitlines() == jobs.comparable(answers[1]).splitlines()
    sqlite_databases.remove(one)
    postgresql_databases.remove(other)


def test_a_repeated_command_gives_the_same_answer(biobank: Biobank, lab_address: str) -> None:
    donor = jobs.consented_donor(biobank, lab_address)
    command = "7f1f1d6e-3c61-4b0e-9f0a-0f6f2a6f5f11"
    form = jobs.receipt(donor, command=command)
    first = biobank(lab_address, "receive", biobank.file(form))
    again = biobank(lab_address, "receive", biobank.file(form))
    assert first.exit == again.exit == 0
    assert first.out == again.out
    other = biobank(lab_address, "receive", biobank.file({**form, "volume_ul": 4100}))
    assert (other.exit, other.problems) == (1, [("command", "command-id-reused")])


def test_a_second_receipt_of_a_tube_is_stopped(biobank: Biobank, lab_address: str) -> None:
    donor = jobs.consented_donor(biobank, lab_address)
    assert biobank(lab_address, "receive", biobank.file(jobs.receipt(donor))).exit == 0
    ran = biobank(lab_address, "receive", biobank.file(jobs.receipt(donor)), login="cas")
    assert ran.exit == 1
    assert ("tube_code", "tube-received-before") in ran.problems
    assert "Bo Jansen" in ran.out


def test_every_problem_of_a_receipt_comes_at_once(biobank: Biobank, lab_address: str) -> None:
    donor = jobs.consented_donor(biobank, lab_address)
    form = jobs.receipt(
        donor,
        second_identifier={"born_year": 2017, "sex": "female"},
        volume_ul="much",
        drawn_at="2025-11-20T11:10:00+01:00",
        temperature="warm",
        colour="red",
    )
    del form["acceptance"]
    ran = biobank(lab_address, "receive", biobank.file(form))
    assert ran.exit == 1
    assert set(ran.problems) == {
        ("second_identifier.born_year", "birth-year-differs"),
        ("volume_ul", "not-a-whole-number"),
        ("drawn_at", "drawn-after-received"),
        ("temperature", "unknown-choice"),
        ("colour", "key-unknown"),
        ("acceptance", "answer-missing"),
    }
    assert biobank(lab_address, "find", "HX25110042").result == {"found": []}


def test_a_donor_without_second_identifier_gets_no_tube(biobank: Biobank, lab_address: str) -> None:
    donor = jobs.consented_donor(biobank, lab_address)
    form = jobs.receipt(donor)
    del form["second_identifier"]
    ran = biobank(lab_address, "receive", biobank.file(form))
    assert (ran.exit, ran.problems) == (1, [("second_identifier", "answer-missing")])


def test_refused_material_is_registered_without_vials(biobank: Biobank, lab_address: str) -> None:
    donor = biobank(lab_address, "donor", "add", biobank.file(jobs.DONOR)).result["donor"]
    refusal = jobs.consent(donor, "father", kind="refused", answers={"STORE": "no"})
    assert biobank(lab_address, "donor", "consent", biobank.file(refusal)).exit == 0
    received = biobank(lab_address, "receive", biobank.file(jobs.receipt(donor))).result
    assert (received["state"], received["verdict"], received["vials"]) == ("refused", "refused", [])
    assert [reason["code"] for reason in received["reasons"]] == ["item-refused"]


def test_placing_is_all_or_none(biobank: Biobank, lab_address: str) -> None:
    jobs.boxes(biobank, lab_address)
    donor = jobs.consented_donor(biobank, lab_address)
    vials = biobank(lab_address, "receive", biobank.file(jobs.receipt(donor))).result["vials"]
    filled = biobank(lab_address, "fill", biobank.file(jobs.filling(vials[:2])))
    assert filled.exit == 0
    unfilled = biobank(lab_address, "place", "B1", *(one["code"] for one in vials[:3]))
    assert (unfilled.exit, unfilled.problems) == (1, [("sample", "sample-not-filled")])
    placed = biobank(lab_address, "place", "B1", f"{vials[0]['code']}=C7", vials[1]["code"]).result["placed"]
    assert [one["position"] for one in placed] == ["C7", "A1"]
    assert biobank(lab_address, "show", "B1").result["container"]["used"] == 2
