"""A service in use is changed or ended only when that was announced, negotiated and filed, and its day has come."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.errors import DirectoryError
from directory.resources.decide import move
from directory.services import announce as verbs
from directory.services.queries import notice_row, parties_of, status_of, steps_of
from tests.directory.access.conftest import TODAY, Town, conditional_sharing, refused

SOON, LATER = TODAY + timedelta(days=5), TODAY + timedelta(days=30)


@pytest.fixture(scope="module")
def used(town: Town, in_use: Callable[..., str]) -> tuple[str, str]:
    """An entry and a request under which it is used."""
    resource = town.publish("不动产登记信息", conditional_sharing())
    return resource, in_use(resource)


def _announce(town: Town, resource: str, who: str = "lead", **changes: Any) -> Any:
    body = {
        "resource": resource,
        "kind": "end",
        "words": "登记系统下线",
        "answer_by": SOON.isoformat(),
        "takes_effect_on": LATER.isoformat(),
    }
    return town.people[who].client.post("/api/v1/services", json=body | changes)


def _say(town: Town, who: str, notice_id: str, what: str, **body: Any) -> Any:
    return town.people[who].client.post(f"/api/v1/services/{notice_id}/{what}", json=body)


def _at(day: Any) -> datetime:
    return datetime.combine(day, time(4), UTC)


def test_announced_negotiated_filed(town: Town, used: tuple[str, str]) -> None:
    resource, request_id = used
    assert refused(_announce(town, resource, words=" "), 409, "COMMENT_REQUIRED")
    assert refused(_announce(town, resource, answer_by=TODAY.isoformat()), 409, "SERVICE_DAYS")
    assert refused(_announce(town, resource, takes_effect_on=TODAY.isoformat()), 409, "SERVICE_DAYS")
    assert refused(_announce(town, resource, "own_lead"), 403, "FORBIDDEN")
    assert refused(_announce(town, resource, kind="other"), 422, "INPUT_MALFORMED")
    assert refused(_announce(town, resource, since="x"), 422, "INPUT_MALFORMED")
    made = _announce(town, resource)
    assert made.status_code == 201, made.text
    notice = made.json()
    assert (notice["status"], notice["silent"], [use["request_id"] for use in notice["uses"]]) == (
        "answering",
        1,
        [request_id],
    )
    assert refused(_announce(town, resource), 409, "SERVICE_OPEN")
    assert refused(_say(town, "approver", notice["id"], "filing", words="同意备案"), 409, "SERVICE_UNSETTLED")

    objection = {"request_id": request_id, "is_agreed": False}
    assert refused(_say(town, "own_lead", notice["id"], "answers", **objection), 409, "COMMENT_REQUIRED")
    assert refused(_say(town, "clerk", notice["id"], "answers", **objection, words="不行"), 403, "FORBIDDEN")
    assert refused(_say(town, "lead", notice["id"], "answers", **objection, words="不行"), 404, "SERVICE_NOT_YOURS")
    assert refused(_say(town, "outside_lead", notice["id"], "answers", **objection), 404, "SERVICE_NOT_FOUND")
    objected = _say(town, "own_lead", notice["id"], "answers", **objection, words="替代渠道未通，请顺延")
    assert (objected.json()["objected"], objected.json()["status"]) == (1, "answering")
    assert refused(_say(town, "approver", notice["id"], "filing", words="同意备案"), 409, "SERVICE_UNSETTLED")
    assert _say(town, "lead", notice["id"], "replies", words="替代接口月底开通").json()["status"] == "filable"
    agreed = _say(town, "own_lead", notice["id"], "answers", request_id=request_id, is_agreed=True)
    assert (agreed.json()["agreed"], agreed.json()["objected"]) == (1, 0)
    assert refused(_say(town, "lead", notice["id"], "filing", words="自己备"), 403, "FORBIDDEN")
    assert refused(_say(town, "approver", notice["id"], "filing", words=""), 409, "COMMENT_REQUIRED")
    filed = _say(town, "approver", notice["id"], "filing", words="异议已解决，准予备案").json()
    assert (filed["status"], filed["acts"]) == ("filed", [])
    assert [step["act"] for step in filed["steps"]] == ["objected", "answered", "agreed", "filed"]
    assert refused(_say(town, "lead", notice["id"], "withdrawal", words="算了"), 409, "SERVICE_CLOSED")
    for who, sees in (("lead", True), ("own_lead", True), ("auditor", True), ("outside_lead", False)):
        listed = town.people[who].client.get("/api/v1/services").json()
        assert (notice["id"] in [each["id"] for each in listed]) is sees, who
    told = town.people["own_lead"].client.get("/api/v1/notices").json()
    assert any("拟自" in each["zh"] and "终止服务" in each["zh"] for each in told["items"]), told


def test_an_entry_in_use_is_not_withdrawn_before_its_day(town: Town, used: tuple[str, str]) -> None:
    resource = UUID(used[0])
    sessions, approver = town.city.app.state.sessions, town.people["approver"].actor
    for now, code in ((datetime.now(UTC), "SERVICE_UNANNOUNCED"), (_at(LATER), "")):
        with sessions() as session:  # never committed
            if code:
                with pytest.raises(DirectoryError, match=code):
                    move(session, approver, str(resource), "withdrawn", "系统下线", now)
            else:
                assert move(session, approver, str(resource), "withdrawn", "系统下线", now).status == "withdrawn"


def test_silence_neither_agrees_nor_holds_up(town: Town, resource: str, in_use: Callable[..., str]) -> None:
    in_use(resource)
    notice_id = UUID(_announce(town, resource, kind="change").json()["id"])
    sessions, approver = town.city.app.state.sessions, town.people["approver"].actor
    with sessions() as session:  # never committed
        with pytest.raises(DirectoryError, match="SERVICE_UNSETTLED"):
            verbs.file(session, approver, notice_id, "备案", _at(SOON))
        notice = verbs.file(session, approver, notice_id, "期满未答复", _at(SOON + timedelta(days=1)))
        parties, steps = parties_of(session, notice), steps_of(session, notice)
        assert [step.act for step in steps] == ["filed"]
        assert status_of(notice, parties, steps, SOON + timedelta(days=2)) == "filed"
        assert status_of(notice, parties, steps, LATER) == "effective"
        with pytest.raises(DirectoryError, match="SERVICE_UNANNOUNCED"):  # a change is no ending
            move(session, approver, resource, "withdrawn", "系统下线", _at(LATER))
    withdrawn = _say(town, "lead", str(notice_id), "withdrawal", words="服务照旧").json()
    assert withdrawn["status"] == "withdrawn"


def test_what_nobody_uses_is_not_announced(town: Town) -> None:
    idle = town.publish("未被使用的目录", conditional_sharing())
    assert refused(_announce(town, idle), 409, "SERVICE_UNUSED")


def test_history_stays_and_nobody_files_their_own(town: Town, used: tuple[str, str]) -> None:
    listed = town.people["lead"].client.get("/api/v1/services").json()
    notice_id = next(each["id"] for each in listed if each["resource_id"] == used[0])
    with town.city.app.state.sessions() as session:
        for statement in (
            "UPDATE service_step SET words = ''",
            "DELETE FROM service_step",
            "UPDATE service_notice SET takes_effect_on = answer_by",
            "DELETE FROM service_party",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
                session.execute(text(statement))
        notice = notice_row(session, town.people["lead"].actor, UUID(notice_id))
        forged = {"n": notice.id, "a": notice.announced_by, "at": datetime.now(UTC)}
        with pytest.raises(IntegrityError, match="no_self_approval"), session.begin_nested():
            session.execute(
                text(
                    "INSERT INTO service_step (notice_id, seq, announced_by, act, words, said_by, said_by_name,"
                    " org_name, said_at) VALUES (:n, 99, :a, 'filed', '', :a, '某', '某局', :at)"
                ),
                forged,
            )


def test_on_pages(town: Town, resource: str, in_use: Callable[..., str]) -> None:
    request_id = in_use(resource)
    lead, own_lead, approver = (
        town.city.browser(town.people[who].actor.username) for who in ("lead", "own_lead", "approver")
    )
    form = f"/services/new?resource={resource}"
    typed = {"resource": resource, "kind": "change", "answer_by": SOON.isoformat(), "takes_effect_on": "下月"}
    bad = lead.send(form, "/services/new", **typed, words="换了新系统")
    assert bad.status_code == 422
    assert "不是日期" in bad.text
    assert "换了新系统" in bad.text
    made = lead.send(form, "/services/new", **typed | {"takes_effect_on": LATER.isoformat()}, words="换了新系统")
    assert made.status_code == 303, made.text
    at = made.headers["location"]
    assert "换了新系统" in own_lead.get("/services").text + own_lead.get(at).text
    empty = own_lead.send(at, at, act="objected", request_id=request_id)
    assert (empty.status_code, "请写明意见" in empty.text) == (409, True)
    assert own_lead.send(at, at, act="objected", request_id=request_id, words="请保留旧接口").status_code == 303
    assert "请保留旧接口" in lead.get(at).text
    assert lead.send(at, at, act="reply", words="保留到年底").status_code == 303
    assert lead.send(at, at, act="").status_code == 422
    for use in town.people["lead"].client.get(f"/api/v1{at}").json()["uses"]:
        own_lead.send(at, at, act="agreed", request_id=use["request_id"])
    assert approver.send(at, at, act="file", words="协商一致").status_code == 303
    assert "已备案" in own_lead.get(at).text
    assert town.city.browser(town.people["outside_lead"].actor.username).get(at).status_code == 404
