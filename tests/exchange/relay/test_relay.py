"""The relay's protocol: signed calls, the two ends only, in order, written once; and nothing readable in it."""

import base64
import contextlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psycopg2
import pytest

from exchange.department import libpq_url
from exchange.keys.keystore import AnyDecryptionKey
from exchange.node import Node
from metadata.exchange import RECEIPT, Manifest, Receipt
from metadata.signed import Signed
from standards.crypto import DecryptionKey, SigningKey, digest, digest_hex
from standards.http_signature import sign_request
from tests.sim.town import Route, Town


@pytest.fixture
def client(town: Town) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=town.relay_url, trust_env=False) as opened:
        yield opened


def _call(
    client: httpx.Client,
    node: Node,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    key: SigningKey | None = None,
    now: datetime | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    signed = sign_request(
        key or node.keys.identity, node.node_id, method, path, digest(body) if body else None, now or datetime.now(UTC)
    )
    return client.request(method, path, content=body or None, headers=signed | (headers or {}))


def _code(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    assert problem["next_step"]
    return str(problem["code"])


def test_unsigned_stale_and_altered_calls_are_refused(town: Town, client: httpx.Client) -> None:
    route = town.route()
    path = f"/relay/v1/routes/{route.route_id}/batches"
    with town.node("renshe") as node:
        assert _code(client.get(path)) == "REQUEST_UNSIGNED"
        assert _code(_call(client, node, "GET", path, key=SigningKey.generate())) == "SIGNATURE_INVALID"
        old = datetime.now(UTC) - timedelta(seconds=301)
        assert _code(_call(client, node, "GET", path, now=old)) == "CLOCK_SKEW"
        signed = sign_request(node.keys.identity, node.node_id, "GET", path, None, datetime.now(UTC))
        assert _code(client.get(f"{path}?after=1", headers=signed)) == "SIGNATURE_INVALID"
        assert client.get(path, headers=signed).status_code == 200


def test_only_the_two_ends_see_a_route(own_town: Town) -> None:
    route = own_town.route()
    seq = route.send()
    stranger = SigningKey.generate()
    with own_town.node("renshe") as node, httpx.Client(base_url=own_town.relay_url, trust_env=False) as client:
        own_town.directory.nodes["third"] = own_town.directory.nodes["renshe"].model_copy(
            update={"node_id": "third", "name": "third", "identity_public": stranger.verifying.public.hex()}
        )
        own_town.directory.say("node", Signed.sign("node/1", own_town.directory.nodes["third"], own_town.directory.key))
        name = route.objects(seq)[0].name
        for path in ("batches", "receipts?seq=1", f"objects/{name}"):
            target = f"/relay/v1/routes/{route.route_id}/{path}"
            headers = sign_request(stranger, "third", "GET", target, None, datetime.now(UTC))
            assert _code(client.get(target, headers=headers)) == "NOT_AN_END"
            assert _call(client, node, "GET", target).status_code == 200
        unknown = "/relay/v1/routes/r-000000000000000000000000/batches"
        assert _code(_call(client, node, "GET", unknown)) == "ROUTE_UNKNOWN"


def test_a_revoked_node_is_refused_within_a_follow(own_town: Town) -> None:
    route = own_town.route()
    route.send()
    own_town.directory.revoke("renshe")
    another = own_town.route(is_countersigned=False)  # makes the relay ask: it knows no such route
    with own_town.node("gongan") as node, httpx.Client(base_url=own_town.relay_url, trust_env=False) as client:
        _call(client, node, "GET", f"/relay/v1/routes/{another.route_id}/batches")
    with own_town.node("renshe") as node, httpx.Client(base_url=own_town.relay_url, trust_env=False) as client:
        assert _code(_call(client, node, "GET", f"/relay/v1/routes/{route.route_id}/batches")) == "SIGNER_UNKNOWN"


def test_objects_are_written_whole_once_and_only_as_named(town: Town, client: httpx.Client) -> None:
    route = town.route()
    route.send()
    content = b"not a batch, but bytes" * 100
    path = f"/relay/v1/objects/{digest_hex(content)}"
    with town.node("gongan") as node:
        assert _call(client, node, "HEAD", path).status_code == 404
        assert _call(client, node, "PUT", path, content).status_code == 201
        assert _call(client, node, "PUT", path, content).status_code == 201
        assert _call(client, node, "HEAD", path).status_code == 200
        wrong = f"/relay/v1/objects/{digest_hex(b'other')}"
        signed = sign_request(node.keys.identity, node.node_id, "PUT", wrong, digest(b"other"), datetime.now(UTC))
        assert _code(client.put(wrong, content=content, headers=signed)) == "OBJECT_DIFFERS"
        assert _call(client, node, "HEAD", wrong).status_code == 404
        assert _code(_call(client, node, "PUT", "/relay/v1/objects/..%2Fetc%2Fpasswd", content)) == "CALL_UNKNOWN"
        assert _code(_call(client, node, "PUT", "/relay/v1/objects/" + "A" * 64, content)) == "BODY_MALFORMED"
        assert not list((town.relay_home / "store" / "incoming").iterdir())
    with town.node("renshe") as node:
        assert _code(_call(client, node, "PUT", path, content)) == "NOT_AN_END"
        unannounced = f"/relay/v1/routes/{route.route_id}/objects/{digest_hex(content)}"
        assert _code(_call(client, node, "GET", unannounced)) == "OBJECT_UNKNOWN"


def test_a_range_is_served_exactly(town: Town, client: httpx.Client) -> None:
    route = town.route()
    seq = route.send()
    whole = route.objects(seq)[0].read_bytes()
    path = f"/relay/v1/routes/{route.route_id}/objects/{route.objects(seq)[0].name}"
    with town.node("renshe") as node:
        for asked, part in (("bytes=0-0", whole[:1]), ("bytes=10-19", whole[10:20]), ("bytes=5-", whole[5:])):
            answer = _call(client, node, "GET", path, headers={"Range": asked})
            assert (answer.status_code, answer.content) == (206, part)
        for asked in (f"bytes={len(whole)}-", "bytes=5-4", "bytes=-5", "rows=1-2"):
            assert _code(_call(client, node, "GET", path, headers={"Range": asked})) == "RANGE_BAD"


def _announce(client: httpx.Client, route: Route, manifest: Manifest, key: SigningKey | None = None) -> httpx.Response:
    with route.town.node("gongan") as node:
        body = Signed.sign("manifest/1", manifest, key or node.keys.identity).to_bytes()
        return _call(client, node, "POST", f"/relay/v1/routes/{route.route_id}/batches", body)


def test_announcements_come_in_order_and_stay(town: Town, client: httpx.Client) -> None:
    route, other = town.route(), town.route()
    seq = route.send()
    other.send()
    said = Manifest.from_bytes(Signed.from_bytes(route.batch("gongan", seq).manifest).payload_bytes())
    again = _announce(client, route, said)
    assert again.status_code == 200
    assert Signed.from_bytes(again.content) == Signed.from_bytes(_announce(client, route, said).content)

    def changed(**changes: object) -> Manifest:
        return said.model_copy(update=changes)

    late = _announce(client, route, changed(seq=3, digest="0" * 64))
    assert (late.status_code, _code(late)) == (409, "EXPECTED_SEQ")
    assert "2" in late.json()["detail"]
    assert _code(_announce(client, route, changed(seq=2, digest="0" * 64))) == "OUT_OF_ORDER"
    following = {"seq": 2, "previous_digest": said.digest}
    assert _code(_announce(client, route, changed(**following))) == "REPLAYED"
    lost = (said.segments[0].model_copy(update={"digest": "1" * 64}),)
    assert _code(_announce(client, route, changed(digest="2" * 64, segments=lost, **following))) == "SEGMENT_MISSING"
    assert _code(_announce(client, route, changed(grant_id=other.grant.grant_id, digest="3" * 64, **following))) == (
        "GRANT_OTHER_ROUTE"
    )
    assert _code(_announce(client, route, changed(route_id=other.route_id))) == "MANIFEST_BAD"
    assert _code(_announce(client, route, said, SigningKey.generate())) == "SIGNATURE_BAD"
    with town.node("renshe") as node:
        body = Signed.sign("manifest/1", said, node.keys.identity).to_bytes()
        assert _code(_call(client, node, "POST", f"/relay/v1/routes/{route.route_id}/batches", body)) == "NOT_AN_END"
    assert _code(_announce(client, route, changed(digest="0" * 64))) == "SEQ_FORK"
    assert _code(_announce(client, route, changed(digest="4" * 64, **following))) == "SEQ_FORK"  # neither twin goes on


def test_receipts_are_the_consumers_alone(town: Town, client: httpx.Client) -> None:
    route = town.route()
    seq = route.exchange()
    path = f"/relay/v1/routes/{route.route_id}/receipts"
    with town.node("gongan") as node:
        found = _call(client, node, "GET", f"{path}?seq={seq}").json()["receipts"]
        assert len(found) == 3
        applied = Signed.model_validate(found[0])
        assert _code(_call(client, node, "PUT", path, applied.to_bytes())) == "RECEIPT_NOT_YOURS"
    with town.node("renshe") as node:
        assert _call(client, node, "PUT", path, applied.to_bytes()).status_code == 204
        assert _code(_call(client, node, "PUT", path, b"{}")) == "RECORD_UNREADABLE"
        said = Receipt.from_bytes(applied.payload_bytes())
        for changes in ({"contents_digest": "0" * 64}, {"sealed": ()}):  # another word, or none that can be opened
            other = Signed.sign(RECEIPT, said.model_copy(update=changes), node.keys.identity)
            assert _call(client, node, "PUT", path, other.to_bytes()).status_code == 204
            assert _call(client, node, "GET", f"{path}?seq={seq}").json()["receipts"] == found
        assert _code(_call(client, node, "PUT", path, b"x" * (25 * 1024 * 1024))) == "BODY_TOO_LARGE"


def _dump(town: Town) -> bytes:
    """Every table of the relay's database, as text and as raw bytes."""
    everything = io.BytesIO()
    connection = psycopg2.connect(libpq_url(town.relay_database))
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in cursor.fetchall():
            for form in ("text", "binary"):
                cursor.copy_expert(f"COPY {name} TO STDOUT (FORMAT {form})", everything)
    return everything.getvalue()


def test_nothing_readable_in_files_or_tables(town: Town) -> None:
    canaries = ["金丝雀一号", "99000000000000777X", "777777.77"]
    route = town.route([(canaries[1], canaries[0], "990000", canaries[2], "2026-02-02T00:00:00Z")])
    seq = route.exchange()
    held = b"".join(path.read_bytes() for path in town.relay_home.rglob("*") if path.is_file())
    dump = _dump(town)
    assert route.objects(seq)[0].read_bytes() in held
    assert route.route_id.encode() in dump
    for canary in canaries:
        for encoding in ("utf-8", "gb18030", "utf-16-le"):
            spelled = canary.encode(encoding)
            for form in (spelled, spelled.hex().encode(), base64.b64encode(spelled).rstrip(b"=")[:-1]):
                assert form not in held
                assert form not in dump
    with town.node("renshe") as node:
        assert not any(_secret(key) in held for key in node.keys.decryption.values())


def test_health(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def _secret(key: AnyDecryptionKey) -> bytes:
    return key.private.private_bytes_raw() if isinstance(key, DecryptionKey) else key.private
