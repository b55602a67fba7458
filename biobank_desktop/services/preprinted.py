"""Rolls of codes that were printed before, and putting one of them on a vial by a scan of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.preprinted import Binding, code_problems, roll_problems
from biobank_desktop.domain.problems import Conflict, Problem, refuse
from biobank_desktop.domain.scans import TUBE_ISSUER
from biobank_desktop.domain.texts import identifier
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import preprinted as query
from biobank_desktop.persistence.queries import samples
from biobank_desktop.persistence.queries.preprinted import Carrier
from biobank_desktop.persistence.queries.standing import standings
from biobank_desktop.persistence.work import LAB_STREAM
from biobank_desktop.services.commands import command
from biobank_desktop.services.families import held
from biobank_desktop.services.foreign_codes import foreign_patterns, is_on_a_vial, sample_numbers
from biobank_desktop.services.gate import decide_about, require_not_refused
from biobank_desktop.services.labels import cancel_waiting
from biobank_desktop.services.standing import gone_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.preprinted import RollForm
    from biobank_desktop.domain.scans import ForeignPattern
    from biobank_desktop.persistence.queries.preprinted import RollCode
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store
    from biobank_desktop.persistence.work import Work


@dataclass(frozen=True)
class BindForm:
    """Codes for vials, all or none.

    ``why`` is needed where a code is on another vial, or a vial has another code: it was the wrong one.
    ``keep_labels`` leaves labels of ours that wait for a printer; else a vial with a code needs none.
    """

    bindings: tuple[Binding, ...]
    why: str = ""
    keep_labels: bool = False


@dataclass(frozen=True)
class _Known:
    """What the database knows of the codes of a form: on which rolls they are, and on what already."""

    patterns: Sequence[ForeignPattern]
    on_rolls: Mapping[str, Sequence[RollCode]]
    carriers: Mapping[str, Sequence[Carrier]]

    def on_vials(self, code: str) -> list[Carrier]:
        """The vials that carry a code; what a laboratory calls a tube or a donor is none."""
        return [one for one in self.carriers.get(code, []) if is_on_a_vial(one)]

    def maker(self, code: str) -> str:
        """Whose code it is: as it was put on a vial, else the roll's maker, else the name of its pattern.

        "" for a code of nobody.
        """
        named = [one.issuer for one in self.on_vials(code)]
        named += [one.maker for one in self.on_rolls.get(code, [])]
        named += [one.name for one in self.patterns if one.fits(code)][:1]
        return named[0] if named and named[0] != TUBE_ISSUER else ""


def add_roll(store: Store, actor: Actor, form: RollForm, command_id: UUID | None = None) -> int:
    """Lay a roll of labels or a rack of tubes ready; returns how many codes it has.

    Raises ``Rejected`` with everything that is wrong, also for a code that is on a roll or a vial already.
    """
    form = replace(
        form, roll=identifier(form.roll), maker=identifier(form.maker), bench=identifier(form.bench)
    )
    asked = command(actor, "roll-added", form, "intake", title=form.roll, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        work.hold(tables.stream, [LAB_STREAM])  # nobody else lays a roll ready now
        known = _known(work.connection, form.codes)
        problems = roll_problems(form, known.patterns)
        if query.has_roll(work.connection, form.roll):
            problems.append(Problem("roll", "roll-known", {"roll": form.roll}))
        for value, on in known.on_rolls.items():
            problems.append(Problem("codes", "code-on-roll", {"code": value, "roll": on[0].roll}))
        problems += [_carried("codes", value, on[0]) for value, on in known.carriers.items()]
        refuse(problems)
        own = {"roll": form.roll, "issuer": form.maker, "bench": form.bench, "stream_id": LAB_STREAM}
        work.insert(tables.preprinted, [{**own, "value": value} for value in form.codes])
        return {"roll": form.roll, "count": len(form.codes)}

    return int(store.run(asked, body)["count"])


def bind(store: Store, actor: Actor, form: BindForm, command_id: UUID | None = None) -> list[Binding]:
    """Put makers' codes on vials: from now on a scan of the code is a scan of the vial, and proves it.

    A code of a roll is put on a vial at the roll's bench only; one of no roll must look like a maker's, as
    the lab's patterns say. Raises ``Rejected`` with every problem and ``Conflict`` when a code is on another
    vial, or the vial has another one, and the form does not say why.
    """
    given = tuple(Binding(one.sample, identifier(one.code)) for one in form.bindings)
    form = replace(form, bindings=given)
    title = ", ".join(one.code for one in given[:3])
    asked = command(actor, "codes-bound", form, "intake", title=title, why=form.why, command_id=command_id)

    def body(work: Work) -> dict[str, Any]:
        known = _known(work.connection, [one.code for one in given])
        rows = _held(work, given, known)
        _require_bindable(work, form, rows, known)
        for decision in decide_about(work, rows):
            require_not_refused(decision, "sample")
        for one, row in zip(given, rows, strict=True):
            _put_on(work, row, one.code, known)
            if not form.keep_labels:
                cancel_waiting(work, row.id)
        return {"bound": [asdict(Binding(row.code, one.code)) for one, row in zip(given, rows, strict=True)]}

    return [Binding(**one) for one in store.run(asked, body)["bound"]]


def _known(connection: Connection, values: Iterable[str]) -> _Known:
    wanted = set(values)
    return _Known(
        foreign_patterns(connection),
        query.on_rolls(connection, wanted),
        query.carriers(connection, wanted),
    )


def _held(work: Work, given: Sequence[Binding], known: _Known) -> list[SampleRow]:
    """The vials, held; those that codes are taken from are held with them. Raises ``Rejected``."""
    numbers = sample_numbers(work.connection, [one.sample for one in given])
    before = {one.object_id for on in known.carriers.values() for one in on}
    rows = samples.samples(work.connection, [*numbers.values(), *before])
    problems = [
        Problem(f"bindings[{place}].sample", "sample-unknown", {"code": one.sample})
        for place, one in enumerate(given)
        if numbers.get(one.sample) not in rows
    ]
    refuse(problems)
    now = {row.id: row for row in held(work, list(rows.values()))}
    return [now[numbers[one.sample]] for one in given]


def _require_bindable(work: Work, form: BindForm, rows: Sequence[SampleRow], known: _Known) -> None:
    """Raise ``Rejected`` with everything that is wrong, and ``Conflict`` for what a reason would allow."""
    standing = standings(work.connection, [row.id for row in rows])
    own = query.codes_on(work.connection, [row.id for row in rows])
    problems = [] if rows else [Problem("bindings", "answer-missing")]
    conflicts: list[Problem] = []
    seen: set[str] = set()
    for place, (one, row) in enumerate(zip(form.bindings, rows, strict=True)):
        sample, code = f"bindings[{place}].sample", f"bindings[{place}].code"
        shown = {"code": codes.group(row.code)}
        if row.kind == "tube":
            problems.append(Problem(sample, "code-only-on-vials", shown))
        if row.state != "planned":  # a tube may get its code before it is filled
            problems += gone_problems(row, standing[row.id], sample)
        problems += _code_problems(one.code, known, work.command.bench, code)
        problems += _twice(one, row, seen, place)
        conflicts += [
            _carried(code, one.code, on) for on in known.on_vials(one.code) if on.object_id != row.id
        ]
        others = [value for value in own.get(row.id, []) if value != one.code]
        if others:
            conflicts.append(Problem(code, "vial-has-a-code", {**shown, "codes": others}))
    refuse(problems)
    if conflicts and not form.why.strip():
        raise Conflict(*conflicts)


def _twice(one: Binding, row: SampleRow, seen: set[str], place: int) -> list[Problem]:
    """What of this line stood in an earlier one; it is remembered."""
    named = {"code": (one.code, "code-twice"), "sample": (codes.group(row.code), "scanned-twice")}
    found = [
        Problem(f"bindings[{place}].{name}", problem, {"code": text})
        for name, (text, problem) in named.items()
        if text in seen
    ]
    seen |= {text for text, _problem in named.values()}
    return found


def _code_problems(code: str, known: _Known, bench: str, field: str) -> list[Problem]:
    problems = code_problems(code, known.patterns, field)
    on = known.on_rolls.get(code, [])
    away = [roll for roll in on if roll.bench not in {"", bench}]
    if on and len(away) == len(on):
        values = {"code": code, "roll": away[0].roll, "bench": away[0].bench}
        problems.append(Problem(field, "code-of-another-bench", values))
    if not problems and not known.maker(code):
        problems.append(Problem(field, "code-of-no-maker", {"code": code}))
    others = [one for one in known.carriers.get(code, []) if not is_on_a_vial(one)]
    return problems + [_carried(field, code, one) for one in others]


def _carried(field: str, code: str, one: Carrier) -> Problem:
    """A code that stands on something already."""
    values = {"code": code, "carrier": codes.group(codes.from_number(one.object_id))}
    return Problem(field, "code-on-something", values)


def _put_on(work: Work, row: SampleRow, code: str, known: _Known) -> None:
    """Write down that a held vial carries a code. Raises ``Conflict`` when the code has moved since."""
    key = {"value": code, "issuer": known.maker(code)}
    before = work.locked(tables.alias, key)
    if before is None:
        work.insert(tables.alias, [{**key, "object_id": row.id, "stream_id": row.donor_id}])
        return
    now = Carrier(before["object_id"], before["issuer"])
    if now not in known.on_vials(code):
        raise Conflict(_carried("bindings", code, now))
    work.about(before["stream_id"], before["object_id"])  # what it is taken from is told of it, too
    work.update(tables.alias, key, object_id=row.id, stream_id=row.donor_id)
