"""The SPREC code of a sample, computed from what was recorded about it.

SPREC 2.0, fluid samples (doi 10.1089/bio.2012.0012): seven elements. The tables are data
(``resources/sprec``); this module holds how recorded values choose a row. The code is a function of the
sample's history and is kept beside the version of its tables, never instead of the raw values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from biobank_desktop.domain.problems import Problem, Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Freezing = Literal["direct", "overnight", "controlled-rate"]

UNKNOWN, OTHER, NONE, PENDING = "X", "Z", "N", "?"
ELEMENTS = ("type", "container", "pre-delay", "first-spin", "second-spin", "post-delay", "storage")
_HOUR = timedelta(hours=1)
_Table = dict[str, Any]


@dataclass(frozen=True)
class Word:
    """A code of a table with its words; ``key`` is the letter of its choice, "" for the rare ones."""

    code: str
    en: str
    nl: str
    key: str = ""


@dataclass(frozen=True)
class Interval:
    """Half-open: ``first`` and more, less than ``end``; None has no end."""

    first: float
    end: float | None

    def __contains__(self, value: float) -> bool:
        return self.first <= value and (self.end is None or value < self.end)


@dataclass(frozen=True)
class DelayRow:
    """A delay in hours at a temperature."""

    word: Word
    temperature: str
    hours: Interval


@dataclass(frozen=True)
class SpinRow:
    """A centrifugation; ``first_only`` rows do not exist in the table of the second one."""

    word: Word
    temperature: str
    g: Interval
    minutes: Interval
    brake: bool
    gradient: bool
    first_only: bool


@dataclass(frozen=True)
class StorageRow:
    """Long-term storage in a vessel at a temperature after a way of freezing."""

    word: Word
    vessel: str
    temperature: str
    freezing: Freezing


@dataclass(frozen=True)
class SprecTables:
    """The seven tables of one version of SPREC."""

    version: str
    types: tuple[Word, ...]
    containers: tuple[Word, ...]
    pre_delays: tuple[DelayRow, ...]
    spins: tuple[SpinRow, ...]
    post_delays: tuple[DelayRow, ...]
    storages: tuple[StorageRow, ...]
    specials: tuple[Word, ...]

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> SprecTables:
        """The tables in a parsed ``sprec-*.toml``. Raises ``Rejected`` when its shape is wrong."""
        try:
            return cls._read(cast("Mapping[str, _Table]", mapping))
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as wrong:
            raise Rejected(Problem("sprec", "sprec-tables-malformed", {"detail": repr(wrong)})) from wrong

    @classmethod
    def _read(cls, mapping: Mapping[str, _Table]) -> SprecTables:
        keys = cast("dict[str, str]", mapping["container_keys"])
        return cls(
            version=str(mapping["version"]),
            types=_words(mapping["type"]),
            containers=tuple(
                Word(word.code, word.en, word.nl, keys.get(word.code, ""))
                for word in _words(mapping["container"])
            ),
            pre_delays=_delays(mapping["pre_delay"]),
            spins=tuple(_spin(row) for row in cast("list[_Table]", mapping["spin"])),
            post_delays=_delays(mapping["post_delay"]),
            storages=tuple(
                StorageRow(Word(code, en, nl), vessel, temperature, freezing)
                for code, vessel, temperature, freezing, en, nl in mapping["storage"]["codes"]
            ),
            specials=_words(mapping["special"]),
        )

    def container(self, code: str) -> Word | None:
        """The primary container of a code, or None."""
        return next((word for word in self.containers if word.code == code), None)


def _words(table: _Table) -> tuple[Word, ...]:
    return tuple(Word(code, en, nl) for code, en, nl in table["codes"])


def _interval(ends: Sequence[float]) -> Interval:
    return Interval(ends[0], ends[1] if len(ends) > 1 else None)


def _delays(tables: object) -> tuple[DelayRow, ...]:
    return tuple(
        DelayRow(Word(code, en, nl), table["temperature"], _interval(hours))
        for table in cast("list[_Table]", tables)
        for code, hours, en, nl in table["codes"]
    )


def _spin(row: _Table) -> SpinRow:
    return SpinRow(
        Word(row["code"], row["en"], row["nl"]),
        row["temperature"],
        _interval(row["g"]),
        _interval(row["minutes"]),
        row["brake"],
        row.get("gradient", False),
        row.get("first_only", False),
    )


@dataclass(frozen=True)
class Spin:
    """One centrifugation as recorded; None is unknown. ``temperature`` is "room", "2-10" or "unknown"."""

    started_at: datetime | None
    g: int | None
    minutes: int | None
    temperature: str
    brake: bool | None
    gradient: bool = False

    @property
    def ended_at(self) -> datetime | None:
        """When it stopped, or None when its start or length is unknown."""
        if self.started_at is None or self.minutes is None:
            return None
        return self.started_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Stay:
    """A stay in storage: since when, at which temperature class ("-80", "overnight -80", "ln2", …)."""

    since: datetime
    temperature: str


@dataclass(frozen=True)
class SprecFacts:
    """What is recorded about a sample.

    ``material`` and ``container`` are SPREC codes; ``collected_at`` None is unknown; ``transport`` the
    temperature between collection and processing ("room", "2-10", "35-38", "frozen", "unknown") and
    ``bench`` the one between the last spin and freezing. ``processing`` says how far it is: "open" while
    spins may still come. ``stays`` is the history of storage in order; ``controlled_rate`` whether a
    programmable freezer froze it; ``vessel`` a name of the storage table ("cryotube", "pp-tube", …).
    """

    material: str
    container: str
    collected_at: datetime | None
    transport: str
    spins: tuple[Spin, ...] = ()
    processing: Literal["open", "done"] = "open"
    bench: str = "room"
    stays: tuple[Stay, ...] = ()
    vessel: str = "cryotube"
    controlled_rate: bool = False

    @property
    def frozen_at(self) -> datetime | None:
        """When it first went into storage, or None when it has not."""
        return self.stays[0].since if self.stays else None


@dataclass(frozen=True)
class SprecCode:
    """A code with its version and the elements still "?"; ``text`` is "" for what SPREC does not code."""

    text: str
    version: str
    missing: tuple[str, ...]


def code(tables: SprecTables, facts: SprecFacts) -> SprecCode:
    """The SPREC code of what is recorded: "X" where it is unknown, "?" where it is still to come."""
    if facts.material not in {word.code for word in tables.types}:
        return SprecCode("", tables.version, ())
    parts = (
        facts.material,
        facts.container if tables.container(facts.container) else "XXX",
        _pre_delay(tables, facts),
        _nth_spin(tables, facts, 0),
        _nth_spin(tables, facts, 1),
        _post_delay(tables, facts),
        _storage(tables, facts),
    )
    missing = tuple(element for element, part in zip(ELEMENTS, parts, strict=True) if part == PENDING)
    return SprecCode("-".join(parts), tables.version, missing)


def _delay(rows: tuple[DelayRow, ...], temperature: str, start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None or temperature == "unknown" or end < start:
        return UNKNOWN
    hours = (end - start) / _HOUR
    for row in rows:
        if row.temperature == temperature and hours in row.hours:
            return row.word.code
    return OTHER


def _pre_delay(tables: SprecTables, facts: SprecFacts) -> str:
    """From collection to the first spin; to the freezer for what is never spun."""
    if facts.spins:
        end = facts.spins[0].started_at
    elif facts.processing == "open" or facts.frozen_at is None:
        return PENDING
    else:
        end = facts.frozen_at
    return _delay(tables.pre_delays, facts.transport, facts.collected_at, end)


def _nth_spin(tables: SprecTables, facts: SprecFacts, index: int) -> str:
    if index >= len(facts.spins):
        return NONE if facts.processing == "done" else PENDING
    spin = facts.spins[index]
    if spin.g is None or spin.minutes is None or spin.brake is None or spin.temperature == "unknown":
        return UNKNOWN
    for row in tables.spins:
        kind = (row.temperature, row.brake, row.gradient) == (spin.temperature, spin.brake, spin.gradient)
        if kind and spin.g in row.g and spin.minutes in row.minutes and not (index and row.first_only):
            return row.word.code
    return OTHER


def _post_delay(tables: SprecTables, facts: SprecFacts) -> str:
    """From the end of the last spin to the first stay in storage."""
    if facts.processing == "done" and not facts.spins:
        return NONE
    if facts.processing == "open" or facts.frozen_at is None:
        return PENDING
    return _delay(tables.post_delays, facts.bench, facts.spins[-1].ended_at, facts.frozen_at)


def _storage(tables: SprecTables, facts: SprecFacts) -> str:
    """Where it stays now and how it came there; a night on the way is not yet long-term storage."""
    if not facts.stays or facts.stays[-1].temperature == "overnight -80":
        return PENDING
    now = facts.stays[-1].temperature
    if now == "unknown":
        return UNKNOWN
    freezing: Freezing = "direct"
    if now == "ln2" and facts.controlled_rate:
        freezing = "controlled-rate"
    elif now == "ln2" and any(stay.temperature in {"overnight -80", "-80"} for stay in facts.stays):
        freezing = "overnight"
    for row in tables.storages:
        if (row.vessel, row.temperature, row.freezing) == (facts.vessel, now, freezing):
            return row.word.code
    return OTHER
