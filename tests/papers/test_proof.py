"""The page of a proof: one page that says everything its symbol says, and symbols that a scan reads."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.domain.proofs import BRISQ, BrisqItem
from biobank_desktop.domain.sprec import Stay
from biobank_desktop.language import _, say_date, say_value
from biobank_desktop.papers.proof import proof_pdf
from biobank_desktop.papers.signing import fingerprint, grouped, public_key, signed_symbol, verify
from tests.papers.test_letters import pages
from tests.support.proofs import DONOR, KEY, TUBE, VIAL, hash_of, moment, sample_proof
from tests.support.reading import codes_in_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.domain.proofs import Proof


@pytest.fixture(autouse=True, params=language.LANGUAGES)
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each test in each language."""
    before = language.chosen()
    language.choose(request.param)
    yield request.param
    language.choose(before)


def long_proof() -> Proof:
    """One with a long way to its verdict, from a tube that was moved often, and long names."""
    proof = sample_proof()
    steps = tuple(
        [f"guardian, {day} Jan 2026: yes to {hash_of(str(day))[:40]} and more." for day in range(1, 23)]
    )
    return replace(
        proof,
        provenance=replace(
            proof.provenance,
            stays=tuple([Stay(moment(day, 9), "ln2") for day in range(6, 14)]),
        ),
        consent=replace(proof.consent, steps=steps, reasons=("Because of what follows. " * 4,) * 3),
        release=replace(proof.release, study="A study with a very long name indeed, " * 5),
        history=replace(proof.history, events=tuple([hash_of(str(number)) for number in range(24)])),
    )


def test_it_says_everything_on_one_page() -> None:
    proof = sample_proof()
    (text,) = pages(proof_pdf(proof, KEY))
    vial, consent, history = proof.provenance, proof.consent, proof.history
    moments = (vial.drawn_at, vial.received_at, vial.processed_at, vial.frozen_at, consent.known_on)
    said = [
        vial.lab,
        *map(codes.group, (DONOR, TUBE, VIAL)),
        say_value(vial.source),
        say_value(vial.kind),
        str(vial.time_point),
        "8 × 106 " + _("cells"),
        str(proof.sprec.code),
        proof.sprec.version,
        *map(say_value, moments),
        *(say_value(stay.since) for stay in vial.stays),
        *(say_value(stay.temperature) for stay in vial.stays),
        *(_(f"brisq.{item}") for item in BRISQ),
        *(one.value for one in proof.brisq if one.value),
        say_value(consent.purposes),
        consent.rules_version,
        say_date(consent.decided_on),
        *consent.forms,
        *consent.reasons,
        *consent.steps,
        *(proof.release.number, proof.release.study, proof.release.recipient),
        *(proof.release.country, proof.release.bdac),
        *(event[:16] for event in history.events),
        str(history.seal_size),
        history.seal_root,
        grouped(fingerprint(public_key(KEY))),
        _("It says what was so when it was signed. Whether consent was withdrawn since, only the lab knows."),
    ]
    assert [one for one in said if one not in text] == []
    assert text.count(_("not recorded")) == [one.value for one in proof.brisq].count(None)


def test_its_symbols_say_the_vial_and_the_whole_proof() -> None:
    content = proof_pdf(sample_proof(), KEY)
    vial, symbol = sorted(codes_in_pdf(content), key=len)
    assert vial == VIAL
    assert symbol == signed_symbol(sample_proof(), KEY)
    assert verify(symbol.encode()).proof == sample_proof() == verify(content).proof


@pytest.mark.parametrize(("turned", "blurred", "dpi"), [(0.7, 0.7, 300), (3, 1.2, 300), (0.7, 0.7, 200)])
def test_a_scan_of_the_paper_is_read(turned: float, blurred: float, dpi: int) -> None:
    """Printed at 300 dpi, laid askew, scanned and kept as an ordinary JPEG."""
    document = pypdfium2.PdfDocument(proof_pdf(long_proof(), KEY))
    printed = document[0].render(scale=300 / 72).to_pil().convert("L")
    document.close()
    scanned = printed.rotate(turned, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    scanned = scanned.filter(ImageFilter.GaussianBlur(blurred))
    scanned = scanned.resize((scanned.width * dpi // 300, scanned.height * dpi // 300))
    file = io.BytesIO()
    scanned.save(file, "JPEG", quality=60)
    found = zxingcpp.read_barcodes(
        Image.open(file).convert("L"),
        formats=[zxingcpp.BarcodeFormat.QRCode],  # type: ignore[arg-type]
    )
    assert [verify(one.text.encode()).proof for one in found] == [long_proof()]


def test_the_same_proof_is_the_same_bytes() -> None:
    assert proof_pdf(sample_proof(), KEY) == proof_pdf(sample_proof(), KEY)


def test_a_long_one_is_one_page_all_the_same() -> None:
    (text,) = pages(proof_pdf(long_proof(), KEY))
    assert [step for step in long_proof().consent.steps if step not in text] == []
    assert [event for event in long_proof().history.events if event[:16] not in text] == []


def test_what_is_unknown_is_said() -> None:
    proof = sample_proof()
    bare = replace(
        proof,
        provenance=replace(proof.provenance, source=None, drawn_at=None, frozen_at=None, stays=()),
        sprec=replace(proof.sprec, code=None),
        brisq=tuple([BrisqItem(item, None) for item in BRISQ]),
        consent=replace(proof.consent, forms=()),
    )
    (text,) = pages(proof_pdf(bare, KEY))
    assert text.count(_("not recorded")) == len(BRISQ)
    for name in (_("Drawn"), _("Frozen")):
        assert f"{name} {_('unknown')}" in text
    assert _("How it was kept") not in text
    assert _("not coded") in text


def test_what_fits_no_symbol_is_refused() -> None:
    proof = sample_proof()
    events = tuple([hash_of(str(number)) for number in range(60)])
    steps = tuple([hash_of(f"step {number}") for number in range(60)])
    too_long = replace(
        proof,
        history=replace(proof.history, events=events),
        consent=replace(proof.consent, steps=steps),
    )
    with pytest.raises(Rejected) as refused:
        proof_pdf(too_long, KEY)
    assert [(one.field, one.code) for one in refused.value.problems] == [("", "proof-too-long")]
