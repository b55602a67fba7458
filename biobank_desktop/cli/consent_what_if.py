"""``biobank consent what-if``: whose verdict would change under other rules, forms or dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.access import reading
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.progress import followed
from biobank_desktop.domain import codes
from biobank_desktop.domain.consent_record import Level
from biobank_desktop.domain.problems import Problem, Rejected, Unavailable
from biobank_desktop.language import _
from biobank_desktop.services.reference import read_consent_rules, read_form_version
from biobank_desktop.services.what_if import Question, vials_of, what_if

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence

    from biobank_desktop.services.what_if import Change, WhatIf

Read = TypeVar("Read")


def run(options: Namespace) -> Answer:
    """Ask, and count; with ``--list`` name the donors and their vials too."""
    question = _question(options)
    with reading(options) as session:
        found = followed(what_if(session.store, question, datetime.now(UTC)))
        vials: dict[str, tuple[str, ...]] = {}
        if options.list:
            donors = sorted({donor for change in found.changes for donor in change.donors})
            vials = followed(vials_of(session.store, donors))
    listed = vials if options.list else None
    return Answer(_result(found, listed), _text(found, listed))


def _question(options: Namespace) -> Question:
    """What was asked. Raises ``Rejected`` with everything that is wrong with it."""
    problems: list[Problem] = []
    on = _day(options.on, problems)
    withdrawals = {}
    for code, level in _pairs("withdraw", options.withdraw, problems):
        withdrawals[code] = level
        if level not in get_args(Level):
            choices = {"value": level, "choices": get_args(Level)}
            problems.append(Problem("withdraw", "not-a-choice", choices))
    forms = {
        version: _file("form", file, read_form_version, problems)
        for version, file in _pairs("form", options.form, problems)
    }
    rules = _file("rules", options.rules, read_consent_rules, problems) if options.rules else None
    if problems:
        raise Rejected(*problems)
    return Question(
        rules=rules,
        on=on,
        forms={version: form for version, form in forms.items() if form is not None},
        withdrawals=cast("Mapping[str, Level]", withdrawals),
        purposes=tuple(options.purpose),
    )


def _day(text: str | None, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        problems.append(Problem("on", "not-a-date"))
        return None


def _pairs(name: str, given: Sequence[str], problems: list[Problem]) -> list[tuple[str, str]]:
    """What stands on both sides of each ``=``."""
    found = []
    for text in given:
        left, sign, right = text.partition("=")
        if left and sign and right:
            found.append((left, right))
        else:
            problems.append(Problem(name, "not-a-pair", {"value": text}))
    return found


def _file(name: str, file: str, read: Callable[[Path], Read], problems: list[Problem]) -> Read | None:
    try:
        return read(Path(file))
    except OSError as error:
        values = {"path": file, "said": error.strerror or str(error)}
        raise Unavailable(Problem(name, "input-not-readable", values)) from error
    except Rejected as refusal:
        problems += refusal.problems
        return None


def _result(found: WhatIf, vials: Mapping[str, tuple[str, ...]] | None) -> dict[str, Any]:
    return {
        "donors": found.donors,
        "vials": found.vials,
        "not_compared": found.not_compared,
        "changes": [_change(change, vials) for change in found.changes],
    }


def _change(change: Change, vials: Mapping[str, tuple[str, ...]] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "purpose": change.purpose,
        "before": change.before,
        "after": change.after,
        "donors": len(change.donors),
        "vials": change.vials,
    }
    if vials is not None:
        told["list"] = [{"donor": donor.donor, "vials": vials[donor.donor]} for donor in change.donors]
    return told


def _text(found: WhatIf, vials: Mapping[str, tuple[str, ...]] | None) -> str:
    looked_at = columns.pairs([(_("Donors"), found.donors), (_("Vials"), found.vials)])
    if found.not_compared:
        names = ", ".join(map(words.word, found.not_compared))
        looked_at += "\n" + _("Only in one of the two sets of rules: {purposes}").format(purposes=names)
    table = columns.table(
        (_("Purpose"), _("Now"), _("Then"), _("Donors"), _("Vials")),
        [
            (*map(words.word, (one.purpose, one.before, one.after)), len(one.donors), one.vials)
            for one in found.changes
        ],
    )
    listed = "" if vials is None else _listed(found, vials)
    return columns.joined(looked_at, table or _("No verdict would change."), listed)


def _listed(found: WhatIf, vials: Mapping[str, tuple[str, ...]]) -> str:
    return columns.table(
        (_("Purpose"), _("Now"), _("Then"), _("Donor"), _("Vials")),
        [
            (
                *map(words.word, (change.purpose, change.before, change.after)),
                codes.group(donor.donor),
                ", ".join(map(codes.group, vials[donor.donor])),
            )
            for change in found.changes
            for donor in change.donors
        ],
    )
