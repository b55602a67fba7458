"""``biobank labels``: which wait, printed, as PDF, asked for again, proved; layouts; makers' codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from biobank_desktop.cli import columns, label_printing, makers_codes
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id
from biobank_desktop.cli.objects import object_id
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
from biobank_desktop.services.unchecked_labels import set_unchecked_rule, unchecked_rule

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from biobank_desktop.labels.catalogue import Versioned
    from biobank_desktop.services.labels import QueuedLabel
    from biobank_desktop.services.printing import Batch
    from biobank_desktop.session import Session


def run(options: Namespace) -> Answer:
    """Do the action."""
    known = {
        "queued": _queued,
        "pdf": _pdf,
        "print": label_printing.run,
        "reprint": _reprint,
        "verify": _verify,
        "unchecked": _unchecked,
        "rolls": makers_codes.rolls,
        "add-roll": makers_codes.lay_ready,
        "bind": makers_codes.put_on,
    }
    if options.action in known:
        return known[options.action](options)
    from biobank_desktop.cli import label_templates  # noqa: PLC0415 - fonts and symbols: only for these

    return label_templates.run(options)


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
        batch = _drawn(session, wanted(session, PDF_FILES, options.codes).labels, options)
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


def _drawn(session: Session, labels: Sequence[QueuedLabel], options: Namespace) -> Batch:
    """Every label drawn and gated, all or none. Raises ``LabelRefused``."""
    from biobank_desktop.labels.gate import LabelRefused  # noqa: PLC0415 - fonts and symbols: only to print

    chosen = _chosen(session, labels, options)
    prepared = prepare(labels, chosen.template, chosen.version, options.dpi, len(labels))
    if prepared.refused:
        raise LabelRefused(*(problem for why in prepared.refused.values() for problem in why))
    return prepared.batches[0]


def _chosen(session: Session, labels: Sequence[QueuedLabel], options: Namespace) -> Versioned:
    """The one template for all of them: the one that was named, else that of the lab's rules."""
    from biobank_desktop.services.label_rules import by_template  # noqa: PLC0415
    from biobank_desktop.services.printers import PrinterForm  # noqa: PLC0415
    from biobank_desktop.services.templates import catalogue  # noqa: PLC0415

    with session.store.read() as connection:
        if options.template:
            return catalogue(connection).entry(options.template)
        file = PrinterForm("PDF", "pdf", options.dpi, "")
        groups = by_template(connection, labels, file, session.settings.bench).groups
    if len(groups) > 1:
        wanted = sorted(chosen.template.name for chosen, _some in groups)
        raise Rejected(Problem("template", "labels-of-several-layouts", {"templates": wanted}))
    return groups[0][0]


def _reprint(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        with session.store.read() as connection:
            code = codes.from_number(object_id(connection, options.code))
        reprint(session.store, session.require_actor(), code, options.reason, options.note, command)
    return Answer({"code": options.code, "reason": options.reason}, _("The label waits for a printer."))


def _verify(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        answer = verify(session.store, session.require_actor(), options.code, command)
    said = {"right": _("Right."), "twice": _("Right; it was scanned before.")}
    return Answer({"code": options.code, "answer": answer}, said[answer])


def _unchecked(options: Namespace) -> Answer:
    if options.rule is None:
        with reading(options) as session, session.store.read() as connection:
            rule = unchecked_rule(connection)
    else:
        rule, command = options.rule, command_id(options.command)
        with writing(options) as session:
            set_unchecked_rule(session.store, session.require_actor(), rule, command)
    return Answer({"unchecked": rule}, rule)
