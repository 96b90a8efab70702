"""The main story of a request, by HTTP, and who is told what on the way."""

from datetime import date, timedelta
from typing import Any

from metadata.access import Countersignature, Grant, GrantChange, GrantNotice
from metadata.signed import Signed
from standards.crypto import digest_hex
from tests.directory.access.conftest import TO_SUBMITTED, refused, shown

UNTOUCHED = "SUPPLEMENT_UNTOUCHED"
APPROVALS = (("head", "head_approved"), ("editor", "submitted"), ("reviewer", "reviewed"), ("approver", "published"))


def test_from_draft_to_a_grant_that_binds(town: Any, resource: str, feed_of: Any) -> None:
    made = town.create(resource, items=["sfzhm", "xm"])
    assert (made["state"], made["stage"], made["due_on"], made["light"]) == ("draft", "", None, None)
    request_id = made["id"]
    for who, to, state, stage in (
        ("own_lead", "req_approved", "req_approved", ""),
        ("clerk", "submitted", "submitted", "acceptance"),
        ("reviewer", "accepted", "submitted", "provider"),
        ("lead", "agreed", "agreed", ""),
    ):
        answer = town.act(who, request_id, to)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["state"], answer.json()["stage"]) == (state, stage)
        assert answer.json()["due_on"] if to != "req_approved" else answer.json()["due_on"] is None
    agreed = shown(town, request_id)
    assert agreed["reply_due_on"]
    assert agreed["waits_for"] == ["提供部门前置节点"]
    assert [step["act"] for step in agreed["steps"]] == ["created", "req_approved", "submitted", "accepted", "agreed"]

    view = town.grant(agreed["grant_id"])
    signed = Signed.model_validate(view["grant"])
    key = town.city.app.state.directory_key
    grant = signed.open("grant/1", Grant, {key.key_id: key.verifying}.get)
    assert view["digest"] == digest_hex(signed.payload_bytes())
    assert view["state"] == "agreed"
    assert view["countersigned_by"] is None
    assert [item.field for item in grant.items] == ["sfzhm", "xm"]
    assert [column.column for column in grant.columns] == ["sfzhm", "xm"]
    assert (grant.provider.node_id, grant.consumer.node_id) == ("gongan", "renshe")
    receiving = town.nodes["requester"]
    assert grant.consumer.decryption_key_ids == (receiving.decryption.key_id, receiving.sm2_decryption.key_id)
    assert grant.target_table == "gongan_ren_kou"
    assert grant.provide_by_on.isoformat() == view["provide_by_on"] == agreed["due_on"]
    notice = GrantNotice.from_bytes(Signed.model_validate(feed_of()[-1]["body"]).payload_bytes())
    assert notice == GrantNotice.of(grant, view["digest"])

    answer = town.countersign(grant.grant_id)
    assert (answer.status_code, answer.json()["state"]) == (200, "provisioned")
    assert town.countersign(grant.grant_id).status_code == 200  # an answer lost on the way
    entry = feed_of()[-1]
    assert entry["kind"] == "countersignature"
    own = town.nodes["provider"].identity
    said = Signed.model_validate(entry["body"]).open(
        "countersignature/1", Countersignature, {own.key_id: own.verifying}.get
    )
    assert said.grant_digest == view["digest"]
    after = town.grant(grant.grant_id)
    assert after["countersigned_by"] == town.people["lead"].actor.username
    assert after["grant"] == view["grant"]


def test_the_office_decides_last_where_the_entry_says_so(town: Any, office_resource: str) -> None:
    request_id = town.create(office_resource)["id"]
    for who, to in (("own_lead", "req_approved"), ("clerk", "submitted"), ("reviewer", "accepted")):
        due_on = town.act(who, request_id, to).json()["due_on"]
    answer = town.act("lead", request_id, "agreed").json()
    assert (answer["state"], answer["stage"], answer["grant_id"]) == ("submitted", "office", None)
    assert answer["due_on"] == due_on  # all of it happens inside the one reply
    assert town.act("lead", request_id, "agreed").status_code == 403
    assert town.act("lead", request_id, "refused", reason="涉及正在侦查的案件").status_code == 403
    answer = town.act("approver", request_id, "agreed").json()
    assert answer["state"] == "agreed"
    assert answer["grant_id"]


def test_a_supplement_is_asked_for_once_and_the_clock_starts_anew(town: Any, resource: str) -> None:
    request_id = town.bring_to(resource, ("own_lead", "req_approved"), ("clerk", "submitted"))
    first = shown(town, request_id)
    assert town.act("reviewer", request_id, "supplement_asked").json()["code"] == "COMMENT_REQUIRED"
    unsaid = town.act("reviewer", request_id, "supplement_asked", comment="材料不全")
    assert (unsaid.status_code, unsaid.json()["code"]) == (409, "SUPPLEMENT_EMPTY")
    notice = {"comment": "缺：数据安全承诺书；使用范围写明人数", "missing": ["papers", "scope"]}
    asked = town.act("reviewer", request_id, "supplement_asked", **notice).json()
    assert (asked["state"], asked["due_on"], asked["light"]) == ("supplement_asked", None, None)
    assert asked["steps"][-1]["missing"] == ["scope", "papers"]
    untouched = town.act("clerk", request_id, "submitted", comment="已补齐")
    assert (untouched.status_code, untouched.json()["code"]) == (409, "SUPPLEMENT_UNTOUCHED")
    assert "使用范围、附件材料" in untouched.json()["detail"]
    town.attach(request_id)
    only_paper = town.act("clerk", request_id, "submitted", comment="已补齐")
    assert refused(only_paper, 409, "SUPPLEMENT_UNTOUCHED"), "a paper says nothing of the text"
    assert only_paper.json()["detail"].endswith("：使用范围")
    again = town.act("clerk", request_id, "submitted", comment="使用范围已写明是本部门的系统，人数见承诺书").json()
    assert again["due_on"]
    assert again["first_submitted_at"] == first["submitted_at"] < again["submitted_at"]


def test_a_notice_is_met_part_by_part(town: Any, resource: str) -> None:
    """The same text saved anew, or another part of it changed, supplements nothing; nor does a part of blanks more."""
    request_id, clerk = town.bring_to(resource, *TO_SUBMITTED), town.people["clerk"].client
    notice = {"comment": "场景、时限和授权书", "missing": ["scenario", "valid_until", "papers"]}
    assert town.act("reviewer", request_id, "supplement_asked", **notice).status_code == 200
    same = town.asks(resource)
    longer = (date.fromisoformat(same["valid_until"]) - timedelta(days=30)).isoformat()

    def left(**changes: Any) -> str:
        """What is still named after this text was saved, approved and handed in."""
        assert clerk.put(f"/api/v1/requests/{request_id}", json=same | changes).status_code == 200
        assert town.act("own_lead", request_id, "req_approved").status_code == 200
        answer = town.act("clerk", request_id, "submitted", comment="已改")
        assert refused(answer, 409, "SUPPLEMENT_UNTOUCHED")
        return str(answer.json()["detail"].partition("：")[2])

    assert left() == "使用场景、使用时限、附件材料"
    assert left(scope="只用于核验", scenario=" 养老保险 待遇资格核验 ") == "使用场景、使用时限、附件材料"
    assert left(scenario="工伤保险待遇资格核验") == "使用时限、附件材料"
    town.attach(request_id)
    assert left() == "使用场景、使用时限", "what it was comes back"
    assert left(scenario="工伤保险待遇资格核验") == "使用时限"
    assert clerk.put(f"/api/v1/requests/{request_id}", json=same | {"valid_until": longer}).status_code == 200
    assert town.act("own_lead", request_id, "req_approved").status_code == 200
    right = "使用场景就是这一项，依据的是同一条"
    assert town.act("clerk", request_id, "submitted", comment=right).json()["stage"] == "acceptance"
    once = town.act("reviewer", request_id, "supplement_asked", comment="还缺", missing=["scenario"])
    assert refused(once, 409, "SUPPLEMENT_ONCE")
    assert town.act("reviewer", request_id, "accepted").status_code == 200


def test_the_same_rows_in_another_order_supplement_nothing(town: Any, resource: str) -> None:
    rows = {"template": "region", "field": "xzqhdm", "prefixes": ["110101", "110102"]}
    request_id, clerk = town.bring_to(resource, *TO_SUBMITTED, row_filter=rows), town.people["clerk"].client
    notice = {"comment": "行范围写得太宽", "missing": ["row_filter"]}
    assert town.act("reviewer", request_id, "supplement_asked", **notice).status_code == 200
    for prefixes, status in ((["110102", "110101"], 409), (["110101"], 200)):
        text = town.asks(resource, row_filter=rows | {"prefixes": prefixes})
        assert clerk.put(f"/api/v1/requests/{request_id}", json=text).status_code == 200
        assert town.act("own_lead", request_id, "req_approved").status_code == 200
        answer = town.act("clerk", request_id, "submitted", comment="已改")
        assert (answer.status_code, answer.json().get("code")) == (status, None if status == 200 else UNTOUCHED)


def test_what_was_missing_at_the_first_notice_is_not_asked_for_again(town: Any, resource: str) -> None:
    """Named then, or the same then as now: refused. What the requester changed since may be found wanting."""
    request_id = town.bring_to(resource, ("own_lead", "req_approved"), ("clerk", "submitted"))
    notice = {"comment": "使用范围写明人数", "missing": ["scope"]}
    assert town.act("reviewer", request_id, "supplement_asked", **notice).status_code == 200
    changed = town.asks(resource, scope="待遇核发系统，12 人", basis="《社会保险法》")
    assert town.people["clerk"].client.put(f"/api/v1/requests/{request_id}", json=changed).status_code == 200
    for who, to in (("own_lead", "req_approved"), ("clerk", "submitted")):
        assert town.act(who, request_id, to).status_code == 200
    for part, name in (("scope", "使用范围"), ("scenario", "使用场景"), ("papers", "附件材料")):
        answer = town.act("reviewer", request_id, "supplement_asked", comment="还缺", missing=["basis", part])
        assert (answer.status_code, answer.json()["code"]) == (409, "SUPPLEMENT_ONCE"), part
        assert name in answer.json()["detail"]
        assert "使用依据" not in answer.json()["detail"]
    again = town.act("reviewer", request_id, "supplement_asked", comment="依据漏了条款", missing=["basis"])
    assert again.status_code == 200, again.text
    assert [step["missing"] for step in again.json()["steps"] if step["missing"]] == [["scope"], ["basis"]]


def test_a_paper_of_before_the_notice_supplements_nothing(town: Any, resource: str) -> None:
    request_id = town.create(resource)["id"]
    town.attach(request_id)
    for who, to in (("own_lead", "req_approved"), ("clerk", "submitted")):
        assert town.act(who, request_id, to).status_code == 200
    asked = town.act("reviewer", request_id, "supplement_asked", comment="缺授权书", missing=["papers"])
    assert asked.status_code == 200, asked.text
    to = {"handed_to": town.people["second_clerk"].actor.username, "comment": "交接"}
    assert town.act("own_lead", request_id, "handed_over", **to).status_code == 200
    untouched = town.act("second_clerk", request_id, "submitted")
    assert (untouched.status_code, untouched.json()["code"]) == (409, "SUPPLEMENT_UNTOUCHED")
    town.attach(request_id)
    assert refused(town.act("second_clerk", request_id, "submitted"), 409, UNTOUCHED), "the same file again"
    town.attach(request_id, b"%PDF-1.7 2")
    assert town.act("second_clerk", request_id, "submitted").json()["stage"] == "acceptance"


def test_an_amended_text_needs_its_own_departments_approval_again(town: Any, resource: str) -> None:
    request_id = town.bring_to(resource, ("own_lead", "req_approved"), ("clerk", "submitted"))
    town.act("reviewer", request_id, "supplement_asked", comment="请缩小数据项", missing=["items"])
    address = f"/api/v1/requests/{request_id}"
    amended = town.people["clerk"].client.put(address, json=town.asks(resource, items=["sfzhm"]))
    assert amended.status_code == 200, amended.text
    assert (amended.json()["state"], amended.json()["version"], amended.json()["record"]["items"]) == (
        "draft",
        2,
        ["sfzhm"],
    )
    assert town.act("clerk", request_id, "submitted").status_code == 409
    assert town.act("own_lead", request_id, "req_approved").status_code == 200
    assert town.act("clerk", request_id, "submitted").status_code == 200
    assert town.people["clerk"].client.put(address, json=town.asks(resource)).json()["code"] == "MOVE_ILLEGAL"
    assert town.people["own_lead"].client.put(address, json=town.asks(resource)).status_code in (403, 409)


def test_a_refusal_gives_a_reason_of_the_entry_or_the_law(town: Any, resource: str) -> None:
    request_id = town.bring_to(resource, ("own_lead", "req_approved"), ("clerk", "submitted"), ("reviewer", "accepted"))
    for reason in ("", "材料不全", "领导不同意"):
        answer = town.act("lead", request_id, "refused", reason=reason)
        assert (answer.status_code, answer.json()["code"]) == (409, "REFUSAL_REASON"), reason
        assert "涉及正在侦查的案件" in answer.json()["detail"]
    answer = town.act("lead", request_id, "refused", reason="超出履行职责所需范围", comment="请缩小到本市户籍")
    assert (answer.json()["state"], answer.json()["due_on"]) == ("refused", None)
    assert answer.json()["steps"][-1]["reason"] == "超出履行职责所需范围"
    assert answer.json()["acts"] == []


def test_suspension_resumption_and_end_go_into_the_feed(town: Any, resource: str, feed_of: Any) -> None:
    grant_id = town.agreed(resource)["grant_id"]
    town.countersign(grant_id)
    address = f"/api/v1/grants/{grant_id}/transitions"
    lead, approver = town.people["lead"].client, town.people["approver"].client
    assert lead.post(address, json={"to": "suspended", "comment": " "}).json()["code"] == "COMMENT_REQUIRED"
    assert town.people["clerk"].client.post(address, json={"to": "suspended", "comment": "x"}).status_code == 403
    assert town.people["own_lead"].client.post(address, json={"to": "suspended", "comment": "x"}).status_code == 403
    assert lead.post(address, json={"to": "active", "comment": "未暂停"}).status_code == 403  # the first rows do that
    assert approver.post(address, json={"to": "suspended", "comment": "核查用途"}).json()["state"] == "suspended"
    assert lead.post(address, json={"to": "active", "comment": "已整改"}).json()["state"] == "provisioned"
    ended = town.people["own_lead"].client.post(address, json={"to": "terminated", "comment": "目的已实现"})
    assert ended.json()["state"] == "terminated"
    assert ended.json()["acts"] == []
    changes = [entry for entry in feed_of() if entry["kind"] == "grant_change"][-3:]
    key = town.city.app.state.directory_key
    assert [
        Signed.model_validate(entry["body"]).open("grant_change/1", GrantChange, {key.key_id: key.verifying}.get).to
        for entry in changes
    ] == ["suspended", "active", "terminated"]
    assert lead.post(address, json={"to": "active", "comment": "x"}).json()["code"] == "MOVE_ILLEGAL"


def test_each_person_sees_what_is_theirs(town: Any, resource: str) -> None:
    request_id = town.create(resource)["id"]
    address = f"/api/v1/requests/{request_id}"

    def sees(who: str) -> bool:
        client = town.people[who].client
        listed = client.get("/api/v1/requests")
        is_listed = listed.status_code == 200 and request_id in [line["id"] for line in listed.json()["items"]]
        assert is_listed == (client.get(address).status_code == 200)
        return is_listed

    everybody = ("clerk", "own_lead", "lead", "reviewer", "approver", "auditor", "outside_clerk", "editor")
    assert [who for who in everybody if sees(who)] == ["clerk", "own_lead"]
    town.act("own_lead", request_id, "req_approved")
    assert [who for who in everybody if sees(who)] == ["clerk", "own_lead"]
    town.act("clerk", request_id, "submitted")
    assert [who for who in everybody if sees(who)] == ["clerk", "own_lead", "lead", "reviewer", "approver", "auditor"]
    assert town.people["outside_clerk"].client.get(address).json()["code"] == "REQUEST_NOT_FOUND"
    assert town.act("outside_lead", request_id, "agreed").status_code == 404


def test_the_worklist_names_whose_turn_it_is(town: Any, resource: str) -> None:
    request_id = town.create(resource)["id"]
    everybody = ("clerk", "second_clerk", "own_lead", "reviewer", "lead", "approver", "outside_lead")

    def awaited() -> list[str]:
        return [
            who
            for who in everybody
            if request_id in [item["id"] for item in town.people[who].client.get("/api/v1/worklist").json()["items"]]
        ]

    for turn, to in (
        ("own_lead", "req_approved"),
        ("clerk", "submitted"),
        ("reviewer", "accepted"),
        ("lead", "agreed"),
    ):
        assert awaited() == [turn]
        assert to in shown(town, request_id, turn)["acts"]
        assert town.act(turn, request_id, to).status_code == 200
    assert awaited() == ["lead"]  # to confirm at the department's node
    town.countersign(shown(town, request_id)["grant_id"])
    assert awaited() == []


def test_the_worklist_holds_the_catalogues_turns_too(town: Any, conditional: Any) -> None:
    draft = town.register("待审核的目录", conditional())

    def awaited() -> dict[str, str]:
        found = {}
        for who in ("editor", "head", "reviewer", "approver", "clerk", "lead"):
            for line in town.people[who].client.get("/api/v1/worklist").json()["entries"]:
                if line["id"] == draft:
                    found[who] = line["to"]
        return found

    for who, to in APPROVALS:
        assert awaited() == {who: to}
        town.move(who, draft, to)
    assert awaited() == {}


def test_a_draft_that_still_lacks_something_is_not_put_before_its_head(town: Any, conditional: Any) -> None:
    draft = town.register("缺摘要的目录", conditional(), abstract="")
    entries = town.people["head"].client.get("/api/v1/worklist").json()["entries"]
    assert draft not in {line["id"] for line in entries}


def test_many_are_decided_at_once_each_with_its_own_outcome(town: Any, resource: str) -> None:
    good = [town.bring_to(resource, ("own_lead", "req_approved"), ("clerk", "submitted")) for _ in range(2)]
    early = town.create(resource)["id"]
    body = {"to": "accepted", "ids": [good[1], early, good[0]]}
    answer = town.people["reviewer"].client.post("/api/v1/requests/transitions", json=body)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["done"], said["refused"], [each["id"] for each in said["requests"]]) == (2, 1, body["ids"])
    assert [each["code"] for each in said["requests"]] == ["", "REQUEST_NOT_FOUND", ""]
    assert [shown(town, each)["stage"] for each in good] == ["provider", "provider"]
    assert shown(town, early)["state"] == "draft"
