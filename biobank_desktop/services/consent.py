"""Consent at work: lines are entered, verdicts are asked for, deciding verdicts are kept."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.problems import Problem, refuse
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import donors as query
from biobank_desktop.persistence.queries import forms
from biobank_desktop.services.commands import command, require_reason
from biobank_desktop.services.gate import donor_of
from biobank_desktop.services.rules import rule_book
from biobank_desktop.services.withdrawal import follow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.rule_book import RuleBook
    from biobank_desktop.persistence.queries.donors import ConsentLineRow, DonorRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

CONTACTS = ("recontact-sent", "no-answer", "age-threshold", "form-superseded")
"""What was done about a decision that is to come; such a line answers nothing."""
KINDS = (
    *("given", "partly-given", "refused", "objected", "withdrawn", "reconfirmed", "deceased", "corrected"),
    *CONTACTS,
)
SIGNATORIES = ("mother", "father", "guardian", "child", "self")
ANSWERS = ("yes", "no", "not-asked", "not-answered")
LEVELS = ("W0", "W1", "W2", "W3", "W4")
AUTHORITIES = ("parental", "guardianship", "court-order", "own")
MOST_PAGES = 500
_SIGNING = frozenset({"authority", "obtained_by", "interpreter", "scan_sha256", "pages", "original_at"})


@dataclass(frozen=True)
class ConsentForm:
    """One line of consent as it is entered; ``answers`` maps an item's code to one of ``ANSWERS``.

    ``paper`` is the id of a registered version of a form; then ``form`` and ``form_version`` are taken from
    it. ``authority`` is what the signatory's right to decide rests on, ``obtained_by`` who explained it and
    took the signature, ``original_at`` where the signed paper is; None is not known.
    """

    donor: str
    kind: str
    signatory: str
    signed_on: date
    received_on: date
    answers: Mapping[str, str] = field(default_factory=dict)
    sole_authority: bool = False
    form: str = ""
    form_version: str = ""
    level: str | None = None
    corrects: int | None = None
    note: str = ""
    paper: str = ""
    authority: str | None = None
    obtained_by: str = ""
    interpreter: bool | None = None
    scan_sha256: str | None = None
    pages: int | None = None
    original_at: str = ""


def check_consent(
    form: ConsentForm,
    today: date,
    lines: Sequence[ConsentLineRow],
    book: RuleBook,
    paper: FormVersion | None = None,
) -> list[Problem]:
    """Everything that is wrong with what a line says; ``book`` says which items there are."""
    choices = (
        ("kind", form.kind, KINDS),
        ("signatory", form.signatory, SIGNATORIES),
        *(("answers", answer, ANSWERS) for answer in form.answers.values()),
        *((("level", form.level, LEVELS),) if form.level is not None else ()),
    )
    problems = [
        Problem(name, "not-a-choice", {"value": value, "choices": allowed})
        for name, value, allowed in choices
        if value not in allowed
    ]
    items = set(book.items)
    items |= {item.code for item in paper.items} if paper else set()
    problems += [
        Problem("answers", "item-unknown", {"item": item}) for item in form.answers if item not in items
    ]
    if form.kind in {"given", "partly-given"} and not form.answers:
        problems.append(Problem("answers", "answers-missing"))
    if form.kind == "withdrawn" and form.level is None:
        problems.append(Problem("level", "level-missing"))
    if form.kind in CONTACTS and (form.answers or form.level is not None or form.sole_authority):
        problems.append(Problem("kind", "contact-answers-nothing"))
    if form.signed_on > form.received_on:
        problems.append(Problem("signed_on", "signed-after-received"))
    if form.received_on > today:
        problems.append(Problem("received_on", "in-the-future"))
    corrects = form.kind == "corrected" or form.corrects is not None
    if corrects and form.corrects not in {line.no for line in lines}:
        problems.append(Problem("corrects", "line-unknown", {"line": form.corrects}))
    if form.kind == "corrected" and not form.note.strip():
        problems.append(Problem("note", "reason-missing"))
    return problems


def record_consent(store: Store, actor: Actor, form: ConsentForm, command_id: UUID | None = None) -> int:
    """Add a line to a donor's consent and return its number.

    What follows from it at once (``withdrawal.follow``) is part of the same command. Raises ``Rejected`` with
    every problem.
    """
    asked = command(actor, "consent-recorded", form, "intake", title=form.donor, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        donor, lines = held_lines(work, form.donor)
        paper = forms.version(work.connection, form.paper) if form.paper else None
        today = local_day(work.at)
        book = rule_book(work.connection)
        refuse([*check_consent(form, today, lines, book, paper), *check_signing(form, paper)])
        no = donor.consent_head + 1
        given = asdict(form)
        row = {key: given[key] for key in given.keys() - _SIGNING - {"donor", "paper"}}
        row |= {"form": paper.form, "form_version": paper.version} if paper else {}
        work.insert(tables.consent_line, [{**row, "donor_id": donor.id, "no": no, "known_at": work.at}])
        signing = {key: given[key] for key in _SIGNING}
        if paper or any(value not in {None, ""} for value in signing.values()):
            known = {"donor_id": donor.id, "line_no": no, "form_version_id": paper.id if paper else None}
            work.insert(tables.signing, [known | signing])
        work.update(tables.donor, {"id": donor.id}, consent_head=no)
        listed = follow(work, donor.id, form.level if form.kind == "withdrawn" else None)
        return {"no": no} if listed is None else {"no": no, "disposal": listed}

    return int(store.run(asked, body)["no"])


def check_signing(form: ConsentForm, paper: FormVersion | None) -> list[Problem]:
    """Everything that is wrong with how and on what a line was signed."""
    problems = []
    if form.authority not in {None, *AUTHORITIES}:
        problems.append(
            Problem("authority", "not-a-choice", {"value": form.authority, "choices": AUTHORITIES})
        )
    if form.scan_sha256 is not None and not re.fullmatch("[0-9a-f]{64}", form.scan_sha256):
        problems.append(Problem("scan_sha256", "not-a-sha256"))
    if form.pages is not None and not 1 <= form.pages <= MOST_PAGES:
        problems.append(Problem("pages", "pages-implausible", {"most": MOST_PAGES}))
    if form.paper and paper is None:
        problems.append(Problem("paper", "form-unknown", {"form": form.paper}))
    if paper is None:
        return problems
    if not paper.addresses(form.signatory):
        values = {"form": paper.id, "audience": paper.audience, "signatory": form.signatory}
        problems.append(Problem("paper", "form-for-others", values))
    asked = {item.code for item in paper.items}
    problems += [
        Problem("answers", "item-not-on-form", {"item": item, "form": paper.id})
        for item, answer in form.answers.items()
        if item not in asked and answer != "not-asked"
    ]
    if form.kind in {"given", "partly-given"}:
        left = [item.code for item in paper.items if form.answers.get(item.code, "not-asked") == "not-asked"]
        problems += [Problem("answers", "item-left-out", {"item": item, "form": paper.id}) for item in left]
    return problems


def held_lines(work: Work, code: str) -> tuple[DonorRow, list[ConsentLineRow]]:
    """The donor of a code, held, and the lines as they are now. Raises ``NotFound``."""
    work.hold(tables.donor, [donor_of(work.connection, code).id])
    donor = donor_of(work.connection, code)
    return donor, query.lines(work.connection, donor.id)


def correct_consent(
    store: Store, actor: Actor, donor: str, line: int, why: str, command_id: UUID | None = None
) -> int:
    """Strike out a line that was entered wrongly; the line stays readable. Raises ``Rejected``."""
    require_reason(why)
    today = local_day(datetime.now(UTC))
    form = ConsentForm(donor, "corrected", "mother", today, today, corrects=line, note=why)
    return record_consent(store, actor, form, command_id)
