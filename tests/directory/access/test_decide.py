"""Every act by everybody in every state, against a table written out here; and nobody decides on their own request."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.access.decide import GRANT_ACTS, REQUEST_ACTS, decide
from directory.access.expiry import end
from directory.access.moves import MOVES, Move, move
from directory.access.permitted import facts_of, legal_acts
from directory.access.queries import locked, request_rows
from directory.access.said import Said
from directory.access.states import Act, Stage, State
from directory.access.steps import Decider, leave_step
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.roles import Role

TODAY = day_of(datetime.now(UTC))
SUPERVISORS = {"lead", "approver"}
OFFICE = {"reviewer", "approver"}
ENDERS = SUPERVISORS | {"own_lead"}
DISCARDERS = {"clerk", "own_lead"}

BELOW = "of_the_authority"
WITH_THE_CLERK = {"discarded": DISCARDERS, "handed_over": {"own_lead"}}
# (state, stage) -> act -> who may; whoever and whatever is not here is refused
ALLOWED: dict[tuple[str, str], dict[str, set[str]]] = {
    ("draft", ""): {"req_approved": {"own_lead"}, "amended": {"clerk"}, **WITH_THE_CLERK},
    ("req_approved", ""): {"submitted": {"clerk"}, "amended": {"clerk"}, **WITH_THE_CLERK},
    ("submitted", "acceptance"): {"accepted": {"reviewer"}, "supplement_asked": {"reviewer"}},
    ("supplement_asked", ""): {"submitted": {"clerk"}, "amended": {"clerk"}, **WITH_THE_CLERK},
    ("discarded", ""): {},
    ("submitted", "provider"): {"agreed": {"lead"}, "refused": {"lead"}, "extension_asked": {"lead"}, "urged": OFFICE},
    ("submitted", "office"): {"agreed": {"approver"}, "refused": {"approver"}, "extension_asked": {"lead"}},
    ("agreed", ""): {"terminated": ENDERS, "provisioned": set(), "expired": set(), "urged": OFFICE},
    ("refused", ""): {"disputed": {"own_lead"}},
    ("disputed", "negotiation"): {
        "dispute_answered": {"lead"},
        "escalated": {"own_lead"},
        "reconsidered": {"lead"},
        "settled": {"own_lead"},
    },
    ("disputed", "negotiation_answered"): {
        "escalated": {"own_lead"},
        "reconsidered": {"lead"},
        "settled": {"own_lead"},
    },
    ("disputed", "authority"): {
        "dispute_answered": {"approver"},
        "reconsidered": SUPERVISORS,
        "settled": {"own_lead"},
    },
    ("disputed", "authority_answered"): {
        "escalated": {"own_lead"},
        "reconsidered": SUPERVISORS,
        "settled": {"own_lead"},
    },
    ("disputed", "government"): {
        "dispute_answered": {"approver"},
        "reconsidered": SUPERVISORS,
        "settled": {"own_lead"},
    },
    ("settled", ""): {},
    ("provisioned", ""): {
        "suspended": SUPERVISORS,
        "terminated": ENDERS,
        "purpose_done": {"own_lead"},
        "active": set(),
        "expired": set(),
        "replaced": set(),
        "urged": OFFICE,
    },
    ("active", ""): {
        "suspended": SUPERVISORS,
        "terminated": ENDERS,
        "purpose_done": {"own_lead"},
        "expired": set(),
        "replaced": set(),
    },
    ("suspended", ""): {
        "active": SUPERVISORS,
        "rectified": {"own_lead"},
        "terminated": ENDERS,
        "purpose_done": {"own_lead"},
        "expired": set(),
    },
    ("disposed", ""): {},
}
for ended in ("terminated", "expired", "purpose_done", "replaced"):
    ALLOWED[ended, ""] = {}
    ALLOWED[ended, "disposal"] = {"disposal_asked": {"lead"}, "disposed": {"own_lead"}}
    ALLOWED[ended, "disposal_asked"] = {"disposed": {"own_lead"}}

PATHS: dict[tuple[str, str], list[tuple[str, str]]] = {
    ("draft", ""): [],
    ("req_approved", ""): [("own_lead", "req_approved")],
    ("submitted", "acceptance"): [("own_lead", "req_approved"), ("clerk", "submitted")],
}
PATHS["discarded", ""] = [("clerk", "discarded")]
PATHS["supplement_asked", ""] = [*PATHS["submitted", "acceptance"], ("reviewer", "supplement_asked")]
PATHS["submitted", "provider"] = [*PATHS["submitted", "acceptance"], ("reviewer", "accepted")]
PATHS["refused", ""] = [*PATHS["submitted", "provider"], ("lead", "refused")]
PATHS["submitted", "office"] = [*PATHS["submitted", "provider"], ("lead", "agreed")]
PATHS["agreed", ""] = [*PATHS["submitted", "office"], ("approver", "agreed")]
PATHS["provisioned", ""] = [*PATHS["agreed", ""], ("node", "provisioned")]
PATHS["active", ""] = [*PATHS["provisioned", ""], ("node", "active")]
PATHS["suspended", ""] = [*PATHS["active", ""], ("lead", "suspended")]
PATHS["disputed", "negotiation"] = [*PATHS["refused", ""], ("own_lead", "disputed")]
PATHS["disputed", "negotiation_answered"] = [*PATHS["disputed", "negotiation"], ("lead", "dispute_answered")]
PATHS["disputed", "authority"] = [*PATHS["disputed", "negotiation_answered"], ("own_lead", "escalated")]
# by a colleague whom the table below need not know: of the next level somebody else decides
PATHS["disputed", "authority_answered"] = [*PATHS["disputed", "authority"], (BELOW, "dispute_answered")]
PATHS["disputed", "government"] = [*PATHS["disputed", "authority_answered"], ("own_lead", "escalated")]
PATHS["settled", ""] = [*PATHS["disputed", "government"], ("approver", "dispute_answered")]
_ENDED_BY = (("terminated", "own_lead"), ("expired", "calendar"), ("purpose_done", "own_lead"), ("replaced", "node"))
for ended, by in _ENDED_BY:
    early = PATHS["provisioned" if ended in ("purpose_done", "replaced") else "agreed", ""]
    PATHS[ended, ""] = [*early, (by, ended)]
    PATHS[ended, "disposal"] = [*PATHS["active", ""], (by, ended)]
    PATHS[ended, "disposal_asked"] = [*PATHS[ended, "disposal"], ("lead", "disposal_asked")]
PATHS["disposed", ""] = [*PATHS["terminated", "disposal_asked"], ("own_lead", "disposed")]

CERTIFICATE = {
    "way": "销毁",
    "carried_out_on": TODAY,
    "carried_out_by": "李四",
    "witnessed_by": "王五",
    "covers": "库表和备份",
}
SAID: dict[str, dict[str, Any]] = {
    "refused": {"reason": "涉及正在侦查的案件"},
    "extension_asked": {"days": 5},
    "supplement_asked": {"missing": ["papers"]},
    "disposal_asked": {"reason": "销毁"},
    "disposed": {"certificate": CERTIFICATE},
}


def take(town: Any, session: Any, who: str, request_id: UUID, act: str) -> None:
    city, key = town.city, town.city.app.state.directory_key
    person = (city.person(town.orgs["office"], Role.OFFICE_APPROVER) if who == BELOW else town.people[who]).actor
    to = {"handed_to": town.people["second_clerk"].actor.username} if act == "handed_over" else {}
    said = Said.model_validate({"comment": "说明理由"} | SAID.get(act, {}) | to)
    decide(session, person, key, request_id, Act(act), datetime.now(UTC), said, suite_2=frozenset())


@pytest.fixture(scope="module")
def request_in(town: Any, office_resource: str, first_rows: Callable[[str], None]) -> Callable[[tuple[str, str]], UUID]:
    """A request of the clerk's for an entry on which the office decides too, brought to this state."""

    def bring(place: tuple[str, str]) -> UUID:
        request_id = UUID(town.create(office_resource)["id"])
        for who, act in PATHS[place]:
            if act == "provisioned":
                shown = town.people["clerk"].client.get(f"/api/v1/requests/{request_id}").json()
                assert town.countersign(shown["grant_id"]).status_code == 200
            elif act == "active":
                first_rows(shown["grant_id"])
            elif act == "expired":
                with town.city.app.state.sessions.begin() as session:
                    row = locked(session, town.people["clerk"].actor, request_id)
                    assert end(session, town.city.app.state.directory_key, row, datetime.now(UTC))
            elif act == "replaced":
                with town.city.app.state.sessions.begin() as session:
                    row = locked(session, town.people["clerk"].actor, request_id)
                    moved = move(State(row.state), Stage(row.stage), Act.REPLACED, facts_of(session, row))
                    assert isinstance(moved, Move)
                    by = Decider.node("gongan", "示例市公安局")
                    leave_step(session, row, Act.REPLACED, moved, by, datetime.now(UTC))
            else:
                with town.city.app.state.sessions.begin() as session:
                    take(town, session, who, request_id, act)
            if act == "supplement_asked":
                town.attach(request_id)
        return request_id

    return bring


def test_the_table_covers_every_state() -> None:
    assert {(state.value, stage.value) for state, stage in MOVES} == set(ALLOWED) == set(PATHS)
    assert {state for state, _ in MOVES} == set(State)
    assert {stage for _, stage in MOVES} == set(Stage)


@pytest.mark.parametrize("place", ALLOWED, ids=lambda place: "-".join(filter(None, place)))
def test_every_act_by_everybody(town: Any, request_in: Any, place: tuple[str, str]) -> None:
    request_id, sessions = request_in(place), town.city.app.state.sessions
    allowed = ALLOWED[place]
    for who, person in town.people.items():
        with sessions() as session:
            is_seen = any(row.id == request_id for row in request_rows(session, person.actor))
            acts = legal_acts(session, person.actor, locked(session, person.actor, request_id)) if is_seen else ()
        assert {act.value for act in acts} == {act for act, parties in allowed.items() if who in parties}, who
        everything = sorted(REQUEST_ACTS | GRANT_ACTS)
        is_party = any(who in parties for parties in allowed.values())
        # whoever has no part here is refused whatever it is: what is legal for others, and two things that are not
        illegal = [act for act in everything if act not in allowed]
        for act in everything if is_party else [act for act in everything if act in allowed] + illegal[:2]:
            with sessions() as session:  # never committed: each attempt starts from the same state
                if (who, act, place[0]) in {("lead", "terminated", "provisioned"), ("lead", "terminated", "active")}:
                    with pytest.raises(DirectoryError, match="SERVICE_UNANNOUNCED"):  # Art. 27
                        take(town, session, who, request_id, act)
                    continue
                if who in allowed.get(act, set()):
                    take(town, session, who, request_id, act)
                    continue
                with pytest.raises(DirectoryError) as refusal:
                    take(town, session, who, request_id, act)
                expected = "FORBIDDEN" if act in allowed else "MOVE_ILLEGAL"
                assert refusal.value.code == (expected if is_seen else "REQUEST_NOT_FOUND"), (who, act)


@pytest.mark.parametrize("to", ["created", "amended", "provisioned", "active", "suspended", "terminated", "", "DRAFT"])
def test_what_is_no_decision_on_a_request_is_not_taken(town: Any, resource: str, to: str) -> None:
    request_id = town.create(resource)["id"]
    answer = town.act("clerk", request_id, to)
    assert answer.status_code == 422, answer.text


def test_nobody_approves_their_own_request(town: Any, resource: str) -> None:
    both = town.city.person(town.orgs["requester"], Role.REQUESTER, Role.SHARING_LEAD)
    request_id = both.client.post("/api/v1/requests", json=town.asks(resource)).json()["id"]
    address = f"/api/v1/requests/{request_id}/transitions"
    answer = both.client.post(address, json={"to": "req_approved"})
    assert (answer.status_code, answer.json()["code"]) == (403, "SELF_APPROVAL")
    assert request_id not in [item["id"] for item in both.client.get("/api/v1/worklist").json()["items"]]
    assert town.act("own_lead", request_id, "req_approved").status_code == 200
    assert both.client.post(address, json={"to": "submitted"}).status_code == 200


INSERT_STEP = text(
    "INSERT INTO request_step (request_id, seq, version, requested_by, act, state, stage, decided_by, decider_name,"
    " org_name, comment, reason, decided_at) VALUES (:id, 2, 1, :requested_by, :act, :state, :stage, :decided_by,"
    " '张三', '某局', '', '', now())"
)
MOVE_ROW = text("UPDATE request SET state = :state, stage = :stage, step_seq = :seq WHERE id = :id")


@pytest.mark.parametrize(
    ("act", "state", "stage"),
    [
        ("req_approved", "req_approved", ""),
        ("agreed", "agreed", ""),
        ("submitted", "agreed", ""),
        ("created", "active", ""),
        ("amended", "submitted", "office"),
        ("provisioned", "provisioned", ""),
    ],
)
def test_nor_by_sql_as_the_applications_role(town: Any, resource: str, act: str, state: str, stage: str) -> None:
    request_id = town.create(resource)["id"]
    me, other = town.people["clerk"].actor.account_id, town.people["second_clerk"].actor.account_id
    values = {"id": request_id, "act": act, "state": state, "stage": stage, "decided_by": me, "requested_by": me}
    sessions = town.city.app.state.sessions
    with sessions() as session, pytest.raises(IntegrityError, match="ck_request_step_not_by_creator"):
        session.execute(INSERT_STEP, values)
    with sessions() as session, pytest.raises(IntegrityError, match="fk_request_step_creator"):
        session.execute(INSERT_STEP, values | {"requested_by": other})
    with sessions() as session:
        session.execute(MOVE_ROW, {"id": request_id, "state": state, "stage": stage, "seq": 1})
        with pytest.raises(IntegrityError, match="fk_request_last_step"):
            session.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE request SET created_by = created_by",
        "UPDATE request_step SET decided_by = NULL",
        "DELETE FROM request_step",
        "DELETE FROM request",
        "UPDATE request_version SET version = version",
        "UPDATE grant_record SET body = body",
        "UPDATE grant_record SET request_id = request_id",
        "UPDATE route SET consumer_node = consumer_node",
        "UPDATE node SET identity_public = identity_public",
        "UPDATE receipt SET body = body",
        "UPDATE enrolment_token SET name = name",
    ],
)
def test_history_is_closed_to_the_applications_role(town: Any, statement: str) -> None:
    with town.city.app.state.sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(statement))


def test_two_who_agree_at_once_issue_one_grant(town: Any, resource: str) -> None:
    other_lead = town.city.person(town.orgs["provider"], Role.SHARING_LEAD)
    request_id = town.bring_to(resource, *PATHS["submitted", "provider"])
    address = f"/api/v1/requests/{request_id}/transitions"

    def agree(client: Any) -> int:
        return int(client.post(address, json={"to": "agreed"}).status_code)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(agree, [town.people["lead"].client, other_lead.client]))
    assert sorted(answers) == [200, 409]
    with town.city.app.state.sessions() as session:
        found = session.execute(text("SELECT count(*) FROM grant_record WHERE request_id = :id"), {"id": request_id})
        assert found.scalar_one() == 1


def test_every_step_is_in_the_audit_queue_with_its_effect(town: Any, resource: str) -> None:
    request_id = town.agreed(resource)["id"]
    with town.city.app.state.sessions() as session:
        entries = session.execute(
            text(
                "SELECT convert_from(bytes, 'UTF8')::json ->> 'action' FROM audit_out"
                " WHERE convert_from(bytes, 'UTF8')::json ->> 'subject' = :id ORDER BY n"
            ),
            {"id": request_id},
        )
        assert entries.scalars().all() == [
            "request:created",
            "request:req_approved",
            "request:submitted",
            "request:accepted",
            "request:agreed",
        ]
