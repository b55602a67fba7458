"""The layouts of labels: those that come with the program, and the lab's own over them."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.scans import ScanKind
from biobank_desktop.gui.desk import LABELS, SETTINGS
from biobank_desktop.gui.settings.label_decisions import LabelDecisions
from biobank_desktop.gui.settings.layout_card import Begun, LayoutCard
from biobank_desktop.gui.settings.layout_preview import Examples, examples, trial_words
from biobank_desktop.gui.settings.part import BenchSettings, PartWithForms
from biobank_desktop.gui.sounds import Sound
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.actions import ActionButton
from biobank_desktop.gui.widgets.cards import ProblemList
from biobank_desktop.gui.widgets.scrolling import bring_into_view
from biobank_desktop.gui.widgets.table import Column, PagedTable
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, say_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.labels.catalogue import Versioned
    from biobank_desktop.labels.templates import Template
    from biobank_desktop.labels.typed import TypedTemplate
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.templates import NewTemplate

TABLE_PX = 240


class LayoutsPart(PartWithForms):
    """The list of layouts, and the form of one."""

    def __init__(self, desk: Desk, bench: BenchSettings, parent: QWidget | None = None) -> None:
        super().__init__(desk, bench, parent)
        self.rows: list[Versioned] = []
        self._versions: dict[str, int] = {}
        self._dpi = 300
        self._intro = Text(
            _(
                "What stands where on which labels. A layout of the lab's own takes the place of the one of "
                "the same name that came with the program. Before it is kept, 60 bad prints of it are tried."
            ),
            "muted",
            wrap=True,
            parent=self,
        )
        self.table = PagedTable(_columns(), desk.jobs, self, enter_opens=False)
        self.table.setAccessibleName(_("Label layouts"))
        self.table.setFixedHeight(TABLE_PX)
        self.new = ActionButton(_("One like this"), icon="plus", hint="N", parent=self)
        self.blank = ActionButton(_("An empty one"), icon="plus", hint="L", parent=self)
        self.change = ActionButton(_("Change"), icon="edit", hint="C", parent=self)
        self.remove = ActionButton(_("Take out of use"), icon="discard", hint="X", parent=self)
        self.take = ActionButton(_("From a file"), icon="download", hint="I", parent=self)
        self.give = ActionButton(_("Into a file"), icon="backup", hint="E", parent=self)
        self.problems = ProblemList(self)
        self.card = LayoutCard(desk.jobs, self)
        self.decisions = LabelDecisions(self)
        self._lay_out()
        self.new.clicked.connect(self.begin_new)
        self.blank.clicked.connect(self.begin_blank)
        self.change.clicked.connect(self.begin_change)
        self.remove.clicked.connect(self.retire)
        self.take.clicked.connect(self.begin_import)
        self.give.clicked.connect(self.begin_export)
        self.card.paused.connect(self._draw)
        self.card.submitted.connect(self._try)
        desk.somebody_else.connect(self.step_back)

    def _lay_out(self) -> None:
        self.body.addWidget(self._intro)
        self.body.addWidget(self.table)
        for row in ((self.new, self.blank, self.change, self.remove), (self.take, self.give)):
            buttons = QHBoxLayout()
            buttons.setSpacing(8)
            for button in row:
                buttons.addWidget(button)
            buttons.addStretch(1)
            self.body.addLayout(buttons)
        self.body.addWidget(self.problems)
        self.hold_forms(self.card, self.decisions.card)
        self.body.addWidget(self.decisions)
        self.body.addStretch(1)

    def refresh(self) -> None:
        """Read which layouts there are, and what this bench prints with."""
        for button in (self.new, self.blank, self.change, self.remove, self.take):
            button.setVisible(self.may("manage"))
        self.decisions.refresh()
        session = self.desk.session
        assert session is not None
        chosen = session.settings.printer

        def found(connection: Connection) -> tuple[list[Versioned], dict[str, int], int]:
            from biobank_desktop.persistence.queries import templates  # noqa: PLC0415
            from biobank_desktop.services.print_runs import bench_printer  # noqa: PLC0415
            from biobank_desktop.services.templates import catalogue  # noqa: PLC0415

            versions = {row.name: row.version for row in templates.newest(connection)}
            entries = list(catalogue(connection).entries.values())
            return entries, versions, bench_printer(connection, chosen).dpi

        self.desk.read(self, found, self._show, newest="layouts")

    def begin(self) -> None:
        """The list comes first; a form that was left open, before it."""
        form = self.opened()
        if form is None:
            self.table.setFocus()
        else:
            form.setFocus()
            bring_into_view(form)

    def leave(self) -> None:
        """What was typed into a form stays until somebody else signs in."""

    def take_scan(self, scan: Scan) -> bool:
        """Nothing while a form is open; else the route's."""
        if self.opened() is None or scan.kind is ScanKind.COMMAND:
            return False
        self.desk.frame.notices.warn(_("Finish or cancel what is open first. The scan was not used."))
        return True

    def open_form(self, form: QWidget) -> None:
        """Show a form in place of what is decided."""
        self.decisions.hide()
        self._offer(False)
        super().open_form(form)

    def close_forms(self) -> None:
        """Put every form away; what is decided is shown again."""
        self.card.stop_pause()
        self.decisions.show()
        self._offer(True)
        super().close_forms()

    def _offer(self, on: bool) -> None:
        """What is typed in an open form is not given up for another one."""
        for button in (self.new, self.blank, self.change, self.remove, self.take):
            button.setEnabled(on)

    def begin_new(self) -> None:
        """Begin another layout with what the one under the cursor says."""
        row = self._current()
        if row is not None:
            self._open(Begun(_typed(row.template), "", None))

    def begin_change(self) -> None:
        """Change the layout under the cursor."""
        row = self._current()
        if row is not None:
            name = row.template.name
            self._open(Begun(_typed(row.template), name, self._versions.get(name, 0)))

    def begin_blank(self) -> None:
        """Begin a layout from nothing, for what the one under the cursor is for."""
        from biobank_desktop.labels.typed import blank  # noqa: PLC0415

        row = self._current()
        if row is not None:
            self._open(Begun(blank(row.template.label), "", None))

    def begin_import(self) -> None:
        """Choose a file with a layout."""
        if not self.may("manage") or self.opened() is not None:
            return
        path, _kind = QFileDialog.getOpenFileName(self, _("From a file"), "", _("Label layouts (*.toml)"))
        if path:
            self.take_file(Path(path))

    def begin_export(self) -> None:
        """Choose where the layout under the cursor is written."""
        row = self._current()
        if row is None:
            return
        title, name = _("Into a file"), f"{row.template.name}.toml"
        path, _kind = QFileDialog.getSaveFileName(self, title, name, _("Label layouts (*.toml)"))
        if path:
            self.write_file(Path(path))

    def take_file(self, path: Path) -> None:
        """Begin a layout with what stands in a file; it is kept when somebody says so."""
        self.desk.jobs.run_aside(
            self, lambda: _read(path), self._taken, failed=lambda why: self._unread(path, why)
        )

    def write_file(self, path: Path) -> None:
        """Write the layout under the cursor into a file."""
        row = self._current()
        if row is not None:
            self.desk.jobs.run_aside(
                self,
                lambda: _write(row.template, path),
                lambda _nothing: self._said(_("The layout is in {path}.").format(path=path)),
                failed=lambda why: self._unread(path, why),
            )

    def retire(self) -> None:
        """Take the lab's own layout under the cursor out of use."""
        from biobank_desktop.services.templates import retire_template  # noqa: PLC0415

        row = self._current()
        if row is None or not self.may("manage") or self.opened() is not None:
            return
        name, version = row.template.name, row.version
        command_id = self.card.ids.of(("retire", name, version))
        self._act(
            command_id,
            lambda store, actor: retire_template(store, actor, name, version, command_id),
            lambda: self._said(_("{name} of the lab's own is out of use.").format(name=name)),
            self._refused,
        )

    def _taken(self, template: Template) -> None:
        if self.opened() is not None:
            return
        known = template.name in {row.template.name for row in self.rows}
        name = template.name if known else ""
        self._open(Begun(_typed(template), name, self._versions.get(template.name, 0)))
        if not known:
            self.card.name_field.set_text(template.name)

    def _unread(self, path: Path, error: Exception) -> None:
        if isinstance(error, Rejected):
            self._refused(error.problems)
        elif isinstance(error, OSError):
            values = {"path": str(path), "said": error.strerror or str(error)}
            self._refused((Problem("", "input-not-readable", values),))
        else:
            self.desk.tell(error)

    def _open(self, begun: Begun) -> None:
        if self.may("manage") and self.opened() is None:
            self.problems.show_problems(())
            self.open_form(self.card)
            self.card.begin_with(begun, self._dpi)

    def _draw(self) -> None:
        """Draw what is typed, as soon as it can be."""
        new = self.card.new()
        self.desk.jobs.run_aside(
            self,
            lambda: examples(new.name, new.toml, new.dpi),
            self._drawn,
            failed=self._not_drawn,
            newest="layout",
        )

    def _drawn(self, shown: Examples) -> None:
        self.card.lay_problems(shown.warnings)
        self.card.preview.show_examples(shown)
        self.card.sheet.show_stock(shown.template.stock, shown.usual)
        self.desk.jobs.run_aside(
            self,
            lambda: trial_words(shown.template, shown.dpi),
            self.card.preview.show_trial,
            failed=self._not_drawn,
            newest="layout",
        )

    def _not_drawn(self, error: Exception) -> None:
        if isinstance(error, Rejected):
            self.card.lay_problems(error.problems)
            self.card.preview.show_old()
        else:
            self.desk.tell(error)

    def _try(self) -> None:
        """Everything is checked aside, the bad prints, too; then it is kept, unless it was given up."""
        from biobank_desktop.services.templates import checked  # noqa: PLC0415

        self.card.hurry()
        new, turn = self.card.new(), self.turn
        self.card.set_busy(True)
        self.desk.jobs.run_aside(
            self,
            lambda: checked(new),
            lambda _template: self.while_open(turn, lambda: self._keep(new)),
            failed=lambda why: self.while_open(turn, lambda: self._not_checked(why)),
            newest="try",
        )

    def _not_checked(self, error: Exception) -> None:
        self.card.rest()
        if isinstance(error, Rejected):
            self._refused_form(error.problems)
        else:
            self.desk.tell(error)

    def _keep(self, new: NewTemplate) -> None:
        from biobank_desktop.services.templates import save_template  # noqa: PLC0415

        unreadable = self.card.unreadable()
        if unreadable:
            self._not_checked(Rejected(*unreadable))
            return
        if self.desk.actor is None:  # locked meanwhile: whoever comes back keeps it
            self.card.rest()
            return
        command_id, turn = self.card.ids.of(new), self.turn

        def kept() -> None:
            self._said(_("The layout {name} is kept.").format(name=new.name))
            self.while_open(turn, self.close_forms)

        self._act(
            command_id,
            lambda store, actor: save_template(store, actor, new, command_id),
            kept,
            lambda problems: self.while_open(turn, lambda: self._refused_form(problems)),
            lambda: self.while_open(turn, self.card.rest),
        )

    def _act(
        self,
        command_id: UUID,
        gesture: Callable[[Store, Actor], object],
        done: Callable[[], None],
        refused: Callable[[tuple[Problem, ...]], None],
        ended: Callable[[], None] | None = None,
    ) -> None:
        self.problems.show_problems(())
        self.desk.act(
            self,
            gesture,
            lambda _result: done(),
            topics={SETTINGS, LABELS},
            refused=refused,
            once=self.card.ids.once(command_id),
            ended=ended,
        )

    def _said(self, said: str) -> None:
        self.desk.frame.notices.say(said, sound=Sound.ACCEPTED)

    def _refused(self, problems: Sequence[Problem]) -> None:
        """What was asked without a form is answered below the list."""
        self.problems.show_problems(problems)
        self.desk.frame.notices.sound(Sound.WARNING)

    def _refused_form(self, problems: Sequence[Problem]) -> None:
        self.card.show_problems(problems)
        self.desk.frame.notices.sound(Sound.WARNING)

    def _show(self, found: tuple[list[Versioned], dict[str, int], int]) -> None:
        at = max(self.table.currentIndex().row(), 0)
        self.rows, self._versions, self._dpi = found
        rows = self.rows
        self.table.show_ids(array("q", range(len(rows))), lambda numbers: [rows[one] for one in numbers])
        self.table.selectRow(min(at, len(rows) - 1))

    def _current(self) -> Versioned | None:
        number = self.table.current_id()
        return self.rows[number] if number is not None and number < len(self.rows) else None


def _columns() -> list[Column]:
    return [
        Column(_("Title"), lambda one: one.template.title),
        Column(_("Known as"), lambda one: one.template.name, 170, mono=True),
        Column(_("For"), lambda one: say_value(f"label-{one.template.label}"), 136),
        Column(_("Stock"), _stock, 140),
        Column(_("Version"), _version, 216, meaning=_meaning),
    ]


def _stock(one: Versioned) -> str:
    stock = one.template.stock
    return f"{stock.width_mm:g} × {stock.height_mm:g} mm"


def _version(one: Versioned) -> str:
    return (
        _("own, version {version}").format(version=one.version) if one.version else _("came with the program")
    )


def _meaning(one: Versioned) -> Meaning | None:
    return Meaning.PERMITTED if one.version else None


def _read(path: Path) -> Template:
    """The layout in a file. Raises ``Rejected`` and ``OSError``."""
    from biobank_desktop.domain.toml import MOST_BYTES  # noqa: PLC0415
    from biobank_desktop.labels.reading import read_template  # noqa: PLC0415

    with path.open("rb") as file:
        return read_template(path.stem, file.read(MOST_BYTES + 1))


def _typed(template: Template) -> TypedTemplate:
    from biobank_desktop.labels.typed import typed  # noqa: PLC0415

    return typed(template)


def _write(template: Template, path: Path) -> None:
    from biobank_desktop.labels.writing import write_template  # noqa: PLC0415

    path.write_text(write_template(template), "utf-8")
