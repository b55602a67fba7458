"""The lab's consent rules: the shipped ones, and the sets it entered to take their place from a day on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.consent_rules import rules_problems
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.domain.rule_book import RuleBook, RuleSet
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import rules as query
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent_rules import ConsentRules
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


@dataclass(frozen=True)
class NewRules:
    """Rules that count from a day on; ``approved_by`` answers for them, ``why`` is the reason."""

    rules: ConsentRules
    valid_from: date
    approved_by: str
    why: str


def book_of(entered: Iterable[RuleSet]) -> RuleBook:
    """The shipped rules and those entered after them, all with their purposes in one order."""
    shipped = reference().consent_rules
    return RuleBook((RuleSet(shipped), *(_in_order(one, shipped) for one in entered)))


def _in_order(entered: RuleSet, shipped: ConsentRules) -> RuleSet:
    purposes = {name: entered.rules.purposes[name] for name in shipped.purposes}
    return replace(entered, rules=replace(entered.rules, purposes=purposes))


def rule_book(connection: Connection) -> RuleBook:
    """Every set of rules that this lab has had."""
    return book_of(query.rule_sets(connection))


def enter_rules(store: Store, actor: Actor, form: NewRules, command_id: UUID | None = None) -> int:
    """Let rules count from a day on, and return their number.

    They take the place of all sets that were to begin on that day or later. Raises ``Rejected`` with every
    problem: a first day before today (what was decided then stays decided), a version that there was before,
    other purposes than this program asks for.
    """
    content = form.rules.as_mapping()
    payload = {**content, "valid_from": form.valid_from, "approved_by": form.approved_by}
    title = form.rules.version
    asked = command(
        actor, "rules-entered", payload, "manage", title=title, why=form.why, command_id=command_id
    )

    def body(work: Work) -> dict[str, Any]:
        book = rule_book(work.connection)
        refuse(check_rules(form, local_day(work.at), book))
        row = {
            "no": len(book.sets),
            "version": form.rules.version,
            "valid_from": form.valid_from,
            "known_at": work.at,
            "approved_by": form.approved_by,
            "why": form.why,
            "content": content,
            "stream_id": LAB_STREAM,
        }
        work.insert(tables.rule_set, [row])
        return {"no": row["no"]}

    return int(store.run(asked, body)["no"])


def check_rules(form: NewRules, today: date, book: RuleBook) -> list[Problem]:
    """Everything that is wrong with new rules."""
    rules, problems = form.rules, rules_problems(form.rules.as_mapping())
    if book.version(rules.version) is not None:
        problems.append(Problem("version", "rules-version-taken", {"version": rules.version}))
    if form.valid_from < today:
        problems.append(Problem("valid_from", "rules-begin-in-the-past", {"first": today}))
    if not form.approved_by.strip():
        problems.append(Problem("approved_by", "answer-missing"))
    if not form.why.strip():
        problems.append(Problem("why", "reason-missing"))
    known = reference().consent_rules.purposes.keys()
    problems += [
        Problem(
            f"purpose.{name}", "purpose-missing" if name in known else "purpose-unknown", {"purpose": name}
        )
        for name in sorted(known ^ rules.purposes.keys())
    ]
    return problems
