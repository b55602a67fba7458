"""What the database refuses becomes a problem of ours with a sentence, on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from biobank_desktop.domain.problems import BiobankError, Conflict, Problem, Rejected
from biobank_desktop.persistence.errors import CODE_TAKEN, translate
from tests.support.constraint_attacks import constraint_attacks
from tests.support.every_attack import EVERY
from tests.support.scene import make
from tests.test_catalogues import LANGUAGES, catalogue, placeholders

if TYPE_CHECKING:
    from tests.support.attacks import Attack
    from tests.support.scene import Scene

ATTACKS = (*EVERY, *constraint_attacks())
GUARDED = [attack for attack in EVERY if attack.guards != ((), ())]
RACED = {
    **dict.fromkeys(
        ("pk_release", "pk_disposal", "pk_nonconformity", "pk_consumption", "pk_excursion"),
        Problem("", CODE_TAKEN),
    ),
    **dict.fromkeys(
        (
            *("pk_reservation", "pk_temperature_change", "pk_spill", "pk_outage"),
            *("uq_excursion_out", "uq_spill_open", "uq_outage_open"),
        ),
        Problem("", CODE_TAKEN),
    ),
    "uq_release_line_chosen": Problem("samples", "chosen-for-another-release"),
    "uq_disposal_line_open": Problem("samples", "on-another-list"),
    "pk_disposition": Problem("sample", "sample-gone-meanwhile"),
}
"""What two benches may both do, and what the second is told."""


def _translated(scene: Scene, attack: Attack) -> BiobankError | None:
    with scene.rolled_back() as connection, pytest.raises(DBAPIError) as refused:
        make(connection, scene.names, attack.statements)
    return translate(refused.value)


@pytest.mark.parametrize("broken", RACED)
def test_what_two_did_at_once_is_a_conflict(scene: Scene, broken: str) -> None:
    for attack in (one for one in ATTACKS if one.breaks == broken):
        error = _translated(scene, attack)
        assert isinstance(error, Conflict)
        assert error.problems == (RACED[broken],)


@pytest.mark.parametrize("attack", GUARDED, ids=lambda attack: attack.name)
def test_what_a_guard_says_has_a_sentence(scene: Scene, attack: Attack) -> None:
    """A guard names no things, so its sentence has no place for any."""
    if attack.engine not in (None, scene.engine):
        return
    error = _translated(scene, attack)
    assert isinstance(error, Rejected)
    (problem,) = error.problems
    for language in LANGUAGES:
        sentence = catalogue(language)[f"problem.{problem.code}"]
        assert sentence
        assert placeholders(sentence) == set()
