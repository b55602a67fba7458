"""``biobank withdraw``: what a withdrawal reaches, the line of consent, and the list that follows from it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id, day_of
from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.domain.releases import number
from biobank_desktop.language import _
from biobank_desktop.persistence.queries import disposals
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.gate import donor_of
from biobank_desktop.services.withdrawal import reach

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.services.withdrawal import Reach


def run(options: Namespace) -> Answer:
    """Say what it reaches; unless it is only to be looked at, record it and name the list."""
    if options.look:
        with reading(options) as session, session.store.read() as connection:
            reached = reach(connection, donor_of(connection, options.code).id)
        return Answer(_told(reached), _text(reached))
    form = _form(options)
    command = command_id(options.command)
    with writing(options) as session:
        with session.store.read() as connection:
            donor = donor_of(connection, options.code)
            reached = reach(connection, donor.id)
        line = record_consent(session.store, session.require_actor(), form, command)
        with session.store.read() as connection:
            listed = next(
                (one.no for one in disposals.lists(connection, state="open") if one.donor_id == donor.id),
                None,
            )
    result = {"donor": donor.code, "line": line, "disposal": listed, "reached": _told(reached)}
    head = columns.pairs([(_("Line"), line), (_("List"), listed)])
    return Answer(result, columns.joined(head, _text(reached)))


def _form(options: Namespace) -> ConsentForm:
    needed = {"signatory": options.signatory, "signed_on": options.signed_on}
    problems = [Problem(name, "answer-missing") for name, value in needed.items() if not value]
    if not options.level and not options.item:
        problems.append(Problem("level", "level-missing"))
    refuse(problems)
    today = local_day(datetime.now(UTC))
    received_on = day_of("received_on", options.received_on) if options.received_on else today
    return ConsentForm(
        options.code,
        "withdrawn" if options.level else "partly-given",
        options.signatory,
        day_of("signed_on", options.signed_on),
        received_on,
        dict.fromkeys(options.item, "no"),
        level=options.level,
        note=options.note,
    )


def _told(reached: Reach) -> dict[str, Any]:
    return {
        "kept": [{"sample": one.sample.code, "place": one.place or None} for one in reached.kept],
        "ended": [
            {"sample": one.sample.code, "ended": one.standing.ended, "release": one.standing.issued_in}
            for one in reached.ended
        ],
        "planned": [row.code for row in reached.planned],
        "open_releases": [
            {"no": release.no, "samples": [codes.from_number(one) for one in ids]}
            for release, ids in reached.open
        ],
        "issued_releases": [
            {
                "no": release.no,
                "recipient": release.recipient,
                "institution": release.institution,
                "samples": [codes.from_number(one) for one in ids],
            }
            for release, ids in reached.issued
        ],
        "labels": [asdict(label) for label in reached.labels],
    }


def _text(reached: Reach) -> str:
    counts = columns.pairs(
        [
            (_("In the house"), len(reached.kept)),
            (_("Planned"), len(reached.planned)),
            (_("Labels waiting"), len(reached.labels)),
        ]
    )
    kept = columns.table(
        (_("Sample"), _("Place")), [(codes.group(one.sample.code), one.place) for one in reached.kept]
    )
    gone = columns.table(
        (_("Sample"), _("Ended"), _("Ended at")),
        [(codes.group(one.sample.code), one.standing.ended, one.standing.ended_at) for one in reached.ended],
    )
    releases = columns.table(
        (_("Release"), _("Recipient"), _("State"), _("Vials")),
        [
            (number(release.no, release.opened_at.year), release.recipient, release.state, len(ids))
            for release, ids in (*reached.open, *reached.issued)
        ],
    )
    return columns.joined(counts, kept, gone, releases)
