"""Who speaks for the requester does not speak for the provider too, when both come to sit in one department."""

from collections.abc import Callable
from typing import Any

import pytest

from directory.roles import Role
from tests.directory.access.conftest import (
    TO_ACCEPTED,
    TO_AGREED,
    TO_ENDORSED,
    TODAY,
    Town,
    conditional_sharing,
    refused,
    shown,
)


def free_sharing() -> Any:
    return conditional_sharing(share_type="unconditional", conditions="", scope="", purposes=(), refusal_reasons=())


def test_the_office_asks_for_itself_and_agrees_by_another(
    town: Town, office_resource: str, new_node: Callable[..., Any]
) -> None:
    """Whoever leads both its sharing and its approvals approved what it asks for; the office's word is another's."""
    office = town.orgs["office"]
    new_node("shuju", office)
    clerk, hat = town.city.person(office, Role.REQUESTER), Role.SHARING_LEAD
    both = town.city.person(office, hat, Role.OFFICE_APPROVER)
    people = town.people | {"clerk": clerk, "own_lead": both}
    theirs = Town(town.city, town.orgs, people, town.nodes)
    request_id = theirs.bring_to(office_resource, *TO_AGREED)
    assert shown(theirs, request_id, "own_lead")["stage"] == "office"
    assert "agreed" not in shown(theirs, request_id, "own_lead")["acts"]
    assert refused(theirs.act("own_lead", request_id, "agreed"), 409, "TWO_SIDES")
    assert theirs.act("approver", request_id, "agreed").json()["state"] == "agreed"


def test_for_whom_somebody_approved_does_not_go_on_with_it(town: Town, resource: str) -> None:
    """An approval in somebody's name is theirs too, so they are not the clerk of that text."""
    requester = town.orgs["requester"]
    absent, deputy = (town.city.person(requester, *roles) for roles in ((Role.SHARING_LEAD, Role.REQUESTER), ()))
    day = TODAY.isoformat()
    given = {"role": "sharing_lead", "delegate": deputy.actor.username, "starts_on": day, "ends_on": day}
    assert absent.client.post("/api/v1/delegations", json=given | {"reason": "出差"}).status_code == 201
    town.people |= {"absent": absent, "absent_deputy": deputy}
    request_id = town.bring_to(resource, ("absent_deputy", "req_approved"))
    to = {"handed_to": absent.actor.username, "comment": "经办人调离"}
    assert refused(town.act("own_lead", request_id, "handed_over", **to), 409, "HANDLER_UNFIT")


def test_who_goes_on_with_a_change_ends_no_use_under_it(town: Town, resource: str, in_use: Any) -> None:
    """With the use ends the change that was agreed to; that is no step of whoever goes on with the change."""
    first = in_use(resource)
    both = town.city.person(town.orgs["requester"], Role.REQUESTER, Role.SHARING_LEAD)
    town.people["second_lead"] = both
    change = less(town, resource, first)
    to = {"handed_to": both.actor.username, "comment": "经办人调离"}
    assert town.act("own_lead", change, "handed_over", **to).status_code == 200
    for who, act in (("own_lead", "req_approved"), ("second_lead", "submitted"), ("reviewer", "accepted")):
        assert town.act(who, change, act).status_code == 200
    assert shown(town, change)["state"] == "agreed"
    done = {"comment": "目的已达到"}
    assert refused(town.act("second_lead", first, "purpose_done", **done), 403, "SELF_APPROVAL")
    assert town.act("own_lead", first, "purpose_done", **done).status_code == 200
    assert shown(town, change)["state"] == "terminated"


def less(town: Town, resource: str, request_id: str) -> str:
    """A change of this use to fewer items; its id."""
    asked = {"request": town.asks(resource, items=["sfzhm", "xm"]), "reason": "不再需要其余各项"}
    made = town.people["clerk"].client.post(f"/api/v1/requests/{request_id}/changes", json=asked)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


@pytest.fixture(scope="module")
def merged(town: Town, resource: str, in_use: Any) -> dict[str, str]:
    """What stood when the requester was merged into the provider: by what it was then."""
    lead = town.people["lead"].client
    free = town.publish("不动产登记机构", free_sharing())
    signed = lead.post("/api/v1/consents", json={"resource": free, "words": "可以直接提供"})
    assert signed.status_code == 201, signed.text
    stood = {
        "accepted": town.bring_to(resource, *TO_ACCEPTED),
        "free": town.bring_to(free),
        "endorsed": town.bring_to(resource, *TO_ENDORSED),
        "change": less(town, resource, in_use(resource)),
    }
    act = {
        "kind": "merge",
        "organisations": [town.orgs["requester"]],
        "successors": [town.orgs["provider"]],
        "effective_on": TODAY.isoformat(),
        "basis": "机构改革方案",
    }
    approver = town.people["approver"].client
    seen = approver.post("/api/v1/reforms/preview", json=act).json()
    assert approver.post("/api/v1/reforms", json=act | {"digest": seen["digest"]}).status_code == 201
    return stood


def test_after_a_merger_another_lead_agrees(town: Town, merged: dict[str, str]) -> None:
    request_id = merged["accepted"]
    assert "agreed" not in shown(town, request_id, "own_lead")["acts"]
    answer = town.act("own_lead", request_id, "agreed")
    assert refused(answer, 409, "TWO_SIDES")
    assert "另一位" in answer.json()["next_step"]
    many = {"to": "agreed", "ids": [request_id]}
    told = town.people["own_lead"].client.post("/api/v1/requests/transitions", json=many).json()
    assert [each["code"] for each in told["requests"]] == ["TWO_SIDES"]
    assert town.act("lead", request_id, "agreed").json()["state"] == "agreed"


def test_a_standing_consent_answers_nothing_that_its_signer_approved(town: Town, merged: dict[str, str]) -> None:
    """It is accepted, and waits for another lead, as if no consent stood."""
    request_id = merged["free"]
    for who, act in (("lead", "req_approved"), ("clerk", "submitted"), ("reviewer", "accepted")):
        answer = town.act(who, request_id, act)
        assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["stage"]) == ("submitted", "provider")
    assert town.act("own_lead", request_id, "agreed").json()["state"] == "agreed"


def test_an_earlier_agreement_covers_no_change_that_its_author_approved(town: Town, merged: dict[str, str]) -> None:
    change = merged["change"]
    for who, act in (("lead", "req_approved"), ("clerk", "submitted"), ("reviewer", "accepted")):
        answer = town.act(who, change, act)
        assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["stage"]) == ("submitted", "provider")
    assert town.act("own_lead", change, "agreed").json()["state"] == "agreed"
