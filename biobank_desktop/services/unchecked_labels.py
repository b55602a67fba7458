"""The lab's rule about vials that are stored while nobody has scanned their label since it was printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.persistence.queries import lab
from biobank_desktop.services.lab import set_setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store

SETTING = "unchecked-labels"
UNCHECKED = "label-unchecked"
"""The code of what is said of a vial that is stored all the same."""

RULES = ("accept", "warn", "block")
"""The scan into the box proves the label; the vial is stored, and it is said; it is refused."""


def unchecked_rule(connection: Connection) -> str:
    """What the lab has decided: one of ``RULES``."""
    return str(lab.setting(connection, SETTING, RULES[0]))


def set_unchecked_rule(store: Store, actor: Actor, rule: str, command_id: UUID | None = None) -> None:
    """Decide it. Raises ``Rejected`` for another word."""
    if rule not in RULES:
        raise Rejected(Problem("rule", "not-a-choice", {"value": rule, "choices": RULES}))
    set_setting(store, actor, SETTING, rule, command_id)


def unchecked(
    connection: Connection, rows: Sequence[SampleRow], labels: Mapping[int, tuple[int, str]]
) -> tuple[list[SampleRow], str]:
    """The vials that the rule is about, and the rule; tubes come with labels of others.

    ``labels`` are those that scans of the samples prove, as (number, state). The rule is read only when there
    is a vial that it is about.
    """
    found = [
        row for row in rows if row.kind != "tube" and labels.get(row.id, (0, "verified"))[1] != "verified"
    ]
    return found, unchecked_rule(connection) if found else RULES[0]


def unchecked_problem(row: SampleRow, field: str) -> Problem:
    """Why a vial may not be stored where the rule says ``block``."""
    return Problem(field, "label-not-checked", {"code": codes.group(row.code)})


def unchecked_warning(row: SampleRow, field: str) -> Problem:
    """What is said of a vial that is stored where the rule says ``warn``."""
    return Problem(field, UNCHECKED, {"code": codes.group(row.code)}, warning=True)
