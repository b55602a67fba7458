"""``biobank consent what-if``: counted, listed, and every bad word said at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.resources import folder
from tests.cli import jobs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Biobank

FORM = """
id = "parents-9"
form = "Parents"
version = "9"
language = "nl"
audience = "parents"
approved_by = "METC 1"
valid_from = 2026-01-01
item = [{code = "STORE", wording = "Store"}]
"""


def received(biobank: Biobank, database: str) -> tuple[str, list[str]]:
    """A donor whose parents agreed, and six filled vials."""
    donor = jobs.consented_donor(biobank, database)
    vials = biobank(database, "receive", biobank.file(jobs.receipt(donor))).result["vials"]
    assert biobank(database, "fill", biobank.file(jobs.filling(vials))).exit == 0
    return donor, sorted(vial["code"] for vial in vials)


def test_a_withdrawal_is_counted_and_listed(biobank: Biobank, lab_address: str) -> None:
    donor, vials = received(biobank, lab_address)
    words = ("consent", "what-if", "--withdraw", f"{donor}=W2", "--purpose", "store")
    counted = biobank(lab_address, *words).result
    change = {"purpose": "store", "before": "permitted", "after": "refused", "donors": 1, "vials": len(vials)}
    assert counted == {"donors": 1, "vials": len(vials), "not_compared": [], "changes": [change]}
    listed = biobank(lab_address, *words, "--list").result["changes"]
    assert [one.pop("list") for one in listed] == [[{"donor": donor, "vials": vials}]]
    assert listed == [change]
    text = biobank.text("--db", lab_address, "--as", "bo", *words, "--list").out
    assert text.splitlines()[0] == "Donors  1"
    assert text.count("permitted") == text.count("refused") == 2
    assert (
        biobank(lab_address, "donor", "show", donor).result["donor"]["verdicts"][0]["verdict"] == "permitted"
    )


def test_rules_a_day_and_a_form_are_combined(biobank: Biobank, lab_address: str, tmp_path: Path) -> None:
    received(biobank, lab_address)
    rules, form = tmp_path / "rules.toml", tmp_path / "form.toml"
    shipped = (folder("consent") / "rules-nl-1.toml").read_text("utf-8")
    rules.write_text(
        shipped.replace('policy = "hold"', 'policy = "destroy"').replace(
            "[purpose.use-animal]", "[purpose.teach]"
        )
    )
    form.write_text(FORM, "utf-8")
    asked = ("consent", "what-if", "--rules", str(rules), "--on", "2036-05-04", "--form", f"1={form}")
    found = biobank(lab_address, *asked).result
    assert found["not_compared"] == ["teach", "use-animal"]
    assert {"purpose": "store", "before": "permitted", "after": "refused", "donors": 1, "vials": 6} in found[
        "changes"
    ]
    text = biobank.text("--db", lab_address, "--as", "bo", *asked).out
    assert "Only in one of the two sets of rules: teach, " in text


def test_when_nothing_would_change_it_says_so(biobank: Biobank, lab_address: str) -> None:
    received(biobank, lab_address)
    assert biobank(lab_address, "consent", "what-if").result["changes"] == []
    text = biobank.text("--db", lab_address, "--as", "bo", "consent", "what-if").out
    assert text.endswith("No verdict would change.\n")


def test_everything_that_is_wrong_is_said_at_once(biobank: Biobank, lab_address: str, tmp_path: Path) -> None:
    rules, form = tmp_path / "rules.toml", tmp_path / "form.toml"
    rules.write_text('version = "x"', "utf-8")
    form.write_text("not toml", "utf-8")
    ran = biobank(
        lab_address,
        *("consent", "what-if", "--on", "tomorrow", "--withdraw", "PD26", "--withdraw", "PD26=W9"),
        *("--form", "=file", "--form", f"old={form}", "--rules", str(rules)),
    )
    assert ran.exit == 1
    assert [problem for problem in ran.problems if problem[1] != "rules-entry-wrong"] == [
        ("on", "not-a-date"),
        ("withdraw", "not-a-pair"),
        ("withdraw", "not-a-choice"),
        ("form", "not-a-pair"),
        ("", "reference-unreadable"),
    ]
    assert ("deadline_days", "rules-entry-wrong") in ran.problems
    missing = biobank(lab_address, "consent", "what-if", "--rules", str(tmp_path / "none.toml"))
    assert (missing.exit, missing.problems) == (3, [("rules", "input-not-readable")])


def test_what_the_database_does_not_know(biobank: Biobank, lab_address: str) -> None:
    nobody = biobank(lab_address, "consent", "what-if", "--withdraw", "PD260000000=W2")
    assert (nobody.exit, nobody.problems) == (1, [("donor", "donor-unknown")])
    nothing = biobank(lab_address, "consent", "what-if", "--purpose", "sell")
    assert (nothing.exit, nothing.problems) == (1, [("purpose", "unknown-purpose")])
