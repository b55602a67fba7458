"""How every gesture becomes a command: the right checked, the payload taken from the form, its values too."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from biobank_desktop.domain.commands import Command
from biobank_desktop.domain.people import may
from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.services.values import value_problems

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor, Permission


def command(
    actor: Actor,
    kind: str,
    payload: object,
    permission: Permission,
    *,
    title: str = "",
    why: str = "",
    command_id: UUID | None = None,
) -> Command:
    """The command of a gesture; ``payload`` is its form (a dataclass or a mapping).

    Raises ``Rejected``: ``not-permitted`` when the actor's role may not do it, and every value that no
    database should see.
    """
    if not may(actor, permission):
        raise Rejected(Problem("", "not-permitted", {"role": actor.role}))
    answers = _mapping(payload)
    refuse(value_problems({**answers, "why": why}))
    return Command(
        kind=kind,
        login=actor.login,
        bench=actor.bench,
        payload=answers,
        title=title,
        why=why,
        permission=permission,
        typed=actor.typed,
        id=command_id or uuid4(),
    )


def _mapping(payload: object) -> Mapping[str, object]:
    if isinstance(payload, Mapping):
        return payload
    if dataclasses.is_dataclass(payload) and not isinstance(payload, type):
        return dataclasses.asdict(payload)
    raise TypeError(f"{type(payload).__name__} is no form")


def require_reason(why: str) -> None:
    """Raise ``Rejected`` when a correction comes without its reason."""
    if not why.strip():
        raise Rejected(Problem("why", "reason-missing"))
