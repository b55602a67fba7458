"""What the screen of the lists asks the database, in one go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.disposals import ACTIONS, TAKES_AWAY
from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.persistence.queries import containers, disposals, people, releases
from biobank_desktop.services.records import box_view

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.disposals import DisposalLine, DisposalRow
    from biobank_desktop.persistence.queries.releases import ReleaseRow
    from biobank_desktop.services.records import BoxView


@dataclass(frozen=True)
class Recipient:
    """A release of which somebody must be told, with its vials on the list; None: they came back."""

    release: ReleaseRow | None
    lines: tuple[DisposalLine, ...]

    @property
    def state(self) -> str:
        """``open`` until somebody has told them."""
        states = {line.state for line in self.lines}
        return "open" if "open" in states else "dropped" if states == {"dropped"} else "done"


@dataclass(frozen=True)
class Sheet:
    """A list: its vials in the order of walking, whom to tell, and the box of the next vial."""

    head: DisposalRow
    vials: tuple[DisposalLine, ...]
    recipients: tuple[Recipient, ...]
    box: BoxView | None
    names: dict[str, str]

    @property
    def next(self) -> DisposalLine | None:
        """The vial that is taken next."""
        return next((line for line in self.vials if line.state == "open"), None)

    @property
    def waiting(self) -> tuple[DisposalLine, ...]:
        """What is done and not yet witnessed."""
        return tuple(line for line in self.vials if line.state == "done")

    @property
    def actions(self) -> tuple[str, ...]:
        """What is done with the vials of this list, of destroying and giving back."""
        listed = {line.action for line in self.vials}
        return tuple(action for action in TAKES_AWAY if action in listed)

    @property
    def to_take(self) -> int:
        """How many vials were to go, without those that were taken off."""
        return sum(line.state != "dropped" for line in self.vials)

    @property
    def taken(self) -> int:
        """How many of them are gone."""
        return sum(line.state in {"done", "witnessed"} for line in self.vials)

    @property
    def witnessed(self) -> int:
        """How many of those somebody else has seen go."""
        return sum(line.state == "witnessed" for line in self.vials)

    @property
    def finished(self) -> bool:
        """Whether nothing waits any more: the list can be closed."""
        told = all(one.state != "open" for one in self.recipients)
        return told and not self.waiting and self.next is None and self.head.state == "open"


def all_lists(connection: Connection) -> list[DisposalRow]:
    """Every list, those that are open first."""
    return sorted(disposals.lists(connection), key=lambda row: row.state != "open")


def read(connection: Connection, no: int) -> Sheet:
    """Everything the page of a list shows. Raises ``NotFound``."""
    head = disposals.of_number(connection, no)
    if head is None:
        raise NotFound(Problem("no", "list-unknown", {"no": no}))
    listed = sorted(disposals.lines(connection, no), key=_walk)
    vials = tuple(line for line in listed if line.action in TAKES_AWAY)
    following = next((line for line in vials if line.state == "open"), None)
    return Sheet(
        head=head,
        vials=vials,
        recipients=_recipients(connection, [line for line in listed if line.action not in TAKES_AWAY]),
        box=_box_of(connection, following) if following else None,
        names={person.login: person.name for person in people.people(connection)},
    )


def _walk(line: DisposalLine) -> tuple[object, ...]:
    """By what is to be done, then along the freezers: A2 stands before A10."""
    parts = re.split(r"(\d+)", line.place)
    place = [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
    return ACTIONS.index(line.action), not line.place, place, line.sample_id


def _recipients(connection: Connection, listed: list[DisposalLine]) -> tuple[Recipient, ...]:
    by_release: dict[int | None, list[DisposalLine]] = {}
    for line in listed:
        by_release.setdefault(line.release_no, []).append(line)
    return tuple(
        Recipient(releases.of_number(connection, no) if no is not None else None, tuple(some))
        for no, some in by_release.items()
    )


def _box_of(connection: Connection, line: DisposalLine) -> BoxView | None:
    place = containers.place(connection, line.sample_id)
    return box_view(connection, place.container_id) if place else None
