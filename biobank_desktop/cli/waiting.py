"""Which of the labels that wait a command is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from biobank_desktop.cli.objects import object_id
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.services.labels import queued
from biobank_desktop.services.print_runs import Wish, wish

if TYPE_CHECKING:
    from biobank_desktop.services.printers import PrinterForm
    from biobank_desktop.session import Session


def wanted(session: Session, printer: PrinterForm, typed: list[str]) -> Wish:
    """The labels of the codes that were typed, else all that wait and may be printed.

    Raises ``NotFound``, and ``Rejected`` for one that does not wait or that consent keeps back.
    """
    with session.store.read() as connection:
        numbers = [object_id(connection, code) for code in typed]
        found = wish(connection, printer, session.settings.bench, datetime.now(UTC), numbers or None)
        waiting = {one.object_id for one in queued(connection, numbers or None)}
    problems = [
        Problem("codes", "label-not-waiting", {"code": code})
        for code, number in zip(typed, numbers, strict=True)
        if number not in waiting
    ]
    if not waiting and not problems:
        problems = [Problem("", "no-label-waits")]
    if problems or (typed and found.refused) or not found.labels:
        raise Rejected(*problems, *found.refused)
    return found
