"""What counts as a small wrong change."""

from __future__ import annotations

import ast
import random
from typing import TYPE_CHECKING

import pytest

from tests.soak.mutants import of_the_domain
from tests.soak.mutation import mutants

if TYPE_CHECKING:
    from pathlib import Path


def changes(folder: Path, source: str) -> list[str]:
    """The changed line of every mutant of a file with this text."""
    path = folder / "module.py"
    path.write_text(source, encoding="utf-8")
    return [mutant.after for mutant in mutants(str(path))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a < b", ["a <= b"]),
        ("a >= b", ["a > b"]),
        ("a == b", ["a != b"]),
        ("a is not b", ["a is b"]),
        ("a in b", ["a not in b"]),
        ("a not  in b", ["a in b"]),
        ("a <= b < c", ["a < b < c", "a <= b <= c"]),
        ("not a", ["(a)"]),
        ("a and b", ["True and b", "(a or b)", "a and True"]),
        (
            "a or b and c",
            [
                *("False or b and c", "(a and b and c)", "a or False"),
                *("a or True and c", "a or (b or c)", "a or b and True"),
            ],
        ),
        ("a + b", ["a - b"]),
        ("a // b", ["a * b"]),
        ("a | b", ["(a & b)"]),
        ("-a", ["a"]),
        ("7", ["8", "(6)"]),
        ("True", ["False"]),
        ('"word"', ['"XXword"']),
        ('f"{a}: word"', ['f"XX{a}: word"']),
        ("a[b:c]", ["a[:c]", "a[b:]"]),
        ("a[5]", ["a[6]", "a[(4)]"]),
        ("a if b else c", ["a if True else c", "a if False else c"]),
        ("[a for a in b if c]", ["[a for a in b if True]", "[a for a in b if False]"]),
        ("all(a)", ["any(a)"]),
        ("date.max", ["date.min"]),
        ("lambda: a", ["lambda: None"]),
        ("(a, b)", ["(b,)", "(a,)"]),
        ("{a}", ["set()"]),
        ("{a: b, c: d}", ["{c: d}", "{a: b}"]),
        ('cast("word", a)', []),
        ("a.b(c)", []),
    ],
)
def test_every_change_of_an_expression(tmp_path: Path, line: str, expected: list[str]) -> None:
    assert sorted(changes(tmp_path, f"x = {line}\n")) == sorted(f"x = {after}" for after in expected)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return a", ["return None"]),
        ("return", ["pass"]),
        ("return None", []),
        ("a = b", ["pass"]),
        ("new = b", []),
        ("a += b", ["pass", "a -= b"]),
        ("work(a)", ["pass"]),
        ("yield a", ["pass"]),
        ("a.b = c", ["pass"]),
        ("raise Rejected(a)", ["pass"]),
        ('raise ValueError("words")', ["pass"]),
        ("for each in a: break", ["for each in (): break", "for each in a: pass"]),
        ("while a: continue", ["while True: continue", "while False: continue", "while a: pass"]),
        ("if a: new = b", ["if True: new = b", "if False: new = b"]),
        ('"""Words."""', []),
    ],
)
def test_every_change_of_a_statement(tmp_path: Path, body: str, expected: list[str]) -> None:
    assert sorted(changes(tmp_path, f"def work(a):\n    {body}\n")) == sorted(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "def work(a: int = 5, *, b: str = c) -> int: ...\n",
            {"a: int = 6", "a: int = (4)", "a: int = None"},
        ),
        ("class Row:\n    a: int = b\n", {"a: int = None"}),
        ("@dataclass(frozen=True)\nclass Row: ...\n", {"frozen=False"}),
        ("try:\n    a()\nexcept (B, C):\n    raise\n", {"except (B,):", "except (C,):", "pass"}),
        ('Kind = Literal["a", "b"]\nprint(get_args(Kind))\n', {'["XXa", "b"]', '["a", "XXb"]', '[("b",)]'}),
    ],
)
def test_defaults_decorators_handlers_and_vocabularies(
    tmp_path: Path, source: str, expected: set[str]
) -> None:
    found = changes(tmp_path, source)
    assert all(any(part in after for after in found) for part in expected), found


@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations\nimport a\n",
        '__all__ = ["a", "b"]\n',
        "if TYPE_CHECKING:\n    a = 5\n",
        'Kind = Literal["a", "b"]\n',
        "Label = Vial | Container\n",
        'Row = TypeVar("Row")\n',
        'a: Literal["b"]\n',
        '"""Words."""\n',
    ],
)
def test_what_cannot_be_observed_is_left_alone(tmp_path: Path, source: str) -> None:
    assert changes(tmp_path, source) == []


def test_a_mutant_is_a_program_and_another_one() -> None:
    for mutant in random.Random(7).sample(of_the_domain(), 100):
        original = ast.dump(ast.parse(mutant.original()))
        assert ast.dump(ast.parse(mutant.source())) != original, mutant
