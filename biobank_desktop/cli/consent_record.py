"""``biobank consent``: forms, lines, their comparison with the paper, and what was permitted when."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id, day_of, readable
from biobank_desktop.cli.progress import followed
from biobank_desktop.cli.show_sample import verdict, verdict_text
from biobank_desktop.domain import codes
from biobank_desktop.domain.consent import VERDICTS, decide_all
from biobank_desktop.domain.consent_record import GIVING
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.toml import MOST_BYTES
from biobank_desktop.language import _
from biobank_desktop.persistence.queries import donors
from biobank_desktop.persistence.queries import forms as query
from biobank_desktop.services import forms
from biobank_desktop.services.consent_report import report as report_of
from biobank_desktop.services.gate import donor_of, record_of
from biobank_desktop.services.papers import end_of
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.consent_rules import ConsentRules
    from biobank_desktop.services.consent_report import DonorReport


def list_forms(options: Namespace) -> Answer:
    """The registered versions of forms."""
    with reading(options) as session, session.store.read() as connection:
        known = list(query.versions(connection).values())
    return Answer({"forms": [asdict(one) for one in known]}, _forms_text(known))


def _forms_text(known: list[FormVersion]) -> str:
    return columns.table(
        (_("Form"), _("Version"), _("Language"), _("Written for"), _("First day"), _("Last day")),
        [
            (one.id, one.version, one.language, words.word(one.audience), one.valid_from, one.valid_to)
            for one in known
        ],
    )


def add_forms(options: Namespace) -> Answer:
    """Register the versions in a file, or the drafts that come with the program."""
    command = command_id(options.command)
    versions = forms.shipped_forms() if options.shipped else _read(options.file)
    with writing(options) as session:
        new = forms.enter_forms(session.store, session.require_actor(), versions, command)
    return Answer({"forms": new}, columns.pairs([(_("Registered"), len(new))]))


def _read(file: str | None) -> tuple[FormVersion, ...]:
    if file is None:
        raise Rejected(Problem("file", "answer-missing"))
    with readable("file", file), Path(file).open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    return forms.read_forms(content, Path(file).name)


def end_form(options: Namespace) -> Answer:
    """Set the last day of a version."""
    last_day, command = day_of("date", options.date), command_id(options.command)
    with writing(options) as session:
        forms.end_form(session.store, session.require_actor(), options.form, last_day, command)
    return Answer({"form": options.form, "valid_to": last_day}, columns.pairs([(_("Last day"), last_day)]))


def check(options: Namespace) -> Answer:
    """Compare a line with the signed form, as somebody else than who entered it."""
    agrees, command = not options.differs, command_id(options.command)
    with writing(options) as session:
        forms.check_line(
            session.store,
            session.require_actor(),
            options.code,
            options.line,
            agrees=agrees,
            note=options.why,
            command_id=command,
        )
    result = {"donor": options.code, "line": options.line, "agrees": agrees}
    return Answer(result, columns.pairs([(_("Line"), options.line)]))


def unchecked(options: Namespace) -> Answer:
    """The lines that nobody has found to agree with the signed form."""
    with reading(options) as session, session.store.read() as connection:
        rows = query.unchecked(connection)
    result = [asdict(row) | {"donor": codes.from_number(row.donor_id)} for row in rows]
    for one in result:
        del one["donor_id"]
    table = columns.table(
        (_("Donor"), _("Line"), _("Kind"), _("Signed by"), _("Signed on"), _("Entered by")),
        [
            (
                codes.group(codes.from_number(row.donor_id)),
                row.no,
                words.word(row.kind),
                words.word(row.signatory),
                row.signed_on,
                row.entered_by,
            )
            for row in rows
        ],
    )
    return Answer({"unchecked": result}, table or _("Every line was compared with its form."))


def show(options: Namespace) -> Answer:
    """A donor's lines with how they were signed and compared, and every verdict with its derivation."""
    on, known_on = _times(options)
    with reading(options) as session, session.store.read() as connection:
        donor = donor_of(connection, options.code)
        rows = donors.lines(connection, donor.id)
        checks = query.checks(connection, donor.id)
        record, book = record_of(connection, donor)
    latest = known_on or max([datetime.now(UTC), *(row.known_at for row in rows)])
    rules = book.on(on, known_on)
    decisions = decide_all(record, rules.purposes, on, latest, rules)
    seen = [row for row in rows if row.known_at <= latest and row.signed_on <= on]
    result = {
        "donor": donor.code,
        "as_of": on,
        "known_on": latest,
        "rules": rules.version,
        "lines": [_line_result(row, rules) for row in seen],
        "checks": [asdict(one) for one in checks if one.at <= latest],
        "verdicts": [verdict(one) | {"steps": [asdict(step) for step in one.steps]} for one in decisions],
    }
    lines = columns.table(
        (_("Line"), _("Kind"), _("Signed by"), _("Signed on"), _("Form"), _("Version")),
        [
            (
                row.no,
                words.word(row.kind),
                words.word(row.signatory),
                row.signed_on,
                row.form,
                row.form_version,
            )
            for row in seen
        ],
    )
    said = columns.table(
        (_("Purpose"), _("Verdict")), [(words.word(one.purpose), verdict_text(one)) for one in decisions]
    )
    return Answer(result, columns.joined(columns.pairs([(_("Donor"), codes.group(donor.code))]), lines, said))


def _line_result(row: donors.ConsentLineRow, rules: ConsentRules) -> dict[str, Any]:
    """Every item that the rules ask about with one of four answers, and the signing."""
    told = asdict(row) | {"paper": row.paper.id if row.paper else None}
    if row.kind in GIVING:
        items = {*rules.items, *row.answers}
        told["answers"] = {item: row.answers.get(item, "not-asked") for item in sorted(items)}
    return told


def report(options: Namespace) -> Answer:
    """The verdicts of every donor as of a day, by what was known on a day."""
    on, known_on = _times(options)
    latest = known_on or datetime.now(UTC)
    purposes = tuple(options.purpose) or tuple(reference().consent_rules.purposes)
    with reading(options) as session:
        found = followed(report_of(session.store, on, latest, purposes))
    result = {
        "as_of": on,
        "known_on": latest,
        "purposes": {purpose: _counts(found, place) for place, purpose in enumerate(purposes)},
        "donors": [
            asdict(one) | {"verdicts": dict(zip(purposes, one.verdicts, strict=True))} for one in found
        ],
    }
    table = columns.table(
        (_("Purpose"), *(words.word(one) for one in VERDICTS)),
        [(words.word(purpose), *_counts(found, place).values()) for place, purpose in enumerate(purposes)],
    )
    return Answer(result, columns.joined(columns.pairs([(_("Donors"), len(found))]), table))


def _counts(found: list[DonorReport], place: int) -> dict[str, int]:
    said = [one.verdicts[place] for one in found]
    return {verdict: said.count(verdict) for verdict in VERDICTS}


def _times(options: Namespace) -> tuple[date, datetime | None]:
    """The day asked about, else today; the end of the day known on, else None."""
    on = day_of("as_of", options.as_of) if options.as_of else local_day(datetime.now(UTC))
    return on, end_of(day_of("known_on", options.known_on)) if options.known_on else None
