"""A plain model of storage: dictionaries of what lies where, and which gestures are refused and why.

Written from the rules and not from the services: what it expects, ``walks`` holds against the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

STANDS_IN = {
    "shelf": {"device"},
    "rack": {"device", "shelf"},
    "box": {"device", "shelf", "rack"},
    "goblet": {"device", "rack"},
    "freezing-container": {"device", "shelf", "rack"},
}
KEPT_AT = {"CEL": {"ln2"}, "PL1": {"-80", "ln2"}}
FREEZES_OVERNIGHT = {"CEL"}
LETTERS = {"letters": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "letters-without-i": "ABCDEFGHJKLMNOPQRSTUVWXYZ"}
UNDOABLE = {"moved", "swapped", "list-loaded", "box-rescanned"}

Well = tuple[int, int]
Move = tuple[str, str, str]
"""what, into which container, at which position as that calls it ("": the next free one)"""


class Refused(Exception):
    """The model refuses, for these reasons."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(sorted(set(reasons))))
        self.reasons = frozenset(reasons)


@dataclass(frozen=True)
class Kind:
    """A kind of container."""

    level: str
    rows: int
    columns: int
    row_labels: str
    column_labels: str
    fill_order: str
    holds_samples: bool
    materials: frozenset[str] | None
    takes: frozenset[str] | None

    @cached_property
    def wells(self) -> list[Well]:
        """Every position, in the order of filling."""
        along, _, corner = self.fill_order.partition("-from-")
        down = -1 if "bottom" in corner else 1
        right = -1 if "right" in corner else 1
        every = product(range(1, self.rows + 1), range(1, self.columns + 1))
        if along == "rows":
            return sorted(every, key=lambda at: (down * at[0], right * at[1]))
        return sorted(every, key=lambda at: (right * at[1], down * at[0]))

    @cached_property
    def labels(self) -> dict[str, Well]:
        """Every position by its name."""
        return {self._label(*at): at for at in self.wells}

    def _label(self, row: int, column: int) -> str:
        if self.row_labels == "running":
            return str((row - 1) * self.columns + column)
        one, other = self._name(self.row_labels, row), self._name(self.column_labels, column)
        return f"{one}-{other}" if one.isdecimal() and other.isdecimal() else one + other

    @staticmethod
    def _name(scheme: str, number: int) -> str:
        if scheme in LETTERS:
            return LETTERS[scheme][number - 1]
        return f"{number:02}" if scheme == "numbers-padded" else str(number)


@dataclass
class Container:
    """A container: its kind by name, a temperature class of its own, a rule of its own."""

    kind: str
    temperature: str | None
    rule: frozenset[str] | None = None


@dataclass(frozen=True)
class Place:
    """Where something lies, since which step, and by which command."""

    box: str
    well: Well
    since: int
    by: str


@dataclass(frozen=True)
class Done:
    """What a command did with places: before it and after it."""

    kind: str
    step: int
    before: dict[str, Place | None]


Lies = dict[str, Place]


@dataclass
class Model:
    """Everything in storage, by code."""

    kinds: dict[str, Kind]
    boxes: dict[str, Container]
    material: dict[str, str]
    lies: Lies
    reserved: dict[tuple[str, Well], str] = field(default_factory=dict)
    spilled: dict[str, int] = field(default_factory=dict)
    done: dict[str, Done] = field(default_factory=dict)
    step: int = 0

    # What follows from what lies where ---------------------------------------------------------------

    def kind(self, box: str) -> Kind:
        """The kind of a container."""
        return self.kinds[self.boxes[box].kind]

    def _around(self, box: str, lies: Lies) -> list[str]:
        """The container and everything it stands in, outwards."""
        way = [box]
        while way[-1] in lies:
            way.append(lies[way[-1]].box)
        return way

    def allowed(self, box: str, lies: Lies | None = None) -> frozenset[str] | None:
        """The materials that may lie in a container, None for all."""
        rules = []
        for one in self._around(box, self.lies if lies is None else lies):
            rules += [self.boxes[one].rule, self.kind(one).materials]
        lists = [rule for rule in rules if rule is not None]
        return frozenset.intersection(*lists) if lists else None

    def temperature(self, box: str, lies: Lies) -> str | None:
        """The temperature class where a container stands."""
        own = (self.boxes[one].temperature for one in self._around(box, lies))
        return next((one for one in own if one is not None), None)

    def suits(self, vial: str, box: str, lies: Lies) -> bool:
        """Whether it is cold enough for a vial in a box."""
        at, material = self.temperature(box, lies) or "room", self.material[vial]
        if self.kind(box).level == "freezing-container":
            return material in FREEZES_OVERNIGHT and at == "-80"
        return at in KEPT_AT[material]

    def permits(self, vial: str, box: str, lies: Lies | None = None) -> bool:
        """Whether the rules let a vial lie in a box."""
        rule = self.allowed(box, lies)
        return rule is None or self.material[vial] in rule

    def taken(self, box: str) -> dict[Well, str]:
        """What lies at each taken position of a container."""
        return {place.well: item for item, place in self.lies.items() if place.box == box}

    def kept(self, box: str, login: str) -> set[Well]:
        """The positions that others have reserved."""
        return {well for (one, well), who in self.reserved.items() if one == box and who != login}

    def free(self, box: str, closed: set[Well], count: int) -> list[Well]:
        """The first free stretch that takes them all, else the first free positions."""
        order = self.kind(box).wells
        for start in range(len(order) - count + 1):
            stretch = order[start : start + count]
            if not closed.intersection(stretch):
                return stretch
        return [well for well in order if well not in closed][:count]

    # Gestures ----------------------------------------------------------------------------------------

    def place(self, login: str, command: str, box: str, vials: list[tuple[str, str]]) -> None:
        """Put vials that lie nowhere into a box."""
        if not self.kind(box).holds_samples:
            raise Refused("holds-no-samples")
        names = [vial for vial, _label in vials]
        reasons = ["scanned-twice"] if len(set(names)) < len(names) else []
        for vial in names:
            reasons += ["already-stored"] if vial in self.lies else []
            reasons += [] if self.suits(vial, box, self.lies) else ["temperature-not-suitable"]
            reasons += [] if self.permits(vial, box) else ["material-not-allowed"]
        self._refuse(reasons)
        wells, reasons = self._pick(login, box, [label for _vial, label in vials], set())
        self._refuse(reasons)
        places = {
            vial: Place(box, well, self.step, command)
            for vial, well in zip(names, wells, strict=True)
            if well is not None
        }
        self._lay("placed", command, {**places})

    def take_out(self, command: str, vial: str) -> None:
        """Take a vial out of its place."""
        if vial not in self.lies:
            raise Refused("not-stored")
        self._lay("taken-out", command, {vial: None})

    def move(
        self, login: str, command: str, moves: list[Move], *, even_warmer: bool = False, new: bool = False
    ) -> None:
        """Lay things elsewhere; ``new``: from a list, which also stores what lies nowhere."""
        places = self._relocated(login, command, moves, even_warmer=even_warmer, new=new)
        self._lay("list-loaded" if new else "moved", command, {**places})

    def swap(self, login: str, command: str, one: str, other: str) -> None:
        """Let two things change places."""
        if one == other and one in self.material:
            raise Refused("scanned-twice")
        if one not in self.lies or other not in self.lies:
            raise Refused("not-stored")
        moves = [(one, *self._named(self.lies[other])), (other, *self._named(self.lies[one]))]
        self._lay("swapped", command, {**self._relocated(login, command, moves)})

    def _named(self, place: Place) -> tuple[str, str]:
        labels = self.kind(place.box).labels
        return place.box, next(label for label, well in labels.items() if well == place.well)

    def undo(self, login: str, command: str, of: str) -> None:
        """Take back moves."""
        done = self.done.get(of)
        if done is None or done.kind not in UNDOABLE or not done.before:
            raise Refused("nothing-to-undo")
        self._require_unchanged(done, of)
        taken = {(place.box, place.well): item for item, place in self.lies.items()}
        reasons = []
        for item, place in done.before.items():
            if place is None:
                continue
            there = taken.get((place.box, place.well))
            if there is not None and there not in done.before:
                reasons.append("position-taken-by")
            elif self.reserved.get((place.box, place.well), login) != login:
                reasons.append("position-reserved-by")
            if item in self.material and not self.permits(item, place.box):
                reasons.append("material-not-allowed")
        self._refuse(reasons)
        places = {
            item: None if place is None else replace(place, by=command) for item, place in done.before.items()
        }
        lies = self._with(places)
        self._require_rules(places, lies)
        for vial in self._inside(places, lies):
            if lies[vial].since >= done.step and not self.suits(vial, lies[vial].box, lies):
                raise Refused("inside-not-suitable")
        self._lay("move-undone", command, places)

    def undo_placing(self, command: str, of: str) -> None:
        """Take back a placing."""
        done = self.done.get(of)
        if done is None or done.kind != "placed":
            raise Refused("nothing-to-undo")
        self._require_unchanged(done, of, "changed-since")
        self._lay("placing-undone", command, dict.fromkeys(done.before))

    def _require_unchanged(self, done: Done, of: str, otherwise: str = "happened-since") -> None:
        if any(item not in self.lies or self.lies[item].by != of for item in done.before):
            raise Refused(otherwise)

    def spill(self, box: str) -> None:
        """Let no position in a box be certain."""
        if not self.kind(box).holds_samples:
            raise Refused("holds-no-samples")
        if box in self.spilled:
            raise Refused("spilled-already")
        self.spilled[box] = self.step

    def rescan(self, login: str, command: str, box: str, vial: str, label: str) -> None:
        """Say where a vial of a spilled box lies."""
        if box not in self.spilled:
            raise Refused("not-spilled")
        since, kind, taken = self.spilled[box], self.kind(box), self.taken(box)

        def certain(well: Well) -> bool:
            return well in taken and self.lies[taken[well]].since > since

        well = kind.labels.get(label) if label else next((at for at in kind.wells if not certain(at)), None)
        if well is None:
            raise Refused("position-unknown" if label else "container-full")
        names = {at: name for name, at in kind.labels.items()}
        moves, given_way = [(vial, box, names[well])], ""
        if well in taken and taken[well] != vial:
            if certain(well):
                raise Refused("position-taken-by")
            given_way = taken[well]
            own = self.lies[vial].well if vial in self.lies and self.lies[vial].box == box else None
            closed = taken.keys() | self.kept(box, login)
            free = own or next((at for at in kind.wells if at not in closed), None)
            if free is None:
                raise Refused("container-full")
            moves.append((given_way, box, names[free]))
        places = self._relocated(login, command, moves, new=True)
        if given_way:
            places[given_way] = replace(places[given_way], since=self.lies[given_way].since)
        self._lay("box-rescanned", command, {**places})

    def end_spill(self, box: str) -> None:
        """Say that a spilled box is in order."""
        if box not in self.spilled:
            raise Refused("not-spilled")
        if any(self.lies[item].since <= self.spilled[box] for item in self.taken(box).values()):
            raise Refused("not-scanned-yet")
        del self.spilled[box]

    def reserve(self, login: str, box: str, labels: list[str], count: int) -> None:
        """Keep positions free."""
        taken, kept = set(self.taken(box)), self.kept(box, login)
        if not labels:
            own = {well for one, well in self.reserved if one == box}
            wells = self.free(box, taken | own, count)
            if len(wells) < count:
                raise Refused("not-so-many-free")
        else:
            known = self.kind(box).labels
            reasons = ["position-unknown" for label in labels if label not in known]
            wells = [known[label] for label in labels if label in known]
            reasons += ["position-taken-by" for well in wells if well in taken]
            reasons += ["position-reserved-by" for well in wells if well in kept]
            self._refuse(reasons)
        self.reserved |= {(box, well): login for well in wells}

    def give_back(self, login: str, box: str, labels: list[str], *, anybodys: bool) -> None:
        """End reservations."""
        known = self.kind(box).labels
        reserved = {well: who for (one, well), who in self.reserved.items() if one == box}
        wells = [known.get(label, (0, 0)) for label in labels] if labels else list(reserved)
        reasons = ["not-reserved" for well in wells if well not in reserved]
        reasons += [] if wells else ["nothing-reserved"]
        if not anybodys:
            reasons += ["position-reserved-by" for well in wells if reserved.get(well, login) != login]
        self._refuse(reasons)
        for well in wells:
            self.reserved.pop((box, well), None)

    def set_rule(self, box: str, rule: frozenset[str] | None) -> None:
        """Say what may lie in a container and in everything in it."""
        was = self.boxes[box].rule
        self.boxes[box].rule = rule
        try:
            self._require_rules({box: self.lies.get(box)}, self.lies)
        except Refused:
            self.boxes[box].rule = was
            raise

    # The parts of gestures ---------------------------------------------------------------------------

    @staticmethod
    def _refuse(reasons: list[str]) -> None:
        if reasons:
            raise Refused(*reasons)

    def _relocated(
        self,
        login: str,
        command: str,
        moves: list[Move],
        *,
        even_warmer: bool = False,
        new: bool = False,
    ) -> dict[str, Place]:
        reasons: list[str] = []
        known: list[Move] = []
        for item, box, label in moves:
            reasons += [] if item in self.material or item in self.boxes else ["thing-unknown"]
            reasons += [] if box in self.boxes else ["container-unknown"]
            if (item in self.material or item in self.boxes) and box in self.boxes:
                known.append((item, box, label))
        items = [item for item, _box, _label in known]
        reasons += ["moved-twice"] if len(set(items)) < len(items) else []
        for item, box, _label in known:
            reasons += self._why_not(item, box, even_warmer=even_warmer, new=new)
        places, wrong = self._positions(login, command, known)
        self._refuse(reasons + wrong)
        lies = self._with({**places})
        self._require_rules({**places}, lies)
        if not even_warmer and not all(
            self.suits(vial, lies[vial].box, lies) for vial in self._inside(places, lies)
        ):
            raise Refused("inside-not-suitable")
        return places

    def _why_not(self, item: str, box: str, *, even_warmer: bool, new: bool) -> list[str]:
        kind = self.kind(box)
        if item in self.boxes:
            inner = self.boxes[item]
            reasons = []
            around = self.temperature(box, self.lies)
            if kind.level not in STANDS_IN.get(self.kind(item).level, set()):
                reasons.append("container-not-allowed-there")
            elif inner.temperature is not None and around not in {None, inner.temperature}:
                reasons.append("temperature-differs")
            if kind.takes is not None and inner.kind not in kind.takes:
                reasons.append("kind-not-taken")
            return reasons
        reasons = [] if new or item in self.lies else ["not-stored"]
        if not kind.holds_samples:
            return [*reasons, "holds-no-samples"]
        reasons += [] if even_warmer or self.suits(item, box, self.lies) else ["temperature-not-suitable"]
        return reasons + ([] if self.permits(item, box) else ["material-not-allowed"])

    def _positions(self, login: str, command: str, moves: list[Move]) -> tuple[dict[str, Place], list[str]]:
        leaving = {(self.lies[item].box, self.lies[item].well) for item, *_to in moves if item in self.lies}
        reasons: list[str] = []
        found: dict[str, Place] = {}
        for box in dict.fromkeys(box for _item, box, _label in moves):
            own = [
                (item, label)
                for item, into, label in moves
                if into == box and (item in self.material) == self.kind(box).holds_samples
            ]
            free_again = {well for one, well in leaving if one == box}
            wells, wrong = self._pick(login, box, [label for _item, label in own], free_again)
            reasons += wrong
            found |= {
                item: Place(box, well, self.step, command)
                for (item, _label), well in zip(own, wells, strict=True)
                if well is not None
            }
        return found, reasons

    def _pick(
        self, login: str, box: str, labels: list[str], leaving: set[Well]
    ) -> tuple[list[Well | None], list[str]]:
        known = self.kind(box).labels
        taken, kept = set(self.taken(box)) - leaving, self.kept(box, login)
        used: set[Well] = set()
        reasons = []
        wells: list[Well | None] = []
        for label in labels:
            well = known.get(label)
            wells.append(well)
            if not label:
                continue
            if well is None:
                reasons.append("position-unknown")
            elif well in taken:
                reasons.append("position-taken-by")
            elif well in kept:
                reasons.append("position-reserved-by")
            elif well in used:
                reasons.append("position-asked-twice")
            else:
                used.add(well)
        free = self.free(box, taken | kept | used, labels.count("")) if "" in labels else []
        reasons += ["container-full"] * (labels.count("") - len(free))
        rest = iter(free)
        return [
            well if label else next(rest, None) for label, well in zip(labels, wells, strict=True)
        ], reasons

    def _with(self, places: dict[str, Place | None]) -> Lies:
        now: dict[str, Place | None] = {**self.lies, **places}
        return {item: place for item, place in now.items() if place is not None}

    def _require_rules(self, places: dict[str, Place | None], lies: Lies) -> None:
        """The rules in and around everything that stands elsewhere must leave something, and fit."""
        moved = {one for one in places if one in self.boxes}
        inner = [box for box in self.boxes if moved.intersection(self._around(box, lies))]
        if any(self.allowed(box, lies) == frozenset() for box in inner):
            raise Refused("rules-leave-nothing")
        inside = [vial for vial, place in lies.items() if vial in self.material and place.box in inner]
        if not all(self.permits(vial, lies[vial].box, lies) for vial in inside if vial not in places):
            raise Refused("rule-forbids-content")
        if not all(self.permits(vial, lies[vial].box, lies) for vial in inside):
            raise Refused("content-not-allowed")

    def _inside(self, places: dict[str, Place | None] | dict[str, Place], lies: Lies) -> list[str]:
        """The vials in the containers among these things, at any depth."""
        moved = {one for one in places if one in self.boxes}
        return [
            vial
            for vial, place in lies.items()
            if vial in self.material and moved.intersection(self._around(place.box, lies))
        ]

    def _lay(self, kind: str, command: str, places: dict[str, Place | None]) -> None:
        before = {item: self.lies.get(item) for item in places}
        self.done[command] = Done(kind, self.step, before)
        self.lies = self._with(places)
        for place in places.values():
            if place is not None:
                self.reserved.pop((place.box, place.well), None)

    # What must always be true ------------------------------------------------------------------------

    def broken(self) -> list[str]:
        """What storage may never come to, whoever does what."""
        wells = [(place.box, place.well) for place in self.lies.values()]
        found = ["two things at one position"] if len(set(wells)) < len(wells) else []
        if any(len(self._around_at_most(box)) > len(STANDS_IN) + 2 for box in self.boxes):
            return [*found, "a container stands in itself"]
        rules = {box: self.allowed(box) for box in self.boxes}
        for item, place in self.lies.items():
            kind, rule = self.kind(place.box), rules[place.box]
            if not (1 <= place.well[0] <= kind.rows and 1 <= place.well[1] <= kind.columns):
                found.append(f"{item} is off the grid")
            if item in self.material and not (
                kind.holds_samples and (rule is None or self.material[item] in rule)
            ):
                found.append(f"{item} may not lie in {place.box}")
        return found

    def _around_at_most(self, item: str) -> list[str]:
        way = [item]
        while way[-1] in self.lies and len(way) <= len(STANDS_IN) + 3:
            way.append(self.lies[way[-1]].box)
        return way
