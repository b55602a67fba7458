"""Conditions of SQL read just far enough to loosen them: each way to be true more often, or more seldom.

A check permits what makes it true, so it is weakened by being true more often; a trigger refuses what makes
its condition true, so it is weakened by being true more seldom. What is inside NOT turns round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.constraint_attacks import strangers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_TOKEN = re.compile(r"\s+|'(?:[^']|'')*'|\d+(?:\.\d+)?|[A-Za-z_][\w.]*|::|<>|<=|>=|\|\||.", re.DOTALL)
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


@dataclass(frozen=True)
class Node:
    """A part of a condition, from ``start`` to ``end`` of the text.

    ``sort``: "or", "and", "not", "group" (brackets), "compare" (parts left, right), "between" (what, low,
    high), "in" (what, then the values), "exists" (the condition of its query, if it has one) or "value".
    """

    sort: str
    start: int
    end: int
    parts: tuple[Node, ...] = ()
    word: str = ""  # the operator of a comparison; "NOT" where IN or BETWEEN is denied


@dataclass(frozen=True)
class Dialect:
    """What loosening needs to know of an engine and a vocabulary.

    ``shifted`` is a moment and a number of seconds, as SQL; ``day_later`` is the day after a date. ``words``
    are the values of columns by their names in a trigger: an exception for each is a way to refuse less. None
    in a check, which says itself which values there are: there a stranger is let in.
    """

    shifted: Callable[[str, int], str]
    day_later: Callable[[str], str]
    words: Mapping[str, Sequence[str]] | None


@dataclass(frozen=True)
class Splice:
    """One weakening: what it does in words, and the new text of a part."""

    words: str
    start: int
    end: int
    made: str

    def on(self, text: str) -> str:
        """The whole text with the part replaced."""
        return text[: self.start] + self.made + text[self.end :]


class Reader:
    """Reads conditions from a text."""

    def __init__(self, text: str, start: int = 0) -> None:
        found = [match for match in _TOKEN.finditer(text, start) if match[0].strip()]
        self._tokens = [(match[0], match.start(), match.end()) for match in found]
        self._place = 0

    def next(self) -> str:
        """The token that comes next, in capitals; empty at the end."""
        return self._tokens[self._place][0].upper() if self._place < len(self._tokens) else ""

    def condition(self) -> Node:
        """The condition that begins here; ends before the first token that is none of it."""
        return self._chain("OR", lambda: self._chain("AND", self._denied))

    def take(self, *expected: str) -> tuple[int, int]:
        """Step over the next token."""
        word, start, end = self._tokens[self._place]
        if expected and word.upper() not in expected:
            raise ValueError(f"{expected} expected, {word!r} found")
        self._place += 1
        return start, end

    def _chain(self, word: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self.next() == word:
            self.take()
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return Node(word.lower(), parts[0].start, parts[-1].end, tuple(parts))

    def _denied(self) -> Node:
        if self.next() != "NOT":
            return self._predicate()
        start, _ = self.take()
        inner = self._denied()
        return Node("not", start, inner.end, (inner,))

    def _predicate(self) -> Node:
        if self.next() == "EXISTS":
            return self._exists()
        left = self._value()
        if self.next() == "IS":
            self.take()
            if self.next() == "NOT":
                self.take()
            return Node("value", left.start, self.take("NULL")[1])
        word = ""
        if self.next() == "NOT":
            self.take()
            word = "NOT"
        if self.next() == "BETWEEN":
            self.take()
            low = self._value()
            self.take("AND")
            high = self._value()
            return Node("between", left.start, high.end, (left, low, high), word)
        if self.next() == "IN":
            self.take()
            return self._among(left, word, "(", ")")
        if self.next() in _COMPARISONS:
            return self._comparison(left)
        return left

    def _comparison(self, left: Node) -> Node:
        word = self.next()
        self.take()
        if self.next() == "ANY":  # what PostgreSQL makes of IN
            self.take()
            self.take("(")
            self.take("ARRAY")
            found = self._among(left, "", "[", "]")
            return Node("in", left.start, self.take(")")[1], found.parts)
        right = self._value()
        return Node("compare", left.start, right.end, (left, right), word)

    def _among(self, left: Node, word: str, opening: str, closing: str) -> Node:
        self.take(opening)
        values = [self._value()]
        while self.next() == ",":
            self.take()
            values.append(self._value())
        return Node("in", left.start, self.take(closing)[1], (left, *values), word)

    def _exists(self) -> Node:
        start, _ = self.take("EXISTS")
        self.take("(")
        inner: tuple[Node, ...] = ()
        depth = 1
        end = start
        while depth:
            word = self.next()
            _, end = self.take()
            depth += {"(": 1, ")": -1}.get(word, 0)
            if word == "WHERE" and depth == 1:
                inner = (self.condition(),)
        return Node("exists", start, end, inner)

    def _value(self) -> Node:
        made = self._simple()
        while self.next() in {"::", "+", "-", "*", "||"}:
            cast = self.next() == "::"
            self.take()
            end = self.take()[1] if cast else self._simple().end
            if cast and self.next() == "PRECISION":
                end = self.take()[1]
            made = Node("value", made.start, end)
        return made

    def _simple(self) -> Node:
        word = self.next()
        start, end = self.take()
        if word == "(" and self.next() != "SELECT":
            inner = self.condition()
            return Node("group", start, self.take(")")[1], (inner,))
        if word == "(" or self.next() == "(":
            end = self._over_brackets(opened=word == "(")
        return Node("value", start, end)

    def _over_brackets(self, *, opened: bool) -> int:
        depth, end = int(opened), 0
        while True:
            word = self.next()
            _, end = self.take()
            depth += {"(": 1, ")": -1}.get(word, 0)
            if not depth:
                return end


class Weakener:
    """Makes every splice of one text."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self._text = text
        self._dialect = dialect

    def more_often(self, node: Node) -> Iterator[Splice]:
        """Ways to make a condition true more often."""
        if node.sort == "and":
            yield from self._without(node, "1 = 1", "OR")
        if node.sort in {"and", "or", "group", "exists"}:
            for part in node.parts:
                yield from self.more_often(part)
        elif node.sort == "not":
            yield from self.more_seldom(node.parts[0])
        elif node.sort == "between":
            yield from self._wider(node)
        elif node.sort == "in" and not node.word:
            values = self._of(node.parts[1:])
            for word in self._more_words(node, [value.partition("::")[0].strip("'") for value in values]):
                yield self._splice(f"also {word}", node.parts[-1], f"{values[-1]}, '{word}'")
        elif node.sort == "compare":
            yield from self._nearly(node)

    def more_seldom(self, node: Node) -> Iterator[Splice]:
        """Ways to make a condition true more seldom."""
        if node.sort == "or":
            yield from self._without(node, "1 = 0", "AND")
        if node.sort in {"and", "or", "group", "exists"}:
            for part in node.parts:
                yield from self.more_seldom(part)
        elif node.sort == "not":
            yield from self.more_often(node.parts[0])
        elif node.sort == "in" and not node.word:
            yield from self._fewer(node)
        elif (node.sort == "in" and node.word) or (node.sort == "compare" and node.word == "<>"):
            yield from self._excepting(node, self._of(node.parts[1:]))
        elif node.sort == "compare" and node.word in {"<", ">"}:
            left, right = self._of(node.parts)
            further = f"{left} {node.word} ({right}) {'-' if node.word == '<' else '+'} 1"
            yield self._splice(f"{left} {node.word} by one more", node, further)

    def _without(self, node: Node, neutral: str, joined: str) -> Iterator[Splice]:
        """Without one part of an AND or OR, and with the other word between them."""
        for part in node.parts:
            yield self._splice(f"without {self._short(part)}", part, neutral)
        parts = [f"({part})" for part in self._of(node.parts)]
        yield self._splice(f"{joined} in {self._short(node)}", node, f"({f' {joined} '.join(parts)})")

    def _fewer(self, node: Node) -> Iterator[Splice]:
        """Each of several values left out."""
        what, *values = self._of(node.parts)
        for left_out in values if len(values) > 1 else ():
            kept = ", ".join(one for one in values if one != left_out)
            yield Splice(f"{what} not {left_out}", node.parts[1].start, node.parts[-1].end, kept)

    def _wider(self, node: Node) -> Iterator[Splice]:
        what, low, high = self._of(node.parts)
        yield self._splice(f"{what} without lower edge", node, f"{what} <= {high}")
        yield self._splice(f"{what} without upper edge", node, f"{what} >= {low}")
        yield self._splice(f"{what} from one less", node.parts[1], f"({low}) - 1")
        yield self._splice(f"{what} to one more", node.parts[2], f"({high}) + 1")

    def _nearly(self, node: Node) -> Iterator[Splice]:
        (left, right), word = self._of(node.parts), node.word
        part = node.parts[1]
        if word == "=" and all(one.sort == "group" for one in node.parts):
            yield self._splice(f"{left} without {right}", node, f"(NOT {left} OR {right})")
            yield self._splice(f"{right} without {left}", node, f"(NOT {right} OR {left})")
        elif word == "=" and (right.isdigit() or left.endswith("consent_head")):
            yield self._splice(f"{left} at least {right}", node, f"{left} >= {right}")
            yield self._splice(f"{left} at most {right}", node, f"{left} <= {right}")
        elif word in {">", ">=", "<="} and left.endswith(("_at", "_until")):
            # Not > for >=: a clock is never met to the millisecond.
            words, seconds = ("later", 1) if word == "<=" else ("earlier", -1)
            yield self._splice(f"{left} a second {words}", part, self._dialect.shifted(right, seconds))
        elif word == "<=" and left.endswith("_on"):
            yield self._splice(f"{left} a day later", part, self._dialect.day_later(right))
        elif word == "<" and left.endswith("_on"):
            yield self._splice(f"{left} on the same day", node, f"{left} <= {right}")
        elif word in {">=", "<="}:
            sign = "-" if word == ">=" else "+"
            yield self._splice(f"{left} {word} by one more", part, f"({right}) {sign} 1")

    def _excepting(self, node: Node, values: Sequence[str]) -> Iterator[Splice]:
        """Not for one more word."""
        what = self._text[node.parts[0].start : node.parts[0].end]
        for word in self._words_of(node):
            if not any(value.startswith(f"'{word}'") for value in values):
                listed = ", ".join((*values, f"'{word}'"))
                yield self._splice(f"{what} except {word}", node, f"{what} NOT IN ({listed})")

    def _more_words(self, node: Node, listed: Sequence[str]) -> Sequence[str]:
        """What else may stand in a list: of a check a stranger, of a trigger another word of the column."""
        if self._dialect.words is None:
            return strangers(listed)
        return [word for word in self._words_of(node) if word not in listed]

    def _words_of(self, node: Node) -> Sequence[str]:
        what = self._text[node.parts[0].start : node.parts[0].end]
        return (self._dialect.words or {}).get(what.lower(), ())

    def _of(self, parts: Sequence[Node]) -> list[str]:
        return [self._text[part.start : part.end] for part in parts]

    def _short(self, node: Node) -> str:
        return " ".join(self._text[node.start : node.end].split())

    def _splice(self, words: str, node: Node, made: str) -> Splice:
        return Splice(" ".join(words.split()), node.start, node.end, made)


def sites(text: str, words: Sequence[str]) -> Iterator[Node]:
    """The conditions that lead to a refusal: after these words, outside brackets; after an IF that raises."""
    depth = 0
    for found in _TOKEN.finditer(text):
        word = found[0].upper()
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word in words and not depth:
            reader = Reader(text, found.end())
            condition = reader.condition()
            if word != "IF" or text[condition.end :].split()[:2] == ["THEN", "RAISE"]:
                yield condition
