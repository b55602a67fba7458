"""``biobank consent``: what consent permits, who grows up, what is not complete, papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli import consent_papers, consent_what_if

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from biobank_desktop.cli.contract import Answer

ACTIONS: Mapping[str, Callable[[Namespace], Answer]] = {
    "turning": consent_papers.turning,
    "incomplete": consent_papers.incomplete,
    "letter": consent_papers.letter,
    "chain": consent_papers.chain,
    "what-if": consent_what_if.run,
}


def run(options: Namespace) -> Answer:
    """Do the action."""
    return ACTIONS[options.action](options)
