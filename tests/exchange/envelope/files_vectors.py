"""Plaintexts of batches of files, good and bad: ``python -m tests.exchange.envelope.files_vectors`` writes them."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.exchange.envelope.forge import canonical, sha256, u32

FILE = Path(__file__).parents[2] / "data/vectors/files.json"
INDEX, CONTENT, COUNT = "FILES_INDEX_BAD", "FILES_CONTENT_BAD", "ROW_COUNT"
GIB = 1024**3


def entry(path: str, data: bytes = b"", **other: Any) -> dict[str, Any]:
    return {"path": path, "size": len(data), "sha256": sha256(data).hex(), "modified_ns": 0} | other


def plain(files: list[dict[str, Any]], data: bytes = b"", folders: tuple[str, ...] = (), **other: Any) -> bytes:
    index = canonical({"files": files, "empty_folders": list(folders)} | other)
    return u32(len(index)) + index + data


def vectors() -> Iterator[dict[str, Any]]:
    """``rows`` and ``target_rows`` are the trailer's; ``code`` is empty for what is good."""
    for number, (about, data, code, rows, target_rows) in enumerate(_all()):
        shown = base64.b64encode(data).decode()
        yield {
            "number": number,
            "about": about,
            "rows": rows,
            "target_rows": target_rows,
            "code": code,
            "plain": shown,
        }


def _all() -> Iterator[tuple[str, bytes, str, int, int]]:
    two = plain([entry("a", b"12"), entry("b/c", b"3")], b"123")
    for about, data, rows in (
        ("nothing at all", plain([]), 0),
        ("two files", two, 2),
        ("an empty file and an empty folder", plain([entry("a")], folders=("b",)), 1),
        ("an empty folder beside a file in the same folder", plain([entry("a/b")], folders=("a/c",)), 1),
        ("a name that only begins like a folder", plain([entry("a"), entry("a.b/c"), entry("ab")]), 3),
        ("NFC and NFD are two names", plain([entry("e\u0301"), entry("é")]), 2),
        ("64 parts", plain([entry("/".join("a" * 64))]), 1),
        ("an empty folder of 64 parts", plain([], folders=("/".join("a" * 64),)), 0),
        ("a part of 255 bytes", plain([entry("长" * 85)]), 1),
        ("the earliest time", plain([entry("a", modified_ns=-(2**63))]), 1),
        ("the latest time", plain([entry("a", modified_ns=2**63 - 1)]), 1),
    ):
        yield about, data, "", rows, rows
    yield "one row too many", two, COUNT, 3, 2
    yield "one row of the target too few", two, COUNT, 2, 1
    yield "folders are not counted", plain([], folders=("a",)), COUNT, 1, 1
    length = u32(32 * 1024**2 + 1)
    for about, data, code in (
        ("no bytes", b"", CONTENT),
        ("ends within the length", two[:3], CONTENT),
        ("ends after the length", two[:4], CONTENT),
        ("ends within the index", two[:40], CONTENT),
        ("ends within a file", two[:-1], CONTENT),
        ("a byte too many", two + b"x", CONTENT),
        ("another content", two[:-1] + b"4", CONTENT),
        ("the files in the other order", two[:-3] + b"312", CONTENT),
        ("a size of 256 GiB that is not there", plain([entry("a", size=256 * GIB)]), CONTENT),
        ("a length of 32 MiB, and no more", u32(32 * 1024**2), CONTENT),
        ("a length over 32 MiB", length, INDEX),
        ("a length of zero", u32(0), INDEX),
        ("more than 256 GiB", plain([entry("a", size=256 * GIB + 1)]), INDEX),
        ("more than 256 GiB together", plain([entry("a", size=256 * GIB), entry("b", b"1")]), INDEX),
        ("a size of 2^63", plain([entry("a", size=2**63)]), INDEX),
        ("a size below none", plain([entry("a", size=-1)]), INDEX),
        ("a size in quotes", plain([entry("a", size="0")]), INDEX),
        ("a size that is true", plain([entry("a", b"1", size=True)], b"1"), INDEX),
        ("a time too late", plain([entry("a", modified_ns=2**63)]), INDEX),
        ("a time too early", plain([entry("a", modified_ns=-(2**63) - 1)]), INDEX),
        ("a digest in capitals", plain([entry("a", sha256="A" * 64)]), INDEX),
        ("another member", plain([entry("a", mode=420)]), INDEX),
        ("another list", plain([], links=[]), INDEX),
        ("one list only", u32(12) + b'{"files":[]}', INDEX),
        ("white space", u32(33) + b'{"empty_folders": [],"files": []}', INDEX),
        ("not JSON", u32(4) + b"\xff\xfe{}", INDEX),
        ("a list", u32(2) + b"[]", INDEX),
        ("up", plain([entry("../a")]), INDEX),
        ("here", plain([entry("./a")]), INDEX),
        ("absolute", plain([entry("/a")]), INDEX),
        ("an empty part", plain([entry("a//b")]), INDEX),
        ("an empty path", plain([entry("")]), INDEX),
        ("ends in a slash", plain([], folders=("a/",)), INDEX),
        ("U+0000", plain([entry("a\0b")]), INDEX),
        ("a part of 256 bytes", plain([entry("长" * 85 + "a")]), INDEX),
        ("65 parts", plain([entry("/".join("a" * 65))]), INDEX),
        ("over 3,000 bytes", plain([entry("/".join(["长" * 80] * 13))]), INDEX),
        ("a path twice", plain([entry("a"), entry("a")]), INDEX),
        ("files out of order", plain([entry("b"), entry("a")]), INDEX),
        ("in UTF-16's order", plain([entry("𠮷"), entry("\uffee")]), INDEX),
        ("folders out of order", plain([], folders=("b", "a")), INDEX),
        ("a file and an empty folder", plain([entry("a")], folders=("a",)), INDEX),
        ("a file in a file", plain([entry("a"), entry("a/b")]), INDEX),
        ("a file far down in a file", plain([entry("a"), entry("a/b/c/d")]), INDEX),
        ("a file in an empty folder", plain([entry("a/b")], folders=("a",)), INDEX),
        ("an empty folder in a file", plain([entry("a")], folders=("a/b",)), INDEX),
        ("an empty folder in an empty folder", plain([], folders=("a", "a/b")), INDEX),
        ("an index that is bad before content that is", plain([entry("../a", b"1")]), INDEX),
    ):
        yield about, data, code, 0, 0


def write() -> None:
    FILE.write_text(json.dumps(list(vectors()), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
