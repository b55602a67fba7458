"""Label templates of the lab's own: kept in versions, laid over those that come with the program.

A version never changes, and says what was printed on it for as long as there are labels. What has not been
tried on bad prints is not kept, whoever asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected, refuse
from biobank_desktop.domain.texts import text_problem
from biobank_desktop.labels.catalogue import Catalogue, Versioned, names, overlaid, template, unknown
from biobank_desktop.labels.page import HIGHEST_DPI, LOWEST_DPI
from biobank_desktop.labels.reading import read_template
from biobank_desktop.labels.templates import TextElement
from biobank_desktop.labels.trial import template_problems
from biobank_desktop.labels.writing import write_template
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import printers
from biobank_desktop.persistence.queries import templates as query
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.labels.templates import Template
    from biobank_desktop.persistence.queries.templates import TemplateRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True)
class NewTemplate:
    """A template to be kept: its TOML text, tried at ``dpi``.

    ``begun_on`` is the newest version there was when somebody began to write it, 0 where the lab had none;
    None takes the place of whatever there is.
    """

    name: str
    toml: str
    dpi: int
    begun_on: int | None = None


def catalogue(connection: Connection) -> Catalogue:
    """What the lab prints on: what comes with the program, and its own newest versions over it."""
    return overlaid(_versioned(row) for row in query.newest(connection) if row.active)


@lru_cache(maxsize=512)
def _read(name: str, toml: str) -> Template:
    return read_template(name, toml.encode())


def _versioned(row: TemplateRow) -> Versioned:
    return Versioned(_read(row.name, row.toml), row.version)


def printed_on(connection: Connection, name: str, version: int) -> Template:
    """The very template that a label was printed on, in use or not. Raises ``NotFound``."""
    if version == 0:
        return template(name)
    row = query.version(connection, name, version)
    if row is None:
        raise unknown(name)
    return _versioned(row).template


def checked(new: NewTemplate) -> Template:
    """The template as it would be kept. Raises ``Rejected`` with everything that is wrong, the trial's too.

    The trial of one template at one resolution is made once and then known: whoever has a window runs this
    aside first, and keeps it at once afterwards.
    """
    problems = []
    if not _NAME.fullmatch(new.name):
        problems.append(Problem("name", "template-name-wrong"))
    if not LOWEST_DPI <= new.dpi <= HIGHEST_DPI:
        problems.append(Problem("dpi", "dpi-implausible", {"lowest": LOWEST_DPI, "highest": HIGHEST_DPI}))
    try:
        found = read_template(new.name, new.toml.encode())
    except Rejected as refused:
        raise Rejected(*problems, *refused.problems) from None
    problems += _text_problems(found)
    if not problems:
        problems += template_problems(found, new.dpi)
    refuse(problems)
    return found


def _text_problems(found: Template) -> list[Problem]:
    """What its texts say that cannot be shown or printed."""
    texts = {"title": found.title} | {
        f"element.{number}.value": element.value
        for number, element in enumerate(found.elements, start=1)
        if isinstance(element, TextElement)
    }
    problems = [text_problem(text, field) for field, text in texts.items()]
    if not found.title.strip():
        problems.append(Problem("title", "answer-missing"))
    return [problem for problem in problems if problem is not None]


def save_template(store: Store, actor: Actor, new: NewTemplate, command_id: UUID | None = None) -> int:
    """Keep a template as the lab's own, in its next version, which is returned.

    Takes seconds where ``checked`` was not asked before. Raises ``Rejected`` with everything that is wrong,
    and ``Conflict`` when somebody kept another version since this one was begun.
    """
    asked = command(actor, "template-saved", new, "manage", title=new.name, command_id=command_id)
    found = checked(new)

    def body(work: Work) -> dict[str, Any]:
        before = query.newest_of(work.connection, new.name)
        _require_newest(before, new.begun_on)
        now = catalogue(work.connection).entries.get(new.name)
        if now is not None and now.template.label != found.label:
            values = {"name": new.name, "label": now.template.label}
            raise Rejected(Problem("label", "template-purpose-changed", values))
        return _enter(work, before, new.name, write_template(found), active=True)

    return int(store.run(asked, body)["version"])


def retire_template(
    store: Store, actor: Actor, name: str, begun_on: int | None, command_id: UUID | None = None
) -> int:
    """Take the lab's own template out of use; what comes with the program under that name counts again.

    Returns the version that says so. Raises ``NotFound`` where the lab has none of its own, ``Rejected``
    when a printer is loaded with one that would be gone, and ``Conflict`` when somebody kept another version
    since ``begun_on`` (None: whatever there is).
    """
    payload = {"name": name, "begun_on": begun_on}
    asked = command(actor, "template-retired", payload, "manage", title=name, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        before = query.newest_of(work.connection, name)
        if before is None or not before.active:
            raise NotFound(Problem("name", "template-not-own", {"name": name}))
        _require_newest(before, begun_on)
        loaded = [row.name for row in printers.printers(work.connection) if row.template == name]
        if loaded and name not in names():
            raise Rejected(Problem("name", "template-loaded", {"printers": ", ".join(loaded)}))
        return _enter(work, before, name, before.toml, active=False)

    return int(store.run(asked, body)["version"])


def _require_newest(before: TemplateRow | None, begun_on: int | None) -> None:
    """Raise ``Conflict`` when somebody has made another version meanwhile."""
    if before is not None and begun_on is not None and before.version != begun_on:
        values = {"version": before.version, "login": before.login, "at": before.at}
        raise Conflict(Problem("", "template-changed-meanwhile", values))


def _enter(work: Work, before: TemplateRow | None, name: str, toml: str, *, active: bool) -> dict[str, Any]:
    version = before.version + 1 if before is not None else 1
    row = {"name": name, "version": version, "toml": toml, "active": active, "at": work.at}
    work.insert(tables.label_template, [{**row, "stream_id": LAB_STREAM}])
    return {"name": name, "version": version}
