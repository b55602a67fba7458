"""What is recorded about a vial, by the items of BRISQ tier 1 and in words; what is not recorded is None.

The clinical items (characteristics, diagnoses, vital state) are not this program's: the study has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.materials import material
from biobank_desktop.domain.proofs import BRISQ, BrisqItem
from biobank_desktop.domain.sprec import code
from biobank_desktop.domain.texts import printable
from biobank_desktop.language import _, chosen, ngettext, say_value
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from biobank_desktop.domain.sprec import SprecFacts, Word
    from biobank_desktop.persistence.queries.samples import ReceiptRow, SampleRow

_SITES = frozenset({"BMA", "BLD", "CSF"})
"""What is drawn from a place in the body; of plasma that came as such the place is not known."""


@dataclass(frozen=True)
class Described:
    """A sample that left: its tube, how that came in, what its SPREC code rests on, when and how it went."""

    sample: SampleRow
    tube: SampleRow
    receipt: ReceiptRow
    facts: SprecFacts
    issued_at: datetime
    transport: str


def brisq(one: Described) -> tuple[BrisqItem, ...]:
    """Every item of tier 1, in its order."""
    said = {**_drawn(one), **_kept(one)}
    return tuple([BrisqItem(item, said.get(item)) for item in BRISQ])


def _drawn(one: Described) -> Mapping[str, str | None]:
    sample, tube = one.sample, one.tube
    point = reference().protocol(sample.protocol).time_point(sample.time_point)
    kind = say_value(sample.material)
    return {
        "specimen-type": f"{kind} (SPREC {sample.material})" if material(sample.material).sprec else kind,
        "anatomical-site": say_value(tube.material) if tube.material in _SITES else None,
        "disease-status": _(point.label) if point else sample.time_point or None,
        "collection-mechanism": _(f"collected.{one.receipt.origin}"),
        "stabilisation": _in_words(reference().sprec.container(tube.container)),
        "composition": _composition(sample),
    }


def _kept(one: Described) -> Mapping[str, str | None]:
    storage = code(reference().sprec, one.facts).text[-1:]
    words = {row.word.code: row.word for row in reference().sprec.storages}
    stays, frozen_at = one.facts.stays, one.facts.frozen_at
    days = (one.issued_at - frozen_at).days if frozen_at else 0
    return {
        "preservation": _in_words(words.get(storage)),
        "preservative": printable(one.sample.medium or "") or None,
        "storage-temperature": say_value(stays[-1].temperature) if stays else None,
        "storage-duration": ngettext("{count} day", "{count} days", days) if frozen_at else None,
        "shipping-temperature": None if one.transport == "by-hand" else say_value(one.transport),
    }


def _in_words(word: Word | None) -> str | None:
    if word is None or word.code == "XXX":
        return None
    return word.nl if chosen() == "nl" else word.en


def _composition(sample: SampleRow) -> str | None:
    """How many cells live, and how many are blasts; as far as they were counted."""
    counted = (
        (sample.viability_percent, _("{percent} % viable")),
        (sample.blasts_percent, _("{percent} % blasts")),
    )
    said = [text.format(percent=_number(percent)) for percent, text in counted if percent is not None]
    return ", ".join(said) or None


def _number(percent: float) -> str:
    text = f"{percent:.1f}".removesuffix(".0")
    return text.replace(".", ",") if chosen() == "nl" else text
