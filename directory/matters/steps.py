"""Raising a matter, asking whether a step is legal, and leaving it: state, step and audit entry together."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.record import Details, record
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.matters.models import Matter, MatterStep
from directory.matters.procedure import PARTY_NAMES, Move, Party, Procedure
from directory.policy import NOWHERE, allows, capacities
from standards.crypto import digest_hex

RAISED: Final = "raised"
_LOCKS: Final = {"correction": 0x68756A68, "objection": 0x68757979, "complaint": 0x68757473}


def raise_matter(
    session: Session,
    procedure: Procedure,
    actor: Actor,
    state: str,
    now: datetime,
    *,
    to_org: str | None,
    words: str,
    resource_id: UUID | None = None,
    resource_title: str = "",
    speaker: str = "",
) -> Matter:
    """A new matter with the next number of its kind and year; numbers have no gaps, so two wait for each other.

    ``speaker`` stands in the log instead of the actor, where who raised it is nobody's business there.
    """
    year = day_of(now).year
    session.execute(select(func.pg_advisory_xact_lock(_LOCKS[procedure.kind], year)))
    last = session.scalar(select(func.max(Matter.number)).where(Matter.kind == procedure.kind, Matter.year == year))
    row = Matter(
        id=uuid4(),
        kind=procedure.kind,
        year=year,
        number=(last or 0) + 1,
        resource_id=resource_id,
        resource_title=resource_title,
        from_org=actor.org_code,
        to_org=to_org,
        created_by=actor.account_id,
        created_at=now,
        words=words,
        state=state,
        step_seq=0,
    )
    session.add(row)
    session.flush()
    leave_step(session, row, RAISED, state, actor, now, speaker=speaker)
    return row


class Permitted(NamedTuple):
    """A move, and the actor in the capacity in which they may make it: as themselves, or for a colleague."""

    move: Move
    actor: Actor


def permitted(session: Session, procedure: Procedure, actor: Actor, row: Matter, act: str) -> Permitted:
    """The move, if the table has it and this account may make it.

    Raises ``MATTER_MOVE_ILLEGAL``, ``FORBIDDEN``, ``SELF_APPROVAL``, ``MATTER_ANSWERED_BY_YOU``.
    """
    moved = procedure.moves[row.state].get(act)
    if moved is None:
        legal = "、".join(procedure.acts[each] for each in procedure.moves[row.state]) or "无，已经办结"
        raise DirectoryError(
            "MATTER_MOVE_ILLEGAL",
            name=procedure.name,
            act=procedure.acts[act],
            state=procedure.names[row.state],
            legal=legal,
        )
    objections = []
    for acting in capacities(actor):
        objection = _objection(session, procedure, acting, row, act, moved)
        if objection is None:
            return Permitted(moved, acting)
        objections.append(objection)
    raise next((each for each in objections if each.code != "FORBIDDEN"), objections[0])


def legal_acts(session: Session, procedure: Procedure, actor: Actor, row: Matter) -> tuple[str, ...]:
    """What this account may do in this matter now, in the table's order."""
    legal, acting = procedure.moves[row.state].items(), capacities(actor)
    return tuple(
        act
        for act, moved in legal
        if any(_objection(session, procedure, each, row, act, moved) is None for each in acting)
    )


def fills(actor: Actor, row: Matter, moved: Move) -> bool:
    """Whether this account is of the party that makes the move; who is a consumer the corrections know."""
    match moved.party:
        case Party.CREATOR:
            return actor.account_id == row.created_by and actor.behalf is None
        case Party.RAISER:
            return actor.org_code == row.from_org and allows(actor, moved.action, row.from_org)
        case Party.ANSWERER:
            return actor.org_code == row.to_org and allows(actor, moved.action, row.to_org)
        case Party.OFFICE:
            return allows(actor, moved.action, NOWHERE)
        case Party.CONSUMER:
            return allows(actor, moved.action, actor.org_code)


def leave_step(
    session: Session,
    row: Matter,
    act: str,
    state: str,
    actor: Actor,
    now: datetime,
    *,
    comment: str = "",
    outcome: str = "",
    details: Details | None = None,
    speaker: str = "",
) -> None:
    """Move the matter. The audit entry names the words by their digest: they may speak of persons and records."""
    row.step_seq += 1
    row.state = state
    session.add(
        MatterStep(
            matter_id=row.id,
            seq=row.step_seq,
            raised_by=row.created_by,
            act=act,
            state=state,
            decided_by=actor.account_id,
            decided_for=actor.decided_for,
            delegation_id=actor.delegation_id,
            decider_name=actor.signature,
            org_name=actor.org_name,
            comment=comment,
            outcome=outcome,
            decided_at=now,
        )
    )
    session.flush()
    said: dict[str, str | int | bool | None] = {"state": state, "step": row.step_seq, **(details or {})}
    if comment:
        said["comment_digest"] = digest_hex(comment.encode())
    if outcome:
        said["outcome"] = outcome
    record(session, speaker or actor, f"{row.kind}:{act}", str(row.id), details=said, at=now)


def _objection(
    session: Session, procedure: Procedure, actor: Actor, row: Matter, act: str, moved: Move
) -> DirectoryError | None:
    """Why this account may not make this move, if it may not."""
    if not fills(actor, row, moved):
        reason = f"此步由{PARTY_NAMES[moved.party]}办理"
        return DirectoryError("FORBIDDEN", reason=reason, action=f"{procedure.kind}:{act}")
    if moved.party in (Party.ANSWERER, Party.OFFICE) and row.created_by in actor.people:
        return DirectoryError("SELF_APPROVAL")
    if moved.is_answer and _has_answered(session, procedure, actor, row):
        return DirectoryError("MATTER_ANSWERED_BY_YOU")
    return None


def _has_answered(session: Session, procedure: Procedure, actor: Actor, row: Matter) -> bool:
    answers = {act for moves in procedure.moves.values() for act, moved in moves.items() if moved.is_answer}
    query = select(
        exists().where(
            MatterStep.matter_id == row.id,
            or_(MatterStep.decided_by.in_(actor.people), MatterStep.decided_for.in_(actor.people)),
            MatterStep.act.in_(answers),
        )
    )
    return bool(session.scalar(query))
