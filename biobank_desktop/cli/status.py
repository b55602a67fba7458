"""``biobank status``: the database, its seal, this computer's pin, open answers and the last backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import unsigned
from biobank_desktop.cli.contract import Answer, tell
from biobank_desktop.language import _
from biobank_desktop.persistence import backups, schema
from biobank_desktop.session import address

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.session import Session


def run(options: Namespace) -> Answer:
    """Show it; needs nobody's password."""
    with unsigned(options) as session:
        result = _result(session)
        if options.seen:
            session.answers_seen()
    return Answer(result, _text(result))


def _result(session: Session) -> dict[str, Any]:
    newest, behind = session.last_seal(), session.behind_pin
    backup = next(iter(backups.listed(session.settings.backup_folder)), None)
    return {
        "database": address(session.settings),
        "uuid": session.uuid,
        "revision": schema.NEWEST,
        "seal": {"size": newest.size, "root": newest.root.hex(), "at": newest.at if newest.size else None},
        "pin": {"agrees": behind is None, "problem": _problem(behind)},
        "last_backup": {"path": str(backup.path), "made_at": backup.made_at} if backup else None,
        "open_answers": [
            {
                "command": str(one.entry.id),
                "kind": one.entry.kind,
                "title": one.entry.title,
                "at": one.entry.at,
                "login": one.entry.login,
                "stored": one.stored,
            }
            for one in session.answers()
        ],
    }


def _problem(problem: Problem | None) -> dict[str, str] | None:
    if problem is None:
        return None
    told = tell(problem)
    return {"field": told.field, "code": told.code, "message": told.message}


def _text(result: dict[str, Any]) -> str:
    seal, pin, backup = result["seal"], result["pin"], result["last_backup"]
    facts = columns.pairs(
        [
            (_("Database"), result["database"]),
            (_("Identity"), result["uuid"]),
            (_("Schema"), result["revision"]),
            (_("Seal"), f"{seal['size']} · {columns.moment(seal['at'])} · {seal['root'][:16]}"),
            (_("Pin"), _("agrees") if pin["agrees"] else pin["problem"]["message"]),
            (_("Last backup"), columns.moment(backup["made_at"]) if backup else _("none yet")),
        ]
    )
    answers = columns.table(
        (_("When"), _("What"), _("Became")),
        [
            (
                columns.moment(one["at"]),
                one["title"],
                _("stored") if one["stored"] else _("not stored, scan again"),
            )
            for one in result["open_answers"]
        ],
    )
    return columns.joined(facts, answers)
