"""A freezer with vials that may leave: donors who agreed to it, tubes that diagnostics let go of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.nonconformities import Cause, NonconformityForm
from biobank_desktop.domain.people import Signed
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.domain.releases import ReleaseForm
from biobank_desktop.persistence.queries import donors
from biobank_desktop.services import consent, placing
from tests.support.lab import ANNA, add_donor, fill_all, receive

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store

YES = {"STORE": "yes", "USE_A2G": "yes", "SHARE_EU": "yes"}
STUDY = ReleaseForm(
    study="PEG-asparaginase activity",
    recipient="Dr. L. Berg",
    institution="Karolinska University Hospital",
    country="SE",
    recipient_kind="academic",
    bdac="BDAC-2026-014",
    uses=("study",),
    transport="dry-ice",
    address="Karolinskavägen 37A\n171 76 Solna",
)
"""A release that the consent of ``agree`` permits."""
_TUBES = count(26_200_000)


@dataclass(frozen=True)
class Kept:
    """A donor's tube that was received and filled, with its vials in a box, in the order of their codes."""

    donor: str
    tube: str
    vials: tuple[str, ...]


def agree(store: Store, actor: Actor, donor: str, **answers: str) -> None:
    """Both parents say yes to keeping, to the studies of the protocol, to sharing within the EEA."""
    for parent in ("mother", "father"):
        form = consent.ConsentForm(
            donor, "given", parent, date(2026, 11, 2), date(2026, 11, 3), YES | answers
        )
        consent.record_consent(store, actor, form)


def kept(store: Store, actor: Actor, box: str, vials: int = 3, donor: str = "", **changes: Any) -> Kept:
    """Receive plasma that diagnostics let go of, and store its vials; of a new donor or of this one."""
    code = donor or add_donor(store, actor)
    if not donor:
        agree(store, actor, code)
    now = datetime.now(UTC)
    told: dict[str, Any] = {"released_at": now - timedelta(minutes=3), "released_by": "LKC"}
    told |= {"drawn_at": now - timedelta(hours=5), "received_at": now - timedelta(minutes=4)}
    told |= {
        "tube_code": f"HX{next(_TUBES)}",
        "plan": (PlannedVials("PL1", vials, 500),),
        "volume_ul": 60_000,
    }
    made = receive(store, actor, code, **(told | changes))
    fill_all(store, actor, made)
    codes = tuple(vial.code for vial in made.vials)
    placing.place_all(store, actor, box, [(vial, "") for vial in codes])
    return Kept(code, made.tube, codes)


def withdraw(store: Store, actor: Actor, donor: str, level: str = "W3") -> int:
    """The mother withdraws today."""
    today = local_day(datetime.now(UTC))
    form = consent.ConsentForm(donor, "withdrawn", "mother", today, today, level=level)
    return consent.record_consent(store, actor, form)


def found_wrong(*samples: str, **changes: Any) -> NonconformityForm:
    """A centrifuge that was out of order."""
    cause = Cause(device="Rotina 420")
    form = NonconformityForm("device", "Rotina 420 ran warm", datetime.now(UTC), cause, samples)
    return replace(form, **changes)


def birthdays(store: Store, donor: str) -> list[date]:
    """The days on which a donor turned or turns 12, 16 and 18: they may stand on no paper."""
    with store.read() as connection:
        row = donors.donor(connection, codes.number(donor))
    assert row is not None
    days = [day for day in (row.turns_12_on, row.turns_16_on, row.turns_18_on) if day is not None]
    assert len(days) == 3
    return days


def signed(actor: Actor = ANNA) -> Signed:
    """Somebody whose password was asked a moment ago."""
    return Signed(actor)
