"""Consent forms: registered as they are, never changed, ended, answered item by item, checked by a second."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from biobank_desktop.domain.consent_forms import AUDIENCES
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Conflict, NotFound, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import donors
from biobank_desktop.persistence.queries import forms as query
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import forms
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.gate import donor_of
from biobank_desktop.services.verification import WholeVerification
from tests.support.databases import ANNA, BO, CAS, DEE
from tests.support.lab import add_donor, consent_of_both, consent_on_paper, paper_for, receive

if TYPE_CHECKING:
    from biobank_desktop.persistence.queries.donors import ConsentLineRow
    from biobank_desktop.persistence.store import Store

TODAY = local_day(datetime.now(UTC))
SIGNED, RECEIVED = date(2026, 11, 2), date(2026, 11, 3)


def _codes(refused: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in refused.value.problems]


def _lines(store: Store, donor: str) -> list[ConsentLineRow]:
    with store.read() as connection:
        return donors.lines(connection, donor_of(connection, donor).id)


def test_the_shipped_forms_address_everybody_in_both_languages() -> None:
    shipped = forms.shipped_forms()
    names = {version.form for version in shipped}
    assert names == {"ALLTogether1 biobank", "Máxima biobank"}
    assert {(one.form, one.audience, one.language) for one in shipped} == {
        (form, audience, language) for form in names for audience in AUDIENCES for language in ("nl", "en")
    }
    assert len({one.id for one in shipped}) == len(shipped)
    for one in shipped:
        assert one.item("STORE") is not None
        other = paper_for(one.audience, one.form, "en" if one.language == "nl" else "nl")
        assert [item.code for item in other.items] == [item.code for item in one.items]
        assert not {item.wording for item in other.items} & {item.wording for item in one.items}


def test_a_file_says_everything_that_is_wrong_with_it() -> None:
    content = b"""
[[version]]
id = "A"
form = " "
version = "1"
language = "nld"
audience = "parent"
approved_by = "METC"
approved_on = "2026"
valid_from = 2026-03-01
colour = "red"
[[version.item]]
code = "store"
wording = ""
opt = "maybe"
mandatory = 1
[[version]]
id = "b-1"
form = "B"
version = "1"
language = "nl"
audience = "adult"
approved_by = "METC"
valid_from = 2026-03-01
valid_to = 2026-02-28
[[version.item]]
code = "STORE"
wording = "Keep it"
[[version.item]]
code = "STORE"
wording = "Keep it again"
"""
    with pytest.raises(Rejected) as refused:
        forms.read_forms(content, "forms.toml")
    first, second = "version[0].", "version[1]."
    wrong = ("approved_on", "audience", "colour", "form", "id", "language")
    of_item = ("code", "mandatory", "opt", "wording")
    assert {problem.field for problem in refused.value.problems} == {
        *(f"{first}{name}" for name in wrong),
        *(f"{first}item[0].{name}" for name in of_item),
        f"{second}valid_to",
        f"{second}item[1].code",
    }


@pytest.mark.parametrize("content", [b"", b"version = 1", b"version = []", b"[[version]]\n[other]", b"\xff"])
def test_a_file_that_is_no_list_of_forms_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected):
        forms.read_forms(content, "forms.toml")


def test_forms_are_entered_once_and_read_back_as_they_were(store: Store) -> None:
    shipped = forms.shipped_forms()
    assert forms.enter_forms(store, ANNA, shipped) == [version.id for version in shipped]
    assert forms.enter_forms(store, ANNA, shipped) == []
    with store.read() as connection:
        assert query.versions(connection) == {version.id: version for version in shipped}
        assert query.version(connection, shipped[3].id) == shipped[3]
        assert query.version(connection, "none") is None
    assert Verification(store).run() == []


def test_what_somebody_signed_can_never_change(store: Store) -> None:
    paper = paper_for("parents")
    forms.enter_forms(store, ANNA, [paper])
    other = replace(paper, items=paper.items[1:])
    renamed = replace(paper, id="another-name")
    with pytest.raises(Rejected) as refused:
        forms.enter_forms(store, ANNA, [other, renamed])
    assert _codes(refused) == [("version", "form-id-taken"), ("version", "form-known-as")]
    with pytest.raises(Rejected) as twice:
        forms.enter_forms(store, ANNA, [renamed, renamed])
    assert ("version", "form-twice") in _codes(twice)
    with pytest.raises(Rejected):
        forms.enter_forms(store, BO, [paper])


def test_a_form_ends_today_or_later(store: Store) -> None:
    paper = paper_for("parents")
    forms.enter_forms(store, ANNA, [paper])
    for day in (TODAY - timedelta(days=1), paper.valid_from):
        with pytest.raises(Rejected) as refused:
            forms.end_form(store, ANNA, paper.id, day)
        assert _codes(refused) == [("last_day", "form-ends-in-the-past")]
    forms.end_form(store, ANNA, paper.id, TODAY)
    with store.read() as connection:
        ended = query.version(connection, paper.id)
    assert ended == replace(paper, valid_to=TODAY)
    forms.end_form(store, ANNA, paper.id, TODAY + timedelta(days=30))
    with pytest.raises(NotFound):
        forms.end_form(store, ANNA, "none", TODAY)
    over = replace(paper, id="over", version="0", valid_to=TODAY - timedelta(days=1))
    forms.enter_forms(store, ANNA, [over])
    with pytest.raises(Conflict):
        forms.end_form(store, ANNA, "over", TODAY)
    assert Verification(store).run() == []


def test_a_line_on_paper_keeps_how_it_was_signed(store: Store) -> None:
    paper = paper_for("parents")
    forms.enter_forms(store, ANNA, [paper])
    donor = add_donor(store, BO)
    no = consent_on_paper(store, BO, donor, paper, "mother", interpreter=True, pages=4, scan_sha256="0a" * 32)
    (line,) = _lines(store, donor)
    assert (line.no, line.form, line.form_version) == (no, paper.form, paper.version)
    assert line.paper == paper
    assert (line.authority, line.obtained_by, line.interpreter) == ("parental", "dr. J. de Boer", True)
    assert (line.pages, line.scan_sha256, line.original_at) == (4, "0a" * 32, "HiX 2026-1188")
    assert Verification(store).run() == []


def test_a_line_without_paper_is_as_before(store: Store) -> None:
    donor = add_donor(store, BO)
    consent_of_both(store, BO, donor)
    for line in _lines(store, donor):
        assert (line.paper, line.authority, line.obtained_by, line.original_at) == (None, None, None, None)
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.signing)).scalar() == 0


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"signatory": "child", "authority": "own"}, [("paper", "form-for-others")]),
        ({"answers": {"STORE": "yes"}}, [("answers", "item-left-out")] * 6),
        ({"authority": "king"}, [("authority", "not-a-choice")]),
        ({"pages": 0}, [("pages", "pages-implausible")]),
        ({"pages": 501}, [("pages", "pages-implausible")]),
        ({"scan_sha256": "0A" * 32}, [("scan_sha256", "not-a-sha256")]),
        ({"scan_sha256": "0a" * 31}, [("scan_sha256", "not-a-sha256")]),
    ],
)
def test_what_is_wrong_with_a_signing_is_said_beside_its_field(
    store: Store, changes: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    paper = paper_for("parents")
    forms.enter_forms(store, ANNA, [paper])
    donor = add_donor(store, BO)
    with pytest.raises(Rejected) as refused:
        consent_on_paper(store, BO, donor, paper, **{"signatory": "mother"} | changes)
    assert _codes(refused) == problems
    assert _lines(store, donor) == []


def test_a_form_that_is_not_registered_cannot_be_answered(store: Store) -> None:
    donor = add_donor(store, BO)
    with pytest.raises(Rejected) as refused:
        consent_on_paper(store, BO, donor, paper_for("parents"), "mother")
    assert _codes(refused) == [("paper", "form-unknown")]


def test_an_item_that_the_form_does_not_ask_cannot_be_answered_on_it(store: Store) -> None:
    paper = paper_for("parents")
    forms.enter_forms(store, ANNA, [paper])
    donor = add_donor(store, BO)
    answers = {item.code: "yes" for item in paper.items} | {"COMMERCIAL": "no", "ANIMAL": "not-asked"}
    with pytest.raises(Rejected) as refused:
        consent_on_paper(store, BO, donor, paper, "mother", answers=answers)
    assert _codes(refused) == [("answers", "item-not-on-form")]
    assert refused.value.problems[0].values == {"item": "COMMERCIAL", "form": paper.id}


def test_somebody_else_compares_a_line_with_the_form(store: Store) -> None:
    paper = paper_for("parents")
    forms.enter_forms(store, ANNA, [paper])
    donor = add_donor(store, BO)
    no = consent_on_paper(store, BO, donor, paper, "mother")
    with store.read() as connection:
        (waiting,) = query.unchecked(connection)
    assert (waiting.no, waiting.entered_by, waiting.differs) == (no, "bo", False)
    with pytest.raises(Rejected) as himself:
        forms.check_line(store, BO, donor, no, agrees=True)
    assert _codes(himself) == [("line", "same-person")]
    with pytest.raises(Rejected) as silent:
        forms.check_line(store, CAS, donor, no, agrees=False)
    assert _codes(silent) == [("why", "reason-missing")]
    forms.check_line(store, CAS, donor, no, agrees=False, note="father signed, not mother")
    with store.read() as connection:
        (waiting,) = query.unchecked(connection)
        assert waiting.differs
    forms.check_line(store, ANNA, donor, no, agrees=True)
    with store.read() as connection:
        assert query.unchecked(connection) == []
        known = query.checks(connection, donor_of(connection, donor).id)
    assert [(one.login, one.agrees, one.note) for one in known] == [
        ("cas", False, "father signed, not mother"),
        ("anna", True, ""),
    ]
    with pytest.raises(Conflict):
        forms.check_line(store, CAS, donor, no, agrees=True)
    with pytest.raises(Rejected):
        forms.check_line(store, DEE, donor, no, agrees=True)
    assert Verification(store).run() == []


def test_a_struck_line_is_not_compared(store: Store) -> None:
    donor = add_donor(store, BO)
    consent_of_both(store, BO, donor)
    strike = ConsentForm(
        donor, "corrected", "mother", SIGNED, RECEIVED, corrects=1, note="typed for a sister"
    )
    record_consent(store, BO, strike)
    with store.read() as connection:
        assert [one.no for one in query.unchecked(connection)] == [2]
    with pytest.raises(Rejected) as refused:
        forms.check_line(store, CAS, donor, 1, agrees=True)
    assert _codes(refused) == [("line", "line-struck")]
    with pytest.raises(NotFound):
        forms.check_line(store, CAS, donor, 9, agrees=True)


def test_decisions_on_paper_are_reproduced(store: Store) -> None:
    """Also after the form has ended: what was decided about earlier signatures stays as it was."""
    paper = paper_for("parents")
    forms.enter_forms(store, ANNA, [paper])
    donor = add_donor(store, BO)
    for parent in ("mother", "father"):
        consent_on_paper(store, BO, donor, paper, parent)
    receive(store, BO, donor)
    forms.end_form(store, ANNA, paper.id, TODAY)
    assert WholeVerification(store).run() == []
