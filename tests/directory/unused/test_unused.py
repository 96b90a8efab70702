"""What is reported of grants and items that are not put to use, and what is never claimed."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from directory.nodes.models import Node
from directory.unused.judge import EVERY_DAYS, Deliveries, Verdict, judge
from directory.unused.queries import UnusedGrant, unused
from metadata.exchange import BatchStatus
from tests.directory.access.conftest import TODAY, Town, conditional_sharing, refused

DAY = timedelta(days=1)
BOUND = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("last_after", "heard_after", "frequency", "today_after", "verdict"),
    [
        (None, 30, "daily", 30, None),
        (None, 31, "daily", 31, Verdict.NEVER),
        (None, None, "daily", 31, Verdict.UNKNOWN),
        (None, 0, "once", 31, Verdict.UNKNOWN),
        (5, 36, "daily", 36, None),
        (5, 37, "daily", 37, Verdict.SILENT),
        (5, 37, "monthly", 60, None),
        (5, 67, "monthly", 67, Verdict.SILENT),
        (5, 6, "weekly", 400, Verdict.UNKNOWN),
        (5, 400, "once", 400, None),
    ],
)
def test_a_verdict_says_only_what_is_known(
    last_after: int | None, heard_after: int | None, frequency: str, today_after: int, verdict: Verdict | None
) -> None:
    last = None if last_after is None else BOUND + last_after * DAY
    heard = None if heard_after is None else BOUND + heard_after * DAY
    assert judge(Deliveries(BOUND, last, heard, frequency), 30, BOUND + today_after * DAY) is verdict


@settings(max_examples=100, deadline=None)
@given(
    last=st.none() | st.integers(0, 500),
    heard=st.none() | st.integers(0, 500),
    frequency=st.sampled_from(["once", *EVERY_DAYS]),
    days=st.integers(1, 300),
    after=st.integers(0, 500),
)
def test_nothing_is_claimed_of_a_node_nobody_heard_of(
    last: int | None, heard: int | None, frequency: str, days: int, after: int
) -> None:
    today = BOUND + after * DAY
    known = Deliveries(
        BOUND,
        None if last is None else BOUND + last * DAY,
        None if heard is None else BOUND + heard * DAY,
        frequency,
    )
    verdict = judge(known, days, today)
    if verdict in (Verdict.NEVER, Verdict.SILENT):
        assert known.heard_on is not None
        assert today - known.heard_on <= days * DAY
        assert (verdict is Verdict.NEVER) == (known.last_on is None)
    if known.last_on is not None and today - known.last_on <= days * DAY:
        assert verdict is None


def reported(town: Town, who: str, days: int, after: int) -> dict[str, UnusedGrant]:
    """What the report says on a day so many days from now."""
    with town.city.app.state.sessions() as session:
        found = unused(session, town.people[who].actor, days, TODAY + after * DAY)
    return {str(each.request_id): each for each in found.items}


def heard(town: Town, after: int) -> None:
    """As if the consumer's node were heard of so many days from now."""
    with town.city.app.state.sessions.begin() as session:
        at = datetime.now(UTC) + after * DAY
        session.execute(update(Node).where(Node.node_id == "renshe").values(seen_at=at))


def test_grants_that_never_delivered_or_fell_silent_stand_out(town: Town, resource: str, in_use: Any) -> None:
    delivered = in_use(resource)
    shown = town.agreed(town.publish("困难群众名单", conditional_sharing()))
    assert town.countersign(shown["grant_id"]).status_code == 200
    waiting, unsigned = str(shown["id"]), str(town.agreed(resource)["id"])
    heard(town, 60)
    later = reported(town, "lead", 30, 60)
    assert later[delivered].verdict is Verdict.SILENT
    assert (later[delivered].delivered_count, later[delivered].last_on, later[delivered].may_end) == (1, TODAY, True)
    assert (later[waiting].verdict, later[waiting].last_on, later[waiting].stands_at) == (Verdict.NEVER, None, None)
    assert unsigned not in later
    assert next(iter(later.values())).verdict is Verdict.NEVER
    assert not reported(town, "clerk", 30, 60)[waiting].may_end
    assert reported(town, "outside_lead", 30, 60) == {}
    assert reported(town, "approver", 30, 60).keys() == later.keys()
    assert waiting not in reported(town, "lead", 90, 60)
    heard(town, 0)
    assert {each.verdict for each in reported(town, "lead", 30, 60).values()} == {Verdict.UNKNOWN}
    suspended = town.people["lead"].client.post(
        f"/api/v1/grants/{shown['grant_id']}/transitions", json={"to": "suspended", "comment": "核查"}
    )
    assert suspended.status_code == 200, suspended.text
    assert waiting not in reported(town, "lead", 30, 60)


def test_items_that_records_leave_out_are_reported_with_files_and_a_page(
    town: Town, resource: str, in_use: Any
) -> None:
    request_id = in_use(resource)
    words = {"scenario": "核验", "process": "比对", "storage": "专用库"}
    said = {"occasion": "first_delivery", "items_used": ["sfzhm"]} | words
    lead, clerk = town.people["lead"], town.people["clerk"]
    report = lead.client.get("/api/v1/grants/unused").json()
    assert request_id not in [each["request_id"] for each in report["items"]]  # nobody has said anything of items
    assert clerk.client.post(f"/api/v1/requests/{request_id}/uses", json=said).status_code == 201
    report = lead.client.get("/api/v1/grants/unused?days=7").json()
    [mine] = [each for each in report["items"] if each["request_id"] == request_id]
    assert (mine["verdict"], [each["field"] for each in mine["unused_items"]]) == (None, ["xm", "xzqhdm", "djrq"])
    file = lead.client.get("/api/v1/grants/unused/export?format=csv")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert ["姓名" in row["记录说明没有用到的数据项"] for row in rows if row["申请编号"] == request_id] == [True]
    sheet = openpyxl.load_workbook(io.BytesIO(lead.client.get("/api/v1/grants/unused/export").content)).active
    head, *lines = sheet.iter_rows(values_only=True)
    [line] = [dict(zip(head, each, strict=True)) for each in lines if each[0] == request_id]
    assert (line["送达批次"], line["使用记录"], type(line["会签"])) == (1, 1, datetime), "to be summed and sorted"
    for bad in ("days=0", "days=3651", "days=x"):
        assert refused(lead.client.get(f"/api/v1/grants/unused?{bad}"), 422, "INPUT_MALFORMED")
    browser = town.city.browser(lead.actor.username)
    page = unescape(browser.get("/grants/unused").text)
    assert f'action="/grants/unused/{request_id}"' in page
    assert "系统不知道" in page
    other = unescape(browser.get(f"/grants/unused?org={town.orgs['office']}").text)
    assert f"/requests/{request_id}" not in other


def test_the_provider_proposes_an_end_and_the_requester_takes_it(town: Town, resource: str, in_use: Any) -> None:
    request_id = in_use(resource)
    lead, clerk = town.people["lead"], town.people["clerk"]
    address, words = f"/api/v1/grants/unused/{request_id}/proposals", {"words": "三个月没有一条记录用到"}
    for who, status, code in (("clerk", 403, "FORBIDDEN"), ("outside_lead", 404, "REQUEST_NOT_FOUND")):
        assert refused(town.people[who].client.post(address, json=words), status, code)
    assert refused(lead.client.post(address, json={"words": " "}), 409, "COMMENT_REQUIRED")
    assert lead.client.post(address, json=words).status_code == 201
    assert "提议提前结束" in clerk.client.get("/api/v1/notices").text
    browser = town.city.browser(town.people["own_lead"].actor.username)
    assert "提议提前结束：三个月没有一条记录用到" in unescape(browser.get(f"/requests/{request_id}").text)
    page, writer = f"/requests/{request_id}", town.city.browser(lead.actor.username)
    empty = writer.send(page, f"/grants/unused/{request_id}", words="")
    assert (empty.status_code, 'role="alert"' in empty.text) == (409, True)
    assert writer.send(page, f"/grants/unused/{request_id}", words="再提一次").status_code == 303
    assert town.act("own_lead", request_id, "purpose_done", comment="不再需要").status_code == 200
    assert refused(lead.client.post(address, json=words), 409, "END_NOT_OPEN")


def test_a_batch_counts_for_the_grant_it_went_under(town: Town, resource: str, in_use: Any, receipt: Any) -> None:
    earlier, later = in_use(resource), in_use(resource)
    grants = [
        town.people["clerk"].client.get(f"/api/v1/requests/{each}").json()["grant_id"] for each in (earlier, later)
    ]
    route = town.grant(grants[1])["route_id"]
    before = {each: reported(town, "lead", 1, 400)[each].delivered_count for each in (earlier, later)}
    node = town.nodes["requester"]
    assert node.call("POST", "/api/v1/nodes/renshe/receipts", [receipt(route, seq=7)]).json() == {"accepted": 1}
    status = BatchStatus(
        route_id=route, seq=7, grant_id=grants[1], state="closed", node_id="renshe", at=datetime.now(UTC)
    ).model_dump(mode="json")
    assert node.call("POST", "/api/v1/nodes/renshe/status", [status]).status_code == 200
    after = reported(town, "lead", 1, 400)
    assert after[later].delivered_count == before[later] + 1
    assert after[earlier].delivered_count == before[earlier]
    assert after[later].stands_at is not None
