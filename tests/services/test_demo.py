"""The demonstration lab: made by the real services, whole, and every list of Today has something in it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from biobank_desktop.persistence.engine import make_engine
from biobank_desktop.persistence.queries import (
    disposals,
    donors,
    history,
    lab,
    nonconformities,
    people,
    releases,
    samples,
    worklists,
)
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.persistence.store import Store
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services.consent_work import incomplete, leaving
from biobank_desktop.services.demo import ADMINISTRATOR, PASSWORD, Demo, fill_demo
from biobank_desktop.services.gate import verdict
from biobank_desktop.services.growing_up import turning
from biobank_desktop.services.lab import found_lab
from biobank_desktop.services.people import prove
from biobank_desktop.services.verification import WholeVerification

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {"tube": 461, "aliquot": 476, "derivative": 1032}
STATES = {"received": 451, "refused": 10, "planned": 7, "filled": 1500, "void": 1}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Demo]]:
    """The demonstration lab, made once for this module: its tests only read."""
    store = Store(make_engine(str(tmp_path_factory.mktemp("demo") / "demo.sqlite")))
    actor = found_lab(store, ADMINISTRATOR, PASSWORD, "bench-1").actor
    demo = complete(fill_demo(store, actor, datetime.now(UTC)))
    seal(store)
    yield store, demo
    store.close()


def test_it_is_whole(made: tuple[Store, Demo]) -> None:
    store, _demo = made
    assert Verification(store).run() == []


def test_the_same_seed_gives_the_same_lab(made: tuple[Store, Demo]) -> None:
    store, demo = made
    with store.read() as connection:
        rows = [row for one in donors.donor_ids(connection) for row in samples.of_donor(connection, one)]
        kinds = Counter(row.kind for row in rows)
        states = Counter(row.state for row in rows)
    assert (demo.donors, demo.samples) == (60, sum(kinds.values()))
    assert kinds == KINDS
    assert states == STATES


def test_every_list_of_today_has_something(made: tuple[Store, Demo]) -> None:
    store, _demo = made
    with store.read() as connection:
        assert worklists.to_fill(connection)
        assert worklists.without_position(connection)
        assert worklists.without_label(connection)
        assert worklists.refused(connection)
        assert worklists.overnight(connection)
        assert worklists.labels(connection, states=["queued"])
        assert incomplete(connection, datetime.now(UTC))
        assert leaving(connection, datetime.now(UTC))
        assert turning(connection, datetime.now(UTC).date())


def test_consents_of_every_kind_are_there(made: tuple[Store, Demo]) -> None:
    store, _demo = made
    now = datetime.now(UTC)
    with store.read() as connection:
        known = donors.donors(connection, donors.donor_ids(connection)).values()
        reasons = {
            reason.code
            for donor in known
            for purpose in ("store", "use-commercial")
            for reason in verdict(connection, donor, purpose, now).reasons
        }
        lines = [line for donor in known for line in donors.lines(connection, donor.id)]
    assert reasons >= {
        "no-consent-yet",
        "second-parent-missing",
        "child-missing",
        "item-refused",
        "child-objects",
        "withdrawn",
        "withdrawn-no-new-material",
        "own-decision-due",
        "waiting-until",
    }
    assert {line.kind for line in lines} >= {"given", "partly-given", "refused", "withdrawn", "objected"}
    assert {line.kind for line in lines} >= {"corrected", "deceased"}
    assert {line.signatory for line in lines} == {"mother", "father", "guardian", "child", "self"}
    assert any(line.sole_authority for line in lines)


def test_one_donor_turns_16_next_month(made: tuple[Store, Demo]) -> None:
    store, _demo = made
    today = datetime.now(UTC).date()
    with store.read() as connection:
        known = donors.donors(connection, donors.donor_ids(connection)).values()
    soon = [(one.turns_16_on - today).days for one in known if one.turns_16_on]
    assert any(0 < days <= 35 for days in soon)


def test_mistakes_stand_in_the_history(made: tuple[Store, Demo]) -> None:
    store, _demo = made
    with store.read() as connection:
        for kind in (
            "corrected",
            "reattributed",
            "made-void",
            "label-reprinted",
            "placing-undone",
            "taken-out",
        ):
            assert history.ids(connection, kind=kind), kind
        by = {event.by for event in history.page(connection, history.ids(connection))}
    assert by == {"admin", "sanne", "joris", "ilse"}


def test_its_people_can_sign_in(made: tuple[Store, Demo]) -> None:
    store, demo = made
    with store.read() as connection:
        assert {one.login for one in people.people(connection)} == {one.login for one in demo.people}
        assert lab.uuid(connection)
    for one in demo.people:
        assert prove(store, one.login, PASSWORD, "bench-1").role == one.role


def test_vials_have_a_later_life(made: tuple[Store, Demo]) -> None:
    store, _demo = made
    with store.read() as connection:
        open_release, issued = releases.releases(connection)
        found = nonconformities.nonconformities(connection)
        (listed,) = disposals.lists(connection, state="open")
        touched = connection.exec_driver_sql("SELECT count(*) FROM step WHERE device = 'Rotina 420'").scalar()
        ended = Counter(
            connection.exec_driver_sql("SELECT kind FROM disposition WHERE kind <> 'destroyed'").scalars()
        )
        out = connection.exec_driver_sql("SELECT count(*) FROM excursion WHERE back_at IS NULL").scalar()
    assert (open_release.state, issued.state) == ("open", "issued")
    assert open_release.vials > 0
    assert issued.vials == ended["issued"] > 2
    assert [(one.samples, one.undecided) for one in found] == [(3, 2)]
    assert listed.lines > listed.open > 0
    assert listed.unwitnessed > 0
    assert (ended["used-up"], ended["lost"], out) == (1, 1, 1)
    assert touched
    assert WholeVerification(store).run() == []
