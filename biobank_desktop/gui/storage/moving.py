"""Moving: vials, boxes, whole devices; where they would go is shown before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.moves import MoveForm
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui import words
from biobank_desktop.gui.boxviews import Shape, wells
from biobank_desktop.gui.frame import utc_now
from biobank_desktop.gui.storage.reserving import reserved_wells
from biobank_desktop.gui.storage.targets import Asked
from biobank_desktop.gui.widgets.boxmap import BoxMap
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import Answer, FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.moments import MomentField
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.storage.targets import Goods, Target, Way
    from biobank_desktop.services.moving import Moved

NAMED = "named"
_TOO_WARM = frozenset({"temperature-not-suitable", "inside-not-suitable"})
_WELL_PX = 28
_TOLD = 2
"""So many problems of one kind are told in full."""


class TargetMap(QWidget):
    """The container that things go to, with the positions they would take; a free one can be chosen.

    Beside it stand the fields that have nothing to do with where.
    """

    chosen = Signal(str)
    """the position to begin at, as the container calls it"""

    def __init__(self, fields: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = Text("", "strong", wrap=True, parent=self)
        self._hint = Text(
            _("Dashed: where they go. Choose a free one to begin there."), "detail", wrap=True, parent=self
        )
        self.map = BoxMap(widest_px=_WELL_PX, parent=self)
        self.map.chosen.connect(self._chosen)
        beside = QVBoxLayout()
        beside.setSpacing(12)
        for widget in (self._words, self._hint, *fields):
            beside.addWidget(widget)
        beside.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.map, 1)
        row.addLayout(beside, 1)
        self._target: Target | None = None
        self._shape: Shape | None = None
        self.hide_way()

    def show_way(self, way: Way) -> None:
        """Show the first container, and in words all of them."""
        self._target, *_others = way.targets
        view = self._target.view
        self._shape = Shape.of(view.grid)
        self._shape.draw(self.map)
        drawn = reserved_wells(self._shape, self._target.reserved, utc_now())
        drawn |= wells(view, self._shape, way.names, proposed=self._target.positions)
        self.map.set_wells(drawn)
        self._words.setText("\n".join(_told(target) for target in way.targets))
        for widget in (self.map, self._words):
            widget.show()
        self._hint.setVisible(len(way.targets) == 1)

    def hide_way(self) -> None:
        """Show the fields alone."""
        for widget in (self.map, self._words, self._hint):
            widget.hide()

    def words(self) -> str:
        """Where they would go."""
        return self._words.text()

    def _chosen(self, row: int, column: int) -> None:
        if self._target is not None and self._shape is not None:
            self.chosen.emit(self._target.view.grid.label(self._shape.position((row, column))))


def _told(target: Target) -> str:
    return f"{target.view.path} / {', '.join(target.labels)}"


class MoveCard(FormCard):
    """Asks where to; the first Enter shows it, the next one does it.

    The screen looks for the way when it hears ``submitted`` while ``way`` is None, and moves else.
    """

    asked = Signal()
    """where things would go is to be looked up"""

    def __init__(self, goods: Goods, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Move {what}").format(what=what_of(goods)),
            _("Scan or type where to. You see where before anything is written."),
            _("Show where"),
            parent,
        )
        self.goods = goods
        self.way: Way | None = None
        self.strategy = ChoiceQuestion(_("Where to"), _strategies(), name="strategy", columns=3, parent=self)
        self.strategy.set_value(NAMED)
        self.strategy.chosen.connect(self._choose)
        self.to = FieldBox(_("Into"), name="to", hint=_("scan or type"), parent=self)
        self.first = FieldBox(_("From position"), name="position", hint=_("next free"), parent=self)
        self.out_at = MomentField(
            _("Out of the cold since"), utc_now, name="out_at", may_be_unknown=False, parent=self
        )
        self.why = FieldBox(_("Reason"), name="why", hint=_("optional"), parent=self)
        self.warmer = ToggleRow(
            _("It is warmer there than they may be kept"),
            [Pick("warmer", _("Move all the same, with a reason"))],
            name="even_warmer",
            columns=1,
            parent=self,
        )
        self.warmer.hide()
        self.target = TargetMap((self.out_at, self.why, self.warmer), self)
        self.target.chosen.connect(self._begin_at)
        if goods.vials:
            self.add_row([self.strategy], columns=1)
        self.strategy.setVisible(goods.vials)
        self.add_row([self.to, self.first], columns=2)
        self.add_group(self.target, [self.out_at, self.why, self.warmer])
        self.to.changed.connect(self._forget)
        self.first.changed.connect(self._forget)

    def wanted(self) -> Asked:
        """Where they are to go, as far as it is said."""
        chosen = self.strategy.value()
        if self.goods.vials and chosen != NAMED:
            return Asked(strategy=chosen)  # type: ignore[arg-type]  # one of the choices below
        return Asked(self.to.text(), self.first.text())

    def form(self, way: Way) -> MoveForm:
        """The moves that were shown, with what the other fields say."""
        return MoveForm(
            way.moves(self.goods), self.why.text(), self.out_at.moment(), bool(self.warmer.values())
        )

    def problems(self) -> list[Problem]:
        """What cannot be read, and a reason that is missing; the rest is the database's to say."""
        found = []
        if self.out_at.answer() is Answer.UNREADABLE:
            found.append(Problem("out_at", "moment-unreadable", {"text": self.out_at.text()}))
        if self.warmer.values() and not self.why.text():
            found.append(Problem("why", "reason-missing"))
        return found

    def show_way(self, way: Way) -> None:
        """Show where they would go; the next Enter moves them there."""
        self.way = way
        self.show_problems(way.problems)
        self.target.show_way(way)
        first, last = way.targets[0], way.targets[-1]
        place = f"{first.view.container.name} / {first.labels[0]}"
        if len(self.goods.items) > 1:
            same = first is last
            place += f" – {last.labels[-1] if same else f'{last.view.container.name} / {last.labels[-1]}'}"
        self.primary.set_text(_("Move to {place}").format(place=place))
        self.primary.setFocus()

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Show why not; for the temperature alone it can be insisted on."""
        too_warm = any(problem.code in _TOO_WARM for problem in problems)
        self.warmer.setVisible(too_warm or bool(self.warmer.values()))
        self.show_problems(shortened(problems))
        if too_warm:
            self.warmer.setFocus()

    def take_scan(self, scan: Scan) -> bool:
        """A container that is scanned is where they go: shown at once."""
        if scan.kind is not ScanKind.OWN or codes.kind_of(scan.code) is not CodeKind.CONTAINER:
            return False
        self.strategy.set_value(NAMED)
        self._enable()
        self.to.set_text(codes.group(scan.code))
        self.first.clear()
        self.asked.emit()
        return True

    def _choose(self, _value: object) -> None:
        self._enable()
        self._forget()
        if self.strategy.value() == NAMED:
            self.to.attend()
        else:
            self.asked.emit()

    def _enable(self) -> None:
        named = self.strategy.value() == NAMED
        self.to.setEnabled(named)
        self.first.setEnabled(named)

    def _begin_at(self, label: str) -> None:
        if self.wanted().strategy is None:
            self.first.set_text(label)
            self.asked.emit()

    def _forget(self) -> None:
        """Another wish: what was shown holds no more."""
        self.way = None
        self.target.hide_way()
        self.primary.set_text(_("Show where"))


class SwapCard(FormCard):
    """Asks what a thing changes places with."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Swap {name} with another one").format(name=name),
            _("Scan the other one, or type its code. Each comes to lie where the other lies now."),
            _("Swap"),
            parent,
        )
        self.other = FieldBox(_("The other one"), name="item", hint=_("scan or type"), parent=self)
        self.add_row([self.other], columns=1)

    def decides(self, scan: Scan) -> bool:
        """Both change places at once."""
        return scan.kind is ScanKind.OWN

    def take_scan(self, scan: Scan) -> bool:
        """What is scanned is the other one, and that is all there is to say."""
        if scan.kind is not ScanKind.OWN:
            return False
        self.other.set_text(codes.group(scan.code))
        self.submitted.emit()
        return True


def shortened(problems: Sequence[Problem]) -> list[Problem]:
    """Many problems of one kind as the first ones and how many more there are."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        found.setdefault((problem.field, problem.code), []).append(problem)
    told: list[Problem] = []
    for (field, _code), alike in found.items():
        told += alike[:_TOLD]
        if len(alike) > _TOLD:
            told.append(Problem(field, "and-more", {"count": len(alike) - _TOLD}))
    return told


def what_of(goods: Goods) -> str:
    """What is moved, in words."""
    if len(goods.items) > 1:
        return ngettext("{count} vial", "{count} vials", len(goods.items))
    return goods.name


def moved_text(moved: Moved) -> str:
    """What a move did, and how it is taken back."""
    first = moved.places[0]
    if len(moved.places) == 1:
        code = codes.group(first.code)
        text = _("{code} lies in {box} / {place} now.").format(code=code, box=first.name, place=first.label)
    else:
        boxes = ", ".join(dict.fromkeys(place.name for place in moved.places))
        count = ngettext("{count} item moved", "{count} items moved", len(moved.places))
        text = _("{count}: {boxes}.").format(count=count, boxes=boxes)
    text = f"{text} {_('Ctrl+Z takes it back.')}"
    if moved.unchecked:
        said = _("Nobody had scanned the label of {code} before.")
        text += " " + said.format(code=words.some_codes(moved.unchecked))
    return text


def _strategies() -> tuple[Choice, ...]:
    return (
        Choice(NAMED, _("Named box"), "B"),
        Choice("siblings", _("With siblings"), "S"),
        Choice("emptiest", _("Most room"), "F"),
        Choice("continue", _("Placed last"), "L"),
        Choice("warmest", _("Warmest"), "W"),
    )
