"""One way from a label to a printable page: drawn, and passed through the gate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from biobank_desktop.domain.problems import Problem, stops
from biobank_desktop.labels.drawing import draw
from biobank_desktop.labels.gate import LabelRefused, passed
from biobank_desktop.labels.sheets import impose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from biobank_desktop.domain.labels import Label
    from biobank_desktop.labels.draft import Draft
    from biobank_desktop.labels.page import Page
    from biobank_desktop.labels.templates import Template


def render(template: Template, label: Label, dpi: int) -> Page:
    """The label at the printer's own resolution, by itself also when the stock is a sheet.

    Raises ``LabelRefused``.
    """
    return passed(draw(template, label, dpi))


def render_all(template: Template, labels: Iterable[Label], dpi: int, first: int = 1) -> list[Page]:
    """The pages to print for some labels, in their order: one each, or sheets when the stock is one.

    ``first`` is the place on the first sheet to begin at, from 1, row by row. All or nothing: raises
    ``LabelRefused`` with the problems of every label; their ``field`` begins with the label's code, as it
    does in the pages' warnings.
    """
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for label in labels:
        try:
            draft = draw(template, label, dpi)
        except LabelRefused as refused:
            problems.extend(_of(label, refused.problems))
        else:
            drafts.append(replace(draft, warnings=_of(label, draft.warnings)))
    if template.stock.sheet is not None and not problems:
        drafts = impose(template.stock.sheet, drafts, first)
    pages: list[Page] = []
    for draft in drafts:
        try:
            pages.append(passed(draft))
        except LabelRefused as refused:
            problems.extend(refused.problems)
    if stops(problems):
        raise LabelRefused(*problems)
    return pages


def _of(label: Label, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems, each named after its label."""
    return tuple(
        Problem(f"{label.code}.{problem.field}", problem.code, problem.values, problem.warning)
        for problem in problems
    )
