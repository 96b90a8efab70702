"""A signed call comes to the relay once, also after it has been started anew (T10)."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import create_engine

from exchange.relay import nonces
from exchange.relay.server import create_app
from exchange.settings import RelaySettings
from standards.errors import StandardsError
from standards.http_signature import RequestSigner, sign_request
from tests.sim.serving import served
from tests.sim.town import Town, execute


def _code(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


def test_a_replayed_call_is_refused_after_a_restart_too(town: Town) -> None:
    route = town.route()
    path = f"/relay/v1/routes/{route.route_id}/batches"
    with town.node("renshe") as node:
        headers = sign_request(node.keys.identity, node.node_id, "GET", path, None, datetime.now(UTC))
        again = sign_request(node.keys.identity, node.node_id, "GET", path, None, datetime.now(UTC))
    with httpx.Client(base_url=town.relay_url, trust_env=False) as client:
        assert client.get(path, headers=headers).status_code == 200
        answer = client.get(path, headers=headers)
        assert (answer.status_code, _code(answer)) == (401, "REQUEST_REPLAYED")
    settings = RelaySettings.read(town.relay_home / "relay.toml")
    with served(create_app(settings)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert _code(client.get(path, headers=headers)) == "REQUEST_REPLAYED"
        assert client.get(path, headers=again).status_code == 200  # signed anew it is another call


def test_a_call_that_does_not_hold_uses_up_nothing(town: Town) -> None:
    route = town.route()
    path = f"/relay/v1/routes/{route.route_id}/batches"
    with town.node("renshe") as node, httpx.Client(base_url=town.relay_url, trust_env=False) as client:
        headers = sign_request(node.keys.identity, node.node_id, "GET", path, None, datetime.now(UTC))
        assert _code(client.get(f"{path}?after=1", headers=headers)) == "SIGNATURE_INVALID"
        assert client.get(path, headers=headers).status_code == 200


def test_nonces_are_kept_while_they_could_be_used(town: Town) -> None:
    now = datetime.now(UTC)
    engine = create_engine(town.relay_database)
    for nonce, age in (("young", 9), ("old", 11)):
        nonces.require_first(engine, RequestSigner("gongan", nonce, now - timedelta(minutes=age)))
    assert nonces.sweep(engine, now) == 1
    with pytest.raises(StandardsError, match="REQUEST_REPLAYED"):
        nonces.require_first(engine, RequestSigner("gongan", "young", now))
    nonces.require_first(engine, RequestSigner("renshe", "young", now))  # another node's is another
    assert ("young",) in execute(town.relay_database, "SELECT nonce FROM nonce WHERE node_id = 'renshe'")
    engine.dispose()
