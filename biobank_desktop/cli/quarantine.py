"""``biobank quarantine``: nonconforming work, what it may have touched, and what is decided about it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, signature, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id, command_of, form_of, read_input
from biobank_desktop.cli.progress import followed
from biobank_desktop.domain import codes
from biobank_desktop.domain.nonconformities import Cause, NonconformityForm
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.language import _
from biobank_desktop.persistence.queries import nonconformities as query
from biobank_desktop.services import quarantine
from biobank_desktop.services.touched import what_it_touched

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable


def run(options: Namespace) -> Answer:
    """Do the action."""
    return {
        "report": _report,
        "touched": _touched,
        "hold": _hold,
        "decide": _decide,
        "close": _close,
        "list": _list,
        "show": _show,
    }[options.action](options)


def _report(options: Namespace) -> Answer:
    mapping = read_input(options.file)
    command = command_of(mapping)
    form = form_of(NonconformityForm, mapping)
    with writing(options) as session:
        no = quarantine.report(session.store, session.require_actor(), form, command)
    return Answer({"no": no}, columns.pairs([(_("Nonconformity"), no)]))


def _touched(options: Namespace) -> Answer:
    cause = Cause(
        donor=options.donor,
        lot=options.lot,
        device=options.device,
        container=options.container,
        person=options.person,
        since=_moment("since", options.since),
        until=_moment("until", options.until),
    )
    with reading(options) as session:
        touched = followed(what_it_touched(session.store, cause))
    rows = [
        (codes.group(one.code), codes.group(one.donor), one.material, one.time_point, one.box, one.ended)
        for one in touched
    ]
    headings = (_("Sample"), _("Donor"), _("Material"), _("Time point"), _("Box"), _("Ended"))
    return Answer({"samples": [asdict(one) for one in touched]}, columns.table(headings, rows))


def _moment(field: str, text: str) -> datetime | None:
    """A moment as it is typed, with its offset. Raises ``Rejected``."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Rejected(Problem(field, "not-a-moment")) from None
    if moment.tzinfo is None:
        raise Rejected(Problem(field, "moment-without-offset"))
    return moment


def _hold(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        held = quarantine.hold_more(
            session.store, session.require_actor(), options.no, options.samples, command
        )
    return Answer({"no": options.no, "samples": held}, _shown(held))


def _decide(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        listed = quarantine.decide(
            session.store,
            signature(session),
            options.no,
            options.samples,
            options.judgement,
            options.why,
            command,
        )
    return Answer({"no": options.no, "disposal": listed}, columns.pairs([(_("List"), listed)]))


def _close(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        quarantine.close(session.store, session.require_actor(), options.no, options.conclusion, command)
    return Answer({"no": options.no}, columns.pairs([(_("Closed"), options.no)]))


def _list(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        known = query.nonconformities(connection)
    headings = (_("No."), _("Kind"), _("What"), _("Found by"), _("Samples"), _("Undecided"), _("State"))
    rows = [
        (one.no, one.kind, one.what, one.found_by, one.samples, one.undecided, one.state) for one in known
    ]
    return Answer({"nonconformities": [asdict(one) for one in known]}, columns.table(headings, rows))


def _show(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        known = query.of_number(connection, options.no)
        held = query.held_by(connection, options.no)
    if known is None:
        raise NotFound(Problem("no", "nonconformity-unknown", {"no": options.no}))
    head = columns.pairs(
        [
            (_("No."), known.no),
            (_("Kind"), known.kind),
            (_("What"), known.what),
            (_("Found by"), known.found_by),
            (_("Found at"), known.found_at),
            (_("State"), known.state),
            (_("Conclusion"), known.conclusion),
        ]
    )
    headings = (_("Sample"), _("Donor"), _("Decision"), _("Decided by"), _("Reason"), _("Ended"))
    rows = [
        (codes.group(one.code), codes.group(one.donor), one.decision, one.decided_by, one.reason, one.ended)
        for one in held
    ]
    result = {**asdict(known), "samples": [asdict(one) for one in held]}
    return Answer(result, columns.joined(head, columns.table(headings, rows)))


def _shown(samples: Iterable[str]) -> str:
    return columns.pairs([(_("Samples"), ", ".join(codes.group(code) for code in samples))])
