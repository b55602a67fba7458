"""The database a command works on, and who asks."""

from __future__ import annotations

import getpass
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from biobank_desktop.cli.columns import moment
from biobank_desktop.cli.contract import UsageError
from biobank_desktop.cli.telling import once_told
from biobank_desktop.domain.people import Signed
from biobank_desktop.domain.problems import Problem
from biobank_desktop.language import _, shown
from biobank_desktop.session import Session, open_session, require_trusted
from biobank_desktop.settings import read_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator


@contextmanager
def until_told(session: Session) -> Iterator[Session]:
    """The session, sealed and closed at the end; its journal waits until the answer is printed."""
    once_told(session.told)
    try:
        yield session
    finally:
        session.release()


@contextmanager
def unsigned(options: Namespace) -> Iterator[Session]:
    """The open database, nobody signed in; sealed and closed at the end."""
    with until_told(open_session(read_settings(options.db))) as session:
        yield session


@contextmanager
def reading(options: Namespace) -> Iterator[Session]:
    """The open database for whoever ``--as`` names."""
    login, secret = required_login(options), password()
    with unsigned(options) as session:
        _tell_answers(session)
        session.prove(login, secret)
        yield session


@contextmanager
def writing(options: Namespace) -> Iterator[Session]:
    """The same for a command that writes: refused (exit 4) when the database is behind its pin."""
    login, secret = required_login(options), password()
    with unsigned(options) as session:
        require_trusted(session)
        _tell_answers(session)
        session.prove(login, secret)
        yield session


def signature(session: Session) -> Signed:
    """The signature of whoever ``--as`` names: the password was asked for this very command."""
    return Signed(session.require_actor())


def required_login(options: Namespace) -> str:
    """Who asks. Raises ``UsageError`` without ``--as``."""
    if not options.login:
        raise UsageError(Problem("", "login-needed"))
    return str(options.login)


def password(*, new: bool = False) -> str:
    """BIOBANK_PASSWORD, or asked for; a new one twice. Raises ``UsageError`` when nobody can be asked."""
    given = os.environ.get("BIOBANK_PASSWORD")
    if given is not None:
        return given
    if not sys.stderr.isatty():
        raise UsageError(Problem("", "password-needed"))
    typed = getpass.getpass(_("Password: "))
    if new and getpass.getpass(_("Again: ")) != typed:
        raise UsageError(Problem("", "passwords-differ"))
    return typed


def _tell_answers(session: Session) -> None:
    """After a crash: say on stderr what became of each command whose answer nobody saw."""
    for answer in session.answers():
        became = _("stored") if answer.stored else _("not stored, scan again")
        print(f"{moment(answer.entry.at)}  {shown(answer.entry.title)}: {became}", file=sys.stderr)
