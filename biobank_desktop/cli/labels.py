"""``biobank labels``: which wait for a printer, printed, as PDF, asked for again, proved by a scan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from biobank_desktop.cli import columns, label_printing
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id
from biobank_desktop.cli.waiting import wanted
from biobank_desktop.domain import codes
from biobank_desktop.domain.labels import fields
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.language import _, ngettext
from biobank_desktop.services.labels import queued, reprint, verify
from biobank_desktop.services.printers import PDF_FILES
from biobank_desktop.services.printing import (
    came_of,
    came_of_error,
    prepare,
    report,
    sender_at,
    take,
)

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from biobank_desktop.services.labels import QueuedLabel
    from biobank_desktop.services.printing import Batch


def run(options: Namespace) -> Answer:
    """Do the action."""
    actions = {
        "queued": _queued,
        "pdf": _pdf,
        "print": label_printing.run,
        "reprint": _reprint,
        "verify": _verify,
    }
    return actions[options.action](options)


def _queued(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        waiting = queued(connection)
    result = [{"no": one.no, "template": one.template, **fields(one.label)} for one in waiting]
    rows = [
        (codes.group(one.label.code), one.template, " ".join(filter(None, _texts(one)))) for one in waiting
    ]
    text = columns.table((_("Code"), _("Layout"), _("Text")), rows)
    return Answer({"queued": result}, text or _("No label waits."))


def _texts(label: QueuedLabel) -> list[str]:
    return [text for name, text in fields(label.label).items() if not name.startswith("code")]


def _pdf(options: Namespace) -> Answer:
    from biobank_desktop.labels.printers import PdfFilePrinter  # noqa: PLC0415 - reportlab: only to print

    path = Path(options.file)
    with writing(options) as session:
        batch = _drawn(wanted(session, PDF_FILES, options.codes).labels, options)
        store, actor = session.store, session.require_actor()
        sender = sender_at(session.settings.bench, uuid4().hex[:8])
        take(store, actor, batch.drawn, str(path), sender)
        try:
            told = PdfFilePrinter(path, options.dpi).print(batch.pages, path.stem)
        except Exception as error:
            report(store, actor, came_of_error(error, [one.key for one in batch.drawn], str(path)))
            raise
        report(store, actor, came_of(told, batch))
    printed = [one.queued.label.code for one in batch.drawn]
    heading = ngettext("{count} label written", "{count} labels written", len(printed))
    return Answer({"file": told.place, "labels": printed}, f"{heading}: {told.place}")


def _drawn(labels: Sequence[QueuedLabel], options: Namespace) -> Batch:
    """Every label drawn and gated, all or none. Raises ``LabelRefused``."""
    from biobank_desktop.labels.catalogue import template  # noqa: PLC0415 - fonts and symbols: only to print
    from biobank_desktop.labels.gate import LabelRefused  # noqa: PLC0415

    names = {options.template} if options.template else {one.template for one in labels}
    if len(names) > 1:
        raise Rejected(Problem("template", "labels-of-several-layouts", {"templates": sorted(names)}))
    prepared = prepare(labels, template(names.pop()), 0, options.dpi, len(labels))
    if prepared.refused:
        raise LabelRefused(*(problem for why in prepared.refused.values() for problem in why))
    return prepared.batches[0]


def _reprint(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        reprint(session.store, session.require_actor(), options.code, options.reason, options.note, command)
    return Answer({"code": options.code, "reason": options.reason}, _("The label waits for a printer."))


def _verify(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        answer = verify(session.store, session.require_actor(), options.code, command)
    said = {"right": _("Right."), "twice": _("Right; it was scanned before.")}
    return Answer({"code": options.code, "answer": answer}, said[answer])
