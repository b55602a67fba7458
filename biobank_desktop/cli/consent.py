"""``biobank consent``: what consent permits, who grows up, what is not complete, papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli import consent_papers, consent_record, consent_rules, consent_what_if, donor

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from biobank_desktop.cli.contract import Answer

ACTIONS: Mapping[str, Callable[[Namespace], Answer]] = {
    "forms": consent_record.list_forms,
    "add-forms": consent_record.add_forms,
    "end-form": consent_record.end_form,
    "rules": consent_rules.list_rules,
    "add-rules": consent_rules.add_rules,
    "give": donor.consent,
    "check": consent_record.check,
    "unchecked": consent_record.unchecked,
    "show": consent_record.show,
    "report": consent_record.report,
    "turning": consent_papers.turning,
    "incomplete": consent_papers.incomplete,
    "letter": consent_papers.letter,
    "chain": consent_papers.chain,
    "what-if": consent_what_if.run,
}


def run(options: Namespace) -> Answer:
    """Do the action."""
    return ACTIONS[options.action](options)
