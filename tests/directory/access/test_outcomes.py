"""What becomes of a request besides a plain yes: a part of it, disputes, pauses, ends, renewals, standing consent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import text

from directory.resources.edit import edit
from directory.resources.queries import current_record, find
from tests.directory.access.conftest import (
    CERTIFICATE,
    REASON,
    TO_ACCEPTED,
    TO_SUBMITTED,
    TODAY,
    Town,
    conditional_sharing,
    granted,
    refused,
    second_approver,
    shown,
    waits,
)


@pytest.fixture(scope="module")
def open_resource(town: Town) -> str:
    """An entry shared unconditionally."""
    return town.publish("公共厕所位置", conditional_sharing(share_type="unconditional", conditions="", scope=""))


def refuse(*items: str, reason: str = REASON) -> list[dict[str, str]]:
    return [{"item": item, "reason": reason} for item in items]


def test_some_items_are_agreed_to_and_the_grant_holds_only_those(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    everything = refuse("sfzhm", "xm", "xzqhdm", "djrq")
    assert refused(town.act("lead", request_id, "agreed", refused_items=everything), 409, "ITEMS_ALL_REFUSED")
    assert refused(town.act("lead", request_id, "agreed", refused_items=refuse("mi_mi")), 409, "ITEM_NOT_ASKED")
    assert refused(town.act("lead", request_id, "agreed", refused_items=refuse("xm", "xm")), 409, "ITEM_TWICE")
    unfounded = refuse("xm", reason="不想给")
    assert refused(town.act("lead", request_id, "agreed", refused_items=unfounded), 409, "REFUSAL_REASON")
    assert refused(
        town.act("lead", request_id, "refused", reason=REASON, refused_items=refuse("xm")), 422, "SAID_TOO_MUCH"
    )
    agreed = town.act("lead", request_id, "agreed", refused_items=refuse("xm", "djrq"))
    assert agreed.status_code == 200, agreed.text
    seen = shown(town, request_id)
    assert [each["item"] for each in seen["refused_items"]] == ["xm", "djrq"]
    assert {each["reason"] for each in seen["refused_items"]} == {REASON}
    assert seen["record"]["items"] == ["sfzhm", "xm", "xzqhdm", "djrq"]  # what was asked for stays as it was asked
    grant = granted(town, seen["grant_id"])
    assert [item.field for item in grant.items] == [column.field for column in grant.columns] == ["sfzhm", "xzqhdm"]


def test_a_reason_has_no_place_in_an_agreement(town: Town, resource: str) -> None:
    """By program, in a list and on the page: what would be passed over is refused instead, and nothing is done."""
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    answer = town.act("lead", request_id, "agreed", reason=REASON)
    assert refused(answer, 422, "SAID_TOO_MUCH")
    assert "“同意”这一步不带 理由（reason）" in answer.json()["detail"]
    assert refused(town.act("lead", request_id, "agreed", days=5), 422, "SAID_TOO_MUCH")
    many = {"to": "agreed", "ids": [request_id], "reason": REASON}
    told = town.people["lead"].client.post("/api/v1/requests/transitions", json=many).json()
    assert [each["code"] for each in told["requests"]] == ["SAID_TOO_MUCH"]
    lead, at = town.city.browser(town.people["lead"].actor.username), f"/requests/{request_id}"
    page = lead.send(at, at, to="agreed", comment="同意", reason=REASON)
    assert page.status_code == 422
    assert "这一步不带 理由" in page.text
    page = lead.send(f"/approvals/batch?id={request_id}", "/approvals/batch", id=request_id, to="agreed", reason=REASON)
    assert "这一步不带 理由" in page.text
    assert shown(town, request_id)["stage"] == "provider"
    assert lead.send(at, at, to="agreed", comment="同意", reason="").status_code == 303


def test_the_office_may_leave_out_more_and_a_filter_needs_its_item(town: Town, office_resource: str) -> None:
    request_id = town.bring_to(
        office_resource, *TO_ACCEPTED, row_filter={"template": "region", "field": "xzqhdm", "prefixes": ["9901"]}
    )
    assert town.act("lead", request_id, "agreed", refused_items=refuse("xm")).json()["stage"] == "office"
    rest = refuse("sfzhm", "xzqhdm", "djrq")
    assert refused(town.act("approver", request_id, "agreed", refused_items=rest), 409, "ITEMS_ALL_REFUSED")
    answer = town.act("approver", request_id, "agreed", refused_items=refuse("xzqhdm"))
    assert refused(answer, 409, "FILTER_ITEM_NOT_ASKED")
    assert shown(town, request_id)["stage"] == "office"
    assert town.act("approver", request_id, "agreed", refused_items=refuse("djrq")).status_code == 200
    grant = granted(town, shown(town, request_id)["grant_id"])
    assert [item.field for item in grant.items] == ["sfzhm", "xzqhdm"]


def test_a_refusal_is_disputed_up_to_the_government_each_day_on_record(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    assert shown(town, request_id)["disputes_go_to"] == []
    town.act("lead", request_id, "refused", reason=REASON)
    office = town.people["approver"].actor.org_name
    assert shown(town, request_id)["disputes_go_to"] == ["示例市公安局", office, "本级人民政府"]
    assert refused(town.act("clerk", request_id, "disputed", comment="不服"), 403, "FORBIDDEN")
    assert refused(town.act("own_lead", request_id, "disputed"), 409, "COMMENT_REQUIRED")
    for who, act, stage in (
        ("own_lead", "disputed", "negotiation"),
        ("lead", "dispute_answered", "negotiation_answered"),
        ("own_lead", "escalated", "authority"),
    ):
        answer = town.act(who, request_id, act, comment=f"{act} 的理由")
        assert (answer.status_code, answer.json()["stage"]) == (200, stage), answer.text
    assert refused(town.act("own_lead", request_id, "escalated", comment="太慢"), 409, "MOVE_ILLEGAL")
    assert waits(town, "approver", request_id)
    assert not waits(town, "lead", request_id)
    town.act("approver", request_id, "dispute_answered", comment="维持")
    assert waits(town, "own_lead", request_id)
    town.act("own_lead", request_id, "escalated", comment="请政府决定")
    decided = {"comment": "市政府决定维持，文号 1"}
    assert "dispute_answered" not in shown(town, request_id, "approver")["acts"]
    again = town.act("approver", request_id, "dispute_answered", **decided)
    assert refused(again, 409, "DISPUTE_ANSWERED_BY_YOU")  # of each level somebody else decides, as of an objection's
    ended = town.act(second_approver(town), request_id, "dispute_answered", **decided)
    assert (ended.json()["state"], ended.json()["waits_for"]) == ("settled", [])
    first, second, third = ended.json()["disputes"]
    assert [each["level"] for each in (first, second, third)] == ["negotiation", "authority", "government"]
    assert [each["outcome"] for each in (first, second, third)] == ["escalated", "escalated", "upheld"]
    assert [each["addressee"] for each in (first, second, third)] == ["示例市公安局", office, "本级人民政府"]
    assert first["answer"] == "dispute_answered 的理由"
    assert all(each["opened_at"] < each["answered_at"] <= each["ended_at"] for each in (first, second, third))


def test_what_is_reconsidered_goes_back_to_the_provider_with_its_term(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    town.act("lead", request_id, "refused", reason=REASON)
    town.act("own_lead", request_id, "disputed", comment="有法律依据")
    again = town.act("lead", request_id, "reconsidered", comment="重新核对")
    assert (again.json()["state"], again.json()["stage"], again.json()["replied_at"]) == ("submitted", "provider", None)
    assert again.json()["due_on"] == again.json()["reply_due_on"] is not None
    assert again.json()["disputes"][0]["outcome"] == "reconsidered"
    assert town.act("lead", request_id, "agreed").json()["state"] == "agreed"
    terms = town.people["clerk"].client.get(f"/api/v1/requests/{request_id}/terms").json()["terms"]
    assert [each["outcome"] for each in terms] == ["answered", "answered", None]


def test_nobody_answers_at_the_authority_for_their_own_refusal(town: Town, office_resource: str) -> None:
    request_id = town.bring_to(office_resource, *TO_ACCEPTED, ("lead", "agreed"))
    assert town.act("approver", request_id, "refused", reason=REASON).status_code == 200
    town.act("own_lead", request_id, "disputed", comment="不服")
    town.act("own_lead", request_id, "escalated", comment="协商不成")
    answer = town.act("approver", request_id, "dispute_answered", comment="维持")
    assert refused(answer, 403, "SELF_APPROVAL")
    assert town.act("own_lead", request_id, "settled", comment="接受").json()["state"] == "settled"


def sign(town: Town, resource: str, words: str = "履行职责需要的部门均可使用", who: str = "lead") -> Any:
    return town.people[who].client.post("/api/v1/consents", json={"resource": resource, "words": words})


def revoke(town: Town, consent_id: str, who: str = "lead") -> Any:
    address = f"/api/v1/consents/{consent_id}/revocation"
    return town.people[who].client.post(address, json={"words": "改为逐件审批"})


def test_a_standing_consent_answers_at_once_until_it_is_revoked(town: Town, resource: str, open_resource: str) -> None:
    assert refused(sign(town, resource), 409, "CONSENT_CONDITIONAL")
    assert refused(sign(town, open_resource, " "), 409, "COMMENT_REQUIRED")
    assert refused(sign(town, open_resource, who="own_lead"), 403, "FORBIDDEN")
    signed = sign(town, open_resource)
    assert signed.status_code == 201, signed.text
    assert refused(sign(town, open_resource), 409, "CONSENT_STANDS")

    request_id = town.bring_to(open_resource, *TO_SUBMITTED)
    accepted = town.act("reviewer", request_id, "accepted").json()
    assert (accepted["state"], accepted["grant_id"] is not None) == ("agreed", True)
    step = accepted["steps"][-1]
    assert (step["act"], step["consent_id"]) == ("agreed", signed.json()["id"])
    assert (step["by"], step["organisation"]) == (town.people["lead"].actor.display_name, "示例市公安局")
    assert "常设同意：履行职责需要的部门均可使用" in step["comment"]

    waiting = town.bring_to(open_resource, *TO_SUBMITTED)
    assert refused(revoke(town, signed.json()["id"], "outside_lead"), 404, "CONSENT_NOT_FOUND")
    assert refused(revoke(town, request_id), 404, "CONSENT_NOT_FOUND")
    revoked = revoke(town, signed.json()["id"])
    assert (revoked.status_code, revoked.json()["revoke_words"]) == (200, "改为逐件审批")
    assert refused(revoke(town, signed.json()["id"]), 409, "CONSENT_REVOKED")
    assert town.act("reviewer", waiting, "accepted").json()["stage"] == "provider"
    assert shown(town, request_id)["state"] == "agreed"  # given stays given
    seen = town.people["approver"].client.get("/api/v1/consents").json()
    assert [each["id"] for each in seen] == [signed.json()["id"]]
    with town.city.app.state.sessions() as session:
        actions = session.execute(text("SELECT convert_from(bytes, 'UTF8')::json ->> 'action' FROM audit_out"))
        assert {"consent:sign", "consent:revoke"} <= set(actions.scalars())


def test_a_consent_is_for_the_version_it_was_signed_for(town: Town) -> None:
    """What is added to an entry later was never consented to; signing anew takes the place of the old consent."""
    ref = town.publish("公交站点位置", conditional_sharing(share_type="unconditional"))
    first = sign(town, ref).json()["id"]
    editor, now = town.people["editor"].actor, datetime.now(UTC)
    with town.city.app.state.sessions.begin() as session:
        entry = find(session, editor, ref)
        record = current_record(session, entry).model_copy(update={"abstract": "加了线路"})
        edit(session, editor, ref, record, entry.current_version, now)
    for who, to in (
        ("head", "head_approved"),
        ("editor", "submitted"),
        ("reviewer", "reviewed"),
        ("approver", "published"),
    ):
        town.move(who, ref, to)
    request_id = town.bring_to(ref, *TO_SUBMITTED)
    assert town.act("reviewer", request_id, "accepted").json()["stage"] == "provider"
    second = sign(town, ref)
    assert second.status_code == 201, second.text
    seen = {each["id"]: each for each in town.people["lead"].client.get("/api/v1/consents").json()}
    assert (seen[first]["revoked_at"] is None, seen[second.json()["id"]]["is_current"]) == (False, True)
    request_id = town.bring_to(ref, *TO_SUBMITTED)
    assert town.act("reviewer", request_id, "accepted").json()["state"] == "agreed"


def test_a_revocation_comes_before_an_answer_or_after_it(town: Town) -> None:
    ref = town.publish("停车场位置", conditional_sharing(share_type="unconditional"))
    consent = sign(town, ref).json()["id"]
    requests = [town.bring_to(ref, *TO_SUBMITTED) for _ in range(3)]

    def do(number: int) -> Any:
        if number == 1:
            return revoke(town, consent)
        return town.act("reviewer", requests[number // 2], "accepted")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(do, [0, 1, 2, 4]))
    assert [each.status_code for each in answers] == [200] * 4
    for request_id in requests:  # answered whole or not at all
        seen = shown(town, request_id)
        step = seen["steps"][-1]
        assert (seen["state"], seen["stage"], step["act"], step["consent_id"]) in (
            ("agreed", "", "agreed", consent),
            ("submitted", "provider", "accepted", None),
        )
    late = town.bring_to(ref, *TO_SUBMITTED)
    assert town.act("reviewer", late, "accepted").json()["stage"] == "provider"


def test_on_pages_it_is_all_there_in_words(town: Town, resource: str, open_resource: str, in_use: Any) -> None:
    city, people = town.city, town.people
    lead, own_lead = city.browser(people["lead"].actor.username), city.browser(people["own_lead"].actor.username)

    request_id = town.bring_to(resource, *TO_ACCEPTED)
    page = f"/requests/{request_id}"
    none = lead.send(
        page, page, to="agreed", refused=[f"{item}|{REASON}" for item in ("sfzhm", "xm", "xzqhdm", "djrq")]
    )
    assert none.status_code == 409
    assert "没有留下任何一个同意的数据项" in unescape(none.text)
    assert f'value="xm|{REASON}" selected' in unescape(none.text)
    strange = lead.send(page, page, to="agreed", refused=[f"{'x' * 300}|{REASON}"], comment="写了很久的意见")
    assert strange.status_code == 422
    assert "写了很久的意见" in unescape(strange.text)
    assert lead.send(page, page, to="agreed", refused=["", f"xm|{REASON}"]).status_code == 303
    assert "不同意 1 项，授权只含同意的 3 项" in unescape(own_lead.get(page).text)

    request_id = town.bring_to(resource, *TO_ACCEPTED)
    page = f"/requests/{request_id}"
    town.act("lead", request_id, "refused", reason=REASON)
    assert "对答复有异议" in unescape(own_lead.get(page).text)
    assert own_lead.send(page, page, to="disputed", comment="有依据").status_code == 303
    assert "争议协商中" in unescape(lead.get(page).text)

    request_id = in_use(resource)
    page = f"/requests/{request_id}"
    until = (TODAY + timedelta(days=5)).isoformat()
    bad = lead.send(page, page, to="suspended", comment="超范围", until="后天")
    assert "“后天”不是日期" in unescape(bad.text)
    assert lead.send(page, page, to="suspended", comment="超范围", until=until).status_code == 303
    assert "前整改" in unescape(own_lead.get(page).text)
    assert own_lead.send(page, page, to="purpose_done", comment="不再需要").status_code == 303
    assert lead.send(page, page, to="disposal_asked", comment="含备份", way="销毁").status_code == 303
    empty = own_lead.send(page, page, to="disposed", way="销毁", covers="表和备份")
    assert "处置证明还没有填完整" in unescape(empty.text)
    assert "表和备份" in empty.text
    assert own_lead.send(page, page, to="disposed", **CERTIFICATE).status_code == 303
    assert "共享库的表和两份备份" in unescape(lead.get(page).text)

    assert lead.send("/consents", "/consents", resource=open_resource, words="").status_code == 409
    assert lead.send("/consents", "/consents", resource=open_resource, words="照准").status_code == 303
    assert "公共厕所位置" in unescape(lead.get("/consents").text)
    signed = people["lead"].client.get("/api/v1/consents").json()
    [consent] = [each for each in signed if each["resource_id"] == open_resource and not each["revoked_at"]]
    assert lead.send("/consents", f"/consents/{consent['id']}", words="").status_code == 409
    assert lead.send("/consents", f"/consents/{consent['id']}", words="收回").status_code == 303
    assert "已撤回" in unescape(lead.get("/consents").text)
