"""Connecting a serial scanner: its port and speed, with the ports that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.amounts import parse_whole
from biobank_desktop.domain.problems import Problem
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.gui.widgets.form_card import FormCard
from biobank_desktop.gui.widgets.texts import Text
from biobank_desktop.language import _
from biobank_desktop.settings import SCANNER_SPEEDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget


class SerialCard(FormCard):
    """Asks for the port; an empty one is no serial scanner."""

    def __init__(self, parent: QWidget | None = None) -> None:
        text = _(
            "For a scanner set to USB-COM. It types nothing: what it sends goes straight to the program."
        )
        super().__init__(_("Serial scanner"), text, _("Store the port"), parent)
        self.port = FieldBox(_("Port"), name="port", hint=_("empty for none"), parent=self)
        self.speed = FieldBox(_("Speed"), name="speed", hint=_("bits per second"), parent=self)
        self._found = Text("", "muted", wrap=True, parent=self)
        self.add_row([self.port, self.speed], 2)
        self.rows.addWidget(self._found)

    def show_kept(self, port: str, speed: int) -> None:
        """Fill in what this bench keeps now."""
        self.port.set_text(port)
        self.speed.set_text(str(speed))
        self._found.setText(_("Looking for ports…"))

    def show_ports(self, ports: Sequence[str]) -> None:
        """Name the ports that there are; the only one is filled in where none is kept."""
        if not ports:
            self._found.setText(_("No serial port was found. Connect the scanner and open this again."))
            return
        self._found.setText(_("Found: {ports}").format(ports=", ".join(ports)))
        if len(ports) == 1 and not self.port.text():
            self.port.set_text(ports[0].split(" ")[0])

    def problems(self) -> list[Problem]:
        """What cannot be kept."""
        known = ", ".join(map(str, SCANNER_SPEEDS))
        wrong = parse_whole(self.speed.text()) not in SCANNER_SPEEDS
        return [Problem("speed", "scanner-speed", {"known": known})] if wrong else []


def serial_ports() -> list[str]:
    """The ports of this computer with what is connected there, in words."""
    from serial.tools.list_ports import comports  # noqa: PLC0415

    return [_named(port.device, port.description) for port in sorted(comports())]


def _named(device: str, description: str | None) -> str:
    told = description if description and description != "n/a" and description not in device else ""
    return f"{device} ({told})" if told else device
