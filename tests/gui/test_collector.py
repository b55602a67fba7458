from __future__ import annotations

import gc
from typing import TYPE_CHECKING
from weakref import ref

import pytest

from biobank_desktop.gui.collector import FULL_EVERY, Collector

if TYPE_CHECKING:
    from collections.abc import Iterator


class Knot:
    """Something only the collector can free."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def collector(qapp: object) -> Iterator[Collector]:
    made = Collector(lambda: True)
    made.start()
    yield made
    made.stop()


def test_collection_is_off_and_what_exists_is_frozen(collector: Collector) -> None:
    assert not gc.isenabled()
    assert gc.get_freeze_count() > 1000
    collector.stop()
    assert gc.isenabled()


def test_a_beat_frees_young_knots(collector: Collector) -> None:
    knot = Knot()
    watch = ref(knot)
    del knot
    assert watch() is not None
    assert collector.turn() == 1
    assert watch() is None


def test_a_full_collection_waits_for_an_idle_moment(qapp: object) -> None:
    idle = [False]
    collector = Collector(lambda: idle[0])
    assert {collector.turn() for _beat in range(FULL_EVERY * 2)} == {1}
    idle[0] = True
    assert collector.turn() == 2
    assert collector.turn() == 1
