"""Who a donor is: kept sealed and apart, found without standing in clear, every look in the history."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import delete, select, update

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import BiobankError, IntegrityBroken, NotFound, Rejected, Unavailable
from biobank_desktop.persistence import tables as main
from biobank_desktop.persistence.canonical import loads
from biobank_desktop.persistence.identity import tables
from biobank_desktop.persistence.identity.vault import RECOVERY, beside
from biobank_desktop.services import people
from biobank_desktop.services.identity import checking, donors, keeping
from tests.support.databases import ANNA, BO, CAS, DEE, PASSWORD, Databases, open_store
from tests.support.identities import (
    EMMA,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    address_of,
    identity_file,
    open_identities,
    vault_of,
)
from tests.support.lab import add_donor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from biobank_desktop.domain.identity import IdentityForm
    from biobank_desktop.persistence.identity.records import Record
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.keeping import Identities


_MADE: dict[Databases, str] = {}


@pytest.fixture
def lab(databases: Databases) -> Iterator[tuple[Store, Identities]]:
    """A lab with an empty identity store, opened by Anna; made once for each engine and copied."""
    if databases not in _MADE:
        address = _MADE[databases] = databases.lab()
        first = open_store(address)
        open_identities(first).close()
        first.close()
    copy = databases.copy(_MADE[databases])
    copied = open_store(copy)
    if copied.is_sqlite:
        shutil.copyfile(beside(_MADE[databases]), beside(copy))
    opened = open_identities(copied)
    yield copied, opened
    opened.close()
    copied.close()
    databases.remove(copy)


@pytest.fixture
def identities(lab: tuple[Store, Identities]) -> Identities:
    """The identity store of ``store``."""
    return lab[1]


@pytest.fixture
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Store]:
    """The lab of the identity store, or one without any."""
    if "identities" in request.fixturenames:
        yield request.getfixturevalue("lab")[0]
        return
    address = databases.lab()
    store = open_store(address)
    yield store
    store.close()
    databases.remove(address)


def emma(store: Store, identities: Identities, **changes: Any) -> IdentityForm:
    """A donor with an identity."""
    form = replace(EMMA, donor=add_donor(store, BO), **changes)
    donors.set_identity(store, identities, ANNA, form)
    return form


def codes_of(raised: pytest.ExceptionInfo[Any]) -> list[tuple[str, str]]:
    problems = getattr(raised.value, "problems", None) or (raised.value.problem,)
    return [(one.field, one.code) for one in problems]


def events(store: Store, prefix: str = "identity-") -> list[tuple[int, dict[str, Any]]]:
    """(stream, body) of every event of such a kind, oldest first."""
    with store.read() as connection:
        rows = connection.execute(select(main.event).order_by(main.event.c.id)).all()
    told = [(row.stream_id, loads(row.body)) for row in rows]
    return [(stream, body) for stream, body in told if body["kind"].startswith(prefix)]


# Keeping and reading ---------------------------------------------------------------------------------


def test_what_is_kept_is_read_again(store: Store, identities: Identities) -> None:
    form = emma(store, identities)
    assert donors.read_identity(store, identities, BO, form.donor, "letter at twelve") == form
    sparse = replace(
        form, hospital_number=None, surname_prefix="", given_names="", mother_name="", father_name=""
    )
    donors.set_identity(store, identities, ANNA, sparse)
    assert donors.read_identity(store, identities, BO, form.donor, "letter at twelve") == sparse
    assert len(identities.vault.records()) == 1


def test_another_program_reads_it_too(store: Store, identities: Identities) -> None:
    form = emma(store, identities)
    identities.close()
    again = open_identities(store)
    assert donors.read_identity(store, again, BO, form.donor, "letter") == form
    again.close()


def test_every_problem_of_a_form_at_once(store: Store, identities: Identities) -> None:
    form = replace(
        EMMA, donor=add_donor(store, BO), surname=" - ", hospital_number=".", born_on=date(2018, 5, 5)
    )
    with pytest.raises(Rejected) as refused:
        donors.set_identity(store, identities, ANNA, form)
    assert codes_of(refused) == [
        ("surname", "surname-missing"),
        ("hospital_number", "hospital-number-empty"),
        ("born_on", "birthday-disagrees"),
    ]
    assert identities.vault.records() == []
    assert events(store, "identity-set") == []


def test_a_birthday_on_a_leap_day_is_told_from_the_day_after(store: Store, identities: Identities) -> None:
    donor = add_donor(store, BO, born_on=date(2016, 2, 29))
    with pytest.raises(Rejected):
        donors.set_identity(store, identities, ANNA, replace(EMMA, donor=donor, born_on=date(2016, 3, 1)))
    donors.set_identity(store, identities, ANNA, replace(EMMA, donor=donor, born_on=date(2016, 2, 29)))


def test_a_hospital_number_belongs_to_one_donor(store: Store, identities: Identities) -> None:
    first = emma(store, identities)
    other = replace(EMMA, donor=add_donor(store, BO), hospital_number="07123456")
    with pytest.raises(Rejected) as refused:
        donors.set_identity(store, identities, ANNA, other)
    assert codes_of(refused) == [("hospital_number", "hospital-number-taken")]
    assert refused.value.problems[0].values == {}  # whose it is would be a look without a reason
    donors.set_identity(store, identities, ANNA, replace(first, hospital_number="0712999"))
    donors.set_identity(store, identities, ANNA, other)


def test_a_repetition_is_harmless_and_another_content_is_none(store: Store, identities: Identities) -> None:
    form, command = replace(EMMA, donor=add_donor(store, BO)), uuid4()
    for _time in range(2):
        donors.set_identity(store, identities, ANNA, form, command)
    for changed in (replace(form, surname="Vos"), replace(form, mother_name="")):
        with pytest.raises(Rejected) as refused:
            donors.set_identity(store, identities, ANNA, changed, command)
        assert codes_of(refused) == [("command", "command-id-reused")]
    assert len(events(store, "identity-set")) == 1
    newer = replace(form, surname="Vos")
    donors.set_identity(store, identities, ANNA, newer)
    donors.set_identity(store, identities, ANNA, form, command)  # told late: the newer one stays
    assert donors.read_identity(store, identities, BO, form.donor, "letter") == newer


def test_who_may_not_do_it_leaves_nothing(store: Store, identities: Identities) -> None:
    form = replace(EMMA, donor=add_donor(store, BO))
    with pytest.raises(Rejected) as refused:
        donors.set_identity(store, identities, DEE, form)
    assert codes_of(refused) == [("", "not-permitted")]
    people.change_person(store, ANNA, "bo", why="on leave", active=False)
    with pytest.raises(Rejected) as refused:
        donors.set_identity(store, identities, BO, form)
    assert codes_of(refused) == [("", "person-not-active")]
    assert identities.vault.records() == []


# Looking ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "07123456", "0712.345-6", "Dijkstra", "dykstra", "van der Dijkstra", "MULLER", "Müller, Emma",
        "Dijkstra Müller", "4-5-2018", "2018-05-04", "muller 04-05-2018",
        "Emma Sofía van der Dijkstra-Müller",
    ],
)  # fmt: skip
def test_a_donor_is_found(sqlite_store: Store, text: str) -> None:
    identities = open_identities(sqlite_store)
    form = emma(sqlite_store, identities)
    if "2018" not in text:
        emma(sqlite_store, identities, surname="Vos", hospital_number="1")
    assert donors.find_donors(sqlite_store, identities, BO, text, "request form without a code") == [form]
    identities.close()


def test_name_and_birthday_are_held_together(store: Store, identities: Identities) -> None:
    form = emma(store, identities)
    vos = emma(store, identities, surname="Vos", hospital_number="1")
    later = add_donor(store, BO, born_on=date(2019, 1, 1))
    third = replace(EMMA, donor=later, born_on=date(2019, 1, 1), hospital_number="2")
    donors.set_identity(store, identities, ANNA, third)

    def found(text: str) -> set[str]:
        return {one.donor for one in donors.find_donors(store, identities, BO, text, "asked by the ward")}

    assert found("Dijkstra") == {form.donor, third.donor}
    assert found("4-5-2018") == {form.donor, vos.donor}
    assert found("Dijkstra 4-5-2018") == {form.donor}
    assert found("Visser 4-5-2018") == set()
    assert found("07123") == set()


def test_what_was_replaced_is_found_no_more(store: Store, identities: Identities) -> None:
    form = emma(store, identities)
    donors.set_identity(store, identities, ANNA, replace(form, surname="Vos", hospital_number=None))
    assert donors.find_donors(store, identities, BO, "Dijkstra", "ward") == []
    assert donors.find_donors(store, identities, BO, "07123456", "ward") == []
    assert len(donors.find_donors(store, identities, BO, "Vos", "ward")) == 1


def test_looks_are_in_the_history_with_their_reason_and_without_a_value(
    store: Store, identities: Identities
) -> None:
    form = emma(store, identities)
    number = codes.number(form.donor)
    donors.read_identity(store, identities, BO, form.donor, "letter at twelve")
    donors.find_donors(store, identities, BO, "Müller", "asked by the ward")
    donors.find_donors(store, identities, BO, "Visser", "asked by the clinic")
    told = [
        (stream, body["kind"], body["by"], body.get("why"), body["result"]) for stream, body in events(store)
    ]
    fields = sorted(set(vars(form)) - {"donor", "guardian_name"})
    assert told[1:] == [
        (number, "identity-set", "anna", None, {"donor": form.donor, "fields": fields}),
        (number, "identity-read", "bo", "letter at twelve", {"donor": form.donor, "fields": fields}),
        (number, "identity-searched", "bo", "asked by the ward", {"found": 1, "by": ["surname"]}),
        (0, "identity-searched", "bo", "asked by the clinic", {"found": 0, "by": ["surname"]}),
    ]
    assert told[0][:3] == (0, "identity-store-made", "anna")


LOOKS: dict[str, Callable[[Store, Identities, str, str], object]] = {
    "read": lambda store, opened, donor, why: donors.read_identity(store, opened, BO, donor, why),
    "find": lambda store, opened, _donor, why: donors.find_donors(store, opened, BO, "Dijkstra", why),
    "erase": lambda store, opened, donor, why: donors.erase_identity(store, opened, ANNA, donor, why),
}


@pytest.mark.parametrize("look", LOOKS)
def test_no_look_without_a_reason(store: Store, identities: Identities, look: str) -> None:
    form = emma(store, identities)
    before = len(events(store))
    with pytest.raises(Rejected) as refused:
        LOOKS[look](store, identities, form.donor, "  ")
    assert codes_of(refused) == [("why", "reason-missing")]
    assert len(events(store)) == before
    assert len(identities.vault.records()) == 1


@pytest.mark.parametrize("why", ["for Emma van der Dijkstra", "number 0712.345-6", "born 4 may, 04-05-2018"])
@pytest.mark.parametrize("look", ["read", "find"])
def test_no_reason_that_names_the_donor(store: Store, identities: Identities, look: str, why: str) -> None:
    form = emma(store, identities)
    with pytest.raises(Rejected) as refused:
        LOOKS[look](store, identities, form.donor, why)
    assert codes_of(refused) == [("why", "why-names-donor")]
    assert [body for _stream, body in events(store) if body.get("why")] == []


def test_a_look_that_cannot_be_recorded_shows_nothing(store: Store, identities: Identities) -> None:
    form = emma(store, identities)
    people.change_person(store, ANNA, "bo", why="on leave", active=False)
    for look in ("read", "find"):
        with pytest.raises(Rejected) as refused:
            LOOKS[look](store, identities, form.donor, "letter")
        assert codes_of(refused) == [("", "person-not-active")]


def test_who_has_no_identity_is_looked_up_all_the_same(store: Store, identities: Identities) -> None:
    donor = add_donor(store, BO)
    with pytest.raises(NotFound):
        donors.read_identity(store, identities, BO, donor, "letter")
    assert [body["kind"] for _stream, body in events(store)] == ["identity-store-made", "identity-read"]


@pytest.mark.parametrize("text", ["", " ", "-,-", "…"])
def test_nothing_is_not_looked_for(sqlite_store: Store, text: str) -> None:
    identities = open_identities(sqlite_store)
    with pytest.raises(Rejected) as refused:
        donors.find_donors(sqlite_store, identities, BO, text, "ward")
    assert codes_of(refused) == [("text", "nothing-to-find")]
    identities.close()


# Keys ------------------------------------------------------------------------------------------------


def test_a_wrong_passphrase_opens_nothing(store: Store, identities: Identities) -> None:
    for wrong in ("", PASSWORD, PASSPHRASE + " ", PASSPHRASE.upper()):
        with pytest.raises(Rejected) as refused:
            keeping.unlock(store, identities.vault, ANNA, wrong)
        assert codes_of(refused) == [("passphrase", "passphrase-refused")]
    with pytest.raises(Rejected) as refused:
        keeping.unlock(store, identities.vault, BO, PASSPHRASE)
    assert codes_of(refused) == [("passphrase", "identity-not-authorised")]


def test_two_persons_with_a_passphrase_each(store: Store, identities: Identities) -> None:
    form = emma(store, identities)
    keeping.authorise(store, identities, ANNA, "cas", OTHER_PASSPHRASE)
    assert keeping.authorised(identities.vault) == ["anna", "cas"]
    with pytest.raises(Rejected):
        keeping.unlock(store, identities.vault, CAS, PASSPHRASE)
    cas = keeping.unlock(store, identities.vault, CAS, OTHER_PASSPHRASE)
    assert donors.read_identity(store, cas, CAS, form.donor, "letter") == form
    keeping.change_passphrase(store, cas, CAS, "yet another four words")
    with pytest.raises(Rejected):
        keeping.unlock(store, identities.vault, CAS, OTHER_PASSPHRASE)
    keeping.unlock(store, identities.vault, CAS, "yet another four words").key.forget()
    keeping.withdraw_authorisation(store, identities.vault, ANNA, "cas", "left the lab")
    with pytest.raises(Rejected):
        keeping.unlock(store, identities.vault, CAS, "yet another four words")
    with pytest.raises(Rejected) as refused:
        keeping.withdraw_authorisation(store, identities.vault, ANNA, "anna", "left the lab")
    assert codes_of(refused) == [("login", "identity-last-holder")]
    assert [body["kind"] for _stream, body in events(store) if "cas" in str(body.get("result"))] == [
        "identity-authorised", "identity-passphrase-set", "identity-withdrawn",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("login", "passphrase", "problem"),
    [
        ("cas", "short", ("passphrase", "passphrase-short")),
        ("zoe", OTHER_PASSPHRASE, ("login", "login-unknown")),
        ("cas", "the password of cas", ("passphrase", "passphrase-is-password")),
    ],
)
def test_who_may_not_be_authorised(
    store: Store, identities: Identities, login: str, passphrase: str, problem: tuple[str, str]
) -> None:
    people.set_password(store, ANNA, "cas", "the password of cas")
    with pytest.raises(Rejected) as refused:
        keeping.authorise(store, identities, ANNA, login, passphrase)
    assert codes_of(refused) == [problem]
    assert keeping.authorised(identities.vault) == ["anna"]


def test_only_managers_authorise(store: Store, identities: Identities) -> None:
    with pytest.raises(Rejected) as refused:
        keeping.authorise(store, identities, BO, "cas", OTHER_PASSPHRASE)
    assert codes_of(refused) == [("", "not-permitted")]


def test_a_new_password_changes_nothing(store: Store, identities: Identities) -> None:
    people.set_password(store, ANNA, "anna", "another-right-horse")
    keeping.unlock(store, identities.vault, ANNA, PASSPHRASE).key.forget()


def test_the_recovery_code_opens_when_nobody_knows_a_passphrase(store: Store) -> None:
    vault = vault_of(store)
    recovery = keeping.create_store(store, vault, ANNA, PASSPHRASE)
    opened = keeping.unlock(store, vault, ANNA, PASSPHRASE)
    form = emma(store, opened)
    with pytest.raises(Rejected) as refused:
        keeping.recover(store, vault, CAS, recovery[:-1] + "!", OTHER_PASSPHRASE)
    assert codes_of(refused) == [("recovery", "recovery-refused")]
    cas = keeping.recover(store, vault, CAS, f" {recovery.lower()} ", OTHER_PASSPHRASE)
    assert donors.read_identity(store, cas, CAS, form.donor, "letter") == form
    assert keeping.authorised(vault) == ["anna", "cas"]
    vault.close()


def test_after_a_rotation_the_old_key_opens_nothing(store: Store, identities: Identities) -> None:
    form = emma(store, identities)
    keeping.authorise(store, identities, ANNA, "cas", OTHER_PASSPHRASE)
    old = keeping.unlock(store, identities.vault, CAS, OTHER_PASSPHRASE)
    before = identities.vault.wraps()
    recovery = keeping.rotate(store, identities, ANNA, PASSPHRASE, "cas left")
    assert donors.read_identity(store, identities, ANNA, form.donor, "letter") == form
    assert donors.find_donors(store, identities, ANNA, "Müller", "ward") == [form]
    with pytest.raises(IntegrityBroken):
        donors.read_identity(store, old, CAS, form.donor, "letter")
    assert donors.find_donors(store, old, CAS, "Müller", "ward") == []
    assert keeping.authorised(identities.vault) == ["anna"]
    assert not {one.sealed for one in before.values()} & {
        one.sealed for one in identities.vault.wraps().values()
    }
    keeping.recover(store, identities.vault, CAS, recovery, OTHER_PASSPHRASE).key.forget()
    with pytest.raises(Rejected):
        keeping.rotate(store, identities, ANNA, OTHER_PASSPHRASE, "a passphrase of somebody else")


def test_a_forgotten_key_opens_nothing(store: Store, identities: Identities) -> None:
    form = emma(store, identities)
    identities.key.forget()
    with pytest.raises(ValueError, match="forgotten"):
        donors.read_identity(store, identities, BO, form.donor, "letter")


def test_a_bench_without_an_identity_store_works(store: Store) -> None:
    vault = vault_of(store)
    assert not vault.exists()
    with pytest.raises(Unavailable) as missing:
        keeping.unlock(store, vault, ANNA, PASSPHRASE)
    assert codes_of(missing) == [("identity", "identity-store-missing")]
    assert not identity_file(store).exists() or not store.is_sqlite
    add_donor(store, BO)
    vault.close()


def test_a_bench_without_the_right_is_told(postgres_store: Store) -> None:
    """The administrator of the server makes the schema and grants it, or neither."""
    address = address_of(postgres_store)
    role = f"bench_{uuid4().hex[:8]}"
    with psycopg.connect(address, autocommit=True) as server:

        def grant(what: str) -> None:
            server.execute(sql.SQL(what).format(sql.Identifier(role)))

        grant("CREATE ROLE {} LOGIN")
        grant("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}")
        grant("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {}")
        url = postgres_store.engine.url.set(drivername="postgresql", username=role)
        bench = open_store(url.render_as_string(hide_password=False))
        vault = vault_of(bench)
        with pytest.raises(Unavailable) as refused:
            keeping.create_store(bench, vault, ANNA, PASSPHRASE)
        assert codes_of(refused) == [("database", "database-no-right")]
        assert not vault.exists()
        grant("CREATE SCHEMA identity AUTHORIZATION {}")
        keeping.create_store(bench, vault, ANNA, PASSPHRASE)
        grant("REVOKE ALL ON SCHEMA identity FROM {}")
        with pytest.raises(Unavailable) as refused:
            keeping.unlock(bench, vault, ANNA, PASSPHRASE)
        assert codes_of(refused) == [("database", "database-no-right")]
        vault.close()
        bench.close()
        grant("DROP OWNED BY {} CASCADE")
        grant("DROP ROLE {}")


def test_an_identity_shows_nothing_of_itself_in_an_error() -> None:
    assert "Dijkstra" not in f"{EMMA!r} {EMMA} {LookupError(EMMA)!r}"


def test_there_is_one_store(store: Store, identities: Identities) -> None:
    with pytest.raises(Rejected) as refused:
        keeping.create_store(store, identities.vault, ANNA, OTHER_PASSPHRASE)
    assert codes_of(refused) == [("identity", "identity-store-there")]


def test_the_store_of_another_lab_is_not_opened(sqlite_databases: Databases, sqlite_store: Store) -> None:
    open_identities(sqlite_store).close()
    other = open_store(sqlite_databases.lab())
    with other.engine.begin() as connection:  # the template's copies are one lab
        connection.exec_driver_sql("DROP TRIGGER meta_no_update")
        connection.execute(update(main.meta).where(main.meta.c.key == "uuid").values(value=str(uuid4())))
    vault = vault_of(sqlite_store)
    with pytest.raises(IntegrityBroken) as broken:
        keeping.unlock(other, vault, ANNA, PASSPHRASE)
    assert codes_of(broken) == [("identity", "identity-of-another-lab")]
    vault.close()
    other.close()


# Tampering -------------------------------------------------------------------------------------------


def flip(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def _field(record: Record, name: str, **values: object) -> Any:
    table = tables.identity_field
    return table.update().where(table.c.record_id == record.id, table.c.name == name).values(**values)


def _moved(record: Record, name: str, source: Record, other: str) -> Any:
    return _field(record, name, **vars(source.fields[other]))


def _key(record: Record, **values: object) -> Any:
    return tables.donor_key.update().where(tables.donor_key.c.record_id == record.id).values(**values)


def _lost(table: Any, record: Record, column: str, value: str) -> Any:
    return delete(table).where(table.c.record_id == record.id, table.c[column] == value)


TAMPERINGS: dict[str, Callable[[Record, Record], list[Any]]] = {
    "ciphertext": lambda first, _: [
        _field(first, "surname", ciphertext=flip(first.fields["surname"].ciphertext))
    ],
    "nonce": lambda first, _: [_field(first, "surname", nonce=flip(first.fields["surname"].nonce))],
    "wrapped": lambda first, _: [_key(first, wrapped=flip(first.key.ciphertext))],
    "columns swapped": lambda first, _: [
        _moved(first, "mother_name", first, "father_name"),
        _moved(first, "father_name", first, "mother_name"),
    ],
    "field of another donor": lambda first, second: [_moved(first, "mother_name", second, "mother_name")],
    "key of another donor": lambda first, second: [
        _key(first, nonce=second.key.nonce, wrapped=second.key.ciphertext)
    ],
    "row of another donor": lambda first, second: [
        _key(first, donor_id=second.donor_id),
        _key(second, donor_id=first.donor_id),
    ],
    "surname lost": lambda first, _: [_lost(tables.identity_field, first, "name", "surname")],
    "mother's name lost": lambda first, _: [_lost(tables.identity_field, first, "name", "mother_name")],
    "index lost": lambda first, _: [_lost(tables.blind_index, first, "kind", "born-on")],
    "index added": lambda first, second: [
        tables.blind_index.insert().values(kind=kind, digest=digest, record_id=first.id)
        for kind, digest in second.index
        if kind == "hospital-number"
    ],
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_what_was_changed_past_the_program_is_refused(store: Store, identities: Identities, how: str) -> None:
    first = emma(store, identities)
    second = emma(store, identities, surname="Vos", hospital_number="0799999", mother_name="Ada Vos")
    records = {record.donor_id: record for record in identities.vault.records()}
    assert checking.check(store, identities).problems == ()
    with identities.vault._engine.begin() as connection:
        for statement in TAMPERINGS[how](
            records[codes.number(first.donor)], records[codes.number(second.donor)]
        ):
            connection.execute(statement)
    before = len(events(store))
    refused: type[BiobankError] = NotFound if how == "row of another donor" else IntegrityBroken
    with pytest.raises(refused) as raised:
        donors.read_identity(store, identities, BO, first.donor, "letter")
    if refused is IntegrityBroken:
        assert codes_of(raised) == [("identity", "identity-tampered")]
        assert len(events(store)) == before
    found = {problem.code for problem in checking.check(store, identities).problems}
    assert "identity-record-tampered" in found


@pytest.mark.parametrize("column", ["salt", "nonce", "wrapped", "holder", "memory_kib"])
def test_a_wrap_that_was_changed_opens_nothing(store: Store, identities: Identities, column: str) -> None:
    keeping.authorise(store, identities, ANNA, "cas", OTHER_PASSPHRASE)
    wrap = identities.vault.wraps()["cas"]
    key = tables.store_key
    values: dict[str, dict[str, object]] = {
        "salt": {"salt": flip(wrap.how.salt)},
        "nonce": {"nonce": flip(wrap.sealed.nonce)},
        "wrapped": {"wrapped": flip(wrap.sealed.ciphertext)},
        "holder": {"holder": "bo"},
        "memory_kib": {"memory_kib": 1 << 30},
    }
    with identities.vault._engine.begin() as connection:
        connection.execute(key.update().where(key.c.holder == "cas").values(**values[column]))
    with pytest.raises((Rejected, IntegrityBroken)):
        keeping.unlock(store, identities.vault, BO if column == "holder" else CAS, OTHER_PASSPHRASE)
    keeping.unlock(store, identities.vault, ANNA, PASSPHRASE).key.forget()


# Erasing ---------------------------------------------------------------------------------------------


def everything(identities: Identities) -> list[tuple[Any, ...]]:
    """Every row of the store but its wraps and meta."""
    with identities.vault._engine.connect() as connection:
        return [
            tuple(row)
            for table in (tables.donor_key, tables.identity_field, tables.blind_index)
            for row in connection.execute(select(table))
        ]


def test_what_is_erased_is_gone_for_good(store: Store, identities: Identities) -> None:
    form = emma(store, identities)
    other = emma(store, identities, surname="Vos", hospital_number="1")
    (record,) = identities.vault.records([codes.number(form.donor)])
    command = uuid4()
    for _time in range(2):
        donors.erase_identity(store, identities, CAS, form.donor, "asked by the parents", command)
    with pytest.raises(NotFound):
        donors.read_identity(store, identities, BO, form.donor, "letter")
    assert donors.find_donors(store, identities, BO, "Dijkstra", "ward") == []
    assert record.key.ciphertext not in {value for row in everything(identities) for value in row}
    assert {row[0] for row in everything(identities) if row[0] == record.id} == set()
    assert donors.read_identity(store, identities, BO, other.donor, "letter") == other
    for again in (
        lambda: donors.set_identity(store, identities, ANNA, form),
        lambda: donors.erase_identity(store, identities, CAS, form.donor, "again"),
    ):
        with pytest.raises(Rejected) as refused:
            again()
        assert codes_of(refused) == [("donor", "identity-was-erased")]
    ((stream, body),) = events(store, "identity-erased")
    assert (stream, body["by"], body["why"]) == (codes.number(form.donor), "cas", "asked by the parents")
    assert checking.check(store, identities).problems == ()


def test_the_file_forgets_what_was_erased(sqlite_store: Store) -> None:
    identities = open_identities(sqlite_store)
    form = emma(sqlite_store, identities)
    (record,) = identities.vault.records()
    file = identity_file(sqlite_store)
    parts = (record.key.ciphertext, *(one.ciphertext for one in record.fields.values()))

    def kept() -> int:
        everywhere = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
        return sum(part in everywhere for part in parts)

    assert kept() == len(parts)
    donors.erase_identity(sqlite_store, identities, CAS, form.donor, "asked by the parents")
    assert kept() == 0
    identities.close()


def test_a_copy_made_before_an_erasure_still_opens_and_is_seen(sqlite_store: Store) -> None:
    """What no program can undo; put in place of the store, the copy is found out by the history."""
    identities = open_identities(sqlite_store)
    form = emma(sqlite_store, identities)
    identities.close()
    file = identity_file(sqlite_store)
    before = file.read_bytes()
    identities = open_identities(sqlite_store)
    donors.erase_identity(sqlite_store, identities, CAS, form.donor, "asked by the parents")
    identities.close()
    file.write_bytes(before)
    identities = open_identities(sqlite_store)
    found = checking.clear(sqlite_store, identities, CAS, "an old copy was put back")
    assert [problem.code for problem in found.problems] == ["identity-back-again"]
    assert identities.vault.records() == []
    assert checking.check(sqlite_store, identities).problems == ()
    identities.close()


def test_a_key_of_a_holder_whose_account_is_closed_is_told(store: Store, identities: Identities) -> None:
    keeping.authorise(store, identities, ANNA, "cas", OTHER_PASSPHRASE)
    people.change_person(store, ANNA, "cas", why="left", active=False)
    assert [problem.code for problem in checking.check(store, identities).problems] == [
        "identity-holder-gone"
    ]
    assert RECOVERY in identities.vault.wraps()
