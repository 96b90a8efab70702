"""I11: a log put back from an old backup or cut fits itself, but not what nodes and relay have seen of it."""

import fcntl
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from exchange import fsck
from exchange.errors import ExchangeError
from exchange.keys.keystore import KeyStore
from exchange.node import Node
from exchange.peers import sync
from exchange.peers.directory_client import DirectoryClient
from exchange.peers.feed import FeedStore
from exchange.peers.outbound import Caller
from exchange.peers.witness import Seen, Witness
from exchange.relay.follow import Follower
from exchange.settings import RelaySettings
from metadata.log_growth import LOG_GROWTH, LogGrowth
from metadata.signed import Signed
from standards.crypto import SigningKey
from tests.sim.log import SimLog
from tests.sim.town import Town

Alter = Callable[[SimLog], None]


def add(log: SimLog, count: int = 3) -> None:
    log.entries += [f"entry {len(log.entries) + number}".encode() for number in range(count)]


def cut(log: SimLog) -> None:
    del log.entries[-2:]


def empty(log: SimLog) -> None:
    log.entries.clear()


def regrow(log: SimLog) -> None:
    cut(log)
    add(log, 9)
    log.entries[-9:] = [entry + b" again" for entry in log.entries[-9:]]


def change(log: SimLog) -> None:
    log.entries[1] = b"something else"


def swap(log: SimLog) -> None:
    log.entries[0], log.entries[3] = log.entries[3], log.entries[0]
    add(log)


def insert(log: SimLog) -> None:
    log.entries.insert(2, b"one more")


def rekey(log: SimLog) -> None:
    log.key = SigningKey.generate()


def seen_of(log: SimLog) -> Seen:
    """As after several looks, at other sizes each time."""
    seen = Seen()
    for count in (1, 4, 0, 2):
        add(log, count)
        seen = seen.then(log.growth(seen.frontier.size if seen.public else None))
    return seen


@pytest.mark.parametrize(
    ("alter", "code"),
    [
        (cut, "LOG_ROLLBACK"),
        (empty, "LOG_ROLLBACK"),
        (regrow, "LOG_FORK"),
        (change, "LOG_FORK"),
        (swap, "LOG_FORK"),
        (insert, "LOG_FORK"),
        (rekey, "LOG_FORK"),
    ],
)
def test_only_growth_is_seen(alter: Alter, code: str) -> None:
    log = SimLog()
    seen = Seen.from_bytes(seen_of(log).to_bytes())
    assert seen.then(log.growth(seen.frontier.size)) is seen
    alter(log)
    with pytest.raises(ExchangeError) as raised:
        seen.then(log.growth(seen.frontier.size))
    assert raised.value.code == code


def test_a_checkpoint_is_what_the_entries_make() -> None:
    """For who has seen nothing yet too: then it is the frontier that has to make it."""
    log = SimLog()
    seen = seen_of(log)
    add(log, 2)
    for after in (None, seen.frontier.size):
        begun = seen if after is not None else Seen()
        said = log.growth(after)
        for hashes in (said.hashes[:-1], (*said.hashes[1:], said.hashes[0])):
            with pytest.raises(ExchangeError, match=r"LOG_(FORK|BAD)"):
                begun.then(said.model_copy(update={"hashes": hashes}))
    with pytest.raises(ExchangeError, match="LOG_BAD"):
        seen.then(log.growth(None).model_copy(update={"note": "no note"}))


def ask_of(town: Town, node: Node) -> list[str]:
    """What a sync says, by its code."""
    try:
        sync.sync(node)
    except ExchangeError as error:
        return [error.code]
    return []


def broken(node: Node) -> list[str]:
    return [finding.rule for finding in fsck.fsck(node)]


def told(town: Town) -> list[tuple[str, str]]:
    entries = town.directory.audit.values()
    return [(entry.action, entry.code) for entry in entries if entry.subject == "audit-log"]


def test_a_node_notices_and_a_person_lets_it_begin_anew(own_town: Town) -> None:
    log, folder = own_town.directory.log, own_town.homes["gongan"] / "witness"
    with own_town.node("gongan") as node:
        add(log, 20)
        assert ask_of(own_town, node) == []
        assert ask_of(own_town, node) == []  # with what it has said of that itself
        size = node.witness.seen().frontier.size
        assert (size, broken(node)) == (21, [])
        backup = log.entries[:10]
        add(log, 5)
        assert ask_of(own_town, node) == []
        log.entries[:] = backup
        assert ask_of(own_town, node) == ["LOG_ROLLBACK"]
        assert broken(node) == ["fsck.I11"]
        evidence = Signed.from_bytes((folder / "against.json").read_bytes())
        key = own_town.directory.key
        said = evidence.open(LOG_GROWTH, LogGrowth, {key.key_id: key.verifying}.get)
        assert said.note.splitlines()[1] == "10"
        add(log, 40)
        assert ask_of(own_town, node) == ["LOG_FORK"]
        assert (folder / "against.json").read_bytes() == evidence.to_bytes()
        assert told(own_town) == [("log:witness", ""), ("log:contradict", "LOG_ROLLBACK")]
        folder.rename(folder.with_name("evidence"))
        assert ask_of(own_town, node) == []
        assert broken(node) == []


def test_what_is_not_signed_or_damaged_is_not_believed(own_town: Town) -> None:
    add(own_town.directory.log)
    with own_town.node("gongan") as node:
        asked: list[int | None] = []

        def ask(after: int | None) -> Signed:
            asked.append(after)
            return Signed.sign(LOG_GROWTH, own_town.directory.log.growth(after), SigningKey.generate())

        with pytest.raises(ExchangeError, match="LOG_BAD"):
            node.witness.look(ask, lambda code, size: None)
        assert broken(node) == []
        seen = own_town.homes["gongan"] / "witness" / "seen"
        with (seen.parent / "lock").open("ab") as lock:  # somebody else is asking
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert node.witness.look(ask, lambda code, size: None) == 0
        assert asked == [None]
        sync.sync(node)
        seen.write_bytes(seen.read_bytes()[:-9])
        assert ask_of(own_town, node) == ["LOG_BAD"]
        assert broken(node) == ["fsck.I11"]


def test_the_relay_notices_too(own_town: Town, tmp_path: Path) -> None:
    add(own_town.directory.log, 8)
    settings = RelaySettings.read(own_town.relay_home / "relay.toml")
    caller = Caller("relay", KeyStore.load(settings.home / "keys", opens=False).identity, lambda: datetime.now(UTC))
    engine = create_engine(own_town.relay_database)
    witness = Witness(tmp_path / "witness", settings.directory_public)
    directory = DirectoryClient(settings.directory_url, caller)
    feed = FeedStore(engine, settings.directory_public, "relay")
    try:
        follower = Follower(feed, directory, caller, witness, settings.org_code)
        follower.turn()
        assert list(witness.findings()) == []
        cut(own_town.directory.log)
        cut(own_town.directory.log)
        follower.turn()
        assert [finding.rule for finding in witness.findings()] == ["fsck.I11"]
        follower.turn()
    finally:
        directory.close()
        engine.dispose()
    assert ("log:contradict", "LOG_ROLLBACK") in told(own_town)
    assert json.loads((tmp_path / "witness" / "against.json").read_text())["kind"] == LOG_GROWTH
