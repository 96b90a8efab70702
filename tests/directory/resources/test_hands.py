"""No single hand: nobody decides on what they wrote, through HTTP or through SQL as the application's role."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.roles import Role


@pytest.fixture
def everything(city: Any, department: Any) -> Any:
    """One person who is editor and head at once."""
    return city.person(department.code, Role.EDITOR, Role.DEPARTMENT_HEAD)


def register(department: Any, person: Any) -> str:
    answer = person.client.post("/api/v1/resources", json=department.draft())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_the_author_does_not_approve(department: Any, everything: Any, move: Any) -> None:
    ref = register(department, everything)
    assert move(everything, ref, "head_approved", expect=403)["code"] == "SELF_APPROVAL"
    move(department.head, ref, "head_approved")


def test_nor_the_author_of_an_earlier_version(department: Any, everything: Any, move: Any) -> None:
    ref = register(department, everything)
    record = department.colleague.client.get(f"/api/v1/resources/{ref}").json()["record"] | {"abstract": "改了一字"}
    client = department.colleague.client
    assert client.put(f"/api/v1/resources/{ref}", json=record, headers={"If-Match": '"1"'}).json()["version"] == 2
    assert move(everything, ref, "head_approved", expect=403)["code"] == "SELF_APPROVAL"


def test_one_person_does_not_approve_twice(department: Any, city: Any, move: Any) -> None:
    office = city.organisation(is_office=True)
    both = city.person(office, Role.OFFICE_REVIEWER, Role.OFFICE_APPROVER)
    ref = department.register()["id"]
    department.assess(ref)
    move(department.head, ref, "head_approved")
    move(department.editor, ref, "submitted")
    move(both, ref, "reviewed")
    assert move(both, ref, "published", expect=403)["code"] == "APPROVED_ALREADY"


def test_an_author_takes_back_rather_than_returns(department: Any, everything: Any, move: Any) -> None:
    ref = register(department, everything)
    move(department.head, ref, "head_approved")
    assert move(everything, ref, "draft")["status"] == "draft"


STEP = text(
    "INSERT INTO resource_step (resource_id, seq, step, status, version, round, authored_by, decided_by, decided_at)"
    " VALUES (:id, 2, 'head_approve', :status, 1, 1, :author, :decider, :now)"
)


@pytest.mark.parametrize("lie", ["none", "about the author", "about the step"])
def test_direct_sql_is_refused_too(department: Any, directory_app: Any, lie: str) -> None:
    """As the application's role: the constraint, and the foreign key that keeps one from naming another author."""
    ref = UUID(department.register()["id"])
    author, head = department.editor.actor.account_id, department.head.actor.account_id
    values = {
        "id": ref,
        "status": "published" if lie == "about the step" else "head_approved",
        "author": head if lie == "about the author" else author,
        "decider": author,
        "now": datetime.now(UTC),
    }
    constraint = {
        "none": "ck_resource_step_no_self_approval",
        "about the author": "fk_resource_step_author",
        "about the step": "ck_resource_step",
    }[lie]
    with directory_app.state.sessions() as session, pytest.raises(IntegrityError, match=constraint):
        session.execute(STEP, values)


def test_a_status_without_its_step_is_refused(department: Any, directory_app: Any) -> None:
    ref = UUID(department.register()["id"])
    with pytest.raises(IntegrityError, match="fk_resource_last_step"), directory_app.state.sessions.begin() as session:
        session.execute(text("UPDATE resource SET status = 'submitted' WHERE id = :id"), {"id": ref})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE resource_step SET decided_by = authored_by",
        "DELETE FROM resource_step",
        "UPDATE resource_version SET record = '{}'",
        "DELETE FROM resource_version",
        "DELETE FROM resource",
        "UPDATE resource SET id = gen_random_uuid()",
    ],
)
def test_history_cannot_be_changed(directory_app: Any, statement: str) -> None:
    with directory_app.state.sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(statement))


def test_only_ones_own_department(department: Any, city: Any, move: Any) -> None:
    other = city.organisation()
    editor, head = city.person(other, Role.EDITOR), city.person(other, Role.DEPARTMENT_HEAD)
    ref = department.register()["id"]
    assert editor.client.post("/api/v1/resources", json=department.draft()).json()["code"] == "FORBIDDEN"
    assert editor.client.get(f"/api/v1/resources/{ref}").json()["code"] == "RESOURCE_NOT_FOUND"
    assert move(head, ref, "head_approved", expect=404)["code"] == "RESOURCE_NOT_FOUND"
