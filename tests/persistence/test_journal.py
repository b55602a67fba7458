"""The journal: after a kill at any byte, the next start knows what was asked and not answered."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from biobank_desktop.domain.commands import Command
from biobank_desktop.domain.problems import Unavailable
from biobank_desktop.persistence.journal import Journal

ROOT = str(Path(__file__).parents[2])


def ask(title: str) -> Command:
    return Command("received", "bo", "bench-1", {}, title=title)


def titles(journal: Journal) -> list[str]:
    return [entry.title for entry in journal.left_open()]


def test_what_got_no_answer_is_left_open(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    answered, open_one, open_two = ask("a"), ask("b"), ask("c")
    for command in (answered, open_one, open_two):
        first.begin(command)
    first.told([answered.id])
    first.close()
    later = Journal(tmp_path)
    assert titles(later) == ["b", "c"]
    entry = later.left_open()[0]
    assert (entry.id, entry.kind, entry.login) == (open_one.id, "received", "bo")
    later.forget()
    assert later.left_open() == []
    later.close()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_with_every_answer_leaves_no_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    command = ask("a")
    journal.begin(command)
    journal.told([command.id])
    journal.close()
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_open_lines_of_a_program_that_still_runs_are_its_own(tmp_path: Path) -> None:
    running, other = Journal(tmp_path), Journal(tmp_path)
    running.begin(ask("a"))
    assert other.left_open() == []
    other.forget()
    running.close()
    assert titles(other) == ["a"]
    other.close()


def test_cut_at_every_byte(tmp_path: Path) -> None:
    """A line counts once it is whole: before that nothing was sent."""
    whole = Journal(tmp_path / "whole")
    first, second = ask("first"), ask("second")
    whole.begin(first)
    whole.told([first.id])
    whole.begin(second)
    (path,) = (tmp_path / "whole").iterdir()
    content = path.read_bytes()
    ends = [place + 1 for place, byte in enumerate(content) if byte == ord("\n")]
    for size in range(len(content) + 1):
        folder = tmp_path / f"cut {size}"
        folder.mkdir()
        (folder / "earlier.jsonl").write_bytes(content[:size])
        later = Journal(folder)
        expected = ["first"] if ends[0] <= size < ends[1] else ["second"] if size >= ends[2] else []
        assert titles(later) == expected, size
        later.close()
    whole.close()


_KILLED = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from biobank_desktop.domain.commands import Command
from biobank_desktop.persistence.journal import Journal
journal = Journal(Path({folder!r}))
for number in range(5):
    command = Command("received", "bo", "bench-1", {{}}, title=str(number))
    journal.begin(command)
    if number == 3:
        os.kill(os.getpid(), 9)
    journal.told([command.id])
"""


def test_killed_between_question_and_answer(tmp_path: Path) -> None:
    script = _KILLED.format(root=ROOT, folder=str(tmp_path))
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    journal = Journal(tmp_path)
    assert titles(journal) == ["3"]
    journal.close()


def test_a_full_disk_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    """In a child of its own: the limit on file sizes stands for the full disk."""
    child = os.fork()
    if child == 0:
        os._exit(0 if _full_disk(tmp_path) else 1)
    assert os.waitpid(child, 0)[1] == 0
    journal = Journal(tmp_path)
    assert titles(journal) == ["kept"]
    journal.close()


def _full_disk(folder: Path) -> bool:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    journal = Journal(folder)
    kept = ask("kept")
    journal.begin(kept)
    (path,) = folder.iterdir()
    size = path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, resource.RLIM_INFINITY))
    with pytest.raises(Unavailable) as refused:
        journal.begin(ask("too much"))
    journal.told([kept.id])  # no error: it was stored, and must not be called failed
    return refused.value.problem.code == "journal-cannot-be-written" and path.stat().st_size == size


@pytest.mark.parametrize("spoiled", [b"\x00" * 20 + b"\n", b"{\n", b"\xff\xfe\n"])
def test_a_spoiled_line_does_not_hide_the_others(tmp_path: Path, spoiled: bytes) -> None:
    first = Journal(tmp_path)
    first.begin(ask("a"))
    first.close()
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    path.write_bytes(spoiled + content)
    later = Journal(tmp_path)
    assert titles(later) == ["a"]
    later.close()
