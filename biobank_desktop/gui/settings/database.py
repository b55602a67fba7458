"""Which database this is, how large, how far sealed; and choosing another one for the next start."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.gui import words
from biobank_desktop.gui.settings.part import BenchSettings, Part
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.language import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton, QWidget
    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.seals import Seal


@dataclass(frozen=True)
class Facts:
    """What is known of the open database."""

    engine: str
    size_bytes: int
    seal: Seal


def read(connection: Connection) -> Facts:
    """Ask the database about itself."""
    from biobank_desktop.persistence.queries import lab  # noqa: PLC0415
    from biobank_desktop.persistence.seals import last_seal  # noqa: PLC0415

    return Facts(lab.engine_name(connection), lab.size_bytes(connection), last_seal(connection))


def megabytes(size_bytes: int) -> str:
    """A size as people say it."""
    if size_bytes < 1_000_000:
        return f"{max(size_bytes // 1000, 1)} kB"
    return f"{size_bytes / 1_000_000:.1f} MB".replace(".", words.decimal())


class DatabasePart(Part):
    """Facts about the open database, and the address of another one."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        card = Card(_("Database"), self)
        self.where = FactGrid(1, card)
        self.facts = FactGrid(3, card)
        card.body.addWidget(self.where)
        card.body.addWidget(self.facts)
        self.body.addWidget(card)
        self.form = FormCard(
            _("Another database"),
            _("The path of a file on this computer, or postgresql://user@host/database. It is opened at the "
              "next start; where there is none yet, a new lab is founded there."),
            _("Use it from the next start"),
            self,
        )  # fmt: skip
        self.address = FieldBox(_("Path or address"), name="database", parent=self)
        self.form.add_row([self.address], 1)
        self.form.cancel.hide()
        self.form.submitted.connect(self._choose)
        self.body.addWidget(self.form)
        self.body.addStretch(1)

    def primary(self) -> QAbstractButton | None:
        """Choosing another database, once an address is typed."""
        return self.form.primary

    def refresh(self) -> None:
        """Read the facts again."""
        self.desk.read(self, read, self._show, newest="facts")

    def _show(self, facts: Facts) -> None:
        session = self.desk.session
        assert session is not None
        where = [Fact(_("Where"), _address(session.settings.database), mono=True)]
        if self.bench.next_database:
            where.append(Fact(_("From the next start"), _address(self.bench.next_database), mono=True))
        self.where.set_facts(where)
        sealed = words.moment(facts.seal.at) if facts.seal.size else words.UNKNOWN
        self.facts.set_facts(
            [
                Fact(_("Program"), facts.engine),
                Fact(_("Size"), megabytes(facts.size_bytes)),
                Fact(_("Sealed events"), str(facts.seal.size), _("the last on {at}").format(at=sealed)),
                Fact(_("Identity"), session.uuid, mono=True),
            ]
        )

    def _choose(self) -> None:
        session = self.desk.session
        assert session is not None
        database = self.address.text()
        if not database:
            self.form.show_problems((Problem("database", "answer-missing"),))
            return
        if database == session.settings.database:
            self.form.show_problems((Problem("database", "database-is-open"),))
            return
        tried = replace(session.settings, database=database)

        def known() -> bool:
            from biobank_desktop.session import exists  # noqa: PLC0415

            if tried.is_local:
                _require_place(Path(database))
            return exists(tried)

        self.form.set_busy(True)
        self.desk.jobs.run_aside(
            self, known, lambda there: self._chosen(database, there=there), failed=self._unreachable
        )

    def _chosen(self, database: str, *, there: bool) -> None:
        self.form.show_problems(())
        self.bench.choose_database(database)
        self.address.clear()
        text = (
            _("The other database is opened at the next start.")
            if there
            else _("There is no lab yet. At the next start one is founded there.")
        )
        self.desk.frame.notices.say(text, sound=Sound.ACCEPTED)
        self.refresh()

    def _unreachable(self, error: Exception) -> None:
        if isinstance(error, Unavailable):
            problem = error.problem
            self.form.show_problems((Problem("database", problem.code, problem.values),))
        else:
            self.form.set_busy(False)
            self.desk.tell(error)


def _require_place(path: Path) -> None:
    """Raise ``Unavailable`` where a file cannot be made."""
    there = next(folder for folder in path.absolute().parents if folder.exists())
    if not path.is_absolute():
        raise Unavailable(Problem("database", "folder-not-absolute"))
    if not path.exists() and not os.access(there, os.W_OK | os.X_OK):
        raise Unavailable(
            Problem("database", "folder-not-usable", {"path": str(there), "reason": _("read-only")})
        )


def _address(database: str) -> str:
    """The address without its password."""
    from biobank_desktop.persistence.engine import database_url  # noqa: PLC0415

    return database if "://" not in database else database_url(database).render_as_string(hide_password=True)
