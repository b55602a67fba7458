"""What the colours of a box tell of its vials: the gate's word on keeping each, what is left, when seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from biobank_desktop.domain.colouring import VialFacts
from biobank_desktop.domain.consent import Verdict, verdicts
from biobank_desktop.domain.dates import local_day
from biobank_desktop.persistence.queries import consent, forms
from biobank_desktop.persistence.queries import wells as query
from biobank_desktop.services.gate import known_by
from biobank_desktop.services.rules import rule_book
from biobank_desktop.services.what_if import record_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.wells import WellRow

Asked = tuple[int, "datetime | None"]
"""a donor, and the receipt of the tube that the gate is asked about"""


def vials_in(connection: Connection, box_id: int, at: datetime) -> tuple[VialFacts, ...]:
    """What is known of each vial of a box, by position; nothing for a container of containers."""
    rows = query.wells(connection, box_id)
    said = _verdicts_to_keep(connection, rows, at)
    return tuple(
        VialFacts(
            item_id=row.item_id,
            donor_id=row.donor_id,
            material=row.material,
            since=row.since,
            seen_at=max(filter(None, (row.since, row.back_at, row.verified_at))),
            verdict=said[row.donor_id, row.received_at],
            left_ul=None if row.volume_ul is None else row.volume_ul - row.gone_ul,
            left_cells=None if row.cells is None else row.cells - row.gone_cells,
            label=row.label or "",
        )
        for row in rows
    )


def _verdicts_to_keep(connection: Connection, rows: Sequence[WellRow], at: datetime) -> dict[Asked, Verdict]:
    """The gate's word on keeping, once for each donor and receipt."""
    if not rows:
        return {}
    today, versions = local_day(at), forms.versions(connection)
    rules = rule_book(connection).on(today)
    donors = consent.standings_of(connection, {row.donor_id for row in rows})
    records = {donor.id: record_at(donor, versions) for donor in donors}
    said: dict[Asked, Verdict] = {}
    for donor, received in {(row.donor_id, row.received_at) for row in rows}:
        record = replace(records[donor], material_received_at=received)
        (said[donor, received],) = verdicts(record, ("store",), today, known_by(record, at), rules)
    return said
