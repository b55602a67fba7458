"""The sets of consent rules that a lab has entered beside the one that came with the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select, true

from biobank_desktop.domain.consent_rules import ConsentRules
from biobank_desktop.domain.rule_book import RuleSet
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.asking import Answer, Question
from biobank_desktop.persistence.queries.donors import FIRST_RECEIVED

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_r, _entered = tables.rule_set.c, tables.command.c
_COLUMNS = (_r.content, _r.valid_from, _r.known_at, _r.approved_by, _r.why, _entered.login)
_SETS = select(*_COLUMNS).join(tables.command, _entered.id == _r.command_id).order_by(_r.no)
_one = select(literal(1)).subquery("one")
# The clock of a donor's consent and all rules, in one walk through the network.
_ASKED = (
    select(FIRST_RECEIVED.scalar_subquery().label("first"), *_COLUMNS)
    .select_from(
        _one.outerjoin(tables.rule_set, true()).outerjoin(tables.command, _entered.id == _r.command_id)
    )
    .order_by(_r.no)
)


def rule_sets(connection: Connection) -> list[RuleSet]:
    """Every entered set, in the order of entry."""
    return [_set(*row) for row in connection.execute(_SETS)]


@Question
def first_receipt_and_rules(
    connection: Connection, donor_id: int
) -> Answer[tuple[datetime | None, list[RuleSet]]]:
    """When the first material of a donor came in, and every entered set, in the order of entry."""
    asked = connection.execute(_ASKED, {"donor": donor_id})

    def read() -> tuple[datetime | None, list[RuleSet]]:
        rows = asked.all()
        return rows[0][0], [_set(*row[1:]) for row in rows if row.content is not None]

    return read


def _set(content: dict[str, Any], *more: Any) -> RuleSet:
    return RuleSet(ConsentRules.from_mapping(content), *more)
