"""What nobody can decide is seen by those who can mend it: also where the only decider has decided on it before."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from directory.roles import Role
from directory.supervision.undecided import undecided
from metadata.resource import Party
from tests.directory.access.conftest import (
    REASON,
    TO_ACCEPTED,
    TO_AGREED,
    TODAY,
    Town,
    conditional_sharing,
    office_resource,
    refused,
    resource,
    shown,
    town,
)
from tests.directory.objections.test_life import objected, step

__all__ = ["office_resource", "resource", "town"]

NAME = "信息办缺人的事项"


def found(town: Town, kind: str) -> list[tuple[Any, ...]]:
    answer = town.people["reviewer"].client.get("/api/v1/supervision/undecided").json()
    named = ("org_code", "role", "needs_another", "count", "example")
    return [tuple(each[name] for name in named) for each in answer if each["kind"] == kind]


def on_desk(town: Town, who: str) -> dict[str, int]:
    desk = town.people[who].client.get("/api/v1/worklist").json()
    return {each["name"]: each["count"] for each in desk["upkeep"]}


def another(town: Town) -> Any:
    """A second head of the office, for a while."""
    return town.city.person(town.orgs["office"], Role.OFFICE_APPROVER)


def leaves(town: Town, person: Any, *, is_here: bool = False) -> None:
    with town.city.app.state.sessions.begin() as session:
        session.execute(
            text("UPDATE account SET is_active = :is_here WHERE id = :id"),
            {"id": person.actor.account_id, "is_here": is_here},
        )


def comes_back(town: Town, person: Any) -> None:
    leaves(town, person, is_here=True)


def test_an_objection_that_its_only_decider_answered_below(town: Town, resource: str) -> None:
    ref = objected(town, "clerk", topic="catalogue", resource=resource).json()["id"]
    assert step(town, "own_lead", ref, "escalated", comment="一直不答").json()["state"] == "authority"
    assert (found(town, "objection"), on_desk(town, "approver")) == ([], {})
    step(town, "approver", ref, "answered", comment="提供部门有理", outcome="rejected")
    assert step(town, "own_lead", ref, "escalated", comment="报政府").json()["state"] == "government"
    waits = [each["id"] for each in town.people["approver"].client.get("/api/v1/worklist").json()["matters"]]
    assert ref not in waits
    assert found(town, "objection") == [(town.orgs["office"], "office_approver", True, 1, ref)]
    assert [on_desk(town, who).get(NAME) for who in ("approver", "reviewer", "lead")] == [1, 1, None]
    browser = town.city.browser(town.people["approver"].actor.username)
    for page in ("/", "/approvals"):
        assert f'<a href="/supervision#undecided">{NAME}</a>' in browser.get(page).text
    page = browser.get("/supervision").text
    assert "还需另一位信息办负责人" in page
    assert "异议：已报本级人民政府，待决定" in page
    assert f'<a href="/objections/{ref}">查看</a>' in page
    second = another(town)
    assert (found(town, "objection"), on_desk(town, "approver")) == ([], {})
    assert ref in [each["id"] for each in second.client.get("/api/v1/worklist").json()["matters"]]
    leaves(town, second)
    assert len(found(town, "objection")) == 1
    assert step(town, "own_lead", ref, "withdrawn", comment="不再提").status_code == 200
    assert found(town, "objection") == []
    other = objected(town, "clerk", topic="catalogue", resource=resource).json()["id"]
    assert step(town, "own_lead", other, "escalated", comment="一直不答").json()["state"] == "authority"
    assert found(town, "objection") == []  # what they answered in another matter is none of this one's
    assert step(town, "own_lead", other, "withdrawn", comment="不再提").status_code == 200


def test_a_dispute_about_a_refusal_of_its_only_decider(town: Town, office_resource: str) -> None:
    """The office's own refusal: nobody there answers for it but somebody else, and it is not offered."""
    request_id = town.bring_to(office_resource, *TO_AGREED)
    for who, act, said in (
        ("approver", "refused", {"reason": REASON}),
        ("own_lead", "disputed", {"comment": "不认可"}),
        ("own_lead", "escalated", {"comment": "报信息办"}),
    ):
        assert found(town, "request") == []
        assert town.act(who, request_id, act, **said).status_code == 200
    assert "dispute_answered" not in shown(town, request_id, "approver")["acts"]
    assert refused(town.act("approver", request_id, "dispute_answered", comment="维持"), 403, "SELF_APPROVAL")
    assert found(town, "request") == [(town.orgs["office"], "office_approver", True, 1, request_id)]
    assert on_desk(town, "approver") == {NAME: 1}
    second = another(town)
    assert (found(town, "request"), on_desk(town, "approver")) == ([], {})
    assert "dispute_answered" in [*second.client.get(f"/api/v1/requests/{request_id}").json()["acts"]]
    town.people["second"] = second
    assert town.act("second", request_id, "dispute_answered", comment="维持").status_code == 200
    leaves(town, second)
    assert found(town, "request") == []
    assert town.act("own_lead", request_id, "escalated", comment="报政府").json()["stage"] == "government"
    assert found(town, "request") == [(town.orgs["office"], "office_approver", True, 1, request_id)]
    assert town.act("approver", request_id, "reconsidered", comment="重新办理").json()["state"] == "submitted"
    assert found(town, "request") == []


def test_a_dispute_that_its_only_decider_answered_below(town: Town, resource: str) -> None:
    """As of an objection: before the government somebody else answers than as the authority; a new refusal is anew."""
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    steps = (
        ("lead", "refused", {"reason": REASON}),
        ("own_lead", "disputed", {}),
        ("lead", "dispute_answered", {}),
        ("own_lead", "escalated", {}),
        ("approver", "dispute_answered", {}),
    )
    for who, act, said in steps:
        assert town.act(who, request_id, act, comment="说明理由", **said).status_code == 200
        assert found(town, "request") == []
    assert town.act("own_lead", request_id, "escalated", comment="报政府").json()["stage"] == "government"
    assert found(town, "request") == [(town.orgs["office"], "office_approver", True, 1, request_id)]
    assert on_desk(town, "approver") == {NAME: 1}
    second = another(town)
    assert (found(town, "request"), on_desk(town, "approver")) == ([], {})
    leaves(town, second)
    assert town.act("approver", request_id, "reconsidered", comment="重新办理").json()["state"] == "submitted"
    for who, act, said in steps[:4]:
        assert town.act(who, request_id, act, comment="说明理由", **said).status_code == 200
        assert found(town, "request") == []
    assert "dispute_answered" in shown(town, request_id, "approver")["acts"]
    assert town.act("own_lead", request_id, "settled", comment="接受").status_code == 200


def of_office(town: Town, title: str) -> str:
    """An entry of the office's own, on which its head decides too."""
    office = town.orgs["office"]
    roles = {"editor": Role.EDITOR, "head": Role.DEPARTMENT_HEAD}
    staff = {each: town.city.person(office, role) for each, role in roles.items()}
    theirs = replace(town, orgs=town.orgs | {"provider": office}, people=town.people | staff)
    named = Party(name=town.people["approver"].actor.org_name, code=office)
    return theirs.publish(title, conditional_sharing(needs_office_approval=True), provider=named)


def test_what_the_only_head_of_the_office_agreed_to_as_the_provider(town: Town) -> None:
    """Of two who decide each is another: here the head of the office leads its own department's sharing as well."""
    request_id = town.bring_to(of_office(town, "信息化项目"), *TO_ACCEPTED)
    both = town.city.person(town.orgs["office"], Role.SHARING_LEAD, Role.OFFICE_APPROVER)
    town.people["both"] = both
    assert town.act("both", request_id, "agreed").json()["stage"] == "office"
    assert refused(town.act("both", request_id, "agreed"), 409, "TWO_HANDS")
    assert found(town, "request") == []
    leaves(town, town.people["approver"])
    try:
        assert found(town, "request") == [(town.orgs["office"], "office_approver", True, 1, request_id)]
        assert on_desk(town, "both") == {NAME: 1}
        lead = town.city.person(town.orgs["office"], Role.SHARING_LEAD)
        assert len(found(town, "request")) == 1, "of another role"
        leaves(town, lead)
    finally:
        comes_back(town, town.people["approver"])
    assert found(town, "request") == []
    assert town.act("approver", request_id, "refused", reason=REASON).status_code == 200
    leaves(town, both)


def test_what_the_only_lead_of_a_provider_agreed_to_as_the_office(town: Town) -> None:
    """The same where the office comes first."""
    rule = {"deciders": ["office", "provider"], "basis": "市办法第三条", "effective_on": TODAY.isoformat()}
    rule |= {"provider_org": town.orgs["office"]}
    assert town.people["approver"].client.post("/api/v1/decider-rules", json=rule).status_code == 201
    request_id = town.bring_to(of_office(town, "信息化项目验收"), *TO_ACCEPTED)
    both = town.city.person(town.orgs["office"], Role.SHARING_LEAD, Role.OFFICE_APPROVER)
    town.people["both"] = both
    assert found(town, "request") == []
    assert town.act("both", request_id, "agreed").json()["stage"] == "provider"
    assert found(town, "request") == [(town.orgs["office"], "sharing_lead", True, 1, request_id)]
    lead = town.city.person(town.orgs["office"], Role.SHARING_LEAD)
    assert found(town, "request") == []
    leaves(town, lead)
    leaves(town, both)  # now nobody leads it at all, which is counted once
    assert found(town, "request") == [(town.orgs["office"], "sharing_lead", False, 1, request_id)]
    comes_back(town, lead)
    town.people["own"] = lead
    assert town.act("own", request_id, "refused", reason=REASON).status_code == 200
    leaves(town, lead)


def test_what_its_only_lead_goes_on_with(town: Town, resource: str) -> None:
    """Who goes on with a request decides on it no more than who made it; of two leads each may be one of the two."""
    clerks = [town.city.person(town.orgs["requester"], Role.REQUESTER, Role.SHARING_LEAD) for _ in range(2)]
    town.people |= {"first": clerks[0], "next": clerks[1]}
    request_id = str(town.create(resource)["id"])
    to = {"handed_to": clerks[0].actor.username, "comment": "调离"}
    assert town.act("own_lead", request_id, "handed_over", **to).status_code == 200
    made = clerks[1].client.post("/api/v1/requests", json=town.asks(resource)).json()["id"]
    assert town.act("own_lead", made, "handed_over", **to).status_code == 200
    assert found(town, "request") == []
    leaves(town, town.people["own_lead"])
    try:
        lacks = (town.orgs["requester"], "sharing_lead", True)
        assert found(town, "request") == [(*lacks, 1, None)]  # nobody of another department sees drafts
        leaves(town, clerks[1])
        assert found(town, "request") == [(*lacks, 2, None)]
        assert refused(town.act("first", request_id, "req_approved"), 403, "SELF_APPROVAL")
    finally:
        comes_back(town, town.people["own_lead"])
    assert found(town, "request") == []
    for each in (request_id, made):
        assert town.act("own_lead", each, "discarded", comment="不再需要").status_code == 200
    leaves(town, clerks[0])


@pytest.mark.parametrize("kind", ["objection", "correction", "complaint"])
def test_a_matter_whose_answerer_left(town: Town, kind: str) -> None:
    """A complaint that a department looks into can still be answered by the office."""
    ref = town.publish("待核实的目录", conditional_sharing())
    reviewer, at = town.people["reviewer"].client, f"/api/v1/{kind}s"
    body = {"words": "有误", "resource": ref} | ({"topic": "catalogue"} if kind == "objection" else {})
    if kind == "complaint":
        body = {"topic": "other", "words": "反映情况", "about_org": town.orgs["provider"]}
    made = town.people["clerk"].client.post(at, json=body)
    assert made.status_code == 201, made.text
    if kind == "complaint":
        for said in ({"to": "accepted"}, {"to": "assigned", "comment": "请核查", "to_org": town.orgs["provider"]}):
            moved = reviewer.post(f"{at}/{made.json()['id']}/transitions", json=said)
            assert moved.status_code == 200, moved.text
    provider, office = town.orgs["provider"], town.orgs["office"]
    assert stuck_without(town, kind) == []
    lines = [] if kind == "complaint" else [(provider, Role.SHARING_LEAD, False, UUID(made.json()["id"]))]
    assert stuck_without(town, kind, "lead") == lines
    everybody = stuck_without(town, kind, "lead", "reviewer", "approver")
    assert [each[0] for each in everybody] == [provider] if lines else [office]


def stuck_without(town: Town, kind: str, *gone: str) -> list[tuple[Any, ...]]:
    """What would be stuck if these people left."""
    with town.city.app.state.sessions() as session:
        for who in gone:
            session.execute(
                text("UPDATE account SET is_active = false WHERE id = :id"), {"id": town.people[who].actor.account_id}
            )
        found = undecided(session, town.people["approver"].actor)
        session.rollback()
    return [(each.org_code, each.role, each.needs_another, each.example) for each in found if each.kind == kind]
