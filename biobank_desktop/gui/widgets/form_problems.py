"""A form's problems laid beside its fields, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from biobank_desktop.domain.problems import Problem
    from biobank_desktop.gui.widgets.cards import ProblemList


class ProblemTaker(Protocol):
    """A field that says what is wrong with it (``FieldBox``, ``ChoiceQuestion``)."""

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong, nothing for no problems."""
        ...


def lay_problems(
    problems: Sequence[Problem], fields: Mapping[str, ProblemTaker], others: ProblemList
) -> None:
    """Lay each problem beside the field of its name; those of no field shown stand in ``others``."""
    for name, field in fields.items():
        field.set_problems([problem for problem in problems if problem.field == name])
    others.show_problems([problem for problem in problems if problem.field not in fields])
