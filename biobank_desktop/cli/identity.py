"""``biobank identity``: who a donor is, in a store of its own."""

from __future__ import annotations

import getpass
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import writing
from biobank_desktop.cli.contract import Answer, Exit, UsageError, tell
from biobank_desktop.cli.files import read_at_most, write_file
from biobank_desktop.cli.forms import command_id, command_of, form_of, read_input
from biobank_desktop.domain import codes
from biobank_desktop.domain.form_scans import MOST_BYTES
from biobank_desktop.domain.identity import IdentityForm
from biobank_desktop.domain.problems import Problem
from biobank_desktop.language import _
from biobank_desktop.services.identity import checking, copies, donors, keeping, scans
from biobank_desktop.services.identity.keyring import vault_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from biobank_desktop.persistence.identity.vault import Vault
    from biobank_desktop.services.identity.keeping import Identities
    from biobank_desktop.session import Session

PASSPHRASE, NEW_PASSPHRASE = "BIOBANK_IDENTITY_PASSPHRASE", "BIOBANK_IDENTITY_NEW_PASSPHRASE"
RECOVERY = "BIOBANK_IDENTITY_RECOVERY"


def run(options: Namespace) -> Answer:
    """Do the action."""
    actions = {
        "init": _init,
        "authorise": _authorise,
        "withdraw": _withdraw,
        "passphrase": _passphrase,
        "recover": _recover,
        "rotate": _rotate,
        "set": _set,
        "show": _show,
        "find": _find,
        "erase": _erase,
        "keep-scan": _keep_scan,
        "scan": _scan,
        "check": _check,
        "backup": _backup,
        "restore": _restore,
    }
    return actions[options.action](options)


# The store -------------------------------------------------------------------------------------------


def _init(options: Namespace) -> Answer:
    passphrase = _secret(PASSPHRASE, _("Identity passphrase: "), new=True)
    with _vault(options) as (session, vault):
        recovery = keeping.create_store(session.store, vault, session.require_actor(), passphrase)
    return Answer({"login": options.login, "recovery_code": recovery}, _sealed_code(recovery))


def _authorise(options: Namespace) -> Answer:
    with _unlocked(options) as (session, identities):
        passphrase = _secret(NEW_PASSPHRASE, _("New identity passphrase: "), new=True)
        actor = session.require_actor()
        keeping.authorise(session.store, identities, actor, options.who, passphrase)
        holders = keeping.authorised(identities.vault)
    return _holders(holders)


def _withdraw(options: Namespace) -> Answer:
    with _vault(options) as (session, vault):
        actor = session.require_actor()
        keeping.withdraw_authorisation(session.store, vault, actor, options.who, options.why)
        holders = keeping.authorised(vault)
    return _holders(
        holders, _("A copy of the store made before still opens with that passphrase: see identity rotate.")
    )


def _passphrase(options: Namespace) -> Answer:
    with _unlocked(options) as (session, identities):
        passphrase = _secret(NEW_PASSPHRASE, _("New identity passphrase: "), new=True)
        keeping.change_passphrase(session.store, identities, session.require_actor(), passphrase)
        holders = keeping.authorised(identities.vault)
    return _holders(holders)


def _recover(options: Namespace) -> Answer:
    recovery = _secret(RECOVERY, _("Recovery code: "))
    passphrase = _secret(NEW_PASSPHRASE, _("New identity passphrase: "), new=True)
    with _vault(options) as (session, vault):
        keeping.recover(session.store, vault, session.require_actor(), recovery, passphrase).close()
        holders = keeping.authorised(vault)
    return _holders(holders)


def _rotate(options: Namespace) -> Answer:
    passphrase = _secret(PASSPHRASE, _("Identity passphrase: "))
    with _vault(options) as (session, vault):
        actor = session.require_actor()
        identities = keeping.unlock(session.store, vault, actor, passphrase)
        before = keeping.authorised(vault)
        recovery = keeping.rotate(session.store, identities, actor, passphrase, options.why)
        identities.close()
    again = [login for login in before if login != options.login]
    said = _("To be authorised again: {logins}").format(logins=", ".join(again)) if again else ""
    return Answer(
        {"recovery_code": recovery, "authorise_again": again}, columns.joined(_sealed_code(recovery), said)
    )


def _check(options: Namespace) -> Answer:
    with _unlocked(options) as (session, identities):
        if options.clear:
            actor = session.require_actor()
            before = checking.clear(session.store, identities, actor, options.why)
        found = checking.check(session.store, identities)
        holders = keeping.authorised(identities.vault)
    if found.problems:
        return Answer({}, problems=tuple(map(tell, found.problems)), exit=Exit.BROKEN)
    cleared = before.clearable if options.clear else 0
    result = {"records": found.records, "scans": found.scans, "authorised": holders, "cleared": cleared}
    facts = [
        (_("Identities"), found.records),
        (_("Scans of forms"), found.scans),
        (_("Authorised"), ", ".join(holders)),
    ]
    return Answer(result, columns.joined(_("Everything agrees."), columns.pairs(facts)))


def _backup(options: Namespace) -> Answer:
    with _vault(options) as (session, vault):
        actor, folder = session.require_actor(), Path(options.folder)
        file = copies.back_up_identities(session.store, vault, actor, folder, datetime.now(UTC))
    return Answer({"copy": str(file)}, columns.pairs([(_("Copied to"), file)]))


def _restore(options: Namespace) -> Answer:
    with _vault(options) as (session, vault):
        actor, file = session.require_actor(), Path(options.file)
        records, erased = copies.restore_identities(session.store, vault, actor, file)
    facts = columns.pairs([(_("Identities"), records), (_("Erased donors left out"), erased)])
    return Answer({"records": records, "erased": erased}, facts)


# Donors ----------------------------------------------------------------------------------------------


def _set(options: Namespace) -> Answer:
    mapping = read_input(options.file)
    command = command_of(mapping)
    form = form_of(IdentityForm, mapping)
    with _unlocked(options) as (session, identities):
        known = donors.set_identity(session.store, identities, session.require_actor(), form, command)
    result = {"donor": codes.parse(form.donor), "fields": list(known)}
    return Answer(result, columns.pairs([(_("Donor"), form.donor), (_("Kept"), ", ".join(known))]))


def _show(options: Namespace) -> Answer:
    with _unlocked(options) as (session, identities):
        actor = session.require_actor()
        form = donors.read_identity(session.store, identities, actor, options.code, options.why)
    return Answer(vars(form), _whole(form))


def _find(options: Namespace) -> Answer:
    text = sys.stdin.readline().rstrip("\n") if options.text == "-" else options.text
    with _unlocked(options) as (session, identities):
        actor = session.require_actor()
        forms = donors.find_donors(session.store, identities, actor, text, options.why)
    rows = [
        (codes.group(form.donor), _called(form), columns.day(form.born_on), form.hospital_number)
        for form in forms
    ]
    headings = (_("Donor"), _("Name"), _("Born on"), _("Hospital number"))
    said = columns.table(headings, rows) or _("Nothing found.")
    return Answer({"found": [vars(form) for form in forms]}, said)


def _erase(options: Namespace) -> Answer:
    command = command_id(options.command)
    with _unlocked(options) as (session, identities):
        actor = session.require_actor()
        donors.erase_identity(session.store, identities, actor, options.code, options.why, command)
    return Answer(
        {"donor": codes.parse(options.code)},
        _("Erased. A backup of the identity store made before still holds it."),
    )


def _keep_scan(options: Namespace) -> Answer:
    command = command_id(options.command)
    content = read_at_most(options.file, MOST_BYTES)
    with _unlocked(options) as (session, identities):
        actor = session.require_actor()
        scans.keep_scan(session.store, identities, actor, options.code, options.line, content, command)
    result = {"donor": codes.parse(options.code), "line": options.line}
    return Answer(result, _("The scan is kept, sealed. The file you gave is still where it was."))


def _scan(options: Namespace) -> Answer:
    with _unlocked(options) as (session, identities):
        actor = session.require_actor()
        found = scans.read_scan(session.store, identities, actor, options.code, options.line, options.why)
    place = write_file(options.to, found.content, 0o600)
    result = {
        "file": place,
        "donor": codes.parse(options.code),
        "line": options.line,
        "media_type": found.media_type,
        "bytes": len(found.content),
    }
    return Answer(
        result,
        columns.joined(
            columns.pairs([(_("Scan written"), place)]),
            _("This file is not sealed any more: it bears names. Delete it when you are done."),
        ),
    )


# How it is opened ------------------------------------------------------------------------------------


@contextmanager
def _vault(options: Namespace) -> Iterator[tuple[Session, Vault]]:
    """The open database for whoever ``--as`` names, and its identity store, still closed."""
    with writing(options) as session:
        vault = vault_of(session.settings)
        try:
            yield session, vault
        finally:
            vault.close()


@contextmanager
def _unlocked(options: Namespace) -> Iterator[tuple[Session, Identities]]:
    """The same with the store opened; its key is forgotten at the end."""
    passphrase = _secret(PASSPHRASE, _("Identity passphrase: "))
    with _vault(options) as (session, vault):
        identities = keeping.unlock(session.store, vault, session.require_actor(), passphrase)
        try:
            yield session, identities
        finally:
            identities.close()


def _secret(variable: str, question: str, *, new: bool = False) -> str:
    """What the variable holds, or asked for; a new one twice. Raises ``UsageError``."""
    given = os.environ.get(variable)
    if given is not None:
        return given
    if not sys.stderr.isatty():
        raise UsageError(Problem("", "secret-needed", {"variable": variable}))
    typed = getpass.getpass(question)
    if new and getpass.getpass(_("Again: ")) != typed:
        raise UsageError(Problem("", "passwords-differ"))
    return typed


# How it is told --------------------------------------------------------------------------------------


def _holders(holders: list[str], said: str = "") -> Answer:
    facts = columns.pairs([(_("Authorised"), ", ".join(holders))])
    return Answer({"authorised": holders}, columns.joined(facts, said))


def _sealed_code(recovery: str) -> str:
    advice = _("Write this recovery code down and seal it; it is shown this once only:")
    return f"{advice}\n{recovery}"


def _called(form: IdentityForm) -> str:
    return " ".join(part for part in (form.given_names, form.surname_prefix, form.surname) if part)


def _whole(form: IdentityForm) -> str:
    return columns.pairs(
        [
            (_("Donor"), codes.group(form.donor)),
            (_("Name"), _called(form)),
            (_("Born on"), columns.day(form.born_on)),
            (_("Hospital number"), form.hospital_number),
            (_("Mother"), form.mother_name),
            (_("Father"), form.father_name),
            (_("Guardian"), form.guardian_name),
        ]
    )
