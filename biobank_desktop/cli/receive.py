"""``biobank receive``: a tube from its arrival to planned vials with labels asked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.access import writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import answers_of, command_of, read_input, taken
from biobank_desktop.domain import codes
from biobank_desktop.domain.intake import ABSENT, ReceiptForm
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.language import _, say
from biobank_desktop.persistence.queries import donors
from biobank_desktop.services.donors import second_identifier
from biobank_desktop.services.intake import outlook, receive
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.protocols import PlannedVials
    from biobank_desktop.persistence.queries.donors import DonorRow
    from biobank_desktop.services.intake import Received


@dataclass(frozen=True)
class SecondIdentifier:
    """What the request form says about the donor besides the code; it must agree with the registry."""

    born_year: int | None = None
    sex: str | None = None
    lab_number: str | None = None


@dataclass(frozen=True)
class _Identified:
    """The part of a receipt's input that is no field of its form."""

    second_identifier: SecondIdentifier


def run(options: Namespace) -> Answer:
    """Receive the tube of an input file."""
    mapping = read_input(options.file)
    command = command_of(mapping)
    with writing(options) as session:
        repeated = command is not None and session.store.stored(command)
        with session.store.read() as connection:
            form = _checked(connection, mapping)
            if not repeated:
                _warn(outlook(connection, form, datetime.now(UTC)).problems)
        received = receive(session.store, session.require_actor(), form, command)
    return Answer(vars(received), _text(received))


def _checked(connection: Connection, mapping: dict[str, object]) -> ReceiptForm:
    """The receipt, its donor agreeing with the second identifier. Raises ``Rejected`` with every problem.

    What the rules of a receipt say is left to the service, unless something cannot even be read: then they
    are asked about the rest, so that all problems come at once.
    """
    given = {"second_identifier": taken(mapping, "second_identifier")}
    answers, problems = answers_of(ReceiptForm, mapping)
    form = ReceiptForm(**answers)
    donor = _donor(connection, form)
    if "plan" not in mapping:
        form = replace(form, plan=_proposed(form, donor))
    problems += _identifier_problems(connection, given, donor)
    if problems:
        named = {problem.field for problem in problems}
        problems += [
            one for one in outlook(connection, form, datetime.now(UTC)).problems if one.field not in named
        ]
    refuse(problems)
    return form


def _identifier_problems(
    connection: Connection, given: dict[str, object], donor: DonorRow | None
) -> list[Problem]:
    present = {name: value for name, value in given.items() if value is not ABSENT}
    answers, problems = answers_of(_Identified, present)
    if problems or donor is None:
        return problems
    said: SecondIdentifier = answers["second_identifier"]
    return [
        replace(problem, field=f"second_identifier.{problem.field}".rstrip("."))
        for problem in second_identifier(connection, donor, **vars(said))
    ]


def _donor(connection: Connection, form: ReceiptForm) -> DonorRow | None:
    code = None if form.donor is ABSENT else codes.parse(form.donor)
    return donors.donor(connection, codes.number(code)) if code else None


def _proposed(form: ReceiptForm, donor: DonorRow | None) -> tuple[PlannedVials, ...]:
    """The protocol's vials of this material at this time point; none of material that is rejected."""
    known = donor is not None and ABSENT not in {form.material, form.time_point}
    if donor is None or not known or form.acceptance == "rejected":
        return ()
    return reference().protocol(donor.protocol).plan(form.material, form.time_point)


def _warn(problems: Sequence[Problem]) -> None:
    """Implausible but allowed: said on stderr, so that the answer to a repetition stays the same."""
    for problem in problems:
        if problem.warning:
            print(f"{problem.field}: {say(problem)}", file=sys.stderr)


def _text(received: Received) -> str:
    reasons = " ".join(words.reason(one["code"], one["values"]) for one in received.reasons)
    facts = columns.pairs(
        [
            (_("Tube"), codes.group(received.tube)),
            (_("Donor"), codes.group(received.donor)),
            (_("State"), words.word(received.state)),
            (_("Verdict"), words.word(received.verdict)),
            (_("Reason"), reasons),
        ]
    )
    vials = columns.table(
        (_("Vial"), _("Material"), _("No")),
        [
            (codes.group(one.code), words.material_name(one.material), f"{one.number}/{one.of}")
            for one in received.vials
        ],
    )
    return columns.joined(facts, vials)
