"""Find a vial or a container by its code or its name; the field says beside itself what is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.domain.problems import Problem, Rejected
from biobank_desktop.domain.texts import identifier
from biobank_desktop.gui.widgets.fields import FieldBox
from biobank_desktop.language import _
from biobank_desktop.persistence.queries import containers, search

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from sqlalchemy import Connection

FIELD = "find"


@dataclass(frozen=True)
class Found:
    """The container to open, and the vial in it that is meant, 0 when none is."""

    container_id: int
    vial_id: int


def find(connection: Connection, typed: str) -> Found:
    """What a code or a name means. Raises ``Rejected`` when nothing is called so or the vial lies nowhere."""
    number = _number(connection, typed)
    if number is None:
        raise Rejected(Problem(FIELD, "nothing-called-so", {"text": typed.strip()}))
    if codes.kind_of_number(number) is CodeKind.CONTAINER:
        return Found(number, 0)
    place = containers.place(connection, number)
    if place is None:
        raise Rejected(Problem(FIELD, "not-stored", {"code": codes.group(codes.from_number(number))}))
    return Found(place.container_id, number)


def _number(connection: Connection, typed: str) -> int | None:
    named = containers.by_name(connection, typed.strip())
    if named is not None:
        return named.id
    own = codes.parse(typed)
    for hit in search.find(connection, typed, limit=2):
        exact = hit.alias == identifier(typed) or codes.from_number(hit.id) == own
        if exact and hit.kind in {CodeKind.SAMPLE.value, CodeKind.CONTAINER.value}:
            return hit.id
    return None


class FindField(FieldBox):
    """Enter seeks what is typed."""

    sought = Signal(str)
    """what is to be found"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Find a vial or a container"), name=FIELD, hint="F", parent=parent)
        self.editor.returnPressed.connect(self._seek)
        self.changed.connect(lambda: self.set_problems(()))

    def _seek(self) -> None:
        if self.text().strip():
            self.sought.emit(self.text())
