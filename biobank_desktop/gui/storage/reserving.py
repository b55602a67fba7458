"""Reserved wells: for whom, for what, for how many days; drawn with the initials of whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.gui import words
from biobank_desktop.gui.widgets.boxmap import Well, WellState
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.language import _, ngettext
from biobank_desktop.services.reserving import ReserveForm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from PySide6.QtWidgets import QWidget

    from biobank_desktop.domain.grids import Position
    from biobank_desktop.gui.boxviews import Shape
    from biobank_desktop.gui.widgets.boxmap import Place
    from biobank_desktop.persistence.queries.reservations import ReservationRow

_DAYS = 7


def initials(name: str) -> str:
    """The first letters of a person's first and last name."""
    parts = name.split()
    return "".join(part[0].upper() for part in ([parts[0], parts[-1]] if len(parts) > 1 else parts))


def reserved_wells(
    shape: Shape, reserved: Mapping[Position, ReservationRow], now: datetime
) -> dict[Place, Well]:
    """Reserved positions as wells; what has run out says so."""
    return {
        shape.place(position): Well(WellState.RESERVED, reserved_text(row, now), mark=initials(row.name))
        for position, row in reserved.items()
    }


def reserved_text(row: ReservationRow, now: datetime) -> str:
    """Whose it is, for what and until when."""
    until = words.day(row.until.date())
    text = _("{name} until {until}: {what}") if row.until > now else _("{name}, over since {until}: {what}")
    return text.format(name=row.name, until=until, what=row.what)


class ReserveCard(FormCard):
    """Asks what wells are kept for, and how long."""

    def __init__(
        self, box: str, name: str, positions: tuple[str, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(
            ngettext("Reserve {count} well", "Reserve {count} wells", len(positions)),
            _("{box} / {places}, for you. Nobody else can place anything there meanwhile.").format(
                box=name, places=", ".join(positions)
            ),
            _("Reserve"),
            parent,
        )
        self._box, self._positions = box, positions
        self.what = FieldBox(_("For what"), name="what", parent=self)
        self.days = FieldBox(_("For how long"), name="days", hint=_("days"), letters=False, parent=self)
        self.days.set_text(str(_DAYS))
        self.add_row([self.what, self.days], columns=2)

    def form(self) -> ReserveForm:
        """What the fields say; what is no number is 0, and the database says so."""
        days = parse_whole(self.days.text()) or 0
        return ReserveForm(self._box, self.what.text(), self._positions, days=days)
