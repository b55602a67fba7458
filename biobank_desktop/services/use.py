"""Use of a vial: out of its place and back, used in part or up, lost, broken, turned up again, undone."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Conflict, Problem, Rejected, refuse
from biobank_desktop.domain.use import COMES_BACK, UseForm, check_use
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.columns import Moment
from biobank_desktop.persistence.queries import containers, history
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.gate import decide_about, require_not_refused, require_permitted
from biobank_desktop.services.processing import left_in
from biobank_desktop.services.sprec import update_sprec
from biobank_desktop.services.standing import (
    end,
    gone_problems,
    held_with_standing,
    kept_problems,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Table

    from biobank_desktop.domain.commands import Command
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.history import Change
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

UNDOABLE = ("checked-out", "checked-in", "used", "reported-lost", "reported-broken", "turned-up")
"""The kinds of commands that ``undo`` takes back while nothing has followed."""


def check_out(
    store: Store, actor: Actor, samples: Sequence[str], why: str, command_id: UUID | None = None
) -> list[str]:
    """Take samples out of the cold; their places are kept. Returns their codes.

    Raises ``NotFound``, and ``Rejected`` with every sample that lies nowhere, is out already, is held back or
    has ended.
    """
    require_reason(why)
    payload = {"samples": list(samples)}
    title = ", ".join(samples[:3])
    asked = command(actor, "checked-out", payload, "storage", title=title, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows, standing = held_with_standing(work, samples)
        lying = containers.places(work.connection, [row.id for row in rows])
        problems = []
        for row in rows:
            problems += kept_problems(row, standing[row.id])
            shown = {"code": codes.group(row.code)}
            if standing[row.id].out_at is not None:
                problems.append(Problem("samples", "sample-is-out", shown))
            elif row.id not in lying and standing[row.id].ended is None:
                problems.append(Problem("samples", "not-stored", shown))
        refuse(problems)
        for row in rows:
            last = work.locked_last(tables.excursion, {"sample_id": row.id})
            known = {"sample_id": row.id, "no": last["no"] + 1 if last else 1, "stream_id": row.donor_id}
            work.insert(
                tables.excursion, [{**known, "out_at": work.at, "back_at": None, "thawed": False, "why": why}]
            )
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


def check_in(
    store: Store, actor: Actor, samples: Sequence[str], *, thawed: bool, command_id: UUID | None = None
) -> list[str]:
    """Put samples back into the places that were kept; ``thawed``: each counts one thawing more.

    Raises ``NotFound``, and ``Rejected`` with every sample that is not out.
    """
    payload = {"samples": list(samples), "thawed": thawed}
    title = ", ".join(samples[:3])
    asked = command(actor, "checked-in", payload, "storage", title=title, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows, standing = held_with_standing(work, samples)
        refuse(
            [
                Problem("samples", "sample-not-out", {"code": codes.group(row.code)})
                for row in rows
                if standing[row.id].out_at is None
            ]
        )
        for row in rows:
            last = work.locked_last(tables.excursion, {"sample_id": row.id})
            assert last is not None
            key = {"sample_id": row.id, "no": last["no"]}
            work.update(tables.excursion, key, back_at=max(work.at, last["out_at"]), thawed=thawed)
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


def use(store: Store, actor: Actor, form: UseForm, command_id: UUID | None = None) -> None:
    """Record what was used of a sample, and that nothing is left when that was the last of it.

    Raises ``NotFound``, and ``Rejected`` with every problem: held back, ended, more than is left, and what
    the consent gate says against the purpose.
    """
    asked = command(actor, "used", asdict(form), "storage", title=form.sample, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        (row,), standing = held_with_standing(work, [form.sample], "sample")
        left_ul, left_cells = left_in(work.connection, row.id)
        refuse(
            [*kept_problems(row, standing[row.id], "sample"), *check_use(form, left_ul, left_cells)],
        )
        for decision in decide_about(work, [row], form.purpose):
            require_permitted(decision, "sample")
        consume(work, row, form)
        return {"sample": row.code}

    store.run(asked, body)


def consume(work: Work, row: SampleRow, form: UseForm, into_id: int | None = None) -> None:
    """Enter what is used of a held sample, into another one or not, in an open command that may."""
    last = work.locked_last(tables.consumption, {"sample_id": row.id})
    known = {"sample_id": row.id, "no": last["no"] + 1 if last else 1, "stream_id": row.donor_id}
    taken = {"ul": form.ul, "cells": form.cells, "purpose": form.purpose, "what": form.what}
    work.insert(tables.consumption, [{**known, **taken, "at": work.at, "into_id": into_id}])
    if form.last:
        end(work, row, "used-up", form.what)


def report_lost(store: Store, actor: Actor, sample: str, why: str, command_id: UUID | None = None) -> None:
    """Record that a sample is not where it should be. Raises ``Rejected`` and ``NotFound``."""
    require_reason(why)
    payload = {"sample": sample}
    asked = command(actor, "reported-lost", payload, "storage", title=sample, why=why, command_id=command_id)
    _ended(store, asked, sample, "lost")


def report_broken(store: Store, actor: Actor, sample: str, why: str, command_id: UUID | None = None) -> None:
    """Record that a sample broke or was spilled. Raises ``Rejected`` and ``NotFound``."""
    require_reason(why)
    payload = {"sample": sample}
    asked = command(
        actor, "reported-broken", payload, "storage", title=sample, why=why, command_id=command_id
    )
    _ended(store, asked, sample, "broken")


def _ended(store: Store, asked: Command, sample: str, ending: str) -> None:
    def body(work: Work) -> dict[str, Any]:
        (row,), standing = held_with_standing(work, [sample], "sample")
        refuse(gone_problems(row, standing[row.id], "sample"))
        end(work, row, ending, asked.why)
        return {"sample": row.code}

    store.run(asked, body)


def turned_up(store: Store, actor: Actor, sample: str, why: str, command_id: UUID | None = None) -> None:
    """Record that a lost or an issued sample is here again; it has no place yet.

    Raises ``NotFound``, and ``Rejected`` for one that never went, or that cannot come back.
    """
    require_reason(why)
    payload = {"sample": sample}
    asked = command(actor, "turned-up", payload, "storage", title=sample, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        (row,), standing = held_with_standing(work, [sample], "sample")
        ended = standing[row.id].ended
        if ended not in COMES_BACK:
            code = "sample-not-gone" if ended is None else "sample-cannot-come-back"
            raise Rejected(Problem("sample", code, {"code": codes.group(row.code), "ended": ended or ""}))
        work.delete(tables.disposition, {"sample_id": row.id})
        return {"sample": row.code}

    store.run(asked, body)


def undo(store: Store, actor: Actor, of_command: str, command_id: UUID | None = None) -> list[str]:
    """Take back a use while nothing has followed, with a line of its own; returns the samples' codes.

    Raises ``Rejected`` when there is nothing to take back, ``Conflict`` when something has happened since or
    somebody else's thing lies in the place.
    """
    payload = {"command": of_command}
    asked = command(actor, "use-undone", payload, "storage", title=of_command, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        changes = [
            change
            for event in history.of_command(work.connection, UUID(of_command))
            if event.kind in UNDOABLE
            for change in event.changes
            if change.table in _TAKEN_BACK
        ]
        if not changes:
            raise Rejected(Problem("", "nothing-to-undo"))
        numbers = dict.fromkeys(int(change.key[0]) for change in changes)  # type: ignore[call-overload]
        rows, _standing = held_with_standing(work, [codes.from_number(number) for number in numbers])
        if any(change.table == "placement" for change in changes):
            for decision in decide_about(work, rows):
                require_not_refused(decision, "sample")
        for change in reversed(changes):
            _take_back(work, change, of_command)
        update_sprec(work, *numbers)
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


_TAKEN_BACK = {
    table.name: table
    for table in (tables.placement, tables.excursion, tables.consumption, tables.disposition)
}


def _take_back(work: Work, change: Change, of_command: str) -> None:
    """Make undone what a command did to one row, unless somebody has touched it since."""
    table = _TAKEN_BACK[change.table]
    names = [column.name for column in table.primary_key.columns]
    key = dict(zip(names, change.key, strict=True))
    now = work.locked(table, key)
    if (now is None) != (change.new is None) or (now and str(now["command_id"]) != of_command):
        number = int(change.key[0])  # type: ignore[call-overload]
        raise Conflict(Problem("", "changed-since", {"code": codes.group(codes.from_number(number))}))
    if change.old is None:
        work.delete(table, key)
        return
    was = {name: _stored(table, name, value) for name, value in change.old.items()}
    if now is not None:
        work.update(table, key, **was)
    else:
        donor = work.stream_of(tables.sample, int(change.key[0]))  # type: ignore[call-overload]
        work.insert(table, [{**dict.fromkeys(table.columns.keys()), **was, "stream_id": donor}])


def _stored(table: Table, name: str, value: object) -> object:
    """A value of an event as the table takes it."""
    moment = isinstance(table.columns[name].type, Moment) and isinstance(value, str)
    return datetime.fromisoformat(str(value)) if moment else value
