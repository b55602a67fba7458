"""How the lists are spoken of: why they were opened, what is to be done, and how far a line is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.gui import words
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.gui.disposals.reading import Recipient, Sheet
    from biobank_desktop.persistence.queries.disposals import DisposalLine

_MEANINGS = {"done": Meaning.PROVISIONAL, "witnessed": Meaning.PERMITTED}


def reason_word(code: str) -> str:
    """A reason for a list in words."""
    return {
        "withdrawal": _("Withdrawal"),
        "refused": _("Consent refuses"),
        "overdue": _("Waited too long"),
        "nonconformity": _("Nonconformity"),
        "expired": _("Kept long enough"),
        "other": _("Another reason"),
    }[code]


def action_word(code: str) -> str:
    """What is to be done, as it stands by itself."""
    return {"destroy": _("Destroy"), "return": _("Give back"), "notify": _("Tell")}[code]


def line_state(line: DisposalLine) -> str:
    """How far a vial of a list is."""
    if line.state == "dropped":
        return _("taken off")
    if line.state == "open":
        return _("to destroy") if line.action == "destroy" else _("to give back")
    return _("destroyed") if line.action == "destroy" else _("given back")


def line_meaning(line: DisposalLine) -> Meaning | None:
    """What that means: waits for a witness, or is witnessed."""
    return _MEANINGS.get(line.state)


def line_seen(line: DisposalLine) -> str:
    """Who saw it, that nobody has yet, or why it was taken off."""
    if line.state == "dropped":
        return line.note
    return _("nobody yet") if line.state == "done" else line.witnessed_by_name


def short_place(place: str) -> str:
    """The last two steps of a path: the box and the position."""
    return " / ".join(place.split(" / ")[-2:]) or words.UNKNOWN


def recipient_state(one: Recipient) -> str:
    """Whether a recipient was told."""
    return {"open": _("to tell"), "done": _("told"), "dropped": _("taken off")}[one.state]


def progress(sheet: Sheet) -> str:
    """How far the vials of a list are, to be read from a distance."""
    if not sheet.to_take:
        return _("No vial has to go")
    said = {
        "destroy": _("{done} of {all} destroyed, {seen} witnessed"),
        "return": _("{done} of {all} given back, {seen} witnessed"),
    }.get("+".join(sheet.actions), _("{done} of {all} done, {seen} witnessed"))
    return said.format(done=sheet.taken, all=sheet.to_take, seen=sheet.witnessed)


def telling(sheet: Sheet) -> str:
    """How many recipients were told, "" where nobody has to be."""
    if not sheet.recipients:
        return ""
    told = sum(one.state != "open" for one in sheet.recipients)
    return _("{done} of {all} recipients told").format(done=told, all=len(sheet.recipients))
