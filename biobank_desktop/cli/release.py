"""``biobank release``: vials to a named study and recipient."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.files import write_file
from biobank_desktop.cli.forms import command_id, command_of, form_of, read_input
from biobank_desktop.cli.progress import followed
from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.domain.releases import ReleaseForm, number
from biobank_desktop.language import _, say
from biobank_desktop.papers.signing import grouped
from biobank_desktop.persistence.queries import releases as query
from biobank_desktop.persistence.queries import samples
from biobank_desktop.services import releases
from biobank_desktop.services.proof_keys import fingerprints
from biobank_desktop.services.restore_gap import gap_problems

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Mapping, Sequence

    from biobank_desktop.persistence.queries.releases import ReleaseRow


def run(options: Namespace) -> Answer:
    """Do the action."""
    return {
        "open": _open,
        "change": _change,
        "choose": _choose,
        "drop": _drop,
        "issue": _issue,
        "cancel": _cancel,
        "list": _list,
        "show": _show,
        "note": _note,
        "proofs": _proofs,
        "key": _key,
    }[options.action](options)


def _open(options: Namespace) -> Answer:
    mapping = read_input(options.file)
    command = command_of(mapping)
    form = form_of(ReleaseForm, mapping)
    with writing(options) as session:
        no = releases.open_release(session.store, session.require_actor(), form, command)
    return Answer({"no": no}, columns.pairs([(_("Release"), no)]))


def _change(options: Namespace) -> Answer:
    mapping = read_input(options.file)
    command = command_of(mapping)
    form = form_of(ReleaseForm, mapping)
    with writing(options) as session:
        actor = session.require_actor()
        releases.change_release(session.store, actor, options.no, form, options.why, command)
    return Answer({"no": options.no}, columns.pairs([(_("Release"), options.no)]))


def _choose(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        chosen = releases.choose(session.store, session.require_actor(), options.no, options.samples, command)
    result = {
        "no": options.no,
        "chosen": chosen.chosen,
        "refused": {code: _told(why) for code, why in chosen.refused.items()},
    }
    rows = [(codes.group(code), " ".join(map(say, why))) for code, why in chosen.refused.items()]
    text = columns.joined(_shown(chosen.chosen), columns.table((_("Refused"), _("Why")), rows))
    return Answer(result, text)


def _told(problems: Iterable[Problem]) -> list[Mapping[str, str]]:
    return [{"code": problem.code, "message": say(problem)} for problem in problems]


def _drop(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        actor = session.require_actor()
        dropped = releases.drop(session.store, actor, options.no, options.samples, options.why, command)
    return Answer({"no": options.no, "samples": dropped}, _shown(dropped))


def _issue(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        issued = releases.issue(session.store, session.require_actor(), options.no, command)
    return Answer({"no": options.no, "samples": issued}, _shown(issued))


def _cancel(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        releases.cancel(session.store, session.require_actor(), options.no, options.why, command)
    return Answer({"no": options.no}, columns.pairs([(_("Called off"), options.no)]))


def _list(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        known = query.releases(connection)
    headings = (_("Number"), _("Study"), _("Recipient"), _("Country"), _("State"), _("Vials"), _("Refused"))
    rows = [
        (_number(one), one.study, one.recipient, one.country, one.state, one.vials, one.refused)
        for one in known
    ]
    result = {"releases": [{**asdict(one), "number": _number(one)} for one in known]}
    return Answer(result, columns.table(headings, rows))


def _number(release: ReleaseRow) -> str:
    return number(release.no, release.opened_at.year)


def _show(options: Namespace) -> Answer:
    now = datetime.now(UTC)
    with reading(options) as session, session.store.read() as connection:
        known = query.of_number(connection, options.no)
        if known is None:
            raise NotFound(Problem("no", "release-unknown", {"no": options.no}))
        lines = query.lines(connection, options.no)
        open_lines = [line.sample_id for line in lines if line.state == "chosen"]
        rows = list(samples.samples(connection, open_lines).values())
        against = releases.against(connection, asdict(known), rows, now) if known.state == "open" else {}
        general = gap_problems(connection) if known.state == "open" else []
    told = {
        line.sample_id: against.get(line.sample_id) or releases.problems_of(line.reasons) for line in lines
    }
    result = {
        **asdict(known),
        "number": _number(known),
        "problems": _told(general),
        "lines": [
            {
                "sample": line.code,
                "donor": line.donor,
                "material": line.material,
                "state": line.state,
                "against": _told(told[line.sample_id]),
            }
            for line in lines
        ],
    }
    head = columns.pairs(
        [
            (_("Number"), _number(known)),
            (_("Study"), known.study),
            (_("Recipient"), f"{known.recipient}, {known.institution}, {known.country}"),
            (_("BDAC number"), known.bdac),
            (_("Asked"), ", ".join(known.purposes)),
            (_("State"), known.state),
            (_("Issued at"), known.issued_at),
        ]
    )
    table = columns.table(
        (_("Sample"), _("Donor"), _("Material"), _("State"), _("Why")),
        [
            (
                codes.group(line.code),
                codes.group(line.donor),
                line.material,
                line.state,
                " ".join(map(say, told[line.sample_id])),
            )
            for line in lines
        ],
    )
    return Answer(result, columns.joined(head, "\n".join(map(say, general)), table))


def _note(options: Namespace) -> Answer:
    from biobank_desktop.papers.release_note import release_note_pdf  # noqa: PLC0415 - fonts: only to print
    from biobank_desktop.services.release_papers import note_of  # noqa: PLC0415

    with reading(options) as session, session.store.read() as connection:
        note = note_of(connection, options.no)
    place = write_file(options.to, release_note_pdf(note))
    vials = [{"sample": line.code, "proof": line.proof} for line in note.lines]
    result = {"no": options.no, "number": note.number, "file": place, "vials": vials}
    return Answer(result, columns.pairs([(_("Release"), note.number), (_("Written"), place)]))


def _proofs(options: Namespace) -> Answer:
    from biobank_desktop.services.release_papers import write_papers  # noqa: PLC0415

    with reading(options) as session:
        files = [str(path) for path in followed(write_papers(session.store, options.no, Path(options.to)))]
    return Answer({"no": options.no, "files": files}, columns.pairs([(_("Written"), name) for name in files]))


def _key(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        known = fingerprints(connection)
    result = {"keys": [{"fingerprint": one.text, "since": one.since} for one in known]}
    text = columns.table(
        (_("Fingerprint"), _("Since")), [(grouped(one.text), columns.moment(one.since)) for one in known]
    )
    return Answer(result, text or _("There is no key yet: the first release that is issued makes it."))


def _shown(samples: Sequence[str]) -> str:
    return columns.pairs([(_("Samples"), ", ".join(codes.group(code) for code in samples))])
