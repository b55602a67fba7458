"""What is done with a release: one command each, then what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui import words
from biobank_desktop.gui.command_ids import CommandIds
from biobank_desktop.gui.releases import wording
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.widgets.facts import FactGrid
from biobank_desktop.gui.widgets.form_card import FormCard, ReasonForm
from biobank_desktop.language import _, ngettext
from biobank_desktop.services import releases

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.releases.opening import ReleaseFormCard
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.release_page import ReleasedVial, ReleasePage
    from biobank_desktop.services.releases import Chosen

_TOPICS = frozenset({topics.SAMPLES})


class IssueCard(FormCard):
    """Says what leaves from where to whom, and what stands against it, before it is done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "", _("Let them leave"), parent)
        self._blocked = False
        self.facts = FactGrid(2, self)
        self.add_group(self.facts, ())

    def show_page(self, page: ReleasePage) -> None:
        """The release as it is now."""
        said = _("All leave together and their positions become free. This can't be undone.")
        self.set_heading(_("Issue release {number}").format(number=page.number), said)
        self.facts.set_facts(wording.leaving(page))
        self._blocked = bool(page.problems) or not page.going
        self.show_problems(page.problems)

    def set_busy(self, busy: bool) -> None:
        """What may not leave cannot be let go."""
        super().set_busy(busy or self._blocked)


class Gestures(QObject):
    """Makes the forms of a release's actions and does what they say."""

    finished = Signal()
    """the command of a form is stored: the form can go"""
    opened = Signal(int)
    """a release was opened: its number"""
    changed = Signal(int)
    """what is said of a release was changed: its number"""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._ids = CommandIds()

    def choose(
        self,
        no: int,
        given: Sequence[str],
        *,
        refused: Callable[[tuple[Problem, ...]], None] | None = None,
        done: Callable[[], None] | None = None,
    ) -> None:
        """Choose vials; what may not leave is a stop with its reasons.

        ``refused`` gets what is wrong with the codes, else that is a stop, too; ``done``: they are entered.
        """
        command_id = self._ids.of((no, tuple(given)))

        def chosen(result: Chosen) -> None:
            if done is not None:
                done()
            self._say_chosen(result)

        self._desk.act(
            self,
            lambda store, actor: releases.choose(store, actor, no, given, command_id),
            chosen,
            topics=_TOPICS,
            refused=refused,
            once=self._ids.once(command_id),
        )

    def _say_chosen(self, chosen: Chosen) -> None:
        notices = self._desk.frame.notices
        if chosen.refused:
            refused = list(chosen.refused)
            if len(refused) == 1:
                title = _("{code} may not leave").format(code=codes.group(refused[0]))
                reasons = wording.sentences(chosen.refused[refused[0]])
            else:
                title = ngettext("{count} vial may not leave", "{count} vials may not leave", len(refused))
                reasons = words.some_codes(refused)
            if chosen.chosen:
                reasons += " " + self._chosen_text(chosen.chosen)
            notices.stop(
                title,
                reasons,
                _("What may not leave stays in its place. It is listed below with its reasons."),
            )
        else:
            notices.say(self._chosen_text(chosen.chosen), sound=Sound.ACCEPTED)

    def _chosen_text(self, given: Sequence[str]) -> str:
        return _("Chosen: {codes}.").format(codes=words.some_codes(given))

    def open_release(self, form: ReleaseFormCard) -> None:
        """Send the form of a new release."""
        said = form.form()

        def done(no: object) -> None:
            form.empty()
            self.opened.emit(int(str(no)))

        self._send(form, said, lambda s, a, i: releases.open_release(s, a, said, i), done)

    def change_release(self, form: ReleaseFormCard) -> None:
        """Send what is said of a release otherwise."""
        said, no, why = form.form(), form.no, form.why.text()

        def done(_result: object) -> None:
            self.changed.emit(no)

        self._send(
            form, (no, said, why), lambda s, a, i: releases.change_release(s, a, no, said, why, i), done
        )

    def drop(self, page: ReleasePage, vials: Sequence[ReleasedVial]) -> FormCard:
        """The form that takes vials out of the release."""
        given = [vial.line.code for vial in vials]
        form = ReasonForm(
            ngettext("Take {count} vial out", "Take {count} vials out", len(given)),
            words.some_codes(given),
            _("Take out"),
        )
        no = page.release.no
        said = ngettext("{count} vial taken out.", "{count} vials taken out.", len(given))
        self._with_reason(
            form, tuple(given), lambda s, a, why, i: releases.drop(s, a, no, given, why, i), said
        )
        return form

    def cancel(self, page: ReleasePage) -> FormCard:
        """The form that calls the release off."""
        form = ReasonForm(
            _("Call release {number} off").format(number=page.number),
            _("Nothing leaves; its vials are free for other releases. It stays in the list, called off."),
            _("Call off"),
        )
        no = page.release.no
        said = _("Release {number} is called off.").format(number=page.number)
        self._with_reason(form, no, lambda s, a, why, i: releases.cancel(s, a, no, why, i), said)
        return form

    def issue(self, page: ReleasePage) -> IssueCard:
        """The card that lets the vials leave."""
        card, no = IssueCard(), page.release.no
        card.show_page(page)

        def done(_result: object) -> None:
            text = _("Release {number} has left.").format(number=page.number)
            self._desk.frame.notices.say(text, sound=Sound.DONE)
            self.finished.emit()

        card.submitted.connect(
            lambda: self._send(
                card,
                no,
                lambda s, a, i: releases.issue(s, a, no, i),
                done,
                frozenset({topics.SAMPLES, topics.STORAGE, topics.LABELS}),
            )
        )
        return card

    def _with_reason(
        self,
        form: ReasonForm,
        content: object,
        command: Callable[[Store, Actor, str, UUID], object],
        said: str,
    ) -> None:
        def done(_result: object) -> None:
            self._desk.frame.notices.say(said, sound=Sound.ACCEPTED)
            self.finished.emit()

        def submit() -> None:
            why = form.why.text()
            self._send(form, (content, why), lambda s, a, i: command(s, a, why, i), done)

        form.submitted.connect(submit)

    def _send(
        self,
        form: FormCard,
        content: object,
        command: Callable[[Store, Actor, UUID], object],
        done: Callable[[object], None],
        what: frozenset[str] = _TOPICS,
    ) -> None:
        """Ask the database; the same content twice is the same command."""
        command_id = form.ids.of(content)
        form.set_busy(True)
        self._desk.act(
            form,
            lambda store, actor: command(store, actor, command_id),
            done,
            topics=what,
            refused=form.show_problems,
            once=form.ids.once(command_id),
            ended=form.rest,
        )
