from __future__ import annotations

from typing import get_args

import pytest

from biobank_desktop.domain.people import PERMISSIONS, ROLES, Actor, Permission, Role, may

BENCH_WORK = {"read", "intake", "storage", "reprint", "correct"}


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        ("technician", BENCH_WORK),
        ("manager", {*BENCH_WORK, "manage", "backup"}),
        ("auditor", {"read"}),
        ("administrator", set(get_args(Permission))),
    ],
)
def test_what_a_role_may_do(role: Role, permissions: set[Permission]) -> None:
    actor = Actor("jansen", "A. Jansen", role, "bench 2")
    assert {permission for permission in get_args(Permission) if may(actor, permission)} == permissions
    assert PERMISSIONS[role] == permissions


def test_every_role_reads_and_only_one_hands_out_accounts() -> None:
    assert set(PERMISSIONS) == set(ROLES) == set(get_args(Role))
    assert all("read" in granted for granted in PERMISSIONS.values())
    assert [role for role in ROLES if "people" in PERMISSIONS[role]] == ["administrator"]
