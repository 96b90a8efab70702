"""A situation of Articles 39 and 40 is filed by who found it, answered by its department, closed by the office."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.situations.codes import situations
from tests.directory.access.conftest import TO_ACCEPTED, Town, refused


@pytest.fixture(scope="module")
def asked(town: Town, resource: str) -> str:
    """A request between the requester and the provider."""
    return town.bring_to(resource, *TO_ACCEPTED)


def _file(town: Town, who: str, code: str, **body: Any) -> Any:
    client = town.people[who].client
    return client.post("/api/v1/situations", json={"code": code, "words": "检查使用记录时发现"} | body)


def _say(town: Town, who: str, situation_id: str, what: str, **body: Any) -> Any:
    return town.people[who].client.post(f"/api/v1/situations/{situation_id}/{what}", json=body)


def test_every_situation_of_a_department_can_be_filed_and_none_of_the_office() -> None:
    assert list(situations()) == [*(f"P{n}" for n in range(1, 10)), *(f"C{n}" for n in range(1, 8))]


def test_filed_answered_closed(town: Town, asked: str) -> None:
    made = _file(town, "lead", "C5", request_id=asked)
    assert made.status_code == 201, made.text
    filed = made.json()
    assert (filed["org_code"], filed["status"], filed["article"]) == (town.orgs["requester"], "open", "条例第四十条")
    told = town.people["own_lead"].client.get("/api/v1/notices").json()["items"]
    assert any("被立案核查" in each["zh"] and "C5" in each["zh"] for each in told)
    at = filed["id"]
    assert at in _tasks(town, "own_lead")
    assert at not in _tasks(town, "approver")  # the department is heard first
    assert refused(_say(town, "approver", at, "closing", outcome="corrected", words="x"), 409, "SITUATION_UNANSWERED")
    assert refused(_say(town, "lead", at, "answers", words="x"), 403, "FORBIDDEN")
    assert refused(_say(town, "outside_lead", at, "answers", words="x"), 404, "SITUATION_NOT_FOUND")
    assert refused(_say(town, "own_lead", at, "answers", words=" "), 409, "COMMENT_REQUIRED")
    assert _say(town, "own_lead", at, "answers", words="已补录去年的使用记录").json()["status"] == "answered"
    assert at in _tasks(town, "approver")
    assert at not in _tasks(town, "own_lead")
    assert refused(_say(town, "own_lead", at, "closing", outcome="corrected", words="x"), 403, "FORBIDDEN")
    assert _say(town, "approver", at, "closing", outcome="forgiven", words="x").status_code == 422
    closed = _say(town, "approver", at, "closing", outcome="corrected", words="记录已补齐").json()
    assert (closed["status"], [step["act"] for step in closed["steps"]]) == ("closed", ["answered", "closed"])
    assert refused(_say(town, "own_lead", at, "answers", words="再说一点"), 409, "SITUATION_CLOSED")
    for who, tab in (("lead", "mine"), ("own_lead", "done"), ("approver", "done")):
        assert (
            f"/situations/{at}" in town.city.browser(town.people[who].actor.username).get(f"/approvals?tab={tab}").text
        )
    for who, sees in (("lead", True), ("own_lead", True), ("auditor", True), ("outside_lead", False)):
        listed = town.people[who].client.get("/api/v1/situations?is_open=false").json()
        assert (at in [each["id"] for each in listed]) is sees, who
        assert at not in [each["id"] for each in town.people[who].client.get("/api/v1/situations?is_open=true").json()]


def _tasks(town: Town, who: str) -> str:
    return str(town.people[who].client.get("/api/v1/worklist").json())


def test_of_whom_somebody_may_file(town: Town, asked: str, resource: str) -> None:
    provider, office = town.orgs["provider"], town.orgs["office"]
    assert _file(town, "own_lead", "P4", request_id=asked).json()["org_code"] == provider
    assert refused(_file(town, "own_lead", "C2", request_id=asked), 409, "SITUATION_ORG")  # of one's own
    assert refused(_file(town, "own_lead", "P2", org_code=provider), 409, "SITUATION_ORG")  # no request between them
    assert refused(_file(town, "lead", "C2", request_id=asked, org_code=provider), 409, "SITUATION_ORG")
    assert refused(_file(town, "outside_lead", "P4", request_id=asked), 404, "REQUEST_NOT_FOUND")
    assert refused(_file(town, "clerk", "P4", request_id=asked), 403, "FORBIDDEN")
    assert refused(_file(town, "reviewer", "P1"), 409, "SITUATION_ORG")
    assert refused(_file(town, "reviewer", "P1", org_code=office), 409, "SITUATION_ORG")
    assert _file(town, "reviewer", "P1", org_code="no-such").status_code == 404
    assert _file(town, "reviewer", "A1", org_code=provider).status_code == 422
    assert refused(_file(town, "reviewer", "P1", org_code=provider, words=""), 409, "COMMENT_REQUIRED")
    made = _file(town, "reviewer", "P1", org_code=provider, resource=resource).json()
    assert (made["org_code"], made["resource_id"], made["request_id"]) == (provider, resource, None)


def test_nobody_closes_what_they_found(town: Town, asked: str) -> None:
    at = _file(town, "approver", "C2", request_id=asked).json()["id"]
    _say(town, "own_lead", at, "answers", words="没有扩大使用")
    assert refused(_say(town, "approver", at, "closing", outcome="unfounded", words="属实"), 403, "SELF_APPROVAL")
    with town.city.app.state.sessions() as session:
        for statement in ("UPDATE situation SET words = 'x'", "DELETE FROM situation_step"):
            with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
                session.execute(text(statement))
        forged = text(
            "INSERT INTO situation_step (situation_id, seq, found_by, act, outcome, words, said_by, said_by_name,"
            " org_name, said_at) SELECT id, 9, found_by, 'closed', 'unfounded', 'x', found_by, 'x', 'x', now()"
            " FROM situation WHERE id = :id"
        )
        with pytest.raises(IntegrityError, match="no_self_approval"), session.begin_nested():
            session.execute(forged, {"id": at})


def test_on_pages(town: Town, asked: str) -> None:
    lead, own_lead, approver = (
        town.city.browser(town.people[who].actor.username) for who in ("lead", "own_lead", "approver")
    )
    form = f"/situations/new?code=C4&about={asked}"
    assert '<option value="C4" selected>' in lead.get(form).text
    empty = lead.send(form, "/situations/new", code="C4", request_id=asked, words="")
    assert (empty.status_code, "请写明经过" in empty.text) == (409, True)
    unchosen = lead.send(form, "/situations/new", request_id=asked, words="未处置")
    assert (unchosen.status_code, "还没有选是哪种情形" in unchosen.text) == (422, True)
    unknown = lead.send(form, "/situations/new", code="C4", request_id="abc", words="未处置")
    assert (unknown.status_code, 'id="request_id-e"' in unknown.text) == (404, True)
    assert f"/situations/new?about={asked}" in lead.get(f"/requests/{asked}").text
    at_request = f"https://city.example/requests/{asked}#decide"  # what a person can copy
    made = lead.send(form, "/situations/new", code="C4", request_id=at_request, words="到期后未出具处置证明")
    assert made.status_code == 303, made.text
    at = made.headers["location"]
    assert "未按要求妥善处置" in own_lead.get("/situations").text
    assert own_lead.send(at, at, act="answer", words="证明已补").status_code == 303
    missing = approver.send(at, at, act="close", words="已补")
    assert (missing.status_code, 'id="outcome-e"' in missing.text) == (422, True)
    assert approver.send(at, at, act="close", outcome="corrected", words="已补").status_code == 303
    assert "办结，已改正" in own_lead.get(at).text
    assert town.city.browser(town.people["outside_lead"].actor.username).get(at).status_code == 404


def test_by_command(town: Town, asked: str, run: Any) -> None:
    made = run("reviewer", "situation", "file", "P4", "--request", asked, "-m", "超期未答复", "--json")
    assert made[0] == 0, made[2]
    at = json.loads(made[1])["id"]
    assert run("lead", "situation", "answer", at, "-m", "系统故障所致")[0] == 0
    assert run("approver", "situation", "close", at, "unfounded", "-m", "有正当理由")[0] == 0
    assert "办结，不成立" in run("auditor", "situation", "show", at)[1]
    assert at not in run("auditor", "situation", "list", "--open")[1]
    assert at in run("auditor", "situation", "list")[1]
