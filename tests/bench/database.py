"""What the database costs: ours beside the bare driver, on labs of growing size."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from biobank_desktop.domain import codes
from biobank_desktop.persistence import tables
from biobank_desktop.persistence.queries import search
from biobank_desktop.persistence.seals import seal
from biobank_desktop.persistence.verify import Verification
from biobank_desktop.services import intake, placing
from biobank_desktop.services.bulk import fill_lab
from biobank_desktop.services.records import box_view, sample_record
from biobank_desktop.services.reference import reference
from tests.bench.replay import recorded, replay
from tests.bench.timing import Row, each, quantiles
from tests.support.databases import ANNA, open_store
from tests.support.lab import receipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.domain.intake import ReceiptForm
    from biobank_desktop.persistence.store import Store
    from tests.support.databases import Databases

INTAKES = 300
READS = 300
BULK = 20_000


class Lab:
    """A lab that grows from one size to the next; each engine has one."""

    def __init__(self, engine: str, databases: Databases) -> None:
        self.engine = engine
        self.databases = databases
        self.address = databases.lab()
        self.samples = 0
        self._seed = 0
        self._random = Random(7)

    def grow(self, samples: int) -> Row:
        """Fill the lab up to so many samples; how fast that went."""
        self._seed += 1
        store = open_store(self.address)
        begin = time.perf_counter()
        for progress in fill_lab(store, ANNA, samples - self.samples, self._seed):
            del progress
        seconds = time.perf_counter() - begin
        seal(store)
        if self.engine == "postgresql":
            with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
        store.close()
        rate = (samples - self.samples) / seconds
        self.samples = samples
        return Row("grown in bulk", self.engine, samples, rate, rate, None, "/s", "whole history")

    def rows(self) -> Iterator[Row]:
        """Everything measured at the size the lab has now."""
        yield self._intake()
        if self.samples <= BULK:
            yield self._bulk()
        store = open_store(self.address)
        try:
            yield self._record(store)
            yield self._search(store)
            yield self._box(store)
            yield self._propose(store)
            yield from self._verify(store)
        finally:
            store.close()

    def _twin(self) -> tuple[Store, Store]:
        """The lab and a copy of it as it is now."""
        copy = self.databases.copy(self.address)
        return open_store(self.address), open_store(copy)

    def _intake(self) -> Row:
        ours, raw = self._twin()
        donors = self._some(ours, "PD", 50)
        forms = [self._form(donors[number % len(donors)], number) for number in range(INTAKES)]
        with recorded(ours.engine) as recording:
            times = each(partial(intake.receive, ours, ANNA, form) for form in forms)
        p50, p95 = quantiles(times)
        limit, _ = quantiles(replay(raw.engine, recording))
        note = f"{sum(map(len, recording.transactions)) // INTAKES} statements"
        ours.close()
        raw.close()
        return Row("intake, 4 aliquots", self.engine, self.samples, p50, p95, limit, note=note)

    def _form(self, donor: int, number: int) -> ReceiptForm:
        plan = tuple(one for one in reference().protocol("ALLTogether1").plan("BMA", "DX") if one.count == 4)
        code = f"BENCH{self.engine[0]}{self.samples}N{number}"
        return receipt(codes.from_number(donor), tube_code=code, plan=plan)

    def _bulk(self) -> Row:
        ours, raw = self._twin()
        begin = time.perf_counter()
        with recorded(ours.engine) as recording:
            for progress in fill_lab(ours, ANNA, BULK, 900 + self._seed):
                del progress
        rate = BULK / (time.perf_counter() - begin)
        limit = BULK / sum(replay(raw.engine, recording))
        ours.close()
        raw.close()
        return Row("bulk with history", self.engine, self.samples, rate, rate, limit, "/s")

    def _record(self, store: Store) -> Row:
        ids = self._some(store, "PM", READS)
        now = datetime.now(UTC)

        def ours(number: int) -> None:
            with store.read() as connection:
                sample_record(connection, number, now)

        def raw(number: int) -> None:
            with store.read() as connection:
                connection.execute(select(tables.sample).where(tables.sample.c.id == number)).first()

        p50, p95 = quantiles(each(partial(ours, number) for number in ids))
        limit, _ = quantiles(each(partial(raw, number) for number in ids))
        return Row("whole record read", self.engine, self.samples, p50, p95, limit, note="raw: its one row")

    def _search(self, store: Store) -> Row:
        typed = [codes.from_number(number)[4:8] for number in self._some(store, "PM", READS)]

        def ours(piece: str) -> None:
            with store.read() as connection:
                search.find(connection, piece)

        p50, p95 = quantiles(each(partial(ours, piece) for piece in typed))
        return Row("search by 4 characters", self.engine, self.samples, p50, p95, None)

    def _box(self, store: Store) -> Row:
        with store.read() as connection:
            boxes = list(
                connection.execute(select(tables.placement.c.container_id).distinct().limit(READS)).scalars()
            )

        def ours(number: int) -> None:
            with store.read() as connection:
                box_view(connection, number)

        p50, p95 = quantiles(each(partial(ours, number) for number in boxes))
        return Row("open a box", self.engine, self.samples, p50, p95, None)

    def _propose(self, store: Store) -> Row:
        donors = self._some(store, "PD", 40)

        def ours(number: int) -> None:
            with store.read() as connection:
                placing.propose(connection, number, "PL1", 4)

        p50, p95 = quantiles(each(partial(ours, number) for number in donors))
        return Row("next free positions", self.engine, self.samples, p50, p95, None)

    def _verify(self, store: Store) -> Iterator[Row]:
        begin = time.perf_counter()
        chains = Verification(store, state=False)
        found = chains.run()
        rate = chains.events / (time.perf_counter() - begin)
        with store.read() as connection:
            bodies = list(connection.execute(select(tables.event.c.body).limit(20_000)).scalars())
        begin = time.perf_counter()
        last = bytes(32)
        for body in bodies:
            last = sha256(last + body).digest()
        limit = len(bodies) / (time.perf_counter() - begin)
        size = sum(map(len, bodies)) // max(len(bodies), 1)
        note = f"{len(found)} findings; {size:,} bytes an event; raw: hashing"
        yield Row("verify chains", self.engine, self.samples, rate, rate, limit, "/s", note)
        begin = time.perf_counter()
        state = Verification(store)
        found = state.run()
        rate = state.events / (time.perf_counter() - begin)
        note = f"{len(found)} findings"
        yield Row("verify with state rebuilt", self.engine, self.samples, rate, rate, None, "/s", note)

    def _some(self, store: Store, kind: str, count: int) -> list[int]:
        """Numbers drawn from all over the lab."""
        with store.read() as connection:
            ids = list(
                connection.execute(select(tables.code.c.id).where(tables.code.c.kind == kind)).scalars()
            )
        return self._random.sample(ids, min(count, len(ids)))


def size_on_disk(address: str) -> int:
    """Bytes of a SQLite file."""
    return Path(address).stat().st_size
