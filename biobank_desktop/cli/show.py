"""``biobank show``: the record of a sample, a donor or a container, by any code it carries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from biobank_desktop.cli import show_container, show_donor, show_sample
from biobank_desktop.cli.access import reading
from biobank_desktop.cli.objects import object_id
from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.cli.contract import Answer


def run(options: Namespace) -> Answer:
    """Show what the code stands for."""
    with reading(options) as session, session.store.read() as connection:
        number = object_id(connection, options.code)
        kind = codes.kind_of(codes.from_number(number))
        if kind is CodeKind.CONTAINER:
            return show_container.answer(connection, number)
        now = datetime.now(UTC)
        if kind is CodeKind.DONOR:
            return show_donor.answer(connection, number, now)
        return show_sample.answer(connection, number, now)
