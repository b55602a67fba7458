"""The locks in the triggers: with two benches at once on PostgreSQL, the second waits and is judged anew.

That nothing but the locks does it is shown in ``tests/soak/weak_schemas.py``: without them both go through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.overtaking import Overtaking, overtake
from tests.support.overtakings import OVERTAKINGS
from tests.support.scene import Scene, furnish

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store


@pytest.mark.parametrize("case", OVERTAKINGS, ids=lambda case: case.name)
def test_the_second_waits_and_is_refused(postgres_store: Store, case: Overtaking) -> None:
    said, wrong = overtake(Scene(postgres_store, furnish(postgres_store)), case)
    assert case.said in said
    assert wrong == 0
