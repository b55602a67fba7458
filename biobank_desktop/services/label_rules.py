"""The lab's rules that choose the template of a label, and what they choose for labels and a printer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.domain.label_rules import (
    SAMPLE_KINDS,
    LabelledThing,
    LabelRule,
    PrintingPlace,
    chosen_template,
)
from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.domain.problems import NotFound, Problem, refuse
from biobank_desktop.domain.texts import text_problem
from biobank_desktop.persistence.queries import containers, lab, samples
from biobank_desktop.services.lab import set_setting
from biobank_desktop.services.labels import TEMPLATES
from biobank_desktop.services.templates import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.labels.catalogue import Catalogue, Versioned
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.labels import QueuedLabel
    from biobank_desktop.services.printers import PrinterForm

SETTING = "label-rules"
FILES = frozenset({"pdf", "sheet"})
"""The ways of printing that have no stock in them: a file takes every size."""


@dataclass(frozen=True)
class Choice:
    """A template for labels; ``refused`` says why the printer cannot print on it now."""

    chosen: Versioned
    refused: Problem | None = None


@dataclass(frozen=True)
class Grouped:
    """Labels by the template that they are printed on, and why others are not printed here now."""

    groups: tuple[tuple[Versioned, tuple[QueuedLabel, ...]], ...]
    refused: tuple[Problem, ...]


def label_rules(connection: Connection) -> tuple[LabelRule, ...]:
    """The rules in the order in which they are asked."""
    kept = lab.setting(connection, SETTING, [])
    assert isinstance(kept, list)
    return tuple(LabelRule(**one) for one in kept)


def check_label_rules(connection: Connection, rules: Sequence[LabelRule]) -> list[Problem]:
    """Everything that is wrong with rules: what they name and the lab does not have, names that are none."""
    known = {
        "template": frozenset(catalogue(connection).entries),
        "material": frozenset(one.code for one in MATERIALS),
        "kind": frozenset((*SAMPLE_KINDS, *(one.name for one in containers.kinds(connection)))),
    }
    problems = []
    for place, rule in enumerate(rules):
        answers = asdict(rule)
        for name, allowed in known.items():
            if answers[name] not in allowed and (answers[name] or name == "template"):
                values = {"value": answers[name], "choices": tuple(sorted(allowed))}
                problems.append(Problem(f"rules[{place}].{name}", "not-a-choice", values))
        named = (text_problem(answers[name], f"rules[{place}].{name}") for name in ("bench", "printer"))
        problems += [problem for problem in named if problem is not None]
    return problems


def set_label_rules(
    store: Store,
    actor: Actor,
    rules: Sequence[LabelRule],
    command_id: UUID | None = None,
    *,
    begun_on: Sequence[LabelRule] | None = None,
) -> None:
    """Let these rules choose from now on, in this order. Raises ``Rejected`` with every problem.

    ``begun_on`` are the rules there were when somebody began to change them: raises ``Conflict`` where there
    are others by now (None: whatever there is).
    """
    with store.read() as connection:
        refuse(check_label_rules(connection, rules))
    before = None if begun_on is None else [asdict(rule) for rule in begun_on]
    set_setting(store, actor, SETTING, [asdict(rule) for rule in rules], command_id, begun_on=before)


def choose(
    connection: Connection, object_ids: Iterable[int], printer: PrinterForm, bench: str
) -> dict[int, Choice]:
    """The template for the label of each thing on this printer. Raises ``NotFound`` for what is no thing."""
    rules, known = label_rules(connection), catalogue(connection)
    place = PrintingPlace(bench, printer.name, printer.template)
    purposes = known.purposes()
    made: dict[str, Choice] = {}
    choices = {}
    for object_id, thing in _things(connection, sorted(set(object_ids))).items():
        name = chosen_template(rules, thing, place, purposes)
        if name not in made:
            made[name] = on_printer(known, name, printer)
        choices[object_id] = made[name]
    return choices


def by_template(
    connection: Connection, labels: Sequence[QueuedLabel], printer: PrinterForm, bench: str
) -> Grouped:
    """Labels that wait, sorted by what they are printed on; each reason of refusal is said once."""
    choices = choose(connection, [one.object_id for one in labels], printer, bench)
    groups: dict[str, tuple[Versioned, list[QueuedLabel]]] = {}
    refused: dict[str, Problem] = {}
    for one in labels:
        choice = choices[one.object_id]
        name = choice.chosen.template.name
        if choice.refused is not None:
            refused[name] = choice.refused
        else:
            groups.setdefault(name, (choice.chosen, []))[1].append(one)
    together = tuple((chosen, tuple(some)) for chosen, some in groups.values())
    return Grouped(together, tuple(refused.values()))


def on_printer(known: Catalogue, name: str, printer: PrinterForm) -> Choice:
    """The template of a name, refused where other stock lies in the printer. Raises ``NotFound``."""
    chosen = known.entry(name)
    loaded = known.entries.get(printer.template)
    if printer.way in FILES or (
        loaded is not None and loaded.template.stock.is_the_same_paper(chosen.template.stock)
    ):
        return Choice(chosen)
    values = {
        "printer": printer.name,
        "loaded": known.title(printer.template),
        "needed": chosen.template.title,
    }
    return Choice(chosen, Problem("template", "label-stock-not-loaded", values))


def labelled(kind: str, material: str = "") -> LabelledThing:
    """What a label is of: a vial where ``kind`` is one of ``SAMPLE_KINDS``, else a kind of container."""
    if kind in SAMPLE_KINDS:
        return LabelledThing("vial", kind, TEMPLATES["tube" if kind == "tube" else "sample"], material)
    return LabelledThing("container", kind, TEMPLATES["container"])


def _things(connection: Connection, object_ids: Sequence[int]) -> dict[int, LabelledThing]:
    """What each label is of. Raises ``NotFound``."""
    rows = samples.samples(connection, object_ids)
    boxes = {
        one.id: one for one in containers.some(connection, [one for one in object_ids if one not in rows])
    }
    things = {}
    for one in object_ids:
        if one in rows:
            things[one] = labelled(rows[one].kind, rows[one].material)
        elif one in boxes:
            things[one] = labelled(boxes[one].kind.name)
        else:
            raise NotFound(Problem("code", "code-unknown", {"code": codes.group(codes.from_number(one))}))
    return things
