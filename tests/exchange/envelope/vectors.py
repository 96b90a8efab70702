"""The golden vectors of sealed batch format 1: each an object and the one outcome it must have.

``python -m tests.exchange.envelope.vectors`` writes them to ``tests/data/vectors/envelope``; the tests compare.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.exchange.envelope import pure_ed25519
from tests.exchange.envelope.forge import (
    LABEL,
    MAGIC,
    NO_COLUMNS,
    OTHER_SIGNER,
    READER,
    ROW,
    SECOND_READER,
    SIGNER,
    STRANGER,
    ZSTD,
    Batch,
    bomb,
    canonical,
    files_plain,
    frame,
    hmac256,
    key_id,
    sha256,
    trailer,
    u32,
)
from tests.exchange.envelope.header_vectors import headers, recipients
from tests.exchange.envelope.sm_vectors import sm_vectors
from tests.exchange.envelope.vector import Vector

FOLDER = Path(__file__).parents[2] / "data/vectors/envelope"
MIB = 1024 * 1024
_ROW_CHECKSUM = bytes.fromhex("cfe6cf13")  # the lower half of ROW's XXH64


def vectors() -> Iterator[Vector]:
    yield from _good()
    yield from _structure()
    yield from headers()
    yield from recipients()
    yield from _signatures()
    yield from _chunks()
    yield from _frames()
    yield from _trailers()
    yield from sm_vectors()


def _good() -> Iterator[Vector]:
    def good(name: str, about: str, *pieces: bytes, **label: Any) -> Vector:
        return Vector(name, about, Batch.of(*pieces, **label).bytes(), plain=b"".join(pieces))

    yield good("good-empty", "no data chunk, only the trailer")
    yield good("good-one-row", "the example of the specification", ROW)
    yield good("good-binary", "COPY binary", b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff", content="pg_copy_binary")
    yield good("good-one-mib", "one chunk of exactly 1 MiB", b"\n" * MIB)
    yield good("good-one-mib-and-one", "1 MiB, then one byte", b"\n" * MIB, b"\n")
    yield good("good-short-chunks", "chunks may be shorter than 1 MiB anywhere", b"1\n", b"\n" * 300, b"23\n", b"4\n")
    yield good("good-second-in-line", "it names the object before it", ROW, seq=2, previous_digest="ab" * 32)
    yield good(
        "good-first-names-another", "whether it is in line is the caller's to see", ROW, previous_digest="ab" * 32
    )
    yield good("good-highest-seq", "the highest sequence number", ROW, seq=2**63 - 1)
    yield good(
        "good-escapes",
        "every kind of character in strings",
        ROW,
        grant_id='"\\/\b\t\n\f\r\x00\x1f\x7f\u2028\u2029',
        route_id="𠮷野家🏠 é e\u0301",
    )
    yield good("good-increment", "rows that begin with their operation", b"1\t1\tA\n0\t2\t\\N\n", kind="increment")
    yield good("good-changes", "what has changed, and what is gone", b"2\t1\t\\N\n", kind="changes")
    yield good("good-changes-binary", "changes as COPY binary", bytes(21), kind="changes", content="pg_copy_binary")
    for name, about, names, schema in (
        ("good-files", "a file, of which the grant names fields", ["a.txt"], LABEL["schema_digest"]),
        ("good-files-none", "a folder without any file", [], NO_COLUMNS),
    ):
        plain = files_plain(*names)
        batch = Batch.of(plain, content="files", schema_digest=schema)
        batch.with_trailer(rows=len(names), target_rows=len(names))
        yield Vector(name, about, batch.bytes(), plain=plain)
    both = Batch.of(ROW, keys=(READER, SECOND_READER)).bytes()
    yield Vector("good-two-recipients-first", "opened by the first of two", both, plain=ROW)
    yield Vector("good-two-recipients-second", "opened by the second", both, plain=ROW, keys=(STRANGER, SECOND_READER))
    aside = Batch.of(ROW).with_trailer(set_aside=2, set_aside_digests=["cd" * 32, "cd" * 32])
    yield Vector("good-set-aside", "two rows were set aside", aside.bytes(), plain=ROW)
    target = Batch.of(b"2\t1\t\\N\n", kind="changes").with_trailer(target_rows=2**63 - 1)
    yield Vector("good-most-target-rows", "the target holds more", target.bytes(), plain=b"2\t1\t\\N\n")
    most = Batch.of(ROW).with_trailer(rows=2**63 - 1)
    yield Vector("good-most-rows", "the count of rows is for the loader to compare", most.bytes(), plain=ROW)


def _structure() -> Iterator[Vector]:
    def bad(name: str, about: str, code: str, data: bytes) -> Vector:
        return Vector(name, about, data, code, "verify")

    batch = Batch.of(ROW)
    good, front, body = batch.bytes(), batch.front(), batch.body()
    yield bad("empty-object", "no bytes at all", "TRUNCATED", b"")
    yield bad("magic-cut", "the magic's first half", "TRUNCATED", MAGIC[:7])
    yield bad(
        "magic-other-format", "another format's magic", "NOT_A_BATCH", good.replace(MAGIC, b"hutong-batch-2\n", 1)
    )
    yield bad("magic-carriage-return", "line ends changed on the way", "NOT_A_BATCH", good.replace(b"\n", b"\r\n", 1))
    yield bad("not-a-batch", "a zip file", "NOT_A_BATCH", b"PK\x03\x04" + bytes(60))
    yield bad("header-length-zero", "no header", "HEADER_BAD", MAGIC + u32(0) + good)
    yield bad("header-length-over", "a header of 1 MiB and 1", "HEADER_BAD", MAGIC + u32(MIB + 1) + bytes(100))
    yield bad("header-cut", "ends in the header", "TRUNCATED", good[: len(front) - 1])
    yield bad("no-chunks-no-end", "ends after the header", "TRUNCATED", front)
    yield bad("chunk-length-tag-only", "a chunk of a bare tag", "CHUNK_BAD", front + u32(16) + bytes(16))
    yield bad("chunk-length-over", "a chunk one byte too long", "CHUNK_BAD", front + u32(1_052_689) + bytes(100))
    yield bad("chunk-cut", "ends in a chunk", "TRUNCATED", front + body[:-1])
    yield bad("chunk-boundary-cut", "ends between two chunks", "TRUNCATED", front + body[: 4 + len(batch.sealed[0])])
    yield bad("end-missing", "ends after the last chunk", "TRUNCATED", front + body)
    yield bad("signer-cut", "ends in the signer's id", "TRUNCATED", good[:-65])
    yield bad("signature-cut", "ends in the signature", "TRUNCATED", good[:-1])
    yield bad("trailing-byte", "one byte after the end", "TRAILING_BYTES", good + b"\0")
    yield bad("trailing-object", "a second object after the end", "TRAILING_BYTES", good + good)
    none = Batch.of(ROW)
    none.sealed = []
    yield bad("no-chunks", "signed, but without any chunk", "NO_FINAL_CHUNK", none.bytes())


def _signatures() -> Iterator[Vector]:
    def bad(name: str, about: str, data: bytes, code: str = "SIG_BAD") -> Vector:
        return Vector(f"signature-{name}", about, data, code, "verify")

    batch = Batch.of(b"1\n", b"2\n", b"3\n")
    good, front, footer = batch.bytes(), batch.front(), batch.footer()
    one, two, three, last = (u32(len(sealed)) + sealed for sealed in batch.sealed)
    yield bad("header-altered", "another sequence in the header", good.replace(b'"seq":1', b'"seq":7', 1))
    yield bad(
        "chunk-altered", "one bit of a chunk", front + one[:-1] + bytes([one[-1] ^ 1]) + two + three + last + footer
    )
    yield bad("chunks-swapped", "two chunks in the other order", front + two + one + three + last + footer)
    yield bad("chunk-dropped", "a chunk taken out", front + one + three + last + footer)
    yield bad("chunk-repeated", "a chunk twice", front + one + one + two + three + last + footer)
    yield bad("final-dropped", "the trailer's chunk taken out", front + one + two + three + footer)
    joined = u32(len(one) + len(two) - 8) + one[4:] + two[4:]
    yield bad("chunks-joined", "two chunks made one", front + joined + three + last + footer)
    yield bad("altered", "one bit of the signature", good[:-1] + bytes([good[-1] ^ 1]))
    yield bad("zero", "a signature of zeros", good[:-64] + bytes(64))
    yield bad("count", "made over another count", front + batch.body() + batch.footer(batch.message(count=3)))
    signed = batch.footer(batch.message(domain=b"hutong-batch-2"))
    yield bad("domain", "made for another format", front + batch.body() + signed)
    yield bad("of-other-batch", "the footer of another batch", front + batch.body() + Batch.of(b"1\n").footer())
    batch.signer = OTHER_SIGNER
    yield bad("other-signer", "signed by a key not expected", batch.bytes(), "SIGNER_OTHER")
    claimed = u32(0) + bytes.fromhex(key_id(SIGNER)) + OTHER_SIGNER.sign(batch.message())
    yield bad("other-under-name", "another key under the expected id", front + batch.body() + claimed)
    batch.signer = SIGNER
    unsigned, seed = batch.bytes()[:-64], SIGNER.private_bytes_raw()
    torsion = pure_ed25519.sign(seed, batch.message(), beside=pure_ed25519.EIGHTH)
    yield bad("cofactor", "holds only when multiplied by the cofactor", unsigned + torsion)
    yield bad("s-over", "S is not below the order", unsigned + pure_ed25519.sign(seed, batch.message(), more=1))
    none = b"\x02" + bytes(31)
    named = unsigned[:-16] + sha256(b"ed25519\0" + none)[:16] + good[-64:]
    yield Vector("signature-no-point", "the expected key is no point", named, "SIG_BAD", "verify", signer=none)


def _chunks() -> Iterator[Vector]:
    def bad(name: str, about: str, code: str, batch: Batch) -> Vector:
        return Vector(f"chunks-{name}", about, batch.bytes(), code, "open")

    def three() -> Batch:
        return Batch.of(b"1\n", b"2\n", b"3\n")

    batch = three()
    batch.sealed[0], batch.sealed[1] = batch.sealed[1], batch.sealed[0]
    yield bad("swapped", "in the other order, and signed so", "AEAD_TAG", batch)
    batch = three()
    del batch.sealed[1]
    yield bad("dropped", "one taken out, and signed so", "AEAD_TAG", batch)
    batch = three()
    batch.sealed.insert(1, batch.sealed[0])
    yield bad("repeated", "one twice, and signed so", "AEAD_TAG", batch)
    batch = three()
    batch.sealed[1] = Batch.of(b"1\n", b"2\n", b"3\n", seq=2).sealed[1]
    yield bad("spliced", "one from another batch under the same content key", "AEAD_TAG", batch)
    batch = three()
    del batch.sealed[-1]
    yield bad("final-missing", "ends with a data chunk, and signed so", "NO_FINAL_CHUNK", batch)
    yield bad("never-last", "the trailer without the last flag", "NO_FINAL_CHUNK", three().seal([0, 0, 0, 0]))
    yield bad("after-final", "a data chunk has the last flag", "CHUNK_AFTER_FINAL", three().seal([0, 1, 0, 1]))
    yield bad("flag-two", "a last flag of 2", "AEAD_TAG", three().seal([0, 0, 0, 2]))
    for name, about, code, frames, tags in (
        ("frame-then-tag", "a bad frame, then a bad tag: chunk by chunk", "CHUNK_BAD", 0, 1),
        ("tag-then-frame", "a bad tag, then a bad frame", "AEAD_TAG", 1, 0),
        ("frame-then-trailer-tag", "a bad frame, then the trailer's bad tag", "CHUNK_BAD", 2, 3),
        ("tag-and-frame", "a bad frame behind a bad tag", "AEAD_TAG", 1, 1),
    ):
        batch = three()
        batch.contents[frames] += b"\0"
        batch.seal()
        batch.sealed[tags] = batch.sealed[tags][:-1] + bytes([batch.sealed[tags][-1] ^ 1])
        yield bad(name, about, code, batch)


def _frames() -> Iterator[Vector]:
    def bad(name: str, about: str, content: bytes, plain: bytes = ROW) -> Vector:
        batch = Batch.of(ROW)
        batch.contents = [content, canonical(trailer(plain))]
        return Vector(f"frame-{name}", about, batch.seal().bytes(), "CHUNK_BAD", "open")

    right = frame(ROW)
    yield bad("over", "declares and holds one byte more than 1 MiB", frame(b"\n" * (MIB + 1)), b"\n" * (MIB + 1))
    yield bad("bomb", "declares and holds 64 MiB", bomb(64 * MIB))
    yield bad("bomb-hidden", "declares 12 bytes and holds 64 MiB", bomb(64 * MIB, declared=12))
    yield bad("bomb-undeclared", "64 MiB of undeclared size", ZSTD + b"\x00\x58" + bomb(64 * MIB)[9:])
    yield bad("size-over", "declares more than it holds", frame(ROW, declared=13))
    yield bad("size-under", "declares less than it holds", frame(ROW, declared=11))
    yield bad("size-none", "does not declare its size", ZSTD + b"\x00\x58" + right[6:])
    yield bad("empty", "an empty frame", frame(b""), b"")
    yield bad("two", "two frames in one chunk", right + right, ROW + ROW)
    yield bad("byte-after", "a byte after the frame", right + b"\0")
    yield bad("skippable-after", "a skippable frame after it", right + b"\x50\x2a\x4d\x18" + bytes(4))
    yield bad("skippable", "a skippable frame instead", b"\x50\x2a\x4d\x18\x05\0\0\0hello")
    yield bad("cut", "a frame cut short", right[:-1])
    yield bad("dictionary", "a frame that wants a dictionary", right[:4] + b"\x21\x0c\x07" + right[6:])
    yield bad("plain", "rows not compressed at all", ROW)
    yield bad("one-byte", "one byte", b"\n")
    block, size = right[6:], len(ROW).to_bytes(4, "little")
    window = ZSTD + b"\x80%c" + size + block  # descriptor: exponent (of 2^10) in five bits, eighths in three
    yield bad("window-over", "a window of 9 MiB", window % (13 << 3 | 1))
    yield bad("window-most", "the largest window there can be", window % 0xFF)
    yield bad("reserved-bit", "the reserved bit is 1", ZSTD + b"\x28\x0c" + block)
    yield bad("block-type", "a block of the reserved type", right[:6] + bytes([right[6] | 6]) + right[7:])
    checked = ZSTD + b"\x24\x0c" + block
    yield bad("checksum", "one bit of its checksum", checked + bytes([_ROW_CHECKSUM[0] ^ 1]) + _ROW_CHECKSUM[1:])
    yield bad("checksum-cut", "the flag of a checksum, and none", checked)
    yield bad("skippable-before", "a skippable frame before it", b"\x50\x2a\x4d\x18" + bytes(4) + right)

    def good(name: str, about: str, content: bytes) -> Vector:
        batch = Batch.of(ROW)
        batch.contents[0] = content
        return Vector(f"good-frame-{name}", about, batch.seal().bytes(), plain=ROW)

    yield good("window", "a window of 8 MiB", window % (13 << 3))
    yield good("window-least", "a window of 1 KiB", window % 0)
    yield good("size-wide", "its size in eight bytes", ZSTD + b"\xe0" + len(ROW).to_bytes(8, "little") + block)
    yield good("dictionary-zero", "a dictionary id of 0 is none", ZSTD + b"\x21\0\x0c" + block)
    yield good("dictionary-zero-wide", "the same in four bytes", ZSTD + b"\x23" + bytes(4) + b"\x0c" + block)
    yield good("checksum", "a content checksum", checked + _ROW_CHECKSUM)
    yield good("unused-bit", "the unused bit is 1", ZSTD + b"\x30\x0c" + block)
    yield good("blocks", "an empty last block", right[:6] + bytes([block[0] & 0xFE]) + block[1:] + b"\1\0\0")


def _trailers() -> Iterator[Vector]:
    def bad(name: str, about: str, code: str = "TRAILER_BAD", **changes: Any) -> Vector:
        return Vector(f"trailer-{name}", about, Batch.of(ROW).with_trailer(**changes).bytes(), code, "open")

    def raw(name: str, about: str, content: bytes) -> Vector:
        batch = Batch.of(ROW)
        batch.contents[-1] = content
        return Vector(f"trailer-{name}", about, batch.seal().bytes(), "TRAILER_BAD", "open")

    right = canonical(trailer(ROW))
    yield raw("compressed", "the trailer as a zstd frame", frame(right))
    yield raw("space", "a space at its end", right + b" ")
    yield raw("not-json", "not JSON", b"trailer")
    yield raw("member-less", "no count of rows", right.replace(b'"rows":1,', b""))
    yield bad("member-more", "a member too many", operator="王")
    yield bad("rows-negative", "fewer rows than none", rows=-1)
    yield bad("rows-text", "the rows in quotes", rows="1")
    yield bad("target-rows-negative", "a target of fewer rows than none", target_rows=-1)
    yield bad("target-rows-over", "a target of 2^63 rows", target_rows=2**63)
    yield raw("target-rows-none", "no count of the target's rows", right.replace(b',"target_rows":1', b""))
    yield bad("report-none", "no report", report_digest="")
    yield bad("set-aside-more", "more set aside than digests", set_aside=1)
    yield bad("set-aside-less", "fewer set aside than digests", set_aside_digests=["ab" * 32])
    yield bad("plain-bytes", "another length of the plaintext", "PLAIN_SIZE", plain_bytes=13)
    yield bad("rows-digest", "another digest", "ROWS_DIGEST", rows_digest="ab" * 32)
    yield bad("bytes-and-digest", "both others", "PLAIN_SIZE", plain_bytes=13, rows_digest="ab" * 32)
    yield bad("digest-unkeyed", "SHA-256 instead of the HMAC", "ROWS_DIGEST", rows_digest=sha256(ROW).hex())
    other = hmac256(hmac256(b"\x34" * 32, b"hutong-batch-1 rows"), ROW).hex()
    yield bad("digest-other-key", "under another batch's key", "ROWS_DIGEST", rows_digest=other)


def write() -> None:
    """Write all vectors, one file each, and nothing else into their folder."""
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for vector in vectors():
        text = json.dumps(vector.to_json(), ensure_ascii=False, indent=1) + "\n"
        (FOLDER / f"{vector.name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
