"""The later life of vials in the demonstration lab: releases, a withdrawal under way, a warm centrifuge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.nonconformities import Cause, NonconformityForm
from biobank_desktop.domain.people import Signed
from biobank_desktop.domain.releases import ReleaseForm
from biobank_desktop.domain.use import UseForm
from biobank_desktop.persistence.queries import containers, samples
from biobank_desktop.persistence.queries import disposals as lists
from biobank_desktop.services import disposals, quarantine, releases, use

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

SWEDEN = ReleaseForm(
    study="PEG-asparaginase activity in induction",
    recipient="Dr. L. Berg",
    institution="Karolinska University Hospital",
    country="SE",
    recipient_kind="academic",
    bdac="BDAC-2026-014",
    uses=("study",),
    transport="dry-ice",
    address="Karolinskavägen 37A\n171 76 Solna",
)
OWN = ReleaseForm(
    study="CNS flow cytometry",
    recipient="Dr. R. Peters",
    institution="Princess Máxima Center",
    country="NL",
    recipient_kind="own-institute",
    bdac="BDAC-2026-021",
    uses=("study", "genetic"),
    transport="by-hand",
)


@dataclass(frozen=True)
class Scene:
    """Who works, and vials that lie in their boxes: of donors who agreed, and of one who withdraws."""

    store: Store
    technician: Actor
    other: Actor
    manager: Actor
    vials: Sequence[str]
    now: datetime


def stored_plasma(connection: Connection, donors: Sequence[str]) -> list[str]:
    """The vials of plasma of these donors that lie in boxes, donor by donor."""
    rows = [row for donor in donors for row in samples.of_donor(connection, codes.number(donor))]
    lying = containers.places(connection, [row.id for row in rows])
    return [row.code for row in rows if row.material == "PL1" and row.id in lying]


def from_the_freezer(scene: Scene) -> None:
    """One vial is out since the morning, one was used in part, one up, one cannot be found."""
    out, part, up, lost = scene.vials[:4]
    use.check_out(scene.store, scene.technician, [out], "Asparaginase activity, run 12.")
    use.use(scene.store, scene.technician, UseForm(part, "use-a2g", "Trial thaw", ul=100))
    use.use(scene.store, scene.other, UseForm(up, "store", "Viability check", last=True))
    use.report_lost(scene.store, scene.other, lost, "Not in its place at the count of the box.")


def to_studies(scene: Scene) -> None:
    """A release that has left, and one that is being gathered."""
    no = releases.open_release(scene.store, scene.technician, SWEDEN)
    releases.choose(scene.store, scene.technician, no, scene.vials[4:9])
    releases.issue(scene.store, scene.manager, no)
    no = releases.open_release(scene.store, scene.other, OWN)
    releases.choose(scene.store, scene.other, no, scene.vials[9:13])


def not_as_it_should_be(scene: Scene) -> None:
    """A centrifuge that ran warm: two of its vials wait for the manager, one was accepted."""
    held = scene.vials[13:16]
    found = NonconformityForm(
        "device",
        "Centrifuge Rotina 420 ran at 24 °C during the plasma spin.",
        scene.now - timedelta(hours=3),
        Cause(device="Rotina 420"),
        tuple(held),
    )
    no = quarantine.report(scene.store, scene.technician, found)
    why = "Spun for two minutes only before it was noticed."
    quarantine.decide(scene.store, Signed(scene.manager), no, held[:1], "accept", why)


def after_a_withdrawal(scene: Scene) -> None:
    """Of the list that a withdrawal has opened a part is destroyed, and less of it witnessed."""
    with scene.store.read() as connection:
        opened = next(one for one in lists.lists(connection) if one.reason == "withdrawal")
        waiting = [line.code for line in lists.lines(connection, opened.no) if line.action == "destroy"]
    done = waiting[: len(waiting) // 2]
    disposals.take_away(scene.store, scene.technician, opened.no, done, "Autoclaved.")
    seen = done[: len(done) // 2]
    disposals.witness(scene.store, Signed(scene.manager), opened.no, seen)
