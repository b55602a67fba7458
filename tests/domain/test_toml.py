from __future__ import annotations

import pytest

from biobank_desktop.domain.toml import NotTomlError, read_toml


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"a = ",
        "a = 'é'".encode("cp1252"),
        "a = 1".encode("utf-16"),
        b"a = " + b"9" * 5_000,
        b"a = " + b"[" * 5_000,
        b'a = "\\ud800"',
        b"a = 1\na = 2",
        b"#" * (1 << 21),
    ],
    ids=lambda content: repr(content[:20]),
)
def test_what_is_no_toml_is_one_kind_of_error(content: bytes) -> None:
    with pytest.raises(NotTomlError):
        read_toml(content)


def test_a_byte_order_mark_is_no_matter() -> None:
    assert read_toml(b"\xef\xbb\xbfa = 1\r\n") == {"a": 1}
