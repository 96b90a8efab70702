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
from standards.crypto import DecryptionKey, Unwrapper, VerifyingKey
from standards.sm2 import Sm2DecryptionKey, Sm2VerifyingKey
from tests.exchange.envelope.vectors import FOLDER, vectors

VECTORS = {vector.name: vector for vector in vectors()}
FILES = sorted(FOLDER.glob("*.json"), key=lambda path: path.stem)


def test_there_are_enough_of_both_suites():
    assert len(VECTORS) >= 150
    assert sum(name.startswith("sm-") for name in VECTORS) >= 60


def test_vectors_are_regenerated_byte_for_byte():
    assert [path.stem for path in FILES] == sorted(VECTORS)
    for path in FILES:
        assert json.loads(path.read_text("utf-8")) == VECTORS[path.stem].to_json(), path.stem


def keys(vector: dict[str, Any]) -> dict[str, Unwrapper]:
    opened: list[Unwrapper] = [
        DecryptionKey(X25519PrivateKey.from_private_bytes(bytes.fromhex(private))) for private in vector["private_keys"]
    ]
    opened += [
        Sm2DecryptionKey(bytes.fromhex(key["private"]), bytes.fromhex(key["public"]))
        for key in vector["sm2_private_keys"]
    ]
    return {key.key_id: key for key in opened}


def outcome(vector: dict[str, Any]) -> dict[str, Any]:
    data, got, at = base64.b64decode(vector["object"]), hashlib.sha256(), "verify"
    public = bytes.fromhex(vector["signer"])
    signer = VerifyingKey(public) if len(public) == 32 else Sm2VerifyingKey(public)
    try:
        verified = verify(io.BytesIO(data), signer, minimum_suite=vector["minimum_suite"])
        assert verified.digest == hashlib.sha256(data).hexdigest()
        assert verified.size_bytes == len(data)
        at = "open"
        trailer = unseal(io.BytesIO(data), verified, keys(vector), got.update)
    except ExchangeError as error:
        return {"code": error.code, "at": at}
    return {"code": "", "at": "", "plain_sha256": got.hexdigest(), "plain_bytes": trailer.plain_bytes}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_vector_has_its_stated_outcome(path: Path):
    vector = json.loads(path.read_text("utf-8"))
    assert outcome(vector) == vector["outcome"]
