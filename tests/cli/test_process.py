"""``biobank`` as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.cli import jobs
from tests.support.databases import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.databases import Databases


def run(
    home: Path,
    *words: str,
    stdin: str = "",
    program: tuple[str, ...] = ("-m", "biobank_desktop.cli"),
    **more: str,
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BIOBANK_HOME": str(home), "BIOBANK_LANGUAGE": "en", **more}
    return subprocess.run(
        [sys.executable, *program, *words], input=stdin, capture_output=True, text=True,
        encoding="utf-8", env=environment, check=False,
    )  # fmt: skip


def test_a_form_comes_from_stdin(sqlite_databases: Databases, tmp_path: Path) -> None:
    database = sqlite_databases.lab()
    words = ("--db", database, "--as", "bo", "--json", "donor", "add", "-")
    ran = run(tmp_path, *words, stdin=json.dumps(jobs.DONOR), BIOBANK_PASSWORD=PASSWORD)
    assert ran.returncode == 0, ran.stderr
    donor = json.loads(ran.stdout)["result"]["donor"]
    assert donor.startswith("PD")
    ran = run(tmp_path, "--as", "bo", "show", donor, BIOBANK_DB=database, BIOBANK_PASSWORD=PASSWORD)
    assert ran.returncode == 0
    assert "HX000042" in ran.stdout
    sqlite_databases.remove(database)


def test_help_and_typing_errors_open_nothing(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from biobank_desktop.cli.main import main\n"
        "main(['find'])\n"
        "heavy = {'sqlalchemy', 'argon2', 'reportlab', 'alembic', 'PySide6', 'zxingcpp'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = run(tmp_path, program=("-c", code))
    assert ran.stdout.strip() == "[]"
    assert run(tmp_path, "--help").returncode == 0


def test_a_search_loads_no_label_printer(sqlite_databases: Databases, tmp_path: Path) -> None:
    database = sqlite_databases.lab()
    code = (
        "import sys\n"
        "from biobank_desktop.cli.main import main\n"
        f"assert main(['--db', {database!r}, '--as', 'bo', '--json', 'find', 'x']) == 0\n"
        "heavy = {'reportlab', 'alembic', 'PySide6', 'zxingcpp', 'PIL'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    ran = run(tmp_path, program=("-c", code), BIOBANK_PASSWORD=PASSWORD)
    assert ran.stderr.strip() == "[]"
    sqlite_databases.remove(database)


def test_an_unread_answer_is_told_at_the_next_start(sqlite_databases: Databases, tmp_path: Path) -> None:
    """A program that dies with its command on the way leaves an open line; the next one says what became."""
    database = sqlite_databases.lab()
    code = (
        "import os\n"
        "from biobank_desktop.persistence.store import Store\n"
        "from biobank_desktop.cli.main import main\n"
        "attempt = Store._attempt\n"
        "def die(self, command, *rest):\n"
        "    if command.kind == 'donor-registered':\n"
        "        os._exit(9)\n"
        "    return attempt(self, command, *rest)\n"
        "Store._attempt = die\n"
        f"main(['--db', {database!r}, '--as', 'bo', 'donor', 'add', '-'])\n"
    )
    ran = run(tmp_path, program=("-c", code), stdin=json.dumps(jobs.DONOR), BIOBANK_PASSWORD=PASSWORD)
    assert ran.returncode == 9
    status = run(tmp_path, "--db", database, "--json", "status")
    (answer,) = json.loads(status.stdout)["result"]["open_answers"]
    assert (answer["kind"], answer["stored"]) == ("donor-registered", False)
    told = run(tmp_path, "--db", database, "--as", "bo", "find", "x", BIOBANK_PASSWORD=PASSWORD)
    assert "not stored, scan again" in told.stderr
    assert run(tmp_path, "--db", database, "status", "--seen").returncode == 0
    after = run(tmp_path, "--db", database, "--json", "status")
    assert json.loads(after.stdout)["result"]["open_answers"] == []
    sqlite_databases.remove(database)


def test_a_reader_that_had_enough_is_no_error(sqlite_databases: Databases, tmp_path: Path) -> None:
    database = sqlite_databases.lab()
    words = f"{sys.executable} -m biobank_desktop.cli --db {database} --as bo history | true"
    environment = {**os.environ, "BIOBANK_HOME": str(tmp_path), "BIOBANK_PASSWORD": PASSWORD}
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {words}"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    sqlite_databases.remove(database)
