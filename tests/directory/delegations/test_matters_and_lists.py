"""A colleague answers corrections, objections, complaints and responsibilities, and decides on the negative list, for
somebody: on record as both, never as two of those who must be two, in the database neither.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.matters.models import MatterStep
from directory.negatives.models import NegativeEntry
from directory.responsibilities.models import ResponsibilityStep
from directory.roles import Role
from tests.directory.access.conftest import Town, refused, resource, town

__all__ = ["resource", "town"]

TODAY = day_of(datetime.now(UTC))
SOON = (TODAY + timedelta(days=60)).isoformat()
LAW = {"law_title": "《反洗钱法》", "law_article": "第五条"}
LISTED = {"covers": "both", "since": TODAY.isoformat(), "until": SOON, "items": ["登记日期"], **LAW}


def _post(town: Town, who: str, path: str, **body: Any) -> Any:
    return town.people[who].client.post(f"/api/v1{path}", json=body)


def _made(town: Town, who: str, path: str, **body: Any) -> str:
    answer = _post(town, who, path, **body)
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["id"])


def _delegate(town: Town, by: str, to: str, role: Role) -> str:
    days = {"starts_on": TODAY.isoformat(), "ends_on": SOON, "reason": "出差"}
    return _made(town, by, "/delegations", role=role, delegate=town.people[to].actor.username, **days)


@pytest.fixture(scope="module")
def deputies(town: Town) -> Iterator[Town]:
    """The provider's editor acts for its lead, a colleague of the office for the head of the office."""
    town.people["office_clerk"] = town.city.person(town.orgs["office"], Role.REQUESTER)
    town.people["second_approver"] = town.city.person(town.orgs["office"], Role.OFFICE_APPROVER)
    days = (
        _delegate(town, "lead", "editor", Role.SHARING_LEAD),
        _delegate(town, "approver", "office_clerk", Role.OFFICE_APPROVER),
    )
    yield town
    for who, made in zip(("lead", "approver"), days, strict=True):
        _post(town, who, f"/delegations/{made}/revocation")


def _both(town: Town, row: Any, delegate: str, giver: str) -> bool:
    return (row.decided_by, row.decided_for) == (
        town.people[delegate].actor.account_id,
        town.people[giver].actor.account_id,
    )


def _waits(town: Town, who: str, kind: str) -> set[str]:
    found = town.people[who].client.get("/api/v1/worklist").json()
    return {each["id"] for each in found["matters" if kind == "matter" else "tasks"]}


def test_a_correction_is_answered_for_the_lead(deputies: Town, resource: str) -> None:
    town = deputies
    made = _made(town, "clerk", "/corrections", resource=resource, items=["xm"], words="不一致")
    assert made in _waits(town, "editor", "matter")
    answer = _post(town, "editor", f"/corrections/{made}/transitions", to="not_wrong", comment="核对过原件")
    assert answer.status_code == 200, answer.text
    editor, lead = town.people["editor"].actor, town.people["lead"].actor
    assert answer.json()["steps"][-1]["by"] == f"{editor.display_name}（代{lead.display_name}）"
    with town.city.app.state.sessions() as session:
        step = session.scalars(select(MatterStep).where(MatterStep.matter_id == made, MatterStep.seq == 2)).one()
        assert _both(town, step, "editor", "lead")
        entries = session.scalars(text("SELECT convert_from(bytes, 'UTF8') FROM audit_out")).all()
    assert any(f'"for":"{lead.username}"' in each and made in each for each in entries)


def test_two_levels_are_not_answered_by_one_pair_of_hands(deputies: Town, resource: str) -> None:
    """The authority's answer is the delegate's for the head; then neither of them answers for the government."""
    town = deputies
    body = {"topic": "catalogue", "resource": resource, "words": "不认可", "wish": "改正"}
    made = _made(town, "clerk", "/objections", **body)
    at = f"/objections/{made}/transitions"
    assert _post(town, "editor", at, to="answered", comment="不改", outcome="rejected").status_code == 200
    assert _post(town, "own_lead", at, to="escalated", comment="不认可").status_code == 200
    assert made in _waits(town, "office_clerk", "matter")
    assert _post(town, "office_clerk", at, to="answered", comment="不改", outcome="rejected").status_code == 200
    assert _post(town, "own_lead", at, to="escalated", comment="不认可").status_code == 200
    for who in ("office_clerk", "approver"):
        again = _post(town, who, at, to="answered", comment="不改", outcome="rejected")
        assert refused(again, 409, "MATTER_ANSWERED_BY_YOU"), who
        assert made not in _waits(town, who, "matter")
    with pytest.raises(DBAPIError, match="each answer is another person's"), _sql(town) as session:
        session.execute(
            text(
                "INSERT INTO matter_step (matter_id, seq, raised_by, act, state, decided_by, decider_name, org_name,"
                " comment, outcome, decided_at) SELECT matter_id, 9, raised_by, 'answered', 'decided', :hand, '', '',"
                " '', '', now() FROM matter_step WHERE matter_id = :id AND seq = 1"
            ),
            {"id": made, "hand": town.people["approver"].actor.account_id},
        )
    assert _post(town, "second_approver", at, to="answered", comment="不改", outcome="rejected").status_code == 200


def test_nobody_answers_what_they_or_their_delegator_raised(deputies: Town, resource: str) -> None:
    town = deputies
    for who in ("approver", "office_clerk"):
        complaint = _made(town, who, "/complaints", topic="other", words="有人拖延")
        at = f"/complaints/{complaint}/transitions"
        assert refused(_post(town, "office_clerk", at, to="accepted"), 403, "SELF_APPROVAL"), who
        assert complaint not in _waits(town, "office_clerk", "matter")
        assert _post(town, "reviewer", at, to="accepted").status_code == 200
    paper = {"topic": "other", "words": "来信", "received_on": TODAY.isoformat(), "name": "某人", "contact": "地址"}
    assert refused(_post(town, "office_clerk", "/complaints/paper", **paper), 403, "FORBIDDEN")
    for statement in (
        "INSERT INTO matter_step (matter_id, seq, raised_by, act, state, decided_by, decided_for, delegation_id,"
        " decider_name, org_name, comment, outcome, decided_at) SELECT matter_id, 9, raised_by, 'accepted', 'handling',"
        " d.delegate_id, d.delegator_id, d.id, '', '', '', '', now() FROM matter_step JOIN delegation d"
        " ON d.delegator_id = raised_by WHERE act = 'raised' LIMIT 1",
        "INSERT INTO matter_step (matter_id, seq, raised_by, act, state, decided_by, decided_for, delegation_id,"
        " decider_name, org_name, comment, outcome, decided_at) SELECT matter_id, 9, raised_by, 'urged', 'checking',"
        " d.delegate_id, d.delegator_id, d.id, '', '', '', '', now() + interval '1 year' FROM matter_step, delegation d"
        " WHERE act = 'raised' AND d.delegator_id <> raised_by AND d.delegate_id <> raised_by LIMIT 1",
    ):
        with (
            pytest.raises((DBAPIError, DirectoryError), match=r"not_for_creator|DELEGATION_LAPSED"),
            _sql(town) as session,
        ):
            session.execute(text(statement))


def test_lists_are_answered_and_decided_for_somebody(deputies: Town) -> None:
    town = deputies
    owed = {"org_code": town.orgs["provider"], "name": "婚姻", "basis": "三定规定", "due_on": SOON}
    made = _made(town, "reviewer", "/responsibilities", **owed)
    assert made in _waits(town, "editor", "task")
    _made(town, "editor", f"/responsibilities/{made}/steps", act="refused", reason="不归我们")
    assert made in _waits(town, "office_clerk", "task")
    _made(town, "office_clerk", f"/responsibilities/{made}/steps", act="upheld", reason="三定写明了")
    proposed = _made(town, "reviewer", "/negative-list", title="线索", org_code=town.orgs["provider"], **LISTED)
    assert proposed in _waits(town, "office_clerk", "task")
    _made(town, "office_clerk", f"/negative-list/{proposed}/decision", is_listed=True)
    with town.city.app.state.sessions() as session:
        steps = {
            row.act: row
            for row in session.scalars(select(ResponsibilityStep).where(ResponsibilityStep.responsibility_id == made))
        }
        assert _both(town, steps["refused"], "editor", "lead")
        assert _both(town, steps["upheld"], "office_clerk", "approver")
        assert _both(town, session.get_one(NegativeEntry, proposed), "office_clerk", "approver")
    own = _made(town, "editor", "/negative-list", title="旁的", org_code=town.orgs["provider"], **LISTED)
    for statement, what in (
        (f"UPDATE negative_entry SET decided_by = proposed_by WHERE id = '{proposed}'", "what is decided stays"),
        (
            "UPDATE negative_entry SET state = 'listed', decided_by = d.delegate_id, decided_for = d.delegator_id,"
            " delegation_id = d.id, decided_at = now() - interval '9 days' FROM delegation d"
            f" WHERE negative_entry.id = '{own}' AND d.delegate_id = '{town.people['office_clerk'].actor.account_id}'",
            "DELEGATION_LAPSED",
        ),
    ):
        with pytest.raises((DBAPIError, DirectoryError), match=what), _sql(town) as session:
            session.execute(text(statement))


def test_nothing_begins_under_a_delegation(deputies: Town, resource: str) -> None:
    """A department is named, a proposal made, a service announced by whoever holds the role themselves."""
    town = deputies
    owed = {"org_code": town.orgs["provider"], "name": "殡葬", "basis": "三定规定", "due_on": SOON}
    assert refused(_post(town, "office_clerk", "/responsibilities", **owed), 403, "FORBIDDEN")
    said = {"resource": resource, "kind": "end", "words": "x", "answer_by": SOON, "takes_effect_on": SOON}
    assert refused(_post(town, "editor", "/services", **said), 403, "FORBIDDEN")


def _sql(town: Town) -> Any:
    """A transaction of the application's role."""
    return town.city.app.state.sessions.begin()
