"""Releases: opened for a study, vials chosen and decided about, issued together, or called off."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent import decide_all
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, refuse
from biobank_desktop.domain.releases import MOST_VIALS, check_release, purposes_of
from biobank_desktop.language import countries
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import donors
from biobank_desktop.persistence.queries import samples as query
from biobank_desktop.persistence.queries.releases import lines, of_number
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.gate import (
    decide_about,
    known_by,
    read_value,
    reason_problem,
    record_of,
    require_permitted,
    value_row,
)
from biobank_desktop.services.proof_keys import make_sure_of_key
from biobank_desktop.services.restore_gap import gap_problems
from biobank_desktop.services.standing import end, held_with_standing, kept_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.releases import ReleaseForm
    from biobank_desktop.persistence.queries.releases import ReleaseRow
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.queries.standing import Standing
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Fact, Work


@dataclass(frozen=True)
class Chosen:
    """What became of vials that were chosen for a release: in it, or refused, with the reasons of each."""

    chosen: tuple[str, ...]
    refused: Mapping[str, tuple[Problem, ...]]


def open_release(store: Store, actor: Actor, form: ReleaseForm, command_id: UUID | None = None) -> int:
    """Open a release; returns its number. Raises ``Rejected`` with every problem."""
    asked = command(actor, "release-opened", asdict(form), "storage", title=form.study, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        refuse(check_release(form, countries("en")))
        no = work.next_number(tables.release)
        state = {"state": "open", "opened_at": work.at, "issued_at": None, "stream_id": LAB_STREAM}
        work.insert(tables.release, [{"no": no, **_told(form), **state}])
        return {"no": no}

    return int(store.run(asked, body)["no"])


def _told(form: ReleaseForm) -> dict[str, Any]:
    return {**asdict(form), "uses": list(form.uses), "purposes": list(purposes_of(form))}


def change_release(
    store: Store, actor: Actor, no: int, form: ReleaseForm, why: str, command_id: UUID | None = None
) -> None:
    """Change what is said of an open release, with the reason; its vials are decided about when it leaves.

    Raises ``NotFound``, and ``Rejected`` with every problem.
    """
    require_reason(why)
    payload = {"no": no, **asdict(form)}
    asked = command(
        actor, "release-changed", payload, "storage", title=form.study, why=why, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        refuse(check_release(form, countries("en")))
        _open(work, no)
        work.update(tables.release, {"no": no}, **_told(form))
        return {"no": no}

    store.run(asked, body)


def _open(work: Work, no: int) -> Fact:
    """The head of an open release, held. Raises ``NotFound`` and ``Conflict``."""
    head = work.locked(tables.release, {"no": no})
    if head is None:
        raise NotFound(Problem("no", "release-unknown", {"no": no}))
    if head["state"] != "open":
        raise Conflict(Problem("no", f"release-is-{head['state']}", {"no": no}))
    return head


def choose(
    store: Store, actor: Actor, no: int, given: Sequence[str], command_id: UUID | None = None
) -> Chosen:
    """Choose vials for a release; each is decided about now, and what is refused stays listed with why.

    Raises ``NotFound`` with every code of nothing, ``Rejected`` when there are too many.
    """
    payload = {"no": no, "samples": list(given)}
    title = ", ".join(given[:3])
    asked = command(actor, "vials-chosen", payload, "storage", title=title, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows, _standing = held_with_standing(work, given)
        head = _open(work, no)
        known = {line.sample_id: line for line in lines(work.connection, no)}
        if len(known.keys() | {row.id for row in rows}) > MOST_VIALS:
            raise Rejected(Problem("samples", "release-too-large", {"most": MOST_VIALS}))
        found = against(work.connection, head, rows, work.at)
        for row in rows:
            told = [_row_of(problem) for problem in found[row.id]]
            values = {"state": "refused" if told else "chosen", "reasons": told}
            key = {"release_no": no, "sample_id": row.id}
            if row.id in known:
                work.update(tables.release_line, key, **values)
            else:
                work.insert(tables.release_line, [{**key, **values, "stream_id": row.donor_id}])
        for purpose in head["purposes"]:
            decide_about(work, rows, purpose)
        return {
            "chosen": [row.code for row in rows if not found[row.id]],
            "refused": {
                row.code: [_row_of(problem) for problem in found[row.id]] for row in rows if found[row.id]
            },
        }

    result = store.run(asked, body)
    refused = {code: problems_of(told) for code, told in result["refused"].items()}
    return Chosen(tuple(result["chosen"]), refused)


def _row_of(problem: Problem) -> dict[str, Any]:
    """A problem as the line of a release keeps it: its code and values, no sentence."""
    return {"code": problem.code, "values": {name: value_row(one) for name, one in problem.values.items()}}


def problems_of(told: Sequence[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """What the line of a release keeps, as problems again."""
    return tuple(
        Problem("samples", one["code"], {name: read_value(value) for name, value in one["values"].items()})
        for one in told
    )


def against(
    connection: Connection, release: Mapping[str, Any], rows: Sequence[SampleRow], at: datetime
) -> dict[int, list[Problem]]:
    """What stands against issuing each of these samples now, by its number; nothing is kept.

    ``release`` are its number (``no``) and its purposes. A sample of which something was planned for a list,
    or chosen for another release, is not free either.
    """
    standing = standings(connection, [row.id for row in rows])
    asked = {(row.donor_id, row.tube_id) for row in rows}
    of_tubes = {tube_id: _of_tube(connection, donor_id, tube_id, release, at) for donor_id, tube_id in asked}
    return {
        row.id: [*_of_itself(row, standing[row.id], release["no"]), *of_tubes[row.tube_id]] for row in rows
    }


def _of_itself(row: SampleRow, standing: Standing, no: int) -> list[Problem]:
    problems = kept_problems(row, standing)
    shown = {"code": codes.group(row.code)}
    if row.state == "refused":
        problems.append(Problem("samples", "sample-refused", shown))
    if standing.release not in {None, no}:
        problems.append(Problem("samples", "sample-in-release", {**shown, "no": standing.release}))
    if standing.disposal is not None:
        problems.append(Problem("samples", "sample-on-list", {**shown, "no": standing.disposal}))
    return problems


def _of_tube(
    connection: Connection, donor_id: int, tube_id: int, release: Mapping[str, Any], at: datetime
) -> list[Problem]:
    """What stands against all that came from a tube: diagnostics, and consent for each purpose."""
    donor, receipt = donors.donor(connection, donor_id), query.receipt(connection, tube_id)
    assert donor is not None
    assert receipt is not None
    problems = []
    if receipt.origin == "residual" and receipt.released_at is None:
        tube = codes.group(codes.from_number(tube_id))
        problems.append(Problem("samples", "tube-not-released", {"tube": tube}))
    record, book = record_of(connection, donor, receipt.received_at)
    today = local_day(at)
    for decision in decide_all(record, release["purposes"], today, known_by(record, at), book.on(today)):
        if decision.verdict == "permitted":
            continue
        for reason in decision.reasons:
            problem = reason_problem(reason, "samples")
            if problem not in problems:
                problems.append(problem)
    return problems


def drop(
    store: Store, actor: Actor, no: int, given: Sequence[str], why: str, command_id: UUID | None = None
) -> list[str]:
    """Take vials out of an open release, with the reason. Raises ``NotFound`` and ``Rejected``."""
    require_reason(why)
    payload = {"no": no, "samples": list(given)}
    title = ", ".join(given[:3])
    asked = command(actor, "vials-dropped", payload, "storage", title=title, why=why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        rows, _standing = held_with_standing(work, given)
        _open(work, no)
        listed = {line.sample_id: line.state for line in lines(work.connection, no)}
        refuse(
            [
                Problem("samples", "not-in-this-release", {"code": codes.group(row.code), "no": no})
                for row in rows
                if listed.get(row.id) not in {"chosen", "refused"}
            ]
        )
        for row in rows:
            key = {"release_no": no, "sample_id": row.id}
            work.update(tables.release_line, key, state="removed", reasons=[])
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


def drop_in(
    work: Work, rows: Sequence[SampleRow], against_each: Mapping[int, Sequence[Problem]]
) -> list[int]:
    """Take held samples out of the open releases they are chosen for, in an open command.

    ``against_each`` says why, by the sample's number. Returns the numbers of those releases.
    """
    standing = standings(work.connection, [row.id for row in rows])
    numbers = set()
    for row in rows:
        no = standing[row.id].release
        if no is not None and against_each.get(row.id):
            told = [_row_of(problem) for problem in against_each[row.id]]
            key = {"release_no": no, "sample_id": row.id}
            work.update(tables.release_line, key, state="removed", reasons=told)
            numbers.add(no)
    return sorted(numbers)


def reconsider(work: Work, donor_id: int) -> list[int]:
    """Take a held donor's vials out of open releases that consent permits no longer; those releases."""
    rows = query.of_donor(work.connection, donor_id)
    standing = standings(work.connection, [row.id for row in rows])
    chosen: dict[int, list[SampleRow]] = {}
    for row in rows:
        no = standing[row.id].release
        if no is not None:
            chosen.setdefault(no, []).append(row)
    for no, members in chosen.items():
        release = work.locked(tables.release, {"no": no})
        assert release is not None
        drop_in(work, members, against(work.connection, release, members, work.at))
    return sorted(chosen)


def issue(store: Store, actor: Actor, no: int, command_id: UUID | None = None) -> list[str]:
    """Let all vials of a release leave together: their places are free. Returns their codes.

    Each is decided about once more, and its decision kept; the first release makes the key that proofs are
    signed with. Raises ``NotFound``, and ``Rejected`` when there
    is none, when something stands against one of them, and after a restore whose gap is not signed.
    """
    asked = command(actor, "release-issued", {"no": no}, "manage", title=str(no), command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        chosen = [line.code for line in lines(work.connection, no) if line.state == "chosen"]
        rows, _standing = held_with_standing(work, chosen) if chosen else ([], {})
        head = _open(work, no)
        still = {line.sample_id for line in lines(work.connection, no) if line.state == "chosen"}
        if still != {row.id for row in rows}:
            raise Conflict(Problem("no", "release-changed-meanwhile", {"no": no}))
        problems = gap_problems(work.connection)
        if not rows:
            problems.append(Problem("samples", "release-is-empty", {"no": no}))
        found = against(work.connection, head, rows, work.at)
        for row in rows:
            if found[row.id]:
                problems.append(Problem("samples", "vial-may-not-leave", {"code": codes.group(row.code)}))
                problems += [one for one in found[row.id] if one not in problems]
        refuse(problems)
        for purpose in head["purposes"]:
            for decision in decide_about(work, rows, purpose):
                require_permitted(decision, "samples")
        for row in rows:
            end(work, row, "issued", head["study"], no)
            work.update(tables.release_line, {"release_no": no, "sample_id": row.id}, state="issued")
        work.update(tables.release, {"no": no}, state="issued", issued_at=work.at)
        make_sure_of_key(work)
        return {"samples": [row.code for row in rows]}

    return list(store.run(asked, body)["samples"])


def issued_release(connection: Connection, no: int) -> ReleaseRow:
    """A release that was issued. Raises ``NotFound``, and ``Rejected`` for one that was not."""
    release = of_number(connection, no)
    if release is None:
        raise NotFound(Problem("no", "release-unknown", {"no": no}))
    if release.state != "issued":
        raise Rejected(Problem("no", "release-not-issued", {"no": no}))
    return release


def cancel(store: Store, actor: Actor, no: int, why: str, command_id: UUID | None = None) -> None:
    """Call an open release off, with the reason; its vials are free. Raises ``NotFound``, ``Rejected``."""
    require_reason(why)
    payload = {"no": no}
    asked = command(
        actor, "release-cancelled", payload, "storage", title=str(no), why=why, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        chosen = [line.code for line in lines(work.connection, no) if line.state == "chosen"]
        rows, _standing = held_with_standing(work, chosen) if chosen else ([], {})
        _open(work, no)
        for row in rows:
            key = {"release_no": no, "sample_id": row.id}
            work.update(tables.release_line, key, state="removed", reasons=[])
        work.update(tables.release, {"no": no}, state="cancelled")
        return {"no": no}

    store.run(asked, body)
