"""Golden vectors of headers and recipients."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.exchange.envelope.forge import (
    LABEL,
    NO_COLUMNS,
    READER,
    ROW,
    SECOND_READER,
    STRANGER,
    Batch,
    canonical,
    hpke_seal,
    key_id,
    recipient,
    sha256,
)
from tests.exchange.envelope.vector import Vector


def headers() -> Iterator[Vector]:
    def bad(name: str, about: str, header: bytes, code: str = "HEADER_BAD") -> Vector:
        return Vector(f"header-{name}", about, Batch.of(ROW).with_header(header).bytes(), code, "verify")

    def changed(**fields: Any) -> bytes:
        label = LABEL | fields
        return canonical(label | {"recipients": [recipient(READER, label)]})

    right = changed()
    text = right.decode()
    yield bad("space", "white space after a colon", text.replace('"seq":1', '"seq": 1').encode())
    yield bad("line-end", "a line feed at the end", right + b"\n")
    yield bad("unsorted", "members not sorted", text.replace('"seq":1,"suite":1', '"suite":1,"seq":1').encode())
    yield bad("member-twice", "a member stands twice", text.replace('"seq":1,', '"seq":1,"seq":1,').encode())
    yield bad("member-more", "a member that format 1 does not have", changed(urgent=True))
    yield bad("member-less", "no grant", text.replace('"grant_id":"2026-0001",', "").encode())
    yield bad("escaped", "Chinese written as \\u escapes", json.dumps(json.loads(right), sort_keys=True).encode())
    yield bad("escaped-slash", "a slash escaped", changed(grant_id="a/b").replace(b"a/b", b"a\\/b"))
    yield bad("upper-escape", "upper-case hex in an escape", changed(grant_id="\x1f").replace(b"\\u001f", b"\\u001F"))
    yield bad("lone-surrogate", "half a character", text.replace("2026-0001", "\\ud800").encode())
    yield bad("not-utf8", "a byte that is not UTF-8", right.replace(b"2026-0001", b"\xff"))
    yield bad("byte-order-mark", "a byte order mark in front", b"\xef\xbb\xbf" + right)
    yield bad("utf16", "UTF-16", text.encode("utf-16-le"))
    yield bad("not-json", "not JSON", b"header")
    yield bad("list", "a list", b"[" + right + b"]")
    yield bad("deep", "nested deeper than any reader goes", b"[" * 10_000)
    yield bad("nan", "a number that is none", text.replace('"seq":1', '"seq":NaN').encode())
    yield bad("format", "format 2 under the magic of format 1", changed(format=2))
    yield bad("format-true", "true for 1", changed(format=True))
    yield bad("seq-zero", "sequences start at 1", changed(seq=0))
    yield bad("seq-text", "the sequence in quotes", changed(seq="1"))
    yield bad("seq-fraction", "the sequence as 1.0", text.replace('"seq":1', '"seq":1.0').encode())
    yield bad("seq-over", "a sequence of 2^63", changed(seq=2**63))
    yield bad("seq-huge", "a sequence of 5,000 digits", text.replace('"seq":1', '"seq":' + "9" * 5000).encode())
    yield bad("digest-upper", "a digest in upper case", changed(previous_digest="AB" * 32))
    yield bad("digest-short", "a digest of 31 bytes", changed(schema_digest="ab" * 31))
    yield bad("schema-none", "no schema digest", changed(schema_digest=""))
    yield bad("content", "rows in no known form", changed(content="csv"))
    yield bad("route-empty", "no route", changed(route_id=""))
    yield bad("route-long", "a route of 201 characters", changed(route_id="路" * 201))
    yield bad("kind", "rows of no known kind", changed(kind="partial"))
    yield bad("kind-none", "no kind", text.replace('"kind":"full",', "").encode())
    yield bad("files-increment", "files in part", changed(content="files", schema_digest=NO_COLUMNS, kind="increment"))
    yield bad("files-changes", "changes of files", changed(content="files", schema_digest=NO_COLUMNS, kind="changes"))
    yield bad("columns", "the columns by name", changed(columns=["编号", "名称"]))
    yield bad("columns-none", "a list of no columns", changed(columns=[]))
    yield bad("files-columns", "a list of no columns, of files", changed(content="files", columns=[]))
    without = '"schema_digest":"' + LABEL["schema_digest"] + '",'
    yield bad("schema-left-out", "no schema digest, and no member for it", text.replace(without, "").encode())
    yield bad("schema-null", "null for a schema digest", changed(schema_digest=None))
    yield bad("suite-zero", "suite 0", changed(suite=0))
    yield bad("suite-over", "suite 256", changed(suite=256))
    yield bad("suite-unknown", "suite 255", changed(suite=255), "SUITE_UNKNOWN")
    low = Vector("suite-too-low", "the route asks for suite 2", Batch.of(ROW).bytes(), "SUITE_TOO_LOW", "verify")
    low.minimum_suite = 2
    yield low


def recipients() -> Iterator[Vector]:
    def batch(*members: dict[str, Any]) -> bytes:
        return Batch.of(ROW).with_header(canonical(LABEL | {"recipients": list(members)})).bytes()

    def bad(name: str, about: str, *members: dict[str, Any]) -> Vector:
        return Vector(f"recipients-{name}", about, batch(*members), "HEADER_BAD", "verify")

    right = recipient(READER, LABEL)
    wrapped = right["wrapped"]
    yield bad("none", "no recipient")
    yield bad("twice", "a recipient stands twice", right, right)
    yield bad("over", "17 recipients", *(right | {"key_id": f"{number:032x}"} for number in range(17)))
    yield bad("member-more", "a member too many", right | {"name": "税务"})
    yield bad("key-id", "a key id of 31 digits", right | {"key_id": right["key_id"][:31]})
    yield bad("wrapped-short", "a wrapped key of 79 bytes", right | {"wrapped": base64.b64encode(bytes(79)).decode()})
    yield bad("wrapped-not-base64", "not base64", right | {"wrapped": "!" + wrapped[1:]})
    yield bad("wrapped-line-end", "a line feed in the base64", right | {"wrapped": wrapped + "\n"})
    yield bad("wrapped-no-padding", "base64 without padding", right | {"wrapped": wrapped.rstrip("=")})
    bits = wrapped[:-2] + chr(ord(wrapped[-2]) + 1) + "="
    yield bad("wrapped-spare-bits", "base64 with unused bits set", right | {"wrapped": bits})

    stranger = Vector("not-a-recipient", "sealed to somebody else", Batch.of(ROW).bytes(), "NOT_A_RECIPIENT", "open")
    stranger.keys = (STRANGER, SECOND_READER)
    yield stranger
    moved = recipient(READER, LABEL | {"seq": 2})
    yield Vector("wrapped-for-other-seq", "a wrapped key from another batch", batch(moved), "CONTENT_KEY_BAD", "open")
    foreign = recipient(STRANGER, LABEL) | {"key_id": key_id(READER)}
    yield Vector("wrapped-for-other-key", "another key's under this id", batch(foreign), "CONTENT_KEY_BAD", "open")
    zero = base64.b64encode(bytes(80)).decode()
    yield Vector(
        "wrapped-zero-point", "an all-zero public key", batch(right | {"wrapped": zero}), "CONTENT_KEY_BAD", "open"
    )
    other = hpke_seal(READER.public_key(), b"\x34" * 32, sha256(canonical(LABEL)))
    wrong = right | {"wrapped": base64.b64encode(other).decode()}
    yield Vector("other-content-key", "the key of other chunks", batch(wrong), "AEAD_TAG", "open")
