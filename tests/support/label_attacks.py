"""Attacks by raw SQL on what may become of a label, and on who sends it.

The scene has a label of the tube in every state, numbered from 10 in the order of ``FOLLOWS``.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.printing import FOLLOWS
from tests.support.attacks import Attack, once, says
from tests.support.copies import changing

if TYPE_CHECKING:
    from collections.abc import Iterator

STATES = tuple(FOLLOWS)
FIRST_NO = 10
SENT_BY = "bench-1 1"


def label_rows(tube: int, stream: int, at: object) -> list[dict[str, Any]]:
    """A label of the tube in every state, each on a printer of its own that one sender has."""
    return [
        {
            "object_id": tube, "no": FIRST_NO + number, "state": state, "template": "vial", "fields": {},
            "reason": "", "requested_at": at, "printer": f"printer {number}", "sender": SENT_BY,
            "stream_id": stream,
        }
        for number, state in enumerate(STATES)
    ]  # fmt: skip


def become(before: str, after: str, **more: str) -> str:
    """Raw SQL that gives the label of a state another one."""
    where = f"object_id = :tube AND no = {FIRST_NO + STATES.index(before)}"
    return changing("label", where, **{"state": f"'{after}'", **more})


SENDING = {"state": "'sending'", "printer": "'p'"}
"""What a label becomes that is taken for the printer of the scene."""


def sending(before: str, sender: str) -> str:
    """Raw SQL that takes the label of a state for the printer of the scene."""
    return become(before, "sending", printer=SENDING["printer"], sender=f"'{sender}'")


def _states() -> Iterator[Attack]:
    goes_back = says("label-state-not-allowed")
    for before, after in product(STATES, STATES):
        if after not in FOLLOWS[before] | {before}:
            words = f"a label that is {before} becomes {after}"
            yield Attack(words, (become(before, after),), goes_back, once("label_follows"))


def _senders() -> Iterator[Attack]:
    nobody, busy = says("label-without-sender"), says("label-two-senders")
    for column, after in product(("printer", "sender"), ("sending", "held")):
        before = "queued" if after == "sending" else "sending"
        statement = become(before, after, **{column: "NULL"})
        yield Attack(f"{after} without a {column}", (statement,), nobody, once("label_sender"))
    taken = f"printer {STATES.index('sending')}"
    statement = become("queued", "sending", printer=f"'{taken}'", sender="'bench-2 1'")
    yield Attack("two senders to one printer", (statement,), busy, once("label_one_sender"))


LABELS = [*_states(), *_senders()]

PASSES = {
    f"a label that is {before} becomes {after}": (become(before, after),)
    for before in STATES
    for after in sorted(FOLLOWS[before])
}
"""What must go through: every step that the program takes."""
