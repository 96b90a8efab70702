"""回流 (Art. 24): who may ask, the short way, that nobody adds a condition, and the grant's rows."""

import json
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from directory.access.models import RequestRow
from directory.access.states import Act
from directory.backflow.ask import BackflowAsk
from directory.backflow.ask import ask as draft
from directory.offers.models import UseCap
from directory.organisations.models import Organisation
from directory.statistics.count import count
from directory.statistics.definitions import NOBODY, Month
from metadata.access import RegionFilter
from standards import territory
from tests.directory.access.conftest import (
    ITEMS,
    REASON,
    TODAY,
    Town,
    conditional_sharing,
    granted,
    mount_of,
    refused,
    shown,
)

PROVINCE, CITY = "370000", "370100"
OWN = RegionFilter(field="xzqhdm", prefixes=territory.prefixes(CITY, TODAY))


def place(town: Town, name: str, region_code: str, level: str = "") -> None:
    """Register a department's territory."""
    with town.city.app.state.sessions.begin() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.code == town.orgs[name])
            .values(region_code=region_code, level=level, version=Organisation.version + 1)
        )


@pytest.fixture(scope="module", autouse=True)
def places(town: Town) -> None:
    place(town, "provider", PROVINCE, "province")
    place(town, "requester", CITY, "city")


@pytest.fixture(scope="module")
def reader(town: Town) -> Any:
    """The clerk's browser, signed in once."""
    return town.city.browser(town.people["clerk"].actor.username)


def body(resource: str, **changes: Any) -> dict[str, Any]:
    words = {"basis": "三定规定第五条", "scenario": "本市人口分析", "scope": "市统计系统"}
    return {"resource": resource, "valid_until": f"{TODAY.year + 2}-01-31", "statement": True} | words | changes


def ask(town: Town, resource: str, who: str = "clerk", /, **changes: Any) -> Any:
    return town.people[who].client.post("/api/v1/backflow/requests", json=body(resource, **changes))


def asked(town: Town, resource: str, **changes: Any) -> str:
    answer = ask(town, resource, **changes)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_it_goes_by_the_short_way_and_the_grant_holds_the_territorys_rows(town: Town, office_resource: str) -> None:
    """The entry is conditional and asks for the office's say; for what goes back neither counts."""
    request_id = asked(town, office_resource)
    drafted = shown(town, request_id)
    assert RegionFilter.model_validate(drafted["record"]["row_filter"]) == OWN
    assert OWN.prefixes == ("3701", "371200", "371202", "371203")
    assert drafted["record"]["items"] == [item.field for item in ITEMS]
    sent = town.act("own_lead", request_id, "req_approved")
    assert (sent.json()["state"], sent.json()["stage"]) == ("submitted", "provider")
    assert not sent.json()["needs_office_approval"]
    [term] = town.people["lead"].client.get(f"/api/v1/requests/{request_id}/terms").json()["terms"]
    assert (term["rule_id"], term["limit_days"]) == ("REPLY_UNCONDITIONAL", 1)
    told = town.people["lead"].client.get("/api/v1/notices").json()
    assert request_id in str(told)
    decider = town.city.browser(town.people["lead"].actor.username)
    form = unescape(decider.get(f"/requests/{request_id}").text)
    assert "照申请全部同意，不附意见" in form
    assert "只同意一部分数据项" not in form
    assert REASON not in form.split('id="decide"')[1]
    conditional = decider.send(
        f"/requests/{request_id}", f"/requests/{request_id}", to="agreed", comment="只准内部使用"
    )
    assert "不得设置额外的限制条件" in unescape(conditional.text)
    assert refused(town.act("lead", request_id, "agreed", comment="只准内部使用"), 409, "BACKFLOW_CONDITION")
    left_out = [{"item": "xm", "reason": REASON}]
    assert refused(town.act("lead", request_id, "agreed", refused_items=left_out), 409, "BACKFLOW_CONDITION")
    assert refused(town.act("lead", request_id, "refused", reason=REASON), 409, "REFUSAL_REASON")
    agreed = town.act("lead", request_id, "agreed")
    assert agreed.json()["state"] == "agreed", agreed.text
    grant = granted(town, agreed.json()["grant_id"])
    assert grant.row_filter == OWN
    assert [item.field for item in grant.items] == [item.field for item in ITEMS]
    page = unescape(town.city.browser(town.people["lead"].actor.username).get(f"/requests/{request_id}").text)
    assert "不得设置额外的限制条件" in page
    assert "山东省济南市" in page


def test_a_standing_consent_answers_when_the_department_sends_it(town: Town, resource: str) -> None:
    lead = town.people["lead"].client
    signed = lead.post("/api/v1/consents", json={"resource": resource, "words": "各市取本市的行", "is_backflow": True})
    assert signed.status_code == 201, signed.text
    plain = lead.post("/api/v1/consents", json={"resource": resource, "words": "都同意"})
    assert refused(plain, 409, "CONSENT_CONDITIONAL")
    listed = town.people["clerk"].client.get("/api/v1/backflow").json()
    assert [each["is_answered_at_once"] for each in listed["items"] if each["resource_id"] == resource] == [True]
    assert (listed["territory"]["region_name"], listed["territory"]["level"]) == ("山东省济南市", "city")
    sent = town.act("own_lead", asked(town, resource), "req_approved")
    assert sent.json()["state"] == "agreed", sent.text
    assert "常设回流同意（条例第二十四条）：各市取本市的行" in sent.json()["steps"][-1]["comment"]
    ordinary = str(town.create(resource)["id"])
    assert town.act("own_lead", ordinary, "req_approved").json()["state"] == "req_approved"
    town.act("clerk", ordinary, "submitted")
    assert town.act("reviewer", ordinary, "accepted").json()["stage"] == "provider"  # it is not for ordinary requests
    assert lead.post(f"/api/v1/consents/{signed.json()['id']}/revocation", json={"words": "改版"}).status_code == 200
    assert town.act("own_lead", asked(town, resource), "req_approved").json()["stage"] == "provider"


@pytest.mark.parametrize(
    ("provider", "requester", "code"),
    [
        ((PROVINCE, ""), (PROVINCE, ""), "BACKFLOW_NOT_BELOW"),
        ((PROVINCE, ""), ("440100", ""), "BACKFLOW_NOT_BELOW"),
        ((CITY, ""), (PROVINCE, ""), "BACKFLOW_NOT_BELOW"),
        (("370200", ""), (CITY, ""), "BACKFLOW_NOT_BELOW"),
        ((PROVINCE, "city"), (CITY, "city"), "BACKFLOW_NOT_BELOW"),
        ((PROVINCE, ""), ("", ""), "BACKFLOW_REGION"),
        (("", ""), (CITY, ""), "BACKFLOW_REGION"),
        ((PROVINCE, ""), ("371202", ""), "BACKFLOW_REGION"),
        ((PROVINCE, ""), ("379999", ""), "BACKFLOW_REGION"),
        ((PROVINCE, ""), ("370102", ""), ""),
        ((PROVINCE, ""), ("370102001", ""), "FILTER_VALUE"),  # the entry's codes have six digits
        (("000000", "nation"), (CITY, "city"), ""),
    ],
)
def test_who_lies_below_whom_is_decided_by_codes_and_levels(
    town: Town, resource: str, reader: Any, provider: tuple[str, str], requester: tuple[str, str], code: str
) -> None:
    place(town, "provider", *provider)
    place(town, "requester", *requester)
    try:
        answer = ask(town, resource)
        assert (answer.status_code, answer.json().get("code", "")) == (409 if code else 201, code), answer.text
        listed = [each["resource_id"] for each in town.people["clerk"].client.get("/api/v1/backflow").json()["items"]]
        is_below = code in ("", "FILTER_VALUE")
        assert (resource in listed) == is_below
        page = reader.get(f"/resources/{resource}").text
        assert ("/backflow/new?resource=" in page) == is_below
    finally:
        place(town, "provider", PROVINCE, "province")
        place(town, "requester", CITY, "city")


def test_odd_choices_are_refused(town: Town, resource: str) -> None:
    for changes, status, code in (
        ({"field": "xm"}, 409, "BACKFLOW_ITEM"),
        ({"items": ["mi_ma"]}, 409, "ITEM_UNKNOWN"),
        ({"items": ["xm", "xm"]}, 409, "ITEM_TWICE"),
        ({"statement": False}, 409, "STATEMENT_UNSIGNED"),
        ({"valid_until": "2020-01-01"}, 409, "TERM_PAST"),
        ({"row_filter": {"template": "region", "field": "xzqhdm", "prefixes": ["44"]}}, 422, "INPUT_MALFORMED"),
        ({"basis": ""}, 422, "INPUT_MALFORMED"),
    ):
        assert refused(ask(town, resource, **changes), status, code)
    assert refused(ask(town, "00000000-0000-0000-0000-000000000000"), 404, "RESOURCE_NOT_FOUND")
    assert refused(ask(town, resource, "lead"), 403, "FORBIDDEN")
    assert [each["field"] for each in granted_items(town, resource)] == ["xm", "xzqhdm"]


def granted_items(town: Town, resource: str) -> list[dict[str, Any]]:
    """The items of a request for the name alone: where a row is comes with it."""
    record = shown(town, asked(town, resource, items=["xm"]))["record"]
    return [{"field": field} for field in record["items"]]


def test_neither_an_amendment_nor_sql_makes_it_another(town: Town, resource: str) -> None:
    request_id = asked(town, resource)
    clerk = town.people["clerk"].client
    wider = town.asks(resource, row_filter={"template": "region", "field": "xzqhdm", "prefixes": ["37"]})
    assert refused(clerk.put(f"/api/v1/requests/{request_id}", json=wider), 409, "BACKFLOW_FILTER")
    amended = clerk.put(f"/api/v1/requests/{request_id}", json=town.asks(resource, items=["xm"]))
    assert amended.status_code == 200, amended.text
    assert RegionFilter.model_validate(amended.json()["record"]["row_filter"]) == OWN
    assert amended.json()["record"]["items"] == ["xm", "xzqhdm"]
    ordinary = str(town.create(resource)["id"])
    insert = "INSERT INTO backflow_request VALUES (:id, '370100', 'xzqhdm', now())"
    step = (
        "INSERT INTO request_step (request_id, seq, version, requested_by, act, state, stage, decided_by, decider_name,"
        " org_name, comment, reason, decided_at)"
        " SELECT id, step_seq + 1, version, created_by, 'req_approved', 'submitted', 'provider', :by, '某', '某局', '',"
        " '', now() FROM request WHERE id = :id"
    )
    sessions = town.city.app.state.sessions
    by = town.people["own_lead"].actor.account_id
    with sessions() as session, pytest.raises(DBAPIError, match="skips acceptance"):
        session.execute(text(step), {"id": UUID(ordinary), "by": by})
    assert town.act("own_lead", ordinary, "req_approved").status_code == 200
    assert town.act("clerk", ordinary, "submitted").status_code == 200
    with sessions() as session, pytest.raises(DBAPIError, match="another kind"):
        session.execute(text(insert), {"id": UUID(ordinary)})
    with sessions() as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text("UPDATE backflow_request SET region_code = '440000'"))


def test_what_goes_on_from_it_is_backflow_too(town: Town, resource: str, first_rows: Any) -> None:
    request_id = asked(town, resource)
    town.act("own_lead", request_id, "req_approved")
    grant_id = town.act("lead", request_id, "agreed").json()["grant_id"]
    assert town.countersign(grant_id).status_code == 200
    first_rows(grant_id)
    later = town.asks(resource, valid_until=f"{TODAY.year + 4}-01-31")
    made = town.people["clerk"].client.post(f"/api/v1/requests/{request_id}/renewals", json=later)
    assert made.status_code == 201, made.text
    assert RegionFilter.model_validate(made.json()["record"]["row_filter"]) == OWN
    sent = town.act("own_lead", made.json()["id"], "req_approved")
    assert (sent.json()["state"], sent.json()["stage"]) == ("submitted", "provider")
    with town.city.app.state.sessions() as session:
        assert session.get_one(RequestRow, UUID(made.json()["id"])).share_type == "unconditional"


def test_the_pages_list_ask_and_say_what_is_wrong(town: Town, resource: str, reader: Any) -> None:
    writer = reader
    assert f"/backflow/new?resource={resource}" in writer.get("/backflow").text
    form = f"/backflow/new?resource={resource}"
    assert "1 个工作日内答复" in unescape(writer.get(form).text)
    typed = {key: value for key, value in body(resource).items() if key != "statement"}
    wrong = writer.send(form, "/backflow/new", **typed, items=["xm"])
    assert (wrong.status_code, "本市人口分析" in unescape(wrong.text)) == (422, True)
    nothing = writer.send(form, "/backflow/new", **typed | {"valid_until": "明年"}, statement="yes")
    assert nothing.status_code == 422
    assert "格式如 2027-12-31" in unescape(nothing.text)
    made = writer.send(form, "/backflow/new", **typed, items=["xm"], statement="yes")
    assert made.status_code == 303, made.text
    request_id = made.headers["location"].removeprefix("/requests/")
    assert shown(town, request_id)["record"]["items"] == ["xm", "xzqhdm"]


def test_without_an_item_that_says_where_there_is_no_backflow(town: Town) -> None:
    items = tuple(item for item in ITEMS if item.field != "xzqhdm")
    ref = town.publish(
        "无区划的名单", conditional_sharing(), items=items, mounts=(mount_of("ming_dan", "sfzhm", "xm"),)
    )
    assert refused(ask(town, ref), 409, "BACKFLOW_ITEM")
    sign = {"resource": ref, "words": "各市取本市的行", "is_backflow": True}
    assert refused(town.people["lead"].client.post("/api/v1/consents", json=sign), 409, "BACKFLOW_ITEM")


def test_on_the_command_line(town: Town, resource: str, run: Any, tmp_path: Path) -> None:
    status, out, err = run("clerk", "backflow", "list")
    assert status == 0, err
    assert all(word in out for word in ("3701、371200", resource, "户籍人口基本信息"))
    file = tmp_path / "backflow.json"
    file.write_text(json.dumps(body(resource)), "utf-8")
    drafted = json.loads(run("clerk", "backflow", "draft", file, "--json")[1])
    assert RegionFilter.model_validate(drafted["record"]["row_filter"]) == OWN
    assert "代码以 3701、371200" in run("clerk", "backflow", "draft", file)[1]
    status, _, err = run("lead", "backflow", "draft", file)
    assert (status, "FORBIDDEN" in err) == (1, True)
    signed = run("lead", "consent", "sign", resource, "--backflow", "-m", "各市取本市的行")
    assert (signed[0], "回流" in signed[1]) == (0, True)
    assert "当即答复" in run("clerk", "backflow", "list")[1]


def test_neither_caps_nor_offered_filters_hold_and_a_territory_that_changed_is_drafted_anew(
    town: Town, resource: str
) -> None:
    ref = town.publish("限定筛选的人口信息", conditional_sharing())
    with town.city.app.state.sessions.begin() as session:
        session.add(
            UseCap(
                resource_id=UUID(ref),
                seq=1,
                most_often="monthly",
                most_days=30,
                declared_by=town.people["lead"].actor.account_id,
                declared_at=datetime.now(UTC),
            )
        )
    ordinary = town.people["clerk"].client.post("/api/v1/requests", json=town.asks(ref))
    assert refused(ordinary, 409, "CAP_EXCEEDED")
    request_id = asked(town, ref)
    place(town, "requester", "370200", "city")
    try:
        assert refused(town.act("own_lead", request_id, "req_approved"), 409, "BACKFLOW_REGION")
    finally:
        place(town, "requester", CITY, "city")
    assert town.act("own_lead", request_id, "req_approved").json()["stage"] == "provider"


def test_what_goes_back_too_late_is_filed_as_that(town: Town, resource: str) -> None:
    """Situation P5 of Article 39; an ordinary request beside it stays P4."""
    long_ago = datetime(2025, 9, 30, 2, tzinfo=UTC)
    ordinary = UUID(town.endorsed_on(long_ago, resource))
    with town.city.app.state.sessions.begin() as session:
        back = draft(session, town.people["clerk"].actor, BackflowAsk.model_validate(body(resource)), long_ago).id
        town.decide(session, "own_lead", back, Act.REQ_APPROVED, long_ago)
        town.decide(session, "clerk", ordinary, Act.SUBMITTED, long_ago)
    found = town.people["reviewer"].client.get("/api/v1/supervision", params={"light": "red"}).json()["items"]
    filed = {each["id"]: (each["situation"], each["situation_name"]) for each in found}
    assert filed[str(back)] == ("P5", "未按照规定回流下级政府行政区域内的政务数据")
    assert filed[str(ordinary)][0] == "P4"


def test_statistics_count_what_goes_back_by_itself(town: Town) -> None:
    """Late 回流 is P5, no late answer of P4; until it is answered it stands as overdue, and no longer then."""
    resource = town.publish("殡葬服务信息", conditional_sharing())  # no standing consent answers for it
    asked_on, answered_on = datetime(2025, 3, 3, 2, tzinfo=UTC), datetime(2025, 3, 20, 2, tzinfo=UTC)
    with town.city.app.state.sessions() as session:  # never committed
        back = draft(session, town.people["clerk"].actor, BackflowAsk.model_validate(body(resource)), asked_on).id
        town.decide(session, "own_lead", back, Act.REQ_APPROVED, asked_on)
        before = count(session, Month(2025, 3)).get(town.orgs["provider"], NOBODY)
        town.decide(session, "lead", back, Act.AGREED, answered_on)
        after = count(session, Month(2025, 3))[town.orgs["provider"]]
    changed = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    assert changed == {"returned_late": 1, "unreturned": -1}
    assert (before["unreturned"], before["unanswered"]) == (1, after["unanswered"])
