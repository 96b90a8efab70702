"""A reader of sealed batch format 1, written from the specification alone.

Whoever wrote it had `exchange/docs/sealed-batch.md` and `tests/data/vectors/envelope/`, not
the code. What they found open has been made exact since, there and here. It is a check, not a thing to use.
"""

import base64
import json
import re
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as Hpke

MAGIC = b"hutong-batch-1\n"
DOMAIN = b"hutong-batch-1"
MIB = 1_048_576
TAG = 16
HIGHEST = 2**63 - 1


class Refused(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Suite:
    number: int
    wrapped_bytes: int
    key_bytes: int  # of the chunk key
    signature_bytes: int
    signing_kind: str
    wrapping_kind: str
    public_bytes: int
    hash: type
    cipher: type

    def h(self, data):
        digest = hashes.Hash(self.hash())
        digest.update(data)
        return digest.finalize()

    def hmac(self, key, data):
        mac = hmac.HMAC(key, self.hash())
        mac.update(data)
        return mac.finalize()


SUITES = {
    1: Suite(1, 80, 32, 64, "ed25519", "x25519", 32, hashes.SHA256, algorithms.AES),
    2: Suite(2, 161, 16, 64, "sm2-sign", "sm2-wrap", 65, hashes.SM3, algorithms.SM4),
}


@dataclass(frozen=True)
class Batch:
    suite: Suite
    header: dict
    header_digest: bytes
    chunks: list  # sealed, without their lengths
    body_digest: bytes
    signer: bytes
    signed: bytes  # the 32 bytes that are signed
    signature: bytes
    object_digest: bytes


def u32(number):
    return number.to_bytes(4, "big")


def b32(*numbers):
    return b"".join(number.to_bytes(32, "big") for number in numbers)


def number_of(data):
    return int.from_bytes(data, "big")


def key_id(kind, public):
    return sha256(kind.encode() + b"\0" + public).digest()[:16]


P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def add(left, right):
    """The sum of two points of the curve; None is the point at infinity."""
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    rise, run = (3 * x1 * x1 + A, 2 * y1) if x1 == x2 else (y2 - y1, x2 - x1)
    slope = rise * pow(run, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(factor, point):
    total = None
    for bit in bin(factor)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def point_of(data):
    """The point written as `04 ‖ x ‖ y`; ValueError for anything else."""
    x, y = number_of(data[1:33]), number_of(data[33:])
    if len(data) != 65 or data[0] != 4 or x >= P or y >= P or (y * y - x * x * x - A * x - B) % P:
        raise ValueError("no point of the curve")
    return x, y


def sm2_e(public, message):
    z = SUITES[2].h(b"\x00\x80" + b"1234567812345678" + b32(A, B, *G) + public[1:])
    return SUITES[2].h(z + message)


def check_signature(suite, public, message, signature):
    """Nothing; InvalidSignature or ValueError where it is not public's signature of the message."""
    if suite.number == 1:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return
    r, s = number_of(signature[:32]), number_of(signature[32:])
    if not (0 < r < N and 0 < s < N) or r + s == N:
        raise InvalidSignature
    point = add(times(s, G), times((r + s) % N, point_of(public)))
    if point is None or (number_of(sm2_e(public, message)) + point[0]) % N != r:
        raise InvalidSignature


def sm2_decrypt(private, wrapped):
    """The plaintext of `C1 ‖ C3 ‖ C2`; ValueError when it is not for this key."""
    sm3 = SUITES[2].h
    c1, c3, c2 = wrapped[:65], wrapped[65:97], wrapped[97:]
    x2, y2 = map(b32, times(number_of(private), point_of(c1)))
    stream = b"".join(sm3(x2 + y2 + u32(i + 1)) for i in range(-(-len(c2) // 32)))
    plain = bytes(c ^ k for c, k in zip(c2, stream, strict=False))
    if sm3(x2 + plain + y2) != c3:
        raise ValueError("C3 differs")
    return plain


def canonical(value):
    """Python's own writer has exactly the escapes of the format once it leaves what is not ASCII alone."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse(data, code):
    """The object in canonical JSON; what would be written in any other way is refused."""
    try:
        value = json.loads(data.decode("utf-8"))
        if isinstance(value, dict) and canonical(value) == data:
            return value
    except (ValueError, RecursionError):
        raise Refused(code) from None
    raise Refused(code)


def fits(value, rule):
    """Whether value is as rule says: members of an object, [each, least, most], (least, most), or a pattern."""
    if isinstance(rule, dict):
        return isinstance(value, dict) and value.keys() == rule.keys() and all(fits(value[k], rule[k]) for k in rule)
    if isinstance(rule, list):
        each, least, most = rule
        return isinstance(value, list) and least <= len(value) <= most and all(fits(one, each) for one in value)
    if isinstance(rule, tuple):
        return type(value) is int and rule[0] <= value <= rule[1]
    return isinstance(value, str) and re.fullmatch(rule, value, re.DOTALL) is not None


DIGEST = "[0-9a-f]{64}"
HEADER = {
    "content": "pg_copy_binary|pg_copy_text|files",
    "format": (1, 1),
    "grant_id": ".{1,200}",
    "kind": "full|increment|changes",
    "previous_digest": f"({DIGEST})?",
    "recipients": [{"key_id": "[0-9a-f]{32}", "wrapped": ".{0,10000}"}, 1, 16],
    "route_id": ".{1,200}",
    "schema_digest": DIGEST,
    "seq": (1, HIGHEST),
    "suite": (1, 255),
}
TRAILER = {
    "plain_bytes": (0, HIGHEST),
    "report_digest": DIGEST,
    "rows": (0, HIGHEST),
    "rows_digest": DIGEST,
    "set_aside": (0, HIGHEST),
    "set_aside_digests": [DIGEST, 0, 10_000],
    "target_rows": (0, HIGHEST),
}


def read_header(data, minimum_suite):
    header = parse(data, "HEADER_BAD")
    if not fits(header, HEADER):
        raise Refused("HEADER_BAD")
    if header["suite"] not in SUITES:
        raise Refused("SUITE_UNKNOWN")
    suite, recipients = SUITES[header["suite"]], header["recipients"]
    for text in (each["wrapped"] for each in recipients):
        try:
            wrapped = base64.b64decode(text, validate=True)
        except ValueError:
            raise Refused("HEADER_BAD") from None
        if len(wrapped) != suite.wrapped_bytes or base64.b64encode(wrapped).decode() != text:
            raise Refused("HEADER_BAD")
    twice = len({each["key_id"] for each in recipients}) < len(recipients)
    if twice or (header["content"] == "files" and header["kind"] != "full"):
        raise Refused("HEADER_BAD")
    if suite.number < minimum_suite:
        raise Refused("SUITE_TOO_LOW")
    return suite, header


def verify(data, signer_public, minimum_suite=1):
    """The parts of an object that `signer_public` has signed; Refused for any other."""
    at = len(MAGIC)

    def take(length):
        nonlocal at
        if len(data) - at < length:
            raise Refused("TRUNCATED")
        at += length
        return data[at - length : at]

    if not data.startswith(MAGIC):
        raise Refused("TRUNCATED" if MAGIC.startswith(data) else "NOT_A_BATCH")
    length = number_of(take(4))
    if not 1 <= length <= MIB:
        raise Refused("HEADER_BAD")
    header_bytes = take(length)
    suite, header = read_header(header_bytes, minimum_suite)
    body, chunks = at, []
    while length := number_of(take(4)):
        if not 17 <= length <= 1_052_688:
            raise Refused("CHUNK_BAD")
        chunks.append(take(length))
    if not chunks:
        raise Refused("NO_FINAL_CHUNK")
    body_digest = suite.h(data[body : at - 4])
    signer, signature = take(16), take(suite.signature_bytes)
    if at != len(data):
        raise Refused("TRAILING_BYTES")
    header_digest = suite.h(header_bytes)
    parts = (DOMAIN, header_digest, len(chunks).to_bytes(8, "big"), body_digest)
    signed = suite.h(b"".join(u32(len(part)) + part for part in parts))
    if len(signer_public) != suite.public_bytes or signer != key_id(suite.signing_kind, signer_public):
        raise Refused("SIGNER_OTHER")
    try:
        check_signature(suite, signer_public, signed, signature)
    except (InvalidSignature, ValueError):
        raise Refused("SIG_BAD") from None
    return Batch(suite, header, header_digest, chunks, body_digest, signer, signed, signature, sha256(data).digest())


def public_of(kind, private):
    if kind == "sm2-wrap":
        return b"\x04" + b32(*times(number_of(private), G))
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def label_digest(suite, header):
    return suite.h(canonical({name: value for name, value in header.items() if name != "recipients"}))


def unwrap(batch, private_keys):
    """The content key, by the first recipient whose key is among the pairs (kind, private key)."""
    suite, label = batch.suite, label_digest(batch.suite, batch.header)
    mine = {key_id(kind, public_of(kind, key)).hex(): key for kind, key in private_keys if kind == suite.wrapping_kind}
    recipient = next((each for each in batch.header["recipients"] if each["key_id"] in mine), None)
    if recipient is None:
        raise Refused("NOT_A_RECIPIENT")
    private, wrapped = mine[recipient["key_id"]], base64.b64decode(recipient["wrapped"])
    try:
        if suite.number == 2:
            plain = sm2_decrypt(private, wrapped)
        else:
            hpke = Hpke(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
            plain = hpke.decrypt(wrapped, X25519PrivateKey.from_private_bytes(private), info=label) + label
    except (InvalidTag, ValueError):
        raise Refused("CONTENT_KEY_BAD") from None
    if plain[32:] != label:
        raise Refused("CONTENT_KEY_BAD")
    return plain[:32]


def keys_of(suite, content_key):
    """The chunk key and the rows key."""
    chunk_key = suite.hmac(content_key, DOMAIN + b" chunks")[: suite.key_bytes]
    return chunk_key, suite.hmac(content_key, DOMAIN + b" rows")


def open_chunk(batch, key, number):
    """The content of one chunk; a chunk that has only its last flag wrong says so."""
    sealed, last = batch.chunks[number], number == len(batch.chunks) - 1
    for flag in (last, not last):
        mode = modes.GCM(bytes(7) + u32(number) + bytes([flag]), sealed[-TAG:])
        decryptor = Cipher(batch.suite.cipher(key), mode).decryptor()
        decryptor.authenticate_additional_data(batch.header_digest)
        content = decryptor.update(sealed[:-TAG])
        try:
            decryptor.finalize()
        except InvalidTag:
            continue
        if flag != last:
            raise Refused("NO_FINAL_CHUNK" if last else "CHUNK_AFTER_FINAL")
        return content
    raise Refused("AEAD_TAG")


def unpack(frame):
    """The content of exactly one zstd frame, which says itself how long it is."""
    try:
        about = zstandard.get_frame_parameters(frame)
        fits_memory = 1 <= about.content_size <= MIB and about.window_size <= 8 * MIB
        if frame[:4] != b"\x28\xb5\x2f\xfd" or about.dict_id or not fits_memory:
            raise Refused("CHUNK_BAD")
        content = zstandard.ZstdDecompressor().decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError:
        raise Refused("CHUNK_BAD") from None
    if len(content) != about.content_size:
        raise Refused("CHUNK_BAD")
    return content


def open_batch(batch, private_keys):
    """The plaintext and the trailer of what has been verified."""
    chunk_key, rows_key = keys_of(batch.suite, unwrap(batch, private_keys))
    plain = b"".join(unpack(open_chunk(batch, chunk_key, number)) for number in range(len(batch.chunks) - 1))
    trailer = parse(open_chunk(batch, chunk_key, len(batch.chunks) - 1), "TRAILER_BAD")
    if not fits(trailer, TRAILER) or len(trailer["set_aside_digests"]) != trailer["set_aside"]:
        raise Refused("TRAILER_BAD")
    if trailer["plain_bytes"] != len(plain):
        raise Refused("PLAIN_SIZE")
    if trailer["rows_digest"] != batch.suite.hmac(rows_key, plain).hex():
        raise Refused("ROWS_DIGEST")
    return plain, trailer


def read(data, signer_public, private_keys, minimum_suite=1):
    """The plaintext and the trailer; private_keys are pairs (kind, raw private key)."""
    return open_batch(verify(data, signer_public, minimum_suite), private_keys)


def keys_of_vector(vector):
    keys = [("x25519", bytes.fromhex(key)) for key in vector["private_keys"]]
    return keys + [("sm2-wrap", bytes.fromhex(key["private"])) for key in vector["sm2_private_keys"]]


def outcome_of(vector):
    """What the vector's object comes to, written as its `outcome` is."""
    at = "verify"
    try:
        batch = verify(base64.b64decode(vector["object"]), bytes.fromhex(vector["signer"]), vector["minimum_suite"])
        at = "open"
        plain, _trailer = open_batch(batch, keys_of_vector(vector))
    except Refused as refused:
        return {"code": refused.code, "at": at}
    return {"code": "", "at": "", "plain_sha256": sha256(plain).hexdigest(), "plain_bytes": len(plain)}


def main(folder):
    disagreed = 0
    vectors = [json.loads(path.read_text("utf-8")) for path in sorted(Path(folder).glob("*.json"))]
    for vector in vectors:
        if (outcome := outcome_of(vector)) != vector["outcome"]:
            disagreed += 1
            print(f"{vector['name']}: {outcome}, should be {vector['outcome']} ({vector['about']})")
    print(f"{len(vectors) - disagreed} agreed, {disagreed} disagreed")
    return 1 if disagreed or not vectors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
