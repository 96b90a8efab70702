"""Keys of nodes over time (DESIGN §7): KeyChange, and a node's keys as its first record and its own changes make them.

Pure. The directory asks it what to append to the feed, and every node asks it again what to believe of it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, Self

from pydantic import AwareDatetime, Field

from metadata.errors import MetadataError
from metadata.feed import NodeRecord
from metadata.record import Record
from metadata.signed import Signed
from standards.crypto import VerifyingKey, WrappingKey, key_id
from standards.sm2 import Sm2VerifyingKey, Sm2WrappingKey

AnyVerifyingKey = VerifyingKey | Sm2VerifyingKey
AnyWrappingKey = WrappingKey | Sm2WrappingKey
Purpose = Literal["identity", "decryption"]
KIND: Final = "key_change/1"
MAX_OVERLAP: Final = timedelta(days=90)
SUITES: Final = (1, 2)
FIRST_SUITE: Final = 1
"""The control plane signs in suite 1 whatever suite batches have; so this identity key speaks for a node's others."""

_ID_KINDS: Final = {
    ("identity", 1): "ed25519",
    ("decryption", 1): "x25519",
    ("identity", 2): Sm2VerifyingKey.kind,
    ("decryption", 2): Sm2WrappingKey.kind,
}


class KeyChange(Record):
    """A node replaces one of its keys, or adds the first of a purpose and suite (``replaces_key_id`` empty).

    ``public`` is the raw public key in hex (suite 1: 32 bytes; suite 2: a point of 65). From ``valid_from`` on the new
    key is used; the old one counts beside it until ``overlap_until``, at most 90 days later.
    """

    node_id: str = Field(max_length=64)
    purpose: Purpose
    suite: Literal[1, 2] = 1
    public: str = Field(pattern=r"^([0-9a-f]{64}|04[0-9a-f]{128})$")
    replaces_key_id: str = Field(default="", pattern=r"^([0-9a-f]{32})?$")
    valid_from: AwareDatetime
    overlap_until: AwareDatetime

    @property
    def key_id(self) -> str:
        """The new key's id."""
        return public_key_id(self.purpose, self.suite, self.public)


@dataclass(frozen=True)
class NodeKey:
    """One public key of a node. ``until`` is None while nothing has replaced it, ``since`` for a key of enrolment."""

    purpose: Purpose
    suite: int
    public: str
    key_id: str
    since: datetime | None = None
    until: datetime | None = None
    replaces: str = ""

    def is_in_force(self, now: datetime) -> bool:
        return self.until is None or now < self.until

    @property
    def verifying(self) -> AnyVerifyingKey:
        """It as a key that verifies; an identity key only."""
        data = bytes.fromhex(self.public)
        return VerifyingKey(data) if self.suite == FIRST_SUITE else Sm2VerifyingKey(data)

    @property
    def wrapping(self) -> AnyWrappingKey:
        """It as a key to which content keys are wrapped; a decryption key only."""
        data = bytes.fromhex(self.public)
        return WrappingKey(data) if self.suite == FIRST_SUITE else Sm2WrappingKey(data)


@dataclass(frozen=True)
class KeyChain:
    """All keys a node has had, oldest first. Keys come in by ``of`` and, signed, by ``extend``; in no other way."""

    node_id: str
    keys: tuple[NodeKey, ...]

    @classmethod
    def of(cls, record: NodeRecord) -> Self:
        """The keys a node was enrolled with."""
        return cls(record.node_id, tuple(NodeKey(*each, public_key_id(*each)) for each in _named(record)))

    def names(self, record: NodeRecord) -> bool:
        """Whether every key that a later record gives is one of this chain."""
        known = {(key.purpose, key.suite, key.public) for key in self.keys}
        return bool(record.identity_public) and known >= set(_named(record))

    def current(self, purpose: Purpose, suite: int) -> NodeKey | None:
        """The newest key, which nothing has replaced; None when there is none of this purpose and suite."""
        found = [key for key in self.keys if (key.purpose, key.suite) == (purpose, suite) and key.until is None]
        return found[-1] if found else None

    def in_force(
        self, purpose: Purpose, suite: int, now: datetime, named: Collection[str] | None = None
    ) -> tuple[NodeKey, ...]:
        """Keys that count now, newest first; with ``named`` only these and what has come after them."""
        allowed = {key.key_id for key in self.keys} if named is None else self.and_successors(named)
        return tuple(
            key
            for key in reversed(self.keys)
            if (key.purpose, key.suite) == (purpose, suite) and key.key_id in allowed and key.is_in_force(now)
        )

    def extend(self, statement: Signed) -> Self:
        """This chain with one more key. Raises ``MetadataError KEY_CHANGE_BAD``, ``SIGNATURE_BAD`` and the like.

        Signed by the node's suite 1 identity key that nothing has replaced, not by one in its overlap; an identity key
        also by itself, which proves that it is held, and by the one it replaces. A key is replaced once: the second
        successor is a fork, by whomever it is signed.
        """
        claimed = KeyChange.from_bytes(statement.payload_bytes())
        authority = self.current("identity", FIRST_SUITE)
        if authority is None or claimed.node_id != self.node_id:
            raise _bad("it is of another node")
        old = self._replaced(claimed)
        new = NodeKey(claimed.purpose, claimed.suite, claimed.public, claimed.key_id, claimed.valid_from)
        signers = [authority]
        if claimed.purpose == "identity":
            signers += [new] if old is None else [old, new]
        for signer in signers:
            verifying = signer.verifying
            statement.open(KIND, KeyChange, {verifying.key_id: verifying}.get)
        if any(key.key_id == new.key_id for key in self.keys):
            raise _bad("the key was used before")
        if not timedelta(0) <= claimed.overlap_until - claimed.valid_from <= MAX_OVERLAP:
            raise _bad("the overlap")
        kept = tuple(replace(key, until=claimed.overlap_until) if key == old else key for key in self.keys)
        return replace(self, keys=(*kept, replace(new, replaces=claimed.replaces_key_id)))

    def _replaced(self, claimed: KeyChange) -> NodeKey | None:
        """The key in force that the change names; None for the first of its purpose and suite."""
        current = self.current(claimed.purpose, claimed.suite)
        if claimed.replaces_key_id != ("" if current is None else current.key_id):
            raise _bad("it does not follow the key in force")
        if len(claimed.public) != (64 if claimed.suite == FIRST_SUITE else 130):
            raise _bad("the length of the key")
        return current

    def and_successors(self, named: Collection[str]) -> set[str]:
        """The ids named and those of all keys that have followed them, in force or not."""
        found = set(named)
        for key in self.keys:  # oldest first, so one pass finds successors of successors
            if key.replaces and key.replaces in found:
                found.add(key.key_id)
        return found


def public_key_id(purpose: Purpose, suite: int, public: str) -> str:
    """The id, which is the fingerprint too, of a raw public key in hex."""
    return key_id(_ID_KINDS[purpose, suite], bytes.fromhex(public))


def grouped(fingerprint: str) -> str:
    """A fingerprint in groups of four, as people compare it aloud."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


def _named(record: NodeRecord) -> list[tuple[Purpose, int, str]]:
    given: list[tuple[Purpose, int, str]] = [
        ("identity", 1, record.identity_public),
        ("decryption", 1, record.decryption_public),
        ("identity", 2, record.sm2_identity_public),
        ("decryption", 2, record.sm2_decryption_public),
    ]
    return [each for each in given if each[2]]


def _bad(reason: str) -> MetadataError:
    return MetadataError("KEY_CHANGE_BAD", reason=reason)
