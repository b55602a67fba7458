"""What a list of disposal puts on paper: its certificate, and the notices to recipients it names."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.disposals import ENDING_OF, notice_number, number
from biobank_desktop.domain.problems import NotFound, Problem, Rejected
from biobank_desktop.domain.releases import number as release_number
from biobank_desktop.language import _, chosen, say_value
from biobank_desktop.papers.certificate import Certificate, DestroyedLine, NotDestroyed, certificate_pdf
from biobank_desktop.papers.notice import Notice, notice_pdf
from biobank_desktop.persistence import seals
from biobank_desktop.persistence.queries import disposals, history, releases, samples
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.paper_files import written_together
from biobank_desktop.services.papers import lab_name, letter_settings
from biobank_desktop.services.release_papers import recipient_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy import Connection

    from biobank_desktop.persistence.queries.disposals import DisposalLine, DisposalRow
    from biobank_desktop.persistence.queries.history import EventRow
    from biobank_desktop.persistence.queries.releases import ReleaseRow
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store

ANSWER_WITHIN = timedelta(days=14)
"""So long a recipient has for sending the slip back."""


def certificate_of(connection: Connection, no: int) -> Certificate:
    """What the certificate of a closed list says.

    Raises ``NotFound``, and ``Rejected``: the list is not closed, or no seal covers its closing yet
    (``proof-not-sealed``: for a second).
    """
    found = _list(connection, no)
    if found.closed_at is None:
        raise Rejected(Problem("no", "list-not-closed", {"no": no}))
    lines = disposals.lines(connection, no)
    closing = _closing(connection, no)
    seal = seals.first_over(connection, [closing.id])
    if seal is None:
        raise Rejected(Problem("", "proof-not-sealed"))
    return Certificate(
        lab=lab_name(connection, chosen()),
        number=number(found.no, found.opened_at.year),
        why=" · ".join(filter(None, (_(f"list-reason.{found.reason}"), say_value(found.note)))),
        donors=tuple(sorted({line.donor for line in lines})),
        opened_at=found.opened_at,
        closed_at=found.closed_at,
        lines=_destroyed(lines),
        not_destroyed=(*_others_on_it(connection, lines), *_gone_before(connection, found, lines)),
        event=closing.id,
        seal_size=seal.size,
        seal_root=seal.root.hex(),
    )


def notices_of(connection: Connection, no: int, language: str, today: date) -> list[Notice]:
    """The notices of a list, one for each release that samples on it left with; none when nobody is told.

    Raises ``NotFound``.
    """
    found = _list(connection, no)
    told: dict[int, list[str]] = {}
    for line in disposals.lines(connection, no):
        if line.action == "notify" and line.state != "dropped" and line.release_no is not None:
            told.setdefault(line.release_no, []).append(line.code)
    return [_notice(connection, found, release, told[release], language, today) for release in sorted(told)]


def write_notices(store: Store, no: int, language: str, today: date, folder: Path) -> tuple[Path, ...]:
    """The notices of a list in a folder, all of them or none; their files, none when nobody is told.

    Raises ``NotFound``, and ``Unavailable`` when the disk refuses.
    """
    with store.read() as connection:
        notices = notices_of(connection, no, language, today)
    if not notices:
        return ()
    with written_together(folder) as files:
        for notice in notices:
            files.add(f"{notice.number}.pdf", notice_pdf(notice))
    return files.paths


def _notice(
    connection: Connection, of: DisposalRow, release_no: int, vials: list[str], language: str, today: date
) -> Notice:
    release, said = _release(connection, release_no), letter_settings(connection, language)
    return Notice(
        language=language,
        lab=lab_name(connection, language),
        number=notice_number(of.no, of.opened_at.year, release.no),
        release=release_number(release.no, release.opened_at.year),
        study=release.study,
        recipient=recipient_of(release, language),
        vials=tuple(vials),
        written_on=today,
        answer_by=today + ANSWER_WITHIN,
        contact=said.contact,
        return_to=said.return_to,
    )


def _list(connection: Connection, no: int) -> DisposalRow:
    found = disposals.of_number(connection, no)
    if found is None:
        raise NotFound(Problem("no", "list-unknown", {"no": no}))
    return found


def _release(connection: Connection, no: int) -> ReleaseRow:
    release = releases.of_number(connection, no)
    assert release is not None
    return release


def _closing(connection: Connection, no: int) -> EventRow:
    """The event that closed a list: the last that was written about it."""
    command = disposals.last_command(connection, no)
    events = history.of_command(connection, command)
    return next(
        one
        for one in events
        if any((change.table, change.key) == ("disposal", (no,)) for change in one.changes)
    )


def _amount(line: DisposalLine) -> str:
    return format_amount(line.volume_ul, line.cells, "," if chosen() == "nl" else ".", _("cells"))


def _destroyed(lines: Sequence[DisposalLine]) -> tuple[DestroyedLine, ...]:
    """What was destroyed, in the order of destruction."""
    made = [
        DestroyedLine(
            code=line.code,
            material=say_value(line.material),
            amount=_amount(line),
            lay=line.place,
            destroyed_at=line.done_at,
            destroyed_by=line.done_by_name,
            witnessed_at=line.witnessed_at,
            witnessed_by=line.witnessed_by_name,
        )
        for line in lines
        if line.action == "destroy" and line.done_at is not None and line.witnessed_at is not None
    ]
    return tuple(sorted(made, key=lambda line: (line.destroyed_at, line.code)))


def _others_on_it(connection: Connection, lines: Sequence[DisposalLine]) -> list[NotDestroyed]:
    """What stands on the list and was not destroyed: given back, told about, or taken off again."""
    return [
        NotDestroyed(
            code=line.code,
            material=say_value(line.material),
            became=_became(connection, line),
            told_on=local_day(line.done_at) if line.action == "notify" and line.done_at else None,
        )
        for line in lines
        if line.action != "destroy" or line.state == "dropped"
    ]


def _became(connection: Connection, line: DisposalLine) -> str:
    if line.state == "dropped":
        return _("taken off the list: {why}").format(why=line.note)
    if line.action == "notify" and line.release_no is not None:
        return _issued_to(connection, line.release_no)
    return say_value(ENDING_OF.get(line.action, "issued"))


def _issued_to(connection: Connection, release_no: int) -> str:
    return _("issued to {name}").format(name=_release(connection, release_no).institution)


def _gone_before(
    connection: Connection, found: DisposalRow, lines: Sequence[DisposalLine]
) -> list[NotDestroyed]:
    """What was gone of a donor who withdrew before the list was closed, and does not stand on it."""
    if found.donor_id is None or found.closed_at is None:
        return []
    listed = {line.sample_id for line in lines}
    rows = [row for row in samples.of_donor(connection, found.donor_id) if row.id not in listed]
    known = standings(connection, [row.id for row in rows])
    gone = []
    for row in rows:
        how = known[row.id]
        if how.ended is None or how.ended_at is None or how.ended_at > found.closed_at:
            continue
        became = say_value(how.ended) if how.issued_in is None else _issued_to(connection, how.issued_in)
        gone.append(NotDestroyed(row.code, say_value(row.material), became))
    return gone


def write_papers(store: Store, no: int, language: str, today: date, folder: Path) -> Steps[tuple[Path, ...]]:
    """The notices of a list and, once it is closed, its certificate, in a folder; all of them or none.

    Returns their files. Raises ``NotFound``, and ``Unavailable`` when the disk refuses.
    """
    with store.read() as connection:
        closed = _list(connection, no).state == "closed"
        notices = notices_of(connection, no, language, today)
        certificate = certificate_of(connection, no) if closed else None
    with written_together(folder) as files:
        for done, notice in enumerate(notices):
            yield Progress(done, len(notices) + closed)
            files.add(f"{notice.number}.pdf", notice_pdf(notice))
        if certificate is not None:
            yield Progress(len(notices), len(notices) + 1)
            files.add(f"{certificate.number}.pdf", certificate_pdf(certificate))
    return files.paths
