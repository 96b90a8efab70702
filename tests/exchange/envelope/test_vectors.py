"""The golden vectors: as the specification's forge makes them, and with the stated outcome in both readers."""

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from exchange.envelope.open import unseal, verify
from exchange.errors import ExchangeError
from standards.crypto import DecryptionKey, VerifyingKey
from tests.exchange.envelope.vectors import FOLDER, vectors

VECTORS = {vector.name: vector for vector in vectors()}
FILES = sorted(FOLDER.glob("*.json"), key=lambda path: path.stem)


def test_vectors_are_regenerated_byte_for_byte():
    assert [path.stem for path in FILES] == sorted(VECTORS)
    for path in FILES:
        assert json.loads(path.read_text("utf-8")) == VECTORS[path.stem].to_json(), path.stem


def keys(private_keys: list[str]) -> dict[str, DecryptionKey]:
    opened = [DecryptionKey(X25519PrivateKey.from_private_bytes(bytes.fromhex(private))) for private in private_keys]
    return {key.wrapping.key_id: key for key in opened}


def outcome(vector: dict[str, Any]) -> dict[str, Any]:
    data, got, at = base64.b64decode(vector["object"]), hashlib.sha256(), "verify"
    signer = VerifyingKey(bytes.fromhex(vector["signer"]))
    try:
        verified = verify(io.BytesIO(data), signer, minimum_suite=vector["minimum_suite"])
        assert verified.digest == hashlib.sha256(data).hexdigest()
        assert verified.size_bytes == len(data)
        at = "open"
        trailer = unseal(io.BytesIO(data), verified, keys(vector["private_keys"]), got.update)
    except ExchangeError as error:
        return {"code": error.code, "at": at}
    return {"code": "", "at": "", "plain_sha256": got.hexdigest(), "plain_bytes": trailer.plain_bytes}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_vector_has_its_stated_outcome(path: Path):
    vector = json.loads(path.read_text("utf-8"))
    assert outcome(vector) == vector["outcome"]
