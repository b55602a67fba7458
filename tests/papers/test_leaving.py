"""The papers of vials that leave: what stands on them, symbols that read, pages that break well."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.language import _, ngettext, say_date, say_value
from biobank_desktop.papers import texts
from biobank_desktop.papers.certificate import certificate_pdf
from biobank_desktop.papers.notice import notice_pdf
from biobank_desktop.papers.release_note import release_note_pdf
from tests.papers.test_letters import pages
from tests.support import leaving_papers as leaving
from tests.support.proofs import DONOR
from tests.support.reading import codes_in_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, params=language.LANGUAGES)
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each test in each language."""
    before = language.chosen()
    language.choose(request.param)
    yield request.param
    language.choose(before)


def without_powers(text: str) -> str:
    """As a PDF's text has it: raised digits are digits."""
    return text.translate(str.maketrans("⁶", "6"))


def test_the_note_says_what_goes_and_what_stays() -> None:
    note = leaving.release_note()
    content = release_note_pdf(note)
    whole = " ".join(pages(content))
    to, by = note.recipient, note.transport
    said = [
        *(note.lab, note.number, note.study, note.bdac, ", ".join(note.purposes)),
        *(to.name, to.institution, *to.address, to.country, to.kind),
        *(by.cooling, by.courier, by.tracking),
        say_value(note.released_at),
        note.released_by,
    ]
    for line in note.lines:
        said += [codes.group(line.code), line.material, line.time_point, without_powers(line.amount)]
        said += [line.position, line.sprec, line.decision, line.proof]
    for out in note.left_out:
        said += [codes.group(out.code), *out.reasons]
    assert [one for one in said if one not in whole] == []
    assert ngettext("{count} vial is in this shipment.", "{count} vials are in this shipment.", 8) in whole
    assert sorted(codes_in_pdf(content)) == sorted(line.code for line in note.lines)
    assert content == release_note_pdf(note)


def test_two_hundred_vials_break_well() -> None:
    note = leaving.release_note(200, 12)
    content = release_note_pdf(note)
    found = pages(content)
    count = len(found)
    assert 8 <= count <= 12
    for number, text in enumerate(found, start=1):
        assert _("Page {page} of {pages}").format(page=number, pages=count) in text
        assert note.number in text
    with_vials = [text for text in found if note.lines[0].proof in text or "PL1-" in text]
    assert len(with_vials) >= 8
    assert all(_("Taken from, amount, SPREC") in text for text in with_vials), (
        "the names of the columns on every page"
    )
    assert sorted(codes_in_pdf(content)) == sorted(line.code for line in note.lines)
    last = _("What we ask of you")
    assert [last in text for text in found] == [False] * (count - 1) + [True]
    assert _("Received, complete and frozen") in found[-1]


def test_a_note_of_everything_names_nothing_left_out() -> None:
    whole = " ".join(pages(release_note_pdf(leaving.release_note(1, 0))))
    assert _("Not in this shipment") not in whole


def test_the_certificate_says_who_did_and_who_saw() -> None:
    certificate = leaving.certificate()
    content = certificate_pdf(certificate)
    whole = " ".join(pages(content))
    said = [certificate.lab, certificate.number, certificate.why, codes.group(DONOR)]
    said += [say_value(certificate.opened_at), say_value(certificate.closed_at), str(certificate.event)]
    said += [str(certificate.seal_size), certificate.seal_root[:32], certificate.seal_root[32:]]
    for line in certificate.lines:
        said += [codes.group(line.code), without_powers(line.amount), line.lay]
        said += [f"{line.destroyed_by} ", say_value(line.destroyed_at), say_value(line.witnessed_at)]
    for one in certificate.not_destroyed:
        said += [codes.group(one.code), one.became]
    said += [say_date(one.told_on) for one in certificate.not_destroyed if one.told_on]
    said += [_("Destroyed by"), _("Witnessed by"), _("Signature")]
    assert [one for one in said if one not in whole] == []
    assert content == certificate_pdf(certificate)


def test_a_certificate_of_nothing_says_so() -> None:
    certificate = replace(leaving.certificate(), lines=())
    whole = " ".join(pages(certificate_pdf(certificate)))
    assert _("Nothing was left to destroy.") in whole
    assert (
        ngettext(
            "{count} vial was destroyed and can no longer be used; a second person watched.",
            "{count} vials were destroyed and can no longer be used; a second person watched.",
            0,
        )
        not in whole
    )


def test_a_long_certificate_breaks_well() -> None:
    found = pages(certificate_pdf(leaving.certificate(150)))
    for number, text in enumerate(found, start=1):
        assert _("Page {page} of {pages}").format(page=number, pages=len(found)) in text
        assert ("BX00123" in text) <= (_("Lay in") in text), "the names of the columns on every page"
    assert sum("BX00123" in text for text in found) >= 5
    assert _("For the biobank") in found[-1]


def test_the_notice_says_what_to_do_and_never_who(spoken: str) -> None:
    notice = leaving.notice()
    content = notice_pdf(notice)
    (text,) = pages(content)
    said = [notice.lab, notice.number, notice.release, notice.study, *notice.contact, *notice.return_to]
    said += [notice.recipient.name, notice.recipient.institution, *notice.recipient.address]
    said += [*map(codes.group, notice.vials), texts.day(spoken, notice.written_on)]
    said += [texts.day(spoken, notice.answer_by), texts.words(spoken, "notice.slip.many", count="3")]
    for name in ("stopped", "destroyed", "used", "passed", "name", "date", "signature"):
        said.append(texts.words(spoken, f"notice.slip.{name}"))
    for step in texts.paragraphs(spoken, "notice.steps"):
        said.append(re.sub(r"<.*?>", "", step).partition("{")[0].strip())
    assert [one for one in said if one not in text] == []
    assert "PD26" not in text
    assert codes_in_pdf(content) == [notice.number]
    assert content == notice_pdf(notice)


@pytest.mark.parametrize("count", [1, 4, 5, 80])
def test_the_slip_stays_whole_however_many_vials(spoken: str, count: int) -> None:
    notice = leaving.notice(count)
    found = pages(notice_pdf(notice))
    assert all(codes.group(code) in " ".join(found) for code in notice.vials)
    for name in ("stopped", "signature"):
        assert texts.words(spoken, f"notice.slip.{name}") in found[-1]
    assert (texts.words(spoken, "notice.slip.one") in found[-1]) is (count == 1)
