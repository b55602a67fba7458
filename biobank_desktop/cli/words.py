"""Words for people: materials, amounts, verdicts and events in the chosen language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.domain.materials import known, material
from biobank_desktop.language import _, chosen, say_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def amount(volume_ul: int | None, cells: int | None) -> str:
    """An amount with its unit, empty when nothing was measured."""
    if volume_ul is None and cells is None:
        return ""
    return format_amount(volume_ul, cells, "," if chosen() == "nl" else ".", _("cells"))


def material_name(code: str) -> str:
    """A material by its name, with its code."""
    return f"{_(material(code).name)} ({code})" if known(code) else code


def word(value: object) -> str:
    """A code such as ``mother`` or ``STORE`` in words; anything else as it is shown."""
    if not isinstance(value, str):
        return say_value(value)
    said = _(f"value.{value}")
    return value if said == f"value.{value}" else said


def unchecked(vials: Sequence[str]) -> str:
    """That nobody had scanned the labels of vials when they were stored; nothing for none."""
    named = ", ".join(map(codes.group, vials))
    return _("Nobody had scanned the label of {code} before.").format(code=named) if vials else ""


def reason(code: str, values: Mapping[str, object]) -> str:
    """A reason of the consent gate as a sentence."""
    return _(f"reason.{code}").format(**{name: word(value) for name, value in values.items()})


def event(kind: str) -> str:
    """What a kind of command did, as the history says it."""
    return _(f"event.{kind}")
