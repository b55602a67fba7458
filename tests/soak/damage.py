"""Inputs that are almost right: a seeded grammar of damage, for texts and for whole structures."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from tests.support.payloads import LARGE, TEXTS

if TYPE_CHECKING:
    from random import Random

_BYTES = tuple(text.encode("utf-8", "surrogatepass") for text in TEXTS)
_NUMBERS: tuple[Any, ...] = (0, -1, 1, 2**31, 2**53, 2**63, 10**300, 0.5, -0.0, 1e308, 1e-320, True)
_SHAPES: tuple[Any, ...] = (None, False, [], {}, [[]], [None], {"": ""}, "", *_NUMBERS)
_ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252", "latin-1", "cp037")
_TOML_VALUES = (
    b"1e400", b"nan", b"-inf", b"0x" + b"f" * 40, b"1979-05-27T07:32:00Z", b"07:32:00", b"[" * 300, b"{}",
    b"[]", b'"""x"""', b"'\\'", b'"\\ud800"', b'"\\U00110000"', b"9" * 5000, b"true", b'""',
)  # fmt: skip


def damaged(rng: Random, seeds: tuple[bytes, ...]) -> bytes:
    """One of the seeds, or a hostile text, changed in a few places."""
    content = rng.choice(seeds) if seeds and rng.random() < 0.9 else rng.choice(_BYTES)
    if rng.random() < 0.5:
        content = _restructured(rng, content)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
        content = _bitten(rng, content)
    if rng.random() < 0.03:
        content = _encoded(rng, content)
    if rng.random() < 0.0005:
        content += rng.choice(LARGE).encode()
    return content


def _bitten(rng: Random, content: bytes) -> bytes:
    at, end = sorted((rng.randint(0, len(content)), rng.randint(0, len(content))))
    before, middle, after = content[:at], content[at:end], content[at:]
    return rng.choice(
        (
            lambda: before + bytes((rng.randrange(256),)) + after[1:],
            lambda: before + content[min(end, at + 8) :],
            lambda: before,
            lambda: content + middle,
            lambda: before + rng.choice(_BYTES) + after[rng.randrange(3) :],
            lambda: before + rng.choice(_BYTES) + after,
            lambda: before + rng.choice(_TOML_VALUES) + after,
            lambda: after + before,
        )
    )()


def _encoded(rng: Random, content: bytes) -> bytes:
    return content.decode("utf-8", "replace").encode(rng.choice(_ENCODINGS), "replace")


def _restructured(rng: Random, content: bytes) -> bytes:
    """A JSON or TOML file whose values are exchanged, lost, doubled or of another kind."""
    try:
        tree = json.loads(content)
    except ValueError:
        pass
    else:
        return json.dumps(changed(rng, tree), ensure_ascii=rng.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )
    try:
        tomllib.loads(content.decode())
    except ValueError:
        return content
    lines = content.split(b"\n")
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines))
        key, equals, _value = lines[at].partition(b"=")
        match rng.randrange(4):
            case 0 if equals:
                lines[at] = key + b"= " + _toml_value(rng)
            case 1:
                del lines[at]
                lines = lines or [b""]
            case 2:
                lines.insert(at, rng.choice(lines))
            case _:
                other = rng.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
    return b"\n".join(lines)


def _toml_value(rng: Random) -> bytes:
    if rng.random() < 0.5:
        return rng.choice(_TOML_VALUES)
    if rng.random() < 0.5:
        return str(rng.choice((0, -1, 1, 2, 7, 40, 366, 10**6, 2**40, 0.1, 33.0, 1e9))).encode()
    return json.dumps(rng.choice(TEXTS)).encode()


def changed(rng: Random, tree: Any) -> Any:
    """The same tree with one part exchanged."""
    if isinstance(tree, dict) and tree and rng.random() < 0.9:
        key = rng.choice(list(tree))
        if rng.random() < 0.1:
            return {name: value for name, value in tree.items() if name != key}
        if rng.random() < 0.1:
            return {**tree, rng.choice(TEXTS): _value(rng)}
        return {**tree, key: changed(rng, tree[key])}
    if isinstance(tree, list) and tree and rng.random() < 0.8:
        at = rng.randrange(len(tree))
        return [*tree[:at], changed(rng, tree[at]), *tree[at + 1 :]]
    return _value(rng)


def _value(rng: Random) -> Any:
    return rng.choice(TEXTS) if rng.random() < 0.7 else rng.choice(_SHAPES)
