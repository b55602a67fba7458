"""``biobank consent``: lists as JSON, letters and chains as files that say what the record says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.dates import local_day
from tests.cli import jobs
from tests.papers.test_letters import pages
from tests.support.reading import codes_in_pdf

if TYPE_CHECKING:
    from tests.cli.conftest import Biobank

TODAY = local_day(datetime.now(UTC))


def nearly_16(biobank: Biobank, database: str) -> str:
    """A donor who turns 16 in 20 days and agreed with both parents."""
    birthday = TODAY + timedelta(days=20)
    born_on = date(birthday.year - 16, birthday.month, min(birthday.day, 28)).isoformat()
    donor = jobs.consented_donor(biobank, database, born_on=born_on)
    line = jobs.consent(donor, "child", answers={"STORE": "yes", "USE_A2G": "no"})
    assert biobank(database, "donor", "consent", biobank.file(line)).exit == 0
    return donor


def test_the_letter_is_written_recorded_and_seen(biobank: Biobank, lab_address: str, tmp_path: Path) -> None:
    donor = nearly_16(biobank, lab_address)
    (one,) = biobank(lab_address, "consent", "turning").result["turning"]
    assert (one["donor"], one["age"], one["state"], one["last_contact"]) == (donor, 16, "due", None)
    assert one["outlook"] == {
        "store": "permitted",
        "use": "refused",
        "store_after": "provisional",
        "use_after": "refused",
    }
    assert not {"on", "until", "record"} & one.keys(), "no birthday is answered"
    path = str(tmp_path / "letter.pdf")
    words = ("consent", "letter", donor, "--age", "16", "--language", "nl", "--to", path)
    assert biobank(lab_address, *words).result["line"] is None
    command = ("--record", "--command", "7f1f1d6e-3c61-4b0e-9f0a-0f6f2a6f5f11")
    for _again in range(2):
        assert biobank(lab_address, *words, *command).result["line"] == 4
    content = Path(path).read_bytes()
    whole = " ".join(pages(content))
    assert "Je wordt 16: nu beslis jij" in whole
    assert "Gebruiken in het ALLTogether1-onderzoek Nee" in whole
    assert codes_in_pdf(content) == [donor]
    (one,) = biobank(lab_address, "consent", "turning").result["turning"]
    assert one["state"] == "letter-sent"
    assert one["last_contact"] == {"kind": "recontact-sent", "on": TODAY.isoformat()}
    assert biobank(lab_address, "consent", "turning", "--days", "5").result == {"turning": []}


def test_what_cannot_be_written_is_not_recorded(biobank: Biobank, lab_address: str, tmp_path: Path) -> None:
    donor = nearly_16(biobank, lab_address)
    words = ("consent", "letter", donor, "--age", "16", "--record", "--to", str(tmp_path / "none" / "l.pdf"))
    ran = biobank(lab_address, *words)
    assert (ran.exit, ran.problems) == (3, [("to", "file-not-written")])
    assert len(biobank(lab_address, "donor", "show", donor).result["donor"]["consent"]) == 3


@pytest.mark.parametrize(
    ("more", "code"),
    [({"kind": "deceased"}, "letter-deceased"), ({"kind": "withdrawn", "level": "W0"}, "letter-not-welcome")],
)
def test_nobody_is_written_to_against_their_wish(
    biobank: Biobank, lab_address: str, tmp_path: Path, more: dict[str, object], code: str
) -> None:
    donor = nearly_16(biobank, lab_address)
    line = jobs.consent(donor, "mother", **{"answers": {}, **more})
    assert biobank(lab_address, "donor", "consent", biobank.file(line)).exit == 0
    path = tmp_path / "letter.pdf"
    ran = biobank(lab_address, "consent", "letter", donor, "--age", "16", "--to", str(path))
    assert (ran.exit, ran.problems) == (1, [("donor", code)])
    assert not path.exists()


def test_incomplete_names_who_is_missing(biobank: Biobank, lab_address: str) -> None:
    jobs.consented_donor(biobank, lab_address)
    donor = biobank(lab_address, "donor", "add", biobank.file(jobs.DONOR | {"lab_numbers": []})).result[
        "donor"
    ]
    line = jobs.consent(donor, "mother")
    assert biobank(lab_address, "donor", "consent", biobank.file(line)).exit == 0
    result = biobank(lab_address, "consent", "incomplete").result
    assert result["leaving"] == []
    (one,) = result["incomplete"]
    assert one == {
        "donor": donor,
        "waits_for": "second-parent",
        "reason": "second-parent-missing",
        "since": "2025-11-19",
        "days_left": None,
    }


def test_the_chain_shows_what_was_known_then(biobank: Biobank, lab_address: str, tmp_path: Path) -> None:
    donor = nearly_16(biobank, lab_address)
    path = str(tmp_path / "chain.pdf")
    words = ("consent", "chain", donor, "--to", path)
    result = biobank(lab_address, *words).result
    assert (result["lines"], result["vials"], result["donor"]) == (3, 0, donor)
    seal = biobank(lab_address, "status").result["seal"]
    assert result["seal"]["size"] <= seal["size"]
    content = Path(path).read_bytes()
    whole = " ".join(pages(content))
    assert result["seal"]["root"] in whole
    assert "by bo" in whole
    assert codes_in_pdf(content) == [donor]
    assert biobank(lab_address, *words, "--as-of", "2025-11-18").result["lines"] == 0
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert biobank(lab_address, *words, "--known-on", yesterday).result["lines"] == 0
    assert biobank(lab_address, *words, "--family").exit == 0
    assert "by bo" not in " ".join(pages(Path(path).read_bytes()))
    ran = biobank(lab_address, *words, "--as-of", "today", "--known-on", "soon")
    assert (ran.exit, ran.problems) == (1, [("as_of", "not-a-date"), ("known_on", "not-a-date")])
