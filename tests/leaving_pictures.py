"""The pictures of docs/leaving.md: every paper of a vial's leaving, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pypdfium2
from PIL import Image

from biobank_desktop import language
from biobank_desktop.papers.certificate import certificate_pdf
from biobank_desktop.papers.notice import notice_pdf
from biobank_desktop.papers.proof import proof_pdf
from biobank_desktop.papers.release_note import release_note_pdf
from tests.support import leaving_papers as leaving
from tests.support.proofs import KEY, sample_proof

if TYPE_CHECKING:
    from pathlib import Path

    from biobank_desktop.domain.proofs import Proof

DPI = 110
_IN_DUTCH = {
    "specimen-type": "mononucleaire cellen, vitaal (SPREC CEL)",
    "anatomical-site": "beenmerg",
    "disease-status": "bij diagnose",
    "vital-state": "in leven",
    "clinical-diagnosis": "acute lymfatische leukemie",
    "collection-mechanism": "beenmergpunctie, rest na de diagnostiek",
    "stabilisation": "natriumheparine",
    "preservation": "ingevroren, damp van vloeibare stikstof",
    "storage-temperature": "onder −135 °C",
    "storage-duration": "10 maanden en 25 dagen",
    "shipping-temperature": "droogijs",
    "composition": "92 % vitaal, 84 % blasten",
}


def take_papers(out: Path) -> None:
    """The first page of each, in 256 greys and colours: enough for paper."""
    out.mkdir(parents=True, exist_ok=True)
    for spoken in language.LANGUAGES:
        language.choose(spoken)
        papers = {
            "note": release_note_pdf(leaving.release_note(6)),
            "certificate": certificate_pdf(leaving.certificate()),
            "notice": notice_pdf(leaving.notice()),
            "proof": proof_pdf(_proof(), KEY),
        }
        for name, content in papers.items():
            document = pypdfium2.PdfDocument(content)
            page = document[0].render(scale=DPI / 72).to_pil().convert("RGB")
            document.close()
            page.quantize(256, dither=Image.Dither.NONE).save(out / f"{name}-{spoken}.png", optimize=True)


def _proof() -> Proof:
    """The proof with its words in the chosen language."""
    proof = sample_proof()
    if language.chosen() == "en":
        return proof
    asked = ("restmateriaal bewaren", "gebruik in ALLTogether1-onderzoek", "delen binnen de EER")
    said = [f"{who} 2026: ja op {item}." for item in asked for who in ("moeder, 4 jan", "vader, 5 jan")]
    steps = ("Wie er op deze leeftijd beslist: jonger dan 12 jaar.", *said)
    forms = tuple([f"Máxima biobank, ouders, {version}" for version in ("3.1", "3.2")])
    return replace(
        proof,
        provenance=replace(proof.provenance, lab=leaving.LAB["nl"]),
        brisq=tuple([replace(one, value=_IN_DUTCH.get(one.item, one.value)) for one in proof.brisq]),
        consent=replace(
            proof.consent, steps=steps, forms=forms, reasons=("Toegestaan tot de toestemming verandert.",)
        ),
        release=replace(proof.release, country="Zweden"),
    )
