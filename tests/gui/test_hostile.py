"""What people typed is shown as they typed it, on every screen: never read as markup, never as a shortcut."""

from __future__ import annotations

import ast
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QModelIndex
from PySide6.QtGui import Qt, QTextDocumentFragment
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QTextEdit,
    QWidget,
)

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui.frame import Entry
from biobank_desktop.gui.notices import Level
from biobank_desktop.gui.widgets.texts import plain_tip
from tests.support.databases import ANNA, Databases, open_store
from tests.support.desks import ICONS, OFF_THE_RAIL, SCREENS, close_desk, open_desk
from tests.support.hostile import BOLD, NAMES, HostileLab, furnish
from tests.support.payloads import MARKUP, TEXTS
from tests.test_catalogues import calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.sounds import Sounds
    from biobank_desktop.gui.widgets.screen import Screen


@pytest.fixture(scope="module")
def hostile(sqlite_databases: Databases) -> tuple[str, HostileLab]:
    """The lab, made once: looking at it changes nothing."""
    address = sqlite_databases.lab()
    store = open_store(address)
    made = furnish(store)
    store.close()
    return address, made


@pytest.fixture
def desk(
    qtbot: QtBot,
    hostile: tuple[str, HostileLab],
    tmp_path_factory: pytest.TempPathFactory,
    sounds: Sounds,
) -> Iterator[Desk]:
    store = open_store(hostile[0])
    made = open_desk(store, tmp_path_factory.mktemp("desk"), sounds)
    qtbot.addWidget(made.frame)
    assert made.session is not None
    made.session.actor = ANNA
    for name in SCREENS:
        word = "" if name in OFF_THE_RAIL else name.capitalize()
        icon = ICONS.get(name, name)
        made.frame.register(Entry(name, _maker(made, name), word, icon, rail="" if word else "samples"))
    made.frame.resize(1366, 768)
    made.frame.show()
    yield made
    close_desk(made)
    store.close()


def _maker(desk: Desk, name: str) -> Callable[[], Screen]:
    def make() -> Screen:
        module = import_module(f"biobank_desktop.gui.{name}.screen")
        screen: Screen = getattr(module, f"{name.capitalize()}Screen")(desk)
        return screen

    return make


def settle() -> None:
    for _ in range(4):
        QCoreApplication.processEvents()


def widgets(desk: Desk) -> list[QWidget]:
    return [desk.frame, *desk.frame.findChildren(QWidget)]


def read_as_markup(desk: Desk) -> list[str]:
    """Every text in the window that Qt would read as something else than it says."""
    return [f"{type(widget).__name__}: {text}" for widget in widgets(desk) for text in _misread(widget)]


def _misread(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel):
        reads = {Qt.TextFormat.PlainText: False, Qt.TextFormat.AutoText: Qt.mightBeRichText(widget.text())}
        if reads.get(widget.textFormat(), True):
            yield widget.text()
    if isinstance(widget, QTextEdit) and widget.acceptRichText() and not widget.isReadOnly():
        yield "takes rich text"
    if isinstance(widget, QAbstractButton) and "&" in widget.text() and not widget.shortcut().isEmpty():
        yield f"{widget.text()} listens to {widget.shortcut().toString()}"
    for tip in (widget.toolTip(), widget.whatsThis(), widget.statusTip()):
        if Qt.mightBeRichText(tip) and _means_markup(tip):
            yield f"tip {tip}"
    if isinstance(widget, QAbstractItemView):
        yield from (f"cell {tip}" for tip in _cell_tips(widget))


def _means_markup(tip: str) -> bool:
    """Whether a rich tip holds an element that is none of the paragraphs that ``plain_tip`` makes."""
    return tip != plain_tip(_plain(tip))


def _plain(tip: str) -> str:
    return QTextDocumentFragment.fromHtml(tip).toPlainText()


def _cell_tips(view: QAbstractItemView) -> Iterator[str]:
    model = view.model()
    stack = [QModelIndex()]
    while stack:
        parent = stack.pop()
        for row in range(min(model.rowCount(parent), 200)):
            for column in range(model.columnCount(parent)):
                index = model.index(row, column, parent)
                tip = model.data(index, Qt.ItemDataRole.ToolTipRole)
                if tip and Qt.mightBeRichText(str(tip)) and _means_markup(str(tip)):
                    yield str(tip)
                if column == 0 and model.rowCount(index):
                    stack.append(index)


def shown_texts(desk: Desk) -> set[str]:
    found = set()
    for widget in widgets(desk):
        if isinstance(widget, (QLabel, QAbstractButton)):
            found.add(widget.text())
        if isinstance(widget, QAbstractItemView):
            model, stack = widget.model(), [QModelIndex()]
            while stack:
                parent = stack.pop()
                for row in range(model.rowCount(parent)):
                    for column in range(model.columnCount(parent)):
                        index = model.index(row, column, parent)
                        found.add(str(model.data(index, Qt.ItemDataRole.DisplayRole)))
                        if column == 0 and model.rowCount(index):
                            stack.append(index)
    return found


@pytest.mark.parametrize("name", [name for name in SCREENS if name != "record"])
def test_no_screen_reads_what_people_typed_as_markup(desk: Desk, name: str) -> None:
    desk.frame.show_screen(name)
    settle()
    desk.frame.grab()
    assert read_as_markup(desk) == []


def test_records_show_it_as_it_is(desk: Desk, hostile: tuple[str, HostileLab]) -> None:
    made = hostile[1]
    seen: set[str] = set()
    boxes = dict(zip(made.boxes, NAMES, strict=True))
    looked_at = list(boxes)[:: max(1, len(boxes) // 6)]
    for code in (made.tube, made.vials[0], made.donor, *looked_at):
        desk.show_record(codes.number(code))
        settle()
        desk.frame.grab()
        assert read_as_markup(desk) == [], code
        seen |= shown_texts(desk)
    said = "\n".join(seen)
    assert BOLD in said
    assert [boxes[code] for code in looked_at if boxes[code] not in said] == []


def test_the_history_shows_reasons_as_they_are(desk: Desk) -> None:
    desk.frame.show_screen("history")
    settle()
    screen = desk.frame.shown_screen()
    assert screen is not None
    view = next(view for view in screen.findChildren(QAbstractItemView) if view.model().rowCount() > 5)
    seen = []
    for row in range(0, view.model().rowCount(), 2):
        view.setCurrentIndex(view.model().index(row, 0))
        settle()
        seen += [label.text() for label in desk.frame.findChildren(QLabel)]
    assert read_as_markup(desk) == []
    said = "\n".join(seen)
    assert sum(f"why {text}" in said for text in MARKUP) >= len(MARKUP) // 2 - 1


def test_notices_show_what_a_problem_names_as_it_is(desk: Desk) -> None:
    notices = desk.frame.notices
    for text in (*MARKUP, *TEXTS[::5]):
        notices.say(text)
        notices.banner("test", text, Level.BROKEN)
        settle()
        assert read_as_markup(desk) == [], ascii(text)
        desk.tell(Rejected(Problem("code", "code-unknown", {"code": text})))
        settle()
        assert read_as_markup(desk) == [], ascii(text)


def test_every_tip_in_the_program_is_plain_or_its_own_words() -> None:
    for path, call in calls("setToolTip"):
        said = ast.unparse(call.args[0])
        assert "plain_tip(" in said or said.startswith("_(") or path.name == "rail.py", f"{path.name}: {said}"


@pytest.mark.parametrize("text", [text for text in TEXTS if text.strip()], ids=ascii)
def test_a_tip_says_exactly_its_text(qapp: QApplication, text: str) -> None:
    tip = plain_tip(text)
    if Qt.mightBeRichText(text):
        assert _plain(tip).split() == text.split()
    else:
        assert tip == text
