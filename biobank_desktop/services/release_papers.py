"""What travels with a release, read from the database: the note, and the proof of every vial."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.domain.releases import number
from biobank_desktop.language import _, chosen, countries, say, say_date, say_value
from biobank_desktop.papers.proof import proof_pdf
from biobank_desktop.papers.recipients import Recipient
from biobank_desktop.papers.release_note import (
    LeftOut,
    NoteLine,
    ReleaseNote,
    Transport,
    release_note_pdf,
)
from biobank_desktop.persistence.queries import containers, releases
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.paper_files import written_together
from biobank_desktop.services.papers import lab_name
from biobank_desktop.services.proof_keys import signing_key
from biobank_desktop.services.proofs import leaving, proof_of
from biobank_desktop.services.releases import issued_release, problems_of
from biobank_desktop.services.storage import path_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.releases import ReleaseRow
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.proofs import Leaving

_SHOWN = 16
"""So much of a proof's SHA-256 is enough to tell which file is meant."""


@dataclass(frozen=True)
class _Vial:
    """A vial of a release: its line of the note, its proof, and who let it leave."""

    line: NoteLine
    proof: bytes
    released_by: str


def note_of(connection: Connection, no: int) -> ReleaseNote:
    """What the note of an issued release says; every vial's proof is made for its hash.

    Raises as ``proofs.signed_proof`` does.
    """
    issued_release(connection, no)
    return _note(connection, no, [_vial(connection, no, code) for code in issued_vials(connection, no)])


def write_papers(store: Store, no: int, folder: Path) -> Steps[tuple[Path, ...]]:
    """The proofs of all vials of a release and its note in a folder, all of them or none; the note is last.

    Returns their files. Raises as ``proofs.signed_proof`` does, and ``Unavailable`` when the disk refuses.
    """
    with store.read() as connection:
        release = issued_release(connection, no)
        wanted = issued_vials(connection, no)
    name = number(release.no, release.opened_at.year)
    vials = []
    with written_together(folder) as files:
        for done, code in enumerate(wanted):
            yield Progress(done, len(wanted) + 1)
            with store.read() as connection:
                vial = _vial(connection, no, code)
            files.add(f"{name}-{code}.pdf", vial.proof)
            vials.append(vial)
        yield Progress(len(wanted), len(wanted) + 1)
        with store.read() as connection:
            note = _note(connection, no, vials)
        files.add(f"{name}.pdf", release_note_pdf(note))
    return files.paths


def issued_vials(connection: Connection, no: int) -> list[str]:
    """The codes of the vials that left with a release."""
    return [line.code for line in releases.lines(connection, no) if line.state == "issued"]


def recipient_of(release: ReleaseRow, language: str) -> Recipient:
    """Who a release went to, the country in a language."""
    return Recipient(
        name=release.recipient,
        institution=release.institution,
        address=tuple(filter(None, map(str.strip, release.address.splitlines()))),
        country=countries(language)[release.country],
        kind=say_value(release.recipient_kind),
    )


def _vial(connection: Connection, no: int, code: str) -> _Vial:
    proof = proof_of(connection, no, code)
    file = proof_pdf(proof, signing_key(connection))
    left = leaving(connection, no, codes.number(code))
    decimal = "," if chosen() == "nl" else "."
    consent = proof.consent
    line = NoteLine(
        code=code,
        material=say_value(proof.provenance.material),
        time_point=proof.provenance.time_point or "",
        amount=format_amount(proof.amount.volume_ul, proof.amount.cells, decimal, _("cells")),
        position=_lay_in(connection, left),
        sprec=proof.sprec.code or "",
        decision=f"{say_value(consent.verdict)}, {consent.rules_version}, {say_date(consent.decided_on)}",
        proof=sha256(file).hexdigest()[:_SHOWN],
    )
    return _Vial(line, file, left.event.name)


def _lay_in(connection: Connection, left: Leaving) -> str:
    """Where a sample lay until it left; "" when nowhere."""
    place = left.place
    box = containers.container(connection, place["container_id"]) if place else None
    if place is None or box is None:
        return ""
    return (
        f"{path_text(connection, box.id)} / {grid_of(box.kind).label((place['row_no'], place['column_no']))}"
    )


def _note(connection: Connection, no: int, vials: Sequence[_Vial]) -> ReleaseNote:
    release = issued_release(connection, no)
    assert release.issued_at is not None
    return ReleaseNote(
        lab=lab_name(connection, chosen()),
        number=number(release.no, release.opened_at.year),
        study=release.study,
        recipient=recipient_of(release, chosen()),
        bdac=release.bdac,
        purposes=tuple(map(say_value, release.purposes)),
        transport=Transport(say_value(release.transport), courier="", tracking=""),
        released_at=release.issued_at,
        released_by=vials[0].released_by,
        lines=tuple([vial.line for vial in vials]),
        left_out=_left_out(connection, no),
    )


def _left_out(connection: Connection, no: int) -> tuple[LeftOut, ...]:
    """What was refused, or taken out because consent no longer permitted it; not what nobody wanted."""
    kept = [line for line in releases.lines(connection, no) if line.state != "issued" and line.reasons]
    return tuple([LeftOut(line.code, tuple(map(say, problems_of(line.reasons)))) for line in kept])
