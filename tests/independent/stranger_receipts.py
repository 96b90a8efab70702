"""A reader of receipts from "Receipts" in `exchange/docs/relay.md` alone; it shares no code with the package."""

import base64
import json
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as Hpke

HPKE = Hpke(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
CLEAR = {"at", "batch_digest", "by_node_id", "contents_digest", "kind", "route_id", "sealed", "seq"}
CONTENTS = {
    *("salt", "rows", "changed_rows", "set_aside", "checks_run", "checks_passed"),
    *("report_digest", "code"),
}


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read(signed: bytes, signer: bytes, private: bytes):
    """The clear part and the contents; an assertion or an exception of cryptography when anything is wrong."""
    whole = json.loads(signed)
    assert whole["kind"] == "receipt/2"
    payload = base64.b64decode(whole["payload"], validate=True)
    message = b"hutong-signed-1 %d receipt/2 %d %s" % (len("receipt/2"), len(payload), payload)
    Ed25519PublicKey.from_public_bytes(signer).verify(base64.b64decode(whole["signatures"][0]["value"]), message)
    said = json.loads(payload)
    assert (said.keys(), canonical(said)) == (CLEAR, payload)
    key = X25519PrivateKey.from_private_bytes(private)
    key_id = sha256(b"x25519\0" + key.public_key().public_bytes_raw()).digest()[:16].hex()
    (sealed,) = [each["sealed"] for each in said["sealed"] if each["key_id"] == key_id]
    place = {name: value for name, value in said.items() if name != "sealed"}
    info = sha256(canonical(["hutong-receipt-2", place])).digest()
    plain = HPKE.decrypt(base64.b64decode(sealed, validate=True), key, info=info)
    assert sha256(plain).hexdigest() == said["contents_digest"]
    contents = json.loads(plain)
    assert (contents.keys(), canonical(contents)) == (CONTENTS, plain)
    return said, contents
