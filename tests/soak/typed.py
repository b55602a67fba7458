"""Hostile texts through every text field of every form, on either engine."""

from __future__ import annotations

from functools import partial
from random import Random

from biobank_desktop.domain.texts import identifier
from tests.soak.campaign import Campaign, Outcome
from tests.soak.damage import damaged
from tests.soak.servers import lab
from tests.support import fields
from tests.support.databases import ENGINES, EngineName, open_store
from tests.support.payloads import TEXTS

FIELDS = [
    field
    for form in (
        *sorted(fields.forms(), key=lambda form: form.__name__),
        fields.CorrectionTexts,
        fields.ReasonTexts,
        fields.SettingTexts,
    )
    for field in fields.text_fields(form)
]
_ROUND = 400


def typed(engine: EngineName, executions: int, seed: int) -> Outcome:
    """Send so many forms, each with one hostile text in it: refused beside the field, or kept as it is."""
    rng, broken = Random(f"typed {seed}"), []
    with lab(engine) as address:
        store = open_store(address)
        drivers, kept = fields.drivers(store), []
        for _ in range(executions):
            field = rng.choice(FIELDS)
            text = rng.choice(TEXTS)
            if rng.random() < 0.3:
                seeds = tuple(one.encode("utf-8", "surrogatepass") for one in TEXTS)
                text = damaged(rng, seeds).decode("utf-8", "surrogateescape")
            try:
                tried = fields.try_text(drivers[field.form], field, text)
            except Exception as error:  # what is looked for
                broken.append(f"{engine}: {field} {ascii(text)[:80]}: {type(error).__name__} {error!s:.120}")
                continue
            if not tried.refused:
                kept.append(tried)
            elif not any(fields.beside(field, name) for name, _code in tried.refused):
                broken.append(f"{engine}: {field} {ascii(text)[:80]}: refused elsewhere {tried.refused}")
        there = fields.stored_texts(store)
        broken += [
            f"{engine}: {one.field} lost {ascii(one.text)[:80]}"
            for one in kept
            if one.text.strip() and not {one.text, identifier(one.text)} & there
        ]
        store.close()
    return Outcome(executions, tuple(broken))


TYPED_CAMPAIGNS: tuple[Campaign, ...] = tuple(
    Campaign(f"input typed, {engine}", "forms", 10_000, partial(typed, engine, _ROUND)) for engine in ENGINES
)
