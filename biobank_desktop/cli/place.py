"""``biobank place``: vials into a box; each that is scanned in also proves its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.access import writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id
from biobank_desktop.domain import codes
from biobank_desktop.language import _
from biobank_desktop.services.placing import place_all

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> Answer:
    """Place the vials named, all or none; ``CODE=A5`` at a position, ``CODE`` at the next free one."""
    command = command_id(options.command)
    vials = [(code, position) for code, _sign, position in (one.partition("=") for one in options.vials)]
    with writing(options) as session:
        placed = place_all(session.store, session.require_actor(), options.box, vials, command)
    unchecked = [one.sample for one in placed if one.unchecked]
    result = {
        "box": placed[0].box,
        "box_name": placed[0].box_name,
        "command": placed[0].command,
        "placed": [
            {"sample": one.sample, "position": one.label, "row": one.row_no, "column": one.column_no}
            for one in placed
        ],
        "unchecked": unchecked,
    }
    rows = [(codes.group(one.sample), one.box_name, one.label) for one in placed]
    table = columns.table((_("Vial"), _("Box"), _("Position")), rows)
    return Answer(result, columns.joined(table, words.unchecked(unchecked)))
