"""The relay follows the feed on and on, whatever the directory says."""

import logging
from datetime import UTC, datetime

import httpx
import pytest

from standards.crypto import SigningKey
from standards.http_signature import sign_request
from tests.sim.town import Town


def test_what_its_database_refuses_does_not_end_it(own_town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """An order to the relay, which an honest directory does not give: there is no room for it."""
    route = own_town.route()
    seq = route.exchange()
    own_town.directory.order("relay", "sync")
    path = f"/relay/v1/routes/{route.route_id}/batches"
    headers = sign_request(SigningKey.generate(), "nobody", "GET", path, None, datetime.now(UTC))
    with caplog.at_level(logging.WARNING, "hutong.relay"), httpx.Client(trust_env=False) as client:
        assert client.get(own_town.relay_url + path, headers=headers).status_code == 401
    assert "CheckViolation" in caplog.text
    assert "payload" not in caplog.text
    with own_town.node("renshe") as node:
        assert [item.manifest is not None for item in node.relay.batches(route.route_id, seq - 1)] == [True]
