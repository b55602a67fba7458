"""What the lab has decided about labels, in words: which layout each has, what becomes of unchecked ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from biobank_desktop.domain.label_rules import SAMPLE_KINDS
from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.language import _, say_value

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from biobank_desktop.domain.label_rules import LabelRule
    from biobank_desktop.labels.catalogue import Catalogue
    from biobank_desktop.services.printers import PrinterForm
    from biobank_desktop.settings import Settings


ASKED = ("material", "kind", "bench", "printer")
"""What a rule may ask, in the order of the form."""


@dataclass(frozen=True)
class Choosing:
    """What chooses the layout of a label here: the lab's rules, and what they can name.

    ``printers`` are those in use with what every bench has, this bench's one first; ``unchecked`` is the rule
    of unchecked labels.
    """

    rules: tuple[LabelRule, ...]
    known: Catalogue
    kinds: tuple[str, ...]
    printers: tuple[PrinterForm, ...]
    bench: str
    unchecked: str


def choosing(connection: Connection, settings: Settings) -> Choosing:
    """Read it."""
    from biobank_desktop.persistence.queries import containers, printers  # noqa: PLC0415
    from biobank_desktop.services.label_rules import label_rules  # noqa: PLC0415
    from biobank_desktop.services.print_runs import bench_printer  # noqa: PLC0415
    from biobank_desktop.services.printers import PDF_FILES, form_of  # noqa: PLC0415
    from biobank_desktop.services.templates import catalogue  # noqa: PLC0415
    from biobank_desktop.services.unchecked_labels import unchecked_rule  # noqa: PLC0415

    here = bench_printer(connection, settings.printer)
    offered = (here, *map(form_of, printers.printers(connection)), PDF_FILES)
    return Choosing(
        label_rules(connection),
        catalogue(connection),
        tuple(kind.name for kind in containers.kinds(connection)),
        tuple({one.name: one for one in offered}.values()),
        settings.bench,
        unchecked_rule(connection),
    )


def picks_of(choosing: Choosing) -> dict[str, list[Pick]]:
    """What a rule can name; of benches those that are known."""
    benches = dict.fromkeys((choosing.bench, *(rule.bench for rule in choosing.rules if rule.bench)))
    printers = dict.fromkeys(
        (*(one.name for one in choosing.printers), *(rule.printer for rule in choosing.rules if rule.printer))
    )
    return {
        "material": [Pick(one.code, words.material_name(one.code)) for one in MATERIALS],
        "kind": [
            *(Pick(kind, words.choice_name(kind)) for kind in SAMPLE_KINDS),
            *(Pick(kind, kind) for kind in choosing.kinds),
        ],
        "bench": [Pick(bench, bench) for bench in benches],
        "printer": [Pick(printer, printer) for printer in printers],
        "template": [Pick(name, choosing.known.title(name)) for name in choosing.known.entries],
    }


def rule_words(rule: LabelRule) -> str:
    """Of which labels a rule speaks: "Plasma, aliquot at bench 2 on Zebra"."""
    asked = [words.material_name(rule.material)] if rule.material else []
    asked += [say_value(rule.kind)] if rule.kind else []
    said = words.begun(", ".join(asked)) if asked else _("Every label")
    if rule.bench:
        said = _("{what} at {bench}").format(what=said, bench=rule.bench)
    return _("{what} on {printer}").format(what=said, printer=rule.printer) if rule.printer else said
