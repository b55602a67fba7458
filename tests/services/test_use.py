"""The later life of a vial on real databases: out and back, used, lost, broken, and each of it undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.domain.use import UseForm
from biobank_desktop.persistence.queries import containers, standing
from biobank_desktop.persistence.queries.history import of_object
from biobank_desktop.services import placing, processing, quarantine, use
from biobank_desktop.services.verification import WholeVerification
from tests.support.lab import add_boxes
from tests.support.leaving import Kept, found_wrong, kept, withdraw

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.standing import Standing
    from biobank_desktop.persistence.store import Store
    from tests.support.lab import Boxes

ACTIVITY = "asparaginase activity, run 12"


@pytest.fixture
def boxes(store: Store) -> Boxes:
    return add_boxes(store)


@pytest.fixture
def here(store: Store, actor: Actor, boxes: Boxes) -> Kept:
    return kept(store, actor, boxes.plasma)


def _standing(store: Store, vial: str) -> Standing:
    number = codes.number(vial)
    with store.read() as connection:
        return standing.standings(connection, [number])[number]


def _lies(store: Store, vial: str) -> bool:
    with store.read() as connection:
        return containers.place(connection, codes.number(vial)) is not None


def _newest(store: Store, vial: str) -> str:
    with store.read() as connection:
        return of_object(connection, codes.number(vial))[0].command


def _left(store: Store, vial: str) -> int | None:
    with store.read() as connection:
        return processing.left_in(connection, codes.number(vial))[0]


def test_a_vial_goes_out_and_comes_back_to_the_place_that_was_kept(
    store: Store, actor: Actor, here: Kept
) -> None:
    vial = here.vials[0]
    assert use.check_out(store, actor, [vial], "activity assay") == [vial]
    assert _standing(store, vial).out_at is not None
    assert _lies(store, vial)
    with pytest.raises(Rejected, match="sample-is-out"):
        use.check_out(store, actor, [vial], "again")
    use.check_in(store, actor, [vial], thawed=True)
    assert _standing(store, vial).out_at is None
    with store.read() as connection:
        (once,) = standing.excursions(connection, codes.number(vial))
    assert (once.no, once.thawed, once.why) == (1, True, "activity assay")
    assert once.back_at is not None
    assert once.back_at >= once.out_at
    with pytest.raises(Rejected, match="sample-not-out"):
        use.check_in(store, actor, [vial], thawed=False)


def test_every_vial_that_cannot_go_out_is_named(store: Store, actor: Actor, here: Kept) -> None:
    out, held, lost = here.vials
    use.check_out(store, actor, [out], "assay")
    quarantine.report(store, actor, found_wrong(held))
    use.report_lost(store, actor, lost, "not in its place")
    with pytest.raises(Rejected) as refused:
        use.check_out(store, actor, here.vials, "assay")
    assert [problem.code for problem in refused.value.problems] == [
        "sample-is-out",
        "sample-in-quarantine",
        "sample-has-ended",
    ]


def test_what_is_used_is_no_longer_left(store: Store, actor: Actor, here: Kept) -> None:
    vial = here.vials[0]
    use.use(store, actor, UseForm(vial, "use-a2g", ACTIVITY, ul=200))
    assert _left(store, vial) == 300
    with pytest.raises(Rejected) as refused:
        use.use(store, actor, UseForm(vial, "use-a2g", " ", ul=301))
    assert {problem.code for problem in refused.value.problems} == {"answer-missing", "more-volume-than-left"}
    use.use(store, actor, UseForm(vial, "use-a2g", ACTIVITY, ul=300, last=True))
    assert _standing(store, vial).ended == "used-up"
    assert not _lies(store, vial)
    with pytest.raises(Rejected, match="sample-has-ended"):
        use.use(store, actor, UseForm(vial, "use-a2g", ACTIVITY, ul=1))
    assert WholeVerification(store).run() == []


def test_a_use_needs_consent_for_its_purpose(store: Store, actor: Actor, here: Kept) -> None:
    vial = here.vials[0]
    with pytest.raises(Rejected, match="consent-item-not-asked"):
        use.use(store, actor, UseForm(vial, "use-genetic", "WGS", ul=100))
    withdraw(store, actor, here.donor, "W2")
    for purpose in ("use-a2g", "store"):
        with pytest.raises(Rejected, match="consent-withdrawn"):
            use.use(store, actor, UseForm(vial, purpose, "check", ul=100))


def test_lost_and_found(store: Store, actor: Actor, boxes: Boxes, here: Kept) -> None:
    vial = here.vials[0]
    use.report_lost(store, actor, vial, "not in its place")
    assert (_standing(store, vial).ended, _lies(store, vial)) == ("lost", False)
    use.turned_up(store, actor, vial, "lay in the next box")
    assert _standing(store, vial).ended is None
    assert placing.place(store, actor, boxes.plasma, vial).label == "A1"
    with pytest.raises(Rejected, match="sample-not-gone"):
        use.turned_up(store, actor, vial, "again")


def test_what_broke_does_not_turn_up(store: Store, actor: Actor, here: Kept) -> None:
    use.report_broken(store, actor, here.vials[0], "fell")
    with pytest.raises(Rejected, match="sample-cannot-come-back"):
        use.turned_up(store, actor, here.vials[0], "glued")


@pytest.mark.parametrize("gesture", ["out", "in", "part", "up", "lost", "broken", "turned-up"])
def test_each_use_is_undone_while_nothing_has_followed(
    store: Store, actor: Actor, here: Kept, gesture: str
) -> None:
    vial = here.vials[0]
    if gesture == "in":
        use.check_out(store, actor, [vial], "assay")
    if gesture == "turned-up":
        use.report_lost(store, actor, vial, "not in its place")
    before, lay, left = _standing(store, vial), _lies(store, vial), _left(store, vial)
    gestures: dict[str, Callable[[], object]] = {
        "out": lambda: use.check_out(store, actor, [vial], "assay"),
        "in": lambda: use.check_in(store, actor, [vial], thawed=True),
        "part": lambda: use.use(store, actor, UseForm(vial, "use-a2g", ACTIVITY, ul=200)),
        "up": lambda: use.use(store, actor, UseForm(vial, "use-a2g", ACTIVITY, last=True)),
        "lost": lambda: use.report_lost(store, actor, vial, "not in its place"),
        "broken": lambda: use.report_broken(store, actor, vial, "fell"),
        "turned-up": lambda: use.turned_up(store, actor, vial, "found"),
    }
    gestures[gesture]()
    done = _newest(store, vial)
    assert use.undo(store, actor, done) == [vial]
    assert (_standing(store, vial), _lies(store, vial), _left(store, vial)) == (before, lay, left)
    with pytest.raises(Conflict, match="changed-since"):
        use.undo(store, actor, done)
    assert WholeVerification(store).run() == []


def test_a_use_is_not_undone_once_something_followed(store: Store, actor: Actor, here: Kept) -> None:
    vial = here.vials[0]
    use.check_out(store, actor, [vial], "assay")
    out = _newest(store, vial)
    use.check_in(store, actor, [vial], thawed=False)
    with pytest.raises(Conflict, match="changed-since"):
        use.undo(store, actor, out)


def test_a_place_that_was_taken_meanwhile_is_not_given_back(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    use.report_lost(store, actor, here.vials[0], "not in its place")
    lost = _newest(store, here.vials[0])
    kept(store, actor, boxes.plasma, 1)  # fills the first free position
    with pytest.raises(Conflict, match="position-taken-meanwhile"):
        use.undo(store, actor, lost)


def test_a_vial_that_is_placed_anew_is_no_longer_out(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    vial = here.vials[0]
    use.check_out(store, actor, [vial], "assay")
    placing.take_out(store, actor, vial, "to another box")
    placing.place(store, actor, boxes.plasma, vial)
    assert _standing(store, vial).out_at is None
