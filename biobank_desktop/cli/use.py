"""``biobank use``: samples out of the cold and back, used, lost, broken, here again; and how one stands."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id
from biobank_desktop.domain import codes
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.domain.use import UseForm
from biobank_desktop.language import _
from biobank_desktop.persistence.queries import standing
from biobank_desktop.services import use
from biobank_desktop.services.deriving import DerivationForm, PoolPart, derive
from biobank_desktop.services.processing import left_in, sample_of
from biobank_desktop.services.standing import place_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store


def run(options: Namespace) -> Answer:
    """Do the action."""
    if options.action == "show":
        return _show(options)
    command = command_id(options.command)
    gesture = {
        "out": lambda store, actor: use.check_out(store, actor, options.samples, options.why, command),
        "in": lambda store, actor: use.check_in(
            store, actor, options.samples, thawed=options.thawed, command_id=command
        ),
        "derive": lambda store, actor: derive(
            store,
            actor,
            DerivationForm(
                options.code,
                options.purpose,
                options.what,
                PlannedVials(options.material, options.count, options.ul, options.cells),
                tuple(PoolPart(code, last=True) for code in options.pool),
            ),
            command,
        ),
        "undo": lambda store, actor: use.undo(store, actor, options.of_command, command),
    }.get(options.action) or _of_one(options, command)
    with writing(options) as session:
        samples = gesture(session.store, session.require_actor())
    shown = ", ".join(codes.group(code) for code in samples)
    return Answer({"samples": samples}, columns.pairs([(_("Samples"), shown)]))


def _of_one(options: Namespace, command: UUID | None) -> Callable[[Store, Actor], list[str]]:
    """A gesture that is about one sample."""

    def gesture(store: Store, actor: Actor) -> list[str]:
        code, why = options.code, getattr(options, "why", "")
        if options.action == "take":
            form = UseForm(code, options.purpose, options.what, options.ul, options.cells, options.last)
            use.use(store, actor, form, command)
        elif options.action == "lost":
            use.report_lost(store, actor, code, why, command)
        elif options.action == "broken":
            use.report_broken(store, actor, code, why, command)
        else:
            use.turned_up(store, actor, code, why, command)
        return [codes.parse(code) or code]

    return gesture


def _show(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        row = sample_of(connection, options.code)
        stands = standing.standings(connection, [row.id])[row.id]
        left_ul, left_cells = left_in(connection, row.id)
        result = {
            "sample": row.code,
            "place": place_text(connection, row.id) or None,
            **{name: value for name, value in asdict(stands).items() if name != "sample_id"},
            "left_ul": left_ul,
            "left_cells": left_cells,
            "excursions": [asdict(one) for one in standing.excursions(connection, row.id)],
            "uses": [asdict(one) for one in standing.consumptions(connection, row.id)],
        }
    text = columns.pairs(
        [
            (_("Sample"), codes.group(row.code)),
            (_("Place"), result["place"]),
            (_("Ended"), stands.ended),
            (_("Ended at"), stands.ended_at),
            (_("Release"), stands.issued_in or stands.release),
            (_("Out since"), stands.out_at),
            (_("Nonconformity"), stands.nonconformity),
            (_("List"), stands.disposal),
            (_("Left, µL"), left_ul),
            (_("Left, cells"), left_cells),
        ]
    )
    return Answer(result, text)
