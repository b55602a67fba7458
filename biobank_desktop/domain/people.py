"""Who works here and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Permission = Literal["read", "intake", "storage", "reprint", "correct", "manage", "people", "backup"]
Role = Literal["technician", "manager", "auditor", "administrator"]

ROLES: tuple[Role, ...] = ("technician", "manager", "auditor", "administrator")

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        "technician": frozenset({"read", "intake", "storage", "reprint", "correct"}),
        "manager": frozenset({"read", "intake", "storage", "reprint", "correct", "manage", "backup"}),
        "auditor": frozenset({"read"}),
        # The first person of a new lab is its administrator and must be able to do the whole job alone.
        "administrator": frozenset(
            {"read", "intake", "storage", "reprint", "correct", "manage", "people", "backup"}
        ),
    }
)
"""What each role may do: the groups of commands.

``read`` look at everything, ``intake`` donors and tubes from receipt to filled vials, ``storage`` place and
move, ``reprint`` ask for another label, ``correct`` mistakes with a reason, ``manage`` devices, boxes,
printers and settings, ``people`` accounts and roles, ``backup`` back up, verify and restore.
"""


@dataclass(frozen=True)
class Actor:
    """The person who acts, in the role they act in, and the bench they stand at.

    ``typed`` are the codes that what they do now goes by and that they typed instead of scanning them.
    """

    login: str
    name: str
    role: Role
    bench: str
    typed: frozenset[str] = frozenset()


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role holds the permission."""
    return permission in PERMISSIONS[actor.role]


@dataclass(frozen=True)
class Signed:
    """Somebody who has given the password for what is done now: an electronic signature.

    ``services.people.sign`` makes one, and the command line, which asks for the password each time.
    """

    actor: Actor
