"""Keys over time as a node believes them, whatever a directory under somebody else's control says (T7, T11)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from metadata.access import Grant, GrantEnd
from metadata.feed import FeedEntry, NodeRecord
from metadata.keys import KeyChange
from metadata.signed import Signed, Signs
from standards.crypto import DecryptionKey, SigningKey
from standards.sm2 import Sm2DecryptionKey, Sm2SigningKey
from tests.exchange.keys.test_trust import NOW, Feed

DAY = timedelta(days=1)
STRANGERS = [SigningKey.generate() for _ in range(3)]


@dataclass
class Keys(Feed):
    """A feed with a countersigned grant, and keys of suite 0x02."""

    sm2: Sm2SigningKey = field(default_factory=Sm2SigningKey.generate)
    sm2_reader: Sm2DecryptionKey = field(default_factory=Sm2DecryptionKey.generate)

    def begin(self, suite: int = 1) -> Grant:
        points = {"sm2_identity_public": self.sm2.public.hex(), "sm2_decryption_public": self.sm2_reader.public.hex()}
        self.node("gongan", self.provider, **points)
        self.node("renshe", self.consumer, **points)
        grant = self.grant()
        self.entries.pop()
        ends = {
            "provider": grant.provider.model_copy(update={"sm2_identity_key_id": self.sm2.key_id}),
            "consumer": grant.consumer.model_copy(
                update={"decryption_key_ids": (self.reader.key_id, self.sm2_reader.key_id)}
            ),
        }
        grant = self.grant(**ends, minimum_suite=suite)
        self.countersign(grant)
        return grant

    def change(self, *signers: Signs, node_id: str = "gongan", replaces: str | None = None, **values: Any) -> None:
        given_values = {
            "node_id": node_id,
            "purpose": "identity",
            "replaces_key_id": self.provider.key_id if replaces is None else replaces,
            "valid_from": NOW,
            "overlap_until": NOW + DAY,
        }
        said = KeyChange.model_validate(given_values | values)
        self.put(Signed.sign("key_change/1", said, *signers))

    def put(self, body: Signed) -> None:
        self.entries.append(FeedEntry(seq=len(self.entries) + 1, kind="key_change", body=body))

    def rotate(self, new: SigningKey, **values: Any) -> None:
        """The provider's honest change of its identity."""
        self.change(self.provider, new, public=new.verifying.public.hex(), **values)
        self.provider = new

    def at(self, later: timedelta) -> TrustSet:
        return self.trust().at(NOW + later)

    def signers(self, later: timedelta = timedelta(0), suite: int = 1) -> list[str]:
        trust = self.at(later)
        return [key.key_id for key in trust.signers(trust.grants["g1"].grant, suite)]

    def recipients(self, later: timedelta = timedelta(0), suite: int = 1) -> list[str]:
        trust = self.at(later)
        return [key.key_id for key in trust.recipients(trust.grants["g1"].grant, suite)]


@pytest.fixture
def keys() -> Keys:
    made = Keys()
    made.begin()
    return made


def code(work: Callable[[], object]) -> str:
    with pytest.raises(ExchangeError) as raised:
        work()
    return raised.value.code


def test_a_grant_admits_the_successors_of_its_key_and_the_old_one_in_its_overlap(keys: Keys) -> None:
    first = keys.provider.key_id
    keys.rotate(SigningKey.generate())
    second = keys.provider.key_id
    keys.rotate(SigningKey.generate(), overlap_until=NOW)
    assert keys.signers() == [keys.provider.key_id, first]  # the second had no overlap
    assert keys.signers(DAY) == [keys.provider.key_id]
    assert second not in keys.signers()
    assert keys.trust().admit("g1", NOW).grant_id == "g1"


def test_decryption_keys_follow_too(keys: Keys) -> None:
    new = DecryptionKey.generate()
    keys.change(
        keys.consumer,
        node_id="renshe",
        purpose="decryption",
        public=new.wrapping.public.hex(),
        replaces=keys.reader.key_id,
    )
    assert keys.recipients() == [new.key_id, keys.reader.key_id]
    assert keys.recipients(DAY) == [new.key_id]


def test_suite_two_has_keys_of_its_own() -> None:
    keys = Keys()
    keys.begin(suite=2)
    assert (keys.signers(suite=2), keys.recipients(suite=2)) == ([keys.sm2.key_id], [keys.sm2_reader.key_id])
    new = Sm2SigningKey.generate()
    given_values: dict[str, Any] = {"suite": 2, "public": new.public.hex(), "replaces": keys.sm2.key_id}
    for signers in ((keys.provider,), (keys.provider, new), (keys.sm2, new), (keys.provider, keys.sm2)):
        keys.change(*signers, **given_values)
        assert keys.signers(suite=2) == [keys.sm2.key_id]
    keys.change(keys.provider, keys.sm2, new, **given_values)
    assert keys.signers(suite=2) == [new.key_id, keys.sm2.key_id]
    assert keys.trust().admit("g1", NOW)


def test_a_node_without_keys_of_suite_two_may_add_its_first(keys: Keys) -> None:
    keys.node("tongji", keys.consumer)
    new = Sm2SigningKey.generate()
    keys.change(keys.consumer, new, node_id="tongji", suite=2, public=new.public.hex(), replaces="")
    chain = keys.trust().keys["tongji"]
    assert [key.key_id for key in chain.keys if key.suite == 2] == [new.key_id]


FORGERIES: dict[str, Callable[[Keys, SigningKey], None]] = {
    "signed by the directory": lambda keys, new: keys.change(keys.directory, new, public=_hex(new)),
    "signed by the consumer": lambda keys, new: keys.change(keys.consumer, new, public=_hex(new)),
    "signed by itself": lambda keys, new: keys.change(new, public=_hex(new)),
    "not proved to be held": lambda keys, new: keys.change(keys.provider, public=_hex(new)),
    "unknown predecessor": lambda keys, new: keys.change(keys.provider, new, public=_hex(new), replaces="0" * 32),
    "no predecessor": lambda keys, new: keys.change(keys.provider, new, public=_hex(new), replaces=""),
    "unknown node": lambda keys, new: keys.change(keys.provider, new, public=_hex(new), node_id="nobody"),
    "another node's": lambda keys, new: keys.change(keys.consumer, new, public=_hex(new), node_id="gongan"),
    "an overlap of years": lambda keys, new: keys.change(
        keys.provider, new, public=_hex(new), overlap_until=NOW + 91 * DAY
    ),
    "an overlap that ends before": lambda keys, new: keys.change(
        keys.provider, new, public=_hex(new), overlap_until=NOW - DAY
    ),
    "a key had before": lambda keys, new: keys.change(keys.provider, keys.provider, public=_hex(keys.provider)),
    "of another suite's length": lambda keys, new: keys.change(
        keys.provider, new, public=Sm2SigningKey.generate().public.hex()
    ),
    "no record": lambda keys, new: keys.put(
        Signed.sign("key_change/1", NodeRecord.from_bytes(keys.entries[0].body.payload_bytes()), keys.provider)
    ),
}


def _hex(key: SigningKey) -> str:
    return key.verifying.public.hex()


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_change_that_the_chain_does_not_bear_out_changes_nothing(
    keys: Keys, forge: Callable[[Keys, SigningKey], None]
) -> None:
    before = keys.trust().keys
    forge(keys, SigningKey.generate())
    assert keys.trust().keys == before
    assert keys.signers() == [keys.provider.key_id]


def test_a_second_successor_is_none(keys: Keys) -> None:
    old, thief = keys.provider, SigningKey.generate()
    keys.rotate(SigningKey.generate())
    keys.change(old, thief, public=_hex(thief), replaces=old.key_id)
    keys.change(old, thief, public=_hex(thief), replaces=keys.provider.key_id)  # in its overlap it names nobody
    assert keys.signers() == [keys.provider.key_id, old.key_id]


def test_a_revoked_node_has_no_keys_and_gets_none(keys: Keys) -> None:
    keys.node("gongan", keys.provider, is_revoked=True)
    keys.rotate(SigningKey.generate())
    assert code(keys.signers) == "SIGNER_REVOKED"
    assert keys.trust().identities("gongan") == ()


def test_a_record_with_other_keys_makes_them_nobodys(keys: Keys) -> None:
    """The directory cannot replace a node's keys; it can only stop trusting it, which it could anyway."""
    thief, reader = SigningKey.generate(), DecryptionKey.generate()
    keys.node("gongan", thief)
    assert code(keys.signers) == "SIGNER_REVOKED"
    keys.node("renshe", keys.consumer, decryption_public=reader.wrapping.public.hex())
    assert code(keys.recipients) == "RECIPIENT_REVOKED"
    assert code(lambda: keys.trust().admit("g1", NOW)) == "SIGNER_REVOKED"


def test_a_grant_to_a_thief_does_not_bind_under_replaced_keys(keys: Keys) -> None:
    thief = SigningKey.generate()
    keys.node("gongan", thief)
    end = GrantEnd(org_code="1", org_name="公安局", node_id="gongan", identity_key_id=thief.key_id)
    grant = keys.grant(grant_id="g2", provider=end)
    keys.countersign(grant, thief)
    assert code(lambda: keys.trust().admit("g2", NOW)) == "GRANT_NOT_COUNTERSIGNED"


def test_a_replaced_key_binds_nothing_even_in_its_overlap(keys: Keys) -> None:
    old = keys.provider
    keys.rotate(SigningKey.generate())
    grant = keys.grant(grant_id="g2", provider=keys.trust().grants["g1"].grant.provider)
    keys.countersign(grant, old)
    assert code(lambda: keys.trust().admit("g2", NOW)) == "GRANT_NOT_COUNTERSIGNED"
    keys.countersign(grant, keys.provider)
    assert keys.trust().admit("g2", NOW)


def test_an_old_head_does_not_bring_an_old_key_back(keys: Keys) -> None:
    """Time is the reader's own: a directory that stops its clock does not prolong an overlap."""
    first = keys.provider.key_id
    keys.rotate(SigningKey.generate())
    trust = keys.trust()
    assert trust.at(NOW + DAY).identity("gongan", first) is None
    assert trust.at(NOW - 30 * DAY).identity("gongan", first) is not None  # never before the head's time


ACTS = st.tuples(
    st.sampled_from(["rotate", "change", "record", "grant", "countersign"]),
    st.integers(0, 2),
    st.lists(st.integers(0, 4), min_size=1, max_size=3),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=8))
def test_no_history_makes_a_key_admissible_that_its_predecessor_did_not_name(
    acts: list[tuple[str, int, list[int], bool]],
) -> None:
    """Whoever has the directory's key, strangers' keys and all replaced keys, but not the one in use."""
    keys = Keys()
    keys.begin()
    honest = {keys.provider.key_id}
    replaced: list[SigningKey] = [keys.directory]
    for what, which, by, flag in acts:
        stranger = STRANGERS[which]
        pool: list[SigningKey] = [*STRANGERS, keys.directory, replaced[-1]]
        signers = [pool[index] for index in by]
        if what == "rotate":
            new = SigningKey.generate()
            replaced.append(keys.provider)
            keys.rotate(new, overlap_until=NOW if flag else NOW + DAY)
            honest.add(new.key_id)
        elif what == "change":
            target = keys.provider.key_id if flag else replaced[-1].key_id
            keys.change(*signers, stranger, public=_hex(stranger), replaces=target)
        elif what == "record":
            keys.node("gongan", stranger, is_revoked=flag)
        else:
            end = GrantEnd(org_code="1", org_name="公安局", node_id="gongan", identity_key_id=stranger.key_id)
            named = keys.trust().grants["g1"].grant.provider if flag else end
            forged = keys.grant(grant_id=f"x{len(keys.entries)}", provider=named)
            if what == "countersign":
                keys.countersign(forged, signers[0])
    trust = keys.trust()
    assert {key.key_id for key in trust.identities("gongan")} <= honest
    for grant_id, facts in trust.grants.items():
        assert facts.is_countersigned == (grant_id == "g1")
