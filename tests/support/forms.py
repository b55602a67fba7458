"""Every form of the window that writes, filled in and with the cursor in it: one Enter would store it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from biobank_desktop.domain import codes
from biobank_desktop.gui.disposals.forms import OpeningForm
from biobank_desktop.gui.disposals.screen import DisposalsScreen
from biobank_desktop.gui.donors.screen import DonorsScreen
from biobank_desktop.gui.intake.screen import IntakeScreen
from biobank_desktop.gui.labels.screen import LabelsScreen
from biobank_desktop.gui.record.correction import CorrectionForm
from biobank_desktop.gui.record.later_life import UseCard
from biobank_desktop.gui.record.questions import MoreVialsForm, ReprintForm
from biobank_desktop.gui.record.screen import RecordScreen
from biobank_desktop.gui.settings.people import PeoplePart
from biobank_desktop.gui.settings.printers import PrintersPart
from biobank_desktop.gui.settings.scanner import ScannerPart
from biobank_desktop.gui.settings.screen import SettingsScreen
from biobank_desktop.gui.storage.kinds import KindsCard
from biobank_desktop.gui.storage.making import NewContainer, NewKind
from biobank_desktop.gui.storage.screen import StorageScreen
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import ReasonForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.repertoire import Stage
    from tests.support.window import Window

Kind = TypeVar("Kind")
TUBE = "HX26118888"


def the(kind: type[Kind], thing: Any) -> Kind:
    """The thing, which is of this kind."""
    assert isinstance(thing, kind), thing
    return thing


def show(window: Window, kind: type[Kind], name: str, **arguments: Any) -> Kind:
    """Go to a screen and wait until it shows what it is asked for."""
    screen = window.program.frame.show_screen(name, **arguments)
    window.settle()
    return the(kind, screen)


def answer_receipt(window: Window, stage: Stage, tube: str = TUBE, *, vouched: bool = False) -> IntakeScreen:
    """A tube scanned and everything about it answered, but for the last Enter.

    ``vouched``: nothing is compared before it is stored.
    """
    screen = show(window, IntakeScreen, "intake", tube=tube)
    sheet = screen.receiving.sheet
    screen.receiving.identity.scan(stage.donor)
    window.settle()
    sheet.second.set_text("2018 m")
    screen.receiving.identity.check()
    window.settle()
    sheet.material.pick("BMA")
    window.settle()
    sheet.drawn.set_text("1 jan 940")
    sheet.volume.set_text("3,2")
    for field, value in (
        (sheet.container, "SHP"),
        (sheet.time_point, "D15"),
        (sheet.temperature, "room"),
        (sheet.conditions, "none-seen"),
        (sheet.acceptance, "accepted"),
        (sheet.origin, "residual"),
        (sheet.pull, 1),
        (sheet.release, "not-yet"),
    ):
        field.pick(value)
    window.settle()
    if vouched:
        screen.receiving.identity.vouch(stage.donor)
        window.settle()
    sheet.volume.setFocus()
    return screen


def _receipt(window: Window, stage: Stage) -> None:
    answer_receipt(window, stage)


def _work(window: Window, stage: Stage) -> IntakeScreen:
    return show(window, IntakeScreen, "intake", work=codes.number(stage.tube))


def _fill(window: Window, stage: Stage) -> None:
    screen = _work(window, stage)
    screen.working.buttons["P"].click()
    screen.working.table.rows[0].amount.setFocus()


def _step(window: Window, stage: Stage) -> None:
    screen = _work(window, stage)
    screen.setFocus()
    screen.working.take_letter("S")
    steps = screen.working.steps
    steps.speed.set_text("400")
    steps.minutes.set_text("10")
    steps.temperature.pick("room")
    steps.minutes.setFocus()


def _count(window: Window, stage: Stage) -> None:
    screen = _work(window, stage)
    screen.setFocus()
    screen.working.take_letter("C")
    form = screen.working.processing.count
    form.cells.set_text("60e6")
    form.viability.set_text("95")
    form.blasts.setFocus()


def _void(window: Window, stage: Stage) -> None:
    screen = _work(window, stage)
    screen.setFocus()
    screen.working.take_letter("V")
    form = screen.working.processing.void
    form.why.set_text("dropped")
    form.why.setFocus()


def _donor(window: Window, _stage: Stage) -> None:
    screen = show(window, DonorsScreen, "donors", register=True)
    form = screen.registration
    form.sex.set_value("female")
    form.role.set_value("patient")
    form.born_on.set_day(date(2013, 5, 4))
    form.day1_on.set_unknown()
    form.born_on.setFocus()


def _consent(window: Window, stage: Stage) -> None:
    screen = show(window, DonorsScreen, "donors", donor=codes.number(stage.donor))
    screen.begin_consent()
    window.settle()  # the form reads which versions there are
    form = screen.consent
    form.kind.set_value("given")
    form.signatory.set_value("mother")
    form.signed_on.set_day(date(2026, 11, 4))
    form.received_on.set_day(date(2026, 11, 5))
    form.registered.set_value(stage.paper)
    form._follow()
    for row in form.answers.rows.values():
        row.set_value("yes")
    form.note.setFocus()


def _day1(window: Window, stage: Stage) -> None:
    screen = show(window, DonorsScreen, "donors", donor=codes.number(stage.donor))
    screen.record.begin_day1()
    screen._follow()
    screen.record.day1.day.set_day(date(2026, 11, 20))
    screen.record.day1.why.setFocus()


def _record(window: Window, code: str, action: str) -> Any:
    screen = show(window, RecordScreen, "record", sample=codes.number(code))
    screen.begin(action)
    form = screen.form()
    assert form is not None
    return form


def _correction(window: Window, stage: Stage) -> None:
    form = the(CorrectionForm, _record(window, stage.filled, "correct"))
    the(FieldBox, form.field("note")).set_text("Cloudy")
    form.why.set_text("Forgotten")
    form.why.setFocus()


def _take_out(window: Window, stage: Stage) -> None:
    form = the(ReasonForm, _record(window, stage.stored, "out"))
    form.why.set_text("for a look")
    form.why.setFocus()


def _more_vials(window: Window, stage: Stage) -> None:
    form = the(MoreVialsForm, _record(window, stage.tube, "vials"))
    form.material.set_value("PL1")
    form.volume.set_text("100 ul")
    form.volume.setFocus()


def _reprint(window: Window, stage: Stage) -> None:
    form = the(ReprintForm, _record(window, stage.filled, "reprint"))
    form.reason.set_value("lost")
    form.reason.setFocus()


def _label(window: Window, stage: Stage) -> None:
    screen = show(window, LabelsScreen, "labels", object=codes.number(stage.filled))
    screen.panel.show_thing(codes.number(stage.filled))
    window.settle()
    screen.begin_reprint()
    screen.panel.reprint.reason.set_value("damaged")
    screen.panel.reprint.note.setFocus()


def _container(window: Window, stage: Stage) -> None:
    screen = show(window, StorageScreen, "storage", container=codes.number(stage.tank))
    screen.begin("add")
    window.settle()
    form = the(NewContainer, screen.form())
    form.kind.set_value("LN2 tower")
    form.name_field.set_text("Tower 9")
    form.name_field.setFocus()


def _kind(window: Window, stage: Stage) -> None:
    screen = show(window, StorageScreen, "storage", container=codes.number(stage.tank))
    screen.begin("kind")
    window.settle()
    the(KindsCard, screen.form()).new.take_letter("K")
    form = the(NewKind, screen.form())
    form.name_field.set_text("Box 9 by 9 of ours")
    form.name_field.setFocus()


def _people(window: Window) -> PeoplePart:
    screen = show(window, SettingsScreen, "settings", section="people")
    return the(PeoplePart, screen.part)


def _person(window: Window, _stage: Stage) -> None:
    part = _people(window)
    part.begin_new()
    part.new_form.name.set_text("Fay")
    part.new_form.login.set_text("fay")
    part.new_form.password.set_text("right-horse")
    part.new_form.role.set_value("technician")
    part.new_form.name.setFocus()


def _password(window: Window, _stage: Stage) -> None:
    part = _people(window)
    part.begin_own()
    part.password_form.password.set_text("right-horse")
    part.password_form.again.set_text("right-horse")
    part.password_form.again.setFocus()


def _printer(window: Window, _stage: Stage) -> None:
    screen = show(window, SettingsScreen, "settings", section="printers")
    part = the(PrintersPart, screen.part)
    part._open(None)
    window.settle()
    part.card.name.set_text("Brady")
    part.card.way.set_value("pdf")
    part.card.dpi.set_text("300")
    part.card.template.set_value("vial-33x13")
    part.card.name.setFocus()


def _printer_test(window: Window, stage: Stage) -> None:
    screen = show(window, SettingsScreen, "settings", section="printers")
    part = the(PrintersPart, screen.part)
    part.table.selectRow([row.name for row in part.rows].index(stage.printer))
    part.begin_test()
    window.settle()
    part.test_card.ribbon.set_text("resin")
    part.test_card.ribbon.setFocus()


def _patterns(window: Window, _stage: Stage) -> None:
    screen = show(window, SettingsScreen, "settings", section="scanner")
    part = the(ScannerPart, screen.part)
    name, expression = part.rows[0]
    name.set_text("tube")
    expression.set_text("[A-Z0-9]{8,12}")
    expression.setFocus()


def _check_out(window: Window, stage: Stage) -> None:
    form = the(ReasonForm, _record(window, stage.stored, "check-out"))
    form.why.set_text("second measurement")
    form.why.setFocus()


def _use(window: Window, stage: Stage) -> None:
    form = the(UseCard, _record(window, stage.filled, "use"))
    form.purpose.set_value("store")
    form.what.set_text("counted again")
    form.ul.set_text("10")
    form.left.set_value(False)
    form.what.setFocus()


def _lost(window: Window, stage: Stage) -> None:
    form = the(ReasonForm, _record(window, stage.filled, "lost"))
    form.why.set_text("not in its well")
    form.why.setFocus()


def _broken(window: Window, stage: Stage) -> None:
    form = the(ReasonForm, _record(window, stage.filled, "broken"))
    form.why.set_text("fell on the floor")
    form.why.setFocus()


def _list(window: Window, stage: Stage) -> None:
    screen = show(
        window, DisposalsScreen, "disposals", reason="expired", samples=(stage.filled, stage.stored)
    )
    form = the(OpeningForm, screen.form())
    form.action.set_value("destroy")
    form.note.set_text("past ten years")
    form.note.setFocus()


def _withdrawal(window: Window, stage: Stage) -> None:
    screen = show(window, DonorsScreen, "donors", donor=codes.number(stage.donor))
    screen.begin_withdrawal()
    window.settle()
    page = screen.withdrawal
    page.level.set_value("W3")
    page.signatory.set_value("mother")
    page.signed_on.set_day(date(2026, 11, 4))
    page.received_on.set_day(date(2026, 11, 5))
    page.note.setFocus()


FORMS: dict[str, Callable[[Window, Stage], None]] = {
    "tube-received": _receipt,
    "filled": _fill,
    "checked-out": _check_out,
    "used": _use,
    "reported-lost": _lost,
    "reported-broken": _broken,
    "disposal-opened": _list,
    "consent-recorded at a withdrawal": _withdrawal,
    "step-started": _step,
    "counted": _count,
    "made-void": _void,
    "donor-registered": _donor,
    "consent-recorded": _consent,
    "donor-corrected": _day1,
    "corrected": _correction,
    "taken-out": _take_out,
    "vials-added": _more_vials,
    "label-reprinted": _reprint,
    "label-reprinted at Labels": _label,
    "container-added": _container,
    "kind-added": _kind,
    "person-added": _person,
    "password-set": _password,
    "printer-set": _printer,
    "printer-tested": _printer_test,
    "setting-changed": _patterns,
}
"""The form of each command."""
