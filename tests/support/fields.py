"""Every text field of every form of the program, found by its type, with a way to send the form.

A new form, or a new field of one, is covered without a line here: the fields are read from the dataclasses,
and ``drivers`` complains about a form that it cannot send.
"""

from __future__ import annotations

import dataclasses
import json
import pkgutil
import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from sqlalchemy import select

from biobank_desktop import domain, services
from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.identity import IdentityForm
from biobank_desktop.domain.intake import DonorForm, ReceiptForm
from biobank_desktop.domain.moves import Move, MoveForm
from biobank_desktop.domain.nonconformities import Cause, NonconformityForm
from biobank_desktop.domain.preprinted import Binding, RollForm
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.domain.protocols import PlannedVials
from biobank_desktop.domain.releases import ReleaseForm
from biobank_desktop.domain.space import Strategy
from biobank_desktop.domain.use import UseForm
from biobank_desktop.labels.calibration import code_of
from biobank_desktop.persistence import tables
from biobank_desktop.services import (
    consent,
    corrections,
    donors,
    intake,
    kinds,
    lab,
    labels,
    moving,
    people,
    preprinted,
    printer_tests,
    printers,
    processing,
    quarantine,
    releases,
    reserving,
    rules,
    space,
    storage,
    use,
)
from biobank_desktop.services.deriving import DerivationForm, PoolPart, derive
from biobank_desktop.services.identity.donors import set_identity
from biobank_desktop.services.printer_tests import PrinterTestForm
from biobank_desktop.services.reference import reference
from tests.support.databases import ANNA, PASSWORD
from tests.support.identities import EMMA, shared_identities
from tests.support.lab import PROTOCOL, add_boxes, add_donor, consent_of_both, receipt, receive
from tests.support.leaving import STUDY, found_wrong, kept

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store

_NAMES = {"datetime": datetime, "date": date, "Mapping": Mapping, "Strategy": Strategy}


@dataclass(frozen=True)
class CorrectionTexts:
    """The texts of a correction."""

    why: str
    note: str
    released_by: str


@dataclass(frozen=True)
class ReasonTexts:
    """Reasons given in passing."""

    day1_why: str
    reprint_note: str
    person_why: str
    person_name: str


@dataclass(frozen=True)
class SettingTexts:
    """A setting of the lab."""

    key: str
    value: str


@dataclass(frozen=True)
class RulesTexts:
    """The texts of a set of consent rules; ``purpose`` is an item that one asks about."""

    version: str
    approved_by: str
    why: str
    purpose: str


@dataclass(frozen=True)
class Driver:
    """How a form is sent: a right one each time, and the service that takes it."""

    make: Callable[[], Any]
    send: Callable[[Any], object]


@dataclass(frozen=True)
class TextField:
    """A text in a form: ``path`` leads to it, ``root`` is the field that a problem must stand beside."""

    form: type[Any]
    path: tuple[str | int, ...]

    @property
    def root(self) -> str:
        return str(self.path[0])

    def __str__(self) -> str:
        return f"{self.form.__name__}.{'.'.join(map(str, self.path))}"


def text_fields(form: type[Any]) -> Iterator[TextField]:
    """Every place of a form that takes a text."""
    hints = get_type_hints(form, localns=_NAMES)
    for field in dataclasses.fields(form):
        for path in _paths(hints[field.name], (field.name,)):
            yield TextField(form, path)


def _paths(kind: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    origin, parts = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        for part in parts:
            yield from _paths(part, path)
    elif origin is tuple:
        for place, part in enumerate(parts[:1] if parts[-1] is Ellipsis else parts):
            yield from _paths(part, (*path, place))
    elif origin is Mapping:
        yield (*path, "key")
        yield (*path, "value")
    elif dataclasses.is_dataclass(kind):
        for field in text_fields(kind):  # type: ignore[arg-type]
            yield (*path, *field.path)
    elif kind is str or origin is Literal:
        yield path


def with_text(form: Any, path: tuple[str | int, ...], text: str) -> Any:
    """The form with another text in one place."""
    if not path:
        return text
    first, *rest = path
    if dataclasses.is_dataclass(form):
        changed = with_text(getattr(form, str(first)), tuple(rest), text)
        return dataclasses.replace(form, **{str(first): changed})  # type: ignore[type-var]
    if isinstance(form, Mapping):
        name, value = next(iter(form.items()), ("STORE", "yes"))
        return {text: value} if first == "key" else {name: text}
    if isinstance(form, tuple) and isinstance(first, int):
        return (*form[:first], with_text(form[first] if form else "", tuple(rest), text), *form[first + 1 :])
    return text


def forms() -> set[type[Any]]:
    """Every dataclass of the domain and the services whose name says that it is a form."""
    found = set()
    for package in (domain, services):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for value in vars(import_module(module.name)).values():
                if (
                    isinstance(value, type)
                    and dataclasses.is_dataclass(value)
                    and value.__name__.endswith("Form")
                ):
                    found.add(value)
    return found


def drivers(store: Store) -> dict[type[Any], Driver]:
    """How each form is sent to this store."""
    numbers = count(1)
    donor = add_donor(store, ANNA)
    consent_of_both(store, ANNA, donor)
    received = receive(store, ANNA, donor, tube_code="HX00000000")
    people.add_person(store, ANNA, people.PersonForm("mia", "Mia", "technician"), PASSWORD)
    identities = shared_identities(store)
    used = receive(store, ANNA, donor, tube_code="HX00000001", time_point="D15")
    filled = used.vials[0].code
    box = add_boxes(store).plasma
    stored = kept(store, ANNA, box, 1, donor).vials[0]
    cells = [FillForm(vial.code, cells=10_000_000) for vial in used.vials[:2]]
    processing.fill(store, ANNA, cells)

    def fresh(form: Any) -> Any:
        return lambda: form

    def correct(form: CorrectionTexts) -> None:
        changes = {"note": form.note, "released_by": form.released_by, "released_at": datetime.now(UTC)}
        corrections.correct(store, ANNA, received.tube, changes, form.why)

    def reasons(form: ReasonTexts) -> None:
        donors.set_day1(store, ANNA, donor, date(2026, 11, 1 + next(numbers) % 20), form.day1_why)
        labels.reprint(store, ANNA, received.vials[0].code, "lost", form.reprint_note)
        people.change_person(store, ANNA, "mia", why=form.person_why, name=form.person_name)

    def enter_rules(form: RulesTexts) -> None:
        known = reference().consent_rules
        asked = dataclasses.replace(known.purposes["use-data"], items=(form.purpose,))
        changed = dataclasses.replace(
            known, version=form.version, purposes={**known.purposes, "use-data": asked}
        )
        today = local_day(datetime.now(UTC))
        rules.enter_rules(store, ANNA, rules.NewRules(changed, today, form.approved_by, form.why))

    def look_for_room(form: space.SpaceForm) -> None:
        with store.read() as connection:
            space.find_space(connection, form, ANNA.login, datetime.now(UTC))

    new_donor = DonorForm("male", date(2018, 5, 4), None, "patient", (("HiX", "1"),), PROTOCOL)
    line = consent.ConsentForm(
        donor, "given", "mother", date(2026, 11, 2), date(2026, 11, 3), {"STORE": "yes"}, form="toestemming"
    )
    kind = kinds.KindForm("Kind", "box", 9, 9, "letters", "numbers", "rows-from-top-left", "samples")
    printer = printers.PrinterForm("Bench", "pdf", 300, "vial-33x13", {"folder": ""})
    printers.set_printer(store, ANNA, dataclasses.replace(printer, name="Tested"))
    step = processing.StepForm("wash", datetime.now(UTC), device="Sorvall", lot="L1")
    plan = (PlannedVials("PL1", 1, 100, None, "EDTA"),)
    return {
        ReceiptForm: Driver(
            lambda: receipt(
                donor,
                tube_code=f"T{next(numbers)}",
                plan=plan,
                conditions=("clot",),
                released_at=datetime.now(UTC),
                released_by="Cas",
            ),
            lambda form: intake.receive(store, ANNA, form),
        ),
        DonorForm: Driver(
            lambda: dataclasses.replace(new_donor, lab_numbers=(("HiX", f"{next(numbers)}"),)),
            lambda form: donors.register_donor(store, ANNA, form),
        ),
        IdentityForm: Driver(
            lambda: dataclasses.replace(
                EMMA, donor=add_donor(store, ANNA), hospital_number=f"{next(numbers)}"
            ),
            lambda form: set_identity(store, identities, ANNA, form),
        ),
        FillForm: Driver(
            fresh(FillForm(received.vials[0].code, 500, 1_000_000)),
            lambda form: processing.fill(store, ANNA, [form]),
        ),
        MoveForm: Driver(
            fresh(MoveForm((Move(stored, box),), "in order")), lambda form: moving.move(store, ANNA, form)
        ),
        reserving.ReserveForm: Driver(
            fresh(reserving.ReserveForm(box, "tomorrow", ("J9",))),
            lambda form: reserving.reserve(store, ANNA, form),
        ),
        space.SpaceForm: Driver(fresh(space.SpaceForm("PL1", 1)), look_for_room),
        consent.ConsentForm: Driver(fresh(line), lambda form: consent.record_consent(store, ANNA, form)),
        storage.ContainerForm: Driver(
            lambda: storage.ContainerForm("LN2 tower", f"T{next(numbers)}", None, _tank(store)),
            lambda form: storage.add_container(store, ANNA, form),
        ),
        kinds.KindForm: Driver(
            lambda: dataclasses.replace(kind, name=f"Kind {next(numbers)}"),
            lambda form: kinds.add_kind(store, ANNA, form),
        ),
        PrinterTestForm: Driver(
            fresh(PrinterTestForm("Tested", "vial-33x13", "resin", (code_of(3),))),
            lambda form: printer_tests.store_test(store, ANNA, form),
        ),
        RollForm: Driver(
            lambda: RollForm(f"Roll {next(numbers)}", "Micronic", "", (f"{next(numbers):010}",)),
            lambda form: preprinted.add_roll(store, ANNA, form),
        ),
        preprinted.BindForm: Driver(
            lambda: preprinted.BindForm((Binding(filled, _laid_ready(store, numbers)),), "another tube"),
            lambda form: preprinted.bind(store, ANNA, form),
        ),
        printers.PrinterForm: Driver(fresh(printer), lambda form: printers.set_printer(store, ANNA, form)),
        people.PersonForm: Driver(
            lambda: people.PersonForm(f"p{next(numbers)}", "Pia", "technician"),
            lambda form: people.add_person(store, ANNA, form, PASSWORD),
        ),
        processing.StepForm: Driver(
            lambda: dataclasses.replace(step, started_at=datetime.now(UTC)),
            lambda form: processing.start_step(store, ANNA, received.tube, form),
        ),
        ReleaseForm: Driver(fresh(STUDY), lambda form: releases.open_release(store, ANNA, form)),
        UseForm: Driver(
            fresh(UseForm(filled, "use-a2g", "assay", cells=1)), lambda form: use.use(store, ANNA, form)
        ),
        DerivationForm: Driver(
            fresh(
                DerivationForm(
                    filled,
                    "use-a2g",
                    "panel",
                    PlannedVials("DNA", 1, 50, None, "TE"),
                    (PoolPart(used.vials[1].code, cells=1),),
                )
            ),
            lambda form: derive(store, ANNA, form),
        ),
        NonconformityForm: Driver(
            lambda: found_wrong(received.tube, cause=Cause("", "L1", "Rotina 420", "", "mia")),
            lambda form: quarantine.report(store, ANNA, form),
        ),
        CorrectionTexts: Driver(
            lambda: CorrectionTexts(f"why {next(numbers)}", f"note {next(numbers)}", "Cas"), correct
        ),
        ReasonTexts: Driver(lambda: ReasonTexts("a slip", "", "moved", f"Mia {next(numbers)}"), reasons),
        RulesTexts: Driver(
            lambda: RulesTexts(f"version {next(numbers)}", "METC", f"reason {next(numbers)}", "REGISTRY"),
            enter_rules,
        ),
        SettingTexts: Driver(
            lambda: SettingTexts(f"key {next(numbers)}", "x"),
            lambda form: lab.set_setting(store, ANNA, form.key, form.value),
        ),
    }


def _laid_ready(store: Store, numbers: Iterator[int]) -> str:
    """A code of a new roll."""
    code = f"{next(numbers):010}"
    preprinted.add_roll(store, ANNA, RollForm(f"Roll of {code}", "Micronic", "", (code,)))
    return code


def _tank(store: Store) -> str:
    """A tank with room for as many towers as are wanted: a new one each time."""
    name = f"LN2 {datetime.now(UTC).timestamp():.6f}"
    return storage.add_container(store, ANNA, storage.ContainerForm("LN2 vapour tank", name, "ln2"))


@dataclass(frozen=True)
class Tried:
    """What became of a text in a field: the codes of its refusal, none when it was stored."""

    field: TextField
    text: str
    refused: tuple[tuple[str, str], ...] = ()


def try_text(driver: Driver, field: TextField, text: str) -> Tried:
    """Send a form with this text in this field."""
    try:
        driver.send(with_text(driver.make(), field.path, text))
    except Rejected as refused:
        return Tried(field, text, tuple((one.field, one.code) for one in refused.problems if not one.warning))
    return Tried(field, text)


def beside(field: TextField, problem_field: str) -> bool:
    """Whether a problem stands beside this field, or the one of a gesture that it is given to."""
    root = re.split(r"[.\[]", problem_field, maxsplit=1)[0]
    if root in {*map(str, field.path), "vials", "vial"}:
        return True
    return not field.form.__name__.endswith("Form") and field.root.rpartition("_")[2] == root


def stored_texts(store: Store) -> set[str]:
    """Every text in every column of every table, every text that the history holds, and every identity."""
    found: set[str] = set()
    identities = shared_identities(store)
    for record in identities.vault.records():
        found.update(identities.open(record).values())
    with store.read() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for name, value in row.items():
                    _gather(json.loads(value) if name == "body" else value, found)
    return found


def _gather(value: Any, found: set[str]) -> None:
    if isinstance(value, str):
        found.add(value)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            found.add(name)
            _gather(one, found)
    elif isinstance(value, (list, tuple)):
        for one in value:
            _gather(one, found)
