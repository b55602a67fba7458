"""A process in which mutants are tried: ``python -m tests.soak.hatchery``, a line of JSON in, one out.

It holds pytest, hypothesis and the standard library ready, but nothing of the program. Every mutant gets a
child of its own, forked from it, that imports the mutated file as if it stood on disk and then the tests: no
name anywhere can still mean the original. ``Hatchery`` is that process for the one that wants mutants tried.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage
import pytest
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    from tests.soak.mutation import Mutant

ROOT = Path(__file__).resolve().parents[2]
CPU_SECONDS = 4
"""The longest file of the domain's tests takes one; a mutant that needs more goes round and round."""
ALARM_SECONDS = 120
MEMORY = 2 << 30
EXAMPLES, EXAMPLES_TO_COVER = 25, 5

_CONFIG = ROOT / "tests" / "soak" / "hatchery.ini"
_OPTIONS = (
    "-c", str(_CONFIG), "--rootdir", str(ROOT), "--import-mode=importlib", "--noconftest",
    "-p", "no:cacheprovider", "-x", "-q", "--tb=short", "-W", "error",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """How a mutant fared: ``killed_by`` names the test that failed and how, "" when every test passed."""

    killed_by: str

    @property
    def survived(self) -> bool:
        """Whether no test noticed."""
        return not self.killed_by


class Hatchery:
    """A running hatchery, seen from the process that wants mutants tried."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.hatchery"],
            cwd=ROOT,
            env={**environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @cached_property
    def covered(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """For each file of the domain's tests the lines it runs, by file; the tests pass as they are."""
        answer: dict[str, dict[str, list[int]]] = self._ask({"cover": _test_files()})
        return answer

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The files of tests that run the mutated line, the one named for its module first."""
        own = f"tests/domain/test_{Path(mutant.path).name}"
        run = self.covered.items()
        files = [tests for tests, ran in run if not set(mutant.lines).isdisjoint(ran.get(mutant.path, ()))]
        return sorted(files, key=lambda tests: (tests != own, tests))

    def try_out(self, mutant: Mutant, tests: Sequence[str] | None = None) -> Verdict:
        """Run the tests that cover a mutant (or those given) until one notices it."""
        chosen = self.tests_of(mutant) if tests is None else tests
        if not chosen:
            return Verdict("")
        wanted = {"path": mutant.path, "source": mutant.source().decode(), "tests": list(chosen)}
        return Verdict(self._ask({"try": wanted}))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _ask(self, question: object) -> Any:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise RuntimeError("the hatchery is gone; its last words are above")
        return json.loads(answer)


def _test_files() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests" / "domain").glob("test_*.py"))]


def main() -> None:
    """Answer until nothing more is asked."""
    _use(EXAMPLES)
    assert not [name for name in sys.modules if name.startswith("biobank_desktop")]
    gc.freeze()  # the children leave alone what they share
    for line in sys.stdin:
        question = json.loads(line)
        answer = {tests: _cover(tests) for tests in question["cover"]} if "cover" in question else None
        print(json.dumps(_try(**question["try"]) if answer is None else answer), flush=True)


def _use(examples: int) -> None:
    """Property tests try so many examples, every time the same, and do not look for the smallest failure."""
    settings.register_profile(
        "mutants",
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")


def _try(path: str, source: str, tests: list[str]) -> str:
    """Which test noticed, "" when none did; each file of tests in a child of its own."""
    compile(source, path, "exec", dont_inherit=True)  # what is no program would be killed for nothing

    def work(file: str) -> str:
        _limit()
        sys.meta_path.insert(0, _Mutated(path, source))
        witness = _Witness()
        _judge(pytest.main([*_OPTIONS, file], plugins=[witness]), witness)
        return witness.saw

    return next((saw for file in tests if (saw := _forked(partial(work, file)))), "")


def _cover(tests: str) -> dict[str, list[int]]:
    """The lines of the domain that a file of tests runs, also while it is imported."""

    def work() -> str:
        _use(EXAMPLES_TO_COVER)
        measure = coverage.Coverage(data_file=None, config_file=False, include=["*/biobank_desktop/domain/*"])
        measure.start()
        witness = _Witness()
        status = pytest.main([*_OPTIONS, tests], plugins=[witness])
        measure.stop()
        if status != pytest.ExitCode.OK:
            raise RuntimeError(f"{tests} does not pass as it is: {status}, {witness.saw}")
        data = measure.get_data()
        files = {str(Path(file).relative_to(ROOT)): data.lines(file) for file in data.measured_files()}
        return json.dumps(files)

    lines: dict[str, list[int]] = json.loads(_forked(work))
    return lines


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(ALARM_SECONDS)


def _judge(status: int, witness: _Witness) -> None:
    """A run that ended otherwise than by all tests passed or one failed says nothing about a mutant."""
    if status == pytest.ExitCode.OK and not witness.saw:
        return
    if status in {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED} and witness.saw:
        return
    raise RuntimeError(f"pytest ended with {status}, {witness.saw!r}")


def _forked(work: Callable[[], str]) -> str:
    """What ``work`` says in a child; of one that ran out of time, that."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _silent()
        try:
            text = work()
        except BaseException as error:  # whatever happened, the child ends here
            text, status = f"{type(error).__name__}: {error}", 1
        else:
            status = 0
        with os.fdopen(writing, "w") as pipe:
            pipe.write(text)
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status in {-signal.SIGXCPU, -signal.SIGALRM}:
        return "no end"
    if status:
        raise RuntimeError(f"child ended with {status}: {text}")
    return text


def _silent() -> None:
    """The child's words go nowhere: the only line out is the hatchery's answer."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


@dataclass
class _Witness:
    """A pytest plugin that keeps the first failure, and lets the slow tests wait for the quick ones."""

    saw: str = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=_is_property)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed and not self.saw:
            crash = getattr(report.longrepr, "reprcrash", None)
            said = crash.message if crash is not None else str(report.longrepr)
            self.saw = f"{report.nodeid}: {said[:500]}"


def _is_property(item: pytest.Item) -> bool:
    return bool(getattr(getattr(item, "function", None), "is_hypothesis_test", False))


class _Mutated(MetaPathFinder):
    """Finds one module of the program with another text than its file."""

    def __init__(self, path: str, source: str) -> None:
        self._path, self._source = ROOT / path, source
        self._name = path.removesuffix(".py").replace("/", ".")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        spec.loader = _Loader(fullname, str(self._path), self._source)
        return spec


class _Loader(SourceFileLoader):
    """Loads a module from a text, past the compiled file of the original."""

    def __init__(self, fullname: str, path: str, text: str) -> None:
        super().__init__(fullname, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        """The code of the text."""
        return compile(self._text, self.get_filename(fullname), "exec", dont_inherit=True)


if __name__ == "__main__":
    main()
