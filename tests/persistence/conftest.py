"""The furnished lab that attacks are made on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.databases import ENGINES, Databases, open_store
from tests.support.scene import Scene, furnish

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=ENGINES)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """One lab per engine for every attack of a module: nothing of them stays."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    address = databases.lab()
    store = open_store(address)
    yield Scene(store, furnish(store))
    store.close()
    databases.remove(address)
