"""How nonconformities are said: their kinds, their causes, where a sample is, what was decided."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.nonconformities import KINDS
from biobank_desktop.gui import words
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biobank_desktop.persistence.queries.nonconformities import (
        HeldSample,
        NonconformityRow,
        TouchedSample,
    )


def kinds() -> list[Pick]:
    """What can be found."""
    return [Pick(kind, words.choice_name(kind)) for kind in KINDS]


def number(no: int) -> str:
    """A nonconformity by its number."""
    return _("Nonconformity {no}").format(no=no)


def state(row: NonconformityRow) -> str:
    """Whether somebody must decide, everything is decided, or it is closed."""
    if row.state == "closed":
        return _("Closed")
    return _("Waits for decisions") if row.undecided else _("To be closed")


def meaning(row: NonconformityRow) -> Meaning | None:
    """The colour of that."""
    if row.state == "closed":
        return None
    return Meaning.PROVISIONAL if row.undecided else Meaning.PERMITTED


def cause(told: Mapping[str, Any]) -> str:
    """Where one looked, in a line."""
    words_of = {
        "donor": _("donor {value}"),
        "lot": _("lot {value}"),
        "device": _("device {value}"),
        "container": _("container {value}"),
        "person": _("person {value}"),
        "since": _("from {value}"),
        "until": _("until {value}"),
    }
    said = [text.format(value=_value(name, told[name])) for name, text in words_of.items() if told.get(name)]
    return words.begun(" · ".join(said))


def _value(name: str, value: Any) -> str:
    if name in {"since", "until"}:
        return words.moment(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    known = codes.parse(value) if name in {"donor", "container"} else None
    return codes.group(known) if known else str(value)


def ended(kind: str, release: str) -> str:
    """How a sample has ended: of one that was issued, in which release."""
    if kind == "issued" and release:
        return _("issued in {release}").format(release=release)
    return words.fact("kind", kind)


def whereabouts(sample: TouchedSample, releases: Mapping[int, str]) -> str:
    """Where a touched sample is now, or how it ended, or that it is held back already."""
    if sample.ended is not None:
        return ended(sample.ended, releases.get(sample.release_no or 0, ""))
    if sample.nonconformity is not None:
        return _("held back under {no}").format(no=sample.nonconformity)
    return sample.box or words.state_name(sample.state)


def whereabouts_meaning(sample: TouchedSample) -> Meaning | None:
    """The colour of that."""
    if sample.ended is not None:
        return Meaning.MISSING
    if sample.nonconformity is not None:
        return Meaning.PROVISIONAL
    return Meaning.STORED if sample.box is not None else None


def counted(held: Sequence[HeldSample]) -> str:
    """How many samples, and what was decided about how many."""
    decided = Counter(one.decision for one in held)
    said = [
        ngettext("{count} sample", "{count} samples", len(held)),
        *(
            text.format(count=decided[decision])
            for decision, text in (
                (None, _("{count} undecided")),
                ("accept", _("{count} accepted")),
                ("destroy", _("{count} to destroy")),
            )
            if decided[decision]
        ),
    ]
    return " · ".join(said)


def decision(held: HeldSample, lists: Mapping[int, int]) -> str:
    """What was decided about a sample, and on which list it stands."""
    if held.decision is None:
        return _("Not decided")
    if held.decision == "accept":
        return words.choice_name("accept")
    on = lists.get(held.sample_id)
    return _("Destroy") if on is None else _("Destroy: list {no}").format(no=on)


def decision_meaning(held: HeldSample) -> Meaning:
    """The colour of that."""
    return {None: Meaning.PROVISIONAL, "accept": Meaning.PERMITTED}.get(held.decision, Meaning.REFUSED)
