"""``biobank init``: a lab in a new or empty database, or the demonstration lab."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import password, until_told
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.progress import followed
from biobank_desktop.language import _
from biobank_desktop.services.people import PersonForm
from biobank_desktop.session import address, found_session
from biobank_desktop.settings import read_settings

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.services.lab import Founded
    from biobank_desktop.session import Session


def run(options: Namespace) -> Answer:
    """Found a lab; the sealed recovery code is shown this once only."""
    return _demonstration(options) if options.demo else _lab(options)


def _lab(options: Namespace) -> Answer:
    form = PersonForm(options.admin, options.name or options.admin, "administrator")
    session, founded = found_session(read_settings(options.db), form, password(new=True))
    with until_told(session):
        result = _founded(session, founded)
    return Answer(result, columns.joined(_facts(result), _recovery(founded)))


def _demonstration(options: Namespace) -> Answer:
    from biobank_desktop.services.demo import ADMINISTRATOR, PASSWORD, fill_demo  # noqa: PLC0415

    session, founded = found_session(read_settings(options.db), ADMINISTRATOR, PASSWORD)
    with until_told(session):
        made = followed(fill_demo(session.store, founded.actor, datetime.now(UTC)))
        result = _founded(session, founded) | {
            "password": PASSWORD,
            "logins": made.people,
            "donors": made.donors,
            "samples": made.samples,
        }
    people = columns.table(
        (_("Login"), _("Name"), _("Role")), [(one.login, one.name, one.role) for one in made.people]
    )
    counts = columns.pairs(
        [(_("Donors"), made.donors), (_("Samples"), made.samples), (_("Password of all"), PASSWORD)]
    )
    return Answer(result, columns.joined(_facts(result), people, counts, _recovery(founded)))


def _founded(session: Session, founded: Founded) -> dict[str, object]:
    return {
        "database": address(session.settings),
        "uuid": founded.uuid,
        "login": founded.actor.login,
        "recovery_code": founded.recovery_code,
    }


def _facts(result: dict[str, object]) -> str:
    return columns.pairs([(_("Database"), result["database"]), (_("Administrator"), result["login"])])


def _recovery(founded: Founded) -> str:
    advice = _("Write this recovery code down and seal it; it is shown this once only:")
    return f"{advice}\n{founded.recovery_code}"
