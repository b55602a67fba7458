"""What the maps of storage cost: reading how full everything is, folding it, and painting it."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from sqlalchemy import text

from biobank_desktop import language
from biobank_desktop.gui import theme
from biobank_desktop.gui.storage import reading
from biobank_desktop.gui.storage.plan import fold
from biobank_desktop.gui.storage.plan_map import PlanMap
from biobank_desktop.persistence.queries import containers
from biobank_desktop.persistence.steps import complete
from tests.bench.timing import Row, each, quantiles
from tests.support.databases import open_store
from tests.support.plans import KINDS, plan, site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import TextClause

    from biobank_desktop.gui.storage.plan import Node, Plan
    from biobank_desktop.persistence.store import Store
    from tests.bench.database import Lab

WIDE = "Rack 8 × 13"
VIEW = QSize(1500, 800)
"""the map in a window of 1920 by 1080"""
READS, FRAMES = 15, 60
_EVERY_COUNT = text("SELECT container_id, count(*) FROM placement GROUP BY container_id")
_COUNTS_BENEATH = text(
    "SELECT p.container_id, count(*) FROM placement p JOIN placement t ON t.item_id = p.container_id"
    " WHERE t.container_id IN (SELECT item_id FROM placement WHERE container_id = :device)"
    " GROUP BY p.container_id"
)


def read_rows(lab: Lab) -> Iterator[Row]:
    """The whole plan and one device of a lab, beside the bare counts of the same rows."""
    store = open_store(lab.address)
    try:
        steps: list[float] = []
        ours = each([partial(_read_plan, store, steps)] * READS)
        raw, _p95 = quantiles(each([partial(_execute, store, _EVERY_COUNT, {})] * READS))
        p50, p95 = quantiles(ours)
        yield Row("whole-site heat map read", lab.engine, lab.samples, p50, p95, raw, note="raw: the counts")
        p50, p95 = quantiles(steps)
        note = f"longest {max(steps) * 1000:.1f} ms"
        yield Row("one step of it", lab.engine, lab.samples, p50, p95, None, note=note)
        with store.read() as connection:
            device = containers.inside(connection, None)[0]
        p50, p95 = quantiles(each([partial(_open, store, device.id)] * READS))
        raw, _p95 = quantiles(
            each([partial(_execute, store, _COUNTS_BENEATH, {"device": device.id})] * READS)
        )
        yield Row("open a device", lab.engine, lab.samples, p50, p95, raw, note="raw: counts of its boxes")
    finally:
        store.close()


def paint_rows() -> Iterator[Row]:
    """A picture of each map from the tree to the pixels, beside the same number of bare rectangles."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, theme.Scheme.LIGHT)
    language.choose("en")
    large = plan(site(20, 20))
    for name, node in (
        (f"paint a site of {len(large):,}", large.top),
        ("paint a freezer of 480 boxes", large.top.children[0]),
        ("paint a device of 5,000 boxes", _wide_device().top.children[0]),
    ):
        drawn = _map(node)
        times = each([partial(_paint, drawn)] * FRAMES)
        boxes = _boxes(node)
        limit, _p95 = quantiles(each([partial(_bare, boxes)] * FRAMES))
        yield Row(name, "offscreen", boxes, *quantiles(times), limit, note="raw: its boxes as rectangles")
        drawn.zoom_about(QPointF(400, 300), 3)
        moved = each([partial(_pan, drawn, place) for place in range(FRAMES)])
        yield Row(f"{name}, panned at 3×", "offscreen", boxes, *quantiles(moved), None)
        drawn.deleteLater()


def _wide_device() -> Plan:
    """A freezer whose six shelves hold eight racks of 104 boxes each."""
    rows = [row for row in site(1, 0) if KINDS[row.kind].level in {"device", "shelf"}]
    number = 1_000_000
    for shelf in [row for row in rows if row.kind == "Freezer shelf"]:
        for place in range(8):
            number += 1
            rack = number
            rows.append(replace(shelf, id=rack, kind=WIDE, inside_id=shelf.id, column_no=place + 1, used=104))
            for at in range(104):
                number += 1
                row, column = divmod(at, 13)
                box = replace(shelf, id=number, kind="Box 9 × 9", inside_id=rack, used=at % 82)
                rows.append(replace(box, row_no=row + 1, column_no=column + 1))
    wide = replace(KINDS["Freezer rack 4 × 5"], name=WIDE, rows=8, columns=13)
    return complete(fold(rows, {**KINDS, WIDE: wide}))


def _read_plan(store: Store, steps: list[float]) -> None:
    moments = [time.perf_counter()]
    moments += [time.perf_counter() for _step in reading.plan(store)]
    steps += [after - before for before, after in pairwise(moments)]


def _execute(store: Store, statement: TextClause, values: dict[str, int]) -> None:
    with store.read() as connection:
        connection.execute(statement, values).all()


def _open(store: Store, device_id: int) -> None:
    with store.read() as connection:
        reading.open_container(connection, device_id)


def _map(node: Node) -> PlanMap:
    drawn = PlanMap()
    drawn.resize(VIEW)
    drawn.show_node(node)
    return drawn


def _paint(drawn: PlanMap) -> None:
    picture = QImage(VIEW, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(picture)
    drawn.render_map(painter)
    painter.end()


def _pan(drawn: PlanMap, place: int) -> None:
    drawn.pan(QPointF(17 if place % 20 < 10 else -17, 5))
    _paint(drawn)


def _bare(boxes: int) -> None:
    picture = QImage(VIEW, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(picture)
    painter.setBrush(QColor("#388cbd"))
    painter.drawRects([QRectF(place % 100 * 15, place // 100 * 8, 12, 6) for place in range(boxes)])
    painter.end()


def _boxes(node: Node) -> int:
    return 1 if node.holds_samples else sum(map(_boxes, node.children))
