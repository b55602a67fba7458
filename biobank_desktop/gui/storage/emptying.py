"""Emptying a container into others: the plan in walking order, what finds no room above it, then Enter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.materials import MATERIALS
from biobank_desktop.domain.moves import MoveForm
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.cards import ProblemList, reveal
from biobank_desktop.gui.widgets.codes_field import CodesField
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.picks import Pick
from biobank_desktop.gui.widgets.row_table import RowTable
from biobank_desktop.gui.widgets.table import Column
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.gui.widgets.toggles import ToggleRow
from biobank_desktop.language import _, ngettext

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.jobs import Jobs
    from biobank_desktop.services.emptying import Plan, PlanLine

_MOST_ROWS = 6
_LEFT_SHOWN = 12
_MATERIALS = frozenset(one.code for one in MATERIALS)


@dataclass(frozen=True)
class _Row:
    no: int
    line: PlanLine


class EmptyCard(FormCard):
    """Asks for the targets; the first Enter shows the plan, the next one carries it out."""

    plan_wanted = Signal()
    """the plan is to be made"""

    def __init__(self, name: str, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Empty {name}").format(name=name),
            _("Scan what it is emptied into, or type names and codes with commas. The plan is shown first."),
            _("Show the plan"),
            parent,
        )
        self.plan: Plan | None = None
        self.into = CodesField(_("Into"), name="into", hint=_("scan or type"), parent=self)
        self.warmer = ToggleRow(
            _("Where nothing is as cold"),
            [Pick("warmer", _("Also to where it is warmer than they may be kept"))],
            name="even_warmer",
            columns=1,
            parent=self,
        )
        self.why = FieldBox(_("Reason"), name="why", hint=_("optional"), parent=self)
        self._left = ProblemList(self)
        self._summary = Text("", "strong", wrap=True, parent=self)
        self._summary.hide()
        self.table = RowTable(
            (
                Column(_("What"), _what, 150),
                Column(_("From"), lambda row: row.line.source),
                Column(_("Where to"), lambda row: row.line.target),
            ),
            lambda row: row.no,
            jobs,
            self,
        )
        self.table.hide()
        self.add_row([self.into], columns=1)
        self.add_row([self.warmer, self.why], columns=2)
        self.rows.addWidget(self._left)
        self.rows.addWidget(self._summary)
        self.rows.addWidget(self.table)
        self.into.changed.connect(self._forget)
        self.warmer.changed.connect(self._forget)

    def targets(self) -> tuple[str, ...]:
        """What it is emptied into."""
        return self.into.codes()

    def problems(self) -> list[Problem]:
        """A reason that is missing."""
        missing = bool(self.warmer.values()) and not self.why.text()
        return [Problem("why", "reason-missing")] if missing else []

    def form(self, plan: Plan) -> MoveForm:
        """The plan that was shown."""
        return MoveForm(plan.moves, self.why.text(), None, bool(self.warmer.values()))

    def show_plan(self, plan: Plan) -> None:
        """Show where everything would go, above it what finds no room."""
        self.plan = plan if plan.lines else None
        shown = ", ".join(plan.left[:_LEFT_SHOWN])
        if len(plan.left) > _LEFT_SHOWN:
            shown += " …"
        left = Problem("", "no-room-for", {"count": len(plan.left), "codes": shown}, warning=bool(plan.lines))
        self._left.show_problems([left] if plan.left else [])
        self.table.show_rows(_Row(no, line) for no, line in enumerate(plan.lines, 1))
        self.table.fit_rows(_MOST_ROWS)
        reveal(self.table, bool(plan.lines))
        text = ngettext("{count} item moves", "{count} items move", len(plan.lines))
        self._summary.setText(_("{count}, in walking order.").format(count=text))
        reveal(self._summary, bool(plan.lines))
        self.show_problems(())
        if plan.lines:
            self.primary.set_text(ngettext("Move {count} item", "Move {count} items", len(plan.lines)))
            self.primary.setFocus()

    def take_scan(self, scan: Scan) -> bool:
        """Another container to empty it into."""
        if scan.kind is not ScanKind.OWN or codes.kind_of(scan.code) is not CodeKind.CONTAINER:
            return False
        code = codes.group(scan.code)
        typed = self.into.text()
        if scan.code not in self.targets():
            self.into.set_text(f"{typed}, {code}" if typed else code)
        return True

    def _forget(self) -> None:
        """Other targets: what was shown holds no more."""
        self.plan = None
        self.primary.set_text(_("Show the plan"))
        for part in (self.table, self._summary, self._left):
            part.hide()


def _what(row: _Row) -> str:
    what = row.line.what
    return words.material_name(what) if what in _MATERIALS else what or codes.group(row.line.code)
