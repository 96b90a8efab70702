"""What waits for somebody is what they can take further: not what another has to decide after them. Numbers agree."""

import pytest

from directory.roles import Role
from tests.directory.access.conftest import REASON, TO_ACCEPTED, TODAY, Town, resource, second_approver, shown, town
from tests.directory.supervision.test_undecided import found, leaves, of_office

__all__ = ["resource", "town"]


@pytest.fixture(scope="module")
def both(town: Town) -> str:
    """The head of the office, who leads its own department's sharing as well; their name in the town."""
    town.people["both"] = town.city.person(town.orgs["office"], Role.SHARING_LEAD, Role.OFFICE_APPROVER)
    return "both"


def todo(town: Town, who: str) -> tuple[set[str], int]:
    """The requests on their list, and how many there are by its number."""
    answer = town.people[who].client.get("/api/v1/worklist").json()
    return {each["id"] for each in answer["items"]}, answer["total"]


def waits(town: Town, who: str, request_id: str) -> bool:
    listed, total = todo(town, who)
    assert len(listed) == total
    page = town.city.browser(town.people[who].actor.username).get("/approvals").text
    assert (f"/requests/{request_id}" in page) == (request_id in listed)
    return request_id in listed


def everybody(town: Town, request_id: str) -> set[str]:
    return {who for who in ("approver", "both", "second_approver", "lead") if waits(town, who, request_id)}


def test_a_dispute_waits_for_who_has_not_spoken_in_it(town: Town, resource: str, both: str) -> None:
    second_approver(town)
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    for who, act, waiting in (
        ("lead", "refused", set()),
        ("own_lead", "disputed", {"lead"}),
        ("lead", "dispute_answered", set()),
        ("own_lead", "escalated", {"approver", "both", "second_approver"}),
        ("approver", "dispute_answered", set()),
        ("own_lead", "escalated", {"both", "second_approver"}),
        ("approver", "reconsidered", {"lead"}),
        ("lead", "refused", set()),
        ("own_lead", "disputed", {"lead"}),
        ("own_lead", "escalated", {"approver", "both", "second_approver"}),
        ("own_lead", "settled", set()),
    ):
        said = {"reason": REASON} if act == "refused" else {"comment": "说明理由"}
        assert town.act(who, request_id, act, **said).status_code == 200, act
        assert everybody(town, request_id) == waiting, act


def test_nor_does_what_two_agree_to_wait_for_who_agreed(town: Town, both: str) -> None:
    second_approver(town)
    request_id = town.bring_to(of_office(town, "信息化项目清单"), *TO_ACCEPTED)
    assert everybody(town, request_id) == {both}
    assert town.act(both, request_id, "agreed").json()["stage"] == "office"
    assert everybody(town, request_id) == {"approver", "second_approver"}
    assert "refused" in shown(town, request_id, both)["acts"], "which takes nobody any further"
    assert town.act("approver", request_id, "refused", reason=REASON).status_code == 200


def test_more_time_waits_for_another_than_who_asked_for_it(town: Town, both: str) -> None:
    """Nobody else there: it stands under what nobody can decide, as the request does once it has come to the office."""
    second_approver(town)
    request_id = town.bring_to(of_office(town, "信息化预算"), ("own_lead", "req_approved"), ("clerk", "submitted"))
    assert town.act("reviewer", request_id, "accepted").json()["stage"] == "provider"
    assert everybody(town, request_id) == {both}
    assert town.act(both, request_id, "extension_asked", days=3, comment="量大").status_code == 200
    assert everybody(town, request_id) == {"approver", both, "second_approver"}
    line = (town.orgs["office"], "office_approver", True, 1, request_id)
    assert found(town, "request") == []
    others = [town.people[each] for each in ("approver", "second_approver")]
    for each in others:
        leaves(town, each)
    try:
        assert found(town, "request") == [line]
        page = town.city.browser(town.people["reviewer"].actor.username).get("/supervision").text
        assert "已受理，待提供部门答复；申请的延期待决定" in page
        assert town.act(both, request_id, "extended").json()["code"] == "SELF_APPROVAL"
        assert town.act(both, request_id, "agreed").json()["stage"] == "office"
        assert found(town, "request") == [line, line], "the request, and its extension"
    finally:
        for each in others:
            leaves(town, each, is_here=True)
    assert everybody(town, request_id) == {"approver", "second_approver"}
    assert town.act("approver", request_id, "extended").status_code == 200
    assert found(town, "request") == []
    assert town.act("approver", request_id, "refused", reason=REASON).status_code == 200


def test_nor_where_the_office_comes_first(town: Town, both: str) -> None:
    second_approver(town)
    rule = {"deciders": ["office", "provider"], "basis": "市办法第三条", "effective_on": TODAY.isoformat()}
    rule |= {"provider_org": town.orgs["office"]}
    assert town.people["approver"].client.post("/api/v1/decider-rules", json=rule).status_code == 201
    entry = of_office(town, "信息化项目验收清单")
    one, other = (town.bring_to(entry, *TO_ACCEPTED) for _ in range(2))
    for each, who, waiting in ((one, both, set()), (other, "approver", {both})):
        assert everybody(town, each) == {"approver", both, "second_approver"}
        assert town.act(who, each, "agreed").json()["stage"] == "provider"
        assert everybody(town, each) == waiting
