"""A directory in somebody else's hands, before real nodes: they neither send nor accept (DESIGN §7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.peers.feed import FeedStore
from metadata.access import Countersignature
from metadata.feed import FeedEntry, FeedPage
from metadata.keys import KeyChange
from metadata.signed import Signed
from standards.crypto import DecryptionKey, SigningKey, digest_hex
from tests.sim.town import Route, Town, execute


def announced(town: Town) -> int:
    """How many batches the relay has."""
    return int(execute(town.relay_database, "SELECT count(*) FROM batch")[0][0])


def pull_code(town: Town, name: str) -> str:
    with town.node(name) as node, pytest.raises(ExchangeError) as raised:
        node.feed.pull(node.directory.feed, node.now())
    return raised.value.code


@pytest.fixture
def route(town: Town) -> Route:
    made = town.route()
    made.exchange()
    return made


def test_a_false_history_from_the_first_entry_on_makes_no_node_send(own_town: Town) -> None:
    """The provider itself has never seen another: its own key is not the one that the grant binds."""
    thief, directory = SigningKey.generate(), own_town.directory
    route = own_town.route(is_countersigned=False)
    record = directory.nodes["gongan"].model_copy(update={"identity_public": thief.verifying.public.hex()})
    directory.entries = [
        entry.model_copy(update={"body": Signed.sign("node/1", record, directory.key)})
        if entry.kind == "node" and b'"gongan"' in entry.body.payload_bytes()
        else entry
        for entry in directory.entries
        if entry.kind == "node"
    ]
    end = route.grant.provider.model_copy(update={"identity_key_id": thief.key_id})
    grant = route.grant.model_copy(update={"provider": end})
    directory.issue(grant)
    word = Countersignature(
        grant_id=grant.grant_id,
        grant_digest=digest_hex(grant.to_bytes()),
        node_id="gongan",
        confirmed_at=datetime.now(UTC),
    )
    directory.say("countersignature", Signed.sign("countersignature/1", word, thief))
    route.pull("gongan")
    seq = route.plan()
    outcome = route.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", "SIGNER_REVOKED")
    assert announced(own_town) == 0


def test_a_grant_without_its_countersignature_moves_nothing(town: Town) -> None:
    route = town.route(is_countersigned=False)
    thief, before = SigningKey.generate(), announced(town)
    word = Countersignature(
        grant_id=route.grant.grant_id,
        grant_digest=digest_hex(route.grant.to_bytes()),
        node_id="gongan",
        confirmed_at=datetime.now(UTC),
    )
    for key in (thief, town.directory.key):
        town.directory.say("countersignature", Signed.sign("countersignature/1", word, key))
    route.pull("gongan")
    with town.node("gongan") as node, pytest.raises(ExchangeError) as raised:
        node.trust().admit(route.grant.grant_id, node.now())
    assert raised.value.code == "GRANT_NOT_COUNTERSIGNED"
    assert announced(town) == before


def test_a_forged_change_of_keys_redirects_nothing(route: Route) -> None:
    """Neither the recipient nor the signer can be replaced from outside; the real ones go on."""
    directory, now = route.town.directory, datetime.now(UTC)
    thief, reader = SigningKey.generate(), DecryptionKey.generate()
    times = {"valid_from": now, "overlap_until": now + timedelta(days=1)}
    for node_id, purpose, public, replaces in (
        ("gongan", "identity", thief.verifying.public, route.grant.provider.identity_key_id),
        ("renshe", "identity", thief.verifying.public, route.grant.consumer.identity_key_id),
        ("renshe", "decryption", reader.wrapping.public, route.grant.consumer.decryption_key_ids[0]),
    ):
        said = KeyChange.model_validate(
            {"node_id": node_id, "purpose": purpose, "public": public.hex(), "replaces_key_id": replaces} | times
        )
        for signers in ((thief,), (directory.key, thief)):
            directory.say("key_change", Signed.sign("key_change/1", said, *signers))
    route.pull("gongan")
    with route.town.node("gongan") as node:
        ids = {key.key_id for key in node.trust().recipients(route.grant, 1)}
    assert ids == {route.grant.consumer.decryption_key_ids[0]}
    route.insert([("110101199001011237", "后来的", "110101", "1.00", "2026-01-01 00:00:00+08")])
    assert route.exchange()


def test_replaced_records_stop_the_route_and_send_nothing(own_town: Town) -> None:
    route = own_town.route()
    directory, reader = route.town.directory, DecryptionKey.generate()
    record = directory.nodes["renshe"].model_copy(update={"decryption_public": reader.wrapping.public.hex()})
    directory.say("node", Signed.sign("node/1", record, directory.key))
    route.insert([("110101199001011237", "后来的", "110101", "1.00", "2026-01-01 00:00:00+08")])
    before = announced(route.town)
    route.pull("gongan")
    with route.town.node("gongan") as node, pytest.raises(ExchangeError) as raised:
        node.trust().admit(route.grant.grant_id, node.now())
    assert raised.value.code == "RECIPIENT_REVOKED"
    assert announced(route.town) == before


def test_a_frozen_feed_stops_both_ends(route: Route) -> None:
    seq = route.plan()
    directory = route.town.directory
    directory.valid_seconds = -1.0
    for name in ("gongan", "renshe"):
        with route.town.node(name) as node, pytest.raises(ExchangeError) as raised:
            node.feed.pull(node.directory.feed, node.now()).admit(route.grant.grant_id, node.now())
        assert raised.value.code == "TRUST_STALE"
    assert route.drive("gongan", seq).code == "TRUST_STALE"
    directory.valid_seconds = 60.0


def test_a_feed_without_an_end_is_given_up_and_nothing_of_it_kept(route: Route) -> None:
    """Entry by entry under a head that counts ever more: all of it is signed, and none of it believed."""
    directory = route.town.directory
    for _ in range(6):
        directory.say("node", Signed.sign("node/1", directory.nodes["gongan"], directory.key))
    with route.town.node("gongan") as node:
        held = node.feed.load().size

        def one_more(after: int) -> FeedPage:
            page = node.directory.feed(after)
            return page.model_copy(update={"entries": page.entries[:1]})

        for bounds in ({"feed_pages": 3}, {"feed_bytes": 100}):
            store = FeedStore(node.engine, node.settings.directory_public, "gongan", replace(LIMITS, **bounds))
            with pytest.raises(ExchangeError, match="no end") as raised:
                store.pull(one_more, node.now())
            assert raised.value.code == "FEED_BAD"
            assert node.feed.load().size == held
        assert node.feed.pull(one_more, node.now()).size == len(directory.entries) > held + 3


def test_a_rolled_back_and_a_forked_feed_are_refused(route: Route) -> None:
    directory = route.town.directory
    kept = list(directory.entries)
    del directory.entries[-1]
    for name in ("gongan", "renshe"):
        assert pull_code(route.town, name) == "FEED_ROLLBACK"
    directory.entries = [kept[0], *kept[2:], kept[1]]
    directory.entries = [
        FeedEntry(seq=number, kind=entry.kind, body=entry.body) for number, entry in enumerate(directory.entries, 1)
    ]
    for name in ("gongan", "renshe"):
        assert pull_code(route.town, name) == "FEED_FORK"
    directory.entries = kept
    route.pull("gongan")
