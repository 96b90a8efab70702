"""RFC 9162's tree against the recursive definition and known vectors; checkpoints and every way to tamper with one."""

import base64
import string

import pytest

from metadata.errors import MetadataError
from metadata.transparency import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    open_checkpoint,
    root_of,
    sign_checkpoint,
)
from standards.crypto import SigningKey, digest

ORIGIN = "hutong.example/log"
# Certificate Transparency's reference leaves and roots for one to eight of them
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def _naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, word for word."""
    if not leaves:
        return digest(b"")
    if len(leaves) == 1:
        return digest(b"\x00" + leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return digest(b"\x01" + _naive_root(leaves[:split]) + _naive_root(leaves[split:]))


@pytest.mark.parametrize("count", range(1, 9))
def test_reference_roots(count):
    assert root_of([leaf_hash(leaf) for leaf in LEAVES[:count]]).hex() == ROOTS[count - 1]


def test_growth_from_every_size_to_every_size_agrees_with_the_definition():
    entries = [f"第{number}条".encode() for number in range(48)]
    hashes = [leaf_hash(entry) for entry in entries]
    roots = [_naive_root(entries[:count]) for count in range(49)]
    for old in range(49):
        frontier = Frontier().extend(hashes[:old])
        assert frontier.root() == roots[old]
        for new in range(old, 49):
            assert frontier.extend(hashes[old:new]).root() == roots[new]


def test_empty_tree():
    assert root_of([]) == EMPTY_ROOT == digest(b"")


def test_a_leaf_cannot_pass_for_a_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert root_of([left, right]) != leaf_hash(left + right)


@pytest.mark.parametrize(
    ("size", "hashes"), [(1, ()), (0, (bytes(32),)), (3, (bytes(32),)), (1, (bytes(31),)), (-1, ())]
)
def test_frontier_that_does_not_fit_its_size_is_refused(size, hashes):
    with pytest.raises(MetadataError) as caught:
        Frontier(size, hashes)
    assert caught.value.code == "RECORD_UNREADABLE"


_BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def note(key) -> str:
    return sign_checkpoint(ORIGIN, 1234, digest(b"root"), key)


def _refused(note, key, code, origin=ORIGIN):
    with pytest.raises(MetadataError) as caught:
        open_checkpoint(note, origin, key.verifying)
    assert caught.value.code == code


def test_checkpoint_opens_to_what_was_signed(note, key):
    assert open_checkpoint(note, ORIGIN, key.verifying) == (1234, digest(b"root"))
    lines = note.split("\n")
    assert lines[:2] == [ORIGIN, "1234"]
    assert lines[4].startswith(f"— {ORIGIN} ")


def test_signature_of_a_witness_beside_ours_is_passed_over(note, key):
    witness = base64.b64encode(b"wxyz" + bytes(72)).decode()
    assert open_checkpoint(f"{note}— witness.example {witness}\n", ORIGIN, key.verifying)[0] == 1234


def test_every_changed_character_is_refused(note, key):
    for place, character in enumerate(note):
        changed = note[:place] + ("A" if character != "A" else "B") + note[place + 1 :]
        if changed == note:
            continue
        with pytest.raises(MetadataError):
            open_checkpoint(changed, ORIGIN, key.verifying)


def test_the_same_signature_spelled_otherwise_is_refused(note, key):
    """68 bytes leave two bits of the last character unused: another one there decodes to the same bytes."""
    last = note[-3]
    assert note[-2:] == "=\n"
    other = _BASE64[_BASE64.index(last) ^ 1]
    assert base64.b64decode(note[-9:-3] + other + "=") == base64.b64decode(note[-9:-1])
    _refused(note[:-3] + other + "=\n", key, "RECORD_UNREADABLE")


def test_larger_or_smaller_tree_under_the_same_signature_is_refused(note, key):
    _refused(note.replace("\n1234\n", "\n1235\n"), key, "SIGNATURE_BAD")
    _refused(note.replace("\n1234\n", "\n123\n"), key, "SIGNATURE_BAD")


def test_another_log_or_key_is_refused(note, key):
    _refused(note, key, "SIGNATURE_BAD", origin="other.example/log")
    _refused(note, SigningKey.generate(), "SIGNATURE_BAD")
    _refused(note.replace(ORIGIN, "other.example/log"), key, "SIGNATURE_BAD", origin="other.example/log")


def test_note_of_another_log_signed_under_this_logs_name_is_refused(key):
    body = f"other.example/log\n1234\n{base64.b64encode(bytes(32)).decode()}\n"
    key_hash = digest(ORIGIN.encode() + b"\n\x01" + key.verifying.public)[:4]
    signature = base64.b64encode(key_hash + key.sign(body.encode())).decode()
    _refused(f"{body}\n— {ORIGIN} {signature}\n", key, "SIGNATURE_BAD")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: "",
        lambda note: note.rstrip("\n"),
        lambda note: note.split("\n\n")[0],
        lambda note: note.replace("\n1234\n", "\n01234\n"),
        lambda note: note.replace("\n1234\n", "\n-1\n"),
        lambda note: note.replace("\n1234\n", "\n1234\nmore\n"),
        lambda note: note.replace("— ", "- "),
        lambda note: note + "junk\n",
        lambda note: note + "\n",
        lambda note: note.replace("\n", "\r\n"),
        lambda note: note + "\ud800",
        lambda note: note + "— a " + "A" * 20_000 + "\n",
    ],
)
def test_anything_else_is_not_a_checkpoint(note, key, spoil):
    _refused(spoil(note), key, "RECORD_UNREADABLE")


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "日志", "a\nb"])
def test_origin_that_cannot_stand_in_a_note_is_refused(key, origin):
    with pytest.raises(MetadataError):
        sign_checkpoint(origin, 1, bytes(32), key)
