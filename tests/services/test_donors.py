"""Donors and their consent, on real databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.persistence.queries import donors as query
from biobank_desktop.services import consent, donors, gate
from tests.support.lab import add_donor, consent_of_both

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

BORN = date(2018, 5, 4)


def _dump(store: Store) -> bytes:
    """Every event body and every command of the database."""
    with store.read() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM event").scalars().all()
    return b"".join(bytes(body) for body in bodies)


def test_a_birthday_is_never_in_the_history(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    with store.read() as connection:
        row = query.donor(connection, codes.number(donor))
    assert row is not None
    assert (row.turns_12_on, row.turns_16_on) == (date(2030, 5, 4), date(2034, 5, 4))
    told = _dump(store)
    assert codes.from_number(row.id)
    for secret in ("2018-05-04", "2030-05-04", "2034-05-04", "2036-05-04"):
        assert secret.encode() not in told


def test_two_identifiers_must_agree(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor, lab_numbers=(("lab", "X-4711"),))
    with store.read() as connection:
        row = query.donor(connection, codes.number(donor))
        assert row is not None

        def asked(**second: object) -> tuple[Problem, ...]:
            return donors.second_identifier(connection, row, **second)  # type: ignore[arg-type]

        assert asked(born_year=2018, sex="male") == ()
        assert asked(lab_number="X-4711") == ()
        assert {one.code for one in asked(born_year=2017, sex="female")} == {
            "birth-year-differs", "sex-differs",
        }  # fmt: skip
        assert [one.code for one in asked(lab_number="X-4712")] == ["lab-number-differs"]
        assert [one.code for one in asked()] == ["second-identifier-missing"]


def test_a_laboratory_number_belongs_to_one_donor(store: Store, actor: Actor) -> None:
    first = add_donor(store, actor, lab_numbers=(("lab", "X-4711"),))
    with pytest.raises(Rejected) as refused:
        add_donor(store, actor, lab_numbers=(("lab", "X-4711"),))
    assert refused.value.problems[0].code == "lab-number-taken"
    assert refused.value.problems[0].values["code"] == codes.group(first)


def test_day_1_is_recorded_and_changed_with_a_reason_only(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    donors.set_day1(store, actor, donor, date(2026, 11, 4))
    with pytest.raises(Rejected) as refused:
        donors.set_day1(store, actor, donor, date(2026, 11, 5))
    assert refused.value.problems[0].code == "reason-missing"
    donors.set_day1(store, actor, donor, date(2026, 11, 5), "induction began a day later")
    with pytest.raises(Rejected) as early:
        donors.set_day1(store, actor, donor, date(2015, 1, 1), "typo")
    assert early.value.problems[0].code == "day1-before-birth"


def test_the_verdict_follows_the_lines(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)

    def verdict(purpose: str) -> str:
        with store.read() as connection:
            row = gate.donor_of(connection, donor)
            return gate.verdict(connection, row, purpose, datetime.now(UTC)).verdict

    assert verdict("store") == "provisional"
    consent_of_both(store, actor, donor)
    assert (verdict("store"), verdict("use-a2g"), verdict("use-commercial")) == (
        "permitted", "permitted", "provisional",
    )  # fmt: skip
    today = datetime.now(UTC).date()
    no = consent.record_consent(
        store, actor, consent.ConsentForm(donor, "withdrawn", "father", today, today, level="W2")
    )
    assert verdict("use-a2g") == "refused"
    consent.correct_consent(store, actor, donor, no, "entered at the wrong donor")
    assert verdict("use-a2g") == "permitted"


def test_a_wrong_line_is_refused_with_everything_wrong(store: Store, actor: Actor) -> None:
    donor = add_donor(store, actor)
    today = datetime.now(UTC).date()
    form = consent.ConsentForm(
        donor, "given", "uncle", today + timedelta(days=1), today, {"NOSUCH": "perhaps"}, corrects=1
    )
    with pytest.raises(Rejected) as refused:
        consent.record_consent(store, actor, form)
    assert {(one.field, one.code) for one in refused.value.problems} == {
        ("signatory", "not-a-choice"), ("answers", "not-a-choice"), ("answers", "item-unknown"),
        ("signed_on", "signed-after-received"), ("corrects", "line-unknown"),
    }  # fmt: skip
    with pytest.raises(NotFound):
        consent.record_consent(
            store, actor, consent.ConsentForm("PD2600000W", "refused", "mother", today, today)
        )
