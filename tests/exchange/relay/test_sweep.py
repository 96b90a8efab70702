"""What the relay gives up after its time, what it never gives up, and that fsck sees both."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from exchange import redrive
from exchange.errors import ExchangeError
from exchange.peers.feed import FeedStore
from exchange.relay.fsck import fsck
from exchange.relay.server import create_app
from exchange.relay.store import Store, open_store
from exchange.relay.sweep import Swept, sweep
from exchange.settings import RelaySettings
from metadata.feed import FeedPage
from standards.crypto import digest_hex
from tests.sim.serving import served
from tests.sim.town import Route, Town, built, execute

KEEP_DAYS = 30


@contextmanager
def _relay(town: Town) -> Iterator[tuple[Engine, Store]]:
    engine = create_engine(town.relay_database)
    try:
        yield engine, open_store("", town.relay_home)
    finally:
        engine.dispose()


def _sweep(town: Town, **later: float) -> Swept:
    with _relay(town) as (engine, store):
        held = FeedStore(engine, town.directory.key.verifying.public.hex(), "relay")
        trust = held.pull(lambda after: _page(town, after), datetime.now(UTC))
        return sweep(engine, store, KEEP_DAYS, lambda: datetime.now(UTC) + timedelta(**later), trust)


def _page(town: Town, after: int) -> FeedPage:
    return FeedPage(head=town.directory.head(), entries=tuple(town.directory.entries[after:]))


def _findings(town: Town, *, reads_all: bool = False, **later: float) -> list[str]:
    with _relay(town) as (engine, store):
        found = fsck(engine, store, datetime.now(UTC) + timedelta(**later), reads_all=reads_all)
    return [finding.path for finding in found]


def _upload(town: Town, content: bytes) -> str:
    with town.node("gongan") as node:
        node.relay.put_object(digest_hex(content), iter([content]), len(content))
    return digest_hex(content)


def _has(town: Town, name: str, digest: str) -> bool:
    with town.node(name) as node:
        return node.relay.has_object(digest)


def _quarantined(route: Route) -> int:
    """Send one whose ciphertext the relay's disk damages, so that the consumer refuses it; its sequence."""
    seq = route.send()
    path = route.objects(seq)[0]
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    route.arrive()
    assert route.drive("renshe", seq).state == "quarantined"
    return seq


def test_ciphertext_goes_after_its_time_and_not_before(own_town: Town) -> None:
    route = own_town.route()
    closed, waiting = route.exchange(), route.send()
    paths = route.objects(closed)
    assert _sweep(own_town, days=KEEP_DAYS - 1) == Swept()
    done = _sweep(own_town, days=KEEP_DAYS + 1)
    assert (done.batches, done.objects) == (1, len(paths))
    assert not any(path.exists() for path in paths)
    assert all(path.exists() for path in route.objects(waiting))
    assert _sweep(own_town, days=KEEP_DAYS + 1) == Swept()
    assert _findings(own_town, reads_all=True) == []
    with own_town.node("renshe") as node, pytest.raises(ExchangeError) as caught:
        node.relay.get_object(route.route_id, paths[0].name, 0, 10, lambda _: None)
    assert caught.value.values["refusal"] == "OBJECT_UNKNOWN"
    route.arrive()  # the one that waited is received as ever, after the place of the swept one
    route.require("renshe", waiting, "closed")
    route.require("gongan", waiting, "closed")
    assert route.received_rows() == route.sent_rows()
    assert route.findings() == []


def test_a_refused_batch_stays_until_a_later_one_is_applied(own_town: Town) -> None:
    route = own_town.route()
    refused = _quarantined(route)
    assert route.drive("gongan", refused).state == "quarantined"
    assert _sweep(own_town, days=KEEP_DAYS + 1).batches == 0
    with own_town.node("gongan") as node:
        again = redrive.redrive(node, route.route_id, refused, "值班员")
    route.require("gongan", again.seq, "stored")
    assert _sweep(own_town, days=KEEP_DAYS + 1).batches == 0
    route.arrive()
    route.require("renshe", again.seq, "closed")
    assert _sweep(own_town, days=KEEP_DAYS + 1).batches == 2
    assert _findings(own_town, days=KEEP_DAYS + 2) == []


@pytest.mark.parametrize("is_refused", [True, False])
def test_what_an_ended_grant_has_left_goes_after_its_time(own_town: Town, is_refused: bool) -> None:
    """Refused, or never answered: nobody may open it any more, and no later batch will come to release it."""
    route, other = own_town.route(), own_town.route()
    seq, kept = route.send(), other.send()
    paths = route.objects(seq)
    own_town.directory.change(route.grant.grant_id, "terminated")
    route.pull("renshe")
    if is_refused:
        route.arrive()
        assert route.drive("renshe", seq).code == "GRANT_TERMINATED"
    assert _sweep(own_town, days=KEEP_DAYS - 1).batches == 0
    done = _sweep(own_town, days=KEEP_DAYS + 1)
    assert (done.batches, done.objects) == (1, len(paths))
    assert not any(path.exists() for path in paths)
    assert all(path.exists() for path in other.objects(kept))
    assert _sweep(own_town, days=KEEP_DAYS + 1) == Swept()
    assert _findings(own_town, reads_all=True) == []
    if not is_refused:  # its consumer comes back after all
        route.arrive()
        assert route.drive("renshe", seq).code == "GRANT_TERMINATED"


@pytest.mark.parametrize("name", ["gongan", "renshe"])
def test_what_a_revoked_node_has_left_goes_after_its_time(own_town: Town, name: str) -> None:
    """Its grants stand for years and nobody has ended them; with one end revoked nobody may open what was sent."""
    route = own_town.route()
    closed, waiting = route.exchange(), route.send()
    paths = route.objects(closed) + route.objects(waiting)
    assert _sweep(own_town, days=KEEP_DAYS + 1).batches == 1
    own_town.directory.revoke(name)
    assert _sweep(own_town, days=KEEP_DAYS - 1).batches == 0
    assert all(path.exists() for path in route.objects(waiting))
    assert _sweep(own_town, days=KEEP_DAYS + 1).batches == 1
    assert not any(path.exists() for path in paths)
    assert _findings(own_town, reads_all=True) == []


def test_a_grant_ends_with_its_last_day_too_and_never_for_its_successor(own_town: Town) -> None:
    route = own_town.route()
    old = route.send()
    left = (route.grant.valid_until - datetime.now(UTC).date()).days
    assert _sweep(own_town, days=left + KEEP_DAYS - 1).batches == 0
    own_town.directory.change(route.grant.grant_id, "terminated")
    renewed = route.renew()  # both ends hear of both
    route.arrive()
    assert route.drive("renshe", old).code == "GRANT_TERMINATED"
    route.drive("gongan", old)
    new = route.batch("gongan", old).replaced_by_seq  # it follows the grant by itself
    assert new is not None
    renewed.require("gongan", new, "stored")
    assert _sweep(own_town, days=KEEP_DAYS + 1).batches == 1
    assert all(path.exists() for path in renewed.objects(new))
    assert renewed.arrive() == [new]
    renewed.require("renshe", new, "closed")


def test_by_command(own_town: Town) -> None:
    """It reads which grants have ended from the feed that the relay holds."""
    route = own_town.route()
    route.exchange()
    execute(own_town.relay_database, "UPDATE receipt SET created_at = created_at - interval '31 days'")
    for expected in (1, 0):
        done = subprocess.run(
            [sys.executable, "-m", "hutong", "relay", "sweep", "--json"],
            env=os.environ | {"HUTONG_HOME": str(own_town.relay_home.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["batches"] == expected


def test_uploads_that_nobody_announced_go_after_a_day_unless_asked_for(own_town: Town) -> None:
    route = own_town.route()
    digest, seq = _upload(own_town, b"left by a provider that died"), route.send()
    assert _sweep(own_town, hours=23) == Swept()
    execute(own_town.relay_database, "UPDATE object SET touched_at = touched_at - interval '23 hours'")
    assert _has(own_town, "gongan", digest)  # its provider is back, and still means to announce it
    assert _sweep(own_town, hours=23) == Swept()
    assert _findings(own_town, hours=27) == [digest]
    done = _sweep(own_town, hours=25)
    assert (done.batches, done.objects, done.bytes) == (0, 1, 28)
    assert not _has(own_town, "gongan", digest)
    assert all(path.exists() for path in route.objects(seq))
    assert _findings(own_town, hours=27) == []
    assert _upload(own_town, b"left by a provider that died") == digest  # and it may come again
    assert _has(own_town, "gongan", digest)


def test_messages_go_after_their_time(own_town: Town) -> None:
    execute(
        own_town.relay_database,
        "INSERT INTO message (route_id, session_id, number, from_node_id, body, created_at)"
        " VALUES ('r-1', 's', 1, 'gongan', '', now() - interval '13 days'),"
        " ('r-1', 's', 2, 'gongan', '', now() - interval '15 days')",
    )
    assert _sweep(own_town) == Swept(messages=1)
    assert execute(own_town.relay_database, "SELECT number FROM message") == [(1,)]
    assert _sweep(own_town, days=2) == Swept(messages=1)


def test_bytes_that_the_tables_do_not_know_are_seen_and_go(own_town: Town) -> None:
    name = digest_hex(b"stored, but the relay was killed before its transaction")
    path = own_town.relay_home / "store" / name[:2] / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"whatever")
    assert _findings(own_town) == []
    assert _findings(own_town, hours=27) == [name]
    assert _sweep(own_town, hours=23).objects == 0
    assert _sweep(own_town, hours=25).objects == 1
    assert not path.exists()


def test_missing_short_and_damaged_objects_are_found_and_an_upload_mends_them(own_town: Town) -> None:
    route = own_town.route()
    seq = route.send()
    (path,) = route.objects(seq)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert _findings(own_town) == []
    assert _findings(own_town, reads_all=True) == [path.name]
    path.write_bytes(whole[:-1])
    assert _findings(own_town) == [path.name]
    path.unlink()
    assert _findings(own_town) == [path.name]
    execute(own_town.relay_database, "DELETE FROM segment WHERE route_id = %s", (route.route_id,))
    assert set(_findings(own_town)) == {path.name, f"{route.route_id}/{seq}"}


def test_the_running_relay_sweeps_at_its_start(own_town: Town) -> None:
    left = own_town.relay_home / "store" / "incoming" / ("0" * 64 + ".0123456789abcdef")
    left.write_bytes(b"half an upload")
    hour_ago = datetime.now(UTC).timestamp() - 3600
    os.utime(left, (hour_ago, hour_ago))
    with served(create_app(RelaySettings.read(own_town.relay_home / "relay.toml"))):
        pass  # its first sweep has ended before it stops
    assert not left.exists()


def test_a_full_relay_makes_the_provider_wait_and_goes_on(tmp_path: Path, new_database: Callable[[], str]) -> None:
    """F17, by the quota: the batch waits with RELAY_FULL, and is stored once there is room again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUTONG_RELAY_MAX_BYTES", "100000")
        with built(tmp_path, new_database) as town:
            route = town.route()
            filler = _upload(town, b"x" * 99_900)
            assert _upload(town, b"x" * 99_900) == filler  # what is here needs no room
            seq = route.plan()
            outcome = route.drive("gongan", seq)
            assert (outcome.state, outcome.is_waiting, outcome.code) == ("sealed", True, "RELAY_NOT_READY")
            assert "RELAY_FULL" in outcome.explanation_zh
            assert _sweep(town, hours=25).objects == 1
            route.require("gongan", seq, "stored")
