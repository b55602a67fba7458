"""What can be done with a list: a letter, a word, who may, and when it makes sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.people import may
from biobank_desktop.gui.disposals.reading import Recipient
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.people import Actor, Permission
    from biobank_desktop.gui.disposals.reading import Sheet
    from biobank_desktop.persistence.queries.disposals import DisposalLine


@dataclass(frozen=True)
class Action:
    """One thing to do; ``fits`` says whether it makes sense for a list and the line pointed at."""

    name: str
    letter: str
    icon: str
    permission: Permission
    fits: Callable[[Sheet, DisposalLine | Recipient | None], bool]
    open_only: bool = True

    def word(self) -> str:
        """Its word on the button."""
        return {
            "witness": _("Witness"),
            "tell": _("Tell"),
            "back": _("Take back"),
            "drop": _("Take off the list"),
            "close": _("Close the list"),
            "papers": _("Papers"),
        }[self.name]


def _waits_to_be_told(_sheet: Sheet, row: DisposalLine | Recipient | None) -> bool:
    return isinstance(row, Recipient) and row.state == "open"


def _is_done(_sheet: Sheet, row: DisposalLine | Recipient | None) -> bool:
    return row is not None and not isinstance(row, Recipient) and row.state == "done"


def _is_open(_sheet: Sheet, row: DisposalLine | Recipient | None) -> bool:
    return row is not None and not isinstance(row, Recipient) and row.state == "open"


def _has_papers(sheet: Sheet, _row: DisposalLine | Recipient | None) -> bool:
    """Letters to recipients at once, the certificate of destruction once the list is closed."""
    return sheet.head.state == "closed" or bool(sheet.recipients)


ACTIONS = (
    Action("witness", "W", "check", "storage", lambda sheet, _row: bool(sheet.waiting)),
    Action("tell", "T", "release", "storage", _waits_to_be_told),
    Action("back", "U", "undo", "storage", _is_done),
    Action("drop", "X", "cross", "manage", _is_open),
    Action("close", "C", "seal", "storage", lambda sheet, _row: sheet.finished),
    Action("papers", "P", "print", "read", _has_papers, open_only=False),
)


def possible(sheet: Sheet, row: DisposalLine | Recipient | None, actor: Actor | None) -> list[str]:
    """What this person can do with this list now."""
    is_open = sheet.head.state == "open"
    return [
        one.name
        for one in ACTIONS
        if actor is not None
        and may(actor, one.permission)
        and (is_open or not one.open_only)
        and one.fits(sheet, row)
    ]
