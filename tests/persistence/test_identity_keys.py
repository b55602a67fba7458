"""The keys of the identity store: what opens where, and what a ciphertext does not tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop.persistence.identity.keys import (
    NotOpenedError,
    Sealed,
    StoreKey,
    Stretching,
    new_stretching,
    padded,
    seal,
    stretched,
    unpadded,
    unseal,
)

KEY = bytes(range(32))
QUICK = Stretching(bytes(16), 1, 64, 1)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_text_comes_back_from_its_padding(text: str) -> None:
    assert unpadded(padded(text)) == text
    assert len(padded(text)) % 64 == 0


def test_a_ciphertext_does_not_tell_how_long_a_name_is() -> None:
    short, long = (seal(KEY, padded(text), "here") for text in ("Vos", "Zwartekoekoek-Müller van der Berg"))
    assert len(short.ciphertext) == len(long.ciphertext)


def test_no_nonce_comes_twice() -> None:
    assert len({seal(KEY, b"", "here").nonce for _one in range(1000)}) == 1000
    assert len({new_stretching().salt for _one in range(1000)}) == 1000


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_opens_nothing(plain: bytes, where: int, by: int) -> None:
    sealed = seal(KEY, plain, "here")
    whole = bytearray(sealed.nonce + sealed.ciphertext)
    whole[where % len(whole)] ^= by
    with pytest.raises(NotOpenedError):
        unseal(KEY, Sealed(bytes(whole[:12]), bytes(whole[12:])), "here")
    assert unseal(KEY, sealed, "here") == plain
    for key, place in ((KEY, "there"), (bytes(32), "here")):
        with pytest.raises(NotOpenedError):
            unseal(key, sealed, place)


@pytest.mark.parametrize("sealed", [Sealed(b"", b""), Sealed(bytes(12), b"short"), Sealed(b"1", bytes(64))])
def test_what_is_no_ciphertext_opens_nothing(sealed: Sealed) -> None:
    with pytest.raises(NotOpenedError):
        unseal(KEY, sealed, "here")


def test_one_passphrase_however_it_is_typed() -> None:
    assert stretched("caf\u00e9", QUICK) == stretched("cafe\u0301", QUICK)
    assert stretched("café", QUICK) != stretched("café ", QUICK)
    assert stretched("café", QUICK) != stretched("café", Stretching(b"1" * 16, 1, 64, 1))


@pytest.mark.parametrize(
    "how", [(0, 64, 1), (17, 64, 1), (1, 1 << 21, 1), (1, 4, 1), (1, 64, 0), (1, 512, 17)]
)
def test_a_stretching_that_would_stop_the_program_is_not_sane(how: tuple[int, int, int]) -> None:
    assert not Stretching(bytes(16), *how).sane
    assert new_stretching().sane


def test_the_keys_for_two_purposes_are_two() -> None:
    with StoreKey(KEY) as key:
        assert key.for_donors() != KEY
        assert key.digest("surname", "vos") != key.digest("hospital-number", "vos")
        assert key.digest("surname", "vos") != StoreKey(bytes(31) + b"1").digest("surname", "vos")
    assert key.is_forgotten
    with pytest.raises(ValueError, match="forgotten"):
        key.digest("surname", "vos")
