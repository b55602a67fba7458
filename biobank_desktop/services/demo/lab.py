"""The demonstration lab, made: people, storage, donors with their consent, tubes, mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from biobank_desktop.domain.dates import local_day
from biobank_desktop.domain.people import Actor
from biobank_desktop.persistence.steps import Progress
from biobank_desktop.services.consent import record_consent
from biobank_desktop.services.demo import cast, leaving, mistakes
from biobank_desktop.services.demo.bench import Bench
from biobank_desktop.services.demo.storage import Storage
from biobank_desktop.services.demo.visits import visits
from biobank_desktop.services.donors import register_donor
from biobank_desktop.services.forms import check_line, enter_forms, shipped_forms
from biobank_desktop.services.people import PersonForm, add_person

if TYPE_CHECKING:
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.demo.cast import Role
    from biobank_desktop.services.intake import Received

PASSWORD = "demonstration"
ADMINISTRATOR = PersonForm("admin", "Demonstration Administrator", "administrator")
_OTHERS = (
    PersonForm("sanne", "Sanne de Boer", "technician"),
    PersonForm("joris", "Joris Smit", "technician"),
    PersonForm("ilse", "Ilse van Dijk", "manager"),
    PersonForm("pieter", "Pieter Mulder", "auditor"),
)
_SEED = 20_261_122
_COMPARED_AFTER_DAYS = 21
"""Of the newest donors nobody has compared the forms yet."""


_GIVING = 8
"""Of so many donors vials leave for studies."""


@dataclass(frozen=True)
class Demo:
    """The demonstration lab: its people (one password for all) and how much is in it."""

    people: tuple[PersonForm, ...]
    donors: int
    samples: int


@dataclass(frozen=True)
class _Donor:
    role: Role
    code: str
    tubes: tuple[Received, ...]


def fill_demo(store: Store, administrator: Actor, now: datetime, seed: int = _SEED) -> Steps[Demo]:
    """Fill a newly founded lab, a donor a step; the same seed gives the same lab, dated back from ``now``."""
    random = Random(seed)
    for form in _OTHERS:
        add_person(store, administrator, form, PASSWORD)
    actors = {form.login: Actor(form.login, form.name, form.role, administrator.bench) for form in _OTHERS}
    enter_forms(store, actors["ilse"], shipped_forms())
    storage = Storage(store, actors["ilse"])
    bench = Bench(store, (actors["sanne"], actors["joris"]), storage, random)
    donors = []
    for number, role in enumerate(cast.roles(random), start=1):
        donors.append(_donor(store, bench, actors["ilse"], role, number, now, random))
        yield Progress(number, cast.COUNT)
    _mistakes(store, bench, storage, donors, now)
    _leaving(store, bench, actors["ilse"], donors, now)
    return Demo((ADMINISTRATOR, *_OTHERS), len(donors), bench.samples)


def _donor(
    store: Store, bench: Bench, manager: Actor, role: Role, number: int, now: datetime, random: Random
) -> _Donor:
    """A donor with consent and every tube up to now."""
    technician, today = bench.next_technician, local_day(now)
    day1_on = today - timedelta(days=role.days_ago)
    born = cast.born_on(role, day1_on, today, random)
    form = cast.registration(role, born, day1_on, number, random)
    donor = register_donor(store, technician, form)
    lines = [
        record_consent(store, technician, line)
        for line in cast.first_lines(role, donor, born, day1_on, shipped_forms())
    ]
    for no in lines if role.days_ago > _COMPARED_AFTER_DAYS else ():
        check_line(store, manager, donor, no, agrees=True)
    tubes = [bench.do(visit) for visit in visits(role, donor, day1_on, now, random)]
    for line in cast.later_lines(role, donor, today):
        record_consent(store, bench.next_technician, line)
    return _Donor(role, donor, tuple(tubes))


def _mistakes(store: Store, bench: Bench, storage: Storage, donors: list[_Donor], now: datetime) -> None:
    complete = [one for one in donors if one.role.consent == "complete" and one.role.role == "patient"]
    rich, other = sorted(complete, key=lambda one: -len(one.tubes))[:2]
    scene = mistakes.Scene(store, bench, storage, rich.code, other.code, rich.tubes, now)
    mistakes.on_the_bench(scene)
    mistakes.in_the_records(scene)
    corrected = next(one for one in donors if one.role.consent == "corrected")
    signed_on = local_day(now) - timedelta(days=corrected.role.days_ago)
    mistakes.in_the_consents(store, scene, corrected.code, signed_on)


def _leaving(store: Store, bench: Bench, manager: Actor, donors: list[_Donor], now: datetime) -> None:
    complete = [one for one in donors if one.role.consent == "complete" and one.role.role == "patient"]
    newest = sorted(complete, key=lambda one: one.role.days_ago)[:_GIVING]
    technician, other = bench.next_technician, bench.next_technician
    with store.read() as connection:
        vials = leaving.stored_plasma(connection, [one.code for one in newest])
    scene = leaving.Scene(store, technician, other, manager, vials, now)
    leaving.from_the_freezer(scene)
    leaving.to_studies(scene)
    leaving.not_as_it_should_be(scene)
    leaving.after_a_withdrawal(scene)
