"""The sheet that labels lie on: whether there is one, how they lie on it, and the whole of it small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from biobank_desktop.gui import theme
from biobank_desktop.gui.widgets.cards import field_grid, reveal
from biobank_desktop.gui.widgets.choice_question import ChoiceQuestion
from biobank_desktop.gui.widgets.choices import Choice
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QPaintEvent

    from biobank_desktop.labels.templates import Stock

PATH = "stock.sheet"
COUNTS = ("columns", "rows")
"""What is counted, not measured."""

_PICTURE_PX = 264


class SheetEditor(QWidget):
    """On a roll or on sheets, and the fields of the sheet; what was typed stays where it is a roll again.

    ``size`` tells how large a label is.
    """

    changed = Signal()
    """the sheet is another one"""

    def __init__(self, size: Callable[[], Mapping[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self._size = size
        ways = [Choice(False, _("On a roll"), "Y"), Choice(True, _("On sheets"), "H")]
        self.way = ChoiceQuestion(_("The labels come"), ways, name=PATH, parent=self)
        labels = {
            "page_width_mm": _("Width of the sheet"),
            "page_height_mm": _("Height of the sheet"),
            "columns": _("Labels across"),
            "rows": _("Labels down"),
            "left_mm": _("First label, from the left"),
            "top_mm": _("First label, from the top"),
            "pitch_x_mm": _("From label to label across"),
            "pitch_y_mm": _("From label to label down"),
        }
        self.fields = {
            key: FieldBox(label, name=f"{PATH}.{key}", hint="mm" if key.endswith("_mm") else "", parent=self)
            for key, label in labels.items()
        }
        self.picture = SheetPicture(self)
        self._asked = QWidget(self)
        across = QHBoxLayout(self._asked)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(16)
        grid = QVBoxLayout()
        grid.addLayout(field_grid(list(self.fields.values()), 2))
        grid.addStretch(1)
        across.addLayout(grid, 1)
        across.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.way)
        column.addWidget(self._asked)
        self.way.chosen.connect(self._switched)
        for field in self.fields.values():
            field.changed.connect(self.changed)

    def begin_with(self, sheet: Mapping[str, str] | None) -> None:
        """Begin with a sheet, or without one."""
        for key, field in self.fields.items():
            field.set_text(sheet[key] if sheet is not None else "")
        self.way.set_value(sheet is not None)
        self._switched()

    def answers(self) -> dict[str, str] | None:
        """What is typed, right or wrong; None without a sheet."""
        if not self.way.value():
            return None
        return {key: field.text() for key, field in self.fields.items()}

    def show_stock(self, stock: Stock, label: bytes) -> None:
        """Show the sheet with one label, as it would be printed, on every place."""
        self.picture.show_sheet(stock, label)

    def _switched(self) -> None:
        """A sheet of which nothing was ever said is begun with labels of this size edge to edge."""
        from biobank_desktop.labels.typed import new_sheet  # noqa: PLC0415

        if self.way.value() and not any(field.text() for field in self.fields.values()):
            for key, text in new_sheet(self._size()).items():
                self.fields[key].set_text(text)
        reveal(self._asked, bool(self.way.value()))
        self.changed.emit()


class SheetPicture(QWidget):
    """A sheet true to scale, its labels on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stock: Stock | None = None
        self._label = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("The whole sheet"))

    def show_sheet(self, stock: Stock, label: bytes) -> None:
        """Show the sheet of a stock; nothing where it has none."""
        self._stock, self._label = stock, QImage.fromData(label)
        self.setAccessibleName(self.words() or _("The whole sheet"))
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """How many labels are on how large a sheet."""
        sheet = self._stock.sheet if self._stock is not None else None
        if sheet is None:
            return ""
        said = _("{count} labels on {width} × {height} mm")
        return said.format(
            count=sheet.count, width=f"{sheet.page_width_mm:g}", height=f"{sheet.page_height_mm:g}"
        )

    def sizeHint(self) -> QSize:
        """The size it would like."""
        return QSize(_PICTURE_PX, _PICTURE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        stock = self._stock
        if stock is None or stock.sheet is None:
            return
        sheet = stock.sheet
        words_px = self.fontMetrics().height() + 8
        scale = min(
            (self.width() - 2) / sheet.page_width_mm, (self.height() - words_px - 2) / sheet.page_height_mm
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        left = (self.width() - sheet.page_width_mm * scale) / 2
        painter.translate(left, 1)
        painter.setPen(QPen(theme.color("control"), 1))
        painter.setBrush(QColor("white"))
        painter.drawRect(QRectF(0, 0, sheet.page_width_mm * scale, sheet.page_height_mm * scale))
        painter.setPen(QPen(QColor("#b4bccc"), 1))
        for number in range(sheet.count):
            row, column = divmod(number, sheet.columns)
            place = QRectF(
                (sheet.left_mm + column * sheet.pitch_x_mm) * scale,
                (sheet.top_mm + row * sheet.pitch_y_mm) * scale,
                stock.width_mm * scale,
                stock.height_mm * scale,
            )
            painter.drawImage(place, self._label)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place)
        painter.resetTransform()
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(theme.Size.DETAIL))
        painter.drawText(
            QRectF(0, self.height() - words_px, self.width(), words_px),
            int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom),
            self.words(),
        )
        painter.end()
