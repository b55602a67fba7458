"""Papers of a donor: the chain of consent and the letters, written as PDF into the lab's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui.donors.corrections import DonorForm
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.language import _, chosen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.papers.letter import Letter

_AGES = {"letter-12": 12, "letter-16": 16, "letter-18": 18}


class PapersForm(DonorForm):
    """Which paper, in which language, and whether a letter goes out."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, _("Papers"), _("Write the PDF"), parent)
        self._donor = ""
        kinds = [
            Choice("chain", _("Chain of consent for an auditor"), "A"),
            Choice("family", _("Chain of consent for the family"), "F"),
            Choice("letter-12", _("Letter at 12"), "2"),
            Choice("letter-16", _("Letter at 16"), "6"),
            Choice("letter-18", _("Letter at 18"), "8"),
        ]
        self.kind = ChoiceQuestion(_("Paper"), kinds, name="kind", columns=2, parent=self)
        spoken = [Choice("nl", "Nederlands", "N"), Choice("en", "English", "E")]
        self.spoken = ChoiceQuestion(_("Language of the letter"), spoken, name="language", parent=self)
        sent = [Choice(True, _("It goes out: record it"), "Y"), Choice(False, _("Only to look at"), "O")]
        self.sent = ChoiceQuestion(_("The letter"), sent, name="sent", parent=self)
        self.add_row([self.kind], 1)
        self.add_row([self.spoken], 2)
        self.add_row([self.sent], 2)
        self.kind.chosen.connect(self._follow)
        self.submitted.connect(self._write)

    def begin_for(self, donor: str) -> None:
        """Papers of this donor."""
        self._donor = donor
        self.kind.set_value(None)
        self.spoken.set_value(chosen())
        self.sent.set_value(None)
        self._follow()
        self.begin()

    def _follow(self) -> None:
        """A letter has a language and goes out; the chain is in the language of the window."""
        letter = self.kind.value() in _AGES
        self.spoken.setVisible(letter)
        self.sent.setVisible(letter)

    def _write(self) -> None:
        kind, sent = self.kind.value(), self.sent.value()
        asked = {"kind": kind, "sent": sent if kind in _AGES else True}
        missing = [Problem(name, "answer-missing") for name, value in asked.items() if value is None]
        if missing:
            self._refused(tuple(missing))
            return
        self.set_busy(True)
        if kind in _AGES:
            self._letter(_AGES[str(kind)], str(self.spoken.value()), sent=bool(sent))
        else:
            self._chain(family=kind == "family")

    def _letter(self, age: int, language: str, *, sent: bool) -> None:
        donor, now = self._donor, utc_now()

        def read(connection: Connection) -> Letter:
            from biobank_desktop.services.papers import letter_of  # noqa: PLC0415

            return letter_of(connection, donor, age, language, now)

        def made(letter: Letter) -> None:
            def render() -> bytes:
                from biobank_desktop.papers.letter import letter_pdf  # noqa: PLC0415

                return letter_pdf(letter)

            then = (lambda place: self._record(letter, place)) if sent else self._written
            self._keep(f"letter-{age}-{language}", render, then)

        self._desk.read(self, read, made, newest="paper", failed=self._failed)

    def _chain(self, *, family: bool) -> None:
        donor, now = self._donor, utc_now()

        def read(connection: Connection) -> Callable[[], bytes]:
            from biobank_desktop.papers.chain import chain_pdf  # noqa: PLC0415
            from biobank_desktop.services.papers import chain_of  # noqa: PLC0415

            page = chain_of(connection, donor, now)
            return lambda: chain_pdf(page, family=family)

        name = "chain-family" if family else "chain"
        self._desk.read(
            self, read, lambda render: self._keep(name, render, self._written), newest="paper",
            failed=self._failed,
        )  # fmt: skip

    def _keep(self, name: str, render: Callable[[], bytes], then: Callable[[Path], None]) -> None:
        """Render and write aside: a folder on a network may take its time."""
        session = self._desk.session
        assert session is not None
        path = session.settings.data_folder / "papers" / f"{self._donor}-{name}-{utc_now():%Y%m%d-%H%M%S}.pdf"

        def write() -> Path:
            content = render()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            return path

        self._desk.jobs.run_aside(self, write, then, failed=self._failed)

    def _record(self, letter: Letter, path: Path) -> None:
        from biobank_desktop.services.consent import record_consent  # noqa: PLC0415
        from biobank_desktop.services.papers import letter_line  # noqa: PLC0415

        form = letter_line(letter)
        command_id = self.ids.of((form, str(path)))
        self._desk.act(
            self,
            lambda store, actor: record_consent(store, actor, form, command_id),
            lambda _no: self._written(path),
            topics={"donors"},
            refused=self._refused,
            once=self.ids.once(command_id),
            ended=self.rest,
        )

    def _written(self, path: Path) -> None:
        self.rest()
        self._done(_("Written: {path}").format(path=str(path)))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Rejected):
            self._refused(error.problems)
        elif isinstance(error, OSError):
            values = {"path": str(error.filename or ""), "reason": error.strerror or str(error)}
            self._refused((Problem("", "file-not-written", values),))
        else:
            self.rest()
            self._desk.tell(error)
