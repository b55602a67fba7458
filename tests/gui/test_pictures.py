"""Cards, verdict, steps, label preview, timeline, family, sign-in."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.dates import LAB_ZONE
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui import theme
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.cards import Card, EmptyState, ProblemList, Section
from biobank_desktop.gui.widgets.family import ROW_PX, FamilyTree, Relative
from biobank_desktop.gui.widgets.label_preview import CutPart, LabelPreview
from biobank_desktop.gui.widgets.signin import Person, PersonSwitch, Reason, SignInPanel
from biobank_desktop.gui.widgets.stepper import Step, Stepper, StepState
from biobank_desktop.gui.widgets.timeline import Change, Happening, Timeline
from biobank_desktop.gui.widgets.verdicts import Shown, VerdictCard

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CODES = codes.run(CodeKind.SAMPLE, 2026, 4711, 4)


def words(widget: QWidget) -> list[str]:
    return [
        label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()
    ]


def test_a_verdict_shows_its_reason_and_derivation_on_demand(qtbot: QtBot) -> None:
    card = VerdictCard()
    qtbot.addWidget(card)
    assert card.property("role") == "tone-missing"
    card.show_verdict(
        Shown(Meaning.REFUSED, "Refused", "Consent was withdrawn.", ("Form RES-3", "Item 2: no"))
    )
    assert not card.isVisible()
    assert card.property("role") == "tone-refused"
    assert words(card) == ["Refused", "Consent was withdrawn."]
    card.why.click()
    assert words(card)[2:] == ["Form RES-3", "Item 2: no"]
    card.show_verdict(Shown(Meaning.PERMITTED, "Permitted", "Both parents agreed."))
    assert not card.is_open()
    assert card.why.isHidden()
    assert card.accessibleName() == "Permitted. Both parents agreed."


def test_all_problems_stand_together_stops_first(qtbot: QtBot) -> None:
    problems = ProblemList()
    qtbot.addWidget(problems)
    assert problems.isHidden()
    problems.show_problems(
        [Problem("volume", "odd", warning=True), Problem("drawn", "after-received")], {"drawn": "Drawn"}
    )
    assert words(problems) == ["Drawn", "problem.after-received", "problem.odd"]
    assert problems.property("role") == "tone-refused"
    problems.show_problems([])
    assert problems.isHidden()


def test_a_part_without_a_parent_never_becomes_a_window(qtbot: QtBot) -> None:
    problems = ProblemList()
    problems.show_problems([Problem("", "odd")])
    assert not problems.isVisible()
    card = Card("Problems")
    qtbot.addWidget(card)
    card.body.addWidget(problems)
    card.show()
    assert problems.isVisible()


def test_an_empty_state_offers_the_first_step(qtbot: QtBot) -> None:
    empty = EmptyState("vial", "No vials to fill", "They wait here.", "Receive a tube")
    qtbot.addWidget(empty)
    with qtbot.waitSignal(empty.acted):
        empty.button.click()
    section = Section("Labels")
    qtbot.addWidget(section)
    section.set_heading("Labels", "2 of 6")
    assert words(section) == ["Labels", "2 of 6"]


def test_steps_are_said_aloud_with_their_state(qtbot: QtBot) -> None:
    stepper = Stepper()
    qtbot.addWidget(stepper)
    stepper.set_steps(
        [Step("Tube", StepState.DONE, "HX1"), Step("Labels", StepState.NOW), Step("Box", StepState.LATER)]
    )
    assert stepper.accessibleName() == "Tube HX1 (done), Labels  (now), Box  (later)"
    assert stepper.sizeHint().width() > 150


def symbol(code: str) -> Image.Image:
    drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=4)
    return Image.fromarray(drawn).convert("1")


@pytest.mark.parametrize("way", ["png", "one bit", "grey"])
def test_a_label_is_shown_dot_for_dot_and_still_scans(qtbot: QtBot, way: str) -> None:
    preview = LabelPreview()
    qtbot.addWidget(preview)
    image = symbol(CODES[0])
    if way == "png":
        file = io.BytesIO()
        image.save(file, "PNG")
        preview.set_png(file.getvalue())
    else:
        preview.set_image(image if way == "one bit" else image.convert("L"))
    preview.resize(preview.sizeHint() * 2)
    shown = preview.grab().toImage()
    pixels = Image.frombytes("RGBA", (shown.width(), shown.height()), bytes(shown.constBits()), "raw", "BGRA")
    found = zxingcpp.read_barcodes(pixels.convert("L"))
    assert [each.text for each in found] == [CODES[0]]


def test_the_parts_of_a_label_are_white_on_their_liner_and_keep_their_ink(qtbot: QtBot) -> None:
    preview = LabelPreview()
    qtbot.addWidget(preview)
    image = Image.new("L", (200, 100), 255)
    image.paste(0, (10, 40, 30, 60))
    preview.set_image(image)
    whole, tail = QRectF(0, 0, 0.5, 1), QRectF(0.75, 0.2, 0.2, 0.6)
    preview.set_parts([CutPart(whole, False, True), CutPart(tail, False, False)])
    preview.resize(216, 116)
    shown = preview.grab().toImage()
    liner = theme.color("well_free").name()
    at = {(20, 50): "#000000", (60, 50): "#ffffff", (130, 50): liner, (170, 50): liner}
    assert {place: shown.pixelColor(8 + place[0], 8 + place[1]).name() for place in at} == at


def test_what_is_no_label_is_refused(qtbot: QtBot) -> None:
    preview = LabelPreview()
    qtbot.addWidget(preview)
    with pytest.raises(ValueError, match="picture"):
        preview.set_png(b"no picture")
    with pytest.raises(ValueError, match="black and white"):
        preview.set_image(Image.new("RGB", (4, 4)))


def test_a_timeline_shows_who_what_when_old_new_and_why(qtbot: QtBot) -> None:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    corrected = Happening(
        NOON,
        "Volume corrected",
        "M. de Vries",
        "bench 2",
        (Change("Volume", "480 µL", "500 µL"),),
        "Misread.",
    )
    timeline.add([corrected, Happening(NOON - timedelta(days=1), "Label printed", "A. Jansen")], more=True)
    local = f"{NOON.astimezone(LAB_ZONE):%H:%M}"
    assert words(timeline) == [
        *["22 Nov 2026", "Volume corrected", local, "M. de Vries · bench 2"],
        *["Volume", "480 µL", "→", "500 µL", "Why: Misread."],
        *["21 Nov 2026", "Label printed", local, "A. Jansen"],
    ]


def test_a_timeline_goes_on_by_pages(qtbot: QtBot) -> None:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.add([Happening(NOON, "Placed", "A. Jansen")], more=True)
    with qtbot.waitSignal(timeline.more_wanted):
        timeline.more.click()
    timeline.add([Happening(NOON, "Planned", "A. Jansen")], more=False)
    assert timeline.more.isHidden()
    assert words(timeline).count("22 Nov 2026") == 1
    assert timeline.count() == 2
    timeline.clear()
    assert (timeline.count(), words(timeline)) == (0, [])


@pytest.fixture
def tree(qtbot: QtBot) -> FamilyTree:
    made = FamilyTree()
    qtbot.addWidget(made)
    deep = Relative(CODES[2], "DNA", "stored")
    vials = (Relative(CODES[1], "MNC 1/2", "stored", (deep,)), Relative(CODES[3], "MNC 2/2", "void"))
    made.show_family(Relative(CODES[0], "Bone marrow", "used up", vials, icon="tube"), CODES[1])
    made.resize(made.sizeHint())
    made.show()
    return made


def test_a_family_stands_in_order_and_enter_opens(qtbot: QtBot, tree: FamilyTree) -> None:
    assert [(row.relative.code, row.depth, row.parent_row) for row in tree._rows] == [
        (CODES[0], 0, -1),
        (CODES[1], 1, 0),
        (CODES[2], 2, 1),
        (CODES[3], 1, 0),
    ]
    assert tree.accessibleDescription() == f"{CODES[1]} MNC 1/2 stored"
    QTest.keyClick(tree, Qt.Key.Key_Down)
    with qtbot.waitSignal(tree.opened) as opened:
        QTest.keyClick(tree, Qt.Key.Key_Return)
    assert opened.args == [CODES[2]]


def test_a_click_opens_a_relative_and_beside_it_nothing(qtbot: QtBot, tree: FamilyTree) -> None:
    opened: list[str] = []
    tree.opened.connect(opened.append)
    QTest.mouseClick(tree, Qt.MouseButton.LeftButton, pos=QPoint(100, ROW_PX * 3 + 10))
    tree.resize(320, 400)
    QTest.mouseClick(tree, Qt.MouseButton.LeftButton, pos=QPoint(100, 390))
    assert opened == [CODES[3]]


def test_signing_in_asks_once_and_keeps_the_login_when_refused(qtbot: QtBot) -> None:
    panel = SignInPanel()
    qtbot.addWidget(panel)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    asked: list[tuple[str, str]] = []
    panel.submitted.connect(lambda login, password: asked.append((login, password)))
    panel.login.editor.setFocus()
    QTest.keyClicks(panel.login.editor, "jansen")
    QTest.keyClick(panel.login.editor, Qt.Key.Key_Return)
    assert panel.password.editor.hasFocus()
    QTest.keyClicks(panel.password.editor, " spaces count ")
    QTest.keyClick(panel.password.editor, Qt.Key.Key_Return)
    QTest.keyClick(panel.password.editor, Qt.Key.Key_Return)
    assert asked == [("jansen", " spaces count ")]
    panel.refuse("This login and password do not belong together.")
    assert (panel.login.text(), panel.password.editor.text()) == ("jansen", "")
    assert panel.button.isEnabled()
    assert "This login and password do not belong together." in words(panel)


def test_a_locked_bench_and_a_signature_name_their_person(qtbot: QtBot) -> None:
    panel = SignInPanel()
    qtbot.addWidget(panel)
    panel.ask(Reason.LOCKED, "jansen", "Locked after 15 minutes.")
    assert not panel.login.isEnabled()
    with qtbot.waitSignal(panel.other_wanted):
        panel.other.click()
    panel.ask(Reason.AGAIN, "jansen", "Destroy 4 vials")
    assert panel.other.isHidden()
    with qtbot.waitSignal(panel.gave_up):
        QTest.keyClick(panel, Qt.Key.Key_Escape)


def test_persons_are_switched_by_their_number(qtbot: QtBot) -> None:
    switch = PersonSwitch()
    qtbot.addWidget(switch)
    switch.show_persons(
        [Person("jansen", "A. Jansen", "technician"), Person("vries", "M. de Vries", "manager")]
    )
    chosen: list[str] = []
    switch.chosen.connect(chosen.append)
    QTest.keyClick(switch, Qt.Key.Key_2)
    switch._buttons[0].click()
    assert not switch.take_letter("7")
    with qtbot.waitSignal(switch.other_wanted):
        QTest.keyClick(switch, Qt.Key.Key_0)
    assert chosen == ["vries", "jansen"]
