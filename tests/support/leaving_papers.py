"""Papers of vials that leave, as a lab would print them in the chosen language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.language import chosen
from biobank_desktop.papers.certificate import Certificate, DestroyedLine, NotDestroyed
from biobank_desktop.papers.notice import Notice
from biobank_desktop.papers.recipients import Recipient
from biobank_desktop.papers.release_note import LeftOut, NoteLine, ReleaseNote, Transport
from tests.support.proofs import DONOR, hash_of

LAB = {"en": "Biobank of the Princess Máxima Center", "nl": "Biobank van het Prinses Máxima Centrum"}
RELEASED = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)


def vials(count: int) -> list[str]:
    """Codes of vials."""
    return codes.run(CodeKind.SAMPLE, 26, 4_000_000, count)


def recipient() -> Recipient:
    """Somebody at a university elsewhere."""
    return Recipient(
        name="Dr. Åsa Lindqvist",
        institution="Karolinska Institutet, Childhood Cancer Research Unit",
        address=("Tomtebodavägen 18A", "171 77 Stockholm"),
        country={"en": "Sweden", "nl": "Zweden"}[chosen()],
        kind={"en": "academic, within the EEA", "nl": "academisch, binnen de EER"}[chosen()],
    )


def release_note(count: int = 8, left_out: int = 2) -> ReleaseNote:
    """A shipment of cells and plasma."""
    dutch = chosen() == "nl"
    all_codes = vials(count + left_out)
    materials = (
        (("mononucleaire cellen", "plasma") if dutch else ("mononuclear cells", "plasma")),
        ("8 × 10⁶ cellen" if dutch else "8 × 10⁶ cells", "450 µL"),
        ("CEL-SHP-E-M-B-B-N", "PL1-PED-A-B-N-B-D"),
    )
    refused = (
        "Geweigerd: delen binnen de EER." if dutch else "Refused: sharing within the EEA.",
        "Nog niet vrijgegeven door de diagnostiek."
        if dutch
        else "Diagnostics has not released the tube yet.",
    )
    return ReleaseNote(
        lab=LAB[chosen()],
        number="R-2026-0007",
        study="ALLTogether1 – drug response of relapsed B-ALL",
        recipient=recipient(),
        bdac="BDAC 2026-031",
        purposes=("gebruik in ALLTogether1", "delen binnen de EER")
        if dutch
        else ("use in ALLTogether1", "sharing within the EEA"),
        transport=Transport("droogijs" if dutch else "dry ice", "World Courier", "WC 7731 0042 9"),
        released_at=RELEASED,
        released_by="sanne",
        lines=tuple(
            [
                NoteLine(
                    code=code,
                    material=materials[0][no % 2],
                    time_point="DX",
                    amount=materials[1][no % 2],
                    position=f"LN2-02 / T07 / BX00123 / C{no % 9 + 1}",
                    sprec=materials[2][no % 2],
                    decision="toegestaan, nl-1, 20 nov 2026" if dutch else "permitted, nl-1, 20 Nov 2026",
                    proof=hash_of(code)[:16],
                )
                for no, code in enumerate(all_codes[:count])
            ]
        ),
        left_out=tuple([LeftOut(code, refused[: no % 2 + 1]) for no, code in enumerate(all_codes[count:])]),
    )


def certificate(count: int = 6) -> Certificate:
    """A withdrawal whose list is closed."""
    dutch = chosen() == "nl"
    gone = vials(count + 2)
    at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    cells = "mononucleaire cellen" if dutch else "mononuclear cells"
    return Certificate(
        lab=LAB[chosen()],
        number="D-2026-0003",
        why="De toestemming is op 18 nov 2026 ingetrokken (materiaal vernietigen)."
        if dutch
        else "Consent was withdrawn on 18 Nov 2026 (destroy the material).",
        donors=(DONOR,),
        opened_at=at - timedelta(days=3),
        closed_at=at + timedelta(hours=2),
        lines=tuple(
            [
                DestroyedLine(
                    code=code,
                    material=cells,
                    amount="8 × 10⁶ cellen" if dutch else "8 × 10⁶ cells",
                    lay=f"LN2-02 / T07 / BX00123 / C{no + 1}",
                    destroyed_at=at + timedelta(minutes=3 * no),
                    destroyed_by="sanne",
                    witnessed_at=at + timedelta(minutes=3 * no, seconds=40),
                    witnessed_by="pieter",
                )
                for no, code in enumerate(gone[:count])
            ]
        ),
        not_destroyed=(
            NotDestroyed(
                gone[count],
                cells,
                ("uitgegeven aan " if dutch else "issued to ") + recipient().institution,
                date(2026, 11, 20),
            ),
            NotDestroyed(gone[count + 1], "plasma", "opgebruikt" if dutch else "used up"),
        ),
        event=4707,
        seal_size=4711,
        seal_root=hash_of("seal"),
    )


def notice(count: int = 3) -> Notice:
    """To a recipient of vials of a donor who withdrew."""
    return Notice(
        language=chosen(),
        lab=LAB[chosen()],
        number="N-2026-0003",
        release="R-2026-0007",
        study="ALLTogether1 – drug response of relapsed B-ALL",
        recipient=recipient(),
        vials=tuple(vials(count)),
        written_on=date(2026, 11, 22),
        answer_by=date(2026, 12, 6),
        contact=("biobank@example.org", "088 123 45 67"),
        return_to=(LAB[chosen()], "Heidelberglaan 25", "3584 CS Utrecht"),
    )
