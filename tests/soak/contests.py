"""Contested wells: four programs lay their vials into the same positions of the same boxes, all at once.

Singly and by the hundred, moved and loaded from lists. Nobody is told that it is done when it is not; whoever
comes second is told; no position holds two, and nothing is lost.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.problems import BiobankError, Conflict
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import moving
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import hasty_databases
from tests.support.databases import BO, open_store
from tests.support.processes import PROCESSES
from tests.support.stocked import add_wells, lying, stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from biobank_desktop.persistence.store import Store
    from tests.support.stocked import Spot

RIVALS = 4
WELLS = 2_000
PHASES = 25
SIZES = (1, 1, 5, 40, 400)
PATIENCE_SECONDS = 600

Ask = tuple[tuple[str, str, str], ...]
"""moves of one command: vial, box, position"""
Answer = tuple[str, str]
"""the command when it was done, else ""; in words what was told"""


def _asks(vials: list[str], wells: list[tuple[str, str]], random: Random, largest: int) -> list[Ask]:
    """Every well once, in parts of random size; all rivals cut the wells alike, and go their own way."""
    cuts, start = [], 0
    cutting = Random(len(wells))
    while start < len(wells):
        size = min(cutting.choice(SIZES), largest)
        cuts.append(slice(start, start + size))
        start += size
    random.shuffle(cuts)
    given = iter(vials)
    return [tuple((next(given), box, label) for box, label in wells[cut]) for cut in cuts]


def _rival(address: str, seed: int, orders: Connection) -> None:
    """Ask for what it is sent, take back what was done when told to, until there is nothing more."""
    with closing(open_store(address)) as store:
        store.patience_seconds = PATIENCE_SECONDS
        random = Random(seed)
        done: list[str] = []
        while True:
            order = orders.recv()
            if order is None:
                return
            if order == "back":
                for command in reversed(done):
                    moving.undo(store, BO, command)
                done = []
                orders.send(None)
                continue
            answers = [_answer(store, ask, random) for ask in order]
            done = [command for command, _told in answers if command]
            orders.send(answers)


def _answer(store: Store, ask: Ask, random: Random) -> Answer:
    form = MoveForm(tuple(Move(*one) for one in ask))
    gesture = moving.load if random.random() < 0.5 else moving.move
    try:
        return gesture(store, BO, form).command, "done"
    except Conflict:
        return "", "taken"
    except BiobankError as error:
        return "", f"{type(error).__name__}: {error}"


def contest(address: str, seed: int, wells: int, phases: int, largest: int) -> Outcome:
    """So many wells, contested again and again by four programs on one database."""
    with closing(open_store(address)) as store:
        vials = stock(store, wells * RIVALS, seed)
        free = add_wells(store, "C", wells)
        start = lying(store)
    ends = []
    for number in range(RIVALS):
        here, there = multiprocessing.Pipe()
        process = PROCESSES.Process(target=_rival, args=(address, seed * RIVALS + number, there))
        process.start()
        there.close()  # so that a rival that died is noticed
        ends.append((process, here))
    broken: list[str] = []
    told: Counter[str] = Counter()
    for phase in range(phases):
        asked = []
        for number, (_process, end) in enumerate(ends):
            own = vials[number * wells : (number + 1) * wells]
            asks = _asks(own, free, Random(f"{seed} {phase} {number}"), largest)
            end.send(asks)
            asked.append(asks)
        answers = [end.recv() for _process, end in ends]
        with closing(open_store(address)) as store:
            broken += [f"phase {phase}: {why}" for why in _wrong(asked, answers, start, lying(store))]
        told.update(said for heard in answers for _command, said in heard)
        for _process, end in ends:
            end.send("back")
        for _process, end in ends:
            end.recv()
    for process, end in ends:
        end.send(None)
        process.join()
    with closing(open_store(address)) as store:
        broken += [] if lying(store) == start else ["not everything lies where it lay"]
        seal(store)
        broken += map(str, Verification(store).run())
    return Outcome(wells * phases, tuple(broken), told)


def _wrong(
    asked: list[list[Ask]], answers: list[list[Answer]], start: dict[int, Spot], now: dict[int, Spot]
) -> Iterator[str]:
    if now.keys() != start.keys():
        yield f"{len(start.keys() ^ now.keys())} things are lost or came from nowhere"
    if len(set(now.values())) < len(now):
        yield "two things at one position"
    stay = dict(start)
    for asks, heard in zip(asked, answers, strict=True):
        for ask, (command, told) in zip(asks, heard, strict=True):
            if told not in {"done", "taken"}:
                yield f"told {told}"
            for vial, box, label in ask if command else ():
                row, _dash, column = label.partition("-")
                stay[codes.number(vial)] = (codes.number(box), int(row), int(column))
    wrong = [item for item in now if stay.get(item) != now[item]]
    if wrong:
        yield f"{len(wrong)} things do not lie where their program was told"
    wells = {(box, label) for asks in asked for ask in asks for _vial, box, label in ask}
    held = {(codes.from_number(box), f"{row}-{column}") for box, row, column in now.values()}
    if wells - held:
        yield f"{len(wells - held)} wells were asked for and nobody has them"


def round_of_contests(seed: int, wells: int = WELLS, phases: int = PHASES, largest: int = 400) -> Outcome:
    """A lab on PostgreSQL and four programs that want the same wells."""
    address = hasty_databases().lab()
    outcome = contest(address, seed, wells, phases, largest)
    hasty_databases().remove(address)
    return outcome


CAMPAIGNS = (
    Campaign(
        "contested wells, 4 programs, PostgreSQL",
        "wells",
        1_000_000,
        round_of_contests,
        cells=frozenset({"done", "taken"}),
        least_per_cell=1_000,
    ),
)
