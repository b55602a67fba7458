"""The whole threading of the window: one database thread, one for printing and files.

The window's thread owns every ``Job`` from start to delivery, so no widget and no callback is ever freed on
another thread: the lane lets go of a job before it says the job has ended.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot
from shiboken6 import isValid

T = TypeVar("T")
Steps = Generator[Any, None, T]


class Priority(IntEnum):
    """Who goes first on a lane: a scan before a screen, a screen before the next step of long work."""

    SCAN = 0
    SCREEN = 1
    LONG = 2


class Ending(Enum):
    """How a job ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class Job:
    """Work under way. Made by ``Jobs``; ``cancel`` is for whoever started it."""

    serial: int
    owner: QObject
    work: Callable[[], Any]
    priority: Priority
    then: Callable[[Any], None] | None = None
    failed: Callable[[Exception], None] | None = None
    progress: Callable[[Any], None] | None = None
    cancelled: Callable[[], None] | None = None
    key: str | None = None
    ended: Callable[[], None] | None = None
    long: bool = False
    unwanted: bool = False
    steps: Steps[Any] | None = None
    latest: Any = None
    told: bool = field(default=True)
    result: Any = None
    error: BaseException | None = None
    ending: Ending = Ending.DONE

    def cancel(self) -> None:
        """Stop before the next step (a job of one step: before it begins); what is committed stays."""
        self.unwanted = True

    def __lt__(self, other: Job) -> bool:
        return (self.priority, self.serial) < (other.priority, other.serial)


class _Lane:
    """A thread that takes the most urgent job and does one step of it at a time."""

    def __init__(self, name: str, ended: Callable[[int], None], progressed: Callable[[int], None]) -> None:
        self._ended = ended
        self._progressed = progressed
        self._waiting: list[Job] = []
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._turn, name=name, daemon=True)

    def put(self, job: Job) -> None:
        with self._changed:
            heapq.heappush(self._waiting, job)
            self._changed.notify()
            if not self._thread.is_alive():
                self._thread.start()

    def close(self) -> None:
        """Finish what may be a write, drop queued reads and long work, and end the thread."""
        with self._changed:
            self._closing = True
            for job in self._waiting:
                if job.key is not None or job.long:
                    job.cancel()
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _turn(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    if self._closing:
                        return
                    self._changed.wait()
                job = heapq.heappop(self._waiting)
                if self._closing and job.long:
                    job.cancel()
            serial = job.serial
            if advance(job):
                del job
                self._ended(serial)
                continue
            if job.told is False:
                self._progressed(serial)
            with self._changed:
                heapq.heappush(self._waiting, job)
            del job


def advance(job: Job) -> bool:
    """Do one step of the job; True when it has ended."""
    try:
        return _step(job)
    except Exception as error:
        job.error, job.ending = error, Ending.FAILED
        return True
    finally:
        del job


def _step(job: Job) -> bool:
    if job.unwanted or (job.long and not isValid(job.owner)):
        if job.steps is not None:
            job.steps.close()
        job.ending = Ending.CANCELLED
        return True
    if not job.long:
        job.result = job.work()
        return True
    if job.steps is None:
        job.steps = job.work()
    try:
        job.latest = next(job.steps)
    except StopIteration as stop:
        job.result = stop.value
        return True
    job.told = job.latest is None or job.progress is None
    return False


class Jobs(QObject):
    """Run work away from the window's thread and deliver every result on it.

    ``inline=True`` does everything at once in the caller, for tests of screens.
    """

    failed = Signal(object, object)
    """owner, exception nobody handled"""
    busy_changed = Signal(bool)
    """True when the first job starts, False when the last has been delivered"""
    _ended = Signal(int)
    _progressed = Signal(int)

    def __init__(self, *, inline: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._inline = inline
        self._serial = 0
        self._alive: dict[int, Job] = {}
        self._newest: WeakKeyDictionary[QObject, dict[str, Job]] = WeakKeyDictionary()
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._progressed.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._database = _Lane("database", self._ended.emit, self._progressed.emit)
        self._files = _Lane("files", self._ended.emit, self._progressed.emit)
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether anything is waiting, running or not yet delivered."""
        return bool(self._alive)

    def run(
        self,
        owner: QObject,
        work: Callable[[], T],
        then: Callable[[T], None] | None = None,
        *,
        failed: Callable[[Exception], None] | None = None,
        newest: str | None = None,
        priority: Priority = Priority.SCREEN,
        ended: Callable[[], None] | None = None,
    ) -> Job:
        """Do ``work`` on the database thread, then hand its result to ``then`` on the window's.

        A dead ``owner`` is told nothing. With ``newest`` (reads only) a later job of the same owner and key
        makes this one void, even while it waits. An exception goes to ``failed``, else to the signal.
        ``ended`` is called before either, whatever became of it.
        """
        job = Job(self._next(), owner, work, priority, then, failed, key=newest, ended=ended)
        return self._start(job, self._database)

    def run_long(
        self,
        owner: QObject,
        steps: Callable[[], Steps[T]],
        then: Callable[[T], None] | None = None,
        *,
        failed: Callable[[Exception], None] | None = None,
        progress: Callable[[Any], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        newest: str | None = None,
    ) -> Job:
        """Do a generator's steps (20 ms at most each) on the database thread, anything urgent in between.

        What the generator yields goes to ``progress``, only the latest when they come fast; what it returns
        goes to ``then``.
        """
        job = Job(
            self._next(), owner, steps, Priority.LONG, then, failed, progress, cancelled, newest, long=True
        )
        return self._start(job, self._database)

    def run_aside(
        self,
        owner: QObject,
        work: Callable[[], T],
        then: Callable[[T], None] | None = None,
        *,
        failed: Callable[[Exception], None] | None = None,
        newest: str | None = None,
    ) -> Job:
        """Print or touch a file, beside the database."""
        job = Job(self._next(), owner, work, Priority.SCREEN, then, failed, key=newest)
        return self._start(job, self._files)

    def close(self) -> None:
        """End both threads: writes under way or queued are finished, reads and long work dropped.

        Nobody is told what comes of them any more.
        """
        self._closed = True
        self._database.close()
        self._files.close()

    def _next(self) -> int:
        if QThread.currentThread() is not self.thread():
            raise RuntimeError("jobs are started on the window's thread")
        if self._closed:
            raise RuntimeError("the program is closing")
        self._serial += 1
        return self._serial

    def _start(self, job: Job, lane: _Lane) -> Job:
        if job.key is not None:
            mine = self._newest.setdefault(job.owner, {})
            if job.key in mine:
                mine[job.key].cancel()
            mine[job.key] = job
        self._alive[job.serial] = job
        if len(self._alive) == 1:
            self.busy_changed.emit(True)
        if self._inline:
            self._do_at_once(job)
        else:
            lane.put(job)
        return job

    def _do_at_once(self, job: Job) -> None:
        while not advance(job):
            self._tell(job.serial)
        self._deliver(job.serial)

    @Slot(int)
    def _tell(self, serial: int) -> None:
        job = self._alive.get(serial)
        if job is None or job.told:
            return
        job.told = True
        if job.progress is not None and not job.unwanted and isValid(job.owner):
            job.progress(job.latest)

    @Slot(int)
    def _deliver(self, serial: int) -> None:
        job = self._alive.pop(serial)
        try:
            if job.ended is not None:
                job.ended()
            if isValid(job.owner) and not self._closed:
                self._answer(job)
        finally:
            if not self._alive:
                self.busy_changed.emit(False)

    def _answer(self, job: Job) -> None:
        mine = self._newest.get(job.owner, {})
        if job.key is not None and mine.get(job.key) is job:
            del mine[job.key]
        if job.ending is Ending.FAILED and isinstance(job.error, Exception):
            if job.unwanted and job.key is not None:
                return
            if job.failed is not None:
                job.failed(job.error)
            else:
                self.failed.emit(job.owner, job.error)
        elif job.ending is Ending.CANCELLED:
            if job.cancelled is not None:
                job.cancelled()
        elif job.then is not None and not (job.unwanted and (job.key is not None or job.long)):
            job.then(job.result)
