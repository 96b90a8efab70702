"""A request goes on with another clerk when its own left: handed over by their lead, decided on by neither."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from directory.roles import Role
from tests.directory.access.conftest import TO_ENDORSED, Town, refused, shown, waits
from tests.directory.access.test_commands import run
from tests.directory.conftest import Command

__all__ = ["run"]


def _hand(town: Town, who: str, request_id: str, to: str, comment: str = "经办人调离") -> Any:
    return town.act(who, request_id, "handed_over", comment=comment, handed_to=to)


def _name(town: Town, who: str) -> str:
    return str(town.people[who].actor.username)


def test_a_draft_goes_on_with_whom_it_was_handed_to(town: Town, resource: str) -> None:
    request_id = str(town.create(resource)["id"])
    second = _name(town, "second_clerk")
    assert refused(_hand(town, "clerk", request_id, second), 403, "FORBIDDEN")
    assert refused(_hand(town, "lead", request_id, second), 404, "REQUEST_NOT_FOUND")
    assert refused(_hand(town, "own_lead", request_id, second, ""), 409, "COMMENT_REQUIRED")
    for nobody in ("", "nobody", _name(town, "clerk"), _name(town, "lead"), _name(town, "own_lead")):
        assert refused(_hand(town, "own_lead", request_id, nobody), 409, "HANDLER_UNFIT"), nobody
    told = {"comment": "x", "handed_to": second}
    assert refused(town.act("own_lead", request_id, "req_approved", **told), 422, "SAID_TOO_MUCH")
    done = _hand(town, "own_lead", request_id, second)
    assert done.status_code == 200, done.text
    last = done.json()["steps"][-1]
    name = town.people["second_clerk"].actor.display_name
    assert (last["act"], last["handed_to"], last["state"]) == ("handed_over", name, "draft")
    notices = town.people["second_clerk"].client.get("/api/v1/notices").json()["items"]
    assert any("交您接办" in each["zh"] for each in notices)

    changed = town.asks(resource, scenario="接办后改写的使用场景")
    at = f"/api/v1/requests/{request_id}"
    assert refused(town.people["clerk"].client.put(at, json=changed), 403, "FORBIDDEN")
    assert town.people["second_clerk"].client.put(at, json=changed).status_code == 200
    assert town.act("own_lead", request_id, "req_approved").status_code == 200
    assert waits(town, "second_clerk", request_id)
    assert not waits(town, "clerk", request_id)
    assert refused(town.act("clerk", request_id, "submitted"), 403, "FORBIDDEN")
    assert town.act("second_clerk", request_id, "submitted").status_code == 200
    assert refused(_hand(town, "own_lead", request_id, _name(town, "clerk")), 409, "MOVE_ILLEGAL")


def test_whoever_began_it_sees_whom_it_was_handed_to(town: Town, resource: str, run: Command) -> None:
    request_id, name = str(town.create(resource)["id"]), town.people["second_clerk"].actor.display_name
    before = town.people["clerk"].client.get("/api/v1/worklist", params={"tab": "mine"}).json()
    assert _hand(town, "own_lead", request_id, _name(town, "second_clerk")).status_code == 200
    mine = town.people["clerk"].client.get("/api/v1/worklist", params={"tab": "mine"}).json()
    assert mine["counts"]["mine"] == before["counts"]["mine"]
    assert {each["id"]: each["handed_to"] for each in mine["items"]}[request_id] == name
    assert all(not each["handed_to"] for each in before["items"] if each["id"] == request_id)
    began, goes_on = (town.city.browser(_name(town, who)) for who in ("clerk", "second_clerk"))
    assert f"已交{name}接办，不再由您办理" in began.get("/approvals?tab=mine").text
    link = f'href="/requests/{request_id}"'
    assert link not in began.get("/").text, "nothing to go on with"
    desk = goes_on.get("/").text
    assert link in desk
    assert "交您接办" in desk
    assert f"已交{name}接办" in run("clerk", "request", "todo", "--tab", "mine")[1]

    assert _hand(town, "own_lead", request_id, _name(town, "clerk"), "回来了").status_code == 200
    back = town.people["clerk"].client.get(f"/api/v1/requests/{request_id}").json()
    assert back["handed_to"] == ""
    assert link in began.get("/").text


def test_who_goes_on_with_it_decides_no_more_than_who_made_it(town: Town, resource: str) -> None:
    both = town.city.person(town.orgs["requester"], Role.REQUESTER, Role.SHARING_LEAD)
    town.people["both"] = both
    request_id = str(town.create(resource)["id"])
    assert _hand(town, "both", request_id, both.actor.username).status_code == 200  # a lead who is a clerk as well
    assert refused(town.act("both", request_id, "req_approved"), 403, "SELF_APPROVAL")
    assert town.act("own_lead", request_id, "req_approved").status_code == 200

    approved = town.bring_to(resource, ("both", "req_approved"))
    refusal = _hand(town, "own_lead", approved, both.actor.username)
    assert refused(refusal, 409, "HANDLER_UNFIT"), "who approved this text"


def test_sql_can_neither_hand_over_nor_decide_as_the_handler(town: Town, resource: str) -> None:
    both = town.city.person(town.orgs["requester"], Role.REQUESTER, Role.SHARING_LEAD)
    request_id = UUID(str(town.create(resource)["id"]))
    sessions = town.city.app.state.sessions
    seize = text("UPDATE request SET handled_by = :who WHERE id = :id")
    with pytest.raises(DBAPIError, match="handed to"), sessions.begin() as session:
        session.execute(seize, {"who": both.actor.account_id, "id": request_id})
    assert _hand(town, "own_lead", str(request_id), both.actor.username).status_code == 200
    approve = text(
        "INSERT INTO request_step (request_id, seq, version, requested_by, act, state, stage, decided_by, decider_name,"
        " org_name, comment, reason, decided_at) SELECT id, step_seq + 1, version, created_by, 'req_approved',"
        " 'req_approved', '', :who, 'x', 'x', '', '', now() + interval '1 minute' FROM request WHERE id = :id"
    )
    with pytest.raises(DBAPIError, match="does not decide on it"), sessions.begin() as session:
        session.execute(approve, {"who": both.actor.account_id, "id": request_id})


def test_by_page_and_command(town: Town, resource: str, run: Any) -> None:
    request_id = town.bring_to(resource, *TO_ENDORSED)
    page = town.city.browser(_name(town, "own_lead"))
    second = _name(town, "second_clerk")
    at = f"/requests/{request_id}"
    assert f'<option value="{second}">' in page.get(at).text
    empty = page.send(at, at, to="handed_over", comment="经办人调离")
    assert (empty.status_code, 'id="handed_to-e"' in empty.text) == (409, True)
    assert page.send(at, at, to="handed_over", comment="经办人调离", handed_to=second).status_code == 303
    assert f"由{town.people['second_clerk'].actor.display_name}接办" in page.get(at).text
    back = run(
        "own_lead", "request", "move", "handed_over", request_id, "-m", "改由原经办人", "--to", _name(town, "clerk")
    )
    assert back[0] == 0, back
    assert [step["act"] for step in shown(town, request_id)["steps"]][-2:] == ["handed_over", "handed_over"]
    assert town.act("clerk", request_id, "submitted").status_code == 200
