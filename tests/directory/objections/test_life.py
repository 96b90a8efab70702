"""Objections of five kinds: who answers, the house's term, and the chain of Article 28."""

from datetime import UTC, datetime
from typing import Any

import pytest

from directory.objections.states import TOPICS, Topic
from directory.roles import Role
from tests.directory.access.conftest import (
    REASON,
    TO_ACCEPTED,
    Town,
    conditional_sharing,
    first_rows,
    in_use,
    receipt,
    refused,
    resource,
    town,
)
from tests.directory.corrections.conftest import raised as correction_raised
from tests.directory.corrections.conftest import step as correct

__all__ = ["first_rows", "in_use", "receipt", "resource", "town"]

PDF = b"%PDF-1.7 evidence"


@pytest.fixture(scope="module")
def using(resource: str, in_use: Any) -> str:
    return str(in_use(resource))


@pytest.fixture(scope="module")
def second_approver(town: Town, city: Any) -> Any:
    """Another head of the office: two levels are answered by two people."""
    town.people["second_approver"] = city.person(town.orgs["office"], Role.OFFICE_APPROVER)
    return town.people["second_approver"]


def objected(town: Town, who: str, **body: Any) -> Any:
    return town.people[who].client.post("/api/v1/objections", json={"words": "不认可", "wish": "改正"} | body)


def step(town: Town, who: str, objection_id: str, to: str, **said: Any) -> Any:
    path = f"/api/v1/objections/{objection_id}/transitions"
    return town.people[who].client.post(path, json={"to": to, **said})


def test_every_kind_has_its_answerer(town: Town, resource: str, using: str) -> None:
    for topic in Topic:
        rule = TOPICS[topic]
        who = "clerk" if rule.answered_by == "provider" else "lead"
        about = {"request": using} if rule.needs_request else {"resource": resource}
        made = objected(town, who, topic=topic.value, **about)
        assert made.status_code == 201, made.text
        answerer = "provider" if rule.answered_by == "provider" else "requester"
        assert (made.json()["to_org"], made.json()["article"]) == (town.orgs[answerer], rule.article)
        assert made.json()["due_on"] is not None
        if rule.needs_request:
            assert refused(objected(town, who, topic=topic.value, resource=resource), 422, "OBJECTION_REQUEST")
            wrong = "lead" if who == "clerk" else "clerk"
            assert refused(objected(town, wrong, topic=topic.value, **about), 409, "OBJECTION_PARTY")


def test_up_the_whole_chain(town: Town, resource: str, using: str, second_approver: Any) -> None:
    made = objected(town, "clerk", topic="catalogue", resource=resource).json()
    ref = made["id"]
    assert [each["is_now"] for each in made["levels"]] == [True, False, False]
    assert refused(step(town, "lead", ref, "answered", comment="x"), 422, "OBJECTION_OUTCOME")
    assert refused(step(town, "lead", ref, "answered", outcome="rejected"), 409, "COMMENT_REQUIRED")
    assert refused(step(town, "clerk", ref, "answered", comment="x", outcome="rejected"), 403, "FORBIDDEN")
    assert refused(step(town, "own_lead", ref, "settled"), 409, "MATTER_MOVE_ILLEGAL")
    assert step(town, "reviewer", ref, "urged", comment="请答复").json()["due_on"] == made["due_on"]
    answered = step(town, "lead", ref, "answered", comment="目录无误", outcome="rejected").json()
    assert (answered["state"], answered["due_on"]) == ("negotiation_answered", None)
    assert refused(step(town, "clerk", ref, "escalated", comment="x"), 403, "FORBIDDEN")
    up = step(town, "own_lead", ref, "escalated", comment="仍不认可").json()
    assert (up["state"], up["due_on"] is not None) == ("authority", True)
    assert refused(step(town, "lead", ref, "answered", comment="x", outcome="upheld"), 403, "FORBIDDEN")
    step(town, "approver", ref, "answered", comment="提供部门有理", outcome="rejected")
    last = step(town, "own_lead", ref, "escalated", comment="报政府").json()
    assert (last["state"], last["due_on"]) == ("government", None)
    own = step(town, "approver", ref, "answered", comment="x", outcome="partly")
    assert refused(own, 409, "MATTER_ANSWERED_BY_YOU")
    done = step(town, "second_approver", ref, "answered", comment="政府决定", outcome="partly").json()
    assert (done["state"], done["is_done"], done["steps"][-1]["outcome"]) == ("decided", True, "部分成立")
    for act in ("answered", "escalated", "settled", "withdrawn", "urged"):
        said = {"outcome": "upheld"} if act == "answered" else {}
        assert refused(step(town, "own_lead", ref, act, comment="x", **said), 409, "MATTER_MOVE_ILLEGAL")
    terms = town.people["clerk"].client.get(f"/api/v1/objections/{ref}/terms").json()
    assert (terms["is_statutory"], [each["outcome"] for each in terms["terms"]]) == (False, ["answered", "answered"])
    assert all("条例未规定" in each["name"] for each in terms["terms"])


def test_silence_may_be_brought_up_and_an_answer_accepted(town: Town, resource: str) -> None:
    silent = objected(town, "clerk", topic="resource", resource=resource).json()["id"]
    assert step(town, "own_lead", silent, "escalated", comment="一直不答").json()["state"] == "authority"
    terms = town.people["clerk"].client.get(f"/api/v1/objections/{silent}/terms").json()["terms"]
    assert [each["outcome"] for each in terms] == ["escalated", None]
    accepted = objected(town, "clerk", topic="resource", resource=resource).json()["id"]
    step(town, "lead", accepted, "answered", comment="下周补挂", outcome="upheld")
    assert step(town, "own_lead", accepted, "settled").json()["state"] == "settled"
    gone = objected(town, "clerk", topic="resource", resource=resource).json()["id"]
    assert step(town, "clerk", gone, "withdrawn", comment="已恢复").json()["state"] == "withdrawn"


def test_a_refusal_is_disputed_on_its_request(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    assert town.act("lead", request_id, "refused", reason=REASON).status_code == 200
    answer = objected(town, "clerk", topic="authorisation", request=request_id)
    assert refused(answer, 409, "OBJECTION_IS_DISPUTE")


def test_a_correction_found_not_wrong_leads_here(town: Town, resource: str) -> None:
    open_one = correction_raised(town, resource)["id"]
    assert refused(objected(town, "clerk", topic="content", correction=open_one), 409, "OBJECTION_CORRECTION")
    correct(town, "lead", open_one, "not_wrong", comment="与底册一致")
    made = objected(town, "clerk", topic="content", correction=open_one).json()
    assert (made["correction_id"], made["to_org"]) == (open_one, town.orgs["provider"])
    assert refused(objected(town, "clerk", topic="catalogue", correction=open_one), 409, "OBJECTION_CORRECTION")
    assert refused(objected(town, "outside_clerk", topic="content", correction=open_one), 404, "MATTER_NOT_FOUND")


def test_others_find_nothing_and_unknown_fields_are_named(town: Town, resource: str) -> None:
    made = objected(town, "clerk", topic="catalogue", resource=resource).json()["id"]
    at = f"/api/v1/objections/{made}"
    client = town.people["outside_lead"].client
    for answer in (
        client.get(at),
        client.get(f"{at}/terms"),
        client.post(f"{at}/transitions", json={"to": "urged", "comment": "x"}),
        client.post(f"{at}/files", files={"file": ("x.pdf", PDF, "application/pdf")}),
    ):
        assert refused(answer, 404, "MATTER_NOT_FOUND")
    kept = town.people["lead"].client.post(f"{at}/files", files={"file": ("x.pdf", PDF, "application/pdf")})
    assert town.people["clerk"].client.get(f"{at}/files/{kept.json()['id']}").content == PDF
    assert refused(objected(town, "clerk", topic="catalogue", resource=resource, title="x"), 422, "INPUT_MALFORMED")
    assert refused(objected(town, "clerk", topic="mood", resource=resource), 422, "INPUT_MALFORMED")
    assert refused(objected(town, "lead", topic="catalogue", resource=resource), 409, "OBJECTION_PARTY")
    assert refused(objected(town, "clerk", topic="catalogue", resource=resource, words=" "), 422, "MATTER_WORDS_EMPTY")
    said = step(town, "lead", made, "withdrawn", comment="x", outcome="upheld")
    assert said.status_code in (403, 409)


def test_it_is_supervised_and_waits_on_desks(town: Town) -> None:
    ref = town.publish("异议用的目录", conditional_sharing())
    made = objected(town, "clerk", topic="catalogue", resource=ref).json()
    found = town.people["reviewer"].client.get("/api/v1/supervision").json()
    [one] = [each for each in found["matters"] if each["id"] == made["id"]]
    assert (one["responsible_org"], one["is_statutory"], one["light"]) == (town.orgs["provider"], False, "green")
    waits = town.people["lead"].client.get("/api/v1/worklist").json()["matters"]
    assert made["number"] in [each["number"] for each in waits]
    step(town, "own_lead", made["id"], "escalated", comment="x")
    found = town.people["reviewer"].client.get("/api/v1/supervision").json()["matters"]
    assert town.orgs["office"] == next(each["responsible_org"] for each in found if each["id"] == made["id"])
    lead = town.people["lead"].client
    assert made["id"] not in [each["id"] for each in lead.get("/api/v1/supervision").json()["matters"]]
    waits = town.people["approver"].client.get("/api/v1/worklist").json()["matters"]
    assert made["id"] in [each["id"] for each in waits]
    assert datetime.now(UTC).year == int(made["number"].split("-")[1])
