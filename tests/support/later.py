"""The later life of vials, command by command: most of them want the same vial of the same donor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from biobank_desktop.domain import codes
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.domain.use import UseForm
from biobank_desktop.services import disposals, quarantine, releases, storage, use
from biobank_desktop.services.deriving import DerivationForm, derive
from biobank_desktop.services.storage import ContainerForm
from tests.support.databases import ANNA, BO
from tests.support.leaving import STUDY, found_wrong, kept, signed

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from biobank_desktop.persistence.store import Store
    from tests.support.repertoire import Stage

OWN = replace(STUDY, recipient_kind="own-institute", country="NL", transport="by-hand")
"""What consent to the protocol's studies is enough for."""
VIALS = 8


@dataclass(frozen=True)
class Later:
    """The vials of another tube of the donor, by what has become of them, and the numbers around them.

    ``wanted`` is chosen for the open ``release``; ``held`` under ``finding``, while ``judged`` was accepted
    under ``settled``; ``to_go`` and ``gone`` are on ``going``, ``seen`` is witnessed on ``ended``.
    """

    wanted: str
    out: str
    out_by: str
    lost: str
    held: str
    judged: str
    to_go: str
    gone: str
    seen: str
    release: int
    finding: int
    settled: int
    going: int
    ended: int


def set_later(store: Store, donor: str) -> Later:
    """Let vials of a donor be in every state of their later life."""
    with store.read() as connection:
        asked = "SELECT id FROM container WHERE name = 'F80-01 S1'"
        shelf = codes.from_number(connection.exec_driver_sql(asked).scalar_one())
    box = storage.add_container(store, ANNA, ContainerForm("Box 9 × 9", "BX009", None, shelf))
    wanted, out, lost, held, judged, to_go, gone, seen = kept(store, BO, box, VIALS, donor).vials
    release = releases.open_release(store, BO, OWN)
    releases.choose(store, BO, release, [wanted])
    out_by = uuid4()
    use.check_out(store, BO, [out], "assay", out_by)
    use.report_lost(store, BO, lost, "not in its place")
    finding = quarantine.report(store, BO, found_wrong(held))
    settled = quarantine.report(store, BO, found_wrong(judged))
    quarantine.decide(store, signed(), settled, [judged], "accept", "cold enough")
    going = disposals.open_list(store, ANNA, "expired", "destroy", [to_go, gone], "ten years old")
    disposals.take_away(store, BO, going, [gone])
    ended = disposals.open_list(store, ANNA, "expired", "destroy", [seen], "ten years old")
    disposals.take_away(store, BO, ended, [seen])
    disposals.witness(store, signed(), ended, [seen])
    numbers = {"release": release, "finding": finding, "settled": settled, "going": going, "ended": ended}
    return Later(wanted, out, str(out_by), lost, held, judged, to_go, gone, seen, **numbers)


def _dna(source: str) -> DerivationForm:
    return DerivationForm(source, "use-a2g", "panel", PlannedVials("DNA", 1, 50))


def _of(gesture: Callable[[Store, Later, UUID], Any]) -> Callable[[Store, Stage, UUID], Any]:
    def done(store: Store, stage: Stage, command: UUID) -> object:
        assert stage.later is not None
        return gesture(store, stage.later, command)

    return done


LATER_LIFE: dict[str, Callable[[Store, Stage, UUID], Any]] = {
    "checked-out": _of(lambda store, at, command: use.check_out(store, BO, [at.wanted], "assay", command)),
    "checked-in": _of(
        lambda store, at, command: use.check_in(store, BO, [at.out], thawed=True, command_id=command)
    ),
    "used": _of(
        lambda store, at, command: use.use(store, BO, UseForm(at.wanted, "use-a2g", "assay", ul=100), command)
    ),
    "derived": _of(lambda store, at, command: derive(store, BO, _dna(at.wanted), command)),
    "reported-lost": _of(
        lambda store, at, command: use.report_lost(store, BO, at.wanted, "not in its place", command)
    ),
    "reported-broken": _of(
        lambda store, at, command: use.report_broken(store, BO, at.wanted, "fell", command)
    ),
    "turned-up": _of(
        lambda store, at, command: use.turned_up(store, BO, at.lost, "in the next box", command)
    ),
    "use-undone": _of(lambda store, at, command: use.undo(store, BO, at.out_by, command)),
    "nonconformity-reported": _of(
        lambda store, at, command: quarantine.report(store, BO, found_wrong(at.wanted), command)
    ),
    "quarantine-extended": _of(
        lambda store, at, command: quarantine.hold_more(store, BO, at.settled, [at.wanted], command)
    ),
    "quarantine-decided": _of(
        lambda store, at, command: quarantine.decide(
            store, signed(), at.finding, [at.held], "destroy", "warm", command
        )
    ),
    "nonconformity-closed": _of(
        lambda store, at, command: quarantine.close(store, ANNA, at.settled, "serviced", command)
    ),
    "release-opened": _of(lambda store, _at, command: releases.open_release(store, BO, OWN, command)),
    "release-changed": _of(
        lambda store, at, command: releases.change_release(
            store, BO, at.release, replace(OWN, bdac="BDAC-2026-015"), "a new number", command
        )
    ),
    "vials-chosen": _of(
        lambda store, at, command: releases.choose(store, BO, at.release, [at.wanted], command)
    ),
    "vials-dropped": _of(
        lambda store, at, command: releases.drop(store, BO, at.release, [at.wanted], "not needed", command)
    ),
    "release-issued": _of(lambda store, at, command: releases.issue(store, ANNA, at.release, command)),
    "release-cancelled": _of(
        lambda store, at, command: releases.cancel(store, BO, at.release, "called off", command)
    ),
    "disposal-opened": _of(
        lambda store, at, command: disposals.open_list(
            store, ANNA, "expired", "destroy", [at.wanted], "ten years old", command
        )
    ),
    "disposal-done": _of(
        lambda store, at, command: disposals.take_away(store, BO, at.going, [at.to_go], "", command)
    ),
    "disposal-undone": _of(
        lambda store, at, command: disposals.take_back(store, BO, at.going, [at.gone], "a slip", command)
    ),
    "disposal-witnessed": _of(
        lambda store, at, command: disposals.witness(store, signed(), at.going, [at.gone], command)
    ),
    "disposal-line-dropped": _of(
        lambda store, at, command: disposals.drop_line(
            store, ANNA, at.going, at.to_go, "still needed", command
        )
    ),
    "disposal-closed": _of(lambda store, at, command: disposals.close_list(store, BO, at.ended, command)),
}
"""Each kind of command of the later life, on the stage of ``set_later``."""
