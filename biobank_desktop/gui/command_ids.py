"""The command id of what a form says: minted with its content, so that Enter twice is one command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True)
class Once:
    """A command that is not begun again while it is under way; its id is done when it is stored."""

    command: UUID
    ids: CommandIds


class CommandIds:
    """Mints one command id per content: Enter twice is one command, another content is another one."""

    def __init__(self) -> None:
        self._minted: list[tuple[object, UUID]] = []

    def of(self, content: object) -> UUID:
        """The id of this content: the same as before until that command was stored."""
        for known, command in self._minted:
            if known == content:
                return command
        command = uuid4()
        self._minted.append((content, command))
        return command

    def done(self, command: UUID) -> None:
        """The command was stored: the same content again is a new wish. Others may still be under way."""
        self._minted = [one for one in self._minted if one[1] != command]

    def once(self, command: UUID) -> Once:
        """What the desk needs to do this command once."""
        return Once(command, self)

    def forget(self) -> None:
        """The form is put away: whatever it says next is a new wish."""
        self._minted.clear()
