"""Several entries asked for at once: one form, one case number, all or none; comments and attachments of a request."""

from html import unescape
from typing import Any

import pytest

from tests.directory.access.conftest import Town, conditional_sharing


@pytest.fixture(scope="module")
def other(town: Town) -> str:
    return town.publish("居住证信息", conditional_sharing())


def refused(answer: Any, status: int, code: str) -> bool:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return True


def case(town: Town, *entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    common = {key: value for key, value in town.asks("x").items() if key not in ("resource", "items")}
    return common | {"entries": list(entries)} | changes


def test_a_cart_becomes_one_draft_an_entry_under_one_number(town: Town, resource: str, other: str) -> None:
    clerk = town.people["clerk"].client
    for ref in (resource, other, resource):
        assert clerk.put(f"/api/v1/cart/{ref}").status_code == 200
    held = clerk.get("/api/v1/cart").json()
    assert [each["resource_id"] for each in held] == [resource, other]
    assert held[0]["items"] == ["sfzhm", "xm", "xzqhdm", "djrq"]
    assert town.people["second_clerk"].client.get("/api/v1/cart").json() == []
    assert refused(town.people["own_lead"].client.put(f"/api/v1/cart/{other}"), 403, "FORBIDDEN")

    bad = case(town, {"resource": resource, "items": ["sfzhm"]}, {"resource": other, "items": ["mi_mi"]})
    answer = clerk.post("/api/v1/cases", json=bad)
    assert refused(answer, 409, "CART_REFUSED")
    assert [(each["path"], each["rule"]) for each in answer.json()["findings"]] == [("entries[1]", "ITEM_UNKNOWN")]
    assert clerk.get("/api/v1/requests?mine=true").json()["total"] == 0

    rows = {"template": "region", "field": "xzqhdm", "prefixes": ["9901"]}
    good = case(
        town,
        {"resource": resource, "items": ["sfzhm", "xzqhdm"], "row_filter": rows},
        {"resource": other, "items": ["sfzhm"]},
    )
    made = clerk.post("/api/v1/cases", json=good)
    assert made.status_code == 201, made.text
    number = made.json()["case_no"]
    assert [each["state"] for each in made.json()["requests"]] == ["draft", "draft"]
    found = clerk.get(f"/api/v1/requests?case={number}").json()["items"]
    assert {each["id"] for each in found} == {each["id"] for each in made.json()["requests"]}
    assert {each["case_no"] for each in found} == {number}
    assert clerk.get("/api/v1/cart").json() == []
    assert clerk.get("/api/v1/requests?case=none").json()["total"] == 0


def test_what_cannot_be_chosen_and_what_is_taken_out(town: Town, other: str) -> None:
    clerk = town.people["second_clerk"].client
    closed = town.publish("在侦案件", conditional_sharing(share_type="none"))
    assert refused(clerk.put(f"/api/v1/cart/{closed}"), 409, "NOT_SHARED")
    assert refused(clerk.put("/api/v1/cart/none~such"), 404, "RESOURCE_NOT_FOUND")
    clerk.put(f"/api/v1/cart/{other}")
    assert clerk.delete(f"/api/v1/cart/{other}").json() == []
    assert refused(clerk.post("/api/v1/cases", json=case(town)), 422, "INPUT_MALFORMED")


def test_on_the_page_nothing_typed_is_lost(town: Town, resource: str, other: str) -> None:
    clerk = town.city.browser(town.people["second_clerk"].actor.username)
    assert "申请车是空的" in unescape(clerk.get("/cart").text)
    for ref in (resource, other):
        entry = f"/resources/{ref}"
        assert "放入申请车" in unescape(clerk.get(entry).text)
        assert clerk.send(entry, "/cart/add", resource=ref, back=entry).headers["location"] == "/cart"
    typed = {
        "items": [f"{resource}|sfzhm", f"{resource}|xm"],
        "basis": "《社会保险法》第七十四条",
        "scenario": "待遇核验",
        "scope": "待遇处 3 人",
        "valid_until": "明年",
    }
    looking = clerk.send("/cart", "/cart", **typed, do="look", back=f"/resources/{other}")
    assert looking.headers["location"] == f"/resources/{other}"
    assert clerk.send("/cart", "/cart", **typed, do="look", back="//evil.example").headers["location"] == "/resources"
    again = unescape(clerk.get("/cart").text)
    assert "待遇处 3 人" in again
    assert f'value="{resource}|xm" checked' in again
    wrong = clerk.send("/cart", "/cart", **typed)
    assert wrong.status_code == 422
    for sentence in ("请填写使用时限", "请阅读并勾选承诺", "居住证信息：请至少选一个数据项"):
        assert sentence in unescape(wrong.text)
    assert "待遇处 3 人" in unescape(wrong.text)
    good = typed | {"valid_until": town.asks("x")["valid_until"], "statement": "yes"}
    unknown = clerk.send("/cart", "/cart", **good | {"items": [*typed["items"], f"{other}|mi_mi"]})
    assert unknown.status_code == 409
    assert "没有数据项：mi_mi" in unescape(unknown.text)
    removed = clerk.send("/cart", "/cart", **good, remove=other)
    assert "居住证信息" not in unescape(removed.text)
    assert "待遇处 3 人" in unescape(removed.text)
    made = clerk.send("/cart", "/cart", **good)
    assert made.status_code == 303, made.text
    listed = unescape(clerk.get(made.headers["location"]).text)
    assert "案号" in listed
    assert "户籍人口基本信息" in listed
    assert "待遇处 3 人" not in unescape(clerk.get("/cart").text)
