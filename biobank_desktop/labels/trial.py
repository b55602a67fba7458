"""A layout tried before it is used: each symbol is printed badly, bent round its tube, photographed and read.

Every picture has another code, angle and wear, all from fixed seeds: one layout always has the same figures.
The printer's dots grow by a quarter of a dot on every side and 5 % of them are missing; the side goes round
the tube, turned up to 10° away from the reader; the picture has any angle (a Code 128 up to 5°, as one holds
a scanner along the bars), 4 pixels a module, a contrast of 0.3, a blur of a third of a module and some noise.
What stands around the symbol is in the picture.

What it is worth: no paper was at hand. An earlier model of the same wear gave, of 60 at 5 pixels a module,
for modules of 2, 3 and 4 dots at 300 dpi, the first figures; this one gives the second on a flat label:

    dots grown by 0.25 a side    41 59 60    58 60 60
    dots grown by 0.5 a side      0  5 55     0 43 58
    dots shrunk by 0.25 a side   57 60 60    59 59 60
    5 % of the dots missing      59 60 60    60 60 60
    15 % of the dots missing     47 59 59    45 60 60
    contrast 0.2                 60 60 60    60 60 60
    blur of half a module         2  0  3     8  6  6
    2 pixels a module             0  0  0    49 44 41

It is milder on grown dots alone and on few pixels (its blur shrinks with the pixels); all wear together at
4 pixels a module on a tube of 12.5 mm reads 51, 60 and 60: two dots at 300 dpi are refused, three are not.
Frost, smears of the ribbon and a real scanner are not in it: scan a printed label before a layout is used.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from biobank_desktop.domain import codes
from biobank_desktop.domain.problems import Problem, stops
from biobank_desktop.labels.drawing import draw
from biobank_desktop.labels.fullest import KINDS, fullest, widest_code
from biobank_desktop.labels.gate import LabelRefused
from biobank_desktop.labels.page import MM_PER_INCH, Box, inner_dots, length_mm, nearest_dots
from biobank_desktop.labels.pyramid import read_anywhere
from biobank_desktop.labels.rendering import render
from biobank_desktop.labels.symbols import Symbology
from biobank_desktop.labels.templates import SymbolElement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.labels.draft import Draft, Mark
    from biobank_desktop.labels.templates import Part, Template

TRIED = 60
LEAST_READ = 58
"""Of ``TRIED``: fewer, and a vial's layout is refused."""

_AROUND_MODULES = 4
_ROLL_DEGREES = 10.0
_SLANT_DEGREES = {Symbology.DATA_MATRIX: 180.0, Symbology.CODE_128: 5.0}
_STRIP = 8
_SIGHT = math.radians(80)
_PAPER = 200


@dataclass(frozen=True)
class Wear:
    """What happens between the dots meant and the picture read.

    ``growth_dots`` on every side of every dot, the share of dots that is missing, the grey levels between ink
    and paper as a share of all, the blur and the pixels in modules, the noise in grey levels either way.
    """

    growth_dots: float = 0.25
    missing: float = 0.05
    contrast: float = 0.3
    blur_modules: float = 0.34
    pixels: float = 4.0
    noise: int = 4


USUAL = Wear()


@dataclass(frozen=True)
class Outcome:
    """How the symbol in a template's element (from 1) fared: ``right`` and ``wrong`` of ``TRIED`` pictures.

    The others did not read, which a person notices; what reads wrong nobody does.
    """

    element: int
    module_dots: int
    right: int
    wrong: int


@lru_cache(maxsize=64)
def trial(template: Template, dpi: int, wear: Wear = USUAL) -> tuple[Outcome, ...]:
    """How every symbol of a template fares on a printer of this resolution, in the template's order.

    Takes about a second a Data Matrix, up to ten a Code 128 at 600 dpi: not for the window's thread. Raises
    ``LabelRefused`` where the template cannot be drawn at this resolution.
    """
    drafts = [draw(template, fullest(template.label, code), dpi) for code in _codes(template.label)]
    elements = [
        (number, element)
        for number, element in enumerate(template.elements, start=1)
        if isinstance(element, SymbolElement)
    ]
    return tuple(
        _outcome(number, _home(template, element), template.stock.tube_mm, drafts, nth, wear)
        for nth, (number, element) in enumerate(elements)
    )


@lru_cache(maxsize=64)
def template_problems(template: Template, dpi: int) -> tuple[Problem, ...]:
    """Everything for which an editor refuses a template at a resolution, and what it warns of.

    Each element is drawn alone with the widest code and the longest texts (``field`` is its path, as the
    reader names it), then all together, and only what can be printed is tried: a vial's symbol that reads too
    seldom is refused, another one's is a warning. Takes seconds the first time: not for the window's thread.
    """
    problems = list(_drawn_problems(template, dpi))
    if not stops(problems):
        for outcome in trial(template, dpi):
            problems.extend(outcome_problems(outcome, dpi, warning=template.label != "vial"))
    return tuple(problems)


def _drawn_problems(template: Template, dpi: int) -> Iterator[Problem]:
    """What the drawing and the gate say of each element, and of what only shows when all are there."""
    label = fullest(template.label, widest_code(template.label))
    said: set[str] = set()
    for number, element in enumerate(template.elements, start=1):
        try:
            problems = render(replace(template, elements=(element,)), label, dpi).warnings
        except LabelRefused as refused:
            problems = refused.problems
        for problem in problems:
            said.add(problem.code)
            yield replace(problem, field=f"element.{number}")
    try:
        render(template, label, dpi)
    except LabelRefused as refused:
        yield from (replace(one, field="") for one in stops(refused.problems) if one.code not in said)


def outcome_problems(outcome: Outcome, dpi: int, *, warning: bool) -> Iterator[Problem]:
    """What is wrong with a symbol's figures; one that ever read as another code is refused on everything.

    With ``warning`` a symbol that reads too seldom is only warned of.
    """
    field = f"element.{outcome.element}"
    if outcome.wrong:
        yield Problem(field, "template-trial-wrong", {"wrong": outcome.wrong, "tried": TRIED, "dpi": dpi})
    if outcome.right < LEAST_READ:
        values = {
            "right": outcome.right,
            "tried": TRIED,
            "least": LEAST_READ,
            "dots": outcome.module_dots,
            "module_mm": round(length_mm(outcome.module_dots, dpi), 3),
            "dpi": dpi,
        }
        yield Problem(field, "template-trial-failed", values, warning)


@cache
def _codes(purpose: str) -> tuple[str, ...]:
    """The codes that are tried: others for each picture, the same for each template."""
    chance = random.Random(purpose)
    made = (codes.make(KINDS[purpose], 2026, chance.randrange(codes.SERIALS)) for _ in range(2 * TRIED))
    return tuple(code for code in made if code is not None)[:TRIED]


def _home(template: Template, element: SymbolElement) -> Part:
    """The part that a symbol is printed on. Every element lies on one, as the reader sees to."""
    return next(part for part in template.stock.parts if part.area.overlaps(element.area))


def _outcome(number: int, part: Part, tube_mm: float, drafts: list[Draft], nth: int, wear: Wear) -> Outcome:
    """How the ``nth`` symbol of each draft fares."""
    bent_mm = tube_mm if part.kind == "side" else 0.0
    right = wrong = 0
    for seed, draft in enumerate(drafts):
        mark = draft.marks[nth]
        chance = random.Random(1000 * number + seed)
        texts = read_anywhere(_picture(_cut(draft, mark, part), mark, draft.dpi, bent_mm, wear, chance))
        right += texts == [mark.code]
        wrong += texts not in ([], [mark.code])
    return Outcome(number, drafts[0].marks[nth].module_dots, right, wrong)


def _cut(draft: Draft, mark: Mark, part: Part) -> Image.Image:
    """The symbol with what lies around it on its part, ink is 255."""
    around = mark.quiet_zone.grown(*2 * (_AROUND_MODULES * mark.module_dots,))
    area = part.area
    left, top = nearest_dots(area.x_mm, draft.dpi), nearest_dots(area.y_mm, draft.dpi)
    right, bottom = inner_dots(area.right_mm, draft.dpi), inner_dots(area.bottom_mm, draft.dpi)
    edges = Box(left, top, right - left, bottom - top)
    whole = Image.new("L", (draft.width, draft.height), 0)
    whole.paste(draft.ink.convert("L").crop(edges.edges), (left, top))
    return whole.crop(around.edges)


def _picture(
    ink: Image.Image, mark: Mark, dpi: int, tube_mm: float, wear: Wear, chance: random.Random
) -> Image.Image:
    """What a reader sees of the ink, dark on light."""
    fine = 4 if mark.module_dots <= 6 else 2
    worn = _worn(ink, fine, wear, chance)
    if tube_mm:
        radius = tube_mm / 2 * dpi / MM_PER_INCH * fine
        worn = _bent(worn, radius, math.radians(chance.uniform(-_ROLL_DEGREES, _ROLL_DEGREES)))
    slant = _SLANT_DEGREES[mark.symbology]
    angle = chance.uniform(-slant, slant)
    turned = worn.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    scale = wear.pixels / (mark.module_dots * fine)
    return _photographed(turned, scale, wear, chance)


def _worn(ink: Image.Image, fine: int, wear: Wear, chance: random.Random) -> Image.Image:
    """The ink as the printer leaves it, each dot ``fine`` times as large: dots missing, the others grown."""
    lots = Image.frombytes("L", ink.size, chance.randbytes(ink.width * ink.height))
    kept = lots.point([0 if lot < 256 * wear.missing else 255 for lot in range(256)])
    dots = ImageChops.darker(ink, kept)
    large = dots.resize((dots.width * fine, dots.height * fine), Image.Resampling.NEAREST)
    growth = math.ceil(abs(wear.growth_dots) * fine)
    if not growth:
        return large
    kind = ImageFilter.MaxFilter if wear.growth_dots > 0 else ImageFilter.MinFilter
    return large.filter(kind(2 * growth + 1))


def _bent(flat: Image.Image, radius: float, roll: float) -> Image.Image:
    """The ink round a tube whose axis is upright, its middle turned away from the reader by ``roll``."""
    middle = flat.width / 2 + roll * radius
    first = max(-_SIGHT, -middle / radius)
    last = min(_SIGHT, (flat.width - middle) / radius)
    left = radius * math.sin(first)
    width = int(radius * math.sin(last) - left)

    def along(column: int) -> float:
        return middle + radius * math.asin(max(-1.0, min(1.0, (left + column) / radius)))

    strips = []
    for start in range(0, width, _STRIP):
        end = min(start + _STRIP, width)
        from_x, to_x = along(start), along(end)
        corners = (from_x, 0, from_x, flat.height, to_x, flat.height, to_x, 0)
        strips.append(((start, 0, end, flat.height), corners))
    size = (width, flat.height)
    return flat.transform(size, Image.Transform.MESH, strips, Image.Resampling.BILINEAR)


def _photographed(ink: Image.Image, scale: float, wear: Wear, chance: random.Random) -> Image.Image:
    """The ink in the reader's pixels, which begin anywhere: grey on grey, blurred, with noise."""
    pixel = 1 / scale
    size = int(ink.width * scale) - 1, int(ink.height * scale) - 1
    left, top = chance.uniform(0, pixel), chance.uniform(0, pixel)
    box = (left, top, left + size[0] * pixel, top + size[1] * pixel)
    seen = ink.resize(size, Image.Resampling.BOX, box=box)
    seen = seen.point([round(_PAPER - wear.contrast * level) for level in range(256)])
    seen = seen.filter(ImageFilter.GaussianBlur(wear.blur_modules * wear.pixels))
    lots = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
    noise = lots.point([lot * (2 * wear.noise + 1) // 256 for lot in range(256)])
    return ImageChops.add(seen, noise, 1, -wear.noise)
