"""A lab full of hostile texts: labels, the command line, searches, archive and restore say exactly them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from biobank_desktop.cli.main import main
from biobank_desktop.domain import codes
from biobank_desktop.domain.labels import ContainerLabel, fields
from biobank_desktop.labels.catalogue import template
from biobank_desktop.labels.drawing import draw
from biobank_desktop.labels.pdf import pdf
from biobank_desktop.labels.rendering import render
from biobank_desktop.labels.text import fitted
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.archive import Archive, load, write_archive
from biobank_desktop.persistence.queries import containers
from biobank_desktop.persistence.queries.search import Filter, find, sample_ids
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services.labels import label_of
from tests.support.databases import PASSWORD, Databases, open_store
from tests.support.hostile import BOLD, NAMES, TUBE, HostileLab, furnish
from tests.support.payloads import TEXTS
from tests.support.reading import codes_in_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from biobank_desktop.persistence.store import Store

COMMANDING = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")


_MADE: dict[Databases, tuple[str, HostileLab]] = {}


@pytest.fixture
def hostile(databases: Databases) -> Iterator[tuple[Store, HostileLab]]:
    """The lab, made once for each engine and copied."""
    if databases not in _MADE:
        address = databases.lab()
        store = open_store(address)
        _MADE[databases] = address, furnish(store)
        seal(store)
        store.close()
    address, made = _MADE[databases]
    copy = databases.copy(address)
    store = open_store(copy)
    yield store, made
    store.close()
    databases.remove(copy)


def contents(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that says something about the lab."""
    with store.read() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in tables.metadata.sorted_tables
        }


def test_it_goes_into_an_archive_and_comes_back_equal_in_the_other_engine(
    hostile: tuple[Store, HostileLab],
    sqlite_databases: Databases,
    postgresql_databases: Databases,
    tmp_path: Path,
) -> None:
    store, _made = hostile
    complete(write_archive(store, tmp_path / "a.zip", datetime.now(UTC)))
    others = postgresql_databases if store.is_sqlite else sqlite_databases
    address = others.empty()
    other = open_store(address)
    with Archive(tmp_path / "a.zip") as archive:
        complete(archive.check())
        complete(load(archive, other.engine))
    assert contents(other) == contents(store)
    assert Verification(other).run() == []
    other.close()
    others.remove(address)


def test_a_label_shows_the_text_and_its_code_reads_back(hostile: tuple[Store, HostileLab]) -> None:
    (store, made), layout = hostile, template("box-51x25")
    with store.read() as connection:
        labels = [label_of(connection, codes.number(code)) for code in made.boxes]
    pages = [render(layout, label, 300) for label in labels]
    assert codes_in_pdf(pdf(pages, BOLD)) == list(made.boxes)
    for label, name in zip(labels, NAMES, strict=True):
        assert fields(label)["name"] == name
        line = fitted(" ".join(name.split()), "bold", 40, 4, 4_000)
        assert line is not None
        assert line.shown == " ".join(name.split())


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_label_of_any_text_is_drawn_or_its_characters_are_named(text: str) -> None:
    code = codes.run(codes.CodeKind.CONTAINER, 2026, 5, 1)[0]
    draft = draw(template("box-51x25"), ContainerLabel(code, text, text), 300)
    assert [mark.code for mark in draft.marks] == [code]
    missing = {problem.code for problem in draft.warnings}
    assert missing <= {"label-character-missing", "label-text-shortened", "label-text-left-out"}


def test_a_search_finds_what_begins_so_and_nothing_else(hostile: tuple[Store, HostileLab]) -> None:
    store, made = hostile
    with store.read() as connection:
        assert [hit.alias for hit in find(connection, TUBE)] == [TUBE]
        tube = codes.number(made.tube)
        assert [hit.id for hit in find(connection, "<b>HX")] == [tube]
        for wild in ("%", "_", "<_>HX1", "%HX1%", "'", "\\"):
            assert find(connection, wild) == []
            assert not any(len(step) for step in sample_ids(connection, Filter(code=wild)))
        for code, name in zip(made.boxes, NAMES, strict=True):
            row = containers.by_name(connection, name)
            assert row is not None
            assert row.code == code


def test_the_terminal_is_commanded_by_nothing(
    hostile: tuple[Store, HostileLab],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store, made = hostile
    with store.engine.begin() as connection:  # as an older program or another one may have left it
        connection.execute(
            tables.sample.update()
            .where(tables.sample.c.id == codes.number(made.tube))
            .values(note="\x1b[2J\x9b31m\u202ered")
        )
    store.close()
    monkeypatch.setenv("BIOBANK_HOME", str(tmp_path))
    monkeypatch.setenv("BIOBANK_DB", _address(store))
    monkeypatch.setenv("BIOBANK_PASSWORD", PASSWORD)
    said = ""
    for words in (
        ("show", made.tube),
        ("show", made.tube, "--json"),
        ("history",),
        ("storage", "tree"),
    ):
        capsys.readouterr()
        main([*words, "--as", "anna"])
        told = capsys.readouterr()
        assert not COMMANDING.search(told.out + told.err), words
        if "--json" in words:
            json.loads(told.out)
        said += told.out
    assert BOLD in said
    assert "\\u001b[2J\\u009b31m\\u202ered" in said


def _address(store: Store) -> str:
    url = store.engine.url
    return str(url.database) if store.is_sqlite else url.render_as_string(hide_password=False)
