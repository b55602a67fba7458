"""``biobank fill``: what was really made in planned vials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_of, form_of, read_input
from biobank_desktop.domain import codes
from biobank_desktop.domain.filling import FillForm  # noqa: TC001 - the reader asks its fields
from biobank_desktop.language import ngettext
from biobank_desktop.services.processing import fill

if TYPE_CHECKING:
    from argparse import Namespace


@dataclass(frozen=True)
class _Filling:
    """The input of a filling: vials filled together, all or none."""

    vials: tuple[FillForm, ...]


def run(options: Namespace) -> Answer:
    """Fill the vials of an input file."""
    mapping = read_input(options.file)
    command = command_of(mapping)
    filling = form_of(_Filling, mapping)
    with writing(options) as session:
        filled = fill(session.store, session.require_actor(), filling.vials, command)
    heading = ngettext("{count} vial filled", "{count} vials filled", len(filled))
    return Answer({"filled": filled}, columns.joined(heading, "\n".join(map(codes.group, filled))))
