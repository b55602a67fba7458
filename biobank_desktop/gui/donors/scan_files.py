"""The file of a scan: chosen, judged, and kept in the identity store once its line is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from biobank_desktop.domain.form_scans import check_scan, check_size
from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.command_ids import CommandIds
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.keyring import Keyring


@dataclass(frozen=True)
class ChosenScan:
    """A file that can be the scan of a form, with its SHA-256 in hex."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class ScanToKeep:
    """The file of a line's scan, and the passphrase when the store is to be opened for it."""

    donor: str
    line: int
    path: Path
    passphrase: str = field(default="", repr=False)


def choose(parent: QWidget) -> Path | None:
    """Ask for a file; None when nobody chose one."""
    path, _kind = QFileDialog.getOpenFileName(
        parent, _("Choose the scan"), "", _("Scans (*.pdf *.jpg *.jpeg *.png *.tif *.tiff)")
    )
    return Path(path) if path else None


def content_of(path: Path) -> bytes:
    """The bytes of a file that is a scan. Raises ``Rejected`` with what is wrong with it."""
    try:
        refuse(check_size(path.stat().st_size))
        content = path.read_bytes()
    except OSError as error:
        said = error.strerror or str(error)
        raise Rejected(Problem("scan", "input-not-readable", {"path": path.name, "said": said})) from error
    refuse(check_scan(content))
    return content


def chosen_scan(path: Path) -> ChosenScan:
    """The scan in a file. Raises ``Rejected``."""
    return ChosenScan(path, sha256(content_of(path)).hexdigest())


def keep_file(
    desk: Desk,
    owner: QObject,
    ids: CommandIds,
    wanted: ScanToKeep,
    *,
    kept: Callable[[], None],
    refused: Callable[[tuple[Problem, ...]], None],
    ended: Callable[[], None],
) -> None:
    """Keep the scan of a line: the file is read anew beside the window, and kept by the database's thread."""
    donor, line, passphrase = wanted.donor, wanted.line, wanted.passphrase
    command_id = ids.of((donor, line, wanted.path))

    def read(content: bytes) -> None:
        def gesture(store: Store, actor: Actor, keyring: Keyring) -> None:
            from biobank_desktop.services.identity.scans import keep_scan  # noqa: PLC0415

            if passphrase:
                keyring.unlock(actor, passphrase)
            with keyring.opened(actor) as identities:
                keep_scan(store, identities, actor, donor, line, content, command_id)

        desk.identities.do(
            owner,
            gesture,
            lambda _nothing: kept(),
            refused=refused,
            ended=ended,
            topics={"donors"},
            once=ids.once(command_id),
        )

    def unreadable(error: Exception) -> None:
        ended()
        if isinstance(error, Rejected):
            refused(error.problems)
        else:
            desk.tell(error)

    desk.jobs.run_aside(owner, lambda: content_of(wanted.path), read, newest="keep-scan", failed=unreadable)
