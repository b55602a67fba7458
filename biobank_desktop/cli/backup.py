"""``biobank backup``: one portable archive, verified on the copy; on SQLite a plain snapshot as well."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading
from biobank_desktop.cli.contract import Answer, tell
from biobank_desktop.cli.progress import followed
from biobank_desktop.language import _
from biobank_desktop.services.backup import back_up

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> Answer:
    """Back up into the folder named, else into this computer's; also a database that is behind its pin."""
    with reading(options) as session:
        session.seal()
        folder = Path(options.to) if options.to else session.settings.backup_folder
        made = followed(back_up(session.store, session.require_actor(), [folder], datetime.now(UTC)))
    problems = [tell(problem) for problem in made.problems]
    result = {
        "archive": str(made.archive),
        "snapshot": str(made.snapshot) if made.snapshot else None,
        "made_at": made.made_at,
        "events": made.events,
        "problems": [{"field": one.field, "code": one.code, "message": one.message} for one in problems],
    }
    text = columns.pairs([(_("Archive"), made.archive), (_("Events"), made.events)])
    return Answer(result, columns.joined(text, "\n".join(one.message for one in problems)))
