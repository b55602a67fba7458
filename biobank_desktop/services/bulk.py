"""A large lab for measuring: a million samples with their whole history, every constraint in force.

Each command writes about a thousand samples of some thirty donors: codes, donors with ages and consent, the
gate's decision, tubes with receipt and aliases, filled vials with proved labels and places in boxes that
stand in tanks. Nothing is switched off and nothing is skipped but the services' own checks, one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.consent import ConsentLine, ConsentRecord, decide
from biobank_desktop.domain.dates import local_day, midnight, turns
from biobank_desktop.domain.scans import TUBE_ISSUER
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.commands import command
from biobank_desktop.services.gate import reason_row
from biobank_desktop.services.labels import TEMPLATES
from biobank_desktop.services.rules import rule_book

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

_DONORS = 34
"""Donors a command."""
_VIALS = (("CEL", 10_000_000), ("CEL", 10_000_000), ("CEL", 10_000_000), ("PL1", 500), ("PL1", 500))
_TUBES = ("DX", "D15", "TP1", "D50", "TP2")
SAMPLES_A_COMMAND = _DONORS * len(_TUBES) * (1 + len(_VIALS))
_TOWERS, _BOXES, _SIDE = 20, 13, 10
_STATION = _TOWERS * _BOXES * _SIDE * _SIDE

_Row = dict[str, Any]


def fill_lab(store: Store, actor: Actor, samples: int, seed: int = 1) -> Steps[int]:
    """Add at least so many samples, a command a step, and return how many. Raises ``Rejected``.

    Memory stays that of one command. Names of tanks and boxes begin with the seed: another seed fills on.
    """
    random = Random(seed)
    tanks = _Tanks(seed)
    done = 0
    while done < samples:
        asked = command(actor, "bulk-filled", {"seed": seed, "after": done}, "manage", title=f"bulk {done}")
        first = done

        def body(work: Work, first: int = first) -> dict[str, Any]:
            return {"samples": _Batch(work, random, tanks, seed, first).write()}

        done += store.run(asked, body)["samples"]
        yield Progress(min(done, samples), samples)
    return done


class _Tanks:
    """The positions that come next: tanks of towers of boxes, made when the first vial needs them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._used = 0
        self._tank = self._tower = self._box = 0
        self._rows: list[_Row] = []
        self._placements: list[_Row] = []

    def places(self, work: Work, count: int) -> list[tuple[int, int, int]]:
        """The next (box, row, column) for so many vials; new containers are written first."""
        found = []
        for _ in range(count):
            if self._used % (_SIDE * _SIDE) == 0:
                self._next_box(work)
            within = self._used % (_SIDE * _SIDE)
            found.append((self._box, within // _SIDE + 1, within % _SIDE + 1))
            self._used += 1
        work.insert(tables.container, self._rows)
        work.insert(tables.placement, self._placements)
        self._rows, self._placements = [], []
        return found

    def _next_box(self, work: Work) -> None:
        tank, within = divmod(self._used, _STATION)
        tower, box = divmod(within // (_SIDE * _SIDE), _BOXES)
        if within == 0:
            self._tank = self._new(work, "LN2 vapour tank", f"M{self._seed}-{tank:03d}", 1, _TOWERS, "ln2")
        if box == 0:
            name = f"M{self._seed}-{tank:03d}-{tower + 1:02d}"
            self._tower = self._new(work, "LN2 tower", name, 1, _BOXES)
            self._placements.append(
                _placement(work, self._tower, self._tank, (1, _TOWERS), (1, tower + 1), self._tank)
            )
        name = f"M{self._seed}-{tank:03d}-{tower + 1:02d}-{box + 1:02d}"
        self._box = self._new(work, "Box 10 × 10", name, _SIDE, _SIDE)
        self._placements.append(
            _placement(work, self._box, self._tower, (1, _BOXES), (1, box + 1), self._tank)
        )

    def _new(
        self, work: Work, kind: str, name: str, rows: int, columns: int, temperature: str | None = None
    ) -> int:
        number = codes.number(work.new_codes(CodeKind.CONTAINER, 1)[0])
        if temperature is not None:
            work.new_stream(number, "device")
            self._tank = number
        self._rows.append(
            {
                "id": number, "kind": kind, "name": name, "rows": rows, "columns": columns,
                "temperature": temperature, "retired": False, "stream_id": self._tank,
            }
        )  # fmt: skip
        return number


def _placement(
    work: Work, item: int, container: int, grid: tuple[int, int], at: tuple[int, int], stream: int
) -> _Row:
    return {
        "item_id": item, "container_id": container, "rows": grid[0], "columns": grid[1], "row_no": at[0],
        "column_no": at[1], "since": work.at, "stream_id": stream,
    }  # fmt: skip


@dataclass(frozen=True)
class _Donor:
    """A donor of the batch: number, birth, first day of induction."""

    id: int
    born_on: date
    day1_on: date


class _Batch:
    """What one command writes."""

    def __init__(self, work: Work, random: Random, tanks: _Tanks, seed: int, first: int) -> None:
        self._work, self._random, self._tanks = work, random, tanks
        self._rules = rule_book(work.connection).on(local_day(work.at))
        self._seed, self._first = seed, first

    def write(self) -> int:
        """Write it and return the number of samples."""
        donors = self._donors()
        self._consent(donors)
        count = len(donors) * len(_TUBES)
        numbers = [
            codes.number(code) for code in self._work.new_codes(CodeKind.SAMPLE, count * (1 + len(_VIALS)))
        ]
        tubes, vials = self._samples(donors, numbers)
        self._work.insert(tables.sample, tubes)
        self._work.insert(tables.sample, vials)
        self._receipts(tubes)
        self._labels(vials)
        self._places(vials)
        return len(numbers)

    def _donors(self) -> list[_Donor]:
        work, random = self._work, self._random
        today = local_day(work.at)
        donors = []
        for code in work.new_codes(CodeKind.DONOR, _DONORS):
            day1_on = today - timedelta(days=random.randint(100, 2000))
            born_on = day1_on - timedelta(days=random.randint(400, 11 * 365))
            donors.append(_Donor(codes.number(code), born_on, day1_on))
        for donor in donors:
            work.new_stream(donor.id, "donor")
        work.insert(
            tables.donor,
            [
                {
                    "id": one.id, "role": "patient", "sex": random.choice(("female", "male")),
                    "protocol": "ALLTogether1", "day1_on": one.day1_on, "consent_head": 2,
                }
                for one in donors
            ],
        )  # fmt: skip
        ages = [
            {"donor_id": one.id} | {f"turns_{age}_on": turns(one.born_on, age) for age in (12, 16, 18)}
            for one in donors
        ]
        work.private(tables.donor_age.insert(), ages)
        return donors

    def _consent(self, donors: list[_Donor]) -> None:
        lines, decisions = [], []
        for donor in donors:
            own = [
                {
                    "donor_id": donor.id, "no": no, "kind": "given", "signatory": parent,
                    "sole_authority": False, "form": "bulk", "form_version": "1",
                    "answers": {"STORE": "yes"}, "signed_on": donor.day1_on, "received_on": donor.day1_on,
                    "known_at": self._work.at, "note": "",
                }
                for no, parent in ((1, "mother"), (2, "father"))
            ]  # fmt: skip
            lines += own
            decisions.append(self._decision(donor, own))
        self._work.insert(tables.consent_line, lines)
        self._work.insert(tables.decision, decisions)

    def _decision(self, donor: _Donor, lines: list[_Row]) -> _Row:
        """The gate's own word about the donor; kept as ``services.consent`` keeps it."""
        at, received_at = self._work.at, midnight(donor.day1_on)
        record = ConsentRecord(
            turns_12_on=turns(donor.born_on, 12),
            turns_16_on=turns(donor.born_on, 16),
            turns_18_on=turns(donor.born_on, 18),
            first_received_at=received_at,
            head=2,
            lines=tuple(
                ConsentLine(
                    line["no"], line["kind"], line["signatory"], line["signed_on"],
                    midnight(line["received_on"]), at, line["answers"],
                )
                for line in lines
            ),
            material_received_at=received_at,
        )  # fmt: skip
        decision = decide(record, "store", local_day(at), at, self._rules)
        return {
            "donor_id": donor.id, "purpose": "store", "verdict": decision.verdict,
            "reasons": [reason_row(reason) for reason in decision.reasons],
            "consent_head": 2, "rules_version": decision.rules_version, "decided_on": decision.on,
            "known_on": decision.known_on, "received_at": received_at, "first_received_at": received_at,
            "holds_until": at + timedelta(hours=24),
        }  # fmt: skip

    def _samples(self, donors: list[_Donor], numbers: list[int]) -> tuple[list[_Row], list[_Row]]:
        tubes, vials = [], []
        given = iter(numbers)
        for donor in donors:
            for day, time_point in enumerate(_TUBES):
                drawn_at = midnight(donor.day1_on) + timedelta(days=14 * day, hours=9)
                tube = _tube(next(given), donor.id, time_point, drawn_at)
                tubes.append(tube)
                vials += [self._vial(next(given), tube, place) for place in range(len(_VIALS))]
        return tubes, vials

    def _vial(self, number: int, tube: _Row, place: int) -> _Row:
        material, amount = _VIALS[place]
        cells = material == "CEL"
        return {
            "id": number, "kind": "derivative", "donor_id": tube["donor_id"], "material": material,
            "parent_id": tube["id"], "parent_material": "BMA", "state": "filled",
            "protocol": "ALLTogether1", "time_point": tube["time_point"], "drawn_at": tube["drawn_at"],
            "container": "PED", "number": place + 1 if cells else place - 2, "filled_at": self._work.at,
            "planned_cells": amount if cells else None, "planned_ul": None if cells else amount,
            "volume_ul": 1000 if cells else amount, "cells": amount if cells else None,
            "viability_percent": float(self._random.randint(80, 99)) if cells else None, "note": "",
        }  # fmt: skip

    def _receipts(self, tubes: list[_Row]) -> None:
        self._work.insert(
            tables.alias,
            [
                {
                    "value": f"M{self._seed}-{self._first + place}", "issuer": TUBE_ISSUER,
                    "object_id": tube["id"], "stream_id": tube["donor_id"],
                }
                for place, tube in enumerate(tubes)
            ],
        )  # fmt: skip
        self._work.insert(
            tables.receipt,
            [
                {
                    "sample_id": tube["id"], "received_at": tube["drawn_at"] + timedelta(hours=1),
                    "temperature": "room", "conditions": [], "acceptance": "accepted", "origin": "residual",
                    "stream_id": tube["donor_id"],
                }
                for tube in tubes
            ],
        )  # fmt: skip

    def _labels(self, vials: list[_Row]) -> None:
        at = self._work.at
        self._work.insert(
            tables.label,
            [
                {
                    "object_id": vial["id"], "no": 1, "state": "verified", "template": TEMPLATES["sample"],
                    "fields": {}, "printer": "bulk", "reason": "intake", "requested_at": at, "sent_at": at,
                    "verified_at": at, "stream_id": vial["donor_id"],
                }
                for vial in vials
            ],
        )  # fmt: skip

    def _places(self, vials: list[_Row]) -> None:
        places = self._tanks.places(self._work, len(vials))
        self._work.insert(
            tables.placement,
            [
                _placement(self._work, vial["id"], box, (_SIDE, _SIDE), (row, column), vial["donor_id"])
                for vial, (box, row, column) in zip(vials, places, strict=True)
            ],
        )


def _tube(number: int, donor: int, time_point: str, drawn_at: datetime) -> _Row:
    return {
        "id": number, "kind": "tube", "donor_id": donor, "material": "BMA", "state": "received",
        "protocol": "ALLTogether1", "time_point": time_point, "drawn_at": drawn_at, "container": "PED",
        "volume_ul": 4000, "note": "",
    }  # fmt: skip
