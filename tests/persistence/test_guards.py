"""What the triggers refuse, whoever asks: every one of them, by raw SQL, on both engines.

Each attack is made twice: with the guard (refused) and with only this guard dropped (it goes through), so no
attack can be refused by something else and no guard can be lost unnoticed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence import schema, tables
from tests.support.attacks import Attack, decide, put, vial
from tests.support.catalogue import read_catalogue
from tests.support.databases import ENGINES
from tests.support.every_attack import EVERY
from tests.support.label_attacks import PASSES
from tests.support.later_attacks import STORIES
from tests.support.rows import decision_row, do, enter_box, enter_family, placement_row
from tests.support.scene import make
from tests.support.storage_attacks import MOVES

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from tests.support.scene import Scene

PERMITTED = STORIES | MOVES | PASSES
GUARDED = [attack for attack in EVERY if attack.guards != ((), ())]


@pytest.mark.parametrize("attack", EVERY, ids=lambda attack: attack.name)
def test_refused(scene: Scene, attack: Attack) -> None:
    if attack.engine in (None, scene.engine):
        assert attack.said[ENGINES.index(scene.engine)] in scene.refusal(attack)


@pytest.mark.parametrize("attack", GUARDED, ids=lambda attack: attack.name)
def test_only_its_guard_refuses_it(scene: Scene, attack: Attack) -> None:
    with scene.rolled_back() as connection:
        for trigger in read_catalogue(connection).triggers:
            if trigger.name in attack.refused_by(scene.engine):
                on = "" if scene.store.is_sqlite else f" ON {trigger.table}"
                connection.execute(text(f"DROP TRIGGER {trigger.name}{on}"))
        if attack.engine in (None, scene.engine):
            make(connection, scene.names, attack.statements)


def test_every_guard_is_attacked(scene: Scene) -> None:
    attacked = {guard for attack in EVERY for guard in attack.guards[ENGINES.index(scene.engine)]}
    assert attacked == schema.guards(scene.engine)


def test_replace_does_not_pass_by_the_append_only_guard(sqlite_store: Store) -> None:
    """SQLite deletes for REPLACE without firing triggers unless they are recursive."""
    with pytest.raises(DBAPIError, match="append-only"), sqlite_store.engine.begin() as connection:
        connection.execute(text("REPLACE INTO event SELECT * FROM event WHERE id = 1"))


def test_what_is_permitted_goes_through(scene: Scene) -> None:
    """The same statements as the attacks, made rightly: the attacks fail for their own reason."""
    with scene.rolled_back() as connection:
        before = connection.execute(text("SELECT count(*) FROM placement")).scalar_one()
        right = (decide(until="'2999-01-01T00:00:00.000Z'"), put(), vial(taken_ul=4000))
        make(connection, scene.names, right)
        rows = connection.execute(text("SELECT count(*) FROM placement")).scalar_one()
        assert rows == before + 1


@pytest.mark.parametrize("story", PERMITTED)
def test_a_story_goes_through(scene: Scene, story: str) -> None:
    with scene.rolled_back() as connection:
        make(connection, scene.names, PERMITTED[story])


def test_the_program_itself_is_refused_with_a_problem(store: Store) -> None:
    family, box = enter_family(store), enter_box(store)

    def body(work: Work) -> None:
        work.insert(tables.decision, [decision_row(family.donor, verdict="refused")])
        work.insert(tables.placement, [placement_row(family.aliquots[0], box, (1, 1))])

    with pytest.raises(Rejected) as refused:
        do(store, body)
    assert [problem.code for problem in refused.value.problems] == ["no-permitting-decision"]
