from __future__ import annotations

import pytest

from biobank_desktop.domain.toml import MOST_BYTES, NotTomlError, read_toml


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


def test_a_file_of_a_megabyte_is_read_and_a_longer_one_is_not() -> None:
    assert MOST_BYTES == 1_048_576
    assert read_toml(b"a = 1\n#" + b"x" * (MOST_BYTES - 7)) == {"a": 1}
    with pytest.raises(NotTomlError, match=r"^more than 1024 kB$"):
        read_toml(b"#" * (MOST_BYTES + 1))


def test_the_reason_says_where() -> None:
    with pytest.raises(NotTomlError, match=r"line 2"):
        read_toml(b"a = 1\nb\n")
