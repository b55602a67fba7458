from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from biobank_desktop.gui.notices import Action, Level, Notices
from biobank_desktop.gui.sounds import Sound, Sounds

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def notices(qtbot: QtBot, sounds: Sounds) -> Notices:
    made = Notices(sounds)
    qtbot.addWidget(made)
    return made


def test_nothing_to_say_takes_no_room(notices: Notices) -> None:
    assert notices.isHidden()
    assert notices.texts() == []


def test_a_line_replaces_the_line_before_and_goes_when_sent_away(notices: Notices, heard: list[str]) -> None:
    notices.say("Stored in C4.", sound=Sound.ACCEPTED)
    notices.say("Six of six stored.", sound=Sound.DONE)
    assert notices.texts() == ["Six of six stored."]
    assert heard == ["accepted", "done"]
    notices.clear_line()
    assert notices.texts() == []


def test_a_said_line_goes_by_itself_and_a_warning_does_not(qtbot: QtBot, notices: Notices) -> None:
    notices._fade.setInterval(0)
    notices.say("Stored in C4.")
    qtbot.waitUntil(lambda: notices.texts() == [])
    notices.say("Stored in C5.")
    notices.warn("The box is full.")
    assert not notices._fade.isActive()
    assert notices.texts() == ["The box is full."]


def test_a_stop_is_loud_and_needs_its_button(qtbot: QtBot, notices: Notices, heard: list[str]) -> None:
    said: list[str] = []
    notices.stop_raised.connect(lambda: said.append("raised"))
    notices.stop_cleared.connect(lambda: said.append("cleared"))
    notices.say("Stored in C4.")
    notices.stop("Wrong vial", "It belongs to another donor.", "Take it out.")
    assert notices.texts() == ["Wrong vial"]
    assert heard == ["stop"]
    notices._stop.button.click()
    assert notices.texts() == []
    assert said == ["raised", "cleared"]


def test_a_second_stop_replaces_the_words_and_is_heard_again(notices: Notices, heard: list[str]) -> None:
    raised: list[bool] = []
    notices.stop_raised.connect(lambda: raised.append(True))
    notices.stop("Wrong vial")
    notices.stop("Taken position")
    assert notices.texts() == ["Taken position"]
    assert heard == ["stop", "stop"]
    assert raised == [True]


def test_a_banner_stays_under_its_name_until_its_state_is_over(notices: Notices) -> None:
    notices.banner("connection", "The database cannot be reached.", Level.BROKEN)
    notices.banner("drafts", "Two drafts wait.", Level.INFO)
    notices.banner("connection", "Still trying.", Level.BROKEN)
    notices.say("Draft saved.")
    assert notices.texts() == ["Still trying.", "Two drafts wait.", "Draft saved."]
    notices.clear_banner("connection")
    notices.clear_banner("unknown")
    assert notices.texts() == ["Two drafts wait.", "Draft saved."]


def test_a_banners_action_runs(notices: Notices) -> None:
    ran: list[bool] = []
    notices.banner("connection", "Lost.", Level.BROKEN, Action("Try again", lambda: ran.append(True)))
    notices._banners["connection"].action.click()
    assert ran == [True]


def test_a_bug_is_reported_without_its_words(
    notices: Notices, caplog: pytest.LogCaptureFixture, heard: list[str]
) -> None:
    with caplog.at_level(logging.ERROR):
        number = notices.report_bug(ValueError("Sophie, born 3 March 2018"))
    (text,) = notices.texts()
    assert number in text
    assert "Sophie" not in text
    notices._banners[f"bug-{number}"].action.click()
    assert QGuiApplication.clipboard().text() == f"{number} ValueError"
    assert number in caplog.text
    assert heard == ["warning"]
    notices._banners[f"bug-{number}"].cross.click()
    assert notices.texts() == []
