"""What both ends have signed is kept once and shown to those it concerns; anything less is refused."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from metadata.reconciliation import KIND, Reconciliation
from metadata.signed import Signed


@pytest.fixture(scope="module")
def route(town: Any, conditional: Any, mount: Any) -> Any:
    agreed = town.agreed(town.publish("户籍信息", conditional(), mounts=(mount("hu_ji"),)))
    assert town.countersign(agreed["grant_id"]).status_code == 200
    return {"route_id": town.grant(agreed["grant_id"])["route_id"], "grant_id": agreed["grant_id"]}


def result(town: Any, route: Any, **changes: Any) -> Reconciliation:
    now = datetime.now(UTC)
    values = {
        "session_id": secrets.token_hex(16),
        "route_id": route["route_id"],
        "grant_id": route["grant_id"],
        "seq": 1,
        "provider_node_id": town.nodes["provider"].name,
        "consumer_node_id": town.nodes["requester"].name,
        "provider_rows": 10,
        "consumer_rows": 10,
        "provider_digest": "a" * 64,
        "consumer_digest": "a" * 64,
        "provider_looked_at": now,
        "consumer_looked_at": now,
        "batches": 1,
        "chain_digest": "b" * 64,
        "relay_by_provider": "agrees",
        "relay_by_consumer": "agrees",
        "outcome": "equal",
        "knows_changes": True,
        "at": now,
    }
    return Reconciliation.model_validate(values | changes)


def bring(town: Any, by: str, said: Reconciliation, *signers: str) -> Any:
    node = town.nodes[by]
    signed = Signed.sign(KIND, said, *(town.nodes[name].identity for name in signers)).model_dump(mode="json")
    return node.call("POST", f"/api/v1/nodes/{node.name}/reconciliations", [signed])


def test_kept_once_and_shown(town: Any, route: Any) -> None:
    said = result(town, route)
    assert bring(town, "provider", said, "provider", "requester").json() == {"accepted": 1}
    assert bring(town, "requester", said, "provider", "requester").json() == {"accepted": 0}


@pytest.mark.parametrize(
    ("by", "signers", "changes", "code"),
    [
        ("provider", ["provider"], {}, "SIGNATURE_BAD"),
        ("provider", ["requester"], {}, "SIGNATURE_BAD"),
        ("relay", ["provider", "requester"], {}, "NOT_AN_END"),
        ("provider", ["provider", "requester"], {"consumer_node_id": "other"}, "RECONCILIATION_BAD"),
        ("provider", ["provider", "requester"], {"route_id": "r-unknown"}, "ROUTE_UNKNOWN"),
        (
            "provider",
            ["provider", "requester"],
            {"at": datetime.now(UTC) + timedelta(days=1)},
            "RECONCILIATION_BAD",
        ),
    ],
)
def test_refused(town: Any, route: Any, by: str, signers: list[str], changes: dict[str, Any], code: str) -> None:
    assert bring(town, by, result(town, route, **changes), *signers).json()["code"] == code


def test_the_light_on_the_page(town: Any, route: Any) -> None:
    said = result(town, route, consumer_digest="c" * 64, outcome="differs", different=3)
    assert bring(town, "provider", said, "provider", "requester").json() == {"accepted": 1}
    node = town.nodes["provider"]
    status = {"route_id": route["route_id"], "seq": 1, "grant_id": route["grant_id"], "state": "closed"}
    status |= {
        "node_id": node.name,
        "at": datetime.now(UTC).isoformat(),
        "rows": 10,
        "checks_run": 1,
        "checks_passed": 1,
    }
    assert node.call("POST", f"/api/v1/nodes/{node.name}/status", [status]).json() == {"accepted": 1}
    for address in ("/exchange", f"/exchange/{route['route_id']}/1"):
        page = unescape(town.people["operator"].client.get(address, headers={"Accept": "text/html"}).text)
        text = re.sub(r"<[^>]+>", " ", page)
        assert "对账" in text
        assert "不一致" in text
        assert "3 行内容不同" in page
