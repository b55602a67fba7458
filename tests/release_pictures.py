"""The pictures of docs/releases.md and docs/quarantine.md: light and dark, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PIL import Image

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain.nonconformities import Cause
from biobank_desktop.domain.people import Signed
from biobank_desktop.gui import theme
from biobank_desktop.gui.quarantine.screen import QuarantineScreen
from biobank_desktop.gui.releases.screen import ReleasesScreen
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.services import processing, quarantine, releases
from biobank_desktop.services.demo import PASSWORD
from biobank_desktop.services.processing import StepForm
from tests.consent_pictures import MANAGER, SCHEMES, SIZE
from tests.support.lab import add_boxes, add_donor, consent_of_both
from tests.support.leaving import STUDY, found_wrong, kept
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.settings import Settings

LOT = "FBS-77"


def prepare_leaving(store: Store, actor: Actor) -> None:
    """Releases and nonconformities at every stage."""
    box = add_boxes(store, actor, prefix="R ").plasma
    first, second = kept(store, actor, box, 4), kept(store, actor, box, 6)
    asked = add_donor(store, actor)
    consent_of_both(store, actor, asked)  # nobody asked them about sharing
    other = kept(store, actor, box, 2, asked)
    left = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, left, first.vials[:2])
    releases.issue(store, actor, left)
    spun = StepForm(
        "spin", datetime.now(UTC) - timedelta(minutes=1), speed_g=400, device="Rotina 420", lot=LOT
    )
    processing.start_step(store, actor, first.tube, spun)
    warm = found_wrong(first.vials[2], other.vials[1], what="Rotina 420 ran warm: 14 °C instead of 4 °C")
    no = quarantine.report(store, actor, warm)
    quarantine.decide(
        store, Signed(actor), no, [first.vials[2]], "accept", "below 20 °C throughout, within SOP 12"
    )
    quarantine.decide(store, Signed(actor), no, [other.vials[1]], "destroy", "an hour above 20 °C")
    quarantine.report(
        store,
        actor,
        found_wrong(
            first.vials[3], second.vials[5], kind="alarm", what="Freezer F80-01 at −61 °C for two hours",
            cause=Cause(device="F80-01", since=datetime.now(UTC) - timedelta(hours=3)),
        ),
    )  # fmt: skip
    form = replace(STUDY, study="MRD by flow cytometry", bdac="BDAC-2026-021", note="return the dry shipper")
    now_open = releases.open_release(store, actor, form)
    releases.choose(store, actor, now_open, [*second.vials[:4], other.vials[0]])


class ReleaseAlbum:
    """One scheme and one language."""

    def __init__(self, app: QApplication, kept: Settings, scheme: str, spoken: str, out: Path) -> None:
        language.choose(spoken)
        theme.apply(app, SCHEMES[scheme])
        self._name, self._out = f"{scheme}-{spoken}", out
        self._program = Program(replace(kept, language=spoken), sounds=Sounds(enabled=False))
        self._hands = Hands(self._program, out)
        self._program.frame.resize(*SIZE)
        self._program.start()
        self._hands.until(lambda: self._program.desk.session is not None)
        self._program.sign_in(MANAGER, PASSWORD)
        self._hands.until(lambda: self._program.desk.actor is not None)

    def take(self) -> None:
        """Every page of both screens; what the demonstration lab has of its own comes first."""
        self._releases()
        self._quarantine()
        self._program.close()
        self._program.frame.close()

    def _releases(self) -> None:
        frame = self._program.frame
        frame.show_screen("releases")
        self._save("releases")
        screen = frame.shown_screen()
        assert isinstance(screen, ReleasesScreen)
        frame.show_screen("releases", release=4)
        self._save("release")
        self._hands.scan(screen.view.not_going.all_rows()[0].line.code)
        self._save("release-refused")
        frame.step_back()
        self._hands.type("i")
        self._save("release-issue")
        frame.step_back()
        frame.show_screen("releases", release=3)
        self._save("release-issued")
        screen.begin_new()
        screen.new_form.fill(replace(STUDY, bdac="", country="US"))
        screen.press_primary()
        self._save("release-new")

    def _quarantine(self) -> None:
        frame = self._program.frame
        frame.show_screen("quarantine")
        self._save("quarantine")
        frame.show_screen("quarantine", nonconformity=2)
        self._save("nonconformity")
        frame.show_screen("quarantine", nonconformity=3)
        self._hands.settle()
        self._hands.type("a")
        self._save("nonconformity-accept")
        frame.step_back()
        frame.show_screen("quarantine", report=True)
        screen = frame.shown_screen()
        assert isinstance(screen, QuarantineScreen)
        screen.look.form.lot.set_text(LOT)
        screen.press_primary()
        self._save("what-did-this-touch")

    def _save(self, what: str) -> None:
        """Keep what the window shows, in 256 colours: enough for a window, a third of the size."""
        self._hands.settle()
        self._hands.wait(400)
        self._out.mkdir(parents=True, exist_ok=True)
        path = self._out / f"{what}-{self._name}.png"
        self._program.frame.grab().save(str(path))
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
