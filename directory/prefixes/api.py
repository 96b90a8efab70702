"""The registers of prefixes and class codes for programs."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.prefixes import classes, queries, register

router = APIRouter(tags=["prefixes"])

Code = Annotated[str, Field(min_length=1, max_length=32)]
CodePath = Annotated[str, Path(max_length=32)]


class Prefix(BaseModel):
    """One prefix and its holder; ``minted`` is how many identifiers were given out under it."""

    code: str
    org_code: str
    org_name: str
    allotted_at: datetime
    closed_at: datetime | None
    minted: int


class Delegation(BaseModel):
    """One stem handed down."""

    stem: str
    org_code: str
    org_name: str
    delegated_at: datetime


class Register(BaseModel):
    """The whole register."""

    prefixes: list[Prefix]
    delegations: list[Delegation]


class NewPrefix(BaseModel):
    """A prefix to allot, or a stem to hand down, and to whom."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    org_code: Code


class ClassLine(BaseModel):
    """One 类, 项, 目 or 细目; ``origin`` is ``guide`` or ``local``."""

    code: str
    name: str
    origin: str
    retired_at: datetime | None


class NewClass(BaseModel):
    """A local class to list below one that is listed."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=200)]


@router.get("/prefixes")
@governed_by(Action.PREFIX_READ)
def list_prefixes(session: DbSession, actor: CurrentActor) -> Register:
    """Who holds which prefix, and which stems were handed down."""
    return _register(session)


@router.post("/prefixes", status_code=201)
@governed_by(Action.PREFIX_ALLOT)
def allot_prefix(body: NewPrefix, session: DbSession, actor: CurrentActor) -> Register:
    """Allot a prefix; the one that the department had is closed."""
    register.allot(session, actor, body.code, body.org_code, datetime.now(UTC))
    return _register(session)


@router.post("/prefixes/{code}/closing")
@governed_by(Action.PREFIX_ALLOT)
def close_prefix(code: CodePath, session: DbSession, actor: CurrentActor) -> Register:
    """Close a prefix; what was minted under it stays."""
    register.close(session, actor, code, datetime.now(UTC))
    return _register(session)


@router.post("/prefixes/delegations", status_code=201)
@governed_by(Action.PREFIX_ALLOT)
def delegate_stem(body: NewPrefix, session: DbSession, actor: CurrentActor) -> Register:
    """Hand a stem down: its holder allots what begins with it."""
    register.delegate(session, actor, body.code, body.org_code, datetime.now(UTC))
    return _register(session)


@router.get("/class-codes")
@governed_by(Action.PREFIX_READ)
def list_classes(session: DbSession, actor: CurrentActor) -> list[ClassLine]:
    """The classes under which codes may be minted, the guide's and local ones."""
    return _classes(session)


@router.post("/class-codes", status_code=201)
@governed_by(Action.CLASS_CODE_EDIT)
def add_class(body: NewClass, session: DbSession, actor: CurrentActor) -> list[ClassLine]:
    """List a local class."""
    classes.add_class(session, actor, body.code, body.name, datetime.now(UTC))
    return _classes(session)


@router.post("/class-codes/{code}/retirement")
@governed_by(Action.CLASS_CODE_EDIT)
def retire_class(code: CodePath, session: DbSession, actor: CurrentActor) -> list[ClassLine]:
    """Take a class off the list; codes minted under it stay."""
    classes.retire_class(session, actor, code, datetime.now(UTC))
    return _classes(session)


def _register(session: DbSession) -> Register:
    return Register.model_validate(
        {"prefixes": queries.prefixes(session), "delegations": queries.delegations(session)}, from_attributes=True
    )


def _classes(session: DbSession) -> list[ClassLine]:
    return [ClassLine.model_validate(each, from_attributes=True) for each in classes.listed(session)]
