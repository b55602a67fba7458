"""Accounts, passwords and signing in, on real databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher

from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence.queries import history, people
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import people as services_people
from biobank_desktop.services.people import (
    TRIES,
    PersonForm,
    add_person,
    change_person,
    check_person,
    make_recovery_code,
    prove,
    set_password,
    sign_in,
)
from tests.support.databases import PASSWORD
from tests.support.lab import add_boxes

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


def _refused(act: Callable[[], object]) -> set[str]:
    with pytest.raises(Rejected) as refused:
        act()
    return {problem.code for problem in refused.value.problems}


def test_signing_in_is_a_line_in_the_history(store: Store) -> None:
    actor = sign_in(store, " Bo ", PASSWORD, "bench-7")
    assert (actor.login, actor.role, actor.bench) == ("bo", "technician", "bench-7")
    with store.read() as connection:
        event = history.page(connection, history.ids(connection)[:1])[0]
    assert (event.kind, event.by, event.bench) == ("signed-in", "bo", "bench-7")


def test_a_wrong_password_says_no_more_than_that(store: Store) -> None:
    assert _refused(lambda: sign_in(store, "bo", "wrong-horse", "b")) == {"sign-in-refused"}
    assert _refused(lambda: sign_in(store, "nobody", PASSWORD, "b")) == {"sign-in-refused"}


def test_five_wrong_passwords_lock_and_a_right_one_before_forgives(store: Store) -> None:
    for _ in range(TRIES - 1):
        _refused(lambda: prove(store, "bo", "wrong", "b"))
    prove(store, "bo", PASSWORD, "b")
    for _ in range(TRIES):
        _refused(lambda: prove(store, "bo", "wrong", "b"))
    assert _refused(lambda: prove(store, "bo", PASSWORD, "b")) == {"sign-in-locked"}


def test_a_role_taken_away_is_gone_at_once(store: Store, manager: Actor, administrator: Actor) -> None:
    """Their window still shows the old role: the database is asked, not the window."""
    change_person(store, administrator, manager.login, why="back to the bench", role="technician")
    assert _refused(lambda: add_boxes(store, manager)) == {"not-permitted"}


def test_only_an_administrator_makes_accounts(store: Store, manager: Actor, administrator: Actor) -> None:
    form = PersonForm("eva", "Eva Smit", "technician")
    assert _refused(lambda: add_person(store, manager, form, "long-enough")) == {"not-permitted"}
    add_person(store, administrator, form, "long-enough")
    assert _refused(lambda: add_person(store, administrator, form, "long-enough")) == {"login-taken"}
    assert sign_in(store, "eva", "long-enough", "b").name == "Eva Smit"


def test_everything_wrong_with_an_account_at_once() -> None:
    problems = check_person(PersonForm("Eva S", " ", "king"), "short")  # type: ignore[arg-type]
    assert {problem.field for problem in problems} == {"login", "name", "role", "password"}


def test_somebody_put_out_of_use_cannot_come_in(store: Store, administrator: Actor) -> None:
    change_person(store, administrator, "bo", why="left the lab", active=False)
    assert _refused(lambda: sign_in(store, "bo", PASSWORD, "b")) == {"sign-in-refused"}


def test_the_last_administrator_stays(store: Store, administrator: Actor) -> None:
    for change in ({"active": False}, {"role": "technician"}):
        assert _refused(
            lambda change=change: change_person(store, administrator, "anna", why="", **change)  # type: ignore[misc]
        ) == {"last-administrator"}
    change_person(store, administrator, "cas", why="deputy", role="administrator")
    change_person(store, administrator, "anna", why="left", active=False)
    with store.read() as connection:
        anna = people.person(connection, "anna")
    assert anna is not None
    assert not anna.active


def test_a_password_changed_behind_the_programs_back_is_found(
    store: Store, actor: Actor, administrator: Actor
) -> None:
    set_password(store, actor, "bo", "new-password")
    assert sign_in(store, "bo", "new-password", "b").login == "bo"
    assert _refused(lambda: set_password(store, actor, "anna", "new-password")) == {"not-permitted"}
    set_password(store, administrator, "bo", "given-by-anna")
    assert Verification(store).run() == []


def test_recovery_codes_are_long_and_without_look_alikes() -> None:
    code = make_recovery_code()
    assert len(code.replace("-", "")) == 24
    assert not set(code) & set("ILOU")
    assert make_recovery_code() != code


def test_a_password_costs_whoever_guesses_it_64_mib_and_three_passes(shipped_hasher: PasswordHasher) -> None:
    """RFC 9106, the second recommendation; the tests themselves hash cheaply."""
    assert shipped_hasher.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_no_transaction_waits_for_a_password_to_be_hashed(
    postgres_store: Store, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow bench would be hung up on: the server gives an idle transaction five seconds."""
    pool: Any = postgres_store.engine.pool
    held: list[int] = []

    class Watched(PasswordHasher):
        def hash(self, *words: Any, **more: Any) -> str:
            held.append(pool.checkedout())
            return super().hash(*words, **more)

    monkeypatch.setattr(services_people, "_HASHER", Watched(time_cost=1, memory_cost=1024, parallelism=1))
    add_person(postgres_store, administrator, PersonForm("fay", "Fay", "technician"), PASSWORD)
    set_password(postgres_store, administrator, "fay", "another-horse")
    assert held == [0, 0]
