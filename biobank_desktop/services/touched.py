"""What did this touch? The samples that a lot, a device, a container, a person, a donor concerns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.nonconformities import check_span
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.persistence.queries import containers, history, people
from biobank_desktop.persistence.queries.nonconformities import Suspicion, touched
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.gate import donor_of
from biobank_desktop.services.standing import found, material_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from biobank_desktop.domain.nonconformities import Cause
    from biobank_desktop.persistence.queries.history import Change
    from biobank_desktop.persistence.queries.nonconformities import TouchedSample
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store


def what_it_touched(store: Store, cause: Cause) -> Steps[list[TouchedSample]]:
    """The samples that a cause may have touched, in the order of their codes; run the steps one by one.

    What lay in a container is read from its history, and from that of all that lay in it meanwhile. Raises
    ``Rejected`` when the cause names nothing, or nothing of this database.
    """
    with store.read() as connection:
        suspicion = _suspicion(connection, cause)
        container_id = _container(connection, cause.container)
    if container_id is not None:
        within = yield from _lain_in(store, container_id, _Span(cause.since, cause.until))
        suspicion = replace(suspicion, within=within)
    with store.read() as connection:
        return touched(connection, suspicion)


def touched_samples(connection: Connection, given: Sequence[str]) -> list[TouchedSample]:
    """These samples, to be held back one by one.

    Raises ``NotFound``, and ``Rejected`` for what was never filled or is void.
    """
    rows = found(connection, given)
    refuse([problem for row in rows for problem in material_problems(row)])
    return touched(connection, Suspicion(within=frozenset(row.id for row in rows)))


def _suspicion(connection: Connection, cause: Cause) -> Suspicion:
    problems = check_span(cause)
    if cause.says_nothing:
        problems.append(Problem("", "cause-missing"))
    if cause.person and people.person(connection, cause.person) is None:
        problems.append(Problem("person", "login-unknown", {"login": cause.person}))
    if cause.container and _container(connection, cause.container) is None:
        problems.append(Problem("container", "container-unknown", {"code": cause.container}))
    refuse(problems)
    return Suspicion(
        donor_id=donor_of(connection, cause.donor).id if cause.donor else None,
        lot=cause.lot or None,
        device=cause.device or None,
        login=cause.person or None,
        since=cause.since,
        until=cause.until,
    )


def _container(connection: Connection, code: str) -> int | None:
    """The number of the container of a code, None when there is none."""
    known = codes.parse(code)
    number = codes.number(known) if known else None
    return number if number and containers.container(connection, number) else None


@dataclass(frozen=True)
class _Span:
    """A stretch of time, ``until`` not included; None: without an end on that side."""

    since: datetime | None
    until: datetime | None

    def within(self, other: _Span) -> _Span | None:
        """What both have in common, None when nothing."""
        since = max((one for one in (self.since, other.since) if one), default=None)
        until = min((one for one in (self.until, other.until) if one), default=None)
        return None if since and until and since >= until else _Span(since, until)


def _lain_in(store: Store, container_id: int, span: _Span) -> Steps[frozenset[int]]:
    """The samples that lay in a container, or in one within it, at some moment of a stretch of time."""
    lay: set[int] = set()
    waiting, seen = [(container_id, span)], 0
    while waiting:
        here, asked = waiting.pop()
        with store.read() as connection:
            stays = list(_stays_in(connection, here))
        for item, stay in stays:
            common = stay.within(asked)
            if common is None:
                continue
            if codes.kind_of(codes.from_number(item)) is CodeKind.CONTAINER:
                waiting.append((item, common))
            else:
                lay.add(item)
        seen += 1
        yield Progress(seen, seen + len(waiting))
    return frozenset(lay)


def _stays_in(connection: Connection, container_id: int) -> Iterator[tuple[int, _Span]]:
    """Everything that ever lay directly in a container, with each time it did."""
    began: dict[int, datetime] = {}
    for event in history.of_objects(connection, [container_id]):
        for change in event.changes:
            if change.table != "placement":
                continue
            item = int(str(change.key[0]))
            if _went(change, container_id) and item in began:
                yield item, _Span(began.pop(item), event.at)
            if change.new and change.new.get("container_id") == container_id:
                began[item] = event.at
    for item, since in began.items():
        yield item, _Span(since, None)


def _went(change: Change, container_id: int) -> bool:
    """Whether a change of a placement took its thing out of this container."""
    was = change.old is not None and change.old.get("container_id") == container_id
    return was and (change.new is None or change.new.get("container_id") != container_id)
