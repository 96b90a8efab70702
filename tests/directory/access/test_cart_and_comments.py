"""Several entries asked for at once: one form, one case number, all or none; comments and attachments of a request."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from directory.access.cart_models import CartForm
from directory.access.pages_cart import Typed, _keep
from directory.limits import LIMITS
from tests.directory.access.conftest import TO_ENDORSED, TO_SUBMITTED, Town, conditional_sharing, refused


@pytest.fixture(scope="module")
def other(town: Town) -> str:
    return town.publish("居住证信息", conditional_sharing())


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
    endless = case(town, {"resource": other, "items": ["x" * 100_001]})
    assert refused(clerk.post("/api/v1/cases", json=endless), 422, "INPUT_MALFORMED")


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


def test_two_pages_that_keep_what_was_typed_for_the_first_time_wait_for_each_other(town: Town) -> None:
    actor, sessions = town.people["own_lead"].actor, town.city.app.state.sessions

    def keep(scope: str) -> None:
        with sessions.begin() as session:
            _keep(session, actor, Typed(scope=scope))

    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as first:
            _keep(first, actor, Typed(scope="先写的"))
            second = pool.submit(keep, "后写的")
            with pytest.raises(TimeoutError):
                second.result(timeout=0.2)
        second.result()
    with sessions() as session:
        assert session.get_one(CartForm, actor.account_id).typed["scope"] == "后写的"


PDF = b"%PDF-1.7\n<script>alert(1)</script>"


def attach(town: Town, who: str, request_id: str, name: str = "授权书.pdf", data: bytes = PDF) -> Any:
    address = f"/api/v1/requests/{request_id}/files"
    return town.people[who].client.post(address, files={"file": (name, data, "text/html")})


def say(town: Town, who: str, request_id: str, words: str) -> Any:
    return town.people[who].client.post(f"/api/v1/requests/{request_id}/comments", json={"words": words})


def heard(town: Town, who: str, request_id: str) -> list[str]:
    answer = town.people[who].client.get(f"/api/v1/requests/{request_id}/comments")
    return [each["words"] for each in answer.json()["comments"]]


def test_comments_are_seen_by_the_parties_and_drafts_talk_stays_inside(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ENDORSED)
    assert say(town, "own_lead", request_id, "只要市本级的").status_code == 201
    assert refused(say(town, "lead", request_id, "偷看"), 404, "REQUEST_NOT_FOUND")
    assert town.act("clerk", request_id, "submitted").status_code == 200
    assert say(town, "lead", request_id, "用到哪个系统？").status_code == 201
    assert say(town, "clerk", request_id, "待遇核发系统").status_code == 201
    assert heard(town, "clerk", request_id) == ["只要市本级的", "用到哪个系统？", "待遇核发系统"]
    for who in ("lead", "reviewer", "auditor"):
        assert heard(town, who, request_id) == ["用到哪个系统？", "待遇核发系统"], who
    assert refused(say(town, "auditor", request_id, "旁听"), 403, "FORBIDDEN")
    assert refused(say(town, "outside_lead", request_id, "路过"), 404, "REQUEST_NOT_FOUND")
    for nothing in ("  ", "\u200b\u200b"):
        assert refused(say(town, "clerk", request_id, nothing), 409, "COMMENT_REQUIRED")
    assert say(town, "clerk", request_id, "字" * 2001).status_code == 422
    shown = town.people["clerk"].client.get(f"/api/v1/requests/{request_id}").json()
    assert (shown["state"], shown["stage"]) == ("submitted", "acceptance")


def test_papers_are_of_few_kinds_bounded_and_only_ever_saved(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    for name, data, status, code in (
        ("a.html", PDF, 422, "PAPER_KIND"),
        ("a.pdf", b"<html>", 422, "PAPER_KIND"),
        ("a.pdf", b"", 422, "PAPER_EMPTY"),
        ("a.svg", b"<svg/>", 422, "PAPER_KIND"),
        ("a.pdf", b"%PDF-" + bytes(LIMITS.paper_bytes), 413, "PAPER_LARGE"),
    ):
        assert refused(attach(town, "clerk", request_id, name, data), status, code)
    kept = attach(town, "clerk", request_id, "C:\\文件\\授权书.pdf")
    assert (kept.status_code, kept.json()["name"]) == (201, "授权书.pdf"), kept.text
    address = f"/api/v1/requests/{request_id}/files/{kept.json()['id']}"
    lead = town.people["lead"]
    for path, reader in ((address, lead.client), (address[7:], town.city.browser(lead.actor.username))):
        answer = reader.get(path)
        assert answer.content == PDF
        assert answer.headers["content-type"] == "application/octet-stream", path
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E6%8E%88")
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert refused(town.people["outside_lead"].client.get(address), 404, "REQUEST_NOT_FOUND")
    other = town.bring_to(resource, *TO_SUBMITTED)
    strange = address.replace(request_id, other)
    assert refused(town.people["lead"].client.get(strange), 404, "PAPER_NOT_FOUND")
    for _ in range(LIMITS.paper_count - 1):
        assert attach(town, "lead", request_id).status_code == 201
    assert refused(attach(town, "lead", request_id), 409, "COMMENTS_FULL")
    with town.city.app.state.sessions() as session:
        for statement in ("UPDATE request_comment SET words = words", "DELETE FROM request_file"):
            with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
                session.execute(text(statement))


def test_on_the_page_words_stay_when_the_paper_is_refused(town: Town, resource: str) -> None:
    page = f"/requests/{town.bring_to(resource, *TO_SUBMITTED)}"
    clerk = town.city.browser(town.people["clerk"].actor.username)
    address = f"{page}/comments"

    def send(words: str, name: str) -> Any:
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', clerk.get(page).text)
        assert found
        sent = {"csrf_token": found[1], "words": words}
        return clerk.client.post(address, data=sent, files={"file": (name, PDF)}, headers={"accept": "text/html"})

    bad = send("见附件<b>", "a.html")
    assert bad.status_code == 422
    assert "附件只收" in unescape(bad.text)
    assert "见附件&lt;b&gt;</textarea>" in bad.text
    assert send("见附件", "a.pdf").status_code == 303
    assert clerk.send(page, address, words="").status_code == 409
    shown = unescape(clerk.get(page).text)
    assert "见附件" in shown
    assert "a.pdf</a>" in shown


def test_a_long_comment_comes_back_though_its_form_has_a_place_for_a_file(town: Town, resource: str) -> None:
    page = f"/requests/{town.bring_to(resource, *TO_SUBMITTED)}"
    account = town.people["clerk"].actor.account_id
    clerk = town.city.browser(town.people["clerk"].actor.username)
    token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', clerk.get(page).text)
    assert token

    def sent(words: str) -> Any:
        parts = ((f'name="{name}"', value) for name, value in (("csrf_token", token[1]), ("words", words)))
        body = [f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n" for head, value in parts]
        body.append('--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--b--\r\n')
        headers = {"accept": "text/html", "content-type": "multipart/form-data; boundary=b"}
        return clerk.client.post(f"{page}/comments", content="".join(body).encode(), headers=headers)

    long = sent("字" * 2001)
    assert (long.status_code, "最长 2000 个字" in unescape(long.text)) == (422, True), long.text
    assert "字" * 2001 in long.text
    with town.city.app.state.sessions.begin() as session:
        session.execute(text("DELETE FROM login_session WHERE account_id = :id AND kind = 'browser'"), {"id": account})
    ended = sent("写到一半")
    assert (ended.status_code, "写到一半" in ended.text) == (401, True), ended.text
