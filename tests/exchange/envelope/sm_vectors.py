"""Golden vectors of suite 0x02, and of the two suites mistaken for each other."""

import base64
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.exchange.envelope import pure_sm2
from tests.exchange.envelope.forge import (
    CONTENT_KEY,
    LABEL,
    NO_COLUMNS,
    READER,
    ROW,
    SIGNER,
    Batch,
    canonical,
    files_plain,
    frame,
    hmac256,
    key_id,
    recipient,
    sha256,
    trailer,
    u32,
)
from tests.exchange.envelope.pure_sm2 import sm3
from tests.exchange.envelope.sm_forge import (
    OTHER_SM_SIGNER,
    SECOND_SM_READER,
    SM_LABEL,
    SM_READER,
    SM_SIGNER,
    SM_STRANGER,
    SmBatch,
    SmKey,
    hmac_sm3,
    sm_key_id,
    sm_recipient,
    sm_wrapped,
)
from tests.exchange.envelope.vector import Vector


def sm_vectors() -> Iterator[Vector]:
    yield from _good()
    yield from _structure()
    yield from _recipients()
    yield from _signatures()
    yield from _chunks()
    yield from _mistaken()


def sm_vector(name: str, about: str, data: bytes, code: str = "", at: str = "", **more: Any) -> Vector:
    return Vector(f"sm-{name}", about, data, code, at, **({"signer": SM_SIGNER, "keys": (SM_READER,)} | more))


def _good() -> Iterator[Vector]:
    def good(name: str, about: str, *pieces: bytes, keys: tuple[SmKey, ...] = (), **label: Any) -> Vector:
        more: dict[str, Any] = {"minimum_suite": 2, "plain": b"".join(pieces)}
        return sm_vector(f"good-{name}", about, SmBatch.of(*pieces, keys=keys, **label).bytes(), **more)

    yield good("empty", "no data chunk, only the trailer")
    yield good("one-row", "the second example of the specification", ROW)
    yield good("chunks", "several chunks", b"1\n", b"\n" * 300, b"23\n")
    yield good("one-mib", "one chunk of exactly 1 MiB", b"\n" * 1_048_576)
    yield good("second-in-line", "it names the object before it by its SHA-256", ROW, seq=2, previous_digest="ab" * 32)
    yield good("increment", "rows that begin with their operation", b"1\t1\tA\n0\t2\t\\N\n", kind="increment")
    yield good("changes", "what has changed, and what is gone", b"2\t1\t\\N\n", kind="changes")
    plain = files_plain("a.txt", "b.txt")
    files = SmBatch.of(plain, content="files", schema_digest=NO_COLUMNS).with_trailer(rows=2, target_rows=2)
    yield sm_vector("good-files", "two files", files.bytes(), plain=plain)
    both = SmBatch.of(ROW, keys=(SM_READER, SECOND_SM_READER)).bytes()
    yield sm_vector("good-two-recipients-first", "opened by the first of two", both, plain=ROW)
    more: dict[str, Any] = {"plain": ROW, "keys": (SM_STRANGER, SECOND_SM_READER)}
    yield sm_vector("good-two-recipients-second", "opened by the second", both, **more)
    aside = SmBatch.of(ROW).with_trailer(set_aside=1, set_aside_digests=["cd" * 32], target_rows=9)
    yield sm_vector("good-set-aside", "a row was set aside, the target holds nine", aside.bytes(), plain=ROW)
    mixed = {"plain": ROW, "keys": (READER, SM_READER)}
    yield sm_vector("good-reader-of-both", "the reader has keys of both suites", SmBatch.of(ROW).bytes(), **mixed)
    twice = _headed([sm_recipient(SM_STRANGER, SM_LABEL), sm_recipient(SM_READER, SM_LABEL)])
    yield sm_vector("good-not-first", "the reader's key stands second", twice, plain=ROW)


def _headed(recipients: list[dict[str, Any]], **label: Any) -> bytes:
    return SmBatch.of(ROW).with_header(canonical(SM_LABEL | label | {"recipients": recipients})).bytes()


def _structure() -> Iterator[Vector]:
    def bad(name: str, about: str, data: bytes, code: str) -> Vector:
        return sm_vector(name, about, data, code, "verify")

    batch = SmBatch.of(ROW)
    good, front, body = batch.bytes(), batch.front(), batch.body()
    yield bad("header-cut", "ends in the header", good[: len(front) - 1], "TRUNCATED")
    yield bad("chunk-cut", "ends in a chunk", front + body[:-1], "TRUNCATED")
    yield bad("signature-cut", "ends in the signature", good[:-1], "TRUNCATED")
    yield bad("trailing-byte", "one byte after the end", good + b"\0", "TRAILING_BYTES")
    yield bad("chunk-length", "a chunk of a bare tag", front + u32(16) + bytes(16), "CHUNK_BAD")
    yield bad("files-changes", "changes of files", _files(kind="changes"), "HEADER_BAD")


def _files(**label: Any) -> bytes:
    return SmBatch.of(ROW, content="files", schema_digest=NO_COLUMNS, **label).bytes()


def _recipients() -> Iterator[Vector]:
    right = sm_recipient(SM_READER, SM_LABEL)
    wrapped = base64.b64decode(right["wrapped"])

    def bad(name: str, about: str, given: bytes, code: str = "CONTENT_KEY_BAD", at: str = "open") -> Vector:
        member = right | {"wrapped": base64.b64encode(given).decode()}
        return sm_vector(f"wrapped-{name}", about, _headed([member]), code, at)

    yield bad("short", "a wrapped key of 160 bytes", wrapped[:-1], "HEADER_BAD", "verify")
    yield bad("long", "a wrapped key of 162 bytes", wrapped + b"\0", "HEADER_BAD", "verify")
    yield bad("no-prefix", "without the leading 04", wrapped[1:], "HEADER_BAD", "verify")
    yield bad("suite-1", "a wrapped key as long as suite 1's", wrapped[:80], "HEADER_BAD", "verify")
    der = b"\x30\x81\x8b" + wrapped[1:]
    yield bad("der", "in DER of GM/T 0009", der[:200], "HEADER_BAD", "verify")
    yield bad("off-curve", "its point is not on the curve", wrapped[:64] + bytes([wrapped[64] ^ 1]) + wrapped[65:])
    yield bad("zero-point", "its point is all zeros", b"\x04" + bytes(64) + wrapped[65:])
    large = (pure_sm2.P + 0).to_bytes(32, "big")
    yield bad("not-reduced", "a coordinate that is not below p", b"\x04" + large + wrapped[33:])
    yield bad("hybrid", "its point begins with 06", b"\x06" + wrapped[1:])
    yield bad("c1-c2-c3", "in the old order C1 C2 C3", wrapped[:65] + wrapped[97:] + wrapped[65:97])
    yield bad("c3", "one bit of C3", wrapped[:65] + bytes([wrapped[65] ^ 1]) + wrapped[66:])
    yield bad("c2", "one bit of C2", wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
    yield bad("other-seq", "from the batch before", sm_wrapped(SM_READER, SM_LABEL | {"seq": 2}))
    yield bad("other-route", "from another route", sm_wrapped(SM_READER, SM_LABEL | {"route_id": "公安-税务-1"}))
    yield bad("other-grant", "from another grant", sm_wrapped(SM_READER, SM_LABEL | {"grant_id": "2026-0002"}))
    yield bad("other-kind", "from a batch of changes", sm_wrapped(SM_READER, SM_LABEL | {"kind": "changes"}))
    yield bad("other-key", "to another key", sm_wrapped(SM_STRANGER, SM_LABEL))
    unbound = pure_sm2.encrypt(SM_READER.public, CONTENT_KEY + sha256(canonical(SM_LABEL)))
    yield bad("sha-256", "bound to the label's SHA-256 instead of SM3", unbound)
    swapped = pure_sm2.encrypt(SM_READER.public, sm3(canonical(SM_LABEL)) + CONTENT_KEY)
    yield bad("swapped", "the label's digest before the content key", swapped)
    other = sm_wrapped(SM_READER, SM_LABEL, b"\x34" * 32)
    yield bad("other-content", "the key of other chunks", other, "AEAD_TAG")

    stranger = {"keys": (SM_STRANGER,)}
    good = SmBatch.of(ROW).bytes()
    yield sm_vector("not-a-recipient", "sealed to somebody else", good, "NOT_A_RECIPIENT", "open", **stranger)
    signing = {"keys": (SmKey(SM_READER.private, "sign"),)}
    named = _headed([right | {"key_id": sm_key_id(signing["keys"][0])}])
    yield sm_vector("recipient-signing-id", "the id of its signing use", named, "NOT_A_RECIPIENT", "open")
    second = [right, sm_recipient(SECOND_SM_READER, SM_LABEL)]
    added = SmBatch.of(ROW)
    added.header = canonical(SM_LABEL | {"recipients": second})
    yield sm_vector("recipient-added", "a recipient added, and signed so", added.bytes(), "AEAD_TAG", "open")
    moved = _headed([right], seq=2)
    yield sm_vector("recipient-moved", "recipients of another batch", moved, "CONTENT_KEY_BAD", "open")


def _signatures() -> Iterator[Vector]:
    batch = SmBatch.of(ROW)
    good, unsigned = batch.bytes(), batch.bytes()[:-64]
    r, s = good[-64:-32], good[-32:]
    n = pure_sm2.bytes32(pure_sm2.N)

    def bad(name: str, about: str, signature: bytes) -> Vector:
        return sm_vector(f"signature-{name}", about, unsigned + signature, "SIG_BAD", "verify")

    yield bad("zero", "a signature of zeros", bytes(64))
    yield bad("r-zero", "r is 0", bytes(32) + s)
    yield bad("s-zero", "s is 0", r + bytes(32))
    yield bad("r-n", "r is n", n + s)
    yield bad("s-n", "s is n", r + n)
    yield bad("sum-n", "r + s is n", r + pure_sm2.bytes32(pure_sm2.N - int.from_bytes(r, "big")))
    yield bad("swapped", "s before r", s + r)
    yield bad("bit", "one bit of s", good[-64:-1] + bytes([good[-1] ^ 1]))
    for name, user_id in (("user-id", b"1234567812345679"), ("user-id-empty", b"")):
        other = SmBatch.of(ROW)
        other.user_id = user_id
        yield sm_vector(f"signature-{name}", "signed under another user id", other.bytes(), "SIG_BAD", "verify")
    private, public = SM_SIGNER.private, SM_SIGNER.public
    yield bad("no-id", "over SM3 of the message without Z", pure_sm2.sign(private, sm3(batch.message())))
    yield bad("no-hash", "over the message itself, not SM3(Z, message)", pure_sm2.sign(private, batch.message()))
    parts = (b"hutong-batch-1", sm3(batch.header), (2).to_bytes(8, "big"), sm3(batch.body()))
    mixed = sha256(b"".join(u32(len(part)) + part for part in parts))
    yield bad("sha-256", "over SHA-256 of the parts", pure_sm2.sign(private, pure_sm2.signed_digest(public, mixed)))
    parts = (b"hutong-batch-1", sm3(batch.header), (2).to_bytes(8, "big"), sha256(batch.body()))
    mixed = sm3(b"".join(u32(len(part)) + part for part in parts))
    yield bad("body-sha-256", "over the body's SHA-256", pure_sm2.sign(private, pure_sm2.signed_digest(public, mixed)))
    counted = pure_sm2.signed_digest(public, batch.message(count=1))
    yield bad("count", "made over another count", pure_sm2.sign(private, counted))
    altered = good.replace(b'"seq":1', b'"seq":7', 1)
    yield sm_vector("signature-header", "another sequence in the header", altered, "SIG_BAD", "verify")
    other = SmBatch.of(ROW)
    other.signer = OTHER_SM_SIGNER
    yield sm_vector("signature-other-signer", "a key not expected", other.bytes(), "SIGNER_OTHER", "verify")
    other.signer = SmKey(SM_SIGNER.private, "wrap")
    yield sm_vector("signature-wrapping-id", "the id of its wrapping use", other.bytes(), "SIGNER_OTHER", "verify")
    for name, about, none in (
        ("off-curve", "the expected key is not on the curve", public[:-1] + bytes([public[-1] ^ 1])),
        ("zero-key", "the expected key is all zeros", b"\x04" + bytes(64)),
        ("hybrid-key", "the expected key begins with 06", b"\x06" + public[1:]),
    ):
        named = good[:-80] + sha256(b"sm2-sign\0" + none)[:16] + good[-64:]
        yield sm_vector(f"signature-{name}", about, named, "SIG_BAD", "verify", signer=none)


def _chunks() -> Iterator[Vector]:
    def bad(name: str, about: str, code: str, batch: SmBatch) -> Vector:
        return sm_vector(name, about, batch.bytes(), code, "open")

    def three() -> SmBatch:
        return SmBatch.of(b"1\n", b"2\n", b"3\n")

    batch = three()
    batch.sealed[1] = batch.sealed[1][:-1] + bytes([batch.sealed[1][-1] ^ 1])
    yield bad("chunk-tag", "one bit of a tag, and signed so", "AEAD_TAG", batch)
    batch = three()
    batch.sealed[0], batch.sealed[1] = batch.sealed[1], batch.sealed[0]
    yield bad("chunks-swapped", "in the other order, and signed so", "AEAD_TAG", batch)
    batch = three()
    del batch.sealed[-1]
    yield bad("final-missing", "ends with a data chunk, and signed so", "NO_FINAL_CHUNK", batch)
    yield bad("after-final", "a data chunk has the last flag", "CHUNK_AFTER_FINAL", three().seal([0, 1, 0, 1]))
    batch = SmBatch.of(ROW)
    batch.contents[0] = frame(ROW) + b"\0"
    yield bad("frame-byte-after", "a byte after the frame", "CHUNK_BAD", batch.seal())
    batch = SmBatch.of(ROW)
    batch.digest = sha256  # type: ignore[misc]
    batch.seal()
    del batch.digest
    yield bad("associated-sha-256", "chunks bound to the header's SHA-256", "AEAD_TAG", batch)
    for name, key in (("hmac-sha-256", hmac256(CONTENT_KEY, b"hutong-batch-1 chunks")), ("content-key", CONTENT_KEY)):
        yield bad(f"chunk-key-{name}", "another chunk key", "AEAD_TAG", _sealed_with_aes(key))
    yield bad("trailer-plain-bytes", "another length", "PLAIN_SIZE", SmBatch.of(ROW).with_trailer(plain_bytes=13))
    digest = hmac256(hmac256(CONTENT_KEY, b"hutong-batch-1 rows"), ROW).hex()
    yield bad("rows-sha-256", "HMAC-SHA-256", "ROWS_DIGEST", SmBatch.of(ROW).with_trailer(rows_digest=digest))
    digest = hmac_sm3(hmac_sm3(CONTENT_KEY, b"hutong-batch-1 rows")[:16], ROW).hex()
    yield bad(
        "rows-half-key", "a rows key of 16 bytes", "ROWS_DIGEST", SmBatch.of(ROW).with_trailer(rows_digest=digest)
    )
    batch = SmBatch.of(ROW)
    batch.contents[-1] = canonical({k: v for k, v in trailer(ROW, hmac_sm3).items() if k != "target_rows"})
    yield bad("trailer-no-target-rows", "no count of the target's rows", "TRAILER_BAD", batch.seal())


def _sealed_with_aes(key: bytes) -> SmBatch:
    batch = SmBatch.of(ROW)
    for number, content in enumerate(batch.contents):
        nonce = bytes(7) + u32(number) + bytes([number == len(batch.contents) - 1])
        batch.sealed[number] = AESGCM(key).encrypt(nonce, content, sm3(batch.header))
    return batch


def _mistaken() -> Iterator[Vector]:
    """Each suite with something of the other."""
    signed = Batch.of(ROW)
    other: dict[str, Any] = {"signer": SM_SIGNER, "keys": (SM_READER,)}
    yield Vector(
        "mixed-signer-expected", "suite 1, an SM2 signer expected", signed.bytes(), "SIGNER_OTHER", "verify", **other
    )
    yield Vector(
        "mixed-signer-given", "suite 2, an Ed25519 signer expected", SmBatch.of(ROW).bytes(), "SIGNER_OTHER", "verify"
    )
    relabelled = signed.bytes().replace(b'"suite":1', b'"suite":2', 1)
    yield Vector("mixed-relabelled-2", "suite 1 called 2", relabelled, "HEADER_BAD", "verify")
    relabelled = SmBatch.of(ROW).bytes().replace(b'"suite":2', b'"suite":1', 1)
    yield sm_vector("mixed-relabelled-1", "suite 2 called 1", relabelled, "HEADER_BAD", "verify")
    low = Vector("mixed-minimum", "suite 1 where 2 is the least", signed.bytes(), "SUITE_TOO_LOW", "verify", **other)
    low.minimum_suite = 2
    yield low
    only = sm_vector(
        "mixed-reader", "suite 2, and a reader with X25519 keys", SmBatch.of(ROW).bytes(), "NOT_A_RECIPIENT", "open"
    )
    only.keys = (READER,)
    yield only
    member = sm_recipient(SM_READER, SM_LABEL) | {"key_id": key_id(READER)}
    named = sm_vector(
        "mixed-recipient-id", "an X25519 key's id in suite 2", _headed([member]), "NOT_A_RECIPIENT", "open"
    )
    named.keys = (READER, SM_READER)
    yield named
    ed = SmBatch.of(ROW)
    footer = u32(0) + bytes.fromhex(key_id(SIGNER)) + SIGNER.sign(ed.message())
    yield Vector(
        "mixed-ed25519", "suite 2 signed by Ed25519", ed.front() + ed.body() + footer, "SIGNER_OTHER", "verify", **other
    )
    claimed = u32(0) + bytes.fromhex(sm_key_id(SM_SIGNER)) + SIGNER.sign(ed.message())
    yield Vector("mixed-ed25519-named", "and named SM2", ed.front() + ed.body() + claimed, "SIG_BAD", "verify", **other)
    hpke = recipient(READER, LABEL)
    yield sm_vector("mixed-hpke", "an HPKE recipient in suite 2", _headed([hpke]), "HEADER_BAD", "verify")
