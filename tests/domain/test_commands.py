from __future__ import annotations

from uuid import UUID

from biobank_desktop.domain.commands import Command


def test_a_command_has_an_id_of_its_own_and_needs_no_title_reason_or_permission() -> None:
    first, second = (Command("sign-in", "jansen", "bench 2", {}) for _ in range(2))
    assert isinstance(first.id, UUID)
    assert first.id != second.id
    assert (first.title, first.why, first.permission) == ("", "", None)
