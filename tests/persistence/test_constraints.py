"""What the constraints refuse: every key, pointer, check and NOT NULL of the catalogue, on both engines.

That each attack is refused by its constraint and by nothing else is shown in ``tests/soak/weak_schemas.py``:
without the constraint it goes through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from sqlalchemy import CheckConstraint

from biobank_desktop.domain.consent_record import Level, LineKind, Signatory
from biobank_desktop.domain.grids import FILL_ORDERS, LABELS
from biobank_desktop.domain.storage import LEVELS, TEMPERATURES
from biobank_desktop.persistence import tables
from biobank_desktop.services.reference import reference
from tests.support.catalogue import read_catalogue
from tests.support.constraint_attacks import (
    BYTES,
    IMPLIED,
    PERMITTED,
    constraint_attacks,
    not_null,
    vocabulary,
)
from tests.support.copies import before, copied
from tests.support.databases import ENGINES
from tests.support.every_attack import EVERY
from tests.support.scene import make

if TYPE_CHECKING:
    from tests.support.attacks import Attack
    from tests.support.scene import Scene

CONSTRAINT_ATTACKS = constraint_attacks()


@pytest.mark.parametrize("attack", CONSTRAINT_ATTACKS, ids=lambda attack: attack.name)
def test_refused(scene: Scene, attack: Attack) -> None:
    if attack.engine in (None, scene.engine):
        assert attack.said[ENGINES.index(scene.engine)] in scene.refusal(attack)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("ck_consent_line_kind", get_args(LineKind)),
        ("ck_consent_line_signatory", get_args(Signatory)),
        ("ck_consent_line_level", get_args(Level)),
        ("ck_decision_purpose", tuple(reference().consent_rules.purposes)),
        ("ck_container_kind_level", LEVELS),
        ("ck_container_kind_row_labels", LABELS),
        ("ck_container_kind_column_labels", LABELS),
        ("ck_container_kind_fill_order", tuple(FILL_ORDERS)),
        ("ck_container_temperature", TEMPERATURES),
        ("ck_container_kind_temperature", TEMPERATURES),
        ("ck_temperature_change_was", TEMPERATURES),
        ("ck_temperature_change_became", TEMPERATURES),
    ],
)
def test_a_vocabulary_is_that_of_the_program(check: str, words: tuple[str, ...]) -> None:
    assert vocabulary(check) == words


@pytest.mark.parametrize("table", sorted(tables.metadata.tables))
def test_a_row_that_is_right_goes_through(scene: Scene, table: str) -> None:
    """Else the attacks, which are this row with one thing wrong, would prove nothing."""
    for row in ({}, *PERMITTED.get(table, ())):
        with scene.rolled_back() as connection:
            make(connection, scene.names, (*before(table), copied(table, **row)))


def test_no_constraint_of_the_catalogue_is_left_unattacked(scene: Scene) -> None:
    with scene.store.read() as connection:
        catalogue = read_catalogue(connection)
    there = {one.name for one in catalogue.constraints if not catalogue.implied(one)} - IMPLIED
    there |= {one.name for one in catalogue.indexes}
    there |= {not_null(*column) for column in catalogue.not_null} - IMPLIED
    attacks = [one for one in (*EVERY, *CONSTRAINT_ATTACKS) if one.engine in (None, scene.engine)]
    attacked = {attack.breaks for attack in attacks} - {""}
    assert there <= attacked
    # What is attacked and not there is NOT NULL on a key, which the key itself implies on this engine.
    assert {name for name in attacked - there if not name.startswith("NOT NULL")} == set()


def test_the_catalogue_is_that_of_the_tables(scene: Scene) -> None:
    """So a constraint lost from a migration is seen even where its attack is derived from the tables."""
    with scene.store.read() as connection:
        catalogue = read_catalogue(connection)
    made = [one for table in tables.metadata.sorted_tables for one in table.constraints]
    only_sqlite = set() if scene.store.is_sqlite else set(BYTES)
    assert {one.name for one in catalogue.constraints} == {str(one.name) for one in made} - only_sqlite
    unique = {
        index.name for table in tables.metadata.sorted_tables for index in table.indexes if index.unique
    }
    assert {one.name for one in catalogue.indexes} == unique
    checks = {one.name: one.definition for one in catalogue.constraints if one.sort == "check"}
    if scene.store.is_sqlite:  # PostgreSQL writes them down in its own words
        expected = {one.name: f"CHECK ({one.sqltext})" for one in made if isinstance(one, CheckConstraint)}
        assert checks == expected
