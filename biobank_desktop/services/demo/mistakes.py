"""What goes wrong in every lab, in the demonstration lab: each once, by the services that mend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from biobank_desktop.services.consent import ConsentForm, correct_consent, record_consent
from biobank_desktop.services.corrections import correct, reattribute
from biobank_desktop.services.demo.bench import Visit
from biobank_desktop.services.labels import reprint
from biobank_desktop.services.placing import place, take_out, undo
from biobank_desktop.services.processing import make_void

if TYPE_CHECKING:
    from datetime import date, datetime

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.demo.bench import Bench
    from biobank_desktop.services.demo.storage import Storage
    from biobank_desktop.services.intake import Received


@dataclass(frozen=True)
class Scene:
    """Where mistakes happen: two donors with complete consent, and the stored tubes of one of them."""

    store: Store
    bench: Bench
    storage: Storage
    donor: str
    other: str
    stored: tuple[Received, ...]
    now: datetime


def on_the_bench(scene: Scene) -> None:
    """Tubes of the last days: not released, clotted, refused at inspection, half done, one vial broken."""
    hours_ago = [scene.now - timedelta(hours=hours) for hours in (5, 6, 7, 8, 30, 32)]
    visits = [
        Visit(scene.donor, "BMA", "UNSCH", hours_ago[0], "planned", released=False),
        Visit(scene.donor, "BLD", "UNSCH", hours_ago[1], "labelled"),
        Visit(scene.donor, "CSF", "UNSCH", hours_ago[2], "filled", ("bloody",), "accepted-with-deviation"),
        Visit(scene.other, "BLD", "UNSCH", hours_ago[3], "planned", ("clot",), "rejected"),
        Visit(scene.other, "BMA", "UNSCH", hours_ago[4], "overnight", ("clot",), "accepted-with-deviation"),
        Visit(scene.donor, "BMA", "UNSCH", hours_ago[5], "overnight"),
    ]
    received = [scene.bench.do(visit) for visit in visits]
    broken = received[1].vials[0].code
    make_void(scene.store, scene.bench.next_technician, broken, "Vial broke in the rack.")


def in_the_records(scene: Scene) -> None:
    """A wrong time point, a family of the wrong donor, a damaged label, a scan taken back, a vial moved."""
    someone = scene.bench.next_technician
    tube, family, labelled = scene.stored[0], scene.stored[1], scene.stored[2]
    why = "Time point read from the wrong line of the request."
    correct(scene.store, someone, tube.tube, {"time_point": "UNSCH"}, why)
    why = "Request form of another family was stapled to this tube."
    reattribute(scene.store, someone, family.tube, scene.other, why)
    reprint(scene.store, someone, labelled.vials[0].code, "damaged", "Frozen over, unreadable.")
    moved = labelled.vials[-1]
    take_out(scene.store, someone, moved.code, "Wrong box.")
    placed = place(scene.store, someone, scene.storage.box_for(moved.material, 1), moved.code)
    undo(scene.store, someone, placed.command)
    place(scene.store, someone, scene.storage.box_for(moved.material, 1), moved.code)


def in_the_consents(store: Store, scene: Scene, donor: str, signed_on: date) -> None:
    """A line entered for the wrong parent: struck out, and entered again for the right one."""
    someone = scene.bench.next_technician
    wrong = ConsentForm(donor, "refused", "father", signed_on, signed_on + timedelta(days=2), {"STORE": "no"})
    line = record_consent(store, someone, wrong)
    correct_consent(store, someone, donor, line, "Refusal of another family, entered for the wrong donor.")
