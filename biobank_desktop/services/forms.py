"""The lab's consent forms: registered version by version, ended, and compared with what was entered."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.consent_forms import FormVersion
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, refuse
from biobank_desktop.domain.toml import NotTomlError, read_toml
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import forms as query
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.resources import folder
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.consent import held_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

MOST_VERSIONS = 200
"""In one file; more is no list of forms."""


def read_forms(content: bytes, name: str) -> tuple[FormVersion, ...]:
    """The versions in a TOML file of ``[[version]]`` tables. Raises ``Rejected`` with every problem."""
    try:
        mapping = read_toml(content)
    except NotTomlError as error:
        raise Rejected(Problem("", "reference-unreadable", {"name": name, "reason": str(error)})) from error
    listed = mapping.get("version")
    if mapping.keys() != {"version"} or not isinstance(listed, list) or not 1 <= len(listed) <= MOST_VERSIONS:
        raise Rejected(Problem("version", "form-entry-wrong", {"path": "version"}))
    versions: list[FormVersion] = []
    problems: list[Problem] = []
    for place, entry in enumerate(listed):
        path = f"version[{place}]."
        try:
            versions.append(FormVersion.from_mapping(entry if isinstance(entry, dict) else {}, path))
        except Rejected as refused:
            problems += refused.problems
    refuse([*problems, *_doubles(versions)])
    return tuple(versions)


def _doubles(versions: Sequence[FormVersion]) -> list[Problem]:
    ids = [version.id for version in versions]
    return [Problem("version", "form-twice", {"id": one}) for n, one in enumerate(ids) if one in ids[:n]]


@cache
def shipped_forms() -> tuple[FormVersion, ...]:
    """The forms that come with the program: drafts until an ethics committee's text takes their place."""
    return tuple(
        version
        for path in sorted(folder("forms").glob("*.toml"))
        for version in read_forms(path.read_bytes(), path.name)
    )


def enter_forms(
    store: Store, actor: Actor, versions: Sequence[FormVersion], command_id: UUID | None = None
) -> list[str]:
    """Register versions of forms, all or none, and return the ids that are new.

    A version that is registered already, word for word, is left as it is. Raises ``Rejected``: one of the
    same id that says something else (``form-id-taken``), or the same form, version, language and audience
    under another id (``form-known-as``): what somebody signed can never change.
    """
    payload = {"versions": [asdict(version) for version in versions]}
    title = ", ".join(version.id for version in versions[:3])
    asked = command(actor, "forms-entered", payload, "manage", title=title, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        known = query.versions(work.connection)
        refuse([*_doubles(versions), *_changed(versions, known)])
        new = [version for version in versions if version.id not in known]
        work.about(LAB_STREAM)
        work.insert(tables.form_version, [{**asdict(version), "stream_id": LAB_STREAM} for version in new])
        return {"forms": [version.id for version in new]}

    return list(store.run(asked, body)["forms"])


def _changed(versions: Sequence[FormVersion], known: dict[str, FormVersion]) -> list[Problem]:
    names = {(one.form, one.version, one.language, one.audience): one.id for one in known.values()}
    problems = []
    for version in versions:
        named = names.get((version.form, version.version, version.language, version.audience), version.id)
        if version.id in known and known[version.id] != version:
            problems.append(Problem("version", "form-id-taken", {"id": version.id}))
        elif named != version.id:
            problems.append(Problem("version", "form-known-as", {"id": version.id, "known": named}))
    return problems


def end_form(
    store: Store, actor: Actor, version_id: str, last_day: date, command_id: UUID | None = None
) -> None:
    """Say on which day a version may be signed for the last time; not before today.

    What was decided about earlier signatures then stays as it was. Raises ``Rejected`` and ``NotFound``.
    """
    payload = {"id": version_id, "last_day": last_day}
    asked = command(actor, "form-ended", payload, "manage", title=version_id, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row = work.locked(tables.form_version, {"id": version_id})
        if row is None:
            raise NotFound(Problem("id", "form-unknown", {"form": version_id}))
        today = local_day(work.at)
        if last_day < today or last_day < row["valid_from"]:
            raise Rejected(
                Problem("last_day", "form-ends-in-the-past", {"first": max(today, row["valid_from"])})
            )
        if row["valid_to"] is not None and row["valid_to"] < today:
            raise Conflict(Problem("id", "form-ended-before", {"on": row["valid_to"]}))
        work.about(LAB_STREAM)
        work.update(tables.form_version, {"id": version_id}, valid_to=last_day)
        return {}

    store.run(asked, body)


def check_line(
    store: Store,
    actor: Actor,
    donor: str,
    line: int,
    *,
    agrees: bool,
    note: str = "",
    command_id: UUID | None = None,
) -> None:
    """Record that somebody compared a line with the signed form, and whether it says the same.

    Four eyes: not who entered it, which the database refuses as well. Raises ``Rejected`` (``same-person``,
    ``line-struck``, a difference without words for it) and ``NotFound``.
    """
    if not agrees:
        require_reason(note)
    payload = {"donor": donor, "line": line, "agrees": agrees, "note": note}
    asked = command(actor, "line-checked", payload, "intake", title=donor, why=note, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        row, lines = held_lines(work, donor)
        entered = next((one for one in lines if one.no == line), None)
        if entered is None:
            raise NotFound(Problem("line", "line-unknown", {"line": line}))
        if any(one.corrects == line for one in lines):
            raise Rejected(Problem("line", "line-struck", {"line": line}))
        if entered.login == actor.login:
            raise Rejected(Problem("line", "same-person", {"line": line}))
        if any(one.line_no == line and one.agrees for one in query.checks(work.connection, row.id)):
            raise Conflict(Problem("line", "line-checked-before", {"line": line}))
        given = {"donor_id": row.id, "line_no": line, "agrees": agrees, "note": note}
        work.insert(tables.signing_check, [given])
        return {"donor": codes.from_number(row.id), "line": line}

    store.run(asked, body)
