"""``biobank container``: make freezers, racks and boxes, and show what lies in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli import columns, show_container
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_of, form_of, read_input
from biobank_desktop.domain import codes
from biobank_desktop.language import _
from biobank_desktop.services.storage import ContainerForm, add_container, container_of

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> Answer:
    """Do the action."""
    return {"add": _add, "show": _show}[options.action](options)


def _add(options: Namespace) -> Answer:
    mapping = read_input(options.file)
    command = command_of(mapping)
    form = form_of(ContainerForm, mapping)
    with writing(options) as session:
        code = add_container(session.store, session.require_actor(), form, command)
    text = columns.pairs([(_("Name"), form.name), (_("Code"), codes.group(code))])
    return Answer({"container": code, "name": form.name.strip()}, text)


def _show(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        return show_container.answer(connection, container_of(connection, options.code, "code").id)
