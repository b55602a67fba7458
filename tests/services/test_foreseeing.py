"""What a list would do, known before it is loaded, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.moves import MoveForm, line_of, read_in_parts, read_list
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence.steps import complete
from biobank_desktop.services import moving, outages, placing, reserving
from biobank_desktop.services.foreseeing import foresee
from biobank_desktop.services.reserving import ReserveForm
from biobank_desktop.services.storage import ContainerForm, add_container
from tests.support.databases import CAS
from tests.support.lab import ANNA, add_boxes
from tests.support.leaving import kept

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.foreseeing import Foreseen


class Lab:
    """Six vials in a box, the last of them taken out again, and a second box."""

    def __init__(self, store: Store, actor: Actor) -> None:
        self.store, self.actor = store, actor
        self.box = add_boxes(store).plasma
        self.other = add_container(store, ANNA, ContainerForm("Box 9 × 9", "BX777", None, "F80-01 S1"))
        self.vials = kept(store, actor, self.box, 6).vials
        placing.take_out(store, actor, self.vials[5], "thawed")

    def foresee(self, *lines: str) -> Foreseen:
        """What these lines would do."""
        text = "\n".join(lines)
        return complete(foresee(self.store, text, "BX001", self.actor.login, datetime.now(UTC)))


@pytest.fixture
def lab(store: Store, actor: Actor) -> Lab:
    return Lab(store, actor)


def _wrong(foreseen: Foreseen) -> list[tuple[int, str]]:
    return [(line_of(problem), problem.code) for problem in foreseen.problems]


def test_what_is_stored_anew_and_what_moves_into_which_box(lab: Lab) -> None:
    one, two, _three, _four, _five, out = lab.vials
    foreseen = lab.foresee(f"{one};A2", f"{two};A1", f"{out};BX001 / A6")
    assert (foreseen.problems, foreseen.anew, foreseen.moved) == ((), 1, 2)
    assert foreseen.boxes == (("BX001", 3),)
    loaded = moving.load(lab.store, lab.actor, MoveForm(foreseen.moves))
    assert [place.label for place in loaded.places] == ["A2", "A1", "A6"]


def test_every_line_that_cannot_be_is_named_and_the_loading_says_the_same(lab: Lab) -> None:
    one, two, three, four, five, _out = lab.vials
    reserving.reserve(lab.store, CAS, ReserveForm(lab.box, "a study", ("E5",)))
    outages.begin(lab.store, ANNA, lab.other, "lid broken")
    foreseen = lab.foresee(
        f"{one};A2", f"{two};E5", f"{three};BX777 / A1", "PM26NOTHING;B1", f"{four};Z9", f"{five};Z9;B2;B3"
    )
    assert _wrong(foreseen) == [
        (2, "position-reserved-by"),
        (3, "out-of-service"),
        (4, "thing-unknown"),
        (5, "position-unknown"),
        (6, "list-columns"),
    ]
    with pytest.raises(Rejected):
        moving.load(lab.store, lab.actor, MoveForm(foreseen.moves))


def test_a_long_list_is_read_in_parts_and_says_the_same(lab: Lab) -> None:
    text = "\n".join([*(f"V{no};A{no}" for no in range(1, 2_001)), "V7;A9"])
    assert list(read_in_parts(text, "BX001")) == [500, 1000, 1500, 2000]
    assert len(read_list(text, "BX001")[0]) == 2_000
    assert [problem.field for problem in read_list(text, "BX001")[1]] == ["line 2001"]
