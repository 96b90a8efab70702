"""The received folder: never over anything else's name, and what was altered is not shown."""

import hashlib
from pathlib import Path

import pytest

from exchange.errors import ExchangeError
from exchange.files import index as indexes
from exchange.files.index import Entry, Index
from exchange.files.received import Received
from exchange.files.unpack import unpack


def put(received: Received, seq: int, files: dict[str, bytes]) -> None:
    entries = (Entry(path, len(data), hashlib.sha256(data).hexdigest(), 0) for path, data in files.items())
    data = indexes.write(Index(tuple(entries)))
    with received.unpacking("r-1", seq, epoch=1) as place:
        whole = len(data).to_bytes(4, "big") + data + b"".join(files.values())
        unpack([whole], place, lambda _index, read: received.write_index(place, read))


@pytest.fixture
def received(tmp_path: Path) -> Received:
    made = Received(tmp_path / "received")
    put(made, 1, {"a": b"1", "b/c": b"2"})
    return made


def code(caught: pytest.ExceptionInfo[ExchangeError]) -> str:
    return caught.value.code


@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_a_name_in_use_is_left_alone(received: Received, what: str) -> None:
    place = received.folder / "t"
    if what == "file":
        place.write_bytes(b"mine")
    elif what == "folder":
        place.mkdir()
    else:
        place.symlink_to("/etc")
    with pytest.raises(ExchangeError) as caught:
        received.show("t", "r-1", 1)
    assert code(caught) == "RECEIVED_TAKEN"
    assert place.is_symlink() == (what == "link")


@pytest.mark.parametrize("target", ["../t", ".hutong", "a/b", ""])
def test_a_name_that_leads_elsewhere(received: Received, target: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        received.require_free(target or "..", "r-1")
    assert code(caught) == "RECEIVED_TAKEN"


def test_another_routes_name(received: Received) -> None:
    received.show("t", "r-1", 1)
    with pytest.raises(ExchangeError) as caught:
        received.require_free("t", "r-2")
    assert code(caught) == "RECEIVED_TAKEN"


@pytest.mark.parametrize("what", ["byte", "gone", "new", "link", "index", "no index", "empty folder"])
def test_altered(received: Received, what: str) -> None:
    version = received.version("r-1", 1)
    if what == "byte":
        (version.files / "a").write_bytes(b"2")
    elif what == "gone":
        (version.files / "a").unlink()
    elif what == "new":
        (version.files / "b" / "d").write_bytes(b"")
    elif what == "link":
        (version.files / "b" / "l").symlink_to("/etc")
    elif what == "index":
        (version.path / "index.json").write_bytes(b"{}")
    elif what == "no index":
        (version.path / "index.json").unlink()
    else:
        (version.files / "d").mkdir()
    with pytest.raises(ExchangeError) as caught:
        version.require_whole()
    assert code(caught) == "RECEIVED_ALTERED"


def test_unpacked_again_the_shown_version_stays_where_it_is(received: Received) -> None:
    received.show("t", "r-1", 1)
    before = (received.folder / "t" / "a").stat().st_ino
    put(received, 1, {"a": b"1", "b/c": b"2"})
    assert (received.folder / "t" / "a").stat().st_ino == before
    (received.folder / "t" / "a").write_bytes(b"damaged")
    put(received, 1, {"a": b"1", "b/c": b"2"})
    assert (received.folder / "t" / "a").read_bytes() == b"1"


def test_a_failed_attempt_leaves_nothing(received: Received) -> None:
    with pytest.raises(ExchangeError), received.unpacking("r-1", 2, epoch=7) as place:
        unpack([b"\0\0\0\2[]"], place, lambda _index, _data: None)
    assert [path.name for _, _, path in received.versions()] == ["r-1-1"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExchangeError) as caught:
        put(Received(tmp_path / "file"), 1, {})
    assert code(caught) == "RECEIVED_UNWRITABLE"


def test_what_others_see(received: Received) -> None:
    version = received.version("r-1", 1)
    assert version.path.stat().st_mode & 0o777 == 0o700
    received.show("t", "r-1", 1)
    assert version.path.stat().st_mode & 0o777 == 0o750
    assert (version.files / "a").stat().st_mode & 0o137 == 0
