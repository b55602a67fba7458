"""Donors: registering one, and finding out whether a second identifier agrees."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.dates import born_at_earliest, local_day, turns
from biobank_desktop.domain.intake import ABSENT, DonorForm, agrees, check_donor
from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import donors as query
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.gate import donor_of
from biobank_desktop.services.reference import reference
from biobank_desktop.services.values import value_problems

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.donors import DonorRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


def register_donor(store: Store, actor: Actor, form: DonorForm, command_id: UUID | None = None) -> str:
    """Register a donor and return the new code. Raises ``Rejected`` with every problem.

    The date of birth is not kept: only the days on which the donor turns 12, 16 and 18, outside the history.
    """
    known = reference()
    protocol = known.protocols.get(form.protocol)
    some = protocol or next(iter(known.protocols.values()))
    refuse(value_problems({name: value for name, value in vars(form).items() if value is not ABSENT}))
    problems = list(check_donor(form, some, local_day(datetime.now(UTC))))
    if protocol is None and isinstance(form.protocol, str):
        problems.append(Problem("protocol", "unknown-protocol", {"protocol": form.protocol}))
    refuse(problems)
    # Without the birthday: a digest that is kept for good would give it away to whoever tries every day.
    payload = {**asdict(form), "born_on": None}
    asked = command(actor, "donor-registered", payload, "intake", title="", command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        refuse(_taken(work.connection, form))
        return {"code": enter_donor(work, form)}

    return str(store.run(asked, body, same=partial(_require_same_birthday, form))["code"])


def _require_same_birthday(form: DonorForm, connection: Connection, result: Mapping[str, Any]) -> None:
    """What no payload may hold is held against the donor: a repetition with another birthday is none."""
    row = donor_of(connection, result["code"])
    if row.turns_12_on not in {None, turns(form.born_on, 12)}:
        raise Rejected(Problem("command", "command-id-reused"))


def enter_donor(work: Work, form: DonorForm, code: str | None = None) -> str:
    """Write a donor in an open command and return the code."""
    if code is None:
        (code,) = work.new_codes(CodeKind.DONOR, 1)
    donor_id = codes.number(code)
    work.new_stream(donor_id, "donor")
    work.insert(
        tables.donor,
        [
            {
                "id": donor_id,
                "role": form.role,
                "sex": form.sex,
                "protocol": form.protocol,
                "day1_on": form.day1_on,
                "consent_head": 0,
            }
        ],
    )
    ages = {f"turns_{years}_on": turns(form.born_on, years) for years in (12, 16, 18)}
    work.private(tables.donor_age.insert(), [{"donor_id": donor_id, **ages}])
    work.insert(
        tables.alias,
        [
            {
                "value": identifier(value),
                "issuer": identifier(issuer),
                "object_id": donor_id,
                "stream_id": donor_id,
            }
            for issuer, value in form.lab_numbers
        ],
    )
    return code


def _taken(connection: Connection, form: DonorForm) -> list[Problem]:
    problems = []
    for issuer, value in form.lab_numbers:
        for object_id, known in query.by_alias(connection, identifier(value)):
            if known == identifier(issuer):
                values = {"value": value, "code": codes.group(codes.from_number(object_id))}
                problems.append(Problem("lab_numbers", "lab-number-taken", values))
    return problems


def set_day1(
    store: Store,
    actor: Actor,
    donor: str,
    day1_on: date | None,
    why: str = "",
    command_id: UUID | None = None,
) -> None:
    """Record the first day of induction; changing a known one needs a reason. Raises ``Rejected``."""
    payload = {"donor": donor, "day1_on": day1_on}
    asked = command(actor, "donor-corrected", payload, "intake", title=donor, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row = donor_of(work.connection, donor)
        work.hold(tables.donor, [row.id])
        row = donor_of(work.connection, donor)
        if row.day1_on is not None:
            require_reason(why)
        earliest = born_at_earliest(row.turns_12_on, 12) if row.turns_12_on else None
        if day1_on is not None and earliest is not None and day1_on < earliest:
            raise Rejected(Problem("day1_on", "day1-before-birth"))
        work.about(row.id, row.id)
        work.update(tables.donor, {"id": row.id}, day1_on=day1_on)
        return {"code": row.code}

    store.run(asked, body)


def second_identifier(
    connection: Connection,
    donor: DonorRow,
    *,
    born_year: int | None = None,
    sex: str | None = None,
    lab_number: str | None = None,
) -> tuple[Problem, ...]:
    """What on the request form does not agree with the donor: a stop, wrong donor or wrong tube.

    Asked where the request form is read, by the window and by the command line, and not again by
    ``intake.receive``: a birth year must stand in no command, not even as a digest.
    """
    numbers = {value for _issuer, value in query.lab_numbers(connection, donor.id)}
    number = None if lab_number is None else identifier(lab_number)
    return agrees(donor.turns_12_on, donor.sex, numbers, born_year=born_year, sex=sex, lab_number=number)
