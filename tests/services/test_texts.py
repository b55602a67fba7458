"""Hostile texts through every text field of every form: refused beside the field, or kept as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.texts import identifier
from tests.support import fields
from tests.support.payloads import LARGE, TEXTS

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store

FORMS = sorted(fields.forms(), key=lambda form: form.__name__)
GESTURES = (fields.CorrectionTexts, fields.ReasonTexts, fields.RulesTexts, fields.SettingTexts)
FIELDS = [field for form in (*FORMS, *GESTURES) for field in fields.text_fields(form)]
EACH = 24
"""Every field gets a twenty-fourth of the texts, others than the field before; the long run has them all."""


def slice_of(place: int) -> tuple[str, ...]:
    return TEXTS[place % EACH :: EACH]


def test_every_form_can_be_sent_as_it_is(store: Store) -> None:
    """A form that nobody has taught the test to send is named here, not passed over."""
    drivers = fields.drivers(store)
    assert {*FORMS, *GESTURES} == drivers.keys()
    for driver in drivers.values():
        driver.send(driver.make())


def test_a_text_is_refused_beside_its_field_or_kept_as_it_is(store: Store) -> None:
    drivers = fields.drivers(store)
    kept, wrong = [], []
    for place, field in enumerate(FIELDS):
        for text in slice_of(place):
            tried = fields.try_text(drivers[field.form], field, text)
            if not tried.refused:
                kept.append(tried)
            elif not any(fields.beside(field, name) for name, _code in tried.refused):
                wrong.append(tried)
    assert wrong == []
    there = fields.stored_texts(store)
    assert [
        f"{one.field} lost {one.text!a}"
        for one in kept
        if one.text.strip() and not {one.text, identifier(one.text)} & there
    ] == []
    assert len(kept) > 30


@pytest.mark.parametrize("large", LARGE, ids=lambda text: f"{text[:1]!a} {len(text)}")
def test_ten_megabytes_are_kept_in_no_field(sqlite_store: Store, large: str) -> None:
    drivers = fields.drivers(sqlite_store)
    for field in FIELDS:
        if len(large) > 1 << 20 or field.path != ("value",):  # what the program sets may be long
            fields.try_text(drivers[field.form], field, large)
    assert max(map(len, fields.stored_texts(sqlite_store))) < 4_000
