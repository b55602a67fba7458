from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, QThread
from shiboken6 import delete

from biobank_desktop.gui.jobs import Jobs, Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pytestqt.qtbot import QtBot


class Gate:
    """Holds the database thread until the test opens it."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.entered = threading.Event()

    def hold(self) -> None:
        self.entered.set()
        assert self._open.wait(30)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def owner(qapp: QObject) -> QObject:
    return QObject()


def wait_until_idle(qtbot: QtBot, jobs: Jobs) -> None:
    qtbot.waitUntil(lambda: not jobs.busy, timeout=30_000)


def test_work_runs_elsewhere_and_its_result_comes_here(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    here = QThread.currentThread()
    worked_on: list[str] = []
    came: list[tuple[int, bool]] = []

    def work() -> int:
        worked_on.append(threading.current_thread().name)
        return 42

    jobs.run(owner, work, lambda result: came.append((result, QThread.currentThread() is here)))
    wait_until_idle(qtbot, jobs)
    assert came == [(42, True)]
    assert worked_on == ["database"]


def test_all_database_work_shares_one_thread_and_files_have_another(
    qtbot: QtBot, jobs: Jobs, owner: QObject
) -> None:
    seen: dict[str, set[int]] = {"database": set(), "files": set()}

    def note() -> None:
        seen[threading.current_thread().name].add(threading.get_ident())

    for _turn in range(5):
        jobs.run(owner, note)
        jobs.run_aside(owner, note)
    wait_until_idle(qtbot, jobs)
    assert [len(each) for each in seen.values()] == [1, 1]
    assert seen["database"].isdisjoint(seen["files"])


def test_a_scan_goes_before_a_screen_and_both_before_long_work(
    qtbot: QtBot, jobs: Jobs, owner: QObject
) -> None:
    gate, order = Gate(), list[str]()
    jobs.run(owner, gate.hold)

    def steps() -> Generator[None, None, None]:
        for number in range(3):
            order.append(f"step {number}")
            yield

    jobs.run_long(owner, steps)
    jobs.run(owner, lambda: order.append("screen"))
    jobs.run(owner, lambda: order.append("scan"), priority=Priority.SCAN)
    gate.open()
    wait_until_idle(qtbot, jobs)
    assert order == ["scan", "screen", "step 0", "step 1", "step 2"]


def test_a_scan_comes_between_two_steps(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    gate, order = Gate(), list[str]()

    def steps() -> Generator[None, None, str]:
        order.append("first step")
        gate.hold()
        yield
        order.append("second step")
        yield
        return "whole"

    jobs.run_long(owner, steps, order.append)
    assert gate.entered.wait(30)
    jobs.run(owner, lambda: order.append("scan"), priority=Priority.SCAN)
    gate.open()
    wait_until_idle(qtbot, jobs)
    assert order == ["first step", "scan", "second step", "whole"]


def test_long_work_tells_its_progress_and_ends_with_its_result(
    qtbot: QtBot, jobs: Jobs, owner: QObject
) -> None:
    told: list[int] = []
    came: list[str] = []

    def steps() -> Generator[int, None, str]:
        yield from range(1, 51)
        return "done"

    jobs.run_long(owner, steps, came.append, progress=told.append)
    wait_until_idle(qtbot, jobs)
    assert came == ["done"]
    assert told == sorted(set(told))
    assert told
    assert told[-1] <= 50


def test_long_work_is_cancelled_between_steps_and_cleans_up(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    gate, log = Gate(), list[str]()

    def steps() -> Generator[None, None, None]:
        try:
            log.append("step")
            gate.hold()
            yield
            log.append("never")
            yield
        finally:
            log.append("cleaned up")

    job = jobs.run_long(owner, steps, lambda _: log.append("then"), cancelled=lambda: log.append("cancelled"))
    assert gate.entered.wait(30)
    job.cancel()
    gate.open()
    wait_until_idle(qtbot, jobs)
    assert log == ["step", "cleaned up", "cancelled"]


def test_only_the_newest_of_a_key_is_answered_and_the_waiting_ones_are_not_even_done(
    qtbot: QtBot, jobs: Jobs, owner: QObject
) -> None:
    gate, done, came = Gate(), list[str](), list[str]()

    def search(text: str) -> Callable[[], str]:
        def work() -> str:
            if text == "P":
                gate.hold()
            done.append(text)
            return text

        return work

    jobs.run(owner, search("P"), came.append, newest="search")
    assert gate.entered.wait(30)
    jobs.run(owner, search("PM"), came.append, newest="search")
    jobs.run(owner, search("PM2"), came.append, newest="search")
    jobs.run(owner, search("other"), came.append, newest="count")
    gate.open()
    wait_until_idle(qtbot, jobs)
    assert came == ["PM2", "other"]
    assert done == ["P", "PM2", "other"]


def test_a_dead_owner_is_told_nothing_but_its_write_is_done(qtbot: QtBot, jobs: Jobs) -> None:
    gate, log = Gate(), list[str]()
    owner = QObject()
    jobs.run(owner, gate.hold)
    jobs.run(owner, lambda: log.append("written"), lambda _: log.append("told"))
    delete(owner)
    gate.open()
    wait_until_idle(qtbot, jobs)
    assert log == ["written"]


def test_long_work_of_a_dead_owner_ends_at_the_next_step(qtbot: QtBot, jobs: Jobs) -> None:
    gate, log = Gate(), list[str]()
    owner = QObject()

    def steps() -> Generator[None, None, None]:
        gate.hold()
        yield
        log.append("went on")

    jobs.run_long(owner, steps)
    assert gate.entered.wait(30)
    delete(owner)
    gate.open()
    wait_until_idle(qtbot, jobs)
    assert log == []


def test_an_error_goes_to_who_asked_else_to_everybody(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    mine: list[Exception] = []
    everybodys: list[tuple[object, object]] = []
    jobs.failed.connect(lambda who, error: everybodys.append((who, error)))

    def fail() -> None:
        raise LookupError("no such tube")

    jobs.run(owner, fail, failed=mine.append)
    jobs.run(owner, fail)
    wait_until_idle(qtbot, jobs)
    assert [str(error) for error in mine] == ["no such tube"]
    assert [(who is owner, str(error)) for who, error in everybodys] == [(True, "no such tube")]


def test_an_error_in_a_later_step_is_delivered_too(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    mine: list[Exception] = []

    def steps() -> Generator[None, None, None]:
        yield
        raise LookupError("broken in the middle")

    jobs.run_long(owner, steps, failed=mine.append)
    wait_until_idle(qtbot, jobs)
    assert [str(error) for error in mine] == ["broken in the middle"]


def test_busy_is_said_once_for_several_jobs(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    said: list[bool] = []
    jobs.busy_changed.connect(said.append)
    gate = Gate()
    jobs.run(owner, gate.hold)
    jobs.run(owner, lambda: None)
    gate.open()
    wait_until_idle(qtbot, jobs)
    assert said == [True, False]


def test_close_finishes_writes_and_drops_reads_and_long_work(qapp: QObject, owner: QObject) -> None:
    jobs = Jobs()
    log: list[str] = []
    lane = jobs._database

    def hold_until_closing() -> None:
        with lane._changed:
            assert lane._changed.wait_for(lambda: lane._closing, 30)

    def steps() -> Generator[None, None, None]:
        log.append("long")
        yield

    jobs.run(owner, hold_until_closing)
    jobs.run(owner, lambda: log.append("write"))
    jobs.run(owner, lambda: log.append("read"), newest="search")
    jobs.run_long(owner, steps)
    jobs.close()
    assert log == ["write"]
    with pytest.raises(RuntimeError, match="closing"):
        jobs.run(owner, lambda: None)


def test_jobs_are_started_on_the_windows_thread_only(jobs: Jobs, owner: QObject) -> None:
    caught: list[str] = []

    def start() -> None:
        try:
            jobs.run(owner, lambda: None)
        except RuntimeError as error:
            caught.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert caught == ["jobs are started on the window's thread"]


def test_inline_does_everything_before_it_returns(owner: QObject) -> None:
    jobs = Jobs(inline=True)
    log: list[object] = []

    def steps() -> Generator[int, None, str]:
        yield 1
        yield 2
        return "end"

    jobs.run(owner, lambda: 7, log.append)
    jobs.run_long(owner, steps, log.append, progress=log.append)
    assert log == [7, 1, 2, "end"]
    assert not jobs.busy


def test_what_a_job_holds_is_freed_on_the_windows_thread(qtbot: QtBot, jobs: Jobs, owner: QObject) -> None:
    freed_on: list[str] = []

    class Held:
        def __del__(self) -> None:
            freed_on.append(threading.current_thread().name)

    def start() -> None:
        held = Held()
        jobs.run(owner, lambda: held is None, lambda _: None)

    for _turn in range(200):
        start()
    wait_until_idle(qtbot, jobs)
    assert freed_on == [threading.current_thread().name] * 200
