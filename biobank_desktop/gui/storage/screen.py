"""Where everything lies: the tree at the left, the container that is open at the right, placing by scan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.people import may
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui import desk as topics
from biobank_desktop.gui.paper_writing import PaperWriting
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.storage import reading
from biobank_desktop.gui.storage.as_it_was import LookingBack
from biobank_desktop.gui.storage.bands import OutageBand
from biobank_desktop.gui.storage.box_page import BoxPage, ContentsList
from biobank_desktop.gui.storage.finding import FindField, Found, find
from biobank_desktop.gui.storage.gestures import Gestures
from biobank_desktop.gui.storage.heading import ACTIONS, MORE_KEY, Heading
from biobank_desktop.gui.storage.ordering import Ordering
from biobank_desktop.gui.storage.placing import Placing
from biobank_desktop.gui.storage.plan import TOP
from biobank_desktop.gui.storage.plan_keeping import PlanKeeper
from biobank_desktop.gui.storage.plan_page import PlanPage
from biobank_desktop.gui.storage.spilling import Rescanning
from biobank_desktop.gui.storage.tree import ContainerTree
from biobank_desktop.gui.storage.upkeep import Upkeep
from biobank_desktop.gui.widgets.actions import PrimaryButton
from biobank_desktop.gui.widgets.cards import EmptyState
from biobank_desktop.gui.widgets.pages import Pages
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.storage.reading import Opened
    from biobank_desktop.gui.widgets.form_card import FormCard
    from biobank_desktop.persistence.queries.containers import ContainerRow, KindRow
    from biobank_desktop.persistence.steps import Steps
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.placing import Placed

TREE_PX = 264


class StorageScreen(Screen):
    """One container is open at a time; a box takes scanned vials while placing is on."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _("Storage")
        self.help_text = _(
            "Scan a box to open it. P places: each vial you scan lands in the next free well, or in the free "
            "well you chose. Ctrl+Z takes the last one back, Esc ends placing. A makes a container here, "
            "K a new kind, R prints the label. H shows it as it was, Y writes a device's recovery kit."
        )
        self.help_text += " " + _(
            "On the map the arrows walk, Enter or + goes in, Backspace or − goes out, the wheel zooms and a "
            "drag moves. F finds a vial or a container."
        )
        self.help_text += " " + _(
            "In a box, C colours the wells by the next thing, X selects wells by letter."
        )
        self.help_text += " " + _(
            "M moves what is selected, pointed at or open; W swaps, L loads a list, E empties, V reserves "
            "the selected free wells, S marks a box as spilled, O takes out of service, U shows the rules, "
            "K the kinds. Ctrl+Z takes your last move back."
        )
        self._desk = desk
        self._opened: Opened | None = None
        self._wanted = TOP
        self._begin_placing = False
        self._form: FormCard | None = None
        self.placing = Placing(desk, self)
        self.placing.landed.connect(self._landed)
        self.placing.taken_back.connect(lambda _code: self._show_placing())
        self.placing.turned.connect(lambda _on: self._turned())
        self._gestures = Gestures(desk, self)
        self._gestures.finished.connect(self.close_form)
        self._gestures.made.connect(lambda number: self.open(codes.number(number)))
        self.tree = ContainerTree(self)
        self.heading = Heading(self)
        self.finder = FindField(self)
        self.keeper = PlanKeeper(desk, self)
        self.plan = PlanPage(self)
        self._sought: Found | None = None
        self._walking = False
        self.box = BoxPage(desk, self)
        self.ordering = Ordering(desk, self._gestures, self.box, self.plan)
        self.ordering.asked.connect(self._ask)
        self.upkeep = Upkeep(desk, self._gestures, self.box)
        self.upkeep.asked.connect(self._ask)
        self._rescanning = Rescanning(desk, self.ordering.undoing, self)
        self._rescanning.found.connect(self.box.flash)
        self.outage = OutageBand(self)
        self._beginning: dict[str, Callable[[Opened], None]] = {
            "place": self._turn_placing,
            "out": self._take_out,
            "add": lambda _opened: self._ask_what_at(""),
            "label": self._print_label,
            "move": self.ordering.move,
            "swap": self.ordering.swap,
            "list": self.ordering.load,
            "empty": self.ordering.empty,
            "reserve": self.upkeep.reserve,
            "spill": self.upkeep.spill,
            "outage": self.upkeep.outage,
            "rule": self.upkeep.rule,
            "past": self._begin_past,
            "kit": self._write_kit,
            "kind": self.upkeep.kinds,
        }
        self.contents = ContentsList(desk.jobs, self)
        self.contents.hide()
        self.past = LookingBack(desk, self)
        self._papers = PaperWriting(desk, self)
        self.next_step = PrimaryButton(_("Place vials"), parent=self)
        self.next_step.hide()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.empty = EmptyState(
            "freezer",
            _("No container yet"),
            _("Begin with a freezer or a tank; then its shelves, racks and boxes."),
            _("Make the first one"),
            self,
        )
        self._form_room = QWidget(self)
        self._form_place = QVBoxLayout(self._form_room)
        self._form_place.setContentsMargins(0, 0, 0, 0)
        self._pages = Pages(self)
        for page in (self.plan, self.box, self.empty, self._form_room, self.past):
            self._pages.add(page)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.finder)
        left.addWidget(self.tree, 1)
        self.finder.setFixedWidth(TREE_PX)
        self.tree.setFixedWidth(TREE_PX)
        self._right = QVBoxLayout()
        self._right.setSpacing(12)
        self._right.addWidget(self.heading)
        self._right.addWidget(self.outage)
        self._right.addWidget(self._pages)
        self._right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 16, 20, 16)
        row.setSpacing(16)
        row.addLayout(left)
        row.addLayout(self._right, 1)

    def _connect(self) -> None:
        self.tree.chosen.connect(self.open)
        self.tree.branch_wanted.connect(self._read_branch)
        self.plan.map.opened.connect(self._walk)
        self.plan.map.free_chosen.connect(self._add_at)
        self.plan.map.left.connect(self.go_out)
        self.finder.sought.connect(self.seek)
        self.keeper.came.connect(self._show_plan)
        self.heading.wanted.connect(self.begin)
        self.heading.way_wanted.connect(self.open)
        self.empty.acted.connect(partial(self.begin, "add"))
        self.contents.opened.connect(self._desk.show_record)
        self.contents.pointed.connect(self.box.point_at)
        self.past.opened.connect(self.open)
        self.past.ended.connect(self.end_past)
        self.next_step.clicked.connect(self._do_next_step)
        self.outage.plan_wanted.connect(partial(self.begin, "empty"))
        self.bind(MORE_KEY, self.heading.toggle_more)
        for action in ACTIONS:
            self.bind(action.letter, partial(self.begin, action.name))
        self.bind("F", self.finder.setFocus)
        self.bind("+", self._go_in)
        for key in ("-", "\b"):
            self.bind(key, self.go_out)
        self.bind("C", self.box.next_colouring)
        self.bind("X", self.box.begin_picking)
        self._desk.changed.connect(self._changed)
        self._desk.person_changed.connect(self._offer)
        self._desk.somebody_else.connect(self.close_form)
        self._desk.frame.undo_wanted.connect(self._undo)

    def arrive(
        self, container: int | None = None, *, vial: int = 0, placing: bool = False, **_others: Any
    ) -> None:
        """Open a container, with ``placing`` ready for its vials; without one what was open before.

        The way to a ``vial`` in it is lit up.
        """
        self._begin_placing = placing
        if container is not None and vial:
            self._sought = Found(container, vial)
        self.open(self._wanted if container is None else container)
        self.tree.setFocus()

    def leave(self) -> None:
        """Placing ends when one goes away: a vial scanned elsewhere opens its record."""
        self.placing.end()

    def open(self, container_id: int) -> None:
        """Open a container, ``TOP`` for the whole storage."""
        if container_id != self._wanted:
            self.close_form()
            if self.placing.on:
                self.placing.end()
        self._wanted = container_id
        self._load()

    def go_out(self) -> None:
        """Open what this stands in."""
        if self._opened is None or self._form is not None or self._opened.container_id == TOP:
            return
        around = self._opened.path[:-1]
        self._walk(around[-1].id if around else TOP)

    def _walk(self, container_id: int) -> None:
        """Go there on the maps: the keyboard goes along."""
        self._walking = True
        self.open(container_id)

    def _go_in(self) -> None:
        if self._pages.shown() is self.plan:
            self.plan.map.setFocus()
            self.plan.map.enter()

    def seek(self, typed: str) -> None:
        """Go to a vial or a container and light up the way to it."""

        def failed(error: Exception) -> None:
            if isinstance(error, Rejected):
                self.finder.set_problems(error.problems)
            else:
                self._desk.tell(error)

        self._desk.read(
            self, lambda connection: find(connection, typed), self._found, newest="find", failed=failed
        )

    def _found(self, found: Found) -> None:
        self.finder.set_problems(())
        self.finder.editor.selectAll()
        self._sought = found
        self.open(found.container_id)

    def _light(self, way: frozenset[int]) -> None:
        self.tree.light(way)
        self.plan.map.highlight(way)

    def take_scan(self, scan: Scan) -> bool:
        """A container opens (placing goes on in it when it is a box); a vial lands while placing is on.

        A vial scanned into the field that finds is found.
        """
        if self._form is not None and self._form.take_scan(scan):
            self._desk.frame.notices.sound(Sound.ACCEPTED)
            return True
        if scan.kind is not ScanKind.OWN:
            return False
        kind = codes.kind_of(scan.code)
        if kind is CodeKind.CONTAINER:
            self._begin_placing = self.placing.on
            self._desk.frame.notices.sound(Sound.ACCEPTED)
            self.open(codes.number(scan.code))
            return True
        if kind is CodeKind.SAMPLE and self._lands(scan.code):
            return True
        if kind is CodeKind.SAMPLE and self.finder.editor.hasFocus():
            self.finder.set_text(codes.group(scan.code))
            self.seek(scan.code)
            return True
        return False

    def decides(self, scan: Scan) -> bool:
        """A vial is stored, found in a spilled box, or changes places."""
        if self._form is not None and self._form.decides(scan):
            return True
        sample = scan.kind is ScanKind.OWN and codes.kind_of(scan.code) is CodeKind.SAMPLE
        return sample and (self.placing.on or self._puts_in_order())

    def _lands(self, code: str) -> bool:
        """A scanned vial is placed while placing is on, and found where it lies in a spilled box."""
        opened = self._opened
        if self.placing.on:
            self.placing.place(code, self.box.take_wanted())
            return True
        if opened is None or opened.view is None or not self._puts_in_order():
            return False
        self._rescanning.scan(opened.view.container.code, code, self.box.take_wanted())
        return True

    def _puts_in_order(self) -> bool:
        """Whether a spilled box is shown, and nothing is asked."""
        opened = self._opened
        spilled = opened is not None and opened.view is not None and opened.condition.spilled is not None
        return spilled and self._form is None and self._may("storage")

    def step_back(self) -> bool:
        """Close the form, then what is seldom done, then end placing, then put out the light."""
        if self._form is not None:
            self.close_form()
            return True
        if self.past.on:
            self.end_past()
            return True
        if self.heading.close_more() or (self.box.isVisible() and self.box.step_back()):
            return True
        if self.placing.on:
            self.placing.end()
            return True
        if self.plan.map.lit():
            self._light(frozenset())
            self.finder.clear()
            return True
        return False

    def begin(self, name: str, _checked: bool = False) -> None:
        """Do an action that is offered now."""
        if self._opened is None or self._form is not None or self.past.on:
            return
        if name not in self.heading.offered() and not (name == "add" and not self._opened.children):
            return
        if name not in {"place", "out", "label"} and self.placing.on:
            self.placing.end()  # so that Ctrl+Z always takes back what was done last
        self._beginning[name](self._opened)

    def _do_next_step(self, _checked: bool = False) -> None:
        spilled = self._opened is not None and self._opened.condition.spilled is not None
        self.begin("spill" if spilled else "place")

    def _take_out(self, _opened: Opened) -> None:
        content = self.box.content_here()
        if content is None:
            self._desk.frame.notices.warn(_("Choose the well of a vial first."))
        else:
            self._open_form(self._gestures.take_out(content.code))

    def _print_label(self, opened: Opened) -> None:
        if opened.view is not None:
            self._gestures.print_label(opened.view.container.code)

    def _begin_past(self, opened: Opened) -> None:
        self.placing.end()
        self.past.begin()
        self.heading.offer(())
        self._show_page(opened)

    def end_past(self) -> None:
        """Show what is there now again."""
        self.past.end()
        self.tree.setFocus()
        self._load()

    def _write_kit(self, opened: Opened) -> None:
        actor = self._desk.actor
        if actor is None or opened.view is None:
            return
        code = opened.view.container.code

        def write(store: Store, folder: Path) -> Steps[tuple[Path, ...]]:
            from biobank_desktop.services.recovery import write_kit  # noqa: PLC0415 - reportlab

            return write_kit(store, code, actor.name, folder)

        self._papers.write("recovery", write)

    def form(self) -> FormCard | None:
        """The form that is open."""
        return self._form

    def close_form(self) -> None:
        """Put the form away."""
        if self._form is None:
            return
        self._drop_form()
        self.next_step.setVisible(self._desk.frame.context.shown() is self.contents)
        if self._opened is not None:
            self._show_page(self._opened)
        self._offer()

    def _drop_form(self) -> None:
        if self._form is None:
            return
        form, self._form = self._form, None
        self._form_place.removeWidget(form)
        self.tree.setFocus()
        form.hide()
        form.deleteLater()

    def _ask(self, form: FormCard) -> None:
        """Open a form in the place of the one before."""
        self._drop_form()
        self._open_form(form)

    def _open_form(self, form: FormCard) -> None:
        form.given_up.connect(self.close_form)
        self._form = form
        self._form_place.addWidget(form)
        form.show()
        self._pages.show_page(self._form_room)
        self.next_step.hide()  # one primary action at a time
        self._give_room()
        self.heading.offer(())
        self.set_primary(form.primary)
        form.begin()

    def _make(self, kinds: tuple[KindRow, ...], position: str) -> None:
        if self._opened is None or self._form is not None:
            return
        outer = self._opened.view.container if self._opened.view else None
        self._open_form(self._gestures.new_container(kinds, outer, position))

    def _add_at(self, position: str) -> None:
        if "add" in self.heading.offered():
            self._ask_what_at(position)

    def _ask_what_at(self, position: str) -> None:
        self._desk.read(self, reading.kinds, lambda kinds: self._make(kinds, position), newest="kinds")

    def _turn_placing(self, opened: Opened) -> None:
        if self.placing.on:
            self.placing.end()
        elif opened.view is not None:
            self.placing.begin(opened.view.container.code)

    def _load(self) -> None:
        wanted = self._wanted
        self._desk.read(
            self,
            lambda connection: reading.open_container(connection, wanted),
            self._show,
            newest="container",
        )

    def _read_branch(self, container_id: int) -> None:
        def came(rows: tuple[ContainerRow, ...]) -> None:
            here = self._opened.container_id if self._opened else TOP
            self.tree.show_branches({container_id: rows}, here)

        self._desk.read(self, lambda connection: reading.children(connection, container_id), came)

    def _show(self, opened: Opened) -> None:
        self._opened = opened
        self.tree.show_branches(opened.branches, opened.container_id)
        self.heading.show_opened(opened)
        self.outage.show_opened(opened, may_move=opened.view is not None and self._may("storage"))
        if opened.view is not None and opened.holds_samples:
            self.box.show_box(opened.view, opened.names, opened.condition)
            self.contents.show_contents(opened)
            if self._begin_placing and self._may("storage") and opened.condition.spilled is None:
                self.placing.begin(opened.view.container.code)
        self._begin_placing = False
        if self._form is None:
            self._show_page(opened)
        if self._sought is not None and self._sought.container_id == opened.container_id:
            self._light(frozenset(row.id for row in opened.path))
            self.box.point_at(self._sought.vial_id)
            self._sought = None
        self._show_placing()
        self._offer()

    def _show_page(self, opened: Opened) -> None:
        if self.past.on:
            self._pages.show_page(self.past)
            self.past.open(opened.container_id, opened.names)
        elif opened.holds_samples:
            self._pages.show_page(self.box)
            if self._walking:
                self._walking = False
                self.box.map.setFocus()
        elif opened.container_id == TOP and not opened.children:
            self._pages.show_page(self.empty)
        else:
            self._pages.show_page(self.plan)
            self._show_plan()
        self._give_room()
        self._show_panel(opened)

    def _give_room(self) -> None:
        """A map fills what room there is, anything else takes what it needs."""
        mapped = self._pages.shown() is self.plan
        self._right.setStretchFactor(self._pages, 1 if mapped else 0)
        self._right.setStretch(self._right.count() - 1, 0 if mapped else 1)

    def _show_plan(self) -> None:
        """The map of what is open, as far as it has been read; what has changed since is read again."""
        if self._opened is None or self._pages.shown() is not self.plan:
            return
        node = self.keeper.plan.node(self._opened.container_id) if self.keeper.plan else None
        self.plan.show_node(node)
        if node is not None and self._walking:
            self._walking = False
            self.plan.map.setFocus()
        self.keeper.want()

    def _show_panel(self, opened: Opened) -> None:
        context = self._desk.frame.context
        if self._desk.frame.shown_screen() is not self:
            return
        if self.past.on:
            self._desk.frame.show_beside(self, self.past.changed)
            self.set_primary(self.past.show_button)
        elif not opened.holds_samples:
            self.set_primary(None)
            context.clear()
        elif context.shown() is not self.contents:
            self._desk.frame.show_beside(self, self.contents, self.next_step)
        if opened.holds_samples and self._form is None and not self.past.on:
            self.set_primary(self.next_step)

    def _turned(self) -> None:
        self._show_placing()
        self._offer()

    def _show_placing(self) -> None:
        self.box.set_placing(on=self.placing.on, placed=self.placing.placed)
        spilled = self._opened is not None and self._opened.condition.spilled is not None
        if spilled:
            self.next_step.set_text(_("In order again"))
        else:
            self.next_step.set_text(_("End placing") if self.placing.on else _("Place vials"))
        self.heading.mark_placing(on=self.placing.on)

    def _landed(self, placed: Placed) -> None:
        self.box.flash(placed.label)
        view = self._opened.view if self._opened else None
        if view is not None and view.container.used + 1 >= view.container.capacity:
            self._desk.frame.notices.say(
                _("{name} is full.").format(name=view.container.name), sound=Sound.DONE
            )

    def _offer(self) -> None:
        opened = self._opened
        if opened is None or self._form is not None or self.past.on:
            return
        offered = [action.name for action in ACTIONS if action.fits(opened) and self._may(action.permission)]
        if self.placing.on and "move" in offered:
            offered.remove("move")  # one thing at a time: Esc ends placing
        self.heading.offer(offered)
        down = any(one.container_id == opened.container_id for one in opened.condition.outages)
        self.heading.mark_condition(spilled=opened.condition.spilled is not None, down=down)
        self.next_step.setEnabled("place" in offered or "spill" in offered)

    def _may(self, permission: Any) -> bool:
        actor = self._desk.actor
        return actor is not None and may(actor, permission)

    def _undo(self) -> None:
        if self._desk.frame.shown_screen() is self and not self.placing.undo():
            self.ordering.undoing.undo()

    def _changed(self, what: frozenset[str]) -> None:
        if not what & {topics.STORAGE, topics.SAMPLES}:
            return
        self.keeper.forget()
        if self._desk.frame.shown_screen() is self:
            self._load()
