"""``biobank donor``: register, show, consent, first day of induction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns, show_donor
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id, command_of, day_of, form_of, read_input
from biobank_desktop.domain import codes
from biobank_desktop.domain.intake import DonorForm
from biobank_desktop.language import _
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.donors import register_donor, set_day1
from biobank_desktop.services.gate import donor_of

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> Answer:
    """Do the action."""
    return {"add": _add, "show": _show, "consent": consent, "day1": _day1}[options.action](options)


def _add(options: Namespace) -> Answer:
    mapping = read_input(options.file)
    command = command_of(mapping)
    form = form_of(DonorForm, mapping)
    with writing(options) as session:
        code = register_donor(session.store, session.require_actor(), form, command)
    return Answer({"donor": code}, columns.pairs([(_("Donor"), codes.group(code))]))


def _show(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        return show_donor.answer(connection, donor_of(connection, options.code).id, datetime.now(UTC))


def consent(options: Namespace) -> Answer:
    """Record a line of consent."""
    mapping = read_input(options.file)
    command = command_of(mapping)
    form = form_of(ConsentForm, mapping)
    with writing(options) as session:
        line = record_consent(session.store, session.require_actor(), form, command)
    return Answer({"donor": form.donor, "line": line}, columns.pairs([(_("Line"), line)]))


def _day1(options: Namespace) -> Answer:
    day1_on = day_of("date", options.date)
    command = command_id(options.command)
    with writing(options) as session:
        set_day1(session.store, session.require_actor(), options.code, day1_on, options.why, command)
    return Answer(
        {"donor": options.code, "day1_on": day1_on}, columns.pairs([(_("Day 1"), columns.day(day1_on))])
    )
