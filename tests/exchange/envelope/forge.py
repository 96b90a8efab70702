"""Makes sealed batches, right and wrong ones, byte by byte and always the same; shares no code with the package.

Frames are written by hand (raw and run-length blocks), so that the bytes do not depend on a version of zstd, and HPKE
takes its ephemeral key as an argument.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"hutong-batch-1\n"
ZSTD = b"\x28\xb5\x2f\xfd"
BLOCK = 131_072  # the longest block of a frame
SIGNER = Ed25519PrivateKey.from_private_bytes(b"\x11" * 32)
OTHER_SIGNER = Ed25519PrivateKey.from_private_bytes(b"\x12" * 32)
READER = X25519PrivateKey.from_private_bytes(b"\x22" * 32)
SECOND_READER = X25519PrivateKey.from_private_bytes(b"\x23" * 32)
STRANGER = X25519PrivateKey.from_private_bytes(b"\x24" * 32)
CONTENT_KEY = b"\x33" * 32
EPHEMERAL = X25519PrivateKey.from_private_bytes(b"\x44" * 32)
ROW = "1\t示例市\n".encode()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


COLUMNS = {"columns": [["编号", "integer"], ["名称", "text"]], "key": ["编号"]}

LABEL: dict[str, Any] = {
    "content": "pg_copy_text",
    "format": 1,
    "grant_id": "2026-0001",
    "kind": "full",
    "previous_digest": "",
    "route_id": "市场监管-税务-1",
    "schema_digest": sha256(canonical(COLUMNS)).hex(),
    "seq": 1,
    "suite": 1,
}
NO_COLUMNS = sha256(canonical({"columns": [], "key": []})).hex()


def hmac256(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def key_id(key: Ed25519PrivateKey | X25519PrivateKey) -> str:
    kind = b"ed25519" if isinstance(key, Ed25519PrivateKey) else b"x25519"
    return sha256(kind + b"\0" + key.public_key().public_bytes_raw()).hex()[:32]


def hpke_seal(public: X25519PublicKey, plain: bytes, info: bytes, ephemeral: X25519PrivateKey = EPHEMERAL) -> bytes:
    """RFC 9180 §4.1, §5.1.1, §5.2, base mode, with the ephemeral key given instead of drawn."""
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"

    def extract(salt: bytes, suite_id: bytes, label: bytes, data: bytes) -> bytes:
        return hmac256(salt or bytes(32), b"HPKE-v1" + suite_id + label + data)

    def expand(key: bytes, suite_id: bytes, label: bytes, data: bytes, count: int) -> bytes:
        return hmac256(key, count.to_bytes(2, "big") + b"HPKE-v1" + suite_id + label + data + b"\x01")[:count]

    enc = ephemeral.public_key().public_bytes_raw()
    prk = extract(b"", kem, b"eae_prk", ephemeral.exchange(public))
    shared = expand(prk, kem, b"shared_secret", enc + public.public_bytes_raw(), 32)
    context = b"\x00" + extract(b"", suite, b"psk_id_hash", b"") + extract(b"", suite, b"info_hash", info)
    secret = extract(shared, suite, b"secret", b"")
    cipher = AESGCM(expand(secret, suite, b"key", context, 32))
    return enc + cipher.encrypt(expand(secret, suite, b"base_nonce", context, 12), plain, b"")


def recipient(key: X25519PrivateKey, label: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A recipient as it should be for this label, but for ``changes``."""
    wrapped = hpke_seal(key.public_key(), CONTENT_KEY, sha256(canonical(label)))
    return {"key_id": key_id(key), "wrapped": base64.b64encode(wrapped).decode()} | changes


def frame(content: bytes, *, declared: int | None = None) -> bytes:
    """A zstd frame (RFC 8878 §3.1.1) of one segment; ``declared`` lies about the size of its content."""
    blocks = [content[at : at + BLOCK] for at in range(0, len(content), BLOCK)] or [b""]
    return _frame_head(len(content) if declared is None else declared) + b"".join(
        _block(block, is_last=number == len(blocks) - 1) for number, block in enumerate(blocks)
    )


def bomb(count: int, *, declared: int | None = None) -> bytes:
    """A frame of ``count`` zero bytes (a multiple of the block size), which are never made here."""
    run = (1 << 1 | BLOCK << 3).to_bytes(3, "little") + b"\0"
    blocks = run * (count // BLOCK - 1) + (1 | 1 << 1 | BLOCK << 3).to_bytes(3, "little") + b"\0"
    return _frame_head(count if declared is None else declared) + blocks


def _frame_head(size: int) -> bytes:
    if size < 256:
        return ZSTD + b"\x20" + size.to_bytes(1, "little")
    if size < 65_792:
        return ZSTD + b"\x60" + (size - 256).to_bytes(2, "little")
    return ZSTD + b"\xa0" + size.to_bytes(4, "little")


def _block(content: bytes, *, is_last: bool) -> bytes:
    is_run = len(content) > 1 and content == content[:1] * len(content)
    head = (is_last | is_run << 1 | len(content) << 3).to_bytes(3, "little")
    return head + (content[:1] if is_run else content)


def trailer(plain: bytes, hmac: Callable[[bytes, bytes], bytes] = hmac256, **changes: Any) -> dict[str, Any]:
    """The trailer as it should be for this plaintext, but for ``changes``."""
    return {
        "plain_bytes": len(plain),
        "report_digest": sha256(b"report").hex(),
        "rows": plain.count(b"\n"),
        "rows_digest": hmac(hmac(CONTENT_KEY, b"hutong-batch-1 rows"), plain).hex(),
        "set_aside": 0,
        "set_aside_digests": [],
        "target_rows": plain.count(b"\n"),
    } | changes


def files_plain(*names: str) -> bytes:
    """The plaintext of a batch of files that hold their own name each."""
    files = [
        {"modified_ns": 0, "path": name, "sha256": sha256(name.encode()).hex(), "size": len(name)} for name in names
    ]
    index = canonical({"empty_folders": [], "files": files})
    return u32(len(index)) + index + "".join(names).encode()


@dataclass
class Batch:
    """One batch in parts that a test spoils before ``bytes()``; chunks are what is encrypted, the trailer's last."""

    header: bytes
    contents: list[bytes]
    sealed: list[bytes] = field(default_factory=list)
    signer: Any = SIGNER
    magic: bytes = MAGIC

    label: ClassVar[dict[str, Any]] = LABEL
    reader: ClassVar[Any] = READER
    digest: ClassVar[Callable[[bytes], bytes]] = staticmethod(sha256)
    hmac: ClassVar[Callable[[bytes, bytes], bytes]] = staticmethod(hmac256)
    recipient: ClassVar[Callable[..., dict[str, Any]]] = staticmethod(recipient)
    key_id: ClassVar[Callable[[Any], str]] = staticmethod(key_id)

    @classmethod
    def of(cls, *pieces: bytes, keys: tuple[Any, ...] = (), **label: Any) -> Self:
        """A right batch of these plaintext pieces, one chunk each; ``label`` changes the header's fields."""
        fields = cls.label | label
        header = canonical(fields | {"recipients": [cls.recipient(key, fields) for key in keys or (cls.reader,)]})
        return cls(header, [*map(frame, pieces), canonical(trailer(b"".join(pieces), cls.hmac))]).seal()

    @classmethod
    def encrypt(cls, nonce: bytes, content: bytes, associated: bytes) -> bytes:
        return AESGCM(hmac256(CONTENT_KEY, b"hutong-batch-1 chunks")).encrypt(nonce, content, associated)

    def signature(self, message: bytes) -> bytes:
        return bytes(self.signer.sign(message))

    def seal(self, flags: list[int] | None = None) -> Self:
        """Encrypt the contents in order; ``flags`` are the last flags, by default 0 … 0 1."""
        flags = flags or [0] * (len(self.contents) - 1) + [1]
        self.sealed = [
            self.encrypt(bytes(7) + u32(number) + bytes([flag]), content, self.digest(self.header))
            for number, (content, flag) in enumerate(zip(self.contents, flags, strict=True))
        ]
        return self

    def with_trailer(self, **changes: Any) -> Self:
        self.contents[-1] = canonical(json.loads(self.contents[-1]) | changes)
        return self.seal()

    def with_header(self, header: bytes) -> Self:
        self.header = header
        return self.seal()

    def message(self, *, count: int | None = None, domain: bytes = b"hutong-batch-1") -> bytes:
        number = len(self.sealed) if count is None else count
        parts = (domain, self.digest(self.header), number.to_bytes(8, "big"), self.digest(self.body()))
        return self.digest(b"".join(u32(len(part)) + part for part in parts))

    def body(self) -> bytes:
        return b"".join(u32(len(sealed)) + sealed for sealed in self.sealed)

    def front(self) -> bytes:
        return self.magic + u32(len(self.header)) + self.header

    def footer(self, message: bytes | None = None) -> bytes:
        signed = self.message() if message is None else message
        return u32(0) + bytes.fromhex(self.key_id(self.signer)) + self.signature(signed)

    def bytes(self) -> bytes:
        return self.front() + self.body() + self.footer()
