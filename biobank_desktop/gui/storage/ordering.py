"""Moves from the storage screen: what is moved, the forms that ask where to, and what they do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.moves import MoveForm
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.storage.emptying import EmptyCard
from biobank_desktop.gui.storage.loading import LoadCard, read_file
from biobank_desktop.gui.storage.moving import MoveCard, SwapCard, moved_text
from biobank_desktop.gui.storage.targets import Goods, find_way, goods_of
from biobank_desktop.gui.storage.undoing import Undoing
from biobank_desktop.language import _
from biobank_desktop.services import emptying, moving
from biobank_desktop.services.foreseeing import foresee
from biobank_desktop.services.positions import TAKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.storage.box_page import BoxPage
    from biobank_desktop.gui.storage.gestures import Gestures
    from biobank_desktop.gui.storage.plan_page import PlanPage
    from biobank_desktop.gui.storage.reading import Opened
    from biobank_desktop.gui.storage.targets import Way
    from biobank_desktop.services.foreseeing import Foreseen
    from biobank_desktop.services.moving import Moved

_TOPICS = frozenset({topics.SAMPLES, topics.STORAGE, topics.LABELS})


class Ordering(QObject):
    """Moves, swaps, lists and emptying: each is one command, and Ctrl+Z takes the last one back."""

    asked = Signal(object)
    """a ``FormCard`` to be shown"""

    def __init__(self, desk: Desk, gestures: Gestures, box: BoxPage, plan: PlanPage) -> None:
        super().__init__(box)
        self._desk, self._gestures = desk, gestures
        self._box, self._plan = box, plan
        self.undoing = Undoing(desk, self)

    def move(self, opened: Opened) -> None:
        """Move what is selected or pointed at, else what is open."""
        goods = self._vials(opened) or self._container(opened)
        if goods is None:
            self._desk.frame.notices.warn(_("Open a container first, or point at one on the map."))
            return
        card = MoveCard(goods)
        card.asked.connect(lambda: self._find_way(card))
        card.submitted.connect(lambda: self._move(card))
        self.asked.emit(card)

    def swap(self, opened: Opened) -> None:
        """Swap the two that are selected, or what is pointed at with what is scanned."""
        goods = self._vials(opened) or self._container(opened)
        if goods is None:
            return
        if len(goods.items) > 2:
            self._desk.frame.notices.warn(_("Select two vials to swap them, or one and scan the other."))
        elif len(goods.items) == 2:
            self._swap_now(*goods.items)
        else:
            card = SwapCard(goods.name)
            card.submitted.connect(lambda: self._swap(card, goods.items[0]))
            self.asked.emit(card)

    def load(self, opened: Opened) -> None:
        """Load a list, its places in the box that is open where they name none."""
        box = opened.view.container if opened.view is not None and opened.holds_samples else None
        card = LoadCard(box.name if box else "", self._desk.jobs)
        within = box.code if box else ""
        card.check_wanted.connect(lambda: self._check(card, within))
        card.submitted.connect(lambda: self._load(card, within))
        card.file_chosen.connect(lambda path: self._read_file(card, path))
        self.asked.emit(card)

    def empty(self, opened: Opened) -> None:
        """Empty what is open into others."""
        if opened.view is None:
            return
        container = opened.view.container
        card = EmptyCard(container.name, self._desk.jobs)
        card.submitted.connect(lambda: self._empty(card, container.code))
        self.asked.emit(card)

    # What it is about -----------------------------------------------------------------------------------

    def _vials(self, opened: Opened) -> Goods | None:
        """The selected vials, else the one at the cursor."""
        if not opened.holds_samples:
            return None
        here = self._box.content_here()
        selected = self._box.selected_items() or ((here,) if here is not None else ())
        return goods_of(selected) if selected else None

    def _container(self, opened: Opened) -> Goods | None:
        """The container pointed at on the map, else the one that is open."""
        slot = self._plan.map.cursor_slot() if self._plan.map.hasFocus() else None
        if slot is not None and slot.node is not None:
            return Goods((codes.from_number(slot.node.id),), slot.node.name)
        if opened.view is None:
            return None
        return Goods((opened.view.container.code,), opened.view.container.name)

    # Moving ---------------------------------------------------------------------------------------------

    def _find_way(self, card: MoveCard, because: tuple[Problem, ...] = ()) -> None:
        goods, wanted, login, now = card.goods, card.wanted(), self._login(), utc_now()

        def came(way: Way) -> None:
            if card.wanted() == way.asked:
                card.show_way(replace(way, problems=(*because, *way.problems)))

        self._desk.read(
            card,
            lambda connection: find_way(connection, goods, wanted, login, now),
            came,
            newest="way",
            failed=self._refusing(card.refuse),
        )

    def _move(self, card: MoveCard) -> None:
        problems, way = card.problems(), card.way
        if problems:
            card.show_problems(problems)
            return
        if way is None:
            self._find_way(card)
            return

        def refused(found: tuple[Problem, ...]) -> None:
            card.refuse(found)
            if all(problem.code in TAKEN for problem in found):  # by somebody else meanwhile: the next free
                self._find_way(card, found)

        self._carry_out(card, card.form(way), moving.move, refused)

    def _carry_out(
        self,
        card: MoveCard | EmptyCard | LoadCard,
        form: MoveForm,
        gesture: Callable[..., Moved],
        refused: Callable[[tuple[Problem, ...]], None],
    ) -> None:
        self._gestures.do(
            card,
            form,
            lambda store, actor, i: gesture(store, actor, form, i),
            moved_text,
            self._carried_out,
            refused,
        )

    def _carried_out(self, moved: Moved) -> None:
        self.undoing.remember(moved.command)
        if moved.unchecked:
            self._desk.frame.notices.warn(moved_text(moved))

    # Swapping -------------------------------------------------------------------------------------------

    def _swap(self, card: SwapCard, one: str) -> None:
        other = card.other.text()
        self._gestures.do(
            card,
            (one, other),
            lambda store, actor, i: moving.swap(store, actor, one, other, i),
            moved_text,
            lambda moved: self.undoing.remember(moved.command),
        )

    def _swap_now(self, one: str, other: str) -> None:
        command_id = uuid4()

        def done(moved: Moved) -> None:
            self.undoing.remember(moved.command)
            self._desk.frame.notices.say(moved_text(moved), sound=Sound.DONE)

        self._desk.act(
            self,
            lambda store, actor: moving.swap(store, actor, one, other, command_id),
            done,
            topics=_TOPICS,
        )

    # Lists ----------------------------------------------------------------------------------------------

    def _check(self, card: LoadCard, box: str) -> None:
        text, login, now = card.text(), self._login(), utc_now()
        assert self._desk.session is not None
        store = self._desk.session.store

        def came(foreseen: Foreseen) -> None:
            if card.text() == text:
                card.show_foreseen(foreseen)

        self._desk.jobs.run_long(
            card,
            lambda: foresee(store, text, box, login, now),
            came,
            failed=self._refusing(card.refuse),
            progress=lambda now: card.show_checking(now.done, now.total),
            newest="check",
        )

    def _load(self, card: LoadCard, box: str) -> None:
        foreseen = card.foreseen
        if foreseen is None:
            self._check(card, box)
        else:
            self._carry_out(card, MoveForm(foreseen.moves), moving.load, card.refuse)

    def _read_file(self, card: LoadCard, path: str) -> None:
        def came(text: str) -> None:
            card.set_text(text)
            card.check_wanted.emit()

        self._desk.jobs.run_aside(card, lambda: read_file(path), came, failed=self._refusing(card.refuse))

    # Emptying -------------------------------------------------------------------------------------------

    def _empty(self, card: EmptyCard, container: str) -> None:
        problems, plan = card.problems(), card.plan
        if problems:
            card.show_problems(problems)
            return
        if plan is not None:
            self._carry_out(card, card.form(plan), moving.empty, card.show_problems)
            return
        targets, warmer, login, now = card.targets(), bool(card.warmer.values()), self._login(), utc_now()
        self._desk.read(
            card,
            lambda connection: emptying.plan(connection, container, targets, login, now, even_warmer=warmer),
            card.show_plan,
            newest="plan",
            failed=self._refusing(card.show_problems),
        )

    # ----------------------------------------------------------------------------------------------------

    def _login(self) -> str:
        assert self._desk.actor is not None  # the screen offers this to who may
        return self._desk.actor.login

    def _refusing(self, show: Callable[[tuple[Problem, ...]], None]) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            if isinstance(error, Rejected):
                show(error.problems)
            else:
                self._desk.tell(error)

        return failed
