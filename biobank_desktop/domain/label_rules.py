"""Which template a label is printed on: by the lab's rules, else its printer's, else the usual one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SAMPLE_KINDS = ("tube", "aliquot", "derivative")
"""What a rule may call a sample; a container is called by the name of its kind."""


@dataclass(frozen=True)
class LabelRule:
    """One line of the lab's list: what the label must be of, and the template it then has.

    An empty text asks nothing. ``kind`` is one of ``SAMPLE_KINDS`` or a kind of container, ``bench`` and
    ``printer`` are those that print.
    """

    template: str
    material: str = ""
    kind: str = ""
    bench: str = ""
    printer: str = ""


@dataclass(frozen=True)
class LabelRules:
    """The lab's whole list, in the order in which it is asked."""

    rules: tuple[LabelRule, ...]


@dataclass(frozen=True)
class LabelledThing:
    """What a label is of: ``purpose`` as a template names it, ``usual`` its template if nothing else fits."""

    purpose: str
    kind: str
    usual: str
    material: str = ""


@dataclass(frozen=True)
class PrintingPlace:
    """Where it is printed; ``loaded`` is the template for the stock in the printer, "" for a file."""

    bench: str
    printer: str
    loaded: str = ""


def chosen_template(
    rules: Sequence[LabelRule], thing: LabelledThing, place: PrintingPlace, purposes: Mapping[str, str]
) -> str:
    """The name of the template for a label. ``purposes`` says for what each template of the lab is made.

    The first rule that fits wins.
    """
    fitting = fitting_rule(rules, thing, place, purposes)
    if fitting is not None:
        return rules[fitting].template
    return place.loaded if purposes.get(place.loaded) == thing.purpose else thing.usual


def fitting_rule(
    rules: Sequence[LabelRule], thing: LabelledThing, place: PrintingPlace, purposes: Mapping[str, str]
) -> int | None:
    """Which rule (from 0) is the first that fits, None where none does.

    One whose template is gone, or is made for something else, does not fit.
    """
    return next(
        (
            number
            for number, rule in enumerate(rules)
            if purposes.get(rule.template) == thing.purpose and _fits(rule, thing, place)
        ),
        None,
    )


def _fits(rule: LabelRule, thing: LabelledThing, place: PrintingPlace) -> bool:
    asked = (
        (rule.material, thing.material),
        (rule.kind, thing.kind),
        (rule.bench, place.bench),
        (rule.printer, place.printer),
    )
    return all(wanted in {"", found} for wanted, found in asked)
