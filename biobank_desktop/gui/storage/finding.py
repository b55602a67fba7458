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
    """The container to open, the vial meant in it (``item_id``, 0 when none), and the way there."""

    container_id: int
    item_id: int
    way: frozenset[int]


def find(connection: Connection, typed: str) -> Found:
    """What a code or a name means. Raises ``Rejected`` when nothing is called so or the vial lies nowhere."""
    number = _number(connection, typed)
    if number is None:
        raise Rejected(Problem(FIELD, "nothing-called-so", {"text": typed.strip()}))
    item = 0
    if codes.kind_of_number(number) is CodeKind.SAMPLE:
        place = containers.place(connection, number)
        if place is None:
            code = codes.group(codes.from_number(number))
            raise Rejected(Problem(FIELD, "not-stored", {"code": code}))
        item, number = number, place.container_id
    return Found(number, item, frozenset(one.id for one in containers.path(connection, number)))


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
