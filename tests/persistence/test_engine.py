"""Opening: the settings that make a commit durable, one program per file, no network shares."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from biobank_desktop import language
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.language import say
from biobank_desktop.persistence import engine as engine_module
from biobank_desktop.persistence.engine import database_url, make_engine, on_network
from tests.support.databases import Databases, open_store

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("locking_mode", "exclusive"),
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("trusted_schema", 0),
    ],
)
def test_sqlite_is_opened_so_that_a_commit_holds(sqlite_store: Store, pragma: str, value: object) -> None:
    with sqlite_store.read() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_sqlite_has_no_shared_memory_file(sqlite_store: Store) -> None:
    with sqlite_store.read() as connection:
        path = Path(str(connection.engine.url.database))
        assert path.with_name(path.name + "-wal").exists()
        assert not path.with_name(path.name + "-shm").exists()


def test_reading_begins_a_transaction_too(sqlite_store: Store) -> None:
    """The driver's own mode leaves SELECT outside, and rules that read, then write are lost."""
    with sqlite_store.read() as connection:
        driver: Any = connection.connection.driver_connection
        connection.execute(text("SELECT 1"))
        assert driver.in_transaction


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("TimeZone", "UTC"),
        ("statement_timeout", "8s"),
        ("lock_timeout", "3s"),
        ("idle_in_transaction_session_timeout", "5s"),
    ],
)
def test_postgresql_sessions_give_up_in_time(postgres_store: Store, setting: str, value: str) -> None:
    with postgres_store.read() as connection:
        assert connection.execute(text(f"SHOW {setting}")).scalar() == value


def test_a_snapshot_sees_one_moment_and_is_not_timed_out(store: Store) -> None:
    with store.snapshot() as connection:
        if not store.is_sqlite:
            assert connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
            assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "0"
    with store.read() as connection:
        if not store.is_sqlite:
            assert connection.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
            assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "5s"


_SECOND = """
import sys
sys.path.insert(0, {root!r})
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.store import Store
try:
    with Store(make_engine({address!r})).read():
        print("opened")
except Unavailable as error:
    print(error.problem.code)
"""


def test_a_second_program_is_refused_with_a_sentence(sqlite_databases: Databases) -> None:
    language.choose("en")
    address = sqlite_databases.lab()
    script = _SECOND.format(root=str(Path(__file__).parents[2]), address=address)
    second = [sys.executable, "-c", script]
    store = open_store(address)
    with store.read():
        pass  # between its transactions, too, the file is held
    assert (
        subprocess.run(second, capture_output=True, text=True, check=True).stdout.strip() == "database-in-use"
    )
    with pytest.raises(Unavailable) as unavailable, open_store(address).read():
        pass
    assert unavailable.value.problem.code == "database-in-use"
    assert "problem." not in say(unavailable.value.problem)
    store.close()
    assert subprocess.run(second, capture_output=True, text=True, check=True).stdout.strip() == "opened"
    sqlite_databases.remove(address)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"this is no database, " * 100, "database-damaged"), (None, "database-cannot-be-opened")],
)
def test_what_is_no_database_is_said(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "lab.sqlite"
    if content is None:
        path = tmp_path / "no-folder" / "lab.sqlite"
    else:
        path.write_bytes(content)
    with pytest.raises(Unavailable) as unavailable, open_store(str(path)).read():
        pass
    assert unavailable.value.problem.code == code


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
//nas/lab /mnt/the\\040lab cifs rw 0 0
/dev/sdb1 /home/local ext4 rw 0 0
me@host: /mnt/ssh fuse.sshfs rw 0 0
tmpfs /mnt/ssh/over tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/var/lab.sqlite", False),
        ("/home/anna/lab.sqlite", True),
        ("/homestead/lab.sqlite", False),
        ("/home/local/lab.sqlite", False),
        ("/mnt/the lab/lab.sqlite", True),
        ("/mnt/ssh/a/b.sqlite", True),
        ("/mnt/ssh/over/b.sqlite", False),
    ],
)
def test_network_shares_are_known_by_their_mount(
    path: str, network: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    monkeypatch.setattr(engine_module, "MOUNTS", mounts)
    assert on_network(Path(path)) is network
    if network:
        with pytest.raises(Unavailable, match="database-on-network"):
            make_engine(path)


@pytest.mark.parametrize("address", ["mysql://server/lab", "postgresql", "sqlite://", "nonsense://", "://"])
def test_other_addresses_are_refused_or_are_paths(address: str) -> None:
    if "://" in address:
        with pytest.raises(Unavailable, match="database-address"):
            database_url(address)
    else:
        assert database_url(address).database == str(Path(address).absolute())


def test_an_address_that_is_refused_does_not_show_its_password() -> None:
    with pytest.raises(Unavailable) as unavailable:
        database_url("mysql://anna:secret@server/lab")
    assert "secret" not in str(unavailable.value.problem.values)
