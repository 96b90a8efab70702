"""Who goes on with a request is told what its clerk is told, and is shown nothing that its clerk does not decide on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from directory.roles import Role
from directory.unused.queries import unused
from tests.directory.access.conftest import ITEMS, TODAY, Town, conditional_sharing
from tests.directory.services.test_item_changes import announced, publish_again


@pytest.fixture(scope="module")
def asking(town: Town, new_node: Callable[..., Any]) -> Town:
    """The same town, in which the office itself asks, by a clerk who leaves; ``both`` leads and decides there too."""
    new_node("xinxi", office := town.orgs["office"])
    staff = {
        "clerk": town.city.person(office, Role.REQUESTER),
        "own_lead": town.city.person(office, Role.SHARING_LEAD),
        "both": town.city.person(office, Role.REQUESTER, Role.SHARING_LEAD, Role.OFFICE_APPROVER),
    }
    return replace(town, people=town.people | staff)


@pytest.fixture(scope="module")
def entry(asking: Town) -> str:
    return asking.publish("行政许可信息", conditional_sharing())


@pytest.fixture(scope="module")
def handled(asking: Town, entry: str) -> str:
    """A use that ``both`` went on with as a draft."""
    request_id = str(asking.create(entry)["id"])
    to = asking.people["both"].actor.username
    assert asking.act("own_lead", request_id, "handed_over", handed_to=to, comment="调离").status_code == 200
    for who, act in (("own_lead", "req_approved"), ("both", "submitted"), ("reviewer", "accepted"), ("lead", "agreed")):
        assert asking.act(who, request_id, act).status_code == 200
    grant_id = asking.people["lead"].client.get(f"/api/v1/requests/{request_id}").json()["grant_id"]
    assert asking.countersign(grant_id).status_code == 200
    return request_id


def told(town: Town, who: str, kind: str) -> int:
    """How often, to themselves: a role's is anybody's who holds it."""
    with town.city.app.state.sessions() as session:
        query = text("SELECT count(*) FROM notice WHERE account_id = :who AND kind LIKE :kind")
        return int(session.scalar(query, {"who": town.people[who].actor.account_id, "kind": kind}) or 0)


def test_the_brief_is_not_for_who_goes_on_with_it(asking: Town, handled: str) -> None:
    statuses = {
        who: asking.people[who].client.get(f"/api/v1/requests/{handled}/brief").status_code
        for who in ("both", "approver", "lead")
    }
    assert statuses == {"both": 404, "approver": 200, "lead": 200}


def test_nor_is_its_end_theirs_to_propose_as_the_office(asking: Town, handled: str) -> None:
    in_two_months = timedelta(days=60)

    def may(who: str) -> bool:
        with asking.city.app.state.sessions() as session:
            heard = {"at": datetime.now(UTC) + in_two_months}
            session.execute(text("UPDATE node SET seen_at = :at WHERE node_id = 'xinxi'"), heard)
            found = unused(session, asking.people[who].actor, 30, TODAY + in_two_months)
            session.rollback()
        return next(each.may_end for each in found.items if str(each.request_id) == handled)

    assert [may(who) for who in ("both", "approver", "lead")] == [False, True, True]


def test_a_change_of_what_is_used_is_told_to_who_goes_on_with_it(asking: Town, entry: str, handled: str) -> None:
    before = told(asking, "clerk", "%")
    shorter = tuple(item.model_copy(update={"length": 20}) if item.field == "xm" else item for item in ITEMS)
    announced(asking, entry)
    publish_again(asking, entry, items=shorter)
    assert [told(asking, "both", kind) for kind in ("service:%", "item_change:told")] == [2, 1]
    assert told(asking, "clerk", "%") == before, "who left"


def test_what_is_to_be_put_right_waits_for_somebody_who_may_report_it(asking: Town, handled: str) -> None:
    grant_id = asking.people["lead"].client.get(f"/api/v1/requests/{handled}").json()["grant_id"]
    said = {"to": "suspended", "comment": "限期整改", "until": (TODAY + timedelta(days=3)).isoformat()}
    answer = asking.people["lead"].client.post(f"/api/v1/grants/{grant_id}/transitions", json=said)
    assert answer.status_code == 200, answer.text

    def waits_for(who: str) -> bool:
        lines = asking.people[who].client.get("/api/v1/worklist").json()["rectifications"]
        return handled in [each["id"] for each in lines]

    assert [waits_for(who) for who in ("both", "own_lead")] == [False, True]
    assert asking.act("both", handled, "rectified", comment="已清理").json()["code"] == "SELF_APPROVAL"
