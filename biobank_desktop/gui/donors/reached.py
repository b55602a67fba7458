"""What a withdrawal reaches, and what follows from it at once: both shown before anybody confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from biobank_desktop.domain import codes
from biobank_desktop.gui.icons import Icon
from biobank_desktop.gui.widgets.cards import Card, clear_layout, reveal
from biobank_desktop.gui.widgets.facts import Fact, FactGrid
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.persistence.queries.releases import ReleaseRow
    from biobank_desktop.services.withdrawal import Reach, ReachedSample


class ReachedCard(Card):
    """Everything of a donor that is in the house, planned, spoken for or gone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("What it reaches"), parent)
        self.facts = FactGrid(5, self)
        self.boxes = QGridLayout()
        self.boxes.setHorizontalSpacing(16)
        self.boxes.setVerticalSpacing(4)
        self.boxes.setColumnStretch(1, 1)
        self.body.addWidget(self.facts)
        self.body.addLayout(self.boxes)

    def show_reach(self, reached: Reach) -> None:
        """Show this."""
        self.facts.set_facts(_facts(reached))
        clear_layout(self.boxes)
        for row, (box, lying) in enumerate(_by_box(reached.kept).items()):
            where = Text(box or _("Without position"), "detail", parent=self)
            vials = Text(_places(lying), "code-detail", wrap=True, parent=self)
            self.boxes.addWidget(where, row, 0, Qt.AlignmentFlag.AlignTop)
            self.boxes.addWidget(vials, row, 1)


def _facts(reached: Reach) -> list[Fact]:
    boxes = len({one.box for one in reached.kept if one.box})
    chosen, issued = _vials(reached.open), _vials(reached.issued)
    return [
        Fact(
            _("In the house"),
            ngettext("{count} sample", "{count} samples", len(reached.kept)),
            ngettext("{count} box", "{count} boxes", boxes),
        ),
        Fact(
            _("Planned"),
            ngettext("{count} vial", "{count} vials", len(reached.planned)),
            ngettext("{count} label waits", "{count} labels wait", len(reached.labels)),
        ),
        Fact(_("In open releases"), chosen, _releases(release for release, _ids in reached.open)),
        Fact(_("Issued"), issued, _releases(release for release, _ids in reached.issued)),
        Fact(_("Exports of data"), _("none"), _("This program makes none yet.")),
    ]


def _vials(within: Sequence[tuple[ReleaseRow, tuple[int, ...]]]) -> str:
    return ngettext("{count} vial", "{count} vials", sum(len(ids) for _release, ids in within))


def _releases(releases: Iterable[ReleaseRow]) -> str:
    return ", ".join(_("{recipient} (release {no})").format(recipient=r.recipient, no=r.no) for r in releases)


def _by_box(kept: Sequence[ReachedSample]) -> dict[str, list[ReachedSample]]:
    found: dict[str, list[ReachedSample]] = {}
    for one in sorted(kept, key=lambda one: (not one.box, one.box, one.sample.id)):
        found.setdefault(one.box, []).append(one)
    return found


def _places(lying: Sequence[ReachedSample]) -> str:
    return "   ".join(f"{one.position} {codes.group(one.sample.code)}".strip() for one in lying)


class FollowsCard(Card):
    """What a level of withdrawal does, sentence by sentence, with numbers; reads what it reaches itself."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(_("What follows at once"), parent)
        self._desk = desk
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self.body.setSpacing(8)
        self.body.addLayout(self._lines)
        self._level: str | None = None
        self.reached: Reach | None = None
        reveal(self, False)

    def read(self, donor: str) -> None:
        """Ask what a withdrawal of this donor reaches now."""
        from biobank_desktop.services.withdrawal import reach  # noqa: PLC0415

        number = codes.number(donor)
        self._desk.read(self, lambda connection: reach(connection, number), self.show_reach, newest="reach")

    def show_reach(self, reached: Reach | None) -> None:
        """Another state of what is reached."""
        self.reached = reached
        self._show()

    def show_level(self, level: str | None) -> None:
        """Another level; None: single items."""
        self._level = level
        self._show()

    def hide_level(self) -> None:
        """Nothing is withdrawn."""
        self._level = ""
        self._show()

    def sentences(self) -> list[tuple[str, bool]]:
        """What is said, and whether it means work or loss."""
        if self.reached is None or self._level == "":
            return []
        from biobank_desktop.services.withdrawal import consequences  # noqa: PLC0415

        follows = consequences(self.reached, self._level)
        told = []
        if follows.destroyed:
            samples = ngettext("{count} sample goes", "{count} samples go", len(follows.destroyed))
            boxes = ngettext("{count} box", "{count} boxes", follows.boxes)
            text = _("{samples} on a list to be destroyed: {boxes}.")
            told.append((text.format(samples=samples, boxes=boxes), True))
        if follows.voided:
            vials = ngettext("{count} planned vial is", "{count} planned vials are", len(follows.voided))
            told.append((_("{vials} void, waiting labels are not printed.").format(vials=vials), True))
        if follows.told:
            vials = ngettext("{count} vial was", "{count} vials were", len(follows.told))
            who = ngettext("its recipient", "{count} recipients", follows.recipients)
            told.append((_("{vials} issued: {who} must be told.").format(vials=vials, who=who), True))
        if follows.releases:
            releases = ngettext("{count} open release", "{count} open releases", len(follows.releases))
            told.append((_("Their vials leave {releases}.").format(releases=releases), True))
        return told or [(_plain(self._level, self.reached), False)]

    def _show(self) -> None:
        clear_layout(self._lines)
        said = self.sentences()
        for text, works in said:
            line = QHBoxLayout()
            line.setSpacing(8)
            icon = Icon("warning" if works else "info", "refused" if works else "muted", 20, self)
            line.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Text(text, "strong" if works else "", wrap=True, parent=self), 1)
            self._lines.addLayout(line)
        reveal(self, bool(said))


def _plain(level: str | None, reached: Reach) -> str:
    if level is None and reached.open:
        return _("Vials that need these items leave the open releases. Nothing is destroyed.")
    if level is None:
        return _("Nothing is destroyed and nobody has to be told.")
    if level == "W0":
        return _("Nothing happens to the material. Nobody writes to the family any more.")
    if level == "W1":
        return _("What is here stays and may be used. A new tube is refused.")
    return _("There is nothing to destroy and nobody to tell.")
