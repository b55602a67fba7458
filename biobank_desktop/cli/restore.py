"""``biobank restore``: a backup into an empty database of either engine, declared in its history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import password, required_login, unsigned
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.progress import followed
from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.language import _
from biobank_desktop.persistence.disk import make_folder
from biobank_desktop.services.backup import restore
from biobank_desktop.session import pins_of
from biobank_desktop.settings import read_settings

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> Answer:
    """Restore it as a person of the archive who may; afterwards this computer's pin is the restored one's."""
    archive, login = Path(options.archive), required_login(options)
    if not archive.is_file():
        raise Unavailable(Problem("archive", "archive-missing", {"path": str(archive)}))
    settings = read_settings(options.db)
    if settings.is_local:
        make_folder(Path(settings.database).absolute().parent)
    restored = followed(restore(archive, settings.database, login, password(), settings.bench))
    pins_of(settings).forget()  # of whatever stood at this address before: a new database is declared there
    with unsigned(options):
        pass  # opened and closed once: the pin is written
    result = {
        "uuid": restored.uuid,
        "restored_from": restored.restored_from,
        "made_at": restored.made_at,
        "events": restored.events,
        "erased": restored.erased,
        "findings": [finding.as_dict() for finding in restored.findings],
    }
    contradictions = "\n".join(finding.why for finding in restored.findings)
    text = columns.pairs(
        [(_("Restored"), restored.made_at), (_("Events"), restored.events), (_("Identity"), restored.uuid)]
    )
    return Answer(result, columns.joined(text, contradictions))
