"""What nodes make of an act: the feed folded as a node folds it, before and after."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from exchange.keys.trust import TrustSet
from metadata.feed import FeedPage
from tests.directory.access.conftest import Town


def _trusted(town: Town, end: str) -> TrustSet:
    node = town.nodes[end]
    page = FeedPage.model_validate(node.call("GET", "/api/v1/feed?after=0").json())
    public = town.city.app.state.directory_key.verifying.public.hex()
    trust = TrustSet.of(public, node.name).extend(page.entries, page.addressed)
    return trust.under(trust.read_head(page.head, datetime.now(UTC)))


def test_a_grant_binds_both_nodes_as_before(
    town: Town, resource: str, act: Callable[..., Any], department: Callable[..., str]
) -> None:
    shown = town.agreed(resource)
    grant_id = shown["grant_id"]
    assert town.countersign(grant_id).status_code == 200
    before = {end: _trusted(town, end).admit(grant_id, datetime.now(UTC)) for end in ("provider", "requester")}
    providing, using = department("承接提供的局"), department("承接使用的局")
    act("merge", [town.orgs["provider"]], [providing])
    act("merge", [town.orgs["requester"]], [using])
    act("rename", [using], name="承接使用的新局")
    for end, grant in before.items():
        trust = _trusted(town, end)
        assert trust.admit(grant_id, datetime.now(UTC)) == grant  # the same signed bytes, naming the old departments
        assert trust.signer(grant, 1)
        assert trust.recipients(grant, 1)
        assert {node: trust.nodes[node].org_code for node in ("gongan", "renshe")} == {
            "gongan": providing,
            "renshe": using,
        }
        assert trust.nodes["renshe"].org_name == "承接使用的新局"
        assert not trust.nodes["gongan"].is_revoked
    assert grant.provider.org_name == "示例市公安局"
    renewed = town.agreed(resource)  # a later grant names who stands for the nodes now
    later = _trusted(town, "provider").grants[renewed["grant_id"]].grant
    assert (later.provider.org_code, later.consumer.org_code) == (providing, using)
    assert later.route_id == grant.route_id
