"""Tampering: manipulations of a copy by somebody who owns it and knows the program, and what finds them.

The attacker has the file, or is superuser of the server: guards and foreign keys are off for him. Each
round makes manipulations of every sort at random places. ``verify`` must name it, with the stream where
there is one, or this computer's pin must contradict it. What no program can find is in ``UNDETECTABLE``,
and the round proves that, too, so that the manual does not promise it.
"""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Double,
    Integer,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from biobank_desktop.persistence import tables
from biobank_desktop.persistence.canonical import dumps, loads
from biobank_desktop.persistence.columns import Moment
from biobank_desktop.persistence.pins import Pins
from biobank_desktop.persistence.queries import lab
from biobank_desktop.persistence.schema import without_guards
from biobank_desktop.persistence.seals import extend, last_seal, seal
from biobank_desktop.persistence.work import NO_HASH
from biobank_desktop.services.verification import WholeVerification
from tests.soak.campaign import Campaign, Outcome
from tests.soak.servers import databases, workplace
from tests.support.databases import ENGINES, open_store
from tests.support.repertoire import REPERTOIRE, set_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.persistence.store import Store
    from tests.support.databases import EngineName

WORKED = (
    "tube-received", "step-ended", "counted", "filled", "vials-added", "placed", "label-verified",
    "donor-corrected", "donor-registered", "container-added", "printer-set", "setting-changed",
)  # fmt: skip


# Events --------------------------------------------------------------------------------------------------


def _any_event(connection: Connection, random: Random) -> Any:
    rows = connection.execute(select(tables.event).order_by(tables.event.c.id)).fetchall()
    return random.choice(rows)


def _changed_body(body: dict[str, Any], random: Random) -> dict[str, Any]:
    """Another person, moment, reason or value."""
    changed: dict[str, Any] = json.loads(json.dumps(body))
    which = random.choice(("by", "at", "bench", "why", "kind", "change", "gone"))
    if which in {"change", "gone"} and changed["changes"]:
        one = random.choice(changed["changes"])
        if which == "gone":
            changed["changes"].remove(one)
        else:
            place = 3 if one[3] is not None else 2
            name = random.choice(sorted(one[place]))
            one[place][name] = "x" if isinstance(one[place][name], int) else 7
        return changed
    changed["by" if which in {"change", "gone"} else which] = {"at": "2020-01-01T00:00:00.000Z"}.get(
        which, "eve"
    )
    return changed


def _edit_event(connection: Connection, random: Random) -> int:
    row = _any_event(connection, random)
    body = dumps(_changed_body(loads(row.body), random))
    connection.execute(update(tables.event).where(tables.event.c.id == row.id).values(body=body))
    return int(row.stream_id)


def _edit_event_and_hash(connection: Connection, random: Random) -> int:
    row = _any_event(connection, random)
    body = dumps(_changed_body(loads(row.body), random))
    before = _hash_before(connection, row)
    values = {"body": body, "hash": sha256(before + body).digest()}
    connection.execute(update(tables.event).where(tables.event.c.id == row.id).values(values))
    return int(row.stream_id)


def _edit_event_and_chain(connection: Connection, random: Random) -> int:
    row = _any_event(connection, random)
    body = dumps(_changed_body(loads(row.body), random))
    connection.execute(update(tables.event).where(tables.event.c.id == row.id).values(body=body))
    _rechain(connection, row.stream_id)
    return int(row.stream_id)


def _back_date(connection: Connection, random: Random) -> int:
    """Event and command agree on another day; the chain is recomputed."""
    row = _any_event(connection, random)
    body = {**loads(row.body), "at": "2024-02-29T08:00:00.000Z"}
    event, command = tables.event.c, tables.command.c
    connection.execute(update(tables.event).where(event.id == row.id).values(body=dumps(body)))
    moment = text("'2024-02-29T08:00:00.000Z'")
    connection.execute(update(tables.command).where(command.id == row.command_id).values(at=moment))
    _rechain(connection, row.stream_id)
    return int(row.stream_id)


def _delete_event(connection: Connection, random: Random) -> int:
    row = _any_event(connection, random)
    _forget(connection, row.id)
    return int(row.stream_id)


def _delete_event_and_close_the_gap(connection: Connection, random: Random) -> int:
    row = _any_event(connection, random)
    _forget(connection, row.id)
    event = tables.event.c
    later = connection.execute(
        select(event.id, event.seq, event.body)
        .where(event.stream_id == row.stream_id, event.seq > row.seq)
        .order_by(event.seq)
    ).fetchall()
    for one in later:
        body = {**loads(one.body), "seq": one.seq - 1}
        connection.execute(
            update(tables.event).where(event.id == one.id).values(seq=one.seq - 1, body=dumps(body))
        )
    _rechain(connection, row.stream_id)
    return int(row.stream_id)


def _delete_newest(connection: Connection, random: Random) -> int:
    """The newest event of a stream, and its head set back."""
    stream = _any_event(connection, random).stream_id
    event = tables.event.c
    newest = connection.execute(
        select(event.id).where(event.stream_id == stream).order_by(event.seq.desc()).limit(1)
    ).scalar_one()
    _forget(connection, newest)
    _rechain(connection, stream)
    return int(stream)


def _delete_stream(connection: Connection, random: Random) -> int:
    stream = _any_event(connection, random).stream_id
    event = tables.event.c
    for number in connection.execute(select(event.id).where(event.stream_id == stream)).scalars().all():
        _forget(connection, number)
    connection.execute(delete(tables.stream).where(tables.stream.c.id == stream))
    return int(stream)


def _insert_event(connection: Connection, random: Random) -> int:
    """One more event behind the newest, rightly chained, its head moved."""
    row = _any_event(connection, random)
    event = tables.event.c
    last = connection.execute(
        select(tables.event).where(event.stream_id == row.stream_id).order_by(event.seq.desc()).limit(1)
    ).one()
    body = dumps({**loads(last.body), "seq": last.seq + 1, "changes": []})
    number = connection.execute(select(func.max(event.id))).scalar_one() + 1
    made = {"id": number, "stream_id": last.stream_id, "seq": last.seq + 1, "command_id": last.command_id}
    connection.execute(
        insert(tables.event), {**made, "body": body, "hash": sha256(last.hash + body).digest()}
    )
    if random.random() < 0.5:
        connection.execute(insert(tables.unsealed), {"event_id": number})
    _rechain(connection, last.stream_id)
    return int(last.stream_id)


def _swap_events(connection: Connection, random: Random) -> int | None:
    event = tables.event.c
    counts = select(event.stream_id).group_by(event.stream_id).having(func.count() > 1)
    stream = random.choice(sorted(connection.execute(counts).scalars()))
    rows = connection.execute(
        select(event.id, event.seq).where(event.stream_id == stream).order_by(event.seq)
    ).fetchall()
    one, other = random.sample(rows, 2)
    for number, seq in ((one.id, 1 << 20), (other.id, one.seq), (one.id, other.seq)):
        connection.execute(update(tables.event).where(event.id == number).values(seq=seq))
    return int(stream)


def _hash_before(connection: Connection, row: Any) -> bytes:
    event = tables.event.c
    found = connection.execute(
        select(event.hash).where(event.stream_id == row.stream_id, event.seq == row.seq - 1)
    ).scalar()
    return bytes(found) if found else NO_HASH


def _forget(connection: Connection, event_id: int) -> None:
    for table in (tables.event_subject, tables.log, tables.unsealed):
        connection.execute(delete(table).where(table.c.event_id == event_id))
    connection.execute(delete(tables.event).where(tables.event.c.id == event_id))


def _rechain(connection: Connection, stream: int) -> None:
    """Every hash of the stream computed anew, and its head set."""
    event, head = tables.event.c, tables.stream.c
    hashed, seq = NO_HASH, 0
    rows = connection.execute(
        select(event.id, event.seq, event.body).where(event.stream_id == stream).order_by(event.seq)
    ).fetchall()
    for row in rows:
        hashed, seq = sha256(hashed + row.body).digest(), row.seq
        connection.execute(update(tables.event).where(event.id == row.id).values(hash=hashed))
    connection.execute(update(tables.stream).where(head.id == stream).values(head_seq=seq, head_hash=hashed))


# Facts ---------------------------------------------------------------------------------------------------


def _any_fact(connection: Connection, random: Random) -> tuple[Table, Any]:
    """A row of any table of facts, with its own columns as they lie in the database."""
    while True:
        table = random.choice(list(tables.FACTS))
        keys = list(table.primary_key.columns)
        rows = connection.execute(select(*keys).order_by(*keys)).fetchall()
        if rows:
            return table, random.choice(rows)


def _where(table: Table, key: Any) -> Any:
    names = [column.name for column in table.primary_key.columns]
    return [table.c[name] == value for name, value in zip(names, key, strict=True)]


def _edit_fact(connection: Connection, random: Random) -> int | None:
    while True:
        table, key = _any_fact(connection, random)
        row = connection.execute(select(table).where(*_where(table, key))).one()
        own = {"stream_id", "command_id", table.info["stream"]}
        name = random.choice(
            [one.name for one in table.columns if not one.primary_key and one.name not in own]
        )
        other = _other(row._mapping[name], table.c[name])
        try:
            with connection.begin_nested():
                connection.execute(update(table).where(*_where(table, key)).values({name: other}))
        except IntegrityError:
            continue  # a check refuses this value, whoever writes it
        return int(row._mapping[table.info["stream"]])


def _other(value: Any, column: Any) -> Any:
    """Another value of the same sort."""
    if isinstance(column.type, Moment):
        return datetime(2001, 1, 1, tzinfo=UTC)
    if isinstance(column.type, Date):
        return date(2001, 1, 1)
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, (BigInteger, Integer, Double)):
        return (value or 0) + 1
    if isinstance(column.type, Text):
        return f"{value or ''}x"
    return ["tampered"]


def _delete_fact(connection: Connection, random: Random) -> int | None:
    table, key = _any_fact(connection, random)
    stream = connection.execute(select(table.c[table.info["stream"]]).where(*_where(table, key))).scalar_one()
    connection.execute(delete(table).where(*_where(table, key)))
    return int(stream)


def _fact_of_another_command(connection: Connection, random: Random) -> int | None:
    table, key = _any_fact(connection, random)
    if "command_id" not in table.c or table.c.command_id.primary_key:
        return _edit_fact(connection, random)
    stream = connection.execute(select(table.c[table.info["stream"]]).where(*_where(table, key))).scalar_one()
    own = connection.execute(select(table.c.command_id).where(*_where(table, key))).scalar_one()
    others = connection.execute(
        select(tables.command.c.id).where(tables.command.c.id != own).order_by(tables.command.c.id)
    ).scalars()
    connection.execute(
        update(table).where(*_where(table, key)).values(command_id=random.choice(list(others)))
    )
    return int(stream)


# What binds the whole ------------------------------------------------------------------------------------


def _edit_command(connection: Connection, random: Random) -> None:
    command = tables.command
    number = random.choice(sorted(connection.execute(select(command.c.id)).scalars(), key=str))
    values: dict[str, Any] = {
        "kind": "forged",
        "login": "eve",
        "bench": "elsewhere",
        "at": text("'2001-01-01T00:00:00.000Z'"),
        "payload_sha256": bytes(32),
    }
    name = random.choice(sorted(values))
    connection.execute(update(command).where(command.c.id == number).values({name: values[name]}))


def _delete_command(connection: Connection, random: Random) -> None:
    command = tables.command
    number = random.choice(sorted(connection.execute(select(command.c.id)).scalars(), key=str))
    connection.execute(delete(command).where(command.c.id == number))


def _insert_command(connection: Connection, _random: Random) -> None:
    moment = text("'2026-01-01T00:00:00.000Z'")
    row = {"id": uuid4(), "kind": "forged", "payload_sha256": bytes(32), "login": "bo", "bench": "b"}
    connection.execute(insert(tables.command).values(**row, at=moment))


def _edit_seal(connection: Connection, random: Random) -> None:
    size = random.choice(sorted(connection.execute(select(tables.seal.c.size)).scalars()))
    connection.execute(update(tables.seal).where(tables.seal.c.size == size).values(root=bytes(32)))


def _delete_newest_seal(connection: Connection, _random: Random) -> None:
    newest = last_seal(connection)
    connection.execute(delete(tables.seal).where(tables.seal.c.size == newest.size))


def _edit_log(connection: Connection, random: Random) -> None:
    log = tables.log.c
    places = sorted(connection.execute(select(log.pos)).scalars())
    one, other = random.sample(places, 2)
    events = {
        place: connection.execute(select(log.event_id).where(log.pos == place)).scalar_one()
        for place in (one, other)
    }
    for place in (one, other):
        connection.execute(update(tables.log).where(log.pos == place).values(event_id=-place))
    connection.execute(update(tables.log).where(log.pos == one).values(event_id=events[other]))
    connection.execute(update(tables.log).where(log.pos == other).values(event_id=events[one]))


def _delete_log(connection: Connection, random: Random) -> None:
    log = tables.log.c
    place = random.choice(sorted(connection.execute(select(log.pos)).scalars()))
    connection.execute(delete(tables.log).where(log.pos == place))


def _edit_subject(connection: Connection, random: Random) -> None:
    subject = tables.event_subject
    rows = connection.execute(
        select(subject.c.subject_id, subject.c.event_id).order_by(subject.c.event_id, subject.c.subject_id)
    ).fetchall()
    one = random.choice(rows)
    connection.execute(
        delete(subject).where(subject.c.subject_id == one.subject_id, subject.c.event_id == one.event_id)
    )


def _edit_code(connection: Connection, random: Random) -> None:
    code = tables.code.c
    number = random.choice(sorted(connection.execute(select(code.id)).scalars()))
    known = connection.execute(select(code.text).where(code.id == number)).scalar_one()
    letter = "A" if known[5] != "A" else "B"
    made = f"{known[:5]}{letter}{known[6:]}"
    connection.execute(update(tables.code).where(code.id == number).values(text=made))


def _edit_identity(connection: Connection, _random: Random) -> None:
    connection.execute(update(tables.meta).where(tables.meta.c.key == "uuid").values(value=str(uuid4())))


def _edit_password(connection: Connection, _random: Random) -> None:
    connection.execute(
        update(tables.credential)
        .where(tables.credential.c.login == "anna")
        .values(argon2id="$argon2id$other")
    )


def _let_in_a_derivation(connection: Connection, _random: Random) -> None:
    connection.execute(insert(tables.derivation), {"parent_material": "PL1", "material": "CEL"})


# Everything recomputed: only the pin -----------------------------------------------------------------------


def _rewrite_everything(connection: Connection, random: Random) -> None:
    """An event changed with its command, chain, log and every seal recomputed: it agrees with itself."""
    event, command = tables.event.c, tables.command.c
    row = _any_event(connection, random)
    for one in connection.execute(select(tables.event).where(event.command_id == row.command_id)).fetchall():
        body = dumps({**loads(one.body), "bench": "elsewhere"})
        connection.execute(update(tables.event).where(event.id == one.id).values(body=body))
        _rechain(connection, one.stream_id)
    connection.execute(update(tables.command).where(command.id == row.command_id).values(bench="elsewhere"))
    _reseal(connection)


def _cut_the_newest(connection: Connection, random: Random) -> None:
    """The newest seals and what they covered, as if it had never been."""
    sizes = sorted(connection.execute(select(tables.seal.c.size)).scalars())
    keep = random.choice(sizes[:-1])
    connection.execute(delete(tables.seal).where(tables.seal.c.size > keep))
    cut = select(tables.log.c.event_id).where(tables.log.c.pos > keep)
    for number in connection.execute(cut).scalars().all():
        stream = connection.execute(
            select(tables.event.c.stream_id).where(tables.event.c.id == number)
        ).scalar_one()
        _forget(connection, number)
        _rechain(connection, stream)


def _reseal(connection: Connection) -> None:
    log, event, kept = tables.log.c, tables.event.c, tables.seal.c
    hashes = (
        connection.execute(select(event.hash).join(tables.log, log.event_id == event.id).order_by(log.pos))
        .scalars()
        .all()
    )
    root, last = NO_HASH, 0
    for size in sorted(connection.execute(select(kept.size)).scalars()):
        root, last = extend(root, hashes[last:size]), size
        connection.execute(update(tables.seal).where(kept.size == size).values(root=root))


def _write_garbage(connection: Connection, random: Random) -> None:
    """What no program writes, in any column: SQLite keeps text where a number, a moment or bytes belong."""
    while True:
        table = random.choice([one for one in tables.metadata.sorted_tables if one.name not in _OUTSIDE])
        column = random.choice([one for one in table.columns if not one.primary_key])
        if column is tables.seal.c.at:
            continue
        rows = connection.execute(text(f"SELECT rowid FROM {table.name} ORDER BY rowid")).scalars().all()
        if not rows:
            continue
        chosen, garbage = (
            random.choice(rows),
            random.choice(("'zzz'", "X'00ff'", "-7", "''", "'{'", "3.5", "'2026-13-45T99:00'")),
        )
        try:
            with connection.begin_nested():
                changed = connection.execute(
                    text(f'UPDATE {table.name} SET "{column.name}" = {garbage} WHERE rowid = {chosen}')
                )
        except IntegrityError:
            continue
        if changed.rowcount:
            return


_OUTSIDE = frozenset({"donor_age", "credential", "unsealed", "event_subject", "meta", "derivation"})
"""What the history does not hold, and what has a sort of its own."""

SORTS: dict[str, Any] = {
    "event edited": _edit_event,
    "event and its hash edited": _edit_event_and_hash,
    "event and its chain edited": _edit_event_and_chain,
    "event back-dated with its command": _back_date,
    "event deleted": _delete_event,
    "event deleted, gap closed": _delete_event_and_close_the_gap,
    "newest event of a stream deleted": _delete_newest,
    "stream deleted": _delete_stream,
    "event inserted": _insert_event,
    "two events swapped": _swap_events,
    "fact edited": _edit_fact,
    "fact deleted": _delete_fact,
    "fact given to another command": _fact_of_another_command,
    "command edited": _edit_command,
    "command deleted": _delete_command,
    "command inserted": _insert_command,
    "seal edited": _edit_seal,
    "newest seal deleted": _delete_newest_seal,
    "log reordered": _edit_log,
    "log entry deleted": _delete_log,
    "timeline entry deleted": _edit_subject,
    "code edited": _edit_code,
    "identity edited": _edit_identity,
    "password put in place": _edit_password,
    "derivation let in": _let_in_a_derivation,
    "everything rewritten": _rewrite_everything,
    "the newest events cut off": _cut_the_newest,
}
OLDER_COPY = "an older copy put in place"
GARBAGE = "garbage written"


def _age(connection: Connection, _random: Random) -> None:
    moment = text("'2031-01-01'")
    connection.execute(update(tables.donor_age).values(turns_12_on=moment))


def _middle_seal(connection: Connection, random: Random) -> None:
    sizes = sorted(connection.execute(select(tables.seal.c.size)).scalars())
    connection.execute(delete(tables.seal).where(tables.seal.c.size == random.choice(sizes[:-1])))


def _seal_moment(connection: Connection, random: Random) -> None:
    sizes = sorted(connection.execute(select(tables.seal.c.size)).scalars())
    moment = datetime(2001, 1, 1, tzinfo=UTC)
    connection.execute(
        update(tables.seal).where(tables.seal.c.size == random.choice(sizes)).values(at=moment)
    )


UNDETECTABLE: dict[str, Any] = {
    "the moment of a seal edited": _seal_moment,
    "a donor's age edited": _age,
    "a seal in the middle deleted": _middle_seal,
}
"""Said in the manual: ages are in no event because they must be erasable, a later seal covers what an earlier
one did, and what a seal binds is the events, not when it was written."""


@dataclass(frozen=True)
class Scene:
    """A lab at the end of a day, this computer's pin of it, and a copy of that morning."""

    address: str
    morning: str
    uuid: str
    pins: Pins


@cache
def _scene(engine: EngineName) -> Scene:
    made = databases(engine)
    address = made.lab()
    with closing(open_store(address)) as store:
        stage = set_stage(store, later=True)
    morning = made.copy(address)
    with closing(open_store(address)) as store:
        for place, kind in enumerate(WORKED):
            REPERTOIRE[kind](store, stage, UUID(int=place))
            if place % 3 == 0:
                seal(store)
        newest = seal(store)
        with store.read() as connection:
            uuid = lab.uuid(connection)
    pins = Pins(workplace() / f"pins-{engine}", "lab")
    pins.write(uuid, newest)
    return Scene(address, morning, uuid, pins)


@contextmanager
def _owned(store: Store) -> Iterator[Connection]:
    """A transaction of the owner's, whom neither guards nor keys hold back."""
    with store.engine.connect() as connection:
        if store.is_sqlite:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
            with connection.begin(), without_guards(connection):
                yield connection
            driver.execute("PRAGMA foreign_keys=ON")
        else:
            with connection.begin():
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                yield connection


def manipulate(engine: EngineName, sort: str, random: Random) -> tuple[bool, str]:
    """Whether this manipulation was found, and what was said."""
    scene, made = _scene(engine), databases(engine)
    if sort == OLDER_COPY:
        address, stream = made.copy(scene.morning), None
    else:
        address = made.copy(scene.address)
        with closing(open_store(address)) as store, _owned(store) as connection:
            stream = {**SORTS, **UNDETECTABLE, GARBAGE: _write_garbage}[sort](connection, random)
    with closing(open_store(address)) as store:
        with store.read() as connection:
            behind = scene.pins.problem(connection, scene.uuid)
        findings = WholeVerification(store).run()
    made.remove(address)
    named = stream is None or any(finding.stream == stream or finding.kind == "seal" for finding in findings)
    undated = [one for one in findings if one.stream == stream and one.seq and one.since is None]
    said = f"{[str(finding) for finding in findings[:3]]}, pin: {behind}, undated: {undated[:1]}"
    return bool(behind or (findings and named)), said


def sorts_of(engine: EngineName) -> tuple[str, ...]:
    """Every sort of manipulation there is on this engine: PostgreSQL refuses what is of another type."""
    return (*SORTS, OLDER_COPY, *((GARBAGE,) if engine == "sqlite" else ()))


def _round(engine: EngineName, seed: int) -> Outcome:
    random, broken = Random(seed), []
    for sort in sorts_of(engine):
        found, said = manipulate(engine, sort, random)
        if not found:
            broken.append(f"{sort}: not found; {said}")
    cells = dict.fromkeys(sorts_of(engine), 1)
    return Outcome(len(cells), tuple(broken), cells)


def _round_of_limits(engine: EngineName, seed: int) -> Outcome:
    random = Random(seed)
    found = [sort for sort in UNDETECTABLE if manipulate(engine, sort, random)[0]]
    broken = tuple(sort for sort in UNDETECTABLE if sort not in found)
    return Outcome(len(UNDETECTABLE), broken)


CAMPAIGNS = (
    *(
        Campaign(
            f"tampering, {engine}",
            "manipulations",
            1_400 if engine == "sqlite" else 700,
            partial(_round, engine),
            cells=frozenset(sorts_of(engine)),
            least_per_cell=20,
        )
        for engine in ENGINES
    ),
    Campaign(
        "tampering, control: what nothing can find",
        "manipulations",
        20,
        partial(_round_of_limits, "sqlite"),
        must_break=True,
    ),
)
