"""Exit codes and the one JSON object: the contract that scripts and robots rely on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from biobank_desktop.persistence import schema
from biobank_desktop.persistence.schema import without_guards
from tests.cli import jobs
from tests.support.databases import open_store

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store
    from tests.cli.conftest import Biobank
    from tests.support.databases import Databases


def test_done_is_0_and_an_empty_find_too(biobank: Biobank, lab_address: str) -> None:
    assert biobank(lab_address, "find", "HX9").result == {"found": []}
    status = biobank(lab_address, "status").result
    assert status["pin"]["agrees"]
    assert status["open_answers"] == []
    assert status["last_backup"] is None


def test_an_unknown_code_is_1(biobank: Biobank, lab_address: str) -> None:
    ran = biobank(lab_address, "show", "PM26000000")
    assert (ran.exit, ran.problems) == (1, [("code", "code-unknown")])


def test_what_a_role_may_not_do_is_1(biobank: Biobank, lab_address: str) -> None:
    form = {"kind": "LN2 vapour tank", "name": "T1", "temperature": "ln2"}
    ran = biobank(lab_address, "container", "add", biobank.file(form))
    assert (ran.exit, ran.problems) == (1, [("", "not-permitted")])


def test_a_wrong_password_is_1(biobank: Biobank, lab_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIOBANK_PASSWORD", "wrong-horse")
    ran = biobank(lab_address, "find", "HX")
    assert (ran.exit, ran.problems) == (1, [("password", "sign-in-refused")])


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("show",),
        ("show", "PM26000000", "--fast"),
        ("find", "x", "--limit", "0"),
        ("labels", "sing"),
        ("init",),
        ("init", "--admin", "a", "--demo"),
        ("show", "PM\x0026"),
        ("show", "PM\udc80"),
    ],
)
def test_a_wrong_command_line_is_2(biobank: Biobank, words: tuple[str, ...]) -> None:
    ran = biobank.text("--json", *words)
    assert ran.exit == 2
    assert ran.problems
    plain = biobank.text(*words)
    assert (plain.exit, plain.out) == (2, "")
    assert plain.err


def test_nobody_is_2(biobank: Biobank, lab_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = biobank.text("--db", lab_address, "--json", "find", "HX")
    assert (ran.exit, ran.problems) == (2, [("", "login-needed")])
    monkeypatch.delenv("BIOBANK_PASSWORD")
    ran = biobank(lab_address, "find", "HX")
    assert (ran.exit, ran.problems) == (2, [("", "password-needed")])


def test_no_database_is_3(biobank: Biobank, tmp_path: Path) -> None:
    for words in (("status",), ("find", "x"), ("upgrade",), ("verify",)):
        ran = biobank(str(tmp_path / "none.sqlite"), *words)
        assert (ran.exit, ran.problems) == (3, [("database", "database-missing")])
    assert not (tmp_path / "none.sqlite").exists()


def test_an_empty_database_is_3(biobank: Biobank, empty_address: str) -> None:
    if "://" not in empty_address:
        Path(empty_address).touch()  # to SQLite, an empty file is a database without tables
    assert biobank(empty_address, "status").problems == [("database", "database-empty")]
    assert biobank(empty_address, "upgrade").problems == [("database", "database-empty")]


def test_an_unknown_protocol_is_refused_and_no_birthday_is_kept(biobank: Biobank, lab_address: str) -> None:
    ran = biobank(lab_address, "donor", "add", biobank.file({**jobs.DONOR, "protocol": "Other"}))
    assert (ran.exit, ran.problems) == (1, [("protocol", "unknown-protocol")])
    command = "5f3b1d6e-3c61-4b0e-9f0a-0f6f2a6f5f11"
    forms = [
        biobank.file({**jobs.DONOR, "born_on": born_on, "command": command})
        for born_on in ("2018-05-04", "2018-05-05")
    ]
    assert biobank(lab_address, "donor", "add", forms[0]).exit == 0
    ran = biobank(lab_address, "donor", "add", forms[1])
    assert (ran.exit, ran.problems) == (1, [("command", "command-id-reused")])
    store = open_store(lab_address)
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM donor_age"))
    store.close()
    assert biobank(lab_address, "donor", "add", forms[1]).exit == 0, "no digest that is kept knows the day"


def test_a_file_in_use_is_3(biobank: Biobank, sqlite_store: Store) -> None:
    with sqlite_store.read():
        pass  # opened once, the file is held until the store closes
    ran = biobank(str(sqlite_store.engine.url.database), "find", "HX")
    assert (ran.exit, ran.problems) == (3, [("database", "database-in-use")])


def test_an_unreadable_input_is_3(biobank: Biobank, lab_address: str, tmp_path: Path) -> None:
    ran = biobank(lab_address, "receive", str(tmp_path / "none.json"))
    assert (ran.exit, ran.problems) == (3, [("", "input-not-readable")])


def test_a_contradiction_is_4_and_named(biobank: Biobank, lab_address: str) -> None:
    donor = jobs.consented_donor(biobank, lab_address)
    store = open_store(lab_address)
    with store.engine.begin() as connection, without_guards(connection):
        connection.execute(text("UPDATE donor SET sex = 'male'"))
    store.close()
    ran = biobank(lab_address, "verify")
    assert ran.exit == 4
    (problem,) = ran.said["problems"]
    assert (problem["kind"], problem["code"], problem["field"]) == ("state", "contradiction", donor)
    assert problem["why"] in problem["message"]


def test_behind_its_pin_reads_work_and_writes_are_4(
    biobank: Biobank, lab_address: str, tmp_path: Path
) -> None:
    donor = jobs.consented_donor(biobank, lab_address)
    (pin,) = (tmp_path / "home" / "state" / "pins").glob("*.json")
    pinned = json.loads(pin.read_text("utf-8"))
    pin.write_text(json.dumps({**pinned, "size": pinned["size"] + 3}), encoding="utf-8")
    assert biobank(lab_address, "show", donor).exit == 0
    status = biobank(lab_address, "status").result
    assert status["pin"]["problem"]["code"] == "pin-behind"
    for words in (("receive", biobank.file(jobs.receipt(donor))), ("verify",)):
        ran = biobank(lab_address, *words)
        assert (ran.exit, ran.problems) == (4, [("database", "pin-behind")])
    assert json.loads(pin.read_text("utf-8"))["size"] == pinned["size"] + 3


def test_people_read_text_in_their_language(
    biobank: Biobank, lab_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.boxes(biobank, lab_address)
    english = biobank.text("--db", lab_address, "--as", "bo", "storage", "tree").out
    assert english.splitlines()[0].split() == ["Container", "Code", "Kind", "Used", "Full"]
    assert english.splitlines()[3].startswith("    B1")
    monkeypatch.setenv("BIOBANK_LANGUAGE", "nl")
    dutch = biobank.text("--db", lab_address, "--as", "bo", "storage", "tree").out
    assert dutch.splitlines()[0].split() == ["Houder", "Code", "Soort", "Bezet", "Vol"]
    refused = biobank.text("--db", lab_address, "--as", "bo", "show", "PM26000000")
    assert (refused.exit, refused.out) == (1, "")
    assert "staat niet in deze database" in refused.err


def test_init_founds_a_lab_and_shows_the_recovery_code(biobank: Biobank, empty_address: str) -> None:
    ran = biobank.text("--db", empty_address, "--json", "init", "--admin", "eva", "--name", "Eva Bos")
    assert ran.result["login"] == "eva"
    assert len(ran.result["recovery_code"].replace("-", "")) == 24
    assert biobank(empty_address, "storage", "kinds", login="eva").exit == 0
    again = biobank.text("--db", empty_address, "--json", "init", "--admin", "eva")
    assert (again.exit, again.problems) == (1, [("database", "database-not-empty")])
    assert biobank(empty_address, "upgrade").result == {
        "before": schema.NEWEST,
        "after": schema.NEWEST,
        "copy": None,
    }


def test_a_backup_restores_into_an_empty_database(
    biobank: Biobank, lab_address: str, empty_address: str, tmp_path: Path
) -> None:
    donor = jobs.consented_donor(biobank, lab_address)
    made = biobank(lab_address, "backup", "--to", str(tmp_path / "backups"), login="cas").result
    ran = biobank(empty_address, "restore", made["archive"], login="cas")
    assert ran.result["findings"] == []
    assert biobank(empty_address, "show", donor).result["donor"]["code"] == donor
    assert biobank(empty_address, "verify").exit == 0
    full = biobank(lab_address, "restore", made["archive"], login="cas")
    assert (full.exit, full.problems) == (1, [("database", "database-not-empty")])
    missing = biobank(empty_address, "restore", str(tmp_path / "none.zip"), login="cas")
    assert (missing.exit, missing.problems) == (3, [("archive", "archive-missing")])


def test_before_an_upgrade_the_file_is_copied(
    biobank: Biobank, sqlite_databases: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The way here from its revision is missing: the upgrade fails, and what was there stands twice."""
    address = sqlite_databases.lab()
    monkeypatch.setattr(schema, "KNOWN", schema.KNOWN | {"0000"})
    with closing(sqlite3.connect(address)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '0000'")
    assert biobank(address, "upgrade").exit != 0
    (copy,) = tmp_path.rglob("biobank-*.before-upgrade.sqlite")
    for path in (address, str(copy)):
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)
            assert file.execute("SELECT count(*) FROM person").fetchone() == (4,)
    sqlite_databases.remove(address)


def test_a_restore_where_another_database_stood_can_be_worked_in(
    biobank: Biobank, sqlite_databases: Databases, tmp_path: Path
) -> None:
    """The pin of what stood there before says nothing about a database that was declared there by hand."""
    former, other = sqlite_databases.lab(), sqlite_databases.empty()
    assert biobank.text("--db", other, "--json", "init", "--admin", "eva").exit == 0
    made = biobank(other, "backup", "--to", str(tmp_path / "other"), login="eva").result
    assert biobank(former, "status").result["pin"]["agrees"]
    Path(former).unlink()
    assert biobank(former, "restore", made["archive"], login="eva").exit == 0
    assert biobank(former, "status").result["pin"]["agrees"]
    assert biobank(former, "storage", "kinds", login="eva").exit == 0
    for address in (former, other):
        sqlite_databases.remove(address)
