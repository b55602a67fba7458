"""Mutants of a Python file: small wrong changes that a test should notice.

The operators are our own. mutmut 3 changes only what stands in functions, and a third of the domain is
tables; cosmic-ray writes every mutant to disk and has no operator for removed statements, returned values,
changed words or missing table entries. A mutant here is one edit of the source text, so that it can be read
as a line before and after, and compiled without touching a file.

Left alone is what cannot be observed: docstrings, annotations, types, and messages of built-in errors.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Edit = tuple[int, int, str]
"""Bytes from, to (excluded) and what stands there instead."""

ROOT = Path(__file__).resolve().parents[2]

_NEIGHBOURS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
}
_ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
_OPPOSITES = {"any": "all", "all": "any", "min": "max", "max": "min"}
_BUILT_IN_ERRORS = {"ValueError", "OverflowError", "IndexError", "KeyError", "TypeError"}
_OPENING = re.compile(rb"[rRuUfFbB]*(\"\"\"|'''|\"|')")


@dataclass(frozen=True)
class Mutant:
    """One edit of one file.

    ``place`` is the function, class or table it is in; ``lines`` those of its statement up to the edit, one
    of which is seen by a trace when the statement runs.
    """

    path: str
    line: int
    lines: range
    place: str
    before: str
    after: str
    edit: Edit

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What stays the same when lines above it come or go."""
        return Path(self.path).name, self.place, self.before, self.after

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before} -> {self.after}"

    def original(self) -> bytes:
        """The whole file as it is."""
        return (ROOT / self.path).read_bytes()

    def source(self) -> bytes:
        """The whole file with the edit."""
        return _edited(self.original(), self.edit)


def mutants(path: str) -> list[Mutant]:
    """Every mutant of a file (its path from the root of the project), in the order of the text."""
    source = _Source((ROOT / path).read_bytes())
    found = {edit: (place, first) for place, first, edit in _in_body(source, source.tree, "")}
    return [source.mutant(path, *where, edit) for edit, where in sorted(found.items())]


def _edited(text: bytes, edit: Edit) -> bytes:
    return text[: edit[0]] + edit[2].encode() + text[edit[1] :]


class _Source:
    """A file, and where the parts of its tree stand in it."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._starts = [0]
        for line in text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: ast.expr | ast.stmt) -> str:
        return self.text[self.start(node) : self.end(node)].decode()

    def instead(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        return self.start(node), self.end(node), text

    def located(self, node: ast.expr) -> bool:
        """Whether the node stands where it says; parts of f-strings do not always before Python 3.12."""
        try:
            return ast.dump(ast.parse(self.of(node), mode="eval").body) == ast.dump(node)
        except (SyntaxError, UnicodeDecodeError):
            return False

    @cached_property
    def vocabularies(self) -> frozenset[str]:
        """The types whose words the program reads: ``get_args(Policy)``."""
        return frozenset(re.findall(r"get_args\((\w+)\)", self.text.decode()))

    def mutant(self, path: str, place: str, statement: int, edit: Edit) -> Mutant:
        first = self.text.rfind(b"\n", 0, edit[0]) + 1
        last = self.text.find(b"\n", edit[1])
        change = (edit[0] - first, edit[1] - first, edit[2])
        before, after = self.text[first:last], _edited(self.text[first:last], change)
        words = [" ".join(text.decode().split()) for text in (before, after)]
        line, until = (self.text.count(b"\n", 0, at) + 1 for at in edit[:2])
        return Mutant(path, line, range(min(statement, line), until + 1), place, words[0], words[1], edit)


Found = tuple[str, int, Edit]
"""The place, the first line of the statement, the edit."""


def _in_body(
    source: _Source, node: ast.Module | ast.ClassDef | ast.FunctionDef, place: str
) -> Iterator[Found]:
    """The mutants of statements: of what is in them, and of the whole statement gone."""
    known = {arg.arg for arg in ast.walk(node) if isinstance(arg, ast.arg)}
    for statement in node.body:
        yield from _in_statement(source, statement, place, known)


def _in_statement(source: _Source, statement: ast.stmt, place: str, known: set[str]) -> Iterator[Found]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        name = f"{place}.{statement.name}".lstrip(".")
        for part in _parts(source, statement):
            yield from ((name, statement.lineno, edit) for edit in _in_expression(source, part))
        if isinstance(statement, ast.FunctionDef):
            yield from ((name, statement.lineno, edit) for edit in _defaults(source, statement.args))
        yield from _in_body(source, statement, name)
        return
    if _untouched(source, statement, place):
        return
    where = place or _name_of(statement)
    yield from ((where, statement.lineno, edit) for edit in _whole_statement(source, statement, known))
    for part in _parts(source, statement):
        yield from ((where, statement.lineno, edit) for edit in _in_expression(source, part))
    for block in ("body", "orelse", "finalbody"):
        for inner in getattr(statement, block, ()):
            yield from _in_statement(source, inner, where, known)
    for handler in getattr(statement, "handlers", ()):
        yield from ((where, statement.lineno, edit) for edit in _in_expression(source, handler.type))
        for inner in handler.body:
            yield from _in_statement(source, inner, where, known)
    known |= {name.id for name in ast.walk(statement) if isinstance(name, ast.Name) and _is_target(name)}


def _is_target(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _name_of(statement: ast.stmt) -> str:
    """The table that a statement of a module makes."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _untouched(source: _Source, statement: ast.stmt, place: str) -> bool:
    """Imports, docstrings, ``__all__``, blocks for type checkers, names of types."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
            return True
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript() | ast.BinOp(op=ast.BitOr())):
            type_name = name.lstrip("_")[:1].isupper() and not name.isupper()
            return not place and type_name and name not in source.vocabularies
    return False


def _parts(source: _Source, statement: ast.stmt) -> list[ast.expr]:
    """The expressions that stand in a statement itself, annotations and bases left out."""
    match statement:
        case ast.FunctionDef(args=arguments):
            parts: list[ast.expr | None] = [*arguments.defaults, *arguments.kw_defaults]
        case ast.ClassDef(decorator_list=decorators):
            parts = [*decorators]
        case ast.AnnAssign(value=value):
            parts = [value]
        case ast.Assign(value=ast.Subscript(value=ast.Name(id="Literal"), slice=words)):
            parts = [words]
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name))) if name in _BUILT_IN_ERRORS:
            parts = []
        case _:
            parts = [part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.expr)]
    return [part for part in parts if part is not None]


def _whole_statement(source: _Source, statement: ast.stmt, known: set[str]) -> Iterator[Edit]:
    match statement:
        case ast.AugAssign(target=target, op=operator, value=value):
            yield source.instead(statement, "pass")
            yield _between(source, target, value, *_operators(operator))
        case ast.Return(value=None) | ast.Expr() | ast.Raise() | ast.Continue() | ast.Break():
            yield source.instead(statement, "pass")
        case ast.Assign(targets=[ast.Name(id=name)]) if name in known:
            yield source.instead(statement, "pass")
        case ast.Assign(targets=[ast.Tuple(elts=names)]) if {source.of(name) for name in names} <= known:
            yield source.instead(statement, "pass")
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield source.instead(statement, "pass")
        case ast.AnnAssign(value=ast.expr() as value) if not _is_none(value):
            yield source.instead(value, "None")
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield source.instead(value, "None")
        case ast.If(test=test) | ast.While(test=test):
            yield from _forced(source, test)
        case ast.For(iter=rows):
            yield source.instead(rows, "()")


def _defaults(source: _Source, arguments: ast.arguments) -> Iterator[Edit]:
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if default is not None and not _is_none(default):
            yield source.instead(default, "None")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _forced(source: _Source, test: ast.expr) -> Iterator[Edit]:
    for forced in ("True", "False"):
        yield source.instead(test, forced)


def _in_expression(source: _Source, node: ast.expr) -> Iterator[Edit]:
    """The mutants of an expression and of all expressions in it."""
    if type(node) in _OPERATORS and source.located(node):
        yield from _OPERATORS[type(node)](source, node)
    for inner in _inner(node):
        yield from _in_expression(source, inner)


def _inner(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id="cast"), args=[_, value]):
            yield value
            return
        case ast.JoinedStr(values=values):
            yield from (part.value for part in values if isinstance(part, ast.FormattedValue))
            return
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            yield part
        elif isinstance(part, ast.keyword | ast.comprehension):
            yield from _inner(part)


def _comparison(source: _Source, node: ast.Compare) -> Iterator[Edit]:
    sides = [node.left, *node.comparators]
    for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
        yield _between(source, left, right, *_NEIGHBOURS[type(operator)])


def _between(source: _Source, left: ast.expr, right: ast.expr, operator: str, other: str) -> Edit:
    """Another operator between two operands."""
    first, last = source.end(left), source.start(right)
    gap = source.text[first:last].decode()
    changed, count = re.subn(operator, other, gap, count=1)
    assert count, f"no {operator} in {gap!r}"
    return first, last, changed


def _arithmetic(source: _Source, node: ast.BinOp) -> Iterator[Edit]:
    yield _bracketed(source, node, _between(source, node.left, node.right, *_operators(node.op)))


def _operators(operator: ast.operator) -> tuple[str, str]:
    sign, other = _ARITHMETIC[type(operator)]
    return re.escape(sign), other


def _bracketed(source: _Source, node: ast.expr, edit: Edit) -> Edit:
    """The edit with brackets around its expression where the new operator would bind otherwise."""
    if isinstance(node, ast.BoolOp) or edit[2].strip() in {"&", "|"}:
        first, last = source.start(node), source.end(node)
        text = source.text[first : edit[0]].decode() + edit[2] + source.text[edit[1] : last].decode()
        return first, last, f"({text})"
    return edit


def _boolean(source: _Source, node: ast.BoolOp) -> Iterator[Edit]:
    words = ("and", "or", "True") if isinstance(node.op, ast.And) else ("or", "and", "False")
    for left, right in zip(node.values, node.values[1:], strict=False):
        yield _bracketed(source, node, _between(source, left, right, words[0], words[1]))
    for value in node.values:
        if not isinstance(value, ast.Constant):
            yield source.instead(value, words[2])


def _unary(source: _Source, node: ast.UnaryOp) -> Iterator[Edit]:
    if isinstance(node.op, ast.Not):
        yield source.instead(node, f"({source.of(node)[3:].strip()})")
    elif isinstance(node.op, ast.USub):
        yield source.instead(node, source.of(node)[1:])


def _constant(source: _Source, node: ast.Constant) -> Iterator[Edit]:
    if isinstance(node.value, bool):
        yield source.instead(node, str(not node.value))
    elif isinstance(node.value, int | float):
        yield source.instead(node, str(node.value + 1))
        yield source.instead(node, f"({node.value - 1})")
    elif isinstance(node.value, str):
        yield from _word(source, node)


def _word(source: _Source, node: ast.expr) -> Iterator[Edit]:
    """XX at the beginning of a text."""
    opening = _OPENING.match(source.text, source.start(node))
    assert opening is not None
    yield opening.end(), opening.end(), "XX"


def _choice(source: _Source, node: ast.IfExp) -> Iterator[Edit]:
    yield from _forced(source, node.test)


def _filters(source: _Source, node: ast.expr) -> Iterator[Edit]:
    for comprehension in getattr(node, "generators", ()):
        for test in comprehension.ifs:
            yield from _forced(source, test)


def _bounds(source: _Source, node: ast.Subscript) -> Iterator[Edit]:
    if isinstance(node.slice, ast.Slice):
        for bound in (node.slice.lower, node.slice.upper):
            if bound is not None:
                yield source.instead(bound, "")


def _opposite(source: _Source, node: ast.Name) -> Iterator[Edit]:
    if node.id in _OPPOSITES:
        yield source.instead(node, _OPPOSITES[node.id])


def _opposite_end(source: _Source, node: ast.Attribute) -> Iterator[Edit]:
    if node.attr in {"min", "max"}:
        yield source.instead(node, f"{source.of(node.value)}.{_OPPOSITES[node.attr]}")


def _nothing(source: _Source, node: ast.Lambda) -> Iterator[Edit]:
    yield source.instead(node.body, "None")


def _elements(source: _Source, node: ast.Tuple | ast.List | ast.Set) -> Iterator[Edit]:
    """Every element dropped once."""
    if isinstance(getattr(node, "ctx", None), ast.Store):
        return
    spans = [(source.start(element), source.end(element)) for element in node.elts]
    empty = {ast.Tuple: "()", ast.List: "[]", ast.Set: "set()"}[type(node)]
    for index, span in enumerate(spans):
        rest = [source.of(other) for other in node.elts if other is not node.elts[index]]
        if not rest:
            yield source.instead(node, empty)
        elif len(rest) == 1 and isinstance(node, ast.Tuple):
            yield source.instead(node, f"({rest[0]},)")
        else:
            yield _dropped(spans, index, span)


def _entries(source: _Source, node: ast.Dict) -> Iterator[Edit]:
    """Every entry dropped once."""
    spans = [
        (source.start(key) if key is not None else source.start(value) - 2, source.end(value))
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    for index, span in enumerate(spans):
        yield _dropped(spans, index, span) if len(spans) > 1 else source.instead(node, "{}")


def _dropped(spans: Sequence[tuple[int, int]], index: int, span: tuple[int, int]) -> Edit:
    if index + 1 < len(spans):
        return span[0], spans[index + 1][0], ""
    return spans[index - 1][1], span[1], ""


_OPERATORS: dict[type[ast.expr], Callable[[_Source, Any], Iterator[Edit]]] = {
    ast.Compare: _comparison,
    ast.BinOp: _arithmetic,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    ast.JoinedStr: _word,
    ast.IfExp: _choice,
    ast.ListComp: _filters,
    ast.SetComp: _filters,
    ast.DictComp: _filters,
    ast.GeneratorExp: _filters,
    ast.Subscript: _bounds,
    ast.Name: _opposite,
    ast.Attribute: _opposite_end,
    ast.Lambda: _nothing,
    ast.Tuple: _elements,
    ast.List: _elements,
    ast.Set: _elements,
    ast.Dict: _entries,
}
