"""What intake asks the database: whose a code is, where vials could go, what is left to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.scans import TUBE_ISSUER
from biobank_desktop.gui.intake.receipt_sheet import Known
from biobank_desktop.persistence.queries import containers, donors, people, samples
from biobank_desktop.persistence.queries.preprinted import codes_on
from biobank_desktop.services import placing, records
from biobank_desktop.services.labels import label_of
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Decision
    from biobank_desktop.domain.labels import Label
    from biobank_desktop.domain.protocols import PlannedVials
    from biobank_desktop.persistence.queries.containers import Place
    from biobank_desktop.persistence.queries.samples import ReceiptRow, SampleRow, StepRow
    from biobank_desktop.services.placing import Proposal
    from biobank_desktop.services.records import BoxView


@dataclass(frozen=True)
class Foreign:
    """Whose a foreign code is: a tube that was received, a donor's laboratory number, or nobody's."""

    code: str
    tube_id: int | None = None
    donor: Known | None = None


@dataclass(frozen=True)
class Target:
    """A box with the positions proposed in it for one material."""

    proposal: Proposal
    view: BoxView


@dataclass(frozen=True)
class Work:
    """A registered tube at the bench: its vials, their labels and places, and where the rest could go."""

    tube: SampleRow
    receipt: ReceiptRow
    tube_code: str
    vials: tuple[SampleRow, ...]
    labels: dict[int, str]
    places: dict[int, Place]
    where: dict[int, str]
    steps: tuple[StepRow, ...]
    targets: tuple[Target, ...]
    decision: Decision
    first_labels: tuple[Label, ...]

    def of_state(self, *states: str) -> list[SampleRow]:
        """The vials in these states."""
        return [vial for vial in self.vials if vial.state in states]

    @property
    def live(self) -> list[SampleRow]:
        """The vials that are not void."""
        return [vial for vial in self.vials if vial.state != "void"]

    @property
    def done(self) -> bool:
        """Whether every vial lies in its place."""
        return all(vial.id in self.places for vial in self.live)


def find_donor(connection: Connection, text: str) -> Known | None:
    """The donor of an own code or a laboratory number, None when there is none or more than one."""
    code = codes.parse(text)
    if code is not None:
        found = [codes.number(code)] if codes.kind_of(code) is CodeKind.DONOR else []
    else:
        found = [
            object_id
            for object_id, _issuer in donors.by_alias(connection, text)
            if codes.kind_of(codes.from_number(object_id)) is CodeKind.DONOR
        ]
    return known_donor(connection, found[0]) if len(set(found)) == 1 else None


def known_donor(connection: Connection, donor_id: int) -> Known | None:
    """A donor with the protocol and the tubes there are."""
    donor = donors.donor(connection, donor_id)
    if donor is None:
        return None
    taken = frozenset(samples.tubes_at(connection, donor.id))
    return Known(donor, reference().protocol(donor.protocol), taken)


def foreign(connection: Connection, code: str) -> Foreign:
    """Whose a foreign code is."""
    for object_id, issuer in donors.by_alias(connection, code):
        if issuer == TUBE_ISSUER:
            return Foreign(code, tube_id=object_id)
    return Foreign(code, donor=find_donor(connection, code))


def names(connection: Connection) -> dict[str, str]:
    """The names of persons by login."""
    return {person.login: person.name for person in people.people(connection)}


def targets(connection: Connection, donor_id: int, wanted: Sequence[tuple[str, int]]) -> tuple[Target, ...]:
    """A box for each (material, count), the positions of two materials in one box one after the other."""
    found: list[Target] = []
    for material, count in wanted:
        ahead = sum(len(one.proposal.positions) for one in found if one.proposal.material != material)
        proposal = placing.propose(connection, donor_id, material, count + ahead)
        if proposal is None:
            continue
        used = {
            at for one in found if one.proposal.box_id == proposal.box_id for at in one.proposal.positions
        }
        kept = _without(proposal, used, count)
        found.append(Target(kept, records.box_view(connection, proposal.box_id)))
    return tuple(found)


def _without(proposal: Proposal, used: set[tuple[int, int]], count: int) -> Proposal:
    free = [pair for pair in zip(proposal.positions, proposal.labels, strict=True) if pair[0] not in used][
        :count
    ]
    positions, labels = tuple(at for at, _label in free), tuple(label for _at, label in free)
    return replace(proposal, positions=positions, labels=labels)


def planned_targets(
    connection: Connection, donor_id: int, plan: Sequence[PlannedVials]
) -> tuple[Target, ...]:
    """Where planned vials could go."""
    counts: dict[str, int] = {}
    for vials in plan:
        counts[vials.material] = counts.get(vials.material, 0) + max(vials.count, 0)
    return targets(connection, donor_id, [pair for pair in counts.items() if pair[1] > 0])


def work_of(connection: Connection, tube_id: int) -> Work:
    """Everything about a registered tube that its bench work needs. Raises ``NotFound``."""
    record = records.sample_record(connection, tube_id, datetime.now(UTC))
    left: dict[str, int] = {}
    for vial in record.vials:
        if vial.state != "void" and vial.id not in record.places:
            left[vial.material] = left.get(vial.material, 0) + 1
    labels = {vial.id: containers.newest_label(connection, vial.id) for vial in record.vials}
    labels |= dict.fromkeys(codes_on(connection, labels), (0, "verified"))
    views = {
        box_id: records.box_view(connection, box_id)
        for box_id in {place.container_id for place in record.places.values()}
    }
    where = {
        item: f"{views[at.container_id].container.name} / "
        f"{views[at.container_id].grid.label((at.row_no, at.column_no))}"
        for item, at in record.places.items()
    }
    alias = [value for issuer, value in donors.lab_numbers(connection, tube_id) if issuer == TUBE_ISSUER]
    return Work(
        tube=record.tube,
        receipt=record.receipt,
        tube_code=alias[0] if alias else "",
        vials=record.vials,
        labels={item: state[1] for item, state in labels.items() if state},
        places=record.places,
        where=where,
        steps=record.steps,
        targets=targets(connection, record.donor.id, list(left.items())),
        decision=record.decision,
        first_labels=tuple(label_of(connection, vial.id) for vial in record.vials[:2]),
    )
