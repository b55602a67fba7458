"""A lab in which every name, note and reason tries to be something else: markup, formulas, commands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Unavailable
from biobank_desktop.services import corrections, lab, labels, people, placing, printers, processing, storage
from biobank_desktop.services.consent import ConsentForm, record_consent
from tests.support.databases import ANNA, PASSWORD
from tests.support.lab import add_donor, consent_of_both, fill_all, receipt, receive, vials_of
from tests.support.payloads import DECOMPOSED, FORMULAS, MARKUP, PATTERNS, PRINTER, SQL
from tests.support.printed import failed

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store

_OTHERS = (*FORMULAS, *SQL, *PATTERNS, *PRINTER)
NAMES = tuple(text[:40].strip() for text in (*MARKUP, *_OTHERS[::3]) if text.isprintable())
"""What a name may be: a line of Latin letters and signs."""
NOTES = (*MARKUP, *(text for text in _OTHERS[1::4] if text.isprintable()), *DECOMPOSED[:1])
TUBE = "<b>HX1</b>&amp;'; --%"
BOLD = "<b>bold</b> & <img src=x>"


@dataclass(frozen=True)
class HostileLab:
    """What stands in it."""

    donor: str
    tube: str
    vials: tuple[str, ...]
    boxes: tuple[str, ...]


def furnish(store: Store) -> HostileLab:
    """Write every text where it may stand."""
    freezer = storage.add_container(store, ANNA, storage.ContainerForm("Freezer −80", "<i>F80</i>", "-80"))
    boxes = []
    for start in range(0, len(NAMES), 8):
        shelf = storage.ContainerForm("Freezer shelf", f"&{start} <u>shelf</u>", None, freezer)
        inside = storage.add_container(store, ANNA, shelf)
        for name in NAMES[start : start + 8]:
            form = storage.ContainerForm("Box 9 × 9", name, None, inside)
            boxes.append(storage.add_container(store, ANNA, form))
    person = people.PersonForm("bold", BOLD, "manager")
    people.add_person(store, ANNA, person, PASSWORD)
    people.change_person(store, ANNA, "bo", why=BOLD, name="<s>Bo</s> &x")
    printers.set_printer(store, ANNA, printers.PrinterForm("<h1>P</h1>", "pdf", 300, "vial-33x13"))
    donor = add_donor(store, ANNA, lab_numbers=(("<b>HiX</b>", "<i>12</i>"),))
    consent_of_both(store, ANNA, donor)
    for note in NOTES:
        line = ConsentForm(
            donor, "reconfirmed", "mother", date(2026, 11, 4), date(2026, 11, 5), form=note, note=note
        )
        record_consent(store, ANNA, replace(line, answers={"STORE": "yes"}))
    received = receive(
        store, ANNA, donor, tube_code=TUBE, note=BOLD, released_by=BOLD, released_at=datetime.now(UTC)
    )
    step = processing.StepForm("wash", datetime.now(UTC), device=BOLD, lot=BOLD)
    processing.start_step(store, ANNA, received.tube, step)
    fill_all(store, ANNA, received)
    vials = vials_of(received, "PL1")
    for note in NOTES:
        corrections.correct(store, ANNA, vials[0], {"note": note}, f"why {note}")
    labels.reprint(store, ANNA, vials[0], "lost", BOLD)
    failed(
        store, ANNA, _queued(store)[:1], Unavailable(Problem("printer", "printer-unknown", {"printer": BOLD}))
    )
    placing.place(store, ANNA, boxes[0], vials[0])
    lab.set_setting(store, ANNA, "<b>key</b>", BOLD)
    receive(store, ANNA, donor, tube_code="<b>2</b>", time_point="D15", note=BOLD, plan=receipt(donor).plan)
    return HostileLab(donor, received.tube, tuple(vials), tuple(boxes))


def _queued(store: Store) -> list[labels.QueuedLabel]:
    with store.read() as connection:
        return labels.queued(connection)
