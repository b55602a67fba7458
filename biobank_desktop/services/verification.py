"""The whole verification: the history against itself, and every kept verdict against the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.materials import DERIVATIONS
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.domain.releases import purposes_of
from biobank_desktop.persistence.queries import donors, lab, people, releases
from biobank_desktop.persistence.verify import UNREADABLE, Verification
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.gate import decide_again, reason_row
from biobank_desktop.services.people import fingerprint
from biobank_desktop.services.proof_keys import strange_keys
from biobank_desktop.services.rules import book_of, rule_book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from biobank_desktop.domain.rule_book import RuleBook

STEP_DONORS = 40


class WholeVerification(Verification):
    """A ``Verification`` that also asks the consent gate again, and looks at what no event may hold.

    Kind ``decision``: the rules come to another verdict, or for other reasons, or the decision counted more
    lines of consent than there are. A row that was forged to please the database is found here. So is a
    password, a recovery code or a key of proofs put in place with raw SQL, and a derivation that was let in.
    """

    def parts(self) -> tuple[Callable[[], Iterator[None]], ...]:
        """What is verified, in order."""
        return (*super().parts(), self._decisions, self._releases, self._secrets, self._derivations)

    def _secrets(self) -> Iterator[None]:
        """Secrets stand outside the history; their fingerprint does not."""
        with self.store.snapshot() as connection:
            for row, kept, secret in people.secrets(connection):
                if secret is None or fingerprint(secret.argon2id, secret.recovery_argon2id) != kept:
                    self.find("state", row.stream_id, None, f"the password of {row.login} was not set here")
            for public in strange_keys(connection):
                self.find(
                    "state", LAB_STREAM, None, f"the private key of proofs to {public} was not made here"
                )
        yield

    def _derivations(self) -> Iterator[None]:
        with self.store.snapshot() as connection:
            allowed = lab.derivations(connection)
        if allowed != DERIVATIONS:
            self.find("structure", None, None, "what may be made of what is not what this program allows")
        yield

    def _decisions(self) -> Iterator[None]:
        with self.store.snapshot() as connection:
            ids = donors.donor_ids(connection)
            book = self._book(connection)
        for first in range(0, len(ids), STEP_DONORS):
            with self.store.snapshot() as connection:
                for donor_id in ids[first : first + STEP_DONORS]:
                    try:
                        self._donor(connection, donor_id, book)
                    except UNREADABLE:
                        self.find("decision", donor_id, None, "what was decided about cannot be read")
            yield

    def _releases(self) -> Iterator[None]:
        """What a release asked consent for must be what its recipient and its uses need."""
        with self.store.snapshot() as connection:
            try:
                for one in releases.releases(connection, limit=None):
                    if one.purposes != purposes_of(one):
                        why = f"release {one.no} asked consent for other purposes than it needs"
                        self.find("decision", None, None, why)
            except UNREADABLE:
                self.find("decision", None, None, "what was released cannot be read")
        yield

    def _book(self, connection: Connection) -> RuleBook:
        """The rules; when what was entered cannot be read, those that came with the program."""
        try:
            return rule_book(connection)
        except (*UNREADABLE, Rejected):
            self.find("decision", None, None, "the consent rules that were entered cannot be read")
            return book_of(())

    def _donor(self, connection: Connection, donor_id: int, book: RuleBook) -> None:
        donor = donors.donor(connection, donor_id)
        kept = donors.decisions(connection, donor_id)
        lines = donors.lines(connection, donor_id) if kept else []
        for one in kept:
            told = f"decision of command {one.command_id} about {one.purpose}"
            if donor is None or one.consent_head > len(lines):
                self.find("decision", donor_id, None, f"{told} counts lines that are not there")
                continue
            again = decide_again(one, donor, lines, book)
            if again is None:
                continue
            reasons = [reason_row(reason) for reason in again.reasons]
            if (again.verdict, reasons) != (one.verdict, one.reasons):
                self.find("decision", donor_id, None, f"{told} is not what the rules decide: {again.verdict}")
