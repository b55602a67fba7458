"""``biobank labels templates|rules``: on what labels are printed, and the rules that choose it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.files import read_at_most
from biobank_desktop.cli.forms import command_id, command_of, form_of, read_input
from biobank_desktop.domain.label_rules import LabelRules
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.toml import MOST_BYTES
from biobank_desktop.labels.writing import write_template
from biobank_desktop.language import _, ngettext, say_value
from biobank_desktop.services.label_rules import label_rules, set_label_rules
from biobank_desktop.services.templates import (
    NewTemplate,
    catalogue,
    retire_template,
    save_template,
)

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.labels.catalogue import Versioned


def run(options: Namespace) -> Answer:
    """Do the action."""
    actions = {
        "templates": _list,
        "template": _show,
        "add-template": _add,
        "retire-template": _retire,
        "rules": _rules,
        "set-rules": _set_rules,
    }
    return actions[options.action](options)


def _list(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        entries = catalogue(connection).entries
    table = columns.table(
        (_("Name"), _("Title"), _("For"), _("Version"), _("Stock")),
        [(name, *_row(one)) for name, one in entries.items()],
    )
    return Answer({"templates": [_result(one) for one in entries.values()]}, table)


def _row(one: Versioned) -> tuple[object, ...]:
    stock = one.template.stock
    version = one.version or _("came with the program")
    size = f"{stock.width_mm:g} × {stock.height_mm:g} mm"
    return one.template.title, say_value(f"label-{one.template.label}"), version, size


def _result(one: Versioned) -> dict[str, object]:
    template = one.template
    return {
        "name": template.name,
        "title": template.title,
        "label": template.label,
        "version": one.version,
        "width_mm": template.stock.width_mm,
        "height_mm": template.stock.height_mm,
        "sheet": template.stock.sheet is not None,
    }


def _show(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        one = catalogue(connection).entry(options.name)
    toml = write_template(one.template)
    return Answer({**_result(one), "toml": toml}, toml.rstrip("\n"))


def _add(options: Namespace) -> Answer:
    command = command_id(options.command)
    name = options.name or Path(options.file).stem
    toml = _toml(options.file)
    with writing(options) as session:
        new = NewTemplate(name, toml, options.dpi, options.version)
        version = save_template(session.store, session.require_actor(), new, command)
    said = _("{name} is kept in version {version}.").format(name=name, version=version)
    return Answer({"name": name, "version": version}, said)


def _toml(path: str) -> str:
    content = read_at_most(path, MOST_BYTES)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected(Problem("file", "input-not-utf8", {"at": error.start})) from error


def _retire(options: Namespace) -> Answer:
    command = command_id(options.command)
    name, begun_on = options.name, options.version
    with writing(options) as session:
        version = retire_template(session.store, session.require_actor(), name, begun_on, command)
    said = _("{name} of the lab's own is out of use.").format(name=name)
    return Answer({"name": name, "version": version}, said)


def _rules(options: Namespace) -> Answer:
    with reading(options) as session, session.store.read() as connection:
        rules = label_rules(connection)
    table = columns.table(
        (_("Layout"), _("Material"), _("Kind"), _("Bench"), _("Printer")),
        [(one.template, one.material, one.kind, one.bench, one.printer) for one in rules],
    )
    return Answer({"rules": [asdict(one) for one in rules]}, table or _("No rule chooses a layout."))


def _set_rules(options: Namespace) -> Answer:
    mapping = read_input(options.file)
    command = command_of(mapping)
    rules = form_of(LabelRules, mapping).rules
    with writing(options) as session:
        set_label_rules(session.store, session.require_actor(), rules, command)
    said = ngettext(
        "{count} rule chooses the layout of a label.",
        "{count} rules choose the layout of a label.",
        len(rules),
    )
    return Answer({"rules": [asdict(one) for one in rules]}, said)
