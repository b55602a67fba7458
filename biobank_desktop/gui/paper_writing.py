"""Papers of a release or a list, written into the lab's folder beside other work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from biobank_desktop.gui.sounds import Sound
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store


class PaperWriting(QObject):
    """Writes the papers of one thing at a time, and says where they are."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk

    def write(self, name: str, write: Callable[[Store, Path], Steps[tuple[Path, ...]]]) -> None:
        """Write papers into the folder ``name`` beside the lab's other papers."""
        session = self._desk.session
        if session is None:
            return
        store, folder = session.store, session.settings.data_folder / "papers" / name
        self._desk.jobs.run_long(
            self, lambda: write(store, folder), self._written, failed=self._desk.tell, newest="papers"
        )

    def _written(self, paths: tuple[Path, ...]) -> None:
        said = ngettext("{count} paper is written.", "{count} papers are written.", len(paths))
        where = _("It lies in {folder}.").format(folder=paths[0].parent)
        self._desk.frame.notices.say(f"{said} {where}", sound=Sound.DONE)
