"""The order of walking."""

from __future__ import annotations

from biobank_desktop.domain.walking import WalkLine, natural, walk


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["T10", "T2", "t1", "T2b", "Rack", "12"]
    assert sorted(names, key=natural) == ["12", "Rack", "t1", "T2", "T2b", "T10"]


def test_each_device_is_opened_once_and_each_box_taken_once() -> None:
    lines = [
        WalkLine("e", "", ("LN2-10", "T1", "B1"), "PB5", "A1"),
        WalkLine("d", "", ("LN2-9", "T10", "B1"), "PB4", "A1"),
        WalkLine("c", "", ("LN2-9", "T2", "B10"), "PB3", "A1"),
        WalkLine("b", "", ("LN2-9", "T2", "B9"), "PB2", "A10"),
        WalkLine("a", "", ("LN2-9", "T2", "B9"), "PB2", "A2"),
    ]
    first, second = walk(lines)
    assert [first.device, second.device] == ["LN2-9", "LN2-10"]
    assert [stop.box for stop in first.stops] == ["PB2", "PB3", "PB4"]
    assert [line.code for line in first.stops[0].lines] == ["a", "b"]
    assert (first.vials, second.vials) == (4, 1)
    assert walk([]) == ()
