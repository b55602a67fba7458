"""One tube through the real window, with real threads, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.reading import codes_in_pdf

ROOT = Path(__file__).resolve().parents[2]


def test_one_tube_from_the_first_start_to_the_corrected_record(tmp_path: Path) -> None:
    out = tmp_path / "tour"
    subprocess.run(
        [sys.executable, "-m", "tests.tour", str(out)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=True,
        capture_output=True,
    )
    told = json.loads((out / "tour.json").read_text("utf-8"))
    assert told["scans_to_place_four"] <= 7
    assert told["keys_of_a_form"] <= 50  # a quarter of a minute at 200 keys a minute
    assert sorted(codes_in_pdf((out / "labels.pdf").read_bytes())) == sorted(
        vial["code"] for vial in told["vials"]
    )
    assert all((out / picture).stat().st_size > 5000 for picture in told["pictures"])
