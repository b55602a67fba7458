"""Every command of the program, each on a stage where all of them want the same things.

What is cut, raced and killed is the whole repertoire; a test compares it with the kinds in the source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from biobank_desktop.domain import codes
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.intake import DonorForm, ReceiptForm
from biobank_desktop.domain.preprinted import Binding, RollForm
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.labels.calibration import code_of
from biobank_desktop.labels.printers import Told
from biobank_desktop.persistence.seals import seal
from biobank_desktop.services import (
    consent,
    corrections,
    donors,
    forms,
    intake,
    kinds,
    lab,
    labels,
    people,
    placing,
    preprinted,
    printer_tests,
    printers,
    printing,
    processing,
    rules,
    storage,
    templates,
)
from biobank_desktop.services.consent import ConsentForm
from biobank_desktop.services.kinds import KindForm
from biobank_desktop.services.preprinted import BindForm
from biobank_desktop.services.printer_tests import PrinterTestForm
from biobank_desktop.services.printers import PrinterForm
from biobank_desktop.services.processing import StepForm
from biobank_desktop.services.storage import ContainerForm
from tests.support.databases import ANNA, BO, PASSWORD
from tests.support.freezer import AT_THE_FREEZER, Freezer, set_freezer
from tests.support.lab import (
    PROTOCOL,
    add_boxes,
    add_donor,
    consent_of_both,
    consent_on_paper,
    fill_all,
    other_rules,
    paper_for,
    receipt,
    vials_of,
)
from tests.support.later import LATER_LIFE, Later, set_later
from tests.support.own_templates import own_template
from tests.support.printed import NOTHING, SENDER, drawn, taken

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.printing import Batch

LATER = timedelta(minutes=1)
MAKERS_CODE = "1000000001"
"""It lies ready on a roll."""
GIL = replace(ANNA, login="gil", name="Gil")
"""A second administrator."""


@dataclass(frozen=True)
class Stage:
    """What the gestures act on, by code: a donor, another one, a tube with vials in every state, boxes."""

    donor: str
    other_donor: str
    tube: str
    planned: str
    filled: str
    stored: str
    stored_by: str
    """the command that stored it"""
    other_filled: str
    """a vial of the other donor"""
    box: str
    tank: str
    printer: str
    recovery: str
    received_at: datetime
    waiting: Batch = NOTHING
    """two labels that wait, drawn"""
    under_way: Batch = NOTHING
    """two labels that were taken for the printer"""
    template: str = ""
    """one of the lab's own"""
    lost: str = ""
    """a vial of whose label nobody knows whether it came out"""
    paper: str = ""
    """a registered version of a form"""
    signed_line: int = 0
    """the donor's line on it"""
    later: Later | None = None
    """what the later life of vials needs"""
    freezer: Freezer | None = None
    """what moving needs"""


Gesture = Callable[["Store", Stage, UUID], Any]
"""A command of the repertoire."""


def set_stage(store: Store, recovery: str = "", *, later: bool = False) -> Stage:
    """Furnish a founded lab; with ``later`` also what those of the later life and of moving act on."""
    boxes = add_boxes(store)
    donor, other = add_donor(store, BO), add_donor(store, BO)
    for code in (donor, other):
        consent_of_both(store, BO, code)
    paper = paper_for("parents")
    forms.enter_forms(store, ANNA, [paper])
    signed_line = consent_on_paper(store, BO, donor, paper, "mother")
    form = receipt(donor)
    received = intake.receive(store, BO, form)
    assert isinstance(form.received_at, datetime)
    processing.start_step(store, BO, received.tube, StepForm("spin", form.received_at + LATER, speed_g=400))
    planned = processing.add_vials(store, BO, received.tube, PlannedVials("PL1", 2, 100))
    fill_all(store, BO, received)
    plasma = vials_of(received, "PL1")
    placed = placing.place(store, BO, boxes.plasma, plasma[0])
    others = intake.receive(store, BO, receipt(other, tube_code="HX26110043"))
    fill_all(store, BO, others)
    people.add_person(store, ANNA, people.PersonForm(GIL.login, GIL.name, GIL.role), PASSWORD)
    printers.set_printer(store, ANNA, PrinterForm("Zebra", "pdf", 300, "vial-33x13"))
    templates.save_template(store, ANNA, own_template("our-vial"))
    preprinted.add_roll(store, BO, RollForm("Roll 1", "Micronic", "", (MAKERS_CODE,)))
    with store.read() as connection:
        waiting = labels.queued(connection, [codes.number(code) for code in (planned[0], plasma[1])])
        cells = vials_of(others, "CEL")
        cell_labels = labels.queued(connection, [codes.number(code) for code in cells[:3]])
        tank = next(iter(connection.exec_driver_sql("SELECT id FROM container WHERE name = 'LN2-01'")))[0]
    under_way, lost = (taken(store, BO, some, "Zebra") for some in (cell_labels[:2], cell_labels[2:]))
    printing.give_up(store, BO, [lost.drawn[0].key])
    seal(store)
    return Stage(
        donor=donor,
        other_donor=other,
        tube=received.tube,
        planned=planned[0],
        filled=plasma[1],
        stored=plasma[0],
        stored_by=placed.command,
        other_filled=vials_of(others, "PL1")[0],
        box=boxes.plasma,
        tank=codes.from_number(tank),
        printer="Zebra",
        template="our-vial",
        waiting=drawn(waiting),
        under_way=under_way,
        lost=cells[2],
        recovery=recovery,
        received_at=form.received_at,
        paper=paper.id,
        signed_line=signed_line,
        later=set_later(store, donor) if later else None,
        freezer=set_freezer(store, donor, boxes.plasma) if later else None,
    )


def _consent(kind: str, **more: Any) -> Gesture:
    def gesture(store: Store, stage: Stage, command: UUID) -> object:
        signed, received = date(2026, 11, 4), date(2026, 11, 5)
        form = ConsentForm(stage.donor, kind, "mother", signed, received, **more)
        return consent.record_consent(store, BO, form, command)

    return gesture


def _donor(born_on: date) -> DonorForm:
    return DonorForm("female", born_on, None, "patient", (("lab", "DL26000001"),), PROTOCOL)


def _receipt(stage: Stage) -> ReceiptForm:
    drawn_at = stage.received_at - timedelta(hours=4)
    return receipt(stage.donor, tube_code="HX26999999", drawn_at=drawn_at, received_at=stage.received_at)


def _step(stage: Stage) -> StepForm:
    return StepForm("wash", stage.received_at + LATER, device="Rotina")


def _kind(name: str) -> KindForm:
    return KindForm(name, "box", 6, 6, "letters", "numbers", "rows-from-top-left", "samples")


FIRST: dict[str, Gesture] = {
    "tube-received": lambda store, stage, command: intake.receive(store, BO, _receipt(stage), command),
    "step-started": lambda store, stage, command: processing.start_step(
        store, BO, stage.tube, _step(stage), command
    ),
    "step-ended": lambda store, stage, command: processing.end_step(
        store, BO, stage.tube, 1, stage.received_at + 2 * LATER, command
    ),
    "step-corrected": lambda store, stage, command: corrections.correct_step(
        store, BO, stage.tube, 1, {"speed_g": 500}, "read wrongly", command
    ),
    "filled": lambda store, stage, command: processing.fill(
        store, BO, [FillForm(stage.planned, volume_ul=90)], command
    ),
    "counted": lambda store, stage, command: processing.record_count(
        store, BO, stage.tube, 900_000_000, 90.0, 80.0, command
    ),
    "made-void": lambda store, stage, command: processing.make_void(
        store, BO, stage.planned, "broken", command
    ),
    "vials-added": lambda store, stage, command: processing.add_vials(
        store, BO, stage.tube, PlannedVials("PL1", 1, 100), command
    ),
    "placed": lambda store, stage, command: placing.place(store, BO, stage.box, stage.filled, "A2", command),
    "placing-undone": lambda store, stage, command: placing.undo(store, BO, stage.stored_by, command),
    "taken-out": lambda store, stage, command: placing.take_out(
        store, BO, stage.stored, "for a look", command
    ),
    "corrected": lambda store, stage, command: corrections.correct(
        store, BO, stage.filled, {"volume_ul": 400}, "read wrongly", command_id=command
    ),
    "reattributed": lambda store, stage, command: corrections.reattribute(
        store, BO, stage.tube, stage.other_donor, "wrong sticker", command
    ),
    "released-by-diagnostics": lambda store, stage, command: corrections.record_diagnostic_release(
        store, BO, stage.tube, stage.received_at + LATER, "Eva", command
    ),
    "consent-recorded": _consent("withdrawn", level="W2"),
    "donor-registered": lambda store, stage, command: donors.register_donor(
        store, BO, _donor(date(2015, 3, 4)), command
    ),
    "donor-corrected": lambda store, stage, command: donors.set_day1(
        store, BO, stage.donor, date(2026, 11, 20), "", command
    ),
    "label-reprinted": lambda store, stage, command: labels.reprint(
        store, BO, stage.filled, "lost", "", command
    ),
    "labels-sending": lambda store, stage, command: printing.take(
        store, BO, stage.waiting.drawn, stage.printer, SENDER, command
    ),
    "labels-reported": lambda store, stage, command: printing.report(
        store, BO, printing.came_of(Told(stage.printer, 1, "held", "paper-out"), stage.under_way), command
    ),
    "labels-given-up": lambda store, stage, command: printing.give_up(
        store, BO, [one.key for one in stage.under_way.drawn], command
    ),
    "label-decided": lambda store, stage, command: printing.decide(
        store, BO, stage.lost, 1, came_out=False, command_id=command
    ),
    "label-verified": lambda store, stage, command: labels.verify(store, BO, stage.filled, command),
    "roll-added": lambda store, _stage, command: preprinted.add_roll(
        store, BO, RollForm("Roll 2", "Micronic", "bench-2", ("2000000001", "2000000002")), command
    ),
    "codes-bound": lambda store, stage, command: preprinted.bind(
        store, BO, BindForm((Binding(stage.planned, MAKERS_CODE),)), command
    ),
    "container-added": lambda store, stage, command: storage.add_container(
        store, ANNA, ContainerForm("LN2 tower", "Tower 9", None, stage.tank), command
    ),
    "forms-entered": lambda store, _stage, command: forms.enter_forms(
        store, ANNA, forms.shipped_forms(), command
    ),
    "form-ended": lambda store, stage, command: forms.end_form(
        store, ANNA, stage.paper, date(2099, 12, 31), command
    ),
    "rules-entered": lambda store, _stage, command: rules.enter_rules(
        store, ANNA, other_rules("nl-2", deadline_days=56), command
    ),
    "line-checked": lambda store, stage, command: forms.check_line(
        store, ANNA, stage.donor, stage.signed_line, agrees=True, command_id=command
    ),
    "kind-added": lambda store, stage, command: kinds.add_kind(store, ANNA, _kind("Box 6 × 6"), command),
    "printer-set": lambda store, stage, command: printers.set_printer(
        store, ANNA, PrinterForm(stage.printer, "pdf", 600, "vial-33x13"), command
    ),
    "printer-tested": lambda store, stage, command: printer_tests.store_test(
        store, BO, PrinterTestForm(stage.printer, "vial-33x13", "resin", (code_of(3), code_of(4))), command
    ),
    "printer-retired": lambda store, stage, command: printers.retire_printer(
        store, ANNA, stage.printer, command
    ),
    "template-saved": lambda store, stage, command: templates.save_template(
        store, ANNA, own_template(stage.template, "Ours, again", begun_on=1), command
    ),
    "template-retired": lambda store, stage, command: templates.retire_template(
        store, ANNA, stage.template, 1, command
    ),
    "setting-changed": lambda store, stage, command: lab.set_setting(store, ANNA, "backup-hour", 7, command),
    "person-added": lambda store, stage, command: people.add_person(
        store, ANNA, people.PersonForm("fay", "Fay", "technician"), PASSWORD, command
    ),
    "person-changed": lambda store, stage, command: people.change_person(
        store, ANNA, "bo", why="on leave", active=False, command_id=command
    ),
    "password-set": lambda store, stage, command: people.set_password(
        store, ANNA, "bo", "another-right-horse", command
    ),
}
"""What is done from the registration of a donor to stored vials, and around it."""

REPERTOIRE: dict[str, Gesture] = {**FIRST, **AT_THE_FREEZER, **LATER_LIFE}
"""Each kind of command, done as the person who usually does it."""

_SECOND_DATABASE = (
    "writes the identity store too: tests/services/test_identity_crash.py cuts it between the two"
)

NOT_ON_STAGE = {
    **dict.fromkeys(
        (
            *("identity-store-made", "identity-authorised", "identity-withdrawn", "identity-passphrase-set"),
            *("identity-recovered", "identity-rotated", "identity-set", "identity-read", "identity-searched"),
            *("identity-erased", "identity-cleared", "identity-backed-up", "identity-restored"),
            *("scan-kept", "scan-read"),
        ),
        _SECOND_DATABASE,
    ),
    "signed-in": "its id is nobody's to choose; it touches one event of the person's own",
    "lab-founded": "an empty database has no second person",
    "database-restored": "an empty database has no second person",
    "account-recovered": "the one account with the paper; holds what password-set holds",
    "bulk-filled": "makes demonstration labs only",
    "donor-erased": "writes the register outside as well: tests/services/test_erasure.py",
    "gap-signed": "its stage lets nothing leave: tests/soak/pairs.py races it in one of its own",
}
