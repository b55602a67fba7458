"""Walks through storage: random gestures on racks and boxes of random geometry, held against a plain model.

After every step the database says what the model says: what lies where, what is reserved, spilled, and
allowed. A gesture is refused exactly when the model refuses it, for the same reasons. At the end the history
explains every position: verified, and told from the events alone.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from functools import cache, partial
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select, text

from biobank_desktop.domain import codes
from biobank_desktop.domain.contents import allowed
from biobank_desktop.domain.grids import FILL_ORDERS
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import loads
from biobank_desktop.persistence.queries import containers
from biobank_desktop.persistence.schema import without_guards
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import contents, moving, placing, reserving, spills
from biobank_desktop.services.bulk import fill_lab
from biobank_desktop.services.kinds import KindForm, add_kind
from biobank_desktop.services.reserving import ReserveForm
from biobank_desktop.services.storage import ContainerForm, add_container
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import databases, hasty_databases
from tests.soak.storage_model import STANDS_IN, UNDOABLE, Container, Kind, Model, Place, Refused
from tests.support.databases import ANNA, BO, CAS, ENGINES, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import EngineName

STEPS = 500
ROAMING, FULL_BOXES = 40, 2
NEVER_A_POSITION = ("Z99", "999", "A", "?")
RULES = (None, None, None, ("CEL",), ("PL1",), ("CEL", "PL1"), ("CEL", "PL1", "DNA"))
SCHEMES = (
    ("letters", "numbers"),
    ("letters-without-i", "numbers-padded"),
    ("numbers", "letters"),
    ("numbers", "numbers"),
    ("numbers-padded", "numbers-padded"),
    ("running", "running"),
)

_code = cache(codes.from_number)

Gesture = tuple[str, "Callable[[], None]", "Callable[[], object]"]
"""in words; what the model does; what the program does"""


class Forgetful(Model):
    """A model that takes nothing back: walks must contradict it."""

    def undo(self, login: str, command: str, of: str) -> None:
        was = self.lies
        super().undo(login, command, of)
        self.lies = was


class Walk:
    """One lab with a model of it."""

    def __init__(self, store: Store, seed: int, model: type[Model] = Model) -> None:
        self._store, self._random = store, Random(seed)
        for _progress in fill_lab(store, ANNA, 1, seed):
            pass
        self._furnish()
        self.model = self._read(model)
        random, known = self._random, self.model
        tanked = [vial for vial in sorted(known.material) if vial in known.lies]
        self._vials = random.sample(tanked, ROAMING)
        full = [box for box in known.boxes if known.kind(box).holds_samples and known.taken(box)]
        self._boxes = [box for box in known.boxes if box not in full] + full[:FULL_BOXES]
        self._into = [box for box in self._boxes if known.kind(box).holds_samples]
        self.made: Counter[str] = Counter()

    # The lab ------------------------------------------------------------------------------------------

    def _furnish(self) -> None:
        """Freezers with shelves, racks and boxes, of kinds that no other lab has."""
        kinds = {level: self._kinds(level) for level in ("box", "shelf", "rack", "freezing-container")}
        inside: dict[str, list[str]] = {
            "device": [
                self._container("Freezer −80", "F80-01", temperature="-80"),
                self._container("LN2 vapour tank", "LN2-09", temperature="ln2"),
                self._container("Freezer −80", "F20-01", temperature="-20"),
            ]
        }
        for level, into, count in (
            ("shelf", ("device",), 5),
            ("rack", ("device", "shelf"), 6),
            ("box", ("shelf", "rack"), 12),
            ("freezing-container", ("shelf",), 1),
        ):
            inside[level] = []
            for number in range(count):
                outer = self._random.choice([one for name in into for one in inside[name]] or [None])
                if level == "box" and number == 0:
                    outer = None
                try:
                    kind = self._random.choice(kinds[level])
                    inside[level].append(self._container(kind, f"{level} {number}", inside=outer))
                except Rejected:  # full, or not of a kind that may stand there
                    continue

    def _kinds(self, level: str) -> list[str]:
        return [self._kind(level, f"{level} kind {number}") for number in range(3)]

    def _kind(self, level: str, name: str) -> str:
        random, holds = self._random, "samples" if level in {"box", "freezing-container"} else "containers"
        rows, columns = random.randint(1, 5), random.randint(2, 6)
        scheme = random.choice(SCHEMES)
        if random.random() < 0.2:
            rows, scheme = 1, ("running", "running")
        takes = ("box kind 0", "box kind 1") if level == "rack" and random.random() < 0.3 else None
        order = random.choice(sorted(FILL_ORDERS))
        form = KindForm(name, level, rows, columns, *scheme, order, holds, random.choice(RULES), takes)
        add_kind(self._store, ANNA, form)
        return name

    def _container(
        self, kind: str, name: str, *, temperature: str | None = None, inside: str | None = None
    ) -> str:
        return add_container(self._store, ANNA, ContainerForm(kind, name, temperature, inside))

    def _read(self, model: type[Model]) -> Model:
        with self._store.read() as connection:
            kinds = {
                row.name: Kind(
                    row.level, row.rows, row.columns, row.row_labels, row.column_labels, row.fill_order,
                    row.holds == "samples", allowed(row.materials), allowed(row.takes),
                )
                for row in containers.kinds(connection)
            }  # fmt: skip
            boxes = {
                _code(row.id): Container(row.kind, row.temperature)
                for row in connection.execute(select(tables.container).order_by(tables.container.c.name))
            }
            material = {
                _code(row.id): row.material
                for row in connection.execute(select(tables.sample).where(tables.sample.c.kind != "tube"))
            }
        lies = {item: Place(box, well, 0, "") for item, (box, well) in self._lying().items()}
        return model(kinds, boxes, material, lies)

    def _lying(self) -> dict[str, tuple[str, tuple[int, int]]]:
        with self._store.read() as connection:
            rows = connection.execute(text("SELECT item_id, container_id, row_no, column_no FROM placement"))
            return {_code(item): (_code(box), (row, column)) for item, box, row, column in rows}

    # Gestures -----------------------------------------------------------------------------------------

    def step(self) -> list[str]:
        """Do something by chance; what was wrong with it."""
        self.model.step += 1
        time.sleep(0.001)  # two moments apart: what is later has a later time
        name = self._random.choices(*zip(*GESTURES.items(), strict=True))[0]
        command = uuid4()
        words, expected, done = getattr(self, f"_{name}")(command)
        told = _reasons(done)
        meant = _reasons(expected)
        self.made[f"{name} {'refused' if told else 'done'}"] += 1
        broken = [] if told == meant else [f"{words}: told {sorted(told)}, expected {sorted(meant)}"]
        return broken + [f"{words}: {why}" for why in (*self.differences(), *self.model.broken())]

    def _actor(self) -> Actor:
        return self._random.choice((BO, BO, BO, CAS))

    def _vial(self) -> str:
        return self._random.choice(self._vials)

    def _box(self) -> str:
        return self._random.choice(self._into)

    def _box_for(self, vial: str) -> str:
        """Mostly one that may take the vial."""
        known = self.model
        fitting = [
            box
            for box in self._into
            if known.suits(vial, box, known.lies)
            and known.permits(vial, box)
            and len(known.taken(box)) < len(known.kind(box).wells)
        ]
        return self._random.choice(fitting if fitting and self._random.random() < 0.85 else self._into)

    def _outer_for(self, box: str) -> str:
        """Mostly one of a level that the container may stand in."""
        levels = STANDS_IN.get(self.model.kind(box).level, set())
        fitting = [one for one in self._boxes if self.model.kind(one).level in levels]
        return self._random.choice(fitting if fitting and self._random.random() < 0.85 else self._boxes)

    def _label(self, box: str) -> str:
        """Mostly a free position, by name or as the next one; now and then one that there is not."""
        way, labels = self._random.random(), self.model.kind(box).labels
        taken = self.model.taken(box)
        free = [label for label, well in labels.items() if well not in taken]
        if way < 0.4:
            return ""
        if way < 0.8 and free:
            return self._random.choice(free)
        return self._random.choice(list(labels)) if way < 0.97 else self._random.choice(NEVER_A_POSITION)

    def _place(self, command: Any) -> Gesture:
        actor, known = self._actor(), self.model
        out = [vial for vial in self._vials if vial not in known.lies] or self._vials
        vials = [self._vial() if self._random.random() < 0.1 else self._random.choice(out)]
        alike = [vial for vial in out if known.material[vial] == known.material[vials[0]]]
        vials += [vial for vial in alike if vial not in vials][: self._random.randrange(3)]
        box = self._box_for(vials[0]) if self._random.random() < 0.98 else self._any_box()
        asked = [(vial, self._label(box)) for vial in vials]
        return (
            f"{actor.login} places {asked} in {box}",
            partial(self.model.place, actor.login, str(command), box, asked),
            partial(placing.place_all, self._store, actor, box, asked, command),
        )

    def _any_box(self) -> str:
        return self._random.choice(self._boxes)

    def _take_out(self, command: Any) -> Gesture:
        vial = self._vial()
        return (
            f"takes {vial} out",
            partial(self.model.take_out, str(command), vial),
            partial(placing.take_out, self._store, BO, vial, "used up", command),
        )

    def _moves(self) -> list[tuple[str, str, str]]:
        random = self._random
        if random.random() < 0.7:
            items = random.sample(self._vials, random.choice((1, 1, 1, 2, 3, 5)))
            into = [self._box_for(item) for item in items]
        else:
            items = [self._any_box() for _ in range(random.choice((1, 1, 2)))]
            into = [self._outer_for(item) for item in items]
            if random.random() < 0.2:
                items, into = [*items, self._vial()], [*into, self._box()]
        moves = [(item, box, self._label(box)) for item, box in zip(items, into, strict=True)]
        if random.random() < 0.05:
            moves.append((random.choice((items[0], "PM26000000")), random.choice((into[0], "nothing")), ""))
        return moves

    def _move(self, command: Any) -> Gesture:
        actor, moves, warmer = self._actor(), self._moves(), self._random.random() < 0.1
        form = MoveForm(tuple(Move(*one) for one in moves), "no other place", even_warmer=warmer)
        return (
            f"{actor.login} moves {moves}{' even warmer' * warmer}",
            partial(self.model.move, actor.login, str(command), moves, even_warmer=warmer),
            partial(moving.move, self._store, actor, form, command),
        )

    def _load(self, command: Any) -> Gesture:
        actor, moves = self._actor(), self._moves()
        form = MoveForm(tuple(Move(*one, line) for line, one in enumerate(moves, 2)))
        return (
            f"{actor.login} loads {moves}",
            partial(self.model.move, actor.login, str(command), moves, new=True),
            partial(moving.load, self._store, actor, form, command),
        )

    def _swap(self, command: Any) -> Gesture:
        actor, random = self._actor(), self._random
        of = self._boxes if random.random() < 0.4 else self._vials
        one, other = random.choice(of), random.choice(of)
        if random.random() < 0.1:
            other = self._vial()
        elif one in self.model.material and random.random() < 0.5:
            alike = self.model.material[one]
            other = random.choice([vial for vial in self._vials if self.model.material[vial] == alike])
        return (
            f"{actor.login} swaps {one} and {other}",
            partial(self.model.swap, actor.login, str(command), one, other),
            partial(moving.swap, self._store, actor, one, other, command),
        )

    def _of(self, kinds: AbstractSet[str]) -> str:
        """Mostly the newest command of these kinds, or an older one, or another one."""
        random, done = self._random, self.model.done
        commands = [one for one in done if done[one].kind in kinds or random.random() < 0.05][-8:]
        if not commands:
            return str(uuid4())
        return commands[-1] if random.random() < 0.6 else random.choice(commands)

    def _undo(self, command: Any) -> Gesture:
        actor, of = self._actor(), self._of(UNDOABLE)
        return (
            f"{actor.login} takes {self.model.done.get(of)} back",
            partial(self.model.undo, actor.login, str(command), of),
            partial(moving.undo, self._store, actor, of, command),
        )

    def _undo_placing(self, command: Any) -> Gesture:
        of = self._of({"placed"})
        return (
            f"takes the placing {self.model.done.get(of)} back",
            partial(self.model.undo_placing, str(command), of),
            partial(placing.undo, self._store, BO, of, command),
        )

    def _spill(self, command: Any) -> Gesture:
        box = self._box() if self._random.random() < 0.9 else self._any_box()
        return (
            f"spills {box}",
            partial(self.model.spill, box),
            partial(spills.spill, self._store, BO, box, "fell", command),
        )

    def _spilled(self) -> str:
        spilled = list(self.model.spilled)
        return self._random.choice(spilled) if spilled and self._random.random() < 0.95 else self._box()

    def _rescan(self, command: Any) -> Gesture:
        actor, box, random = self._actor(), self._spilled(), self._random
        inside = [vial for vial in self.model.taken(box).values() if vial in self.model.material]
        vial = random.choice(inside) if inside and random.random() < 0.8 else self._vial()
        label = self._label(box)
        return (
            f"{actor.login} finds {vial} at {label or 'the next'} of {box}",
            partial(self.model.rescan, actor.login, str(command), box, vial, label),
            partial(spills.rescan, self._store, actor, box, vial, label, command),
        )

    def _end_spill(self, command: Any) -> Gesture:
        box = self._spilled()
        return (
            f"says {box} is in order",
            partial(self.model.end_spill, box),
            partial(spills.end, self._store, BO, box, command),
        )

    def _reserve(self, command: Any) -> Gesture:
        actor, box, random = self._actor(), self._any_box(), self._random
        labels = list({self._label(box) for _ in range(random.randint(1, 3))} - {""})
        count = 0 if labels else random.randint(1, 4)
        form = ReserveForm(box, "tomorrow", tuple(labels), count)
        return (
            f"{actor.login} reserves {labels or count} of {box}",
            partial(self.model.reserve, actor.login, box, labels, count),
            partial(reserving.reserve, self._store, actor, form, command),
        )

    def _give_back(self, command: Any) -> Gesture:
        actor, random = self._actor(), self._random
        reserved = sorted({box for box, _well in self.model.reserved}) or self._boxes
        box = random.choice(reserved)
        labels = list({self._label(box) for _ in range(random.randint(0, 2))} - {""})
        return (
            f"{actor.login} gives {labels or 'everything'} of {box} back",
            partial(self.model.give_back, actor.login, box, labels, anybodys=actor is CAS),
            partial(reserving.give_back, self._store, actor, box, tuple(labels), command),
        )

    def _set_rule(self, command: Any) -> Gesture:
        box, rule = self._any_box(), self._random.choice(RULES)
        return (
            f"sets the rule of {box} to {rule}",
            partial(self.model.set_rule, box, None if rule is None else frozenset(rule)),
            partial(contents.set_rule, self._store, ANNA, box, rule, "tidier", command),
        )

    # What is compared ---------------------------------------------------------------------------------

    def differences(self) -> list[str]:
        """Where the database says otherwise than the model."""
        model, found = self.model, []
        now = {item: (place.box, place.well) for item, place in model.lies.items()}
        found += _differences("lies", self._lying(), now)
        with self._store.read() as connection:
            rows = connection.execute(text("SELECT container_id, row_no, column_no, login FROM reservation"))
            reserved = {(_code(box), (row, column)): login for box, row, column, login in rows}
            spilled = connection.execute(text("SELECT container_id FROM spill WHERE ended_at IS NULL"))
            open_spills = dict.fromkeys(map(_code, spilled.scalars()))
            rules = {
                _code(box): allowed(materials)
                for box, materials in connection.execute(text("SELECT id, materials FROM container"))
            }
        found += _differences("is reserved", reserved, model.reserved)
        found += _differences("is spilled", open_spills, dict.fromkeys(model.spilled))
        return found + _differences("may hold", rules, {box: model.allowed(box) for box in model.boxes})

    def explained(self) -> list[str]:
        """What the history does not explain."""
        seal(self._store)
        found = [str(problem) for problem in Verification(self._store).run()]
        told: dict[str, tuple[str, tuple[int, int]]] = {}
        with self._store.read() as connection:
            bodies = connection.execute(select(tables.event.c.body).order_by(tables.event.c.id)).scalars()
            changes = [change for body in bodies for change in loads(body)["changes"]]
        for table, _key, old, new in changes:
            if table != "placement":
                continue
            if old is not None:
                told.pop(_code(old["item_id"]))
            if new is not None:
                place = _code(new["container_id"]), (new["row_no"], new["column_no"])
                told[_code(new["item_id"])] = place
        return found + _differences("was laid by the events", told, self._lying())


GESTURES = {
    "move": 26,
    "load": 8,
    "place": 14,
    "take_out": 10,
    "swap": 10,
    "undo": 12,
    "undo_placing": 3,
    "spill": 2,
    "rescan": 10,
    "end_spill": 2,
    "reserve": 5,
    "give_back": 3,
    "set_rule": 5,
}
"""Each gesture and how often it is made."""
CELLS = frozenset(f"{gesture} {end}" for gesture in GESTURES for end in ("done", "refused"))


def _reasons(gesture: Callable[[], object]) -> frozenset[str]:
    """Why a gesture was refused; none when it was done."""
    try:
        gesture()
    except Refused as refused:
        return refused.reasons
    except Rejected as refused:
        return frozenset(problem.code for problem in refused.problems)
    return frozenset()


def _differences(what: str, said: Mapping[Any, Any], meant: Mapping[Any, Any]) -> list[str]:
    wrong = [
        key for key in {**said, **meant} if (key in said, said.get(key)) != (key in meant, meant.get(key))
    ]
    return [f"{key} {what}: {said.get(key, 'not')}, expected {meant.get(key, 'not')}" for key in wrong[:3]]


def round_of_steps(engine: EngineName, seed: int, model: type[Model] = Model, steps: int = STEPS) -> Outcome:
    """A walk of so many steps in a lab of its own, until something is wrong."""
    made = hasty_databases() if engine == "postgresql" else databases(engine)
    address = made.lab()
    broken: list[str] = []
    taken = 0
    with closing(open_store(address)) as store:
        walk = Walk(store, seed, model)
        while taken < steps and not broken:
            taken += 1
            broken = [f"step {taken}, {why}" for why in walk.step()]
        broken = broken or walk.explained()
    made.remove(address)
    return Outcome(taken, tuple(broken), walk.made)


def round_of_thefts(seed: int) -> Outcome:
    """The control of the comparison: something is gone and no gesture has taken it."""
    address = databases("sqlite").lab()
    with closing(open_store(address)) as store:
        walk = Walk(store, seed)
        with store.engine.begin() as connection, without_guards(connection):
            connection.execute(
                text("DELETE FROM placement WHERE item_id = (SELECT max(item_id) FROM placement)")
            )
        broken = walk.differences()
    databases("sqlite").remove(address)
    return Outcome(1, tuple(broken))


CAMPAIGNS = (
    *(
        Campaign(
            f"walks through storage, {engine}",
            "steps",
            target,
            partial(round_of_steps, engine),
            cells=CELLS,
            least_per_cell=50,
        )
        for engine, target in zip(ENGINES, (100_000, 20_000), strict=True)
    ),
    Campaign(
        "walks, control: a model that takes nothing back",
        "steps",
        100,
        partial(round_of_steps, "sqlite", model=Forgetful),
        must_break=True,
    ),
    Campaign("walks, control: gone by itself", "thefts", 1, round_of_thefts, must_break=True),
)
