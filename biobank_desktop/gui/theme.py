"""Colours, sizes and type of the window: a few tokens, light and dark, and the one stylesheet made of them.

Painted widgets read ``tokens()`` when they paint, everything else is styled by its ``role`` property, so a
change of scheme needs nothing but ``apply``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from biobank_desktop.gui import swatches
from biobank_desktop.gui.stylesheet import stylesheet

GRID_PX = 8
HALF_PX = 4
TARGET_PX = 40
BENCH_TARGET_PX = 48
RADIUS_PX = 8
FOCUS_PX = 2


class Size(IntEnum):
    """The four type sizes in pixels."""

    DETAIL = 12
    BODY = 14
    SECTION = 18
    CODE = 24


class Scheme(Enum):
    """Which set of colours to wear."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Meaning(Enum):
    """The states that own a colour; nothing else may use it."""

    PERMITTED = "permitted"
    PROVISIONAL = "provisional"
    REFUSED = "refused"
    STORED = "stored"
    MISSING = "missing"


@dataclass(frozen=True)
class Tone:
    """The three colours of a meaning: text and icon, the ground under it, the line around it."""

    ink: str
    ground: str
    line: str


@dataclass(frozen=True)
class Tokens:
    """Every colour of one scheme, as #rrggbb; ``swatches`` those of classes on a map."""

    ground: str
    surface: str
    field: str
    line: str
    control: str
    ink: str
    muted: str
    accent: str
    accent_fill: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    rail: str
    rail_selected: str
    rail_ink: str
    rail_muted: str
    well_free: str
    well_taken: str
    stop: str
    on_stop: str
    permitted: Tone
    provisional: Tone
    refused: Tone
    stored: Tone
    missing: Tone
    swatches: swatches.Swatches

    def tone(self, meaning: Meaning) -> Tone:
        """The colours reserved for ``meaning``."""
        tone: Tone = getattr(self, meaning.value)
        return tone


LIGHT = Tokens(
    ground="#f3f4f7",
    surface="#ffffff",
    field="#ffffff",
    line="#e0e4ec",
    control="#8b94a8",
    ink="#161d2d",
    muted="#566075",
    accent="#2f55d4",
    accent_fill="#2f55d4",
    accent_hover="#2646b8",
    on_accent="#ffffff",
    accent_soft="#e8edff",
    rail="#151c2e",
    rail_selected="#26334f",
    rail_ink="#ffffff",
    rail_muted="#b4bed3",
    well_free="#e9ecf2",
    well_taken="#9fb1d8",
    stop="#b3131e",
    on_stop="#ffffff",
    permitted=Tone("#0b6b3a", "#e3f5ea", "#8fcba8"),
    provisional=Tone("#7a4b00", "#fff3d6", "#e5c067"),
    refused=Tone("#a3141e", "#fdeaea", "#e59a9e"),
    stored=Tone("#1f4e8c", "#e4eefb", "#8fb2e0"),
    missing=Tone("#65399a", "#f2eafb", "#bfa3e0"),
    swatches=swatches.LIGHT,
)

DARK = Tokens(
    ground="#12161f",
    surface="#1b212d",
    field="#151a24",
    line="#2d3545",
    control="#6e7993",
    ink="#e8ecf4",
    muted="#a5afc3",
    accent="#93abff",
    accent_fill="#3f62e0",
    accent_hover="#3556cc",
    on_accent="#ffffff",
    accent_soft="#26335e",
    rail="#0c1018",
    rail_selected="#232d46",
    rail_ink="#ffffff",
    rail_muted="#a5afc3",
    well_free="#2e374a",
    well_taken="#5a6c98",
    stop="#c22630",
    on_stop="#ffffff",
    permitted=Tone("#7ed8a4", "#12301f", "#2e6b48"),
    provisional=Tone("#f4c95d", "#332809", "#7a5e16"),
    refused=Tone("#ff9fa0", "#3c1519", "#8c343a"),
    stored=Tone("#92bef7", "#152a43", "#35608f"),
    missing=Tone("#cfaef6", "#2c1e42", "#644690"),
    swatches=swatches.DARK,
)

_FOLLOWS = "followsColorScheme"
_current = LIGHT
_dense = False


def tokens() -> Tokens:
    """The colours worn now."""
    return _current


def color(name: str) -> QColor:
    """One of the colours worn now, by its name in ``Tokens``."""
    return QColor(getattr(_current, name))


def row_height_px() -> int:
    """The height of a row of a table: 40, in the dense mode for managers 28."""
    return 28 if _dense else TARGET_PX


@cache
def font(size: Size = Size.BODY, *, bold: bool = False, mono: bool = False) -> QFont:
    """The system's font, or its monospaced one, in one of the four sizes. Kept: copy it to change it."""
    kind = QFontDatabase.SystemFont.FixedFont if mono else QFontDatabase.SystemFont.GeneralFont
    chosen = QFontDatabase.systemFont(kind)
    chosen.setPixelSize(int(size))
    chosen.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return chosen


def apply(app: QApplication, scheme: Scheme = Scheme.SYSTEM, *, dense: bool = False) -> None:
    """Dress the application; with ``Scheme.SYSTEM`` it follows the system's choice from now on."""
    global _dense  # noqa: PLW0603  what the application wears is one thing
    _dense = dense
    hints = app.styleHints()
    hints.setColorScheme(
        {
            Scheme.SYSTEM: Qt.ColorScheme.Unknown,
            Scheme.LIGHT: Qt.ColorScheme.Light,
            Scheme.DARK: Qt.ColorScheme.Dark,
        }[scheme]
    )
    if not app.property(_FOLLOWS):
        app.setProperty(_FOLLOWS, True)
        if app.style().objectName().lower() != "fusion":
            app.setStyle("Fusion")
        hints.colorSchemeChanged.connect(_follow)
    wanted = hints.colorScheme() if scheme is Scheme.SYSTEM else _QT_SCHEME[scheme]
    _wear(DARK if wanted == Qt.ColorScheme.Dark else LIGHT)


_QT_SCHEME = {Scheme.LIGHT: Qt.ColorScheme.Light, Scheme.DARK: Qt.ColorScheme.Dark}


def _follow(scheme: Qt.ColorScheme) -> None:
    _wear(DARK if scheme == Qt.ColorScheme.Dark else LIGHT)


def _wear(chosen: Tokens) -> None:
    global _current  # noqa: PLW0603  what the application wears is one thing
    _current = chosen
    app = QApplication.instance()
    if isinstance(app, QApplication):
        sheet = stylesheet(chosen, font(mono=True).family())
        if sheet != app.styleSheet():
            app.setFont(font())
            app.setPalette(_palette(chosen))
            app.setStyleSheet(sheet)


def _palette(chosen: Tokens) -> QPalette:
    """The palette of what the stylesheet does not reach."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, value in (
        (roles.Window, chosen.ground),
        (roles.WindowText, chosen.ink),
        (roles.Base, chosen.field),
        (roles.AlternateBase, chosen.ground),
        (roles.Text, chosen.ink),
        (roles.Button, chosen.surface),
        (roles.ButtonText, chosen.ink),
        (roles.ToolTipBase, chosen.surface),
        (roles.ToolTipText, chosen.ink),
        (roles.PlaceholderText, chosen.muted),
        (roles.Highlight, chosen.accent_fill),
        (roles.HighlightedText, chosen.on_accent),
        (roles.Link, chosen.accent),
    ):
        palette.setColor(role, QColor(value))
    return palette


def set_role(widget: QWidget, role: str) -> None:
    """Give the widget its look: a ``role`` the stylesheet knows. Polishes again what was polished before.

    A new widget is polished when it is first shown or measured; to do it now as well would cost a page of
    many words half its time. A tone is also the colour of the words in it, which Qt does not look up again by
    itself.
    """
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return
    style = widget.style()
    within = widget.findChildren(QLabel) if role.startswith("tone-") else []
    for each in (widget, *within):
        style.unpolish(each)
        style.polish(each)
