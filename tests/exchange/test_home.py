"""A node's home: keys nobody else may read, settings without surprises, a spool that is whole or empty,
registration.
"""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from exchange import plan
from exchange.errors import ExchangeError
from exchange.failpoints import Failpoints
from exchange.keys import enrol
from exchange.keys.keystore import KeyStore
from exchange.settings import NodeSettings, RelaySettings
from exchange.spool import Spool, name_of
from standards.crypto import digest_hex
from tests.sim.town import Town


def _code(work: Callable[[], object]) -> str:
    with pytest.raises(ExchangeError) as raised:
        work()
    return raised.value.code


def test_keys_are_made_once_and_only_the_owner_may_read(tmp_path: Path) -> None:
    made = KeyStore.create(tmp_path / "keys")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o400}
    assert KeyStore.create(tmp_path / "keys").identity.key_id == made.identity.key_id
    assert made.reference(b"a") == made.reference(b"a") != made.reference(b"b")
    for mode in (0o440, 0o404, 0o600, 0o777):
        (tmp_path / "keys" / "identity.pem").chmod(mode)
        assert _code(lambda: KeyStore.load(tmp_path / "keys")) == "KEY_MODE"
    (tmp_path / "keys" / "identity.pem").unlink()
    assert _code(lambda: KeyStore.load(tmp_path / "keys")) == "KEY_MISSING"


def test_a_relay_has_no_key_that_opens(tmp_path: Path) -> None:
    assert KeyStore.create(tmp_path / "keys", opens=False).decryption == {}
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["identity.pem"]


def _settings() -> NodeSettings:
    return NodeSettings(
        name="gongan",
        org_code="1",
        directory_url="http://127.0.0.1:8000",
        directory_fingerprint="0" * 32,
        directory_public="1" * 64,
        database_url="postgresql+psycopg2://a:口令\"'\\b@/node?host=/run/x",
        relay_url="http://127.0.0.1:8010",
        department_url="postgresql+psycopg2://a:b@/dept?host=/run/x",
    )


def test_settings_are_read_back_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _settings().write(tmp_path / "node.toml")
    assert (tmp_path / "node.toml").stat().st_mode & 0o777 == 0o600
    assert NodeSettings.read(tmp_path / "node.toml") == _settings()
    monkeypatch.setenv("HUTONG_NODE_RELAY_URL", "https://relay.example")
    assert NodeSettings.read(tmp_path / "node.toml").relay_url == "https://relay.example"


def test_bad_settings_are_named_without_their_values(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    assert _code(lambda: NodeSettings.read(path)) == "NODE_MISSING"
    _settings().write(path)
    path.write_text(path.read_text().replace("postgresql+psycopg2://a:b@", "mysql://geheim@"))
    with pytest.raises(ExchangeError) as raised:
        NodeSettings.read(path)
    assert raised.value.code == "SETTINGS_BAD"
    assert "department_url" in str(raised.value)
    assert "geheim" not in str(raised.value)
    path.write_text("name = ")
    assert _code(lambda: NodeSettings.read(path)) == "SETTINGS_BAD"


def test_the_relays_store_follows_its_home(town: Town) -> None:
    settings = RelaySettings.read(town.relay_home / "relay.toml")
    assert settings.home == town.relay_home
    assert "home" not in (town.relay_home / "relay.toml").read_text()


def test_failpoints_are_known_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    Failpoints.read().reach("apply.merged")
    monkeypatch.setenv("HUTONG_FAILPOINT", "apply.merged")
    assert _code(Failpoints.read) == "FAILPOINTS_OFF"
    monkeypatch.setenv("HUTONG_ALLOW_FAILPOINTS", "1")
    assert Failpoints.read().armed == "apply.merged"
    monkeypatch.setenv("HUTONG_FAILPOINT", "apply.nowhere")
    assert _code(Failpoints.read) == "FAILPOINT_UNKNOWN"


def test_a_part_is_resumed_or_swept_and_never_overwrites(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with spool.part("r-1", 1, 5) as part:
        part.write(b"half")
    with spool.part("r-1", 1, 6, resumes=True) as part:
        assert part.size_bytes == 4
        assert part.hashed(0, 4).hexdigest() == digest_hex(b"half")
        part.write(b" whole")
        part.keep(name_of("r-1", 1, "d"))
    assert [path.name for path in tmp_path.iterdir()] == ["r-1-000000000001.d.batch"]
    with spool.part("r-1", 1, 7) as part:
        part.write(b"other")
        part.keep(name_of("r-1", 1, "d"))
    with spool.open("r-1", 1, "d") as file:
        assert file.read() == b"half whole"
    with spool.part("r-1", 1, 8) as part:
        part.write(b"left behind")
    with spool.part("r-1", 1, 9) as part:
        assert part.size_bytes == 0
    spool.keep_only("r-1", 1, "d")
    assert [path.name for path in tmp_path.iterdir()] == ["r-1-000000000001.d.batch"]
    assert _code(lambda: spool.open("r-1", 2, "d")) == "SPOOL_MISSING"
    spool.forget("r-1", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_before_anything_is_written(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    assert _code(lambda: Spool(tmp_path).require_space(free)) == "SPOOL_FULL"


def test_when_the_next_batch_is_due() -> None:
    assert plan.next_due_on(date(2026, 12, 31), "daily") == date(2027, 1, 1)
    assert plan.next_due_on(date(2026, 2, 25), "weekly") == date(2026, 3, 4)
    assert plan.next_due_on(date(2026, 1, 31), "monthly") == date(2026, 2, 28)
    assert plan.next_due_on(date(2026, 12, 31), "monthly") == date(2027, 1, 31)
    assert plan.next_due_on(date(2026, 1, 1), "once") == date.max


def test_a_day_has_one_batch_and_a_route_one_under_way(town: Town) -> None:
    route = town.route()
    with town.node("gongan") as node:
        assert route.route_id in {ref.route_id for ref in plan.plan(node, node.now())}
        for is_forced in (False, True):
            assert route.route_id not in {ref.route_id for ref in plan.plan(node, node.now(), force=is_forced)}
    assert route.drive("gongan", 1).state == "stored"
    route.arrive()
    assert route.drive("renshe", 1).state == "closed"
    assert route.drive("gongan", 1).state == "closed"
    with town.node("gongan") as node:
        assert route.route_id not in {ref.route_id for ref in plan.plan(node, node.now())}
        assert route.route_id in {ref.route_id for ref in plan.plan(node, node.now(), force=True)}


def _init(town: Town, home: Path, fingerprint: str, token: str) -> NodeSettings:
    return enrol.init(
        home,
        "renshe",
        town.directory_url,
        fingerprint,
        token,
        town.databases["renshe"],
        town.departments["renshe"],
        town.relay_url,
    )


def test_a_directory_with_another_key_is_not_registered_with(town: Town, tmp_path: Path) -> None:
    assert _code(lambda: _init(town, tmp_path, "0" * 32, "x")) == "DIRECTORY_KEY_OTHER"
    assert not (tmp_path / "node.toml").exists()


def test_registration_refused_leaves_no_settings_and_may_be_repeated(town: Town, tmp_path: Path) -> None:
    fingerprint = town.directory.key.key_id
    assert _code(lambda: _init(town, tmp_path, fingerprint, "wrong")) == "DIRECTORY_REFUSED"
    assert not (tmp_path / "node.toml").exists()
    standing = _init(town, town.homes["renshe"], fingerprint, "used up")
    assert standing.name == "renshe"
    assert _code(lambda: _init(town, town.homes["gongan"], fingerprint, "x")) == "NODE_EXISTS"
