"""``biobank labels print``: what waits goes to a printer of the lab, in the very steps of the window.

A printer that holds labels (out of paper, head open) is asked again until it lets go or the patience ends.
Nobody watches them after the command: what is held then is in doubt.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from biobank_desktop.cli.access import writing
from biobank_desktop.cli.contract import Answer, Exit, Told, tell
from biobank_desktop.cli.waiting import wanted
from biobank_desktop.domain import codes
from biobank_desktop.domain.printing import HANDED_OVER, LabelKey
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.language import ngettext, say, shown
from biobank_desktop.persistence.queries.printing import under_way
from biobank_desktop.services.print_runs import do_all, reporting, settled, steps
from biobank_desktop.services.printer_ways import device
from biobank_desktop.services.printers import printer_in_use
from biobank_desktop.services.printing import give_up, sender_at

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from biobank_desktop.domain.printing import Came
    from biobank_desktop.services.print_runs import Held, Wish
    from biobank_desktop.session import Session

SETTLE_S = 0.5
"""How often a printer is asked about what it holds."""


def run(options: Namespace) -> Answer:
    """Print, and wait for what the printer holds."""
    with writing(options) as session:
        with session.store.read() as connection:
            printer = printer_in_use(connection, options.printer)
        wish = wanted(session, printer, options.codes)
        sender = sender_at(session.settings.bench, uuid4().hex[:8])
        try:
            came, stopped = _printed(session, wish, sender, options)
        finally:
            _leave_nothing(session, sender)
    if stopped and not came:
        raise Rejected(*stopped)
    return _answer(wish, came, stopped)


def _printed(
    session: Session, wish: Wish, sender: str, options: Namespace
) -> tuple[list[Came], tuple[Problem, ...]]:
    store, actor = session.store, session.require_actor()
    folder = session.settings.data_folder / "labels"
    held: list[Held] = []
    made = steps(wish, lambda title: device(wish.printer, folder, title), sender, held.append, options.first)
    printed = do_all(store, actor, made)
    came = {one.key: one for one in printed.came}
    for one in held:
        came |= _waited(session, one, options.wait)
    return list(came.values()), printed.stopped


def _waited(session: Session, held: Held, seconds: float) -> dict[LabelKey, Came]:
    """What became of the labels that a printer held after it had time to let go of them."""
    ends = time.monotonic() + seconds
    _tell_held(held)
    while held.told.rest == "held" and time.monotonic() < ends:
        time.sleep(SETTLE_S)
        now = settled(held)
        if now.news_since(held):
            reporting(now.came)(session.store, session.require_actor())
        held = now
    return {one.key: one for one in held.came}


def _tell_held(held: Held) -> None:
    """Whoever stands at the terminal is to go to the printer."""
    fault = next((one.fault for one in held.came if one.fault is not None), None)
    if fault is not None:
        print(f"{shown(held.told.place)}: {shown(say(fault))}", file=sys.stderr)


def _leave_nothing(session: Session, sender: str) -> None:
    """Of what this program has in a printer nobody will know when it has ended."""
    with session.store.read() as connection:
        left = [LabelKey(row.object_id, row.no) for row in under_way(connection) if row.sender == sender]
    if left:
        give_up(session.store, session.require_actor(), left)


def _answer(wish: Wish, came: list[Came], stopped: tuple[Problem, ...]) -> Answer:
    """All handed over; else what is wrong, with the labels that it is wrong with."""
    problems = [*_troubles(came), *map(tell, stopped)]
    waiting = len(wish.labels) - len(came)
    if waiting:
        problems.append(tell(Problem("codes", "labels-still-wait", {"count": waiting})))
    if problems:
        return Answer({}, problems=tuple(problems), exit=Exit.UNAVAILABLE)
    places = list(dict.fromkeys(one.place for one in came))
    labels = [{"code": _code(one), "no": one.key.no, "state": one.state} for one in came]
    back = [codes.parse(str(one.values["code"])) for one in wish.refused]
    result = {"printer": wish.printer.name, "places": places, "labels": labels, "refused": back}
    said = ngettext("{count} label handed over", "{count} labels handed over", len(came))
    lines = [f"{said.format(count=len(came))}: {', '.join(places)}", *map(say, wish.refused)]
    return Answer(result, "\n".join(lines))


def _troubles(came: list[Came]) -> Iterator[Told]:
    """Why labels were not handed over, each reason with its labels; what is held is in doubt from now on."""
    by_reason: dict[tuple[str, str], list[Came]] = {}
    for one in came:
        if one.state not in HANDED_OVER:
            by_reason.setdefault((one.state, one.fault.code if one.fault else ""), []).append(one)
    for (last, _fault), some in by_reason.items():
        state = "unknown" if last == "held" else last
        told = tell(some[0].fault or Problem("printer", "label-in-doubt"))
        yield replace(told, more={"state": state, "labels": [_code(one) for one in some]})


def _code(one: Came) -> str:
    return codes.from_number(one.key.object_id)
