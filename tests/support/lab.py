"""A small working lab inside a founded one: donors with consent, a freezer, boxes, a received tube."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.intake import DonorForm, ReceiptForm
from biobank_desktop.domain.people import Actor
from biobank_desktop.services import consent, donors, forms, intake, processing, storage
from biobank_desktop.services.reference import reference
from biobank_desktop.services.rules import NewRules

if TYPE_CHECKING:
    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.intake import Received

ANNA = Actor("anna", "Anna", "administrator", "bench-1")
PROTOCOL = "ALLTogether1"


@dataclass(frozen=True)
class Boxes:
    """Where things can be put: a −80 freezer with a box and an overnight container, a LN2 tank with a box."""

    plasma: str
    overnight: str
    nitrogen: str


def add_boxes(store: Store, actor: Actor = ANNA, *, prefix: str = "") -> Boxes:
    """Set up the freezers; ``prefix`` begins every name."""

    def add(kind: str, name: str, temperature: str | None = None, inside: str | None = None) -> str:
        return storage.add_container(
            store, actor, storage.ContainerForm(kind, prefix + name, temperature, inside)
        )

    freezer = add("Freezer −80", "F80-01", "-80")
    shelf = add("Freezer shelf", "F80-01 S1", None, freezer)
    tank = add("LN2 vapour tank", "LN2-01", "ln2")
    tower = add("LN2 tower", "LN2-01 T1", None, tank)
    return Boxes(
        plasma=add("Box 9 × 9", "BX001", None, shelf),
        overnight=add("Overnight freezing container", "CoolCell 1", None, shelf),
        nitrogen=add("Box 9 × 9", "BX002", None, tower),
    )


def add_donor(store: Store, actor: Actor, **changes: Any) -> str:
    """A boy of eight."""
    form = DonorForm("male", date(2018, 5, 4), None, "patient", (), PROTOCOL)
    return donors.register_donor(store, actor, replace(form, **changes))


def consent_of_both(store: Store, actor: Actor, donor: str) -> None:
    """Both parents say yes to everything that storing and using needs."""
    answers = {"STORE": "yes", "USE_A2G": "yes"}
    for parent in ("mother", "father"):
        form = consent.ConsentForm(donor, "given", parent, date(2026, 11, 2), date(2026, 11, 3), answers)
        consent.record_consent(store, actor, form)


def paper_for(audience: str, form: str = "ALLTogether1 biobank", language: str = "nl") -> FormVersion:
    """The shipped version of a form for an audience."""
    wanted = (form, audience, language)
    return next(one for one in forms.shipped_forms() if (one.form, one.audience, one.language) == wanted)


def consent_on_paper(
    store: Store, actor: Actor, donor: str, paper: FormVersion, signatory: str, **more: Any
) -> int:
    """A yes to everything that a form asks, and how it was signed; the line's number."""
    answers = {item.code: "yes" for item in paper.items}
    authority = "parental" if paper.audience == "parents" else "own"
    form = consent.ConsentForm(
        donor, "given", signatory, date(2026, 11, 2), date(2026, 11, 3), answers, paper=paper.id,
        authority=authority, obtained_by="dr. J. de Boer", original_at="HiX 2026-1188",
    )  # fmt: skip
    return consent.record_consent(store, actor, replace(form, **more))


def other_rules(
    version: str, valid_from: date | None = None, why: str = "METC 2026/12", **changes: Any
) -> NewRules:
    """The shipped rules, changed, from a day on; else from today on."""
    changed = replace(reference().consent_rules, version=version, **changes)
    return NewRules(changed, valid_from or local_day(datetime.now(UTC)), "FG Máxima", why)


def receipt(donor: str, **changes: Any) -> ReceiptForm:
    """Bone marrow at diagnosis, received a moment ago, everything observed."""
    received = datetime.now(UTC) - timedelta(minutes=2)
    form = ReceiptForm(
        tube_code="HX26110042",
        donor=donor,
        material="BMA",
        container="SHP",
        time_point="DX",
        drawn_at=received - timedelta(hours=4),
        received_at=received,
        volume_ul=3200,
        temperature="room",
        conditions=(),
        acceptance="accepted",
        origin="residual",
        pull_number=1,
        released_at=None,
        plan=reference().protocol(PROTOCOL).plan("BMA", "DX"),
    )
    return replace(form, **changes)


def receive(store: Store, actor: Actor, donor: str, **changes: Any) -> Received:
    """Receive that tube."""
    return intake.receive(store, actor, receipt(donor, **changes))


def fill_all(store: Store, actor: Actor, received: Received) -> None:
    """Fill every vial as planned."""
    processing.fill(
        store,
        actor,
        [
            FillForm(vial.code, volume_ul=1000, cells=10_000_000, viability_percent=95)
            if vial.material == "CEL"
            else FillForm(vial.code, volume_ul=500)
            for vial in received.vials
        ],
    )


def vials_of(received: Received, material: str) -> list[str]:
    """The codes of a receipt's vials of one material."""
    return [vial.code for vial in received.vials if vial.material == material]
