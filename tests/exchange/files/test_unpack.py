"""What a hostile provider could say of its files: each refused by code, and nothing of it stands anywhere else."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.errors import ExchangeError
from exchange.files import index as indexes
from exchange.files.index import Entry, Index
from exchange.files.unpack import unpack
from exchange.limits import LIMITS


def entry(path: str, data: bytes = b"", **other: Any) -> dict[str, Any]:
    return {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "modified_ns": 0} | other


def plain(files: list[dict[str, Any]], data: bytes = b"", **other: Any) -> bytes:
    whole = {"files": files, "empty_folders": []} | other
    index = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    return len(index).to_bytes(4, "big") + index + data


def refused(pieces: Iterable[bytes], folder: Path) -> str:
    """The code; and whatever was written lies in the folder."""
    inside = folder / "inside"
    inside.mkdir()
    with pytest.raises(ExchangeError) as caught:
        unpack(pieces, inside, lambda _index, _data: None)
    assert [path.name for path in folder.iterdir()] == ["inside"]
    return caught.value.code


BAD = {
    "up": plain([entry("../a")]),
    "up below": plain([entry("a/../../b")]),
    "here": plain([entry("./a")]),
    "absolute": plain([entry("/etc/passwd")]),
    "empty": plain([entry("")]),
    "empty part": plain([entry("a//b")]),
    "ends in a slash": plain([entry("a/")]),
    "nul": plain([entry("a\0b")]),
    "not utf-8": plain([entry("a\udc80")]),
    "part too long": plain([entry("长" * 86)]),
    "path too long": plain([entry("/".join(["长" * 80] * 20))]),
    "too deep": plain([entry("/".join("a" * 65))]),
    "twice": plain([entry("a"), entry("a")]),
    "out of order": plain([entry("b"), entry("a")]),
    "file and folder": plain([entry("a"), entry("a/b")]),
    "file and empty folder": plain([entry("a")], empty_folders=["a"]),
    "empty folder with a file": plain([entry("a/b")], empty_folders=["a"]),
    "empty folder outside": plain([], empty_folders=["../a"]),
    "negative": plain([entry("a", size=-1)]),
    "size as text": plain([entry("a", size="0")]),
    "size as a fraction": plain([entry("a", size=0.5)]),
    "size as a truth": plain([entry("a", size=False)]),
    "more than may be": plain([entry("a", size=2**62)]),
    "a time nobody has": plain([entry("a", modified_ns=2**64)]),
    "digest in capitals": plain([entry("a", sha256="A" * 64)]),
    "another member": plain([entry("a", mode=0o4755)]),
    "another list": plain([], links=[]),
    "a list": (2).to_bytes(4, "big") + b"[]",
    "no json": (4).to_bytes(4, "big") + b"\xff\xfe{}",
    "deep json": (200_000).to_bytes(4, "big") + b"[" * 200_000,
    "other spelling": (35).to_bytes(4, "big") + b'{"files": [], "empty_folders": [] }',
    "longer than allowed": (LIMITS.files_index_bytes + 1).to_bytes(4, "big"),
    "too many": plain([], empty_folders=[f"{number:06d}" for number in range(LIMITS.files + 1)]),
}


@pytest.mark.parametrize("name", BAD)
def test_index(name: str, tmp_path: Path) -> None:
    assert refused([BAD[name]], tmp_path) == "FILES_INDEX_BAD"


def test_a_million_entries_are_refused_by_their_length(tmp_path: Path) -> None:
    length = 1_000_000 * 120
    given = 0

    def endless() -> Iterable[bytes]:
        nonlocal given
        yield length.to_bytes(4, "big")
        while True:
            given += 1
            yield b"x" * 1_000_000

    assert refused(endless(), tmp_path) == "FILES_INDEX_BAD"
    assert given == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        plain([])[:-1],
        plain([entry("a", b"12")], b"1"),
        plain([entry("a", b"12")], b"123"),
        plain([entry("a", b"12")], b"21"),
        plain([entry("a", b"12"), entry("b", b"3")], b"123")[:-1] + b"4",
    ],
)
def test_content(data: bytes, tmp_path: Path) -> None:
    assert refused([data], tmp_path) == "FILES_CONTENT_BAD"


_NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=20)
_PATHS = st.lists(_NAMES.filter(lambda name: name not in (".", "..")), min_size=1, max_size=3).map("/".join)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(_PATHS, st.binary(max_size=50), max_size=6), st.integers(1, 40))
def test_whatever_was_packed_comes_out(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], piece: int
) -> None:
    folders = indexes.folders_of(files)
    files = {path: data for path, data in files.items() if path not in folders}
    ordered = sorted(files, key=str.encode)
    entries = (Entry(path, len(files[path]), hashlib.sha256(files[path]).hexdigest(), 5) for path in ordered)
    data = indexes.write(Index(tuple(entries)))
    whole = len(data).to_bytes(4, "big") + data + b"".join(files[path] for path in ordered)
    place = tmp_path_factory.mktemp("out")
    index = unpack((whole[start : start + piece] for start in range(0, len(whole), piece)), place, lambda _i, _d: None)
    assert {each.path: (place / each.path).read_bytes() for each in index.files} == files
    assert sum(path.is_file() for path in place.rglob("*")) == len(files)
