from __future__ import annotations

import gettext
from typing import TYPE_CHECKING, Any

import pytest

from biobank_desktop.gui.commands import window_commands
from biobank_desktop.gui.frame import Entry
from biobank_desktop.gui.widgets.screen import Screen

if TYPE_CHECKING:
    from biobank_desktop.gui.frame import Frame

ARRIVED: list[tuple[str, dict[str, Any]]] = []


class Place(Screen):
    help_text = "What is done here."

    def arrive(self, **arguments: Any) -> None:
        ARRIVED.append((self.title, arguments))


@pytest.fixture
def window(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> Frame:
    monkeypatch.setattr("biobank_desktop.language._catalogue", gettext.NullTranslations())
    ARRIVED.clear()
    for name in ("donors", "history", "settings"):
        place = Place()
        place.title = name
        frame.register(Entry(name, lambda place=place: place, name))  # type: ignore[misc]
    frame.show_screen("history")
    return frame


def run(window: Frame, title: str) -> None:
    (command,) = [one for one in window_commands(window) if one.title == title]
    command.run()


def test_a_command_goes_where_it_is_done(window: Frame) -> None:
    for title in (
        "Register a donor",
        "What if: whose verdict would change",
        "Verify the history",
        "Printers",
    ):
        run(window, title)
    assert ARRIVED[1:] == [
        ("donors", {"register": True}),
        ("donors", {"what_if": True}),
        ("history", {"verify": True}),
        ("settings", {"section": "printers"}),
    ]


def test_undo_lock_and_help_are_found_too_and_a_stop_holds_undo(window: Frame) -> None:
    said: list[str] = []
    window.undo_wanted.connect(lambda: said.append("undo"))
    window.lock_wanted.connect(lambda: said.append("lock"))
    run(window, "Undo the last command")
    run(window, "Lock this bench")
    assert said == ["undo", "lock"]
    run(window, "Explain this screen")
    assert window.context.helps()
    window.notices.stop("Wrong vial")
    run(window, "Undo the last command")
    assert said == ["undo", "lock"]
