"""Templates of a lab's own: one that comes with the program, changed a little."""

from __future__ import annotations

from dataclasses import replace

from biobank_desktop.labels.catalogue import template
from biobank_desktop.labels.writing import write_template
from biobank_desktop.services.templates import NewTemplate

DPI = 300


def own_template(
    name: str, title: str = "Ours", of: str = "vial-33x13", *, dpi: int = DPI, begun_on: int = 0
) -> NewTemplate:
    """A template that a lab would keep under a name."""
    return NewTemplate(name, write_template(replace(template(of), title=title)), dpi, begun_on)
