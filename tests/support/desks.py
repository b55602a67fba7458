"""A desk at a real founded lab: window, jobs done at once, the technician signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from biobank_desktop.domain.intake import DonorForm
from biobank_desktop.gui.desk import Desk
from biobank_desktop.gui.drafts import Drafts
from biobank_desktop.gui.frame import Entry, Frame
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.persistence.pins import Pins
from biobank_desktop.persistence.queries import lab
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.donors import register_donor
from biobank_desktop.services.storage import ContainerForm, add_container
from biobank_desktop.session import Session
from biobank_desktop.settings import Settings
from tests.support.databases import ANNA, BENCH, BO

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.persistence.store import Store

OFF_THE_RAIL = ("record", "gap")
SCREENS = (
    *("today", "intake", "samples", "storage", "donors", "releases", "quarantine"),
    *("labels", "disposals", "history", "settings"),
    *OFF_THE_RAIL,
)

ICONS = {"releases": "release", "quarantine": "warning"}
"""Screens whose icon is called otherwise."""


def open_desk(store: Store, folder: Path, sounds: Sounds, *, settings: Settings | None = None) -> Desk:
    """A desk on this store: everything is done at once, bo is signed in, drafts and files lie in ``folder``.

    The screens are empty ones until ``use_screen`` puts the real one in place.
    """
    kept = settings or Settings(
        database=str(folder / "unused.sqlite"),
        bench=BENCH,
        data_folder=folder / "data",
        state_folder=folder / "state",
        backup_folder=folder / "backup",
    )
    desk = Desk(Jobs(inline=True), Frame(sounds))
    with store.read() as connection:
        uuid = lab.uuid(connection)
    session = Session(kept, store, Pins(folder / "pins", "test"), uuid)
    session.actor = BO
    desk.open(session, Drafts(folder / "drafts"))
    return desk


def close_desk(desk: Desk) -> None:
    """Let go of the store: nothing the desk still waits for may touch it."""
    desk.session = None
    desk.jobs.close()


def use_screen(desk: Desk, name: str, make: Callable[[Desk], Screen]) -> None:
    """Put a real screen behind its name, empty ones behind the others."""
    for each in SCREENS:
        maker: Callable[[], Screen] = (lambda: make(desk)) if each == name else Screen
        word = "" if each in OFF_THE_RAIL else each.capitalize()
        desk.frame.register(Entry(each, maker, word, ICONS.get(each, each), rail="" if word else "samples"))


@dataclass(frozen=True)
class Bench:
    """What a receipt needs to find: a donor with consent, a box, a night at −80."""

    donor: str
    lab_number: str
    box: str
    overnight: str


def furnish(store: Store, *, consent: str = "given") -> Bench:
    """Register a donor born in 2018, male, with consent (or "" none), and a freezer with places."""
    donor = register_donor(
        store,
        ANNA,
        DonorForm("male", date(2018, 5, 4), None, "patient", (("lab", "DL20260417"),), "ALLTogether1"),
    )
    if consent:
        answers = {"STORE": "yes" if consent == "given" else "no"}
        for who in ("mother", "father"):
            form = ConsentForm(donor, consent, who, date(2026, 11, 18), date(2026, 11, 19), answers)
            record_consent(store, ANNA, form)
    freezer = add_container(store, ANNA, ContainerForm("Freezer −80", "F80-01", "-80"))
    shelf = add_container(store, ANNA, ContainerForm("Freezer shelf", "S2", None, freezer))
    rack = add_container(store, ANNA, ContainerForm("Freezer rack 4 × 5", "R4", None, shelf))
    box = add_container(store, ANNA, ContainerForm("Box 9 × 9", "BX00123", None, rack))
    night = add_container(
        store, ANNA, ContainerForm("Overnight freezing container", "CoolCell 1", None, shelf)
    )
    return Bench(donor, "DL20260417", box, night)
