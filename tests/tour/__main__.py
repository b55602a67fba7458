"""``make tour``: one tube through the real window, from the first start to the corrected record.

Leaves in build/tour a picture per step, labels.pdf (every symbol read back and compared), and tour.json with
the codes and how many scans and keys it took.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from biobank_desktop import language
from biobank_desktop.app import Program
from biobank_desktop.domain.codes import group, number
from biobank_desktop.gui import theme
from biobank_desktop.gui.record.correction import CorrectionForm
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.gui.widgets.picks import PickField
from biobank_desktop.persistence.queries import containers, samples
from biobank_desktop.persistence.queries.donors import by_alias, lines
from biobank_desktop.services.consent import ConsentForm, record_consent
from biobank_desktop.services.forms import enter_forms, shipped_forms
from biobank_desktop.services.verification import WholeVerification
from biobank_desktop.settings import read_settings
from tests.support.lab import add_boxes, add_donor
from tests.support.reading import codes_in_pdf
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.session import Session

OUT = Path("build/tour")
"""Where the pictures go, unless another folder is given."""
TUBE = "HX26110042"
PASSWORD = "right-horse"


class Tour:
    """The steps of one tube, in the order of the bench."""

    def __init__(self, home: Path, out: Path) -> None:
        os.environ["BIOBANK_HOME"] = str(home)
        os.environ.pop("BIOBANK_DB", None)
        language.choose("en")
        settings = replace(read_settings(), bench="bench 2", language="en", theme="light")
        self.program = Program(settings, sounds=Sounds(enabled=False))
        self.hands = Hands(self.program, out)
        self.out = out
        self.told: dict[str, object] = {}

    @property
    def session(self) -> Session:
        """The open session."""
        assert self.program.desk.session is not None
        return self.program.desk.session

    @property
    def store(self) -> Store:
        """The database behind the window; only touched while the window rests."""
        return self.session.store

    def run(self) -> dict[str, object]:
        """Walk."""
        self.first_start()
        self.master_data()
        self.receive()
        self.fill()
        self.place()
        self.look_up()
        self.correct()
        self.consent()
        self.finish()
        return self.told

    def first_start(self) -> None:
        """Step 1: an empty computer; the database, its administrator and the recovery code."""
        self.program.start()
        entrance = self.program.entrance
        self.hands.until(entrance.isVisible)
        self.hands.picture("first-start")
        entrance.name.set_text("Anna Jansen")
        entrance.login.set_text("anna")
        entrance.password.set_text(PASSWORD)
        entrance.again.set_text(PASSWORD)
        entrance.make.click()
        self.hands.until(self.program.recovery.isVisible)
        self.hands.picture("recovery-code")
        self.hands.until(self.program.recovery.done.isEnabled)
        self.program.recovery.done.click()
        self.hands.settle()
        self.hands.picture("today-empty")
        self.told["database"] = Path(self.session.settings.database).name

    def master_data(self) -> None:
        """What is there before a tube comes: a freezer, a tank, boxes, a donor with one parent's consent."""
        actor = self.session.require_actor()
        self.boxes = add_boxes(self.store, actor)
        self.donor = add_donor(self.store, actor)
        form = ConsentForm(
            self.donor, "given", "mother", date(2026, 11, 2), date(2026, 11, 3), {"STORE": "yes"}
        )
        record_consent(self.store, actor, form)
        enter_forms(self.store, actor, shipped_forms())
        self.told["donor"] = self.donor

    def receive(self) -> None:
        """Steps 2 to 6: the tube, the donor, what it is, the verdict, the plan, the labels."""
        hands = self.hands
        hands.scan(TUBE)
        hands.picture("tube-scanned")
        hands.scan(self.donor)
        hands.picture("donor-scanned")
        hands.type("2018m\n")
        hands.type("B")
        hands.picture("verdict-and-plan")
        hands.type("1 jan 940\n")
        hands.type("H3,2\nRNAR1N")
        hands.picture("everything-answered")
        hands.type("\n")
        hands.picture("registered-and-labels")
        self.vials = self._vials()
        self._labels()

    def fill(self) -> None:
        """Step 5, the second half: a spin started by button, then what was really made."""
        self.hands.type("G")
        self.hands.type("400\n25\nRN")
        self.hands.picture("density-gradient")
        self.hands.type("\n")
        self.hands.type("E")
        self.hands.picture("density-gradient-ended")
        self.hands.type("P")
        self.hands.picture("fill-as-planned")
        self.hands.type("\n")
        self.hands.picture("filled")
        assert {vial.state for vial in self._vials()} == {"filled"}

    def place(self) -> None:
        """Step 7: the box, the vials, a stop, an undo."""
        hands = self.hands
        cells = [vial.code for vial in self.vials if vial.material == "CEL"]
        plasma = [vial.code for vial in self.vials if vial.material == "PL1"]
        hands.scan(self.boxes.overnight)
        hands.picture("box-open")
        for code in cells:
            hands.scan(code)
        self.told["scans_to_place_four"] = hands.scans
        self.told["keys_to_place_four"] = hands.keys
        hands.picture("cells-placed")
        hands.scan(cells[0])
        assert self.program.frame.notices.stopped
        hands.picture("stop-already-stored")
        hands.type("\x1b")
        hands.chord(Qt.Key.Key_Z)
        with self.store.read() as connection:
            assert containers.place(connection, number(cells[-1])) is None
        hands.picture("undone")
        hands.scan(cells[-1])
        hands.scan(self.boxes.plasma)
        for code in plasma:
            hands.scan(code)
        hands.picture("all-placed")
        with self.store.read() as connection:
            lying = containers.places(connection, [vial.id for vial in self.vials])
        assert len(lying) == len(self.vials)

    def look_up(self) -> None:
        """Step 8: any code, scanned anywhere."""
        self.hands.chord(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
        self.hands.picture("today")
        self.hands.scan(self.vials[0].code)
        self.hands.picture("vial-record")
        self.hands.scan(self.boxes.plasma)
        self.hands.picture("box-map")
        self.hands.scan(TUBE)
        self.hands.picture("tube-record")

    def correct(self) -> None:
        """Step 9: the time point was read wrong; old and new stay, the labels are asked for again."""
        self.hands.type("C")
        form = self.program.frame.findChildren(CorrectionForm)[-1]
        time_point = form.field("time_point")
        assert isinstance(time_point, PickField)
        time_point.set_value("REL")
        form.why.set_text("Read from the wrong form")
        form.why.setFocus()
        self.hands.picture("correction-form")
        self.hands.type("\n")
        self.hands.picture("corrected")
        assert {vial.time_point for vial in self._vials()} == {"REL"}

    def consent(self) -> None:
        """The father's form comes in by post: everything on it, by keys alone."""
        hands = self.hands
        hands.scan(self.donor)
        before = hands.keys
        hands.type("CGF1")
        hands.type("21-11\tt\t\t")
        hands.type("YYYNYYY")
        hands.type("kok\thix 1188\t4")
        hands.picture("consent-form")
        hands.type("\n")
        hands.picture("consent-entered")
        self.told["keys_of_a_form"] = hands.keys - before
        with self.store.read() as connection:
            (*_before, line) = lines(connection, number(self.donor))
        assert (line.signatory, line.obtained_by, line.original_at, line.pages) == (
            "father",
            "kok",
            "hix 1188",
            4,
        )
        assert sorted(line.answers.values()) == ["no", *["yes"] * 6]

    def finish(self) -> None:
        """Check the whole and close."""
        self.program.desk.seal()
        self.hands.settle()
        verification = WholeVerification(self.store)
        findings = verification.run()
        assert findings == [], findings
        self.told |= {
            "events_verified": verification.events,
            "vials": [
                {"code": vial.code, "shown": group(vial.code), "material": vial.material, "no": vial.number}
                for vial in self.vials
            ],
            "scans": self.hands.scans,
            "keys": self.hands.keys,
            "pictures": self.hands.pictures,
        }
        self.program.close()

    def _vials(self) -> list[SampleRow]:
        with self.store.read() as connection:
            ((tube, _issuer),) = by_alias(connection, TUBE)
            return samples.vials(connection, tube)

    def _labels(self) -> None:
        folder = self.session.settings.data_folder / "labels"
        (made,) = folder.glob("*.pdf")
        shutil.copyfile(made, self.out / "labels.pdf")
        read = codes_in_pdf(made.read_bytes())
        assert sorted(read) == sorted(vial.code for vial in self.vials), read
        self.told["labels_read_back"] = len(read)


def main() -> int:
    """Walk through it and write what came out."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    theme.apply(app, theme.Scheme.LIGHT)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="biobank-tour-") as home:
        told = Tour(Path(home), out).run()
    (out / "tour.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps({key: told[key] for key in told if key not in {"vials", "pictures"}}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
