from __future__ import annotations

import pytest

from biobank_desktop.domain.people import PERMISSIONS, ROLES, Actor, Permission, Role, may


@pytest.mark.parametrize(
    ("role", "permission", "answer"),
    [
        ("technician", "intake", True),
        ("technician", "correct", True),
        ("technician", "manage", False),
        ("technician", "people", False),
        ("manager", "manage", True),
        ("manager", "people", False),
        ("auditor", "read", True),
        ("auditor", "intake", False),
        ("administrator", "people", True),
        ("administrator", "backup", True),
    ],
)
def test_what_a_role_may_do(role: Role, permission: Permission, answer: bool) -> None:
    assert may(Actor("jansen", "A. Jansen", role, "bench 2"), permission) is answer


def test_every_role_reads_and_only_one_hands_out_accounts() -> None:
    assert set(PERMISSIONS) == set(ROLES)
    assert all("read" in granted for granted in PERMISSIONS.values())
    assert [role for role in ROLES if "people" in PERMISSIONS[role]] == ["administrator"]
