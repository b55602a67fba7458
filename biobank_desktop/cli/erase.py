"""``biobank erase``: a donor for good; what happened stays told, and leads to nobody."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import signature, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id
from biobank_desktop.domain import codes
from biobank_desktop.language import _
from biobank_desktop.services.erasure import erase_donor
from biobank_desktop.services.identity.keyring import vault_of

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> Answer:
    """Erase the donor: the register beside the backups, the keys of the identity store, the ages."""
    command = command_id(options.command)
    with writing(options) as session, closing(vault_of(session.settings)) as vault:
        register = session.settings.backup_folder
        erase_donor(session.store, signature(session), options.code, options.why, register, vault, command)
    code = codes.parse(options.code) or options.code
    text = columns.pairs([(_("Erased"), codes.group(code)), (_("Register"), str(register))])
    return Answer({"donor": code, "register": str(register)}, text)
