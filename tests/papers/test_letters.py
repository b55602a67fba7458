"""Letters: what stands on them in both languages, no name, the same bytes, symbols that read."""

from __future__ import annotations

import re
from datetime import date

import pypdfium2
import pytest

from biobank_desktop.papers import texts
from biobank_desktop.papers.letter import Addressee, KeptMaterial, Letter, LetterItem, letter_pdf
from biobank_desktop.services.reference import reference
from tests.support.reading import codes_in_pdf

CODE = "PD260A1B27"
LETTERS = [(age, language) for age in (12, 16, 18) for language in texts.LANGUAGES]
ANSWERS = ("yes", "no", "not-asked", "not-answered")


def letter(age: int, language: str, **changes: object) -> Letter:
    """A letter with every answer on it."""
    items = tuple(
        LetterItem(
            item,
            texts.words(language, f"item.{item}.said"),
            texts.words(language, f"item.{item}.ask"),
            ANSWERS[place % len(ANSWERS)],
        )
        for place, item in enumerate(texts.names("item"))
    )
    made: dict[str, object] = {
        "age": age,
        "language": language,
        "code": CODE,
        "written_on": date(2026, 11, 22),
        "lab": texts.words(language, "lab"),
        "place": texts.words(language, "place"),
        "kept": (KeptMaterial(texts.words(language, "material.CSF"), 8, date(2021, 3, 4)),),
        "items": items,
        "until": "hold" if age == 16 else "stands",
        "deadline": date(2027, 7, 1) if age == 16 else None,
    }
    return Letter(**{**made, **changes})  # type: ignore[arg-type]


def pages(content: bytes) -> list[str]:
    """The text of every page, white space made single."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


@pytest.mark.parametrize(("age", "language"), LETTERS)
def test_it_says_what_is_kept_what_may_be_done_and_what_one_can_do(age: int, language: str) -> None:
    content = letter_pdf(letter(age, language))
    found = pages(content)
    assert len(found) == 3, "two pages and the slip"
    whole = " ".join(found[:-1])
    for path in ("kept", "where", "allowed", "can", "until", "answer"):
        assert texts.words(language, f"heading.{path}") in whole
    assert texts.words(language, f"letter.{age}.title") in whole
    assert texts.words(language, "place") in whole
    for answer in ANSWERS:
        assert texts.words(language, f"answered.{answer}") in whole
    assert texts.month(language, date(2021, 3, 4)) in whole
    assert (texts.day(language, date(2027, 7, 1)) in whole) is (age == 16)
    slip = found[-1]
    for item in texts.names("item"):
        assert texts.words(language, f"item.{item}.ask") in slip
    signatures = [texts.words(language, f"slip.{who}") in slip for who in ("own", "parent", "other-parent")]
    assert signatures == ([True, True, True] if age == 12 else [True, False, False])
    assert "PD26 0A1B2 7" in slip
    assert codes_in_pdf(content) == [CODE]


@pytest.mark.parametrize(("age", "language"), LETTERS)
def test_the_same_letter_is_the_same_bytes_with_its_fonts_in_it(age: int, language: str) -> None:
    content = letter_pdf(letter(age, language))
    assert content == letter_pdf(letter(age, language))
    assert b"/FontFile2" in content
    assert {font.decode() for font in re.findall(rb"/BaseFont /([^\s/]+)", content)} == {
        "AAAAAA+BitstreamVeraSans-Roman",
        "AAAAAA+BitstreamVeraSans-Bold",
    }


def test_a_name_is_printed_when_given_with_every_letter_of_it() -> None:
    lines = ("Zoë van 't Ruïnepad-Čapek", "Coöperatiestraat 12 <b>", "1234 AB 's-Gravenhage & Ødegård")
    named = pages(letter_pdf(letter(16, "nl"), Addressee(lines)))[0]
    for line in lines:
        assert line in named
    assert named != pages(letter_pdf(letter(16, "nl")))[0]


def test_contact_lines_are_printed_and_without_them_there_is_room() -> None:
    contact, return_to = ("088 123 45 67",), ("Antwoordnummer 12", "3500 ZA Utrecht")
    whole = " ".join(pages(letter_pdf(letter(18, "nl", contact=contact, return_to=return_to))))
    for line in (*contact, *return_to):
        assert line in whole


def test_nothing_kept_and_a_brother_are_spoken_to_as_such() -> None:
    said = " ".join(pages(letter_pdf(letter(16, "en", kept=(), sibling=True))))
    assert texts.words("en", "kept.nothing") in said
    assert "your brother or sister" in said
    assert "your treatment" in said
    assert "you were treated" not in said


def test_a_long_list_breaks_well() -> None:
    kept = tuple(KeptMaterial(f"tubes of kind {number}", number, None) for number in range(1, 60))
    found = pages(letter_pdf(letter(12, "en", kept=kept)))
    assert all(f"Tubes of kind {number} " in " ".join(found) for number in range(1, 60))
    assert found[-1].startswith("Biobank of the Princess Máxima Center") or "Your answer" in found[-1]


def test_every_text_is_in_both_languages_with_the_same_blanks() -> None:
    def walk(entry: object, path: str) -> None:
        assert isinstance(entry, dict)
        if "en" not in entry and "nl" not in entry:
            for name, inner in entry.items():
                walk(inner, f"{path}.{name}")
            return
        assert entry.keys() == {"en", "nl"}, path
        blanks = [sorted(re.findall(r"{\w+}", str(entry[language]))) for language in texts.LANGUAGES]
        assert blanks[0] == blanks[1], path
        assert type(entry["en"]) is type(entry["nl"]), path

    walk(texts._all(), "")


def test_every_item_and_material_of_the_rules_has_plain_words() -> None:
    items = set(reference().consent_rules.items)
    assert items == set(texts.names("item"))
