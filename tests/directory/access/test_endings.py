"""How a use pauses, ends, is disposed of and goes on: by the office, the departments, the calendar."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.access.batch import move_many
from directory.access.decide import decide
from directory.access.expiry import expire
from directory.access.queries import locked
from directory.access.said import Said
from directory.access.states import Act
from metadata.access import GrantChange
from metadata.signed import Signed
from tests.directory.access.conftest import (
    CERTIFICATE,
    TO_AGREED,
    TODAY,
    Town,
    conditional_sharing,
    granted,
    refused,
    shown,
    waits,
)


def test_a_suspension_says_until_when_to_put_right(town: Town, resource: str, in_use: Any) -> None:
    request_id = in_use(resource)
    address = f"/api/v1/grants/{shown(town, request_id)['grant_id']}/transitions"
    lead = town.people["lead"].client
    body = {"to": "suspended", "comment": "超范围使用", "until": TODAY.isoformat()}
    assert refused(lead.post(address, json=body), 409, "UNTIL_PAST")
    until = (TODAY + timedelta(days=7)).isoformat()
    assert lead.post(address, json=body | {"until": until}).status_code == 200
    paused = shown(town, request_id)["suspension"]
    assert (paused["until"], paused["words"], paused["is_overdue"]) == (until, "超范围使用", False)
    assert refused(town.act("clerk", request_id, "rectified", comment="已改"), 403, "FORBIDDEN")
    assert town.act("own_lead", request_id, "rectified", comment="已收回账号").status_code == 200
    assert shown(town, request_id)["suspension"]["report"] == "已收回账号"
    assert shown(town, request_id)["state"] == "suspended"
    assert lead.post(address, json={"to": "active", "comment": "整改到位"}).status_code == 200
    assert shown(town, request_id)["suspension"] is None
    strange = lead.post(address, json={"to": "terminated", "comment": "x", "until": until})
    assert refused(strange, 422, "SAID_TOO_MUCH")


def test_the_purpose_reached_ends_it_and_disposal_is_certified_as_asked(
    town: Town, resource: str, in_use: Any, feed_of: Any
) -> None:
    request_id = in_use(resource)
    done = town.act("own_lead", request_id, "purpose_done", comment="专项核验已结束")
    assert (done.json()["state"], done.json()["stage"]) == ("purpose_done", "disposal")
    last = feed_of()[-1]
    key = town.city.app.state.directory_key
    change = Signed.model_validate(last["body"]).open("grant_change/1", GrantChange, {key.key_id: key.verifying}.get)
    assert (change.grant_id, change.to) == (done.json()["grant_id"], "terminated")
    assert waits(town, "own_lead", request_id)
    assert refused(town.act("lead", request_id, "disposal_asked", comment="删干净", reason="扔掉"), 409, "DISPOSAL_WAY")
    until = (TODAY + timedelta(days=10)).isoformat()
    asked = {"comment": "含备份", "reason": "销毁", "until": until}
    assert town.act("lead", request_id, "disposal_asked", **asked).json()["disposal"]["way"] == "销毁"
    for changes, status, code in (
        ({"way": "封存"}, 409, "DISPOSAL_OTHER"),
        ({"carried_out_on": "2020-01-01"}, 409, "DISPOSAL_DAY"),
        ({"carried_out_on": (TODAY + timedelta(days=1)).isoformat()}, 409, "DISPOSAL_DAY"),
        ({"witnessed_by": CERTIFICATE["carried_out_by"]}, 409, "DISPOSAL_WITNESS"),
        ({"witnessed_by": "李 四"}, 409, "DISPOSAL_WITNESS"),
        ({"covers": "\u200b\u200b"}, 422, "DISPOSAL_INCOMPLETE"),
    ):
        assert refused(town.act("own_lead", request_id, "disposed", certificate=CERTIFICATE | changes), status, code)
    assert refused(town.act("own_lead", request_id, "disposed"), 422, "DISPOSAL_INCOMPLETE")
    page, writer = f"/requests/{request_id}", town.city.browser(town.people["own_lead"].actor.username)
    wrong = writer.send(page, page, to="disposed", **CERTIFICATE | {"carried_out_on": "昨天"})
    assert "处置证明还没有填完整" in unescape(wrong.text)
    assert town.act("own_lead", request_id, "disposed", certificate=CERTIFICATE).json()["state"] == "disposed"
    seen = shown(town, request_id, "lead")["disposal"]
    assert seen["certificate"] == CERTIFICATE
    assert (seen["until"], seen["is_overdue"]) == (until, False)
    assert not waits(town, "own_lead", request_id)


def test_a_use_ends_on_its_day_and_the_nodes_are_told(town: Town, resource: str, in_use: Any, feed_of: Any) -> None:
    tomorrow = TODAY + timedelta(days=1)
    request_id = in_use(resource, valid_until=tomorrow.isoformat())
    longer = in_use(resource)
    sessions, key = town.city.app.state.sessions, town.city.app.state.directory_key

    def ended(day: date) -> int:
        with sessions.begin() as session:
            return expire(session, key, datetime(day.year, day.month, day.day, 4, tzinfo=UTC))

    assert ended(tomorrow) == 0  # its last day is a day of use
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(ended, [tomorrow + timedelta(days=1)] * 2)) == 1
    seen = shown(town, request_id)
    assert (seen["state"], seen["stage"], seen["steps"][-1]["by"]) == ("expired", "disposal", "到期")
    assert shown(town, longer)["state"] == "active"
    last = Signed.model_validate(feed_of()[-1]["body"]).payload_bytes()
    assert GrantChange.from_bytes(last).to == "terminated"
    assert ended(tomorrow + timedelta(days=1)) == 0


def test_nobody_decides_that_a_term_is_over_by_sql_either(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_AGREED)
    lead = town.people["lead"].actor
    insert = text(
        "INSERT INTO request_step (request_id, seq, version, requested_by, act, state, stage, decided_by, decider_name,"
        " org_name, comment, reason, decided_at)"
        " SELECT id, step_seq + 1, version, created_by, :act, :act, '', :by, '某', '某局', '', '', now()"
        " FROM request WHERE id = :id"
    )
    with town.city.app.state.sessions() as session:
        for act, by in (("expired", lead.account_id), ("terminated", None)):
            with pytest.raises(IntegrityError, match="ck_request_step_"), session.begin_nested():
                session.execute(insert, {"id": request_id, "act": act, "by": by})
        for statement in (
            "UPDATE disposal_certificate SET way = way",
            "DELETE FROM request_item_refusal",
            "UPDATE request_supplement SET part = part",
            "UPDATE standing_consent SET words = words",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
                session.execute(text(statement))


def test_a_renewal_goes_on_where_the_use_ends(town: Town, resource: str, in_use: Any, first_rows: Any) -> None:
    tomorrow, later = TODAY + timedelta(days=1), (TODAY + timedelta(days=400)).isoformat()
    request_id = in_use(resource, valid_until=tomorrow.isoformat())
    clerk, address = town.people["clerk"].client, f"/api/v1/requests/{request_id}/renewals"
    same = town.asks(resource, valid_until=tomorrow.isoformat())
    assert refused(clerk.post(address, json=same), 409, "RENEWAL_DAY")
    other = town.publish("户籍家庭成员", conditional_sharing())
    assert refused(clerk.post(address, json=town.asks(other, valid_until=later)), 409, "RESOURCE_FIXED")
    made = clerk.post(address, json=town.asks(resource, valid_until=later))
    assert made.status_code == 201, made.text
    again = clerk.post(address, json=town.asks(resource, valid_until=later))
    renewal = again.json()["id"]
    assert shown(town, made.json()["id"])["state"] == "discarded"  # a draft of one's own gives way
    sooner = clerk.put(f"/api/v1/requests/{renewal}", json=same)
    assert refused(sooner, 409, "RENEWAL_DAY")  # nor by changing it afterwards
    link = f"/requests/{renewal}"
    for who, is_seen in (("clerk", True), ("lead", False)):  # a draft is its own department's
        page = town.city.browser(town.people[who].actor.username).get(f"/requests/{request_id}").text
        assert (link in page) is is_seen, who
    assert town.act("own_lead", renewal, "req_approved").status_code == 200
    assert refused(clerk.post(address, json=town.asks(resource, valid_until=later)), 409, "RENEWAL_OPEN")
    for who, to in TO_AGREED[1:]:
        assert town.act(who, renewal, to).status_code == 200
    grant_id = shown(town, renewal)["grant_id"]
    assert granted(town, grant_id).route_id == granted(town, shown(town, request_id)["grant_id"]).route_id
    assert town.countersign(grant_id).status_code == 200
    with town.city.app.state.sessions.begin() as session:
        day = tomorrow + timedelta(days=1)
        expire(session, town.city.app.state.directory_key, datetime(day.year, day.month, day.day, 4, tzinfo=UTC))
    seen = shown(town, request_id)
    assert (seen["state"], seen["stage"], seen["waits_for"]) == ("expired", "", [])  # what arrived goes on being used
    assert refused(clerk.post(address, json=town.asks(resource, valid_until=later)), 409, "RENEWAL_STATE")
    over = town.act("own_lead", renewal, "purpose_done", comment="一批也没有再要")
    assert (over.json()["state"], over.json()["stage"]) == (
        "purpose_done",
        "disposal",
    )  # what had arrived is still held


def test_a_renewal_is_drafted_on_its_page(town: Town, resource: str, in_use: Any) -> None:
    clerk = town.city.browser(town.people["clerk"].actor.username)
    page = f"/requests/{in_use(resource)}"
    form = unescape(clerk.get(f"{page}/renew").text)
    assert "养老保险待遇资格核验" in form
    sent = {key: value for key, value in town.asks(resource).items() if key != "statement"} | {"statement": "yes"}
    early = clerk.send(f"{page}/renew", f"{page}/renew", **sent)
    assert "续期后的使用时限须晚于" in unescape(early.text)
    sent["valid_until"] = (TODAY + timedelta(days=500)).isoformat()
    made = clerk.send(f"{page}/renew", f"{page}/renew", **sent)
    assert made.status_code == 303, made.text
    assert "续期自前一份申请" in unescape(clerk.get(made.headers["location"]).text)
    draft = made.headers["location"]
    assert "将作废" in clerk.get(f"{page}/renew").text  # one's own draft gives way to a new one, and that is said
    assert town.act("own_lead", draft.rpartition("/")[2], "req_approved").status_code == 200
    assert clerk.get(f"{page}/renew").headers["location"] == page


def test_who_decides_on_many_and_who_on_one_of_them_do_not_stop_each_other(
    town: Town, resource: str, in_use: Any
) -> None:
    ids, now = sorted(UUID(in_use(resource)) for _ in range(2)), datetime.now(UTC)
    state, people = town.city.app.state, town.people
    key, waits_for_me = state.directory_key, "NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"

    def suspend_both() -> Any:
        with state.sessions.begin() as session:
            actor, said = people["approver"].actor, Said(comment="抽查")
            return move_many(session, actor, key, ids, Act.SUSPENDED, now, said, suite_2=frozenset())

    with ThreadPoolExecutor(1) as pool:
        with state.sessions.begin() as session:
            lead, last = people["lead"].actor, ids[1]
            locked(session, lead, last)
            both = pool.submit(suspend_both)
            while not session.scalar(text(f"SELECT count(*) FROM pg_locks WHERE {waits_for_me}")):
                assert not both.done()
            decide(session, lead, key, last, Act.SUSPENDED, now, Said(comment="先停"), suite_2=frozenset())
        outcomes = both.result()
    assert [error and error.code for error in outcomes.values()] == [None, "MOVE_ILLEGAL"]
    assert [shown(town, str(each))["state"] for each in ids] == ["suspended", "suspended"]
