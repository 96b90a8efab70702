"""The audit log's mathematics: the Merkle tree of RFC 9162 §2.1 and signed checkpoints in C2SP's note format.

A leaf is the exact bytes of one audit entry. ``Frontier`` is all that must be kept to go on: one hash for each complete
subtree, largest first. Nothing here reads a clock or a table; the sequencer and the offline verifier share it.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from metadata.errors import MetadataError
from standards.crypto import SigningKey, VerifyingKey, digest
from standards.errors import StandardsError

HASH_BYTES = 32
EMPTY_ROOT = digest(b"")

_ED25519_NOTE = b"\x01"
_MAX_NOTE_BYTES = 16_384
_BODY = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")
_SIGNATURE_LINE = re.compile(r"— ([^ \n+]+) ([A-Za-z0-9+/]+={0,2})\n")
_NAME = re.compile(r"[!-*,-~]{1,200}")


def log_origin(key: VerifyingKey) -> str:
    """The origin line of a log's checkpoints: of the log's key, so that it stays when an address changes."""
    return f"hutong-log/{key.key_id[:16]}"


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry (RFC 9162 §2.1.1), 32 bytes."""
    return digest(b"\x00" + entry)


def _node_hash(left: bytes, right: bytes) -> bytes:
    return digest(b"\x01" + left + right)


@dataclass(frozen=True)
class Frontier:
    """A compact range: how many leaves there are, and the hashes of the complete subtrees, largest first.

    ``len(hashes)`` is the number of one bits in ``size``; anything else raises ``MetadataError RECORD_UNREADABLE``.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = field(default=())

    def __post_init__(self) -> None:
        fits = self.size >= 0 and len(self.hashes) == self.size.bit_count()
        if not fits or any(len(each) != HASH_BYTES for each in self.hashes):
            raise MetadataError("RECORD_UNREADABLE", kind="Frontier", reason="size and hashes do not fit together")

    def extend(self, leaf_hashes: Iterable[bytes]) -> Self:
        """The frontier after these leaves too."""
        hashes, size = list(self.hashes), self.size
        for leaf in leaf_hashes:
            node = leaf
            remaining = size
            while remaining & 1:  # a complete subtree of this height stands to the left: join the two
                node = _node_hash(hashes.pop(), node)
                remaining >>= 1
            hashes.append(node)
            size += 1
        return type(self)(size, tuple(hashes))

    def root(self) -> bytes:
        """The tree's root; of an empty tree SHA-256 of nothing."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for subtree in reversed(self.hashes[:-1]):
            root = _node_hash(subtree, root)
        return root


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root of the tree over these leaf hashes, in order."""
    return Frontier().extend(leaf_hashes).root()


def sign_checkpoint(origin: str, size: int, root: bytes, key: SigningKey) -> str:
    """A C2SP tlog-checkpoint: origin, size and root as a signed note, the key's name being the origin.

    Raises ``MetadataError RECORD_UNREADABLE`` for an origin with spaces, plus signs or other than visible ASCII.
    """
    if not _NAME.fullmatch(origin) or size < 0 or len(root) != HASH_BYTES:
        raise _unreadable("origin, size or root cannot be written")
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = _key_hash(origin, key.verifying) + key.sign(body.encode())
    return f"{body}\n— {origin} {base64.b64encode(signature).decode()}\n"


def open_checkpoint(note: str, origin: str, key: VerifyingKey) -> tuple[int, bytes]:
    """The size and root of a checkpoint that ``key`` signed for ``origin``.

    Signatures of others on the same note (witnesses) are passed over. Raises ``MetadataError``: ``RECORD_UNREADABLE``
    when it is not a checkpoint, ``SIGNATURE_BAD`` when it is another log's or the signature does not hold.
    """
    if len(note.encode("utf-8", "surrogatepass")) > _MAX_NOTE_BYTES:
        raise _unreadable("too large")
    text, separator, tail = note.partition("\n\n")
    body = _BODY.fullmatch(text + "\n") if separator else None
    signatures = _SIGNATURE_LINE.findall(tail)
    if body is None or not signatures or "".join(f"— {name} {value}\n" for name, value in signatures) != tail:
        raise _unreadable("not a signed note of three lines")
    if body[1] != origin:
        raise MetadataError("SIGNATURE_BAD", kind="checkpoint", reason="of another log")
    key_hash = _key_hash(origin, key)
    for name, value in signatures:
        signature = _decoded(value)
        if name == origin and signature[:4] == key_hash:
            try:
                key.verify(signature[4:], f"{text}\n".encode())
            except StandardsError:
                raise MetadataError("SIGNATURE_BAD", kind="checkpoint", reason="the signature does not match") from None
            return int(body[2]), _decoded(body[3])
    raise MetadataError("SIGNATURE_BAD", kind="checkpoint", reason="not signed by the log's key")


def _key_hash(name: str, key: VerifyingKey) -> bytes:
    """C2SP signed-note: the first four bytes of SHA-256 over name, newline, 0x01 (Ed25519) and the public key."""
    return digest(name.encode() + b"\n" + _ED25519_NOTE + key.public)[:4]


def _decoded(text: str) -> bytes:
    """What is written in base64 in its one spelling: the last character has bits that most readers pass over."""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _unreadable("not base64") from None
    if base64.b64encode(found).decode() != text:
        raise _unreadable("not base64 as it is written")
    return found


def _unreadable(reason: str) -> MetadataError:
    return MetadataError("RECORD_UNREADABLE", kind="checkpoint", reason=reason)
