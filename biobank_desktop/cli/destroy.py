"""``biobank destroy``: lists of what is destroyed, given back or told; done by one, seen by another."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, signature, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.files import write_file
from biobank_desktop.cli.forms import command_id
from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.language import _, chosen
from biobank_desktop.persistence.queries import disposals as query
from biobank_desktop.services import disposals

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> Answer:
    """Do the action."""
    reads = {"list": _list, "show": _show, "certificate": _certificate, "notices": _notices}
    return reads.get(options.action, _write)(options)


def _write(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        store, actor = session.store, session.require_actor()
        no, samples = getattr(options, "no", 0), getattr(options, "samples", [])
        if options.action == "open":
            no = disposals.open_list(
                store, actor, options.reason, options.what, samples, options.why, command
            )
        elif options.action == "done":
            samples = disposals.take_away(store, actor, no, samples, options.note, command)
        elif options.action == "undo":
            samples = disposals.take_back(store, actor, no, samples, options.why, command)
        elif options.action == "witness":
            samples = disposals.witness(store, signature(session), no, samples, command)
        elif options.action == "drop":
            disposals.drop_line(store, actor, no, options.code, options.why, command)
            samples = [options.code]
        else:
            disposals.close_list(store, actor, no, command)
    shown = ", ".join(codes.group(codes.parse(code) or code) for code in samples)
    text = columns.pairs([(_("List"), no), (_("Samples"), shown)])
    return Answer({"no": no, "samples": [codes.parse(code) or code for code in samples]}, text)


def _list(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        known = query.lists(connection)
    headings = (_("List"), _("Reason"), _("State"), _("Lines"), _("Open"), _("Not witnessed"), _("Opened at"))
    rows = [
        (one.no, one.reason, one.state, one.lines, one.open, one.unwitnessed, one.opened_at) for one in known
    ]
    return Answer({"lists": [asdict(one) for one in known]}, columns.table(headings, rows))


def _show(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        known = query.of_number(connection, options.no)
        lines = query.lines(connection, options.no)
    if known is None:
        raise NotFound(Problem("no", "list-unknown", {"no": options.no}))
    head = columns.pairs(
        [
            (_("List"), known.no),
            (_("Reason"), known.reason),
            (_("Donor"), codes.group(codes.from_number(known.donor_id)) if known.donor_id else None),
            (_("Note"), known.note),
            (_("State"), known.state),
            (_("Closed at"), known.closed_at),
        ]
    )
    headings = (_("Sample"), _("What"), _("State"), _("Place"), _("Done by"), _("Witness"), _("Release"))
    rows = [
        (
            codes.group(line.code),
            line.action,
            line.state,
            line.place,
            line.done_by_name,
            line.witnessed_by_name,
            line.release_no,
        )
        for line in lines
    ]
    result = {**asdict(known), "lines": [asdict(line) for line in lines]}
    return Answer(result, columns.joined(head, columns.table(headings, rows)))


def _certificate(options: Namespace) -> Answer:
    from biobank_desktop.papers.certificate import certificate_pdf  # noqa: PLC0415 - fonts: only to print
    from biobank_desktop.services.disposal_papers import certificate_of  # noqa: PLC0415

    with reading(options) as session, session.store.read() as connection:
        certificate = certificate_of(connection, options.no)
    place = write_file(options.to, certificate_pdf(certificate))
    result = {
        "no": options.no,
        "number": certificate.number,
        "file": place,
        "destroyed": [line.code for line in certificate.lines],
        "not_destroyed": [one.code for one in certificate.not_destroyed],
        "seal": {"size": certificate.seal_size, "root": certificate.seal_root},
    }
    return Answer(result, columns.pairs([(_("List"), certificate.number), (_("Written"), place)]))


def _notices(options: Namespace) -> Answer:
    from biobank_desktop.services.disposal_papers import write_notices  # noqa: PLC0415

    language, today = options.language or chosen(), local_day(datetime.now(UTC))
    with reading(options) as session:
        written = write_notices(session.store, options.no, language, today, Path(options.to))
    files = [str(path) for path in written]
    text = columns.pairs([(_("Written"), name) for name in files])
    return Answer({"no": options.no, "files": files}, text or _("Nobody has to be told."))
