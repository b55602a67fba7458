"""Long lists of codes and positions: what is wrong is named line by line at once, and nothing is written."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from biobank_desktop.domain.moves import Move, MoveForm, line_of, read_list
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import contents, moving, processing
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import lab
from tests.support.databases import ANNA, BO, ENGINES, open_store
from tests.support.lab import add_donor, consent_of_both, receive
from tests.support.stocked import add_wells, lying, stock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.persistence.store import Store
    from tests.support.databases import EngineName

ROWS = 15_806
BAD = {
    0: "thing-unknown",
    1: "position-unknown",
    2: "position-taken-by",
    3: "listed-twice",
    4: "sample-void",
    5: "container-unknown",
    6: "material-not-allowed",
    7: "list-columns",
}
"""What is wrong, by the place of its row among the bad ones, which stand evenly in the list."""


class LongList:
    """Rows for every vial of a lab, good ones and the eight that are put in their place."""

    def __init__(self, store: Store, rows: int) -> None:
        vials = stock(store, rows + 1)
        wells = add_wells(store, "L", rows)
        fenced = add_wells(store, "Fenced", 1, 2, 2)[0][0]
        taken = add_wells(store, "Taken", 1, 2, 2)[0]
        contents.set_rule(store, ANNA, fenced, ["DNA"])
        moving.move(store, BO, MoveForm((Move(vials.pop(), *taken),)))
        self.good = [f"{vial};{box};{label}" for vial, (box, label) in zip(vials, wells, strict=True)]
        (twice, *_), free = wells[0], vials[0]
        self._bad = {
            0: f"PM26000000;{wells[0][0]};1-1",
            1: f"{{vial}};{wells[0][0]};99-99",
            2: f"{{vial}};{taken[0]};{taken[1]}",
            3: f"{free};{twice};{{label}}",
            4: f"{_void(store)};{{box}};{{label}}",
            5: "{vial};no such box;1-1",
            6: f"{{vial}};{fenced};1-1",
            7: "{vial}",
        }

    def spoilt(self) -> tuple[str, dict[int, str]]:
        """The list with its bad rows, and what is wrong by line."""
        rows, wrong = list(self.good), {}
        for number, row in self._bad.items():
            at = (number + 1) * len(rows) // (len(self._bad) + 1)
            vial, box, label = rows[at].split(";")
            rows[at] = row.format(vial=vial, box=box, label=label)
            wrong[at + 2] = BAD[number]
        return _text(rows), wrong

    def right(self) -> str:
        """The list with nothing wrong."""
        return _text(self.good)


def _text(rows: list[str]) -> str:
    return "\r\n".join(["code;box;position", *rows, ""])


def _void(store: Store) -> str:
    donor = add_donor(store, BO)
    consent_of_both(store, BO, donor)
    vial = receive(store, BO, donor).vials[0].code
    processing.make_void(store, BO, vial, "broken")
    return vial


def round_of_lists(engine: EngineName, seed: int, rows: int = ROWS) -> Outcome:
    """A list with eight bad rows, corrected, loaded in one command, taken back in one."""
    with lab(engine) as address, closing(open_store(address)) as store:
        return Outcome(rows, tuple(f"seed {seed}: {why}" for why in _wrong(store, LongList(store, rows))))


def _wrong(store: Store, given: LongList) -> Iterator[str]:
    before = lying(store)
    text, wrong = given.spoilt()
    told = _told(store, text)
    yield from (
        f"line {line} is not told as {code}" for line, code in wrong.items() if (line, code) not in told
    )
    yield from (f"line {line} is told as {code}" for line, code in told if line not in wrong)
    if lying(store) != before:
        yield "a refused list has moved something"
    moves, unread = read_list(given.right())
    loaded = moving.load(store, BO, MoveForm(tuple(moves)), unread=unread)
    after = lying(store)
    if len(loaded.places) != len(given.good) or sum(after[item] != before[item] for item in before) != len(
        given.good
    ):
        yield "not everything was loaded"
    moving.undo(store, BO, loaded.command)
    if lying(store) != before:
        yield "not everything lies where it lay"
    seal(store)
    yield from map(str, Verification(store).run())


def _told(store: Store, text: str) -> set[tuple[int, str]]:
    moves, unread = read_list(text)
    try:
        moving.load(store, BO, MoveForm(tuple(moves)), unread=unread)
    except Rejected as refused:
        lines = [line_of(problem) for problem in refused.problems]
        assert lines == sorted(lines)
        return {(line_of(problem), problem.code) for problem in refused.problems}
    return set()


CAMPAIGNS = tuple(
    Campaign(f"lists with bad rows, {engine}", "rows", ROWS, partial(round_of_lists, engine), rounds=1)
    for engine in ENGINES
)
