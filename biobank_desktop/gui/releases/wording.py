"""How releases are said: their state, what consent is asked for, what leaves from where to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.gui import words
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.facts import Fact
from biobank_desktop.language import _, chosen, countries, ngettext, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.services.release_page import ReleasedVial, ReleasePage


def state(value: str) -> str:
    """Open, issued or called off."""
    return {
        "open": words.begun(words.state_name("open")),
        "issued": _("Issued"),
        "cancelled": _("Called off"),
    }[value]


def country(code: str) -> str:
    """A country's name."""
    return countries(chosen()).get(code, code)


def purposes(asked: Iterable[str]) -> str:
    """What consent is asked for, in words."""
    return " · ".join(map(words.choice_name, asked))


def asked_for(asked: Sequence[str]) -> str:
    """The same as a sentence."""
    if not asked:
        return _("Say what it is for and to whom it goes: then it stands here what consent is asked for.")
    return _("Consent will be asked for: {purposes}").format(purposes=purposes(asked))


def counted(vials: Sequence[ReleasedVial]) -> str:
    """How many vials of how many donors."""
    donors = len({vial.line.donor_id for vial in vials})
    of_vials = ngettext("{count} vial", "{count} vials", len(vials))
    of_donors = ngettext("{count} donor", "{count} donors", donors)
    return _("{vials} of {donors}").format(vials=of_vials, donors=of_donors)


def boxes(vials: Sequence[ReleasedVial]) -> str:
    """The boxes they lie in, the first by name."""
    return words.some(list(dict.fromkeys(vial.box for vial in vials if vial.box)))


def leaving(page: ReleasePage) -> list[Fact]:
    """What issuing does, before it is done: how much goes, out of which boxes, to whom and how."""
    release = page.release
    return [
        Fact(_("Leaves"), counted(page.going)),
        Fact(_("Out of"), boxes(page.going) or words.UNKNOWN),
        Fact(_("Recipient"), release.recipient, f"{release.institution}, {country(release.country)}"),
        Fact(_("Transport"), words.choice_name(release.transport)),
    ]


def sentences(problems: Iterable[Problem]) -> str:
    """Problems one after the other."""
    return " ".join(map(say, problems))


def verdict(vial: ReleasedVial) -> str:
    """What may become of a vial of a release, or has: in a few words."""
    if vial.line.state == "issued":
        turned_up = vial.line.ended != "issued"
        return _("Issued, came back") if turned_up else _("Issued")
    if vial.line.state == "removed" and not vial.against:
        return _("Taken out by hand")
    return sentences(vial.against) or _("May leave")


def meaning(vial: ReleasedVial) -> Meaning | None:
    """The colour of that."""
    if vial.line.state == "issued":
        return None
    if vial.line.state == "chosen":
        return Meaning.REFUSED if vial.against else Meaning.PERMITTED
    return Meaning.REFUSED if vial.line.state == "refused" else Meaning.MISSING
