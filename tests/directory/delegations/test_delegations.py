"""授权代理: a colleague decides for somebody, on record as both, never further on, never on their own case."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from directory.access.models import RequestStep
from directory.clock.deadlines import day_of
from directory.delegations.models import DelegationRow
from directory.permissions import DELEGATED_ACTIONS, PERMISSIONS
from directory.resources.models import ResourceStep
from directory.roles import DELEGATED_ROLES, Role
from tests.directory.access.conftest import (
    REASON,
    TO_ACCEPTED,
    Town,
    conditional_sharing,
    refused,
    resource,
    shown,
    town,
    waits,
)

__all__ = ["resource", "town"]
TODAY = day_of(datetime.now(UTC))


def given(role: Role, delegate: str, *, starts: int = 0, ends: int = 7, reason: str = "出差") -> dict[str, str]:
    today = day_of(datetime.now(UTC))
    first, last = today + timedelta(days=starts), today + timedelta(days=ends)
    return {
        "role": role,
        "delegate": delegate,
        "starts_on": first.isoformat(),
        "ends_on": last.isoformat(),
        "reason": reason,
    }


@pytest.fixture
def deputy(town: Town) -> Any:
    """A new colleague of the provider's without a deciding role, who plays ``deputy`` for this test."""
    town.people["deputy"] = town.city.person(town.orgs["provider"], Role.EDITOR)
    yield town.people["deputy"]
    for each in town.people["lead"].client.get("/api/v1/delegations").json():
        if each["may_revoke"]:
            town.people["lead"].client.post(f"/api/v1/delegations/{each['id']}/revocation")


def delegate(town: Town, deputy: Any, **days: Any) -> dict[str, Any]:
    answer = town.people["lead"].client.post(
        "/api/v1/delegations", json=given(Role.SHARING_LEAD, deputy.actor.username, **days)
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_delegate_decides_and_both_are_on_record(town: Town, resource: str, deputy: Any) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    assert town.act("deputy", request_id, "agreed").status_code == 404, "an editor sees no requests"
    made = delegate(town, deputy)
    assert (made["state"], made["delegate"]) == ("running", deputy.actor.username)
    assert waits(town, "deputy", request_id)
    answer = town.act("deputy", request_id, "agreed")
    assert answer.status_code == 200, answer.text
    step = shown(town, request_id)["steps"][-1]
    lead = town.people["lead"].actor
    assert step["by"] == f"{deputy.actor.display_name}（代{lead.display_name}）"
    with town.city.app.state.sessions() as session:
        row = session.scalars(
            select(RequestStep).where(RequestStep.request_id == request_id, RequestStep.act == "agreed")
        ).one()
        assert (row.decided_by, row.decided_for) == (deputy.actor.account_id, lead.account_id)
        assert str(row.delegation_id) == made["id"]
        entries = session.scalars(text("SELECT convert_from(bytes, 'UTF8') FROM audit_out")).all()
    assert any(f'"for":"{lead.username}"' in each and request_id in each for each in entries)


def test_a_delegation_ends_by_itself_and_begins_on_its_day(town: Town, resource: str, deputy: Any) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    row = {"role": "sharing_lead", "reason": "x", "created_at": datetime.now(UTC)}
    row |= {"delegator_id": town.people["lead"].actor.account_id, "delegate_id": deputy.actor.account_id}
    with town.city.app.state.sessions.begin() as session:
        session.add(DelegationRow(**row, starts_on=TODAY - timedelta(5), ends_on=TODAY - timedelta(1)))
        session.add(DelegationRow(**row, starts_on=TODAY + timedelta(2), ends_on=TODAY + timedelta(5)))
    assert town.act("deputy", request_id, "agreed").status_code == 404
    assert not waits(town, "deputy", request_id)
    states = {each["state"] for each in deputy.client.get("/api/v1/delegations").json()}
    assert states == {"over", "coming"}


class Tomorrow(datetime):
    """A clock that has just passed midnight."""

    @classmethod
    def now(cls, tz: Any = None) -> "Tomorrow":
        return cls.fromtimestamp(datetime.now(tz).timestamp() + 24 * 3600, tz)


def test_a_step_that_midnight_overtakes_is_refused_by_its_own_instant(
    town: Town, resource: str, deputy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks is looked up on the delegation's last day, and the step would be taken on the next."""
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    delegate(town, deputy, ends=0)
    assert "agreed" in shown(town, request_id, "deputy")["acts"]
    many = {"to": "agreed", "ids": [request_id]}
    with monkeypatch.context() as midnight:
        midnight.setattr("directory.access.api.datetime", Tomorrow)
        assert refused(town.act("deputy", request_id, "agreed"), 409, "DELEGATION_LAPSED")
        [outcome] = deputy.client.post("/api/v1/requests/transitions", json=many).json()["requests"]
        assert (outcome["is_done"], outcome["code"]) == (False, "DELEGATION_LAPSED")
    assert shown(town, request_id)["state"] == "submitted"
    assert town.act("deputy", request_id, "agreed").status_code == 200


def test_a_delegate_without_a_role_of_their_own_reads_what_they_decide_on(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    town.people["helper"] = helper = town.city.person(town.orgs["provider"])
    delegate(town, helper)
    assert helper.client.get(f"/api/v1/resources/{resource}").status_code == 200
    answer = town.act("helper", request_id, "refused", reason=REASON)
    assert answer.status_code == 200, answer.text
    [made] = [each for each in helper.client.get("/api/v1/delegations").json() if each["state"] == "running"]
    town.people["lead"].client.post(f"/api/v1/delegations/{made['id']}/revocation")


def test_revoked_at_once_by_either_hand_and_by_nobody_else(town: Town, resource: str, deputy: Any) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    made = delegate(town, deputy)
    path = f"/api/v1/delegations/{made['id']}/revocation"
    assert refused(town.people["outside_lead"].client.post(path), 404, "DELEGATION_NOT_FOUND")
    assert deputy.client.post(path).json()["state"] == "revoked"
    assert refused(town.people["lead"].client.post(path), 409, "DELEGATION_OVER")
    assert town.act("deputy", request_id, "agreed").status_code == 404


def test_never_a_chain(town: Town, deputy: Any) -> None:
    delegate(town, deputy)
    third = town.city.person(town.orgs["provider"], Role.EDITOR)
    answer = deputy.client.post("/api/v1/delegations", json=given(Role.SHARING_LEAD, third.actor.username))
    assert refused(answer, 403, "DELEGATION_ROLE")


def test_never_to_decide_on_the_delegators_own_case(town: Town, resource: str) -> None:
    """Neither the delegate's own request nor the delegator's: both people count."""
    boss = town.city.person(town.orgs["requester"], Role.SHARING_LEAD, Role.REQUESTER)
    clerk = town.people["clerk"]
    answer = boss.client.post("/api/v1/delegations", json=given(Role.SHARING_LEAD, clerk.actor.username))
    assert answer.status_code == 201, answer.text
    own = str(town.create(resource)["id"])
    assert refused(town.act("clerk", own, "req_approved"), 403, "SELF_APPROVAL")
    asked = boss.client.post("/api/v1/requests", json=town.asks(resource))
    bosss = asked.json()["id"]
    assert refused(town.act("clerk", bosss, "req_approved"), 403, "SELF_APPROVAL")
    assert not waits(town, "clerk", bosss)
    assert not waits(town, "clerk", own)


def test_nothing_that_outlasts_it_is_delegated(town: Town, deputy: Any) -> None:
    """A standing consent, a prefix: the lead's own to sign."""
    delegate(town, deputy)
    ref = town.publish("行政区划代码", conditional_sharing(share_type="unconditional"))
    answer = deputy.client.post("/api/v1/consents", json={"resource": ref, "words": "同意"})
    assert refused(answer, 403, "FORBIDDEN")
    assert all(PERMISSIONS[each].keys() & DELEGATED_ROLES for each in DELEGATED_ACTIONS)


def test_a_head_delegates_approval_but_not_to_the_author(town: Town, deputy: Any) -> None:
    head, editor = town.people["head"], town.people["editor"]
    ref = town.register("出入境证件信息", conditional_sharing())
    made = head.client.post("/api/v1/delegations", json=given(Role.DEPARTMENT_HEAD, editor.actor.username)).json()
    body = {"to": "head_approved"}
    assert refused(editor.client.post(f"/api/v1/resources/{ref}/transitions", json=body), 403, "SELF_APPROVAL")
    head.client.post(f"/api/v1/delegations/{made['id']}/revocation")
    head.client.post("/api/v1/delegations", json=given(Role.DEPARTMENT_HEAD, deputy.actor.username))
    answer = deputy.client.post(f"/api/v1/resources/{ref}/transitions", json=body)
    assert answer.status_code == 200, answer.text
    with town.city.app.state.sessions() as session:
        query = select(ResourceStep).where(ResourceStep.resource_id == ref, ResourceStep.step == "head_approve")
        row = session.scalars(query).one()
    assert (row.decided_by, row.decided_for) == (deputy.actor.account_id, head.actor.account_id)
    page = town.city.browser(head.actor.username).get(f"/resources/{ref}").text
    assert f"{deputy.actor.display_name}（代{head.actor.display_name}）" in page


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"role": Role.OFFICE_APPROVER}, 403, "DELEGATION_ROLE"),
        ({"role": Role.EDITOR}, 403, "DELEGATION_ROLE"),
        ({"ends": 120}, 422, "DELEGATION_DAYS"),
        ({"starts": 5, "ends": 4}, 422, "DELEGATION_DAYS"),
        ({"starts": -9, "ends": -1}, 422, "DELEGATION_DAYS"),
        ({"starts": 400, "ends": 401}, 422, "DELEGATION_DAYS"),
        ({"reason": " "}, 409, "COMMENT_REQUIRED"),
        ({"delegate": "nobody"}, 422, "DELEGATE_UNFIT"),
        ({"delegate": "self"}, 422, "DELEGATE_UNFIT"),
        ({"delegate": "outsider"}, 422, "DELEGATE_UNFIT"),
        ({"delegate": "administrator"}, 422, "DELEGATE_UNFIT"),
    ],
)
def test_what_is_refused(town: Town, deputy: Any, changes: dict[str, Any], status: int, code: str) -> None:
    names = {
        "": deputy.actor.username,
        "self": town.people["lead"].actor.username,
        "outsider": town.people["clerk"].actor.username,
        "nobody": "nobody",
    }
    chosen = changes.pop("delegate", "")
    if chosen == "administrator":
        names[chosen] = town.city.person(town.orgs["provider"], Role.AUDITOR).actor.username
    body = given(changes.pop("role", Role.SHARING_LEAD), names[chosen], **changes)
    assert refused(town.people["lead"].client.post("/api/v1/delegations", json=body), status, code)


def test_two_at_once_are_refused_and_the_page_says_so(town: Town, deputy: Any) -> None:
    delegate(town, deputy)
    body = given(Role.SHARING_LEAD, deputy.actor.username, starts=3, ends=4)
    assert refused(town.people["lead"].client.post("/api/v1/delegations", json=body), 409, "DELEGATION_OVERLAPS")
    browser = town.city.browser(town.people["lead"].actor.username)
    answer = browser.send("/delegations", "/delegations", **body)
    assert answer.status_code == 409
    assert "DELEGATION_OVERLAPS" in answer.text
    [made] = [each for each in deputy.client.get("/api/v1/delegations").json() if each["state"] == "running"]
    assert browser.send("/delegations", "/delegations/revocation", delegation_id=made["id"]).status_code == 303
    assert browser.send("/delegations", "/delegations", **body).status_code == 303
    assert "尚未开始" in browser.get("/delegations").text


def test_the_delegate_is_told_when_it_begins_and_both_when_it_ends_early(town: Town, deputy: Any) -> None:
    made = delegate(town, deputy)
    giver = town.people["lead"].actor.display_name
    [first, *_] = deputy.client.get("/api/v1/notices").json()["items"]
    assert first["zh"].startswith(
        f"{giver}授权您在 {made['starts_on']} 至 {made['ends_on']} 代理其“共享工作机构负责人”"
    )
    assert deputy.client.post(f"/api/v1/delegations/{made['id']}/revocation").status_code == 200
    [last, *_] = town.people["lead"].client.get("/api/v1/notices").json()["items"]
    assert (last["kind"], deputy.actor.display_name in last["zh"]) == ("delegation:ended", True)
    assert deputy.client.get("/api/v1/notices").json()["items"][0]["kind"] == "delegation:given"  # they did it and know
