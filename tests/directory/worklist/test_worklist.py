"""The three lists against whoever works them out by hand: every list whole, in order, as long as its number says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.decide import decide
from directory.access.drafting import create
from directory.access.models import RequestRow, RequestStep
from directory.access.moves import forward_acts
from directory.access.permitted import legal_acts
from directory.access.said import Said
from directory.access.states import Act, Stage, State
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.roles import Role
from directory.worklist.requests import TABS, counts, listed
from directory.worklist.worklist import worklist
from metadata.access import AccessRequest
from tests.directory.access.conftest import REASON, Town, office_resource, refused, resource, town

__all__ = ["office_resource", "resource", "town"]

WALKERS = ("clerk", "second_clerk", "own_lead", "reviewer", "lead", "approver", "outside_lead", "everything")


@pytest.fixture(scope="module")
def everybody(town: Town) -> dict[str, Any]:
    """The town's people, and one of the office who is nearly everything."""
    roles = (Role.REQUESTER, Role.SHARING_LEAD, Role.OFFICE_REVIEWER, Role.OFFICE_APPROVER)
    return {**town.people, "everything": town.city.person(town.orgs["office"], *roles)}


def _oracle(session: Session, actor: Actor, row: RequestRow) -> bool:
    """Whether this very person can take it further, said request by request by what they may do to it; or leads where a
    node is awaited, whose people they are.
    """
    acts = legal_acts(session, actor, row, day_of(datetime.now(UTC)))
    forward = forward_acts(State(row.state), Stage(row.stage))
    leads = row.provider_org == actor.org_code and Role.SHARING_LEAD in actor.roles
    awaits_node = Act.PROVISIONED in forward and leads and actor.account_id not in (row.created_by, row.handler)
    return awaits_node or not {*forward, Act.EXTENDED, Act.EXTENSION_REFUSED}.isdisjoint(acts)


def _walk(session: Session, actor: Actor, tab: Any, size: int) -> tuple[list[UUID], list[datetime | None]]:
    found: list[UUID] = []
    moments: list[datetime | None] = []
    after = ""
    while True:
        page = listed(session, actor, tab, size=size, after=after)
        assert len(page.rows) == len(page.at) <= size
        found += [row.id for row in page.rows]
        moments += page.at
        if page.next is None:
            return found, moments
        after = page.next


def _step(town: Town, people: dict[str, Any], session: Session, who: str, row: RequestRow, act: Act) -> None:
    said = {"comment": "事由", "reason": REASON if act is Act.REFUSED else "", "days": 3}
    if act is Act.SUPPLEMENT_ASKED:
        said["missing"] = ["basis"]
    key = town.city.app.state.directory_key
    try:
        with session.begin_nested():
            words = Said.model_validate({name: value for name, value in said.items() if value})
            decide(session, people[who].actor, key, row.id, act, datetime.now(UTC), words, suite_2=frozenset())
    except DirectoryError:
        session.expire_all()  # some acts ask for more than was said here; they change nothing


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 30)), max_size=9)),
        min_size=2,
        max_size=5,
    ),
    st.integers(1, 4),
)
def test_lists_are_what_anybody_would_work_out(
    town: Town,
    everybody: dict[str, Any],
    resource: str,
    office_resource: str,
    plans: Sequence[tuple[int, Sequence[tuple[int, int]]]],
    size: int,
) -> None:
    with town.city.app.state.sessions() as session:
        for kind, steps in plans:
            creator = everybody[("clerk", "second_clerk", "clerk", "second_clerk")[kind]].actor
            asked = AccessRequest.model_validate(town.asks(office_resource if kind % 2 else resource))
            row = create(session, creator, asked, datetime.now(UTC))
            for by, which in steps:
                who = WALKERS[by]
                acts = [act for act in legal_acts(session, everybody[who].actor, row) if act is not Act.AMENDED]
                if acts:
                    _step(town, everybody, session, who, row, acts[which % len(acts)])
        rows = session.scalars(select(RequestRow)).all()
        today = day_of(datetime.now(UTC))
        for person in everybody.values():
            actor = person.actor
            expected = {row.id for row in rows if _oracle(session, actor, row)}
            todo, _ = _walk(session, actor, "todo", size)
            assert set(todo) == expected
            order = [session.get_one(RequestRow, each) for each in todo]
            assert order == sorted(order, key=lambda row: (row.due_on is None, row.due_on or today, row.id))
            mine, _ = _walk(session, actor, "mine", size)
            assert set(mine) == {row.id for row in rows if row.created_by == actor.account_id}
            done, moments = _walk(session, actor, "done", size)
            own = {"created", "amended", "submitted"}
            steps_of = session.execute(select(RequestStep).where(RequestStep.decided_by == actor.account_id)).scalars()
            dealt = {step.request_id for step in steps_of if step.act not in own}
            assert set(done) == dealt & {row.id for row in rows if row.created_by != actor.account_id}
            assert moments == sorted((at for at in moments if at), reverse=True)
            for tab, found in zip(TABS, (todo, done, mine), strict=True):
                assert len(found) == len(set(found))
                late = [i for i in found if (session.get_one(RequestRow, i).due_on or today) < today]
                counted = counts(session, actor, today, tab)
                assert (counted.numbers[tab], counted.late) == (len(found), len(late))
        session.rollback()


def test_the_numbers_are_the_lists_with_what_else_waits(town: Town, resource: str) -> None:
    for who in WALKERS[:6]:
        actor = town.people[who].actor
        with town.city.app.state.sessions() as session:
            found = worklist(session, actor, day_of(datetime.now(UTC)))
        others = len(found.duties) + found.entries_total + found.uses_total + found.tasks_total
        assert found.counts.todo == found.total + others
        answer = town.people[who].client.get("/api/v1/worklist", params={"tab": "done"}).json()
        assert (answer["tab"], answer["counts"]) == ("done", found.counts.model_dump())
        assert answer["entries"] == answer["duties"] == []


def test_places_that_are_none(town: Town) -> None:
    client = town.people["lead"].client
    for tab in TABS:
        for after in ("x", "2026-01-01", "~1", "2026-01-01~1", "9999-99-99~" + "0" * 8):
            answer = client.get("/api/v1/worklist", params={"tab": tab, "after": after})
            assert refused(answer, 400, "CURSOR_INVALID")
    assert client.get("/api/v1/worklist", params={"tab": "all"}).status_code == 422


def test_the_three_tabs(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, ("own_lead", "req_approved"), ("clerk", "submitted"))
    for who, tab, is_there in (
        ("reviewer", "todo", True),
        ("own_lead", "todo", False),
        ("own_lead", "done", True),
        ("clerk", "mine", True),
        ("clerk", "done", False),
        ("second_clerk", "mine", False),
    ):
        browser = town.city.browser(town.people[who].actor.username)
        page = browser.get(f"/approvals?tab={tab}")
        assert page.status_code == 200
        assert (f"/requests/{request_id}" in page.text) == is_there, (who, tab)
        number = town.people[who].client.get("/api/v1/worklist").json()["counts"][tab]
        name = {"todo": "待办", "done": "已办", "mine": "我发起的"}[tab]
        assert f'{name} <span class="count">{number}</span>' in page.text
    assert browser.get("/approvals?tab=todo&after=2020-01-01~").status_code == 400


def test_late_ones_first(town: Town, resource: str) -> None:
    when = datetime.now(UTC) - timedelta(days=60)
    key, people = town.city.app.state.directory_key, town.people
    with town.city.app.state.sessions.begin() as session:
        row = create(session, people["clerk"].actor, AccessRequest.model_validate(town.asks(resource)), when)
        for who, act in (("own_lead", Act.REQ_APPROVED), ("clerk", Act.SUBMITTED), ("reviewer", Act.ACCEPTED)):
            decide(session, people[who].actor, key, row.id, act, when, suite_2=frozenset())
        late = str(row.id)
    found = people["lead"].client.get("/api/v1/worklist").json()
    assert (found["items"][0]["id"], found["items"][0]["light"], found["late"]) == (late, "red", 1)
