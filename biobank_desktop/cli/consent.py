"""``biobank consent``: one function an action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli import consent_papers

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.cli.contract import Answer

ACTIONS = {
    "turning": consent_papers.turning,
    "incomplete": consent_papers.incomplete,
    "letter": consent_papers.letter,
    "chain": consent_papers.chain,
}


def run(options: Namespace) -> Answer:
    """Do the action."""
    return ACTIONS[options.action](options)
