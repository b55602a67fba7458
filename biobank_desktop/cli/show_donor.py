"""A donor's record: consent lines, the verdict of every purpose today, samples. Never a date of birth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.show_sample import verdict, verdict_text
from biobank_desktop.domain import codes
from biobank_desktop.language import _
from biobank_desktop.services.records import donor_record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.services.records import DonorRecord

_SAMPLE = ("code", "kind", "material", "time_point", "number", "state", "volume_ul", "cells")


def answer(connection: Connection, number: int, now: datetime) -> Answer:
    """The record of a donor."""
    record = donor_record(connection, number, now)
    return Answer({"kind": "donor", "donor": _result(record)}, _text(record))


def _result(record: DonorRecord) -> dict[str, Any]:
    row = record.donor
    return {
        "code": row.code,
        "role": row.role,
        "sex": row.sex,
        "protocol": row.protocol,
        "day1_on": row.day1_on,
        "lab_numbers": [{"issuer": issuer, "value": value} for issuer, value in record.lab_numbers],
        "consent": record.lines,
        "verdicts": [verdict(decision) for decision in record.verdicts.decisions],
        "samples": [
            {name: getattr(one, name) for name in _SAMPLE} | {"stored": one.id in record.places}
            for one in record.samples
        ],
    }


def _text(record: DonorRecord) -> str:
    row = record.donor
    facts = columns.pairs(
        [
            (_("Donor"), codes.group(row.code)),
            (_("Sex"), words.word(row.sex)),
            (_("Role"), words.word(row.role)),
            (_("Protocol"), row.protocol),
            (_("Day 1"), columns.day(row.day1_on) if row.day1_on else ""),
            (_("Laboratory numbers"), ", ".join(f"{issuer} {value}" for issuer, value in record.lab_numbers)),
            (_("Samples"), len(record.samples)),
        ]
    )
    lines = columns.table(
        (_("Line"), _("Kind"), _("Signed by"), _("Signed on"), _("Level"), _("Note")),
        [
            (
                line.no,
                words.word(line.kind),
                words.word(line.signatory),
                line.signed_on,
                line.level,
                line.note,
            )
            for line in record.lines
        ],
    )
    verdicts = columns.table(
        (_("Purpose"), _("Verdict")),
        [(words.word(one.purpose), verdict_text(one)) for one in record.verdicts.decisions],
    )
    return columns.joined(facts, lines, verdicts)
