"""What direct SQL as the application's role cannot do: approve for oneself, take back or rewrite what was decided, skip
a step, move a term, delete history, hold what excludes each other. Each attack runs against the database itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.legal_steps import LegalStep, legal_steps
from directory.roles import Role
from tests.directory.access.conftest import (
    TO_ACCEPTED,
    TO_AGREED,
    TO_ENDORSED,
    Town,
    conditional_sharing,
    resource,
    town,
)

__all__ = ["resource", "town"]

STEP = (
    "INSERT INTO request_step (request_id, seq, version, requested_by, act, state, stage, decided_by, decided_for,"
    " delegation_id, decider_name, org_name, comment, reason, consent_id, decided_at)"
    " SELECT id, step_seq + 1, version, created_by, {act}, {state}, {stage}, {by}, {for_whom}, {under}, 'x', 'x', '',"
    " 'x', {consent}, {at} FROM request WHERE id = :{which}"
)
MOVE = "UPDATE request SET step_seq = step_seq + 1, state = {state}, stage = {stage} WHERE id = :{which}"


def step(which: str, act: str, place: str, by: str = ":lead", **more: str) -> tuple[str, str]:
    """A step as somebody would write it past the service, and the request moved onto it."""
    state, stage = (f"'{each}'" for each in place.split("/"))
    given = {"for_whom": "NULL", "under": "NULL", "consent": "NULL", "at": "now() + interval '1 minute'"} | more
    values = {"which": which, "act": f"'{act}'", "state": state, "stage": stage, "by": by}
    return STEP.format(**values, **given), MOVE.format(which=which, state=state, stage=stage)


@pytest.fixture(scope="module")
def facts(town: Town, resource: str) -> Mapping[str, Any]:
    """What the attacks are made on: requests, consents, extensions, roles and tokens at every turn of their lives."""
    people, sessions = town.people, town.city.app.state.sessions
    found: dict[str, Any] = {name: person.actor.account_id for name, person in people.items()}
    found["draft"] = UUID(str(town.create(resource)["id"]))
    found["endorsed"] = UUID(town.bring_to(resource, *TO_ENDORSED))
    for name in ("accepted", "longer", "undecided"):
        found[name] = UUID(town.bring_to(resource, *TO_ACCEPTED))
    found["agreed"] = UUID(town.bring_to(resource, *TO_AGREED))
    found["refused"] = UUID(town.bring_to(resource, *TO_ACCEPTED))
    refused = town.act("lead", str(found["refused"]), "refused", reason="涉及正在侦查的案件")
    assert refused.status_code == 200, refused.text
    levels = (
        ("lead", "refused", {"reason": "涉及正在侦查的案件"}),
        ("own_lead", "disputed", {}),
        ("lead", "dispute_answered", {}),
        ("own_lead", "escalated", {}),
        ("approver", "dispute_answered", {}),
        ("own_lead", "escalated", {}),
    )
    for name, count in (("before_office", 4), ("before_government", 6)):
        found[name] = UUID(town.bring_to(resource, *TO_ACCEPTED))
        for who, act, said in levels[:count]:
            assert town.act(who, str(found[name]), act, comment="说明理由", **said).status_code == 200
    for name in ("longer", "undecided"):
        town.act("lead", str(found[name]), "extension_asked", days=2, comment="量大")
    town.act("approver", str(found["longer"]), "extended")
    open_to_all = town.publish("行政区划", conditional_sharing(share_type="unconditional"))
    body = {"resource": open_to_all, "words": "同意"}
    consent = people["lead"].client.post("/api/v1/consents", json=body).json()["id"]
    people["lead"].client.post(f"/api/v1/consents/{consent}/revocation", json={"words": "撤回"})
    found |= {"consent": UUID(consent), "open": UUID(open_to_all)}
    found["other_consent"] = UUID(people["lead"].client.post("/api/v1/consents", json=body).json()["id"])
    found["entry"] = UUID(resource)
    found["writing"] = UUID(town.register("草稿目录", conditional_sharing()))
    found["security"] = town.city.person(town.orgs["office"], Role.SECURITY_ADMIN).actor.account_id
    found["system"] = town.city.person(town.orgs["office"], Role.SYSTEM_ADMIN).actor.account_id
    colleague = town.city.person(town.orgs["provider"], Role.EDITOR)
    found["colleague"] = colleague.actor.account_id
    today = day_of(datetime.now(UTC))
    body = {
        "role": "sharing_lead",
        "delegate": colleague.actor.username,
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=3)).isoformat(),
        "reason": "出差",
    }
    made = people["lead"].client.post("/api/v1/delegations", json=body).json()["id"]
    people["lead"].client.post(f"/api/v1/delegations/{made}/revocation")
    found["delegation"] = UUID(made)
    token = people["clerk"].client.post("/api/v1/tokens", json={"name": "x"}).json()["made"]["id"]
    people["clerk"].client.post(f"/api/v1/tokens/{token}/revocation")
    found["token"], found["new"] = UUID(token), uuid4()
    closed = town.city.person(town.orgs["provider"])
    with sessions.begin() as session:
        session.execute(text("UPDATE account SET is_active = false WHERE id = :id"), {"id": closed.actor.account_id})
        node = session.scalar(text("SELECT node_id FROM node WHERE node_id = 'shuiwu'"))
    return found | {"closed": closed.actor.account_id, "node": node}


ROLE = "INSERT INTO account_role (account_id, role, granted_by) VALUES ({who}, '{role}', {by})"
DELEGATE = (
    "INSERT INTO delegation (id, role, delegator_id, delegate_id, starts_on, ends_on, reason, created_at)"
    " VALUES (:new, '{role}', {giver}, {holder}, current_date, current_date + {days}, 'x', now())"
)
SHADOW = "CREATE TEMPORARY TABLE {table} (LIKE public.{table})"

ATTACKS: Mapping[str, tuple[str, ...]] = {
    # approve for oneself, or twice
    "endorse one's own request": step("draft", "req_approved", "req_approved/", ":clerk"),
    "agree for the provider as who endorsed": step("accepted", "agreed", "agreed/", ":own_lead"),
    "name another requester": (
        STEP.replace("created_by,", ":lead,", 1).format(
            which="draft",
            act="'req_approved'",
            state="'req_approved'",
            stage="''",
            by=":clerk",
            for_whom="NULL",
            under="NULL",
            consent="NULL",
            at="now()",
        ),
    ),
    "decide for oneself by a delegate": step(
        "draft", "req_approved", "req_approved/", ":second_clerk", for_whom=":clerk", under=":delegation"
    ),
    "answer for one's own refusal above the department": step(
        "before_office", "dispute_answered", "disputed/authority_answered", ":lead"
    ),
    "answer a dispute on two levels": step("before_government", "dispute_answered", "settled/", ":approver"),
    "decide one's own extension": (
        "UPDATE request_extension SET is_granted = true, decided_by = requested_by, decided_at = now(),"
        " notified_at = now() WHERE request_id = :undecided",
    ),
    # along the table of moves only
    "skip acceptance": step("endorsed", "agreed", "agreed/"),
    "be in use at once": step("draft", "active", "active/"),
    "undo a refusal": step("refused", "agreed", "agreed/"),
    "begin agreed": (
        "INSERT INTO request SELECT (jsonb_populate_record(request, jsonb_build_object('id', :new))).* FROM request"
        " WHERE id = :agreed",
    ),
    "go back to an earlier step": (
        "UPDATE request SET step_seq = 2, state = 'req_approved', stage = '' WHERE id = :refused",
    ),
    "leave a step that the request is not on": (step("accepted", "agreed", "agreed/")[0],),
    "jump over a number": ("UPDATE request SET step_seq = step_seq + 2 WHERE id = :accepted",),
    "date a step before the one before it": step("accepted", "agreed", "agreed/", at="now() - interval '1 year'"),
    "change the text after it was endorsed": (
        "INSERT INTO request_version SELECT request_id, version + 1, record, now() FROM request_version"
        " WHERE request_id = :endorsed",
        "UPDATE request SET version = version + 1 WHERE id = :endorsed",
    ),
    "agree to another text": (
        "INSERT INTO request_version SELECT request_id, version + 1, record, now() FROM request_version"
        " WHERE request_id = :accepted",
        "UPDATE request SET version = version + 1 WHERE id = :accepted",
        *step("accepted", "agreed", "agreed/"),
    ),
    "forget the first day of receipt": ("UPDATE request SET first_submitted_at = now() WHERE id = :accepted",),
    "publish what was not approved": ("UPDATE resource SET published_version = current_version WHERE id = :writing",),
    "publish without review": (
        "INSERT INTO resource_step SELECT id, step_seq + 1, 'publish', 'published', current_version, round, :editor,"
        " :approver, now(), '' FROM resource WHERE id = :writing",
        "UPDATE resource SET step_seq = step_seq + 1, status = 'published', published_version = current_version"
        " WHERE id = :writing",
    ),
    "approve twice in a round as another's delegate": (
        "INSERT INTO resource_step (resource_id, seq, step, status, version, round, authored_by, decided_by,"
        " decided_for, delegation_id, decided_at, comment) SELECT resource_id, seq + 1, 'publish', 'published',"
        " version, round, authored_by, :colleague, :lead, :delegation, now(), '' FROM resource_step"
        " WHERE resource_id = :entry AND step = 'publish'",
    ),
    "take an entry's step back": (
        "UPDATE resource SET step_seq = step_seq - 1, status = 'reviewed' WHERE id = :entry",
    ),
    "give an entry another identifier": ("UPDATE resource SET identifier = '33000/1' WHERE id = :entry",),
    "begin the round anew to approve again": ("UPDATE resource SET round = round - 1 WHERE id = :entry",),
    "grant what nobody agreed to": (
        "INSERT INTO grant_record (grant_id, request_id, route_id, body, digest, issued_at, valid_until, provide_by_on)"
        " SELECT 'g-forged', :accepted, route_id, body, digest, issued_at, valid_until, provide_by_on FROM grant_record"
        " LIMIT 1",
    ),
    # what is decided stays
    "un-revoke a consent": (
        "UPDATE standing_consent SET revoked_at = NULL, revoked_by = NULL, revoke_words = NULL WHERE id = :consent",
    ),
    "revoke again in other words": ("UPDATE standing_consent SET revoke_words = 'x' WHERE id = :consent",),
    "answer by a revoked consent": step("accepted", "agreed", "agreed/", consent=":consent"),
    "answer by another entry's consent": step("accepted", "agreed", "agreed/", consent=":other_consent"),
    "decide an extension anew": (
        "UPDATE request_extension SET is_granted = false, notified_at = NULL WHERE request_id = :longer",
    ),
    "forget an extension": (
        "UPDATE request_extension SET is_granted = NULL, decided_by = NULL, decided_at = NULL, notified_at = NULL"
        " WHERE request_id = :longer",
    ),
    "ask for an extension already granted": (
        "INSERT INTO request_extension (request_id, days, requested_by, requested_at, is_granted, decided_by,"
        " decided_at, notified_at) VALUES (:accepted, 5, :lead, now(), true, :approver, now(), now())",
    ),
    "rewrite a step": ("UPDATE request_step SET comment = 'x' WHERE request_id = :accepted",),
    "delete history": ("DELETE FROM request_step WHERE request_id = :refused",),
    "delete the log": ("DELETE FROM audit_log",),
    "empty a table": ("TRUNCATE request_step CASCADE",),
    "let a node back in": (
        "UPDATE node SET is_revoked = true, revoked_at = now() WHERE node_id = :node",
        "UPDATE node SET is_revoked = false, revoked_at = NULL WHERE node_id = :node",
    ),
    "use an enrolment again": ("UPDATE enrolment_token SET used_at = NULL WHERE used_at IS NOT NULL",),
    # terms
    "make a term longer": (
        "UPDATE request_clock SET limit_days = limit_days + 5 WHERE request_id = :accepted AND stopped_at IS NULL",
    ),
    "lengthen it without consent": (
        "UPDATE request_clock SET limit_days = limit_days + 2, extension_days = 2 WHERE request_id = :undecided"
        " AND stopped_at IS NULL",
    ),
    "move the due day": (
        "UPDATE request_clock SET due_on = due_on + 7 WHERE request_id = :accepted AND stopped_at IS NULL",
        "UPDATE request SET due_on = due_on + 7 WHERE id = :accepted",
    ),
    "show another due day": ("UPDATE request SET due_on = due_on + 1 WHERE id = :accepted",),
    "hide the term": ("UPDATE request SET due_on = NULL, limit_days = NULL, counted_from = NULL WHERE id = :accepted",),
    "stop the term without a reply": (
        "UPDATE request_clock SET stopped_at = now(), outcome = 'answered' WHERE request_id = :accepted"
        " AND stopped_at IS NULL",
        "UPDATE request SET due_on = NULL, limit_days = NULL, counted_from = NULL WHERE id = :accepted",
    ),
    "let an ended term end otherwise": (
        "UPDATE request_clock SET outcome = 'supplement' WHERE request_id = :refused AND stopped_at IS NOT NULL",
    ),
    "count an ended term anew": ("UPDATE request_clock SET due_on = due_on + 30 WHERE request_id = :refused",),
    "drop a term": ("DELETE FROM request_clock WHERE request_id = :accepted",),
    # people
    "two of the three administrators": (ROLE.format(who=":system", role="auditor", by="NULL"),),
    "an administrator in business": (ROLE.format(who=":system", role="editor", by="NULL"),),
    "a business role made administrator": (ROLE.format(who=":editor", role="security_admin", by="NULL"),),
    "give oneself a role": (ROLE.format(who=":security", role="operator", by=":security"),),
    "roles given by the wrong hand": (ROLE.format(who=":editor", role="operator", by=":system"),),
    "a role for a closed account": (ROLE.format(who=":closed", role="editor", by=":security"),),
    "a role given to oneself under a shadowed table": (
        SHADOW.format(table="account_role"),
        ROLE.replace("account_role", "public.account_role").format(who=":system", role="editor", by="NULL"),
    ),
    "rename a role": ("UPDATE account_role SET role = 'office_approver' WHERE account_id = :clerk",),
    "delegate a role one lacks": (DELEGATE.format(role="sharing_lead", giver=":editor", holder=":colleague", days=1),),
    "delegate to oneself": (DELEGATE.format(role="sharing_lead", giver=":lead", holder=":lead", days=1),),
    "delegate to another department": (DELEGATE.format(role="sharing_lead", giver=":lead", holder=":clerk", days=1),),
    "delegate to an administrator": (
        DELEGATE.format(role="office_reviewer", giver=":reviewer", holder=":system", days=1),
    ),
    "delegate for years": (DELEGATE.format(role="sharing_lead", giver=":lead", holder=":colleague", days=400),),
    "delegate editing": (DELEGATE.format(role="editor", giver=":editor", holder=":colleague", days=1),),
    "renew a revoked delegation": (
        "UPDATE delegation SET revoked_at = NULL, revoked_by = NULL WHERE id = :delegation",
    ),
    "lengthen a delegation": ("UPDATE delegation SET ends_on = ends_on + 30 WHERE id = :delegation",),
    "decide under an ended delegation": step(
        "accepted", "agreed", "agreed/", ":colleague", for_whom=":lead", under=":delegation"
    ),
    "decide for somebody without a delegation": step("accepted", "agreed", "agreed/", ":colleague", for_whom=":lead"),
    "revive a token": ("UPDATE access_token SET revoked_at = NULL WHERE id = :token",),
    "widen a token": ("UPDATE access_token SET scope = ARRAY['resource:publish'] WHERE id = :token",),
    "keep a token for ever": ("UPDATE access_token SET expires_at = 'infinity' WHERE id = :token",),
    # the guards themselves
    "drop a guard": ("DROP TRIGGER legal ON request_step",),
    "switch a guard off": ("ALTER TABLE request_step DISABLE TRIGGER ALL",),
    "be a replica": ("SET session_replication_role = replica",),
    "add a legal step": ("INSERT INTO legal_step VALUES ('request', 'draft/', 'agreed', 'agreed/')",),
    "replace a guard": (
        "CREATE OR REPLACE FUNCTION hutong_role() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ),
}


@pytest.mark.parametrize("attack", list(ATTACKS))
def test_the_database_refuses(town: Town, facts: Mapping[str, Any], attack: str) -> None:
    """As the application's role, one transaction, up to its commit."""
    with pytest.raises((DBAPIError, DirectoryError)) as refused:  # what people may meet is said in our words
        _attack(town, facts, ATTACKS[attack])
    assert _is_refusal(refused.value), refused.value


def _attack(town: Town, facts: Mapping[str, Any], statements: tuple[str, ...]) -> None:
    with town.city.app.state.sessions.begin() as session:
        for number, statement in enumerate(statements):
            done = session.execute(text(statement), facts)
            assert done.rowcount != 0, f"statement {number} of the attack has nothing to attack"


def _is_refusal(error: BaseException) -> bool:
    """By a constraint or guard (23), or for want of the privilege (42501): not because the attack is misspelled."""
    said = error.orig if isinstance(error, DBAPIError) else error.__context__
    state = str(getattr(said, "pgcode", ""))
    return state.startswith("23") or state == "42501"


def test_the_same_steps_are_taken_by_whoever_may(town: Town, facts: Mapping[str, Any]) -> None:
    """The attacks fail for what they do, not for how they are written: so written, a legal step passes."""
    with town.city.app.state.sessions() as session:
        for which, act, place, by in (
            ("endorsed", "discarded", "discarded/", ":own_lead"),
            ("before_office", "dispute_answered", "disputed/authority_answered", ":approver"),
            ("before_government", "dispute_answered", "settled/", ":reviewer"),
        ):
            for statement in step(which, act, place, by):
                assert session.execute(text(statement), facts).rowcount == 1
        session.commit()


def test_the_database_knows_the_codes_steps(town: Town) -> None:
    with town.city.app.state.sessions() as session:
        rows = session.execute(text("SELECT subject, from_state, act, to_state FROM legal_step"))
        assert {LegalStep(*row) for row in rows} == legal_steps()


def test_a_delegate_of_a_delegate_is_nobody(town: Town) -> None:
    """Whoever acts for somebody carries no further roles along."""
    actor = town.people["lead"].actor
    assert replace(actor, behalf=None).people == {actor.account_id}
