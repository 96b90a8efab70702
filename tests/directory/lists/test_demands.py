"""A demand from its raising to its end: matched, chosen by a person, requested; or somebody is made responsible."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from sqlalchemy import delete

from directory.item_match import queries
from directory.item_match.models import HeldEntry
from tests.directory.access.conftest import TO_AGREED, Town, conditional_sharing, refused
from tests.directory.lists.conftest import SOON

Raise = Callable[..., dict[str, Any]]


def standings(demand: dict[str, Any]) -> list[str]:
    return [each["standing"] for each in demand["items"]]


def test_from_a_match_to_a_request_that_brings_rows(
    town: Town, people: dict[str, Any], raised: Raise, resource: str, in_use: Any
) -> None:
    clerk, demand = people["clerk"].client, raised()
    at = f"/api/v1/demands/{demand['id']}"
    assert standings(demand) == ["open", "open"]
    told = clerk.get(f"{at}/matches").json()
    assert (told["uncompared_count"], told["wait_seconds"]) == (0, 0)
    found = told["matches"]
    [match] = [each for each in found["1"] if each["resource_id"] == resource]
    assert (match["item_field"], match["score"], match["is_sure"], match["how"]) == ("sfzhm", 90, True, "有条件共享")
    assert "公民身份号码" in match["reason"]
    assert not [each for each in found["2"] if each["is_sure"]]

    choice = {"resource": resource, "field": "sfzhm"}
    assert refused(clerk.put(f"{at}/items/1/choice", json=choice | {"field": "没有"}), 400, "DEMAND_CHOICE")
    chosen = clerk.put(f"{at}/items/1/choice", json=choice).json()
    assert standings(chosen) == ["matched", "open"]
    assert chosen["items"][0]["reason"] == match["reason"]

    request_id = in_use(resource)
    other = town.create(town.publish("另一目录", conditional_sharing()))["id"]
    assert refused(clerk.put(f"{at}/items/1/request", json={"request_id": other}), 400, "DEMAND_LINK")
    assert refused(clerk.put(f"{at}/items/2/request", json={"request_id": request_id}), 400, "DEMAND_LINK")
    linked = clerk.put(f"{at}/items/1/request", json={"request_id": request_id}).json()
    assert standings(linked) == ["satisfied", "open"]
    assert refused(clerk.put(f"{at}/items/1/choice", json=choice), 409, "DEMAND_REQUESTED")


def test_what_is_not_compared_yet_is_said_and_a_choice_is_scored_by_its_own_record(
    town: Town, people: dict[str, Any], raised: Raise, resource: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, demand = people["clerk"], raised(title="比对之前")
    at = f"/api/v1/demands/{demand['id']}"
    with town.city.app.state.sessions.begin() as session:
        session.execute(delete(HeldEntry))
    monkeypatch.setattr(queries, "MOST_READ", 0)
    told = clerk.client.get(f"{at}/matches").json()
    assert told["matches"] == {"1": [], "2": []}
    assert told["uncompared_count"] >= 1
    assert told["wait_seconds"] >= 30
    page = town.city.browser(clerk.actor.username).get(f"/lists/demands/{demand['id']}").text
    assert f"还有 {told['uncompared_count']} 条目录未比对" in page
    assert "已发布的目录里没有找到" not in page
    assert "已比对的目录里还没有找到" in page
    chosen = clerk.client.put(f"{at}/items/1/choice", json={"resource": resource, "field": "sfzhm"}).json()
    assert chosen["items"][0]["score"] == 90


def test_what_nobody_has_is_owed_until_an_entry_is_published(town: Town, people: dict[str, Any], raised: Raise) -> None:
    demand = raised(title="住房情况")
    at = f"/api/v1/demands/{demand['id']}"
    reviewer, lead = people["reviewer"].client, people["lead"].client
    body = {
        "org_code": town.orgs["provider"],
        "basis": "三定规定：房屋登记",
        "due_on": SOON,
        "demand_id": demand["id"],
        "demand_number": 2,
    }
    assert refused(people["clerk"].client.post("/api/v1/responsibilities", json=body), 403, "FORBIDDEN")
    owed = reviewer.post("/api/v1/responsibilities", json=body).json()
    assert (owed["name"], owed["state"], owed["demand_title"]) == ("房屋套数", "assigned", "住房情况")
    assert refused(reviewer.post("/api/v1/responsibilities", json=body), 409, "RESPONSIBILITY_EXISTS")
    assert standings(people["clerk"].client.get(at).json()) == ["open", "assigned"]

    def step(who: str, act: str, status: int = 200, **more: Any) -> dict[str, Any]:
        answer = people[who].client.post(f"/api/v1/responsibilities/{owed['id']}/steps", json={"act": act} | more)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    assert step("lead", "refused", 409)["code"] == "COMMENT_REQUIRED"
    step("lead", "refused", reason="房屋登记在自然资源局")
    assert standings(people["clerk"].client.get(at).json()) == ["open", "disputed"]
    assert step("lead", "accepted", 409)["code"] == "RESPONSIBILITY_STATE"
    assert step("reviewer", "released", 403)["code"] == "FORBIDDEN"
    step("approver", "upheld", reason="市编办〔2026〕3号")
    entry = town.register("房屋登记信息", conditional_sharing())
    assert step("editor", "catalogued", resource=entry)["state"] == "catalogued"
    assert standings(people["clerk"].client.get(at).json()) == ["open", "catalogued"]
    for who, to in (
        ("head", "head_approved"),
        ("editor", "submitted"),
        ("reviewer", "reviewed"),
        ("approver", "published"),
    ):
        town.move(who, entry, to)
    assert lead.get(f"/api/v1/responsibilities/{owed['id']}").json()["state"] == "published"
    assert standings(people["clerk"].client.get(at).json()) == ["open", "published"]
    satisfied = f"{at}/items/2/satisfaction"
    assert refused(people["clerk"].client.post(satisfied), 400, "DEMAND_LINK")
    people["clerk"].client.put(f"{at}/items/2/choice", json={"resource": entry, "field": "sfzhm"})
    assert people["clerk"].client.post(satisfied).json()["items"][1]["is_done"]
    assert refused(people["clerk"].client.post(satisfied), 409, "DEMAND_CLOSED")


def test_a_refused_request_leaves_the_item_open_and_only_the_department_sees_its_demand(
    town: Town, people: dict[str, Any], raised: Raise, resource: str
) -> None:
    demand = raised(title="只看本部门")
    at = f"/api/v1/demands/{demand['id']}"
    clerk = people["clerk"].client
    clerk.put(f"{at}/items/1/choice", json={"resource": resource, "field": "sfzhm"})
    request_id = town.bring_to(resource, *TO_AGREED[:-1])
    assert standings(clerk.put(f"{at}/items/1/request", json={"request_id": request_id}).json())[0] == "requested"
    assert town.act("lead", request_id, "refused", reason="涉及正在侦查的案件").status_code == 200
    assert standings(clerk.get(at).json())[0] == "refused"

    for who in ("outside_clerk", "lead", "housing_lead"):
        assert refused(people[who].client.get(at), 404, "DEMAND_NOT_FOUND"), who
    assert refused(
        people["outside_clerk"].client.post(f"{at}/withdrawal", json={"reason": "x"}), 404, "DEMAND_NOT_FOUND"
    )
    assert people["auditor"].client.get(at).status_code == 200
    assert refused(people["reviewer"].client.post(f"{at}/withdrawal", json={"reason": "x"}), 403, "FORBIDDEN")
    assert clerk.post(f"{at}/withdrawal", json={"reason": " "}).json()["code"] == "COMMENT_REQUIRED"
    assert clerk.post(f"{at}/withdrawal", json={"reason": "改由别的办法"}).json()["standing"] == "withdrawn"
    assert refused(clerk.post(f"{at}/withdrawal", json={"reason": "再来"}), 409, "DEMAND_CLOSED")
    lines = clerk.get("/api/v1/demands?is_open=true").json()
    assert demand["id"] not in [each["id"] for each in lines]


def test_what_cannot_be_a_demand_is_refused_by_its_reason(people: dict[str, Any]) -> None:
    body = {
        "title": "t",
        "service": "s",
        "purpose": "p",
        "law_title": "l",
        "needed_by": SOON,
        "items": [{"name": "姓名"}],
    }
    clerk = people["clerk"].client
    for changes, word in (
        ({"needed_by": "2020-01-01"}, "日期"),
        ({"needed_by": "9999-12-31"}, "日期"),
        ({"items": [{"name": "姓名"}, {"name": "姓名 "}]}, "不止一次"),
    ):
        answer = clerk.post("/api/v1/demands", json=body | changes)
        assert refused(answer, 400, "DEMAND_INVALID")
        assert word in answer.json()["detail"]
    assert refused(people["editor"].client.post("/api/v1/demands", json=body), 403, "FORBIDDEN")
    assert clerk.post("/api/v1/demands", json=body | {"unknown": 1}).json()["code"] == "INPUT_MALFORMED"


def test_the_workbook_comes_back_as_the_same_demands_and_holds_no_formula(
    people: dict[str, Any], raised: Raise
) -> None:
    raised(title="=HYPERLINK(1)", items=[{"name": "+姓名"}, {"name": "民族", "description": "@口径"}])
    clerk, own = people["clerk"].client, people["outside_clerk"].client
    data = clerk.get("/api/v1/demands/export").content
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {"=HYPERLINK(1)", "+姓名", "@口径"} <= {cell.value for cell in cells}
    assert all(cell.data_type == "s" for cell in cells)
    before = {(each["title"], each["item_count"]) for each in clerk.get("/api/v1/demands").json()}
    answer = own.post("/api/v1/demands/import", files={"file": ("需求.xlsx", data)})
    assert answer.status_code == 201, answer.text
    assert {(each["title"], each["item_count"]) for each in own.get("/api/v1/demands").json()} == before

    bad = "需求名称,用于的服务或业务,用途,法律依据,需要日期,数据项\n甲,乙,丙,丁,某日,戊\n".encode()
    answer = own.post("/api/v1/demands/import", files={"file": ("需求.csv", bad)})
    assert refused(answer, 400, "LIST_ROW")
    assert "第 2 行" in answer.json()["detail"]
    assert refused(own.post("/api/v1/demands/import", files={"file": ("a.csv", b"x,y\n1,2\n")}), 400, "LIST_HEADERS")
    assert refused(own.post("/api/v1/demands/import", files={"file": ("a.txt", b"x")}), 400, "LIST_UNREADABLE")


def test_rows_below_a_demand_that_say_only_an_item_are_of_it_and_what_they_say_otherwise_is_named(
    people: dict[str, Any],
) -> None:
    own, head = people["outside_clerk"].client, "需求名称,用于的服务或业务,用途,法律依据,需要日期,数据项\n"
    day = SOON.replace("-", "/")
    rows = f"分行写,乙,丙,丁,{day},姓名\n,,,,,民族\n分行写,乙,丙,丁,{SOON},籍贯\n"

    def send(text: str) -> Any:
        return own.post("/api/v1/demands/import", files={"file": ("需求.csv", text.encode("gb18030"))})

    (made,) = send(head + rows).json()["ids"]
    assert [each["name"] for each in own.get(f"/api/v1/demands/{made}").json()["items"]] == ["姓名", "民族", "籍贯"]
    answer = send(f"{head}{rows}分行写,乙,别的用途,丁,{SOON},住址\n,乙,丙,丁,{SOON},住址\n别的,乙,丙,丁,{SOON},\n")
    assert refused(answer, 400, "LIST_ROW")
    assert [(each["path"], each["row"]) for each in answer.json()["findings"]] == [
        ("第 5 行", 5),
        ("第 6 行", 6),
        ("第 7 行", 7),
    ]
    assert "用途与同一需求的第 2 行不一样" in answer.json()["detail"]


def test_whoever_has_to_act_is_told_and_nobody_else(town: Town, people: dict[str, Any], raised: Raise) -> None:
    def told(who: str, about: str) -> list[str]:
        found = people[who].client.get("/api/v1/notices").json()["items"]
        return [each["kind"] for each in found if about in each["link"]]

    demand = raised(title="通知谁")
    assert told("reviewer", demand["id"]) == ["demand:raised"]
    body = {
        "org_code": town.orgs["housing"],
        "basis": "职责",
        "due_on": SOON,
        "demand_id": demand["id"],
        "demand_number": 2,
    }
    owed = people["reviewer"].client.post("/api/v1/responsibilities", json=body).json()["id"]
    assert told("housing_lead", owed) == ["responsibility:assigned"]
    answer = {"act": "refused", "reason": "不归我局"}
    assert people["housing_lead"].client.post(f"/api/v1/responsibilities/{owed}/steps", json=answer).status_code == 200
    assert told("approver", owed) == ["responsibility:refused"]
    assert not told("lead", owed)
    assert not told("outside_lead", demand["id"])


def test_the_responsibilities_come_and_go_as_a_workbook(town: Town, people: dict[str, Any]) -> None:
    reviewer, lead = people["reviewer"].client, people["housing_lead"].client
    rows = f"责任部门,须编目的数据,职责依据,期限\n示例市住房和城乡建设局,=公租房配租,三定,{SOON}\n"
    at = "/api/v1/responsibilities"
    answer = reviewer.post(f"{at}/import", files={"file": ("责任.csv", rows.encode())})
    assert answer.status_code == 201, answer.text
    assert refused(lead.post(f"{at}/import", files={"file": ("责任.csv", rows.encode())}), 403, "FORBIDDEN")
    for bad, word in (("没有这个局", "没有部门"), ("示例市住房和城乡建设局", "期限")):
        wrong = rows.replace("示例市住房和城乡建设局", bad).replace(SOON, "2020-01-01" if word == "期限" else SOON)
        answer = reviewer.post(f"{at}/import", files={"file": ("责任.csv", wrong.encode())})
        assert refused(answer, 400, "LIST_ROW")
        assert word in answer.json()["detail"]
    data = lead.get(f"{at}/export").content
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows() for cell in row]
    assert "=公租房配租" in [cell.value for cell in cells]
    assert all(cell.data_type != "f" for cell in cells)
    assert reviewer.post(f"{at}/import", files={"file": ("责任.xlsx", data)}).status_code == 201
