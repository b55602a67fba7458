"""The rules that choose a label's template, on real databases: kept, checked, asked for every label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from biobank_desktop.domain.label_rules import LabelRule
from biobank_desktop.domain.problems import Conflict, Rejected
from biobank_desktop.labels.catalogue import template
from biobank_desktop.services import label_rules, labels, templates
from biobank_desktop.services.printers import PrinterForm
from tests.support.databases import ANNA, BO
from tests.support.lab import add_boxes, add_donor, consent_of_both, receive
from tests.support.own_templates import own_template

if TYPE_CHECKING:
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.services.label_rules import Grouped

FILE = PrinterForm("PDF", "pdf", 300, "")
ZEBRA = PrinterForm("Zebra", "system", 300, "vial-33x13", {"queue": "zebra"})


@pytest.fixture
def lab(store: Store) -> Store:
    """A tube, its vials and a box wait for their labels."""
    box = add_boxes(store).plasma
    donor = add_donor(store, BO)
    consent_of_both(store, BO, donor)
    received = receive(store, BO, donor)
    for code in (received.tube, box):
        labels.reprint(store, BO, code, "lost")
    return store


def grouped(store: Store, printer: PrinterForm, bench: str = "bench 1") -> Grouped:
    with store.read() as connection:
        return label_rules.by_template(connection, labels.queued(connection), printer, bench)


def counted(found: Grouped) -> dict[tuple[str, int], int]:
    return {(chosen.template.name, chosen.version): len(some) for chosen, some in found.groups}


def test_without_rules_each_label_has_its_usual_template(lab: Store) -> None:
    found = grouped(lab, FILE)
    assert found.refused == ()
    assert counted(found) == {("vial-33x13", 0): 6, ("tube-38x19", 0): 1, ("box-51x25", 0): 1}
    with lab.read() as connection:
        assert label_rules.label_rules(connection) == ()


def test_rules_are_asked_in_their_order(lab: Store) -> None:
    rules = (
        LabelRule("vial-25x13-cap", kind="derivative", bench="bench 1"),
        LabelRule("sheet-l7651-vial", kind="derivative"),
    )
    label_rules.set_label_rules(lab, ANNA, rules)
    with lab.read() as connection:
        assert label_rules.label_rules(connection) == rules
    assert ("vial-25x13-cap", 0) in counted(grouped(lab, FILE))
    other = counted(grouped(lab, FILE, "bench 2"))
    assert ("sheet-l7651-vial", 0) in other
    assert ("vial-25x13-cap", 0) not in other
    label_rules.set_label_rules(lab, ANNA, ())
    assert ("vial-33x13", 0) in counted(grouped(lab, FILE))


def test_a_rule_chooses_the_labs_own_newest_version(lab: Store) -> None:
    templates.save_template(lab, ANNA, own_template("our-vial"))
    label_rules.set_label_rules(lab, ANNA, (LabelRule("our-vial"),))
    assert ("our-vial", 1) in counted(grouped(lab, FILE))
    templates.retire_template(lab, ANNA, "our-vial", 1)
    assert ("vial-33x13", 0) in counted(grouped(lab, FILE))


def test_a_printer_with_other_stock_is_sent_nothing_and_says_so(lab: Store) -> None:
    waiting = sum(counted(grouped(lab, FILE)).values())
    loaded = counted(grouped(lab, ZEBRA))
    assert set(loaded) == {("vial-33x13", 0)}
    label_rules.set_label_rules(lab, ANNA, (LabelRule("tube-38x19", kind="tube"),))
    found = grouped(lab, ZEBRA)
    assert [problem.code for problem in found.refused] == ["label-stock-not-loaded"] * 2
    assert {problem.values["needed"] for problem in found.refused} == {
        template("tube-38x19").title,
        template("box-51x25").title,
    }
    assert sum(counted(found).values()) == loaded["vial-33x13", 0] - 1
    assert sum(counted(grouped(lab, FILE)).values()) == waiting
    on_files = PrinterForm("Zebra", "pdf", 300, "vial-33x13")
    assert grouped(lab, on_files).refused == ()


def test_a_template_for_the_same_stock_is_printed(lab: Store) -> None:
    templates.save_template(lab, ANNA, own_template("our-vial"))
    label_rules.set_label_rules(lab, ANNA, (LabelRule("our-vial"),))
    assert set(counted(grouped(lab, ZEBRA))) == {("our-vial", 1)}


def test_what_rules_name_must_be_there(lab: Store) -> None:
    rules = (
        *(LabelRule("gone", "XYZ", "bucket"), LabelRule("vial-33x13"), LabelRule("")),
        LabelRule("vial-33x13", bench="bench\x001"),
    )
    with pytest.raises(Rejected) as refused:
        label_rules.set_label_rules(lab, ANNA, rules)
    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("rules[0].template", "not-a-choice"),
        ("rules[0].material", "not-a-choice"),
        ("rules[0].kind", "not-a-choice"),
        ("rules[2].template", "not-a-choice"),
        ("rules[3].bench", "text-has-control-characters"),
    ]
    with pytest.raises(Rejected) as refused:
        label_rules.set_label_rules(lab, BO, rules[1:2])
    assert [one.code for one in refused.value.problems] == ["not-permitted"]


def test_who_began_on_other_rules_is_told_who_was_faster(lab: Store) -> None:
    first, second = (LabelRule("vial-33x13"),), (LabelRule("tube-38x19"),)
    label_rules.set_label_rules(lab, ANNA, first, begun_on=())
    label_rules.set_label_rules(lab, ANNA, second, begun_on=first)
    with pytest.raises(Conflict) as refused:
        label_rules.set_label_rules(lab, ANNA, first, begun_on=first)
    (problem,) = refused.value.problems
    assert (problem.code, problem.values["login"]) == ("setting-changed-meanwhile", "anna")
    with lab.read() as connection:
        assert label_rules.label_rules(connection) == second
