"""``biobank find``: what begins with a code, a serial or a foreign code. Nothing found is an answer too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import reading
from biobank_desktop.cli.contract import Answer
from biobank_desktop.domain import codes
from biobank_desktop.language import _
from biobank_desktop.persistence.queries.search import find

if TYPE_CHECKING:
    from argparse import Namespace

_KINDS = {"PM": "sample", "PB": "container", "PD": "donor"}


def run(options: Namespace) -> Answer:
    """Find it."""
    with reading(options) as session, session.store.read() as connection:
        hits = find(connection, options.text, limit=options.limit)
    found = [(codes.from_number(hit.id), _KINDS[hit.kind], hit.alias) for hit in hits]
    result = [{"code": code, "kind": kind, "foreign_code": alias} for code, kind, alias in found]
    names = {"sample": _("sample"), "container": _("container"), "donor": _("donor")}
    text = columns.table(
        (_("Code"), _("Kind"), _("Foreign code")),
        [(codes.group(code), names[kind], alias or " ") for code, kind, alias in found],
    )
    return Answer({"found": result}, text or _("Nothing found."))
