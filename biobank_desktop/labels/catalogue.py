"""The templates that come with the program."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.labels.reading import read_template
from biobank_desktop.resources import folder

if TYPE_CHECKING:
    from biobank_desktop.labels.templates import Template


@cache
def names() -> tuple[str, ...]:
    """The names of all shipped templates, sorted."""
    return tuple(sorted(path.stem for path in folder("labels").glob("*.toml")))


@cache
def template(name: str) -> Template:
    """The template ``resources/labels/<name>.toml``. Raises ``NotFound`` for another name."""
    if name not in names():
        raise NotFound(Problem("template", "template-unknown", {"name": name}))
    return read_template(name, (folder("labels") / f"{name}.toml").read_bytes())


def templates_for(label: str) -> tuple[Template, ...]:
    """The templates made for "vial", "container" or "command", by name."""
    return tuple(found for found in map(template, names()) if found.label == label)
