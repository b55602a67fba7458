"""``biobank verify``: the database against its own history and against this computer's pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.access import unsigned
from biobank_desktop.cli.contract import Answer, Exit, Told, tell
from biobank_desktop.cli.history import named
from biobank_desktop.cli.progress import followed
from biobank_desktop.domain.problems import Problem
from biobank_desktop.language import _
from biobank_desktop.services.verification import WholeVerification

if TYPE_CHECKING:
    from argparse import Namespace

    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.verify import Finding


def run(options: Namespace) -> Answer:
    """Verify everything; needs nobody's password, because it shows nothing but contradictions."""
    with unsigned(options) as session:
        session.seal()
        verification = WholeVerification(session.store)
        followed(_steps(verification))
        findings = verification.findings
        behind, newest = session.behind_pin, session.last_seal()
    problems = tuple(map(_told, findings)) + ((tell(behind),) if behind else ())
    if problems:
        return Answer({}, problems=problems, exit=Exit.BROKEN)
    result = {"events": verification.events, "seal": {"size": newest.size, "root": newest.root.hex()}}
    text = columns.pairs(
        [(_("Events"), verification.events), (_("Seal"), f"{newest.size} {newest.root.hex()}")]
    )
    return Answer(result, columns.joined(_("Everything agrees."), text))


def _steps(verification: WholeVerification) -> Steps[None]:
    yield from verification


def _told(finding: Finding) -> Told:
    """A finding as a problem of the contract, with its own kind, stream, seq and why beside it."""
    place = "" if finding.stream is None else str(named(finding.stream))
    where = f"{place} {finding.seq}" if finding.seq is not None else place
    problem = Problem(place, "contradiction", {"kind": finding.kind, "where": where, "why": finding.why})
    told = tell(problem)
    return Told(told.field, told.code, told.message, finding.as_dict())
