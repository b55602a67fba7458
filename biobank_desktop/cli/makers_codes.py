"""``biobank labels rolls|add-roll|bind``: codes that are printed already, and putting them on vials."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.files import read_text
from biobank_desktop.cli.forms import command_id
from biobank_desktop.domain import codes
from biobank_desktop.domain.preprinted import Binding, RollForm, read_bindings, read_codes, series
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.language import _, ngettext
from biobank_desktop.persistence.queries import preprinted as query
from biobank_desktop.services.preprinted import BindForm, add_roll, bind

if TYPE_CHECKING:
    from argparse import Namespace


def rolls(options: Namespace) -> Answer:
    """Which codes lie ready, and how many of them are on vials."""
    with reading(options) as session, session.store.read() as connection:
        found = query.rolls(connection)
    headings = (_("Roll"), _("Maker"), _("Bench"), _("Codes"), _("On vials"))
    rows = [(one.roll, one.maker, one.bench or _("every bench"), one.count, one.used) for one in found]
    return Answer({"rolls": [asdict(one) for one in found]}, columns.table(headings, rows) or _("No roll."))


def lay_ready(options: Namespace) -> Answer:
    """Lay a roll of labels or a rack of tubes ready."""
    given, problems = _codes_of_roll(options)
    refuse(problems)
    form = RollForm(options.roll, options.maker, options.bench, tuple(given))
    command = command_id(options.command)
    with writing(options) as session:
        count = add_roll(session.store, session.require_actor(), form, command)
    said = ngettext("{count} code lies ready", "{count} codes lie ready", count)
    return Answer({"roll": options.roll, "count": count}, f"{options.roll}: {said}.")


def _codes_of_roll(options: Namespace) -> tuple[list[str], list[Problem]]:
    if options.list:
        wrong = [Problem("list", "roll-said-twice")] if options.first or options.last else []
        return read_codes(read_text(options.list)), wrong
    return series(options.first, options.last)


def put_on(options: Namespace) -> Answer:
    """Put makers' codes on vials."""
    if options.list:
        bindings, problems = read_bindings(read_text(options.list))
        if options.sample:
            problems.append(Problem("list", "vials-said-twice"))
    else:
        bindings, problems = [Binding(options.sample, options.code)], []
    refuse(problems)
    form = BindForm(tuple(bindings), options.why, options.keep_labels)
    command = command_id(options.command)
    with writing(options) as session:
        bound = bind(session.store, session.require_actor(), form, command)
    table = columns.table((_("Vial"), _("Code")), [(codes.group(one.sample), one.code) for one in bound])
    return Answer({"bound": [asdict(one) for one in bound]}, table)
