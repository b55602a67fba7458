"""Templates of the lab's own, on real databases: kept in versions over the shipped ones, out of use again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from biobank_desktop.domain.problems import Conflict, NotFound, Problem, Rejected
from biobank_desktop.labels.catalogue import names, template
from biobank_desktop.services import labels, printers, printing, templates
from biobank_desktop.services.printers import PrinterForm
from biobank_desktop.services.templates import NewTemplate
from biobank_desktop.services.verification import WholeVerification
from tests.support.databases import ANNA, BO
from tests.support.lab import add_donor, consent_of_both, receive
from tests.support.own_templates import own_template
from tests.support.printed import SENDER

if TYPE_CHECKING:
    from biobank_desktop.labels.catalogue import Catalogue
    from biobank_desktop.persistence.store import Store


def known(store: Store) -> Catalogue:
    with store.read() as connection:
        return templates.catalogue(connection)


def codes_of(refused: pytest.ExceptionInfo[Rejected]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in refused.value.problems]


def test_a_new_lab_prints_on_what_ships(store: Store) -> None:
    assert {name: one.version for name, one in known(store).entries.items()} == dict.fromkeys(names(), 0)


def test_the_newest_own_version_lies_over_the_shipped_one(store: Store) -> None:
    for begun_on, title in enumerate(("Ours", "Ours, better")):
        version = templates.save_template(store, ANNA, own_template("vial-33x13", title, begun_on=begun_on))
        assert version == begun_on + 1
    one = known(store).entry("vial-33x13")
    assert (one.template.title, one.version) == ("Ours, better", 2)
    assert templates.retire_template(store, ANNA, "vial-33x13", 2) == 3
    back = known(store).entry("vial-33x13")
    assert (back.template, back.version) == (template("vial-33x13"), 0)
    with store.read() as connection:
        titles = [templates.printed_on(connection, "vial-33x13", no).title for no in (0, 1, 2)]
    assert titles == [template("vial-33x13").title, "Ours", "Ours, better"]
    assert templates.save_template(store, ANNA, own_template("vial-33x13", begun_on=3)) == 4
    assert WholeVerification(store).run() == []


def test_one_of_an_own_name_is_gone_when_it_is_retired(store: Store) -> None:
    templates.save_template(store, ANNA, own_template("our-vial"))
    assert known(store).entry("our-vial").version == 1
    templates.retire_template(store, ANNA, "our-vial", None)
    with pytest.raises(NotFound):
        known(store).entry("our-vial")
    for name in ("our-vial", "vial-33x13"):
        with pytest.raises(NotFound) as refused:
            templates.retire_template(store, ANNA, name, None)
        assert codes_of(refused) == [("name", "template-not-own")]


def test_the_same_command_keeps_one_version(store: Store) -> None:
    command = uuid4()
    for _again in range(2):
        assert templates.save_template(store, ANNA, own_template("our-vial"), command) == 1
    assert known(store).entry("our-vial").version == 1


def test_who_began_on_an_older_version_is_told_who_was_faster(store: Store) -> None:
    templates.save_template(store, ANNA, own_template("our-vial", "First"))
    problems: list[Problem] = []
    with pytest.raises(Conflict) as refused:
        templates.save_template(store, ANNA, own_template("our-vial", "Late"))
    problems += refused.value.problems
    with pytest.raises(Conflict) as refused:
        templates.retire_template(store, ANNA, "our-vial", 0)
    problems += refused.value.problems
    assert {problem.code for problem in problems} == {"template-changed-meanwhile"}
    assert {(problem.values["version"], problem.values["login"]) for problem in problems} == {(1, ANNA.login)}
    assert known(store).entry("our-vial").template.title == "First"


def test_what_does_not_read_on_bad_prints_is_never_kept(store: Store) -> None:
    small = own_template("our-vial")
    small = replace(small, toml=small.toml.replace("module_mm = 0.339", "module_mm = 0.17"))
    small = replace(small, toml=small.toml.replace("smallest_mm = 0.25\n", "smallest_mm = 0.16\n"))
    with pytest.raises(Rejected) as refused:
        templates.save_template(store, ANNA, small)
    assert ("element.1", "template-trial-failed") in codes_of(refused)
    assert "our-vial" not in known(store).entries


def test_everything_that_is_wrong_is_said_at_once(store: Store) -> None:
    toml = (
        own_template("x").toml.replace('title = "Ours"', 'title = " "').replace("{time_point}", "{patient}")
    )
    with pytest.raises(Rejected) as refused:
        templates.save_template(store, ANNA, NewTemplate("Our Vial", toml, 30))
    said = codes_of(refused)
    assert said[:2] == [("name", "template-name-wrong"), ("dpi", "dpi-implausible")]
    assert "template-field-unknown" in {code for _field, code in said}
    with pytest.raises(Rejected) as refused:
        templates.save_template(store, ANNA, own_template("our-vial", " "))
    assert codes_of(refused) == [("title", "answer-missing")]
    with pytest.raises(Rejected) as refused:
        templates.save_template(store, ANNA, own_template("our-vial", "a\x00b"))
    assert codes_of(refused) == [("title", "text-has-control-characters")]


def test_a_name_keeps_its_purpose(store: Store) -> None:
    with pytest.raises(Rejected) as refused:
        templates.save_template(store, ANNA, own_template("vial-33x13", of="box-51x25"))
    assert codes_of(refused) == [("label", "template-purpose-changed")]


def test_only_who_manages_the_lab_changes_templates(store: Store) -> None:
    with pytest.raises(Rejected) as refused:
        templates.save_template(store, BO, own_template("our-vial"))
    assert codes_of(refused) == [("", "not-permitted")]
    with pytest.raises(Rejected) as refused:
        templates.retire_template(store, BO, "our-vial", None)
    assert codes_of(refused) == [("", "not-permitted")]


def test_what_lies_in_a_printer_stays(store: Store) -> None:
    with pytest.raises(Rejected) as refused:
        printers.set_printer(store, ANNA, PrinterForm("Zebra", "pdf", 300, "our-vial"))
    assert codes_of(refused) == [("template", "not-a-choice")]
    for name in ("our-vial", "vial-33x13"):
        templates.save_template(store, ANNA, own_template(name))
        printers.set_printer(store, ANNA, PrinterForm(f"On {name}", "pdf", 300, name))
    with pytest.raises(Rejected) as refused:
        templates.retire_template(store, ANNA, "our-vial", 1)
    assert codes_of(refused) == [("name", "template-loaded")]
    templates.retire_template(store, ANNA, "vial-33x13", 1)  # what ships counts again


def test_a_label_keeps_the_version_it_was_printed_on(store: Store) -> None:
    templates.save_template(store, ANNA, own_template("vial-33x13"))
    donor = add_donor(store, BO)
    consent_of_both(store, BO, donor)
    receive(store, BO, donor)
    with store.read() as connection:
        waiting = labels.queued(connection)
    one = known(store).entry("vial-33x13")
    (batch,) = printing.prepare(waiting, one.template, one.version, 300, 100).batches
    printing.take(store, BO, batch.drawn, "Zebra", SENDER)
    with store.read() as connection:
        kept = connection.exec_driver_sql("SELECT template, template_version FROM label")
        assert {tuple(row) for row in kept} == {("vial-33x13", 1)}
