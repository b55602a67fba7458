"""The one stylesheet of the application, written once with the colours of a scheme."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biobank_desktop.gui.theme import Tokens

MEANINGS = ("permitted", "provisional", "refused", "stored", "missing")


def stylesheet(tokens: Tokens, mono: str) -> str:
    """The stylesheet in the colours of ``tokens``; ``mono`` is the family codes are set in."""
    plain = {name: value for name, value in vars(tokens).items() if isinstance(value, str)}
    parts = [_SHEET.substitute(plain, mono=mono)]
    for name in MEANINGS:
        tone = getattr(tokens, name)
        parts.append(_MEANING.substitute(name=name, ink=tone.ink, ground=tone.ground, line=tone.line))
    return "\n".join(parts)


_MEANING = Template("""
QLabel[role="$name"] { color: $ink; font-size: 12px; }
QFrame[role="tone-$name"] { background: $ground; border: 1px solid $line; border-radius: 8px; }
QFrame[role="tone-$name"] QLabel { color: $ink; }
QFrame[role="field"][meaning="$name"] QLineEdit { color: $ink; }
QLabel[role="chip-$name"] {
  color: $ink; background: $ground; border: 1px solid $line; border-radius: 11px; padding: 0 8px;
  font-size: 12px; min-height: 20px; max-height: 20px;
}
""")

_SHEET = Template("""
QMainWindow, QWidget[role="ground"], QScrollArea[role="ground"] { background: $ground; }
QWidget[role="bar"] { background: $surface; border-bottom: 1px solid $line; }
QWidget[role="status"] { background: $surface; border-top: 1px solid $line; }
QWidget[role="status"] QLabel { color: $muted; font-size: 12px; }
QWidget[role="panel"] { background: $surface; border-left: 1px solid $line; }
QWidget[role="rail"] { background: $rail; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget[role="clear"] { background: transparent; }

QFrame[role="card"] { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame[role="float"] { background: $surface; border: 1px solid $control; border-radius: 8px; }
QFrame[role="rule"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="stop"] { background: $stop; border: none; }
QFrame[role="stop"] QLabel { color: $on_stop; }

QLabel { color: $ink; background: transparent; }
QLabel[role="title"] { font-size: 18px; font-weight: 600; }
QLabel[role="large"] { font-size: 24px; font-weight: 600; }
QLabel[role="section"] { font-size: 14px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="old"] { color: $muted; text-decoration: line-through; }
QLabel[role="detail"] { color: $muted; font-size: 12px; }
QLabel[role="label"] { color: $muted; font-size: 12px; }
QLabel[role="link"] { color: $accent; }
QLabel[role="code"] { font-family: "$mono"; }
QLabel[role="code-detail"] { font-family: "$mono"; color: $muted; font-size: 12px; }
QLabel[role="code-large"] { font-family: "$mono"; font-size: 24px; font-weight: 600; }
QLabel[role="stop-title"] { font-size: 24px; font-weight: 600; }
QLabel[role="stop-text"] { font-size: 18px; }
QLabel[role="chip"] {
  color: $accent; background: $accent_soft; border-radius: 12px; padding: 0 12px; font-size: 12px;
  min-height: 24px; max-height: 24px;
}

QLineEdit, QPlainTextEdit, QComboBox {
  background: $field; color: $ink; border: 1px solid $control; border-radius: 6px; padding: 0 11px;
  min-height: 36px; selection-background-color: $accent_fill; selection-color: $on_accent;
}
QPlainTextEdit { padding: 7px 7px; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border: 2px solid $accent; padding: 0 10px; }
QPlainTextEdit:focus { padding: 6px 6px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled { color: $muted; background: $ground; }
QLineEdit[role="bare"], QLineEdit[role="bare"]:focus {
  border: none; background: transparent; padding: 0; min-height: 24px;
}
QLineEdit[mono="true"], QPlainTextEdit[mono="true"] { font-family: "$mono"; }
QFrame[role="field"] { background: $field; border: 1px solid $control; border-radius: 6px; }
QFrame[role="field"][focused="true"] { border: 2px solid $accent; }
QFrame[role="field"][problem="true"] { border: 2px solid $stop; }
QFrame[role="field"]:disabled { background: $ground; border: 1px solid $line; }

QTableView, QListView, QTreeView, QPlainTextEdit[role="plain"] {
  background: $surface; color: $ink; border: 1px solid $line; border-radius: 8px; gridline-color: $line;
  selection-background-color: $accent_soft; selection-color: $ink; outline: none;
}
QTableView:focus, QListView:focus, QTreeView:focus { border: 2px solid $accent; }
QTableView::item { padding: 0 8px; border: none; border-bottom: 1px solid $line; }
QTreeView { padding: 4px; }
QTreeView::item { padding: 0 8px; border: none; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {
  background: $accent_soft; color: $ink;
}
QListView::item { min-height: 40px; padding: 0 12px; }
QListView[role="bare"], QListView[role="bare"]:focus { border: none; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
  background: transparent; color: $muted; font-size: 12px; border: none; border-bottom: 1px solid $line;
  padding: 8px 11px;
}
QTableCornerButton::section { background: $surface; border: none; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 2px 3px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 3px 2px; }
QScrollBar::handle { background: $control; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 40px; }
QScrollBar::handle:horizontal { min-width: 40px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar {
  background: $well_free; border: none; border-radius: 4px; max-height: 8px; min-height: 8px;
  color: transparent;
}
QProgressBar::chunk { background: $accent_fill; border-radius: 4px; }
QCheckBox, QRadioButton { color: $ink; min-height: 40px; spacing: 8px; }
QToolTip { background: $surface; color: $ink; border: 1px solid $control; padding: 4px 8px; }
QMenu { background: $surface; color: $ink; border: 1px solid $control; padding: 4px; }
QMenu::item { padding: 8px 16px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; }
""")
