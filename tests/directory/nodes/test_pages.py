"""The pages of the nodes: fingerprints compared by ear, a node let in and trusted no more, and who sees what."""

import re
from html import unescape
from typing import Any

import pytest

from directory.roles import Role
from metadata.keys import grouped


@pytest.fixture(scope="module")
def gongan(new_node: Any) -> Any:
    return new_node("gongan", is_confirmed=False)


@pytest.fixture(scope="module")
def admin(city: Any, administrator: Any) -> Any:
    return city.browser(administrator.actor.username)


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(answer.text)))


def test_a_fingerprint_is_compared_by_what_was_heard(gongan: Any, admin: Any, administrator: Any) -> None:
    address, fingerprint = "/exchange/nodes/gongan", gongan.identity.key_id
    assert "指纹待核对" in text_of(admin.get("/exchange/nodes"))
    assert grouped(fingerprint) in text_of(admin.get(address))
    other = admin.send(address, f"{address}/confirmation", heard="0" * 32)
    assert (other.status_code, "FINGERPRINT_OTHER" in other.text) == (409, True)
    assert "还没有人核对" in text_of(admin.get(address))
    heard = admin.send(address, f"{address}/confirmation", heard=f" {grouped(fingerprint).upper()} ")
    assert (heard.status_code, heard.headers["location"]) == (303, address)
    assert f"已核对 {administrator.actor.display_name}" in text_of(admin.get(address))
    again = administrator.client.post("/api/v1/nodes/gongan/confirmation", json={"fingerprint": fingerprint})
    assert again.status_code == 200


def test_a_permission_shows_its_token_once_in_the_command(admin: Any, city: Any, stranger: Any) -> None:
    node = stranger("ziran")
    refused = admin.send("/exchange/nodes", "/exchange/nodes", org_code=node.org_code, name="Z!", kind="node")
    assert (refused.status_code, "NODE_NAME_BAD" in refused.text) == (422, True)
    answer = admin.send("/exchange/nodes", "/exchange/nodes", org_code=node.org_code, name="ziran", kind="node")
    found = re.search(
        r"HUTONG_NODE_TOKEN=(\S+) hutong node init ziran --directory \S+ --fingerprint (\w{32})", answer.text
    )
    assert found
    assert city.app.state.directory_key.key_id == found[2]
    waiting = admin.get("/exchange/nodes")
    assert ("节点 ziran，" in text_of(waiting), found[1] in waiting.text) == (True, False)
    assert node.enrol(found[1]).status_code == 201
    assert "节点 ziran，" not in text_of(admin.get("/exchange/nodes"))


def test_a_node_is_revoked_by_its_typed_name_and_a_reason(new_node: Any, admin: Any) -> None:
    node, address = new_node("tongji"), "/exchange/nodes/tongji"
    for fields, code in (
        ({"name": "gongan", "comment": "密钥泄露"}, "NODE_NAME_OTHER"),
        ({"name": "tongji", "comment": " "}, "COMMENT_REQUIRED"),
    ):
        refused = admin.send(address, f"{address}/revocation", **fields)
        assert code in refused.text
    assert node.call("GET", "/api/v1/feed?after=0").status_code == 200
    assert admin.send(address, f"{address}/revocation", name="tongji", comment="密钥泄露").status_code == 303
    assert "已注销，不再受信任" in text_of(admin.get(address))
    assert node.call("GET", "/api/v1/feed?after=0").json()["code"] == "NODE_REVOKED"
    late = admin.send("/exchange/nodes", f"{address}/confirmation", heard=node.identity.key_id)
    assert "NODE_REVOKED" in late.text


def test_everybody_compares_fingerprints_and_only_the_administrator_decides(city: Any, gongan: Any, admin: Any) -> None:
    gongan.call("GET", "/api/v1/feed?after=0")
    outsider = city.browser(city.person(city.organisation(), Role.REQUESTER).actor.username)
    page = outsider.get("/exchange/nodes/gongan")
    assert grouped(gongan.identity.key_id) in text_of(page)
    assert ("注销这个节点" in page.text, "本部门和信息办可见" in page.text) == (False, True)
    assert "发注册码" not in outsider.get("/exchange/nodes").text
    for address in ("/exchange/nodes/gongan/revocation", "/exchange/nodes/gongan/confirmation", "/exchange/nodes"):
        refused = outsider.send("/requests", address, name="gongan", comment="x", heard=gongan.identity.key_id)
        assert refused.status_code == 403, address
    assert "本部门和信息办可见" not in admin.get("/exchange/nodes/gongan").text
    assert admin.get("/exchange/nodes/nobody").status_code == 404
