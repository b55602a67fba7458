"""What can be done with a sample: a letter, a word, who may, and when it makes sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.people import may
from biobank_desktop.domain.use import COMES_BACK
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.people import Actor, Permission
    from biobank_desktop.gui.record.reading import Seen


@dataclass(frozen=True)
class Action:
    """One thing to do; ``fits`` says whether it makes sense for a sample as it is now."""

    name: str
    letter: str
    icon: str
    permission: Permission
    fits: Callable[[Seen], bool]

    def word(self) -> str:
        """Its word on the button."""
        return {
            "fill": _("Fill"),
            "correct": _("Correct"),
            "donor": _("Other donor"),
            "check-out": _("Out for now"),
            "check-in": _("Put back"),
            "use": _("Use"),
            "out": _("Take out"),
            "lost": _("Lost"),
            "broken": _("Broken"),
            "turned-up": _("Here again"),
            "void": _("Make void"),
            "vials": _("Add vials"),
            "derive": _("Make vials"),
            "released": _("Released"),
            "reprint": _("Label"),
        }[self.name]


def _is_tube(seen: Seen) -> bool:
    return seen.sample.kind == "tube"


def _labelled(seen: Seen) -> bool:
    return not _is_tube(seen) and seen.sample.state != "void" and not seen.ended


def _may_be_used(seen: Seen) -> bool:
    held_back = seen.record.standing.nonconformity is not None
    return seen.material_here and seen.sample.state != "refused" and not held_back


def _is_out(seen: Seen) -> bool:
    return seen.record.standing.out_at is not None


ACTIONS = (
    Action("fill", "F", "drop", "intake", lambda seen: bool(seen.planned)),
    Action(
        "check-out", "O", "unlock", "storage",
        lambda seen: seen.stored and _may_be_used(seen) and not _is_out(seen),
    ),
    Action("check-in", "P", "snowflake", "storage", _is_out),
    Action("use", "U", "drop", "storage", _may_be_used),
    Action(
        "derive", "M", "plus", "intake",
        lambda seen: not _is_tube(seen) and _may_be_used(seen),
    ),
    Action("out", "T", "unlock", "storage", lambda seen: seen.stored),
    Action("lost", "L", "missing", "storage", lambda seen: seen.material_here),
    Action("broken", "K", "warning", "storage", lambda seen: seen.material_here),
    Action("turned-up", "H", "check", "storage", lambda seen: seen.record.standing.ended in COMES_BACK),
    Action("correct", "C", "edit", "correct", lambda seen: seen.sample.state != "void"),
    Action("donor", "B", "donors", "correct", lambda _seen: True),
    Action(
        "vials", "A", "plus", "intake",
        lambda seen: _is_tube(seen) and seen.sample.state != "refused" and not seen.ended,
    ),
    Action(
        "released", "D", "release", "intake",
        lambda seen: _is_tube(seen) and seen.record.receipt.released_at is None,
    ),
    Action("void", "V", "discard", "intake", lambda seen: _labelled(seen) and not seen.stored),
    Action("reprint", "R", "print", "intake", _labelled),
)  # fmt: skip
HANDLING = frozenset({"fill", "check-out", "check-in", "use", "derive", "out", "lost", "broken", "turned-up"})
"""What is done with the material; the other actions are about what is recorded of it."""


def possible(seen: Seen, actor: Actor | None) -> tuple[Action, ...]:
    """What this person can do with this sample now."""
    if actor is None:
        return ()
    return tuple(one for one in ACTIONS if may(actor, one.permission) and one.fits(seen))
