"""Bodies and headers no client of ours would send: very deep, very large, of no encoding, signed by a node."""

from typing import Any

import pytest

LARGE = 5 * 1024 * 1024
BODIES = {
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a deep title": b'{"title":' + b"[" * 900 + b"]" * 900 + b"}",
    "a large text": b'{"title":"' + b"x" * LARGE + b'"}',
    "many keys": b"{" + b",".join(b'"k%d":0' % number for number in range(5_000)) + b"}",
    "a huge number": b'{"title":' + b"9" * 5000 + b"}",
    "no number": b'{"title":NaN,"code":Infinity,"name":-1e999}',
    "half a pair": b'{"title":"\\ud800","name":"\\udfff","username":"\\ud800","password":"\\ud800","code":"\\ud800"}',
    "NUL": b'{"title":"\\u0000","username":"\\u0000","password":"\\u0000","code":"\\u0000","name":"\\u0000"}',
    "not UTF-8": b'{"title":"\xff\xfe"}',
    "UTF-16": '{"title":"目录"}'.encode("utf-16"),
    "a key twice": b'{"username":"a","username":"b","password":"c"}',
    "nothing": b"",
    "null": b"null",
    "a text": b'"x"',
}
VERSIONS = ('"1', "*", '"1","2"', 'W/"1"', '"-1"', '"' + "9" * 17 + '"', '"²"', "", '""', "9" * 5000, '"1" ', "\xff")


@pytest.mark.parametrize("body", BODIES)
def test_bodies(scene: Any, body: str) -> None:
    """Every operation that takes JSON, as the editor, the office and the administrator by turns."""
    people = [scene.people[name] for name in ("editor", "office", "administrator")]
    number = 0
    for path, operations in scene.app.openapi()["paths"].items():
        for method, operation in operations.items():
            if "application/json" not in operation.get("requestBody", {}).get("content", {}):
                continue
            number += 1
            headers = {"content-type": "application/json", "if-match": '"1"'}
            address, client = scene.filled(path), people[number % 3]
            answer = client.request(method, address, content=BODIES[body], headers=headers)
            scene.judge(answer, (method, path, body))
            assert answer.status_code >= 400, (method, path, body, answer.text[:200])


@pytest.mark.parametrize("version", VERSIONS)
def test_preconditions(scene: Any, version: str) -> None:
    path = scene.filled("/api/v1/resources/{ref}")
    record = scene.people["editor"].get(path).json()["record"]
    headers = [("if-match", version.encode("latin-1"))]
    for client in (scene.people["editor"], scene.people["office"]):
        answer = client.put(path, json=record, headers=headers)
        scene.judge(answer, version)
        again = client.post(f"{path}/restore", json={"version": 1}, headers=headers * 2)
        scene.judge(again, version)


@pytest.mark.parametrize("body", BODIES)
def test_bodies_signed_by_a_node(scene: Any, body: str) -> None:
    for what in ("receipts", "status", "audit", "probes", "proposals"):
        path = f"/api/v1/nodes/{scene.node.name}/{what}"
        for content in (BODIES[body], b"[" + BODIES[body] + b"]"):
            answer = scene.node.call("POST", path, content)
            scene.judge(answer, (path, body))
            if content != b"[]":  # an empty report is a report
                assert answer.status_code in {400, 401, 413, 422}, (path, body, answer.text[:200])


def test_very_many_keys_are_refused_before_they_are_told_one_by_one(scene: Any) -> None:
    """200,000 of them, at the top and within; a refusal that names each would be megabytes, and seconds."""
    many = b",".join(b'"k%d":0' % number for number in range(200_000))
    for content in (b"{%b}" % many, b'{"title":"a","provider":{%b}}' % many, b'{"items":[[{%b}]]}' % many):
        answer = scene.people["editor"].post(
            "/api/v1/resources", content=content, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "BODY_KEYS_MANY")
        assert len(answer.content) < 1000


def test_odd_headers(scene: Any) -> None:
    """Credentials and types that are none; nobody is let in."""
    for value in (b"Bearer \xff", b"Bearer a b", b"Bearer " + b"x" * 20_000, b"Basic Og==", b"bearer", b"\xff\xfe"):
        answer = scene.people["nobody"].get("/api/v1/me", headers=[("authorization", value)])
        scene.judge(answer, value[:40])
        assert answer.status_code == 401
    for name in ("accept", "content-type", "cookie", "x-csrf-token", "origin", "host", "accept-language"):
        for value in (b"\xff\xfe", b"http://[", b"a" * 20_000, b"hutong_session=\xff; =; ;;", b";charset=\x80"):
            for path in ("/login", "/api/v1/me", scene.filled("/id/{prefix}/{suffix}")):
                scene.judge(scene.people["editor"].get(path, headers=[(name, value)]), (path, name, value[:40]))
            answer = scene.people["nobody"].post("/api/v1/session", content=b"{}", headers=[(name, value)])
            scene.judge(answer, (name, value[:40]))
