"""Who vials go to, as it is printed above a letter and on a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.platypus import Paragraph

from biobank_desktop.papers import style
from biobank_desktop.papers.style import marked

if TYPE_CHECKING:
    from reportlab.platypus import Flowable


@dataclass(frozen=True)
class Recipient:
    """A recipient. ``country`` and ``kind`` (academic, a company) are words of the paper's language."""

    name: str
    institution: str
    address: tuple[str, ...]
    country: str
    kind: str


def addressed(recipient: Recipient, size: float) -> Flowable:
    """Name, institution, address and country, line by line."""
    lines = (recipient.name, recipient.institution, *recipient.address, recipient.country)
    return Paragraph("<br/>".join(marked(line) for line in lines if line), style.text(size))
