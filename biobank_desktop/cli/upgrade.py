"""``biobank upgrade``: bring the database to this program's schema, whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.progress import followed
from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.language import _
from biobank_desktop.persistence import schema
from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.store import Store
from biobank_desktop.services.backup import copy_before_upgrade
from biobank_desktop.settings import read_settings

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> Answer:
    """Upgrade it; who may is the database's own matter: the right to its file, or to change its tables."""
    settings = read_settings(options.db)
    if settings.is_local and not Path(settings.database).exists():
        raise Unavailable(Problem("database", "database-missing", {"path": settings.database}))
    store = Store(make_engine(settings.database))
    try:
        before = _upgradable(store)
        copy = _copied(store, settings.backup_folder) if before != schema.NEWEST else None
        schema.upgrade(store.engine)
    finally:
        store.close()
    text = columns.pairs([(_("Before"), before), (_("Now"), schema.NEWEST), (_("Copy kept"), copy)])
    return Answer({"before": before, "after": schema.NEWEST, "copy": str(copy) if copy else None}, text)


def _copied(store: Store, folder: Path) -> Path | None:
    """The copy of a file as it was before; of a PostgreSQL database its administrator keeps one."""
    return followed(copy_before_upgrade(store, folder, datetime.now(UTC))) if store.is_sqlite else None


def _upgradable(store: Store) -> str:
    """The revision before. Raises ``Unavailable`` for an empty database and for one of a newer program."""
    with store.read() as connection:
        here = schema.current(connection)
        if here is None or here not in schema.KNOWN:
            schema.require_current(connection)
    return str(here)
