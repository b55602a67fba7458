"""A walk list: what to take from where, in the order of walking, each door opened once, each box lifted once.

Who walks ticks off vial by vial; the symbol of a box says by scan that it is the right one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Table

from biobank_desktop.domain import codes
from biobank_desktop.domain.walking import walk
from biobank_desktop.language import _, ngettext, say_value
from biobank_desktop.papers import style
from biobank_desktop.papers.marks import Box, Symbol
from biobank_desktop.papers.pages import document
from biobank_desktop.papers.parts import MARGINS, TIGHT, WIDTH, foot, heading, ruled, running_head
from biobank_desktop.papers.style import marked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from reportlab.pdfgen.canvas import Canvas

    from biobank_desktop.domain.walking import Opening, Stop, WalkLine

_MODULE = 6 * 72 / 300
_KEPT = 4
"""Lines that stay with the name of their box."""


@dataclass(frozen=True)
class WalkList:
    """Everything a walk list says; ``title`` says what for."""

    lab: str
    title: str
    made_at: datetime
    made_by: str
    lines: tuple[WalkLine, ...]


def walk_list_pdf(paper: WalkList) -> bytes:
    """The list in the chosen language; the same list gives the same bytes."""
    openings = walk(paper.lines)
    story: list[Flowable] = [
        Paragraph(marked(paper.title), style.heading(18, before=0, after=2)),
        Paragraph(marked(summary(openings)), style.text(11, after=2)),
        Paragraph(marked(_made(paper)), style.small(9)),
    ]
    for opening in openings:
        story += _opening(opening)
    return document(
        story,
        paper.title,
        lambda canvas, page, pages: _furniture(canvas, paper, page, pages),
        margins=MARGINS,
    )


def walk_list_text(paper: WalkList) -> str:
    """The same as plain text."""
    openings = walk(paper.lines)
    said = [paper.title, summary(openings), _made(paper)]
    for opening in openings:
        said += ["", _counted(opening)]
        for stop in opening.stops:
            said += ["", f"  {_way(stop)}  {codes.group(stop.box)}"]
            said += [f"  [ ] {' · '.join(_words(line))}" for line in stop.lines]
    return "\n".join(said)


def summary(openings: Sequence[Opening]) -> str:
    """How much walking it is."""
    return " · ".join(
        (
            ngettext("{count} vial", "{count} vials", sum(opening.vials for opening in openings)),
            ngettext("{count} box", "{count} boxes", sum(len(opening.stops) for opening in openings)),
            ngettext("{count} door to open", "{count} doors to open", len(openings)),
        )
    )


def _made(paper: WalkList) -> str:
    return _("As known on {moment}").format(moment=f"{say_value(paper.made_at)} · {paper.made_by}")


def _counted(opening: Opening) -> str:
    return f"{opening.device} · {ngettext('{count} vial', '{count} vials', opening.vials)}"


def _way(stop: Stop) -> str:
    return " / ".join(stop.path[1:]) or stop.path[0]


def _words(line: WalkLine) -> tuple[str, ...]:
    goes = (f"→ {line.target}",) if line.target else ()
    return (line.position, codes.group(line.code), line.what, *goes)


def _furniture(canvas: Canvas, paper: WalkList, page: int, pages: int) -> None:
    running_head(canvas, paper.title, paper.lab)
    foot(canvas, _made(paper), page, pages)


def _opening(opening: Opening) -> list[Flowable]:
    """A device with its boxes; the first lines of a box stay with its name."""
    story: list[Flowable] = []
    for place, stop in enumerate(opening.stops):
        head: list[Flowable] = [heading(_counted(opening))] if place == 0 else []
        story.append(KeepTogether([*head, _stop_head(stop), _lines(stop.lines[:_KEPT])]))
        if stop.lines[_KEPT:]:
            story.append(_lines(stop.lines[_KEPT:]))
    return story


def _stop_head(stop: Stop) -> Table:
    symbol = Symbol(stop.box, _MODULE)
    words = [
        Paragraph(marked(_way(stop)), style.text(13, bold=True, before=4)),
        Paragraph(marked(codes.group(stop.box)), style.small(10)),
    ]
    table = Table([[words, symbol]], [WIDTH - symbol.width, symbol.width], hAlign="LEFT")
    table.setStyle(style.of_table([*TIGHT, ("VALIGN", (0, 0), (-1, -1), "BOTTOM")]))
    return table


def _lines(lines: Sequence[WalkLine]) -> Table:
    goes = any(line.target for line in lines)
    rows: list[list[object]] = []
    for line in lines:
        cells: list[object] = [
            Box(),
            Paragraph(marked(line.position), style.text(12, bold=True)),
            Paragraph(marked(codes.group(line.code)), style.text(10.5, bold=True)),
            Paragraph(marked(line.what), style.text(9.5)),
        ]
        target = Paragraph(marked(f"→ {line.target}" if line.target else ""), style.text(9.5))
        rows.append([*cells, target] if goes else cells)
    rest = WIDTH - 66 * mm
    widths = [9 * mm, 17 * mm, 40 * mm, *((rest * 0.45, rest * 0.55) if goes else (rest,))]
    table = ruled(Table(rows, widths, hAlign="LEFT"))
    table.setStyle(style.of_table([("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table
