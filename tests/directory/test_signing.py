"""The directory's key: made once, whole, readable by its owner only."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from directory.signing import open_key
from standards.errors import StandardsError


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "directory" / "keys" / "directory.pem"
    first = open_key(path)
    assert open_key(path).key_id == first.key_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["directory.pem"]


def test_many_first_starts_at_once_end_with_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "directory.pem"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: open_key(path).key_id, range(16)))
    assert set(keys) == {open_key(path).key_id}
    assert [file.name for file in path.parent.iterdir()] == ["directory.pem"]


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\xff\xfe"])
def test_a_damaged_key_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "directory.pem"
    path.write_bytes(content)
    with pytest.raises(StandardsError, match="KEY_UNREADABLE"):
        open_key(path)
    assert path.read_bytes() == content
