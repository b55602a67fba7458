"""What a scan on trial says of the scanner, its keyboard layout and the program, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain.scanner_trial import Finding, compare
from biobank_desktop.gui.bursts import GAP_MS, STEADY
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.verdicts import Shown
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.domain.scans import Scan
    from biobank_desktop.gui.bursts import Run


def judge(raw: str, scan: Scan | None, run: Run | None) -> Shown:
    """The verdict on what was sent; ``run`` are the keys, None when it came over a serial line."""
    finding = compare(raw)
    scanner, layout = _of_scanner(run, finding), _of_layout(finding)
    if scanner or layout:
        return Shown(Meaning.REFUSED, _blamed(scanner, layout), " ".join((*layout, *scanner)))
    if finding is Finding.RIGHT:
        text = _("Every digit and letter arrived, in time and with Enter. Scanner, layout and program agree.")
        return Shown(Meaning.PERMITTED, _("All is right"), text)
    if scan is None:
        text = _(
            "It arrived whole, but is no code of this lab, or its check character is wrong. Is it a code of "
            "others, add its pattern below; else scan the test symbol."
        )
        return Shown(Meaning.PROVISIONAL, _("The program does not know this code"), text)
    return Shown(Meaning.PERMITTED, _("It is read"), _of_symbol(scan, run))


def _blamed(scanner: list[str], layout: list[str]) -> str:
    if not layout:
        return _("It is the scanner")
    return _("It is the keyboard layout and the scanner") if scanner else _("It is the keyboard layout")


def _of_symbol(scan: Scan, run: Run | None) -> str:
    if scan.symbology and run is None:
        return _("The code is whole, and says which symbol it was.")
    if scan.symbology:
        return _("Fast enough, and the symbol is named.")
    if run is None:
        return _("The scanner can also send the AIM identifier, which names the symbol.")
    return _("Fast enough. The scanner can also send the AIM identifier, which names the symbol.")


def _of_layout(finding: Finding) -> list[str]:
    told = {
        Finding.GERMAN: _(
            "Y and Z have changed places (QWERTZ): set the scanner to the country of this computer's "
            "keyboard."
        ),
        Finding.FRENCH_COMPUTER: _(
            "This computer has a French or Belgian keyboard (AZERTY) and the scanner another one: set the "
            "scanner to the country of this computer's keyboard."
        ),
        Finding.FRENCH_SCANNER: _(
            "The scanner is set to a French keyboard (AZERTY), this computer is not: set the scanner to the "
            "country of this computer's keyboard."
        ),
        Finding.SHIFTED_DIGITS: _(
            "Digits came as other signs: set the scanner to the country of this computer's keyboard, and "
            "switch Caps Lock off."
        ),
        Finding.SMALL_LETTERS: _("Letters came small: switch Caps Lock and the scanner's case change off."),
    }
    return [told[finding]] if finding in told else []


def _of_scanner(run: Run | None, finding: Finding) -> list[str]:
    told = []
    if finding is Finding.LOST:
        text = _("Signs of the test symbol were lost: raise its delay between keys to 10 ms, or come nearer.")
        told.append(text)
    if run is None:
        return told
    if not run.ended:
        told.append(_("It sends no Enter in time: set its suffix to Enter (CR)."))
    slowest = max(run.gaps_ms, default=0)
    if slowest > GAP_MS * STEADY:
        text = _(
            "It is slow, {ms} ms between two keys; over {limit} ms a scan is taken for typing. Set its delay "
            "between keys to 0."
        )
        told.append(text.format(ms=slowest, limit=GAP_MS))
    return told
