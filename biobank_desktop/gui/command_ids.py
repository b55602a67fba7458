"""The command id of what a form says: minted with its content, so that Enter twice is one command."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from uuid import UUID


class CommandIds:
    """Mints one command id per content: Enter twice is one command, another content is another one."""

    def __init__(self) -> None:
        self._content: object = None
        self._id = uuid4()
        self._used = True

    def of(self, content: object) -> UUID:
        """The id of this content: the same as before until it is another one, or was done."""
        if self._used or content != self._content:
            self._content, self._id, self._used = content, uuid4(), False
        return self._id

    def done(self) -> None:
        """The command was stored: the same content again is a new wish."""
        self._content, self._used = None, True
