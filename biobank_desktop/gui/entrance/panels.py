"""What covers the window before the work: the first start in an empty place, the recovery code, trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.widgets.actions import ActionButton, Look, PrimaryButton
from biobank_desktop.gui.widgets.cards import Card
from biobank_desktop.gui.widgets.choices import Choice, ChoiceRow
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.recovery import RecoveryCard
from biobank_desktop.gui.widgets.screen import Screen
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biobank_desktop.settings import Settings

WIDTH_PX = 640


def _fill(panel: Screen, card: Card) -> None:
    panel.setFixedWidth(WIDTH_PX)
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(card)


class TroublePanel(Screen):
    """The database could not be opened: what is wrong, and trying again, there or somewhere else."""

    def __init__(self, again: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        card = Card()
        card.body.setSpacing(16)
        card.body.addWidget(Text(_("The database cannot be opened"), "title"))
        self.text = Text("", wrap=True)
        card.body.addWidget(self.text)
        self.place = FieldBox(_("Where the database is"), name="database")
        card.body.addWidget(self.place)
        self.again = PrimaryButton(_("Try again"))
        self.again.clicked.connect(lambda: again(self.place.text()))
        card.body.addWidget(self.again)
        self.set_primary(self.again)
        self.setFocusProxy(self.again)
        _fill(self, card)

    def show_problems(self, problems: Sequence[Problem], database: str) -> None:
        """Say what is wrong with the database at this path or address."""
        self.text.setText("\n".join(map(say, problems)))
        self.place.set_text(database)


class FirstStartPanel(Screen):
    """No database yet: where it will be, who is its first administrator. One page, no wizard."""

    def __init__(
        self,
        settings: Settings,
        found: Callable[[str, str, str, str], None],
        demonstrate: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._found = found
        self._demonstrate = demonstrate
        self._card = Card()
        self._card.body.setSpacing(12)
        self._card.body.addWidget(Text(_("A new lab"), "title"))
        self._card.body.addWidget(
            Text(
                _(
                    "There is no database here yet. It will be made in the place below, with you as its first"
                    " administrator."
                ),
                "muted",
                wrap=True,
            )
        )
        self.kind = ChoiceRow(
            [
                Choice("file", _("A file on this computer"), "F"),
                Choice("server", _("A shared PostgreSQL database"), "P"),
            ],
            name=_("Where the database is"),
        )
        self.place = FieldBox(_("Where the database is"), name="database")
        self.name = FieldBox(_("Your name"), name="name")
        self.login = FieldBox(_("Login"), name="login")
        self.password = FieldBox(_("Password"), name="password")
        self.again = FieldBox(_("The same password again"), name="again")
        for field in (self.password, self.again):
            field.editor.setEchoMode(QLineEdit.EchoMode.Password)
        self._lay_out()
        self._local = settings.database
        self.show_place(settings.database)
        self.kind.chosen.connect(self._kind_chosen)
        self.setFocusProxy(self.name)
        _fill(self, self._card)

    def _lay_out(self) -> None:
        self.browse = ActionButton(_("Choose…"), Look.PLAIN)
        self.browse.clicked.connect(self._browse)
        place = QHBoxLayout()
        place.addWidget(self.place, 1)
        place.addWidget(self.browse, 0, Qt.AlignmentFlag.AlignBottom)
        who = QHBoxLayout()
        who.setSpacing(16)
        who.addWidget(self.name, 1)
        who.addWidget(self.login, 1)
        secret = QHBoxLayout()
        secret.setSpacing(16)
        secret.addWidget(self.password, 1)
        secret.addWidget(self.again, 1)
        self.make = PrimaryButton(_("Make the database"))
        self.make.clicked.connect(self._make)
        self.set_primary(self.make)
        self.demo = ActionButton(_("Look around in a demonstration lab instead"), Look.QUIET, hint="D")
        self.demo.clicked.connect(self._demo)
        self.bind("D", self._demo)
        body = self._card.body
        body.addWidget(self.kind)
        for row in (place, who, secret):
            body.addLayout(row)
        body.addWidget(self.make)
        body.addWidget(self.demo, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_place(self, database: str) -> None:
        """Where the database is to be made: a path or an address."""
        local = "://" not in database
        self.kind.set_value("file" if local else "server")
        self.browse.setVisible(local)
        self.place.set_text(database)

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong, each beside its field."""
        self.set_busy("")
        for field in (self.place, self.name, self.login, self.password, self.again):
            field.set_problems([problem for problem in problems if problem.field == field.name])

    def set_busy(self, text: str) -> None:
        """While the database is made nothing else can be pressed."""
        self.make.setEnabled(not text)
        self.demo.setEnabled(not text)
        self.make.set_text(text or _("Make the database"))

    def _kind_chosen(self, kind: object) -> None:
        local = kind == "file"
        self.browse.setVisible(local)
        self.place.set_text(self._local if local else "postgresql://")
        self.place.setFocus()

    def _browse(self) -> None:
        path, _kind = QFileDialog.getSaveFileName(
            self, _("Where the database is"), self.place.text(), "*.sqlite"
        )
        if path:
            self.place.set_text(path)

    def _make(self) -> None:
        if self.password.text() != self.again.text():
            self.refuse([Problem("again", "passwords-differ")])
            return
        self.refuse([])
        self.set_busy(_("Making the database…"))
        self._found(self.place.text().strip(), self.name.text(), self.login.text(), self.password.text())

    def _demo(self) -> None:
        self.refuse([])
        self.set_busy(_("Making the demonstration lab…"))
        self._demonstrate(self.place.text().strip())


class RecoveryPanel(Screen):
    """The sealed recovery code, shown this once."""

    def __init__(self, go_on: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        card = RecoveryCard(
            _(
                "This code lets an administrator in again when every password is lost. It is shown only"
                " now. Put it on paper, in a sealed envelope, in the safe."
            )
        )
        self._card = card
        self.code, self.done = card.code, card.done
        card.written.connect(go_on)
        self.set_primary(self.done)
        self.setFocusProxy(self.done)
        _fill(self, card)

    def show_code(self, code: str, place: str) -> None:
        """Show the code and where the database was made."""
        self._card.show_code(code, _("The database is in {place}.").format(place=place))
