"""Lists of what is to be destroyed, given back or told: opened, worked off by one person, seen by another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.disposals import ENDING_OF, check_list
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, refuse
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import samples as query
from biobank_desktop.persistence.queries.disposals import lines
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.gate import donor_of, verdict
from biobank_desktop.services.standing import end, gone_problems, held_with_standing, place_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from biobank_desktop.domain.people import Actor, Signed
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Fact, Work


def open_in(
    work: Work,
    reason: str,
    listed: Sequence[tuple[SampleRow, str]],
    note: str = "",
    donor_id: int | None = None,
) -> int:
    """Open a list in an open command, of held samples with what is to be done with each; its number."""
    no = work.next_number(tables.disposal)
    head = {"no": no, "reason": reason, "donor_id": donor_id, "note": note, "state": "open"}
    times = {"opened_at": work.at, "closed_at": None}
    work.insert(tables.disposal, [{**head, **times, "stream_id": LAB_STREAM}])
    work.insert(
        tables.disposal_line,
        [
            {
                "disposal_no": no,
                "sample_id": row.id,
                "action": action,
                "state": "open",
                "place": place_text(work.connection, row.id),
                "done_by": None,
                "done_at": None,
                "witnessed_by": None,
                "witnessed_at": None,
                "note": "",
                "stream_id": row.donor_id,
            }
            for row, action in listed
        ],
    )
    return no


def open_list(
    store: Store,
    actor: Actor,
    reason: str,
    action: str,
    samples: Sequence[str],
    note: str,
    command_id: UUID | None = None,
) -> int:
    """Open a list of what is to be destroyed or given back; returns its number.

    As refused or overdue only what consent refuses to keep, or what was refused at receipt. Raises
    ``NotFound``, and ``Rejected`` with every problem.
    """
    given = tuple(samples)
    refuse(check_list(reason, action, given))
    require_reason(note)
    payload = {"reason": reason, "action": action, "samples": list(given)}
    title = ", ".join(given[:3])
    asked = command(actor, "disposal-opened", payload, "manage", title=title, why=note, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows, standing = held_with_standing(work, given)
        problems = [one for row in rows for one in gone_problems(row, standing[row.id])]
        problems += [
            Problem("samples", "sample-on-list", {"code": codes.group(row.code), "no": on})
            for row in rows
            if (on := standing[row.id].disposal) is not None
        ]
        if reason in {"refused", "overdue"}:
            problems += [
                Problem("samples", "sample-not-refused", {"code": codes.group(row.code)})
                for row in rows
                if not _refused(work, row)
            ]
        refuse(problems)
        return {"no": open_in(work, reason, [(row, action) for row in rows], note)}

    return int(store.run(asked, body)["no"])


def _refused(work: Work, row: SampleRow) -> bool:
    """Whether it was refused at receipt, or consent refuses to keep it now."""
    if row.state == "refused":
        return True
    receipt = query.receipt(work.connection, row.tube_id)
    donor = donor_of(work.connection, codes.from_number(row.donor_id))
    received = receipt.received_at if receipt else None
    return verdict(work.connection, donor, "store", work.at, received).verdict == "refused"


def take_away(
    store: Store,
    actor: Actor,
    no: int,
    samples: Sequence[str],
    note: str = "",
    command_id: UUID | None = None,
) -> list[str]:
    """Record that samples of a list were destroyed or given back, or that their recipient was told.

    Who does it is the person who acts; another one must have seen it. Raises ``NotFound``, and ``Rejected``
    with every sample that does not stand on the list or is done already.
    """
    payload = {"no": no, "samples": list(samples), "note": note}
    title = ", ".join(samples[:3])
    asked = command(actor, "disposal-done", payload, "storage", title=title, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows, standing = held_with_standing(work, samples)
        held_lines = _held_lines(work, no, rows)
        problems = [
            Problem("samples", "line-not-open", {"code": codes.group(row.code), "no": no})
            for row in rows
            if held_lines[row.id]["state"] != "open"
        ]
        for row in rows:
            if held_lines[row.id]["action"] in ENDING_OF:
                problems += gone_problems(row, standing[row.id])
        refuse(problems)
        for row in rows:
            line = held_lines[row.id]
            key = {"disposal_no": no, "sample_id": row.id}
            place = place_text(work.connection, row.id) or line["place"]
            done = {"state": "done", "done_by": actor.login, "done_at": work.at, "note": note}
            work.update(tables.disposal_line, key, place=place, **done)
            if line["action"] in ENDING_OF:
                end(work, row, ENDING_OF[line["action"]], note)
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


def _held_lines(work: Work, no: int, rows: Iterable[SampleRow]) -> dict[int, Fact]:
    """The lines of these samples on an open list, held. Raises ``NotFound`` and ``Conflict``."""
    head = work.locked(tables.disposal, {"no": no})
    if head is None:
        raise NotFound(Problem("no", "list-unknown", {"no": no}))
    if head["state"] == "closed":
        raise Conflict(Problem("no", "list-is-closed", {"no": no}))
    known = {row: work.locked(tables.disposal_line, {"disposal_no": no, "sample_id": row.id}) for row in rows}
    missing = [row for row, line in known.items() if line is None]
    if missing:
        raise Rejected(
            *(
                Problem("samples", "not-on-this-list", {"code": codes.group(row.code), "no": no})
                for row in missing
            )
        )
    return {row.id: line for row, line in known.items() if line is not None}


def take_back(
    store: Store, actor: Actor, no: int, samples: Sequence[str], why: str, command_id: UUID | None = None
) -> list[str]:
    """Take back that samples were destroyed or given back, as long as nobody has witnessed it.

    Raises ``NotFound``, and ``Rejected`` for what is not done or is witnessed.
    """
    require_reason(why)
    payload = {"no": no, "samples": list(samples)}
    title = ", ".join(samples[:3])
    asked = command(actor, "disposal-undone", payload, "storage", title=title, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows, _standing = held_with_standing(work, samples)
        held_lines = _held_lines(work, no, rows)
        _require_done(rows, held_lines, no)
        for row in rows:
            key = {"disposal_no": no, "sample_id": row.id}
            work.update(tables.disposal_line, key, state="open", done_by=None, done_at=None, note=why)
            if held_lines[row.id]["action"] in ENDING_OF:
                work.delete(tables.disposition, {"sample_id": row.id})
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


def _require_done(rows: Iterable[SampleRow], held_lines: dict[int, Fact], no: int) -> None:
    refuse(
        [
            Problem("samples", "line-not-done", {"code": codes.group(row.code), "no": no})
            for row in rows
            if held_lines[row.id]["state"] != "done"
        ]
    )


def witness(
    store: Store, signed: Signed, no: int, samples: Sequence[str], command_id: UUID | None = None
) -> list[str]:
    """Sign for having seen that samples were destroyed or given back by somebody else.

    Raises ``NotFound``, and ``Rejected`` for what is not done, or was done by the same person.
    """
    actor = signed.actor
    payload = {"no": no, "samples": list(samples), "meaning": "witnessed"}
    title = ", ".join(samples[:3])
    asked = command(actor, "disposal-witnessed", payload, "storage", title=title, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows, _standing = held_with_standing(work, samples)
        held_lines = _held_lines(work, no, rows)
        _require_done(rows, held_lines, no)
        refuse(
            [
                Problem("witness", "witness-is-the-same", {"code": codes.group(row.code)})
                for row in rows
                if held_lines[row.id]["done_by"] == actor.login
            ]
        )
        for row in rows:
            key = {"disposal_no": no, "sample_id": row.id}
            seen = {"witnessed_by": actor.login, "witnessed_at": work.at}
            work.update(tables.disposal_line, key, state="witnessed", **seen)
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


def drop_line(
    store: Store, actor: Actor, no: int, sample: str, why: str, command_id: UUID | None = None
) -> None:
    """Take a sample off a list, with the reason: a withdrawal struck out, a vial that is lost.

    Raises ``NotFound``, and ``Rejected`` for a line that is done.
    """
    require_reason(why)
    payload = {"no": no, "sample": sample}
    asked = command(
        actor, "disposal-line-dropped", payload, "manage", title=sample, why=why, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        rows, _standing = held_with_standing(work, [sample], "sample")
        (row,) = rows
        line = _held_lines(work, no, rows)[row.id]
        if line["state"] != "open":
            raise Rejected(Problem("sample", "line-not-open", {"code": codes.group(row.code), "no": no}))
        key = {"disposal_no": no, "sample_id": row.id}
        work.update(tables.disposal_line, key, state="dropped", note=why)
        return {"sample": row.code}

    store.run(asked, body)


def close_list(store: Store, actor: Actor, no: int, command_id: UUID | None = None) -> None:
    """Close a list of which every line is done and seen: its certificate can be printed.

    Raises ``NotFound``, and ``Rejected`` with how many lines wait.
    """
    asked = command(actor, "disposal-closed", {"no": no}, "storage", title=str(no), command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        _held_lines(work, no, ())
        waiting = [
            line
            for line in lines(work.connection, no)
            if line.state == "open" or (line.state == "done" and line.action != "notify")
        ]
        if waiting:
            raise Rejected(Problem("no", "list-not-done", {"no": no, "count": len(waiting)}))
        work.update(tables.disposal, {"no": no}, state="closed", closed_at=work.at)
        return {"no": no}

    store.run(asked, body)
