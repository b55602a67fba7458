"""The composition root: window first, then the database, then the person, then the work."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QLocale, QObject, QTimer
from PySide6.QtWidgets import QApplication

from biobank_desktop import language
from biobank_desktop.domain.problems import IntegrityBroken, Problem, Rejected, Unavailable
from biobank_desktop.gui import theme
from biobank_desktop.gui.backing_up import AutoBackup
from biobank_desktop.gui.collector import Collector
from biobank_desktop.gui.commands import window_commands
from biobank_desktop.gui.desk import Desk
from biobank_desktop.gui.drafts import Drafts
from biobank_desktop.gui.frame import Entry, Frame, utc_now
from biobank_desktop.gui.jobs import Jobs
from biobank_desktop.gui.notices import Level
from biobank_desktop.gui.routes import Routes
from biobank_desktop.gui.sounds import Sounds
from biobank_desktop.gui.widgets.status_line import Light
from biobank_desktop.language import _, say
from biobank_desktop.settings import Settings, default_settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.entrance.panels import FirstStartPanel, RecoveryPanel, TroublePanel
    from biobank_desktop.gui.widgets.screen import Screen
    from biobank_desktop.gui.widgets.signin import SignInPanel
    from biobank_desktop.persistence.steps import Progress, Steps
    from biobank_desktop.services.lab import Founded
    from biobank_desktop.session import Session

LONGEST_UNLOCKED_MINUTES = 30


class Program(QObject):
    """The running program: owns the window, the threads and the session, and decides what comes next."""

    def __init__(
        self,
        settings: Settings,
        *,
        unread: Sequence[Problem] = (),
        sounds: Sounds | None = None,
        jobs: Jobs | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self._unread = tuple(unread)
        self.jobs = jobs or Jobs(parent=self)
        self.frame = Frame(sounds or _sounds(settings))
        self.desk = Desk(self.jobs, self.frame, self)
        self.routes = Routes(self.desk, self)
        self.backups = AutoBackup(self.desk, self)
        self._register()
        self.desk.somebody_else.connect(self._somebody_else_in)
        self.frame.lock_wanted.connect(self.lock)
        self.frame.closing.connect(self._window_closing)
        self.desk.rested.connect(self._rested)
        self.frame.status.person_clicked.connect(self.lock)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self.lock)
        self.frame.bus.scanned.connect(self._scanned)
        self._closed = False
        self._seen = False
        self._moved = False

    # What covers the window; made when first wanted, so that the first paint does not wait for them

    @cached_property
    def entrance(self) -> FirstStartPanel:
        """The first start in an empty place."""
        from biobank_desktop.gui.entrance.panels import FirstStartPanel  # noqa: PLC0415

        return FirstStartPanel(self.settings, self.found, self.demonstrate)

    @cached_property
    def recovery(self) -> RecoveryPanel:
        """The recovery code, shown once."""
        from biobank_desktop.gui.entrance.panels import RecoveryPanel  # noqa: PLC0415

        return RecoveryPanel(self.enter)

    @cached_property
    def trouble(self) -> TroublePanel:
        """The database cannot be opened."""
        from biobank_desktop.gui.entrance.panels import TroublePanel  # noqa: PLC0415

        return TroublePanel(self.open_at)

    @cached_property
    def signing_in(self) -> SignInPanel:
        """Who is there."""
        from biobank_desktop.gui.widgets.signin import SignInPanel  # noqa: PLC0415

        panel = SignInPanel()
        panel.submitted.connect(self.sign_in)
        panel.other_wanted.connect(self._somebody_else)
        return panel

    # Starting ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Show the window; once it is painted, open the database behind it."""
        self.frame.installEventFilter(self)
        self.frame.show()

    def _begin(self) -> None:
        """Open the database, unless which one it is stands in settings that cannot be read."""
        if self._unread:
            self._show_trouble(self._unread)
        else:
            self._open_again()

    def _opened(self, session: Session | None) -> None:
        if session is None:
            self.entrance.show_place(self.settings.database)
            self.frame.cover(self.entrance)
            return
        self._use(session)
        if self._moved:
            session.settings.save()
        if session.behind_pin:
            self._behind_pin(session.behind_pin)
        self._ask()

    def _ask(self, login: str = "") -> None:
        """Ask who is there; ``login`` when the bench was locked."""
        from biobank_desktop.gui.widgets.signin import Reason  # noqa: PLC0415

        reason = Reason.LOCKED if login else Reason.SIGN_IN
        self.signing_in.ask(reason, login, _where(self.settings))
        self.frame.cover(self.signing_in)

    def _somebody_else(self) -> None:
        self._ask()

    def _not_opened(self, error: Exception) -> None:
        if isinstance(error, (Unavailable, IntegrityBroken)):
            self._show_trouble((error.problem,))
        else:
            self.frame.notices.report_bug(error)

    def _show_trouble(self, problems: Sequence[Problem]) -> None:
        self.trouble.show_problems(problems, self.settings.database)
        self.frame.cover(self.trouble)

    def open_at(self, database: str) -> None:
        """Open a database at this path or address, and from then on."""
        self._moved = database != self.settings.database
        self.settings = replace(self.settings, database=database)
        self._open_again()

    def _open_again(self) -> None:
        settings = self.settings
        self.jobs.run(self, lambda: _open(settings), self._opened, failed=self._not_opened)

    def _use(self, session: Session) -> None:
        self.settings = session.settings
        self.desk.open(session, Drafts(session.settings.state_folder / "drafts" / session.uuid))
        self.frame.status.set_database(_where(session.settings), Light.OK)
        self.frame.status.set_printer(session.settings.printer or _("PDF files"))
        self.routes.use_patterns()
        self.backups.show_age()

    def _behind_pin(self, problem: Problem) -> None:
        self.frame.status.set_database(_where(self.settings), Light.BROKEN)
        self.frame.notices.banner("pin", say(problem), Level.BROKEN)

    # A new lab ---------------------------------------------------------------------------------------

    def found(self, database: str, name: str, login: str, password: str) -> None:
        """Found a lab in an empty place."""
        settings = replace(self.settings, database=database)
        form = (login.strip().lower(), name.strip(), "administrator")
        self.jobs.run(self, lambda: _found(settings, form, password), self._founded, failed=self._not_made)

    def demonstrate(self, database: str) -> None:
        """Make the demonstration lab and walk in as its administrator."""
        settings = replace(self.settings, database=database)
        self.jobs.run_long(
            self,
            lambda: _demonstrate(settings),
            self._demonstrated,
            failed=self._not_made,
            progress=self._demonstrating,
        )

    def _demonstrating(self, progress: Progress) -> None:
        told = _("Making the demonstration lab… {done} of {total} donors")
        self.entrance.set_busy(told.format(done=progress.done, total=progress.total))

    def _not_made(self, error: Exception) -> None:
        if isinstance(error, Rejected):
            self.entrance.refuse(error.problems)
        elif isinstance(error, Unavailable):
            self.entrance.refuse([error.problem])
        else:
            self.entrance.refuse([Problem("database", "program-mistake")])
            self.frame.notices.report_bug(error)

    def _founded(self, made: tuple[Session, Founded]) -> None:
        session, founded = made
        session.settings.save()
        self._use(session)
        self.recovery.show_code(founded.recovery_code, session.settings.database)
        self.frame.cover(self.recovery)

    def _demonstrated(self, session: Session) -> None:
        session.told()
        session.settings.save()
        self._use(session)
        self._signed_in(session.require_actor())

    # People ------------------------------------------------------------------------------------------

    def sign_in(self, login: str, password: str) -> None:
        """Somebody has typed a password."""
        session = self.desk.session
        if session is None:
            return
        self.desk.answer(self, lambda: session.sign_in(login, password), self._signed_in, self._not_signed_in)

    def _not_signed_in(self, error: Exception) -> None:
        if isinstance(error, Rejected):
            self.signing_in.refuse(" ".join(say(problem) for problem in error.problems))
        elif isinstance(error, Unavailable):
            self.signing_in.refuse(say(error.problem))
        else:
            self.signing_in.refuse(_("The program made a mistake."))
            self.frame.notices.report_bug(error)

    def _signed_in(self, actor: Actor) -> None:
        self.frame.uncover()
        self.frame.status.set_person(f"{actor.name} · {_('role.' + actor.role)}")
        self.desk.person_changed.emit()
        self._put_lock_off()
        self.desk.seal()
        if not self.frame.screen_name():
            self.frame.show_screen("today")

    def _somebody_else_in(self) -> None:
        self.frame.start_over("today")

    def enter(self) -> None:
        """The recovery code is on paper: to work."""
        session = self.desk.session
        assert session is not None
        self._signed_in(session.require_actor())

    def lock(self) -> None:
        """Lock the bench: names and forms are hidden, half-filled forms wait for whoever filled them."""
        session = self.desk.session
        if session is None or session.actor is None:
            return
        login = session.actor.login
        session.actor = None
        self._idle.stop()
        self.frame.status.set_person("")
        self.desk.person_changed.emit()
        self._ask(login)

    def _put_lock_off(self) -> None:
        session = self.desk.session
        settings = session.settings if session else self.settings
        self._idle.start(min(settings.lock_after_minutes, LONGEST_UNLOCKED_MINUTES) * 60_000)

    def _scanned(self) -> None:
        """A scan is work, too, whichever way it came."""
        if self._idle.isActive():
            self._put_lock_off()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The first paint starts the opening; any key or click puts the inactivity lock off."""
        if not self._seen and watched is self.frame and event.type() == QEvent.Type.UpdateRequest:
            # Importing what opens a database would take the interpreter from the window before it is seen.
            self._seen = True
            QTimer.singleShot(0, self._begin)
        if event.type() in {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress} and self._idle.isActive():
            self._put_lock_off()
        return super().eventFilter(watched, event)

    # The end -----------------------------------------------------------------------------------------

    def _window_closing(self) -> None:
        """While something is being saved the window waits for it, alive; closing it again does not wait."""
        if self.desk.waiting.saving and not self.frame.finishing and not self._closed:
            self.frame.finishing = True
            self.desk.telling.leaving = True
            text = _(
                "Closing as soon as what you entered is saved. What came of it is said at the next start."
            )
            self.frame.notices.banner("closing", text, Level.INFO)
            return
        self.frame.finishing = False
        self.close()

    def _rested(self, stored: bool) -> None:
        """What the closing window waited for has its answer; what was not stored must be seen."""
        if not self.frame.finishing:
            return
        if stored:
            self.frame.close()
        else:
            self.frame.finishing = self.desk.telling.leaving = False
            self.frame.notices.clear_banner("closing")

    def close(self) -> None:
        """Keep what is half filled, finish writing, seal, let go of the database."""
        if self._closed:
            return
        self._closed = True
        self.frame.finishing = False
        screen = self.frame.shown_screen()
        if screen is not None and self.desk.session is not None:
            screen.leave()
        self._idle.stop()
        self.desk.close()
        self.backups.close()
        session = self.desk.session
        if session is not None:
            self.jobs.run(self, session.close, None)
        self.jobs.close()

    def _register(self) -> None:
        for name, word, icon in (
            ("today", _("Today"), "today"),
            ("intake", _("Intake"), "intake"),
            ("samples", _("Samples"), "samples"),
            ("storage", _("Storage"), "storage"),
            ("donors", _("Donors"), "donors"),
            ("releases", _("Releases"), "release"),
            ("quarantine", _("Quarantine"), "warning"),
            ("labels", _("Labels"), "labels"),
            ("disposals", _("Disposal"), "disposals"),
            ("history", _("History"), "history"),
            ("settings", _("Settings"), "settings"),
        ):
            self.frame.register(Entry(name, self._maker(name), word, icon))
        self.frame.register(Entry("record", self._maker("record"), rail="samples"))
        self.frame.register(Entry("gap", self._maker("gap"), rail="today"))
        for command in window_commands(self.frame):
            self.frame.add_command(command)

    def _maker(self, name: str) -> Callable[[], Screen]:
        """Screens are imported on their first visit: the window stands before any of them is read."""

        def make() -> Screen:
            from importlib import import_module  # noqa: PLC0415

            module = import_module(f"biobank_desktop.gui.{name}.screen")
            screen: Screen = getattr(module, f"{name.capitalize()}Screen")(self.desk)
            return screen

        return make


def _sounds(settings: Settings) -> Sounds:
    return Sounds(enabled=settings.sounds, volume=settings.volume_percent / 100)


def _where(settings: Settings) -> str:
    """The database in a few words: the file's name, or the server's."""
    if settings.is_local:
        return settings.database.rsplit("/", 1)[-1]
    return settings.database.rsplit("@", 1)[-1].split("?")[0]


def _open(settings: Settings) -> Session | None:
    from biobank_desktop.session import exists, open_session  # noqa: PLC0415 - 300 ms behind the window

    return open_session(settings) if exists(settings) else None


def _found(settings: Settings, person: tuple[str, str, Any], password: str) -> tuple[Session, Founded]:
    from biobank_desktop.services.people import PersonForm  # noqa: PLC0415
    from biobank_desktop.session import found_session  # noqa: PLC0415

    return found_session(settings, PersonForm(*person), password)


def _demonstrate(settings: Settings) -> Steps[Session]:
    from biobank_desktop.services.demo import ADMINISTRATOR, PASSWORD, fill_demo  # noqa: PLC0415
    from biobank_desktop.session import found_session  # noqa: PLC0415

    session, founded = found_session(settings, ADMINISTRATOR, PASSWORD)
    try:
        yield from fill_demo(session.store, founded.actor, utc_now())
    except BaseException:
        session.close()
        raise
    return session


def choose_language(settings: Settings) -> None:
    """Speak the language of the settings, else the system's when it is Dutch."""
    wanted = settings.language
    if wanted == "system":
        wanted = "nl" if QLocale.system().language() == QLocale.Language.Dutch else "en"
    language.choose(wanted)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the program; ``--db PATH_OR_URL`` names another database for this once."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    database = given[given.index("--db") + 1] if "--db" in given[:-1] else None
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Biobank Desktop")
    unread: tuple[Problem, ...] = ()
    try:
        settings = read_settings(database)
    except Rejected as refused:
        settings, unread = default_settings(), refused.problems
    choose_language(settings)
    theme.apply(app, theme.Scheme(settings.theme))
    program = Program(settings, unread=unread)
    sys.excepthook = lambda _kind, error, _trace: program.frame.notices.report_bug(error) and None
    collector = Collector(lambda: not program.jobs.busy, program)
    app.installEventFilter(program)
    program.start()
    QTimer.singleShot(0, collector.start)
    code = app.exec()
    program.close()
    return code
