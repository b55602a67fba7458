"""A CUPS of one's own on the loopback, with its queues, spool and drivers, beside whatever the system has."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
CUPSD = shutil.which("cupsd", path=_PATH)
LPADMIN = shutil.which("lpadmin", path=_PATH)
A_MINUTE = 60
ZEBRA_DRIVER = "drv:///sample.drv/zebra.ppd"
_CONFIGURATION = """\
Listen {server}
LimitRequestBody {most_bytes}
Browsing Off
WebInterface No
DefaultAuthType None
LogLevel info
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""
_FILES = """\
ServerRoot {root}/etc
RequestRoot {root}/spool
TempDir {root}/spool/tmp
CacheDir {root}/cache
StateDir {root}/state
DocumentRoot {root}/www
AccessLog {root}/access
ErrorLog {root}/error
PageLog {root}/page
Sandboxing Relaxed
"""


class PrivateCups:
    """Runs as long as the ``with`` block lasts; ``server`` is what ``lp -h`` wants.

    It breaks off whatever is longer than ``most_bytes`` (0: nothing is too long).
    """

    def __init__(self, most_bytes: int = 0) -> None:
        self._most_bytes = most_bytes

    def __enter__(self) -> Self:
        # Its filters run as another user, who must be able to reach the spool: not below pytest's folder.
        self._root = Path(tempfile.mkdtemp(prefix="cups-"))
        self._root.chmod(0o755)
        for name in ("etc/ppd", "spool/tmp", "cache", "state", "www"):
            (self._root / name).mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.server = f"127.0.0.1:{port}"
        configuration, files = self._root / "cupsd.conf", self._root / "cups-files.conf"
        configuration.write_text(_CONFIGURATION.format(server=self.server, most_bytes=self._most_bytes))
        files.write_text(_FILES.format(root=self._root))
        self._process = subprocess.Popen([str(CUPSD), "-f", "-c", str(configuration), "-s", str(files)])
        while not self._answers(port):
            if self._process.poll() is not None:
                raise RuntimeError(self._log())
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._root)

    @staticmethod
    def _answers(port: int) -> bool:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            return False
        return True

    def add(self, queue: str, device: str, dpi: int = 0) -> None:
        """Make a queue that drives a Zebra of this resolution; without one all goes on as it is."""
        driver = ["-m", ZEBRA_DRIVER, "-o", f"Resolution={dpi}dpi"] if dpi else ["-m", "raw"]
        self.run(str(LPADMIN), "-p", queue, "-E", "-v", device, *driver)

    def outcome(self, queue: str) -> str:
        """What CUPS calls the only job of the queue when it is over: "completed", "canceled", "aborted"."""
        ends = monotonic() + A_MINUTE
        while self.run("lpstat", "-W", "not-completed", "-o", queue):
            if monotonic() > ends:
                raise TimeoutError(self._log())
        job = re.search(rf'\[Job (\d+)\] Queued on "{queue}"', self._log())
        over = job and re.search(rf"\[Job {job[1]}\] Job (\w+)\.", self._log())
        return over[1] if over else self._log()

    def _log(self) -> str:
        return (self._root / "error").read_text()

    def run(self, program: str, *arguments: str) -> str:
        """What a program of CUPS says about this one."""
        done = subprocess.run(
            [shutil.which(program, path=_PATH) or program, "-h", self.server, *arguments],
            capture_output=True, check=True, text=True, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
        return done.stdout
