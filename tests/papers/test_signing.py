"""Signatures of proofs: whatever is changed, left out or added is refused, whoever does it."""

from __future__ import annotations

import re
import zlib
from base64 import b32decode, b32encode
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from biobank_desktop import language
from biobank_desktop.domain.mappings import canonical
from biobank_desktop.domain.problems import Rejected
from biobank_desktop.papers.proof import proof_pdf
from biobank_desktop.papers.signing import (
    MOST_BYTES,
    fingerprint,
    grouped,
    new_key,
    public_key,
    signed_file,
    signed_symbol,
    typed_fingerprint,
    verify,
)
from tests.support.proofs import KEY, changed, entries, sample_proof

if TYPE_CHECKING:
    from tests.support.proofs import Path

MARK = "BIOBANK1:"
MAPPING = sample_proof().as_mapping()
LEAVES = list(entries(MAPPING))
LAB = fingerprint(public_key(KEY))
REFUSED = {"proof-altered", "proof-unreadable"}


@cache
def page() -> bytes:
    """The proof as the lab sent it."""
    language.choose("en")
    return proof_pdf(sample_proof(), KEY)


@cache
def symbol() -> str:
    """What its symbol says."""
    return signed_symbol(sample_proof(), KEY)


def refusal(content: bytes, lab: str | None = None) -> str:
    """The code of the one problem that a content is refused with."""
    with pytest.raises(Rejected) as refused:
        verify(content, lab)
    (problem,) = refused.value.problems
    return problem.code


def parts(text: str) -> tuple[bytes, bytes, bytes]:
    """Key, signature and packed content."""
    bare = text.removeprefix(MARK)
    raw = b32decode(bare + "=" * (-len(bare) % 8))
    return raw[:32], raw[32:96], raw[96:]


def text_of(key: bytes, signature: bytes, packed: bytes) -> str:
    """A symbol's text of its parts."""
    return MARK + b32encode(key + signature + packed).decode().rstrip("=")


def packed(content: bytes) -> bytes:
    """A content as a symbol packs it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def signed(some: bytes, private: bytes = KEY) -> str:
    """A symbol that the lab has signed, whatever it says."""
    key = public_key(private)
    signature = Ed25519PrivateKey.from_private_bytes(private).sign(MARK.encode() + key + some)
    return text_of(key, signature, some)


def test_what_the_lab_signed_is_accepted() -> None:
    for content, whole in ((page(), True), (symbol().encode(), False)):
        for lab in (None, LAB):
            verified = verify(content, lab)
            assert verified.proof == sample_proof()
            assert verified.fingerprint == LAB
            assert verified.whole_page is whole


def test_a_symbol_may_be_broken_into_lines() -> None:
    lines = "\r\n".join(re.findall(".{1,76}", symbol()))
    assert verify(f"\n{lines}\n".encode()).proof == sample_proof()


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_every_entry_that_is_altered_is_refused(path: Path) -> None:
    """With the lab's key and signature kept, in the symbol and in the file."""
    key, signature, _content = parts(symbol())
    forged = text_of(key, signature, packed(canonical(changed(MAPPING, path))))
    assert refusal(forged.encode()) == "proof-altered"
    assert refusal(page().replace(symbol().encode(), forged.encode())) == "proof-altered"


@pytest.mark.parametrize("path", [path for path in LEAVES if path[-1] != "item"], ids=str)
def test_who_signs_it_again_has_another_key(path: Path) -> None:
    private, _public = new_key()
    forged = signed(packed(canonical(changed(MAPPING, path))), private)
    assert refusal(forged.encode(), LAB) == "proof-of-another-lab"
    body = page()[: page().rindex(b"%biobank-proof")]
    again = signed_file(body.replace(symbol().encode(), forged.encode()), private)
    assert refusal(again, LAB) == "proof-of-another-lab"


def test_another_page_around_the_labs_symbol_is_refused() -> None:
    private, _public = new_key()
    body = page()[: page().rindex(b"%biobank-proof")]
    assert refusal(signed_file(body, private)) == "proof-altered"


def places() -> list[int]:
    """Every kind of place in the file: its head, objects, keywords, streams, table, end and the last line."""
    content = page()
    marks = (b"%PDF-", b"/Keywords", b"BIOBANK1:", b"stream\n", b"endstream", b"xref", b"startxref", b"%%EOF")
    found = [match.start() + 1 for mark in marks for match in re.finditer(re.escape(mark), content)]
    last = content.rindex(b"%biobank-proof")
    return sorted({*found, *range(0, len(content), 997), *range(last, len(content)), last - 1})


@pytest.mark.parametrize("bit", [0, 5, 7])
def test_no_bit_of_the_file_can_be_turned(bit: int) -> None:
    content = page()
    for place in places():
        altered = bytearray(content)
        altered[place] ^= 1 << bit
        assert refusal(bytes(altered)) in REFUSED, place


def test_no_character_of_the_symbol_can_be_another() -> None:
    text = symbol()
    for place in range(len(text)):
        for other in "A7Z2":
            if text[place] != other:
                assert refusal(f"{text[:place]}{other}{text[place + 1 :]}".encode()) in REFUSED, place


@pytest.mark.parametrize("cut", [1, 2, 100, 193, 194, 300, 5_000])
def test_what_is_cut_off_is_missed(cut: int) -> None:
    assert refusal(page()[:-cut]) == "proof-unreadable"
    assert refusal(symbol().encode()[: -min(cut, len(symbol()) - 9)]) in REFUSED
    assert refusal(page()[cut:]) == "proof-unreadable"


@pytest.mark.parametrize("added", [b"\n", b" ", b"\x00", b"%%EOF\n", b"%biobank-proof 1 ", "½".encode()])
def test_what_is_added_is_seen(added: bytes) -> None:
    assert refusal(page() + added) == "proof-unreadable"
    assert refusal(added + page()) == "proof-unreadable"
    last = page().rindex(b"%biobank-proof")
    assert refusal(page()[:last] + added + page()[last:]) == "proof-altered"
    if added.strip():
        assert refusal(symbol().encode() + added) == "proof-unreadable"
        assert refusal(added + symbol().encode()) == "proof-unreadable"


def test_a_second_signature_does_not_hide_the_first() -> None:
    assert refusal(page() + page()[page().rindex(b"%biobank-proof") :]) == "proof-altered"


def test_a_file_has_one_symbol() -> None:
    body = page()[: page().rindex(b"%biobank-proof")]
    two = body + f"/Keywords ({symbol()})\n".encode()
    none = body.replace(b"/Keywords", b"/Keyworks")
    assert refusal(signed_file(two, KEY)) == "proof-unreadable"
    assert refusal(signed_file(none, KEY)) == "proof-unreadable"


SAMPLE = sample_proof().as_bytes()


@pytest.mark.parametrize(
    "some",
    [
        b"",
        b"\xff" * 40,
        packed(SAMPLE)[:-1],
        packed(SAMPLE) + b"x",
        packed(b""),
        packed(b"not JSON"),
        packed(b"[" * 30_000),
        packed(b" " * (1 << 20)),
        packed(b" " + SAMPLE),
        packed(SAMPLE.replace(b'{"amount"', b'{"amount":null,"amount"', 1)),
        packed(SAMPLE[:-2] + b"\xff}}"),
    ],
)
def test_the_labs_own_signature_does_not_make_it_a_proof(some: bytes) -> None:
    assert refusal(signed(some).encode()) == "proof-unreadable"


def test_what_a_signed_content_may_not_say_is_named() -> None:
    content = canonical({**MAPPING, "born_on": "2018-05-04"})
    with pytest.raises(Rejected) as refused:
        verify(signed(packed(content)).encode())
    assert [(one.field, one.code) for one in refused.value.problems] == [("born_on", "entry-unknown")]


def test_bytes_that_mean_the_same_are_refused_all_the_same() -> None:
    """Another packing of the same content, and bits that base 32 does not use."""
    key, signature, _packed = parts(symbol())
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    otherwise = packer.compress(SAMPLE) + packer.flush()
    assert refusal(text_of(key, signature, otherwise).encode()) == "proof-altered"
    assert refusal(symbol().lower().encode()) == "proof-unreadable"
    assert refusal(f"{symbol()}======".encode()) == "proof-unreadable"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    texts = [signed(packed(canonical(changed(MAPPING, path)))) for path in LEAVES if path[-1] != "item"]
    loose = [text for text in texts if (len(text) - len(MARK)) % 8]
    assert loose
    for text in loose:
        assert verify(text.encode()).fingerprint == LAB
        assert refusal((text[:-1] + letters[letters.index(text[-1]) | 1]).encode()) == "proof-unreadable"


def test_something_large_is_not_even_looked_at() -> None:
    assert refusal(page() + bytes(MOST_BYTES)) == "proof-unreadable"


@given(st.binary(max_size=300))
def test_anything_else_is_no_proof(content: bytes) -> None:
    assert refusal(content) == "proof-unreadable"
    assert refusal(b"%PDF-" + content) == "proof-unreadable"
    assert refusal(MARK.encode() + b32encode(content).rstrip(b"=")) in REFUSED


@given(st.data())
def test_no_piece_of_a_file_can_be_replaced(data: st.DataObject) -> None:
    content = page()
    first = data.draw(st.integers(0, len(content) - 1))
    last = data.draw(st.integers(first, min(len(content), first + 200)))
    altered = content[:first] + data.draw(st.binary(max_size=40)) + content[last:]
    if altered != content:
        assert refusal(altered) in REFUSED


@given(st.data())
def test_no_piece_of_a_symbol_can_be_replaced(data: st.DataObject) -> None:
    text = symbol()
    first = data.draw(st.integers(0, len(text) - 1))
    last = data.draw(st.integers(first, min(len(text), first + 30)))
    letters = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567:", max_size=30)
    altered = text[:first] + data.draw(letters) + text[last:]
    if altered != text:
        assert refusal(altered.encode()) in REFUSED


def test_keys_are_new_each_time_and_known_by_a_fingerprint() -> None:
    (private, public), (other, _other_public) = new_key(), new_key()
    assert private != other
    assert public_key(private) == public
    assert (len(private), len(public)) == (32, 32)
    known = fingerprint(public)
    assert grouped(known).split() == re.findall("....", known)
    for typed in (known, grouped(known), grouped(known).upper(), "-".join(re.findall("....", known))):
        assert typed_fingerprint(typed) == known


@pytest.mark.parametrize("typed", ["", "12", "g" * 32, "0" * 31, "0" * 33, "０" * 32])
def test_what_is_no_fingerprint_is_said(typed: str) -> None:
    with pytest.raises(Rejected) as refused:
        typed_fingerprint(typed)
    assert [(one.field, one.code) for one in refused.value.problems] == [("key", "fingerprint-wrong")]


def test_the_same_key_signs_the_same_bytes_the_same() -> None:
    unsigned: Any = b"%PDF-1.4\n%%EOF\n"
    assert signed_file(unsigned, KEY) == signed_file(unsigned, KEY)
    assert signed_symbol(sample_proof(), KEY) == symbol()
