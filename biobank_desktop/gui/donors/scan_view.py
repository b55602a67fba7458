"""A scan of a signed form inside the window: page by page, larger and smaller, until it is put away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.gui.theme import set_role
from biobank_desktop.gui.widgets.actions import ActionButton, Look
from biobank_desktop.gui.widgets.texts import Text, plain_tip
from biobank_desktop.language import _, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.gui.desk import Desk
    from biobank_desktop.gui.donors.scan_drawing import Drawn
    from biobank_desktop.gui.identities import Glimpse
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.identity.keeping import Identities
    from biobank_desktop.services.identity.scans import FormScan

_ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
"""Of the width there is; 1 fits."""
_FITS = _ZOOMS.index(1.0)
_AROUND_PX = 336
"""What the window has above and below the sheet: so much less than the window is the sheet high."""
_LEAST_PX = 400
_EDGE_PX = 32
_PAGE_KEYS = frozenset({Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


class _Sheet(QScrollArea):
    """Arrows move what is shown; the keys of the pages belong to the screen."""

    widened = Signal()
    """there is another width to fill"""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say when the width is another."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.widened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys but those."""
        if event.key() in _PAGE_KEYS:
            event.ignore()
        else:
            super().keyPressEvent(event)


class ScanView(QWidget):
    """Asks the identity store for a scan and shows it, until ``forget``. Nothing of it is ever in a file."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._glimpse: Glimpse[FormScan] | None = None
        self._scan: FormScan | None = None
        self._page, self._pages, self._zoom = 0, 0, _FITS
        self._where = Text("", "strong", parent=self)
        self._trouble = Text("", "provisional", wrap=True, parent=self)
        self._picture = QLabel(self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._picture.setMargin(8)
        set_role(self._picture, "ground")
        self.sheet = _Sheet(self)
        self.sheet.setWidget(self._picture)
        self.sheet.setWidgetResizable(True)
        set_role(self.sheet, "ground")
        self.sheet.setAccessibleName(_("The scan"))
        self._soon = QTimer(self)  # once the window has given everything its place
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._draw)
        self.sheet.widened.connect(self._soon.start)
        self.back = self._button(_("Page back"), "chevron-left", "PGUP", lambda: self.turn(-1))
        self.on = self._button(_("Page on"), "chevron-right", "PGDN", lambda: self.turn(1))
        self.smaller = self._button(_("Smaller"), "minus", "−", lambda: self.zoom(-1))
        self.larger = self._button(_("Larger"), "plus", "+", lambda: self.zoom(1))
        tools = QHBoxLayout()
        tools.setSpacing(0)
        tools.addWidget(self._where)
        tools.addStretch(1)
        for button in (self.back, self.on, self.smaller, self.larger):
            tools.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(tools)
        column.addWidget(self._trouble)
        column.addWidget(self.sheet)
        self.forget()

    def _button(self, text: str, icon: str, hint: str, action: Callable[[], None]) -> ActionButton:
        button = ActionButton("", Look.QUIET, icon=icon, hint=hint, parent=self)
        button.setAccessibleName(text)
        button.setToolTip(plain_tip(text))
        button.clicked.connect(action)
        return button

    @property
    def shows(self) -> bool:
        """Whether there is a scan to see."""
        return self._scan is not None

    def look(
        self,
        donor: str,
        line: int,
        why: str,
        passphrase: str,
        *,
        seen: Callable[[], None],
        refused: Callable[[tuple[Problem, ...]], None],
        ended: Callable[[], None],
    ) -> None:
        """Ask for the scan of a line, opening the store first when a passphrase is given."""
        from biobank_desktop.services.identity.scans import read_scan  # noqa: PLC0415

        def read(store: Store, identities: Identities, actor: Actor) -> FormScan:
            return read_scan(store, identities, actor, donor, line, why)

        def show(scan: FormScan) -> None:
            self._scan = scan
            self.sheet.setFixedHeight(max(_LEAST_PX, self.window().height() - _AROUND_PX))
            self.setVisible(True)
            self._soon.start()
            seen()

        self.forget()
        self._glimpse = self._desk.identities.look(
            self, passphrase, read, show, refused=refused, ended=ended, topics={"donors"}
        )

    def forget(self) -> None:
        """Nothing of it stays, and nothing still comes."""
        if self._glimpse is not None:
            self._glimpse.close()
        self._glimpse, self._scan = None, None
        self._page, self._pages, self._zoom = 0, 0, _FITS
        self._picture.clear()
        self._trouble.hide()
        self.hide()

    def turn(self, by: int) -> None:
        """Another page."""
        page = self._page + by
        if self.shows and 0 <= page < self._pages:
            self._page = page
            self.sheet.verticalScrollBar().setValue(0)
            self._draw()

    def zoom(self, by: int) -> None:
        """Larger or smaller."""
        zoom = self._zoom + by
        if self.shows and 0 <= zoom < len(_ZOOMS):
            self._zoom = zoom
            self._draw()

    def _draw(self) -> None:
        from biobank_desktop.gui.donors.scan_drawing import draw  # noqa: PLC0415

        scan, page = self._scan, self._page
        if scan is None:
            return
        ratio = self.devicePixelRatioF()
        width = round(max(200, self.sheet.width() - _EDGE_PX) * _ZOOMS[self._zoom] * ratio)

        def drawn(made: Drawn) -> None:
            if scan is self._scan:
                self._show(made, ratio)

        def failed(error: Exception) -> None:
            if scan is self._scan:
                self._say(error)

        self._desk.jobs.run_aside(self, lambda: draw(scan, page, width), drawn, newest="page", failed=failed)

    def _show(self, made: Drawn, ratio: float) -> None:
        self._page, self._pages = made.page, made.pages
        picture = QPixmap.fromImage(made.image)
        picture.setDevicePixelRatio(ratio)
        self._picture.setPixmap(picture)
        self._where.setText(_("Page {page} of {pages}").format(page=made.page + 1, pages=made.pages))
        self._picture.setAccessibleName(self._where.text())
        self.back.setEnabled(made.page > 0)
        self.on.setEnabled(made.page + 1 < made.pages)
        self.smaller.setEnabled(self._zoom > 0)
        self.larger.setEnabled(self._zoom + 1 < len(_ZOOMS))
        self.sheet.setVisible(True)

    def _say(self, error: Exception) -> None:
        if not isinstance(error, Rejected):
            self._desk.tell(error)
            return
        self._where.setText("")
        for button in (self.back, self.on, self.smaller, self.larger):
            button.setEnabled(False)
        self._trouble.setText(" ".join(map(say, error.problems)))
        self._trouble.show()
        self.sheet.hide()
