"""Growing up: whose own decision is open, what became of the letter, and how many statements it takes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.services.consent import CONTACTS, ConsentForm, record_consent
from biobank_desktop.services.growing_up import Outlook, Turning, outlook, turning
from tests.support.databases import ANNA, BO
from tests.support.lab import add_donor, fill_all, receive

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store

TODAY = local_day(datetime.now(UTC))
YES = {"STORE": "yes", "USE_A2G": "yes"}


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


def born(age: int, in_days: int) -> date:
    """The day of birth of somebody who turns that old in so many days."""
    birthday = days(in_days)
    return birthday.replace(year=birthday.year - age)


def say(store: Store, donor: str, kind: str, signatory: str, signed_on: date, **more: Any) -> int:
    return record_consent(
        store, BO, ConsentForm(donor, kind, signatory, signed_on, min(TODAY, signed_on), **more)
    )


def child(store: Store, age: int, in_days: int) -> str:
    """Somebody near a birthday whose parents said yes long ago."""
    donor = add_donor(store, ANNA, born_on=born(age, in_days))
    for parent in ("mother", "father"):
        say(store, donor, "given", parent, days(-2000), answers=YES)
    return donor


def found(store: Store, within_days: int = 90) -> list[Turning]:
    with store.read() as connection:
        return turning(connection, TODAY, within_days)


def test_a_birthday_ahead_is_shown_in_time(store: Store) -> None:
    donor = child(store, 16, 30)
    assert [(one.age, one.state) for one in found(store, 29)] == [(12, "overdue")], "was never asked at 12"
    (one,) = found(store, 30)
    assert (one.donor, one.age, one.on, one.state) == (donor, 16, days(30), "due")
    assert (one.policy, one.until, one.vials) == ("hold", days(30 + 183), 0)
    assert outlook(one, TODAY) == Outlook("permitted", "permitted", "provisional", "provisional")
    say(store, donor, "given", "child", days(-1000), answers=YES)
    assert found(store, 29) == []
    (one,) = found(store, 30)
    assert outlook(one, TODAY) == Outlook("permitted", "permitted", "provisional", "provisional")


def test_the_letter_and_the_answer_change_the_state(store: Store) -> None:
    donor = child(store, 16, -10)
    say(store, donor, "given", "child", days(-1000), answers=YES)
    assert [(one.state, one.last_contact) for one in found(store)] == [("due", None)]
    say(store, donor, "recontact-sent", "self", days(-5))
    (one,) = found(store)
    assert one.state == "letter-sent"
    assert one.last_contact is not None
    assert (one.last_contact.kind, one.last_contact.on) == ("recontact-sent", days(-5))
    say(store, donor, "partly-given", "self", days(-2), answers={"STORE": "not-answered"})
    assert [one.state for one in found(store)] == ["answered"]
    say(store, donor, "given", "self", days(-1), answers=YES)
    assert found(store) == [], "who has decided is left in peace"


@pytest.mark.parametrize("kind", ["refused", "objected"])
def test_a_no_is_a_decision_too(store: Store, kind: str) -> None:
    donor = child(store, 16, -10)
    say(store, donor, kind, "self", days(-1))
    assert found(store) == []


def test_what_is_overdue_comes_first(store: Store) -> None:
    late, soon = child(store, 16, -184), child(store, 16, 20)
    told = child(store, 12, -3)
    say(store, told, "recontact-sent", "child", days(-3))
    assert [(one.donor, one.state) for one in found(store)] == [
        (late, "overdue"),
        (soon, "due"),
        (told, "letter-sent"),
    ]
    say(store, late, "recontact-sent", "self", days(-100))
    assert found(store)[0].state == "overdue", "a letter alone does not stop the clock of hold"


def test_an_old_letter_is_not_about_this_birthday(store: Store) -> None:
    donor = child(store, 16, 10)
    say(store, donor, "recontact-sent", "child", days(-400))
    assert [one.state for one in found(store)] == ["due"]


def test_at_18_a_letter_is_enough_but_not_for_who_never_decided(store: Store) -> None:
    grown, silent = child(store, 18, -5), child(store, 18, -5)
    say(store, grown, "given", "self", days(-300), answers=YES)
    assert [(one.donor, one.age) for one in found(store)] == [(silent, 18), (grown, 18)]
    for donor in (grown, silent):
        say(store, donor, "recontact-sent", "self", days(-1))
    (one,) = found(store)
    assert (one.donor, one.policy, one.state) == (silent, "hold", "overdue")


def test_no_answer_ends_the_matter_at_12(store: Store) -> None:
    donor = child(store, 12, -40)
    say(store, donor, "no-answer", "child", days(-1))
    assert [one.state for one in found(store)] == ["overdue"], "without a letter there is nothing to answer"
    say(store, donor, "recontact-sent", "child", days(-30))
    assert found(store) == []


def test_the_dead_the_withdrawn_and_the_unknown_are_left_out(store: Store) -> None:
    dead, gone, blocked = (child(store, 16, 10) for _ in range(3))
    add_donor(store, ANNA, born_on=born(16, 10))
    say(store, dead, "deceased", "mother", days(-3))
    say(store, gone, "withdrawn", "mother", days(-3), level="W3")
    say(store, blocked, "withdrawn", "mother", days(-3), level="W0")
    (one,) = found(store)
    assert (one.donor, one.contact) == (blocked, False)


def test_filled_vials_are_counted_and_material_alone_is_enough(store: Store) -> None:
    donor = add_donor(store, ANNA, born_on=born(16, 10))
    received = receive(store, BO, donor)
    assert [one.vials for one in found(store)] == [0]
    fill_all(store, BO, received)
    assert [one.vials for one in found(store)] == [len(received.vials)]


def test_the_statements_do_not_grow_with_the_donors(store: Store) -> None:
    def statements() -> int:
        asked: list[str] = []
        with store.read() as connection:
            event.listen(connection, "before_cursor_execute", lambda *said: asked.append(said[2]))
            turning(connection, TODAY)
        return len(asked)

    child(store, 16, 10)
    few = statements()
    for in_days in range(11, 21):
        child(store, 16, in_days)
    assert statements() == few


@pytest.mark.parametrize("kind", CONTACTS)
@pytest.mark.parametrize("more", [{"answers": YES}, {"level": "W1"}, {"sole_authority": True}])
def test_a_line_about_contact_answers_nothing(store: Store, kind: str, more: dict[str, Any]) -> None:
    donor = child(store, 16, 10)
    with pytest.raises(Rejected) as refused:
        say(store, donor, kind, "self", TODAY, **more)
    assert [problem.code for problem in refused.value.problems] == ["contact-answers-nothing"]
    assert say(store, donor, kind, "self", TODAY) == 3
