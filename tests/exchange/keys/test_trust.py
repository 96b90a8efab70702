"""The fold of the feed, on values: what binds, what does not, and how a fork, a rollback and staleness are noticed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from metadata.access import Countersignature, Grant, GrantChange, GrantEnd, GrantNotice
from metadata.feed import EMPTY_CHAIN, EntryKind, FeedEntry, FeedHead, NodeRecord, extend_chain
from metadata.record import Record
from metadata.resource import Item, MountColumn
from metadata.signed import Signed
from standards.crypto import DecryptionKey, SigningKey, digest_hex

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Feed:
    """A feed being written, with all keys at hand."""

    directory: SigningKey = field(default_factory=SigningKey.generate)
    provider: SigningKey = field(default_factory=SigningKey.generate)
    consumer: SigningKey = field(default_factory=SigningKey.generate)
    reader: DecryptionKey = field(default_factory=DecryptionKey.generate)
    entries: list[FeedEntry] = field(default_factory=list)
    addressed: list[Signed] = field(default_factory=list)

    def say(self, entry: EntryKind, record: Record, key: SigningKey | None = None, kind: str = "") -> None:
        body = Signed.sign(kind or f"{entry}/1", record, key or self.directory)
        self.entries.append(FeedEntry(seq=len(self.entries) + 1, kind=entry, body=body))

    def node(self, name: str, key: SigningKey, **changes: object) -> None:
        node = NodeRecord(
            node_id=name,
            name=name,
            org_code="1",
            org_name=name,
            identity_public=key.verifying.public.hex(),
            decryption_public=self.reader.wrapping.public.hex(),
        )
        self.say("node", node.model_copy(update=changes))

    def grant(self, **changes: object) -> Grant:
        ends = {
            "provider": GrantEnd(
                org_code="1", org_name="公安局", node_id="gongan", identity_key_id=self.provider.key_id
            ),
            "consumer": GrantEnd(
                org_code="2",
                org_name="人社局",
                node_id="renshe",
                identity_key_id=self.consumer.key_id,
                decryption_key_ids=(self.reader.key_id,),
            ),
        }
        grant = Grant(
            grant_id="g1",
            route_id="r-1",
            request_id="q1",
            resource_identifier="11000/A1",
            resource_code="303021070100/000003",
            resource_title="人口",
            resource_version=1,
            mount_id="m1",
            schema_name="public",
            table="people",
            columns=(MountColumn(field="xm", column="name", sql_type="text"),),
            items=(Item(name="姓名", field="xm"),),
            target_table="people",
            purpose="核验",
            basis="依法",
            valid_from=date(2026, 3, 2),
            valid_until=date(2026, 12, 31),
            provide_by_on=date(2026, 4, 1),
            issued_at=NOW,
            **ends,
        ).model_copy(update=changes)
        whole = Signed.sign("grant/1", grant, self.directory)
        self.addressed.append(whole)
        self.say("grant", GrantNotice.of(grant, digest_hex(grant.to_bytes())), kind="grant_notice/1")
        return grant

    def countersign(self, grant: Grant, key: SigningKey | None = None, **changes: object) -> None:
        word = Countersignature(
            grant_id=grant.grant_id,
            grant_digest=digest_hex(grant.to_bytes()),
            node_id="gongan",
            confirmed_at=NOW,
        )
        self.say("countersignature", word.model_copy(update=changes), key or self.provider)

    def head(self, **changes: object) -> Signed:
        chain = EMPTY_CHAIN
        for entry in self.entries:
            chain = extend_chain(chain, entry)
        head = FeedHead(
            size=len(self.entries), digest=chain.hex(), issued_at=NOW, valid_until=NOW + timedelta(seconds=60)
        )
        return Signed.sign("feed_head/1", head.model_copy(update=changes), self.directory)

    def empty(self, node_id: str = "gongan") -> TrustSet:
        return TrustSet.of(self.directory.verifying.public.hex(), node_id)

    def trust(self, node_id: str = "gongan") -> TrustSet:
        empty = self.empty(node_id)
        return empty.extend(self.entries, self.addressed).under(empty.read_head(self.head(), NOW))


@pytest.fixture
def feed() -> Feed:
    made = Feed()
    made.node("gongan", made.provider)
    made.node("renshe", made.consumer)
    return made


def _code(work: Callable[[], object]) -> str:
    with pytest.raises(ExchangeError) as raised:
        work()
    return raised.value.code


def test_a_countersigned_grant_binds(feed: Feed) -> None:
    grant = feed.grant()
    feed.countersign(grant)
    assert feed.trust().admit("g1", NOW) == grant
    assert feed.trust().ends_of("r-1") == ("gongan", "renshe")


def test_a_grant_alone_does_not_bind(feed: Feed) -> None:
    feed.grant()
    assert _code(lambda: feed.trust().admit("g1", NOW)) == "GRANT_NOT_COUNTERSIGNED"
    assert feed.trust().ends_of("r-1") is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda feed, grant: feed.countersign(grant, SigningKey.generate()),
        lambda feed, grant: feed.countersign(grant, feed.directory),
        lambda feed, grant: feed.countersign(grant, feed.consumer),
        lambda feed, grant: feed.countersign(grant, grant_digest="0" * 64),
        lambda feed, grant: feed.countersign(grant, node_id="renshe"),
        lambda feed, grant: feed.countersign(grant.model_copy(update={"grant_id": "g2"})),
    ],
    ids=["unknown key", "directory", "consumer", "other bytes", "other node", "other grant"],
)
def test_a_countersignature_that_does_not_hold_is_none(feed: Feed, spoil: Callable[[Feed, Grant], None]) -> None:
    spoil(feed, feed.grant())
    assert _code(lambda: feed.trust().admit("g1", NOW)) == "GRANT_NOT_COUNTERSIGNED"


@pytest.mark.parametrize(("to", "code"), [("suspended", "GRANT_SUSPENDED"), ("terminated", "GRANT_TERMINATED")])
def test_a_change_acts(feed: Feed, to: str, code: str) -> None:
    feed.countersign(feed.grant())
    feed.say("grant_change", GrantChange.model_validate({"grant_id": "g1", "to": to, "at": NOW}))
    assert _code(lambda: feed.trust().admit("g1", NOW)) == code
    feed.say("grant_change", GrantChange(grant_id="g1", to="active", at=NOW))
    if to == "terminated":
        assert _code(lambda: feed.trust().admit("g1", NOW)) == code
    else:
        assert feed.trust().admit("g1", NOW)


def test_who_is_no_end_of_a_grant_knows_that_it_binds_and_not_what_it_says(feed: Feed) -> None:
    grant = feed.grant()
    feed.countersign(grant)
    trust = feed.trust("relay")
    assert trust.grants["g1"].whole is None  # even though it was handed over
    assert trust.admit_notice("g1", NOW).grant_digest == digest_hex(grant.to_bytes())
    assert trust.ends_of("r-1") == ("gongan", "renshe")
    assert _code(lambda: trust.admit("g1", NOW)) == "GRANT_NOT_OURS"
    said = b"".join(entry.body.payload_bytes() for entry in feed.entries)
    assert not [word for word in ("xm", "people", "核验", "依法", "人口", "q1") if f'"{word}"'.encode() in said]


def test_an_end_from_whom_its_grant_is_withheld_believes_nothing(feed: Feed) -> None:
    feed.grant()
    feed.addressed.clear()
    for name in ("gongan", "renshe"):
        assert _code(lambda name=name: feed.trust(name)) == "FEED_BAD"
    assert feed.trust("relay").grants["g1"].whole is None


@pytest.mark.parametrize("changes", [{"valid_until": date(2030, 1, 1)}, {"route_id": "r-2"}, {"minimum_suite": 2}])
def test_a_grant_is_as_its_notice_says(feed: Feed, changes: dict[str, object]) -> None:
    grant = feed.grant()
    feed.entries.pop()
    notice = GrantNotice.of(grant, digest_hex(grant.to_bytes())).model_copy(update=changes)
    feed.say("grant", notice, kind="grant_notice/1")
    assert _code(feed.trust) == "FEED_BAD"


def test_a_grant_by_another_key_is_none_though_its_notice_holds(feed: Feed) -> None:
    grant = feed.grant()
    feed.addressed = [Signed.sign("grant/1", grant, SigningKey.generate())]
    assert _code(feed.trust) == "FEED_BAD"


def test_a_feed_from_when_grants_stood_in_it_is_still_read(feed: Feed) -> None:
    grant = feed.grant()
    feed.entries.pop()
    feed.addressed.clear()
    feed.say("grant", grant)
    feed.countersign(grant)
    assert feed.trust().admit("g1", NOW) == grant


def test_what_is_said_of_a_route_is_sealed_to_none_but_its_own_provider(feed: Feed) -> None:
    """A notice names a route that is not its own: nobody but the ends of its grant could tell."""
    key, stranger = DecryptionKey.generate(), DecryptionKey.generate()
    end = GrantEnd(
        org_code="1",
        org_name="公安局",
        node_id="gongan",
        identity_key_id=feed.provider.key_id,
        decryption_key_ids=(key.key_id,),
    )
    other = SigningKey.generate()
    feed.entries.clear()
    feed.node("gongan", feed.provider, decryption_public=key.wrapping.public.hex())
    feed.node("renshe", feed.consumer)
    feed.node("shuiwu", other, decryption_public=stranger.wrapping.public.hex())
    assert feed.trust("renshe").readers("r-1") == ()
    grant = feed.grant(provider=end)
    assert feed.trust("renshe").readers("r-1") == ()
    feed.countersign(grant)
    assert feed.trust("renshe").readers("r-1") == (key.wrapping,)
    theirs = end.model_copy(
        update={"node_id": "shuiwu", "identity_key_id": other.key_id, "decryption_key_ids": (stranger.key_id,)}
    )
    false = feed.grant(grant_id="g2", provider=theirs)
    assert feed.trust("renshe").readers("r-1") == (key.wrapping,)
    feed.countersign(false, other, node_id="shuiwu")
    assert feed.trust("renshe").grants["g2"].is_countersigned
    assert feed.trust("renshe").readers("r-1") == (key.wrapping,)


def test_dates_are_civil_dates_in_china(feed: Feed) -> None:
    feed.countersign(feed.grant())
    empty = feed.empty().extend(feed.entries, feed.addressed)
    for now, code in (
        (datetime(2026, 3, 1, 15, 59, tzinfo=UTC), "GRANT_NOT_YET"),
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), ""),
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), ""),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "GRANT_EXPIRED"),
    ):
        head = feed.head(issued_at=now, valid_until=now + timedelta(seconds=60))
        trust = empty.under(empty.read_head(head, now))
        if code:
            assert _code(lambda trust=trust, now=now: trust.admit("g1", now)) == code
        else:
            assert trust.admit("g1", now)


def test_a_stale_head_admits_nothing(feed: Feed) -> None:
    feed.countersign(feed.grant())
    assert _code(lambda: feed.trust().admit("g1", NOW + timedelta(seconds=61))) == "TRUST_STALE"
    assert _code(lambda: feed.empty().admit("g1", NOW)) == "TRUST_STALE"


def test_revoked_and_replaced_keys(feed: Feed) -> None:
    feed.countersign(feed.grant())
    feed.node("renshe", SigningKey.generate())
    assert _code(lambda: feed.trust().admit("g1", NOW)) == "RECIPIENT_REVOKED"
    feed.node("gongan", feed.provider, is_revoked=True)
    assert _code(lambda: feed.trust().admit("g1", NOW)) == "SIGNER_REVOKED"
    feed.node("gongan", feed.provider)
    assert _code(lambda: feed.trust().admit("g1", NOW)) == "SIGNER_REVOKED"


def test_a_fork_is_noticed(feed: Feed) -> None:
    trust = feed.trust()
    feed.entries[0] = feed.entries[1].model_copy(update={"seq": 1})
    feed.grant()
    head = trust.read_head(feed.head(), NOW)
    assert _code(lambda: trust.extend(feed.entries[2:], feed.addressed).under(head)) == "FEED_FORK"


def test_a_rollback_is_noticed(feed: Feed) -> None:
    feed.grant()
    trust = feed.trust()
    del feed.entries[-1]
    assert _code(lambda: trust.read_head(feed.head(), NOW)) == "FEED_ROLLBACK"


def test_an_older_head_is_a_rollback(feed: Feed) -> None:
    older = feed.head(issued_at=NOW - timedelta(seconds=1))
    trust = feed.trust()
    assert _code(lambda: trust.read_head(older, NOW)) == "FEED_ROLLBACK"


def test_a_head_from_the_future_means_a_wrong_clock(feed: Feed) -> None:
    empty = feed.empty()
    ahead = feed.head(issued_at=NOW + timedelta(seconds=301), valid_until=NOW + timedelta(seconds=361))
    assert _code(lambda: empty.read_head(ahead, NOW)) == "CLOCK_SKEW"


@pytest.mark.parametrize("kind", ["node", "grant", "head"])
def test_only_the_directorys_key_speaks_for_it(feed: Feed, kind: str) -> None:
    stranger = SigningKey.generate()
    if kind == "node":
        feed.say("node", NodeRecord.from_bytes(feed.entries[0].body.payload_bytes()), stranger)
    elif kind == "grant":
        grant = feed.grant()
        feed.entries.pop()
        feed.say("grant", grant, stranger)
    else:
        feed.directory, true_key = stranger, feed.directory
        head = feed.head()
        feed.directory = true_key
        assert _code(lambda: feed.trust().read_head(head, NOW)) == "FEED_BAD"
        return
    assert _code(feed.trust) == "FEED_BAD"


def test_entries_have_no_gaps(feed: Feed) -> None:
    empty = feed.empty()
    assert _code(lambda: empty.extend(feed.entries[1:])) == "FEED_BAD"
