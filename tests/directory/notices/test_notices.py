"""Notices: told with the effect or not at all, to whom it concerns, and never of what the reader may not see."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

from directory.access.notices import TOLD
from directory.access.states import Act
from directory.accounts.models import AccountRole
from directory.notices.kinds import KINDS
from directory.notices.models import Notice
from directory.notices.tell import To, tell
from directory.notices.visibility import SUBJECTS
from directory.roles import Role
from tests.directory.access.conftest import TO_ACCEPTED, TO_ENDORSED, TO_SUBMITTED, Town, refused, resource, shown, town
from tests.directory.access.test_commands import run
from tests.directory.conftest import Command

__all__ = ["resource", "run", "town"]


def told(town: Town, who: str, about: str = "", **asked: Any) -> list[dict[str, Any]]:
    """What somebody was told of one request, oldest first."""
    answer = town.people[who].client.get("/api/v1/notices", params=asked)
    assert answer.status_code == 200, answer.text
    return [each for each in reversed(answer.json()["items"]) if f"/requests/{about}" in each["link"]]


def kinds(town: Town, who: str, about: str) -> list[str]:
    return [each["kind"].removeprefix("request:") for each in told(town, who, about)]


def unread(town: Town, who: str) -> int:
    return int(town.people[who].client.get("/api/v1/notices").json()["unread"])


@pytest.fixture
def request_id(town: Town, resource: str) -> str:
    return town.bring_to(resource, *TO_ACCEPTED)


def test_every_kind_is_complete() -> None:
    for name, kind in KINDS.items():
        assert kind.subject in {"", *SUBJECTS}, name
        values = dict.fromkeys(kind.parameters, "某") | {"id": uuid4()}
        assert all(text.format_map(values) for text in (kind.zh, kind.en, kind.link)), name
        assert kind.link.startswith("/"), name


def test_every_step_tells_somebody() -> None:
    assert set(TOLD) == set(Act)
    assert {told.kind for each in TOLD.values() for told in each} <= KINDS.keys()


def test_a_request_tells_each_party_its_part(town: Town, request_id: str) -> None:
    assert kinds(town, "own_lead", request_id) == ["to_endorse", "accepted"]
    assert kinds(town, "clerk", request_id) == ["endorsed", "accepted"]
    assert kinds(town, "reviewer", request_id) == ["submitted"]
    assert kinds(town, "lead", request_id) == ["to_answer"]
    assert not any(kinds(town, who, request_id) for who in ("outside_lead", "outside_clerk", "head", "auditor"))
    assert town.act("lead", request_id, "agreed").status_code == 200
    assert kinds(town, "clerk", request_id)[-1] == "agreed"
    assert kinds(town, "lead", request_id) == ["to_answer"]  # who agreed knows that it waits for their node
    grant_id = shown(town, request_id)["grant_id"]
    ended = town.people["lead"].client.post(
        f"/api/v1/grants/{grant_id}/transitions", json={"to": "terminated", "comment": "误批"}
    )
    assert ended.status_code == 200, ended.text
    [first, *_, last] = told(town, "clerk", request_id)
    assert (last["kind"], last["zh"]) == ("request:terminated", "示例市公安局终止了“户籍人口基本信息”的使用")
    assert "terminated" not in kinds(town, "lead", request_id)  # they did it and know
    assert first["link"] == f"/requests/{request_id}#decide"


def test_an_effect_that_failed_tells_nobody(town: Town, request_id: str) -> None:
    before = kinds(town, "clerk", request_id)
    assert refused(town.act("lead", request_id, "refused", reason="不想给"), 409, "REFUSAL_REASON")
    assert kinds(town, "clerk", request_id) == before


def test_reading_is_each_persons_own(town: Town, request_id: str) -> None:
    client = town.people["clerk"].client
    [first, second] = told(town, "clerk", request_id)
    assert not first["is_read"]
    assert not second["is_read"]
    was = unread(town, "clerk")
    for _ in range(2):
        assert client.post("/api/v1/notices/read", json={"ids": [first["id"]]}).json() == {"unread": was - 1}
    assert [each["is_read"] for each in told(town, "clerk", request_id)] == [True, False]
    assert [each["id"] for each in told(town, "clerk", request_id, only_unread=True)] == [second["id"]]
    assert client.post("/api/v1/notices/read", json={"until": second["id"]}).json() == {"unread": 0}
    assert client.post("/api/v1/notices/read", json={"until": first["id"]}).json() == {"unread": 0}  # never back
    own = told(town, "own_lead", request_id)
    assert not any(each["is_read"] for each in own)


def test_of_others_notices_nothing_is_known(town: Town, request_id: str) -> None:
    [first, *_] = told(town, "clerk", request_id)
    for who in ("outside_clerk", "second_clerk", "lead", "reviewer"):
        answer = town.people[who].client.post("/api/v1/notices/read", json={"ids": [first["id"]]})
        assert refused(answer, 404, "NOTICE_NOT_FOUND")
    answer = town.people["clerk"].client.post("/api/v1/notices/read", json={"ids": [first["id"]], "all": True})
    assert answer.status_code == 422


def test_what_is_no_longer_seen_is_not_told(town: Town, request_id: str) -> None:
    """The notice stays; who may read it is asked anew: whoever lost their role sees no requests any more."""
    person = town.city.person(town.orgs["requester"], Role.REQUESTER)
    to, about = To.person(person.actor.account_id), UUID(request_id)
    with town.city.app.state.sessions.begin() as session:
        tell(session, to=to, kind="request:active", about=about, now=datetime.now(UTC), title="某目录")
    [notice] = person.client.get("/api/v1/notices").json()["items"]
    with town.city.app.state.sessions.begin() as session:
        session.execute(delete(AccountRole).where(AccountRole.account_id == person.actor.account_id))
    assert person.client.get("/api/v1/notices").json() == {"unread": 0, "items": [], "next": None}
    answer = person.client.post("/api/v1/notices/read", json={"ids": [notice["id"]]})
    assert refused(answer, 404, "NOTICE_NOT_FOUND")


def test_a_role_is_whoever_holds_it_when_they_look(town: Town, request_id: str) -> None:
    newcomer = town.city.person(town.orgs["provider"], Role.SHARING_LEAD)
    links = [each["link"] for each in newcomer.client.get("/api/v1/notices").json()["items"]]
    assert f"/requests/{request_id}#decide" in links
    nobody = town.city.person(town.orgs["provider"])
    assert nobody.client.get("/api/v1/notices").json() == {"unread": 0, "items": [], "next": None}


def test_page_by_page_nothing_is_lost(town: Town, request_id: str) -> None:
    every = town.people["clerk"].client.get("/api/v1/notices").json()["items"]
    found: list[Any] = []
    before = None
    while True:
        asked = {"size": 1} | ({"before": before} if before else {})
        page = town.people["clerk"].client.get("/api/v1/notices", params=asked).json()
        found += page["items"]
        before = page["next"]
        if before is None:
            break
    assert found == every
    assert [each["id"] for each in every] == sorted((each["id"] for each in every), reverse=True)


def test_tell_takes_the_kinds_own_parameters(town: Town, request_id: str) -> None:
    with town.city.app.state.sessions() as session:
        to, now = To.holders(Role.SHARING_LEAD, town.orgs["provider"]), datetime.now(UTC)
        cases: tuple[tuple[UUID | None, dict[str, Any]], ...] = (
            (UUID(request_id), {}),
            (None, {"title": "某"}),
            (UUID(request_id), {"name": "某"}),
        )
        for about, values in cases:
            with pytest.raises(ValueError, match="request:urged is told with"):
                tell(session, to=to, kind="request:urged", about=about, now=now, **values)
        tell(session, to=[to, to], kind="request:urged", about=UUID(request_id), now=now, title="某")
        assert len(session.scalars(select(Notice).where(Notice.kind == "request:urged")).all()) == 1
        session.rollback()


def test_the_page_and_the_number_in_the_head(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ENDORSED)
    browser = town.city.browser(town.people["clerk"].actor.username)
    count = unread(town, "clerk")
    assert count >= 1
    home = browser.get("/").text
    assert f'通知 <span class="count">{count}<' in home
    [notice] = told(town, "clerk", request_id)
    assert notice["zh"] in browser.get("/notices").text
    answer = browser.send("/notices", f"/notices/{notice['id']}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/requests/{request_id}#decide")
    assert unread(town, "clerk") == count - 1
    newest = town.people["clerk"].client.get("/api/v1/notices").json()["items"][0]["id"]
    town.act("clerk", request_id, "submitted")
    if count > 1:
        assert browser.send("/notices", "/notices/read", until=newest).status_code == 303
    assert unread(town, "clerk") == 0
    assert "条未读" not in browser.get("/notices").text
    assert browser.send("/", f"/notices/{notice['id'] + 10**6}").status_code == 404
    assert "没有未读的通知" in browser.get("/notices?only_unread=true").text


def test_many_at_once_are_counted_to_a_hundred(town: Town, resource: str) -> None:
    request_id = UUID(town.bring_to(resource, *TO_SUBMITTED))
    loner = town.city.person(town.orgs["requester"], Role.REQUESTER)
    with town.city.app.state.sessions.begin() as session:
        for _ in range(130):
            to = To.person(loner.actor.account_id)
            tell(session, to=to, kind="request:active", about=request_id, now=datetime.now(UTC), title="某目录")
    assert loner.client.get("/api/v1/notices").json()["unread"] == 100
    assert "99+" in town.city.browser(loner.actor.username).get("/notices").text


def test_on_the_command_line(town: Town, request_id: str, run: Command) -> None:
    status, out, err = run("clerk", "notices", "list", "--unread", "--json")
    assert status == 0, err
    found = [each for each in json.loads(out)["items"] if request_id in each["link"]]
    assert [each["kind"] for each in found] == ["request:accepted", "request:endorsed"]
    assert found[0]["zh"] in run("clerk", "notices", "list")[1]
    assert run("lead", "notices", "read", found[0]["id"])[0] != 0  # not theirs
    assert json.loads(run("clerk", "notices", "read", "--until", found[0]["id"], "--json")[1]) == {"unread": 0}
    assert "未读" not in run("clerk", "notices", "list")[1]
