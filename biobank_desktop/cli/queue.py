"""``biobank queue``: labels that have not come out, and what a person says and asks about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer, UsageError
from biobank_desktop.cli.forms import command_id
from biobank_desktop.cli.objects import object_id
from biobank_desktop.domain import codes
from biobank_desktop.domain.printing import TO_BE_DECIDED, LabelKey
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.language import _, ngettext, say
from biobank_desktop.persistence.queries import containers, printing, worklists
from biobank_desktop.services.labels import reprint
from biobank_desktop.services.printing import bench_of, decide, fault_of, give_up

if TYPE_CHECKING:
    from argparse import Namespace

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.worklists import LabelRow
    from biobank_desktop.session import Session

LISTED = ("queued", "sending", "held", "unknown", "failed")


def run(options: Namespace) -> Answer:
    """Do the action."""
    actions = {"list": _list, "retry": _retry, "confirm": _confirm, "give-up": _give_up}
    return actions[options.action](options)


def _list(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        rows = [row for state in LISTED for row in _open(connection, state)]
    result = [
        {
            "code": row.code,
            "no": row.no,
            "state": row.state,
            "template": row.template,
            "printer": row.printer,
            "bench": _bench(row),
            "fault": row.fault["code"] if row.fault else None,
            "asked_for": row.reason,
            "requested_at": row.requested_at,
        }
        for row in rows
    ]
    table = columns.table(
        (_("Code"), _("State"), _("Printer"), _("Bench"), _("Why")),
        [(codes.group(row.code), state_word(row.state), row.printer, _bench(row), _why(row)) for row in rows],
    )
    return Answer({"labels": result}, table or _("Every label has come out."))


def state_word(state: str) -> str:
    """What a label is that has not come out."""
    return {
        "queued": _("waiting"),
        "sending": _("being sent"),
        "held": _("held in the printer"),
        "unknown": _("in doubt"),
        "failed": _("failed"),
    }[state]


def _why(row: LabelRow) -> str:
    fault = fault_of(row.fault)
    return say(fault) if fault else ""


def _bench(row: LabelRow) -> str | None:
    """The bench that sends or sent it; before, the one where it was asked for."""
    return bench_of(row.sender) if row.sender else row.bench


def _open(connection: Connection, state: str) -> list[LabelRow]:
    """The labels in a state, the oldest first; one that failed counts until another was asked for."""
    rows = reversed(worklists.labels(connection, states=[state]))
    return [row for row in rows if state != "failed" or _is_newest(connection, row)]


def _is_newest(connection: Connection, row: LabelRow) -> bool:
    return containers.newest_label(connection, row.object_id) == (row.no, row.state)


def _retry(options: Namespace) -> Answer:
    with writing(options) as session:
        wanted = _failed(session, options.codes)
        for code in wanted:
            reprint(session.store, session.require_actor(), code, "printer-fault")
    said = ngettext("{count} label asked for again.", "{count} labels asked for again.", len(wanted))
    return Answer({"labels": wanted}, said.format(count=len(wanted)))


def _failed(session: Session, typed: list[str]) -> list[str]:
    """The codes of things whose newest label failed. Raises ``Rejected`` for one whose has not."""
    with session.store.read() as connection:
        failed = [row.code for row in _open(connection, "failed")]
        asked = [codes.from_number(object_id(connection, code)) for code in typed]
    problems = [Problem("codes", "label-not-failed", {"code": code}) for code in asked if code not in failed]
    if problems:
        raise Rejected(*problems)
    return list(dict.fromkeys(asked or failed))


def _confirm(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        with session.store.read() as connection:
            number = object_id(connection, options.code)
            rows = worklists.labels(connection, object_id=number)
        code = codes.from_number(number)
        # Without one the service says that there is nothing to decide.
        no = max((row.no for row in rows if row.state in TO_BE_DECIDED), default=1)
        decide(session.store, session.require_actor(), code, no, came_out=options.out, command_id=command)
    state = "confirmed" if options.out else "failed"
    said = _("Kept: it came out.") if options.out else _("Kept: it did not come out.")
    return Answer({"code": code, "no": no, "state": state}, said)


def _give_up(options: Namespace) -> Answer:
    if bool(options.codes) == bool(options.bench):
        raise UsageError(Problem("", "codes-or-bench"))
    command = command_id(options.command)
    with writing(options) as session:
        keys = _under_way(session, options)
        left = give_up(session.store, session.require_actor(), keys, command)
    said = ngettext("{count} label is in doubt now.", "{count} labels are in doubt now.", left)
    return Answer({"labels": _codes(keys)}, said.format(count=left))


def _under_way(session: Session, options: Namespace) -> list[LabelKey]:
    """What is in a printer, of the codes or the bench. Raises ``Rejected`` for a code of which nothing is."""
    with session.store.read() as connection:
        rows = printing.under_way(connection)
        asked = [object_id(connection, code) for code in options.codes]
    if options.bench:
        return [LabelKey(row.object_id, row.no) for row in rows if bench_of(row.sender) == options.bench]
    keys = [LabelKey(row.object_id, row.no) for row in rows if row.object_id in asked]
    missing = set(asked) - {key.object_id for key in keys}
    if missing:
        raise Rejected(
            *(
                Problem("codes", "label-not-in-printer", {"code": codes.group(codes.from_number(number))})
                for number in sorted(missing)
            )
        )
    return keys


def _codes(keys: list[LabelKey]) -> list[str]:
    return [codes.from_number(key.object_id) for key in keys]
