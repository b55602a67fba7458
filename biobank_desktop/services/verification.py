"""The whole verification: the history against itself, and every kept verdict against the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.persistence.queries import donors
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services.consent import decide_again, reason_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

STEP_DONORS = 40


class WholeVerification(Verification):
    """A ``Verification`` that also asks the consent gate again for every decision it has kept.

    Kind ``decision``: the rules come to another verdict, or for other reasons, or the decision counted more
    lines of consent than there are. A row that was forged to please the database is found here.
    """

    def parts(self) -> tuple[Callable[[], Iterator[None]], ...]:
        """What is verified, in order."""
        return (*super().parts(), self._decisions)

    def _decisions(self) -> Iterator[None]:
        with self.store.snapshot() as connection:
            ids = donors.donor_ids(connection)
        for first in range(0, len(ids), STEP_DONORS):
            with self.store.snapshot() as connection:
                for donor_id in ids[first : first + STEP_DONORS]:
                    self._donor(connection, donor_id)
            yield

    def _donor(self, connection: Connection, donor_id: int) -> None:
        donor = donors.donor(connection, donor_id)
        kept = donors.decisions(connection, donor_id)
        lines = donors.lines(connection, donor_id) if kept else []
        for one in kept:
            told = f"decision of command {one.command_id} about {one.purpose}"
            if donor is None or one.consent_head > len(lines):
                self.find("decision", donor_id, None, f"{told} counts lines that are not there")
                continue
            again = decide_again(one, donor, lines)
            if again is None:
                continue
            reasons = [reason_row(reason) for reason in again.reasons]
            if (again.verdict, reasons) != (one.verdict, one.reasons):
                self.find("decision", donor_id, None, f"{told} is not what the rules decide: {again.verdict}")
