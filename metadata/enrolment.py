"""Enrolment: what a new node says of itself, signed with the identity key it names."""

from typing import Literal

from pydantic import Field

from metadata.exchange import Digest
from metadata.record import Record


class Enrolment(Record):
    """Name, kind and keys of a node that asks to be taken in.

    Keys are raw public keys in hex (32 bytes: Ed25519, X25519); a relay has no decryption key, because it never opens
    anything. ``sm2_*`` are points of 65 bytes (0x04 ‖ x ‖ y), for suite 0x02. ``token_digest`` is SHA-256 of the
    enrolment token, so that the statement serves for this permission only.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")
    kind: Literal["node", "relay"] = "node"
    identity_public: str = Field(pattern=r"^[0-9a-f]{64}$")
    decryption_public: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    sm2_identity_public: str = Field(default="", pattern=r"^(04[0-9a-f]{128})?$")
    sm2_decryption_public: str = Field(default="", pattern=r"^(04[0-9a-f]{128})?$")
    token_digest: Digest
