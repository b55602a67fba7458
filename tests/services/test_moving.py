"""Moves on real databases: vials, boxes, racks; swaps; lists; each one command, one history, one undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, samples
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import (
    consent,
    contents,
    moving,
    outages,
    placing,
    quarantine,
    reserving,
    sprec,
    use,
)
from biobank_desktop.services.reserving import ReserveForm
from biobank_desktop.services.storage import ContainerForm, add_container, path_text
from tests.support.lab import ANNA, add_boxes
from tests.support.leaving import found_wrong, kept

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from tests.support.leaving import Kept


class Lab:
    """Three vials in the first of two boxes of a freezer, and one more freezer."""

    def __init__(self, store: Store, actor: Actor) -> None:
        self.store, self.actor = store, actor
        self.box = add_boxes(store).plasma
        self.shelf = self._around(self.box)
        self.other = add_container(store, ANNA, ContainerForm("Box 9 × 9", "BX777", None, self.shelf))
        self.kept: Kept = kept(store, actor, self.box)

    def _around(self, code: str) -> str:
        with self.store.read() as connection:
            place = containers.place(connection, codes.number(code))
        assert place is not None
        return codes.from_number(place.container_id)

    def freezer(self, name: str = "F80-09", temperature: str = "-80") -> tuple[str, str]:
        """One more freezer with a shelf."""
        made = add_container(self.store, ANNA, ContainerForm("Freezer −80", name, temperature))
        return made, add_container(self.store, ANNA, ContainerForm("Freezer shelf", f"{name} S1", None, made))

    def where(self, code: str) -> str:
        """Where a thing lies, in words; "" when nowhere."""
        with self.store.read() as connection:
            place = containers.place(connection, codes.number(code))
            if place is None:
                return ""
            box = containers.container(connection, place.container_id)
            assert box is not None
            label = f"{place.row_no}-{place.column_no}"
            return f"{path_text(connection, box.id)} @ {label}"

    def allowed(self, code: str) -> str | None:
        """What may lie in a container after all rules."""
        with self.store.read() as connection:
            box = containers.container(connection, codes.number(code))
        assert box is not None
        return box.materials

    def move(self, *moves: Move, **how: Any) -> moving.Moved:
        """Make these moves."""
        return moving.move(self.store, self.actor, replace(MoveForm(moves), **how))

    def refused(self, *moves: Move, **how: Any) -> Rejected:
        """Why these moves may not be made; nothing has changed."""
        before = [self.where(vial) for vial in self.kept.vials]
        with pytest.raises(Rejected) as refused:
            self.move(*moves, **how)
        assert [self.where(vial) for vial in self.kept.vials] == before
        return refused.value

    def whole(self) -> bool:
        """The history explains everything."""
        return Verification(self.store).run() == []


@pytest.fixture
def lab(store: Store, actor: Actor) -> Lab:
    return Lab(store, actor)


def _codes(error: Rejected) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in error.problems]


def test_a_selection_moves_to_named_and_to_the_next_free_positions(lab: Lab) -> None:
    one, two, three = lab.kept.vials
    moved = lab.move(Move(one, lab.other, "c4"), Move(two, "BX777"), Move(three, lab.other))
    assert [(place.name, place.label) for place in moved.places] == [
        ("BX777", "C4"),
        ("BX777", "A1"),
        ("BX777", "A2"),
    ]
    assert lab.where(one) == "F80-01 / F80-01 S1 / BX777 @ 3-4"
    assert lab.whole()


def test_a_move_and_its_undo_are_two_lines_in_the_history(lab: Lab) -> None:
    one = lab.kept.vials[0]
    before = lab.where(one)
    moved = lab.move(Move(one, lab.other, "J9"))
    back = moving.undo(lab.store, lab.actor, moved.command)
    assert [place.code for place in back.places] == [one]
    assert lab.where(one) == before
    with pytest.raises(Conflict) as refused:
        moving.undo(lab.store, lab.actor, moved.command)
    assert _codes(refused.value) == [("", "happened-since")]
    assert lab.whole()


def test_what_has_happened_since_stops_the_undo_of_all(lab: Lab) -> None:
    one, two, three = lab.kept.vials
    moved = lab.move(Move(one, lab.other), Move(two, lab.other))
    lab.move(Move(three, lab.box, lab.where(one) and "A1"))
    with pytest.raises(Conflict) as refused:
        moving.undo(lab.store, lab.actor, moved.command)
    assert refused.value.problems[0].code in {"position-taken-by"}
    use.report_lost(lab.store, lab.actor, two, "dropped")
    with pytest.raises(Conflict) as refused:
        moving.undo(lab.store, lab.actor, moved.command)
    assert _codes(refused.value) == [("", "happened-since")]
    assert lab.whole()


def test_two_vials_and_two_boxes_change_places(lab: Lab) -> None:
    one, two, _three = lab.kept.vials
    was = lab.where(one), lab.where(two)
    swapped = moving.swap(lab.store, lab.actor, one, two)
    assert (lab.where(two), lab.where(one)) == was
    moving.undo(lab.store, lab.actor, swapped.command)
    assert (lab.where(one), lab.where(two)) == was
    was = lab.where(lab.box), lab.where(lab.other)
    moving.swap(lab.store, lab.actor, "BX777", lab.box)
    assert (lab.where(lab.other), lab.where(lab.box)) == was
    assert lab.whole()


def test_a_box_a_shelf_and_a_freezer_move_with_everything_in_them(lab: Lab) -> None:
    _device, shelf = lab.freezer()
    one = lab.kept.vials[0]
    lab.move(Move(lab.box, shelf))
    assert lab.where(one) == "F80-09 / F80-09 S1 / BX001 @ 1-1"
    moved = lab.move(Move(shelf, "F80-01", "3"))
    assert lab.where(one) == "F80-01 / F80-09 S1 / BX001 @ 1-1"
    moving.undo(lab.store, lab.actor, moved.command)
    assert lab.where(one) == "F80-09 / F80-09 S1 / BX001 @ 1-1"
    assert lab.whole()


def test_everything_wrong_is_said_at_once_and_nothing_is_moved(lab: Lab) -> None:
    one, two, three = lab.kept.vials
    assert _codes(lab.refused(Move("PM2600000Z", lab.other), Move(one, "BX999"))) == [
        ("item", "thing-unknown"),
        ("to", "container-unknown"),
    ]
    assert _codes(lab.refused(Move(one, lab.other), Move(one, lab.box))) == [("item", "moved-twice")]
    error = lab.refused(Move(one, lab.other, "Z9"), Move(two, lab.other, "B2"), Move(three, lab.other, "B2"))
    assert _codes(error) == [("position", "position-unknown"), ("position", "position-asked-twice")]
    assert _codes(lab.refused()) == [("moves", "nothing-to-move")]
    later = datetime.now(UTC) + timedelta(hours=1)
    assert _codes(lab.refused(Move(one, lab.other), out_at=later)) == [("out_at", "in-the-future")]
    error = lab.refused(Move(one, lab.box, "A2"))
    assert isinstance(error, Conflict)
    assert error.problems[0].values["code"] == codes.group(two)


def test_levels_temperatures_and_what_lies_in_itself(lab: Lab) -> None:
    one = lab.kept.vials[0]
    assert _codes(lab.refused(Move(one, lab.shelf))) == [("to", "holds-no-samples")]
    assert _codes(lab.refused(Move(lab.shelf, lab.box))) == [("inside", "container-not-allowed-there")]
    assert _codes(lab.refused(Move(lab.box, lab.box))) == [("inside", "container-not-allowed-there")]
    _device, warm = lab.freezer("F20-01", "-20")
    assert _codes(lab.refused(Move(lab.box, warm))) == [("to", "inside-not-suitable")]
    box = add_container(lab.store, ANNA, ContainerForm("Box 9 × 9", "BX020", None, warm))
    assert _codes(lab.refused(Move(one, box))) == [("to", "temperature-not-suitable")]
    assert _codes(lab.refused(Move(one, box), even_warmer=True)) == [("why", "reason-missing")]
    lab.move(Move(one, box), even_warmer=True, why="F80-01 has failed")
    assert lab.where(one).startswith("F20-01")
    assert lab.whole()


def test_a_box_that_came_to_another_temperature_says_so_and_brings_its_codes_along(lab: Lab) -> None:
    _tank, tower = lab.freezer("LN2-08", "ln2")
    with lab.store.read() as connection:
        before = samples.sample(connection, codes.number(lab.kept.vials[0]))
    moved = lab.move(Move(lab.box, tower))
    with lab.store.read() as connection:
        after = samples.sample(connection, codes.number(lab.kept.vials[0]))
        (change,) = connection.execute(tables.temperature_change.select()).all()
    assert before is not None
    assert after is not None
    assert (change.was, change.became) == ("-80", "ln2")
    assert before.sprec != after.sprec
    with lab.store.read() as connection:
        (stays,) = sprec.stays_of(connection, [after.id]).values()
    assert [stay.temperature for stay in stays] == ["-80", "ln2"]
    moving.undo(lab.store, lab.actor, moved.command)
    with lab.store.read() as connection:
        again = samples.sample(connection, codes.number(lab.kept.vials[0]))
    assert again is not None
    assert again.sprec == before.sprec
    assert lab.whole()


def test_what_lies_somewhere_may_be_moved_whatever_consent_says_now(lab: Lab) -> None:
    one, two, _three = lab.kept.vials
    quarantine.report(lab.store, lab.actor, found_wrong(one))
    form = consent.ConsentForm(
        lab.kept.donor, "withdrawn", "mother", datetime.now(UTC).date(), datetime.now(UTC).date(), level="W2"
    )
    consent.record_consent(lab.store, lab.actor, form)
    lab.move(Move(one, lab.other), Move(two, lab.other))
    assert "BX777" in lab.where(one)
    assert lab.whole()


def test_time_out_of_the_cold_is_kept_with_the_move(lab: Lab) -> None:
    one = lab.kept.vials[0]
    since = datetime.now(UTC) - timedelta(minutes=4)
    use.check_out(lab.store, lab.actor, [one], "to another box")
    lab.move(Move(one, lab.other), out_at=since)
    with lab.store.read() as connection:
        row = connection.execute(tables.relocation.select()).one()
        out = connection.execute(tables.excursion.select()).one()
    assert 3.9 < (row.at - row.out_at).total_seconds() / 60 < 5
    assert out.back_at is not None
    assert lab.whole()


def test_nothing_goes_into_what_is_out_of_service(lab: Lab) -> None:
    one = lab.kept.vials[0]
    outages.begin(lab.store, lab.actor, "F80-01", "compressor")
    assert _codes(lab.refused(Move(one, lab.other))) == [("to", "out-of-service")]
    with pytest.raises(Rejected) as refused:
        placing.place(lab.store, lab.actor, lab.other, one)
    assert "out-of-service" in {problem.code for problem in refused.value.problems}
    with pytest.raises(Rejected) as refused:
        outages.begin(lab.store, lab.actor, "F80-01", "again")
    assert _codes(refused.value) == [("container", "out-of-service")]
    outages.end(lab.store, lab.actor, "F80-01")
    lab.move(Move(one, lab.other))
    with pytest.raises(Rejected) as refused:
        outages.end(lab.store, lab.actor, "F80-01")
    assert _codes(refused.value) == [("container", "in-service")]
    assert lab.whole()


def test_a_list_stores_what_lies_nowhere_and_moves_the_rest(lab: Lab) -> None:
    one, two, three = lab.kept.vials
    placing.take_out(lab.store, lab.actor, three, "to be placed again")
    rows = (Move(one, lab.other, "A1", 2), Move(three, lab.other, "A2", 3))
    loaded = moving.load(lab.store, lab.actor, MoveForm(rows))
    assert [place.label for place in loaded.places] == ["A1", "A2"]
    moving.undo(lab.store, lab.actor, loaded.command)
    assert lab.where(three) == ""
    assert lab.where(one) == "F80-01 / F80-01 S1 / BX001 @ 1-1"
    bad = (Move(two, lab.other, "A10", 2), Move("nothing", lab.other, "A2", 5), Move(one, "no box", "A3", 9))
    with pytest.raises(Rejected) as refused:
        moving.load(lab.store, lab.actor, MoveForm(bad))
    assert _codes(refused.value) == [
        ("line 2", "position-unknown"),
        ("line 5", "thing-unknown"),
        ("line 9", "container-unknown"),
    ]
    assert lab.whole()


def test_nothing_is_taken_back_to_where_it_may_no_longer_lie(lab: Lab) -> None:
    one = lab.kept.vials[0]
    moved = lab.move(Move(one, lab.other))
    contents.set_rule(lab.store, ANNA, lab.box, None, "as it was")
    reserving.reserve(lab.store, ANNA, ReserveForm(lab.box, "tomorrow", ("A1",)))
    with pytest.raises(Conflict) as refused:
        moving.undo(lab.store, lab.actor, moved.command)
    assert _codes(refused.value) == [("position", "position-reserved-by")]
    moving.undo(lab.store, ANNA, moved.command)
    with pytest.raises(Rejected) as nothing:
        reserving.give_back(lab.store, ANNA, lab.box, ("A1",))
    assert _codes(nothing.value) == [("positions", "not-reserved")]
    for vial in lab.kept.vials:
        moved = lab.move(Move(vial, lab.other))
    contents.set_rule(lab.store, ANNA, lab.box, ["CEL"], "cells only")
    with pytest.raises(Rejected) as forbidden:
        moving.undo(lab.store, lab.actor, moved.command)
    assert _codes(forbidden.value) == [("", "material-not-allowed")]
    assert lab.whole()


def test_a_box_taken_back_to_nowhere_is_free_of_the_rules_around_it(lab: Lab) -> None:
    loose = add_container(lab.store, ANNA, ContainerForm("Box 9 × 9", "BX778"))
    contents.set_rule(lab.store, ANNA, lab.shelf, ["PL1"], "plasma only")
    moved = lab.move(Move(loose, lab.shelf))
    assert lab.allowed(loose) == "PL1"
    moving.undo(lab.store, lab.actor, moved.command)
    assert (lab.where(loose), lab.allowed(loose)) == ("", None)
    assert lab.whole()
