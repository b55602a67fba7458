"""A sample's record: identity, amounts, place, family, verdict today, SPREC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.contract import Answer
from biobank_desktop.domain import codes
from biobank_desktop.language import _
from biobank_desktop.services.records import sample_record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Decision
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.services.records import SampleRecord

_SHOWN = (
    "code", "kind", "state", "material", "parent_material", "protocol", "time_point", "number", "drawn_at",
    "container", "planned_ul", "planned_cells", "medium", "volume_ul", "cells", "viability_percent",
    "blasts_percent", "taken_ul", "taken_cells", "filled_at", "sprec", "sprec_version", "note",
)  # fmt: skip
_RECEIPT = (
    "received_at", "temperature", "conditions", "acceptance", "origin", "pull_number", "released_at",
    "released_by",
)  # fmt: skip


def answer(connection: Connection, number: int, now: datetime) -> Answer:
    """The record of a sample."""
    record = sample_record(connection, number, now)
    return Answer({"kind": "sample", "sample": _result(record)}, _text(record))


def _result(record: SampleRecord) -> dict[str, Any]:
    return {
        **{name: getattr(record.sample, name) for name in _SHOWN},
        "donor": record.donor.code,
        "tube": record.tube.code,
        "foreign_codes": [{"issuer": issuer, "value": value} for issuer, value in record.lab_numbers],
        "receipt": {name: getattr(record.receipt, name) for name in _RECEIPT} | {"by": record.receipt.login},
        "place": _place(record),
        "verdict": verdict(record.decision),
        "steps": record.steps,
        "vials": [
            {
                name: getattr(vial, name)
                for name in ("code", "material", "number", "state", "volume_ul", "cells")
            }
            for vial in record.vials
        ],
        "labels": [
            {name: getattr(one, name) for name in ("no", "state", "reason", "requested_at", "printer")}
            for one in record.labels
        ],
    }


def _place(record: SampleRecord) -> dict[str, Any] | None:
    if record.box is None:
        return None
    place = record.places[record.sample.id]
    return {
        "container": record.box.container.code,
        "path": record.box.path,
        "position": record.position,
        "row": place.row_no,
        "column": place.column_no,
        "since": place.since,
    }


def verdict(decision: Decision) -> dict[str, Any]:
    """What the consent gate says; not when time alone will change it, which can be a birthday."""
    return {
        "purpose": decision.purpose,
        "verdict": decision.verdict,
        "reasons": [{"code": one.code, "values": one.values} for one in decision.reasons],
        "rules_version": decision.rules_version,
    }


def verdict_text(decision: Decision) -> str:
    """The verdict with its reasons as sentences."""
    said = " ".join(words.reason(one.code, one.values) for one in decision.reasons)
    return f"{words.word(decision.verdict)}. {said}".rstrip()


def _text(record: SampleRecord) -> str:
    row, box = record.sample, record.box
    place = f"{box.path} / {record.position}" if box else _("nowhere")
    facts = columns.pairs(
        [
            (_("Code"), codes.group(row.code)),
            (_("Material"), words.material_name(row.material)),
            (_("State"), words.word(row.state)),
            (_("Donor"), codes.group(record.donor.code)),
            (_("Tube"), codes.group(record.tube.code) if row.kind != "tube" else ""),
            (_("Foreign code"), ", ".join(value for _issuer, value in record.lab_numbers)),
            (_("Time point"), row.time_point),
            (_("Drawn"), columns.moment(row.drawn_at)),
            (_("Received"), columns.moment(record.receipt.received_at)),
            (_("Amount"), words.amount(row.volume_ul, row.cells)),
            (_("Viability %"), row.viability_percent),
            (_("Blasts %"), row.blasts_percent),
            (_("Place"), place if row.kind != "tube" or box else ""),
            (_("Consent"), verdict_text(record.decision)),
            (_("SPREC"), row.sprec),
            (_("Note"), row.note),
        ]
    )
    return columns.joined(facts, _family(record.vials, row))


def _family(vials: tuple[SampleRow, ...], row: SampleRow) -> str:
    return columns.table(
        ("", _("Vial"), _("Material"), _("No"), _("State"), _("Amount")),
        [
            (
                ">" if vial.id == row.id else " ",
                codes.group(vial.code),
                words.material_name(vial.material),
                vial.number,
                words.word(vial.state),
                words.amount(vial.volume_ul, vial.cells),
            )
            for vial in vials
        ],
    )
