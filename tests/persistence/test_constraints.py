"""What the constraints refuse: every key, pointer, check and NOT NULL of the catalogue, on both engines.

That each attack is refused by its constraint and by nothing else is shown in ``tests/soak/weak_schemas.py``:
without the constraint it goes through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.persistence import tables
from tests.support.attacks import EVERY, Attack
from tests.support.catalogue import read_catalogue
from tests.support.constraint_attacks import PERMITTED, constraint_attacks, not_null
from tests.support.copies import before, copied
from tests.support.databases import ENGINES
from tests.support.scene import make

if TYPE_CHECKING:
    from tests.support.scene import Scene

CONSTRAINT_ATTACKS = constraint_attacks()


@pytest.mark.parametrize("attack", CONSTRAINT_ATTACKS, ids=lambda attack: attack.name)
def test_refused(scene: Scene, attack: Attack) -> None:
    if attack.engine in (None, scene.engine):
        assert attack.said[ENGINES.index(scene.engine)] in scene.refusal(attack)


@pytest.mark.parametrize("table", sorted(tables.metadata.tables))
def test_a_row_that_is_right_goes_through(scene: Scene, table: str) -> None:
    """Else the attacks, which are this row with one thing wrong, would prove nothing."""
    for row in ({}, *PERMITTED.get(table, ())):
        with scene.rolled_back() as connection:
            make(connection, scene.names, (*before(table), copied(table, **row)))


def test_no_constraint_of_the_catalogue_is_left_unattacked(scene: Scene) -> None:
    with scene.store.read() as connection:
        catalogue = read_catalogue(connection)
    there = {one.name for one in catalogue.constraints if not catalogue.implied(one)}
    there |= {not_null(*column) for column in catalogue.not_null}
    attacked = {attack.breaks for attack in (*EVERY, *CONSTRAINT_ATTACKS)} - {""}
    assert there <= attacked
    # What is attacked and not there is NOT NULL on a key, which the key itself implies on this engine.
    assert {name for name in attacked - there if not name.startswith("NOT NULL")} == set()


def test_the_catalogue_is_that_of_the_tables(scene: Scene) -> None:
    """So a constraint lost from a migration is seen even where its attack is derived from the tables."""
    with scene.store.read() as connection:
        catalogue = read_catalogue(connection)
    expected = {str(one.name) for table in tables.metadata.sorted_tables for one in table.constraints}
    assert {one.name for one in catalogue.constraints} == expected
