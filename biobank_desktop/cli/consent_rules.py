"""``biobank consent rules|add-rules``: the lab's sets of consent rules."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biobank_desktop.cli import columns, words
from biobank_desktop.cli.access import reading, writing
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.forms import command_id, day_of, readable
from biobank_desktop.domain.dates import local_day
from biobank_desktop.language import _
from biobank_desktop.services.reference import read_consent_rules
from biobank_desktop.services.rules import NewRules, enter_rules, rule_book

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.domain.consent_rules import ConsentRules
    from biobank_desktop.domain.rule_book import RuleSet


def list_rules(options: Namespace) -> Answer:
    """Every set of rules, which one counts today, and what it says."""
    with reading(options) as session, session.store.read() as connection:
        book = rule_book(connection)
    counts = book.set_on(local_day(datetime.now(UTC)))
    table = columns.table(
        ("", _("Version"), _("First day"), _("Approved by"), _("Entered by"), _("Reason")),
        [("*" if one is counts else "", *_row(one)) for one in book.sets],
    )
    result = {"counts": counts.rules.version, "sets": [_result(one) for one in book.sets]}
    return Answer(result, columns.joined(table, _text(counts.rules)))


def _row(one: RuleSet) -> tuple[object, ...]:
    return one.rules.version, one.valid_from, one.approved_by, one.login, one.why


def _result(one: RuleSet) -> dict[str, Any]:
    return {
        "rules": one.rules.as_mapping(),
        "valid_from": one.valid_from,
        "known_at": one.known_at,
        "approved_by": one.approved_by,
        "why": one.why,
        "entered_by": one.login,
    }


def _text(rules: ConsentRules) -> str:
    facts = [
        (_("Days in which consent may arrive"), rules.deadline_days),
        (_("Below 16, of the parents"), words.word(f"parents-{rules.parents}")),
        (_("From 12 to 15, the child"), words.word(f"child-{rules.child}")),
        (_("After death"), words.word(f"after-death-{rules.after_death}")),
    ]
    for age, policy in rules.ages.items():
        said = _("{policy}, days given: {days}")
        what = said.format(policy=words.word(policy.policy), days=policy.grace_days)
        facts.append((_("Turning {age}").format(age=age), what))
    return columns.pairs(facts)


def add_rules(options: Namespace) -> Answer:
    """Let the rules in a file count from a day on."""
    command, first_day = command_id(options.command), day_of("valid_from", options.valid_from)
    with readable("file", options.file):
        rules = read_consent_rules(Path(options.file))
    form = NewRules(rules, first_day, options.approved_by, options.why)
    with writing(options) as session:
        no = enter_rules(session.store, session.require_actor(), form, command)
    return Answer({"no": no, "version": rules.version}, columns.pairs([(_("Version"), rules.version)]))
