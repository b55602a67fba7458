"""What the proof of a vial says, read from the database as it was when the vial left, and signed.

Nothing of now is in it: the same release gives the same bytes whenever it is asked, in the language of who
asks, as long as nothing was corrected. Of an erased donor it says what was kept: how consent came about
cannot be told without the ages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent_record import GIVING, counted
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.proofs import (
    Amount,
    CodedAs,
    Permission,
    Proof,
    Provenance,
    ReleasedTo,
    Written,
)
from biobank_desktop.domain.releases import number
from biobank_desktop.domain.sprec import code
from biobank_desktop.domain.texts import printable
from biobank_desktop.language import chosen, countries
from biobank_desktop.papers.proof import proof_pdf
from biobank_desktop.persistence import seals
from biobank_desktop.persistence.queries import donors, history, samples
from biobank_desktop.persistence.queries.standing import consumptions
from biobank_desktop.services.brisq import Described, brisq
from biobank_desktop.services.gate import decide_again, line_of, reason_of, record_of
from biobank_desktop.services.papers import lab_name, sentences
from biobank_desktop.services.proof_keys import signing_key
from biobank_desktop.services.reference import reference
from biobank_desktop.services.releases import issued_release
from biobank_desktop.services.sprec import facts_of, stays_told
from biobank_desktop.services.standing import found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from biobank_desktop.domain.sprec import SprecFacts
    from biobank_desktop.persistence.queries.donors import DecisionRow, DonorRow
    from biobank_desktop.persistence.queries.history import Change, EventRow
    from biobank_desktop.persistence.queries.releases import ReleaseRow
    from biobank_desktop.persistence.queries.samples import ReceiptRow, SampleRow
    from biobank_desktop.persistence.store import Store

MOST_EVENTS = 30
"""So many hashes have their place in the symbol; of more, the first and the newest."""


@dataclass(frozen=True)
class Leaving:
    """How a sample left: its events until then, and the one of them in its donor's stream that says so."""

    sample_id: int
    events: tuple[EventRow, ...]
    event: EventRow

    @property
    def place(self) -> Mapping[str, Any] | None:
        """The placement that ended when it left; None when it lay nowhere."""
        command = [one for one in self.events if one.command == self.event.command]
        ended = [change for one in command for change in one.changes if change.table == "placement"]
        return next((change.old for change in ended if change.key == (self.sample_id,)), None)


def leaving(connection: Connection, no: int, sample_id: int) -> Leaving:
    """How a sample left with a release. Raises ``Rejected`` (``not-in-this-release``) when it did not."""
    events = history.of_objects(connection, [sample_id])
    for event in events:
        if any(_issues(change, no, sample_id) for change in event.changes):
            last = max(one.id for one in events if one.command == event.command)
            return Leaving(sample_id, tuple([one for one in events if one.id <= last]), event)
    shown = {"code": codes.group(codes.from_number(sample_id)), "no": no}
    raise Rejected(Problem("sample", "not-in-this-release", shown))


def _issues(change: Change, no: int, sample_id: int) -> bool:
    line = change.table == "release_line" and change.key == (no, sample_id)
    return line and change.new is not None and change.new.get("state") == "issued"


def signed_proof(store: Store, no: int, sample_code: str) -> bytes:
    """The proof of a vial of a release as a PDF, signed by the lab; raises as ``proof_of``.

    Also ``Rejected`` when the lab has no key, and when the proof is too long for its page or its symbol.
    """
    with store.read() as connection:
        proof, private = proof_of(connection, no, sample_code), signing_key(connection)
    return proof_pdf(proof, private)


def proof_of(connection: Connection, no: int, sample_code: str) -> Proof:
    """What the proof of a vial of an issued release says.

    Raises ``NotFound``, and ``Rejected``: the release is not issued, the vial is not in it, it was found to
    be of another donor since, or no seal covers its leaving yet (``proof-not-sealed``: for a second).
    """
    release = issued_release(connection, no)
    (row,) = found(connection, [sample_code], "sample")
    left = leaving(connection, no, row.id)
    if row.donor_id != left.event.stream:
        raise Rejected(Problem("sample", "proof-of-other-donor", {"code": codes.group(row.code)}))
    tube, receipt, facts = _recorded(connection, row, release, left)
    coded = code(reference().sprec, facts)
    assert release.issued_at is not None
    described = Described(row, tube, receipt, facts, release.issued_at, release.transport)
    return Proof(
        provenance=_provenance(connection, described),
        sprec=CodedAs(None if row.kind == "tube" else coded.text or None, coded.version),
        brisq=brisq(described),
        amount=_amount(connection, row, left),
        consent=_permission(connection, release, left.event),
        release=ReleasedTo(
            number=number(release.no, release.opened_at.year),
            study=printable(release.study),
            recipient=printable(release.institution),
            country=countries(chosen())[release.country],
            bdac=printable(release.bdac),
        ),
        history=_written(connection, left),
    )


def _recorded(
    connection: Connection, row: SampleRow, release: ReleaseRow, left: Leaving
) -> tuple[SampleRow, ReceiptRow, SprecFacts]:
    """The tube that a sample came from, how it came in, and what was done until the sample left."""
    tube, receipt = samples.sample(connection, row.tube_id), samples.receipt(connection, row.tube_id)
    assert tube is not None
    assert receipt is not None
    assert release.issued_at is not None
    steps = [one for one in samples.steps(connection, tube.id) if one.started_at <= release.issued_at]
    stays = stays_told(connection, left.events, [row.id])[row.id]
    return tube, receipt, facts_of(row, tube, receipt, steps, stays)


def _provenance(connection: Connection, one: Described) -> Provenance:
    row, facts = one.sample, one.facts
    return Provenance(
        lab=printable(lab_name(connection, chosen())),
        donor=codes.from_number(row.donor_id),
        tube=one.tube.code,
        vial=row.code,
        material=row.material,
        source=row.parent_material,
        kind=row.kind,  # type: ignore[arg-type]
        time_point=printable(row.time_point) or None,
        drawn_at=one.tube.drawn_at,
        received_at=one.receipt.received_at,
        processed_at=facts.spins[0].started_at if facts.spins else row.filled_at,
        frozen_at=facts.frozen_at,
        stays=facts.stays,
    )


def _amount(connection: Connection, row: SampleRow, left: Leaving) -> Amount:
    """What was left in it: less what was used and made of it until then."""
    until = {(change.table, change.key) for event in left.events for change in event.changes}
    uses = [one for one in consumptions(connection, row.id) if ("consumption", (row.id, one.no)) in until]
    made = [one for one in samples.vials(connection, row.id) if ("sample", (one.id,)) in until]
    ul = sum(one.ul or 0 for one in uses) + sum(one.taken_ul or 0 for one in made)
    cells = sum(one.cells or 0 for one in uses) + sum(one.taken_cells or 0 for one in made)
    return Amount(_less(row.volume_ul, ul), _less(row.cells, cells))


def _less(amount: int | None, taken: int) -> int | None:
    return None if amount is None else max(amount - taken, 0)


def _permission(connection: Connection, release: ReleaseRow, event: EventRow) -> Permission:
    """The decisions that were kept with the command that let the vial leave."""
    donor = donors.donor(connection, event.stream)
    assert donor is not None
    kept = {
        one.purpose: one for one in donors.decisions(connection, donor.id) if one.command_id == event.command
    }
    decisions = [kept[purpose] for purpose in release.purposes]
    first = decisions[0]
    return Permission(
        purposes=release.purposes,
        verdict=first.verdict,  # type: ignore[arg-type]
        rules_version=printable(first.rules_version),
        forms=_forms(connection, first),
        consent_head=first.consent_head,
        decided_on=first.decided_on,
        known_on=first.known_on,
        reasons=_once(text for one in decisions for text in sentences(map(reason_of, one.reasons))),
        steps=_once(text for text in _steps(connection, donor, decisions)),
    )


def _steps(connection: Connection, donor: DonorRow, decisions: Sequence[DecisionRow]) -> list[str]:
    """The ways to the verdicts, found again by the rules of then; none when they cannot be."""
    _record, book = record_of(connection, donor)
    lines = donors.lines(connection, donor.id)
    again = [decide_again(one, donor, lines, book) for one in decisions]
    return [text for one in again if one is not None for text in sentences(one.steps)]


def _forms(connection: Connection, kept: DecisionRow) -> tuple[str, ...]:
    """The versions of forms that were answered in the lines that counted then."""
    seen = [one for one in donors.lines(connection, kept.donor_id) if one.no <= kept.consent_head]
    standing = counted([line_of(one, one.paper) for one in seen], kept.decided_on, kept.known_on)
    named = [(one.form, one.form_version) for one in standing if one.kind in GIVING]
    return _once(", ".join(filter(None, names)) for names in named)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in order, as one line; without the empty ones."""
    return tuple(filter(None, dict.fromkeys(map(printable, texts))))


def _written(connection: Connection, left: Leaving) -> Written:
    numbers = [one.id for one in left.events]
    seal = seals.first_over(connection, numbers)
    if seal is None:
        raise Rejected(Problem("", "proof-not-sealed"))
    if len(numbers) > MOST_EVENTS:
        numbers = [*numbers[: MOST_EVENTS // 2], *numbers[-MOST_EVENTS // 2 :]]
    hashes = [one.hex() for one in history.hashes(connection, numbers)]
    return Written(tuple(hashes), seal.size, seal.root.hex())
