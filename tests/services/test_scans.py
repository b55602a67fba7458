"""Scans of signed forms: kept sealed, found by their digest, erased, turned and moved in vain, carried on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Barrier
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import delete, inspect, select, update

from biobank_desktop.domain import codes
from biobank_desktop.domain.form_scans import MOST_BYTES
from biobank_desktop.domain.problems import (
    Conflict,
    IntegrityBroken,
    NotFound,
    Problem,
    Rejected,
    Unavailable,
)
from biobank_desktop.persistence import tables as main
from biobank_desktop.persistence.identity import copying, tables
from biobank_desktop.persistence.queries import identity as query
from biobank_desktop.services.consent import correct_consent
from biobank_desktop.services.identity import checking, copies, donors, keeping, scans
from tests.support.databases import ANNA, BO, CAS, DEE, open_store
from tests.support.form_scans import PDF, image, line_with, pdf
from tests.support.identities import EMMA, PASSPHRASE, address_of, open_identities, vault_of
from tests.support.lab import add_donor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from biobank_desktop.persistence.identity.scans import Scan
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.keeping import Identities

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NOW = timedelta(0)
WHY = "line 1 is compared with its form"
COMMAND = UUID("3f2a1b6c-0d9e-4f7a-8b5c-6d7e8f901234")


@pytest.fixture
def identities(store: Store) -> Iterator[Identities]:
    """The identity store of the lab, opened by Anna."""
    opened = open_identities(store)
    yield opened
    opened.close()


@pytest.fixture
def donor(store: Store) -> str:
    """A donor with a consent line whose scan is ``PDF``."""
    made = add_donor(store, BO)
    line_with(store, made, PDF)
    return made


def code_of(raised: pytest.ExceptionInfo[Any]) -> str:
    (problem,) = getattr(raised.value, "problems", None) or (raised.value.problem,)
    return str(problem.code)


def problems(store: Store, identities: Identities) -> list[str]:
    return [problem.code for problem in checking.check(store, identities, NOW).problems]


def kept(store: Store, donor: str) -> frozenset[str]:
    with store.read() as connection:
        return query.kept_scans(connection, codes.number(donor))


# Keeping and looking ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pdf", "PNG", "JPEG", "TIFF"])
def test_what_is_kept_is_seen_again(store: Store, identities: Identities, kind: str) -> None:
    content = pdf("Form") if kind == "pdf" else image(kind)
    donor = add_donor(store, BO)
    line = line_with(store, donor, content)
    scans.keep_scan(store, identities, BO, donor, line, content)
    found = scans.read_scan(store, identities, DEE, donor, line, WHY)
    assert found.content == content
    assert found.media_type == ("application/pdf" if kind == "pdf" else f"image/{kind.lower()}")
    assert repr(content)[:40] not in repr(found)
    assert problems(store, identities) == []
    assert checking.check(store, identities).scans == 1


def test_every_look_stands_in_the_history_with_its_reason(
    store: Store, identities: Identities, donor: str
) -> None:
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    scans.read_scan(store, identities, BO, donor, 1, WHY)
    with pytest.raises(Rejected) as refused:
        scans.read_scan(store, identities, BO, donor, 1, " ")
    assert code_of(refused) == "reason-missing"
    with store.read() as connection:
        asked = main.command.c
        rows = connection.execute(select(asked.kind, asked.login).where(asked.kind.like("scan-%"))).all()
        bodies = b"".join(connection.execute(select(main.event.c.body)).scalars())
    assert sorted(map(tuple, rows)) == [("scan-kept", "anna"), ("scan-read", "bo")]
    assert WHY.encode() in bodies
    assert PDF[:60] not in bodies


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "scan-no-scan"),
        (b"PK\x03\x04 a letter", "scan-no-scan"),
        (b"%PDF-1.7" + bytes(MOST_BYTES), "scan-too-large"),
        (pdf("Another form"), "scan-differs"),
    ],
)
def test_what_is_no_scan_of_the_line_is_refused(
    store: Store, identities: Identities, donor: str, content: bytes, code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        scans.keep_scan(store, identities, ANNA, donor, 1, content)
    assert code_of(refused) == code
    assert identities.vault.scans() == []


def test_a_line_that_names_none_or_is_struck_or_unknown_keeps_none(
    store: Store, identities: Identities, donor: str
) -> None:
    line_with(store, donor, PDF, signatory="father")
    without = add_donor(store, BO)
    correct_consent(store, ANNA, donor, 2, "entered twice")
    for whose, line, code in ((donor, 2, "line-struck"), (donor, 9, "line-unknown")):
        with pytest.raises((Rejected, NotFound)) as refused:
            scans.keep_scan(store, identities, ANNA, whose, line, PDF)
        assert code_of(refused) == code
    with pytest.raises(NotFound):
        scans.keep_scan(store, identities, ANNA, without, 1, PDF)
    with pytest.raises(NotFound) as missing:
        scans.read_scan(store, identities, ANNA, donor, 1, WHY)
    assert code_of(missing) == "scan-not-kept"
    assert identities.vault.scans() == []


def test_one_scan_of_two_lines_is_kept_once(store: Store, identities: Identities, donor: str) -> None:
    line_with(store, donor, PDF, signatory="father")
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    scans.keep_scan(store, identities, ANNA, donor, 2, PDF)
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF, COMMAND)
    assert len(identities.vault.scans()) == 1
    assert scans.read_scan(store, identities, ANNA, donor, 2, WHY).content == PDF


def test_the_same_command_again_gives_the_same_answer(
    store: Store, identities: Identities, donor: str
) -> None:
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF, COMMAND)
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF, COMMAND)
    (scan,) = identities.vault.scans()
    assert scan.id == COMMAND


def test_who_may_not_keeps_and_sees_nothing(store: Store, identities: Identities, donor: str) -> None:
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    line = line_with(store, donor, pdf("Father"), signatory="father")
    with pytest.raises(Rejected) as refused:
        scans.keep_scan(store, identities, DEE, donor, line, pdf("Father"))
    assert code_of(refused) == "not-permitted"
    donors.set_identity(store, identities, ANNA, replace(EMMA, donor=donor))
    with pytest.raises(Rejected) as refused:
        scans.read_scan(store, identities, BO, donor, 1, "Dijkstra asks")
    assert code_of(refused) == "why-names-donor"


def test_a_lab_that_may_only_be_read_keeps_nothing(store: Store, identities: Identities, donor: str) -> None:
    store.read_only = Problem("database", "pin-behind", {"size": 1, "pinned": 2})
    with pytest.raises(Unavailable):
        scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    assert identities.vault.scans() == []


def test_sizes_tell_little(store: Store, identities: Identities, donor: str) -> None:
    other = pdf("Signed form", "Signatures", "One page more")
    line = line_with(store, donor, other, signatory="father")
    for number, content in ((1, PDF), (line, other)):
        scans.keep_scan(store, identities, ANNA, donor, number, content)
    assert len(PDF) != len(other)
    sizes = {len(identities.vault.scan_content(scan).ciphertext) for scan in identities.vault.scans()}
    assert sizes == {(64 << 10) + 16}


# Changed outside the program -------------------------------------------------------------------------


def flip(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def _set(scan: Scan, **values: object) -> Any:
    return update(tables.scan).where(tables.scan.c.record_id == scan.id).values(**values)


TAMPERINGS: dict[str, Callable[[Identities, Scan, Scan], list[Any]]] = {
    "content turned": lambda store, one, _: [
        _set(one, ciphertext=flip(store.vault.scan_content(one).ciphertext))
    ],
    "content cut": lambda store, one, _: [
        _set(one, ciphertext=store.vault.scan_content(one).ciphertext[: 32 << 10])
    ],
    "content swapped": lambda store, one, other: [
        _set(one, **vars(store.vault.scan_content(other))),
        _set(other, **vars(store.vault.scan_content(one))),
    ],
    "nonce turned": lambda store, one, _: [_set(one, nonce=flip(store.vault.scan_content(one).nonce))],
    "key turned": lambda _store, one, _: [_set(one, wrapped=flip(one.key.ciphertext))],
    "key and content of another": lambda store, one, other: [
        _set(
            one,
            key_nonce=other.key.nonce,
            wrapped=other.key.ciphertext,
            **vars(store.vault.scan_content(other)),
        )
    ],
    "media type": lambda _store, one, _: [_set(one, media_type="image/png")],
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_what_was_changed_or_moved_does_not_open(
    store: Store, identities: Identities, donor: str, how: str
) -> None:
    line = line_with(store, donor, pdf("Father"), signatory="father")
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    scans.keep_scan(store, identities, ANNA, donor, line, pdf("Father"))
    by_digest = {scan.sha256: scan for scan in identities.vault.scans()}
    one = by_digest.pop(scan_of(store, donor, 1))
    (other,) = by_digest.values()
    statements = TAMPERINGS[how](identities, one, other)
    with identities.vault._writing() as connection:
        for statement in statements:
            connection.execute(statement)
    with pytest.raises(IntegrityBroken) as broken:
        scans.read_scan(store, identities, ANNA, donor, 1, WHY)
    assert code_of(broken) == "identity-tampered"
    assert "scan-tampered" in problems(store, identities)


def scan_of(store: Store, donor: str, line: int) -> str:
    with store.read() as connection:
        asked = select(main.signing.c.scan_sha256).where(
            main.signing.c.donor_id == codes.number(donor), main.signing.c.line_no == line
        )
        return str(connection.execute(asked).scalar_one())


def test_a_scan_of_another_donor_is_nobodys(store: Store, identities: Identities, donor: str) -> None:
    """The row moved to a second donor whose line names the same file."""
    other = add_donor(store, BO)
    line_with(store, other, PDF)
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    (scan,) = identities.vault.scans()
    with identities.vault._writing() as connection:
        connection.execute(_set(scan, donor_id=codes.number(other)))
    for whose in (donor, other):
        with pytest.raises(NotFound):
            scans.read_scan(store, identities, ANNA, whose, 1, WHY)
    assert sorted(problems(store, identities)) == ["scan-lost", "scan-tampered"]


def test_a_scan_that_is_gone_is_named(store: Store, identities: Identities, donor: str) -> None:
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    with identities.vault._writing() as connection:
        connection.execute(delete(tables.scan))
    assert problems(store, identities) == ["scan-lost"]
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    assert problems(store, identities) == []


# Erased, under new keys, of a format before ----------------------------------------------------------


def test_an_erasure_destroys_the_scans(store: Store, identities: Identities, donor: str) -> None:
    other = add_donor(store, BO)
    line_with(store, other, PDF)
    for whose in (donor, other):
        scans.keep_scan(store, identities, ANNA, whose, 1, PDF)
    donors.set_identity(store, identities, ANNA, replace(EMMA, donor=donor))
    donors.erase_identity(store, identities, CAS, donor, "asked by the parents")
    assert {scan.donor_id for scan in identities.vault.scans()} == {codes.number(other)}
    assert (kept(store, donor), len(kept(store, other))) == (frozenset(), 1)
    with pytest.raises(NotFound):
        scans.read_scan(store, identities, ANNA, donor, 1, WHY)
    with pytest.raises(Rejected) as refused:
        scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    assert code_of(refused) == "identity-was-erased"
    assert problems(store, identities) == []


def test_a_donor_with_a_scan_only_is_erased_too(store: Store, identities: Identities, donor: str) -> None:
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    donors.erase_identity(store, identities, CAS, donor, "asked by the parents")
    assert identities.vault.scans() == []
    assert problems(store, identities) == []


def test_new_keys_open_every_scan_and_old_ones_none(store: Store, identities: Identities, donor: str) -> None:
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    old = open_identities(store) if not store.is_sqlite else None
    (before,) = identities.vault.scans()
    keeping.rotate(store, identities, ANNA, PASSPHRASE, "a bench was stolen")
    (after,) = identities.vault.scans()
    assert (after.id, after.sha256) == (before.id, before.sha256)
    assert after.key != before.key
    assert scans.read_scan(store, identities, ANNA, donor, 1, WHY).content == PDF
    assert problems(store, identities) == []
    if old is not None:
        with pytest.raises(IntegrityBroken):
            scans.read_scan(store, old, ANNA, donor, 1, WHY)
        old.close()


def test_no_new_keys_while_a_scan_does_not_open(store: Store, identities: Identities, donor: str) -> None:
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    (scan,) = identities.vault.scans()
    with identities.vault._writing() as connection:
        connection.execute(_set(scan, wrapped=flip(scan.key.ciphertext)))
    with pytest.raises(IntegrityBroken):
        keeping.rotate(store, identities, ANNA, PASSPHRASE, "a bench was stolen")
    assert "anna" in keeping.authorised(identities.vault)


def test_a_scan_kept_meanwhile_stops_new_keys(store: Store, identities: Identities, donor: str) -> None:
    """Another bench keeps one after this one has read what there is to wrap."""
    before, wraps = identities.vault.scans(), identities.vault.wraps().values()
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    with pytest.raises(Conflict):
        identities.vault.replace_all([], before, wraps)
    assert scans.read_scan(store, identities, ANNA, donor, 1, WHY).content == PDF


def as_format_1(identities: Identities) -> None:
    """The store as the program before this one made it."""
    with identities.vault._writing() as connection:
        tables.scan.drop(connection)
        connection.execute(update(tables.meta).where(tables.meta.c.key == "format").values(value="1"))


def test_a_store_of_the_format_before_is_brought_up(store: Store, identities: Identities, donor: str) -> None:
    form = replace(EMMA, donor=donor)
    donors.set_identity(store, identities, ANNA, form)
    as_format_1(identities)
    identities.close()
    again = open_identities(store)
    scans.keep_scan(store, again, ANNA, donor, 1, PDF)
    assert donors.read_identity(store, again, ANNA, donor, "letter") == form
    assert scans.read_scan(store, again, ANNA, donor, 1, WHY).content == PDF
    assert problems(store, again) == []
    with again.vault._reading() as connection:
        told = connection.execute(select(tables.meta.c.value).where(tables.meta.c.key == "format"))
        assert told.scalar_one() == "2"
    again.close()


def test_a_store_of_a_format_to_come_is_refused(store: Store, identities: Identities) -> None:
    """As the program before this one refuses a store of this one's format."""
    with identities.vault._writing() as connection:
        connection.execute(update(tables.meta).where(tables.meta.c.key == "format").values(value="3"))
    identities.close()
    vault = vault_of(store)
    with pytest.raises(Unavailable) as refused:
        keeping.unlock(store, vault, ANNA, PASSPHRASE)
    assert code_of(refused) == "identity-store-newer"
    with vault._reading() as connection:
        assert inspect(connection).has_table("scan", schema=None if store.is_sqlite else tables.SCHEMA)
    vault.close()


# Copies, and two benches -----------------------------------------------------------------------------


def test_a_copy_holds_the_scans_and_leaves_out_the_erased(
    store: Store, identities: Identities, donor: str, tmp_path: Path
) -> None:
    other = add_donor(store, BO)
    line_with(store, other, PDF)
    for whose in (donor, other):
        scans.keep_scan(store, identities, ANNA, whose, 1, PDF)
    copy = copies.back_up_identities(store, identities.vault, CAS, tmp_path, AT)
    assert PDF[100:140].hex().encode() not in copy.read_bytes()
    donors.erase_identity(store, identities, CAS, donor, "asked by the parents")
    drop(store, identities)
    vault = vault_of(store)
    assert copies.restore_identities(store, vault, CAS, copy) == (0, 1)
    vault.close()
    again = open_identities(store)
    assert scans.read_scan(store, again, ANNA, other, 1, WHY).content == PDF
    assert {scan.donor_id for scan in again.vault.scans()} == {codes.number(other)}
    assert problems(store, again) == []
    again.close()


def drop(store: Store, identities: Identities) -> None:
    """The identity store is lost."""
    with identities.vault._writing() as connection:
        tables.metadata.drop_all(connection)
    identities.close()


def test_a_copy_of_the_format_before_is_put_back(
    store: Store, identities: Identities, donor: str, tmp_path: Path
) -> None:
    form = replace(EMMA, donor=donor)
    donors.set_identity(store, identities, ANNA, form)
    copy = copies.back_up_identities(store, identities.vault, CAS, tmp_path, AT)
    old = tmp_path / "old.json"
    old.write_bytes(as_copy_1(copy.read_bytes()))
    drop(store, identities)
    vault = vault_of(store)
    assert copies.restore_identities(store, vault, CAS, old) == (1, 0)
    vault.close()
    again = open_identities(store)
    scans.keep_scan(store, again, ANNA, donor, 1, PDF)
    assert donors.read_identity(store, again, ANNA, donor, "letter") == form
    again.close()


def as_copy_1(copy: bytes) -> bytes:
    """What the program before this one wrote."""
    content = copy.splitlines()[0].replace(b'"format":2', b'"format":1')
    content = content.replace(b'{"key":"format","value":"2"}', b'{"key":"format","value":"1"}')
    return content + b"\n" + sha256(content).hexdigest().encode() + b"\n"


@pytest.mark.parametrize("how", ["a scan lost", "a scan turned", "cut"])
def test_a_copy_whose_scans_are_damaged_is_put_nowhere(
    store: Store, identities: Identities, donor: str, tmp_path: Path, how: str
) -> None:
    scans.keep_scan(store, identities, ANNA, donor, 1, PDF)
    copy = copies.back_up_identities(store, identities.vault, CAS, tmp_path, AT)
    head, scan, digest = copy.read_bytes().splitlines()
    turned = scan.replace(b'"sha256":"', b'"sha256":"0')
    lines = {"a scan lost": [head, digest], "a scan turned": [head, turned, digest], "cut": [head, scan]}
    copy.write_bytes(b"\n".join([*lines[how], b""]))
    with pytest.raises(IntegrityBroken):
        copying.read(copy)


def test_two_benches_keep_one_scan_at_once(postgres_store: Store) -> None:
    open_identities(postgres_store).close()
    donor = add_donor(postgres_store, BO)
    line_with(postgres_store, donor, PDF)
    together = Barrier(4)

    def bench() -> None:
        store = open_store(address_of(postgres_store))
        mine = open_identities(store)
        together.wait()
        try:
            scans.keep_scan(store, mine, ANNA, donor, 1, PDF)
        finally:
            mine.close()
            store.close()

    with ThreadPoolExecutor(4) as benches:
        for done in [benches.submit(bench) for _one in range(4)]:
            done.result()
    opened = open_identities(postgres_store)
    scans.drop_doubles(postgres_store, opened, [codes.number(donor)])
    assert len(opened.vault.scans()) == 1
    assert scans.read_scan(postgres_store, opened, ANNA, donor, 1, WHY).content == PDF
    assert problems(postgres_store, opened) == []
    opened.close()
