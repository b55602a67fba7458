"""Where a scan goes when the shown screen has no use for it, and where words typed to search go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ForeignPattern, Scan, ScanKind
from biobank_desktop.gui.desk import SETTINGS
from biobank_desktop.gui.findings import Finding
from biobank_desktop.gui.makers_codes import MakersCodes
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.search import Hit

_ICONS = {"PM": "samples", "PB": "storage", "PD": "donors"}


class Routes(QObject):
    """Sends scans and searches of the whole window to the right screen."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        frame = desk.frame
        self._makers_codes = MakersCodes(desk, self)
        frame.name_scans_by(self._makers_codes.take)
        frame.scan_left.connect(self._scan)
        frame.words_sought.connect(self._words)
        frame.set_search(self._search)
        desk.changed.connect(self._changed)

    def use_patterns(self) -> None:
        """Read foreign codes by the lab's own patterns, else by the shipped one."""
        self._desk.read(self, _patterns, self._desk.frame.bus.set_patterns, newest="patterns")

    def _changed(self, topics: object) -> None:
        if isinstance(topics, frozenset) and SETTINGS in topics:
            self.use_patterns()

    def _scan(self, scan: object) -> None:
        if not isinstance(scan, Scan) or self._desk.actor is None:
            return
        if scan.kind is ScanKind.OWN:
            self._desk.read(
                self, lambda connection: _exists(connection, scan.code), lambda known: self._own(scan, known)
            )
        elif scan.kind is ScanKind.FOREIGN:
            self._desk.read(
                self,
                lambda connection: _carrier(connection, scan.code),
                lambda found: self._foreign(scan, found),
            )

    def _own(self, scan: Scan, known: bool) -> None:
        if not known:
            values = {"code": codes.group(scan.code)}
            self._desk.stop((Problem("", "code-unknown", values),))
            return
        self._desk.frame.notices.sound(Sound.ACCEPTED)
        self._desk.frame.top.show_fact(_("{code} scanned").format(code=codes.group(scan.code)))
        self._desk.show_record(codes.number(scan.code))

    def _foreign(self, scan: Scan, found: int | None) -> None:
        self._desk.frame.notices.sound(Sound.ACCEPTED)
        if found is None:
            self._desk.frame.top.show_fact(_("Tube {code} scanned · new").format(code=scan.code))
            self._desk.frame.show_screen("intake", tube=scan.code)
        else:
            self._desk.show_record(found)

    def _words(self, words: str) -> None:
        if self._desk.actor is not None:
            self._desk.frame.show_screen("samples", code=words)

    def _search(self, words: str, give: Callable[[Sequence[Finding]], None]) -> None:
        if self._desk.actor is None:
            return

        def found(hits: list[Hit]) -> None:
            give([self._finding(hit) for hit in hits])

        self._desk.read(self, lambda connection: _find(connection, words), found, newest="palette")

    def _finding(self, hit: Hit) -> Finding:
        code = codes.group(codes.from_number(hit.id))

        def go() -> None:
            self._desk.show_record(hit.id)

        return Finding(code, hit.alias, _ICONS[hit.kind], go)


def _patterns(connection: Connection) -> list[ForeignPattern]:
    from biobank_desktop.services.foreign_codes import foreign_patterns  # noqa: PLC0415

    return foreign_patterns(connection)


def _exists(connection: Connection, code: str) -> bool:
    from biobank_desktop.persistence.queries.search import exists  # noqa: PLC0415

    return exists(connection, codes.number(code))


def _carrier(connection: Connection, code: str) -> int | None:
    """The thing that carries a foreign code, None when nothing does. Raises ``Rejected`` when two do."""
    from biobank_desktop.services.foreign_codes import carrier  # noqa: PLC0415

    found = carrier(connection, code)
    return found.object_id if found else None


def _find(connection: Connection, words: str) -> list[Hit]:
    from biobank_desktop.persistence.queries.search import find  # noqa: PLC0415

    return find(connection, words, limit=8)
