"""The storage as it was: every moment asked again says what was true at that moment."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import NotFound, Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import containers, history, samples
from biobank_desktop.persistence.queries.as_of import taken_back
from biobank_desktop.persistence.queries.history import Change, EventRow
from biobank_desktop.services import corrections, placing, storage, use
from biobank_desktop.services.as_of import as_it_was
from biobank_desktop.services.commands import command
from biobank_desktop.services.families import held
from biobank_desktop.services.gate import decide_about
from biobank_desktop.services.records import box_view
from tests.support.databases import ANNA
from tests.support.lab import add_boxes, add_donor, consent_of_both, fill_all, receive, vials_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.containers import ContainerRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from biobank_desktop.services.as_of import AsItWas
    from biobank_desktop.services.records import BoxView
    from tests.support.lab import Boxes

STEPS = 45
Truth = tuple[dict[int, "BoxView"], dict[int | None, list["ContainerRow"]]]


def _all(connection: Connection) -> list[int]:
    return [row.id for row in containers.everything(connection)]


def _truth(connection: Connection) -> Truth:
    numbers = _all(connection)
    views = {number: box_view(connection, number) for number in numbers}
    return views, {number: containers.inside(connection, number) for number in [None, *numbers]}


def _now(store: Store) -> datetime:
    """The newest command's moment, and nothing else in its millisecond."""
    time.sleep(0.002)
    with store.read() as connection:
        newest = history.page(connection, history.ids(connection, limit=1))[0].at
    time.sleep(0.002)
    return newest


def _asked(store: Store, container_id: int | None, moment: datetime) -> AsItWas:
    with store.read() as connection:
        return as_it_was(connection, container_id, moment, datetime.now(UTC) + timedelta(minutes=1))


def _move(store: Store, places: dict[int, tuple[int, int, int]]) -> None:
    """Let things lie elsewhere, all in one command: their rows go and come again, as a swap does it."""

    def body(work: Work) -> dict[str, object]:
        rows = [samples.sample(work.connection, item) for item in places]
        decide_about(work, held(work, [row for row in rows if row]))
        was = {item: work.delete(tables.placement, {"item_id": item}) for item in places}
        for item, (box, row_no, column_no) in places.items():
            target = containers.container(work.connection, box)
            assert target is not None
            grid = {"rows": target.kind.rows, "columns": target.kind.columns}
            at = {"container_id": box, "row_no": row_no, "column_no": column_no, "since": work.at}
            work.insert(tables.placement, [{**was[item], **grid, **at}])
        return {}

    store.run(command(ANNA, "moved", {}, "storage"), body)


class Play:
    """Random gestures on a small lab; each says whether it did something."""

    def __init__(self, store: Store, actor: Actor, seed: int) -> None:
        self.store, self.actor, self.random = store, actor, Random(seed)
        self.boxes = add_boxes(store)
        self.donors = [add_donor(store, actor) for _ in range(3)]
        for donor in self.donors:
            consent_of_both(store, actor, donor)
        made = [
            receive(store, actor, donor, tube_code=f"HX2611004{place}")
            for place, donor in enumerate(self.donors[:2])
        ]
        for one in made:
            fill_all(store, actor, one)
        self.tubes = [one.tube for one in made]
        self.vials = [vial for one in made for vial in vials_of(one, "PL1")]
        self.cells = [vial for one in made for vial in vials_of(one, "CEL")]
        self.placings: list[str] = []
        self.uses: list[UUID] = []
        self.made = 0
        self.done: set[str] = set()

    def step(self, nth: int) -> None:
        """One gesture, which the rules may refuse: each in its turn, then any."""
        gestures: list[Callable[[], object]] = [
            self._place, self._place, self._place, self._place_cells, self._undo, self._take_out, self._out,
            self._back, self._broken, self._correct, self._reattribute, self._box, self._swap, self._shift,
            self._carry, self._lost, self._not_so, self._not_so, self._rename,
        ]  # fmt: skip
        gesture = gestures[nth] if nth < len(gestures) else self.random.choice(gestures)
        with suppress(Rejected):
            gesture()
            self.done.add(gesture.__name__)

    def _place(self) -> None:
        vials = self.random.sample(self.vials, self.random.randint(1, 2))
        done = placing.place_all(self.store, self.actor, self.boxes.plasma, [(vial, "") for vial in vials])
        self.placings.append(done[0].command)

    def _place_cells(self) -> None:
        done = placing.place(self.store, ANNA, self.boxes.nitrogen, self.random.choice(self.cells))
        self.placings.append(done.command)

    def _undo(self) -> None:
        if self.placings:
            placing.undo(self.store, ANNA, self.random.choice(self.placings))

    def _take_out(self) -> None:
        placing.take_out(self.store, self.actor, self.random.choice(self.vials + self.cells), "thawed box")

    def _used(self) -> UUID:
        self.uses.append(uuid4())
        return self.uses[-1]

    def _out(self) -> None:
        some = [self.random.choice(self.vials)]
        use.check_out(self.store, self.actor, some, "to be measured", self._used())

    def _back(self) -> None:
        use.check_in(self.store, self.actor, [self.random.choice(self.vials)], thawed=False)

    def _broken(self) -> None:
        use.report_broken(self.store, ANNA, self.random.choice(self.vials), "dropped", self._used())

    def _lost(self) -> None:
        use.report_lost(self.store, self.actor, self.random.choice(self.cells), "not there", self._used())

    def _not_so(self) -> None:
        """What was said of a use is taken back: the thing lies again where it lay."""
        if self.uses:
            use.undo(self.store, self.actor, str(self.random.choice(self.uses[-3:])))

    def _correct(self) -> None:
        tube, point = self.random.choice(self.tubes), self.random.choice(("DX", "TP1", "TP2"))
        corrections.correct(self.store, self.actor, tube, {"time_point": point}, "read wrongly")

    def _reattribute(self) -> None:
        tube, donor = self.random.choice(self.tubes), self.random.choice(self.donors)
        corrections.reattribute(self.store, self.actor, tube, donor, "swapped tubes")

    def _box(self) -> None:
        self.made += 1
        form = storage.ContainerForm("Box 9 × 9", f"NEW{self.made}", None, "F80-01 S1")
        storage.add_container(self.store, ANNA, form)

    def _places(self) -> dict[int, tuple[int, int, int]]:
        with self.store.read() as connection:
            view = box_view(connection, codes.number(self.boxes.plasma))
        return {one.item_id: (view.container.id, one.row_no, one.column_no) for one in view.contents}

    def _swap(self) -> None:
        places = self._places()
        if len(places) >= 2:
            first, second = self.random.sample(sorted(places), 2)
            _move(self.store, {first: places[second], second: places[first]})

    def _shift(self) -> None:
        places = self._places()
        free = (codes.number(self.boxes.plasma), 9, self.random.randint(1, 9))
        if places and free not in places.values():
            _move(self.store, {self.random.choice(sorted(places)): free})

    def _carry(self) -> None:
        """The box itself goes to another place of its shelf."""
        with self.store.read() as connection:
            shelf = containers.by_name(connection, "F80-01 S1")
            assert shelf is not None
            taken = containers.occupied(connection, shelf.id)
        free = next((at for at in ((1, column) for column in range(1, 9)) if at not in taken), None)
        if free:
            _move(self.store, {codes.number(self.boxes.plasma): (shelf.id, *free)})

    def _rename(self) -> None:
        def body(work: Work) -> dict[str, object]:
            key = {"id": codes.number(self.boxes.plasma)}
            work.update(tables.container, key, name=f"BX-{self.random.randint(1, 999)}")
            return {}

        self.store.run(command(ANNA, "renamed", {}, "storage"), body)


@pytest.mark.parametrize("seed", range(3))
def test_every_moment_asked_again_is_what_it_was(store: Store, actor: Actor, seed: int) -> None:
    play = Play(store, actor, seed)
    known: list[tuple[datetime, Truth]] = []
    for nth in range(STEPS):
        play.step(nth)
        moment = _now(store)
        with store.read() as connection:
            known.append((moment, _truth(connection)))
    newest = set(known[-1][1][0])
    for moment, (views, inside) in known:
        for number, view in views.items():
            was = _asked(store, number, moment)
            assert was.view == view
            assert list(was.children) == inside[number]
        assert list(_asked(store, None, moment).children) == inside[None]
        for number in newest - set(views):
            with pytest.raises(NotFound):
                _asked(store, number, moment)
    assert {"_carry", "_rename", "_swap", "_reattribute", "_correct", "_broken"} <= play.done, play.done


@pytest.fixture
def boxes(store: Store) -> Boxes:
    return add_boxes(store)


@pytest.fixture
def vials(store: Store, actor: Actor, boxes: Boxes) -> list[str]:
    """Four vials in the first wells of the box."""
    donor = add_donor(store, actor)
    consent_of_both(store, actor, donor)
    found = []
    for place in range(2):
        made = receive(store, actor, donor, tube_code=f"HX2611004{place}")
        fill_all(store, actor, made)
        found += vials_of(made, "PL1")
    placing.place_all(store, actor, boxes.plasma, [(vial, "") for vial in found])
    return found


def test_what_has_changed_since_is_said_with_when_and_by_whom(
    store: Store, actor: Actor, boxes: Boxes, vials: list[str]
) -> None:
    box = codes.number(boxes.plasma)
    stays, gone, moved, back = map(codes.number, vials)
    begin = _now(store)
    placing.take_out(store, actor, codes.from_number(gone), "for diagnostics")
    placing.take_out(store, actor, codes.from_number(back), "looked at")
    placing.place(store, actor, boxes.plasma, codes.from_number(back), "A4")
    _move(store, {moved: (box, 9, 9)})
    middle = _now(store)
    placing.place(store, actor, boxes.plasma, codes.from_number(gone), "B2")
    found = {one.content.item_id: one for one in _asked(store, box, begin).differences}
    assert {number: (one.kind, one.was, one.became) for number, one in found.items()} == {
        gone: ("moved", "A2", "B2"),
        moved: ("moved", "A3", "J9"),
    }
    assert stays not in found
    assert (found[moved].event, found[moved].name, found[moved].at) == ("moved", ANNA.name, middle)
    (came,) = _asked(store, box, middle).differences
    assert (came.kind, came.was, came.became, came.name) == ("came", "", "B2", actor.name)
    assert came.content.code == codes.from_number(gone)
    assert _asked(store, box, came.at).differences == ()


def test_what_left_is_named_with_what_it_was(
    store: Store, actor: Actor, boxes: Boxes, vials: list[str]
) -> None:
    moment = _now(store)
    use.report_broken(store, ANNA, vials[0], "dropped")
    (gone,) = _asked(store, codes.number(boxes.plasma), moment).differences
    assert (gone.kind, gone.event, gone.was, gone.became) == ("gone", "reported-broken", "A1", "")
    assert gone.content.material == "PL1"


def test_a_rack_and_the_whole_storage_say_how_full_each_was(
    store: Store, actor: Actor, boxes: Boxes, vials: list[str]
) -> None:
    moment = _now(store)
    placing.take_out(store, actor, vials[0], "for diagnostics")
    with store.read() as connection:
        shelf = containers.by_name(connection, "F80-01 S1")
        assert shelf is not None
    storage.add_container(store, ANNA, storage.ContainerForm("Box 9 × 9", "BX009", None, shelf.code))
    storage.add_container(store, ANNA, storage.ContainerForm("Freezer −80", "F80-02", "-80"))
    was = _asked(store, shelf.id, moment)
    assert [(row.name, row.used) for row in was.children] == [("BX001", 4), ("CoolCell 1", 0)]
    assert [(one.kind, one.content.name) for one in was.differences] == [("came", "BX009")]
    whole = _asked(store, None, moment)
    assert [row.name for row in whole.children] == ["F80-01", "LN2-01"]
    assert [(one.kind, one.content.name, one.name) for one in whole.differences] == [
        ("came", "F80-02", ANNA.name)
    ]


def test_a_moment_to_come_and_one_before_it_was_made_are_refused(store: Store, boxes: Boxes) -> None:
    box = codes.number(boxes.plasma)
    with pytest.raises(Rejected) as ahead:
        _asked(store, box, datetime.now(UTC) + timedelta(hours=1))
    assert [(one.field, one.code) for one in ahead.value.problems] == [("at", "moment-ahead")]
    with pytest.raises(NotFound) as early:
        _asked(store, box, datetime.now(UTC) - timedelta(days=1))
    assert [(one.field, one.code) for one in early.value.problems] == [("at", "container-made-later")]
    assert _asked(store, None, datetime.now(UTC) - timedelta(days=1)).children == ()
    with pytest.raises(NotFound) as unknown:
        _asked(store, codes.number(codes.run(codes.CodeKind.CONTAINER, 2031, 77, 1)[0]), datetime.now(UTC))
    assert unknown.value.problems[0].code == "container-unknown"


def _event(command_id: str, *changes: Change) -> EventRow:
    at = datetime.now(UTC)
    return EventRow(1, 1, 1, "moved", at, "bo", "Bo", "bench-1", "", command_id, changes, sealed=True)


@pytest.mark.parametrize("turned", [False, True])
def test_a_row_that_went_to_another_history_is_taken_back_whichever_was_written_first(
    turned: bool,
) -> None:
    was, now = {"item_id": 7, "row_no": 1}, {"item_id": 7, "row_no": 2}
    events = [
        _event("a", Change("placement", (7,), was, None)),
        _event("a", Change("placement", (7,), None, now)),
    ]
    if turned:
        events.reverse()
    assert taken_back({(7,): now}, events, "placement") == {(7,): was}
    assert taken_back({}, [_event("a", Change("placement", (7,), {"row_no": 1}, {"row_no": 2}))], "x") == {}


def test_a_command_is_never_cut_in_two(store: Store) -> None:
    """Two benches write at once: the events of the one take their numbers between those of the other."""
    begin = datetime.now(UTC) + timedelta(minutes=1)
    first, second = (
        {
            "id": uuid4(), "kind": "moved", "payload_sha256": bytes(32), "login": "bo", "bench": "bench-1",
            "at": begin + timedelta(seconds=later),
        }
        for later in (0, 1)
    )  # fmt: skip
    with store.engine.connect() as connection, connection.begin() as transaction:
        newest = history.ids(connection, limit=1)[0]
        connection.execute(tables.command.insert(), [first, second])
        connection.execute(
            tables.event.insert(),
            [
                {
                    "id": newest + place, "stream_id": 0, "seq": 9000 + place, "command_id": of["id"],
                    "body": b"{}", "hash": bytes(32),
                }
                for place, of in enumerate((first, second, first), start=1)
            ],
        )  # fmt: skip
        assert history.last_before(connection, begin - timedelta(seconds=1)) == newest
        assert history.last_before(connection, begin) == newest + 3
        assert history.last_before(connection, begin + timedelta(seconds=1)) == newest + 3
        assert history.last_before(connection, begin - timedelta(days=9999)) == 0
        transaction.rollback()
