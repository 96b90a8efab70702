"""The same promises of both stores: whole or not at all, exact ranges, faults in our codes."""

import logging
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.relay.store import Store, open_store
from standards.crypto import digest_hex
from tests.sim.proxy import Fault, proxied

CONTENT = os.urandom(300_000)
DIGEST = digest_hex(CONTENT)
BUCKET = "hutong-test"

Make = Callable[[], Store]


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """An S3-compatible service over real HTTP."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    url = f"http://127.0.0.1:{port}"
    try:
        with credentials():
            boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(Bucket=BUCKET)
        yield url
    finally:
        server.stop()


@contextmanager
def credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test-access-key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret-key")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(params=["file", "s3"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Opens the same store, as often as asked."""
    if request.param == "file":
        yield lambda: open_store(f"file://{tmp_path}/objects", tmp_path)
        return
    endpoint = request.getfixturevalue("s3_url")
    with credentials():
        yield lambda: open_store(f"s3://{BUCKET}/{tmp_path.name}/中转", tmp_path, endpoint)


def _keep(store: Store, content: bytes = CONTENT, name: str = "") -> None:
    incoming = store.receive(name or digest_hex(content))
    try:
        for start in range(0, len(content), 100_000):
            incoming.write(content[start : start + 100_000])
        assert incoming.check() == len(content)
        incoming.keep()
    finally:
        incoming.discard()


def test_written_whole_and_read_in_any_range(make: Make) -> None:
    store = make()
    assert store.size(DIGEST) is None
    _keep(store)
    _keep(store)  # the same again
    for opened in (store, make()):
        assert opened.size(DIGEST) == len(CONTENT)
        for offset, size in ((0, len(CONTENT)), (1, 1), (299_999, 1), (12_345, 200_000)):
            assert b"".join(opened.read(DIGEST, offset, size)) == CONTENT[offset : offset + size]
    (standing,) = store.standing()
    assert (standing.digest, standing.size_bytes) == (DIGEST, len(CONTENT))
    assert abs(datetime.now(UTC) - standing.stored_at) < timedelta(minutes=5)
    store.remove(DIGEST)
    store.remove(DIGEST)
    assert store.size(DIGEST) is None
    assert list(store.standing()) == []
    with pytest.raises(ExchangeError) as caught:
        list(store.read(DIGEST, 0, 10))
    assert caught.value.code == "OBJECT_UNKNOWN"


def test_what_is_not_as_named_is_never_seen(make: Make) -> None:
    store = make()
    for content, name in ((b"other", DIGEST), (CONTENT[:-1], DIGEST), (b"", digest_hex(b""))):
        with pytest.raises(ExchangeError) as caught:
            _keep(store, content, name)
        assert caught.value.code == "OBJECT_DIFFERS"
    assert list(store.standing()) == []


def test_an_object_too_large_is_stopped_while_it_comes(make: Make) -> None:
    store, piece = make(), bytes(16 * 1024 * 1024)
    incoming = store.receive(DIGEST)
    try:
        for _ in range(LIMITS.segment_bytes // len(piece)):
            incoming.write(piece)
        with pytest.raises(ExchangeError) as caught:
            incoming.write(b"!")
    finally:
        incoming.discard()
    assert caught.value.code == "OBJECT_TOO_LARGE"


def test_parts_left_over_are_swept_and_those_under_way_are_not(make: Make, tmp_path: Path) -> None:
    """F19."""
    store = make()
    under_way = store.receive(DIGEST)
    under_way.write(CONTENT)
    (landing,) = tmp_path.rglob("incoming")
    left = landing / ("0" * 64 + ".0123456789abcdef")
    left.write_bytes(b"of a relay that was killed")
    assert make().sweep_incoming(datetime.now(UTC) - timedelta(seconds=60)) == 0
    assert make().sweep_incoming(datetime.now(UTC) + timedelta(seconds=60)) == 1
    assert not left.exists()
    under_way.check()
    under_way.keep()
    under_way.discard()
    assert store.size(DIGEST) == len(CONTENT)
    assert list(landing.iterdir()) == []


def test_a_bucket_that_breaks_off_is_read_on_and_one_that_is_down_says_so(
    s3_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with credentials(), proxied(s3_url) as line:
        store = open_store(f"s3://{BUCKET}/faults", tmp_path, line.url)
        _keep(store)
        line.hang_up()
        line.plan(Fault("down", cut_at=100_000), Fault("down", cut_at=50_000))
        assert b"".join(store.read(DIGEST, 7, 290_000)) == CONTENT[7:290_007]
        line.hang_up()
        line.is_down = True
        for work in (
            lambda: store.size(DIGEST),
            lambda: list(store.read(DIGEST, 0, 5)),
            lambda: list(store.standing()),
            lambda: store.remove(DIGEST),
            lambda: _keep(store),
        ):
            with pytest.raises(ExchangeError) as caught:
                work()
            assert caught.value.code == "STORE_DOWN"
            assert caught.value.is_transient
        line.is_down = False
        assert store.size(DIGEST) == len(CONTENT)
        missing = open_store("s3://no-such-bucket/x", tmp_path, s3_url)
        with pytest.raises(ExchangeError) as caught:
            _keep(missing)
        assert caught.value.code == "STORE_DOWN"
    assert "test-secret-key" not in caplog.text


def test_a_cut_upload_to_the_bucket_counts_for_nothing(s3_url: str, tmp_path: Path) -> None:
    with credentials(), proxied(s3_url) as line:
        store = open_store(f"s3://{BUCKET}/cut", tmp_path, line.url)
        assert store.size(DIGEST) is None
        line.hang_up()
        line.plan(*[Fault("up", cut_at=at) for at in (200, 20_000, 250_000)])
        with pytest.raises(ExchangeError) as caught:
            _keep(store)
        assert caught.value.code == "STORE_DOWN"
        # A service may keep what came, as this one does; it is not the object, and the next upload replaces it.
        assert store.size(DIGEST) != len(CONTENT)
        _keep(store)
        assert store.size(DIGEST) == len(CONTENT)


def test_a_file_damaged_on_the_relays_disk_is_mended_by_the_next_upload(tmp_path: Path) -> None:
    store = open_store("", tmp_path)
    _keep(store)
    standing = tmp_path / "store" / DIGEST[:2] / DIGEST
    standing.write_bytes(CONTENT[:-1] + b"!")
    _keep(store)
    assert standing.read_bytes() == CONTENT


def test_a_full_disk_is_said_before_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store("", tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, LIMITS.free_bytes))  # type: ignore[attr-defined]
    with pytest.raises(ExchangeError) as caught:
        store.receive(DIGEST)
    assert caught.value.code == "RELAY_FULL"
