"""The later life of the scene's samples: used, held back, chosen, issued, destroyed, given back, erased.

Everything here is entered through ``Work`` under the guards, so it is a story that they permit.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.codes import CodeKind
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.work import LAB_STREAM
from tests.support.rows import (
    NOON,
    aliquot_row,
    decision_row,
    do,
    donor_row,
    number,
    placement_row,
    sample_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work

TUBES = ("released", "extra_tube", "source", "tapped", "refused_tube")
FOR_RELEASE = (
    *("chosen", "placed_chosen", "planned_chosen", "void_chosen", "quarantined", "condemned", "accepted"),
    *("line_refused", "line_removed", "issued", "for_other", "in_cancelled", "in_issued"),
    *("for_nothing", "for_no_use"),
)
DONE = ("destroyed", "returned", "seen_destroyed", "seen_returned", "not_destroyed", "not_returned")
ENDED = ("lost", "broken", "used_up")
VIALS = (
    *FOR_RELEASE,
    *DONE,
    *ENDED,
    *("unchosen", "unlisted", "used", "own_destroyed", "dropped", "to_destroy", "to_return", "to_notify"),
    *("done_destroy", "done_return", "open_notify", "told", "told_closed"),
)
"""Vials of the tube ``released``."""
OTHERS = ("unreleased", "extra_vial", "source_vial", "second_vial", "tapped_vial")

ARCHIVE = "a" * 64
"""The archive whose gap two persons have signed."""
KEY, BARE_KEY = "b" * 64, "c" * 64
"""The public halves of two keys; of the second no private half is kept."""

MAIN, OTHER, CANCELLED, ISSUED, NO_PURPOSES, NO_USE = range(1, 7)
"""Releases."""
AGREED = ("use-a2g", "share-eu")
WORKED, TO_DESTROY, TO_RETURN, TO_NOTIFY, CLOSED, DONE_WITH = range(1, 7)
"""Lists of what leaves."""


def furnish_later_life(store: Store, names: dict[str, int]) -> None:
    """Everything that an attack on the later life names."""
    for part in (_things, _used, _quarantines, _releases, _lists, _keys):
        do(store, partial(part, names))
    do(store, partial(_by_another_person, names), login="cas")
    do(store, partial(_own_line, names))
    do(store, partial(_ends, names))
    do(store, partial(_issued, names))
    do(store, partial(_afterwards, names))


def _things(names: dict[str, int], work: Work) -> None:
    wanted = (*TUBES, *VIALS, *OTHERS)
    made = [codes.number(code) for code in work.new_codes(CodeKind.SAMPLE, len(wanted))]
    names.update(zip(wanted, made, strict=True))
    for name in ("erased", "unaged"):
        names[name] = number(work, CodeKind.DONOR)
        work.new_stream(names[name], "donor")
        work.insert(tables.donor, [donor_row(names[name])])
    donor = names["donor"]
    big = {"volume_ul": 1000, "cells": 1000}
    rows = [
        sample_row(names["released"], donor),
        sample_row(names["extra_tube"], donor),
        sample_row(names["source"], donor, **big),
        sample_row(names["tapped"], donor, **big),
        sample_row(names["refused_tube"], donor, state="refused"),
        aliquot_row(names["unreleased"], (donor, names["tube"]), taken_ul=None),
        aliquot_row(names["extra_vial"], (donor, names["extra_tube"])),
        aliquot_row(names["source_vial"], (donor, names["source"]), taken_ul=100, taken_cells=200),
        aliquot_row(names["second_vial"], (donor, names["source"]), taken_ul=100, taken_cells=200),
        aliquot_row(names["tapped_vial"], (donor, names["tapped"]), taken_ul=1, taken_cells=1),
    ]
    empty = {"volume_ul": None, "taken_ul": None}
    unlike = {
        "planned_chosen": {"state": "planned", **empty},
        "void_chosen": {"state": "void", **empty},
    }
    kin = donor, names["released"]
    rows += [
        aliquot_row(names[name], kin, **({"taken_ul": 1, "cells": 100} | unlike.get(name, {})))
        for name in VIALS
    ]
    work.insert(tables.sample, rows)
    receipt = {"received_at": NOON, "temperature": "ambient", "conditions": [], "acceptance": "accepted"}
    later = {"origin": "residual", "released_at": NOON, "released_by": "bo"}
    extra = {"origin": "extra-tube"}
    work.insert(
        tables.receipt,
        [
            {**receipt, **how, "sample_id": names[name], "stream_id": donor}
            for name, how in (
                *(("released", later), ("refused_tube", later)),
                *(("extra_tube", extra), ("source", extra), ("tapped", extra)),
            )
        ],
    )
    work.insert(tables.decision, [decision_row(donor)])
    work.insert(tables.placement, [placement_row(names["placed_chosen"], names["box"], (8, 8))])


def _used(names: dict[str, int], work: Work) -> None:
    donor = names["donor"]
    work.insert(tables.decision, [_agreed(donor, "use-a2g")])
    taken = {"at": NOON, "purpose": "use-a2g", "what": "test", "stream_id": donor}
    work.insert(
        tables.consumption,
        [
            {**taken, "sample_id": names[name], "no": no, "ul": ul, "cells": cells, "into_id": None}
            for name, no, ul, cells in (
                ("used", 1, 10, 40),
                ("source", 1, 1, 1),
                ("tapped", 1, 100, 200),
                ("tapped", 2, 100, 200),
                ("used_up", 1, 1, None),
            )
        ],
    )
    work.insert(tables.disposition, [_ended(names, "used_up", "used-up")])
    out = {"sample_id": names["used"], "no": 1, "out_at": NOON, "back_at": NOON, "thawed": True, "why": "x"}
    work.insert(tables.excursion, [{**out, "stream_id": donor}])


def _quarantines(names: dict[str, int], work: Work) -> None:
    found = {"no": 1, "kind": "sample", "what": "x", "cause": {}, "found_by": "bo", "found_at": NOON}
    rest = {"state": "open", "conclusion": "", "stream_id": LAB_STREAM}
    work.insert(tables.nonconformity, [{**found, **rest}])
    work.insert(
        tables.quarantine,
        [
            {
                "nonconformity_no": 1,
                "sample_id": names[name],
                "decision": None,
                "decided_by": None,
                "reason": "",
                "stream_id": names["donor"],
            }
            for name in ("quarantined", "condemned", "accepted")
        ],
    )


def _releases(names: dict[str, int], work: Work) -> None:
    study = {"study": "s", "recipient": "r", "institution": "i", "address": "a", "country": "NL"}
    rest = {"recipient_kind": "academic", "bdac": "b", "uses": [], "transport": "dry-ice", "note": ""}
    opened = {"state": "open", "opened_at": NOON, "issued_at": None, "stream_id": LAB_STREAM}
    purposes: dict[int, tuple[str, ...]] = {OTHER: ("use-other",), NO_PURPOSES: (), NO_USE: ("store",)}
    work.insert(
        tables.release,
        [
            {**study, **rest, **opened, "no": no, "purposes": list(purposes.get(no, AGREED))}
            for no in (MAIN, OTHER, CANCELLED, ISSUED, NO_PURPOSES, NO_USE)
        ],
    )
    elsewhere = {
        "for_other": OTHER,
        "in_cancelled": CANCELLED,
        "in_issued": ISSUED,
        "for_nothing": NO_PURPOSES,
        "for_no_use": NO_USE,
    }
    states = {"line_refused": "refused", "line_removed": "removed"}
    work.insert(
        tables.release_line,
        [
            {
                "release_no": elsewhere.get(name, MAIN),
                "sample_id": names[name],
                "state": states.get(name, "chosen"),
                "reasons": [],
                "stream_id": names["donor"],
            }
            for name in (*FOR_RELEASE, "unreleased", "extra_vial", "refused_tube")
        ],
    )
    work.update(tables.release, {"no": CANCELLED}, state="cancelled")
    work.update(tables.release, {"no": ISSUED}, state="issued", issued_at=NOON)


def _lists(names: dict[str, int], work: Work) -> None:
    opened = {"reason": "other", "donor_id": None, "note": "", "state": "open", "opened_at": NOON}
    work.insert(
        tables.disposal,
        [
            {**opened, "no": no, "closed_at": None, "stream_id": LAB_STREAM}
            for no in (WORKED, TO_DESTROY, TO_RETURN, TO_NOTIFY, CLOSED, DONE_WITH)
        ],
    )
    lines: Iterable[tuple[int, str, str]] = (
        *((WORKED, "destroy", name) for name in (*DONE, *ENDED, "issued", "own_destroyed", "dropped")),
        (WORKED, "destroy", "to_destroy"),
        (WORKED, "return", "to_return"),
        (WORKED, "notify", "to_notify"),
        (TO_DESTROY, "destroy", "done_destroy"),
        (TO_RETURN, "return", "done_return"),
        (TO_NOTIFY, "notify", "open_notify"),
        (CLOSED, "notify", "told_closed"),
        (DONE_WITH, "notify", "told"),
    )
    nobody = dict.fromkeys(("done_by", "done_at", "witnessed_by", "witnessed_at"))
    work.insert(
        tables.disposal_line,
        [
            {
                **nobody,
                "disposal_no": no,
                "sample_id": names[name],
                "action": "return" if name.endswith("returned") else action,
                "state": "open",
                "place": "",
                "note": "",
                "stream_id": names["donor"],
            }
            for no, action, name in lines
        ],
    )


def _keys(names: dict[str, int], work: Work) -> None:
    value = {"archive_sha256": ARCHIVE}
    work.insert(tables.setting, [{"key": "restore-gap-unsigned", "value": value, "stream_id": LAB_STREAM}])
    _sign(work)
    work.insert(
        tables.proof_key,
        [{"public": public, "since": NOON, "stream_id": LAB_STREAM} for public in (KEY, BARE_KEY)],
    )
    work.private(tables.proof_secret.insert(), [{"public": KEY, "private": "d" * 64}])
    work.insert(tables.erasure, [{"donor_id": names["erased"], "at": NOON}])


def _by_another_person(names: dict[str, int], work: Work) -> None:
    _sign(work)
    for name, decision in (("condemned", "destroy"), ("accepted", "accept")):
        key = {"nonconformity_no": 1, "sample_id": names[name]}
        work.update(tables.quarantine, key, decision=decision, decided_by="cas")
    lists = {"done_destroy": TO_DESTROY, "done_return": TO_RETURN, "told_closed": CLOSED}
    for name in (*DONE, *ENDED, "issued", *lists):
        _do_line(names, work, name, lists.get(name, WORKED))
    work.update(tables.disposal_line, _line(names, "dropped", WORKED), state="dropped")
    work.update(tables.disposal, {"no": CLOSED}, state="closed", closed_at=NOON)
    for name, kind in (
        *(("destroyed", "destroyed"), ("seen_destroyed", "destroyed")),
        *(("returned", "returned"), ("seen_returned", "returned")),
    ):
        work.insert(tables.disposition, [_ended(names, name, kind)])


def _own_line(names: dict[str, int], work: Work) -> None:
    _do_line(names, work, "own_destroyed", WORKED)
    work.insert(tables.disposition, [_ended(names, "own_destroyed", "destroyed")])


def _ends(names: dict[str, int], work: Work) -> None:
    work.insert(tables.disposition, [_ended(names, "lost", "lost"), _ended(names, "broken", "broken")])
    for name in ("seen_destroyed", "seen_returned"):
        seen = {"state": "witnessed", "witnessed_by": "bo", "witnessed_at": NOON}
        work.update(tables.disposal_line, _line(names, name, WORKED), **seen)


def _issued(names: dict[str, int], work: Work) -> None:
    work.insert(tables.decision, [_agreed(names["donor"], purpose) for purpose in AGREED])
    work.insert(tables.disposition, [{**_ended(names, "issued", "issued"), "release_no": MAIN}])


def _afterwards(names: dict[str, int], work: Work) -> None:
    key = {"release_no": MAIN, "sample_id": names["issued"]}
    work.update(tables.release_line, key, state="issued")


def _agreed(donor: int, purpose: str) -> dict[str, Any]:
    return decision_row(donor, purpose=purpose, received_at=NOON)


def _ended(names: dict[str, int], name: str, kind: str) -> dict[str, Any]:
    ended = {"sample_id": names[name], "kind": kind, "at": NOON, "note": ""}
    return {**ended, "release_no": None, "stream_id": names["donor"]}


def _line(names: dict[str, int], name: str, no: int) -> dict[str, int]:
    return {"disposal_no": no, "sample_id": names[name]}


def _do_line(names: dict[str, int], work: Work, name: str, no: int) -> None:
    done = {"state": "done", "done_by": work.command.login, "done_at": NOON}
    work.update(tables.disposal_line, _line(names, name, no), **done)


def _sign(work: Work) -> None:
    signed = {"archive_sha256": ARCHIVE, "login": work.command.login, "at": NOON, "note": ""}
    work.insert(tables.gap_signature, [{**signed, "stream_id": LAB_STREAM}])
