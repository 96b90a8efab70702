"""People for programs: each of the three administrators does only their own part of it."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from directory.actions import Action
from directory.actors import SESSION_COOKIE, CurrentActor, bearer_token, changes_password
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.errors import DirectoryError
from directory.http.handlers import answer
from directory.limits import LIMITS
from directory.people import password, queries, roles, standing
from directory.people.queries import People, Someone
from directory.roles import Role

router = APIRouter(tags=["people"])

Username = Annotated[str, Field(min_length=1, max_length=64)]


class NewPerson(BaseModel):
    """An account without a role."""

    model_config = ConfigDict(extra="forbid")

    username: Username
    display_name: Annotated[str, Field(min_length=1, max_length=100)]
    org_code: Annotated[str, Field(min_length=1, max_length=32)]


class OneTime(BaseModel):
    """A person, and the password with which they sign in once to make their own; shown this once."""

    one_time_password: str
    person: Someone


class GivenRole(BaseModel):
    """A role to give."""

    model_config = ConfigDict(extra="forbid")

    role: Role


class NewPassword(BaseModel):
    """The present password and the next."""

    model_config = ConfigDict(extra="forbid")

    current: Annotated[str, Field(min_length=1, max_length=256)]
    new: Annotated[str, Field(min_length=1, max_length=256)]


@router.get("/people")
@governed_by(Action.PEOPLE_READ)
def browse(
    session: DbSession,
    actor: CurrentActor,
    q: Annotated[str, Query(max_length=100)] = "",
    org: Annotated[str, Query(max_length=32)] = "",
    role: Role | None = None,
    standing: queries.Standing = "",
    after: Annotated[str, Query(max_length=64)] = "",
    size: Annotated[int, Query(ge=1, le=LIMITS.page_count)] = LIMITS.page_count,
) -> People:
    """Everybody for the three administrators, elsewhere the caller's own department."""
    now = datetime.now(UTC)
    return queries.people(session, actor, now, q=q, org_code=org, role=role, standing=standing, after=after, size=size)


@router.post("/people", status_code=201)
@governed_by(Action.PEOPLE_EDIT)
def open_account(body: NewPerson, session: DbSession, actor: CurrentActor) -> OneTime:
    """Make an account; its roles are the security administrator's to give."""
    now = datetime.now(UTC)
    opened = standing.open_account(session, actor, **body.model_dump(), now=now)
    return _one_time(session, actor, opened, now)


@router.get("/people/{username}")
@governed_by(Action.PEOPLE_READ)
def show(username: str, session: DbSession, actor: CurrentActor) -> Someone:
    """One person."""
    return queries.person(session, actor, username, datetime.now(UTC))


@router.post("/people/{username}/closing")
@governed_by(Action.PEOPLE_EDIT)
def close(username: str, session: DbSession, actor: CurrentActor) -> Someone:
    """Whoever left: sessions, tokens, roles and delegations end at once."""
    now = datetime.now(UTC)
    standing.close(session, actor, username, now)
    return queries.person(session, actor, username, now)


@router.post("/people/{username}/reopening")
@governed_by(Action.PEOPLE_EDIT)
def reopen(username: str, session: DbSession, actor: CurrentActor) -> OneTime:
    """Whoever came back: without a role, with a password for once."""
    now = datetime.now(UTC)
    return _one_time(session, actor, standing.reopen(session, actor, username, now), now)


@router.post("/people/{username}/password-reset")
@governed_by(Action.PEOPLE_EDIT)
def reset_password(username: str, session: DbSession, actor: CurrentActor) -> OneTime:
    """A password for once in place of a forgotten one; sessions and tokens end."""
    now = datetime.now(UTC)
    return _one_time(session, actor, standing.reset_password(session, actor, username, now), now)


@router.post("/people/{username}/roles", status_code=201)
@governed_by(Action.ROLE_GRANT)
def give_role(username: str, body: GivenRole, session: DbSession, actor: CurrentActor) -> Someone:
    """Give a role, never one's own; the three administrators hold no other."""
    now = datetime.now(UTC)
    roles.give_role(session, actor, username, body.role, now)
    return queries.person(session, actor, username, now)


@router.delete("/people/{username}/roles/{role}")
@governed_by(Action.ROLE_GRANT)
def take_role(username: str, role: Role, session: DbSession, actor: CurrentActor) -> Someone:
    """Take a role; it counts no more from the very next call on."""
    now = datetime.now(UTC)
    roles.take_role(session, actor, username, role, now)
    return queries.person(session, actor, username, now)


@router.post("/people/{username}/unlocking")
@governed_by(Action.LOCKOUT_LIFT)
def unlock(username: str, session: DbSession, actor: CurrentActor) -> Someone:
    """Forget failed sign-ins, so that the person may try again at once."""
    now = datetime.now(UTC)
    roles.unlock(session, actor, username, now)
    return queries.person(session, actor, username, now)


@router.post("/me/password", status_code=204)
@open_to_signed_in("the caller's own password")
@changes_password
def change_password(body: NewPassword, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """Change one's own; every other session ends."""
    refused = password.change_password(
        session,
        actor,
        current=body.current,
        new=body.new,
        keep_token=bearer_token(request) or request.cookies.get(SESSION_COOKIE, ""),
        now=datetime.now(UTC),
    )
    return answer(request, refused) if isinstance(refused, DirectoryError) else Response(status_code=204)


def _one_time(session: DbSession, actor: CurrentActor, opened: standing.Opened, now: datetime) -> OneTime:
    found = queries.person(session, actor, opened.account.username, now)
    return OneTime(one_time_password=opened.one_time_password, person=found)
