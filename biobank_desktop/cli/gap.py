"""``biobank gap``: since when a restore may have left something out, and who has signed for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, signature, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id
from biobank_desktop.language import _
from biobank_desktop.services.restore_gap import SIGNATURES, gap, sign_gap

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> Answer:
    """Show the gap, or sign for it."""
    return {"show": _show, "sign": _sign}[options.action](options)


def _show(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        known = gap(connection)
    if known is None:
        return Answer({"gap": None}, _("This database was not restored from a backup."))
    head = columns.pairs(
        [
            (_("Archive"), known.archive),
            (_("Missing since"), known.made_at),
            (_("Restored at"), known.restored_at),
            (_("Restored by"), known.restored_by),
            (_("Events in it"), known.events),
            (_("Erased again"), known.erased),
            (_("Signatures"), f"{len(known.signatures)} / {SIGNATURES}"),
        ]
    )
    signed = columns.table(
        (_("Signed by"), _("When"), _("Found")), [(one.name, one.at, one.note) for one in known.signatures]
    )
    return Answer({"gap": {**asdict(known), "closed": known.closed}}, columns.joined(head, signed))


def _sign(options: Namespace) -> Answer:
    command = command_id(options.command)
    with writing(options) as session:
        count = sign_gap(session.store, signature(session), options.note, command)
    return Answer({"signed": count}, columns.pairs([(_("Signatures"), f"{count} / {SIGNATURES}")]))
