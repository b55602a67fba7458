"""Where icons, catalogues, protocols, templates and migrations lie: the only module that knows."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def _root() -> Path:
    """The folder that holds ``resources/`` and ``db/``: the checkout, the wheel's data or the bundle."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle:
        return Path(bundle)
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "resources").is_dir():
        return checkout
    return Path(sys.prefix) / "share" / "biobank-desktop"


def folder(name: str) -> Path:
    """The folder ``resources/<name>``."""
    return _root() / "resources" / name


def locale_folder() -> str:
    """The gettext catalogues; compiled by ``make setup``."""
    return os.fspath(folder("locale"))


def migrations_folder() -> Path:
    """The Alembic scripts."""
    return _root() / "db"
