"""``biobank consent``: forms, lines on paper, a second person's look, and what was permitted when."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.seals import seal
from biobank_desktop.resources import folder
from biobank_desktop.services.verification import WholeVerification
from tests.cli import jobs
from tests.support.databases import BO, open_store
from tests.support.lab import add_donor, paper_for
from tests.support.rows import do

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.persistence.work import Work
    from tests.cli.conftest import Biobank, Ran

YES, NO = {"STORE": "yes"}, {"STORE": "no"}
SIGNED, ENTERED, CORRECTED = (
    date(2026, 3, 10),
    datetime(2026, 5, 4, 9, tzinfo=UTC),
    datetime(2026, 6, 15, tzinfo=UTC),
)


def entered_in_may(database: str) -> str:
    """Signed by both parents in March, entered in May; in June it turned out that the father had said no."""
    with closing(open_store(database)) as store:
        donor = add_donor(store, BO)
        number = codes.number(donor)

        def line(
            no: int, who: str, known_at: datetime, answers: dict[str, str], **more: Any
        ) -> dict[str, Any]:
            said = {
                "donor_id": number,
                "no": no,
                "kind": "partly-given",
                "signatory": who,
                "answers": answers,
            }
            form = {"form": "A2G", "form_version": "3", "signed_on": SIGNED, "received_on": SIGNED}
            return {**said, **form, "sole_authority": False, "known_at": known_at, "note": "", **more}

        def body(work: Work) -> None:
            lines = [line(1, "mother", ENTERED, YES), line(2, "father", ENTERED, YES)]
            work.insert(tables.consent_line, [*lines, line(3, "father", CORRECTED, NO, corrects=2)])
            work.update(tables.donor, {"id": number}, consent_head=3)

        do(store, body)
        seal(store)
    return donor


@pytest.mark.parametrize(
    ("as_of", "known_on", "verdict", "lines"),
    [
        ("2026-03-09", "2026-06-30", None, 0),
        ("2026-04-01", "2026-04-01", None, 0),
        ("2026-04-01", "2026-05-03", None, 0),
        ("2026-04-01", "2026-05-04", "permitted", 2),
        ("2026-06-30", "2026-05-31", "permitted", 2),
        ("2026-04-01", "2026-06-14", "permitted", 2),
        ("2026-04-01", "2026-06-15", "refused", 2),
        ("2026-06-30", "2026-06-30", "refused", 2),
    ],
)
def test_what_was_permitted_on_a_day_by_what_was_known_on_a_day(
    biobank: Biobank, lab_address: str, as_of: str, known_on: str, verdict: str | None, lines: int
) -> None:
    donor = entered_in_may(lab_address)
    asked = ("--as-of", as_of, "--known-on", known_on)
    result = biobank(lab_address, "consent", "report", *asked, "--purpose", "store").result
    told = [{"donor": donor, "lines": lines, "verdicts": {"store": verdict}}] if verdict else []
    assert result["donors"] == told
    assert sum(result["purposes"]["store"].values()) == len(told)
    shown = biobank(lab_address, "consent", "show", donor, *asked).result
    assert shown["as_of"] == as_of
    (store,) = [one for one in shown["verdicts"] if one["purpose"] == "store"]
    assert store["verdict"] == (verdict or "provisional")
    assert store["steps"]
    with closing(open_store(lab_address)) as opened:
        assert WholeVerification(opened).run() == []


def test_forms_are_registered_listed_and_ended(biobank: Biobank, lab_address: str, tmp_path: Path) -> None:
    added = biobank(lab_address, "consent", "add-forms", "--shipped", login="anna").result["forms"]
    assert len(added) == 16
    again = biobank(
        lab_address, "consent", "add-forms", str(folder("forms") / "alltogether1.toml"), login="anna"
    )
    assert again.result["forms"] == []
    ended = biobank(lab_address, "consent", "end-form", added[0], "2099-12-31", login="anna")
    assert ended.exit == 0
    known = {one["id"]: one for one in biobank(lab_address, "consent", "forms").result["forms"]}
    assert set(known) == set(added)
    assert known[added[0]]["valid_to"] == "2099-12-31"
    assert known[added[1]]["valid_to"] is None
    assert biobank(lab_address, "consent", "add-forms", login="anna").problems == [("file", "answer-missing")]
    gone = biobank(lab_address, "consent", "add-forms", str(tmp_path / "none.toml"), login="anna")
    assert (gone.exit, gone.problems) == (3, [("file", "input-not-readable")])
    bad = biobank(lab_address, "consent", "end-form", added[0], "tomorrow", login="anna")
    assert bad.problems == [("date", "not-a-date")]
    assert biobank(lab_address, "consent", "add-forms", "--shipped").problems == [("", "not-permitted")]


def test_rules_are_entered_from_a_file_and_listed(biobank: Biobank, lab_address: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    text = (folder("consent") / "rules-nl-1.toml").read_text("utf-8")
    file.write_text(
        text.replace('"nl-1"', '"nl-2"').replace("deadline_days = 28", "deadline_days = 56"), "utf-8"
    )
    more = ("--from", "2099-01-01", "--approved-by", "METC", "--why", "a longer deadline")
    command = str(uuid4())

    def enter(*words: str, login: str = "anna") -> Ran:
        return biobank(lab_address, "consent", "add-rules", *words, login=login)

    first = enter(str(file), *more, "--command", command)
    assert first.result == {"no": 1, "version": "nl-2"}
    assert enter(str(file), *more, "--command", command).result == first.result
    told = biobank(lab_address, "consent", "rules").result
    assert told["counts"] == "nl-1"
    shipped, entered = told["sets"]
    assert shipped["rules"]["deadline_days"] == 28
    assert (shipped["valid_from"], shipped["entered_by"]) == (None, "")
    assert entered["rules"] == shipped["rules"] | {"version": "nl-2", "deadline_days": 56}
    assert (entered["valid_from"], entered["approved_by"], entered["entered_by"], entered["why"]) == (
        *("2099-01-01", "METC", "anna"),
        "a longer deadline",
    )
    assert enter(str(file), *more).problems == [("version", "rules-version-taken")]
    assert enter(str(file), *more, login="bo").problems == [("", "not-permitted")]
    none = enter(str(tmp_path / "none.toml"), *more)
    assert (none.exit, none.problems) == (3, [("file", "input-not-readable")])
    assert enter(str(file), "--from", "soon", *more[2:]).problems == [("valid_from", "not-a-date")]
    file.write_text("version = 1", "utf-8")
    assert ("version", "rules-entry-wrong") in enter(str(file), *more).problems
    said = biobank.text("--db", lab_address, "--as", "bo", "consent", "rules").out
    assert "nl-2" in said
    assert "Turning 16" in said


def test_a_line_on_paper_is_given_compared_and_shown(biobank: Biobank, lab_address: str) -> None:
    biobank(lab_address, "consent", "add-forms", "--shipped", login="anna")
    donor = biobank(lab_address, "donor", "add", biobank.file(jobs.DONOR)).result["donor"]
    paper = paper_for("parents")
    answers = {item.code: "yes" for item in paper.items} | {"GENETIC": "no", "EXTRA": "not-answered"}
    given = jobs.consent(donor, "mother", answers=answers, paper=paper.id, authority="parental", pages=4)
    file = biobank.file(given | {"kind": "partly-given", "command": str(uuid4())})
    first = biobank(lab_address, "consent", "give", file)
    assert first.result == biobank(lab_address, "consent", "give", file).result
    (line,) = biobank(lab_address, "consent", "show", donor).result["lines"]
    assert (line["paper"], line["authority"], line["pages"]) == (paper.id, "parental", 4)
    said = line["answers"]
    assert (said["STORE"], said["GENETIC"], said["EXTRA"]) == ("yes", "no", "not-answered")
    assert (said["COMMERCIAL"], said["ANIMAL"]) == ("not-asked", "not-asked")
    (waiting,) = biobank(lab_address, "consent", "unchecked").result["unchecked"]
    assert (waiting["donor"], waiting["no"], waiting["entered_by"]) == (donor, 1, "bo")
    assert biobank(lab_address, "consent", "check", donor, "1").problems == [("line", "same-person")]
    differs = biobank(lab_address, "consent", "check", donor, "1", "--differs", login="cas")
    assert differs.problems == [("why", "reason-missing")]
    assert biobank(lab_address, "consent", "check", donor, "1", login="cas").result["agrees"] is True
    assert biobank(lab_address, "consent", "unchecked").result["unchecked"] == []
    (check,) = biobank(lab_address, "consent", "show", donor).result["checks"]
    assert (check["line_no"], check["login"], check["agrees"]) == (1, "cas", True)


def test_a_report_of_an_unknown_purpose_is_refused(biobank: Biobank, lab_address: str) -> None:
    asked = biobank(lab_address, "consent", "report", "--purpose", "sell", "--purpose", "give")
    assert asked.problems == [("purpose", "unknown-purpose")] * 2
    assert biobank(lab_address, "consent", "report", "--as-of", "x").problems == [("as_of", "not-a-date")]
