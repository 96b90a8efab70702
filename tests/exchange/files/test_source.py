"""What a folder may hold to be sent, and that it is seen at one instant or not at all."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.errors import ExchangeError
from exchange.files import source
from exchange.files.source import look
from exchange.keys.trust import BoundGrant
from exchange.limits import Limits
from metadata.access import Grant, GrantEnd
from tests.sim.people import ITEMS


def grant(path: str = "m", kind: str = "folder") -> BoundGrant:
    end = GrantEnd(org_code="1", org_name="甲", node_id="a", identity_key_id="0")
    values: dict[str, Any] = {"grant_id": "g", "route_id": "r", "request_id": "q", "resource_identifier": "i"}
    values |= {"resource_code": "c", "resource_title": "t", "resource_version": 1, "mount_id": "m1", "kind": kind}
    values |= {"path": path, "items": ITEMS, "provider": end, "consumer": end, "target_table": "t", "purpose": "p"}
    values |= {"basis": "b", "valid_from": "2026-01-01", "valid_until": "2027-01-01", "provide_by_on": "2026-02-01"}
    return BoundGrant(Grant.model_validate(values | {"issued_at": "2026-01-01T00:00:00Z"}))


@pytest.fixture
def mount(tmp_path: Path) -> Path:
    (tmp_path / "m" / "b").mkdir(parents=True)
    (tmp_path / "m" / "a").write_bytes(b"12")
    (tmp_path / "m" / "b" / "c").write_bytes(b"3")
    return tmp_path / "m"


def stream(mount: Path, between: Callable[[], object]) -> bytes:
    out = bytearray()
    with look(str(mount.parent), grant()) as seen:
        between()
        seen.stream(out.extend)
    return bytes(out)


def test_the_same_at_both_looks(mount: Path) -> None:
    assert stream(mount, lambda: None) == b"123"


@pytest.mark.parametrize(
    "name", ["written", "same size", "gone", "new", "renamed", "swapped for a link", "folder gone"]
)
def test_whatever_changes_between_voids_the_attempt(mount: Path, name: str) -> None:
    def between() -> None:
        match name:
            case "written":
                (mount / "a").write_bytes(b"123")
            case "same size":
                (mount / "a").write_bytes(b"21")
            case "gone":
                (mount / "a").unlink()
            case "new":
                (mount / "d").write_bytes(b"")
            case "renamed":
                (mount / "a").rename(mount / "z")
            case "now a link":
                (mount / "a").unlink()
                (mount / "a").symlink_to("b/c")
            case _:
                (mount / "b" / "c").unlink()
                (mount / "b").rmdir()

    with pytest.raises(ExchangeError) as caught:
        stream(mount, between)
    assert caught.value.code == "SOURCE_CHANGED"
    assert caught.value.is_transient


def _refusal(mount: Path, path: str = "m", kind: str = "folder") -> ExchangeError:
    with pytest.raises(ExchangeError) as caught, look(str(mount.parent), grant(path, kind)):
        pass
    return caught.value


def test_links_pipes_sockets(mount: Path, tmp_path: Path) -> None:
    (mount / "b" / "张三.txt").symlink_to("/etc/passwd")
    os.mkfifo(mount / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(mount / "s"))
        error = _refusal(mount)
    assert error.code == "FILE_KIND_REFUSED"
    assert (error.values["number"], error.values["count"]) == (4, 3)  # a, b, b/c, b/张三.txt
    assert "张三" not in error.zh + error.en + error.next_step


def test_names(mount: Path) -> None:
    with open(os.fsencode(mount) + b"/\xff", "wb"):
        pass
    error = _refusal(mount)
    assert (error.code, error.values["number"]) == ("FILE_NAME_REFUSED", 4)


def test_too_deep(mount: Path) -> None:
    mount.joinpath(*"d" * 65).mkdir(parents=True)
    assert _refusal(mount).code == "FILE_NAME_REFUSED"


def test_too_many(mount: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LIMITS", Limits(files=2))
    assert _refusal(mount).code == "FILES_TOO_MANY"
    monkeypatch.setattr(source, "LIMITS", Limits(files_bytes=2))
    assert _refusal(mount).code == "FILES_TOO_MANY"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read(mount: Path) -> None:
    (mount / "b").chmod(0)
    error = _refusal(mount)
    (mount / "b").chmod(0o700)
    assert (error.code, error.values["number"]) == ("FILE_UNREADABLE", 3)


def test_what_cannot_be_read() -> None:
    error = _refusal(Path("/proc/self/m"), "mem", "file")  # a regular file whose first byte gives EIO
    assert (error.code, error.values["number"]) == ("FILE_UNREADABLE", 1)


def test_places(mount: Path) -> None:
    assert _refusal(mount, "../m").code == "PATH_OUTSIDE"
    assert _refusal(mount, "n").code == "MOUNT_GONE"
    assert _refusal(mount, "m/a").code == "MOUNT_UNREADABLE"
    assert _refusal(mount, "m", "file").code == "MOUNT_UNREADABLE"
    (mount.parent / "l").symlink_to("m")
    assert _refusal(mount, "l").code == "PATH_OUTSIDE"
