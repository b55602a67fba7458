"""A lab with one of everything, furnished for attacks by raw SQL, and the numbers that the attacks name."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.reference import reference
from tests.support.label_attacks import label_rows
from tests.support.later_life import furnish_later_life
from tests.support.rows import (
    NOON,
    aliquot_row,
    do,
    donor_row,
    enter_box,
    enter_donor,
    enter_family,
    number,
    place,
    sample_row,
)
from tests.support.storage_life import furnish_storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work
    from tests.support.attacks import Attack
    from tests.support.databases import EngineName


SAMPLES = (
    *("filled", "planned", "void", "rejected", "free", "other_tube", "small_tube"),
    *("emptied", "volume_vial", "cell_vial", "untaken"),
)
"""Things with a code of their own; ``free`` is no row yet, of ``emptied`` nothing is left."""


@dataclass(frozen=True)
class Scene:
    """The lab, and the numbers that the attacks name."""

    store: Store
    names: dict[str, int]

    @property
    def engine(self) -> EngineName:
        """Which engine this is."""
        return "sqlite" if self.store.is_sqlite else "postgresql"

    @contextmanager
    def rolled_back(self) -> Iterator[Connection]:
        """A transaction that leaves nothing behind."""
        with self.store.engine.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    def refusal(self, attack: Attack) -> str:
        """What the database says to an attack: to its last statement, or at the latest to the commit.

        Empty when it says nothing: then the attack has gone through, and what it wrote stays.
        """
        with self.store.engine.connect() as connection:
            transaction = connection.begin()
            make(connection, self.names, attack.statements[:-1])
            try:
                make(connection, self.names, attack.statements[-1:])
                transaction.commit()
            except DBAPIError as error:
                return str(error.orig)
        return ""


def make(connection: Connection, names: dict[str, int], statements: Iterable[str]) -> None:
    """Run raw SQL that names things of the scene as ``:thing``."""
    for statement in statements:
        asked = text(statement)
        connection.execute(asked, {name: names[name] for name in asked.compile().params})


def furnish(store: Store) -> dict[str, int]:
    """Fill a founded lab; the command ``attack`` is the one that attacks write in the name of."""
    family, box = enter_family(store, 1), enter_box(store)
    place(store, family, box, [(1, 1)])
    names = {"donor": family.donor, "tube": family.tube, "placed": family.aliquots[0], "box": box}
    names |= {"small_box": enter_box(store, 8, 7), "other_box": enter_box(store)}

    def body(work: Work) -> None:
        made = [codes.number(code) for code in work.new_codes(CodeKind.SAMPLE, len(SAMPLES))]
        names.update(zip(SAMPLES, made, strict=True))
        names["free_donor"], names["free_box"] = (
            number(work, CodeKind.DONOR),
            number(work, CodeKind.CONTAINER),
        )
        names["other_donor"] = enter_donor(work)
        _families(work, names)
        _one_of_everything(work, names)

    do(store, body)
    do(store, partial(_consent, names), login="cas")
    do(store, partial(_checked, names))
    furnish_later_life(store, names)
    furnish_storage(store, names)
    do(store, lambda work: work.about(LAB_STREAM), "attack")
    seal(store)
    do(store, lambda work: work.about(LAB_STREAM), "unsealed")
    return names


def _families(work: Work, names: dict[str, int]) -> None:
    donor, other = names["donor"], names["other_donor"]
    kin, empty = (donor, names["tube"]), {"volume_ul": None, "taken_ul": None}
    gone = donor, names["emptied"]
    names["ageless"] = number(work, CodeKind.DONOR)
    work.new_stream(names["ageless"], "donor")
    work.insert(tables.donor, [donor_row(names["ageless"])])
    work.insert(
        tables.sample,
        [
            aliquot_row(names["filled"], kin, cells=100, taken_cells=0),
            aliquot_row(names["planned"], kin, state="planned", **empty),
            aliquot_row(names["void"], kin, state="void", **empty),
            sample_row(names["rejected"], donor, state="refused"),
            sample_row(names["other_tube"], other, cells=1000),
            sample_row(names["small_tube"], donor, volume_ul=10, cells=10),
            sample_row(names["emptied"], donor, volume_ul=500, cells=500),
            aliquot_row(names["volume_vial"], gone, taken_cells=200),
            aliquot_row(names["cell_vial"], gone, taken_ul=None, taken_cells=300),
            aliquot_row(names["untaken"], gone, taken_ul=None),
        ],
    )


def _consent(names: dict[str, int], work: Work) -> None:
    """Two lines, entered by somebody else than who attacks; of the second nothing more is known."""
    line = {"donor_id": names["donor"], "kind": "given", "signatory": "mother", "answers": {}}
    form = {"form": "f", "form_version": "1", "signed_on": NOON.date(), "received_on": NOON.date()}
    extra = {"sole_authority": False, "known_at": NOON, "note": ""}
    work.insert(tables.consent_line, [{**line, **form, **extra, "no": no} for no in (1, 5)])
    version = {"id": "f-1", "form": "f", "version": "1", "language": "nl", "audience": "parents"}
    more = {"approved_by": "METC", "valid_from": NOON.date(), "items": [], "document_name": ""}
    work.insert(tables.form_version, [{**version, **more, "stream_id": LAB_STREAM}])
    rules = {"no": 1, "version": "r-1", "valid_from": NOON.date(), "known_at": NOON, "why": ""}
    content = reference().consent_rules.as_mapping()
    work.insert(
        tables.rule_set, [{**rules, "approved_by": "DPO", "content": content, "stream_id": LAB_STREAM}]
    )
    signed = {"donor_id": names["donor"], "line_no": 1, "form_version_id": "f-1", "authority": "parental"}
    work.insert(tables.signing, [{**signed, "obtained_by": "", "original_at": ""}])


def _checked(names: dict[str, int], work: Work) -> None:
    check = {"donor_id": names["donor"], "line_no": 1, "agrees": True, "note": ""}
    work.insert(tables.signing_check, [check])


def _one_of_everything(work: Work, names: dict[str, int]) -> None:
    stream = {"stream_id": names["donor"]}
    work.insert(tables.alias, [{"value": "X1", "issuer": "lab", "object_id": names["tube"], **stream}])
    work.insert(
        tables.receipt,
        [
            {
                "sample_id": names["tube"],
                "received_at": NOON,
                "temperature": "ambient",
                "conditions": [],
                "acceptance": "accepted",
                "origin": "residual",
                **stream,
            }
        ],
    )
    step = {"sample_id": names["tube"], "no": 1, "kind": "spin", "started_at": NOON, **stream}
    work.insert(tables.step, [step])
    label = {"object_id": names["tube"], "no": 1, "state": "queued", "template": "vial", "fields": {}}
    work.insert(tables.label, [{**label, "reason": "", "requested_at": NOON, **stream}])
    printer = {"name": "p", "way": "pdf", "dpi": 300, "template": "vial", "options": {}, "active": True}
    work.insert(tables.printer, [{**printer, "stream_id": LAB_STREAM}])
    work.insert(tables.label, label_rows(names["tube"], stream["stream_id"], NOON))
    made = {"name": "t", "version": 1, "toml": "title = 't'", "active": True, "at": NOON}
    work.insert(tables.label_template, [{**made, "stream_id": LAB_STREAM}])
    tested = {
        "printer": "p",
        "no": 1,
        "at": NOON,
        "dpi": 300,
        "stock": "s",
        "ribbon": "r",
        "read_dots": "3 4",
    }
    work.insert(tables.printer_test, [{**tested, "stream_id": LAB_STREAM}])
    code = {"value": "FX00000001", "issuer": "maker", "roll": "1", "bench": "bench-1"}
    work.insert(tables.preprinted, [{**code, "stream_id": LAB_STREAM}])
    work.insert(tables.setting, [{"key": "k", "value": 1, "stream_id": LAB_STREAM}])
