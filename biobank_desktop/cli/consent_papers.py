"""``biobank consent turning | incomplete | letter | chain``: growing up, and what leaves on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.files import write_file
from biobank_desktop.cli.forms import command_id
from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.language import _, chosen
from biobank_desktop.services import consent_work, growing_up
from biobank_desktop.services.consent import record_consent

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.services.consent_work import Incomplete, Leaving
    from biobank_desktop.services.growing_up import Turning


def turning(options: Namespace) -> Answer:
    """Who turns 12, 16 or 18, or did and has not decided."""
    today = local_day(datetime.now(UTC))
    with reading(options) as session, session.store.read() as connection:
        found = growing_up.turning(connection, today, options.days)
    text = columns.table(
        (_("Donor"), _("Turns"), _("In days"), _("State"), _("Vials"), _("Last contact"), _("After that")),
        [_turning_row(one, today) for one in found],
    )
    return Answer(
        {"turning": [_turning_result(one, today) for one in found]}, text or _("Nobody's decision is due.")
    )


def _turning_result(one: Turning, today: date) -> dict[str, Any]:
    """Days instead of birthdays: an answer may end in a log."""
    return {
        "donor": one.donor,
        "age": one.age,
        "in_days": (one.on - today).days,
        "policy": one.policy,
        "grace_ends_in_days": (one.until - today).days,
        "state": one.state,
        "contact": one.contact,
        "last_contact": one.last_contact,
        "vials": one.vials,
        "outlook": growing_up.outlook(one, today),
    }


def _turning_row(one: Turning, today: date) -> tuple[object, ...]:
    contact = one.last_contact
    return (
        codes.group(one.donor),
        one.age,
        (one.on - today).days,
        words.word(one.state) if one.contact else _("not to be contacted"),
        one.vials,
        f"{words.word(contact.kind)} {columns.day(contact.on)}" if contact else "",
        words.word(one.policy),
    )


def incomplete(options: Namespace) -> Answer:
    """Consent that waits for somebody, and material that is to be destroyed or given back."""
    now = datetime.now(UTC)
    with reading(options) as session, session.store.read() as connection:
        waiting = consent_work.incomplete(connection, now)
        leaving = consent_work.leaving(connection, now)
    result = {
        "incomplete": [_incomplete_result(one) for one in waiting],
        "leaving": [_leaving_result(one) for one in leaving],
    }
    text = columns.joined(_incomplete_text(waiting), _leaving_text(leaving))
    return Answer(result, text or _("Every consent is complete."))


def _incomplete_result(one: Incomplete) -> dict[str, Any]:
    return {
        "donor": one.donor,
        "waits_for": one.waits_for,
        "reason": one.reason.code,
        "since": None if one.waits_for in {"child", "own-decision"} else one.since,
        "days_left": one.days_left,
    }


def _incomplete_text(waiting: list[Incomplete]) -> str:
    return columns.table(
        (_("Donor"), _("Waits for"), _("Days left")),
        [(codes.group(one.donor), _(f"waits.{one.waits_for}"), one.days_left) for one in waiting],
    )


def _leaving_result(one: Leaving) -> dict[str, Any]:
    reason = one.reason.code if one.reason else "refused-on-receipt"
    return {"donor": one.donor, "reason": reason, "items": one.items}


def _leaving_text(leaving: list[Leaving]) -> str:
    return columns.table(
        (_("To destroy or return"), _("Donor"), _("Material"), _("Box"), _("Position")),
        [
            (codes.group(item.code), codes.group(one.donor), item.material, item.box, item.position)
            for one in leaving
            for item in one.items
        ],
    )


def letter(options: Namespace) -> Answer:
    """Write the letter; with ``--record`` also that it goes out, only when it could be written."""
    from biobank_desktop.papers.letter import letter_pdf  # noqa: PLC0415 - fonts and symbols: only to print
    from biobank_desktop.services import papers  # noqa: PLC0415

    command, language, now = command_id(options.command), options.language or chosen(), datetime.now(UTC)
    access = writing if options.record else reading
    line = None
    with access(options) as session:
        with session.store.read() as connection:
            made = papers.letter_of(connection, options.code, options.age, language, now)
        place = write_file(options.to, letter_pdf(made))
        if options.record:
            line = record_consent(session.store, session.require_actor(), papers.letter_line(made), command)
    result = {"file": place, "donor": made.code, "age": made.age, "language": language, "line": line}
    return Answer(result, columns.pairs([(_("Letter written"), place), (_("Line"), line)]))


def chain(options: Namespace) -> Answer:
    """Write the chain of consent."""
    from biobank_desktop.papers.chain import chain_pdf  # noqa: PLC0415
    from biobank_desktop.services import papers  # noqa: PLC0415

    on, known = _days({"as_of": options.as_of, "known_on": options.known_on})
    known_on = papers.end_of(known) if known else None
    with reading(options) as session, session.store.read() as connection:
        page = papers.chain_of(connection, options.code, datetime.now(UTC), on, known_on)
    place = write_file(options.to, chain_pdf(page, family=options.family))
    result = {
        "file": place,
        "donor": page.donor,
        "as_of": page.on,
        "known_on": page.known_on,
        "lines": len(page.lines),
        "vials": len(page.vials),
        "seal": {"size": page.seal_size, "root": page.seal_root},
    }
    return Answer(result, columns.pairs([(_("Chain of consent written"), place)]))


def _days(typed: dict[str, str | None]) -> list[date | None]:
    """The days as they were typed. Raises ``Rejected`` with every one that is none."""
    days: list[date | None] = []
    problems = []
    for name, text in typed.items():
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            problems.append(Problem(name, "not-a-date"))
    refuse(problems)
    return days
