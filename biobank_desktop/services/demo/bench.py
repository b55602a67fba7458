"""A tube on the bench of the demonstration lab, as far as its work has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Literal

from biobank_desktop.domain import codes
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.intake import ReceiptForm
from biobank_desktop.domain.materials import material
from biobank_desktop.labels.catalogue import template
from biobank_desktop.labels.printers import Told
from biobank_desktop.services.intake import receive
from biobank_desktop.services.labels import queued
from biobank_desktop.services.placing import place_all
from biobank_desktop.services.printing import came_of, prepare, report, sender_at, take
from biobank_desktop.services.processing import StepForm, fill, start_step
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from random import Random

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.demo.storage import Storage
    from biobank_desktop.services.intake import Received, Vial

Stage = Literal["planned", "labelled", "filled", "overnight", "stored"]
"""How far a tube's vials have come; each stage holds those before it."""

_CONTAINERS = {"BMA": "PED", "BLD": "PED", "CSF": "PPS", "SER": "SST", "PL1": "PED"}
_VOLUMES_UL = {"BMA": 4000, "BLD": 6000, "CSF": 1200, "SER": 3000, "PL1": 2500}
PRINTER = "Demonstration printer"
DPI = 300


@dataclass(frozen=True)
class Visit:
    """A tube that was drawn: whose, of what, when; how it looked, and how far its work has come."""

    donor: str
    material: str
    time_point: str
    drawn_at: datetime
    stage: Stage = "stored"
    conditions: tuple[str, ...] = ()
    acceptance: str = "accepted"
    released: bool = True


class Bench:
    """The technicians of the demonstration lab; they take turns."""

    def __init__(
        self, store: Store, technicians: tuple[Actor, ...], storage: Storage, random: Random
    ) -> None:
        self._store, self._storage, self._random = store, storage, random
        self._turns = cycle(technicians)
        self._tube_numbers = iter(range(26_100_001, 26_999_999))
        self.samples = 0

    @property
    def next_technician(self) -> Actor:
        """Whose turn it is."""
        return next(self._turns)

    def do(self, visit: Visit) -> Received:
        """Receive the tube and work on it as far as its stage says."""
        technician = self.next_technician
        received = receive(self._store, technician, self._receipt(visit))
        self.samples += 1 + len(received.vials)
        if not received.vials or visit.stage == "planned":
            return received
        self._print(technician, received.vials)
        if visit.stage == "labelled":
            return received
        self._process(technician, visit, received)
        if visit.stage != "filled":
            self._store_away(self.next_technician, visit, received.vials)
        return received

    def _receipt(self, visit: Visit) -> ReceiptForm:
        received_at = visit.drawn_at + timedelta(minutes=self._random.randint(20, 110))
        released_at = received_at - timedelta(minutes=5) if visit.released else None
        rejected = visit.acceptance == "rejected"
        protocol = reference().protocol("ALLTogether1")
        return ReceiptForm(
            tube_code=f"HX{next(self._tube_numbers)}",
            donor=visit.donor,
            material=visit.material,
            container=_CONTAINERS[visit.material],
            time_point=visit.time_point,
            drawn_at=visit.drawn_at,
            received_at=received_at,
            volume_ul=_VOLUMES_UL[visit.material] + 100 * self._random.randint(-4, 4),
            temperature=self._random.choice(("room", "room", "2-10")),
            conditions=visit.conditions,
            acceptance=visit.acceptance,
            origin="residual",
            pull_number=self._random.choice((None, 1, 2)) if visit.material == "BMA" else None,
            released_at=released_at,
            released_by="Diagnostic laboratory" if visit.released else "",
            note="Whole tube clotted." if rejected else "",
            plan=() if rejected else protocol.plan(visit.material, visit.time_point),
        )

    def _print(self, technician: Actor, vials: tuple[Vial, ...]) -> None:
        with self._store.read() as connection:
            labels = queued(connection, [codes.number(vial.code) for vial in vials])
        sender = sender_at(technician.bench, "demonstration")
        prepared = prepare(labels, template(labels[0].template), 0, DPI, len(labels))
        for batch in prepared.batches:
            take(self._store, technician, batch.drawn, PRINTER, sender)
            report(self._store, technician, came_of(Told(PRINTER, 0, "sent"), batch))

    def _process(self, technician: Actor, visit: Visit, received: Received) -> None:
        started = visit.drawn_at + timedelta(minutes=self._random.randint(115, 150))
        cells = any(material(vial.material).kind == "cells" for vial in received.vials)
        step = StepForm(
            "density-gradient" if cells else "spin", started, started + timedelta(minutes=20),
            400 if cells else 2000, 20, "room", brake=not cells, device="Rotina 420",
            lot="Ficoll 2026-04" if cells else "",
        )  # fmt: skip
        start_step(self._store, technician, received.tube, step)
        fill(self._store, technician, [self._filled(vial, visit.material) for vial in received.vials])

    def _filled(self, vial: Vial, source: str) -> FillForm:
        if material(vial.material).counted_in == "cells":
            return FillForm(
                vial.code,
                volume_ul=1000,
                cells=self._random.randint(40, 120) * 100_000,
                viability_percent=float(self._random.randint(78, 99)),
                blasts_percent=float(self._random.randint(0, 95)) if source == "BMA" else None,
            )
        return FillForm(vial.code, volume_ul=self._random.choice((200, 250, 300, 350, 400)))

    def _store_away(self, technician: Actor, visit: Visit, vials: tuple[Vial, ...]) -> None:
        for code in dict.fromkeys(vial.material for vial in vials):
            of_this = [(vial.code, "") for vial in vials if vial.material == code]
            if visit.stage == "overnight" and material(code).overnight:
                box = self._random.choice(self._storage.overnight)
            else:
                box = self._storage.box_for(code, len(of_this))
            place_all(self._store, technician, box, of_this)
