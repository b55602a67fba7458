"""What was read of test labels is kept, and what it does not vouch for is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.problems import Rejected
from biobank_desktop.labels.calibration import code_of
from biobank_desktop.persistence.queries import printers as query
from biobank_desktop.services.printer_tests import PrinterTestForm, doubts, store_test
from biobank_desktop.services.printers import PrinterForm, retire_printer, set_printer
from biobank_desktop.services.templates import catalogue
from biobank_desktop.services.verification import WholeVerification

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.persistence.queries.printers import PrinterTest
    from biobank_desktop.persistence.store import Store

ZEBRA = PrinterForm("Zebra 2", "zpl", 300, "vial-33x13", {"host": "zebra-2"})


@pytest.fixture(autouse=True)
def _zebra(store: Store, administrator: Actor) -> None:
    set_printer(store, administrator, ZEBRA)


def scanned(*dots: int, ribbon: str = "resin") -> PrinterTestForm:
    return PrinterTestForm("Zebra 2", "vial-33x13", ribbon, tuple(code_of(one) for one in dots))


def newest(store: Store) -> PrinterTest | None:
    with store.read() as connection:
        return query.newest_tests(connection).get("Zebra 2")


def doubted(store: Store) -> list[tuple[str, object]]:
    with store.read() as connection:
        row = query.printer(connection, "Zebra 2")
        assert row is not None
        problems = doubts(catalogue(connection), row, query.newest_tests(connection).get("Zebra 2"))
    assert all(problem.warning for problem in problems)
    return [(problem.code, problem.values.get("dots")) for problem in problems]


def test_each_test_is_kept_beside_those_before(store: Store, actor: Actor) -> None:
    assert newest(store) is None
    assert store_test(store, actor, scanned(3, 4)) == (3, 4)
    assert store_test(store, actor, scanned(ribbon=" wax ")) == ()
    kept = newest(store)
    assert kept is not None
    assert (kept.no, kept.dpi, kept.stock, kept.ribbon, kept.read_dots) == (2, 300, "vial-33x13", "wax", ())
    assert WholeVerification(store).run() == []


def test_everything_wrong_with_a_test_is_said_at_once(
    store: Store, actor: Actor, administrator: Actor
) -> None:
    with pytest.raises(Rejected) as refused:
        store_test(store, actor, PrinterTestForm("Zebra 2", "none", " ", ("PM26",)))
    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("stock", "not-a-choice"),
        ("ribbon", "ribbon-missing"),
        ("read", "test-code-unknown"),
    ]
    retire_printer(store, administrator, "Zebra 2")
    with pytest.raises(Rejected) as unknown:
        store_test(store, actor, scanned(3))
    assert [one.code for one in unknown.value.problems] == ["printer-unknown"]


def test_what_no_test_vouches_for_is_said(store: Store, actor: Actor, administrator: Actor) -> None:
    assert doubted(store) == [("printer-untested", None)]
    store_test(store, actor, scanned(5))
    assert doubted(store) == [("printer-module-unread", 4)]
    store_test(store, actor, scanned(4))
    assert doubted(store) == []
    set_printer(store, administrator, PrinterForm("Zebra 2", "zpl", 600, "vial-33x13", {"host": "zebra-2"}))
    assert doubted(store) == [("printer-tested-otherwise", None)]
    store_test(store, actor, scanned(2, 3, 4))
    assert doubted(store) == [("printer-module-unread", 5)], "modules of eight dots, of which five are shown"
    store_test(store, actor, scanned(5))
    assert doubted(store) == []
