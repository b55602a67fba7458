"""The templates that come with the program, and those of a lab laid over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import NotFound, Problem
from biobank_desktop.labels.reading import read_template
from biobank_desktop.resources import folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from biobank_desktop.labels.templates import Template


@cache
def names() -> tuple[str, ...]:
    """The names of all shipped templates, sorted."""
    return tuple(sorted(path.stem for path in folder("labels").glob("*.toml")))


@cache
def template(name: str) -> Template:
    """The template ``resources/labels/<name>.toml``. Raises ``NotFound`` for another name."""
    if name not in names():
        raise unknown(name)
    return read_template(name, (folder("labels") / f"{name}.toml").read_bytes())


def templates_for(label: str) -> tuple[Template, ...]:
    """The shipped templates made for "vial", "container" or "command", by name."""
    return tuple(found for found in map(template, names()) if found.label == label)


def unknown(name: str) -> NotFound:
    """The refusal of a name that no template has."""
    return NotFound(Problem("template", "template-unknown", {"name": name}))


@dataclass(frozen=True)
class Versioned:
    """A template with the version of it that the lab has made; 0 came with the program."""

    template: Template
    version: int = 0


@dataclass(frozen=True)
class Catalogue:
    """The templates that a lab prints on, by name."""

    entries: Mapping[str, Versioned]

    def entry(self, name: str) -> Versioned:
        """The template of a name. Raises ``NotFound``."""
        if name not in self.entries:
            raise unknown(name)
        return self.entries[name]

    def title(self, name: str) -> str:
        """What a template is called; its name where there is none any more."""
        return self.entries[name].template.title if name in self.entries else name

    def purposes(self) -> dict[str, str]:
        """For what each template is made."""
        return {name: one.template.label for name, one in self.entries.items()}


def overlaid(own: Iterable[Versioned]) -> Catalogue:
    """What comes with the program, with a lab's own in place of those of the same name."""
    shipped = {name: Versioned(template(name)) for name in names()}
    entries = shipped | {one.template.name: one for one in own}
    return Catalogue({name: entries[name] for name in sorted(entries)})
